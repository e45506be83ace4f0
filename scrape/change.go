package scrape

import (
	"reflect"
	"time"
)

// ChangeKind says what happened to one thing that is kept.
type ChangeKind string

// The kinds.
const (
	ChangeAdded    ChangeKind = "added"
	ChangeChanged  ChangeKind = "changed"
	ChangeRemoved  ChangeKind = "removed"
	ChangeReturned ChangeKind = "returned" // was removed and is listed again
)

// The things that changes speak of. A job type that keeps items uses its own name.
const (
	ItemWorkOrder = "work_order"
	ItemDispenser = "dispenser"
)

// Change is what one run did to one thing.
type Change struct {
	RunID  RunID     // set when changes are read
	At     time.Time // set when changes are read
	Kind   ChangeKind
	Item   string        // ItemWorkOrder, ItemDispenser or a job's own word
	Key    string        // the portal's key: "100001"; "71001/1/2" is dispenser 1/2 of location 71001
	Label  string        // for people: "Example Fuel Stop #4001"
	Fields []FieldChange // for changed and returned; in the order of the fields
}

// FieldChange is one field before and after. The values are what the API shows of the field: texts, numbers, lists; nil for none.
type FieldChange struct {
	Field string `json:"field"`
	Old   any    `json:"old"`
	New   any    `json:"new"`
}

// field is one field that changes speak of, under the name that the API gives it.
type field[T any] struct {
	name  string
	value func(T) any // as the API shows it
}

// diff lists the fields that differ, in their order.
func diff[T any](fields []field[T], before, after T) []FieldChange {
	var changes []FieldChange
	for _, f := range fields {
		if was, is := f.value(before), f.value(after); !reflect.DeepEqual(was, is) {
			changes = append(changes, FieldChange{Field: f.name, Old: was, New: is})
		}
	}
	return changes
}

// text is a text as the API shows it: nil when there is none.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func localDate(at *time.Time) any {
	if at == nil {
		return nil
	}
	return at.Format("2006-01-02T15:04:05")
}

func listOf(texts []string) any {
	if len(texts) == 0 {
		return nil
	}
	return texts
}

// Effect is what accepting a held result would do to the stored data.
type Effect struct {
	Added, Changed, Removed, Returned int

	Changes []Change // the first of them, in the order in which they would be done
}
