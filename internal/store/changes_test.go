package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestRunChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run := b.begin(t, schedule.ID, "w1", noon)
	changes := []scrape.Change{
		{Kind: scrape.ChangeAdded, Item: scrape.ItemWorkOrder, Key: "100001", Label: "Example \"Stop\" #4001"},
		{Kind: scrape.ChangeChanged, Item: scrape.ItemWorkOrder, Key: "100002", Label: "B", Fields: []scrape.FieldChange{
			{Field: "z", Old: "é", New: nil}, {Field: "a", Old: 3.0, New: []any{"x", "y"}}, {Field: "m", Old: true, New: map[string]any{"k": "v"}},
		}},
		{Kind: scrape.ChangeRemoved, Item: scrape.ItemWorkOrder, Key: "100003", Label: "C"},
		{Kind: scrape.ChangeReturned, Item: "site", Key: "100001", Label: "D"},
	}
	planned := func([]scrape.WorkOrder, []scrape.ListPage) scrape.Plan {
		return scrape.Plan{Outcome: scrape.OutcomeSuccess, Changes: changes}
	}
	preview, err := b.PreviewWorkOrders(t.Context(), run.ID, planned)
	require.NoError(t, err)
	require.Equal(t, changes, preview.Changes)
	for range 2 {
		plan, err := b.ApplyWorkOrders(t.Context(), run.ID, planned)
		require.NoError(t, err)
		require.Equal(t, scrape.Plan{Outcome: scrape.OutcomeSuccess}, plan)
	}

	all, next, err := b.RunChanges(t.Context(), b.user, run.ID, 0, 4)
	require.NoError(t, err)
	require.Zero(t, next)
	require.Len(t, all, 4, "a run that is applied twice has changed everything once")
	for i := range changes {
		require.False(t, all[i].At.IsZero())
		changes[i].RunID, changes[i].At = run.ID, all[i].At
	}
	require.Equal(t, changes, all)

	var paged []scrape.Change
	pages := 0
	for after := int64(0); pages == 0 || after > 0; pages++ {
		part, next, err := b.RunChanges(t.Context(), b.user, run.ID, after, 3)
		require.NoError(t, err)
		paged, after = append(paged, part...), next
	}
	require.Equal(t, 2, pages)
	require.Equal(t, all, paged)

	second := b.begin(t, b.addSchedule(t, "other").ID, "w2", noon)
	_, err = b.ApplyWorkOrders(t.Context(), second.ID, func([]scrape.WorkOrder, []scrape.ListPage) scrape.Plan {
		return scrape.Plan{Outcome: scrape.OutcomeSuccess, Changes: []scrape.Change{
			{Kind: scrape.ChangeRemoved, Item: scrape.ItemWorkOrder, Key: "100001"},
		}}
	})
	require.NoError(t, err)
	history, err := b.ItemChanges(t.Context(), b.user, scrape.ItemWorkOrder, "100001", 10)
	require.NoError(t, err)
	require.Len(t, history, 2)
	require.Equal(t, second.ID, history[0].RunID, "newest first")
	require.Equal(t, all[0], history[1])
	newest, err := b.ItemChanges(t.Context(), b.user, scrape.ItemWorkOrder, "100001", 1)
	require.NoError(t, err)
	require.Equal(t, history[:1], newest)

	other := b.addUser(t, "other@example.com")
	none, err := b.ItemChanges(t.Context(), other, scrape.ItemWorkOrder, "100001", 10)
	require.NoError(t, err)
	require.Equal(t, []scrape.Change{}, none)
	_, _, err = b.RunChanges(t.Context(), other, run.ID, 0, 10)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
	third := b.begin(t, b.addSchedule(t, "third").ID, "w3", noon)
	none, next, err = b.RunChanges(t.Context(), b.user, third.ID, 0, 10)
	require.NoError(t, err)
	require.Zero(t, next)
	require.Equal(t, []scrape.Change{}, none)

	b.finish(t, run.ID, scrape.OutcomeSuccess, at(1))
	require.NoError(t, b.DeleteRun(t.Context(), b.user, run.ID))
	require.Equal(t, 1, value[int](t, b, "SELECT count(*) FROM run_changes"), "they go with their run")
}

func TestPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.begin(t, b.addSchedule(t, "hourly").ID, "w1", noon)
	require.NoError(t, b.SavePage(t.Context(), run.ID, page(1, true, order(1), order(2))))
	for range 2 {
		plan, err := b.PreviewWorkOrders(t.Context(), run.ID, planOrders)
		require.NoError(t, err)
		require.Len(t, plan.Add, 2)
		require.Empty(t, b.orders(t))
	}
	applied, err := b.ApplyWorkOrders(t.Context(), run.ID, planOrders)
	require.NoError(t, err)
	plan, err := b.PreviewWorkOrders(t.Context(), run.ID, func([]scrape.WorkOrder, []scrape.ListPage) scrape.Plan { panic("it is applied") })
	require.NoError(t, err)
	require.Equal(t, applied, plan)

	cut := b.begin(t, b.addSchedule(t, "other").ID, "w2", noon)
	b.finish(t, cut.ID, scrape.OutcomeTerminated, at(1))
	_, err = b.PreviewWorkOrders(t.Context(), cut.ID, planOrders)
	requireKind(t, err, scrape.KindConflict, "This run has ended already. Nothing was changed.")
	_, err = b.PreviewWorkOrders(t.Context(), 4711, planOrders)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
}

// Changes are told once they are true: not while the result is held, and all of them once it is accepted.
func TestChangesOfAHeldResultComeWithItsAcceptance(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, run := b.held(t)
	changes, _, err := b.RunChanges(t.Context(), b.user, run.ID, 0, 10)
	require.NoError(t, err)
	require.Empty(t, changes)
	_, err = b.AcceptWorkOrders(t.Context(), decide(b.user, run, at(12)), func([]scrape.WorkOrder, []scrape.ListPage) scrape.Plan {
		return scrape.Plan{Outcome: scrape.OutcomeSuccess, Changes: []scrape.Change{
			{Kind: scrape.ChangeRemoved, Item: scrape.ItemWorkOrder, Key: "100001"},
		}}
	})
	require.NoError(t, err)
	changes, _, err = b.RunChanges(t.Context(), b.user, run.ID, 0, 10)
	require.NoError(t, err)
	require.Len(t, changes, 1)
	require.Equal(t, at(12), changes[0].At)
}
