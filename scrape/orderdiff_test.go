package scrape_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/scrape"
)

func TestChangesOfWorkOrders(t *testing.T) {
	t.Parallel()
	gone, date := time.Unix(2, 0), time.Date(2030, 2, 3, 0, 0, 0, 0, time.UTC)
	later := date.AddDate(0, 0, 2)
	before := stored(fulls(5))
	before[2].RemovedAt = &gone
	before[3].RemovedAt, before[3].Instructions = &gone, "Bring a ladder."
	seen := fulls(4)
	seen[1].ScheduledDate, seen[1].StoreNumber, seen[1].VisitsDone = &later, "", 1
	seen[1].ServiceItems = []scrape.ServiceItem{{Quantity: 6, Name: "All Dispensers", Code: "2861"}}
	seen = append(seen, full(9))

	plan := scrape.PlanWorkOrders(before, proved(seen), scrape.DefaultGuard())
	require.Equal(t, []scrape.Change{
		{
			Kind: scrape.ChangeChanged, Item: scrape.ItemWorkOrder, Key: "100002", Label: "Example Fuel Stop",
			Fields: []scrape.FieldChange{
				{Field: "store_number", Old: "#4002", New: nil},
				{
					Field: "service_items",
					Old:   []scrape.ServiceItem{{Quantity: 8, Name: "All Dispensers", Code: "2861"}},
					New:   []scrape.ServiceItem{{Quantity: 6, Name: "All Dispensers", Code: "2861"}},
				},
				{Field: "scheduled_date", Old: "2030-02-03T00:00:00", New: "2030-02-05T00:00:00"},
				{Field: "visits_done", Old: 0, New: 1},
			},
		},
		{Kind: scrape.ChangeReturned, Item: scrape.ItemWorkOrder, Key: "100003", Label: "Example Fuel Stop #4003"},
		{
			Kind: scrape.ChangeReturned, Item: scrape.ItemWorkOrder, Key: "100004", Label: "Example Fuel Stop #4004",
			Fields: []scrape.FieldChange{{Field: "instructions", Old: "Bring a ladder.", New: nil}},
		},
		{Kind: scrape.ChangeAdded, Item: scrape.ItemWorkOrder, Key: "100009", Label: "Example Fuel Stop #4009"},
		{Kind: scrape.ChangeRemoved, Item: scrape.ItemWorkOrder, Key: "100005", Label: "Example Fuel Stop #4005"},
	}, plan.Changes)
	require.Equal(t, scrape.Counts{Processed: 5, Added: 1, Updated: 3, Unchanged: 1, Removed: 1}, plan.Counts)
}

func TestNothingChangedIsNoChange(t *testing.T) {
	t.Parallel()
	plan := scrape.PlanWorkOrders(stored(fulls(30)), proved(fulls(30)), scrape.DefaultGuard())
	require.Empty(t, plan.Changes)
	require.Equal(t, scrape.Counts{Processed: 30, Unchanged: 30}, plan.Counts)
}

// An incomplete list removes nothing, so it records no removal either.
func TestChangesOfAPartialList(t *testing.T) {
	t.Parallel()
	plan := scrape.PlanWorkOrders(stored(orders(1, 120)), proved(orders(1, 250))[:1], scrape.DefaultGuard())
	require.Equal(t, scrape.OutcomePartial, plan.Outcome)
	require.Empty(t, plan.Changes)
}

// Every field that the portal shows is compared, and named in the change record: one that is forgotten would make changes without fields.
func TestEveryFieldOfAnOrderIsSpokenOf(t *testing.T) {
	t.Parallel()
	ours := []string{"ID", "UserID", "ExternalID", "Status", "CreatedAt", "UpdatedAt", "RemovedAt"}
	var named []string
	for field := range reflect.TypeFor[scrape.WorkOrder]().Fields() {
		if slices.Contains(ours, field.Name) {
			continue
		}
		changed := full(1)
		spoil(t, reflect.ValueOf(&changed).Elem().FieldByIndex(field.Index))
		plan := scrape.PlanWorkOrders(stored(fulls(1)), proved([]scrape.WorkOrder{changed}), scrape.DefaultGuard())
		require.Len(t, plan.Changes, 1, field.Name)
		require.Len(t, plan.Changes[0].Fields, 1, field.Name)
		change := plan.Changes[0].Fields[0]
		require.NotEqual(t, change.Old, change.New, field.Name)
		require.NotContains(t, named, change.Field)
		named = append(named, change.Field)
	}
	require.Contains(t, named, "scheduled_date")
}

// spoil gives a field another value.
func spoil(t *testing.T, field reflect.Value) {
	t.Helper()
	switch value := field.Addr().Interface().(type) {
	case *string:
		*value += "x"
	case *int:
		*value++
	case **time.Time:
		other := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
		*value = &other
	case *[]scrape.ServiceItem:
		*value = append(slices.Clone(*value), scrape.ServiceItem{Name: "Totalizer"})
	default:
		t.Fatalf("no other value for a %s", field.Type())
	}
}

