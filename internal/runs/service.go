package runs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// Store keeps the rows of runs.
type Store interface {
	Schedule(ctx context.Context, id scrape.ScheduleID) (scrape.Schedule, error)
	Credential(ctx context.Context, user scrape.UserID) (scrape.Credential, error)
	RequestRun(ctx context.Context, run scrape.Run) (scrape.Run, error)
	MarkStarted(ctx context.Context, id scrape.RunID, temporalRunID string) error
	DiscardRequestedRun(ctx context.Context, id scrape.RunID) error
	BeginRun(ctx context.Context, start scrape.RunStart) (scrape.Begun, error)
	FinishRun(ctx context.Context, id scrape.RunID, end scrape.RunEnd, at time.Time) (scrape.Run, error)
	OpenRuns(ctx context.Context, startedBefore time.Time, limit int) ([]scrape.Run, error)
	RunByWorkflow(ctx context.Context, workflowID string) (scrape.Run, error)
	UserRun(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error)
	History(ctx context.Context, user scrape.UserID, job scrape.JobType, limit int) ([]scrape.Run, error)
	LatestRun(ctx context.Context, id scrape.ScheduleID) (scrape.Run, bool, error)
	RequestCancel(ctx context.Context, user scrape.UserID, id scrape.RunID, by string, at time.Time) (scrape.Run, error)
	jobs.Store // for decisions about held results
	Records
	DeleteRun(ctx context.Context, user scrape.UserID, id scrape.RunID) error
	LatestUserRun(ctx context.Context, user scrape.UserID, job scrape.JobType) (scrape.Run, bool, error)
	DeleteHistory(ctx context.Context, user scrape.UserID, job scrape.JobType) (int, error)
}

// Service is the use cases of runs.
type Service struct {
	// Sync puts a schedule to Temporal that the end of a run has changed; nil: the reconciler does so in its next round.
	Sync func(ctx context.Context, id scrape.ScheduleID) error

	store  Store
	client client.Client
	now    func() time.Time
	log    *slog.Logger
	room   waitingRoom
}

// New makes the service.
func New(store Store, temporal client.Client, log *slog.Logger) *Service {
	return &Service{store: store, client: temporal, now: time.Now, log: log}
}

// startTimeout bounds the start of a workflow: a person is waiting.
const startTimeout = 5 * time.Second

// Start starts a run outside the slots. Its row is there, and says in progress, before Start returns.
//
// A person is told when the run could not be started, and nothing of it stays; the first run of a new schedule is kept for the
// reconciler, since nobody would ask for it again. KindConflict with a scrape.RunningError: one is going already.
func (s *Service) Start(ctx context.Context, schedule scrape.Schedule, ask scrape.RunRequest) (scrape.Run, error) {
	job, err := jobs.Find(schedule.JobType)
	if err != nil {
		return scrape.Run{}, err
	}
	if job.Portal {
		if err := s.hasLogin(ctx, schedule.UserID); err != nil {
			return scrape.Run{}, err
		}
	}
	now := s.now().UTC()
	run, err := s.store.RequestRun(ctx, scrape.Run{
		ScheduleID: schedule.ID, UserID: schedule.UserID, JobType: schedule.JobType, Trigger: ask.Trigger, Options: ask.Options,
		WorkflowID:  workflows.RequestedWorkflowID(schedule.ID, strings.ToLower(rand.Text()[:12])),
		RequestedBy: string(ask.By), NominalAt: now, StartedAt: now,
	})
	if err != nil {
		return scrape.Run{}, err
	}
	if ask.Trigger != scrape.TriggerManual && !schedule.Synced() { // Temporal was away a moment ago; nobody should wait for that twice
		return run, nil
	}
	started, err := s.startWorkflow(ctx, schedule, run)
	if err == nil {
		return started, nil
	}
	if ask.Trigger == scrape.TriggerManual {
		if discardErr := s.store.DiscardRequestedRun(context.WithoutCancel(ctx), run.ID); discardErr != nil {
			s.log.ErrorContext(ctx, "run neither started nor taken back", "run_id", run.ID, "error", discardErr)
		}
	}
	return scrape.Run{}, scrape.Errorf(scrape.KindUnavailable,
		"The run could not be started because the scheduler does not answer. Try again in a minute.").Because(err)
}

// hasLogin refuses a run that could not sign in: the old clients look for the word credentials and lead to where they are set.
func (s *Service) hasLogin(ctx context.Context, user scrape.UserID) error {
	credential, err := s.store.Credential(ctx, user)
	switch {
	case scrape.KindOf(err) == scrape.KindNotFound:
		return scrape.Errorf(scrape.KindInvalid, "WorkFossa credentials not configured. Please set up your credentials in Settings.")
	case err != nil:
		return err
	case credential.State == scrape.CredentialLocked:
		return scrape.Errorf(scrape.KindInvalid, "WorkFossa says that the account of the stored credentials is locked. Unlock it there, then sign in again.")
	case credential.State.Refused():
		return scrape.Errorf(scrape.KindInvalid, "WorkFossa refused the stored credentials. Sign in again with the present password.")
	}
	return nil
}

