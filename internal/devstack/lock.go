package devstack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lockName is the file in a data directory that its one user holds.
const lockName = "devstack.lock"

// LockedError says that somebody else uses the data directory.
type LockedError struct {
	Dir    string
	Holder string // "pid 123 since 20:59:01"; empty when not known
}

// Error implements error.
func (e *LockedError) Error() string {
	holder := ""
	if e.Holder != "" {
		holder = " (" + e.Holder + ")"
	}
	return fmt.Sprintf("another stack%s is running on %s: stop it with Ctrl-C where it runs, or give this one its own "+
		"data directory and ports", holder, e.Dir)
}

// Lock is the right to use a data directory. The kernel gives it up when the process dies, however it dies.
type Lock struct {
	f       *os.File
	unclean bool
}

// LockDir creates dir (0700) when missing and locks it, or returns a *LockedError at once.
func LockDir(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	// Opened close-on-exec, so children do not inherit the lock and an orphan cannot hold it.
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	text, readErr := io.ReadAll(io.LimitReader(f, 200))
	if err := flock(f); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &LockedError{Dir: dir, Holder: strings.TrimSpace(string(text))}
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	l := &Lock{f: f, unclean: readErr == nil && len(text) > 0}
	if err := l.write(fmt.Sprintf("pid %d since %s\n", os.Getpid(), time.Now().Format(time.TimeOnly))); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("write lock: %w", err)
	}
	return l, nil
}

// LockAbandoned takes the lock of a directory that somebody used and left, however they ended. It fails when the
// directory is in use or was never locked.
func LockAbandoned(dir string) (*Lock, error) {
	if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
		return nil, fmt.Errorf("look for a lock: %w", err)
	}
	return LockDir(dir)
}

// Unclean says whether the holder before this one ended without releasing the lock, so that remains of it may still be
// on their way out.
func (l *Lock) Unclean() bool { return l.unclean }

// Release gives the lock up. The file stays: removing it would let two holders lock two different files.
func (l *Lock) Release() error {
	return errors.Join(l.write(""), l.f.Close())
}

// Close gives the lock up without marking an orderly end: for directories that are removed.
func (l *Lock) Close() error { return l.f.Close() }

func (l *Lock) write(text string) error {
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt([]byte(text), 0)
	return err
}

func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
