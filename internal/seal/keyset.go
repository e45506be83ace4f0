package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// ownerOnly is the widest mode that a keyset file may have.
const ownerOnly fs.FileMode = 0o600

// Generate makes a keyset file with one new key. It never overwrites a file: the values sealed with its keys would be lost.
func Generate(path string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("generate key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, ownerOnly) //nolint:gosec // the operator's own path
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keyset file %s exists already: rotate it, or move it away if nothing sealed with it is needed", path)
	}
	if err != nil {
		return fmt.Errorf("create keyset file: %w", err)
	}
	if err := write(file, handle); err != nil {
		_ = os.Remove(path) // a half-written keyset is worse than none
		return fmt.Errorf("write keyset file %s: %w", path, err)
	}
	return syncDir(path)
}

// Rotate adds a new key and makes it the one that seals; the older keys still open. The file is replaced in one step, so
// that a reader sees either all of the old keyset or all of the new one, and rotations at the same time wait for each other.
func Rotate(path string) error {
	unlock, err := lockDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer unlock()

	old, _, err := read(path)
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(old)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("generate key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return fmt.Errorf("make the new key primary: %w", err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("make keyset: %w", err)
	}
	return replace(path, handle)
}

// read opens the keyset file and checks who else may. The check is made on the opened file, so that it cannot be exchanged
// in between.
func read(path string) (*keyset.Handle, fs.FileInfo, error) {
	file, err := os.Open(path) //nolint:gosec // the operator's own path
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("there is no keyset file %s: make one with `fossawork-scheduler keys generate`", path)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("open keyset file: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("open keyset file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("keyset file %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&^ownerOnly != 0 {
		return nil, nil, fmt.Errorf("keyset file %s has mode %04o, so that others may use the keys: run `chmod 600 %s`",
			path, mode, path)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(file))
	if err != nil {
		// The cause may quote what was read, which may be a key.
		return nil, nil, fmt.Errorf("keyset file %s does not hold a keyset", path)
	}
	return handle, info, nil
}

// write ends with everything on the disk and the file closed.
func write(file *os.File, handle *keyset.Handle) error {
	err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(file))
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func replace(path string, handle *keyset.Handle) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600, by its contract
	if err != nil {
		return fmt.Errorf("write keyset file: %w", err)
	}
	err = write(file, handle)
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("write keyset file %s: %w", path, err)
	}
	return syncDir(path)
}

// syncDir makes sure that the file's name survives a crash too.
func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sync keyset directory: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// lockDir holds off other rotations in this directory. Two at once would both add a key to the same old keyset, and the
// key of the one that was replaced would be gone with everything sealed in between.
func lockDir(path string) (unlock func(), err error) {
	dir, err := os.Open(path) //nolint:gosec // the operator's own path
	if err != nil {
		return nil, fmt.Errorf("lock keyset directory: %w", err)
	}
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
		_ = dir.Close()
		return nil, fmt.Errorf("lock keyset directory %s: %w", path, err)
	}
	return func() { _ = dir.Close() }, nil
}
