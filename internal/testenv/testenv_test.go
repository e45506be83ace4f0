package testenv_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

var migrations atomic.Int32

func migrate(ctx context.Context, url string) error {
	migrations.Add(1)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "CREATE TABLE orders (id int PRIMARY KEY)")
	return err
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func TestPostgresIsFreshForEveryTest(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			conn := connect(t, testenv.Postgres(t, migrate))
			tag, err := conn.Exec(t.Context(), "INSERT INTO orders VALUES (1)")
			require.NoError(t, err)
			require.Equal(t, int64(1), tag.RowsAffected())
			require.Equal(t, int32(1), migrations.Load())
		})
	}
}

func TestPostgresWithoutMigratorIsEmpty(t *testing.T) {
	t.Parallel()
	conn := connect(t, testenv.Postgres(t, nil))
	var tables int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables))
	require.Zero(t, tables)
}

func TestPostgresIsDroppedWithItsConnections(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs PostgreSQL; skipped with -short")
	}
	var url string
	t.Run("user", func(t *testing.T) {
		url = testenv.Postgres(t, migrate)
		conn, err := pgx.Connect(t.Context(), url)
		require.NoError(t, err)
		require.NoError(t, conn.Ping(t.Context())) // and left open
	})
	_, err := pgx.Connect(t.Context(), url)
	require.ErrorContains(t, err, "does not exist")
}

func TestTemporalIsSharedAndNamespacesAreNot(t *testing.T) {
	t.Parallel()
	attrs := []devstack.SearchAttribute{{Name: "JobType", Type: "Keyword"}}
	address, namespace := testenv.Temporal(t, attrs...)
	require.Equal(t, devstack.DefaultNamespace, namespace)
	same, own := testenv.TemporalNamespace(t, attrs...)
	require.Equal(t, address, same)
	require.NotEqual(t, namespace, own)
	c, err := client.DialContext(t.Context(), client.Options{HostPort: address, Namespace: own, Logger: testenv.Logger(t)})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
		ID: "s", Action: &client.ScheduleWorkflowAction{ID: "w", Workflow: "Nothing", TaskQueue: "q"},
	})
	require.NoError(t, err)
}

func TestChromiumIsNoWrapper(t *testing.T) {
	t.Parallel()
	path := testenv.Chromium(t)
	out, err := exec.CommandContext(t.Context(), path, "--version").Output()
	require.NoError(t, err)
	require.NotEmpty(t, out)
	head, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotEqual(t, "#!", string(head[:2]))
}

func TestNamesDiffer(t *testing.T) {
	t.Parallel()
	first, second := testenv.Name(t), testenv.Name(t)
	require.NotEqual(t, first, second)
	require.Regexp(t, `^TestNamesDiffer-[0-9a-f]{8}$`, testenv.Name(t))
}

func TestLoggerOutlivesItsTest(t *testing.T) {
	t.Parallel()
	var logger *slog.Logger
	t.Run("user", func(t *testing.T) {
		logger = testenv.Logger(t)
		logger.DebugContext(t.Context(), "seen")
	})
	require.NotPanics(t, func() { logger.InfoContext(t.Context(), "late") })
}
