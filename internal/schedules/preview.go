package schedules

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// Preview is when a schedule will be due.
type Preview struct {
	Slots    []time.Time    // ascending, UTC
	Zone     *time.Location // of the schedule
	Sentence string
	Warnings []string // sentences; never nil
}

// mostPreviewed bounds a preview.
const mostPreviewed = 1000

// The years that Temporal's calendars know bound what can be previewed.
var (
	firstPreviewed = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	lastPreviewed  = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Preview says when a schedule that is asked for would be due: the first count slots at or after from, which is now when nil. It refuses
// what Create refuses. Without a job type it is one of work orders, since the offset that is chosen depends on the type.
func (s *Service) Preview(ctx context.Context, user scrape.UserID, asked Request, from *time.Time, count int) (Preview, error) {
	if asked.JobType == "" {
		asked.JobType, asked.Settings = scrape.JobWorkOrders, nil
	}
	schedule := asked.Schedule(user)
	if err := s.check(schedule); err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, schedule, from, count)
}

// PreviewStored says when a user's schedule will be due, whether it is paused or not.
func (s *Service) PreviewStored(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, from *time.Time, count int) (Preview, error) {
	schedule, err := s.store.UserSchedule(ctx, user, id)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, schedule, from, count)
}

func (s *Service) preview(ctx context.Context, schedule scrape.Schedule, from *time.Time, count int) (Preview, error) {
	now := s.now()
	if from == nil {
		from = &now
	}
	switch {
	case count < 1 || count > mostPreviewed:
		return Preview{}, scrape.Invalid("count", "count must be from 1 to %d.", mostPreviewed)
	case from.Before(firstPreviewed) || from.After(lastPreviewed):
		return Preview{}, scrape.Invalid("from", "from must lie between the years 2000 and 2100.")
	}
	var usual time.Duration
	if job, err := jobs.Find(schedule.JobType); err == nil {
		if usual, err = s.store.UsualDuration(ctx, schedule.UserID, job.Type); err != nil {
			return Preview{}, err
		}
	}
	timing := schedule.Timing
	return Preview{
		Slots: timing.Upcoming(*from, count), Zone: timing.Location(), Sentence: timing.Sentence(), Warnings: timing.Warnings(now, usual),
	}, nil
}
