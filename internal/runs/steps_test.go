package runs

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fossawork/scheduler/scrape"
)

// recorded is the history of a run that released code has made.
func recorded(t *testing.T, name string) []*historypb.HistoryEvent {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "workflows", "testdata", "histories", "Scrape", name+".json"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	history, err := client.HistoryFromJSON(file, client.HistoryJSONOptions{})
	require.NoError(t, err)
	return history.GetEvents()
}

// lines are steps in short: name, state, attempts, failure.
func lines(steps []scrape.Step) []string {
	out := []string{}
	for _, step := range steps {
		line := fmt.Sprintf("%s %s %d", step.Name, step.State, step.Attempts)
		if step.Failure != "" {
			line += " " + step.Failure
		}
		out = append(out, line)
	}
	return out
}

func TestStepsOfRecordedRuns(t *testing.T) {
	t.Parallel()
	const expired = "The portal shows its login form: the session has expired."
	const lost = "The worker that did this step stopped answering."
	for name, want := range map[string][]string{
		"success":        {"BeginRun completed 1", "CollectWorkOrders completed 1", "ApplyWorkOrders completed 1", "FinishRun completed 1"},
		"first_login":    {"BeginRun completed 1", "Login completed 1", "CollectWorkOrders completed 1", "ApplyWorkOrders completed 1", "FinishRun completed 1"},
		"dispensers":     {"BeginRun completed 1", "ChooseSites completed 1", "CollectDispensers completed 1", "ConcludeDispensers completed 1", "FinishRun completed 1"},
		"cancelled":      {"BeginRun completed 1", "CollectWorkOrders cancelled 1", "FinishRun completed 1"},
		"refused_before": {"BeginRun completed 1", "FinishRun completed 1"},
		"layout_changed": {
			"BeginRun completed 1", "CollectWorkOrders failed 1 The work-order list has no rows in the known form (selector .work-list-item).", "FinishRun completed 1",
		},
		"session_expired": {
			"BeginRun completed 1", "CollectWorkOrders failed 1 " + expired, "Login completed 1", "CollectWorkOrders completed 1", "ApplyWorkOrders completed 1",
			"FinishRun completed 1",
		},
		"portal_down_then_back": {
			"BeginRun completed 1", "CollectWorkOrders completed 3 The portal answered with error 500.", "ApplyWorkOrders completed 1", "FinishRun completed 1",
		},
		"steps_worker_killed": {"BeginRun completed 1", "CollectWorkOrders completed 2 " + lost, "ApplyWorkOrders completed 1", "FinishRun completed 1"},
	} {
		steps := stepsOf(recorded(t, name), nil)
		require.Equal(t, want, lines(steps), name)
		for i, step := range steps {
			require.NotNil(t, step.EndedAt, name)
			require.False(t, step.StartedAt.Before(step.ScheduledAt), name)
			require.False(t, step.EndedAt.Before(*step.StartedAt), name)
			require.Nil(t, step.RetryAt)
			require.True(t, i == 0 || !step.ScheduledAt.Before(*steps[i-1].EndedAt), "%s: one after the other", name)
		}
	}
}

// until is a history as it was when this step had just been asked for.
func until(events []*historypb.HistoryEvent, step string) []*historypb.HistoryEvent {
	for i, event := range events {
		if event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == step {
			return events[:i+1]
		}
	}
	return nil
}

