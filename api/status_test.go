package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

var progressKeys = []string{
	"status", "phase", "percentage", "message", "work_orders_found", "work_orders_processed", "started_at", "completed_at", "error",
	"schedule_id", "schedule_type",
	"removed_count", "outcome", "run_id",
}

func TestSyncProgress(t *testing.T) {
	t.Parallel()
	running := scrape.Run{
		ID: 502, ScheduleID: 7, UserID: tech.ID, JobType: scrape.JobWorkOrders, StartedAt: at(0),
		Progress: scrape.Progress{Phase: scrape.PhaseScraping, Percentage: 57.5, Message: "Read 88 of 120", Found: 120, Processed: 88},
	}
	ended := func(outcome scrape.Outcome, message string, ago time.Duration) []scrape.Run {
		run := running
		run.CompletedAt, run.Outcome, run.ErrorMessage = pointer(time.Now().Add(-ago)), outcome, message
		run.Counts = scrape.Counts{Processed: 120, Removed: 3}
		return []scrape.Run{run}
	}
	for name, test := range map[string]struct {
		runs []scrape.Run
		want map[string]any
	}{
		"never ran": {nil, map[string]any{
			"status": "not_found", "phase": "not_started", "percentage": 0.0, "message": "No sync data available", "started_at": nil, "run_id": nil,
		}},
		"just asked for": {[]scrape.Run{{ID: 1, ScheduleID: 7, StartedAt: at(0), Progress: scrape.Progress{Phase: scrape.PhaseInitializing}}}, map[string]any{
			"status": "in_progress", "phase": "initializing", "percentage": 0.0, "run_id": 1.0,
		}},
		"running": {[]scrape.Run{running}, map[string]any{
			"status": "in_progress", "phase": "scraping", "percentage": 57.5, "message": "Read 88 of 120", "work_orders_found": 120.0,
			"work_orders_processed": 88.0, "started_at": "2030-01-02T13:30:00.123456Z", "completed_at": nil, "error": nil, "outcome": nil, "run_id": 502.0,
		}},
		"done":      {ended(scrape.OutcomeSuccess, "", 9*time.Minute), map[string]any{"status": "completed", "work_orders_processed": 120.0, "removed_count": 3.0, "error": nil, "outcome": "success"}},
		"partial":   {ended(scrape.OutcomePartial, "2 are missing.", time.Second), map[string]any{"status": "completed", "error": "2 are missing.", "message": "2 are missing.", "outcome": "partial"}},
		"failed":    {ended(scrape.OutcomeCredentialsRejected, "Sign in again.", time.Second), map[string]any{"status": "failed", "error": "Sign in again.", "message": "Sign in again."}},
		"cancelled": {ended(scrape.OutcomeCancelled, "The run was cancelled.", time.Second), map[string]any{"status": "cancelled"}},
		"long ago":  {ended(scrape.OutcomeSuccess, "", 11*time.Minute), map[string]any{"status": "not_found", "phase": "not_started"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.runs = test.runs
			for _, slash := range []string{"", "/"} {
				got := w.do(t, http.MethodGet, root+"/7/sync-progress"+slash, "")
				require.Equal(t, http.StatusOK, got.status, "never 404 for a schedule that is there")
				progress := got.object(t)
				requireKeys(t, progress, progressKeys...)
				require.InDelta(t, 7, progress["schedule_id"], 0)
				require.Equal(t, "work_orders", progress["schedule_type"])
				for field, want := range test.want {
					require.Equal(t, want, progress[field], field)
				}
			}
		})
	}
}

func TestDaemonStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.schedules = append(w.schedules, scrape.Schedule{ID: 10, UserID: tech.ID, Name: "paused one", Timing: scrape.Timing{Interval: time.Hour}})
	w.runs = append(w.runs, scrape.Run{ID: 9, ScheduleID: 10, StartedAt: at(500)})
	for _, slash := range []string{"", "/"} {
		status := w.do(t, http.MethodGet, root+"/status/daemon"+slash, "").object(t)
		requireKeys(t, status, "daemon_status", "scheduler_running", "last_execution", "total_schedules", "active_schedules", "message", "jobs")
		require.Equal(t, "running", status["daemon_status"])
		require.Equal(t, true, status["scheduler_running"])
		require.Equal(t, "2030-01-02T13:38:20.123456Z", status["last_execution"], "of any schedule of one's own")
		require.InDelta(t, 2, status["total_schedules"], 0)
		require.InDelta(t, 1, status["active_schedules"], 0)
		require.Equal(t, "The scheduler is running. 1 of your 2 schedules are active.", status["message"])
		jobs := status["jobs"].([]any)
		require.Len(t, jobs, 1)
		job := jobs[0].(map[string]any)
		requireKeys(t, job, "id", "name", "next_run_time", "trigger")
		require.Equal(t, "scrape-schedule-7", job["id"])
		require.Equal(t, "interval[1h0m0s]", job["trigger"])
		require.Regexp(t, `^20\d\d-.*Z$`, job["next_run_time"])
	}
	w.notReady = scrape.Errorf(scrape.KindUnavailable, "No worker is on the browser queue, so runs wait until one is started.")
	w.schedules, w.runs = nil, nil
	require.JSONEq(t, `{"daemon_status": "unknown", "scheduler_running": false, "last_execution": null, "total_schedules": 0, "active_schedules": 0,
		"message": "No worker is on the browser queue, so runs wait until one is started.", "jobs": []}`,
		w.do(t, http.MethodGet, root+"/status/daemon", "").text)
}

