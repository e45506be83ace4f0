package scrape_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// with gives the pages after a change to them.
func with(pages []scrape.ListPage, change func([]scrape.ListPage)) []scrape.ListPage {
	change(pages)
	return pages
}

// unreadable is n rows without a number.
func unreadable(n int) []scrape.BrokenRow {
	rows := make([]scrape.BrokenRow, n)
	for i := range rows {
		rows[i].Reason = "no store"
	}
	return rows
}

func requireNothingPlanned(t *testing.T, plan scrape.Plan) {
	t.Helper()
	require.NotEmpty(t, plan.Message)
	require.Empty(t, plan.Add)
	require.Empty(t, plan.Update)
	require.Empty(t, plan.Remove)
	require.Empty(t, plan.Changes)
	require.Equal(t, scrape.Counts{Processed: plan.Counts.Processed, Failed: plan.Counts.Failed}, plan.Counts)
}

// Every way to be held, each beside the nearest list that is not.
func TestPlanHoldsWhatLooksWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		before  int
		pages   []scrape.ListPage
		want    scrape.Outcome
		message string // a part of it
	}{
		{"nothing was read at all", 3, nil, scrape.OutcomeHeld, "did not confirm which list"},
		{"an empty list, although orders are stored", 120, proved(nil), scrape.OutcomeHeld, "no work orders, but 120 are stored"},
		{"an empty list of an account with one order", 1, proved(nil), scrape.OutcomeHeld, "no work orders, but 1 are stored"},
		{"an empty list that nothing proves", 3, []scrape.ListPage{{Number: 1, Last: true, Matches: -1}}, scrape.OutcomeHeld, "did not confirm which list"},
		{
			"an empty list that does not say that it is empty", 0,
			[]scrape.ListPage{{Number: 1, Last: true, Matches: -1, Proved: true}},
			scrape.OutcomeHeld, "neither work orders nor how many",
		},
		{"more than half gone", 120, proved(orders(1, 50)), scrape.OutcomeHeld, "70 of 120 stored work orders are missing"},
		{"half gone", 120, proved(orders(1, 60)), scrape.OutcomeSuccess, ""},
		{"a few of a few gone", 6, proved(orders(1, 1)), scrape.OutcomeSuccess, ""},
		{"one more than a few gone", 7, proved(orders(1, 1)), scrape.OutcomeHeld, "6 of 7"},
		{"an empty account stays empty", 0, proved(nil), scrape.OutcomeSuccess, ""},
		{
			"the first page is not proved", 120,
			with(proved(orders(1, 120)), func(p []scrape.ListPage) { p[0].Proved = false }),
			scrape.OutcomeHeld, "did not confirm which list",
		},
		{
			"a later page is not proved", 120,
			with(proved(orders(1, 120)), func(p []scrape.ListPage) { p[1].Proved = false }),
			scrape.OutcomeHeld, "did not confirm on every page",
		},
		{
			"fewer rows than the portal counts", 120,
			with(proved(orders(1, 100)), func(p []scrape.ListPage) { p[0].Matches = 120 }),
			scrape.OutcomeHeld, "speaks of 120 work orders and showed 100",
		},
		{
			"more rows than the portal counts", 120,
			with(proved(orders(1, 100)), func(p []scrape.ListPage) { p[0].Matches = 99 }),
			scrape.OutcomeHeld, "speaks of 99 work orders and showed 100",
		},
		{
			"a list without a count is measured by the guard alone", 120,
			with(proved(orders(1, 100)), func(p []scrape.ListPage) { p[0].Matches = -1 }),
			scrape.OutcomeSuccess, "",
		},
		{
			"more than a fifth of the rows cannot be read", 80,
			with(proved(orders(1, 79)), func(p []scrape.ListPage) { p[0].Broken, p[0].Matches = unreadable(21), 100 }),
			scrape.OutcomeHeld, "21 of 100 work orders could not be read",
		},
		{
			"a fifth of the rows cannot be read", 80,
			with(proved(orders(1, 80)), func(p []scrape.ListPage) { p[0].Broken, p[0].Matches = unreadable(20), 100 }),
			scrape.OutcomePartial, "20 of 100 work orders could not be read",
		},
		{
			"no row can be read", 0,
			[]scrape.ListPage{{Number: 1, Last: true, Matches: 3, Proved: true, Broken: unreadable(3)}},
			scrape.OutcomeHeld, "3 of 3",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := scrape.PlanWorkOrders(stored(orders(1, test.before)), test.pages, scrape.DefaultGuard())
			require.Equal(t, test.want, plan.Outcome, plan.Message)
			require.Contains(t, plan.Message, test.message)
			if test.want == scrape.OutcomeHeld {
				requireNothingPlanned(t, plan)
				require.Contains(t, plan.Message, "Nothing was changed.")
			}
		})
	}
}

