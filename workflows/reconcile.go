package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
)

// ReconcileResult counts what was repaired.
type ReconcileResult struct {
	Schedules activities.ScheduleRepairs `json:"schedules"`
	Runs      activities.RunRepairs      `json:"runs"`
}

// Reconcile finds every difference between Postgres and Temporal and repairs it: first the schedules, then the runs.
func Reconcile(ctx workflow.Context) (ReconcileResult, error) {
	var result ReconcileResult
	err := workflow.ExecuteActivity(withPolicy(ctx, "ReconcileSchedules"), (*activities.Repairer).ReconcileSchedules).Get(ctx, &result.Schedules)
	if err != nil {
		return result, err
	}
	err = workflow.ExecuteActivity(withPolicy(ctx, "ReconcileRuns"), (*activities.Repairer).ReconcileRuns).Get(ctx, &result.Runs)
	return result, err
}