func TestSimpleStatus(t *testing.T) {
	t.Parallel()
	first := newWorld(t).schedules[0]
	change := func(by func(*scrape.Schedule)) []scrape.Schedule {
		changed := first
		by(&changed)
		return []scrape.Schedule{changed}
	}
	good, failed := newWorld(t).runs, []scrape.Run{failedRun()}
	for name, test := range map[string]struct {
		schedules       []scrape.Schedule
		runs            []scrape.Run
		status, message string
	}{
		"none":            {nil, nil, "not_configured", "No schedule configured"},
		"active":          {[]scrape.Schedule{first}, good, "active", "The last run read 44 work orders."},
		"last run failed": {[]scrape.Schedule{first}, failed, "active", "The last run failed. WorkFossa does not answer."},
		"cancelled":       {[]scrape.Schedule{first}, []scrape.Run{{ScheduleID: 7, CompletedAt: pointer(at(0)), Outcome: scrape.OutcomeCancelled, ErrorMessage: "x"}}, "active", "The last run was cancelled."},
		"running again":   {[]scrape.Schedule{first}, []scrape.Run{{ScheduleID: 7}}, "active", "Scraping is active."},
		"history deleted": {[]scrape.Schedule{first}, nil, "active", "Scraping is active."},
		"starting":        {change(func(s *scrape.Schedule) { s.LastRunAt = nil }), nil, "starting", "The first run is on its way."},
		"first run":       {change(func(s *scrape.Schedule) { s.LastRunAt = nil }), []scrape.Run{{ScheduleID: 7}}, "starting", "The first run is on its way."},
		"paused":          {change(func(s *scrape.Schedule) { s.Enabled = false }), good, "paused", "Scraping is paused."},
		"failed":          {change(func(s *scrape.Schedule) { s.ConsecutiveFailures = 6 }), failed, "failed", "The last 6 runs failed."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.schedules, w.runs = test.schedules, test.runs
			for _, slash := range []string{"", "/"} {
				got := w.do(t, http.MethodGet, root+"/simple-status"+slash, "")
				require.Equal(t, http.StatusOK, got.status, "not taken for the schedule named simple-status")
				status := got.object(t)
				require.Equal(t, test.status, status["status"])
				require.Equal(t, test.message, status["message"])
				if test.schedules == nil {
					requireKeys(t, status, "status", "message")
					continue
				}
				requireKeys(t, status, "status", "message", "enabled", "next_run")
				require.Equal(t, test.status != "paused", status["enabled"])
				require.Equal(t, test.status == "paused", status["next_run"] == nil)
			}
		})
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slash := range []string{"", "/"} {
		require.JSONEq(t, `{"status": "ok"}`, w.do(t, http.MethodGet, "/healthz"+slash, "", "Authorization:").text)
		require.JSONEq(t, `{"status": "ok"}`, w.do(t, http.MethodGet, "/readyz"+slash, "", "Authorization:").text)
		health := w.do(t, http.MethodGet, "/health"+slash, "", "Authorization:").object(t)
		requireKeys(t, health, "status", "service", "version", "database", "timestamp", "endpoints")
		require.Equal(t, "healthy", health["status"])
		require.Equal(t, "connected", health["database"])
	}
	w.notReady = scrape.Errorf(scrape.KindUnavailable, "Temporal does not answer, so nothing is scheduled at the moment.").Because(errCanary)
	require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, "/healthz", "").status, "the API itself answers")
	problem := w.do(t, http.MethodGet, "/readyz", "").requireProblem(t, http.StatusServiceUnavailable, scrape.MessageOf(w.notReady))
	require.Equal(t, "unavailable", problem["error"])
	health := w.do(t, http.MethodGet, "/health", "").object(t)
	require.Equal(t, "degraded", health["status"])
	require.Equal(t, "unknown", health["database"])
}
