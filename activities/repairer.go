package activities

import (
	"context"
	"fmt"
)

// Repairs finds and repairs differences between Postgres and Temporal.
type Repairs interface {
	ReconcileSchedules(ctx context.Context) (ScheduleRepairs, error)
	ReconcileRuns(ctx context.Context) (RunRepairs, error)
}

// ScheduleRepairs counts what was wrong with Temporal's schedules.
type ScheduleRepairs struct {
	Checked   int `json:"checked"`
	Missing   int `json:"missing"`   // put back
	Extra     int `json:"extra"`     // removed
	Differing int `json:"differing"` // spec put right, or a pending change applied
	Mirrored  int `json:"mirrored"`  // paused or unpaused in Temporal, now shown so
	Failed    int `json:"failed"`    // left for the next time
	Overdue   int `json:"overdue"`   // a slot has passed without a trace
	Healed    int `json:"healed"`    // of those, made anew in Temporal
	Probed    int `json:"probed"`    // suspended after failures, and tried once more
}

// RepairMeter counts what rounds find.
type RepairMeter interface {
	SchedulesReconciled(ctx context.Context, repairs ScheduleRepairs)
}

// RunRepairs counts what was wrong with the rows of runs.
type RunRepairs struct {
	Checked int `json:"checked"`
	Started int `json:"started"` // asked for while Temporal was away
	Adopted int `json:"adopted"` // alive in Temporal without a row
	Closed  int `json:"closed"`  // ended in Temporal without having said so
	Failed  int `json:"failed"`  // left for the next time
}

// Repairer holds the steps of the system's own workflows: the reconciler's here, and those of a Keeper. They heartbeat, so that one whose
// answer got lost is noticed and done again within seconds: while a round is open no other begins.
type Repairer struct {
	Keeper
	Repairs Repairs
	Meter   RepairMeter // may be nil
}

// ReconcileSchedules repairs the schedules.
func (r *Repairer) ReconcileSchedules(ctx context.Context) (ScheduleRepairs, error) {
	ctx, heart := beat(ctx)
	defer heart.stop()
	repaired, err := r.Repairs.ReconcileSchedules(ctx)
	if err != nil {
		return repaired, fail(ctx, fmt.Errorf("reconcile schedules: %w", err))
	}
	if r.Meter != nil {
		r.Meter.SchedulesReconciled(ctx, repaired)
	}
	return repaired, nil
}

// ReconcileRuns repairs the runs.
func (r *Repairer) ReconcileRuns(ctx context.Context) (RunRepairs, error) {
	ctx, heart := beat(ctx)
	defer heart.stop()
	repaired, err := r.Repairs.ReconcileRuns(ctx)
	if err != nil {
		return repaired, fail(ctx, fmt.Errorf("reconcile runs: %w", err))
	}
	return repaired, nil
}
