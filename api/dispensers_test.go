package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

var dispenserKeys = []string{
	"id", "dispenser_number", "dispenser_type", "fuel_grades", "fuel_grades_list", "grades_list", "status", "progress_percentage", "automation_completed",
	"make", "model", "serial_number", "meter_type", "number_of_nozzles", "stand_alone_code", "title", "dispenser_numbers", "custom_fields",
}

func card(location, number string) scrape.Dispenser {
	return scrape.Dispenser{
		ID: location + " " + number, UserID: tech.ID, LocationID: location, Number: number, Numbers: []string{"1", "2"},
		Title: number + " - Regular, Diesel - Examplemake", Make: "Examplemake", Model: "X-1", SerialNumber: "000001", MeterType: "Electronic",
		NozzlesPerSide: "3", StandAloneCode: "0126", Grades: []string{"Regular", "Diesel High Flow"},
		CustomFields: map[string]string{"Nozzles per side": "3"}, CreatedAt: at(1), UpdatedAt: at(2),
	}
}

// orderAt is a work order of the technician at a location, with a service that asks for dispensers.
func orderAt(id, location string) scrape.WorkOrder {
	out := order()
	out.ID, out.LocationID = id, location
	if location == "" {
		out.CustomerURL = ""
	}
	return out
}

func TestWorkOrdersCarryDispensers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders = []scrape.WorkOrder{orderAt("a", "71001"), orderAt("b", "71002"), orderAt("c", "71001"), orderAt("d", "")}
	bare := scrape.Dispenser{ID: "bare", UserID: tech.ID, LocationID: "71002", Number: "5"}
	foreign := card("71002", "9/10")
	foreign.UserID = other.ID
	w.dispensers = []scrape.Dispenser{card("71001", "1/2"), bare, foreign}

	rows := w.do(t, http.MethodGet, workOrders, "").list(t)
	require.Equal(t, [][]string{{"71001", "71002"}}, w.looks, "one question for the whole page, each location once")
	first := rows[0]["dispensers"].([]any)
	require.Equal(t, []any{map[string]any{
		"id": "71001 1/2", "dispenser_number": "1/2", "dispenser_type": "Examplemake",
		"fuel_grades":      map[string]any{"regular": map[string]any{"name": "Regular"}, "diesel_high_flow": map[string]any{"name": "Diesel High Flow"}},
		"fuel_grades_list": []any{"Regular", "Diesel High Flow"}, "grades_list": []any{"Regular", "Diesel High Flow"},
		"status": "pending", "progress_percentage": 0.0, "automation_completed": false, "make": "Examplemake", "model": "X-1", "serial_number": "000001",
		"meter_type": "Electronic", "number_of_nozzles": "3", "stand_alone_code": "0126", "title": "1/2 - Regular, Diesel - Examplemake",
		"dispenser_numbers": []any{"1", "2"}, "custom_fields": map[string]any{"Nozzles per side": "3"},
	}}, first)
	require.Equal(t, first, rows[2]["dispensers"], "another order at the same location")
	require.Equal(t, []any{}, rows[3]["dispensers"])
	second := rows[1]["dispensers"].([]any)
	require.Len(t, second, 1, "not those of somebody else")
	empty := second[0].(map[string]any)
	requireKeys(t, empty, dispenserKeys...)
	require.Equal(t, map[string]any{}, empty["fuel_grades"])
	require.Equal(t, map[string]any{}, empty["custom_fields"])
	for _, list := range []string{"fuel_grades_list", "grades_list", "dispenser_numbers"} {
		require.Equal(t, []any{}, empty[list], list)
	}
	for _, field := range []string{"dispenser_type", "make", "model", "serial_number", "meter_type", "number_of_nozzles", "stand_alone_code", "title"} {
		require.Nil(t, empty[field], field)
	}

	detail := w.do(t, http.MethodGet, workOrders+"/a", "").object(t)
	requireKeys(t, detail, append([]string{"notes"}, workOrderKeys...)...)
	shown := detail["dispensers"].([]any)[0].(map[string]any)
	requireKeys(t, shown, append([]string{"created_at", "updated_at"}, dispenserKeys...)...)
	require.Equal(t, "2030-01-02T13:30:02.123456Z", shown["updated_at"])
	w.looks = nil
	require.Equal(t, []any{}, w.do(t, http.MethodGet, workOrders+"/d", "").object(t)["dispensers"])
	require.Empty(t, w.looks, "nothing to ask for")
}

