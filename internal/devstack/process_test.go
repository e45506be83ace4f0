package devstack_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/devstack"
)

// buffer is a console that can be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestUnexpectedEndIsReported(t *testing.T) {
	t.Parallel()
	p := startHelper(t, "fail", func(s *devstack.Spec) { s.KeepLines = 3 })
	<-p.Done()

	err := p.Err()
	require.EqualError(t, err, "fail ended unexpectedly: exit status 3: no such table")
	var exit *devstack.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, "fail ended unexpectedly: exit status 3\nits last lines:\n  line 28\n  line 29\n  no such table\n", exit.Report())
	require.ErrorAs(t, p.Wait(t.Context()), &exit)
	require.NoError(t, p.Stop(), "stopping what has ended is no error")
	require.Error(t, p.Err(), "a later stop does not make the end expected")
}

func TestStopIsExpected(t *testing.T) {
	t.Parallel()
	var console buffer
	dir := t.TempDir()
	p := startHelper(t, "polite", func(s *devstack.Spec) {
		s.Output = devstack.Output{Console: devstack.NewConsole(&console), LogDir: dir}
	})
	require.Equal(t, "ready", waitLine(t, p))
	require.NoError(t, p.Stop())
	require.NoError(t, p.Err())
	require.Equal(t, "polite    | ready\npolite    | good bye\n", console.String())
	log, err := os.ReadFile(filepath.Join(dir, "polite.log"))
	require.NoError(t, err)
	require.Equal(t, "ready\ngood bye\n", string(log))
}

func TestMutedStopGoesToTheLogOnly(t *testing.T) {
	t.Parallel()
	var console buffer
	dir := t.TempDir()
	for range 2 {
		p := startHelper(t, "polite", func(s *devstack.Spec) {
			s.MuteStop = true
			s.Output = devstack.Output{Console: devstack.NewConsole(&console), LogDir: dir}
		})
		waitLine(t, p)
		require.NoError(t, p.Stop())
	}
	require.NotContains(t, console.String(), "good bye")
	for _, name := range []string{"polite.log", "polite.log.1"} {
		log, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Contains(t, string(log), "good bye")
	}
}

func TestStubbornChildIsKilled(t *testing.T) {
	t.Parallel()
	p := startHelper(t, "stubborn", func(s *devstack.Spec) { s.Grace = 50 * time.Millisecond })
	waitLine(t, p)
	require.EqualError(t, p.Stop(), "stop stubborn: did not end within 50ms and was killed")
	require.NoError(t, p.Err())
	require.False(t, alive(p.Pid()))
}

func TestKillEndsAStopThatWaits(t *testing.T) {
	t.Parallel()
	p := startHelper(t, "stubborn", func(s *devstack.Spec) { s.Grace = time.Hour })
	waitLine(t, p)
	stopped := make(chan error, 1)
	go func() { stopped <- p.Stop() }()
	require.Eventually(t, p.Stopping, patience, tick)
	p.Kill()
	require.EqualError(t, <-stopped, "stop stubborn: killed")
}

func TestGrandchildrenGoWithTheChild(t *testing.T) {
	t.Parallel()
	p := startHelper(t, "family", nil)
	grandchild, err := strconv.Atoi(waitLine(t, p))
	require.NoError(t, err)
	require.True(t, alive(grandchild))
	require.NoError(t, p.Stop())
	require.Eventually(t, func() bool { return !alive(grandchild) }, patience, tick)
}

func TestWaitStopsTheChildWithItsContext(t *testing.T) {
	t.Parallel()
	p := startHelper(t, "polite", nil)
	waitLine(t, p)
	cause := errors.New("changed my mind")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	require.ErrorIs(t, p.Wait(ctx), cause)
	require.False(t, alive(p.Pid()))
}

func TestMissingProgram(t *testing.T) {
	t.Parallel()
	_, err := devstack.Start(t.Context(), devstack.Spec{Name: "ghost", Path: "/nowhere/ghost"})
	require.ErrorContains(t, err, "start ghost: ")
	require.ErrorIs(t, err, os.ErrNotExist)
}
