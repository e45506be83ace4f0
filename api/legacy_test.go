package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// browser is a browser that runs the old front end: it comes from another origin and has the token of a login.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
	token  string
}

// open serves the world over a real connection and signs in as the old login page does, with an absolute URL.
func open(t *testing.T, w *world) *browser {
	t.Helper()
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	client := server.Client()
	client.CheckRedirect = func(request *http.Request, _ []*http.Request) error {
		return fmt.Errorf("redirected to %s: a cross-origin redirect loses the token", request.URL)
	}
	b := &browser{t: t, base: server.URL, client: client}
	login := b.call(http.MethodPost, "/api/auth/login", `{"username":"tech@example.com","password":"demo-password"}`).object(t)
	b.token = login["access_token"].(string)
	require.NotEmpty(t, login["user_id"])
	require.Equal(t, email, login["email"])
	return b
}

// call sends what axios sends: the preflight that a browser asks first, then the request itself.
func (b *browser) call(method, path, body string) answer {
	b.t.Helper()
	if method != http.MethodGet || b.token != "" {
		preflight := b.send(http.MethodOptions, path, "", http.Header{
			"Origin": {front}, "Access-Control-Request-Method": {method}, "Access-Control-Request-Headers": {"authorization,content-type"},
		})
		require.Equal(b.t, http.StatusOK, preflight.status)
		require.Equal(b.t, front, preflight.header.Get("Access-Control-Allow-Origin"))
	}
	headers := http.Header{"Origin": {front}, "Accept": {"application/json, text/plain, */*"}, "Content-Type": {"application/json"}}
	if method == http.MethodGet || body == "" {
		headers.Del("Content-Type")
	}
	if b.token != "" {
		headers.Set("Authorization", "Bearer "+b.token)
	}
	got := b.send(method, path, body, headers)
	require.Equal(b.t, front, got.header.Get("Access-Control-Allow-Origin"), "else the browser keeps the answer from the page")
	return got
}

func (b *browser) send(method, path, body string, headers http.Header) answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	require.NoError(b.t, err)
	request.Header = headers
	response, err := b.client.Do(request)
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return answer{response.StatusCode, response.Header, string(text)}
}

// ok is a call that must succeed.
func (b *browser) ok(method, path, body string) answer {
	b.t.Helper()
	got := b.call(method, path, body)
	require.Equal(b.t, http.StatusOK, got.status, got.text)
	return got
}

// requireZoned checks a time that a page gives to Date or counts down to: without a zone it would be taken for local.
func requireZoned(t *testing.T, value any) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.999999Z", value.(string))
	require.NoError(t, err)
	return at
}

// The navigation bar, on every page.
func TestLegacyScrapingStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs[0].CompletedAt = pointer(time.Now().Add(-time.Hour))
	b := open(t, w)
	first := b.ok(http.MethodGet, "/api/scraping-schedules/", "").list(t)[0]
	require.Equal(t, true, first["enabled"])
	require.IsType(t, 0.0, first["consecutive_failures"])
	requireZoned(t, first["last_run"])
	require.Greater(t, time.Until(requireZoned(t, first["next_run"])), time.Duration(0))
	id := fmt.Sprint(first["id"])
	require.Equal(t, "7", id)

	newest := b.ok(http.MethodGet, "/api/scraping-schedules/"+id+"/history?limit=1", "").list(t)
	require.Len(t, newest, 1)
	require.Equal(t, true, newest[0]["success"])
	require.InDelta(t, 44, newest[0]["items_processed"], 0)
	requireZoned(t, newest[0]["completed_at"])
	requireZoned(t, newest[0]["started_at"])
	require.Equal(t, "not_found", b.ok(http.MethodGet, "/api/scraping-schedules/"+id+"/sync-progress", "").object(t)["status"])
}