func TestStepsThatAreNotOver(t *testing.T) {
	t.Parallel()
	whole := recorded(t, "success")
	events := until(whole, "CollectWorkOrders")
	require.NotEmpty(t, events)
	id := events[len(events)-1].GetActivityTaskScheduledEventAttributes().GetActivityId()
	down := application(scrape.KindPortalDown, "WorkFossa does not answer.")
	for name, test := range map[string]struct {
		pending *workflowpb.PendingActivityInfo
		want    scrape.Step
	}{
		"for a worker": {
			&workflowpb.PendingActivityInfo{State: enumspb.PENDING_ACTIVITY_STATE_SCHEDULED, Attempt: 1},
			scrape.Step{State: scrape.StepWaiting},
		},
		"running": {
			&workflowpb.PendingActivityInfo{State: enumspb.PENDING_ACTIVITY_STATE_STARTED, Attempt: 1, LastStartedTime: timestamppb.New(at(1))},
			scrape.Step{State: scrape.StepRunning, Attempts: 1, StartedAt: pointer(at(1))},
		},
		"running again": {
			&workflowpb.PendingActivityInfo{State: enumspb.PENDING_ACTIVITY_STATE_STARTED, Attempt: 3, LastStartedTime: timestamppb.New(at(1)), LastFailure: down},
			scrape.Step{State: scrape.StepRunning, Attempts: 3, StartedAt: pointer(at(1)), Failure: "WorkFossa does not answer."},
		},
		"being cancelled": {
			&workflowpb.PendingActivityInfo{State: enumspb.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED, Attempt: 1, LastStartedTime: timestamppb.New(at(1))},
			scrape.Step{State: scrape.StepRunning, Attempts: 1, StartedAt: pointer(at(1))},
		},
		"for another attempt": {
			&workflowpb.PendingActivityInfo{
				State: enumspb.PENDING_ACTIVITY_STATE_SCHEDULED, Attempt: 3, LastStartedTime: timestamppb.New(at(1)), LastFailure: down,
				NextAttemptScheduleTime: timestamppb.New(at(2)),
			},
			scrape.Step{State: scrape.StepWaiting, Attempts: 2, StartedAt: pointer(at(1)), Failure: "WorkFossa does not answer.", RetryAt: pointer(at(2))},
		},
	} {
		test.pending.ActivityId = id
		steps := stepsOf(events, []*workflowpb.PendingActivityInfo{test.pending})
		require.Len(t, steps, 2)
		test.want.Name, test.want.ScheduledAt = "CollectWorkOrders", steps[1].ScheduledAt
		require.Equal(t, test.want, steps[1], name)
		require.Equal(t, "BeginRun completed 1", lines(steps)[0])

		over := stepsOf(whole, []*workflowpb.PendingActivityInfo{test.pending})
		require.Equal(t, "CollectWorkOrders completed 1", lines(over)[1], "what has ended in between has ended")
	}
	terminated := append(slices.Clone(events), &historypb.HistoryEvent{
		EventId: 99, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED, EventTime: timestamppb.New(at(3)),
	})
	steps := stepsOf(terminated, nil)
	require.Equal(t, []string{"BeginRun completed 1", "CollectWorkOrders cancelled 0"}, lines(steps))
	require.Equal(t, at(3), *steps[1].EndedAt)
	require.Equal(t, []scrape.Step{}, stepsOf(nil, nil))
}

func application(kind scrape.Kind, message string) *failurepb.Failure {
	return &failurepb.Failure{Message: message, FailureInfo: &failurepb.Failure_ApplicationFailureInfo{
		ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: string(kind)},
	}}
}

func timedOut(kind enumspb.TimeoutType, cause *failurepb.Failure) *failurepb.Failure {
	return &failurepb.Failure{Message: "activity timeout", Cause: cause, FailureInfo: &failurepb.Failure_TimeoutFailureInfo{
		TimeoutFailureInfo: &failurepb.TimeoutFailureInfo{TimeoutType: kind},
	}}
}

// Nothing is shown that was not written for people.
func TestFailureWords(t *testing.T) {
	t.Parallel()
	ours := application(scrape.KindPortalDown, "WorkFossa does not answer.")
	ours.Cause = application("", "dial tcp 10.0.0.1:443: refused")
	for want, failures := range map[string][]*failurepb.Failure{
		"WorkFossa does not answer.": {ours, timedOut(enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, ours)},
		"Something went wrong on our side.": {
			nil, {Message: "inside"}, application("PanicError", "runtime error: index out of range"), application("", "postgres://user:password@db"),
		},
		"The worker that did this step stopped answering.":   {timedOut(enumspb.TIMEOUT_TYPE_HEARTBEAT, nil)},
		"No worker took this step in time.":                  {timedOut(enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START, nil)},
		"This step took longer than it may and was stopped.": {timedOut(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, application("", "inside"))},
		"It was cancelled.":                                  {{FailureInfo: &failurepb.Failure_CanceledFailureInfo{CanceledFailureInfo: &failurepb.CanceledFailureInfo{}}}},
	} {
		for _, failure := range failures {
			require.Equal(t, want, failureWords(failure), "%v", failure)
		}
	}
}

