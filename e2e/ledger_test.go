package e2e_test

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
	"github.com/fossawork/scheduler/workflows"
)

// ledgerPhase is what a schedule was from a moment on, as this test has asked for it.
type ledgerPhase struct {
	from    time.Time
	seconds int64 // from slot to slot
	offset  int64
	paused  bool
}

// ledgerDrill is a schedule of seconds that things happen to.
type ledgerDrill struct {
	*stack
	token, path string
	phases      []ledgerPhase
}

// A schedule is paused, edited, its worker killed, its login rejected: every slot is in the ledger once, with what became of it, and
// what ran is what the portal saw.
func TestLedgerAccountsForEverySlot(t *testing.T) {
	t.Parallel()
	s := prepare(t, portalsim.Config{}, "FOSSAWORK_MIN_INTERVAL=2s")
	s.startAPI()
	worker := s.startWorker()
	s.waitReady()
	d := &ledgerDrill{stack: s, token: s.signIn(small, password)}
	offset := (time.Now().Unix() + 2) % 3 // no slot falls on the creation itself
	awayFromSlots()
	var created object
	d.path, created = s.createSchedule(d.token, object{"schedule_type": "work_orders", "interval_hours": 3.0 / 3600, "offset_seconds": offset})
	d.phases = []ledgerPhase{{from: moment(t, created["created_at"]), seconds: 3, offset: offset}}
	d.rowsOf(t, "success", 3)

	d.put(t, object{"enabled": false})
	d.wait(t, 7*time.Second)
	d.put(t, object{"enabled": true})
	d.rowsOf(t, "success", 5)
	d.put(t, object{"interval_hours": 4.0 / 3600, "offset_seconds": int64(2)})
	d.rowsOf(t, "success", 7)

	worker.Kill()
	<-worker.Done()
	d.wait(t, 13*time.Second)
	s.startWorker()
	d.rowsOf(t, "success", 9)

	require.NoError(t, s.sim.SetPassword(small, "another-password"))
	s.sim.ExpireSessions(small)
	d.rowsOf(t, "held_credentials", 2)
	d.put(t, object{"enabled": false})
	d.wait(t, 5*time.Second)

	until := time.Now().Truncate(time.Second)
	slots := d.slots(t, until)
	d.requireComplete(t, slots, until)
	d.requireReasons(t, slots)
	d.requireSeen(t, slots)

	var deleted object
	require.Equal(t, http.StatusOK, s.call(d.token, http.MethodDelete, "/api/scraping-schedules/history", nil, &deleted))
	require.Empty(t, s.history(d.token, d.path))
	require.Equal(t, slots, d.slots(t, until), "deleting history does not change it")
	for _, slot := range d.slots(t, time.Now().Add(time.Minute)) {
		if moment(t, slot["at"]).After(time.Now()) {
			require.Equal(t, "paused", slot["state"])
		}
	}
	status, text := s.raw(d.token, http.MethodGet, d.path+"/slots?from=2030-01-01T00:00:00Z&to=2030-03-01T00:00:00Z", nil)
	require.Equal(t, http.StatusUnprocessableEntity, status, text)
	require.Contains(t, text, "31 days")
}

// awayFromSlots waits for the middle between two seconds: slots are whole ones, and which side of a change one is on should be no question.
func awayFromSlots() {
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1300 * time.Millisecond)))
}

func moment(t *testing.T, value any) time.Time {
	t.Helper()
	text, isText := value.(string)
	require.True(t, isText, "%v", value)
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

// put changes the schedule and notes from when on the change holds.
func (d *ledgerDrill) put(t *testing.T, change object) {
	t.Helper()
	awayFromSlots()
	var answer object
	require.Equal(t, http.StatusOK, d.call(d.token, http.MethodPut, d.path, change, &answer), "%v", answer)
	next := d.phases[len(d.phases)-1]
	next.from = moment(t, answer["updated_at"])
	if enabled, there := change["enabled"].(bool); there {
		next.paused = !enabled
	}
	if hours, there := change["interval_hours"].(float64); there {
		next.seconds, next.offset = int64(math.Round(hours*3600)), change["offset_seconds"].(int64) //nolint:forcetypeassert // as written in the test
	}
	d.phases = append(d.phases, next)
}

func (d *ledgerDrill) wait(t *testing.T, length time.Duration) {
	t.Helper()
	select {
	case <-t.Context().Done():
	case <-time.After(length):
	}
}

// rowsOf waits until so many rows have an outcome.
func (d *ledgerDrill) rowsOf(t *testing.T, outcome string, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		return d.rows(t, "SELECT count(*) FROM scraping_history WHERE outcome = '"+outcome+"'") >= n
	}, patience, tick, "%d rows of %s", n, outcome)
}

func (d *ledgerDrill) slots(t *testing.T, until time.Time) []object {
	t.Helper()
	query := url.Values{"from": {d.phases[0].from.Format(time.RFC3339Nano)}, "to": {until.UTC().Format(time.RFC3339Nano)}}
	var slots []object
	require.Equal(t, http.StatusOK, d.get(d.token, d.path+"/slots?"+query.Encode(), &slots))
	return slots
}

