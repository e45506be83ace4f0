package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

// A new user starts all three job types at once: their first runs wait for each other, so that each brings something.
func TestFirstRunsFitTogether(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token := s.signIn(small, password)
	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultLatency, Value: "1s"})) // the list takes longer than the others need to start
	var paths []string
	for _, job := range []string{"work_orders", "dispensers", "filters"} {
		path, _ := s.createSchedule(token, object{"schedule_type": job, "interval_hours": 24})
		paths = append(paths, path)
	}
	var progress object
	require.Eventually(t, func() bool {
		s.get(token, paths[2]+"/sync-progress", &progress)
		return progress["message"] != "" && progress["phase"] == "initializing"
	}, patience, tick, "%v", progress)
	require.Contains(t, progress["message"], "Waiting for the work orders")
	s.sim.ClearFaults(portalsim.Fault{})
	for _, path := range paths {
		runs := s.finishedRuns(token, path, 1)
		require.Len(t, runs, 1)
		require.Contains(t, []any{"success", "partial"}, runs[0]["outcome"], "%v", runs[0])
		require.Positive(t, runs[0]["items_added"], "%v", runs[0])
	}
}
