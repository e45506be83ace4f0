package testenv

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/fossawork/scheduler/internal/devstack"
)

// Bin returns the path of a program: from the bin directory of the repository, else from the path.
func Bin(t testing.TB, name string) string {
	t.Helper()
	path, err := findBin(name)
	require(t, err)
	return path
}

func findBin(name string) (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}
	return devstack.FindProgram(name, "run `make setup build`", filepath.Join(root, "bin"))
}

// repository is the directory above the package under test that has the go.mod. Tests run in their package's directory.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}

// Chromium returns the path of a browser's real binary, never of a wrapper script. FOSSAWORK_CHROMIUM names another one.
func Chromium(t testing.TB) string {
	t.Helper()
	needsMore(t, "a browser")
	path, err := devstack.FindChromium(os.Getenv("FOSSAWORK_CHROMIUM"))
	require(t, err)
	return path
}
