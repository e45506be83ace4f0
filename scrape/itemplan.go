package scrape

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// PlanItems compares what a run has found with the stored items of its job type (removed ones included). name is the job's word for an
// item in the change record: "filter_need". The plan's outcome is success; the job may hold it or make it partial.
func PlanItems(name string, stored, found []Item) ItemPlan {
	plan := ItemPlan{Outcome: OutcomeSuccess, Counts: Counts{Processed: len(found)}}
	byKey := make(map[string]Item, len(stored))
	for _, item := range stored {
		byKey[item.Key] = item
	}
	seen := map[string]bool{}
	for _, item := range found {
		if seen[item.Key] {
			continue
		}
		seen[item.Key] = true
		item.Data = asJSON(item.Data)
		old, known := byKey[item.Key]
		fields := diffData(old.Data, item.Data)
		change := Change{Item: name, Key: item.Key, Label: item.Label}
		switch {
		case !known:
			change.Kind = ChangeAdded
			plan.Counts.Added++
		case old.RemovedAt != nil:
			change.Kind, change.Fields = ChangeReturned, fields
			plan.Counts.Updated++
		case len(fields) > 0 || old.Label != item.Label:
			change.Kind, change.Fields = ChangeChanged, fields
			plan.Counts.Updated++
		default:
			plan.Counts.Unchanged++
			continue
		}
		plan.Put = append(plan.Put, item)
		plan.Changes = append(plan.Changes, change)
	}
	for _, item := range stored {
		if item.RemovedAt == nil && !seen[item.Key] {
			plan.Remove = append(plan.Remove, item.Key)
			plan.Changes = append(plan.Changes, Change{Kind: ChangeRemoved, Item: name, Key: item.Key, Label: item.Label})
		}
	}
	plan.Counts.Removed = len(plan.Remove)
	return plan
}

func diffData(before, after map[string]any) []FieldChange {
	before = asJSON(before)
	names := maps.Clone(before)
	if names == nil {
		names = map[string]any{}
	}
	maps.Copy(names, after)
	var fields []FieldChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !reflect.DeepEqual(before[name], after[name]) {
			fields = append(fields, FieldChange{Field: name, Old: before[name], New: after[name]})
		}
	}
	return fields
}

// asJSON is the data as they come back from the store: a 1 that was an int is a float64 there.
func asJSON(data map[string]any) map[string]any {
	text, err := json.Marshal(data)
	var plain map[string]any
	if err != nil || json.Unmarshal(text, &plain) != nil {
		return data
	}
	return plain
}
