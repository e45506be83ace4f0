package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// RunStore keeps the rows of runs and the data they bring.
type RunStore interface {
	Schedule(ctx context.Context, id scrape.ScheduleID) (scrape.Schedule, error)
	BeginRun(ctx context.Context, start scrape.RunStart) (scrape.Begun, error)
	RunByWorkflow(ctx context.Context, workflowID string) (scrape.Run, error)
	FinishRun(ctx context.Context, id scrape.RunID, end scrape.RunEnd, at time.Time) (scrape.Run, error)
	NoteOpenUntil(ctx context.Context, workflowID string, until time.Time) error
}

// RunMeter counts runs that have ended.
type RunMeter interface {
	RunEnded(ctx context.Context, run scrape.Run)
}

// Firings knows what Temporal remembers of the runs that a Temporal Schedule has started.
type Firings interface {
	// NominalTime is the time for which the schedule started the workflow, with its fraction; false when Temporal no longer knows.
	NominalTime(ctx context.Context, temporalScheduleID, workflowID string) (at time.Time, known bool, err error)
}

// Schedules puts a schedule to Temporal when Temporal does not have its newest revision.
type Schedules interface {
	Sync(ctx context.Context, id scrape.ScheduleID) error
}

// Recorder holds the steps that open and close a run's row, whatever the job.
type Recorder struct {
	Store     RunStore
	Firings   Firings
	Meter     RunMeter
	Schedules Schedules // may be nil: the reconciler does the same in its next round
	Breaker   *Breaker  // may be nil
}

// BeginInput says which schedule a workflow runs for and how it came to start.
type BeginInput struct {
	ScheduleID scrape.ScheduleID `json:"schedule_id"`
	FiredBy    string            `json:"fired_by,omitempty"`   // the Temporal Schedule that started the workflow; empty when the API did
	NominalAt  time.Time         `json:"nominal_at,omitzero"`  // cut to the second
	StartedAt  time.Time         `json:"started_at,omitempty"` // when Temporal started the workflow
}

// BeginResult is what the next steps need.
type BeginResult struct {
	RunID          scrape.RunID        `json:"run_id"`
	Trigger        scrape.Trigger      `json:"trigger"`
	CredentialID   scrape.CredentialID `json:"credential_id,omitempty"`
	SessionVersion int64               `json:"session_version,omitempty"`
	UserID         scrape.UserID       `json:"user_id,omitempty"`

	// Steps are what the run does, in order. They are recorded with the run, so that one that is going stays as it was when its job changes.
	Steps []StepRef `json:"steps,omitempty"`

	// Outcome is set when the run is over before it began: another one is going, the schedule is gone, or the portal must not be asked.
	Outcome scrape.Outcome `json:"outcome,omitempty"`

	// RefusedKind is set when there is no login to go to the portal with.
	RefusedKind    scrape.Kind `json:"refused_kind,omitempty"`
	RefusedMessage string      `json:"refused_message,omitempty"`
}

// StepRef is a step of a job as a workflow knows it.
type StepRef struct {
	Name string     `json:"name"`
	At   jobs.Place `json:"at"`
}

// BeginRun opens the run's row, or takes over the one that the API opened, and reports what to run with.
func (r *Recorder) BeginRun(ctx context.Context, in BeginInput) (BeginResult, error) {
	workflow := activity.GetInfo(ctx).WorkflowExecution
	start := scrape.RunStart{
		ScheduleID: in.ScheduleID, WorkflowID: workflow.ID, TemporalRunID: workflow.RunID,
		Trigger: scrape.TriggerManual, NominalAt: in.StartedAt, StartedAt: in.StartedAt,
	}
	if in.FiredBy != "" {
		schedule, err := r.Store.Schedule(ctx, in.ScheduleID)
		if scrape.KindOf(err) == scrape.KindNotFound { // deleted while it fired
			return BeginResult{Outcome: scrape.OutcomePaused}, nil
		}
		if err != nil {
			return BeginResult{}, fail(ctx, fmt.Errorf("read schedule: %w", err))
		}
		start.NominalAt, start.Trigger = r.origin(ctx, schedule, in, workflow.ID)
		if info := activity.GetInfo(ctx); info.Attempt > 1 && schedule.Timing.Overlap == scrape.OverlapBufferOne { // it has waited its turn
			start.StartedAt, start.Insist = info.StartedTime.UTC(), info.Attempt > turnLooks
		}
	}
	begun, err := r.Store.BeginRun(ctx, start)
	var running *scrape.RunningError
	if errors.As(err, &running) {
		return BeginResult{}, fail(ctx, errTurn("Waiting for the run that is going to end (run %d).", running.RunID))
	}
	if err != nil {
		return BeginResult{}, fail(ctx, fmt.Errorf("begin run: %w", err))
	}
	result := BeginResult{
		RunID: begun.Run.ID, Trigger: begun.Run.Trigger, CredentialID: begun.CredentialID, SessionVersion: begun.SessionVersion,
		UserID: begun.Run.UserID, Outcome: begun.Run.Outcome,
	}
	if result.Outcome != "" {
		return result, nil
	}
	job, err := jobs.Find(begun.Run.JobType)
	if err != nil {
		return BeginResult{}, fail(ctx, err)
	}
	for _, step := range job.Steps {
		result.Steps = append(result.Steps, StepRef{Name: step.Name, At: step.At})
	}
	refusal := refusalOf(begun)
	switch {
	case !job.Portal:
		return result, nil
	case refusal == nil:
		held, err := r.Breaker.holdBack(ctx, begun.Run)
		if err != nil {
			return BeginResult{}, fail(ctx, fmt.Errorf("hold run back: %w", err))
		}
		if held {
			result.Outcome = scrape.OutcomeBreakerOpen
		}
	case begun.Run.Trigger == scrape.TriggerScheduled:
		result.Outcome = scrape.OutcomeHeldCredentials
		end := scrape.RunEnd{Outcome: result.Outcome, ErrorMessage: refusal.Message}
		if _, err := r.Store.FinishRun(ctx, begun.Run.ID, end, in.StartedAt); err != nil {
			return BeginResult{}, fail(ctx, fmt.Errorf("hold run: %w", err))
		}
	default:
		result.RefusedKind, result.RefusedMessage = refusal.Kind, refusal.Message
	}
	return result, nil
}