func TestScrapeDispensersOfAnOrder(t *testing.T) {
	t.Parallel()
	for _, slash := range []string{"", "/"} {
		w := newWorld(t)
		w.orders = []scrape.WorkOrder{orderAt("a", "71001"), orderAt("d", "")}
		w.dispensers = []scrape.Dispenser{card("71001", "1/2"), card("71001", "3/4")}
		ask := func(id, query string) map[string]any {
			got := w.do(t, http.MethodPost, workOrders+"/"+id+"/scrape-dispensers"+slash+"?user_id="+string(tech.ID)+query, "{}")
			require.Equal(t, http.StatusOK, got.status, got.text)
			return got.object(t)
		}
		skipped := ask("a", "&force_refresh=false")
		requireKeys(t, skipped, "status", "message", "work_order_id", "dispenser_count", "timestamp")
		require.Equal(t, "skipped", skipped["status"])
		require.InDelta(t, 2, skipped["dispenser_count"], 0)

		lost := ask("d", "&force_refresh=true")
		requireKeys(t, lost, "status", "message", "work_order_id", "timestamp")
		require.Equal(t, "error", lost["status"])
		require.Empty(t, w.job, "nothing was started so far")

		started := ask("a", "&force_refresh=true")
		requireKeys(t, started, "status", "message", "work_order_id", "customer_url", "timestamp", "schedule_id", "run_id")
		require.Equal(t, "scraping_started", started["status"])
		require.Equal(t, "a", started["work_order_id"])
		require.Equal(t, w.orders[0].CustomerURL, started["customer_url"])
		require.Equal(t, "2030-01-02T13:31:40.123456Z", started["timestamp"])
		require.InDelta(t, 502, started["run_id"], 0)
		require.InDelta(t, 7, started["schedule_id"], 0)
		require.Equal(t, scrape.JobDispensers, w.job)
		require.Equal(t, scrape.RunOptions{Force: true, WorkOrders: []string{"a"}, AnyService: true}, w.options)

		w.dispensers = nil
		require.Equal(t, "scraping_started", ask("a", "")["status"])
		require.Equal(t, scrape.RunOptions{WorkOrders: []string{"a"}, AnyService: true}, w.options)
	}
}

func TestScrapeDispensersRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := orderAt("x", "71001")
	foreign.UserID = other.ID
	w.orders = []scrape.WorkOrder{orderAt("a", "71001"), foreign}
	for method, path := range map[string]string{
		http.MethodPost: "/%s/scrape-dispensers", http.MethodGet: "/%s/scrape-dispensers/progress",
	} {
		for _, id := range []string{"x", "unknown"} {
			w.do(t, method, workOrders+fmt.Sprintf(path, id), "").requireProblem(t, http.StatusNotFound, "Work order not found")
		}
		w.do(t, method, workOrders+fmt.Sprintf(path, "a")+"?user_id="+string(other.ID), "").
			requireProblem(t, http.StatusForbidden, "You can only access your own data")
	}
	w.do(t, http.MethodPost, workOrders+"/scrape-dispensers-batch?user_id="+string(other.ID), "").
		requireProblem(t, http.StatusForbidden, "You can only access your own data")
	w.do(t, http.MethodGet, workOrders+"/scrape-dispensers/progress/"+string(other.ID), "").
		requireProblem(t, http.StatusForbidden, "You can only access your own data")
	w.do(t, http.MethodPost, workOrders+"/a/scrape-dispensers?force_refresh=maybe", "").
		requireProblem(t, http.StatusUnprocessableEntity, "force_refresh must be true or false.")

	for _, path := range []string{"/a/scrape-dispensers", "/scrape-dispensers-batch"} {
		w.notStarted = scrape.Errorf(scrape.KindConflict, "A run of this schedule is already in progress (run 12).").Because(&scrape.RunningError{RunID: 12})
		problem := w.do(t, http.MethodPost, workOrders+path, "").requireProblem(t, http.StatusConflict, "A run of this schedule is already in progress (run 12).")
		require.InDelta(t, 12, problem["run_id"], 0)
		w.notStarted = scrape.Errorf(scrape.KindInvalid, "WorkFossa credentials not configured. Please set up your credentials in Settings.")
		problem = w.do(t, http.MethodPost, workOrders+path, "").requireProblem(t, http.StatusBadRequest, scrape.MessageOf(w.notStarted))
		require.Equal(t, "credentials_missing", problem["error"])
	}
}

