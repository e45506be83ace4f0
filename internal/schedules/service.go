package schedules

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// Store keeps the rows of schedules.
type Store interface {
	CreateSchedule(ctx context.Context, schedule scrape.Schedule) (scrape.Schedule, error)
	Schedule(ctx context.Context, id scrape.ScheduleID) (scrape.Schedule, error)
	UserSchedule(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error)
	UserSchedules(ctx context.Context, user scrape.UserID) ([]scrape.Schedule, error)
	SchedulesPage(ctx context.Context, after scrape.ScheduleID, limit int) ([]scrape.Schedule, error)
	UpdateSchedule(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, change func(*scrape.Schedule) error) (scrape.Schedule, error)
	DeleteSchedule(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) error
	MarkApplied(ctx context.Context, id scrape.ScheduleID, revision int64) error
	MarkPending(ctx context.Context, id scrape.ScheduleID) error
	SetPausedOutside(ctx context.Context, id scrape.ScheduleID, revision int64, enabled bool, reason string, since time.Time) (bool, error)
	// WithScheduleLock runs fn while nobody else pushes the same schedule: Temporal's own update is silently last-write-wins.
	WithScheduleLock(ctx context.Context, id scrape.ScheduleID, fn func(context.Context) error) error
	Looks
	Accounts
}

// Runner starts runs outside the slots.
type Runner interface {
	Start(ctx context.Context, schedule scrape.Schedule, ask scrape.RunRequest) (scrape.Run, error)
}

// Service is the use cases of schedules.
type Service struct {
	OverdueAfter time.Duration // by how much a slot may pass without a trace; 0: DefaultOverdueAfter

	store    Store
	runner   Runner
	client   client.Client
	smallest time.Duration
	patience time.Duration // with Temporal, for one schedule
	now      func() time.Time
	log      *slog.Logger
	watch    watchMemory

	closeLooks int // of the reconciler, in each round
}

// New makes the service; smallest is the shortest interval that a schedule may have.
func New(store Store, runner Runner, temporal client.Client, smallest time.Duration, log *slog.Logger) *Service {
	return &Service{store: store, runner: runner, client: temporal, smallest: smallest, patience: pushTimeout, now: time.Now, log: log, closeLooks: defaultCloseLooks}
}

// Create checks and keeps a schedule, puts it to Temporal, and starts its first run when it is enabled.
func (s *Service) Create(ctx context.Context, user scrape.UserID, asked Request) (scrape.Schedule, error) {
	schedule := asked.Schedule(user)
	if err := s.check(schedule); err != nil {
		return scrape.Schedule{}, err
	}
	// Written as applied before it is: one statement less for each schedule. After a crash in between the reconciler finds that Temporal
	// lacks it, as when somebody has deleted it there.
	schedule.AppliedRevision = 1
	schedule, err := s.store.CreateSchedule(ctx, schedule)
	if err != nil {
		return scrape.Schedule{}, err
	}
	s.log.InfoContext(ctx, "schedule created", "schedule_id", schedule.ID, "user_id", user)
	var first sync.WaitGroup
	if schedule.Enabled { // beside the Temporal Schedule, since neither needs the other: a run reads the row
		first.Go(func() { s.startFirst(ctx, schedule) })
	}
	err = s.putNew(ctx, schedule)
	first.Wait()
	if err != nil {
		s.log.WarnContext(ctx, "schedule pending", "schedule_id", schedule.ID, "error", err)
		schedule.AppliedRevision = 0
	}
	return schedule, nil
}

// startFirst starts the first run of a new schedule, which does not wait for a slot. A run that cannot be started now is left for the reconciler.
func (s *Service) startFirst(ctx context.Context, schedule scrape.Schedule) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	if _, err := s.runner.Start(ctx, schedule, scrape.RunRequest{Trigger: scrape.TriggerScheduled}); err != nil {
		s.log.WarnContext(ctx, "first run not started yet", "schedule_id", schedule.ID, "error", err)
	}
}

// check refuses a schedule that breaks a rule: of the words, of its job, or of this installation.
func (s *Service) check(schedule scrape.Schedule) error {
	job, err := jobs.Find(schedule.JobType)
	if err != nil {
		return err
	}
	if _, err := job.ParseSettings(schedule.Settings); err != nil {
		return err
	}
	return schedule.Validate(s.smallest, s.now())
}

// Update changes a schedule and puts it to Temporal. Enabling, pausing or editing forgets the failures so far, and ends a suspension after
// them.
func (s *Service) Update(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, patch Patch) (scrape.Schedule, error) {
	since, err := s.notFiringSince(ctx, user, id, patch)
	if err != nil {
		return scrape.Schedule{}, err
	}
	schedule, err := s.store.UpdateSchedule(ctx, user, id, func(schedule *scrape.Schedule) error {
		if err := matches(patch.IfMatch, *schedule); err != nil {
			return err
		}
		if err := patch.Apply(schedule); err != nil {
			return err
		}
		return s.check(*schedule)
	})
	if err != nil {
		return scrape.Schedule{}, err
	}
	schedule = s.pushOrLeave(ctx, schedule)
	s.makeUp(ctx, schedule, since)
	return schedule, nil
}

