package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

func TestHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byType := func() (map[string]map[string]any, []any) {
		got := w.do(t, http.MethodGet, "/api/home/", "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		page := got.object(t)
		requireKeys(t, page, "at", "jobs", "needs")
		found := map[string]map[string]any{}
		for _, one := range page["jobs"].([]any) {
			job := one.(map[string]any)
			requireKeys(t, job, "schedule_type", "title", "sentence", "freshness", "data_at", "next_run", "schedules", "latest_run", "changes", "days", "since")
			found[job["schedule_type"].(string)] = job
		}
		require.Len(t, found, len(jobs.All()))
		return found, page["needs"].([]any)
	}
	empty, needs := byType()
	require.Empty(t, needs)
	require.Equal(t, "Work orders: no schedule yet.", empty["work_orders"]["sentence"])
	require.Nil(t, empty["work_orders"]["latest_run"])
	require.Equal(t, "unknown", empty["work_orders"]["freshness"])

	data := time.Now().Add(-time.Minute).Truncate(time.Second)
	older := data.Add(-48 * time.Hour)
	mine := w.schedules[0]
	mine.DataAt = &data
	second := mine
	second.ID, second.Name, second.DataAt, second.Enabled = 9, "second", &older, false
	w.homePage = schedules.Home{Schedules: []scrape.Schedule{mine, second}, Latest: w.runs}
	found, needs := byType()
	require.Empty(t, needs)
	job := found["work_orders"]
	require.Len(t, job["schedules"], 2)
	requireKeys(t, job["schedules"].([]any)[0].(map[string]any), scheduleKeys...)
	require.Equal(t, "fresh", job["freshness"], "the newest data counts")
	require.Equal(t, data.UTC().Format(time.RFC3339), job["data_at"])
	require.Equal(t, map[string]any{"added": 2.0, "updated": 5.0, "removed": 1.0}, job["changes"])
	require.InDelta(t, 501, job["latest_run"].(map[string]any)["id"], 0)
	require.Regexp(t, `^Work orders up to date, .*\d:\d\d\. Next .*\d:17\.$`, job["sentence"])
	require.NotNil(t, job["next_run"])
}

// A run that found nothing to build on is no sign that its data is up to date.
func TestHomeKnowsWhatDataIsBuiltOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := time.Now().Add(-time.Minute).Truncate(time.Second)
	orders, dispensers := w.schedules[0], w.schedules[0]
	orders.DataAt = nil
	dispensers.ID, dispensers.JobType, dispensers.DataAt = 8, scrape.JobDispensers, &data
	freshness := func(all ...scrape.Schedule) any {
		w.homePage = schedules.Home{Schedules: all}
		for _, one := range w.do(t, http.MethodGet, "/api/home", "").object(t)["jobs"].([]any) {
			if job := one.(map[string]any); job["schedule_type"] == "dispensers" {
				require.Equal(t, job["freshness"] == "unknown", job["data_at"] == nil)
				require.Equal(t, job["freshness"] == "unknown", strings.HasPrefix(job["sentence"].(string), "Dispensers not collected yet."), job["sentence"])
				return job["freshness"]
			}
		}
		return nil
	}
	require.Equal(t, "unknown", freshness(orders, dispensers))
	require.Equal(t, "fresh", freshness(dispensers), "they may have been collected by hand")
	orders.DataAt = &data
	require.Equal(t, "fresh", freshness(orders, dispensers))
}

func TestHomeSaysWhatIsNeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.schedules[0]
	mine.CredentialState, mine.SuspendedAt, mine.ProbeAt, mine.ConsecutiveFailures = scrape.CredentialRejected, pointer(at(0)), pointer(at(60)), 5
	paused := mine
	paused.ID, paused.Enabled = 9, false
	held := w.runs[0]
	held.ID, held.Outcome, held.ErrorMessage = 500, scrape.OutcomeHeld, "40 of 44 work orders would be removed."
	w.homePage = schedules.Home{Schedules: []scrape.Schedule{paused, mine}, Held: []scrape.Run{held}}
	page := w.do(t, http.MethodGet, "/api/home", "").object(t)
	require.Equal(t, []any{
		map[string]any{
			"kind": "credentials", "schedule_type": nil, "schedule_id": nil, "run_id": nil,
			"message": "WorkFossa has refused the stored credentials, so nothing runs. Save the right password in Settings, or sign in again with it.",
		},
		map[string]any{
			"kind": "held_result", "schedule_type": "work_orders", "schedule_id": 7.0, "run_id": 500.0,
			"message": "40 of 44 work orders would be removed. Look at run 500, then accept or discard it.",
		},
		map[string]any{"kind": "suspended", "schedule_type": "work_orders", "schedule_id": 7.0, "run_id": nil, "message": mine.Warning()},
	}, page["needs"])
	for _, one := range page["jobs"].([]any) {
		require.Nil(t, one.(map[string]any)["next_run"], "nothing is planned while nothing can run")
	}
	w.fail = scrape.Errorf(scrape.KindUnavailable, "The database cannot be reached right now.")
	w.do(t, http.MethodGet, "/api/home", "").requireProblem(t, http.StatusServiceUnavailable, scrape.MessageOf(w.fail))
	require.Equal(t, http.StatusUnauthorized, w.do(t, http.MethodGet, "/api/home", "", "Authorization:").status)
}

// What the document says of these answers is what is answered.
func TestHomeAndPreviewFitTheDocument(t *testing.T) {
	t.Parallel()
	doc, _ := served(t)
	w := foretold(t)
	held := w.runs[0]
	held.Outcome = scrape.OutcomeHeld
	bare := scrape.Schedule{ID: 9, UserID: tech.ID, JobType: scrape.JobFilters, Name: "bare", Timing: scrape.Timing{Cron: []string{"0 6 * * *"}}}
	w.homePage = schedules.Home{Schedules: append(w.schedules, bare), Latest: w.runs, Held: []scrape.Run{held}}
	for _, call := range [][2]string{{"get", "/api/home"}, {"post", root + "/preview"}, {"get", root + "/{id}/preview"}} {
		operation, there := doc.Paths[call[1]][call[0]]
		require.True(t, there, call)
		got := w.do(t, strings.ToUpper(call[0]), strings.Replace(call[1], "{id}", "7", 1), `{}`)
		require.Equal(t, http.StatusOK, got.status, got.text)
		requireFits(t, doc, operation.Responses["200"].Content["application/json"].Schema, any(got.object(t)), call[1])
	}
	require.NotContains(t, doc.Paths, root+"/{id}/backfill", "there is no such thing")
}
