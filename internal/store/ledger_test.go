package store_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
)

func TestScheduleVersions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	starts := at(60)
	schedule := b.addSchedule(t, "hourly")
	b.exec(t, "UPDATE schedule_versions SET at = $1", at(0))
	change := func(minute float64, f func(*scrape.Schedule)) scrape.Schedule {
		updated, err := b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
			f(s)
			return nil
		})
		require.NoError(t, err)
		b.exec(t, "UPDATE schedule_versions SET at = $1 WHERE id = (SELECT max(id) FROM schedule_versions)", at(minute))
		return updated
	}
	full := change(10, func(s *scrape.Schedule) {
		s.Timing = scrape.Timing{
			Cron: []string{"17 6 * * *"}, ActiveHours: &scrape.Hours{Start: 6, End: 7}, ActiveDays: []int{1, 2}, SkipDates: []string{"2030-12-25"},
			Timezone: "Europe/Berlin", Offset: 9 * time.Second, StartsAt: &starts, DST: scrape.DSTOnce, CatchUp: scrape.CatchUpNone,
			Overlap: scrape.OverlapBufferOne,
		}
	})
	change(20, func(s *scrape.Schedule) { s.Enabled, s.PauseReason = false, "On holiday." })
	versions, err := b.ScheduleVersions(t.Context(), schedule.ID, at(-100), at(100))
	require.NoError(t, err)
	require.Equal(t, []scrape.ScheduleVersion{
		{At: at(0), Timing: schedule.Timing, Enabled: true},
		{At: at(10), Timing: full.Timing, Enabled: true},
		{At: at(20), Timing: full.Timing, PauseReason: "On holiday."},
	}, versions)

	times := func(from, to float64) []time.Time {
		found, err := b.ScheduleVersions(t.Context(), schedule.ID, at(from), at(to))
		require.NoError(t, err)
		list := []time.Time{}
		for _, v := range found {
			list = append(list, v.At)
		}
		return list
	}
	require.Equal(t, []time.Time{at(0), at(10)}, times(5, 15), "with the one that held at the beginning")
	require.Equal(t, []time.Time{at(10)}, times(10, 20), "and without the one that began at the end")
	require.Equal(t, []time.Time{at(20)}, times(30, 40))
	require.Empty(t, times(-20, -10))
}

func TestLedgerRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, other := b.addSchedule(t, "hourly"), b.addSchedule(t, "other")
	run := func(id scrape.ScheduleID, workflow string, nominal, started, ended float64) scrape.RunID {
		begun, err := b.BeginRun(t.Context(), scrape.RunStart{
			ScheduleID: id, WorkflowID: workflow, Trigger: scrape.TriggerScheduled, NominalAt: at(nominal), StartedAt: at(started),
		})
		require.NoError(t, err)
		if ended > 0 {
			b.finish(t, begun.Run.ID, scrape.OutcomeSuccess, at(ended))
		}
		return begun.Run.ID
	}
	long := run(schedule.ID, "long", 1, 2, 300) // going when the time begins
	late := run(schedule.ID, "late", 130, 9000, 9001)
	hidden := run(schedule.ID, "hidden", 120, 120, 121)
	run(schedule.ID, "after", 200, 9100, 9101)
	run(other.ID, "other", 120, 120, 121)
	open := run(schedule.ID, "open", 9200, 9200, 0)
	require.NoError(t, b.DeleteRun(t.Context(), b.user, hidden))

	ids := func(from, to float64, limit int) []scrape.RunID {
		runs, err := b.LedgerRuns(t.Context(), schedule.ID, at(from), at(to), limit)
		require.NoError(t, err)
		list := []scrape.RunID{}
		for _, r := range runs {
			list = append(list, r.ID)
		}
		return list
	}
	require.Equal(t, []scrape.RunID{long, hidden, late, open}, ids(120, 180, 10))
	require.Equal(t, []scrape.RunID{long}, ids(120, 180, 1))
}

