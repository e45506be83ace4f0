package runs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

const (
	// settling is how old a run must be before its state is questioned: its row and its workflow do not appear in the same instant.
	settling = 10 * time.Second
	// openAtOnce is how many open runs one round looks at, oldest first.
	openAtOnce = 2000
)

// ReconcileRuns closes the rows of runs whose workflow has ended without closing them, starts runs that were asked for while Temporal
// was away, and opens rows for workflows that are alive without one.
func (s *Service) ReconcileRuns(ctx context.Context) (activities.RunRepairs, error) {
	var repairs activities.RunRepairs
	open, err := s.store.OpenRuns(ctx, s.now().Add(-settling), openAtOnce)
	if err != nil {
		return repairs, fmt.Errorf("read open runs: %w", err)
	}
	for _, run := range open {
		repairs.Checked++
		if err := s.settle(ctx, run, &repairs); err != nil {
			repairs.Failed++
			s.log.WarnContext(ctx, "run not repaired", "run_id", run.ID, "error", err)
		}
	}
	alive, err := s.alive(ctx, "ExecutionStatus = 'Running'")
	if err != nil {
		return repairs, err
	}
	for _, running := range alive {
		if err := s.adopt(ctx, running, &repairs); err != nil {
			repairs.Failed++
			s.log.WarnContext(ctx, "run not adopted", "workflow_id", running.workflowID, "error", err)
		}
	}
	return repairs, nil
}

// settle brings one open row in line with its workflow.
func (s *Service) settle(ctx context.Context, run scrape.Run, repairs *activities.RunRepairs) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	described, err := s.client.DescribeWorkflowExecution(ctx, run.WorkflowID, run.TemporalRunID)
	var notFound *serviceerror.NotFound
	switch {
	case errors.As(err, &notFound) && run.TemporalRunID == "":
		schedule, err := s.store.Schedule(ctx, run.ScheduleID)
		if scrape.KindOf(err) == scrape.KindNotFound {
			return s.close(ctx, run, scrape.RunEnd{Outcome: scrape.OutcomeCancelled, ErrorMessage: "The schedule was deleted before this run started."}, repairs)
		}
		if err != nil {
			return fmt.Errorf("read schedule: %w", err)
		}
		if _, err := s.startWorkflow(ctx, schedule, run); err != nil {
			return err
		}
		repairs.Started++
		return nil
	case errors.As(err, &notFound):
		return s.close(ctx, run, scrape.RunEnd{
			Outcome: scrape.OutcomeWorkerLost, ErrorMessage: "The run was lost: Temporal no longer knows it.",
		}, repairs)
	case err != nil:
		return fmt.Errorf("describe workflow: %w", err)
	}
	info := described.GetWorkflowExecutionInfo()
	end, ended := endOf(info.GetStatus())
	if !ended || s.now().Sub(info.GetCloseTime().AsTime()) < settling {
		return nil
	}
	return s.close(ctx, run, end, repairs)
}

// endOf is how a run ended whose workflow closed without closing the row; false while it is running.
func endOf(status enumspb.WorkflowExecutionStatus) (scrape.RunEnd, bool) {
	switch status {
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		return scrape.RunEnd{Outcome: scrape.OutcomeTerminated, ErrorMessage: "The run was terminated in Temporal."}, true
	case enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		return scrape.RunEnd{Outcome: scrape.OutcomeTimedOut, ErrorMessage: "The run took longer than it may and was stopped."}, true
	case enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:
		return scrape.RunEnd{Outcome: scrape.OutcomeCancelled, ErrorMessage: "The run was cancelled."}, true
	case enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return scrape.RunEnd{Outcome: scrape.OutcomeInternalError, ErrorMessage: "The run ended without recording how."}, true
	default:
		return scrape.RunEnd{}, false
	}
}

func (s *Service) close(ctx context.Context, run scrape.Run, end scrape.RunEnd, repairs *activities.RunRepairs) error {
	if _, err := s.store.FinishRun(ctx, run.ID, end, s.now().UTC()); err != nil {
		return fmt.Errorf("close run: %w", err)
	}
	repairs.Closed++
	s.log.InfoContext(ctx, "run closed from outside", "run_id", run.ID, "outcome", end.Outcome)
	if s.Sync == nil || run.ScheduleID == 0 {
		return nil
	}
	if err := s.Sync(ctx, run.ScheduleID); err != nil {
		s.log.WarnContext(ctx, "schedule pending", "schedule_id", run.ScheduleID, "error", err)
	}
	return nil
}

// adopt opens the row of a workflow that is alive without one, as when every worker is away. The run's own first step takes it over.
func (s *Service) adopt(ctx context.Context, running execution, repairs *activities.RunRepairs) error {
	if running.scheduleID == 0 || s.now().Sub(running.startedAt) < settling {
		return nil
	}
	_, err := s.store.RunByWorkflow(ctx, running.workflowID)
	if err == nil || scrape.KindOf(err) != scrape.KindNotFound {
		return err
	}
	schedule, err := s.store.Schedule(ctx, running.scheduleID)
	if err != nil {
		return fmt.Errorf("read schedule: %w", err)
	}
	if !running.of(schedule) {
		return nil
	}
	nominal := nominalOf(running)
	if _, err := s.store.BeginRun(ctx, scrape.RunStart{
		ScheduleID: schedule.ID, WorkflowID: running.workflowID, TemporalRunID: running.runID,
		Trigger:   schedule.Timing.TriggerOf(nominal, false, running.startedAt),
		NominalAt: nominal, StartedAt: running.startedAt,
	}); err != nil {
		var running *scrape.RunningError
		if errors.As(err, &running) { // it waits for that run to end
			return nil
		}
		return fmt.Errorf("open run: %w", err)
	}
	repairs.Adopted++
	return nil
}

// nominalOf is the time for which a workflow was started: Temporal puts it behind the id of what a schedule starts. Others were started when
// they were.
func nominalOf(running execution) time.Time {
	suffix, ours := strings.CutPrefix(running.workflowID, workflows.ScheduledWorkflowID(running.scheduleID)+"-")
	if at, err := time.Parse(time.RFC3339, suffix); ours && err == nil {
		return at.UTC()
	}
	return running.startedAt.Truncate(time.Second)
}

// attributeOf reads one of a workflow's search attributes, the zero value when it is not there.
func attributeOf[T scrape.ScheduleID | scrape.UserID](attributes *commonpb.SearchAttributes, name string) T {
	var value, none T
	payload, there := attributes.GetIndexedFields()[name]
	if !there || converter.GetDefaultDataConverter().FromPayload(payload, &value) != nil {
		return none
	}
	return value
}
