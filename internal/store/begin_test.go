package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func (b bundle) request(t *testing.T, id scrape.ScheduleID, workflow string) (scrape.Run, error) {
	t.Helper()
	return b.RequestRun(t.Context(), scrape.Run{
		ScheduleID:  id,
		UserID:      b.user,
		JobType:     scrape.JobWorkOrders,
		Trigger:     scrape.TriggerManual,
		WorkflowID:  workflow,
		RequestedBy: string(b.user),
		StartedAt:   noon,
	})
}

func TestRunsBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	orders, err := b.request(t, b.addSchedule(t, "orders").ID, "w1")
	require.NoError(t, err)
	second, err := b.request(t, b.addSchedule(t, "more orders").ID, "w2")
	require.NoError(t, err)
	run := scrape.Run{ID: second.ID + 1, UserID: b.user}
	types := []scrape.JobType{scrape.JobDispensers, scrape.JobWorkOrders}
	look := func(run scrape.Run, types ...scrape.JobType) []scrape.JobType {
		found, err := b.RunsBefore(t.Context(), run, types)
		require.NoError(t, err)
		return found
	}
	require.Equal(t, []scrape.JobType{scrape.JobWorkOrders}, look(run, types...))
	require.Empty(t, look(run, scrape.JobDispensers))
	require.Empty(t, look(scrape.Run{ID: run.ID, UserID: "somebody else"}, types...))
	require.Empty(t, look(orders, types...), "those that came later are not waited for")
	b.finish(t, orders.ID, scrape.OutcomeSuccess, at(1))
	require.NotEmpty(t, look(run, types...))
	b.finish(t, second.ID, scrape.OutcomePortalDown, at(1))
	require.Empty(t, look(run, types...))
}

func TestRequestRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run, err := b.request(t, schedule.ID, "w1")
	require.NoError(t, err)
	require.Equal(t, scrape.Run{
		ID:          run.ID,
		ScheduleID:  schedule.ID,
		UserID:      b.user,
		JobType:     scrape.JobWorkOrders,
		Trigger:     scrape.TriggerManual,
		WorkflowID:  "w1",
		RequestedBy: string(b.user),
		NominalAt:   noon,
		StartedAt:   noon,
		Progress:    scrape.Progress{Phase: scrape.PhaseInitializing},
	}, run)
	found, err := b.RunByWorkflow(t.Context(), "w1")
	require.NoError(t, err)
	require.Equal(t, run, found)

	_, err = b.request(t, schedule.ID, "w2")
	requireKind(t, err, scrape.KindConflict, fmt.Sprintf("A run of this schedule is already in progress (run %d).", run.ID))
	var running *scrape.RunningError
	require.ErrorAs(t, err, &running)
	require.Equal(t, run.ID, running.RunID)
	require.EqualError(t, running, fmt.Sprintf("run %d is open", run.ID))

	_, err = b.request(t, b.addSchedule(t, "other").ID, "w1")
	requireKind(t, err, scrape.KindConflict, "This run exists already.")

	b.finish(t, run.ID, scrape.OutcomeSuccess, at(1))
	_, err = b.request(t, schedule.ID, "w2")
	require.NoError(t, err)
}

func TestRunOf(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.begin(t, b.addSchedule(t, "hourly").ID, "w1", noon)
	own, err := b.SaveCredential(t.Context(), b.user, []byte("name"), []byte("password"), scrape.CredentialOK)
	require.NoError(t, err)
	foreign, err := b.SaveCredential(t.Context(), b.addUser(t, "stranger@example.com"), []byte("name"), []byte("password"), scrape.CredentialOK)
	require.NoError(t, err)
	for _, credential := range []scrape.CredentialID{0, own.ID, foreign.ID + 1} { // one that is gone is found out by who uses it
		found, err := b.RunOf(t.Context(), "w1", credential)
		require.NoError(t, err)
		require.Equal(t, run, found)
	}
	_, err = b.RunOf(t.Context(), "w1", foreign.ID)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
	_, err = b.RunOf(t.Context(), "unknown", own.ID)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
}

func TestOneRequestWinsTheRace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	runs, errs := make([]scrape.Run, 8), make([]error, 8)
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() { runs[i], errs[i] = b.request(t, schedule.ID, fmt.Sprintf("w%d", i)) })
	}
	wg.Wait()
	latest, found, err := b.LatestRun(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.True(t, found)
	won := 0
	for i := range runs {
		if errs[i] == nil {
			won++
			require.Equal(t, latest.ID, runs[i].ID)
			continue
		}
		var running *scrape.RunningError
		require.ErrorAs(t, errs[i], &running)
		require.Equal(t, latest.ID, running.RunID)
	}
	require.Equal(t, 1, won)
}

