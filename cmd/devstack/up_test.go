package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestUpAndDownAndUpAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.start(t, "DEVSTACK_WORKERS=2")
	first.waitFor(t, "ready after")
	for _, text := range []string{
		fmt.Sprintf("http://127.0.0.1:%d", b.ports["--api-port"]), "tech@example.com / demo-password", "portal simulator",
		"starting worker-2", b.data,
	} {
		require.Contains(t, first.out.String(), text)
	}
	told := b.environment(t)
	require.Equal(t, fmt.Sprintf("127.0.0.1:%d", b.ports["--temporal-port"]), told["FOSSAWORK_TEMPORAL_ADDRESS"])
	require.Equal(t, fmt.Sprintf("http://127.0.0.1:%d", b.ports["--portal-port"]), told["FOSSAWORK_PORTAL_URL"])
	require.Equal(t, "default", told["FOSSAWORK_TEMPORAL_NAMESPACE"])
	require.Equal(t, fmt.Sprintf("http://127.0.0.1:%d", b.ports["--temporal-ui-port"]), told["FOSSAWORK_TEMPORAL_UI_URL"])
	require.Equal(t, fmt.Sprintf("http://127.0.0.1:%d/metrics", b.ports["--worker-metrics-port"]), told["FOSSAWORK_METRICS_URL"])
	require.NotEmpty(t, told["FOSSAWORK_CHROMIUM"])
	require.Equal(t, "tech@example.com", told["FOSSAWORK_ADMIN_EMAILS"], "the demo account shall see the operator's pages")
	require.Len(t, told["FOSSAWORK_JWT_SECRET"], 64)
	for _, name := range []string{"keyset.json", "jwt-secret"} {
		info, err := os.Stat(filepath.Join(b.data, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}

	second := b.start(t)
	require.Equal(t, exitFailure, second.wait())
	require.Contains(t, second.out.String(), fmt.Sprintf("another stack (pid %d since", first.cmd.Process.Pid))

	first.interrupt(t)
	require.Equal(t, exitOK, first.wait(), "%s", &first.out)
	require.Regexp(t, `(?s)stopping worker-[12].*stopping api.*stopping portalsim.*stopping temporal.*stopping postgres.*stopped, in`,
		first.out.String())
	require.Contains(t, first.out.String(), "worker-2  | drained")

	third := b.start(t, "FOSSAWORK_PORTAL_URL=https://portal.example.com")
	third.waitFor(t, "ready after")
	again := b.environment(t)
	require.Equal(t, told["FOSSAWORK_JWT_SECRET"], again["FOSSAWORK_JWT_SECRET"])
	require.Equal(t, "https://portal.example.com", again["FOSSAWORK_PORTAL_URL"])
	require.NotContains(t, third.out.String(), "demo-password")
	require.Empty(t, again["FOSSAWORK_ADMIN_EMAILS"], "on a real portal nobody is an administrator by default")
	conn, err := pgx.Connect(t.Context(), again["FOSSAWORK_DATABASE_URL"])
	require.NoError(t, err)
	var starts int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM starts").Scan(&starts))
	require.Equal(t, 2, starts, "data survives")
	require.NoError(t, conn.Close(t.Context()))
	require.NoError(t, third.cmd.Process.Signal(syscall.SIGTERM))
	require.Equal(t, exitOK, third.wait(), "%s", &third.out)
}

func TestDeadChildEndsTheStack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.start(t)
	p.waitFor(t, "ready after")
	p.waitFor(t, "my pid is")
	_, after, _ := strings.Cut(p.out.String(), "my pid is ")
	var pid int
	_, err := fmt.Sscan(after, &pid)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Equal(t, exitFailure, p.wait())
	require.Contains(t, p.out.String(), "worker ended unexpectedly: signal: killed")
	require.Contains(t, p.out.String(), "stopped, in")
}

func TestBrokenStepsAreReported(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"migrate", "keys", "api", "worker"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			p := setup(t).start(t, brokenVar+"="+step)
			require.Equal(t, exitFailure, p.wait())
			require.Contains(t, p.out.String(), step+" ended unexpectedly: exit status 7")
			require.Contains(t, p.out.String(), "  "+step+" is broken on purpose")
			require.Contains(t, p.out.String(), "stopped, in")
		})
	}
}

func TestTakenPortsAreNamedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, flag := range []string{"--api-port", "--postgres-port"} {
		var lc net.ListenConfig
		l, err := lc.Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", b.ports[flag]))
		require.NoError(t, err)
		t.Cleanup(func() { _ = l.Close() })
	}
	p := b.start(t)
	require.Equal(t, exitFailure, p.wait())
	require.Regexp(t, fmt.Sprintf(
		`port %d, needed for the API, is taken( by pid %d.*)?: free it or choose another with --api-port or DEVSTACK_API_PORT`,
		b.ports["--api-port"], os.Getpid()), p.out.String())
	require.Contains(t, p.out.String(), "--postgres-port or DEVSTACK_POSTGRES_PORT")
	require.NotContains(t, p.out.String(), "starting")
	require.NoDirExists(t, filepath.Join(b.data, "logs"))
}

func TestStartAfterKill(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.start(t)
	p.waitFor(t, "ready after")
	require.NoError(t, p.cmd.Process.Kill())
	p.wait()
	again := b.start(t)
	again.waitFor(t, "ready after")
	require.Contains(t, again.out.String(), "recovering")
	again.interrupt(t)
	require.Equal(t, exitOK, again.wait(), "%s", &again.out)
}

func TestInterruptWhileStarting(t *testing.T) {
	t.Parallel()
	p := setup(t).start(t)
	p.waitFor(t, "starting PostgreSQL")
	p.interrupt(t)
	p.interrupt(t) // an echo, as through make, kills nothing
	require.Equal(t, exitOK, p.wait(), "%s", &p.out)
	require.NotContains(t, p.out.String(), "killing")
}

func TestSecondInterruptKills(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.start(t, stubbornVar+"=yes")
	p.waitFor(t, "ready after")
	require.Eventually(t, func() bool {
		p.interrupt(t)
		return strings.Contains(p.out.String(), "killing what is left")
	}, patience, 200*time.Millisecond)
	require.Equal(t, exitFailure, p.wait())
	require.Contains(t, p.out.String(), "stop worker: killed")

	again := b.start(t)
	again.waitFor(t, "ready after")
	again.interrupt(t)
	require.Equal(t, exitOK, again.wait(), "%s", &again.out)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	for _, c := range []struct {
		args []string
		env  map[string]string
		code int
		want string
	}{
		{args: []string{"--help"}, code: exitOK, want: "keep it running"},
		{args: []string{"up", "--help"}, code: exitOK, want: "DEVSTACK_API_PORT"},
		{args: []string{"up", "--no-such-flag"}, code: exitUsage, want: "unknown flag --no-such-flag"},
		{args: []string{"up", "--workers", "0"}, code: exitUsage, want: "--workers must be between"},
		{args: nil, env: map[string]string{"DEVSTACK_WORKERS": "65"}, code: exitUsage, want: "--workers must be between"},
	} {
		var out bytes.Buffer
		getenv := none
		if c.env != nil {
			getenv = func(name string) string { return c.env[name] }
		}
		require.Equal(t, c.code, run(t.Context(), c.args, getenv, &out, &out), "%v", c.args)
		require.Contains(t, out.String(), c.want)
	}
}

func TestMissingProgramsAreNamedTogether(t *testing.T) {
	t.Parallel()
	cfg := settings{BinDir: t.TempDir(), Chromium: "/nowhere/chromium"}
	_, err := findPrograms(t.Context(), &cfg)
	require.ErrorContains(t, err, "fossawork-scheduler not found: run `make build`")
	require.ErrorContains(t, err, "portalsim not found: run `make build`")
	require.ErrorContains(t, err, "/nowhere/chromium")
}

func TestWorkerMetricsPortsLeaveOutTheAPI(t *testing.T) {
	t.Parallel()
	cfg := settings{Workers: 3, WorkerMetricsPort: 9464, APIMetricsPort: 9465}
	require.Equal(t, []int{9464, 9466, 9467}, cfg.workerMetricsPorts())
}

func TestWaitOKShowsTheLastAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no worker polls", http.StatusServiceUnavailable)
	}))
	defer server.Close()
	err := waitOK(t.Context(), nil, server.URL, 2*time.Second)
	require.ErrorContains(t, err, "did not answer 200 within 2s: it says 503 Service Unavailable: no worker polls")
}
