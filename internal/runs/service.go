package runs

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

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
	AcceptHeld(ctx context.Context, user scrape.UserID, id scrape.RunID, at time.Time,
		plan func(stored []scrape.WorkOrder, pages []scrape.ListPage) scrape.Plan) (scrape.Run, error)
	DiscardHeld(ctx context.Context, user scrape.UserID, id scrape.RunID, at time.Time) (scrape.Run, error)
	DeleteRun(ctx context.Context, user scrape.UserID, id scrape.RunID) error
	LatestUserRun(ctx context.Context, user scrape.UserID, job scrape.JobType) (scrape.Run, bool, error)
	DeleteHistory(ctx context.Context, user scrape.UserID, job scrape.JobType) (int, error)
}

// Service is the use cases of runs.
type Service struct {
	store  Store
	client client.Client
	now    func() time.Time
	log    *slog.Logger
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
func (s *Service) Start(ctx context.Context, schedule scrape.Schedule, trigger scrape.Trigger, by scrape.UserID) (scrape.Run, error) {
	if _, err := s.store.Credential(ctx, schedule.UserID); scrape.KindOf(err) == scrape.KindNotFound {
		return scrape.Run{}, scrape.Errorf(scrape.KindInvalid,
			"WorkFossa credentials not configured. Please set up your credentials in Settings.")
	} else if err != nil {
		return scrape.Run{}, err
	}
	now := s.now().UTC()
	run, err := s.store.RequestRun(ctx, scrape.Run{
		ScheduleID: schedule.ID, UserID: schedule.UserID, JobType: schedule.JobType, Trigger: trigger,
		WorkflowID:  workflows.RequestedWorkflowID(schedule.ID, strings.ToLower(rand.Text()[:12])),
		RequestedBy: string(by), NominalAt: now, StartedAt: now,
	})
	if err != nil {
		return scrape.Run{}, err
	}
	if trigger != scrape.TriggerManual && !schedule.Synced() { // Temporal was away a moment ago; nobody should wait for that twice
		return run, nil
	}
	started, err := s.startWorkflow(ctx, schedule, run)
	if err == nil {
		return started, nil
	}
	if trigger == scrape.TriggerManual {
		if discardErr := s.store.DiscardRequestedRun(context.WithoutCancel(ctx), run.ID); discardErr != nil {
			s.log.ErrorContext(ctx, "run neither started nor taken back", "run_id", run.ID, "error", discardErr)
		}
	}
	return scrape.Run{}, scrape.Errorf(scrape.KindUnavailable,
		"The run could not be started because the scheduler does not answer. Try again in a minute.").Because(err)
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
	return s.store.AcceptHeld(ctx, user, id, s.now().UTC(), scrape.PlanAccepted)
}

// Discard drops a held result.
func (s *Service) Discard(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	return s.store.DiscardHeld(ctx, user, id, s.now().UTC())
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
