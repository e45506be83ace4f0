package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

var errCanary = errors.New("dial tcp db.internal:5432: password authentication failed for user canary")

const ours = "Something went wrong on our side."

func TestInternalErrorsStayInside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders = []scrape.WorkOrder{{ID: "a", UserID: tech.ID}}
	w.runs = append(w.runs, failedRun())
	calls := []string{
		"GET " + root, "POST " + root, "GET " + root + "/7", "PUT " + root + "/7", "DELETE " + root + "/7", "POST " + root + "/7/run",
		"GET " + root + "/7/history", "GET " + root + "/7/sync-progress", "GET " + root + "/status/daemon", "GET " + root + "/simple-status",
		"GET " + root + "/7/history/500/error-log", "DELETE " + root + "/history", "DELETE " + root + "/history/500",
		"GET /api/v1/work-orders", "GET /api/v1/work-orders/a", "GET /api/v1/work-orders/a/changes", "PATCH /api/v1/work-orders/a/status",
		"POST /api/v1/work-orders/a/open-visit", "DELETE /api/v1/work-orders/a", "DELETE /api/v1/work-orders/a/dispensers",
		"DELETE /api/v1/work-orders/clear-all", "POST /api/v1/work-orders/a/scrape-dispensers", "GET /api/v1/work-orders/a/scrape-dispensers/progress",
		"POST /api/v1/work-orders/scrape-dispensers-batch", "GET /api/v1/work-orders/scrape-dispensers/progress/" + string(tech.ID),
		"GET /api/runs/500", "GET /api/runs/500/changes", "GET /api/runs/500/sites", "GET /api/runs/500/evidence", "GET /api/runs/500/evidence/a.jpg",
		"POST /api/runs/500/cancel", "GET /api/v1/items/filters", "GET /api/v1/filters", "GET /api/v1/credentials/workfossa",
		"POST /api/v1/credentials/workfossa", "POST /api/v1/credentials/workfossa/test", "DELETE /api/v1/credentials/workfossa",
		"GET /api/v1/credentials/security/info", "GET /api/auth/check", "GET /api/setup/status", "POST /api/auth/login", "POST /api/auth/verify",
	}
	for _, fail := range []error{errCanary, fmt.Errorf("read schedules: %w", errCanary), scrape.Errorf(scrape.KindInternal, "%s", ours).Because(errCanary)} {
		w.fail, w.signIn, w.refuse = fail, fail, fail
		for _, call := range calls {
			method, path, _ := strings.Cut(call, " ")
			got := w.do(t, method, path, `{"schedule_type":"work_orders","username":"a","password":"b","status":"failed"}`, "Origin: "+front, "X-Request-ID: from-the-proxy")
			problem := got.requireProblem(t, http.StatusInternalServerError, ours)
			requireKeys(t, problem, "title", "status", "detail", "error")
			require.NotContains(t, got.text, "canary", call)
			require.Equal(t, front, got.header.Get("Access-Control-Allow-Origin"), "the old clients could not read a 500")
		}
	}
	require.Contains(t, w.logs.String(), "canary")
	require.Contains(t, w.logs.String(), `"request_id":"from-the-proxy"`)

	w.fail = scrape.Errorf(scrape.KindUnavailable, "The database cannot be reached right now. Try again in a moment.").Because(errCanary)
	got := w.do(t, http.MethodGet, root, "")
	got.requireProblem(t, http.StatusServiceUnavailable, scrape.MessageOf(w.fail))
	require.NotContains(t, got.text, "canary")
	w.fail = fmt.Errorf("list workflows: %w", context.DeadlineExceeded)
	w.do(t, http.MethodGet, root, "").requireProblem(t, http.StatusServiceUnavailable, "This took too long. Try again in a minute.")
}

