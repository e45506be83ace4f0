package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
)

// Retention forgets what is too old or too much: history, versions of schedules, evidence, sign-ins.
func Retention(ctx workflow.Context) (activities.Retained, error) {
	var result activities.Retained
	err := workflow.ExecuteActivity(withPolicy(ctx, "Retain"), (*activities.Keeper).Retain).Get(ctx, &result)
	return result, err
}

// Statistics computes what is known of all runs together.
func Statistics(ctx workflow.Context) (activities.Refreshed, error) {
	var result activities.Refreshed
	err := workflow.ExecuteActivity(withPolicy(ctx, "RefreshStatistics"), (*activities.Keeper).RefreshStatistics).Get(ctx, &result)
	return result, err
}
