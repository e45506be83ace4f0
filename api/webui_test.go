package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/api"
	"github.com/fossawork/scheduler/internal/health"
	"github.com/fossawork/scheduler/internal/runs"
	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

func TestListRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs = append(w.runs, failedRun())
	got := w.do(t, http.MethodGet, "/api/runs", "")
	require.Equal(t, http.StatusOK, got.status, got.text)
	page := got.object(t)
	requireKeys(t, page, "runs", "next")
	require.Nil(t, page["next"])
	require.Len(t, page["runs"], 2)
	requireKeys(t, page["runs"].([]any)[0].(map[string]any), runKeys...)
	require.Equal(t, scrape.RunFilter{Limit: 50}, w.runFilter)

	w.behind = &scrape.RunCursor{StartedAt: morn.Truncate(time.Microsecond), ID: 501}
	next := w.do(t, http.MethodGet, "/api/runs/?schedule_id=7&schedule_type=work_orders&outcome=running&outcome=portal_down&trigger=manual&trigger=backfill"+
		"&from=2030-01-01T00:00:00Z&to=2030-01-02T00:00:00%2B01:00&limit=2", "").object(t)["next"]
	want := scrape.RunFilter{
		ScheduleID: 7, JobType: scrape.JobWorkOrders, Outcomes: []scrape.Outcome{scrape.OutcomePortalDown}, Running: true,
		Triggers: []scrape.Trigger{scrape.TriggerManual, scrape.TriggerBackfill}, Limit: 2,
		From: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2030, 1, 1, 23, 0, 0, 0, time.UTC),
	}
	require.True(t, want.To.Equal(w.runFilter.To))
	w.runFilter.To = want.To
	require.Equal(t, want, w.runFilter)
	require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, "/api/runs?cursor="+next.(string), "").status)
	require.Equal(t, w.behind, w.runFilter.After, "a cursor comes back as the place that it stands for")

	for query, detail := range map[string]string{
		"limit=0": "limit must be at least 1.", "limit=201": "limit must be at most 200.", "cursor=x": "cursor must be the next of a page of this list.",
		"cursor=1y2p0ij32e8e7-1": "cursor must be the next of a page of this list.", "schedule_id=x": "schedule_id must be a whole number.",
	} {
		w.do(t, http.MethodGet, "/api/runs?"+query, "").requireProblem(t, http.StatusUnprocessableEntity, detail)
	}
	for _, query := range []string{"outcome=skipped_overlap", "outcome=nonsense", "outcome=success&outcome=", "trigger=x", "schedule_type=x", "from=x"} {
		require.Equal(t, http.StatusUnprocessableEntity, w.do(t, http.MethodGet, "/api/runs?"+query, "").status, query)
	}
	w.fail = scrape.Errorf(scrape.KindUnavailable, "The database cannot be reached right now.")
	w.do(t, http.MethodGet, "/api/runs", "").requireProblem(t, http.StatusServiceUnavailable, scrape.MessageOf(w.fail))
}

func TestRunSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.steps = runs.Steps{WorkflowID: "scrape-7-2030-01-02T13:30:00Z", Known: true, Steps: []scrape.Step{
		{Name: "BeginRun", State: scrape.StepCompleted, Attempts: 1, ScheduledAt: at(0), StartedAt: pointer(at(1)), EndedAt: pointer(at(2.5))},
		{Name: "CollectWorkOrders", State: scrape.StepWaiting, Attempts: 1, ScheduledAt: at(3), Failure: "WorkFossa does not answer.", RetryAt: pointer(at(9))},
	}}
	for _, slash := range []string{"", "/"} {
		require.JSONEq(t, `{"known": true, "message": null, "temporal_url": "`+temporalUI+`/namespaces/spaces%20and%2Fslashes/workflows/scrape-7-2030-01-02T13:30:00Z", "steps": [
			{"name": "BeginRun", "title": "Start", "state": "completed", "attempts": 1, "scheduled_at": "2030-01-02T13:30:00.123456Z",
				"started_at": "2030-01-02T13:30:01.123456Z", "ended_at": "2030-01-02T13:30:02.623456Z", "seconds": 2.5, "failure": null, "retry_at": null},
			{"name": "CollectWorkOrders", "title": "Collect work orders", "state": "waiting", "attempts": 1, "scheduled_at": "2030-01-02T13:30:03.123456Z",
				"started_at": null, "ended_at": null, "seconds": null, "failure": "WorkFossa does not answer.", "retry_at": "2030-01-02T13:30:09.123456Z"}
		]}`, w.do(t, http.MethodGet, "/api/runs/501/steps"+slash, "").text)
	}
	w.steps = runs.Steps{WorkflowID: "gone", Message: "Temporal has forgotten it."}
	require.JSONEq(t, `{"known": false, "message": "Temporal has forgotten it.", "temporal_url": null, "steps": []}`,
		w.do(t, http.MethodGet, "/api/runs/501/steps", "").text)
	w.do(t, http.MethodGet, "/api/runs/9/steps", "").requireProblem(t, http.StatusNotFound, "History record not found")
}

