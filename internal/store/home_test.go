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
	end("first", 20, scrape.OutcomeHeld)
	sites := end("sites", 30, scrape.OutcomePartial)
	b.exec(t, `INSERT INTO run_sites (run_id, location_id, label, orders, state, result) VALUES ($1, '71001', 'Example', '{}', 'held', '{}')`, sites)
	second := end("second", 40, scrape.OutcomeHeld)
	end("down", 50, scrape.OutcomePortalDown)
	running := b.begin(t, schedule.ID, "running", at(60))
	require.Equal(t, []string{"second", "sites"}, held(), "newest first, and not what a later run has brought or holds itself")
	one, err := b.HeldRuns(t.Context(), b.user, 1)
	require.NoError(t, err)
	require.Equal(t, second, one[0].ID)

	b.exec(t, "UPDATE scraping_history SET held_decision = 'discarded', held_decided_at = now() WHERE id = $1", second)
	require.Equal(t, []string{"sites"}, held(), "what was discarded does not bring an older one back")
	b.exec(t, "UPDATE scraping_history SET hidden_at = now() WHERE id = $1", sites)
	require.Empty(t, held())
	b.exec(t, "UPDATE scraping_history SET hidden_at = NULL")
	require.Equal(t, []string{"sites"}, held())
	b.exec(t, "UPDATE run_sites SET state = 'stored', result = NULL")
	require.Empty(t, held())

	b.finish(t, running.ID, scrape.OutcomePortalDown, at(61))
	end("third", 70, scrape.OutcomeHeld)
	require.Equal(t, []string{"third"}, held())
	end("a part", 80, scrape.OutcomePartial)
	require.Empty(t, held(), "of a later run something was applied")

	stranger := b.addUser(t, "stranger@example.com")
	none, err := b.HeldRuns(t.Context(), stranger, 10)
	require.NoError(t, err)
	require.Equal(t, []scrape.Run{}, none)
}

// Locations that are held again are one thing to decide about.
func TestHeldRunsOfSites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.heldSites(t)
	held := func() []scrape.RunID {
		found, err := b.HeldRuns(t.Context(), b.user, 10)
		require.NoError(t, err)
		ids := []scrape.RunID{}
		for _, run := range found {
			ids = append(ids, run.ID)
		}
		return ids
	}
	require.Equal(t, []scrape.RunID{first.ID}, held())
	second := b.readSites(t, "again", short("71001", "1/2"), short("71002", "1", "2"))
	require.Equal(t, []scrape.RunID{second.ID}, held())
	third := b.readSites(t, "half", reading("71001", "1/2", "3/4"), short("71002", "1", "2"))
	require.Equal(t, []scrape.RunID{third.ID}, held())
	b.readSites(t, "fine", reading("71001", "1/2", "3/4"), reading("71002", "1"))
	require.Empty(t, held())
}
