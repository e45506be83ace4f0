package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// listed are the workflow ids of all pages of a list of runs.
func (b bundle) listed(t *testing.T, filter scrape.RunFilter) []string {
	t.Helper()
	ids := []string{}
	for {
		found, next, err := b.RunList(t.Context(), b.user, filter)
		require.NoError(t, err)
		require.LessOrEqual(t, len(found), max(filter.Limit, 1))
		for _, run := range found {
			ids = append(ids, run.WorkflowID)
		}
		if next == nil {
			return ids
		}
		require.Len(t, found, max(filter.Limit, 1), "only the last page is short")
		filter.After = next
	}
}

func TestRunList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.addSchedule(t, "first"), b.addSchedule(t, "second")
	b.finish(t, b.begin(t, first.ID, "a", at(0)).ID, scrape.OutcomeSuccess, at(1))
	b.finish(t, b.begin(t, second.ID, "b", at(0)).ID, scrape.OutcomePortalDown, at(1)) // at the same moment
	b.finish(t, b.begin(t, second.ID, "skipped", at(5)).ID, scrape.OutcomeSkippedOverlap, at(5))
	deleted := b.begin(t, first.ID, "deleted", at(6))
	b.finish(t, deleted.ID, scrape.OutcomeSuccess, at(7))
	require.NoError(t, b.DeleteRun(t.Context(), b.user, deleted.ID))
	b.exec(t, `INSERT INTO scraping_history (user_id, schedule_type, started_at, completed_at, outcome, trigger_type, workflow_id)
		VALUES ($1, 'filters', $2, $2, 'partial', 'manual', 'c')`, b.user, at(10))
	b.begin(t, second.ID, "d", at(20))
	stranger := b.addUser(t, "stranger@example.com")
	b.exec(t, `INSERT INTO scraping_history (user_id, schedule_type, started_at, workflow_id) VALUES ($1, 'filters', $2, 's')`, stranger, at(5))

	for name, test := range map[string]struct {
		filter scrape.RunFilter
		want   []string
	}{
		"all":                {scrape.RunFilter{}, []string{"d", "c", "b", "a"}},
		"of a schedule":      {scrape.RunFilter{ScheduleID: second.ID}, []string{"d", "b"}},
		"of a type":          {scrape.RunFilter{JobType: scrape.JobFilters}, []string{"c"}},
		"by trigger":         {scrape.RunFilter{Triggers: []scrape.Trigger{scrape.TriggerScheduled}}, []string{"d", "b", "a"}},
		"by triggers":        {scrape.RunFilter{Triggers: []scrape.Trigger{scrape.TriggerManual, scrape.TriggerBackfill}}, []string{"c"}},
		"by outcomes":        {scrape.RunFilter{Outcomes: []scrape.Outcome{scrape.OutcomeSuccess, scrape.OutcomePartial}}, []string{"c", "a"}},
		"running":            {scrape.RunFilter{Running: true}, []string{"d"}},
		"running or failed":  {scrape.RunFilter{Running: true, Outcomes: []scrape.Outcome{scrape.OutcomePortalDown}}, []string{"d", "b"}},
		"what did not run":   {scrape.RunFilter{Outcomes: []scrape.Outcome{scrape.OutcomeSkippedOverlap}}, []string{}},
		"from is included":   {scrape.RunFilter{From: at(10)}, []string{"d", "c"}},
		"to is excluded":     {scrape.RunFilter{To: at(10)}, []string{"b", "a"}},
		"everything at once": {scrape.RunFilter{ScheduleID: second.ID, JobType: scrape.JobWorkOrders, From: at(0), To: at(20), Outcomes: []scrape.Outcome{scrape.OutcomePortalDown}}, []string{"b"}},
	} {
		for _, limit := range []int{1, 2, 4, 200} {
			test.filter.Limit = limit
			require.Equal(t, test.want, b.listed(t, test.filter), "%s, %d at a time", name, limit)
		}
	}
	found, next, err := b.RunList(t.Context(), "nobody", scrape.RunFilter{Limit: 5})
	require.NoError(t, err)
	require.Nil(t, next)
	require.Equal(t, []scrape.Run{}, found)
	found, _, err = b.RunList(t.Context(), b.user, scrape.RunFilter{Limit: 1})
	require.NoError(t, err)
	whole, err := b.UserRun(t.Context(), b.user, found[0].ID)
	require.NoError(t, err)
	require.Equal(t, whole, found[0], "the row as it is shown alone")
}

func TestRecentRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	busy, fresh := b.addSchedule(t, "busy"), b.addSchedule(t, "fresh")
	for i := range 4 {
		b.finish(t, b.begin(t, busy.ID, fmt.Sprintf("w%d", i), at(float64(10*i))).ID, scrape.OutcomeSuccess, at(float64(10*i+i+1)))
	}
	b.finish(t, b.begin(t, busy.ID, "skipped", at(50)).ID, scrape.OutcomeSkippedOverlap, at(50))
	last := b.begin(t, busy.ID, "last", at(60.5))
	_, _, err := b.RefreshDurations(t.Context(), 0, 10)
	require.NoError(t, err)

	found, err := b.RecentRuns(t.Context(), b.user, []scrape.ScheduleID{fresh.ID, 999, busy.ID}, 3)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, scrape.RecentRuns{ScheduleID: fresh.ID}, found[0])
	runs := found[1].Runs
	for i := range runs {
		if runs[i].ID != last.ID {
			runs[i].ID = 0
		}
	}
	require.InDelta(t, 150, found[1].P50.Seconds(), 0.001)
	require.InDelta(t, 231, found[1].P95.Seconds(), 0.001)
	found[1].P50, found[1].P95 = 0, 0
	require.Equal(t, scrape.RecentRuns{
		ScheduleID: busy.ID, Runs: []scrape.RecentRun{
			{NominalAt: at(20), Outcome: scrape.OutcomeSuccess, Duration: 3 * time.Minute},
			{NominalAt: at(30), Outcome: scrape.OutcomeSuccess, Duration: 4 * time.Minute},
			{ID: last.ID, NominalAt: at(60)},
		},
	}, found[1])
	found, err = b.RecentRuns(t.Context(), "nobody", []scrape.ScheduleID{busy.ID}, 3)
	require.NoError(t, err)
	require.Empty(t, found)
}
