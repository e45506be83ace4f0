package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/sites/portalsim"
	"github.com/fossawork/scheduler/workflows"
)

const (
	tech     = "tech@example.com"
	password = "demo-password"
)

var workOrders = object{"schedule_type": "work_orders", "interval_hours": 1.0}

// The main job: sign in, create a schedule, and the data is there. Then what an operator does to it from outside.
func TestMainJob(t *testing.T) {
	t.Parallel()
	const canary = "canary-Pa55word-9d1e"
	portal := portalsim.Config{}
	s := start(t, portal)
	require.NoError(t, s.sim.SetPassword(tech, canary))
	token := s.signIn(tech, canary)

	path, schedule := s.createSchedule(token, workOrders)
	require.Equal(t, "active", schedule["status"])
	require.Equal(t, "applied", schedule["sync"])
	require.Equal(t, schedule["created_at"], schedule["next_run"], "the first run does not wait for a slot")

	run := s.finishedRuns(token, path, 1)[0]
	require.Equal(t, "success", run["outcome"], "%v", run)
	require.Equal(t, "scheduled", run["trigger_type"])
	require.InDelta(t, 120, run["items_added"], 0)
	require.InDelta(t, 120, run["items_processed"], 0)
	require.Equal(t, 1, s.sim.Counters(tech).LoginsOK, "the sign-in's portal session serves the first run")

	s.sameAsPortal(token)
	s.eventBudget(run["workflow_id"].(string), 40) //nolint:forcetypeassert // a failed assertion fails the test
	s.recordRun("success", run)

	t.Run("run now", func(t *testing.T) {
		var started, progress object
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", nil, &started), "%v", started)
		require.Equal(t, "Work order sync started", started["message"])
		require.Equal(t, http.StatusOK, s.get(token, path+"/sync-progress", &progress))
		require.Equal(t, "in_progress", progress["status"], "before run answers, progress says so")

		var refused object
		require.Equal(t, http.StatusConflict, s.call(token, http.MethodPost, path+"/run/", nil, &refused))
		require.Equal(t, started["run_id"], refused["run_id"], "a second run names the one that is going")

		second := s.finishedRuns(token, path, 2)[0]
		require.Equal(t, "manual", second["trigger_type"])
		require.InDelta(t, 120, second["items_unchanged"], 0, "%v", second)
		require.Equal(t, http.StatusOK, s.get(token, path+"/sync-progress", &progress))
		require.Equal(t, "completed", progress["status"])
		require.InDelta(t, 100, progress["percentage"], 0)
	})
	t.Run("trigger from outside", func(t *testing.T) {
		handle := s.temporal.ScheduleClient().GetHandle(t.Context(), "scrape-schedule-1")
		require.NoError(t, handle.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
		require.Equal(t, "manual", s.finishedRuns(token, path, 3)[0]["trigger_type"])
	})
	t.Run("pause from outside", func(t *testing.T) {
		handle := s.temporal.ScheduleClient().GetHandle(t.Context(), "scrape-schedule-1")
		require.NoError(t, handle.Pause(t.Context(), client.SchedulePauseOptions{Note: "portal maintenance"}))
		s.eventually(token, path, func(schedule object) bool {
			return schedule["status"] == "paused" && schedule["enabled"] == false && schedule["pause_reason"] == "portal maintenance" &&
				schedule["next_run"] == nil
		})
		require.NoError(t, handle.Unpause(t.Context(), client.ScheduleUnpauseOptions{}))
		s.eventually(token, path, func(schedule object) bool { return schedule["status"] == "active" && schedule["next_run"] != nil })
	})
	t.Run("deleted and changed outside", func(t *testing.T) {
		handle := s.temporal.ScheduleClient().GetHandle(t.Context(), "scrape-schedule-1")
		require.NoError(t, handle.Delete(t.Context()))
		require.Eventually(t, func() bool { _, err := handle.Describe(t.Context()); return err == nil }, patience, tick, "put back")
		before, err := handle.Describe(t.Context())
		require.NoError(t, err)
		require.NoError(t, handle.Update(t.Context(), client.ScheduleUpdateOptions{DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			in.Description.Schedule.Spec.Intervals[0].Every = 3 * time.Hour
			return &client.ScheduleUpdate{Schedule: &in.Description.Schedule}, nil
		}}))
		require.Eventually(t, func() bool {
			now, err := handle.Describe(t.Context())
			return err == nil && now.Schedule.Spec.Intervals[0] == before.Schedule.Spec.Intervals[0]
		}, patience, tick, "put right")
	})
	t.Run("delete", func(t *testing.T) {
		require.Equal(t, http.StatusOK, s.call(token, http.MethodDelete, path, nil, nil))
		_, err := s.temporal.ScheduleClient().GetHandle(t.Context(), "scrape-schedule-1").Describe(t.Context())
		require.Error(t, err)
		require.Len(t, s.workOrders(token), 120, "data stays")
	})
	s.noSecret(canary)
	s.recordNewest(workflows.VerifyLoginType, "accepted")
	s.recordNewest(workflows.ReconcileType, "nothing_to_do")
}

