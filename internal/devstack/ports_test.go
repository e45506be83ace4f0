package devstack_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/devstack"
)

func listen(t *testing.T) (net.Listener, int) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", devstack.Address(0))
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	addr, ok := l.Addr().(*net.TCPAddr)
	require.True(t, ok)
	return l, addr.Port
}

func TestCheckPortsNamesEveryProblem(t *testing.T) {
	t.Parallel()
	_, taken := listen(t)
	free, err := devstack.FreePort(t.Context())
	require.NoError(t, err)
	err = devstack.CheckPorts(t.Context(), []devstack.PortNeed{
		{Port: taken, For: "the API", Flag: "--api-port", Env: "DEVSTACK_API_PORT"},
		{Port: free, For: "Temporal", Flag: "--temporal-port"},
		{Port: free, For: "PostgreSQL", Flag: "--postgres-port"},
		{Port: 70000, For: "metrics", Env: "DEVSTACK_METRICS_PORT"},
	}, time.Nanosecond)
	var problems *devstack.PortsError
	require.ErrorAs(t, err, &problems)
	holder := ""
	if runtime.GOOS == "linux" {
		name, err := os.ReadFile("/proc/self/comm")
		require.NoError(t, err)
		holder = fmt.Sprintf(" by pid %d (%s)", os.Getpid(), name[:len(name)-1])
	}
	require.Len(t, problems.Problems, 3)
	if holder != "" {
		require.Equal(t, fmt.Sprintf("port %d, needed for the API, is taken%s: free it or choose another with --api-port or DEVSTACK_API_PORT",
			taken, holder), problems.Problems[0])
	}
	require.Contains(t, problems.Problems[1], "is wanted by both Temporal and PostgreSQL")
	require.Contains(t, problems.Problems[2], "port 70000 for metrics is not between 1 and 65535")
}

func TestCheckPortsWaitsForWhatIsOnItsWayOut(t *testing.T) {
	t.Parallel()
	l, port := listen(t)
	checked := make(chan error, 1)
	go func() {
		checked <- devstack.CheckPorts(t.Context(), []devstack.PortNeed{{Port: port, For: "the API"}}, patience)
	}()
	require.NoError(t, l.Close())
	require.NoError(t, <-checked)
}

func TestLockHasOneHolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	_, err := devstack.LockAbandoned(dir)
	require.ErrorIs(t, err, os.ErrNotExist)

	lock, err := devstack.LockDir(dir)
	require.NoError(t, err)
	require.False(t, lock.Unclean())
	_, err = devstack.LockDir(dir)
	require.ErrorContains(t, err, fmt.Sprintf("another stack (pid %d since ", os.Getpid()))
	require.NoError(t, lock.Release())

	lock, err = devstack.LockDir(dir)
	require.NoError(t, err)
	require.False(t, lock.Unclean())
	require.NoError(t, lock.Close()) // as when killed

	lock, err = devstack.LockDir(dir)
	require.NoError(t, err)
	require.True(t, lock.Unclean())
	require.NoError(t, lock.Release())
}

func TestFindChromiumRefusesAWrapper(t *testing.T) {
	t.Parallel()
	wrapper := filepath.Join(t.TempDir(), "chromium")
	require.NoError(t, os.WriteFile(wrapper, []byte("#!/bin/sh\nexec browser\n"), 0o700))
	_, err := devstack.FindChromium(wrapper)
	require.ErrorContains(t, err, "is a script that starts a browser")
	self, err := os.Executable()
	require.NoError(t, err)
	found, err := devstack.FindChromium(self)
	require.NoError(t, err)
	require.Equal(t, self, found)
}

func TestFindProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "thing")
	_, err := devstack.FindProgram("thing", "run `make build`", dir)
	require.EqualError(t, err, "thing not found: run `make build`")
	require.NoError(t, os.WriteFile(path, nil, 0o700))
	found, err := devstack.FindProgram("thing", "", dir)
	require.NoError(t, err)
	require.Equal(t, path, found)
}
