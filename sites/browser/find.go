package browser

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/fossawork/scheduler/scrape"
)

// installed are the places of real browser binaries, the smallest browser first.
var installed = []string{
	"/usr/lib/chromium/chromium-headless-shell", // Debian's chromium-headless-shell
	"/usr/lib/chromium/headless_shell",
	"/headless-shell/headless-shell", // the chromedp/headless-shell image
	"/usr/lib/chromium/chromium",     // Debian's chromium
	"/usr/lib/chromium-browser/chromium-browser",
	"/opt/google/chrome/chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
}

// onPath are the names under which a browser may be found on the path.
var onPath = []string{
	"chromium-headless-shell", "headless_shell", "headless-shell", "chromium", "chromium-browser", "google-chrome",
}

// Find names the browser to start: the configured one (a path or a name on the path), else the first one that is
// installed. It returns the real binary: the commands that Linux distributions install are scripts, and killing a script
// leaves the browser behind. The error is a sentence that says what to do.
func Find(configured string) (string, error) {
	if configured != "" {
		path, err := exec.LookPath(configured)
		if err != nil {
			return "", scrape.Errorf(scrape.KindUnavailable, "There is no browser at %s. %s", configured, advice).Because(err)
		}
		if binary, ok := realBinary(path); ok {
			return binary, nil
		}
		return "", scrape.Errorf(scrape.KindUnavailable,
			"%s is a script that starts a browser. Name the browser's own binary instead.", configured)
	}
	for _, path := range installed {
		if _, err := exec.LookPath(path); err == nil {
			return path, nil
		}
	}
	for _, name := range onPath {
		if path, err := exec.LookPath(name); err == nil {
			if binary, ok := realBinary(path); ok {
				return binary, nil
			}
		}
	}
	return "", scrape.Errorf(scrape.KindUnavailable, "No browser was found. %s", advice)
}

const advice = "Install one (Debian and Ubuntu: apt-get install chromium-headless-shell; macOS: Google Chrome), " +
	"or name the binary of one in the configuration."

// realBinary sees through links and through the scripts of Debian.
func realBinary(path string) (string, bool) {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	if !isScript(path) {
		return path, true
	}
	beside := filepath.Join("/usr/lib/chromium", filepath.Base(path))
	if _, err := exec.LookPath(beside); err == nil && !isScript(beside) {
		return beside, true
	}
	return "", false
}

func isScript(path string) bool {
	file, err := os.Open(path) //nolint:gosec // the operator's own choice of a program
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, 2)
	_, err = file.Read(start)
	return err == nil && bytes.Equal(start, []byte("#!"))
}
