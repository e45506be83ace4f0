package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/fossawork/scheduler/sites/portalsim"
)

// A schedule whose runs take longer than its spacing, and whose slots may wait: one runs right after the run that was in its way, whoever
// started that, and the others are skipped.
func TestOneSlotWaitsForTheRunThatIsGoing(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{}, "FOSSAWORK_MIN_INTERVAL=2s")
	token := s.signIn(small, password)
	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultLatency, Value: "2s"}))
	path, created := s.createSchedule(token, object{"schedule_type": "work_orders", "interval_hours": 2.0 / 3600, "overlap": "buffer_one"})
	require.Equal(t, "buffer_one", created["overlap"])
	s.finishedRuns(token, path, 4)
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPut, path, object{"enabled": false}, nil))
	pausedAt := time.Now()
	require.Eventually(t, func() bool { // what waited when the schedule was paused may still run
		going, err := s.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: s.namespace, Query: "WorkflowType = 'Scrape' AND ExecutionStatus = 'Running'",
		})
		require.NoError(t, err)
		return going.GetCount() == 0 && s.rows(t, "SELECT count(*) FROM scraping_history WHERE outcome IS NULL") == 0
	}, patience, tick)
	s.sim.ClearFaults(portalsim.Fault{})

	runs := s.history(token, path) // newest first
	slices.Reverse(runs)
	for i, run := range runs {
		require.Equal(t, "scheduled", run["trigger_type"], "waiting makes no backfill: %v", run)
		require.Equal(t, "success", run["outcome"], "%v", run)
		if i > 0 {
			require.False(t, moment(t, run["started_at"]).Before(moment(t, runs[i-1]["completed_at"])), "two runs at once: %v, %v", runs[i-1], run)
		}
	}
	waited, skipped := 0, 0
	address := fmt.Sprintf("%s/slots?from=%s&to=%s", path, moment(t, created["created_at"]).Format(time.RFC3339), pausedAt.UTC().Format(time.RFC3339))
	due := 0
	for _, slot := range s.list(token, address, "slots") {
		switch slot["state"] {
		case "due": // it waited when the schedule was paused; in a minute it counts as skipped
			due++
		case "ran":
			if lag, _ := slot["lag_seconds"].(float64); lag >= 0.5 && slot["extra"] == false {
				waited++
			}
		case "skipped_overlap":
			skipped++
		default:
			require.Fail(t, "not accounted for", "%v", slot)
		}
	}
	require.LessOrEqual(t, due, 1, "one waits, not more")
	require.GreaterOrEqual(t, waited, 2)
	require.GreaterOrEqual(t, skipped, 2)
}