func TestScrapeDispenserBatch(t *testing.T) {
	t.Parallel()
	for _, slash := range []string{"", "/"} {
		w := newWorld(t)
		ask := func(query string) map[string]any {
			got := w.do(t, http.MethodPost, workOrders+"/scrape-dispensers-batch"+slash+"?user_id="+string(tech.ID)+query, "")
			require.Equal(t, http.StatusOK, got.status, got.text)
			require.NotEmpty(t, got.object(t)["timestamp"])
			return got.object(t)
		}
		none := ask("")
		requireKeys(t, none, "status", "message", "timestamp")
		require.Equal(t, "no_work_orders", none["status"])

		w.orders = nil
		for i, code := range []string{"2861", "2862", "3146", "3002", "3006", ""} {
			each := orderAt(string(rune('a'+i)), "7100"+string(rune('1'+i)))
			each.ServiceCode = code
			w.orders = append(w.orders, each)
		}
		w.orders = append(w.orders, orderAt("z", "")) // nowhere to go
		w.dispensers = []scrape.Dispenser{card("71001", "1/2")}

		started := ask("")
		requireKeys(t, started, "status", "message", "work_order_count", "skipped_count", "timestamp", "schedule_id", "run_id")
		require.Equal(t, "scraping_started", started["status"])
		require.InDelta(t, 3, started["work_order_count"], 0)
		require.InDelta(t, 1, started["skipped_count"], 0)
		require.Equal(t, scrape.JobDispensers, w.job)
		require.Equal(t, scrape.RunOptions{WorkOrders: []string{"b", "c", "d"}}, w.options)

		require.InDelta(t, 4, ask("&force_refresh=true")["work_order_count"], 0)
		require.Equal(t, scrape.RunOptions{Force: true, WorkOrders: []string{"a", "b", "c", "d"}}, w.options)
		require.InDelta(t, 1, ask("&work_order_ids=a&work_order_ids=c&work_order_ids=e&work_order_ids=unknown")["work_order_count"], 0)
		require.Equal(t, []string{"c"}, w.options.WorkOrders, "asked for, asking for dispensers, and without any")

		all := ask("&work_order_ids=a")
		requireKeys(t, all, "status", "message", "total_work_orders", "skipped_count", "timestamp")
		require.Equal(t, "all_skipped", all["status"])
		require.InDelta(t, 1, all["total_work_orders"], 0)
		require.InDelta(t, 1, all["skipped_count"], 0)
		require.Equal(t, "no_work_orders", ask("&work_order_ids=unknown")["status"])
	}
}

var batchKeys = []string{
	"status", "phase", "percentage", "message", "total_work_orders", "skipped_work_orders", "processed", "successful", "failed", "started_at",
	"completed_at", "error", "run_id", "schedule_id",
}

func dispenserRun() scrape.Run {
	return scrape.Run{
		ID: 510, ScheduleID: 8, UserID: tech.ID, JobType: scrape.JobDispensers, StartedAt: at(0),
		Progress: scrape.Progress{Phase: scrape.PhaseScraping, Percentage: 40, Message: "Read 2 of 5 sites"},
	}
}

func ended(run scrape.Run, outcome scrape.Outcome, message string, ago time.Duration) scrape.Run {
	run.CompletedAt, run.Outcome, run.ErrorMessage = pointer(time.Now().Add(-ago)), outcome, message
	return run
}

