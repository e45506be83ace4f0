package schedules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// systemSchedule is one of the system's own schedules.
type systemSchedule struct {
	id, workflow, does string
	every, offset      time.Duration
	timeout            time.Duration // of one run
	atOnce             bool          // runs as soon as it is made
}

// systemSchedules are those that every installation has; reconcile is how often Postgres and Temporal are compared.
func systemSchedules(reconcile time.Duration) []systemSchedule {
	return []systemSchedule{
		{
			id: workflows.ReconcileScheduleID, workflow: workflows.ReconcileType, every: reconcile, timeout: 10 * time.Minute, atOnce: true,
			does: "Compares Postgres with Temporal and repairs every difference: schedules that are missing or differ, runs whose end was not recorded.",
		},
		{
			id: workflows.RetentionScheduleID, workflow: workflows.RetentionType, every: 24 * time.Hour, offset: 3*time.Hour + 17*time.Minute, timeout: 4 * time.Hour,
			does: "Forgets what is too old or too much: history, former versions of schedules, evidence of failures, sign-ins.",
		},
		{
			id: workflows.StatisticsScheduleID, workflow: workflows.StatisticsType, every: time.Hour, offset: 7 * time.Minute, timeout: time.Hour,
			does: "Computes how long the runs of each schedule usually take, and brings statistics up to the history.",
		},
	}
}

func (s systemSchedule) spec() client.ScheduleSpec {
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: s.every, Offset: s.offset}}}
}

func (s systemSchedule) options() client.ScheduleOptions {
	return client.ScheduleOptions{
		ID: s.id, Spec: s.spec(), CatchupWindow: max(s.every, shortestSystemCatchUp), TriggerImmediately: s.atOnce,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action: &client.ScheduleWorkflowAction{
			ID: s.id, Workflow: s.workflow, TaskQueue: workflows.ScrapeQueue, WorkflowRunTimeout: s.timeout,
		},
	}
}

// shortestSystemCatchUp is Temporal's own lower bound of a catch-up window.
const shortestSystemCatchUp = 10 * time.Second

// EnsureSystemSchedules makes sure that the system's own schedules exist: the reconciler is what puts everything else back after Temporal's
// database was wiped, so it cannot depend on itself. Their pause is an operator's and is kept. One that fails does not keep the others.
func EnsureSystemSchedules(ctx context.Context, temporal client.Client, every time.Duration) error {
	var errs []error
	for _, schedule := range systemSchedules(every) {
		errs = append(errs, schedule.ensure(ctx, temporal))
	}
	return errors.Join(errs...)
}

func (s systemSchedule) ensure(ctx context.Context, temporal client.Client) error {
	handle := temporal.ScheduleClient().GetHandle(ctx, s.id)
	description, err := handle.Describe(ctx)
	if isNotFound(err) {
		_, err = temporal.ScheduleClient().Create(ctx, s.options())
		return ignoreExists(err)
	}
	if err != nil {
		return fmt.Errorf("describe %s: %w", s.id, err)
	}
	spec := s.spec()
	if sameSpec(*description.Schedule.Spec, spec) {
		return nil
	}
	return handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(input client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := input.Description.Schedule
			schedule.Spec = &spec
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	})
}

// System lets administrators look at the system's own schedules.
type System struct{ Client client.Client }

// SystemSchedule is one of the system's own schedules as Temporal has it.
type SystemSchedule struct {
	ID      string
	Does    string // a sentence
	Missing bool   // not in Temporal; a worker puts it there
	Every   time.Duration
	Paused  bool
	Note    string
	Running bool
	NextRun *time.Time // nil while paused
	LastRun *SystemRun // nil before the first
}

// SystemRun is one run of a system schedule.
type SystemRun struct {
	WorkflowID string
	StartedAt  time.Time
	EndedAt    *time.Time      // nil while it is going, and when Temporal no longer knows
	State      string          // running, completed, failed, canceled, terminated, timed_out, or unknown when Temporal has forgotten it
	Result     json.RawMessage // an object with what it counted; nil unless completed
	Message    string          // why it failed
}

