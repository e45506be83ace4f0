package browser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// profilePrefix begins the name of a browser's directory for files; the process id of its owner follows.
const profilePrefix = "fossawork-chromium-"

// newProfile makes the directory of a browser. Those of owners that were killed are removed first: nobody else would.
func newProfile() (string, error) {
	sweepProfiles()
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", profilePrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("make the browser's directory: %w", err)
	}
	return dir, nil
}

func sweepProfiles() {
	found, err := filepath.Glob(filepath.Join(os.TempDir(), profilePrefix+"*"))
	if err != nil {
		return // the pattern is ours
	}
	for _, dir := range found {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), profilePrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err != nil || pid <= 0 || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		_ = os.RemoveAll(dir) // somebody else's, or gone meanwhile: not ours to care about
	}
}
