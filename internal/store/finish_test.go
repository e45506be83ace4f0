package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestSetProgress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.begin(t, b.addSchedule(t, "hourly").ID, "w1", noon)
	set := func(phase scrape.Phase, percentage float64) scrape.Progress {
		progress := scrape.Progress{Phase: phase, Percentage: percentage, Message: "page\x00 \xff2", Found: 44, Processed: 25}
		require.NoError(t, b.SetProgress(t.Context(), run.ID, progress))
		found, err := b.Run(t.Context(), run.ID)
		require.NoError(t, err)
		return found.Progress
	}
	require.Equal(t, scrape.Progress{
		Phase: scrape.PhaseScraping, Percentage: 57.5, Message: "page �2", Found: 44, Processed: 25,
	}, set(scrape.PhaseScraping, 57.5))
	require.InDelta(t, 57.5, set(scrape.PhaseSaving, 10).Percentage, 0, "never falls")
	require.InDelta(t, 100, set(scrape.PhaseSaving, 170).Percentage, 0)

	ended := b.finish(t, run.ID, scrape.OutcomePortalDown, at(1)).Progress
	require.Equal(t, ended, set(scrape.PhaseScraping, 58))
	require.NoError(t, b.SetProgress(t.Context(), 4711, scrape.Progress{}))
}

func TestFinishRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run := b.begin(t, schedule.ID, "w1", noon)
	require.NoError(t, b.SetProgress(t.Context(), run.ID, scrape.Progress{Phase: scrape.PhaseScraping, Percentage: 40, Found: 3}))
	ended, err := b.FinishRun(t.Context(), run.ID, scrape.RunEnd{
		Outcome: scrape.OutcomeLayoutChanged, ErrorMessage: "An element is missing.", ErrorDetail: "no .grid\x00 in \xffpage",
	}, at(1.5))
	require.NoError(t, err)
	want := run
	want.CompletedAt = pointer(at(1.5))
	want.Outcome, want.ErrorMessage, want.ErrorDetail = scrape.OutcomeLayoutChanged, "An element is missing.", "no .grid in �page"
	want.Progress = scrape.Progress{Phase: scrape.PhaseError, Percentage: 40, Message: "An element is missing.", Found: 3}
	require.Equal(t, want, ended)
	require.InDelta(t, 90, value[float64](t, b, "SELECT duration_seconds FROM scraping_history"), 1e-9)
	require.False(t, value[bool](t, b, "SELECT success FROM scraping_history"))

	again, err := b.FinishRun(t.Context(), run.ID, scrape.RunEnd{Outcome: scrape.OutcomeSuccess}, at(9))
	require.NoError(t, err)
	require.Equal(t, want, again, "the first end stands")
	found, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Equal(t, 1, found.ConsecutiveFailures)
	require.Equal(t, at(1.5), *found.LastRunAt)
	require.Equal(t, schedule.Revision, found.Revision, "Temporal need not know")

	good := b.finish(t, b.begin(t, schedule.ID, "w2", at(60)).ID, scrape.OutcomeSuccess, at(61))
	require.Equal(t, scrape.Progress{Phase: scrape.PhaseCompleted, Percentage: 100}, good.Progress)
	require.True(t, value[bool](t, b, "SELECT success FROM scraping_history WHERE id = $1", good.ID))

	_, err = b.FinishRun(t.Context(), 4711, scrape.RunEnd{Outcome: scrape.OutcomeSuccess}, noon)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
	early := b.finish(t, b.begin(t, schedule.ID, "w3", at(120)).ID, scrape.OutcomeSuccess, at(119))
	require.Equal(t, at(119), *early.CompletedAt)
	require.Zero(t, value[float64](t, b, "SELECT duration_seconds FROM scraping_history WHERE id = $1", early.ID))
}

