package devstack_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/internal/testenv"
)

func TestNothingOutlivesAKilledParent(t *testing.T) {
	t.Parallel()
	requirePostgres(t)
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	parent := exec.CommandContext(t.Context(), self, dir, testenv.Bin(t, "temporal"))
	parent.Env = append(os.Environ(), helperVar+"=parent")
	var children pids
	line := scan(t, parent)
	require.NoError(t, json.Unmarshal([]byte(line), &children), line)
	for _, pid := range []int{children.Child, children.Postgres, children.Temporal} {
		require.True(t, alive(pid))
	}
	_, err = devstack.LockDir(dir)
	var locked *devstack.LockedError
	require.ErrorAs(t, err, &locked)

	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	for _, pid := range []int{children.Child, children.Postgres, children.Temporal} {
		require.Eventually(t, func() bool { return !alive(pid) }, patience, tick)
	}

	lock, err := devstack.LockDir(dir)
	require.NoError(t, err)
	require.True(t, lock.Unclean())
	pg := startPostgres(t, devstack.PostgresConfig{DataDir: dir})
	require.NoError(t, pg.Stop())
	require.NoError(t, lock.Release())
}

func TestStartRightAfterTheParentWasKilled(t *testing.T) {
	t.Parallel()
	requirePostgres(t)
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	parent := exec.CommandContext(t.Context(), self, dir, testenv.Bin(t, "temporal"))
	parent.Env = append(os.Environ(), helperVar+"=parent")
	scan(t, parent)
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	// Its server may be shutting down at this moment.
	startPostgres(t, devstack.PostgresConfig{DataDir: dir})
}

// scan returns the first line of a command's output.
func scan(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan(), "no output: %v", lines.Err())
	return lines.Text()
}
