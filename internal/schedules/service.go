package schedules

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
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
	SetPausedOutside(ctx context.Context, id scrape.ScheduleID, revision int64, enabled bool, reason string) (bool, error)
	// WithScheduleLock runs fn while nobody else pushes the same schedule: Temporal's own update is silently last-write-wins.
	WithScheduleLock(ctx context.Context, id scrape.ScheduleID, fn func(context.Context) error) error
}

// Runner starts runs outside the slots.
type Runner interface {
	Start(ctx context.Context, schedule scrape.Schedule, ask scrape.RunRequest) (scrape.Run, error)
}

// Service is the use cases of schedules.
type Service struct {
	store    Store
	runner   Runner
	client   client.Client
	smallest time.Duration
	log      *slog.Logger
}

// New makes the service; smallest is the shortest interval that a schedule may have.
func New(store Store, runner Runner, temporal client.Client, smallest time.Duration, log *slog.Logger) *Service {
	return &Service{store: store, runner: runner, client: temporal, smallest: smallest, log: log}
}

// Request is what a user asks of a new schedule.
type Request struct {
	JobType       scrape.JobType
	Name          string // empty: the job type
	IntervalHours float64
	ActiveHours   *scrape.Hours
	Timezone      string // empty: UTC
	OffsetSeconds *int   // nil: chosen by a stable hash
	Enabled       bool
	Settings      json.RawMessage // the job's own; empty: the job's defaults
}

// Create checks and keeps a schedule, puts it to Temporal, and starts its first run when it is enabled.
func (s *Service) Create(ctx context.Context, user scrape.UserID, asked Request) (scrape.Schedule, error) {
	schedule := scrape.Schedule{
		UserID: user, JobType: asked.JobType, Name: asked.Name, Enabled: asked.Enabled, Settings: asked.Settings,
		Timing: scrape.Timing{Interval: hours(asked.IntervalHours), ActiveHours: asked.ActiveHours, Timezone: asked.Timezone},
	}
	if schedule.Name == "" {
		schedule.Name = string(schedule.JobType)
	}
	if schedule.Timing.Timezone == "" {
		schedule.Timing.Timezone = time.UTC.String()
	}
	schedule.Timing.Offset = offset(schedule, asked.OffsetSeconds)
	if err := s.check(schedule); err != nil {
		return scrape.Schedule{}, err
	}
	schedule, err := s.store.CreateSchedule(ctx, schedule)
	if err != nil {
		return scrape.Schedule{}, err
	}
	s.log.InfoContext(ctx, "schedule created", "schedule_id", schedule.ID, "user_id", user)
	schedule = s.pushOrLeave(ctx, schedule)
	if schedule.Enabled {
		if _, err := s.runner.Start(ctx, schedule, scrape.RunRequest{Trigger: scrape.TriggerScheduled}); err != nil {
			s.log.WarnContext(ctx, "first run not started yet", "schedule_id", schedule.ID, "error", err)
		}
	}
	return schedule, nil
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
	return schedule.Validate(s.smallest)
}

// Patch is a change to a schedule. Nil fields stay as they are; ActiveHours and OffsetSeconds are changed when their flag says so,
// since nil is a value of theirs.
type Patch struct {
	Name             *string
	IntervalHours    *float64
	SetActiveHours   bool
	ActiveHours      *scrape.Hours
	Timezone         *string
	SetOffsetSeconds bool
	OffsetSeconds    *int
	Enabled          *bool
	SetSettings      bool
	Settings         json.RawMessage // empty: the job's defaults
}

// Update changes a schedule and puts it to Temporal. Enabling or editing forgets the failures so far.
func (s *Service) Update(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, patch Patch) (scrape.Schedule, error) {
	schedule, err := s.store.UpdateSchedule(ctx, user, id, func(schedule *scrape.Schedule) error {
		before := *schedule
		apply(schedule, patch)
		if schedule.Enabled != before.Enabled || schedule.Timing != before.Timing {
			schedule.ConsecutiveFailures = 0
		}
		return s.check(*schedule)
	})
	if err != nil {
		return scrape.Schedule{}, err
	}
	return s.pushOrLeave(ctx, schedule), nil
}

func apply(schedule *scrape.Schedule, patch Patch) {
	chosen := schedule.Timing.Offset != scrape.SpreadOffset(offsetKey(*schedule), schedule.Timing)
	if patch.Name != nil {
		schedule.Name = *patch.Name
	}
	if patch.IntervalHours != nil {
		schedule.Timing.Interval = hours(*patch.IntervalHours)
	}
	if patch.SetActiveHours && !sameHours(schedule.Timing.ActiveHours, patch.ActiveHours) {
		schedule.Timing.ActiveHours = patch.ActiveHours
	}
	if patch.Timezone != nil {
		schedule.Timing.Timezone = *patch.Timezone
	}
	switch {
	case patch.SetOffsetSeconds:
		schedule.Timing.Offset = offset(*schedule, patch.OffsetSeconds)
	case !chosen: // a spread offset follows the interval that it was spread over
		schedule.Timing.Offset = offset(*schedule, nil)
	}
	if patch.SetSettings {
		schedule.Settings = patch.Settings
	}
	if patch.Enabled != nil {
		schedule.Enabled = *patch.Enabled
		schedule.PauseReason = ""
	}
}

// Delete removes a schedule. Its history stays, and a run that is going is not stopped.
func (s *Service) Delete(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) error {
	if err := s.store.DeleteSchedule(ctx, user, id); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "schedule deleted", "schedule_id", id, "user_id", user)
	if err := s.push(ctx, id); err != nil {
		s.log.WarnContext(ctx, "temporal schedule not removed yet", "schedule_id", id, "error", err)
	}
	return nil
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

// hours turns the API's hours into whole seconds; nonsense becomes a duration that Validate refuses.
func hours(h float64) time.Duration {
	seconds := math.Round(h * 3600)
	if math.IsNaN(seconds) || seconds < 0 || seconds > 1e9 {
		return -1
	}
	return time.Duration(seconds) * time.Second
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

func sameHours(a, b *scrape.Hours) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
