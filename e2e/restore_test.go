package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portalsim"
	"github.com/fossawork/scheduler/workflows"
)

// A backup of the database is restored under a Temporal that has gone on since. What the backup knows holds again, a pause that was given
// later stays, and an id that is given a second time leads nobody to what was another's.
func TestRestoredBackup(t *testing.T) {
	t.Parallel()
	s := prepare(t, portalsim.Config{}, "FOSSAWORK_MIN_INTERVAL=2s")
	s.startAPI()
	worker := s.startWorker()
	s.waitReady()
	const other = "user001@example.com"
	ours, theirs := s.signIn(small, password), s.signIn(other, password)

	offset := (time.Now().Unix() + 2) % 3
	awayFromSlots()
	fast, created := s.createSchedule(ours, object{"schedule_type": "work_orders", "name": "fast", "interval_hours": 3.0 / 3600, "offset_seconds": offset})
	kept := &ledgerDrill{stack: s, token: ours, path: fast, phases: []ledgerPhase{{from: moment(t, created["created_at"]), seconds: 3, offset: offset}}}
	deleted, _ := s.createSchedule(ours, object{"schedule_type": "filters", "name": "deleted", "interval_hours": 1})
	paused, _ := s.createSchedule(theirs, object{"schedule_type": "work_orders", "name": "paused", "interval_hours": 1})
	s.finishedRuns(ours, fast, 2)
	s.finishedRuns(theirs, paused, 1)
	backup := s.dump(t)

	// All of this the backup does not know.
	require.Equal(t, http.StatusOK, s.call(ours, http.MethodDelete, deleted, nil, nil))
	require.Equal(t, http.StatusOK, s.call(theirs, http.MethodPut, paused, object{"enabled": false}, nil))
	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultLatency, Value: "20s", Page: portalsim.PageList}))
	require.Equal(t, http.StatusOK, s.call(ours, http.MethodPut, fast, object{"interval_hours": 5.0 / 3600}, nil))
	late, _ := s.createSchedule(ours, object{"schedule_type": "work_orders", "name": "late", "interval_hours": 1})
	require.Eventually(t, func() bool {
		return s.rows(t, "SELECT count(*) FROM scraping_history WHERE outcome IS NULL AND progress ->> 'phase' = 'scraping'") == 2
	}, patience, tick)

	var gone string
	connection := s.connect()
	require.NoError(t, connection.QueryRow(t.Context(), "SELECT workflow_id FROM scraping_history WHERE schedule_id = $1", late[strings.LastIndex(late, "/")+1:]).Scan(&gone))
	require.NoError(t, connection.Close(t.Context()))
	s.api.Kill()
	worker.Kill()
	<-s.api.Done()
	<-worker.Done()
	s.restore(t, backup)
	s.sim.ClearFaults(portalsim.Fault{})

	// The first thing that happens afterwards: somebody else is given the id of the schedule that is gone.
	s.startAPI()
	again, _ := s.createSchedule(theirs, object{"schedule_type": "work_orders", "name": "mine", "interval_hours": 2})
	require.Equal(t, late, again, "the id is not given again: this tests nothing")
	s.startWorker()
	s.waitReady()
	since := time.Now()

	s.requireInTemporal(t, fast, ours, 3*time.Second, false)
	s.requireInTemporal(t, deleted, ours, time.Hour, false)
	s.requireInTemporal(t, paused, theirs, time.Hour, true)
	s.requireInTemporal(t, again, theirs, 2*time.Hour, false)
	s.eventually(theirs, paused, func(row object) bool { return row["enabled"] == false })
	require.Eventually(t, func() bool {
		return s.rows(t, fmt.Sprintf(`SELECT count(*) FROM scraping_history WHERE schedule_id = %s AND trigger_type = 'scheduled' AND success
			AND nominal_at > to_timestamp(%d)`, kept.id(), since.Unix())) >= 2
	}, patience, tick, "no new runs")
	require.Equal(t, "success", s.finishedRuns(theirs, again, 1)[0]["outcome"])
	require.Equal(t, "success", s.run(theirs, paused, nil)["outcome"], "a person may always run it")
	require.ErrorContains(t, s.temporal.GetWorkflow(t.Context(), gone, "").Get(t.Context(), nil), "The next run starts anew.")
	require.Zero(t, s.rows(t, "SELECT count(*) FROM scraping_history WHERE workflow_id = '"+gone+"'"), "a run of ours is among theirs")

	for token, account := range map[string]string{ours: small, theirs: other} {
		orders, err := s.sim.OpenOrders(account)
		require.NoError(t, err)
		require.Len(t, s.workOrders(token), len(orders), account)
	}
	require.Zero(t, s.rows(t, `SELECT count(*) FROM scraping_history AS h JOIN scraping_schedules AS s ON s.id = h.schedule_id WHERE s.user_id <> h.user_id`))
	require.Eventually(t, func() bool {
		return s.rows(t, "SELECT count(*) FROM scraping_history WHERE outcome IS NULL AND started_at < to_timestamp("+
			strconv.FormatInt(since.Unix(), 10)+")") == 0
	}, patience, tick, "a run of before is open for ever")

	kept.put(t, object{"enabled": false})
	until := time.Now().Truncate(time.Second)
	var slots []object
	require.Eventually(t, func() bool {
		slots = kept.slots(t, until)
		return !slices.ContainsFunc(slots, func(slot object) bool { return slot["state"] == "due" || slot["state"] == "running" })
	}, patience, tick)
	kept.requireComplete(t, slots, until)
	for _, slot := range slots {
		require.Contains(t, []any{"ran", "skipped_overlap", "missed"}, slot["state"], "%v", slot)
	}
}

