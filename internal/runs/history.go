package runs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// visibilityTimeout bounds the look at what is alive: history is shown without it rather than late.
const visibilityTimeout = time.Second

// History is the newest runs of a user and job type, newest first. Runs that Temporal has started but that no worker has begun after a second
// or two are in front of it, with the id 0.
func (s *Service) History(ctx context.Context, schedule scrape.Schedule, limit int) ([]scrape.Run, error) {
	stored, err := s.store.History(ctx, schedule.UserID, schedule.JobType, limit)
	if err != nil {
		return nil, err
	}
	waiting, err := s.waiting(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "history shown without visibility", "schedule_id", schedule.ID, "error", err)
		return stored, nil
	}
	return merge(stored, waiting[schedule.ID], schedule, limit), nil
}

// lookEvery is how often visibility is asked at most, however many pages are read.
const lookEvery = time.Second

// waitingRoom is what visibility last showed of the runs that wait for a worker.
type waitingRoom struct {
	mu   sync.Mutex
	at   time.Time // when it was asked
	runs map[scrape.ScheduleID][]execution
	err  error
}

// waiting is the runs that Temporal has started and no worker has begun, by schedule. They have no row yet; a run that is begun has one, and
// says what triggered it. One look serves everybody for a second, also one that has failed, so that a page costs Temporal nothing. Runs younger
// than that are left out: their row is on its way.
func (s *Service) waiting(ctx context.Context) (map[scrape.ScheduleID][]execution, error) {
	room := &s.room
	room.mu.Lock()
	defer room.mu.Unlock()
	if s.now().Sub(room.at) < lookEvery {
		return room.runs, room.err
	}
	found, err := s.alive(context.WithoutCancel(ctx), fmt.Sprintf( // others get the answer, too
		"ExecutionStatus = 'Running' AND %s IS NULL AND StartTime < '%s'",
		workflows.AttributeTrigger.GetName(), s.now().Add(-lookEvery).UTC().Format(time.RFC3339Nano),
	))
	room.at, room.err, room.runs = s.now(), err, map[scrape.ScheduleID][]execution{}
	for _, running := range found {
		room.runs[running.scheduleID] = append(room.runs[running.scheduleID], running)
	}
	return room.runs, err
}

// merge puts runs that only Temporal knows in front of the stored ones.
func merge(stored []scrape.Run, alive []execution, schedule scrape.Schedule, limit int) []scrape.Run {
	merged := slices.Clone(stored)
	for _, running := range alive {
		if !running.of(schedule) || slices.ContainsFunc(stored, func(run scrape.Run) bool { return run.WorkflowID == running.workflowID }) {
			continue
		}
		if len(stored) == limit && running.startedAt.Before(stored[limit-1].StartedAt) {
			continue // its row may be on a later page
		}
		merged = append(merged, scrape.Run{
			ScheduleID: schedule.ID, UserID: schedule.UserID, JobType: schedule.JobType, Trigger: scrape.TriggerScheduled,
			WorkflowID: running.workflowID, TemporalRunID: running.runID, NominalAt: running.startedAt, StartedAt: running.startedAt,
			Progress: scrape.Progress{Phase: scrape.PhaseInitializing, Message: "Waiting for its turn"},
		})
	}
	slices.SortStableFunc(merged, func(a, b scrape.Run) int { return b.StartedAt.Compare(a.StartedAt) })
	return merged[:min(limit, len(merged))]
}

// execution is a workflow as visibility shows it.
type execution struct {
	workflowID, runID string
	userID            scrape.UserID // empty when it is not told
	scheduleID        scrape.ScheduleID
	startedAt         time.Time
}

// of tells whether the execution is one of this schedule. The number alone does not tell: a database that was restored from a backup may
// have given it to another schedule since.
func (e execution) of(schedule scrape.Schedule) bool {
	return e.scheduleID == schedule.ID && (e.userID == "" || e.userID == schedule.UserID)
}

// alive lists the scrape workflows that a query finds; the query must be one that finds running ones only, so that they are few.
func (s *Service) alive(ctx context.Context, query string) ([]execution, error) {
	ctx, cancel := context.WithTimeout(ctx, visibilityTimeout)
	defer cancel()
	var found []execution
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: 1000, Query: fmt.Sprintf("WorkflowType = '%s' AND %s", workflows.ScrapeType, query),
	}
	for {
		response, err := s.client.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("list workflows: %w", err)
		}
		for _, info := range response.GetExecutions() {
			found = append(found, execution{
				workflowID: info.GetExecution().GetWorkflowId(), runID: info.GetExecution().GetRunId(),
				userID:     attributeOf[scrape.UserID](info.GetSearchAttributes(), workflows.AttributeUserID.GetName()),
				scheduleID: attributeOf[scrape.ScheduleID](info.GetSearchAttributes(), workflows.AttributeScheduleID.GetName()),
				startedAt:  info.GetStartTime().AsTime().UTC(),
			})
		}
		if request.NextPageToken = response.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return found, nil
		}
	}
}
