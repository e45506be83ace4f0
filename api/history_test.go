package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// The fields of the old contract, and what is new.
var runKeys = []string{
	"id", "user_id", "schedule_type", "started_at", "completed_at", "success", "items_processed", "items_added", "items_updated", "items_failed",
	"error_message", "error_details", "has_error_log", "duration_seconds", "memory_usage_mb", "metadata", "trigger_type",
	"outcome", "items_unchanged", "items_removed", "schedule_id", "nominal_at", "workflow_id", "requested_by", "decision",
	"options", "cancel_requested_by", "cancel_requested_at",
}

// failedRun is a run that has more to say.
func failedRun() scrape.Run {
	return scrape.Run{
		ID: 500, ScheduleID: 7, UserID: tech.ID, JobType: scrape.JobWorkOrders, Trigger: scrape.TriggerManual, RequestedBy: string(tech.ID),
		WorkflowID: "scrape-7-run-x", NominalAt: at(-100), StartedAt: at(-100), CompletedAt: pointer(at(-90)), Outcome: scrape.OutcomePortalDown,
		ErrorMessage: "WorkFossa does not answer.", ErrorDetail: "navigate: net::ERR_CONNECTION_REFUSED",
		Progress: scrape.Progress{Phase: scrape.PhaseError, Percentage: 20},
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs = append(w.runs, failedRun())
	for _, path := range []string{"/7/history", "/7/history/"} {
		got := w.do(t, http.MethodGet, root+path, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, 10, w.limit)
		rows := got.list(t)
		require.Len(t, rows, 2)
		for _, row := range rows {
			requireKeys(t, row, runKeys...)
		}
		require.Equal(t, map[string]any{
			"id": 501.0, "user_id": string(tech.ID), "schedule_type": "work_orders",
			"started_at": "2030-01-02T13:30:00.123456Z", "completed_at": "2030-01-02T13:30:41.233456Z", "success": true,
			"items_processed": 44.0, "items_added": 2.0, "items_updated": 5.0, "items_failed": 0.0, "error_message": nil, "error_details": nil,
			"has_error_log": false, "duration_seconds": 41.11, "memory_usage_mb": nil, "metadata": nil, "trigger_type": "scheduled",
			"outcome": "success", "items_unchanged": 37.0, "items_removed": 1.0, "schedule_id": 7.0,
			"nominal_at": "2030-01-02T13:30:00.123456Z", "workflow_id": "scrape-7-2030-01-02T13:30:00Z", "requested_by": nil, "decision": nil,
			"options":             map[string]any{"force": false, "work_order_ids": []any{}, "any_service": false},
			"cancel_requested_by": nil, "cancel_requested_at": nil,
		}, rows[0])
		require.Equal(t, false, rows[1]["success"])
		require.Equal(t, "WorkFossa does not answer.", rows[1]["error_message"])
		require.Equal(t, true, rows[1]["has_error_log"])
		require.Equal(t, map[string]any{"outcome": "portal_down", "reference": "scrape-7-run-x"}, rows[1]["error_details"], "no path of a server")
		require.Equal(t, string(tech.ID), rows[1]["requested_by"])
	}
	w.runs = nil
	require.JSONEq(t, `[]`, w.do(t, http.MethodGet, root+"/7/history", "").text)
}

func TestHistoryOfARunningRunAndAnImportedOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs = []scrape.Run{
		{UserID: tech.ID, ScheduleID: 7, JobType: scrape.JobWorkOrders, Trigger: scrape.TriggerScheduled, WorkflowID: "scrape-7-now", StartedAt: at(0)},
		{ID: 1, UserID: tech.ID, JobType: scrape.JobWorkOrders, Trigger: scrape.TriggerScheduled, StartedAt: at(-9), CompletedAt: pointer(at(-9)), Outcome: scrape.OutcomePartial},
	}
	rows := w.do(t, http.MethodGet, root+"/7/history?limit=2", "").list(t)
	require.InDelta(t, 0, rows[0]["id"], 0)
	for _, field := range []string{"completed_at", "duration_seconds", "outcome", "error_message"} {
		require.Contains(t, rows[0], field)
		require.Nil(t, rows[0][field], "running: "+field)
	}
	require.Equal(t, false, rows[0]["success"], "also while running")
	require.Equal(t, false, rows[0]["has_error_log"])
	require.Nil(t, rows[1]["schedule_id"])
	require.Nil(t, rows[1]["workflow_id"])
	require.Equal(t, true, rows[1]["success"])
	require.InDelta(t, 0, rows[1]["duration_seconds"], 0)
}

func TestHistoryLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]int{"": 10, "?limit=1": 1, "?limit=100": 100, "?limit=": 10, "?other=1": 10} {
		require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, root+"/7/history"+query, "").status)
		require.Equal(t, want, w.limit, query)
	}
	for query, want := range map[string]string{
		"0": "limit must be at least 1.", "101": "limit must be at most 100.", "-5": "limit must be at least 1.",
		"abc": "limit must be a whole number.", "1.5": "limit must be a whole number.", "99999999999999999999": "limit must be a whole number.",
	} {
		problem := w.do(t, http.MethodGet, root+"/7/history?limit="+query, "").requireProblem(t, http.StatusUnprocessableEntity, want)
		require.Equal(t, []any{map[string]any{"message": want, "location": "query.limit"}}, problem["errors"])
	}
}

func TestErrorLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	running := scrape.Run{ID: 503, UserID: tech.ID, ScheduleID: 7, ErrorMessage: "so far"}
	w.runs = append(w.runs, failedRun(), running)
	for _, path := range []string{root + "/7/history/500/error-log", root + "/7/history/500/error-log/"} {
		got := w.do(t, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, got.status)
		require.JSONEq(t, `{
			"success": true, "history_id": 500, "timestamp": "2030-01-02T13:28:30.123456Z",
			"error_log": {
				"error_type": "portal_down", "error_message": "WorkFossa does not answer.", "traceback": "navigate: net::ERR_CONNECTION_REFUSED",
				"timestamp": "2030-01-02T13:28:30.123456Z", "user_id": "`+string(tech.ID)+`", "reference": "scrape-7-run-x",
				"step": null, "page": null, "element": null, "selector": null, "attempts": [], "evidence": []
			}}`, got.text)
	}
	for id, want := range map[string]string{
		"501": "No error log available for this run", "503": "No error log available for this run", "999": "History record not found",
	} {
		w.do(t, http.MethodGet, root+"/7/history/"+id+"/error-log", "").requireProblem(t, http.StatusNotFound, want)
	}
	w.do(t, http.MethodGet, root+"/7/history/x/error-log", "").requireProblem(t, http.StatusUnprocessableEntity, "history_id must be a whole number.")
}

func TestDeleteHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slash := range []string{"", "/"} {
		got := w.do(t, http.MethodDelete, root+"/history/501"+slash, "").object(t)
		requireKeys(t, got, "success", "message", "timestamp", "deleted")
		require.Equal(t, true, got["success"])
		require.InDelta(t, 1, got["deleted"], 0)
		require.Regexp(t, `Z$`, got["timestamp"])
		all := w.do(t, http.MethodDelete, root+"/history"+slash, "")
		require.Equal(t, http.StatusOK, all.status, "not taken for the schedule named history")
		requireKeys(t, all.object(t), "success", "message", "timestamp", "deleted")
	}
	w.do(t, http.MethodDelete, root+"/history/999", "").requireProblem(t, http.StatusNotFound, "History record not found")
	w.do(t, http.MethodDelete, root+"/history/x", "").requireProblem(t, http.StatusUnprocessableEntity, "history_id must be a whole number.")
	w.runs[0].CompletedAt = nil
	w.do(t, http.MethodDelete, root+"/history/501", "").requireProblem(t, http.StatusConflict, "This run is still going.")
}
