package jobs_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/scrape/filters"
)

// dueOrder is an order for all dispensers of a location.
func dueOrder(id, store, location string) scrape.WorkOrder {
	date := time.Date(2030, 1, 3, 0, 0, 0, 0, time.UTC)
	return scrape.WorkOrder{
		ExternalID: id, SiteName: "Circle K", StoreNumber: store, LocationID: location, ServiceCode: "2861", ServiceName: "AccuMeasure",
		ServiceItems: []scrape.ServiceItem{{Quantity: 8, Name: "All Dispensers", Code: "2861"}}, ScheduledDate: &date,
	}
}

func pump(location, number string, grades ...string) scrape.Dispenser {
	return scrape.Dispenser{LocationID: location, Number: number, MeterType: "Electronic", Grades: grades}
}

// compute carries out the filters job and gives its document.
func (h *harness) compute(t *testing.T) (jobs.Result, filters.Result) {
	t.Helper()
	result, err := h.do(t, "ComputeFilters")
	require.NoError(t, err)
	var document filters.Result
	require.NoError(t, json.Unmarshal(h.store.document, &document))
	return result, document
}

// detailOf is what the document says of an order.
func detailOf(t *testing.T, document filters.Result, order string) filters.Detail {
	t.Helper()
	at := slices.IndexFunc(document.Details, func(d filters.Detail) bool { return d.JobID == order })
	require.GreaterOrEqual(t, at, 0, "order %s is in the document", order)
	return document.Details[at]
}

func TestFiltersAreComputedFromWhatIsStored(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Filters, "")
	h.store.orders = []scrape.WorkOrder{dueOrder("100001", "#4001", "71001")}
	h.store.dispensers = []scrape.Dispenser{pump("71001", "1/2", "Regular", "Diesel"), pump("71001", "3/4", "Regular"), pump("79999", "1/2", "Regular")}
	result, document := h.compute(t)
	require.Zero(t, h.portal.visits)
	require.Equal(t, scrape.OutcomeSuccess, result.Outcome)
	require.Empty(t, result.Message)
	require.Equal(t, 2, detailOf(t, document, "100001").DispenserCount, "those of another location are not counted")
	require.Equal(t, noon, document.Metadata.CalculatedAt)
	require.Positive(t, document.TotalFilters)
	h.requireProgress(t)

	total := 0
	for _, item := range h.store.items {
		require.Equal(t, "100001/"+item.Data["part_number"].(string), item.Key)
		require.Contains(t, item.Label, " for Circle K #4001")
		total += int(item.Data["quantity"].(float64))
	}
	require.Equal(t, document.TotalFilters, total, "the items are the document's filters")
	require.Equal(t, len(h.store.items), result.Counts.Added)
}

// Two customers may have a store of the same number. Each order meets the dispensers of its own location.
func TestTwoCustomersWithTheSameStoreNumber(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"#4001", "4001"} { // which are the same number to the calculator
		h := newHarness(t, jobs.Filters, "")
		h.store.orders = []scrape.WorkOrder{dueOrder("100001", "#4001", "71001"), dueOrder("100002", second, "71002"), dueOrder("100003", "#4003", "71003")}
		h.store.dispensers = []scrape.Dispenser{
			pump("71001", "1/2", "Regular"), pump("71002", "1/2", "Regular"), pump("71002", "3/4", "Regular"), pump("71003", "1/2", "Regular"),
		}
		_, document := h.compute(t)
		require.Equal(t, 1, detailOf(t, document, "100001").DispenserCount)
		require.Equal(t, 2, detailOf(t, document, "100002").DispenserCount)
		require.Contains(t, detailOf(t, document, "100001").StoreNumber, "(71001)")
		require.Contains(t, detailOf(t, document, "100002").StoreNumber, "(71002)")
		require.NotContains(t, detailOf(t, document, "100003").StoreNumber, "(", "other numbers stay as they are")
	}
}

func TestOrdersWithoutALocation(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Filters, "")
	h.store.orders = []scrape.WorkOrder{dueOrder("100001", "#4001", "71001"), dueOrder("100002", "#4001", ""), dueOrder("100003", "", "")}
	h.store.dispensers = []scrape.Dispenser{pump("71001", "1/2", "Regular"), {Number: "5/6", Grades: []string{"Regular"}}}
	result, document := h.compute(t)
	require.Equal(t, 1, detailOf(t, document, "100001").DispenserCount)
	require.Zero(t, detailOf(t, document, "100002").DispenserCount, "nobody knows where it is")
	require.NotContains(t, detailOf(t, document, "100002").StoreNumber, "(")
	require.Zero(t, detailOf(t, document, "100003").DispenserCount)
	require.Equal(t, scrape.OutcomePartial, result.Outcome)
}