func TestConfig(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.JSONEq(t, `{"version": "`+api.Version+`", "portal_url": "https://portal.example.com", "temporal_ui_url": "`+temporalUI+`",
		"temporal_namespace": "spaces and/slashes", "metrics_url": null, "min_interval_hours": 0.5}`,
		w.do(t, http.MethodGet, "/api/config", "", "Authorization:").text)
}

func TestRecentRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.recent = []scrape.RecentRuns{
		{ScheduleID: 8},
		{ScheduleID: 7, P50: 41100 * time.Millisecond, P95: time.Minute, Runs: []scrape.RecentRun{
			{ID: 500, NominalAt: at(0), Outcome: scrape.OutcomeSuccess, Duration: 41 * time.Second}, {ID: 501, NominalAt: at(60)},
		}},
	}
	path := root + "/recent-runs"
	require.JSONEq(t, `[
		{"schedule_id": 8, "usual_seconds": null, "slow_seconds": null, "runs": []},
		{"schedule_id": 7, "usual_seconds": 41.1, "slow_seconds": 60, "runs": [
			{"id": 500, "nominal_at": "2030-01-02T13:30:00.123456Z", "outcome": "success", "seconds": 41},
			{"id": 501, "nominal_at": "2030-01-02T13:31:00.123456Z", "outcome": null, "seconds": null}
		]}]`, w.do(t, http.MethodGet, path+"?ids=8,7&count=5", "").text)
	require.Equal(t, []scrape.ScheduleID{8, 7}, w.ids)
	require.Equal(t, 5, w.count)
	require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, path+"?ids=8", "").status)
	require.Equal(t, 20, w.count)
	for _, query := range []string{"", "?ids=", "?ids=x", "?ids=1&count=51", "?ids=1" + strings.Repeat(",1", 100)} {
		require.Equal(t, http.StatusUnprocessableEntity, w.do(t, http.MethodGet, path+query, "").status, query)
	}
}

func TestHeatmap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	w.heat = schedules.Heatmap{Zone: zone, Weeks: 2, From: at(-14 * 86400), To: at(0), Cells: []scrape.HeatCell{
		{Weekday: time.Monday, Hour: 9, Tally: scrape.Tally{Succeeded: 1, Partial: 2, Held: 3, Failed: 4, Cancelled: 5}, NotRun: 6, Planned: 7},
	}}
	require.JSONEq(t, `{"timezone": "America/New_York", "weeks": 2, "from": "2029-12-19T13:30:00.123456Z", "to": "2030-01-02T13:30:00.123456Z", "cells": [
		{"weekday": 1, "hour": 9, "succeeded": 1, "partial": 2, "held": 3, "failed": 4, "cancelled": 5, "not_run": 6, "planned": 7}
	]}`, w.do(t, http.MethodGet, root+"/7/heatmap?weeks=3", "").text)
	require.Equal(t, 3, w.weeks)
	w.do(t, http.MethodGet, root+"/8/heatmap", "").requireProblem(t, http.StatusNotFound, "Schedule not found")
	require.Equal(t, 8, w.weeks)
	w.do(t, http.MethodGet, root+"/7/heatmap?weeks=13", "").requireProblem(t, http.StatusUnprocessableEntity, "weeks must be at most 12.")
}

func TestHomeDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.homePage = schedules.Home{Schedules: w.schedules}
	zone := w.schedules[0].Timing.Location()
	today := time.Now().In(zone)
	yesterday := today.AddDate(0, 0, -1).Format(time.DateOnly)
	w.dayCounts = []scrape.DayCount{
		{JobType: scrape.JobWorkOrders, Date: yesterday, Outcome: scrape.OutcomeSuccess, Runs: 20, Newest: at(9)},
		{JobType: scrape.JobWorkOrders, Date: yesterday, Outcome: scrape.OutcomePortalDown, Runs: 2, Newest: at(1)},
		{JobType: scrape.JobWorkOrders, Date: yesterday, Outcome: scrape.OutcomeLayoutChanged, Runs: 1, Newest: at(2)},
		{JobType: scrape.JobWorkOrders, Date: yesterday, Outcome: scrape.OutcomeSkippedOverlap, Runs: 4, Newest: at(9)},
		{JobType: scrape.JobWorkOrders, Date: yesterday, Runs: 1, Newest: at(9)},
		{JobType: scrape.JobFilters, Date: yesterday, Outcome: scrape.OutcomeHeld, Runs: 9, Newest: at(9)},
	}
	w.since = []scrape.RunsSince{{JobType: scrape.JobWorkOrders, Runs: 3, Failed: 1, Added: 2, Updated: 5, Removed: 4}}
	byType := func(query string) map[string]map[string]any {
		got := w.do(t, http.MethodGet, "/api/home"+query, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		found := map[string]map[string]any{}
		for _, one := range got.object(t)["jobs"].([]any) {
			job := one.(map[string]any)
			found[job["schedule_type"].(string)] = job
		}
		return found
	}
	found := byType("")
	require.Len(t, w.days, 30*len(jobs.All()))
	for _, job := range found {
		require.Nil(t, job["since"])
		require.Len(t, job["days"], 30)
	}
	days := found["work_orders"]["days"].([]any)
	require.Contains(t, []string{today.Format(time.DateOnly), time.Now().In(zone).Format(time.DateOnly)}, days[29].(map[string]any)["date"], "today last")
	seen := 0
	for _, one := range days {
		day := one.(map[string]any)
		if day["date"] != yesterday {
			require.InDelta(t, 0, day["runs"], 0)
			require.Nil(t, day["worst"])
			continue
		}
		seen++
		require.Equal(t, map[string]any{
			"date": yesterday, "runs": 24.0, "succeeded": 20.0, "partial": 0.0, "held": 0.0, "failed": 3.0, "cancelled": 0.0, "skipped": 4.0,
			"worst": "layout_changed",
		}, day, "the newest failure")
	}
	require.Equal(t, 1, seen)

	found = byType("?since=2030-01-01T17:00:00Z")
	require.Equal(t, map[string]any{"at": "2030-01-01T17:00:00Z", "runs": 3.0, "failed": 1.0, "added": 2.0, "updated": 5.0, "removed": 4.0}, found["work_orders"]["since"])
	require.Equal(t, map[string]any{"at": "2030-01-01T17:00:00Z", "runs": 0.0, "failed": 0.0, "added": 0.0, "updated": 0.0, "removed": 0.0}, found["filters"]["since"])
	require.Equal(t, http.StatusUnprocessableEntity, w.do(t, http.MethodGet, "/api/home?since=yesterday", "").status)
}

