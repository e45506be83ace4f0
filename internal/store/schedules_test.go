package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestCreateSchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	asked := scrape.Schedule{
		UserID:  b.user,
		JobType: scrape.JobWorkOrders,
		Name:    "work_orders",
		Timing: scrape.Timing{
			Interval:    90 * time.Minute,
			ActiveHours: &scrape.Hours{Start: 6, End: 22},
			Timezone:    "America/New_York",
			Offset:      1023 * time.Second,
		},
		Enabled:         true,
		Revision:        9, // not the caller's to choose
		AppliedRevision: 9, // any but 0 means that it is about to be put to Temporal
	}
	created, err := b.CreateSchedule(t.Context(), asked)
	require.NoError(t, err)
	require.Positive(t, created.ID)
	require.False(t, created.CreatedAt.IsZero())
	require.Equal(t, created.CreatedAt, created.UpdatedAt)
	want := asked
	want.ID, want.CreatedAt, want.UpdatedAt, want.AccountedAt = created.ID, created.CreatedAt, created.UpdatedAt, created.CreatedAt
	want.Revision, want.AppliedRevision = 1, 1
	want.Timing.DST, want.Timing.CatchUp, want.Timing.Overlap = scrape.DSTTwice, scrape.CatchUpLast, scrape.OverlapSkip
	require.Equal(t, want, created)
	found, err := b.Schedule(t.Context(), created.ID)
	require.NoError(t, err)
	require.Equal(t, want, found)

	_, err = b.CreateSchedule(t.Context(), asked)
	requireKind(t, err, scrape.KindConflict, "Schedule for work_orders already exists")
	asked.Name = "evening"
	asked.Timing = scrape.Timing{Interval: time.Hour}
	asked.Enabled, asked.PauseReason = false, "on holiday"
	evening, err := b.CreateSchedule(t.Context(), asked)
	require.NoError(t, err)
	require.Nil(t, evening.Timing.ActiveHours)
	require.Equal(t, "UTC", evening.Timing.Timezone)
	require.Equal(t, "on holiday", evening.PauseReason)
	_, err = b.CreateSchedule(t.Context(), asked)
	requireKind(t, err, scrape.KindConflict, `A schedule named "evening" already exists for work_orders.`)

	asked.UserID = "unknown"
	_, err = b.CreateSchedule(t.Context(), asked)
	requireKind(t, err, scrape.KindNotFound, "User not found")
}

func TestIntervalsAreWholeSeconds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, interval := range map[string]time.Duration{
		"1s": time.Second, "20m": 20 * time.Minute, "7s": 7 * time.Second, "30m": 30 * time.Minute, "odd": 4999 * time.Second,
		"24h": 24 * time.Hour,
	} {
		created, err := b.CreateSchedule(t.Context(), scrape.Schedule{
			UserID: b.user, JobType: scrape.JobWorkOrders, Name: name, Timing: scrape.Timing{Interval: interval},
		})
		require.NoError(t, err)
		require.Equal(t, interval, created.Timing.Interval)
	}
	require.InDelta(t, 0.5, value[float64](t, b, "SELECT interval_hours FROM scraping_schedules WHERE name = '30m'"), 0)
	b.exec(t, "UPDATE scraping_schedules SET interval_hours = 0.3333, name = 'third' WHERE name = '20m'")
	schedules, err := b.UserSchedules(t.Context(), b.user)
	require.NoError(t, err)
	for _, schedule := range schedules {
		if schedule.Name == "third" {
			require.Equal(t, 20*time.Minute, schedule.Timing.Interval)
		}
	}
}

