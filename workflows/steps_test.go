package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// dispenserRun is a run of dispensers with a kept session.
func dispenserRun() activities.BeginResult {
	run := began
	run.Steps = []activities.StepRef{
		{Name: "ChooseSites", At: jobs.AtStore}, {Name: "CollectDispensers", At: jobs.AtPortal}, {Name: "ConcludeDispensers", At: jobs.AtStore},
	}
	return run
}

// started notes the activities in the order in which they begin.
func (s *scrapeSuite) started() *[]string {
	var names []string
	s.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		names = append(names, info.ActivityType.Name)
	})
	return &names
}

func (s *scrapeSuite) TestStepsComeInTheirOrder() {
	names := s.started()
	s.begin(dispenserRun())
	s.step("ChooseSites", jobs.Result{}, nil)
	s.step("CollectDispensers", jobs.Result{More: true, Details: "Read 25 of 60 sites"}, nil)
	s.step("CollectDispensers", jobs.Result{More: true}, nil)
	s.step("CollectDispensers", jobs.Result{}, nil)
	s.step("ConcludeDispensers", success, nil)

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
	s.Equal([]string{
		"BeginRun", "ChooseSites", "CollectDispensers", "CollectDispensers", "CollectDispensers", "ConcludeDispensers", "FinishRun",
	}, *names)
}

func (s *scrapeSuite) TestStepWithAnOutcomeEndsTheRun() {
	run := dispenserRun()
	run.SessionVersion = 0 // nothing to read: the portal is left alone, so nobody signs in
	s.begin(run)
	s.step("ChooseSites", jobs.Result{Outcome: scrape.OutcomeSuccess, Counts: scrape.Counts{Unchanged: 9}}, nil)

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
	var result workflows.ScrapeResult
	s.Require().NoError(s.env.GetWorkflowResult(&result))
	s.Equal(scrape.Counts{Unchanged: 9}, result.Counts)
}

func (s *scrapeSuite) TestOutcomeOfAFailureEndsTheRunAsOne() {
	s.begin(dispenserRun())
	s.step("ChooseSites", jobs.Result{Outcome: scrape.OutcomePortalDown, Message: "None of 3 sites could be read."}, nil)

	err := s.run()
	var application *temporal.ApplicationError
	s.Require().ErrorAs(err, &application)
	s.Equal(string(scrape.OutcomePortalDown), application.Type())
	s.Equal("None of 3 sites could be read.", s.endedAs(scrape.OutcomePortalDown).Message)
}

