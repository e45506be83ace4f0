package store_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
)

func pool(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

func TestMigrateAndCheckSchema(t *testing.T) {
	t.Parallel()
	b := bundle{url: testenv.Postgres(t, nil)}
	p := pool(t, b.url)
	require.ErrorContains(t, store.CheckSchema(t.Context(), p), "run `fossawork-scheduler migrate`", "an empty database")

	require.NoError(t, store.Migrate(t.Context(), b.url))
	require.NoError(t, store.CheckSchema(t.Context(), p))
	b.exec(t, "INSERT INTO users (id, email) VALUES ('u', 'tech@example.com')")
	require.NoError(t, store.Migrate(t.Context(), b.url), "twice")
	require.Equal(t, 1, value[int](t, b, "SELECT count(*) FROM users"))

	b.exec(t, "UPDATE schema_version SET version = version - 1")
	require.ErrorContains(t, store.CheckSchema(t.Context(), p), "run `fossawork-scheduler migrate`")
	b.exec(t, "UPDATE schema_version SET version = version + 2")
	require.ErrorContains(t, store.CheckSchema(t.Context(), p), "start the newer program")
	require.ErrorContains(t, store.Migrate(t.Context(), b.url), "start the newer program")
	require.ErrorContains(t, open(t, b.url, store.Options{}).CheckSchema(t.Context()), "start the newer program")
}

func TestMigrationsAtTheSameTime(t *testing.T) {
	t.Parallel()
	url := testenv.Postgres(t, nil)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = store.Migrate(t.Context(), url) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.NoError(t, store.CheckSchema(t.Context(), pool(t, url)))
}

func TestChecksKnowEveryWord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Len(t, scrape.Outcomes(), value[int](t, b,
		`SELECT count(*) FROM regexp_matches(
			(SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'scraping_history_outcome_check'),
			'''[a-z_]+''', 'g')`), "the check has no word that package scrape lacks")
	for i, outcome := range scrape.Outcomes() {
		b.exec(t, `INSERT INTO scraping_history (user_id, schedule_type, started_at, completed_at, outcome, workflow_id)
			VALUES ($1, 'work_orders', now(), now(), $2, $3)`, b.user, outcome, strconv.Itoa(i))
	}
	for _, trigger := range []scrape.Trigger{scrape.TriggerScheduled, scrape.TriggerManual, scrape.TriggerBackfill} {
		b.exec(t, `INSERT INTO scraping_history (user_id, schedule_type, started_at, trigger_type)
			VALUES ($1, 'work_orders', now(), $2)`, b.user, trigger)
	}
	for _, state := range []scrape.CredentialState{
		scrape.CredentialUnverified, scrape.CredentialOK, scrape.CredentialRejected, scrape.CredentialLocked,
	} {
		b.exec(t, `INSERT INTO user_credentials (user_id, service_name, encrypted_username, encrypted_password, state)
			VALUES ($1, $2, '', '', $3)`, b.user, string(state), state)
	}
	for _, role := range []scrape.Role{scrape.RoleUser, scrape.RoleAdmin} {
		b.exec(t, "INSERT INTO users (id, email, role) VALUES ($1, $2, $3)", role, role, role)
	}
}
