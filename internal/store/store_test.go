package store_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// noon is when things happen in these tests.
var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func at(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }

func pointer[T any](v T) *T { return &v }

// bundle is a store on a database of its own, with one user.
type bundle struct {
	*store.Store
	url  string
	user scrape.UserID
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{url: testenv.Postgres(t, store.Migrate)}
	b.Store = open(t, b.url, store.Options{MaxConns: 8})
	b.user = b.addUser(t, "tech@example.com")
	return b
}

func open(t *testing.T, url string, opts store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, opts)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// connect gives a connection of its own, for what the store does not do.
func (b bundle) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), b.url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func (b bundle) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := b.connect(t).Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

func value[T any](t *testing.T, b bundle, sql string, args ...any) T {
	t.Helper()
	rows, err := b.connect(t).Query(t.Context(), sql, args...)
	require.NoError(t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	require.NoError(t, err)
	return v
}

func (b bundle) addUser(t *testing.T, email string) scrape.UserID {
	t.Helper()
	id := scrape.UserIDFor(email)
	b.exec(t, "INSERT INTO users (id, email, created_at) VALUES ($1, $2, $3)", id, email, noon)
	return id
}

func (b bundle) addSchedule(t *testing.T, name string) scrape.Schedule {
	t.Helper()
	schedule, err := b.CreateSchedule(t.Context(), scrape.Schedule{
		UserID:  b.user,
		JobType: scrape.JobWorkOrders,
		Name:    name,
		Timing:  scrape.Timing{Interval: time.Hour},
		Enabled: true,
	})
	require.NoError(t, err)
	return schedule
}

// begin starts a scheduled run.
func (b bundle) begin(t *testing.T, id scrape.ScheduleID, workflow string, startedAt time.Time) scrape.Run {
	t.Helper()
	begun, err := b.BeginRun(t.Context(), scrape.RunStart{
		ScheduleID:    id,
		WorkflowID:    workflow,
		TemporalRunID: "temporal-" + workflow,
		Trigger:       scrape.TriggerScheduled,
		NominalAt:     startedAt.Truncate(time.Minute),
		StartedAt:     startedAt,
	})
	require.NoError(t, err)
	return begun.Run
}

func (b bundle) finish(t *testing.T, id scrape.RunID, outcome scrape.Outcome, at time.Time) scrape.Run {
	t.Helper()
	run, err := b.FinishRun(t.Context(), id, scrape.RunEnd{Outcome: outcome}, at)
	require.NoError(t, err)
	return run
}

func requireKind(t *testing.T, err error, kind scrape.Kind, message string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, kind, scrape.KindOf(err), "%v", err)
	require.Equal(t, message, scrape.MessageOf(err))
}

func TestPing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.Ping(t.Context()))
}

func TestOpenSetsTheSessionsUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	show := func(opts store.Options, url string) []string {
		var shown []string
		s := open(t, url, opts)
		// The holder of a lock has a session to look at.
		err := s.WithLoginLock(t.Context(), 1, func(ctx context.Context) error {
			rows, err := b.connect(t).Query(ctx, "SELECT DISTINCT application_name FROM pg_stat_activity "+
				"WHERE datname = current_database() AND application_name <> '' ORDER BY 1")
			require.NoError(t, err)
			shown, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
		require.NoError(t, err)
		return shown
	}
	require.Equal(t, []string{"fossawork-scheduler"}, show(store.Options{}, b.url))
	require.Contains(t, show(store.Options{ApplicationName: "worker"}, b.url), "worker")
	require.Contains(t, show(store.Options{ApplicationName: "worker"}, with(t, b.url, "application_name", "by-url")), "by-url")
}

func TestStatementsEndInTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	tx, err := b.connect(t).Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "LOCK TABLE scraping_schedules")
	require.NoError(t, err)

	impatient := open(t, b.url, store.Options{StatementTimeout: 50 * time.Millisecond})
	_, err = impatient.Schedule(t.Context(), schedule.ID)
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err))

	byURL := open(t, with(t, b.url, "statement_timeout", "40"), store.Options{})
	_, err = byURL.Schedule(t.Context(), schedule.ID)
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.Schedule(ctx, schedule.ID)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, scrape.KindInternal, scrape.KindOf(err), "a caller who goes away is no trouble of the database")
	require.NoError(t, tx.Rollback(t.Context()))
}

func TestNoDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	s := open(t, "postgres://nobody:hunter2@127.0.0.1:1/none", store.Options{})
	_, err := s.Schedule(t.Context(), 1)
	requireKind(t, err, scrape.KindUnavailable, "The database cannot be reached right now. Try again in a moment.")
	require.NotContains(t, err.Error(), "hunter2")
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(s.Ping(t.Context())))
	err = s.WithLoginLock(t.Context(), 1, func(context.Context) error { panic("not without the lock") })
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err))
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(store.Migrate(t.Context(), "postgres://127.0.0.1:1/none")))
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(s.CheckSchema(t.Context())))

	b := setup(t)
	lost := open(t, with(t, b.url, "user", "nobody"), store.Options{})
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(lost.Ping(t.Context())))
}

func TestOpenRefusesABadURL(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), "postgres://user:hunter2@host:notaport/db", store.Options{})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
}

func TestEverythingComesBackInUTC(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, fmt.Sprintf("ALTER DATABASE %s SET timezone = 'America/New_York'",
		value[string](t, b, "SELECT quote_ident(current_database())")))
	s := open(t, b.url, store.Options{})
	berlin := time.FixedZone("somewhere", 3*3600)
	require.NoError(t, s.TouchUser(t.Context(), b.user, at(1).In(berlin)))
	user, err := s.User(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, at(1), *user.LastUsedAt)
	require.Equal(t, time.UTC, user.LastUsedAt.Location())
	require.Equal(t, noon, user.CreatedAt)
}

// with adds a parameter to a URL.
func with(t *testing.T, address, key, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	query := u.Query()
	query.Set(key, value)
	u.RawQuery = query.Encode()
	return u.String()
}