func TestBeginRunOfASlot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	start := scrape.RunStart{
		ScheduleID:    schedule.ID,
		WorkflowID:    "w1",
		TemporalRunID: "r1",
		Trigger:       scrape.TriggerScheduled,
		NominalAt:     noon,
		StartedAt:     at(0.1),
	}
	begun, err := b.BeginRun(t.Context(), start)
	require.NoError(t, err)
	schedule.AccountedAt = begun.Schedule.AccountedAt // by that run
	require.Equal(t, scrape.Begun{
		Run: scrape.Run{
			ID:            begun.Run.ID,
			ScheduleID:    schedule.ID,
			UserID:        b.user,
			JobType:       scrape.JobWorkOrders,
			Trigger:       scrape.TriggerScheduled,
			WorkflowID:    "w1",
			TemporalRunID: "r1",
			NominalAt:     noon,
			StartedAt:     at(0.1),
			Progress:      scrape.Progress{Phase: scrape.PhaseInitializing},
		},
		Schedule: schedule,
	}, begun, "and no credential")

	credential := b.addCredential(t)
	again, err := b.BeginRun(t.Context(), start)
	require.NoError(t, err)
	require.Equal(t, begun.Run, again.Run)
	require.Equal(t, credential.ID, again.CredentialID)
	require.Equal(t, scrape.CredentialUnverified, again.CredentialState)
	require.Equal(t, int64(1), again.CredentialVersion)
	require.Zero(t, again.SessionVersion)

	session, _, err := b.SavePortalSession(t.Context(), credential.ID, credential.Version, []byte("s"), 0)
	require.NoError(t, err)
	again, err = b.BeginRun(t.Context(), start)
	require.NoError(t, err)
	require.Equal(t, session, again.SessionVersion)

	closed := b.finish(t, begun.Run.ID, scrape.OutcomeSuccess, at(1))
	start.TemporalRunID = "r2"
	again, err = b.BeginRun(t.Context(), start)
	require.NoError(t, err)
	require.Equal(t, closed, again.Run, "a run that has ended is not opened again")
}

func TestBeginRunTakesOverARequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	requested, err := b.request(t, schedule.ID, "w1")
	require.NoError(t, err)
	begun, err := b.BeginRun(t.Context(), scrape.RunStart{
		ScheduleID: schedule.ID, WorkflowID: "w1", TemporalRunID: "r1",
		Trigger: scrape.TriggerScheduled, NominalAt: at(7), StartedAt: at(7),
	})
	require.NoError(t, err)
	requested.TemporalRunID = "r1"
	require.Equal(t, requested, begun.Run, "trigger, times and person stay")
}

func TestBeginRunSkipsTheSlotWhileARunIsGoing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	first := b.begin(t, schedule.ID, "w1", noon)
	skipped := b.begin(t, schedule.ID, "w2", at(60))
	require.False(t, skipped.Running())
	require.Equal(t, scrape.OutcomeSkippedOverlap, skipped.Outcome)
	require.Equal(t, at(60), *skipped.CompletedAt)
	require.Equal(t, fmt.Sprintf("A run of this schedule is already in progress (run %d).", first.ID), skipped.ErrorMessage)
	require.Equal(t, skipped, b.begin(t, schedule.ID, "w2", at(61)), "repeated")

	other := b.begin(t, b.addSchedule(t, "other").ID, "w3", at(60))
	require.True(t, other.Running(), "another schedule is not in the way")

	latest, found, err := b.LatestRun(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, first, latest, "a skipped slot is not the latest run")
	latest, _, err = b.LatestUserRun(t.Context(), b.user, scrape.JobWorkOrders)
	require.NoError(t, err)
	require.Equal(t, other, latest)

	b.finish(t, first.ID, scrape.OutcomeSuccess, at(61))
	require.True(t, b.begin(t, schedule.ID, "w4", at(120)).Running())
}

// Where one slot may wait, it is told what for, leaves no row, and is known as a slot however late it comes; after a long time it is skipped.
func TestBeginRunLetsASlotWait(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	_, err := b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
		s.Timing.Overlap = scrape.OverlapBufferOne
		return nil
	})
	require.NoError(t, err)
	first := b.begin(t, schedule.ID, "w1", noon)
	late := scrape.RunStart{ScheduleID: schedule.ID, WorkflowID: "w2", Trigger: scrape.TriggerBackfill, NominalAt: at(60), StartedAt: at(200)}
	_, err = b.BeginRun(t.Context(), late)
	requireKind(t, err, scrape.KindConflict, fmt.Sprintf("A run of this schedule is already in progress (run %d).", first.ID))
	var running *scrape.RunningError
	require.ErrorAs(t, err, &running)
	_, err = b.RunByWorkflow(t.Context(), "w2")
	requireKind(t, err, scrape.KindNotFound, scrape.MessageOf(err))

	patient := late
	patient.WorkflowID, patient.Insist = "w3", true
	begun, err := b.BeginRun(t.Context(), patient)
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeSkippedOverlap, begun.Run.Outcome)

	b.finish(t, first.ID, scrape.OutcomeSuccess, at(190))
	begun, err = b.BeginRun(t.Context(), late)
	require.NoError(t, err)
	require.True(t, begun.Run.Running())
	require.Equal(t, scrape.TriggerScheduled, begun.Run.Trigger, "a run was going when it was due")
	b.finish(t, begun.Run.ID, scrape.OutcomeSuccess, at(201))

	old := late
	old.WorkflowID, old.NominalAt = "w4", at(-600)
	begun, err = b.BeginRun(t.Context(), old)
	require.NoError(t, err)
	require.Equal(t, scrape.TriggerBackfill, begun.Run.Trigger, "nothing was in its way")
}

func TestBeginRunOfADeletedSchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run := b.begin(t, schedule.ID, "w1", noon)
	require.NoError(t, b.DeleteSchedule(t.Context(), b.user, schedule.ID))

	begun, err := b.BeginRun(t.Context(), scrape.RunStart{ScheduleID: schedule.ID, WorkflowID: "w1", StartedAt: noon})
	require.NoError(t, err)
	require.Equal(t, run, begun.Run)
	require.Zero(t, begun.Schedule)

	_, err = b.BeginRun(t.Context(), scrape.RunStart{
		ScheduleID: schedule.ID, WorkflowID: "w2", Trigger: scrape.TriggerScheduled, StartedAt: noon,
	})
	requireKind(t, err, scrape.KindNotFound, "Schedule not found")

	b.finish(t, run.ID, scrape.OutcomeSuccess, at(1))
	history, err := b.History(t.Context(), b.user, scrape.JobWorkOrders, 10)
	require.NoError(t, err)
	require.Len(t, history, 1, "history outlives its schedule")
}

func TestRunsBeginAtTheSameTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, workflow := range map[string]func(i int) string{
		"one workflow tried again": func(int) string { return "same" },
		"several workflows":        func(i int) string { return fmt.Sprintf("w%d", i) },
		"both":                     func(i int) string { return fmt.Sprintf("both%d", i/2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schedule := b.addSchedule(t, name)
			runs, errs := make([]scrape.Run, 12), make([]error, 12)
			var wg sync.WaitGroup
			for i := range runs {
				wg.Go(func() {
					var begun scrape.Begun
					begun, errs[i] = b.BeginRun(t.Context(), scrape.RunStart{
						ScheduleID: schedule.ID, WorkflowID: workflow(i), TemporalRunID: "r",
						Trigger: scrape.TriggerScheduled, NominalAt: noon, StartedAt: noon,
					})
					runs[i] = begun.Run
				})
			}
			wg.Wait()
			byWorkflow, open := map[string]scrape.Run{}, map[scrape.RunID]bool{}
			for i, run := range runs {
				require.NoError(t, errs[i])
				if known, ok := byWorkflow[run.WorkflowID]; ok {
					require.Equal(t, known, run)
				}
				byWorkflow[run.WorkflowID] = run
				if run.Running() {
					open[run.ID] = true
				} else {
					require.Equal(t, scrape.OutcomeSkippedOverlap, run.Outcome)
				}
			}
			require.Len(t, open, 1)
			require.Equal(t, len(byWorkflow),
				value[int](t, b, "SELECT count(*) FROM scraping_history WHERE schedule_id = $1", schedule.ID))
		})
	}
}

func TestMarkStartedAndDiscard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run, err := b.request(t, schedule.ID, "w1")
	require.NoError(t, err)
	require.NoError(t, b.DiscardRequestedRun(t.Context(), run.ID))
	require.NoError(t, b.DiscardRequestedRun(t.Context(), run.ID))
	_, err = b.Run(t.Context(), run.ID)
	requireKind(t, err, scrape.KindNotFound, "History record not found")

	run, err = b.request(t, schedule.ID, "w1")
	require.NoError(t, err)
	require.NoError(t, b.MarkStarted(t.Context(), run.ID, "r1"))
	require.NoError(t, b.MarkStarted(t.Context(), run.ID, "late"))
	require.NoError(t, b.DiscardRequestedRun(t.Context(), run.ID))
	run, err = b.Run(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, "r1", run.TemporalRunID)
}

func TestARunKeepsWhatWasAskedOfIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	for i, options := range []scrape.RunOptions{
		{Force: true, WorkOrders: []string{"a", "b"}, AnyService: true}, {WorkOrders: []string{"a"}}, {},
	} {
		run, err := b.RequestRun(t.Context(), scrape.Run{
			ScheduleID: schedule.ID, UserID: b.user, JobType: scrape.JobDispensers, Trigger: scrape.TriggerManual,
			WorkflowID: fmt.Sprint("w", i), StartedAt: noon, Options: options,
		})
		require.NoError(t, err)
		require.Equal(t, options, run.Options)
		begun := b.begin(t, schedule.ID, fmt.Sprint("w", i), noon)
		require.Equal(t, options, begun.Options)
		require.Equal(t, options, b.finish(t, run.ID, scrape.OutcomeSuccess, at(1)).Options)
	}
	require.Equal(t, 1, value[int](t, b, "SELECT count(*) FROM scraping_history WHERE run_options IS NULL"))
}