func TestFindSchedules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	none, err := b.UserSchedules(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, []scrape.Schedule{}, none)

	first, second := b.addSchedule(t, "first"), b.addSchedule(t, "another")
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	third := stranger.addSchedule(t, "first")

	mine, err := b.UserSchedules(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, []scrape.Schedule{first, second}, mine)
	found, err := b.UserSchedule(t.Context(), b.user, second.ID)
	require.NoError(t, err)
	require.Equal(t, second, found)

	for _, id := range []scrape.ScheduleID{third.ID, 4711} {
		_, err = b.UserSchedule(t.Context(), b.user, id)
		requireKind(t, err, scrape.KindNotFound, "Schedule not found")
		_, err = b.UpdateSchedule(t.Context(), b.user, id, func(*scrape.Schedule) error { panic("not mine") })
		requireKind(t, err, scrape.KindNotFound, "Schedule not found")
		requireKind(t, b.DeleteSchedule(t.Context(), b.user, id), scrape.KindNotFound, "Schedule not found")
	}
	_, err = b.Schedule(t.Context(), 4711)
	requireKind(t, err, scrape.KindNotFound, "Schedule not found")

	page, err := b.SchedulesPage(t.Context(), 0, 2)
	require.NoError(t, err)
	require.Equal(t, []scrape.Schedule{first, second}, page)
	page, err = b.SchedulesPage(t.Context(), second.ID, 2)
	require.NoError(t, err)
	require.Equal(t, []scrape.Schedule{third}, page)
	page, err = b.SchedulesPage(t.Context(), third.ID, 2)
	require.NoError(t, err)
	require.Empty(t, page)

	require.NoError(t, b.DeleteSchedule(t.Context(), b.user, first.ID))
	requireKind(t, b.DeleteSchedule(t.Context(), b.user, first.ID), scrape.KindNotFound, "Schedule not found")
}

func TestUpdateSchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	update := func(change func(*scrape.Schedule)) scrape.Schedule {
		updated, err := b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
			change(s)
			return nil
		})
		require.NoError(t, err)
		return updated
	}
	require.Equal(t, schedule, update(func(*scrape.Schedule) {}), "nothing changed")
	require.Equal(t, schedule, update(func(s *scrape.Schedule) {
		s.ID, s.UserID, s.JobType, s.Revision, s.AppliedRevision = 9, "x", "y", 9, 9
		s.LastRunAt, s.CreatedAt = pointer(noon), noon
	}), "what is not the user's to change")

	updated := update(func(s *scrape.Schedule) {
		s.Name, s.Enabled, s.PauseReason, s.ConsecutiveFailures = "daily", false, "on holiday", 3
		s.Timing = scrape.Timing{Interval: 24 * time.Hour, ActiveHours: &scrape.Hours{Start: 8, End: 18}, Timezone: "Europe/Berlin"}
	})
	require.Equal(t, int64(2), updated.Revision)
	require.True(t, updated.UpdatedAt.After(schedule.UpdatedAt))
	require.Equal(t, "daily", updated.Name)
	require.Equal(t, "on holiday", updated.PauseReason)
	require.Equal(t, 3, updated.ConsecutiveFailures)
	require.Equal(t, &scrape.Hours{Start: 8, End: 18}, updated.Timing.ActiveHours)
	found, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Equal(t, updated, found)

	updated = update(func(s *scrape.Schedule) { s.Timing.ActiveHours.End = 20 })
	require.Equal(t, int64(3), updated.Revision, "an edit in place is an edit")
	updated = update(func(s *scrape.Schedule) { s.Timing.ActiveHours = nil })
	require.Equal(t, int64(4), updated.Revision)
	require.Nil(t, updated.Timing.ActiveHours)

	refusal := scrape.Invalid("name", "Not this one.")
	_, err = b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
		s.Name = "refused"
		return refusal
	})
	require.Same(t, refusal, err)
	plain := errors.New("plain")
	_, err = b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(*scrape.Schedule) error { return plain })
	require.Same(t, plain, err)
	found, err = b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Equal(t, updated, found)

	b.addSchedule(t, "taken")
	for name, message := range map[string]string{"taken": `A schedule named "taken" already exists for work_orders.`} {
		_, err = b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
			s.Name = name
			return nil
		})
		requireKind(t, err, scrape.KindConflict, message)
	}
}

