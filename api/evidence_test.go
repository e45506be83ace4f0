package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestErrorLogSaysWhichElementIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs = append(w.runs, failedRun())
	w.collected()
	w.evidence = w.evidence[:1]
	for _, slash := range []string{"", "/"} {
		log := w.do(t, http.MethodGet, root+"/7/history/500/error-log"+slash, "").object(t)["error_log"].(map[string]any)
		for field, want := range map[string]any{
			"step": "CollectWorkOrders", "page": "work-order list", "element": "list of work orders", "selector": ".work-list-item",
		} {
			require.Equal(t, want, log[field], "the newest attempt, whatever the order they came in")
		}
		require.Equal(t, []any{
			map[string]any{
				"step": "Login", "number": 1.0, "at": "2030-01-02T13:30:02.123456Z", "kind": "portal_down", "message": "WorkFossa does not answer.", "detail": "",
				"page": nil, "element": nil, "selector": nil,
			},
			map[string]any{
				"step": "CollectWorkOrders", "number": 2.0, "at": "2030-01-02T13:30:03.123456Z", "kind": "layout_changed", "message": "The list is missing.",
				"detail": "wait: context deadline exceeded", "page": "work-order list", "element": "list of work orders", "selector": ".work-list-item",
			},
		}, log["attempts"])
		require.Equal(t, []any{map[string]any{
			"name": "collectworkorders-2-screenshot.jpg", "url": "/api/runs/500/evidence/collectworkorders-2-screenshot.jpg", "content_type": "image/jpeg",
			"size": 3.0, "step": "CollectWorkOrders", "attempt": 2.0, "taken_at": "2030-01-02T13:30:03.123456Z",
		}}, log["evidence"])
	}
}

func TestHeldRunHasAnErrorLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held := failedRun()
	held.Outcome, held.ErrorMessage, held.ErrorDetail = scrape.OutcomeHeld, "", ""
	w.runs = append(w.runs, held)
	w.attempts = []scrape.Attempt{{Step: "CollectWorkOrders", Number: 1, At: at(1), Message: "8 of 10 orders are missing."}}
	log := w.do(t, http.MethodGet, root+"/7/history/500/error-log", "").object(t)["error_log"].(map[string]any)
	require.Equal(t, "held", log["error_type"])
	require.Equal(t, "CollectWorkOrders", log["step"])
	require.Nil(t, log["attempts"].([]any)[0].(map[string]any)["kind"], "nothing failed")
	require.Equal(t, true, w.do(t, http.MethodGet, "/api/runs/500", "").object(t)["has_error_log"])
}

func TestListEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/api/runs/501/evidence", "/api/runs/501/evidence/", root + "/7/history/501/evidence", root + "/7/history/501/evidence/"} {
		w.evidence = nil
		require.JSONEq(t, `[]`, w.do(t, http.MethodGet, path, "").text)
		w.collected()
		rows := w.do(t, http.MethodGet, path, "").list(t)
		require.Len(t, rows, len(w.evidence))
		for _, row := range rows {
			requireKeys(t, row, "name", "url", "content_type", "size", "step", "attempt", "taken_at")
			require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, row["url"].(string), "").status, "the address works")
		}
	}
}

// What the portal wrote runs in nobody's browser.
func TestGetEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.collected()
	want := map[string]string{
		"collectworkorders-2-screenshot.jpg": "image/jpeg", "collectworkorders-2-page.html": "text/plain; charset=utf-8",
		"collectworkorders-2-network.json": "application/json", "drawing.svg": "text/plain; charset=utf-8", "odd.bin": "application/octet-stream",
	}
	require.Len(t, w.evidence, len(want))
	for _, file := range w.evidence {
		for _, path := range []string{"/api/runs/501/evidence/" + file.Name, root + "/7/history/501/evidence/" + file.Name} {
			for _, slash := range []string{"", "/"} {
				got := w.do(t, http.MethodGet, path+slash, "")
				require.Equal(t, http.StatusOK, got.status, got.text)
				require.Equal(t, string(file.Body), got.text)
				require.Equal(t, []string{want[file.Name]}, got.header.Values("Content-Type"))
				require.Equal(t, []string{"nosniff"}, got.header.Values("X-Content-Type-Options"))
				require.Contains(t, got.header.Get("Content-Security-Policy"), "default-src 'none'")
				require.Contains(t, got.header.Get("Content-Security-Policy"), "sandbox")
				require.Contains(t, got.header.Get("Cache-Control"), "private")
				require.Contains(t, got.header.Get("Cache-Control"), "immutable")
			}
		}
	}
}

func TestEvidenceThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.collected()
	for _, name := range []string{"unknown.jpg", "..%2F..%2Fetc%2Fpasswd", "%00", "a%20b", "collectworkorders-2-screenshot.jpg%2Fx", "%2e%2e"} {
		for _, path := range []string{"/api/runs/501/evidence/", root + "/7/history/501/evidence/"} {
			got := w.do(t, http.MethodGet, path+name, "")
			require.Equal(t, http.StatusNotFound, got.status, name)
			require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
			require.Empty(t, got.header.Get("Cache-Control"), "it may come later")
		}
	}
}
