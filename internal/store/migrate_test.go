package store_test

import (
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/tern/v2/migrate"
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
	for _, outcome := range scrape.Outcomes() {
		if outcome.Ran() {
			b.exec(t, "UPDATE scraping_history SET applied_at = now(), applied_outcome = $1", outcome)
		}
	}
	for _, state := range []scrape.SiteState{
		scrape.SitePending, scrape.SiteStored, scrape.SiteNone, scrape.SiteDeleted, scrape.SiteDenied, scrape.SiteHeld,
		scrape.SiteFailed, scrape.SiteFresh, scrape.SiteKnown, scrape.SiteDiscarded,
	} {
		b.exec(t, `INSERT INTO run_sites (run_id, location_id, label, orders, state)
			SELECT min(id), $1, '', '{}', $1 FROM scraping_history`, state)
	}
	for _, kind := range []scrape.ChangeKind{
		scrape.ChangeAdded, scrape.ChangeChanged, scrape.ChangeRemoved, scrape.ChangeReturned,
	} {
		b.exec(t, `INSERT INTO run_changes (run_id, user_id, kind, item, key, label)
			SELECT min(id), $1, $2, '', '', '' FROM scraping_history`, b.user, kind)
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

// migrateTo brings a database to an older schema, as a program of that time did.
func migrateTo(t *testing.T, b bundle, version int32) {
	t.Helper()
	migrator, err := migrate.NewMigrator(t.Context(), b.connect(t), "schema_version")
	require.NoError(t, err)
	require.NoError(t, migrator.LoadMigrations(os.DirFS("migrations")))
	require.NoError(t, migrator.MigrateTo(t.Context(), version))
}

func TestDispensersOfOrdersBecomeDispensersOfLocations(t *testing.T) {
	t.Parallel()
	b := bundle{url: testenv.Postgres(t, nil)}
	migrateTo(t, b, 4)
	b.user = b.addUser(t, "tech@example.com")
	for id, location := range map[string][]string{
		"first": {"71001", ""}, "second": {"71001", ""}, "by-url": {"", "https://portal.example/app/customers/locations/71002/"},
		"nowhere": {"", ""},
	} {
		b.exec(t, `INSERT INTO work_orders (id, user_id, external_id, site_name, location_id, customer_url)
			VALUES ($1::text, $2, $1::text, 'Example Fuel Stop', NULLIF($3, ''), $4)`, id, b.user, location[0], location[1])
	}
	const add = `INSERT INTO dispensers (id, work_order_id, dispenser_number, make, fuel_grades, form_data, updated_at)
		VALUES ($1, $2, $3, 'Examplemake', $4, $5, $6)`
	b.exec(t, add, "older", "first", "1/2", nil, nil, noon)
	b.exec(t, add, "newer", "second", "1/2", `{"regular": {"name": "Regular"}}`, `{"title": "1/2 - Regular", "stand_alone_code": "0126",
		"grades_list": ["Regular", 7, "E-85"], "dispenser_numbers": ["1", "2"], "custom_fields": {"Make": "Examplemake", "Odd": 3, "No": null}}`, at(1))
	b.exec(t, add, "bare", "second", "3/4", `{"diesel": {"name": "Diesel"}}`, `{"grades_list": "Diesel", "custom_fields": []}`, noon)
	b.exec(t, add, "url", "by-url", "5", nil, `{}`, noon)
	b.exec(t, add, "lost", "nowhere", "6", nil, `"odd"`, noon)
	b.exec(t, "INSERT INTO login_checks (id, email, fingerprint, created_at) VALUES (gen_random_uuid(), 'x', 'f', now())")

	require.NoError(t, store.Migrate(t.Context(), b.url))
	b.Store = open(t, b.url, store.Options{})
	require.NoError(t, b.CheckSchema(t.Context()))
	dispensers, err := b.Dispensers(t.Context(), b.user)
	require.NoError(t, err)
	for i := range dispensers {
		require.Equal(t, b.user, dispensers[i].UserID)
		dispensers[i].UserID, dispensers[i].CreatedAt, dispensers[i].UpdatedAt = "", time.Time{}, time.Time{}
	}
	require.Equal(t, []scrape.Dispenser{
		{
			ID: "newer", LocationID: "71001", Number: "1/2", Numbers: []string{"1", "2"}, Title: "1/2 - Regular", Make: "Examplemake",
			StandAloneCode: "0126", Grades: []string{"Regular", "E-85"}, CustomFields: map[string]string{"Make": "Examplemake", "Odd": "3"},
		},
		{ID: "bare", LocationID: "71001", Number: "3/4", Numbers: []string{"3", "4"}, Make: "Examplemake", Grades: []string{"Diesel"}},
		{ID: "url", LocationID: "71002", Number: "5", Numbers: []string{"5"}, Make: "Examplemake"},
	}, dispensers)
	require.Equal(t, []string{"bare", "lost", "newer", "url"}, value[[]string](t, b, "SELECT array_agg(id ORDER BY id) FROM dispensers"))

	b.exec(t, "DELETE FROM work_orders")
	require.Equal(t, 4, value[int](t, b, "SELECT count(*) FROM dispensers WHERE work_order_id IS NULL"), "orders come and go")
	b.exec(t, "DELETE FROM users")
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM dispensers"))
}
