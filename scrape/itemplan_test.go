package scrape_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/scrape"
)

func TestPlanItems(t *testing.T) {
	t.Parallel()
	gone := time.Unix(2, 0)
	stored := []scrape.Item{
		{Key: "same", Label: "Same", Data: map[string]any{"quantity": 8.0, "tags": []any{"a"}}},
		{Key: "changed", Label: "Changed", Data: map[string]any{"quantity": 8.0, "note": "x"}},
		{Key: "renamed", Label: "Before"},
		{Key: "returned", Label: "Returned", RemovedAt: &gone, Data: map[string]any{"quantity": 1.0}},
		{Key: "missing", Label: "Missing", Data: map[string]any{"quantity": 1.0}},
		{Key: "gone", Label: "Gone", RemovedAt: &gone},
	}
	found := []scrape.Item{
		{Key: "same", Label: "Same", Data: map[string]any{"quantity": 8, "tags": []string{"a"}}}, // as Go has it, not as JSON does
		{Key: "changed", Label: "Changed", Data: map[string]any{"quantity": 6, "day": "2030-02-03"}},
		{Key: "renamed", Label: "After"},
		{Key: "returned", Label: "Returned", Data: map[string]any{"quantity": 2}},
		{Key: "added", Label: "Added", Data: map[string]any{"quantity": 1}},
	}
	plan := scrape.PlanItems("sample", stored, found)
	require.Equal(t, scrape.OutcomeSuccess, plan.Outcome)
	require.Equal(t, scrape.Counts{Processed: 5, Added: 1, Updated: 3, Unchanged: 1, Removed: 1}, plan.Counts)
	require.Equal(t, []string{"missing"}, plan.Remove)
	require.Equal(t, []scrape.Change{
		{Kind: scrape.ChangeChanged, Item: "sample", Key: "changed", Label: "Changed", Fields: []scrape.FieldChange{
			{Field: "day", Old: nil, New: "2030-02-03"}, {Field: "note", Old: "x", New: nil}, {Field: "quantity", Old: 8.0, New: 6.0},
		}},
		{Kind: scrape.ChangeChanged, Item: "sample", Key: "renamed", Label: "After"},
		{Kind: scrape.ChangeReturned, Item: "sample", Key: "returned", Label: "Returned", Fields: []scrape.FieldChange{{Field: "quantity", Old: 1.0, New: 2.0}}},
		{Kind: scrape.ChangeAdded, Item: "sample", Key: "added", Label: "Added"},
		{Kind: scrape.ChangeRemoved, Item: "sample", Key: "missing", Label: "Missing"},
	}, plan.Changes)
	var put []string
	for _, item := range plan.Put {
		put = append(put, item.Key)
	}
	require.Equal(t, []string{"changed", "renamed", "returned", "added"}, put)
}

func TestPlanItemsOfNothing(t *testing.T) {
	t.Parallel()
	require.Equal(t, scrape.ItemPlan{Outcome: scrape.OutcomeSuccess}, scrape.PlanItems("sample", nil, nil))
}

func TestPlanItemsKnowsAKeyOnce(t *testing.T) {
	t.Parallel()
	found := []scrape.Item{{Key: "a", Label: "First"}, {Key: "a", Label: "Second"}}
	plan := scrape.PlanItems("sample", nil, found)
	require.Len(t, plan.Put, 1)
	require.Equal(t, "First", plan.Put[0].Label)
	require.Len(t, plan.Changes, 1)
}

// What holds for all items, also when they have been through the store.
func TestPlansOfItems(t *testing.T) {
	t.Parallel()
	value := rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 2), func(n int) any { return n }),
		rapid.Map(rapid.SampledFrom([]string{"", "x"}), func(s string) any { return s }),
		rapid.Just[any](nil), rapid.Just[any]([]string{"a"}), rapid.Just[any](map[string]int{"n": 1}),
	)
	items := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) scrape.Item {
		return scrape.Item{
			Key: fmt.Sprint(rapid.IntRange(1, 6).Draw(t, "key")), Label: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "label"),
			Data: rapid.MapOfN(rapid.SampledFrom([]string{"p", "q"}), value, 0, 2).Draw(t, "data"),
		}
	}), 0, 6, func(item scrape.Item) string { return item.Key })

	rapid.Check(t, func(t *rapid.T) {
		gone, before, found := time.Unix(2, 0), throughJSON(t, items.Draw(t, "stored")), items.Draw(t, "found")
		for i := range before {
			if rapid.Bool().Draw(t, "removed") {
				before[i].RemovedAt = &gone
			}
		}
		plan := scrape.PlanItems("sample", before, found)
		require.Len(t, plan.Changes, len(plan.Put)+len(plan.Remove), "every change is recorded, and nothing else")
		require.Equal(t, plan.Counts.Processed, plan.Counts.Added+plan.Counts.Updated+plan.Counts.Unchanged)

		after := slices.Clone(before)
		for _, item := range throughJSON(t, plan.Put) {
			at := slices.IndexFunc(after, func(old scrape.Item) bool { return old.Key == item.Key })
			if at < 0 {
				after = append(after, item)
			} else {
				after[at] = item
			}
		}
		for i := range after {
			if slices.Contains(plan.Remove, after[i].Key) {
				after[i].RemovedAt = &gone
			}
		}
		again := scrape.PlanItems("sample", after, found)
		require.Empty(t, again.Changes, "applying a plan and planning again changes nothing")
		require.Empty(t, again.Put)
	})
}

// throughJSON is what the store gives back.
func throughJSON(t *rapid.T, items []scrape.Item) []scrape.Item {
	items = slices.Clone(items)
	for i := range items {
		text, err := json.Marshal(items[i].Data)
		require.NoError(t, err)
		items[i].Data = nil
		require.NoError(t, json.Unmarshal(text, &items[i].Data))
	}
	return items
}
