package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
)

// VerifyLogin tries a login at the portal for a person who signs in. The user name and password are sealed in Postgres under
// the check's id; neither is in the input. Its result says what the portal answered; the workflow fails only when there was no answer.
func VerifyLogin(ctx workflow.Context, in activities.VerifyInput) (activities.VerifyResult, error) {
	var result activities.VerifyResult
	ctx = workflow.WithPriority(ctx, temporal.Priority{PriorityKey: priorityVerify})
	err := workflow.ExecuteActivity(withPolicy(ctx, "VerifyLogin"), (*activities.Portal).VerifyLogin, in).Get(ctx, &result)
	return result, err
}