// Delete removes a schedule. Its history stays, and a run that is going is not stopped.
func (s *Service) Delete(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) error {
	return s.DeleteMatching(ctx, user, id, "")
}

// DeleteMatching removes a schedule if it is at one of the versions that ifMatch names, as the header If-Match does; KindStale otherwise.
func (s *Service) DeleteMatching(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, ifMatch string) error {
	if err := s.delete(ctx, user, id, ifMatch); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "schedule deleted", "schedule_id", id, "user_id", user)
	if err := s.push(ctx, id); err != nil {
		s.log.WarnContext(ctx, "temporal schedule not removed yet", "schedule_id", id, "error", err)
	}
	return nil
}

func (s *Service) delete(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, ifMatch string) error {
	if ifMatch == "" {
		return s.store.DeleteSchedule(ctx, user, id)
	}
	return s.store.DeleteScheduleIf(ctx, user, id, func(schedule scrape.Schedule) error { return matches(ifMatch, schedule) })
}

// Get is one schedule of a user.
func (s *Service) Get(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error) {
	return s.store.UserSchedule(ctx, user, id)
}

// List is a user's schedules, oldest first.
func (s *Service) List(ctx context.Context, user scrape.UserID) ([]scrape.Schedule, error) {
	return s.store.UserSchedules(ctx, user)
}

// RunNow starts a run at once, whatever the slots, the active hours, a pause or earlier failures say.
func (s *Service) RunNow(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, options scrape.RunOptions) (scrape.Run, error) {
	schedule, err := s.store.UserSchedule(ctx, user, id)
	if err != nil {
		return scrape.Run{}, err
	}
	return s.runner.Start(ctx, schedule, scrape.RunRequest{Trigger: scrape.TriggerManual, By: user, Options: options})
}

// RunJob starts a run of the user's first schedule of a job type. Who has none gets one that is paused: a run belongs to a schedule, and
// somebody who asks for data once has not asked for it every hour.
func (s *Service) RunJob(ctx context.Context, user scrape.UserID, job scrape.JobType, options scrape.RunOptions) (scrape.Run, error) {
	all, err := s.store.UserSchedules(ctx, user)
	if err != nil {
		return scrape.Run{}, err
	}
	ask := scrape.RunRequest{Trigger: scrape.TriggerManual, By: user, Options: options}
	for _, schedule := range all {
		if schedule.JobType == job {
			return s.runner.Start(ctx, schedule, ask)
		}
	}
	schedule, err := s.Create(ctx, user, Request{JobType: job, IntervalHours: 1})
	if err != nil {
		return scrape.Run{}, err
	}
	return s.runner.Start(ctx, schedule, ask)
}

// ResumeHeld starts a run of each schedule that was held for want of a login that the portal accepts: the user has just shown one, and is
// owed the slots that did not run.
func (s *Service) ResumeHeld(ctx context.Context, user scrape.UserID) {
	all, err := s.store.UserSchedules(ctx, user)
	if err != nil {
		s.log.WarnContext(ctx, "held schedules not resumed before their next slot", "user_id", user, "error", err)
		return
	}
	for _, schedule := range all {
		job, err := jobs.Find(schedule.JobType)
		if err != nil || !job.Portal || !schedule.Enabled {
			continue
		}
		if _, err := s.runner.Start(ctx, schedule, scrape.RunRequest{Trigger: scrape.TriggerScheduled}); err != nil {
			s.log.InfoContext(ctx, "held schedule not resumed before its next slot", "schedule_id", schedule.ID, "error", err)
		}
	}
}

// pushOrLeave pushes a schedule; when that fails the row is pending and the reconciler goes on.
func (s *Service) pushOrLeave(ctx context.Context, schedule scrape.Schedule) scrape.Schedule {
	if schedule.Synced() {
		return schedule
	}
	if err := s.push(ctx, schedule.ID); err != nil {
		s.log.WarnContext(ctx, "schedule pending", "schedule_id", schedule.ID, "error", err)
		return schedule
	}
	schedule.AppliedRevision = schedule.Revision
	return schedule
}

func offset(schedule scrape.Schedule, asked *int) time.Duration {
	if asked != nil {
		return time.Duration(*asked) * time.Second
	}
	return scrape.SpreadOffset(offsetKey(schedule), schedule.Timing)
}

// offsetKey is what a schedule's offset is spread by: known before the row has an id, and stable across renames.
func offsetKey(schedule scrape.Schedule) string {
	return fmt.Sprintf("%s/%s", schedule.UserID, schedule.JobType)
}
