package worker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// runMeter counts runs as they end, by job type.
type runMeter struct {
	runs     metric.Int64Counter
	duration metric.Float64Histogram
	items    metric.Int64Counter
}

// NewRunMeter makes the counters. Every job type is there from the start, so that a type that never ran is a zero and no gap.
func NewRunMeter(ctx context.Context, meter metric.Meter) (activities.RunMeter, error) {
	var m runMeter
	var err error
	if m.runs, err = meter.Int64Counter("fossawork_runs", metric.WithDescription("Runs that have ended, by job type and outcome.")); err != nil {
		return nil, fmt.Errorf("make counter of runs: %w", err)
	}
	m.duration, err = meter.Float64Histogram("fossawork_run_duration_seconds", metric.WithDescription("Time from a run's start to its end."),
		metric.WithExplicitBucketBoundaries(0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600))
	if err != nil {
		return nil, fmt.Errorf("make histogram of durations: %w", err)
	}
	if m.items, err = meter.Int64Counter("fossawork_items", metric.WithDescription("What runs did to the stored data, by job type and change.")); err != nil {
		return nil, fmt.Errorf("make counter of items: %w", err)
	}
	for _, job := range jobs.All() {
		m.runs.Add(ctx, 0, metric.WithAttributes(jobType(job.Type), attribute.String("outcome", string(scrape.OutcomeSuccess))))
	}
	return &m, nil
}

func jobType(job scrape.JobType) attribute.KeyValue { return attribute.String("job_type", string(job)) }

// RunEnded implements activities.RunMeter.
func (m *runMeter) RunEnded(ctx context.Context, run scrape.Run) {
	m.runs.Add(ctx, 1, metric.WithAttributes(jobType(run.JobType), attribute.String("outcome", string(run.Outcome))))
	if !run.Outcome.Ran() {
		return
	}
	m.duration.Record(ctx, run.Duration().Seconds(), metric.WithAttributes(jobType(run.JobType)))
	for change, n := range map[string]int{
		"added": run.Counts.Added, "updated": run.Counts.Updated, "unchanged": run.Counts.Unchanged, "removed": run.Counts.Removed,
		"failed": run.Counts.Failed,
	} {
		m.items.Add(ctx, int64(n), metric.WithAttributes(jobType(run.JobType), attribute.String("change", change)))
	}
}

// repairMeter tells what the newest round of this worker found.
type repairMeter struct {
	fresh   time.Duration // how long a round says how things are; another worker may have done those since
	mu      sync.Mutex
	at      time.Time
	overdue int
	repairs metric.Int64Counter
}

// NewRepairMeter makes the meter of the reconciler's rounds. What one found is shown for so long.
func NewRepairMeter(meter metric.Meter, fresh time.Duration) (activities.RepairMeter, error) {
	m := &repairMeter{fresh: fresh}
	var err error
	m.repairs, err = meter.Int64Counter("fossawork_schedule_repairs", metric.WithDescription("Differences between schedules and Temporal, by what was done."))
	if err != nil {
		return nil, fmt.Errorf("make counter of repairs: %w", err)
	}
	_, err = meter.Int64ObservableGauge("fossawork_schedules_overdue",
		metric.WithDescription("Schedules of which a slot has passed without a run or a reason, as the newest round saw them."),
		metric.WithInt64Callback(m.observe))
	if err != nil {
		return nil, fmt.Errorf("make gauge of overdue schedules: %w", err)
	}
	return m, nil
}

func (m *repairMeter) observe(_ context.Context, observer metric.Int64Observer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.at) <= m.fresh {
		observer.Observe(int64(m.overdue))
	}
	return nil
}

// SchedulesReconciled implements activities.RepairMeter.
func (m *repairMeter) SchedulesReconciled(ctx context.Context, repairs activities.ScheduleRepairs) {
	m.mu.Lock()
	m.at, m.overdue = time.Now(), repairs.Overdue
	m.mu.Unlock()
	for what, n := range map[string]int{
		"missing": repairs.Missing, "extra": repairs.Extra, "differing": repairs.Differing, "mirrored": repairs.Mirrored,
		"failed": repairs.Failed, "healed": repairs.Healed, "probed": repairs.Probed,
	} {
		m.repairs.Add(ctx, int64(n), metric.WithAttributes(attribute.String("repair", what)))
	}
}

// breakerMeter counts what this worker sees of the breaker.
type breakerMeter struct {
	opened  metric.Int64Counter
	skipped metric.Int64Counter
}

// NewBreakerMeter makes the meter of the breaker over accounts. Whether it is open is asked for each time that metrics are read: any worker may
// have opened or closed it.
func NewBreakerMeter(ctx context.Context, meter metric.Meter, open func(ctx context.Context) (bool, error)) (activities.BreakerMeter, error) {
	var m breakerMeter
	var err error
	m.opened, err = meter.Int64Counter("fossawork_breaker_opened", metric.WithDescription("How often this worker found the portal down for everybody."))
	if err != nil {
		return nil, fmt.Errorf("make counter of incidents: %w", err)
	}
	m.skipped, err = meter.Int64Counter("fossawork_breaker_slots_skipped", metric.WithDescription("Slots that were left out while the breaker was open."))
	if err != nil {
		return nil, fmt.Errorf("make counter of skipped slots: %w", err)
	}
	_, err = meter.Int64ObservableGauge("fossawork_breaker_open", metric.WithDescription("1 while the portal is left alone because it answers nobody."),
		metric.WithInt64Callback(func(ctx context.Context, observer metric.Int64Observer) error {
			is, err := open(ctx)
			if err != nil {
				return fmt.Errorf("read breaker: %w", err)
			}
			var value int64
			if is {
				value = 1
			}
			observer.Observe(value)
			return nil
		}))
	if err != nil {
		return nil, fmt.Errorf("make gauge of the breaker: %w", err)
	}
	m.opened.Add(ctx, 0)
	m.skipped.Add(ctx, 0)
	return &m, nil
}

// BreakerOpened implements activities.BreakerMeter.
func (m *breakerMeter) BreakerOpened(ctx context.Context) { m.opened.Add(ctx, 1) }

// SlotSkipped implements activities.BreakerMeter.
func (m *breakerMeter) SlotSkipped(ctx context.Context) { m.skipped.Add(ctx, 1) }
