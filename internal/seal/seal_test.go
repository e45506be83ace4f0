package seal_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/seal"
)

var owner = []byte("user_credentials/encrypted_password/0123")

func setup(t *testing.T) (string, *seal.Keyring) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyset.json")
	require.NoError(t, seal.Generate(path))
	keyring, err := seal.Open(path)
	require.NoError(t, err)
	return path, keyring
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	_, keyring := setup(t)
	for _, plaintext := range [][]byte{[]byte("demo-password"), {}, bytes.Repeat([]byte{0, 255}, 50_000)} {
		sealed, err := keyring.Seal(plaintext, owner)
		require.NoError(t, err)
		if len(plaintext) > 0 {
			require.NotContains(t, string(sealed), string(plaintext))
		}
		again, err := keyring.Seal(plaintext, owner)
		require.NoError(t, err)
		require.NotEqual(t, sealed, again, "equal values must not look equal")

		opened, err := keyring.Open(sealed, owner)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plaintext, opened))
	}
}

func TestOpenRefusesWhatDoesNotBelong(t *testing.T) {
	t.Parallel()
	_, keyring := setup(t)
	_, stranger := setup(t)
	sealed, err := keyring.Seal([]byte("demo-password"), owner)
	require.NoError(t, err)
	foreign, err := stranger.Seal([]byte("demo-password"), owner)
	require.NoError(t, err)
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1

	cases := map[string]struct{ ciphertext, associated []byte }{
		"other associated data": {sealed, []byte("user_credentials/encrypted_password/4567")},
		"other keys":            {foreign, owner},
		"altered":               {altered, owner},
		"cut":                   {sealed[:len(sealed)-1], owner},
		"key id alone":          {sealed[:5], owner},
		"not sealed":            {[]byte("demo-password"), owner},
		"empty":                 {nil, owner},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, err := keyring.Open(c.ciphertext, c.associated)
			require.ErrorIs(t, err, seal.ErrCannotOpen)
			require.Nil(t, opened)
			require.NotContains(t, err.Error(), "demo-password")
		})
	}
}

func TestAssociatedDataIsNeeded(t *testing.T) {
	t.Parallel()
	_, keyring := setup(t)
	_, err := keyring.Seal([]byte("demo-password"), nil)
	require.ErrorContains(t, err, "associated data")
	sealed, err := keyring.Seal([]byte("demo-password"), owner)
	require.NoError(t, err)
	_, err = keyring.Open(sealed, nil)
	require.ErrorContains(t, err, "associated data")
}

func TestRotatedKeysetStillOpensOldValues(t *testing.T) {
	t.Parallel()
	path, before := setup(t)
	old, err := before.Seal([]byte("old"), owner)
	require.NoError(t, err)

	require.NoError(t, seal.Rotate(path))
	require.NoError(t, seal.Rotate(path))
	after, err := seal.Open(path)
	require.NoError(t, err)
	opened, err := after.Open(old, owner)
	require.NoError(t, err)
	require.Equal(t, "old", string(opened))

	fresh, err := after.Seal([]byte("fresh"), owner)
	require.NoError(t, err)
	require.NotEqual(t, old[:5], fresh[:5], "the new key seals: its id is in front")

	opened, err = before.Open(fresh, owner)
	require.NoError(t, err, "a process that started before the rotation reads the keyset again")
	require.Equal(t, "fresh", string(opened))

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "no temporary file is left")
}

func TestRotationsAtTheSameTimeLoseNoKey(t *testing.T) {
	t.Parallel()
	path, _ := setup(t)
	const rotations = 8
	sealed := make([][]byte, rotations)
	var wg sync.WaitGroup
	for i := range rotations {
		wg.Go(func() {
			if seal.Rotate(path) != nil {
				return
			}
			if keyring, err := seal.Open(path); err == nil {
				sealed[i], _ = keyring.Seal([]byte("value"), owner)
			}
		})
	}
	wg.Wait()
	keyring, err := seal.Open(path)
	require.NoError(t, err)
	for _, value := range sealed {
		_, err := keyring.Open(value, owner)
		require.NoError(t, err)
	}
}

func TestKeyringReportsAKeysetThatWasSpoiled(t *testing.T) {
	t.Parallel()
	path, keyring := setup(t)
	require.NoError(t, os.WriteFile(path, []byte("{}"), 0o600))
	_, err := keyring.Open([]byte("not sealed"), owner)
	require.ErrorIs(t, err, seal.ErrCannotOpen)
	require.ErrorContains(t, err, "does not hold a keyset")
	require.NoError(t, os.Remove(path))
	_, err = keyring.Open([]byte("not sealed"), owner)
	require.ErrorIs(t, err, seal.ErrCannotOpen)
}

func TestGenerateRefusesToOverwrite(t *testing.T) {
	t.Parallel()
	path, _ := setup(t)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.ErrorContains(t, seal.Generate(path), "exists already")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestGenerateNeedsItsDirectory(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, seal.Generate(filepath.Join(t.TempDir(), "absent", "keyset.json")), fs.ErrNotExist)
}

func TestFileModes(t *testing.T) {
	t.Parallel()
	for mode, refused := range map[fs.FileMode]bool{
		0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o620: true, 0o644: true, 0o700: true, 0o666: true,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			path, _ := setup(t)
			require.NoError(t, os.Chmod(path, mode))
			_, err := seal.Open(path)
			if !refused {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "chmod 600")
			require.ErrorContains(t, seal.Rotate(path), "chmod 600")
		})
	}
}

func TestOpenRefusesFilesWithoutAKeyset(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := seal.Open(filepath.Join(dir, "absent"))
	require.ErrorContains(t, err, "keys generate")
	_, err = seal.Open(dir)
	require.ErrorContains(t, err, "not a regular file")
	for _, text := range []string{"", "{}", "not a keyset: hunter2"} {
		path := filepath.Join(dir, "keyset.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = seal.Open(path)
		require.ErrorContains(t, err, "does not hold a keyset")
		require.NotContains(t, err.Error(), "hunter2")
	}
}