// systemTimeout bounds one question to Temporal: a person is waiting.
const systemTimeout = 4 * time.Second

// List describes all system schedules. Unavailable when Temporal does not answer.
func (s System) List(ctx context.Context) ([]SystemSchedule, error) {
	var all []SystemSchedule
	for _, schedule := range systemSchedules(0) {
		found, err := s.look(ctx, schedule)
		if err != nil {
			return nil, systemError(err)
		}
		all = append(all, found)
	}
	return all, nil
}

func (s System) look(ctx context.Context, schedule systemSchedule) (SystemSchedule, error) {
	ctx, cancel := context.WithTimeout(ctx, systemTimeout)
	defer cancel()
	out := SystemSchedule{ID: schedule.id, Does: schedule.does, Every: schedule.every}
	description, err := s.Client.ScheduleClient().GetHandle(ctx, schedule.id).Describe(ctx)
	if isNotFound(err) {
		out.Missing = true
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if spec := description.Schedule.Spec; spec != nil && len(spec.Intervals) > 0 {
		out.Every = spec.Intervals[0].Every
	}
	out.Paused, out.Note = description.Schedule.State.Paused, description.Schedule.State.Note
	out.Running = len(description.Info.RunningWorkflows) > 0
	if next := description.Info.NextActionTimes; len(next) > 0 && !out.Paused {
		at := next[0].UTC()
		out.NextRun = &at
	}
	if recent := description.Info.RecentActions; len(recent) > 0 {
		out.LastRun, err = s.lastRun(ctx, recent[len(recent)-1])
	}
	return out, err
}

// lastRun tells how a run ended. Temporal forgets workflows before it forgets that a schedule has started them.
func (s System) lastRun(ctx context.Context, action client.ScheduleActionResult) (*SystemRun, error) {
	run := &SystemRun{StartedAt: action.ActualTime.UTC(), State: "unknown"}
	started := action.StartWorkflowResult
	if started == nil {
		return run, nil
	}
	run.WorkflowID = started.WorkflowID
	described, err := s.Client.DescribeWorkflowExecution(ctx, started.WorkflowID, started.FirstExecutionRunID)
	if isNotFound(err) {
		return run, nil
	}
	if err != nil {
		return nil, err
	}
	info := described.GetWorkflowExecutionInfo()
	run.State = stateOf(info.GetStatus())
	if info.GetCloseTime() != nil {
		at := info.GetCloseTime().AsTime()
		run.EndedAt = &at
	}
	if run.State == stateRunning {
		return run, nil
	}
	var result json.RawMessage
	err = s.Client.GetWorkflow(ctx, started.WorkflowID, started.FirstExecutionRunID).Get(ctx, &result)
	var failed *temporal.WorkflowExecutionError
	switch {
	case errors.As(err, &failed):
		run.Message = reason(err)
	case err != nil:
		return nil, err
	default:
		run.Result = result
	}
	return run, nil
}

// reason is the innermost sentence of a failed workflow.
func reason(err error) string {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return application.Message()
	}
	return ""
}

const stateRunning = "running"

func stateOf(status enumspb.WorkflowExecutionStatus) string {
	switch status {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return stateRunning
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return "completed"
	case enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		return "failed"
	case enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:
		return "canceled"
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		return "terminated"
	case enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		return "timed_out"
	default:
		return "unknown"
	}
}

// Reconciled is one comparison of Postgres and Temporal.
type Reconciled struct {
	StartedAt time.Time
	State     string                    // as of a SystemRun
	Result    workflows.ReconcileResult // zero unless completed
	Message   string                    // why it failed
}

