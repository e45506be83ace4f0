package worker

import (
	"context"
	"fmt"

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