// dump makes a backup of the product's database.
func (s *stack) dump(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup")
	s.postgresTool(t, "pg_dump", "--format=custom", "--file="+path, s.database)
	return path
}

// restore puts a backup in the place of what the database holds.
func (s *stack) restore(t *testing.T, backup string) {
	t.Helper()
	s.postgresTool(t, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--dbname="+s.database, backup)
}

func (s *stack) postgresTool(t *testing.T, name string, arguments ...string) {
	t.Helper()
	installs, err := devstack.FindPostgres(t.Context())
	require.NoError(t, err)
	at := slices.IndexFunc(installs, func(install devstack.PostgresInstall) bool { // a directory on the path may have the server only
		_, err := os.Stat(filepath.Join(install.BinDir, name))
		return err == nil && install.Major == installs[0].Major
	})
	require.GreaterOrEqual(t, at, 0, "%s is missing: install the client programs of PostgreSQL %d", name, installs[0].Major)
	out, err := exec.CommandContext(t.Context(), filepath.Join(installs[at].BinDir, name), arguments...).CombinedOutput()
	require.NoError(t, err, strings.ReplaceAll(string(out), s.database, "..."))
}

// requireInTemporal waits until the Temporal Schedule of a schedule is what it should be, and the owner's.
func (s *stack) requireInTemporal(t *testing.T, path, token string, every time.Duration, paused bool) {
	t.Helper()
	id, err := strconv.ParseInt(path[strings.LastIndex(path, "/")+1:], 10, 64)
	require.NoError(t, err)
	handle := s.temporal.ScheduleClient().GetHandle(t.Context(), workflows.TemporalScheduleID(scrape.ScheduleID(id)))
	require.Eventually(t, func() bool {
		found, err := handle.Describe(t.Context())
		if err != nil || found.Schedule.State.Paused != paused || len(found.Schedule.Spec.Intervals) != 1 || found.Schedule.Spec.Intervals[0].Every != every {
			return false
		}
		action, isWorkflow := found.Schedule.Action.(*client.ScheduleWorkflowAction)
		require.True(t, isWorkflow)
		for _, attributes := range []temporal.SearchAttributes{found.TypedSearchAttributes, action.TypedSearchAttributes} {
			owner, _ := attributes.GetKeyword(workflows.AttributeUserID)
			require.Equal(t, s.me(token), owner)
		}
		return true
	}, patience, tick, path)
}