// archive is a store with one run, and a Temporal that knows one history.
type archive struct {
	Store
	client.Client
	run    scrape.Run
	events []*historypb.HistoryEvent
	err    error
}

func (a *archive) UserRun(_ context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	if user != a.run.UserID || id != a.run.ID {
		return scrape.Run{}, scrape.Errorf(scrape.KindNotFound, "History record not found")
	}
	return a.run, nil
}

func (a *archive) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return &workflowservice.DescribeWorkflowExecutionResponse{}, a.err
}

func (a *archive) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	return &pages{events: a.events}
}

type pages struct{ events []*historypb.HistoryEvent }

func (p *pages) HasNext() bool { return len(p.events) > 0 }

func (p *pages) Next() (*historypb.HistoryEvent, error) {
	next := p.events[0]
	p.events = p.events[1:]
	return next, nil
}

func TestSteps(t *testing.T) {
	t.Parallel()
	ended := at(1)
	setup := func() *archive {
		return &archive{
			run:    scrape.Run{ID: 501, UserID: "u", WorkflowID: "scrape-7-x", CompletedAt: &ended},
			events: recorded(t, "success"),
		}
	}
	ask := func(a *archive) (Steps, error) {
		return New(a, a, slog.New(slog.DiscardHandler)).Steps(t.Context(), "u", 501)
	}
	a := setup()
	found, err := ask(a)
	require.NoError(t, err)
	require.True(t, found.Known)
	require.Empty(t, found.Message)
	require.Equal(t, "scrape-7-x", found.WorkflowID)
	require.Len(t, found.Steps, 4)

	_, err = New(a, a, slog.New(slog.DiscardHandler)).Steps(t.Context(), "somebody else", 501)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))

	for name, test := range map[string]struct {
		spoil func(*archive)
		want  string
	}{
		"forgotten":   {func(a *archive) { a.err = serviceerror.NewNotFound("gone") }, "Temporal has forgotten this run: it keeps the steps of a run for some days only."},
		"not started": {func(a *archive) { a.err, a.run.CompletedAt = serviceerror.NewNotFound("none"), nil }, "Temporal does not know this run yet. It is started within a minute."},
		"old":         {func(a *archive) { a.run.WorkflowID = "" }, "This run is from before Temporal carried runs out, so its steps were not recorded."},
	} {
		a := setup()
		test.spoil(a)
		found, err := ask(a)
		require.NoError(t, err, name)
		require.False(t, found.Known, name)
		require.Empty(t, found.Steps, name)
		require.Equal(t, test.want, found.Message)
	}

	a = setup()
	a.err = serviceerror.NewUnavailable("away")
	_, err = ask(a)
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err))
	require.Equal(t, "Temporal does not answer, so the steps cannot be shown. Try again in a minute.", scrape.MessageOf(err))

	a = setup()
	a.events[0].GetWorkflowExecutionStartedEventAttributes().ContinuedExecutionRunId = "before"
	found, err = ask(a)
	require.NoError(t, err)
	require.Equal(t, "This run was so long that it went on in a new history; the steps before are not shown.", found.Message)

	a = setup()
	for i := range 250 {
		a.events = append(a.events, &historypb.HistoryEvent{
			EventId: int64(1000 + i), EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, EventTime: timestamppb.New(at(i)),
			Attributes: &historypb.HistoryEvent_ActivityTaskScheduledEventAttributes{
				ActivityTaskScheduledEventAttributes: &historypb.ActivityTaskScheduledEventAttributes{ActivityId: strconv.Itoa(1000 + i)},
			},
		})
	}
	found, err = ask(a)
	require.NoError(t, err)
	require.Len(t, found.Steps, 200)
	require.Equal(t, at(249), found.Steps[199].ScheduledAt)
	require.Equal(t, "Only the newest 200 of 254 steps are shown.", found.Message)
}

func pointer[T any](v T) *T { return &v }
