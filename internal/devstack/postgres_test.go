package devstack_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/devstack"
)

// requirePostgres skips where no server is installed, and fails in CI.
func requirePostgres(t *testing.T) []devstack.PostgresInstall {
	t.Helper()
	if testing.Short() {
		t.Skip("needs PostgreSQL; skipped with -short")
	}
	installs, err := devstack.FindPostgres(t.Context())
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	return installs
}

func startPostgres(t *testing.T, cfg devstack.PostgresConfig) *devstack.Postgres {
	t.Helper()
	requirePostgres(t)
	cfg.Volatile = true
	pg, err := devstack.StartPostgres(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		pg.Kill()
		<-pg.Done()
	})
	return pg
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	var value T
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&value))
	return value
}

// makeOrders leaves something to be found again.
func makeOrders(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "CREATE TABLE orders AS SELECT 1 AS id")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func TestPostgresKeepsItsDataBelowAPrivateDirectory(t *testing.T) {
	t.Parallel()
	private := t.TempDir()
	require.NoError(t, os.Chmod(private, 0o700))
	port, err := devstack.FreePort(t.Context())
	require.NoError(t, err)
	cfg := devstack.PostgresConfig{DataDir: filepath.Join(private, "data"), Port: port}

	pg := startPostgres(t, cfg)
	require.NoError(t, pg.CreateDatabase(t.Context(), "shop"))
	require.NoError(t, pg.CreateDatabase(t.Context(), "shop"), "there already")
	require.Contains(t, pg.URL("shop"), fmt.Sprintf("@127.0.0.1:%d/shop", port))
	require.Equal(t, "UTF8 UTC", query[string](t, pg.URL("shop"),
		"SELECT current_setting('server_encoding') || ' ' || current_setting('TimeZone')"))
	makeOrders(t, pg.SocketURL("shop"))
	require.NoError(t, pg.Stop())
	require.NoError(t, pg.Err())

	password, err := os.Stat(filepath.Join(pg.Dir(), "fossawork.password"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), password.Mode().Perm())

	again := startPostgres(t, cfg)
	require.Equal(t, int32(1), query[int32](t, again.URL("shop"), "SELECT id FROM orders"))
	require.NoError(t, again.Stop())
}

func TestPostgresAsksForThePassword(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, devstack.PostgresConfig{DataDir: t.TempDir()})
	for _, password := range []string{"", "wrong"} {
		cfg, err := pgx.ParseConfig(pg.URL("postgres"))
		require.NoError(t, err)
		cfg.Password = password
		_, err = pgx.ConnectConfig(t.Context(), cfg)
		require.ErrorContains(t, err, "password authentication failed")
	}
}

func TestPostgresRecoversFromKill(t *testing.T) {
	t.Parallel()
	cfg := devstack.PostgresConfig{DataDir: t.TempDir()}
	pg := startPostgres(t, cfg)
	makeOrders(t, pg.URL("postgres"))
	require.NoError(t, syscall.Kill(pg.Pid(), syscall.SIGKILL))
	<-pg.Done()
	require.ErrorContains(t, pg.Err(), "postgres ended unexpectedly: signal: killed")

	again := startPostgres(t, cfg)
	require.Equal(t, int32(1), query[int32](t, again.URL("postgres"), "SELECT id FROM orders"))
	require.NoError(t, again.Stop())
}

// A killed server's pid file stays. Its number may belong to any other program by the next start, and PostgreSQL, which
// sees the same user, takes that for a second server.
func TestPostgresStalePidFileWithAForeignProcess(t *testing.T) {
	t.Parallel()
	cfg := devstack.PostgresConfig{DataDir: t.TempDir()}
	pg := startPostgres(t, cfg)
	pidFile := filepath.Join(pg.Dir(), "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	require.NoError(t, pg.Stop())

	foreign := exec.CommandContext(t.Context(), "sleep", "1000")
	foreign.Dir = pg.Dir() // even from the same directory
	require.NoError(t, foreign.Start())
	t.Cleanup(func() {
		_ = foreign.Process.Kill()
		_ = foreign.Wait()
	})
	_, rest, _ := strings.Cut(string(text), "\n")
	require.NoError(t, os.WriteFile(pidFile, fmt.Appendf(nil, "%d\n%s", foreign.Process.Pid, rest), 0o600))

	again := startPostgres(t, cfg)
	require.NoError(t, again.Stop())
	require.True(t, alive(foreign.Process.Pid), "the foreign process is left alone")
}

func TestPostgresTornPidFile(t *testing.T) {
	t.Parallel()
	cfg := devstack.PostgresConfig{DataDir: t.TempDir()}
	pg := startPostgres(t, cfg)
	require.NoError(t, pg.Stop())
	require.NoError(t, os.WriteFile(filepath.Join(pg.Dir(), "postmaster.pid"), nil, 0o600))
	startPostgres(t, cfg)
}

func TestPostgresInterruptedInitdb(t *testing.T) {
	t.Parallel()
	installs := requirePostgres(t)
	dir := t.TempDir()
	unfinished := filepath.Join(dir, fmt.Sprintf("postgres-%d.new", installs[0].Major))
	require.NoError(t, os.MkdirAll(unfinished, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(unfinished, "PG_VERSION"), []byte("1\n"), 0o600))
	startPostgres(t, devstack.PostgresConfig{DataDir: dir})
	require.NoDirExists(t, unfinished)
}

func TestPostgresOfAnotherVersion(t *testing.T) {
	t.Parallel()
	requirePostgres(t)
	dir := t.TempDir()
	old := filepath.Join(dir, "postgres-9")
	require.NoError(t, os.Mkdir(old, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(old, "PG_VERSION"), []byte("9\n"), 0o600))
	_, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{DataDir: dir})
	require.ErrorContains(t, err, old+" was made by a PostgreSQL version that is not installed here")
}

func TestPostgresInADeepDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep/", 30))
	pg := startPostgres(t, devstack.PostgresConfig{DataDir: dir})
	require.NoError(t, pg.Ping(t.Context()))
	require.NoError(t, pg.Stop())
	require.NotContains(t, pg.SocketDir(), "deep")
	require.NoError(t, os.Remove(pg.SocketDir()), "nothing is left in it")
}

func TestPostgresOnATakenPort(t *testing.T) {
	t.Parallel()
	requirePostgres(t)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", devstack.Address(0)) // accepts and never answers
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = devstack.StartPostgres(t.Context(), devstack.PostgresConfig{DataDir: t.TempDir(), Port: port, Volatile: true})
	var exit *devstack.ExitError
	require.ErrorAs(t, err, &exit)
	require.Contains(t, exit.Report(), "could not bind")
}

func TestPostgresAsRootWithoutUserNamespaces(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root needs another user")
	}
	cfg := devstack.PostgresConfig{DataDir: filepath.Join(t.TempDir(), "data")}.WithoutUserNamespace()
	cfg.Volatile = true

	requirePostgres(t)
	_, err := devstack.StartPostgres(t.Context(), cfg)
	require.ErrorContains(t, err, "put the data where that user can reach it")

	// The same where the way is open.
	cfg.DataDir, err = os.MkdirTemp("", "fossawork-open-") //nolint:usetesting // t.TempDir lies in a private directory
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(cfg.DataDir)) })
	pg := startPostgres(t, cfg)
	require.NoError(t, pg.Ping(t.Context()))
	require.NoError(t, pg.Stop())
	startPostgres(t, cfg)
}