// The settings page: run now, then poll every second until the end.
func TestLegacyRunAndPoll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := open(t, w)
	poll := func() map[string]any {
		progress := b.ok(http.MethodGet, "/api/scraping-schedules/7/sync-progress", "").object(t)
		for _, field := range []string{"status", "message", "phase"} {
			require.IsType(t, "", progress[field])
		}
		require.IsType(t, 0.0, progress["percentage"])
		require.IsType(t, 0.0, progress["work_orders_found"])
		return progress
	}
	started := b.ok(http.MethodPost, "/api/scraping-schedules/7/run", "").object(t)
	require.Equal(t, "Work order sync started", started["message"])
	require.NotEmpty(t, started["job_id"])
	require.Equal(t, "in_progress", poll()["status"], "the hook stops for good on anything else, also on the end of an earlier run")
	row := b.ok(http.MethodGet, "/api/scraping-schedules/7/history?limit=1", "").list(t)[0]
	require.Nil(t, row["completed_at"], "the page's only sign of a run that is going")

	w.mu.Lock()
	run := &w.runs[0]
	run.CompletedAt, run.Outcome, run.Counts.Processed = pointer(time.Now().Add(-10*time.Second)), scrape.OutcomeSuccess, 44
	run.Progress = scrape.Progress{Phase: scrape.PhaseCompleted, Percentage: 100, Found: 44, Processed: 44}
	w.mu.Unlock()
	progress := poll()
	require.Equal(t, "completed", progress["status"], "an end stays visible for at least 10 s")
	require.InDelta(t, 100, progress["percentage"], 0)
	require.InDelta(t, 44, progress["work_orders_found"], 0)

	w.fail = scrape.Errorf(scrape.KindInvalid, "WorkFossa credentials not configured. Please set up your credentials in Settings.")
	refused := b.call(http.MethodPost, "/api/scraping-schedules/7/run", "")
	require.GreaterOrEqual(t, refused.status, 400)
	require.Contains(t, refused.object(t)["detail"].(string), "credentials", "the page goes to its settings at this word")
}

// The editor: everything that a schedule can be made to do.
func TestLegacyEditor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := open(t, w)
	requireSchedule := func(schedule map[string]any, hours any) {
		t.Helper()
		for _, field := range scheduleKeys[:12] {
			require.Contains(t, schedule, field)
		}
		require.Equal(t, hours, schedule["active_hours"])
	}
	created := b.ok(http.MethodPost, "/api/scraping-schedules/",
		`{"schedule_type":"work_orders","interval_hours":1,"active_hours":{"start":6,"end":22},"enabled":true}`).object(t)
	requireSchedule(created, map[string]any{"start": 6.0, "end": 22.0})
	requireSchedule(b.ok(http.MethodPost, "/api/scraping-schedules/",
		`{"schedule_type":"work_orders","interval_hours":0.5,"active_hours":null,"enabled":true}`).object(t), nil)

	updated := b.ok(http.MethodPut, "/api/scraping-schedules/7", `{"interval_hours":2.5,"active_hours":null,"enabled":true}`).object(t)
	requireSchedule(updated, nil)
	require.InDelta(t, 2.5, updated["interval_hours"], 0)
	next := time.Until(requireZoned(t, updated["next_run"]))
	require.Greater(t, next, time.Duration(0))
	require.LessOrEqual(t, next, 150*time.Minute, "never later than the interval")
	paused := b.ok(http.MethodPut, "/api/scraping-schedules/7", `{"interval_hours":2.5,"active_hours":{"start":0,"end":23},"enabled":false}`).object(t)
	requireSchedule(paused, map[string]any{"start": 0.0, "end": 23.0})
	require.Nil(t, paused["next_run"])
	require.Equal(t, "paused", paused["status"])

	row := b.ok(http.MethodGet, "/api/scraping-schedules/7/history", "").list(t)[0]
	for _, field := range []string{
		"id", "started_at", "completed_at", "success", "items_processed", "error_message", "duration_seconds", "trigger_type", "has_error_log",
	} {
		require.Contains(t, row, field)
	}
	require.Equal(t, "Schedule deleted successfully", b.ok(http.MethodDelete, "/api/scraping-schedules/7", "").object(t)["message"])

	w.fail = scrape.Errorf(scrape.KindConflict, "Schedule for work_orders already exists")
	exists := b.call(http.MethodPost, "/api/scraping-schedules/", `{"schedule_type":"work_orders"}`)
	require.Equal(t, http.StatusBadRequest, exists.status)
	require.Equal(t, "Schedule for work_orders already exists", exists.object(t)["detail"])
	wrong := b.call(http.MethodPost, "/api/scraping-schedules/", `{"schedule_type":"work_orders","interval_hours":48}`)
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Equal(t, "interval_hours must be at most 24.", wrong.object(t)["detail"], "a text: a list would break the page")
}

