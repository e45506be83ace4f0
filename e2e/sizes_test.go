package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"google.golang.org/protobuf/proto"

	"github.com/fossawork/scheduler/sites/portalsim"
)

// cost is what a run costs Temporal.
type cost struct {
	events  int
	largest int // bytes of the largest event
	bytes   int
}

func (s *stack) cost(workflowID any) (c cost) {
	s.t.Helper()
	events := s.temporal.GetWorkflowHistory(s.t.Context(), fmt.Sprint(workflowID), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(s.t, err)
		size := proto.Size(event)
		c.events, c.bytes, c.largest = c.events+1, c.bytes+size, max(c.largest, size)
	}
	return c
}

// eightEverywhere gives every site that has dispensers eight of them.
func (s *stack) eightEverywhere(account string) {
	s.t.Helper()
	locations, err := s.sim.Locations(account)
	require.NoError(s.t, err)
	for _, location := range locations {
		cards := location.Dispensers()
		if len(cards) == 0 || location.State != portalsim.LocationOK {
			continue
		}
		var eight []portalsim.Card
		for n := range 8 {
			card := cards[n%len(cards)]
			card.Title = fmt.Sprintf("%d/%d - Regular, Plus, Premium - Examplemake", 2*n+1, 2*n+2)
			eight = append(eight, card)
		}
		require.NoError(s.t, s.sim.SetLocation(account, location.LocationID, location.State, eight))
	}
}

// BenchmarkSizes runs the three jobs on an account with 1,000 work orders at 300 sites, once, and reports what each run costs Temporal:
// make bench BENCH=Sizes.
func BenchmarkSizes(b *testing.B) {
	s := start(b, portalsim.Config{})
	const busy = "busy@example.com"
	s.eightEverywhere(busy)
	token := s.signIn(busy, password)
	for b.Loop() {
		for _, job := range []string{"work_orders", "dispensers", "filters"} {
			path, _ := s.createSchedule(token, object{"schedule_type": job, "name": fmt.Sprint(time.Now().UnixNano()), "interval_hours": 24, "enabled": false})
			var started, run object
			require.Equal(b, http.StatusOK, s.call(token, http.MethodPost, path+"/run", object{"force": true}, &started), "%v", started)
			require.Eventually(b, func() bool {
				run = nil
				return s.get(token, fmt.Sprintf("/api/runs/%v", started["run_id"]), &run) == http.StatusOK && run["completed_at"] != nil
			}, 20*time.Minute, tick)
			require.Contains(b, []any{"success", "partial"}, run["outcome"], "%v", run)
			c := s.cost(run["workflow_id"])
			b.Logf("%s: %v, %v processed in %.1f s, %d events, %d bytes of history, largest event %d bytes",
				job, run["outcome"], run["items_processed"], run["duration_seconds"], c.events, c.bytes, c.largest)
			b.ReportMetric(float64(c.events), job+"-events")
			require.Less(b, c.largest, 64<<10, "far below Temporal's limit of 2 MB")
		}
	}
	b.Logf("logins: %d", s.sim.Counters(busy).LoginsOK)
}