// drawnOrders are orders with few numbers and few contents, so that they meet; each number once.
func drawnOrders() *rapid.Generator[[]scrape.WorkOrder] {
	one := rapid.Custom(func(t *rapid.T) scrape.WorkOrder {
		w := scrape.WorkOrder{
			ExternalID: fmt.Sprint(rapid.IntRange(100000, 100011).Draw(t, "id")), SiteName: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "name"),
			Instructions: rapid.SampledFrom([]string{"", "x"}).Draw(t, "instructions"),
		}
		if rapid.Bool().Draw(t, "items") {
			w.ServiceItems = []scrape.ServiceItem{}
		}
		if rapid.Bool().Draw(t, "dated") {
			date := time.Date(2030, 1, rapid.IntRange(1, 2).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
			w.ScheduledDate = &date
		}
		return w
	})
	return rapid.SliceOfNDistinct(one, 0, 10, func(w scrape.WorkOrder) string { return w.ExternalID })
}

// drawnStored are stored orders, some of them removed.
func drawnStored() *rapid.Generator[[]scrape.WorkOrder] {
	return rapid.Custom(func(t *rapid.T) []scrape.WorkOrder {
		gone, all := time.Unix(2, 0), stored(drawnOrders().Draw(t, "stored"))
		for i := range all {
			if rapid.Bool().Draw(t, "removed") {
				all[i].RemovedAt = &gone
			}
		}
		return all
	})
}

// drawnPages are pages in every state: lying, cut off, broken.
func drawnPages() *rapid.Generator[[]scrape.ListPage] {
	return rapid.Custom(func(t *rapid.T) []scrape.ListPage {
		all := drawnOrders().Draw(t, "orders")
		var pages []scrape.ListPage
		count := rapid.IntRange(1, 3).Draw(t, "pages")
		for n := 1; n <= count; n++ {
			page := scrape.ListPage{
				Number: n, Last: n == count && rapid.IntRange(0, 3).Draw(t, "last") > 0, Matches: len(all), Proved: rapid.IntRange(0, 5).Draw(t, "proved") > 0,
				Orders: all[(n-1)*len(all)/count : n*len(all)/count], Broken: unreadable(max(0, rapid.IntRange(-4, 2).Draw(t, "broken"))),
			}
			if rapid.IntRange(0, 3).Draw(t, "count") == 0 {
				page.Matches = rapid.IntRange(-1, 12).Draw(t, "matches")
			}
			pages = append(pages, page)
		}
		return pages
	})
}

func drawnGuard() *rapid.Generator[scrape.Guard] {
	return rapid.Custom(func(t *rapid.T) scrape.Guard {
		return scrape.Guard{
			SmallLoss: rapid.IntRange(0, 5).Draw(t, "loss"), LostShare: rapid.Float64Range(0, 1).Draw(t, "lost"),
			BrokenShare: rapid.Float64Range(0, 1).Draw(t, "broken"), EmptiedShare: rapid.Float64Range(0, 1).Draw(t, "emptied"),
			EmptyIsAllowed: rapid.Bool().Draw(t, "empty"),
		}
	})
}

// applied is what the store holds after a plan.
func applied(before []scrape.WorkOrder, plan scrape.Plan) []scrape.WorkOrder {
	gone := time.Unix(9, 0)
	after := slices.Clone(before)
	at := func(id string) int {
		return slices.IndexFunc(after, func(w scrape.WorkOrder) bool { return w.ExternalID == id })
	}
	for _, w := range plan.Update {
		after[at(w.ExternalID)] = w
	}
	for _, w := range plan.Remove {
		after[at(w.ExternalID)].RemovedAt = &gone
	}
	return append(after, stored(plan.Add)...)
}

// What holds for every list, guard and stored state.
func TestPlansOfWorkOrders(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, pages, guard := drawnStored().Draw(t, "stored"), drawnPages().Draw(t, "pages"), drawnGuard().Draw(t, "guard")
		accepted := rapid.Bool().Draw(t, "accepted")
		planned := func(before []scrape.WorkOrder) scrape.Plan {
			if accepted {
				return scrape.PlanAccepted(before, pages)
			}
			return scrape.PlanWorkOrders(before, pages, guard)
		}
		plan := planned(before)
		require.Len(t, plan.Changes, len(plan.Add)+len(plan.Update)+len(plan.Remove), "every change is recorded, and nothing else")
		if plan.Outcome == scrape.OutcomeHeld {
			require.Empty(t, plan.Changes)
			return
		}
		require.Equal(t, plan.Outcome == scrape.OutcomeSuccess, plan.Message == "")
		c := plan.Counts
		require.Equal(t, [3]int{len(plan.Add), len(plan.Update), len(plan.Remove)}, [3]int{c.Added, c.Updated, c.Removed})
		require.Equal(t, c.Processed, c.Added+c.Updated+c.Unchanged)
		for _, page := range pages {
			if len(plan.Remove) > 0 {
				require.Empty(t, page.Broken)
				require.True(t, page.Proved || accepted)
			}
		}
		for _, change := range plan.Changes {
			require.Equal(t, change.Kind == scrape.ChangeChanged, len(change.Fields) > 0 && change.Kind != scrape.ChangeReturned, "a change says what changed")
		}

		again := planned(applied(before, plan))
		require.Equal(t, plan.Outcome, again.Outcome)
		require.Empty(t, again.Changes, "applying a plan and planning again changes nothing")
		require.Equal(t, scrape.Counts{Processed: c.Processed, Unchanged: c.Processed, Failed: c.Failed}, again.Counts)
	})
}
