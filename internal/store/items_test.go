package store_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

const jobVisits scrape.JobType = "visits"

func (b bundle) visitsRun(t *testing.T, name string) scrape.Run {
	t.Helper()
	schedule, err := b.CreateSchedule(t.Context(), scrape.Schedule{
		UserID: b.user, JobType: jobVisits, Name: name, Timing: scrape.Timing{Interval: time.Hour},
	})
	require.NoError(t, err)
	return b.begin(t, schedule.ID, name, noon)
}

func item(key, label string) scrape.Item {
	return scrape.Item{Key: key, Label: label, Data: map[string]any{
		"text": "é \"x\"", "number": 1.5, "yes": true, "none": nil, "list": []any{"a", 2.0}, "object": map[string]any{"k": "v"},
	}}
}

// put is a plan that keeps these items and removes the other stored ones.
func put(items ...scrape.Item) func([]scrape.Item) scrape.ItemPlan {
	return func(stored []scrape.Item) scrape.ItemPlan {
		plan := scrape.ItemPlan{Outcome: scrape.OutcomeSuccess, Put: items}
		kept := map[string]bool{}
		for _, item := range items {
			kept[item.Key] = true
			plan.Changes = append(plan.Changes, scrape.Change{Kind: scrape.ChangeAdded, Item: "visit", Key: item.Key, Label: item.Label})
		}
		for _, old := range stored {
			if old.RemovedAt == nil && !kept[old.Key] {
				plan.Remove = append(plan.Remove, old.Key)
			}
		}
		plan.Counts = scrape.Counts{Processed: len(items), Added: len(items) - len(stored), Removed: len(plan.Remove)}
		return plan
	}
}

func (b bundle) items(t *testing.T) []scrape.Item {
	t.Helper()
	items, err := b.Items(t.Context(), b.user, jobVisits)
	require.NoError(t, err)
	return items
}

func TestApplyItems(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Equal(t, []scrape.Item{}, b.items(t))
	_, found, err := b.JobResult(t.Context(), b.user, jobVisits)
	require.NoError(t, err)
	require.False(t, found)

	first := b.visitsRun(t, "first")
	const document = `{"zebra": 1,  "ant": [true, null]}`
	plan, err := b.ApplyItems(t.Context(), first.ID, []byte(document), put(item("b", "B"), item("a", "A"), scrape.Item{Key: "c"}))
	require.NoError(t, err)
	require.Equal(t, scrape.Plan{Outcome: scrape.OutcomeSuccess, Counts: scrape.Counts{Processed: 3, Added: 3}}, plan)
	again, err := b.ApplyItems(t.Context(), first.ID, nil, func([]scrape.Item) scrape.ItemPlan { panic("it is applied") })
	require.NoError(t, err)
	require.Equal(t, plan, again)
	require.Equal(t, plan.Counts, b.finish(t, first.ID, plan.Outcome, at(1)).Counts)
	changes, _, err := b.RunChanges(t.Context(), b.user, first.ID, 0, 10)
	require.NoError(t, err)
	require.Len(t, changes, 3)

	stored := b.items(t)
	require.Len(t, stored, 3)
	require.Equal(t, "a", stored[0].Key)
	require.Equal(t, item("a", "A").Data, stored[0].Data)
	require.Equal(t, map[string]any{}, stored[2].Data)
	require.Equal(t, stored[0].CreatedAt, stored[0].UpdatedAt)
	result, found, err := b.JobResult(t.Context(), b.user, jobVisits)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, first.ID, result.RunID)
	require.True(t, bytes.Equal([]byte(document), result.Document), "to the letter")
	require.False(t, result.At.IsZero())

	second := b.visitsRun(t, "second")
	_, err = b.ApplyItems(t.Context(), second.ID, nil, put(item("b", "other")))
	require.NoError(t, err)
	kept := b.items(t)
	require.Len(t, kept, 1)
	require.Equal(t, "other", kept[0].Label)
	require.Equal(t, stored[1].CreatedAt, kept[0].CreatedAt)
	require.True(t, kept[0].UpdatedAt.After(stored[1].UpdatedAt))
	same, _, err := b.JobResult(t.Context(), b.user, jobVisits)
	require.NoError(t, err)
	require.Equal(t, result, same, "a run without a document leaves the one there is")

	third := b.visitsRun(t, "third")
	_, err = b.ApplyItems(t.Context(), third.ID, []byte(`[]`), func(all []scrape.Item) scrape.ItemPlan {
		require.Len(t, all, 3)
		require.NotNil(t, all[0].RemovedAt, "the rule sees what was removed")
		return put(item("a", "back"), item("b", "other"))(all)
	})
	require.NoError(t, err)
	require.Len(t, b.items(t), 2)
	result, _, err = b.JobResult(t.Context(), b.user, jobVisits)
	require.NoError(t, err)
	require.Equal(t, third.ID, result.RunID)
	b.finish(t, third.ID, scrape.OutcomeSuccess, at(1))
	require.NoError(t, b.DeleteRun(t.Context(), b.user, third.ID))
	_, found, err = b.JobResult(t.Context(), b.user, jobVisits)
	require.NoError(t, err)
	require.True(t, found, "it outlives its run")

	other := b.addUser(t, "other@example.com")
	foreign, err := b.Items(t.Context(), other, jobVisits)
	require.NoError(t, err)
	require.Empty(t, foreign)
	_, found, err = b.JobResult(t.Context(), other, jobVisits)
	require.NoError(t, err)
	require.False(t, found)
	_, found, err = b.JobResult(t.Context(), b.user, scrape.JobFilters)
	require.NoError(t, err)
	require.False(t, found)
}

func TestItemsThatAreHeldAreNotKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.visitsRun(t, "held")
	for range 2 {
		plan, err := b.ApplyItems(t.Context(), run.ID, []byte(`{}`), func(stored []scrape.Item) scrape.ItemPlan {
			plan := put(item("a", "A"))(stored)
			plan.Outcome, plan.Message = scrape.OutcomeHeld, "Odd."
			return plan
		})
		require.NoError(t, err)
		require.Equal(t, scrape.OutcomeHeld, plan.Outcome)
		require.Equal(t, "Odd.", plan.Message)
	}
	require.Empty(t, b.items(t))
	_, found, err := b.JobResult(t.Context(), b.user, jobVisits)
	require.NoError(t, err)
	require.False(t, found)

	cut := b.visitsRun(t, "cut")
	b.finish(t, cut.ID, scrape.OutcomeTerminated, at(1))
	_, err = b.ApplyItems(t.Context(), cut.ID, nil, put())
	requireKind(t, err, scrape.KindConflict, "This run has ended already. Nothing was changed.")
	_, err = b.ApplyItems(t.Context(), 4711, nil, put())
	requireKind(t, err, scrape.KindNotFound, "History record not found")
}

func TestRunsOfOneTypeApplyItemsInTurns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	runs, plans, errs := make([]scrape.Run, 6), make([]scrape.Plan, 6), make([]error, 6)
	for i := range runs {
		runs[i] = b.visitsRun(t, fmt.Sprint("v", i))
	}
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() { plans[i], errs[i] = b.ApplyItems(t.Context(), runs[i].ID, nil, put(item("a", "A"))) })
	}
	wg.Wait()
	added := 0
	for i := range plans {
		require.NoError(t, errs[i])
		added += plans[i].Counts.Added
	}
	require.Equal(t, 1, added, "each sees what the one before it has stored")
}