func TestOverview(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := "/api/system/overview"
	o.do(t, http.MethodGet, path, "").requireProblem(t, http.StatusForbidden, "This is for administrators. Ask one of them.")
	admin := tech
	admin.Role = scrape.RoleAdmin
	o.users[tech.ID] = admin
	o.totals = scrape.Totals{
		Schedules: scrape.ScheduleTotals{Active: 3, Paused: 2, Failed: 1, Held: 4}, Open: 5,
		LastHour: map[scrape.Outcome]int{scrape.OutcomeSuccess: 6}, LastDay: map[scrape.Outcome]int{scrape.OutcomeSuccess: 60, scrape.OutcomePortalDown: 1},
		LagP50: pointer(200 * time.Millisecond), LagP99: pointer(time.Duration(0)), Logins: 7,
	}
	o.queues = []health.Queue{
		{Name: "browser", Kind: "activity", Backlog: 3, BacklogAge: 1500 * time.Millisecond, AddRate: 0.5, DispatchRate: 0.25, Workers: []health.Worker{{Identity: "1@w", LastSeenAt: at(0)}}},
		{Name: "scrape", Kind: "workflow"},
	}
	o.compared = schedules.Reconciled{StartedAt: at(0), State: "completed", Result: workflows.ReconcileResult{
		Schedules: activities.ScheduleRepairs{Checked: 1, Missing: 2, Extra: 3, Differing: 4, Mirrored: 5, Failed: 6, Overdue: 7, Healed: 8, Probed: 9},
		Runs:      activities.RunRepairs{Checked: 10, Started: 11, Adopted: 12, Closed: 13, Failed: 14},
	}}
	whole := func() map[string]any {
		got := o.do(t, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		doc, _ := served(t)
		requireFits(t, doc, doc.Components.Schemas["Overview"], any(got.object(t)), "overview")
		return got.object(t)
	}
	got := whole()
	require.NotEmpty(t, got["at"])
	delete(got, "at")
	require.Equal(t, map[string]any{
		"ready": true, "message": "Everything works.",
		"queues": []any{
			map[string]any{
				"name": "browser", "kind": "activity", "backlog": 3.0, "backlog_age_seconds": 1.5, "add_rate": 0.5, "dispatch_rate": 0.25,
				"workers": []any{map[string]any{"identity": "1@w", "last_seen_at": "2030-01-02T13:30:00.123456Z"}},
			},
			map[string]any{"name": "scrape", "kind": "workflow", "backlog": 0.0, "backlog_age_seconds": 0.0, "add_rate": 0.0, "dispatch_rate": 0.0, "workers": []any{}},
		},
		"schedules": map[string]any{"total": 6.0, "active": 3.0, "paused": 2.0, "failed": 1.0, "held": 4.0, "overdue": 7.0},
		"runs":      map[string]any{"open": 5.0, "last_hour": map[string]any{"success": 6.0}, "last_day": map[string]any{"success": 60.0, "portal_down": 1.0}},
		"start_lag": map[string]any{"p50_seconds": 0.2, "p99_seconds": 0.0},
		"logins":    map[string]any{"last_hour": 7.0},
		"links":     map[string]any{"temporal_ui": temporalUI, "metrics": nil, "docs": "/docs"},
		"reconcile": map[string]any{
			"last_at": "2030-01-02T13:30:00.123456Z", "state": "completed", "message": nil, "checked": 1.0, "missing": 2.0, "extra": 3.0, "differing": 4.0,
			"mirrored": 5.0, "overdue": 7.0, "healed": 8.0, "probed": 9.0, "runs_checked": 10.0, "runs_started": 11.0, "runs_adopted": 12.0,
			"runs_closed": 13.0, "errors": 20.0,
		},
	}, got)

	o.compared.State = "failed"
	require.Nil(t, whole()["schedules"].(map[string]any)["overdue"], "nobody has counted")
	o.away, o.notReady = errors.New("dial 10.0.0.1: refused"), scrape.Errorf(scrape.KindUnavailable, "Temporal does not answer.")
	got = whole()
	require.Equal(t, false, got["ready"])
	require.Equal(t, "Temporal does not answer.", got["message"])
	require.Equal(t, []any{}, got["queues"])
	require.Nil(t, got["reconcile"])
	require.InDelta(t, 5, got["runs"].(map[string]any)["open"], 0, "the rest is there")
	o.fails = scrape.Errorf(scrape.KindUnavailable, "The database cannot be reached right now.")
	o.do(t, http.MethodGet, path, "").requireProblem(t, http.StatusServiceUnavailable, scrape.MessageOf(o.fails))
}

func TestUserSchedules(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := "/api/system/user-schedules"
	o.do(t, http.MethodGet, path, "").requireProblem(t, http.StatusForbidden, "This is for administrators. Ask one of them.")
	admin := tech
	admin.Role = scrape.RoleAdmin
	o.users[tech.ID] = admin
	require.JSONEq(t, `{"schedules": [], "next": null}`, o.do(t, http.MethodGet, path, "").text)
	require.Equal(t, scrape.ScheduleFilter{Limit: 50}, o.found)

	o.owned, o.more = []scrape.OwnedSchedule{{Owner: "other@example.com", Schedule: o.schedules[1]}}, 8
	got := o.do(t, http.MethodGet, path+"?q=Oth&status=held&limit=1&cursor=3", "")
	require.Equal(t, http.StatusOK, got.status, got.text)
	require.Equal(t, scrape.ScheduleFilter{Query: "Oth", Status: scrape.StatusHeld, Limit: 1, After: 3}, o.found)
	o.do(t, http.MethodGet, path+"?status=overdue", "")
	require.EqualValues(t, scrape.StatusOverdue, o.found.Status)
	page := got.object(t)
	require.Equal(t, "8", page["next"])
	row := page["schedules"].([]any)[0].(map[string]any)
	require.Equal(t, "other@example.com", row["owner"])
	requireKeys(t, row["schedule"].(map[string]any), scheduleKeys...)
	o.do(t, http.MethodGet, path+"?cursor=!", "").requireProblem(t, http.StatusUnprocessableEntity, "cursor must be the next of a page of this list.")
	require.Equal(t, http.StatusUnprocessableEntity, o.do(t, http.MethodGet, path+"?status=x", "").status)
}