func TestFinishRunCountsFailures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, outcome := range scrape.Outcomes() {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			schedule := b.addSchedule(t, string(outcome))
			b.exec(t, "UPDATE scraping_schedules SET consecutive_failures = 2 WHERE id = $1", schedule.ID)
			run := b.begin(t, schedule.ID, string(outcome), noon)
			b.finish(t, run.ID, outcome, at(1))
			found, err := b.Schedule(t.Context(), schedule.ID)
			require.NoError(t, err)
			want := map[scrape.FailureEffect]int{scrape.ResetsFailures: 0, scrape.AddsFailure: 3, scrape.LeavesFailures: 2}
			require.Equal(t, want[outcome.FailureEffect()], found.ConsecutiveFailures)
			require.Equal(t, outcome.Ran(), found.LastRunAt != nil)
		})
	}
}

func TestFinishRunKeepsStatistics(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	for i, outcome := range []scrape.Outcome{scrape.OutcomeSuccess, scrape.OutcomePortalDown, scrape.OutcomePaused} {
		run := b.begin(t, schedule.ID, fmt.Sprintf("w%d", i), at(float64(60*i)))
		b.exec(t, "UPDATE scraping_history SET items_processed = $2, items_added = 2, items_updated = 3 WHERE id = $1",
			run.ID, 10*(1-i)+2)
		for range 2 {
			b.finish(t, run.ID, outcome, at(float64(60*i+1+i)))
		}
	}
	type statistics struct {
		TotalRuns, SuccessfulRuns, FailedRuns, Processed, Added, Updated int
		Duration, Items                                                  float64
		First, Success, Failure                                          time.Time
	}
	var got statistics
	require.NoError(t, b.connect(t).QueryRow(t.Context(), `
		SELECT total_runs, successful_runs, failed_runs, total_items_processed, total_items_added, total_items_updated,
			avg_duration_seconds, avg_items_per_run, first_run, last_successful_run, last_failed_run
		FROM scraping_statistics WHERE user_id = $1 AND schedule_type = 'work_orders'`, b.user).Scan(
		&got.TotalRuns, &got.SuccessfulRuns, &got.FailedRuns, &got.Processed, &got.Added, &got.Updated,
		&got.Duration, &got.Items, &got.First, &got.Success, &got.Failure))
	got.First, got.Success, got.Failure = got.First.UTC(), got.Success.UTC(), got.Failure.UTC()
	require.Equal(t, statistics{
		TotalRuns: 2, SuccessfulRuns: 1, FailedRuns: 1, Processed: 14, Added: 4, Updated: 6,
		Duration: 90, Items: 7, First: noon, Success: at(1), Failure: at(62),
	}, got)
}

func TestARunIsFinishedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run := b.begin(t, schedule.ID, "w1", noon)
	ends, errs := make([]scrape.Run, 8), make([]error, 8)
	var wg sync.WaitGroup
	for i := range ends {
		wg.Go(func() {
			outcome := []scrape.Outcome{scrape.OutcomePortalDown, scrape.OutcomeTerminated}[i%2]
			ends[i], errs[i] = b.FinishRun(t.Context(), run.ID, scrape.RunEnd{Outcome: outcome}, at(float64(i)))
		})
	}
	wg.Wait()
	for i := range ends {
		require.NoError(t, errs[i])
		require.Equal(t, ends[0], ends[i])
	}
	found, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Equal(t, 1, found.ConsecutiveFailures)
	require.Equal(t, 1, value[int](t, b, "SELECT total_runs FROM scraping_statistics"))
}

func TestNoteOpenUntil(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run := b.begin(t, schedule.ID, "w1", at(1))
	openUntil := func() *time.Time {
		t.Helper()
		found, err := b.Run(t.Context(), run.ID)
		require.NoError(t, err)
		return found.OpenUntil
	}
	require.NoError(t, b.NoteOpenUntil(t.Context(), "w1", at(9)))
	require.Nil(t, openUntil(), "it has not ended")
	b.finish(t, run.ID, scrape.OutcomeSuccess, at(2))
	require.Equal(t, at(2), b.read(t, schedule.ID).AccountedAt)
	for _, minute := range []float64{9, 8} {
		require.NoError(t, b.NoteOpenUntil(t.Context(), "w1", at(minute)))
		require.Equal(t, at(9), *openUntil(), "the latest moment stands")
	}
	require.Equal(t, at(9), b.read(t, schedule.ID).AccountedAt, "its slots until then owe nothing")
	require.NoError(t, b.NoteOpenUntil(t.Context(), "nobody's", at(9)))
}
