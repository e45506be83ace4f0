package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestDayCounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	schedule := b.addSchedule(t, "hourly")
	midnight := time.Date(2030, 3, 11, 0, 0, 0, 0, newYork) // the day before has 23 hours
	end := func(workflow string, at time.Time, outcome scrape.Outcome) {
		b.finish(t, b.begin(t, schedule.ID, workflow, at).ID, outcome, at.Add(time.Minute))
	}
	end("too early", midnight.Add(-23*time.Hour-time.Second), scrape.OutcomeSuccess)
	end("first", midnight.Add(-23*time.Hour), scrape.OutcomeSuccess)
	end("last", midnight.Add(-time.Second), scrape.OutcomeSuccess)
	end("down", midnight.Add(time.Minute), scrape.OutcomePortalDown)
	end("skipped", midnight.Add(2*time.Minute), scrape.OutcomeSkippedOverlap)
	end("deleted", midnight.Add(3*time.Minute), scrape.OutcomeHeld)
	b.exec(t, "UPDATE scraping_history SET hidden_at = now() WHERE workflow_id = 'deleted'")
	b.begin(t, schedule.ID, "running", midnight.Add(4*time.Minute))

	days := append(
		scrape.LastDays(scrape.JobWorkOrders, 2, midnight.Add(20*time.Hour), newYork),
		scrape.LastDays(scrape.JobFilters, 2, midnight.Add(20*time.Hour), time.UTC)...)
	counts, err := b.DayCounts(t.Context(), b.user, days)
	require.NoError(t, err)
	require.ElementsMatch(t, []scrape.DayCount{
		{JobType: scrape.JobWorkOrders, Date: "2030-03-10", Outcome: scrape.OutcomeSuccess, Runs: 2, Newest: midnight.Add(-time.Second).UTC()},
		{JobType: scrape.JobWorkOrders, Date: "2030-03-11", Outcome: scrape.OutcomePortalDown, Runs: 1, Newest: midnight.Add(time.Minute).UTC()},
		{JobType: scrape.JobWorkOrders, Date: "2030-03-11", Outcome: scrape.OutcomeSkippedOverlap, Runs: 1, Newest: midnight.Add(2 * time.Minute).UTC()},
		{JobType: scrape.JobWorkOrders, Date: "2030-03-11", Runs: 1, Newest: midnight.Add(4 * time.Minute).UTC()},
	}, counts)
	counts, err = b.DayCounts(t.Context(), "nobody", days)
	require.NoError(t, err)
	require.Equal(t, []scrape.DayCount{}, counts)
}

func TestRunsSince(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	for i, outcome := range []scrape.Outcome{
		scrape.OutcomeSuccess, scrape.OutcomePortalDown, scrape.OutcomeHeld, scrape.OutcomeCancelled, scrape.OutcomeSkippedOverlap, scrape.OutcomePartial,
	} {
		run := b.begin(t, schedule.ID, string(outcome), at(float64(10*i)))
		b.finish(t, run.ID, outcome, at(float64(10*i+5)))
	}
	b.begin(t, schedule.ID, "running", at(100))
	b.exec(t, "UPDATE scraping_history SET items_added = 1, items_updated = 2, items_removed = 3")
	for minute, want := range map[float64]scrape.RunsSince{
		4:  {JobType: scrape.JobWorkOrders, Runs: 5, Failed: 1, Added: 5, Updated: 10, Removed: 15},
		5:  {JobType: scrape.JobWorkOrders, Runs: 4, Failed: 1, Added: 4, Updated: 8, Removed: 12},
		54: {JobType: scrape.JobWorkOrders, Runs: 1, Added: 1, Updated: 2, Removed: 3},
	} {
		found, err := b.RunsSince(t.Context(), b.user, at(minute))
		require.NoError(t, err)
		require.Equal(t, []scrape.RunsSince{want}, found, minute)
	}
	found, err := b.RunsSince(t.Context(), b.user, at(55))
	require.NoError(t, err)
	require.Equal(t, []scrape.RunsSince{}, found)
}