func TestHeldPlanCountsWhatWasRead(t *testing.T) {
	t.Parallel()
	pages := with(proved(orders(1, 10)), func(p []scrape.ListPage) { p[0].Broken, p[0].Matches = unreadable(5), 15 })
	plan := scrape.PlanWorkOrders(nil, pages, scrape.DefaultGuard())
	require.Equal(t, scrape.OutcomeHeld, plan.Outcome)
	require.Equal(t, scrape.Counts{Processed: 10, Failed: 5}, plan.Counts)
}

// Orders that were removed before are not missing again.
func TestGuardMeasuresByTheOrdersThatAreListed(t *testing.T) {
	t.Parallel()
	gone := time.Unix(2, 0)
	before := stored(orders(1, 120))
	for i := range 100 {
		before[i].RemovedAt = &gone
	}
	plan := scrape.PlanWorkOrders(before, proved(orders(101, 110)), scrape.DefaultGuard())
	require.Equal(t, scrape.OutcomeSuccess, plan.Outcome, plan.Message)
	require.Equal(t, 10, plan.Counts.Removed)

	plan = scrape.PlanWorkOrders(before, proved(orders(101, 109)), scrape.DefaultGuard())
	require.Equal(t, scrape.OutcomeHeld, plan.Outcome)
	require.Contains(t, plan.Message, "11 of 20")
}

// Every threshold is the guard's, not the code's.
func TestGuardThresholds(t *testing.T) {
	t.Parallel()
	lost := func(n int) []scrape.ListPage { return proved(orders(n+1, 100)) }
	broken := func(n int) []scrape.ListPage {
		return with(proved(orders(1, 100-n)), func(p []scrape.ListPage) { p[0].Broken, p[0].Matches = unreadable(n), 100 })
	}
	emptied := func(n int) []scrape.ListPage {
		all := orders(1, 100)
		for i := range n {
			all[i].StoreNumber = ""
		}
		return proved(all)
	}
	tests := []struct {
		name          string
		guard         scrape.Guard
		fine, tooMuch []scrape.ListPage
	}{
		{"number that may vanish", scrape.Guard{SmallLoss: 12}, lost(12), lost(13)},
		{"share that may vanish", scrape.Guard{LostShare: 0.3}, lost(30), lost(31)},
		{"no order may vanish", scrape.Guard{}, lost(0), lost(1)},
		{"all but the last may vanish", scrape.Guard{LostShare: 1}, lost(99), proved(nil)},
		{"share that may be unreadable", scrape.Guard{BrokenShare: 0.05}, broken(5), broken(6)},
		{"no row may be unreadable", scrape.Guard{}, broken(0), broken(1)},
		{"number that may lose a field", scrape.Guard{SmallLoss: 8}, emptied(8), emptied(9)},
		{"share that may lose a field", scrape.Guard{EmptiedShare: 0.25}, emptied(25), emptied(26)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := scrape.PlanWorkOrders(stored(orders(1, 100)), test.fine, test.guard)
			require.NotEqual(t, scrape.OutcomeHeld, plan.Outcome, plan.Message)
			plan = scrape.PlanWorkOrders(stored(orders(1, 100)), test.tooMuch, test.guard)
			require.Equal(t, scrape.OutcomeHeld, plan.Outcome)
			requireNothingPlanned(t, plan)
		})
	}
}

// full is an order with every field that the guard watches.
func full(n int) scrape.WorkOrder {
	date := time.Date(2030, 2, 3, 0, 0, 0, 0, time.UTC)
	w := order(n)
	w.CustomerURL, w.Address = fmt.Sprintf("https://portal.example/app/customers/locations/%d", 70000+n), "1 Example Road, Sampletown"
	w.ServiceItems, w.ScheduledDate = []scrape.ServiceItem{{Quantity: 8, Name: "All Dispensers", Code: "2861"}}, &date
	return w
}

func fulls(n int) []scrape.WorkOrder {
	var all []scrape.WorkOrder
	for i := range n {
		all = append(all, full(i+1))
	}
	return all
}