func TestDeletedRunsAreHidden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run := b.finish(t, b.begin(t, schedule.ID, "w1", noon).ID, scrape.OutcomeSuccess, at(1))
	require.NoError(t, b.DeleteRun(t.Context(), b.user, run.ID))
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(b.DeleteRun(t.Context(), b.user, run.ID)), "there is nothing left to delete")
	_, err := b.UserRun(t.Context(), b.user, run.ID)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))
	_, found, err := b.LatestRun(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.False(t, found)
	_, found, err = b.LatestUserRun(t.Context(), b.user, schedule.JobType)
	require.NoError(t, err)
	require.False(t, found)
	deleted, err := b.DeleteHistory(t.Context(), b.user, schedule.JobType)
	require.NoError(t, err)
	require.Zero(t, deleted)
	require.Equal(t, run.ID, b.begin(t, schedule.ID, "w1", noon).ID, "a workflow that says again that it began has its row")
}

func TestAccountedAt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	require.Equal(t, schedule.CreatedAt, schedule.AccountedAt)
	b.exec(t, "UPDATE scraping_schedules SET updated_at = $1", at(-60))
	accounted := func() time.Time { return b.read(t, schedule.ID).AccountedAt }
	require.Equal(t, at(-60), accounted())
	run := b.begin(t, schedule.ID, "w1", noon)
	require.Equal(t, at(48*60), accounted(), "while a run is going nothing is overdue")
	b.finish(t, run.ID, scrape.OutcomeSuccess, at(5))
	require.Equal(t, at(5), accounted(), "slots until its end were covered")
	late := b.begin(t, schedule.ID, "w2", at(90))
	b.finish(t, late.ID, scrape.OutcomeHeldCredentials, at(90))
	require.Equal(t, at(90), accounted(), "a slot with a reason is accounted for")
	require.NoError(t, b.DeleteRun(t.Context(), b.user, late.ID))
	require.Equal(t, at(90), accounted(), "deleting history changes nothing about it")
}

// A page of schedules is one statement, and what it knows of runs costs a few looks into indexes for each.
func BenchmarkSchedulesPage(b *testing.B) {
	stored := benchmarkBundle(b)
	for b.Loop() {
		var after scrape.ScheduleID
		for n := 0; n < schedulesStored; {
			page, err := stored.SchedulesPage(b.Context(), after, 500)
			require.NoError(b, err)
			require.NotEmpty(b, page)
			n += len(page)
			after = page[len(page)-1].ID
		}
	}
}

const schedulesStored = 10_000

// fill stores many schedules with a day of hourly runs each.
const fill = `
	WITH s AS (
		INSERT INTO scraping_schedules (user_id, schedule_type, name, interval_hours)
		SELECT $1, 'work_orders', 'n' || n, 1
		FROM generate_series(1, $2::integer) AS n
		RETURNING id
	)
	INSERT INTO scraping_history (user_id, schedule_type, schedule_id, trigger_type, nominal_at, started_at, completed_at, outcome, success)
	SELECT $1, 'work_orders', s.id, 'scheduled', at, at, at + interval '1 minute', 'success', true
	FROM s
	CROSS JOIN generate_series(now() - interval '23 hours', now(), interval '1 hour') AS at`

func benchmarkBundle(b *testing.B) *store.Store {
	b.Helper()
	url := testenv.Postgres(b, store.Migrate)
	conn, err := pgx.Connect(b.Context(), url)
	require.NoError(b, err)
	defer func() { _ = conn.Close(b.Context()) }()
	user := scrape.UserIDFor("tech@example.com")
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{"INSERT INTO users (id, email) VALUES ($1, 'tech@example.com')", []any{user}},
		{fill, []any{user, schedulesStored}},
		{"ANALYZE", nil},
	} {
		_, err = conn.Exec(b.Context(), statement.sql, statement.args...)
		require.NoError(b, err)
	}
	opened, err := store.Open(b.Context(), url, store.Options{})
	require.NoError(b, err)
	b.Cleanup(opened.Close)
	return opened
}
