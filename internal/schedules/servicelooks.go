package schedules

import (
	"context"
	"slices"
	"time"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

type scheduleLister interface {
	ScheduleList(ctx context.Context, user scrape.UserID, filter scrape.ScheduleFilter) ([]scrape.Schedule, error)
}

// Looks is what the store tells about schedules beside their rows.
type Looks interface {
	scheduleLister
	DeleteScheduleIf(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, check func(scrape.Schedule) error) error
	NotFiringSince(ctx context.Context, id scrape.ScheduleID) (*time.Time, error)
	UsualDuration(ctx context.Context, user scrape.UserID, job scrape.JobType) (time.Duration, error)
	LatestRuns(ctx context.Context, user scrape.UserID, types []scrape.JobType) ([]scrape.Run, error)
	HeldRuns(ctx context.Context, user scrape.UserID, limit int) ([]scrape.Run, error)
}

// Find lists a user's schedules by id, as far as the filter lets them through. next is what the filter's After is for the rest of the list;
// 0 when there is none.
func (s *Service) Find(
	ctx context.Context, user scrape.UserID, filter scrape.ScheduleFilter,
) (found []scrape.Schedule, next scrape.ScheduleID, err error) {
	if err := filter.Validate(); err != nil {
		return nil, 0, err
	}
	limit := filter.Limit
	if limit > 0 {
		filter.Limit++ // one more tells whether there is more
	}
	found, err = s.list(ctx, s.store, user, filter)
	if err == nil && limit > 0 && len(found) > limit {
		found = found[:limit]
		next = found[limit-1].ID
	}
	return found, next, err
}

// list reads a list in one statement. Whether a schedule is overdue follows from its slots and is stored nowhere, so that of these the store gives
// all that could be.
func (s *Service) list(
	ctx context.Context, from scheduleLister, user scrape.UserID, filter scrape.ScheduleFilter,
) ([]scrape.Schedule, error) {
	if filter.Status != scrape.StatusOverdue {
		return from.ScheduleList(ctx, user, filter)
	}
	now, grace, limit := s.now(), s.overdueAfter(), filter.Limit
	filter.AccountedBefore, filter.Limit = now.Add(-grace), 0
	all, err := from.ScheduleList(ctx, user, filter)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(all, func(schedule scrape.Schedule) bool {
		_, overdue := schedule.OverdueSlot(now, grace)
		return !overdue
	})
	if limit > 0 && len(found) > limit {
		found = found[:limit]
	}
	return found, nil
}

// Home is everything that a user's start page is made from.
type Home struct {
	Schedules []scrape.Schedule // by id
	Latest    []scrape.Run      // the newest run of each job type that has one
	Held      []scrape.Run      // runs that wait for a decision, newest first
}

// heldShown is how many waiting runs a start page names.
const heldShown = 20

// Home reads a user's start page, in as many statements however much the user has.
func (s *Service) Home(ctx context.Context, user scrape.UserID) (Home, error) {
	var home Home
	var err error
	if home.Schedules, err = s.store.UserSchedules(ctx, user); err != nil {
		return Home{}, err
	}
	if home.Latest, err = s.store.LatestRuns(ctx, user, jobs.Types()); err != nil {
		return Home{}, err
	}
	home.Held, err = s.store.HeldRuns(ctx, user, heldShown)
	return home, err
}

// notFiringSince tells since when a schedule that is about to be enabled has missed its slots; nil when nobody wants to know.
func (s *Service) notFiringSince(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, patch Patch) (*time.Time, error) {
	if wanted, err := patch.Missed.madeUp(); err != nil || !wanted || patch.Enabled == nil || !*patch.Enabled {
		return nil, err
	}
	if _, err := s.store.UserSchedule(ctx, user, id); err != nil {
		return nil, err
	}
	return s.store.NotFiringSince(ctx, id)
}

// owesRun tells whether a slot has passed since then.
func (s *Service) owesRun(schedule scrape.Schedule, since *time.Time) bool {
	if since == nil {
		return false
	}
	missed := schedule.Timing.Upcoming(*since, 1)
	return len(missed) > 0 && !missed[0].After(s.now())
}

// makeUp starts a run for the slots that have passed since then.
func (s *Service) makeUp(ctx context.Context, schedule scrape.Schedule, since *time.Time) {
	if !schedule.Firing() || !s.owesRun(schedule, since) {
		return
	}
	if _, err := s.runner.Start(ctx, schedule, scrape.RunRequest{Trigger: scrape.TriggerScheduled}); err != nil {
		s.log.InfoContext(ctx, "missed slots not made up for", "schedule_id", schedule.ID, "error", err)
	}
}