// origin finds the nominal time and the trigger of a run that a Temporal Schedule started. Temporal may note the start a moment after
// the run has begun, so it is asked a few times; what remains unknown is told from the timing alone.
func (r *Recorder) origin(ctx context.Context, schedule scrape.Schedule, in BeginInput, workflowID string) (time.Time, scrape.Trigger) {
	const asks, pause = 4, 100 * time.Millisecond
	for ask := range asks {
		nominal, known, err := r.Firings.NominalTime(ctx, in.FiredBy, workflowID)
		if err != nil {
			activity.GetLogger(ctx).Warn("nominal time not known from Temporal", "error", err.Error())
			break
		}
		if known {
			return nominal, schedule.Timing.TriggerOf(nominal, true, in.StartedAt)
		}
		if ask == asks-1 {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return in.NominalAt, schedule.Timing.TriggerOf(in.NominalAt, false, in.StartedAt)
}

// refusalOf says why a run must not go to the portal at all; nil when it may.
func refusalOf(begun scrape.Begun) *scrape.Error {
	if begun.CredentialID == 0 {
		return scrape.Errorf(scrape.KindCredentialsRejected, "No WorkFossa credentials are stored. Sign in again to store them.")
	}
	return refusedLogin(begun.CredentialState)
}

// refusedLogin is the error of a stored login that the portal has refused before; nil for the others.
func refusedLogin(state scrape.CredentialState) *scrape.Error {
	switch state {
	case scrape.CredentialRejected:
		return scrape.Errorf(scrape.KindCredentialsRejected, "WorkFossa refused the stored credentials. Sign in again with the present password.")
	case scrape.CredentialLocked:
		return scrape.Errorf(scrape.KindAccountLocked, "WorkFossa says that the account is locked. Unlock it there, then sign in again.")
	case scrape.CredentialUnverified, scrape.CredentialOK:
		return nil
	}
	return nil
}

// FinishInput says how the run ended.
type FinishInput struct {
	Outcome scrape.Outcome `json:"outcome"`
	Message string         `json:"message,omitempty"`
	Detail  string         `json:"detail,omitempty"`
	At      time.Time      `json:"at"`
}

// FinishRun closes the row of the workflow that calls it. A workflow that was stopped before its row existed has nothing to close.
func (r *Recorder) FinishRun(ctx context.Context, in FinishInput) error {
	run, err := r.Store.RunByWorkflow(ctx, activity.GetInfo(ctx).WorkflowExecution.ID)
	if scrape.KindOf(err) == scrape.KindNotFound {
		return nil
	}
	if err != nil {
		return fail(ctx, fmt.Errorf("read run: %w", err))
	}
	end := scrape.RunEnd{Outcome: in.Outcome, ErrorMessage: in.Message, ErrorDetail: in.Detail}
	if end.Excused, err = r.Breaker.excuses(ctx, in.Outcome); err != nil {
		return fail(ctx, fmt.Errorf("read breaker: %w", err))
	}
	finished, err := r.Store.FinishRun(ctx, run.ID, end, in.At)
	if err != nil {
		return fail(ctx, fmt.Errorf("finish run: %w", err))
	}
	r.Meter.RunEnded(ctx, finished)
	r.sync(ctx, finished)
	return nil
}

// sync lets Temporal know at once of a schedule that the end of a run has suspended or resumed. The run has ended whether that works or not.
func (r *Recorder) sync(ctx context.Context, run scrape.Run) {
	if r.Schedules == nil || run.ScheduleID == 0 || !run.Outcome.Ran() {
		return
	}
	if err := r.Schedules.Sync(ctx, run.ScheduleID); err != nil {
		activity.GetLogger(ctx).Warn("schedule pending", "schedule_id", int64(run.ScheduleID), "error", err.Error())
	}
}

// LateEndInput says until when a workflow was open whose row had ended long before.
type LateEndInput struct {
	OpenUntil time.Time `json:"open_until"`
}

// NoteLateEnd notes with the run that its workflow has outlived its row, for the account of the slots that Temporal has skipped meanwhile.
func (r *Recorder) NoteLateEnd(ctx context.Context, in LateEndInput) error {
	if err := r.Store.NoteOpenUntil(ctx, activity.GetInfo(ctx).WorkflowExecution.ID, in.OpenUntil); err != nil {
		return fail(ctx, fmt.Errorf("note late end: %w", err))
	}
	return nil
}