// Reconciled tells about the newest comparison that has ended, or about the one that is going when there is none; false before the first.
// Unavailable when Temporal does not answer.
func (s System) Reconciled(ctx context.Context) (Reconciled, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, systemTimeout)
	defer cancel()
	description, err := s.Client.ScheduleClient().GetHandle(ctx, workflows.ReconcileScheduleID).Describe(ctx)
	if isNotFound(err) {
		return Reconciled{}, false, nil
	}
	if err != nil {
		return Reconciled{}, false, systemError(err)
	}
	recent := description.Info.RecentActions
	if len(recent) == 0 {
		return Reconciled{}, false, nil
	}
	newest, err := s.lastRun(ctx, recent[len(recent)-1])
	if err == nil && newest.State == stateRunning && len(recent) > 1 { // no two are ever going
		newest, err = s.lastRun(ctx, recent[len(recent)-2])
	}
	if err != nil {
		return Reconciled{}, false, systemError(err)
	}
	out := Reconciled{StartedAt: newest.StartedAt, State: newest.State, Message: newest.Message}
	if newest.Result != nil {
		if err := json.Unmarshal(newest.Result, &out.Result); err != nil {
			return Reconciled{}, false, fmt.Errorf("read the result of a comparison: %w", err)
		}
	}
	return out, true, nil
}

// Pause pauses a system schedule; by is who did it, for Temporal's note. The reason may be empty.
func (s System) Pause(ctx context.Context, id, by, why string) (SystemSchedule, error) {
	note := fmt.Sprintf("Paused by %s.", by)
	if why != "" {
		note = fmt.Sprintf("Paused by %s: %s", by, why)
	}
	return s.change(ctx, id, func(ctx context.Context, handle client.ScheduleHandle) error {
		return handle.Pause(ctx, client.SchedulePauseOptions{Note: note})
	})
}

// Resume ends the pause of a system schedule.
func (s System) Resume(ctx context.Context, id, by string) (SystemSchedule, error) {
	return s.change(ctx, id, func(ctx context.Context, handle client.ScheduleHandle) error {
		return handle.Unpause(ctx, client.ScheduleUnpauseOptions{Note: fmt.Sprintf("Resumed by %s.", by)})
	})
}

// Run runs a system schedule at once, also while it is paused. A conflict when it is running.
func (s System) Run(ctx context.Context, id string) (SystemSchedule, error) {
	return s.change(ctx, id, func(ctx context.Context, handle client.ScheduleHandle) error {
		description, err := handle.Describe(ctx)
		if err != nil {
			return err
		}
		if len(description.Info.RunningWorkflows) > 0 {
			return scrape.Errorf(scrape.KindConflict, "%s is running already. Look again in a minute.", id)
		}
		return handle.Trigger(ctx, client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP})
	})
}

// change does something to a system schedule and answers with what became of it.
func (s System) change(
	ctx context.Context, id string, do func(context.Context, client.ScheduleHandle) error,
) (SystemSchedule, error) {
	for _, schedule := range systemSchedules(0) {
		if schedule.id != id {
			continue
		}
		within, cancel := context.WithTimeout(ctx, systemTimeout)
		err := do(within, s.Client.ScheduleClient().GetHandle(within, id))
		cancel()
		if isNotFound(err) {
			return SystemSchedule{}, scrape.Errorf(scrape.KindUnavailable,
				"%s is not in Temporal at the moment. A worker puts it there within a minute; try again then.", id).Because(err)
		}
		if err != nil {
			return SystemSchedule{}, systemError(err)
		}
		found, err := s.look(ctx, schedule)
		return found, systemError(err)
	}
	return SystemSchedule{}, scrape.Errorf(scrape.KindNotFound, "There is no system schedule of that name. GET /api/system/schedules lists them.")
}

// systemError says that Temporal is away, unless the error says something itself.
func systemError(err error) error {
	var known *scrape.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if isAway(err) {
		return scrape.Errorf(scrape.KindUnavailable, "Temporal does not answer. Try again in a minute.").Because(err)
	}
	return err
}

// isAway tells whether Temporal did not answer, as opposed to an answer that refuses.
func isAway(err error) bool {
	var unavailable *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &unavailable) || errors.As(err, &late)
}
