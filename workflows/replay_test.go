package workflows_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/workflows"
)

// Histories that released code has made must replay on this code. A failure here means that runs in flight would break at the next deploy:
// guard the change with workflow.GetVersion (versions.go) instead of recording anew. New cases come from 'make record-histories'.
func TestReplay(t *testing.T) {
	t.Parallel()
	histories := map[string][]string{
		workflows.ScrapeType: {
			"success", "first_login", "session_expired", "login_refused", "refused_before", "layout_changed", "portal_down_then_back",
			"cancelled", "worker_killed", "dispensers", "filters", "steps_recorded", "steps_cancelled", "steps_session_expired", "steps_worker_killed",
			"late_end",
		},
		workflows.VerifyLoginType: {"accepted", "rejected"},
		workflows.ReconcileType:   {"nothing_to_do"},
		workflows.RetentionType:   {"nothing_to_do"},
		workflows.StatisticsType:  {"nothing_to_do"},
	}
	for name, cases := range histories {
		files, err := filepath.Glob(filepath.Join("testdata", "histories", name, "*.json"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(files), len(cases), "histories of %s", name)
		for _, required := range cases {
			require.Contains(t, files, filepath.Join("testdata", "histories", name, required+".json"))
		}
		for _, file := range files {
			t.Run(name+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				require.NoError(t, replayer().ReplayWorkflowHistoryFromJSONFile(nil, file))
			})
		}
	}
}

func replayer() worker.WorkflowReplayer {
	r := worker.NewWorkflowReplayer()
	workflows.Register(replayRegistry{r})
	return r
}

// replayRegistry is a replayer as workflows.Register wants to see it.
type replayRegistry struct{ worker.WorkflowReplayer }

func (replayRegistry) RegisterDynamicWorkflow(any, workflow.DynamicRegisterOptions) {
	panic("no dynamic workflows")
}

// A replay must fail when the commands differ, or the test above proves nothing.
func TestReplayNoticesAChange(t *testing.T) {
	t.Parallel()
	file := filepath.Join("testdata", "histories", workflows.ScrapeType, "success.json")
	_, err := os.Stat(file)
	require.NoError(t, err)
	r := worker.NewWorkflowReplayer()
	r.RegisterWorkflowWithOptions(func(ctx workflow.Context, _ workflows.ScrapeInput) (workflows.ScrapeResult, error) {
		return workflows.ScrapeResult{}, workflow.Sleep(ctx, 1)
	}, workflow.RegisterOptions{Name: workflows.ScrapeType})
	require.Error(t, r.ReplayWorkflowHistoryFromJSONFile(nil, file))
}
