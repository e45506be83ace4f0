package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestLatestRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	types := []scrape.JobType{scrape.JobDispensers, scrape.JobFilters, scrape.JobWorkOrders}
	latest := func() map[scrape.JobType]string {
		found, err := b.LatestRuns(t.Context(), b.user, types)
		require.NoError(t, err)
		byType := map[scrape.JobType]string{}
		for _, run := range found {
			byType[run.JobType] = run.WorkflowID
		}
		require.Len(t, byType, len(found), "one of each")
		return byType
	}
	require.Empty(t, latest())
	first, second := b.addSchedule(t, "first"), b.addSchedule(t, "second")
	b.finish(t, b.begin(t, first.ID, "old", at(0)).ID, scrape.OutcomeSuccess, at(1))
	b.finish(t, b.begin(t, second.ID, "new", at(10)).ID, scrape.OutcomePortalDown, at(11))
	b.finish(t, b.begin(t, second.ID, "skipped", at(20)).ID, scrape.OutcomeSkippedOverlap, at(20))
	b.exec(t, `INSERT INTO scraping_history (user_id, schedule_type, started_at, workflow_id) VALUES ($1, 'filters', $2, 'f')`, b.user, at(5))
	stranger := b.addUser(t, "stranger@example.com")
	b.exec(t, `INSERT INTO scraping_history (user_id, schedule_type, started_at, workflow_id) VALUES ($1, 'dispensers', $2, 's')`, stranger, at(5))
	require.Equal(t, map[scrape.JobType]string{scrape.JobWorkOrders: "new", scrape.JobFilters: "f"}, latest())
}

func TestHeldRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	held := func() []string {
		found, err := b.HeldRuns(t.Context(), b.user, 10)
		require.NoError(t, err)
		ids := []string{}
		for _, run := range found {
			ids = append(ids, run.WorkflowID)
		}
		return ids
	}
	require.Empty(t, held())
	schedule := b.addSchedule(t, "hourly")
	end := func(workflow string, minute float64, outcome scrape.Outcome) scrape.RunID {
		run := b.begin(t, schedule.ID, workflow, at(minute))
		b.finish(t, run.ID, outcome, at(minute+1))
		return run.ID
	}
	end("overtaken", 0, scrape.OutcomeHeld)
	end("fine", 10, scrape.OutcomeSuccess)
	first := end("first", 20, scrape.OutcomeHeld)
	sites := end("sites", 30, scrape.OutcomePartial)
	b.exec(t, `INSERT INTO run_sites (run_id, location_id, label, orders, state, result) VALUES ($1, '71001', 'Example', '{}', 'held', '{}')`, sites)
	second := end("second", 40, scrape.OutcomeHeld)
	end("down", 50, scrape.OutcomePortalDown)
	b.begin(t, schedule.ID, "running", at(60))
	require.Equal(t, []string{"second", "sites", "first"}, held(), "newest first, what a later run has brought is not asked for")
	one, err := b.HeldRuns(t.Context(), b.user, 1)
	require.NoError(t, err)
	require.Equal(t, second, one[0].ID)

	b.exec(t, "UPDATE scraping_history SET held_decision = 'discarded', held_decided_at = now() WHERE id = $1", first)
	b.exec(t, "UPDATE scraping_history SET hidden_at = now() WHERE id = $1", second)
	require.Equal(t, []string{"sites"}, held())
	b.exec(t, "UPDATE run_sites SET state = 'stored', result = NULL")
	require.Empty(t, held())

	stranger := b.addUser(t, "stranger@example.com")
	none, err := b.HeldRuns(t.Context(), stranger, 10)
	require.NoError(t, err)
	require.Equal(t, []scrape.Run{}, none)
}