// An order without a store number has a location all the same.
func TestOrdersWithoutAStoreNumber(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Filters, "")
	h.store.orders, h.store.dispensers = []scrape.WorkOrder{dueOrder("100001", "", "71001")}, []scrape.Dispenser{pump("71001", "1/2", "Regular")}
	result, alone := h.compute(t)
	require.Equal(t, 1, detailOf(t, alone, "100001").DispenserCount)
	require.Equal(t, scrape.OutcomeSuccess, result.Outcome)

	h.store.orders = []scrape.WorkOrder{dueOrder("100001", "", "71001"), dueOrder("100002", " ", "71002")}
	h.store.dispensers = []scrape.Dispenser{pump("71001", "1/2", "Regular"), pump("71002", "1/2", "Regular"), pump("71002", "3/4", "Regular")}
	_, document := h.compute(t)
	require.Equal(t, 1, detailOf(t, document, "100001").DispenserCount)
	require.Equal(t, 2, detailOf(t, document, "100002").DispenserCount)
}

func TestFiltersArePartialWhereDispensersAreNotKnown(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Filters, "")
	h.store.orders = []scrape.WorkOrder{dueOrder("100001", "#4001", "71001"), dueOrder("100002", "#4002", "71002")}
	h.store.dispensers = []scrape.Dispenser{pump("71001", "1/2", "Regular")}
	result, _ := h.compute(t)
	require.Equal(t, scrape.OutcomePartial, result.Outcome)
	require.Equal(t, "The dispensers of 1 of 2 work orders are not known, so their filters are not counted. Collect dispensers first.", result.Message)
}

func TestFiltersOfNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Filters, "")
	result, document := h.compute(t)
	require.Equal(t, scrape.OutcomeSuccess, result.Outcome)
	require.Zero(t, document.TotalFilters)
	require.Empty(t, h.store.items)
}

func TestFiltersOfTheNextDays(t *testing.T) {
	t.Parallel()
	later, past := noon.AddDate(0, 0, 9), noon.AddDate(0, 0, -9)
	orders := []scrape.WorkOrder{dueOrder("soon", "#1", "1"), dueOrder("later", "#2", "2"), dueOrder("overdue", "#3", "3"), dueOrder("undated", "#4", "4")}
	orders[1].ScheduledDate, orders[2].ScheduledDate, orders[3].ScheduledDate = &later, &past, nil
	for settings, want := range map[string][]string{
		"":                   {"later", "overdue", "soon", "undated"},
		`{"days_ahead": 2}`:  {"overdue", "soon", "undated"},
		`{"days_ahead": 9}`:  {"later", "overdue", "soon", "undated"},
		`{"days_ahead": 1}`:  {"overdue", "undated"},
		`{"days_ahead": 30}`: {"later", "overdue", "soon", "undated"},
	} {
		h := newHarness(t, jobs.Filters, settings)
		h.store.orders = orders
		_, document := h.compute(t)
		var got []string
		for _, detail := range document.Details {
			got = append(got, detail.JobID)
		}
		slices.Sort(got)
		require.Equal(t, want, got, settings)
	}
	require.Len(t, orders, 4)
	require.Equal(t, "later", orders[1].ExternalID, "the store's orders are left alone")
}

// A second run changes what has changed: a quantity that a person wants, an order that is done.
func TestFilterItemsChangeWithTheNeed(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Filters, "")
	h.store.orders = []scrape.WorkOrder{dueOrder("100001", "#4001", "71001"), dueOrder("100002", "#4002", "71002")}
	h.store.dispensers = []scrape.Dispenser{pump("71001", "1/2", "Regular"), pump("71002", "1/2", "Regular")}
	first, document := h.compute(t)
	again, _ := h.compute(t)
	require.Equal(t, scrape.Counts{Processed: first.Counts.Added, Unchanged: first.Counts.Added}, again.Counts, "nothing has changed")

	parts := document.Summary
	require.NotEmpty(t, parts)
	part := parts[0].PartNumber
	var err error
	h.settings, err = h.job.ParseSettings([]byte(`{"overrides": {"100001-` + part + `": 77}}`))
	require.NoError(t, err)
	h.store.orders = h.store.orders[:1]
	third, _ := h.compute(t)
	require.Equal(t, 1, third.Counts.Updated)
	require.Positive(t, third.Counts.Removed, "the filters of the order that is done")
	at := slices.IndexFunc(h.store.items, func(item scrape.Item) bool { return item.Key == "100001/"+part })
	require.EqualValues(t, 77, h.store.items[at].Data["quantity"])
	require.Equal(t, true, h.store.items[at].Data["edited"])
}
