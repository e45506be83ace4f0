package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

const (
	shortestProbeGap = time.Minute
	longestProbeGap  = 24 * time.Hour
)

// probeGap is how long a suspended schedule waits for its next probe after so many of them have failed: one spacing of its slots, and twice as
// long each time.
func probeGap(timing scrape.Timing, failed int) time.Duration {
	gap := max(timing.Spacing(), shortestProbeGap)
	for range failed {
		if gap >= longestProbeGap {
			break
		}
		gap *= 2
	}
	return min(gap, longestProbeGap)
}

const sqlLockSchedule = sqlSchedule + `
	FOR UPDATE`

const sqlScheduleRan = `
	UPDATE scraping_schedules
	SET
		last_run             = GREATEST(last_run, @at::timestamptz),
		consecutive_failures = @failures,
		suspended_at         = @suspended_at,
		probe_at             = @probe_at,
		probes               = @probes,
		revision             = revision + CASE WHEN @revise::boolean THEN 1 ELSE 0 END
	WHERE id = @id`

// scheduleRan notes the end of a run with its schedule; an excused one says nothing about it. A schedule that was deleted meanwhile needs to know
// nothing.
func scheduleRan(ctx context.Context, tx pgx.Tx, run scrape.Run, excused bool) error {
	rows, err := many[scheduleRow](ctx, tx, sqlLockSchedule, args{"id": run.ScheduleID})
	if err != nil || len(rows) == 0 {
		return err
	}
	before := rows[0].schedule()
	after := before
	if !excused {
		after = afterRun(before, run)
	}
	_, err = execute(ctx, tx, sqlScheduleRan, args{
		"id":           run.ScheduleID,
		"at":           run.CompletedAt,
		"failures":     after.ConsecutiveFailures,
		"suspended_at": after.SuspendedAt,
		"probe_at":     after.ProbeAt,
		"probes":       after.Probes,
		"revise":       before.Firing() != after.Firing(), // Temporal must learn of it
	})
	return err
}

// afterRun is the failure policy: what a run's end does to its schedule. After failures in a row an enabled schedule suspends itself and
// probes; a failed probe doubles the gap; a success ends it. Runs that people start are no probes.
func afterRun(s scrape.Schedule, run scrape.Run) scrape.Schedule {
	switch run.Outcome.FailureEffect() {
	case scrape.LeavesFailures:
		if s.SuspendedAt == nil || !run.Outcome.Succeeded() {
			return s
		}
		fallthrough // some data is data: the portal works again
	case scrape.ResetsFailures:
		s.ConsecutiveFailures, s.SuspendedAt, s.ProbeAt, s.Probes = 0, nil, nil, 0
		return s
	case scrape.AddsFailure:
		s.ConsecutiveFailures++
	}
	at := *run.CompletedAt
	switch {
	case s.SuspendedAt == nil && s.Enabled && s.ConsecutiveFailures >= scrape.FailuresUntilFailed:
		probe := at.Add(probeGap(s.Timing, 0))
		s.SuspendedAt, s.ProbeAt, s.Probes = &at, &probe, 0
	case s.SuspendedAt != nil && run.Trigger == scrape.TriggerScheduled && run.NominalAt.After(*s.SuspendedAt):
		s.Probes++
		probe := at.Add(probeGap(s.Timing, s.Probes))
		s.ProbeAt = &probe
	}
	return s
}

const sqlClaimProbe = `
	UPDATE scraping_schedules
	SET probe_at = @next
	WHERE id = @id
	  AND enabled
	  AND suspended_at IS NOT NULL
	  AND probe_at <= @now`

// ClaimProbe gives the probe of a suspended schedule that is due to one caller, and puts the next one off, so that one that cannot be started
// or ends without a verdict is tried again. false: it is not due, or somebody else has it.
func (s *Store) ClaimProbe(ctx context.Context, schedule scrape.Schedule, now time.Time) (bool, error) {
	n, err := execute(ctx, s.pool, sqlClaimProbe, args{
		"id":   schedule.ID,
		"now":  now,
		"next": now.Add(probeGap(schedule.Timing, schedule.Probes)),
	})
	return n > 0, failed("claim probe", err)
}

const sqlClaimHealing = `
	UPDATE scraping_schedules
	SET healed_at = @now
	WHERE id = @id
	  AND (healed_at IS NULL OR healed_at < @slot)`

// ClaimHealing gives an overdue schedule to one caller, who makes up for its slots until now: they count as accounted for. false: somebody else
// has done so.
func (s *Store) ClaimHealing(ctx context.Context, id scrape.ScheduleID, slot, now time.Time) (bool, error) {
	n, err := execute(ctx, s.pool, sqlClaimHealing, args{"id": id, "slot": slot, "now": now})
	return n > 0, failed("claim healing", err)
}
