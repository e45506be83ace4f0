package schedules

import (
	"context"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
)

// failuresUntilWarning is the number of failures in a row that are worth a line in the log.
const failuresUntilWarning = 3

// lookAfter does what a round owes to a schedule beside its likeness in Temporal: it warns of failures, probes, and watches the slots.
func (s *Service) lookAfter(ctx context.Context, row scrape.Schedule, repairs *activities.ScheduleRepairs) {
	s.warn(ctx, row)
	s.probe(ctx, row, repairs)
	s.watchSlots(ctx, row, repairs)
}

// warn says once for each further failure that a schedule fails again and again.
func (s *Service) warn(ctx context.Context, row scrape.Schedule) {
	if !s.watch.worse(row.ID, row.ConsecutiveFailures) || row.ConsecutiveFailures < failuresUntilWarning {
		return
	}
	s.log.WarnContext(ctx, "schedule fails again and again", "schedule_id", row.ID, "job_type", row.JobType,
		"failures", row.ConsecutiveFailures, "suspended", row.SuspendedAt != nil)
}

// probe starts the single run with which a suspended schedule tries whether it works again. Its end decides what comes next.
func (s *Service) probe(ctx context.Context, row scrape.Schedule, repairs *activities.ScheduleRepairs) {
	now := s.now().UTC()
	if !row.Enabled || row.SuspendedAt == nil || row.ProbeAt == nil || now.Before(*row.ProbeAt) {
		return
	}
	claimed, err := s.store.ClaimProbe(ctx, row, now)
	if err != nil {
		s.count(ctx, row.ID, "", nil, repairs, err)
		return
	}
	if !claimed { // another worker's round has it
		return
	}
	if _, err := s.runner.Start(ctx, row, scrape.RunRequest{Trigger: scrape.TriggerScheduled}); err != nil {
		s.log.InfoContext(ctx, "probe not started", "schedule_id", row.ID, "error", err) // a run is going, or there is no login to try with
		return
	}
	repairs.Probed++
	s.log.InfoContext(ctx, "suspended schedule probes", "schedule_id", row.ID, "probes", row.Probes)
}
