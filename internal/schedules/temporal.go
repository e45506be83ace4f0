package schedules

import (
	"context"
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

// pushTimeout bounds one push: a person is waiting, and the reconciler goes on where it stops.
const pushTimeout = 4 * time.Second

// optionsFor is the Temporal Schedule of a schedule. Overlap and catch-up are said here, not left to the server, whose catch-up is a year.
func optionsFor(s scrape.Schedule, now time.Time) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:                    workflows.TemporalScheduleID(s.ID),
		Spec:                  specFor(s.Timing, now),
		Action:                actionFor(s),
		Overlap:               overlapFor(s.Timing),
		CatchupWindow:         s.Timing.CatchUpWindow(),
		Paused:                !s.Firing(),
		Note:                  noteFor(s),
		TypedSearchAttributes: workflows.ScheduleAttributes(s),
	}
}

// overlapFor says what slots do while a run is going. Those that are made up for one after the other wait for each other, and Temporal has one
// policy for both.
func overlapFor(t scrape.Timing) enumspb.ScheduleOverlapPolicy {
	switch {
	case t.CatchUp == scrape.CatchUpAll:
		return enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL
	case t.Overlap == scrape.OverlapBufferOne:
		return enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE
	default:
		return enumspb.SCHEDULE_OVERLAP_POLICY_SKIP
	}
}

func actionFor(s scrape.Schedule) *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID:                    workflows.ScheduledWorkflowID(s.ID),
		Workflow:              workflows.ScrapeType,
		Args:                  []any{workflows.ScrapeInput{ScheduleID: s.ID}},
		TaskQueue:             workflows.ScrapeQueue,
		WorkflowRunTimeout:    workflows.RunTimeout,
		TypedSearchAttributes: workflows.ScheduleAttributes(s),
	}
}

// noteFor is what the Temporal UI shows beside the schedule.
func noteFor(s scrape.Schedule) string {
	switch {
	case s.Firing():
		return ""
	case s.Enabled:
		return fmt.Sprintf("Paused by itself after %d failures in a row. It tries again by itself.", s.ConsecutiveFailures)
	case s.PauseReason != "":
		return s.PauseReason
	default:
		return "Paused by its owner."
	}
}

// Sync puts a schedule to Temporal when Temporal does not have its newest revision, and does nothing for one that was deleted.
func (s *Service) Sync(ctx context.Context, id scrape.ScheduleID) error {
	schedule, err := s.store.Schedule(ctx, id)
	switch {
	case scrape.KindOf(err) == scrape.KindNotFound:
		return nil
	case err != nil:
		return fmt.Errorf("read schedule: %w", err)
	case schedule.Synced():
		return nil
	}
	return s.push(ctx, id)
}

// putNew puts a schedule to Temporal whose row was just written as applied, without the lock and the second look of push: creating never
// overwrites. Who was quicker, as the reconciler or an edit may be, leaves a schedule that is there already; then push decides. One that is
// deleted in this very moment may stay in Temporal until the reconciler's next round; its runs find no row and end.
func (s *Service) putNew(ctx context.Context, schedule scrape.Schedule) error {
	limited, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	_, err := s.client.ScheduleClient().Create(limited, optionsFor(schedule, s.now()))
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return s.push(ctx, schedule.ID)
	}
	if err != nil {
		// Without this the reconciler finds it missing all the same; but people are told the truth until then.
		err = errors.Join(err, s.store.MarkPending(context.WithoutCancel(ctx), schedule.ID))
		return fmt.Errorf("put schedule to temporal: %w", err)
	}
	return nil
}

// push makes Temporal's schedule what the row says: created, updated in place, or deleted when the row is gone. Updating in place
// rather than deleting and creating keeps what Temporal remembers of past runs.
func (s *Service) push(ctx context.Context, id scrape.ScheduleID) error {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return s.store.WithScheduleLock(ctx, id, func(ctx context.Context) error {
		handle := s.client.ScheduleClient().GetHandle(ctx, workflows.TemporalScheduleID(id))
		schedule, err := s.store.Schedule(ctx, id) // read inside the lock: the newest row wins, whoever pushes last
		if scrape.KindOf(err) == scrape.KindNotFound {
			return ignoreNotFound(handle.Delete(ctx))
		}
		if err != nil {
			return fmt.Errorf("read schedule: %w", err)
		}
		options := optionsFor(schedule, s.now())
		if schedule.AppliedRevision > 0 {
			err = s.update(ctx, handle, options)
		}
		if schedule.AppliedRevision == 0 || isNotFound(err) {
			_, err = s.client.ScheduleClient().Create(ctx, options)
			if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
				err = s.update(ctx, handle, options)
			}
		}
		if err != nil {
			return fmt.Errorf("put schedule to temporal: %w", err)
		}
		return s.store.MarkApplied(ctx, id, schedule.Revision)
	})
}

func (s *Service) update(ctx context.Context, handle client.ScheduleHandle, options client.ScheduleOptions) error {
	return handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			return &client.ScheduleUpdate{
				Schedule: &client.Schedule{
					Action: options.Action,
					Spec:   &options.Spec,
					Policy: &client.SchedulePolicies{Overlap: options.Overlap, CatchupWindow: options.CatchupWindow},
					State:  &client.ScheduleState{Paused: options.Paused, Note: options.Note},
				},
				TypedSearchAttributes: &options.TypedSearchAttributes,
			}, nil
		},
	})
}

// isNotFound also knows the answer that Temporal gives for a schedule that was deleted a moment ago.
func isNotFound(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}

func ignoreNotFound(err error) error {
	if isNotFound(err) {
		return nil
	}
	return err
}

// Firings answers what Temporal remembers of the runs that its schedules have started.
type Firings struct{ Client client.Client }

// NominalTime is the time for which a Temporal Schedule started the workflow, with its fraction of a second. Temporal keeps the last ten
// starts of a schedule; known is false for older ones.
func (f Firings) NominalTime(ctx context.Context, temporalScheduleID, workflowID string) (at time.Time, known bool, err error) {
	description, err := f.Client.ScheduleClient().GetHandle(ctx, temporalScheduleID).Describe(ctx)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("describe schedule: %w", err)
	}
	for _, action := range description.Info.RecentActions {
		if action.StartWorkflowResult != nil && action.StartWorkflowResult.WorkflowID == workflowID {
			return action.ScheduleTime.UTC(), true, nil
		}
	}
	return time.Time{}, false, nil
}

// ignoreExists is for two workers that start at the same moment.
func ignoreExists(err error) error {
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return nil
	}
	return err
}