// Cancel asks a run to end and notes who asked. The run ends within a second or two, at whatever step it is; a step that saves is finished
// first.
func (s *Service) Cancel(ctx context.Context, user scrape.User, id scrape.RunID) (scrape.Run, error) {
	run, err := s.store.RequestCancel(ctx, user.ID, id, user.Email, s.now().UTC())
	if err != nil {
		return scrape.Run{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	err = s.client.CancelWorkflow(ctx, run.WorkflowID, "")
	var notFound *serviceerror.NotFound
	switch {
	case errors.As(err, &notFound): // not started yet, or over without having said so: the row is all there is of it
		end := scrape.RunEnd{Outcome: scrape.OutcomeCancelled, ErrorMessage: "The run was cancelled."}
		return s.store.FinishRun(ctx, run.ID, end, s.now().UTC())
	case err != nil:
		return scrape.Run{}, scrape.Errorf(scrape.KindUnavailable,
			"The run could not be cancelled because the scheduler does not answer. Try again in a minute.").Because(err)
	}
	s.log.InfoContext(ctx, "run cancelled", "run_id", id, "user_id", user.ID)
	return run, nil
}

// startWorkflow starts the workflow of a requested run. Doing so twice starts it once: the workflow id belongs to the row.
func (s *Service) startWorkflow(ctx context.Context, schedule scrape.Schedule, run scrape.Run) (scrape.Run, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	started, err := s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       run.WorkflowID,
		TaskQueue:                workflows.ScrapeQueue,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowRunTimeout:       workflows.RunTimeout,
		TypedSearchAttributes:    workflows.ScheduleAttributes(schedule),
	}, workflows.ScrapeType, workflows.ScrapeInput{ScheduleID: schedule.ID})
	if err != nil {
		return scrape.Run{}, fmt.Errorf("start workflow: %w", err)
	}
	run.TemporalRunID = started.GetRunID()
	if err := s.store.MarkStarted(ctx, run.ID, run.TemporalRunID); err != nil { // the run itself will say so too
		s.log.WarnContext(ctx, "run started but not marked", "run_id", run.ID, "error", err)
	}
	return run, nil
}

// Accept applies a held result that a person has found right.
func (s *Service) Accept(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	return s.decide(ctx, jobs.Decision{User: user, Run: id}, func(job jobs.Job) decider { return job.Accept })
}

// WouldAccept tells what accepting a held result would change, and changes nothing. Its errors are those of Accept.
func (s *Service) WouldAccept(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Effect, error) {
	var effect scrape.Effect
	_, err := s.decide(ctx, jobs.Decision{User: user, Run: id, Trial: &effect}, func(job jobs.Job) decider { return job.Accept })
	return effect, err
}

// Discard drops a held result.
func (s *Service) Discard(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	return s.decide(ctx, jobs.Decision{User: user, Run: id}, func(job jobs.Job) decider { return job.Discard })
}

type decider = func(ctx context.Context, store jobs.Store, decision jobs.Decision) (scrape.Run, error)

func (s *Service) decide(ctx context.Context, decision jobs.Decision, how func(jobs.Job) decider) (scrape.Run, error) {
	run, err := s.store.UserRun(ctx, decision.User, decision.Run)
	if err != nil {
		return scrape.Run{}, err
	}
	job, err := jobs.Find(run.JobType)
	if err != nil {
		return scrape.Run{}, err
	}
	decide := how(job)
	if decide == nil {
		return scrape.Run{}, scrape.Errorf(scrape.KindConflict, "This run holds nothing back that could be accepted or discarded.")
	}
	decision.At = s.now().UTC()
	return decide(ctx, s.store, decision)
}

// Delete removes one finished run from a user's history.
func (s *Service) Delete(ctx context.Context, user scrape.UserID, id scrape.RunID) error {
	return s.store.DeleteRun(ctx, user, id)
}

// DeleteAll removes a user's finished runs of a job type and tells how many.
func (s *Service) DeleteAll(ctx context.Context, user scrape.UserID, job scrape.JobType) (int, error) {
	return s.store.DeleteHistory(ctx, user, job)
}

// Get is one run of a user.
func (s *Service) Get(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	return s.store.UserRun(ctx, user, id)
}

// Latest is the newest run of a schedule, false when it never ran.
func (s *Service) Latest(ctx context.Context, id scrape.ScheduleID) (scrape.Run, bool, error) {
	return s.store.LatestRun(ctx, id)
}

// LatestOfUser is a user's newest run of a job type, whatever schedule it belongs to; false when there is none.
func (s *Service) LatestOfUser(ctx context.Context, user scrape.UserID, job scrape.JobType) (scrape.Run, bool, error) {
	return s.store.LatestUserRun(ctx, user, job)
}