// The settings page of the second generation.
func TestLegacySecondGeneration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs = append(w.runs, failedRun())
	b := open(t, w)
	status := b.ok(http.MethodGet, "/api/scraping-schedules/status/daemon", "").object(t)
	require.Equal(t, true, status["scheduler_running"], "else the badge says offline")
	require.InDelta(t, 1, status["active_schedules"], 0)
	require.NotEmpty(t, status["message"])
	requireZoned(t, status["last_execution"])
	job := status["jobs"].([]any)[0].(map[string]any)
	for _, field := range []string{"id", "name", "trigger"} {
		require.IsType(t, "", job[field])
	}
	requireZoned(t, job["next_run_time"])

	for _, row := range b.ok(http.MethodGet, "/api/scraping-schedules/7/history", "").list(t) {
		if row["has_error_log"] == false {
			continue
		}
		log := b.ok(http.MethodGet, fmt.Sprintf("/api/scraping-schedules/7/history/%v/error-log", row["id"]), "").object(t)["error_log"].(map[string]any)
		for _, field := range []string{"error_type", "error_message", "timestamp", "user_id", "traceback"} {
			require.NotEmpty(t, log[field], field)
		}
		requireZoned(t, log["timestamp"])
	}
	require.Equal(t, http.StatusOK, b.call(http.MethodPost, "/api/scraping-schedules/7/run", "{}").status)
}

// The dashboard of tests, and the home page.
func TestLegacyTestingDashboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders = []scrape.WorkOrder{order()}
	b := open(t, w)
	require.Equal(t, "running", b.ok(http.MethodGet, "/api/scraping-schedules/status/daemon", "").object(t)["daemon_status"])
	schedule := b.ok(http.MethodGet, "/api/scraping-schedules/", "").list(t)[0]
	for _, field := range []string{"enabled", "interval_hours", "last_run", "next_run", "consecutive_failures", "active_hours"} {
		require.NotNil(t, schedule[field], field)
	}
	for _, row := range b.ok(http.MethodGet, "/api/scraping-schedules/7/history", "").list(t) {
		require.IsType(t, true, row["success"])
	}
	started := b.ok(http.MethodPost, "/api/scraping-schedules/7/run", "").object(t)
	require.NotEmpty(t, started["message"])
	require.NotEmpty(t, started["job_id"])

	me := b.ok(http.MethodGet, "/api/auth/me", "").object(t)
	orders := b.ok(http.MethodGet, fmt.Sprintf("/api/v1/work-orders?user_id=%v", me["id"]), "").list(t)
	require.Len(t, orders, 1)
	require.Equal(t, "100001", orders[0]["external_id"])
	require.Equal(t, "#4001", orders[0]["store_number"])
	require.NotEmpty(t, orders[0]["customer_name"])
	require.Equal(t, []any{}, orders[0]["dispensers"])
	require.Len(t, b.ok(http.MethodGet, fmt.Sprintf("/api/v1/work-orders/?user_id=%v", me["id"]), "").list(t), 1)

	b.token = ""
	require.Equal(t, "healthy", b.ok(http.MethodGet, "/health", "").object(t)["status"])
	require.Equal(t, false, b.ok(http.MethodGet, "/api/setup/status", "").object(t)["setup_required"])
	out := b.call(http.MethodGet, "/api/scraping-schedules/", "")
	require.Equal(t, http.StatusUnauthorized, out.status, "the page signs out at this")
	require.Equal(t, "Authentication required", out.object(t)["detail"])
}
