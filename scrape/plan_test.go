package scrape_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func order(n int) scrape.WorkOrder {
	return scrape.WorkOrder{ExternalID: fmt.Sprint(100000 + n), SiteName: "Example Fuel Stop", StoreNumber: fmt.Sprintf("#%d", 4000+n)}
}

func orders(from, to int) []scrape.WorkOrder {
	var all []scrape.WorkOrder
	for n := from; n <= to; n++ {
		all = append(all, order(n))
	}
	return all
}

// stored is what the store holds: the same orders with our own fields.
func stored(all []scrape.WorkOrder) []scrape.WorkOrder {
	kept := make([]scrape.WorkOrder, 0, len(all))
	for _, w := range all {
		w.ID, w.UserID, w.Status, w.CreatedAt = "id-"+w.ExternalID, "u", "in_progress", time.Unix(1, 0)
		kept = append(kept, w)
	}
	return kept
}

// proved is a complete, proved list in pages of 100.
func proved(all []scrape.WorkOrder) []scrape.ListPage {
	pages := []scrape.ListPage{}
	for n := 1; n == 1 || (n-1)*100 < len(all); n++ {
		page := all[min(len(all), (n-1)*100):min(len(all), n*100)]
		pages = append(pages, scrape.ListPage{Number: n, Matches: len(all), Proved: true, Orders: page, Last: n*100 >= len(all)})
	}
	return pages
}

func TestPlanCounts(t *testing.T) {
	t.Parallel()
	seen := orders(1, 120)
	seen[0].StoreNumber = "#9999" // changed in the portal
	before := stored(orders(1, 118))
	before = append(before, stored([]scrape.WorkOrder{order(200)})...) // finished since
	plan := scrape.PlanWorkOrders(before, proved(seen), scrape.DefaultGuard())

	require.Equal(t, scrape.OutcomeSuccess, plan.Outcome)
	require.Empty(t, plan.Message)
	require.Equal(t, scrape.Counts{Processed: 120, Added: 2, Updated: 1, Unchanged: 117, Removed: 1}, plan.Counts)
	require.Equal(t, "100200", plan.Remove[0].ExternalID)
	require.Equal(t, "id-100001", plan.Update[0].ID)
	require.Equal(t, "in_progress", plan.Update[0].Status, "a person's own status is not the portal's to change")
}

func TestPlanTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	date := time.Date(2030, 2, 3, 0, 0, 0, 0, time.UTC)
	seen := orders(1, 30)
	seen[3].ScheduledDate, seen[3].ServiceItems = &date, []scrape.ServiceItem{{Quantity: 8, Name: "All Dispensers", Code: "2861"}}
	again := date.In(time.FixedZone("elsewhere", 3600)) // the same instant, as a driver may give it back
	before := stored(seen)
	before[3].ScheduledDate = &again
	before[5].ServiceItems = []scrape.ServiceItem{}
	plan := scrape.PlanWorkOrders(before, proved(seen), scrape.DefaultGuard())
	require.Equal(t, scrape.Counts{Processed: 30, Unchanged: 30}, plan.Counts)
}

func TestPlanReturnedOrder(t *testing.T) {
	t.Parallel()
	gone := time.Unix(2, 0)
	before := stored(orders(1, 10))
	before[4].RemovedAt = &gone
	plan := scrape.PlanWorkOrders(before, proved(orders(1, 10)), scrape.DefaultGuard())
	require.Equal(t, 1, plan.Counts.Updated)
	require.Nil(t, plan.Update[0].RemovedAt)
}

// Every way in which a list can be less than whole: what was read is stored, nothing is removed.
func TestPlanRemovesNothingUnlessComplete(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		pages func() []scrape.ListPage
	}{
		{"a page is missing", func() []scrape.ListPage { return proved(orders(1, 250))[1:] }},
		{"the last page was not reached", func() []scrape.ListPage { return proved(orders(1, 250))[:2] }},
		{"a broken row", func() []scrape.ListPage {
			pages := proved(orders(1, 110))
			pages[0].Broken, pages[0].Matches, pages[1].Matches = []scrape.BrokenRow{{ExternalID: "100111", Reason: "no store"}}, 111, 111
			return pages
		}},
		{"the count changed between pages, and one of them was not proved", func() []scrape.ListPage {
			pages := proved(orders(1, 110))
			pages[0].Matches, pages[1].Proved = 111, false
			return pages
		}},
		{"the count changed between pages, although it agrees in the end", func() []scrape.ListPage {
			pages := proved(orders(1, 110))
			pages[0].Matches = 111
			return pages
		}},
		{"an order moved between pages while they were read", func() []scrape.ListPage {
			pages := proved(orders(1, 110))
			pages[1].Orders = append([]scrape.WorkOrder{pages[0].Orders[99]}, pages[1].Orders[1:]...)
			return pages
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := scrape.PlanWorkOrders(stored(orders(1, 120)), test.pages(), scrape.DefaultGuard())
			require.Equal(t, scrape.OutcomePartial, plan.Outcome)
			require.NotEmpty(t, plan.Message)
			require.Empty(t, plan.Remove)
			require.Zero(t, plan.Counts.Removed)
		})
	}
}