func TestDispenserBatchProgress(t *testing.T) {
	t.Parallel()
	orders := func(n int) []string { return make([]string, n) }
	sites := []scrape.SiteRun{
		{LocationID: "1", Orders: orders(3), State: scrape.SiteStored},
		{LocationID: "2", Orders: orders(1), State: scrape.SiteFailed},
		{LocationID: "3", Orders: orders(1), State: scrape.SiteNone},
		{LocationID: "4", Orders: orders(2), State: scrape.SiteFresh},
		{LocationID: "5", Orders: orders(1), State: scrape.SiteKnown},
		{LocationID: "6", Orders: orders(4), State: scrape.SitePending},
		{LocationID: "7", Orders: orders(1), State: scrape.SiteHeld},
	}
	waiting := dispenserRun()
	waiting.Options.WorkOrders = orders(9)
	for name, test := range map[string]struct {
		run   scrape.Run
		sites []scrape.SiteRun
		want  map[string]any
	}{
		"just asked for": {waiting, nil, map[string]any{"status": "in_progress", "total_work_orders": 9.0, "processed": 0.0, "skipped_work_orders": 0.0}},
		"going": {dispenserRun(), sites, map[string]any{
			"status": "in_progress", "phase": "scraping", "percentage": 40.0, "message": "Read 2 of 5 sites", "total_work_orders": 13.0,
			"skipped_work_orders": 3.0, "processed": 6.0, "successful": 3.0, "failed": 3.0, "completed_at": nil, "error": nil, "run_id": 510.0,
			"started_at": "2030-01-02T13:30:00.123456Z", "schedule_id": 8.0,
		}},
		"done":    {ended(dispenserRun(), scrape.OutcomeSuccess, "", 9*time.Minute), sites[:1], map[string]any{"status": "completed", "successful": 3.0, "error": nil}},
		"partial": {ended(dispenserRun(), scrape.OutcomePartial, "1 site is missing.", time.Second), sites[:2], map[string]any{"status": "completed", "error": "1 site is missing."}},
		"failed":  {ended(dispenserRun(), scrape.OutcomePortalDown, "No answer.", time.Second), nil, map[string]any{"status": "failed", "message": "No answer.", "error": "No answer."}},
		"cancelled": {ended(dispenserRun(), scrape.OutcomeCancelled, "Cancelled by tech@example.com.", time.Second), sites, map[string]any{
			"status": "cancelled", "error": "Cancelled by tech@example.com.",
		}},
		"long ago": {ended(dispenserRun(), scrape.OutcomeSuccess, "", 11*time.Minute), sites, map[string]any{"status": "idle", "total_work_orders": 0.0, "run_id": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.runs = append([]scrape.Run{test.run}, w.runs...)
			w.sites = map[scrape.RunID][]scrape.SiteRun{510: test.sites}
			for _, slash := range []string{"", "/"} {
				got := w.do(t, http.MethodGet, workOrders+"/scrape-dispensers/progress/"+string(tech.ID)+slash, "")
				require.Equal(t, http.StatusOK, got.status, got.text)
				progress := got.object(t)
				keys := batchKeys
				if test.want["status"] == "idle" {
					keys = slices.DeleteFunc(slices.Clone(batchKeys), func(key string) bool { return key == "skipped_work_orders" })
				}
				requireKeys(t, progress, keys...)
				for field, want := range test.want {
					require.Equal(t, want, progress[field], field)
				}
			}
		})
	}
	w := newWorld(t)
	require.Equal(t, "idle", w.do(t, http.MethodGet, workOrders+"/scrape-dispensers/progress/"+string(tech.ID), "").object(t)["status"], "a run for work orders is none")
}

