package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"

	"github.com/fossawork/scheduler/scrape"
)

// Steps is what Temporal knows of a run's steps.
type Steps struct {
	WorkflowID string        // empty for runs of the old scheduler
	Known      bool          // false: Temporal knows nothing of the run
	Message    string        // why nothing is known, or what is not shown, as a sentence; empty when there is nothing to say
	Steps      []scrape.Step // in the order in which they were asked for
}

const (
	// stepsTimeout bounds the questions to Temporal: a person is waiting.
	stepsTimeout = 5 * time.Second
	// mostSteps is how many are shown, the newest ones.
	mostSteps = 200
	// mostEvents bounds what is read of a history: a run goes on in a new one long before.
	mostEvents = 20000
)

// Steps reads the steps of a user's run from its workflow's history. A run that went on in a new history has the steps of the newest one.
// Unavailable when Temporal does not answer.
func (s *Service) Steps(ctx context.Context, user scrape.UserID, id scrape.RunID) (Steps, error) {
	run, err := s.store.UserRun(ctx, user, id)
	if err != nil {
		return Steps{}, err
	}
	out := Steps{WorkflowID: run.WorkflowID}
	if run.WorkflowID == "" {
		out.Message = "This run is from before Temporal carried runs out, so its steps were not recorded."
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, stepsTimeout)
	defer cancel()
	// What is pending is asked first: a step that ends in between is then over in the history, which is believed.
	described, err := s.client.DescribeWorkflowExecution(ctx, run.WorkflowID, "")
	var events []*historypb.HistoryEvent
	whole := true
	if err == nil {
		events, whole, err = s.events(ctx, run.WorkflowID, described.GetWorkflowExecutionInfo().GetExecution().GetRunId())
	}
	var notFound *serviceerror.NotFound
	switch {
	case errors.As(err, &notFound) && run.Running():
		out.Message = "Temporal does not know this run yet. It is started within a minute."
		return out, nil
	case errors.As(err, &notFound):
		out.Message = "Temporal has forgotten this run: it keeps the steps of a run for some days only."
		return out, nil
	case err != nil:
		return Steps{}, scrape.Errorf(scrape.KindUnavailable, "Temporal does not answer, so the steps cannot be shown. Try again in a minute.").Because(err)
	}
	out.Known, out.Steps = true, stepsOf(events, described.GetPendingActivities())
	switch shown := len(out.Steps); {
	case shown > mostSteps:
		out.Steps = out.Steps[shown-mostSteps:]
		out.Message = fmt.Sprintf("Only the newest %d of %d steps are shown.", mostSteps, shown)
	case !whole:
		out.Message = "This run has taken very many steps; the newest ones are not shown."
	case goesOn(events):
		out.Message = "This run was so long that it went on in a new history; the steps before are not shown."
	}
	return out, nil
}

// events reads the history of a workflow, page by page; false when that was not all of it.
func (s *Service) events(ctx context.Context, workflowID, runID string) ([]*historypb.HistoryEvent, bool, error) {
	var events []*historypb.HistoryEvent
	history := s.client.GetWorkflowHistory(ctx, workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		if len(events) == mostEvents {
			return events, false, nil
		}
		event, err := history.Next()
		if err != nil {
			return nil, false, fmt.Errorf("read history: %w", err)
		}
		events = append(events, event)
	}
	return events, true, nil
}

// goesOn tells whether there is an older history of the same run.
func goesOn(events []*historypb.HistoryEvent) bool {
	return len(events) > 0 && events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId() != ""
}

