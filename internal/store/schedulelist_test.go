package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// names lists what a filter finds, in order.
func (b bundle) names(t *testing.T, filter scrape.ScheduleFilter) []string {
	t.Helper()
	found, err := b.ScheduleList(t.Context(), b.user, filter)
	require.NoError(t, err)
	names := []string{}
	for _, schedule := range found {
		names = append(names, schedule.Name)
	}
	return names
}

func TestScheduleList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Equal(t, []string{}, b.names(t, scrape.ScheduleFilter{}))
	var ids []scrape.ScheduleID
	for i, name := range []string{"Morning", "evening", "Night 100%", "filters"} {
		job := scrape.JobWorkOrders
		if name == "filters" {
			job = scrape.JobFilters
		}
		created, err := b.CreateSchedule(t.Context(), scrape.Schedule{
			UserID: b.user, JobType: job, Name: name, Timing: scrape.Timing{Interval: time.Hour}, Enabled: i != 1,
		})
		require.NoError(t, err)
		ids = append(ids, created.ID)
	}
	b.exec(t, "UPDATE scraping_schedules SET consecutive_failures = 5 WHERE name = 'Night 100%'")
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	stranger.addSchedule(t, "Morning")

	for _, test := range []struct {
		filter scrape.ScheduleFilter
		want   []string
	}{
		{scrape.ScheduleFilter{}, []string{"Morning", "evening", "Night 100%", "filters"}},
		{scrape.ScheduleFilter{JobType: scrape.JobFilters}, []string{"filters"}},
		{scrape.ScheduleFilter{JobType: scrape.JobDispensers}, []string{}},
		{scrape.ScheduleFilter{Status: scrape.StatusActive}, []string{"Morning", "filters"}},
		{scrape.ScheduleFilter{Status: scrape.StatusPaused}, []string{"evening"}},
		{scrape.ScheduleFilter{Status: scrape.StatusFailed}, []string{"Night 100%"}},
		{scrape.ScheduleFilter{Status: scrape.StatusHeld}, []string{"Morning", "evening", "Night 100%"}}, // filters need no login
		{scrape.ScheduleFilter{Query: "EVEN"}, []string{"evening"}},
		{scrape.ScheduleFilter{Query: "0%"}, []string{"Night 100%"}},
		{scrape.ScheduleFilter{Query: "%"}, []string{"Night 100%"}},
		{scrape.ScheduleFilter{Query: "n\x00"}, []string{"Morning", "evening", "Night 100%"}},
		{scrape.ScheduleFilter{Limit: 2}, []string{"Morning", "evening"}},
		{scrape.ScheduleFilter{Limit: 2, After: ids[1]}, []string{"Night 100%", "filters"}},
		{scrape.ScheduleFilter{Limit: 2, After: ids[3]}, []string{}},
		{scrape.ScheduleFilter{Query: "n", Status: scrape.StatusActive, JobType: scrape.JobWorkOrders}, []string{"Morning"}},
	} {
		require.Equal(t, test.want, b.names(t, test.filter), "%+v", test.filter)
	}

	credential := b.addCredential(t)
	for state, held := range map[scrape.CredentialState]int{
		scrape.CredentialOK: 0, scrape.CredentialUnverified: 0, scrape.CredentialRejected: 3, scrape.CredentialLocked: 3,
	} {
		_, err := b.SetCredentialState(t.Context(), credential.ID, credential.Version, state)
		require.NoError(t, err)
		require.Len(t, b.names(t, scrape.ScheduleFilter{Status: scrape.StatusHeld}), held, state)
	}
	whole, err := b.UserSchedules(t.Context(), b.user)
	require.NoError(t, err)
	listed, err := b.ScheduleList(t.Context(), b.user, scrape.ScheduleFilter{})
	require.NoError(t, err)
	require.Equal(t, whole, listed)
}

// However many schedules there are, a list is one statement.
func TestAScheduleListIsOneStatement(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, `INSERT INTO scraping_schedules (user_id, schedule_type, name)
		SELECT $1, 'work_orders', n::text FROM generate_series(1, 1000) AS n`, b.user)
	var counted counter
	traced, err := b.Traced(t.Context(), &counted)
	require.NoError(t, err)
	t.Cleanup(traced.Close)
	for _, filter := range []scrape.ScheduleFilter{
		{}, {Limit: 100}, {Status: scrape.StatusHeld, Query: "1"}, {Status: scrape.StatusOverdue, AccountedBefore: time.Now().Add(time.Hour)},
	} {
		counted.statements.Store(0)
		found, err := traced.ScheduleList(t.Context(), b.user, filter)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(found), 100)
		require.Equal(t, int32(1), counted.statements.Load())
	}
}

func TestDeleteScheduleIf(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	stranger := b.addUser(t, "stranger@example.com")
	fine := func(scrape.Schedule) error { return nil }
	requireKind(t, b.DeleteScheduleIf(t.Context(), stranger, schedule.ID, func(scrape.Schedule) error { panic("not mine") }),
		scrape.KindNotFound, "Schedule not found")
	refusal := errors.New("no")
	require.Same(t, refusal, b.DeleteScheduleIf(t.Context(), b.user, schedule.ID, func(seen scrape.Schedule) error {
		require.Equal(t, schedule, seen)
		return refusal
	}))
	_, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.NoError(t, b.DeleteScheduleIf(t.Context(), b.user, schedule.ID, fine))
	requireKind(t, b.DeleteScheduleIf(t.Context(), b.user, schedule.ID, fine), scrape.KindNotFound, "Schedule not found")
}