func TestDispenserProgress(t *testing.T) {
	t.Parallel()
	site := func(state scrape.SiteState, message string) []scrape.SiteRun {
		out := scrape.SiteRun{LocationID: "71001", State: state, Message: message, At: pointer(at(30))}
		if state == scrape.SitePending || state == scrape.SiteFresh {
			out.At = nil
		}
		return []scrape.SiteRun{out}
	}
	named := dispenserRun()
	named.Options.WorkOrders = []string{"a"}
	older := ended(dispenserRun(), scrape.OutcomeSuccess, "", time.Minute)
	older.ID = 509
	done := ended(named, scrape.OutcomeSuccess, "", time.Second)
	for name, test := range map[string]struct {
		runs  []scrape.Run
		sites map[scrape.RunID][]scrape.SiteRun
		want  map[string]any
	}{
		"never":                   {nil, nil, map[string]any{"status": "not_found", "run_id": nil, "phase": "not_started"}},
		"a run for others":        {[]scrape.Run{dispenserRun()}, nil, map[string]any{"status": "not_found"}},
		"sites not chosen yet":    {[]scrape.Run{named}, nil, map[string]any{"status": "in_progress", "run_id": 510.0, "completed_at": nil}},
		"an earlier end is older": {[]scrape.Run{named, older}, map[scrape.RunID][]scrape.SiteRun{509: site(scrape.SiteStored, "")}, map[string]any{"status": "in_progress", "run_id": 510.0}},
		"login failed":            {[]scrape.Run{ended(named, scrape.OutcomeCredentialsRejected, "Sign in again.", time.Second)}, nil, map[string]any{"status": "failed", "error": "Sign in again."}},
		"pending":                 {[]scrape.Run{dispenserRun()}, map[scrape.RunID][]scrape.SiteRun{510: site(scrape.SitePending, "")}, map[string]any{"status": "in_progress", "percentage": 40.0}},
		"stored, others go on": {[]scrape.Run{dispenserRun()}, map[scrape.RunID][]scrape.SiteRun{510: site(scrape.SiteStored, "")}, map[string]any{
			"status": "completed", "phase": "completed", "percentage": 100.0, "completed_at": "2030-01-02T13:30:30.123456Z", "error": nil,
		}},
		"fresh": {[]scrape.Run{dispenserRun()}, map[scrape.RunID][]scrape.SiteRun{510: site(scrape.SiteFresh, "")}, map[string]any{"status": "completed", "error": nil}},
		"none": {[]scrape.Run{done}, map[scrape.RunID][]scrape.SiteRun{510: site(scrape.SiteNone, "")}, map[string]any{
			"status": "completed", "message": "WorkFossa shows no dispensers at this location.",
		}},
		"held":     {[]scrape.Run{done}, map[scrape.RunID][]scrape.SiteRun{510: site(scrape.SiteHeld, "It shows none.")}, map[string]any{"status": "failed", "phase": "error", "error": "It shows none."}},
		"deleted":  {[]scrape.Run{done}, map[scrape.RunID][]scrape.SiteRun{510: site(scrape.SiteDeleted, "")}, map[string]any{"status": "failed"}},
		"not done": {[]scrape.Run{ended(named, scrape.OutcomeCancelled, "Cancelled.", time.Second)}, map[scrape.RunID][]scrape.SiteRun{510: site(scrape.SitePending, "")}, map[string]any{"status": "cancelled", "error": "Cancelled."}},
		"long ago": {[]scrape.Run{ended(named, scrape.OutcomeSuccess, "", 11*time.Minute)}, map[scrape.RunID][]scrape.SiteRun{510: site(scrape.SiteStored, "")}, map[string]any{"status": "not_found"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.orders, w.runs, w.sites = []scrape.WorkOrder{orderAt("a", "71001"), orderAt("d", "")}, test.runs, test.sites
			for _, slash := range []string{"", "/"} {
				got := w.do(t, http.MethodGet, workOrders+"/a/scrape-dispensers/progress"+slash+"?user_id="+string(tech.ID), "")
				require.Equal(t, http.StatusOK, got.status, got.text)
				progress := got.object(t)
				requireKeys(t, progress, "status", "phase", "percentage", "message", "started_at", "completed_at", "error", "work_order_id", "run_id", "schedule_id")
				require.Equal(t, "a", progress["work_order_id"])
				require.NotEmpty(t, progress["message"])
				for field, want := range test.want {
					require.Equal(t, want, progress[field], field)
				}
			}
			require.Equal(t, "not_found", w.do(t, http.MethodGet, workOrders+"/d/scrape-dispensers/progress", "").object(t)["status"], "an order without a location")
		})
	}
}

// The dispensers page of the old front end: it starts, polls after half a second, and gives up at the first end that it sees.
func TestLegacyDispensers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders = []scrape.WorkOrder{orderAt("a", "71001"), orderAt("b", "71002")}
	b := open(t, w)
	user := "user_id=" + string(tech.ID)
	require.Equal(t, "scraping_started", b.ok(http.MethodPost, workOrders+"/a/scrape-dispensers?"+user, "{}").object(t)["status"])
	require.Equal(t, "in_progress", b.ok(http.MethodGet, workOrders+"/a/scrape-dispensers/progress?"+user, "").object(t)["status"])
	w.mu.Lock()
	w.runs = nil
	w.mu.Unlock()
	require.Equal(t, "scraping_started", b.ok(http.MethodPost, workOrders+"/scrape-dispensers-batch?"+user+"&work_order_ids=a&work_order_ids=b&force_refresh=false", "").object(t)["status"])
	progress := b.ok(http.MethodGet, workOrders+"/scrape-dispensers/progress/"+string(tech.ID), "").object(t)
	require.Equal(t, "in_progress", progress["status"])
	for _, field := range []string{"processed", "successful", "failed", "total_work_orders", "percentage"} {
		require.IsType(t, 0.0, progress[field])
	}
	require.InDelta(t, 2, progress["total_work_orders"], 0)
	require.IsType(t, "", progress["message"])
}