// stepsOf tells the steps of a run from the events of its workflow, in their order, and from what Temporal says of activities that are not over:
// the start of one is not written into the history before its end.
func stepsOf(events []*historypb.HistoryEvent, pending []*workflowpb.PendingActivityInfo) []scrape.Step {
	steps := []scrape.Step{}
	place := map[int64]int{}       // by the number of the event that asked for the step
	activity := map[string]int64{} // the same number by the id of the activity
	for _, event := range events {
		at := event.GetEventTime().AsTime().UTC()
		end := func(scheduled int64, state scrape.StepState, failure *failurepb.Failure) {
			i, known := place[scheduled]
			if !known {
				return
			}
			steps[i].State, steps[i].EndedAt = state, &at
			if failure != nil {
				steps[i].Failure = failureWords(failure)
			}
		}
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			scheduled := event.GetActivityTaskScheduledEventAttributes()
			place[event.GetEventId()] = len(steps)
			activity[scheduled.GetActivityId()] = event.GetEventId()
			steps = append(steps, scrape.Step{Name: scheduled.GetActivityType().GetName(), State: scrape.StepWaiting, ScheduledAt: at})
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			started := event.GetActivityTaskStartedEventAttributes()
			if i, known := place[started.GetScheduledEventId()]; known {
				steps[i].State, steps[i].StartedAt, steps[i].Attempts = scrape.StepRunning, &at, int(started.GetAttempt())
				if failure := started.GetLastFailure(); failure != nil {
					steps[i].Failure = failureWords(failure)
				}
			}
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			end(event.GetActivityTaskCompletedEventAttributes().GetScheduledEventId(), scrape.StepCompleted, nil)
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED:
			failed := event.GetActivityTaskFailedEventAttributes()
			end(failed.GetScheduledEventId(), scrape.StepFailed, failed.GetFailure())
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
			timedOut := event.GetActivityTaskTimedOutEventAttributes()
			end(timedOut.GetScheduledEventId(), scrape.StepFailed, timedOut.GetFailure())
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
			end(event.GetActivityTaskCanceledEventAttributes().GetScheduledEventId(), scrape.StepCancelled, nil)
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
			enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
			enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
			for i := range steps { // nobody waits for what was not over
				if steps[i].EndedAt == nil {
					steps[i].State, steps[i].EndedAt = scrape.StepCancelled, &at
				}
			}
		default: // no step
		}
	}
	for _, info := range pending {
		if i, known := place[activity[info.GetActivityId()]]; known && steps[i].EndedAt == nil {
			addPending(&steps[i], info)
		}
	}
	return steps
}

// addPending adds what Temporal says of a step that is not over.
func addPending(step *scrape.Step, info *workflowpb.PendingActivityInfo) {
	if failure := info.GetLastFailure(); failure != nil {
		step.Failure = failureWords(failure)
	}
	attempt := int(info.GetAttempt())
	if started := info.GetLastStartedTime(); started.GetSeconds() > 0 {
		at := started.AsTime().UTC()
		step.StartedAt = &at
	}
	switch info.GetState() {
	case enumspb.PENDING_ACTIVITY_STATE_STARTED, enumspb.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED:
		step.State, step.Attempts = scrape.StepRunning, attempt
	default: // the number is that of the attempt to come
		step.State, step.Attempts = scrape.StepWaiting, max(attempt-1, 0)
		if next := info.GetNextAttemptScheduleTime(); attempt > 1 && next.GetSeconds() > 0 {
			at := next.AsTime().UTC()
			step.RetryAt = &at
		}
	}
}

// failureWords says why an attempt failed, for people: the sentence of one of our errors, or one about what Temporal noticed. Texts of any
// other error stay in the logs.
func failureWords(failure *failurepb.Failure) string {
	for f := failure; f != nil; f = f.GetCause() {
		if ours := f.GetApplicationFailureInfo(); slices.Contains(scrape.Kinds(), scrape.Kind(ours.GetType())) {
			return f.GetMessage()
		}
	}
	switch {
	case failure.GetTimeoutFailureInfo() != nil:
		return timeoutWords(failure.GetTimeoutFailureInfo().GetTimeoutType())
	case failure.GetCanceledFailureInfo() != nil:
		return "It was cancelled."
	}
	return scrape.MessageOf(nil)
}

func timeoutWords(kind enumspb.TimeoutType) string {
	switch kind {
	case enumspb.TIMEOUT_TYPE_HEARTBEAT:
		return "The worker that did this step stopped answering."
	case enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START:
		return "No worker took this step in time."
	default:
		return "This step took longer than it may and was stopped."
	}
}
