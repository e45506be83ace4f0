package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProfilesOfKilledOwnersAreSwept(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead := exec.CommandContext(t.Context(), "true")
	require.NoError(t, dead.Run())
	mkdir := func(name string) string {
		dir := filepath.Join(os.TempDir(), name)
		require.NoError(t, os.Mkdir(dir, 0o700))
		return dir
	}
	orphan := mkdir(fmt.Sprintf("%s%d-1", profilePrefix, dead.Process.Pid))
	parent := mkdir(fmt.Sprintf("%s%d-1", profilePrefix, os.Getppid()))
	foreign := mkdir(profilePrefix + "of-somebody")

	mine, err := newProfile()
	require.NoError(t, err)
	require.DirExists(t, mine)
	require.NoDirExists(t, orphan)
	require.DirExists(t, parent, "its owner lives")
	require.DirExists(t, foreign)
}
