package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/scrape"
)

// collected fills the world with what runs leave behind.
func (w *world) collected() {
	w.dispensers = []scrape.Dispenser{card("71001", "1/2"), card("71001", "3/4")}
	w.sites = map[scrape.RunID][]scrape.SiteRun{500: {
		{LocationID: "71001", Label: "Example Fuel Stop #4001", Orders: []string{"100001"}, State: scrape.SiteStored, Dispensers: 2, Announced: 2, At: pointer(at(5))},
		{LocationID: "71002", State: scrape.SiteHeld, Message: "It shows none.", Announced: -1, At: pointer(at(6))},
	}}
	w.changes = []scrape.Change{
		{RunID: 500, At: at(4), Kind: scrape.ChangeAdded, Item: scrape.ItemDispenser, Key: "71001/1/2", Label: "Example Fuel Stop #4001 1/2"},
		{RunID: 500, At: at(5), Kind: scrape.ChangeChanged, Item: scrape.ItemWorkOrder, Key: "100001", Label: "Example Fuel Stop #4001", Fields: []scrape.FieldChange{
			{Field: "instructions", Old: nil, New: "Calibrate all dispensers."},
			{Field: "visits_done", Old: 0, New: 1},
			{Field: "service_items", Old: []string{"8 x All Dispensers"}, New: []string{}},
		}},
	}
	w.attempts = []scrape.Attempt{
		{
			Step: "CollectWorkOrders", Number: 2, At: at(3), Kind: scrape.KindLayoutChanged, Message: "The list is missing.", Detail: "wait: context deadline exceeded",
			Missing: &scrape.Missing{Page: "work-order list", Element: "list of work orders", Selector: ".work-list-item"},
		},
		{Step: "Login", Number: 1, At: at(2), Kind: scrape.KindPortalDown, Message: "WorkFossa does not answer."},
	}
	w.evidence = []scrape.EvidenceFile{
		{Name: "collectworkorders-2-screenshot.jpg", ContentType: "image/jpeg", Step: "CollectWorkOrders", Attempt: 2, Size: 3, TakenAt: at(3), Body: []byte("\xff\xd8\xff")},
		{Name: "collectworkorders-2-page.html", ContentType: "text/html; charset=utf-8", Step: "CollectWorkOrders", Attempt: 2, Size: 33, TakenAt: at(3), Body: []byte("<script>alert(1)</script><p>list</p>")},
		{Name: "collectworkorders-2-network.json", ContentType: "application/json", Step: "CollectWorkOrders", Attempt: 2, Size: 2, TakenAt: at(3), Body: []byte("[]")},
		{Name: "drawing.svg", ContentType: "image/svg+xml", Step: "Login", Attempt: 1, Size: 6, TakenAt: at(2), Body: []byte("<svg/>")},
		{Name: "odd.bin", ContentType: "application/x-odd", Step: "Login", Attempt: 1, Size: 1, TakenAt: at(2), Body: []byte("x")},
	}
	w.items = []scrape.Item{
		{Key: "100001/400MB-10", Label: "2 x 400MB-10", Data: map[string]any{"quantity": 2, "part_number": "400MB-10"}, CreatedAt: at(1), UpdatedAt: at(2)},
		{Key: "bare", CreatedAt: at(1), UpdatedAt: at(2)},
	}
	w.result = &scrape.JobResult{RunID: 500, At: at(3), Document: []byte(`{"summary":[],"details":[],"warnings":[],"totalFilters":5,"totalBoxes":2,
		"metadata":{"calculatedAt":"2030-01-02T13:30:03Z","jobCount":1,"storeCount":1},"sites":[],"days":[],"weeks":[]}`)}
	w.info = credentials.Info{
		HasCredentials: true, Username: email, State: scrape.CredentialOK, CreatedAt: pointer(at(1)), UpdatedAt: pointer(at(2)), VerifiedAt: pointer(at(3)), LoginAt: pointer(at(4)),
	}
	w.tested = credentials.TestResult{Status: "success", Message: "WorkFossa accepts these credentials.", Username: email}
}

func TestGetRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := failedRun()
	asked.Options = scrape.RunOptions{Force: true, WorkOrders: []string{"a"}, AnyService: true}
	asked.Cancel = &scrape.CancelRequest{By: email, At: at(-91)}
	w.runs = append(w.runs, asked)
	for _, slash := range []string{"", "/"} {
		got := w.do(t, http.MethodGet, "/api/runs/500"+slash, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		row := got.object(t)
		requireKeys(t, row, runKeys...)
		require.Equal(t, map[string]any{"force": true, "work_order_ids": []any{"a"}, "any_service": true}, row["options"])
		require.Equal(t, email, row["cancel_requested_by"])
		require.Equal(t, "2030-01-02T13:28:29.123456Z", row["cancel_requested_at"])
	}
}

func TestRunsOfOthersDoNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := failedRun()
	foreign.ID, foreign.UserID, foreign.ScheduleID = 600, other.ID, 8
	w.runs = append(w.runs, foreign)
	w.collected()
	for path, method := range map[string]string{
		"": http.MethodGet, "/changes": http.MethodGet, "/sites": http.MethodGet, "/cancel": http.MethodPost, "/evidence": http.MethodGet,
		"/evidence/" + w.evidence[0].Name: http.MethodGet,
	} {
		for _, id := range []string{"600", "999", "-1", "0"} {
			w.do(t, method, "/api/runs/"+id+path, "").requireProblem(t, http.StatusNotFound, "History record not found")
		}
		w.do(t, method, "/api/runs/x"+path, "").requireProblem(t, http.StatusUnprocessableEntity, "id must be a whole number.")
		require.Equal(t, http.StatusUnauthorized, w.do(t, method, "/api/runs/501"+path, "", "Authorization:").status)
	}
	for _, path := range []string{"/cancel", "/evidence", "/evidence/" + w.evidence[0].Name} {
		method := http.MethodGet
		if path == "/cancel" {
			method = http.MethodPost
		}
		w.do(t, method, root+"/8/history/600"+path, "").requireProblem(t, http.StatusNotFound, "Schedule not found")
		w.do(t, method, root+"/7/history/600"+path, "").requireProblem(t, http.StatusNotFound, "History record not found")
	}
}

func TestRunChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs = append(w.runs, failedRun())
	require.JSONEq(t, `{"changes": [], "next": null}`, w.do(t, http.MethodGet, "/api/runs/500/changes", "").text)
	w.collected()
	w.next = 77
	for _, path := range []string{"/changes?after=5&limit=2", "/changes/?after=5&limit=2"} {
		got := w.do(t, http.MethodGet, "/api/runs/500"+path, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, int64(5), w.after)
		require.Equal(t, 2, w.limit)
		require.JSONEq(t, `{"next": 77, "changes": [
			{"kind": "added", "item": "dispenser", "key": "71001/1/2", "label": "Example Fuel Stop #4001 1/2", "at": "2030-01-02T13:30:04.123456Z", "run_id": 500, "fields": []},
			{"kind": "changed", "item": "work_order", "key": "100001", "label": "Example Fuel Stop #4001", "at": "2030-01-02T13:30:05.123456Z", "run_id": 500, "fields": [
				{"field": "instructions", "old": null, "new": "Calibrate all dispensers."}, {"field": "visits_done", "old": 0, "new": 1},
				{"field": "service_items", "old": ["8 x All Dispensers"], "new": []}
			]}]}`, got.text)
	}
	require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, "/api/runs/500/changes", "").status)
	require.Equal(t, 100, w.limit)
	for query, want := range map[string]string{
		"limit=0": "limit must be at least 1.", "limit=501": "limit must be at most 500.", "after=-1": "after must be at least 0.", "after=x": "after must be a whole number.",
	} {
		w.do(t, http.MethodGet, "/api/runs/500/changes?"+query, "").requireProblem(t, http.StatusUnprocessableEntity, want)
	}
}

func TestRunSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs = append(w.runs, failedRun())
	require.JSONEq(t, `[]`, w.do(t, http.MethodGet, "/api/runs/500/sites", "").text)
	w.collected()
	for _, slash := range []string{"", "/"} {
		require.JSONEq(t, `[
			{"location_id": "71001", "label": "Example Fuel Stop #4001", "work_orders": ["100001"], "state": "stored", "message": null, "dispensers": 2,
				"announced": 2, "added": 0, "updated": 0, "unchanged": 0, "removed": 0, "failed": 0, "read_at": "2030-01-02T13:30:05.123456Z"},
			{"location_id": "71002", "label": "", "work_orders": [], "state": "held", "message": "It shows none.", "dispensers": 0,
				"announced": null, "added": 0, "updated": 0, "unchanged": 0, "removed": 0, "failed": 0, "read_at": "2030-01-02T13:30:06.123456Z"}
		]`, w.do(t, http.MethodGet, "/api/runs/500/sites"+slash, "").text)
	}
}

func TestCancelRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	going := failedRun()
	going.ID, going.CompletedAt, going.Outcome = 502, nil, ""
	w.runs = append(w.runs, going)
	for _, path := range []string{"/api/runs/502/cancel", "/api/runs/502/cancel/", root + "/7/history/502/cancel", root + "/7/history/502/cancel/"} {
		got := w.do(t, http.MethodPost, path, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		row := got.object(t)
		requireKeys(t, row, runKeys...)
		require.InDelta(t, 502, row["id"], 0)
		require.Equal(t, email, row["cancel_requested_by"])
		require.Equal(t, "2030-01-02T13:30:07.123456Z", row["cancel_requested_at"])
	}
	for _, path := range []string{"/api/runs/501/cancel", root + "/7/history/501/cancel"} {
		problem := w.do(t, http.MethodPost, path, "").requireProblem(t, http.StatusConflict, "This run has ended already.")
		require.Equal(t, "conflict", problem["error"])
	}
}

func TestWorkOrderChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.collected()
	foreign := order()
	foreign.ID, foreign.UserID = "2", other.ID
	w.orders = []scrape.WorkOrder{order(), foreign}
	for _, slash := range []string{"", "/"} {
		got := w.do(t, http.MethodGet, workOrders+"/"+order().ID+"/changes"+slash+"?limit=3&user_id="+string(tech.ID), "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, 3, w.limit)
		requireKeys(t, got.object(t), "changes")
		changes := got.object(t)["changes"].([]any)
		require.Len(t, changes, 1, "of the order itself")
		require.Equal(t, "100001", changes[0].(map[string]any)["key"])
	}
	w.do(t, http.MethodGet, workOrders+"/2/changes", "").requireProblem(t, http.StatusNotFound, "Work order not found")
	w.do(t, http.MethodGet, workOrders+"/"+order().ID+"/changes?user_id="+string(other.ID), "").
		requireProblem(t, http.StatusForbidden, "You can only access your own data")
}

// A run for other things says so.
func TestProgressNamesWhatIsCollected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for job, want := range map[scrape.JobType]string{
		scrape.JobDispensers: "Read 44 dispensers: 2 new, 5 changed, 1 no longer listed.", scrape.JobFilters: "Read 44 items: 2 new, 5 changed, 1 no longer listed.",
	} {
		w.schedules[0].JobType, w.runs[0].JobType = job, job
		w.runs[0].CompletedAt, w.runs[0].Progress.Message = pointer(time.Now()), ""
		got := w.do(t, http.MethodGet, root+"/7/sync-progress", "").object(t)
		require.Equal(t, want, got["message"])
		require.Equal(t, string(job), got["schedule_type"])
	}
}