func TestUpdatesOfOneScheduleTakeTurns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	errs := make([]error, 12)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
				s.ConsecutiveFailures++
				return nil
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	found, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Equal(t, len(errs), found.ConsecutiveFailures)
	require.Equal(t, schedule.Revision+int64(len(errs)), found.Revision)
}

func TestMarkApplied(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	for range 2 {
		_, err := b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
			s.Enabled = !s.Enabled
			return nil
		})
		require.NoError(t, err)
	}
	for _, step := range []struct{ revision, want int64 }{{2, 2}, {1, 2}, {3, 3}, {2, 3}, {99, 3}} {
		require.NoError(t, b.MarkApplied(t.Context(), schedule.ID, step.revision))
		found, err := b.Schedule(t.Context(), schedule.ID)
		require.NoError(t, err)
		require.Equal(t, step.want, found.AppliedRevision)
		require.Equal(t, int64(3), found.Revision)
	}
	requireKind(t, b.MarkApplied(t.Context(), 4711, 1), scrape.KindNotFound, "Schedule not found")
}

func TestMarkPending(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, err := b.CreateSchedule(t.Context(), scrape.Schedule{
		UserID: b.user, JobType: scrape.JobWorkOrders, Name: "new", Timing: scrape.Timing{Interval: time.Hour}, AppliedRevision: 1,
	})
	require.NoError(t, err)
	require.True(t, schedule.Synced())
	require.NoError(t, b.MarkPending(t.Context(), schedule.ID))
	found, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.False(t, found.Synced())
	require.NoError(t, b.MarkApplied(t.Context(), schedule.ID, 1))
	_, err = b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
		s.Enabled = true
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, b.MarkApplied(t.Context(), schedule.ID, 2))
	require.NoError(t, b.MarkPending(t.Context(), schedule.ID))
	found, err = b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.True(t, found.Synced(), "it was changed and applied since")
	require.NoError(t, b.MarkPending(t.Context(), 4711), "gone")
}

func TestSetPausedOutside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	since := time.Now().Add(-time.Hour)
	set := func(revision int64, enabled bool, reason string) bool {
		changed, err := b.SetPausedOutside(t.Context(), schedule.ID, revision, enabled, reason, since)
		require.NoError(t, err)
		return changed
	}
	require.False(t, set(1, false, "operator"), "not applied yet: the user's word is newer")
	require.NoError(t, b.MarkApplied(t.Context(), schedule.ID, 1))
	require.False(t, set(1, true, ""), "is so already")
	require.False(t, set(0, false, "operator"), "another revision")
	require.True(t, set(1, false, "paused by operator"))
	require.False(t, set(1, true, ""), "seen before the pause")
	require.False(t, set(2, false, "paused by operator"))

	paused, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.False(t, paused.Enabled)
	require.Equal(t, "paused by operator", paused.PauseReason)
	require.Equal(t, int64(2), paused.Revision)
	require.Equal(t, int64(2), paused.AppliedRevision)
	versions, err := b.ScheduleVersions(t.Context(), schedule.ID, since, time.Now())
	require.NoError(t, err)
	require.Len(t, versions, 2)
	require.Equal(t, versions[0].At.Add(time.Microsecond), versions[1].At, "it counts from when it may have begun, but not from before the schedule was made")
	require.False(t, versions[1].Enabled)
	b.exec(t, "UPDATE schedule_versions SET at = at - interval '2 hours'")

	b.exec(t, "UPDATE scraping_schedules SET consecutive_failures = 5")
	require.True(t, set(2, true, "a note that says nothing"))
	resumed, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.True(t, resumed.Enabled)
	require.Empty(t, resumed.PauseReason)
	require.Zero(t, resumed.ConsecutiveFailures)
	require.Equal(t, int64(3), resumed.AppliedRevision)
	require.True(t, set(3, false, "again"))
	versions, err = b.ScheduleVersions(t.Context(), schedule.ID, since.Add(-4*time.Hour), time.Now())
	require.NoError(t, err)
	require.Len(t, versions, 4)
	require.True(t, versions[2].Enabled)
	require.Equal(t, versions[2].At.Add(time.Microsecond), versions[3].At, "never before what it ends")
}

func TestSettingsOfASchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	asked := scrape.Schedule{
		UserID: b.user, JobType: scrape.JobDispensers, Name: "d", Timing: scrape.Timing{Interval: time.Hour},
		Settings: []byte(`{"fresh_hours":24,"a":[1]}`), Enabled: true,
	}
	created, err := b.CreateSchedule(t.Context(), asked)
	require.NoError(t, err)
	require.JSONEq(t, `{"fresh_hours":24,"a":[1]}`, string(created.Settings))
	require.NoError(t, b.MarkApplied(t.Context(), created.ID, created.Revision))
	update := func(settings string) scrape.Schedule {
		updated, err := b.UpdateSchedule(t.Context(), b.user, created.ID, func(s *scrape.Schedule) error {
			s.Settings = []byte(settings)
			return nil
		})
		require.NoError(t, err)
		found, err := b.Schedule(t.Context(), created.ID)
		require.NoError(t, err)
		require.Equal(t, found, updated)
		require.Equal(t, created.Revision, updated.Revision, "Temporal need not know")
		require.True(t, updated.Synced())
		return updated
	}
	same := update(`{ "a": [1], "fresh_hours": 24.0 }`)
	require.Equal(t, created.UpdatedAt, same.UpdatedAt, "the same in other words")
	changed := update(`{"fresh_hours":12}`)
	require.JSONEq(t, `{"fresh_hours":12}`, string(changed.Settings))
	require.True(t, changed.UpdatedAt.After(created.UpdatedAt))
	require.Nil(t, update("").Settings)
	require.True(t, value[bool](t, b, "SELECT config IS NULL FROM scraping_schedules"))

	both, err := b.UpdateSchedule(t.Context(), b.user, created.ID, func(s *scrape.Schedule) error {
		s.Settings, s.Enabled = []byte(`{}`), false
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, created.Revision+1, both.Revision)
	require.Equal(t, "{}", string(both.Settings))
	kept, err := b.UpdateSchedule(t.Context(), b.user, created.ID, func(s *scrape.Schedule) error {
		s.Enabled = true
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, "{}", string(kept.Settings))
}

func TestAScheduleKnowsItsOwnersLogin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	created := b.addSchedule(t, "hourly")
	require.Empty(t, created.CredentialState)
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	stranger.addCredential(t)
	credential := b.addCredential(t)
	for _, state := range []scrape.CredentialState{scrape.CredentialOK, scrape.CredentialRejected} {
		_, err := b.SetCredentialState(t.Context(), credential.ID, credential.Version, state)
		require.NoError(t, err)
		one, err := b.Schedule(t.Context(), created.ID)
		require.NoError(t, err)
		require.Equal(t, state, one.CredentialState)
		mine, err := b.UserSchedules(t.Context(), b.user)
		require.NoError(t, err)
		require.Equal(t, []scrape.Schedule{one}, mine)
		all, err := b.SchedulesPage(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Equal(t, mine, all)
		begun, err := b.BeginRun(t.Context(), scrape.RunStart{
			ScheduleID: created.ID, WorkflowID: string(state), Trigger: scrape.TriggerScheduled, StartedAt: noon,
		})
		require.NoError(t, err)
		one.AccountedAt = begun.Schedule.AccountedAt // by that run
		require.Equal(t, one, begun.Schedule)
		b.finish(t, begun.Run.ID, scrape.OutcomeHeldCredentials, at(1))
	}
	require.Equal(t, scrape.CredentialRejected, b.addSchedule(t, "another").CredentialState, "also of one that was made just now")
}
