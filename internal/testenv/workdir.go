package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/fossawork/scheduler/internal/devstack"
)

// workPrefix marks the directories of test binaries below the temporary directory.
const workPrefix = "fossawork-test-"

var work struct {
	sync.Mutex
	dir  string
	lock *devstack.Lock
}

// workDir is where the servers of this test binary keep their data. It is locked for as long as the binary lives, which
// is how a later run tells the remains of a killed one.
func workDir() (string, error) {
	work.Lock()
	defer work.Unlock()
	if work.dir != "" {
		return work.dir, nil
	}
	sweep()
	dir, err := os.MkdirTemp("", workPrefix)
	if err != nil {
		return "", fmt.Errorf("make a work directory: %w", err)
	}
	lock, err := devstack.LockDir(dir)
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	work.dir, work.lock = dir, lock
	return dir, nil
}

// sweep removes directories whose test binary is gone. Another binary may be between making and locking its directory,
// so one without a lock file is left alone.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), workPrefix+"*"))
	for _, dir := range dirs {
		lock, err := devstack.LockAbandoned(dir)
		if err != nil {
			continue
		}
		_ = os.RemoveAll(dir)
		_ = lock.Close()
	}
}

func removeWorkDir() error {
	work.Lock()
	defer work.Unlock()
	if work.dir == "" {
		return nil
	}
	err := errors.Join(os.RemoveAll(work.dir), work.lock.Close())
	work.dir, work.lock = "", nil
	return err
}
