package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/workflows"
)

func TestRetentionAndStatistics(t *testing.T) {
	t.Parallel()
	var keeper *activities.Keeper
	refused := temporal.NewNonRetryableApplicationError("The database is another one.", "invalid", nil)
	for name, c := range map[string]struct {
		workflow, activity any
		result             any
	}{
		workflows.RetentionType:  {workflows.Retention, keeper.Retain, activities.Retained{Users: 3, Runs: 40}},
		workflows.StatisticsType: {workflows.Statistics, keeper.RefreshStatistics, activities.Refreshed{Durations: 7}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			env.RegisterActivity(keeper)
			env.OnActivity(c.activity, mock.Anything).Return(c.result, nil).Once()
			env.ExecuteWorkflow(c.workflow)
			require.NoError(t, env.GetWorkflowError())
			var got map[string]any
			require.NoError(t, env.GetWorkflowResult(&got))
			require.Len(t, got, map[string]int{workflows.RetentionType: 6, workflows.StatisticsType: 2}[name], "counts: %v", got)
			env.AssertExpectations(t)

			env = suite.NewTestWorkflowEnvironment()
			env.RegisterActivity(keeper)
			env.OnActivity(c.activity, mock.Anything).Return(c.result, refused).Once()
			env.ExecuteWorkflow(c.workflow)
			require.ErrorContains(t, env.GetWorkflowError(), "another one")
		})
	}
}

func TestSystemSchedulesAreNoSchedulesOfUsers(t *testing.T) {
	t.Parallel()
	for _, id := range []string{workflows.ReconcileScheduleID, workflows.RetentionScheduleID, workflows.StatisticsScheduleID} {
		_, ours := workflows.ParseTemporalScheduleID(id)
		require.False(t, ours, id)
	}
}
