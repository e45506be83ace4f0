package e2e_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portalsim"
	"github.com/fossawork/scheduler/workflows"
)

// link forwards connections to a server, and can be cut: then it is as if the server were away.
type link struct {
	address         string
	network, target string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newLink(t testing.TB, network, target string) *link {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &link{address: listener.Addr().String(), network: network, target: target, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = listener.Close()
		l.set(true)
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.forward(conn)
		}
	}()
	return l
}

// set cuts the link, or mends it.
func (l *link) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		for conn := range l.conns {
			_ = conn.Close()
		}
	}
}

// keep remembers a connection, or closes it when the link is cut.
func (l *link) keep(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		_ = conn.Close()
		return false
	}
	l.conns[conn] = true
	return true
}

func (l *link) drop(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
	_ = conn.Close()
}

func (l *link) forward(near net.Conn) {
	if !l.keep(near) {
		return
	}
	defer l.drop(near)
	var dialer net.Dialer
	far, err := dialer.DialContext(context.Background(), l.network, l.target)
	if err != nil || !l.keep(far) {
		return
	}
	defer l.drop(far)
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close() // one side's end is the other's
		})
	}
	both.Wait()
}

// A run that Temporal has started is in the history before any worker has begun it.
func TestRunWithoutAWorkerIsShown(t *testing.T) {
	t.Parallel()
	s := prepare(t, portalsim.Config{})
	s.startAPI()
	worker := s.startWorker()
	s.waitReady()
	token := s.signIn(small, password)
	path, created := s.createSchedule(token, object{"schedule_type": "filters", "interval_hours": 1, "enabled": false})
	require.Empty(t, s.history(token, path))
	worker.Kill()
	<-worker.Done()
	id := workflows.TemporalScheduleID(scrape.ScheduleID(created["id"].(float64))) //nolint:forcetypeassert // a failed assertion fails the test
	require.NoError(t, s.temporal.ScheduleClient().GetHandle(t.Context(), id).Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	var waiting object
	require.Eventually(t, func() bool {
		for _, run := range s.history(token, path) {
			waiting = run
		}
		return waiting != nil
	}, patience, tick)
	require.Zero(t, waiting["id"])
	require.Nil(t, waiting["completed_at"])

	s.startWorker()
	finished := s.finishedRuns(token, path, 1)
	require.Equal(t, waiting["workflow_id"], finished[0]["workflow_id"])
	require.NotZero(t, finished[0]["id"])
}