// When many orders lose the same field at once the portal has changed, not the orders.
func TestGuardHoldsAnEmptiedField(t *testing.T) {
	t.Parallel()
	fields := map[string]func(*scrape.WorkOrder){
		"customer":             func(w *scrape.WorkOrder) { w.SiteName = "" },
		"store number":         func(w *scrape.WorkOrder) { w.StoreNumber = "" },
		"link to the location": func(w *scrape.WorkOrder) { w.CustomerURL = "" },
		"address":              func(w *scrape.WorkOrder) { w.Address = scrape.AddressNotAvailable },
		"service items":        func(w *scrape.WorkOrder) { w.ServiceItems = nil },
		"visit date":           func(w *scrape.WorkOrder) { w.ScheduledDate = nil },
	}
	for words, empty := range fields {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			seen := fulls(20)
			for i := range 10 {
				empty(&seen[i])
			}
			plan := scrape.PlanWorkOrders(stored(fulls(20)), proved(seen), scrape.DefaultGuard())
			require.Equal(t, scrape.OutcomeSuccess, plan.Outcome, "half of them may")
			require.Equal(t, 10, plan.Counts.Updated)

			empty(&seen[10])
			plan = scrape.PlanWorkOrders(stored(fulls(20)), proved(seen), scrape.DefaultGuard())
			require.Equal(t, scrape.OutcomeHeld, plan.Outcome)
			require.Contains(t, plan.Message, "11 of 20 work orders have lost their "+words+".")
			requireNothingPlanned(t, plan)
		})
	}
}

// Orders that had no content cannot lose it, and other fields may become empty at once: a visit is done, its link goes.
func TestGuardWatchesOnlyWhatCanBeLost(t *testing.T) {
	t.Parallel()
	before := fulls(20)
	for i := range before {
		before[i].VisitID, before[i].Instructions = "55001", "Bring a ladder."
		before[i].Address = scrape.AddressNotAvailable
	}
	after := fulls(20)
	for i := range after {
		after[i].Address = scrape.AddressNotAvailable
	}
	plan := scrape.PlanWorkOrders(stored(before), proved(after), scrape.DefaultGuard())
	require.Equal(t, scrape.OutcomeSuccess, plan.Outcome, plan.Message)
	require.Equal(t, 20, plan.Counts.Updated)
}

func TestEmptyAccount(t *testing.T) {
	t.Parallel()
	allowed := scrape.DefaultGuard()
	allowed.EmptyIsAllowed = true
	plan := scrape.PlanWorkOrders(stored(orders(1, 40)), proved(nil), allowed)
	require.Equal(t, scrape.OutcomeSuccess, plan.Outcome, plan.Message)
	require.Equal(t, scrape.Counts{Removed: 40}, plan.Counts)
	require.Len(t, plan.Changes, 40)

	for name, pages := range map[string][]scrape.ListPage{
		"not proved":                          {{Number: 1, Last: true, Matches: 0}},
		"does not say that there are none":    {{Number: 1, Last: true, Matches: -1, Proved: true}},
		"says that there are some":            {{Number: 1, Last: true, Matches: 3, Proved: true}},
		"of which the last page is not known": {{Number: 1, Matches: 0, Proved: true}},
	} {
		plan := scrape.PlanWorkOrders(stored(orders(1, 40)), pages, allowed)
		require.NotEqual(t, scrape.OutcomeSuccess, plan.Outcome, "%s: an empty list is allowed, an unknown one is not", name)
		require.Empty(t, plan.Remove, name)
	}
}

// A person has looked at the portal: what the guard holds is applied, but rows that could not be read are not gone.
func TestPlanAccepted(t *testing.T) {
	t.Parallel()
	emptied := orders(1, 120)
	for i := range emptied {
		emptied[i].SiteName = ""
	}
	tests := []struct {
		name    string
		pages   []scrape.ListPage
		want    scrape.Outcome
		removed int
		updated int
	}{
		{"more than half gone", proved(orders(1, 50)), scrape.OutcomeSuccess, 70, 0},
		{"an empty list", proved(nil), scrape.OutcomeSuccess, 120, 0},
		{"a field lost by all", proved(emptied), scrape.OutcomeSuccess, 0, 120},
		{
			"not proved", with(proved(orders(1, 110)), func(p []scrape.ListPage) { p[0].Proved, p[1].Proved = false, false }),
			scrape.OutcomeSuccess, 10, 0,
		},
		{
			"another count than the portal's", with(proved(orders(1, 100)), func(p []scrape.ListPage) { p[0].Matches = 120 }),
			scrape.OutcomePartial, 0, 0,
		},
		{
			"rows that could not be read", with(proved(orders(1, 50)), func(p []scrape.ListPage) { p[0].Broken, p[0].Matches = unreadable(50), 100 }),
			scrape.OutcomePartial, 0, 0,
		},
		{"a page that is missing", proved(orders(1, 120))[:1], scrape.OutcomePartial, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := scrape.PlanAccepted(stored(orders(1, 120)), test.pages)
			require.Equal(t, test.want, plan.Outcome)
			require.Len(t, plan.Remove, test.removed)
			require.Equal(t, test.removed, plan.Counts.Removed)
			require.Equal(t, test.updated, plan.Counts.Updated)
			require.Equal(t, test.want == scrape.OutcomeSuccess, plan.Message == "")
		})
	}
}