// recordRun keeps the history of a run, see record.
func (s *stack) recordRun(name string, run object) {
	s.t.Helper()
	s.record(workflows.ScrapeType, name, run["workflow_id"].(string)) //nolint:forcetypeassert // a failed assertion fails the test
}

// recordNewest keeps the history of the newest closed workflow of a type.
func (s *stack) recordNewest(workflow, name string) {
	s.t.Helper()
	listed, err := s.temporal.ListWorkflow(s.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus != 'Running'", workflow), PageSize: 1,
	})
	require.NoError(s.t, err)
	require.NotEmpty(s.t, listed.GetExecutions())
	s.record(workflow, name, listed.GetExecutions()[0].GetExecution().GetWorkflowId())
}

func (s *stack) eventually(token, path string, holds func(object) bool) {
	s.t.Helper()
	var schedule object
	require.Eventually(s.t, func() bool {
		schedule = nil
		return s.get(token, path, &schedule) == http.StatusOK && holds(schedule)
	}, patience, tick, "%v", schedule)
}

// sameAsPortal compares what the API answers with what the portal holds.
func (s *stack) sameAsPortal(token string) {
	s.t.Helper()
	open, err := s.sim.OpenOrders(tech)
	require.NoError(s.t, err)
	stored := map[string]object{}
	for _, order := range s.workOrders(token) {
		stored[order["external_id"].(string)] = order //nolint:forcetypeassert // a failed assertion fails the test
	}
	require.Len(s.t, stored, len(open))
	for _, want := range open {
		got, there := stored[fmt.Sprint(want.Number)]
		require.True(s.t, there, "order %d", want.Number)
		require.Equal(s.t, want.Place.Customer, got["site_name"])
	}
}