// due lists the slots that should be there: whole seconds, by what held at each.
func (d *ledgerDrill) due(until time.Time) []time.Time {
	var due []time.Time
	for second := d.phases[0].from.Unix() + 1; second < until.Unix(); second++ {
		phase := d.phaseAt(time.Unix(second, 0))
		if (second-phase.offset)%phase.seconds == 0 {
			due = append(due, time.Unix(second, 0).UTC())
		}
	}
	return due
}

func (d *ledgerDrill) phaseAt(at time.Time) ledgerPhase {
	found := d.phases[0]
	for _, phase := range d.phases {
		if !phase.from.After(at) {
			found = phase
		}
	}
	return found
}

func (d *ledgerDrill) requireComplete(t *testing.T, slots []object, until time.Time) {
	t.Helper()
	var listed []time.Time
	for _, slot := range slots {
		if slot["extra"] == false {
			listed = append(listed, moment(t, slot["at"]))
		}
	}
	require.Equal(t, d.due(until), listed, "%v", slots)
	require.True(t, slices.IsSortedFunc(slots, func(a, b object) int { return moment(t, a["at"]).Compare(moment(t, b["at"])) }))
	require.Equal(t, true, slots[0]["extra"], "the first run of a schedule belongs to no slot: %v", slots[0])
}

func (d *ledgerDrill) requireReasons(t *testing.T, slots []object) {
	t.Helper()
	states := map[string]int{}
	for _, slot := range slots {
		state := fmt.Sprint(slot["state"])
		states[state]++
		if slot["extra"] == true {
			continue
		}
		at := moment(t, slot["at"])
		if d.phaseAt(at).paused {
			require.Equal(t, "paused", state, "%v", slot)
			continue
		}
		switch state {
		case "ran":
			require.GreaterOrEqual(t, slot["lag_seconds"], 0.0)
		case "skipped_overlap", "held_credentials":
			require.Equal(t, state, slot["reason"])
			require.NotEmpty(t, slot["message"])
		default: // also of the time without a worker none is missed: the run that waits for one is in the way
			require.Fail(t, "not accounted for", "%v", slot)
		}
	}
	t.Logf("slots by state: %v", states)
	require.GreaterOrEqual(t, states["paused"], 3)
	require.GreaterOrEqual(t, states["skipped_overlap"], 2, "slots of the time without a worker")
	require.GreaterOrEqual(t, states["held_credentials"], 2)
}

// requireSeen holds the ledger against the portal's own log: it saw as many lists as runs that brought one, and none while paused.
func (d *ledgerDrill) requireSeen(t *testing.T, slots []object) {
	t.Helper()
	good := 0
	for _, slot := range slots {
		if slot["outcome"] == "success" {
			good++
		}
	}
	seen := 0
	for _, entry := range d.sim.Log() {
		if entry.Account != small || entry.Page != portalsim.PageList || entry.Target != portalsim.Document {
			continue
		}
		if entry.Note == "" && entry.Status == http.StatusOK {
			seen++
		}
		phase := d.phaseAt(entry.At.Add(-2 * time.Second)) // a run that was going when the pause came ends in its own time
		require.False(t, phase.paused && phase == d.phaseAt(entry.At), "seen while paused: %v", entry)
	}
	require.GreaterOrEqual(t, seen, good)
	require.LessOrEqual(t, seen, good+1, "the run that was killed may have looked twice")
}

// The row of a run says when it ended although it could be written only later. Until then its workflow was in the way of the slots, which
// Temporal has skipped.
func TestLedgerOfALateEnd(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{}, "FOSSAWORK_MIN_INTERVAL=2s")
	d := &ledgerDrill{stack: s, token: s.signIn(small, password)}
	connection := s.connect()
	defer func() { _ = connection.Close(t.Context()) }()
	execute := func(sql string) {
		_, err := connection.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	execute(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the row cannot be closed'; END $$`)
	execute(`CREATE TRIGGER refuse BEFORE UPDATE OF completed_at ON scraping_history FOR EACH ROW EXECUTE FUNCTION refuse()`)
	path, created := s.createSchedule(d.token, object{"schedule_type": "filters", "interval_hours": 2.0 / 3600})
	d.path, d.phases = path, []ledgerPhase{{from: moment(t, created["created_at"])}}
	require.Eventually(t, func() bool { return strings.Contains(s.logs.String(), "the row cannot be closed") }, patience, tick)
	d.wait(t, 7*time.Second)
	execute(`DROP TRIGGER refuse ON scraping_history`)

	var workflow string
	var completed, until time.Time
	require.Eventually(t, func() bool {
		row := connection.QueryRow(t.Context(), `SELECT workflow_id, completed_at, open_until FROM scraping_history WHERE open_until IS NOT NULL ORDER BY id LIMIT 1`)
		return row.Scan(&workflow, &completed, &until) == nil
	}, patience, tick)
	require.NoError(t, s.temporal.GetWorkflow(t.Context(), workflow, "").Get(t.Context(), nil))
	s.record(workflows.ScrapeType, "late_end", workflow)
	skipped := 0
	for _, slot := range d.slots(t, until) {
		if at := moment(t, slot["at"]); at.After(completed) && slot["extra"] == false {
			require.Equal(t, "skipped_overlap", slot["state"], "%v", slot)
			skipped++
		}
	}
	require.GreaterOrEqual(t, skipped, 3)
}