func TestNotFiringSince(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	since := func() *time.Time {
		since, err := b.NotFiringSince(t.Context(), schedule.ID)
		require.NoError(t, err)
		return since
	}
	update := func(change func(*scrape.Schedule)) time.Time {
		updated, err := b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
			change(s)
			return nil
		})
		require.NoError(t, err)
		return updated.UpdatedAt
	}
	require.Nil(t, since())
	paused := update(func(s *scrape.Schedule) { s.Enabled = false })
	first := since()
	require.WithinDuration(t, paused, *first, time.Second)
	update(func(s *scrape.Schedule) { s.Timing.Interval = 2 * time.Hour })
	require.Equal(t, first, since(), "an edit is no other pause")
	update(func(s *scrape.Schedule) { s.Enabled = true })
	require.Nil(t, since())
	update(func(s *scrape.Schedule) { s.SuspendedAt, s.ProbeAt = pointer(noon), pointer(noon) })
	second := since()
	require.True(t, second.After(*first))
	update(func(s *scrape.Schedule) { s.SuspendedAt, s.ProbeAt, s.Enabled = nil, nil, false })
	require.Equal(t, second, since(), "from one to the other it never fired")
	unknown, err := b.NotFiringSince(t.Context(), 4711)
	require.NoError(t, err)
	require.Nil(t, unknown)
}

func TestUsualDuration(t *testing.T) {
	t.Parallel()
	b := setup(t)
	usual := func() time.Duration {
		d, err := b.UsualDuration(t.Context(), b.user, scrape.JobWorkOrders)
		require.NoError(t, err)
		return d
	}
	require.Zero(t, usual())
	schedule := b.addSchedule(t, "hourly")
	end := func(i int, outcome scrape.Outcome, minutes float64) {
		run := b.begin(t, schedule.ID, fmt.Sprint("w", i), at(float64(100*i)))
		b.finish(t, run.ID, outcome, at(float64(100*i)+minutes))
	}
	end(1, scrape.OutcomePortalDown, 60)
	require.Zero(t, usual(), "failures say nothing")
	end(2, scrape.OutcomeSuccess, 10)
	end(3, scrape.OutcomePartial, 30)
	require.Equal(t, 20*time.Minute, usual())
	end(4, scrape.OutcomeSuccess, 11)
	require.Equal(t, 11*time.Minute, usual())
	for i := range 20 {
		end(5+i, scrape.OutcomeSuccess, 2)
	}
	require.Equal(t, 2*time.Minute, usual(), "the newest say what is usual")
	other, err := b.UsualDuration(t.Context(), b.user, scrape.JobDispensers)
	require.NoError(t, err)
	require.Zero(t, other)
}

func TestDataAt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, another := b.addSchedule(t, "hourly"), b.addSchedule(t, "another")
	data := func() *time.Time {
		found, err := b.Schedule(t.Context(), schedule.ID)
		require.NoError(t, err)
		require.Equal(t, schedule.UpdatedAt, found.UpdatedAt, "a run is no edit")
		return found.DataAt
	}
	require.Nil(t, data())
	for i, step := range []struct {
		outcome scrape.Outcome
		want    *time.Time
	}{
		{scrape.OutcomePortalDown, nil},
		{scrape.OutcomeSuccess, pointer(at(11))},
		{scrape.OutcomeHeld, pointer(at(11))},
		{scrape.OutcomePartial, pointer(at(31))},
		{scrape.OutcomeSkippedOverlap, pointer(at(31))},
	} {
		run := b.begin(t, schedule.ID, fmt.Sprint("w", i), at(float64(10*i)))
		require.Equal(t, data(), data())
		b.finish(t, run.ID, step.outcome, at(float64(10*i+1)))
		require.Equal(t, step.want, data(), step.outcome)
	}
	// What a person accepts is as old as the run that has collected it.
	b.exec(t, "UPDATE scraping_history SET outcome = 'success', success = true WHERE outcome = 'held'")
	require.Equal(t, pointer(at(31)), data())
	b.exec(t, "UPDATE scraping_schedules SET data_at = NULL")
	b.exec(t, "UPDATE scraping_history SET success = true WHERE workflow_id = 'w2'")
	require.Equal(t, pointer(at(21)), data())
	untouched, err := b.Schedule(t.Context(), another.ID)
	require.NoError(t, err)
	require.Nil(t, untouched.DataAt)
}

// The store gives those that could be overdue: firing, and nothing known of them since.
func TestScheduleListOfTheOverdue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.addSchedule(t, "old")
	ran, paused := b.addSchedule(t, "ran"), b.addSchedule(t, "paused")
	b.exec(t, "UPDATE scraping_schedules SET updated_at = $1", at(0))
	b.finish(t, b.begin(t, ran.ID, "w1", at(9)).ID, scrape.OutcomeSuccess, at(10))
	b.exec(t, "UPDATE scraping_schedules SET enabled = false WHERE id = $1", paused.ID)
	list := func(minute float64) []string {
		return b.names(t, scrape.ScheduleFilter{Status: scrape.StatusOverdue, AccountedBefore: at(minute)})
	}
	require.Equal(t, []string{}, list(0))
	require.Equal(t, []string{"old"}, list(5))
	require.Equal(t, []string{"old", "ran"}, list(11))
	b.fail(t, old.ID, 1, 5)
	require.Equal(t, []string{"ran"}, list(20), "a suspended one owes nothing")
}