func (s *scrapeSuite) TestRunWhoseStepsNameNoOutcomeIsASuccess() {
	run := dispenserRun()
	run.Steps = run.Steps[:1]
	s.begin(run)
	s.step("ChooseSites", jobs.Result{}, nil)
	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

func (s *scrapeSuite) TestStepsAtTheStoreNeedNoSession() {
	run := began
	run.SessionVersion, run.Steps = 0, []activities.StepRef{{Name: "ComputeFilters", At: jobs.AtStore}}
	s.begin(run)
	s.step("ComputeFilters", jobs.Result{Outcome: scrape.OutcomePartial, Message: "Collect dispensers first."}, nil)
	s.Require().NoError(s.run())
	s.Equal("Collect dispensers first.", s.endedAs(scrape.OutcomePartial).Message)
}

// A run that was begun by a worker of before carries no steps.
func (s *scrapeSuite) TestRunWithoutStepsCollectsWorkOrders() {
	run := began
	run.Steps = nil
	s.begin(run)
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", success, nil)
	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

func (s *scrapeSuite) TestSessionThatEndsAmongTheSites() {
	s.begin(dispenserRun())
	s.step("ChooseSites", jobs.Result{}, nil)
	s.step("CollectDispensers", jobs.Result{More: true, SignIn: true, Session: 4}, nil)
	s.login(4, activities.LoginResult{SessionVersion: 5})
	s.step("CollectDispensers", jobs.Result{More: true, SignIn: true, Session: 5}, nil)
	s.login(5, activities.LoginResult{SessionVersion: 6})
	s.step("CollectDispensers", jobs.Result{}, nil)
	s.step("ConcludeDispensers", success, nil)
	s.Require().NoError(s.run(), "each login has brought the run on")
	s.endedAs(scrape.OutcomeSuccess)
}

// A session that ends without having brought anything is renewed once; after progress it may be renewed once more.
func (s *scrapeSuite) TestOneRenewalForEachProgress() {
	s.begin(dispenserRun())
	s.step("ChooseSites", jobs.Result{}, nil)
	s.step("CollectDispensers", jobs.Result{}, expired(4))
	s.login(4, activities.LoginResult{SessionVersion: 5})
	s.step("CollectDispensers", jobs.Result{More: true}, nil)
	s.step("CollectDispensers", jobs.Result{}, expired(5))
	s.login(5, activities.LoginResult{SessionVersion: 6})
	s.step("CollectDispensers", jobs.Result{}, expired(6))

	s.Require().Error(s.run())
	s.endedAs(scrape.OutcomeSessionExpired)
}

// The session may be newer than the run knows: the portal has refused that of the error.
func (s *scrapeSuite) TestTheErrorSaysWhichSessionIsStale() {
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{}, expired(9))
	s.login(9, activities.LoginResult{SessionVersion: 10})
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", success, nil)
	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

// Workers of before tell nothing of the session.
func (s *scrapeSuite) TestErrorWithoutASession() {
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{}, fails(scrape.KindSessionExpired))
	s.login(4, activities.LoginResult{SessionVersion: 5})
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", success, nil)
	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

// A session that another run has brought says nothing about whether a login of ours would help.
func (s *scrapeSuite) TestTakenSessionDoesNotCountAsALogin() {
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{}, expired(4))
	s.login(4, activities.LoginResult{SessionVersion: 5, Taken: true})
	s.step("CollectWorkOrders", jobs.Result{}, expired(5))
	s.login(5, activities.LoginResult{SessionVersion: 6})
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", success, nil)
	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

// Two runs that take each other's sessions for ever would be a storm of logins.
func (s *scrapeSuite) TestTakenSessionsHaveAnEnd() {
	s.begin(began)
	for session := int64(4); session <= 7; session++ {
		s.step("CollectWorkOrders", jobs.Result{}, expired(session))
		s.login(session, activities.LoginResult{SessionVersion: session + 1, Taken: true})
	}
	s.step("CollectWorkOrders", jobs.Result{}, expired(8))
	s.Require().Error(s.run())
	s.endedAs(scrape.OutcomeSessionExpired)
}

// A run with very many sites goes on in a fresh history. Everything that was done is in Postgres, and the row stays open.
func (s *scrapeSuite) TestLongRunsContinueAsNew() {
	s.begin(dispenserRun())
	s.step("ChooseSites", jobs.Result{}, nil)
	s.env.OnActivity("CollectDispensers", mock.Anything, input).Return(jobs.Result{More: true}, nil).Once().Run(func(mock.Arguments) {
		s.env.SetContinueAsNewSuggested(true)
	})

	var again *workflow.ContinueAsNewError
	s.Require().ErrorAs(s.run(), &again)
	s.Equal(workflows.ScrapeType, again.WorkflowType.Name)
	var in workflows.ScrapeInput
	s.Require().NoError(converter.GetDefaultDataConverter().FromPayloads(again.Input, &in))
	s.Equal(workflows.ScrapeInput{ScheduleID: 7}, in)
	s.Empty(s.finished, "the run goes on")
}

func (s *scrapeSuite) TestStepThatIsDoneNeedsNoFreshHistory() {
	s.env.SetContinueAsNewSuggested(true)
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", success, nil)
	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

func (s *scrapeSuite) TestHeldCredentialsEndTheRunBeforeItBegins() {
	s.begin(activities.BeginResult{RunID: 501, Trigger: scrape.TriggerScheduled, Outcome: scrape.OutcomeHeldCredentials})
	s.Require().NoError(s.run(), "it is no failure: everybody knows of it")
	s.Empty(s.finished, "the row was closed when it was opened")
}

func (s *scrapeSuite) TestOpenBreakerEndsTheRunBeforeItBegins() {
	s.begin(activities.BeginResult{RunID: 501, Trigger: scrape.TriggerScheduled, Outcome: scrape.OutcomeBreakerOpen})
	s.Require().NoError(s.run(), "it is no failure of this run")
	s.Empty(s.finished, "the row was closed when it was opened")
}

// asked notes the options with which activities are scheduled.
type asked struct {
	interceptor.WorkerInterceptorBase
	options map[string]workflow.ActivityOptions
}

func (a *asked) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &inbound{interceptor.WorkflowInboundInterceptorBase{Next: next}, a}
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	asked *asked
}

func (i *inbound) Init(out interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&outbound{interceptor.WorkflowOutboundInterceptorBase{Next: out}, i.asked})
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	asked *asked
}

func (o *outbound) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	o.asked.options[name] = workflow.GetActivityOptions(ctx)
	return o.Next.ExecuteActivity(ctx, name, args...)
}

// watch notes the options of activities from here on.
func (s *scrapeSuite) watch() map[string]workflow.ActivityOptions {
	seen := &asked{options: map[string]workflow.ActivityOptions{}}
	s.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{seen}})
	return seen.options
}

// A run that a person waits for goes before a scheduled one, and no user's many runs hold up another user's.
func (s *scrapeSuite) TestPriorityAndFairness() {
	for trigger, want := range map[scrape.Trigger]int{scrape.TriggerManual: 2, scrape.TriggerScheduled: 3, scrape.TriggerBackfill: 3} {
		s.SetupTest()
		options := s.watch()
		run := began
		run.Trigger, run.SessionVersion = trigger, 0
		s.begin(run)
		s.login(0, activities.LoginResult{SessionVersion: 1})
		s.step("CollectWorkOrders", jobs.Result{}, nil)
		s.step("ApplyWorkOrders", success, nil)
		s.Require().NoError(s.run())
		for _, name := range []string{"Login", "CollectWorkOrders", "ApplyWorkOrders"} {
			s.Equal(temporal.Priority{PriorityKey: want, FairnessKey: "u"}, options[name].Priority, "%s of a %s run", name, trigger)
		}
	}
}

