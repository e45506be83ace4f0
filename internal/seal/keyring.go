package seal

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrCannotOpen says that a value was not sealed with these keys and this associated data, or was altered since.
var ErrCannotOpen = errors.New("sealed value cannot be opened")

// errNoAssociatedData refuses values that could be moved to any other row.
var errNoAssociatedData = errors.New("seal: associated data must name the owner of the value")

// Keyring seals and opens values. It may be used concurrently.
type Keyring struct {
	path string

	mu   sync.RWMutex
	aead tink.AEAD
	file os.FileInfo // the file as it was read
}

// Open reads the keyset file. It refuses a file that anybody but its owner may read or write.
func Open(path string) (*Keyring, error) {
	k := &Keyring{path: path}
	if err := k.load(); err != nil {
		return nil, err
	}
	return k, nil
}

// Seal encrypts the plaintext and binds it to the associated data, which must not be empty and is needed again to open
// the value. It is not part of the result and need not be secret.
func (k *Keyring) Seal(plaintext, associated []byte) ([]byte, error) {
	if len(associated) == 0 {
		return nil, errNoAssociatedData
	}
	sealed, err := k.current().Encrypt(plaintext, associated)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open decrypts a value. The error is ErrCannotOpen when the keys, the associated data or the value are not the ones
// that belong together.
//
// A keyset that was rotated while this process runs is read again when a value does not open, so that one process may
// already seal with a key that another one has not seen.
func (k *Keyring) Open(ciphertext, associated []byte) ([]byte, error) {
	if len(associated) == 0 {
		return nil, errNoAssociatedData
	}
	plaintext, err := k.current().Decrypt(ciphertext, associated)
	if err == nil {
		return plaintext, nil
	}
	// The causes tell nothing: GCM knows one way to fail.
	reloaded, reloadErr := k.reload()
	if reloadErr != nil {
		return nil, fmt.Errorf("%w, and its keyset was changed and cannot be read: %w", ErrCannotOpen, reloadErr)
	}
	if !reloaded {
		return nil, ErrCannotOpen
	}
	if plaintext, err = k.current().Decrypt(ciphertext, associated); err != nil {
		return nil, ErrCannotOpen
	}
	return plaintext, nil
}

func (k *Keyring) current() tink.AEAD {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.aead
}

func (k *Keyring) load() error {
	handle, info, err := read(k.path)
	if err != nil {
		return err
	}
	primitive, err := newAEAD(handle, k.path)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.aead, k.file = primitive, info
	return nil
}

// reload reads the file again when it is another one than the one that was read. Rotate always makes another one.
func (k *Keyring) reload() (bool, error) {
	info, err := os.Stat(k.path)
	if err != nil {
		return false, err
	}
	k.mu.RLock()
	same := os.SameFile(k.file, info) && k.file.ModTime().Equal(info.ModTime()) && k.file.Size() == info.Size()
	k.mu.RUnlock()
	if same {
		return false, nil
	}
	return true, k.load()
}

func newAEAD(handle *keyset.Handle, path string) (tink.AEAD, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("keyset file %s holds keys of another kind than this program uses: %w", path, err)
	}
	return primitive, nil
}
