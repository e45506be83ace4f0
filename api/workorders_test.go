package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

const workOrders = "/api/v1/work-orders"

// The fields of the old contract, and what is new.
var workOrderKeys = []string{
	"id", "external_id", "site_name", "address", "street", "city_state", "county", "store_number", "scheduled_date", "created_date", "status",
	"visit_url", "visit_id", "visit_number", "instructions", "service_code", "service_name", "service_description", "service_items", "created_by",
	"customer_url", "scraped_data", "created_at", "updated_at", "dispensers",
	"customer_name", "intersection", "project", "portal_status", "due_date", "visits_done", "visits_planned", "service_quantity", "removed_at",
}

func order() scrape.WorkOrder {
	day := func(d int) *time.Time { return pointer(time.Date(2030, 2, d, 0, 0, 0, 0, time.UTC)) }
	return scrape.WorkOrder{
		ID: "00000000-0000-4000-8000-000000000001", UserID: tech.ID, ExternalID: "100001", SiteName: "Example Fuel Stop", CustomerName: "Example Fuel Stop",
		LocationID: "71001", CustomerURL: "https://portal.example.com/app/customers/locations/71001/", StoreNumber: "#4001", Street: "100 Sample Road",
		CityState: "Sampletown ZZ 00000", County: "Sample County", Address: "100 Sample Road, Sampletown ZZ 00000, Sample County",
		Status: "pending", PortalStatus: "Work Created", ServiceName: "AccuMeasure", ServiceCode: "2861", ServiceDescription: "All Dispensers AccuMeasure Test",
		ServiceType: "Testing", ServiceQuantity: 8, ServiceItems: []scrape.ServiceItem{{Quantity: 8, Name: "All Dispensers"}, {Quantity: 1, Name: "Filter change"}},
		Instructions: "Calibrate all dispensers.", ScheduledDate: day(3), DueDate: day(5), VisitID: "900001",
		VisitURL: "https://portal.example.com/app/work/100001/visits/900001/", VisitsDone: 1, VisitsPlanned: 2,
		CreatedDate: day(1), CreatedBy: "Pat Example", CreatedAt: at(0), UpdatedAt: at(41.12),
	}
}

func TestListWorkOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders = []scrape.WorkOrder{order(), {ID: "2", UserID: tech.ID, SiteName: "Bare", Status: "pending", RemovedAt: pointer(at(1))}}
	for _, path := range []string{workOrders + "/", workOrders, workOrders + "?user_id=" + string(tech.ID), workOrders + "/?profile_queries=true&user_id=" + string(tech.ID)} {
		got := w.do(t, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, scrape.WorkOrderFilter{Limit: 100}, w.filter)
		require.Equal(t, "302", got.header.Get("X-Total-Count"))
		require.Equal(t, "0", got.header.Get("X-Skip"))
		require.Equal(t, "100", got.header.Get("X-Limit"))
		rows := got.list(t)
		require.Len(t, rows, 2)
		for _, row := range rows {
			requireKeys(t, row, workOrderKeys...)
		}
		require.Equal(t, map[string]any{
			"id": "00000000-0000-4000-8000-000000000001", "external_id": "100001", "site_name": "Example Fuel Stop", "store_number": "#4001",
			"address": "100 Sample Road, Sampletown ZZ 00000, Sample County", "street": "100 Sample Road", "city_state": "Sampletown ZZ 00000",
			"county": "Sample County", "scheduled_date": "2030-02-03T00:00:00", "created_date": "2030-02-01T00:00:00", "due_date": "2030-02-05T00:00:00",
			"status": "pending", "visit_url": "https://portal.example.com/app/work/100001/visits/900001/", "visit_id": "900001", "visit_number": "900001",
			"instructions": "Calibrate all dispensers.", "service_code": "2861", "service_name": "AccuMeasure",
			"service_description": "All Dispensers AccuMeasure Test", "service_items": []any{"8 x All Dispensers", "1 x Filter change"},
			"created_by": "Pat Example", "customer_url": "https://portal.example.com/app/customers/locations/71001/",
			"scraped_data": map[string]any{
				"service_info":       map[string]any{"type": "Testing", "quantity": 8.0},
				"address_components": map[string]any{"street": "100 Sample Road", "intersection": "", "cityState": "Sampletown ZZ 00000", "county": "Sample County"},
				"customer_url":       "https://portal.example.com/app/customers/locations/71001/",
			},
			"created_at": "2030-01-02T13:30:00.123456Z", "updated_at": "2030-01-02T13:30:41.243456Z", "dispensers": []any{},
			"customer_name": "Example Fuel Stop", "intersection": nil, "project": nil, "portal_status": "Work Created",
			"visits_done": 1.0, "visits_planned": 2.0, "service_quantity": 8.0, "removed_at": nil,
		}, rows[0])
		for _, field := range []string{
			"external_id", "address", "street", "city_state", "county", "store_number", "scheduled_date", "created_date", "visit_url", "visit_id",
			"visit_number", "instructions", "service_code", "service_name", "service_description", "created_by", "customer_url", "customer_name", "due_date",
		} {
			require.Nil(t, rows[1][field], field)
		}
		require.Equal(t, []any{}, rows[1]["service_items"])
		require.Equal(t, []any{}, rows[1]["dispensers"])
		require.Equal(t, "2030-01-02T13:30:01.123456Z", rows[1]["removed_at"])
	}
	w.orders = nil
	require.JSONEq(t, `[]`, w.do(t, http.MethodGet, workOrders, "").text)
}

func TestWorkOrderFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.do(t, http.MethodGet, workOrders+"?skip=5&limit=500&start_date=2030-02-03&end_date=2030-02-10T00:00:00&include_removed=true", "")
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, scrape.WorkOrderFilter{
		Skip: 5, Limit: 500, From: pointer(time.Date(2030, 2, 3, 0, 0, 0, 0, time.UTC)), To: pointer(time.Date(2030, 2, 10, 0, 0, 0, 0, time.UTC)), IncludeRemoved: true,
	}, w.filter)
	require.Equal(t, "5", got.header.Get("X-Skip"))
	require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, workOrders+"?start_date=2030-02-03T05:00:00-05:00", "").status)
	require.Equal(t, time.Date(2030, 2, 3, 5, 0, 0, 0, time.UTC), *w.filter.From, "dates are local and are not shifted")
	for query, want := range map[string]string{
		"limit=0": "limit must be at least 1.", "limit=501": "limit must be at most 500.", "limit=x": "limit must be a whole number.",
		"skip=-1": "skip must be at least 0.", "include_removed=maybe": "include_removed must be true or false.",
		"start_date=soon": "start_date must be a date such as 2030-02-03.", "end_date=2030-02-30": "end_date must be a date such as 2030-02-03.",
	} {
		problem := w.do(t, http.MethodGet, workOrders+"?"+query, "").requireProblem(t, http.StatusUnprocessableEntity, want)
		require.Equal(t, "invalid", problem["error"])
		require.Len(t, problem["errors"], 1)
	}
	for _, path := range []string{workOrders, workOrders + "/", workOrders + "/x"} {
		w.do(t, http.MethodGet, path+"?user_id="+string(other.ID), "").requireProblem(t, http.StatusForbidden, "You can only access your own data")
	}
}

func TestGetWorkOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, foreign := order(), order()
	foreign.ID, foreign.UserID = "2", other.ID
	w.orders = []scrape.WorkOrder{mine, foreign}
	for _, slash := range []string{"", "/", "?user_id=" + string(tech.ID)} {
		got := w.do(t, http.MethodGet, workOrders+"/"+mine.ID+slash, "")
		require.Equal(t, http.StatusOK, got.status)
		requireKeys(t, got.object(t), append([]string{"notes"}, workOrderKeys...)...)
		require.Nil(t, got.object(t)["notes"])
	}
	for _, id := range []string{"2", "unknown"} {
		w.do(t, http.MethodGet, workOrders+"/"+id, "").requireProblem(t, http.StatusNotFound, "Work order not found")
	}
}