func (s *scrapeSuite) TestStepsAreCarriedOutWhereTheyBelong() {
	options := s.watch()
	s.begin(dispenserRun())
	s.step("ChooseSites", jobs.Result{}, nil)
	s.step("CollectDispensers", jobs.Result{}, nil)
	s.step("ConcludeDispensers", success, nil)
	s.Require().NoError(s.run())
	for name, want := range map[string]workflow.ActivityOptions{
		"ChooseSites":        {TaskQueue: workflows.ScrapeQueue, StartToCloseTimeout: 30 * time.Second, ScheduleToCloseTimeout: time.Hour},
		"CollectDispensers":  {TaskQueue: workflows.BrowserQueue, StartToCloseTimeout: 10 * time.Minute, ScheduleToCloseTimeout: 30 * time.Minute, HeartbeatTimeout: 15 * time.Second},
		"ConcludeDispensers": {TaskQueue: workflows.ScrapeQueue, StartToCloseTimeout: 30 * time.Second, ScheduleToCloseTimeout: time.Hour},
	} {
		got := options[name]
		s.Equal(want, workflow.ActivityOptions{
			TaskQueue: got.TaskQueue, StartToCloseTimeout: got.StartToCloseTimeout, ScheduleToCloseTimeout: got.ScheduleToCloseTimeout, HeartbeatTimeout: got.HeartbeatTimeout,
		}, name)
		s.True(got.WaitForCancellation, name)
	}
}

func (s *scrapeSuite) TestStepAtAnUnknownPlaceEndsTheRun() {
	run := began
	run.Steps = []activities.StepRef{{Name: "CollectWorkOrders", At: "moon"}}
	s.begin(run)
	s.Require().Error(s.run(), "a worker of another build must not guess")
}

// A cancel that comes while a step at the store is carried out waits for its end, and what it has brought counts. The test environment
// cannot wait, so a history of it is replayed: that of a good run, with the cancel put in while ApplyWorkOrders is going.
func TestCancelWaitsForAStepAtTheStore(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "histories", workflows.ScrapeType, "success.json"))
	require.NoError(t, err)
	var history struct {
		Events []map[string]any `json:"events"`
	}
	require.NoError(t, json.Unmarshal(text, &history))

	scheduled, done := 0, 0 // the numbers of its events
	for i, event := range history.Events {
		attributes, _ := event["activityTaskScheduledEventAttributes"].(map[string]any)
		if kind, ok := attributes["activityType"].(map[string]any); ok && kind["name"] == "ApplyWorkOrders" {
			scheduled, done = i+1, i+3
		}
	}
	require.Equal(t, "EVENT_TYPE_ACTIVITY_TASK_COMPLETED", history.Events[done-1]["eventType"])

	cancel := []map[string]any{
		{"eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED", "workflowExecutionCancelRequestedEventAttributes": map[string]any{"cause": "not needed"}},
		{"eventType": "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED", "workflowTaskScheduledEventAttributes": map[string]any{"attempt": 1}},
		{"eventType": "EVENT_TYPE_WORKFLOW_TASK_STARTED", "workflowTaskStartedEventAttributes": map[string]any{"scheduledEventId": fmt.Sprint(done + 1)}},
		{"eventType": "EVENT_TYPE_WORKFLOW_TASK_COMPLETED", "workflowTaskCompletedEventAttributes": map[string]any{
			"scheduledEventId": fmt.Sprint(done + 1), "startedEventId": fmt.Sprint(done + 2),
		}},
		{"eventType": "EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED", "activityTaskCancelRequestedEventAttributes": map[string]any{
			"scheduledEventId": fmt.Sprint(scheduled), "workflowTaskCompletedEventId": fmt.Sprint(done + 3),
		}},
	}
	for i, event := range cancel {
		event["eventId"], event["eventTime"] = fmt.Sprint(done+i), history.Events[done-1]["eventTime"]
	}
	for _, event := range history.Events[done-1:] {
		shift(event, done, len(cancel))
	}
	history.Events = append(history.Events[:done-1:done-1], append(cancel, history.Events[done-1:]...)...)

	text, err = json.Marshal(history)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "cancelled_while_applying.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	require.NoError(t, replayer().ReplayWorkflowHistoryFromJSONFile(nil, file))
}

// shift renumbers an event and those that it names, from one number on.
func shift(event map[string]any, from, by int) {
	for key, value := range event {
		switch value := value.(type) {
		case map[string]any:
			shift(value, from, by)
		case string:
			numbered := key == "eventId" || key == "activityId" || strings.HasSuffix(key, "EventId") // the SDK names activities by their event
			if n, err := strconv.Atoi(value); err == nil && numbered && n >= from {
				event[key] = fmt.Sprint(n + by)
			}
		}
	}
}
