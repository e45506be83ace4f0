package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

const root = "/api/scraping-schedules"

// The twelve fields of the old contract, and what is new.
var scheduleKeys = []string{
	"id", "user_id", "schedule_type", "interval_hours", "active_hours", "enabled", "last_run", "next_run", "consecutive_failures",
	"created_at", "updated_at", "status",
	"name", "timezone", "offset_seconds", "pause_reason", "sync",
	"settings", "held", "held_reason",
	"cron", "active_days", "skip_dates", "starts_at", "ends_at", "dst_policy", "catchup", "overlap", "max_age_hours", "suspended_at", "probe_at", "warning",
	"version", "data_at", "freshness", "freshness_reason", "overdue", "temporal_schedule_id", "temporal_url",
}

func TestListSchedules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{root, root + "/"} {
		got := w.do(t, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, got.status, "no redirect: it would lose the Authorization header")
		require.Equal(t, "application/json", got.header.Get("Content-Type"))
		all := got.list(t)
		require.Len(t, all, 1, "only one's own")
		requireKeys(t, all[0], scheduleKeys...)
		next, err := time.Parse(time.RFC3339Nano, all[0]["next_run"].(string))
		require.NoError(t, err)
		require.Greater(t, time.Until(next), time.Duration(0))
		require.LessOrEqual(t, time.Until(next), 10*time.Hour)
		delete(all[0], "next_run")
		require.Equal(t, map[string]any{
			"id": 7.0, "user_id": string(tech.ID), "schedule_type": "work_orders", "interval_hours": 1.0,
			"active_hours": map[string]any{"start": 6.0, "end": 22.0}, "enabled": true,
			"last_run": "2030-01-02T13:30:41.223456Z", "consecutive_failures": 0.0,
			"created_at": "2030-01-02T13:13:20.123456Z", "updated_at": "2030-01-02T13:30:00.123456Z", "status": "active",
			"name": "work_orders", "timezone": "America/New_York", "offset_seconds": 1023.0, "pause_reason": "", "sync": "applied",
			"settings": defaultsOf(t, scrape.JobWorkOrders), "held": nil, "held_reason": nil,
			"cron": []any{}, "active_days": []any{}, "skip_dates": []any{}, "starts_at": nil, "ends_at": nil, "dst_policy": "twice", "catchup": "last", "overlap": "skip",
			"max_age_hours": nil, "suspended_at": nil, "probe_at": nil, "warning": nil, "version": schedules.Version(w.schedules[0]), "data_at": nil,
			"freshness": "unknown", "freshness_reason": "Nothing has been collected yet.", "overdue": false,
			"temporal_schedule_id": "scrape-schedule-7", "temporal_url": temporalUI + "/namespaces/spaces%20and%2Fslashes/schedules/scrape-schedule-7",
		}, all[0])
	}
	w.schedules = nil
	require.JSONEq(t, `[]`, w.do(t, http.MethodGet, root, "").text)
}

func TestScheduleNullsAndStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.schedules = []scrape.Schedule{{
		ID: 7, UserID: tech.ID, JobType: scrape.JobWorkOrders, Name: "n", Timing: scrape.Timing{Interval: 90 * time.Minute},
		Revision: 2, AppliedRevision: 1, PauseReason: "paused in Temporal", ConsecutiveFailures: 4,
	}}
	get := func() map[string]any {
		got := w.do(t, http.MethodGet, root+"/7", "")
		require.Equal(t, http.StatusOK, got.status)
		return got.object(t)
	}
	schedule := get()
	requireKeys(t, schedule, scheduleKeys...)
	for _, field := range []string{"active_hours", "last_run", "next_run"} {
		require.Contains(t, schedule, field)
		require.Nil(t, schedule[field], field)
	}
	require.InDelta(t, 1.5, schedule["interval_hours"], 0)
	require.Equal(t, "paused", schedule["status"])
	require.Equal(t, "pending", schedule["sync"])
	require.Equal(t, "paused in Temporal", schedule["pause_reason"])

	w.schedules[0].Enabled = true
	require.Equal(t, "active", get()["status"])
	w.schedules[0].ConsecutiveFailures = 5
	require.Equal(t, "failed", get()["status"], "five failures win over the rest")
	w.schedules[0].Enabled = false
	require.Equal(t, "failed", get()["status"])
}

func TestOtherSchedulesDoNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"8", "12345", "-1", "0"} {
		for method, path := range map[string]string{
			http.MethodGet: "", http.MethodPut: "", http.MethodDelete: "", "GET 1": "/history", "GET 2": "/sync-progress",
			"GET 3": "/history/501/error-log", http.MethodPost: "/run",
		} {
			method, _, _ = strings.Cut(method, " ")
			problem := w.do(t, method, root+"/"+id+path, `{}`).requireProblem(t, http.StatusNotFound, "Schedule not found")
			require.Equal(t, "not_found", problem["error"])
		}
	}
	for _, id := range []string{"seven", "7.5", "99999999999999999999", "%20"} {
		for method, path := range map[string]string{http.MethodGet: "", http.MethodPut: "", http.MethodDelete: "", http.MethodPost: "/run"} {
			problem := w.do(t, method, root+"/"+id+path+"/", `{}`).requireProblem(t, http.StatusUnprocessableEntity, "id must be a whole number.")
			require.Equal(t, []any{map[string]any{"message": "id must be a whole number.", "location": "path.id"}}, problem["errors"])
		}
	}
}

func TestCreateSchedule(t *testing.T) {
	t.Parallel()
	hours := &scrape.Hours{Start: 6, End: 22}
	for name, test := range map[string]struct {
		body string
		want schedules.Request
	}{
		"only the type":   {`{"schedule_type":"work_orders"}`, schedules.Request{IntervalHours: 1, Enabled: true}},
		"all nulls":       {`{"schedule_type":"work_orders","interval_hours":null,"active_hours":null,"enabled":null,"name":null,"timezone":null,"offset_seconds":null}`, schedules.Request{IntervalHours: 1, Enabled: true}},
		"the old editor":  {`{"schedule_type":"work_orders","interval_hours":2.5,"active_hours":{"start":6,"end":22},"enabled":true}`, schedules.Request{IntervalHours: 2.5, ActiveHours: hours, Enabled: true}},
		"paused":          {`{"schedule_type":"work_orders","enabled":false}`, schedules.Request{IntervalHours: 1}},
		"everything new":  {`{"schedule_type":"work_orders","name":"n","timezone":"Asia/Tokyo","offset_seconds":0}`, schedules.Request{IntervalHours: 1, Enabled: true, Name: "n", Timezone: "Asia/Tokyo", OffsetSeconds: pointer(0)}},
		"unknown members": {`{"schedule_type":"work_orders","user_id":"x","active_hours":{"start":6,"end":22,"days":[1]}}`, schedules.Request{IntervalHours: 1, Enabled: true, ActiveHours: hours}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.want.JobType = scrape.JobWorkOrders
			got := w.do(t, http.MethodPost, root+"/", test.body)
			require.Equal(t, http.StatusOK, got.status, got.text)
			require.Equal(t, test.want, w.asked)
			schedule := got.object(t)
			requireKeys(t, schedule, scheduleKeys...)
			require.Equal(t, "pending", schedule["sync"])
			if test.want.Enabled {
				require.Equal(t, "2030-01-02T13:30:00.123456Z", schedule["next_run"], "due at once")
			} else {
				require.Nil(t, schedule["next_run"])
			}
		})
	}
}

func TestCreateScheduleRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]string{
		`{}`:                      `schedule_type must be given.`,
		`{"schedule_type":"x"}`:   `schedule_type must be one of "` + typeNames() + `".`,
		`{"schedule_type":7}`:     `schedule_type must be a text.`,
		`{"interval_hours":"1h"}`: `interval_hours must be a number. schedule_type must be given.`,
		`{"schedule_type":"work_orders","interval_hours":0.1}`:                      `interval_hours must be between 0.5 and 24.`,
		`{"schedule_type":"work_orders","interval_hours":24.5}`:                     `interval_hours must be at most 24.`,
		`{"schedule_type":"work_orders","interval_hours":0}`:                        `interval_hours must be above 0.`,
		`{"schedule_type":"work_orders","enabled":"yes"}`:                           `enabled must be true or false.`,
		`{"schedule_type":"work_orders","active_hours":[6,22]}`:                     `active_hours must be an object.`,
		`{"schedule_type":"work_orders","active_hours":{"end":22}}`:                 `active_hours.start must be given.`,
		`{"schedule_type":"work_orders","active_hours":{"start":6,"end":25}}`:       `active_hours.end must be at most 24.`,
		`{"schedule_type":"work_orders","active_hours":{"start":-1,"end":4}}`:       `active_hours.start must be at least 0.`,
		`{"schedule_type":"work_orders","active_hours":{"start":"6","end":4}}`:      `active_hours.start must be a whole number.`,
		`{"schedule_type":"work_orders","active_hours":{"start":6.5,"end":4}}`:      `active_hours.start must be a whole number.`,
		`{"schedule_type":"work_orders","active_hours":{"start":6.0,"end":4}}`:      `A number in the body is too large, or has a decimal point where a whole one is needed.`,
		`{"schedule_type":"work_orders","active_hours":{"start":6,"end":6}}`:        `active_hours.start and active_hours.end are equal, so nothing would ever run. Leave active_hours out (or null) to run around the clock.`,
		`{"schedule_type":"work_orders","timezone":"Mars/Olympus"}`:                 `There is no time zone "Mars/Olympus". Use a name such as America/New_York.`,
		`{"schedule_type":"work_orders","offset_seconds":-1}`:                       `offset_seconds must be at least 0.`,
		`{"schedule_type":"work_orders","offset_seconds":3600}`:                     `offset_seconds must be whole seconds from 0 to below the interval.`,
		`{"schedule_type":"work_orders","name":"` + strings.Repeat("n", 101) + `"}`: `name must have at most 100 characters.`,
		`[]`:   `The body must be a JSON object.`,
		`null`: `The body must be a JSON object.`,
		`"x"`:  `The body must be a JSON object.`,
		``:     `The body is missing. Send a JSON object.`,
	} {
		problem := w.do(t, http.MethodPost, root, body).requireProblem(t, http.StatusUnprocessableEntity, want)
		require.Equal(t, "invalid", problem["error"], body)
		mistakes, _ := problem["errors"].([]any)
		require.Equal(t, body != "", len(mistakes) > 0)
		for _, mistake := range mistakes {
			require.Regexp(t, `^body(\.[a-z_.]+)?$`, mistake.(map[string]any)["location"])
			require.Contains(t, want, mistake.(map[string]any)["message"])
		}
	}
	w.fail = scrape.Errorf(scrape.KindConflict, "Schedule for work_orders already exists")
	w.do(t, http.MethodPost, root, `{"schedule_type":"work_orders"}`).
		requireProblem(t, http.StatusBadRequest, "Schedule for work_orders already exists")
}

func TestUpdateSchedule(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]schedules.Patch{
		`{}`: {},
		`{"interval_hours":null,"active_hours":null,"enabled":null}`:                                 {SetActiveHours: true},
		`{"interval_hours":2,"active_hours":{"start":22,"end":6},"enabled":false}`:                   {IntervalHours: pointer(2.0), SetActiveHours: true, ActiveHours: &scrape.Hours{Start: 22, End: 6}, Enabled: pointer(false)},
		`{"enabled":true,"status":"active","id":9}`:                                                  {Enabled: pointer(true)},
		`{"name":"n","timezone":"UTC","offset_seconds":5}`:                                           {Name: pointer("n"), Timezone: pointer("UTC"), SetOffsetSeconds: true, OffsetSeconds: pointer(5)},
		`{"name":null,"timezone":null,"offset_seconds":null}`:                                        {SetOffsetSeconds: true},
		`{"active_hours" : null }`:                                                                   {SetActiveHours: true},
		`{"interval_hours":0.5,"active_hours":{"start":0,"end":24},"enabled":true,"next_run":"now"}`: {IntervalHours: pointer(0.5), SetActiveHours: true, ActiveHours: &scrape.Hours{Start: 0, End: 24}, Enabled: pointer(true)},
	} {
		for _, slash := range []string{"", "/"} {
			w := newWorld(t)
			got := w.do(t, http.MethodPut, root+"/7"+slash, body)
			require.Equal(t, http.StatusOK, got.status, got.text)
			require.Equal(t, want, w.patch, body)
			schedule := got.object(t)
			requireKeys(t, schedule, scheduleKeys...)
			if want.SetActiveHours && want.ActiveHours == nil {
				require.Nil(t, schedule["active_hours"], "null removes them")
			} else {
				require.NotNil(t, schedule["active_hours"])
			}
			require.Equal(t, want.Enabled == nil || *want.Enabled, schedule["next_run"] != nil)
		}
	}
	w := newWorld(t)
	w.do(t, http.MethodPut, root+"/7", "").requireProblem(t, http.StatusUnprocessableEntity, "The body is missing. Send a JSON object.")
	problem := w.do(t, http.MethodPut, root+"/7", `{"interval_hours":0.2}`).
		requireProblem(t, http.StatusUnprocessableEntity, "interval_hours must be between 0.5 and 24.")
	require.Equal(t, []any{map[string]any{"message": problem["detail"], "location": "body.interval_hours"}}, problem["errors"])
}

func TestDeleteSchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{root + "/7", root + "/7/"} {
		got := w.do(t, http.MethodDelete, path, "")
		require.Equal(t, http.StatusOK, got.status)
		require.JSONEq(t, `{"message": "Schedule deleted successfully"}`, got.text)
	}
}

func TestRunSchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]scrape.RunOptions{
		"": {}, " \n": {}, "{}": {}, "null": {}, `{"schedule_type":1}`: {}, `{"force":false,"work_order_ids":[]}`: {WorkOrders: []string{}},
		`{"force":true}`: {Force: true}, `{"force":true,"work_order_ids":["a","b"]}`: {Force: true, WorkOrders: []string{"a", "b"}},
	} {
		for _, header := range []string{"Content-Type: application/json", "Content-Type:", "Content-Type: application/x-www-form-urlencoded", "Content-Type: text/plain"} {
			got := w.do(t, http.MethodPost, root+"/7/run", body, header)
			require.Equal(t, http.StatusOK, got.status, got.text)
			require.JSONEq(t, `{"message": "Work order sync started", "schedule_id": 7, "job_id": "scrape-7-run-abc", "run_id": 502}`, got.text)
			require.Equal(t, want, w.options, body)
		}
	}
	require.Equal(t, http.StatusOK, w.do(t, http.MethodPost, root+"/7/run/", "").status)
	w.schedules[0].JobType = scrape.JobDispensers
	require.Equal(t, "Dispensers: run started", w.do(t, http.MethodPost, root+"/7/run", "").object(t)["message"])
}

func TestRunScheduleRefusesOddBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]string{
		"[]": "The body must be a JSON object.", `"x"`: "The body must be a JSON object.", `{"force":"yes"}`: "force must be true or false.",
		`{"work_order_ids":"a"}`: "work_order_ids must be a list.", `{"work_order_ids":[1]}`: "work_order_ids[0] must be a text.",
	} {
		w.do(t, http.MethodPost, root+"/7/run", body).requireProblem(t, http.StatusUnprocessableEntity, want)
	}
	w.do(t, http.MethodPost, root+"/7/run", "not json").requireProblem(t, http.StatusBadRequest, "The body is not valid JSON.")
	w.do(t, http.MethodPost, root+"/7/run", `{"x":"`+strings.Repeat("x", 1<<20)+`"}`).
		requireProblem(t, http.StatusRequestEntityTooLarge, "The body is too large. It must be below 1 MiB.")
	require.Len(t, w.runs, 1, "nothing was started")
}

func TestRunScheduleRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail = scrape.Errorf(scrape.KindInvalid, "WorkFossa credentials not configured. Please set up your credentials in Settings.")
	problem := w.do(t, http.MethodPost, root+"/7/run", "").requireProblem(t, http.StatusBadRequest, scrape.MessageOf(w.fail))
	require.Contains(t, problem["detail"], "credentials", "the old page goes to its settings at this word")
	require.Equal(t, "credentials_missing", problem["error"])

	w.fail = scrape.Invalid("work_order_ids", "There is no work order x.")
	w.do(t, http.MethodPost, root+"/7/run", "").requireProblem(t, http.StatusUnprocessableEntity, scrape.MessageOf(w.fail))

	w.fail = scrape.Errorf(scrape.KindConflict, "A run of this schedule is already in progress (run 12).").Because(&scrape.RunningError{RunID: 12})
	problem = w.do(t, http.MethodPost, root+"/7/run", "").requireProblem(t, http.StatusConflict, scrape.MessageOf(w.fail))
	require.InDelta(t, 12, problem["run_id"], 0)

	w.fail = scrape.Errorf(scrape.KindUnavailable, "The run could not be started because the scheduler does not answer. Try again in a minute.")
	w.do(t, http.MethodPost, root+"/7/run", "").requireProblem(t, http.StatusServiceUnavailable, scrape.MessageOf(w.fail))
}
