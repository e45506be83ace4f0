package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	none, err := b.History(t.Context(), b.user, scrape.JobWorkOrders, 10)
	require.NoError(t, err)
	require.Equal(t, []scrape.Run{}, none)
	_, found, err := b.LatestRun(t.Context(), 1)
	require.NoError(t, err)
	require.False(t, found)
	_, found, err = b.LatestUserRun(t.Context(), b.user, scrape.JobWorkOrders)
	require.NoError(t, err)
	require.False(t, found)

	schedule, other := b.addSchedule(t, "hourly"), b.addSchedule(t, "other")
	first := b.finish(t, b.begin(t, schedule.ID, "w1", noon).ID, scrape.OutcomeSuccess, at(1))
	same := b.finish(t, b.begin(t, schedule.ID, "w2", noon).ID, scrape.OutcomeSuccess, at(2))
	open := b.begin(t, other.ID, "w3", at(5))
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	foreign := stranger.begin(t, stranger.addSchedule(t, "hourly").ID, "w4", at(9))
	// A run of the old database, which knew neither schedule nor workflow.
	b.exec(t, `INSERT INTO scraping_history (user_id, schedule_type, started_at, completed_at, outcome, success)
		VALUES ($1, 'work_orders', $2, $2, 'success', true)`, b.user, at(-60))

	history, err := b.History(t.Context(), b.user, scrape.JobWorkOrders, 3)
	require.NoError(t, err)
	require.Equal(t, []scrape.Run{open, same, first}, history)
	history, err = b.History(t.Context(), b.user, scrape.JobWorkOrders, 10)
	require.NoError(t, err)
	require.Len(t, history, 4)
	require.Zero(t, history[3].ScheduleID)
	require.Empty(t, history[3].WorkflowID)
	require.Equal(t, at(-60), history[3].NominalAt)
	history, err = b.History(t.Context(), b.user, "dispensers", 10)
	require.NoError(t, err)
	require.Empty(t, history)

	latest, found, err := b.LatestRun(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, same, latest)
	run, err := b.UserRun(t.Context(), b.user, first.ID)
	require.NoError(t, err)
	require.Equal(t, first, run)
	for _, id := range []scrape.RunID{foreign.ID, 4711} {
		_, err = b.UserRun(t.Context(), b.user, id)
		requireKind(t, err, scrape.KindNotFound, "History record not found")
		requireKind(t, b.DeleteRun(t.Context(), b.user, id), scrape.KindNotFound, "History record not found")
	}
	_, err = b.RunByWorkflow(t.Context(), "unknown")
	requireKind(t, err, scrape.KindNotFound, "History record not found")

	runs, err := b.OpenRuns(t.Context(), at(9), 10)
	require.NoError(t, err)
	require.Equal(t, []scrape.Run{open}, runs)
	runs, err = b.OpenRuns(t.Context(), at(10), 10)
	require.NoError(t, err)
	require.Equal(t, []scrape.Run{open, foreign}, runs)
	runs, err = b.OpenRuns(t.Context(), at(10), 1)
	require.NoError(t, err)
	require.Equal(t, []scrape.Run{open}, runs)

	requireKind(t, b.DeleteRun(t.Context(), b.user, open.ID), scrape.KindConflict,
		"This run is still in progress. Wait until it has ended or stop it first.")
	require.NoError(t, b.DeleteRun(t.Context(), b.user, first.ID))
	deleted, err := b.DeleteHistory(t.Context(), b.user, scrape.JobWorkOrders)
	require.NoError(t, err)
	require.Equal(t, 2, deleted)
	history, err = b.History(t.Context(), b.user, scrape.JobWorkOrders, 10)
	require.NoError(t, err)
	require.Equal(t, []scrape.Run{open}, history)
	_, err = b.Run(t.Context(), foreign.ID)
	require.NoError(t, err)
}

func TestSlotsThatDidNotRunAreNoRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	ran := map[scrape.Outcome]bool{}
	for i, outcome := range scrape.Outcomes() {
		run := b.finish(t, b.begin(t, schedule.ID, string(outcome), at(float64(10*i))).ID, outcome, at(float64(10*i+1)))
		ran[outcome] = outcome.Ran()
		if !outcome.Ran() {
			continue
		}
		latest, _, err := b.LatestRun(t.Context(), schedule.ID)
		require.NoError(t, err)
		require.Equal(t, run, latest)
	}
	history, err := b.History(t.Context(), b.user, scrape.JobWorkOrders, 100)
	require.NoError(t, err)
	for _, run := range history {
		require.True(t, ran[run.Outcome], run.Outcome)
		delete(ran, run.Outcome)
	}
	for outcome := range ran {
		require.False(t, outcome.Ran(), outcome)
	}
	byUser, _, err := b.LatestUserRun(t.Context(), b.user, scrape.JobWorkOrders)
	require.NoError(t, err)
	bySchedule, _, err := b.LatestRun(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Equal(t, history[0], byUser)
	require.Equal(t, history[0], bySchedule)
}