// eventBudget checks how much Temporal history a run costs.
func (s *stack) eventBudget(workflowID string, most int) {
	s.t.Helper()
	events := s.temporal.GetWorkflowHistory(s.t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	count := 0
	for events.HasNext() {
		_, err := events.Next()
		require.NoError(s.t, err)
		count++
	}
	s.t.Logf("a run of 120 work orders: %d history events", count)
	require.LessOrEqual(s.t, count, most)
}

// noSecret looks for a password, and for the session cookie's name, everywhere it could have leaked to.
func (s *stack) noSecret(canary string) {
	s.t.Helper()
	require.NotContains(s.t, s.logs.String(), canary, "logs")

	listed, err := s.temporal.ListWorkflow(s.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000})
	require.NoError(s.t, err)
	searched := 0
	for _, info := range listed.GetExecutions() {
		events := s.temporal.GetWorkflowHistory(s.t.Context(), info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			require.NoError(s.t, err)
			require.NotContains(s.t, event.String(), canary, "history of %s", info.GetExecution().GetWorkflowId())
			searched++
		}
	}
	require.Positive(s.t, searched)

	connection, err := pgx.Connect(s.t.Context(), s.database)
	require.NoError(s.t, err)
	defer func() { _ = connection.Close(context.WithoutCancel(s.t.Context())) }()
	rows, err := connection.Query(s.t.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`)
	require.NoError(s.t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(s.t, err)
	require.NotEmpty(s.t, tables)
	for _, table := range tables {
		var text string
		err := connection.QueryRow(s.t.Context(), `SELECT COALESCE(string_agg(t::text, ' '), '') FROM `+pgx.Identifier{table}.Sanitize()+` t`).Scan(&text)
		require.NoError(s.t, err)
		require.False(s.t, strings.Contains(text, canary), "table %s", table)                              //nolint:testifylint // NotContains would print the table
		require.False(s.t, strings.Contains(text, fmt.Sprintf("%x", canary)), "table %s, as bytes", table) //nolint:testifylint // as above
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	wrong := object{"username": tech, "password": "not-the-password"}
	for range 3 {
		var answer object
		require.Equal(t, http.StatusUnauthorized, s.call("", http.MethodPost, "/api/auth/login", wrong, &answer), "%v", answer)
		require.Equal(t, "AUTH_FAILED", answer["error"])
		require.NotContains(t, fmt.Sprint(answer), "not-the-password")
	}
	require.Equal(t, 1, s.sim.Counters(tech).LoginsRejected, "a refused password is not sent again")
	s.recordNewest(workflows.VerifyLoginType, "rejected")
	var users object
	s.get("", "/api/auth/check", &users)
	require.Equal(t, false, users["has_users"])

	// The password changes at the portal: one run finds out, later ones know, and signing in mends it.
	token := s.signIn(tech, password)
	path, _ := s.createSchedule(token, workOrders)
	s.finishedRuns(token, path, 1)
	require.NoError(t, s.sim.SetPassword(tech, "a-new-password"))
	s.sim.ExpireSessions(tech)
	s.sim.ResetCounters()
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", nil, nil))
	run := s.finishedRuns(token, path, 2)[0]
	require.Equal(t, "credentials_rejected", run["outcome"])
	require.Contains(t, run["error_message"], "ign in again")
	s.recordRun("login_refused", run)
	var refused object
	require.Equal(t, http.StatusBadRequest, s.call(token, http.MethodPost, path+"/run", nil, &refused), "%v", refused)
	require.Contains(t, refused["detail"], "credentials", "the word that leads the old clients to the settings")
	require.Equal(t, 1, s.sim.Counters(tech).LoginsRejected, "sent once, ever")
	require.Len(t, s.workOrders(token), 120, "nothing is lost")
	var schedule object
	s.get(token, path, &schedule)
	require.InDelta(t, 0, schedule["consecutive_failures"], 0, "not the schedule's failure")
	require.Equal(t, "held_credentials", schedule["held"])

	s.signIn(tech, "a-new-password")
	require.Equal(t, "success", s.finishedRuns(token, path, 3)[0]["outcome"], "the held schedule has run by itself")
}

func TestPortalDownThenBack(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token := s.signIn(tech, password)
	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultHTTP500, Page: portalsim.PageList}))
	path, _ := s.createSchedule(token, workOrders)

	require.Eventually(t, func() bool { return s.sim.Counters(tech).Faults[portalsim.FaultHTTP500] >= 2 }, patience, tick, "tried again while down")
	rows := s.history(token, path)
	require.Len(t, rows, 1)
	require.Nil(t, rows[0]["completed_at"], "still trying")
	s.sim.ClearFaults(portalsim.Fault{})

	run := s.finishedRuns(token, path, 1)[0]
	require.Equal(t, "success", run["outcome"], "%v", run)
	require.InDelta(t, 120, run["items_added"], 0)
	require.Equal(t, 1, s.sim.Counters(tech).LoginsOK)
	s.recordRun("portal_down_then_back", run)
}

// An empty list although orders are stored: nothing is changed until a person says what is right.
func TestHeldResult(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	const small = "small@example.com"
	token := s.signIn(small, password)
	path, _ := s.createSchedule(token, workOrders)
	s.finishedRuns(token, path, 1)
	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultEmptyList, Value: "proved"}))
	for n, action := range []string{"discard", "accept"} {
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", nil, nil))
		run := s.finishedRuns(token, path, n+2)[0]
		require.Equal(t, "held", run["outcome"], "%v", run)
		require.Equal(t, false, run["success"])
		require.Len(t, s.workOrders(token), 7)
		var decided object
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, fmt.Sprintf("%s/history/%v/%s", path, run["id"], action), nil, &decided), "%v", decided)
		if action == "discard" {
			require.Equal(t, "held", decided["outcome"])
			require.Len(t, s.workOrders(token), 7)
			continue
		}
		require.Equal(t, "success", decided["outcome"])
		require.InDelta(t, 7, decided["items_removed"], 0)
		require.Empty(t, s.workOrders(token))
	}
	s.sim.ClearFaults(portalsim.Fault{})
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", nil, nil))
	require.InDelta(t, 7, s.finishedRuns(token, path, 4)[0]["items_updated"], 0, "orders that come back are the same orders")
	require.Len(t, s.workOrders(token), 7)
}

// The old work-orders page asks by user, and knows no schedule.
func TestScrapeByUserNeedsNoSchedule(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token := s.signIn("small@example.com", password)
	var started object
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, "/api/v1/work-orders/scrape", object{}, &started), "%v", started)
	path := fmt.Sprintf("/api/scraping-schedules/%v", started["schedule_id"])
	run := s.finishedRuns(token, path, 1)[0]
	require.Equal(t, "success", run["outcome"])
	require.Equal(t, "manual", run["trigger_type"])
	var schedule, progress object
	s.get(token, path, &schedule)
	require.Equal(t, "paused", schedule["status"], "nobody has asked for it every hour")
	s.get(token, fmt.Sprintf("/api/v1/work-orders/scrape/progress/%v", started["user_id"]), &progress)
	require.Equal(t, "completed", progress["status"])
}

// Four windows of one person at the same time: the portal sees one login.
func TestSignInsAtOnceShareOneLogin(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{Latency: portalsim.Latency{Base: 300 * time.Millisecond}})
	statuses := make(chan int, 4)
	for range cap(statuses) {
		go func() {
			statuses <- s.call("", http.MethodPost, "/api/auth/login", object{"username": tech, "password": password}, nil)
		}()
	}
	for range cap(statuses) {
		require.Equal(t, http.StatusOK, <-statuses)
	}
	require.Equal(t, 1, s.sim.Counters(tech).LoginsOK)
}

// The session of the application, which is not that of the portal.
func TestSessionOfTheApplication(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	phone, laptop := s.signIn(tech, password), s.signIn(tech, password)
	var renewed object
	require.Equal(t, http.StatusOK, s.call(phone, http.MethodPost, "/api/auth/refresh", nil, &renewed), "%v", renewed)
	end, err := time.Parse(time.RFC3339, renewed["session_expires_at"].(string))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(30*24*time.Hour), end, time.Hour, "the default")
	var sessions []object
	require.Equal(t, http.StatusOK, s.get(renewed["access_token"].(string), "/api/auth/sessions", &sessions))
	require.Len(t, sessions, 2)
	require.Equal(t, http.StatusOK, s.call(phone, http.MethodPost, "/api/auth/logout", nil, nil))
	for _, token := range []string{phone, renewed["access_token"].(string)} {
		require.Equal(t, http.StatusUnauthorized, s.get(token, "/api/auth/me", nil), "every token of the session")
	}
	require.Equal(t, http.StatusOK, s.get(laptop, "/api/auth/me", nil))
	var preferences object
	require.Equal(t, http.StatusOK, s.call(laptop, http.MethodPatch, "/api/auth/preferences", object{"timezone": "America/New_York"}, &preferences))
	require.Equal(t, "America/New_York", preferences["timezone"])
}

func TestExpiredSessionIsRenewed(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token := s.signIn(tech, password)
	path, _ := s.createSchedule(token, workOrders)
	s.finishedRuns(token, path, 1)
	s.sim.ExpireSessions(tech)
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", nil, nil))
	run := s.finishedRuns(token, path, 2)[0]
	require.Equal(t, "success", run["outcome"])
	require.Equal(t, 2, s.sim.Counters(tech).LoginsOK)
	s.recordRun("session_expired", run)
}

func TestChangedLayoutNamesTheElement(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token := s.signIn("changed@example.com", password)
	path, _ := s.createSchedule(token, workOrders)
	run := s.finishedRuns(token, path, 1)[0]
	require.Equal(t, "layout_changed", run["outcome"], "%v", run)
	require.Equal(t, true, run["has_error_log"])
	s.recordRun("layout_changed", run)
	var log object
	require.Equal(t, http.StatusOK, s.get(token, fmt.Sprintf("%s/history/%v/error-log", path, run["id"]), &log))
	require.Equal(t, "layout_changed", log["error_log"].(object)["error_type"]) //nolint:forcetypeassert // a failed assertion fails the test
}

// A worker is killed in the middle of a list; another goes on. Nothing is doubled, nothing is fetched twice but the page in flight.
func TestKilledWorker(t *testing.T) {
	t.Parallel()
	s := prepare(t, portalsim.Config{DataLatency: portalsim.Latency{Base: 500 * time.Millisecond}})
	s.startAPI()
	first := s.startWorker()
	s.waitReady()
	const busy = "busy@example.com"
	token := s.signIn(busy, password)
	path, _ := s.createSchedule(token, workOrders)
	require.Eventually(t, func() bool {
		var progress object
		s.get(token, path+"/sync-progress", &progress)
		processed, _ := progress["work_orders_processed"].(float64)
		return processed >= 200
	}, patience, tick)
	first.Kill()
	<-first.Done()
	s.startWorker()

	run := s.finishedRuns(token, path, 1)[0]
	require.Equal(t, "success", run["outcome"], "%v", run)
	require.InDelta(t, 1000, run["items_added"], 0)
	require.Len(t, s.history(token, path), 1)
	s.recordRun("worker_killed", run)
	counters := s.sim.Counters(busy)
	require.Equal(t, 1, counters.LoginsOK, "no second login")
	t.Logf("data requests by page: %v", counters.ListPages)
}

func TestScheduleFires(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{}, "FOSSAWORK_MIN_INTERVAL=2s")
	token := s.signIn("small@example.com", password)
	path, schedule := s.createSchedule(token, object{"schedule_type": "work_orders", "interval_hours": 4.0 / 3600, "offset_seconds": 1})
	require.InDelta(t, 4.0/3600, schedule["interval_hours"], 1e-9)
	for _, run := range s.finishedRuns(token, path, 4)[:3] {
		require.Equal(t, "scheduled", run["trigger_type"])
		nominal, err := time.Parse(time.RFC3339, run["nominal_at"].(string)) //nolint:forcetypeassert // a failed assertion fails the test
		require.NoError(t, err)
		require.Equal(t, int64(1), nominal.Unix()%4, "on its slot")
	}
	var paused object
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPut, path, object{"enabled": false, "active_hours": nil, "interval_hours": 4.0 / 3600}, &paused))
	require.Equal(t, "paused", paused["status"])
	require.Nil(t, paused["next_run"])
	description, err := s.temporal.ScheduleClient().GetHandle(t.Context(), "scrape-schedule-1").Describe(t.Context())
	require.NoError(t, err)
	require.True(t, description.Schedule.State.Paused)
}

func TestCancelledRunIsRecorded(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{DataLatency: portalsim.Latency{Base: 30 * time.Second}})
	token := s.signIn("small@example.com", password)
	path, _ := s.createSchedule(token, workOrders)
	require.Eventually(t, func() bool { return s.sim.Counters("small@example.com").Documents[portalsim.PageList] > 0 }, patience, tick)
	row := s.history(token, path)[0]
	asked := time.Now()
	require.NoError(t, s.temporal.CancelWorkflow(t.Context(), row["workflow_id"].(string), "")) //nolint:forcetypeassert // a failed assertion fails the test
	run := s.finishedRuns(token, path, 1)[0]
	t.Logf("recorded %s after it was asked for", time.Since(asked).Round(time.Millisecond))
	require.Equal(t, "cancelled", run["outcome"])
	var progress object
	s.get(token, path+"/sync-progress", &progress)
	require.Equal(t, "cancelled", progress["status"])
	s.recordRun("cancelled", run)
}

// A login without a kept session: the run signs in first.
func TestLostSessionIsReplacedInTheRun(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token := s.signIn("small@example.com", password)
	connection, err := pgx.Connect(t.Context(), s.database)
	require.NoError(t, err)
	_, err = connection.Exec(t.Context(), `DELETE FROM portal_sessions`)
	require.NoError(t, err)
	require.NoError(t, connection.Close(t.Context()))
	path, _ := s.createSchedule(token, workOrders)
	run := s.finishedRuns(token, path, 1)[0]
	require.Equal(t, "success", run["outcome"])
	require.Equal(t, 2, s.sim.Counters("small@example.com").LoginsOK)
	require.Equal(t, 1, s.sim.Counters("small@example.com").Documents[portalsim.PageList], "no page is loaded to find out what is known")
	s.recordRun("first_login", run)
}

// Temporal is away while a schedule is made: it is kept as pending, and it is there, and has run, when Temporal is back.
func TestTemporalAway(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token := s.signIn("small@example.com", password)
	s.link.set(true)
	path, schedule := s.createSchedule(token, workOrders)
	require.Equal(t, "pending", schedule["sync"])
	var progress, refused object
	s.get(token, path+"/sync-progress", &progress)
	require.Equal(t, "in_progress", progress["status"], "the first run was asked for")

	other, _ := s.createSchedule(token, object{"schedule_type": "work_orders", "name": "second", "enabled": false})
	require.Equal(t, http.StatusServiceUnavailable, s.call(token, http.MethodPost, other+"/run", nil, &refused), "%v", refused)
	s.get(token, other+"/sync-progress", &progress)
	require.Equal(t, "not_found", progress["status"], "nothing of the refused run stays")
	s.link.set(false)

	require.Equal(t, "success", s.finishedRuns(token, path, 1)[0]["outcome"])
	s.eventually(token, path, func(schedule object) bool { return schedule["sync"] == "applied" })
	s.eventually(token, other, func(schedule object) bool { return schedule["sync"] == "applied" && schedule["status"] == "paused" })
	_, err := s.temporal.ScheduleClient().GetHandle(t.Context(), "scrape-schedule-2").Describe(t.Context())
	require.NoError(t, err)
}

// A run that an operator terminates cannot say so itself; its row is closed from visibility.
func TestTerminatedRunIsClosed(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{DataLatency: portalsim.Latency{Base: 30 * time.Second}})
	token := s.signIn("small@example.com", password)
	path, _ := s.createSchedule(token, workOrders)
	row := s.history(token, path)[0]
	require.NoError(t, s.temporal.TerminateWorkflow(t.Context(), row["workflow_id"].(string), "", "drill")) //nolint:forcetypeassert // a failed assertion fails the test
	run := s.finishedRuns(token, path, 1)[0]
	require.Equal(t, "terminated", run["outcome"])
	require.Equal(t, row["id"], run["id"])
}