func TestPanics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, reason := range []any{"canary", errCanary, 7} {
		w.panics = reason
		got := w.do(t, http.MethodGet, root, "", "Origin: "+front)
		got.requireProblem(t, http.StatusInternalServerError, ours)
		require.NotContains(t, got.text, "canary")
		require.Equal(t, front, got.header.Get("Access-Control-Allow-Origin"))
	}
	require.Contains(t, w.logs.String(), "handler panicked")
	require.Contains(t, w.logs.String(), "canary")
	w.panics = http.ErrAbortHandler
	require.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { w.do(t, http.MethodGet, root, "") })
}

func TestNoSuchAddressOrMethod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/nothing", "/api", "/api/scraping-schedules/7/nothing", "/api/v2/work-orders", "/schemas/Schedule", "/api/scraping-schedules//"} {
		problem := w.do(t, http.MethodGet, path, "", "Authorization:").
			requireProblem(t, http.StatusNotFound, "There is nothing at this address. /docs lists what there is.")
		require.Equal(t, "not_found", problem["error"])
	}
	for call, allowed := range map[string]string{
		"PATCH " + root + "/7":              "OPTIONS, GET, HEAD, PUT, DELETE",
		"DELETE " + root:                    "OPTIONS, GET, HEAD, POST",
		"GET " + root + "/7/run/":           "OPTIONS, POST",
		"POST /healthz":                     "OPTIONS, GET, HEAD",
		"HEAD /api/auth/login":              "OPTIONS, POST",
		"PUT /api/v1/work-orders/":          "OPTIONS, GET, HEAD",
		"POST " + root + "/7/sync-progress": "OPTIONS, GET, HEAD",
	} {
		method, path, _ := strings.Cut(call, " ")
		got := w.do(t, method, path, "", "Authorization:")
		problem := got.requireProblem(t, http.StatusMethodNotAllowed, "This address does not take "+method+". It takes "+allowed+".")
		require.Equal(t, "method_not_allowed", problem["error"])
		require.Equal(t, allowed, got.header.Get("Allow"))
	}
}

func TestHeadAndOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	for _, path := range []string{root, root + "/", root + "/7/history/", "/healthz", "/docs", "/openapi.json"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+path, nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+tokenOf(t, tech))
		response, err := server.Client().Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		require.NotEmpty(t, response.Header.Get("X-Process-Time"))
	}
	require.Equal(t, http.StatusUnauthorized, w.do(t, http.MethodHead, root, "", "Authorization:").status)
	for _, path := range []string{root + "/7", root + "/7/"} {
		got := w.do(t, http.MethodOptions, path, "", "Authorization:") // no preflight: a person who is curious
		require.Equal(t, http.StatusNoContent, got.status)
		require.Equal(t, "OPTIONS, GET, HEAD, PUT, DELETE", got.header.Get("Allow"))
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const exposed = "X-Process-Time, X-Request-Id, X-Total-Count, X-Skip, X-Limit, X-Next-Cursor, Link, Etag, Retry-After"
	preflight := func(origin, method string) answer {
		return w.do(t, http.MethodOptions, root+"/7", "", "Authorization:", "Origin: "+origin, "Access-Control-Request-Method: "+method,
			"Access-Control-Request-Headers: authorization, content-type")
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		got := preflight(front, method)
		require.Equal(t, http.StatusOK, got.status)
		require.Equal(t, front, got.header.Get("Access-Control-Allow-Origin"))
		require.Equal(t, "true", got.header.Get("Access-Control-Allow-Credentials"))
		require.Equal(t, method, got.header.Get("Access-Control-Allow-Methods"))
		require.Equal(t, "Authorization, Content-Type", got.header.Get("Access-Control-Allow-Headers"))
		require.Equal(t, "86400", got.header.Get("Access-Control-Max-Age"))
	}
	for _, foreign := range []string{"http://localhost:5175", "https://localhost:5173", "http://evil.example.com", "null", front + ".evil.example.com"} {
		require.Empty(t, preflight(foreign, "GET").header.Get("Access-Control-Allow-Origin"), foreign)
		require.Empty(t, w.do(t, http.MethodGet, root, "", "Origin: "+foreign).header.Get("Access-Control-Allow-Origin"), foreign)
	}
	for status, call := range map[int]string{
		200: "GET " + root, 401: "GET /api/auth/me", 404: "GET /nothing", 405: "PATCH " + root, 422: "POST " + root, 400: "POST /api/auth/login",
	} {
		method, path, _ := strings.Cut(call, " ")
		headers := []string{"Origin: " + front}
		if status == http.StatusUnauthorized {
			headers = append(headers, "Authorization:")
		}
		body := map[int]string{422: "{}", 400: "{"}[status]
		got := w.do(t, method, path, body, headers...)
		require.Equal(t, status, got.status)
		require.Equal(t, front, got.header.Get("Access-Control-Allow-Origin"), call)
		require.Equal(t, "true", got.header.Get("Access-Control-Allow-Credentials"))
		require.Equal(t, exposed, got.header.Get("Access-Control-Expose-Headers"))
		require.Contains(t, got.header.Values("Vary"), "Origin")
	}
	for _, origins := range [][]string{nil, {}, {" "}} { // the library takes no origin for every origin
		w.handler = w.serve(origins...)
		require.Empty(t, w.do(t, http.MethodGet, root, "", "Origin: "+front).header.Get("Access-Control-Allow-Origin"))
		require.Empty(t, preflight(front, "GET").header.Get("Access-Control-Allow-Origin"))
	}
	w.handler = w.serve("https://a.example.com", " "+front+" ")
	require.Equal(t, front, preflight(front, "GET").header.Get("Access-Control-Allow-Origin"))
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]bool{}
	for _, path := range []string{root, "/nothing", "/healthz", root + "/x", "/docs", "/openapi.json", "/"} {
		got := w.do(t, http.MethodGet, path, "")
		milliseconds, err := strconv.ParseFloat(got.header.Get("X-Process-Time"), 64)
		require.NoError(t, err, path)
		require.Less(t, milliseconds, 10_000.0)
		require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
		require.Equal(t, "DENY", got.header.Get("X-Frame-Options"))
		id := got.header.Get("X-Request-Id")
		require.Regexp(t, `^[A-Z2-7]{26}$`, id, "the name of the machine is nobody's business")
		require.False(t, seen[id])
		seen[id] = true
	}
	require.Equal(t, "abc-1", w.do(t, http.MethodGet, root, "", "X-Request-ID: abc-1").header.Get("X-Request-Id"))
	for _, odd := range []string{"<script>", "a b", strings.Repeat("a", 129)} {
		require.NotEqual(t, odd, w.do(t, http.MethodGet, root, "", "X-Request-ID: "+odd).header.Get("X-Request-Id"))
	}
	require.NotEmpty(t, w.do(t, http.MethodGet, "/api/v1/work-orders?user_id="+string(tech.ID), "").header.Get("X-Deprecation-Warning"))
	require.Empty(t, w.do(t, http.MethodGet, "/api/v1/work-orders", "").header.Get("X-Deprecation-Warning"))
}

// Times are UTC with Z and at most six fractional digits; only local dates have no zone.
func TestTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs = append(w.runs, failedRun())
	w.orders = []scrape.WorkOrder{order()}
	w.collected()
	good := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$`)
	for _, path := range []string{
		root, root + "/7", root + "/7/history", root + "/7/sync-progress", root + "/status/daemon", root + "/simple-status",
		root + "/7/history/500/error-log", "/api/auth/me", "/health", "/api/v1/work-orders",
		"/api/v1/work-orders/" + order().ID, "/api/runs/500", "/api/runs/500/changes", "/api/runs/500/sites", "/api/runs/500/evidence",
		"/api/v1/work-orders/scrape-dispensers/progress/" + string(tech.ID), "/api/v1/items/filters", "/api/v1/credentials/workfossa",
	} {
		text := w.do(t, http.MethodGet, path, "").text
		for _, pair := range regexp.MustCompile(`"(\w+)":"(\d{4}-\d\d-\d\d[^"]*)"`).FindAllStringSubmatch(text, -1) {
			if strings.HasSuffix(pair[1], "_date") {
				require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`, pair[2], path)
				continue
			}
			require.Regexp(t, good, pair[2], path+" "+pair[1])
		}
	}
}
