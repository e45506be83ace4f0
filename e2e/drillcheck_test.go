package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

// span is a run of a schedule as its row tells it.
type span struct {
	id                            int64
	nominal, started, ended, open time.Time // open: until when its workflow was in the way
	outcome, trigger, workflow    string
}

func (s span) String() string {
	const format = "15:04:05.000"
	return fmt.Sprintf("run %d: %s %s, due %s, %s to %s, open until %s", s.id, s.trigger, s.outcome, s.nominal.Format(format), s.started.Format(format),
		s.ended.Format(format), s.open.Format(format))
}

func (d *drill) spans(t *testing.T, each *ledgerDrill) []span {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.database)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	rows, err := conn.Query(t.Context(), `SELECT id, nominal_at, started_at, completed_at, COALESCE(open_until, completed_at), outcome, trigger_type,
			workflow_id
		FROM scraping_history
		WHERE schedule_id = `+each.id()+` ORDER BY started_at`)
	require.NoError(t, err)
	spans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s span, err error) {
		err = row.Scan(&s.id, &s.nominal, &s.started, &s.ended, &s.open, &s.outcome, &s.trigger, &s.workflow)
		return s, err
	})
	require.NoError(t, err)
	return spans
}

// check holds the ledger of one schedule against the list of its slots, made from what was asked for and when; against its rows; and
// these against the portal's own log.
func (d *drill) check(t *testing.T, each *ledgerDrill, account string) {
	t.Helper()
	until := time.Now().Truncate(time.Second)
	var slots []object
	require.Eventually(t, func() bool { // a slot of which nothing is known is due for a minute
		slots = each.slots(t, until)
		return !slices.ContainsFunc(slots, func(slot object) bool { return slot["state"] == "due" })
	}, patience, tick)
	spans := d.spans(t, each)
	each.requireListed(t, slots, until)
	byID := map[int64]span{}
	for _, s := range spans {
		byID[s.id] = s
	}
	states := map[string]int{}
	for _, slot := range slots {
		state := fmt.Sprint(slot["state"])
		states[state]++
		at := moment(t, slot["at"])
		switch state {
		case "ran":
			row, there := byID[int64(slot["run_id"].(float64))] //nolint:forcetypeassert // a failed assertion fails the test
			require.True(t, there, "no row: %v", slot)
			require.Equal(t, row.outcome, slot["outcome"])
			require.Equal(t, "scheduled", row.trigger)
			if slot["extra"] == false {
				require.WithinDuration(t, at, row.nominal, 0, "%v", slot)
			}
		case "paused":
			require.True(t, each.phaseAt(at).paused || d.suspended(t, each, at), "it was not paused: %v", slot)
		case "skipped_overlap":
			late := time.Duration(0)
			if d.troubled(at) { // its workflow began late, and met a run that a person had asked for meanwhile
				late = settled
			}
			require.True(t, covered(spans, at, late), "nothing was in the way: %v\n%v", slot, spans)
		case "missed":
			require.True(t, d.troubled(at), "missed although nothing was away: %v\n%v\n%v", slot, d.troubles, each.phases)
			t.Logf("missed: %v", slot)
		default:
			require.Fail(t, "not accounted for", "%v", slot)
		}
	}
	t.Logf("%s: %v, %d rows", account, states, len(spans))
	require.GreaterOrEqual(t, states["ran"], 3)
	d.checkSeen(t, spans, account)
}

// requireListed: every slot once, in order, and none beside them but runs that belong to none.
func (d *ledgerDrill) requireListed(t *testing.T, slots []object, until time.Time) {
	t.Helper()
	var listed []time.Time
	for _, slot := range slots {
		if slot["extra"] == false {
			listed = append(listed, moment(t, slot["at"]))
		}
	}
	require.Equal(t, d.due(until), listed)
}

// covered says whether a run was in the way of a slot that began late: from when it was due until its workflow had ended, which is a moment
// after its row.
func covered(spans []span, at time.Time, late time.Duration) bool {
	for _, s := range spans {
		begin := s.started
		if s.nominal.Before(begin) {
			begin = s.nominal
		}
		if s.outcome != "skipped_overlap" && begin.Before(at.Add(late+time.Second)) && s.open.Add(2*time.Second).After(at) {
			return true
		}
	}
	return false
}

// troubled says whether something was away at a moment, or had just come back.
func (d *drill) troubled(at time.Time) bool {
	for _, each := range d.troubles {
		if !at.Before(each.from.Add(-time.Second)) && at.Before(each.to.Add(settled)) {
			return true
		}
	}
	return false
}

// suspended says whether a schedule was paused by itself at a moment.
func (d *drill) suspended(t *testing.T, each *ledgerDrill, at time.Time) bool {
	t.Helper()
	return d.rows(t, fmt.Sprintf(`SELECT count(*) FROM (SELECT suspended FROM schedule_versions WHERE schedule_id = %s
		AND at <= to_timestamp(%d) + interval '1 second' ORDER BY at DESC, id DESC LIMIT 1) AS v WHERE suspended`, each.id(), at.Unix())) == 1
}

// checkSeen: the portal was shown to nobody but runs, and every run that brought a list was seen there.
func (d *drill) checkSeen(t *testing.T, spans []span, account string) {
	t.Helper()
	log := d.sim.Log()
	require.Less(t, len(log), 10_000, "the portal's log is full: a shorter drill")
	var seen []time.Time
	for _, entry := range log {
		if entry.Account == account && entry.Page == portalsim.PageList && entry.Target == portalsim.Document &&
			entry.Status == http.StatusOK && (entry.Note == "" || entry.Note == portalsim.FaultLatency) {
			seen = append(seen, entry.At)
		}
	}
	within := func(at time.Time, s span, slack time.Duration) bool {
		return at.After(s.started.Add(-slack)) && at.Before(s.ended.Add(slack))
	}
	for _, at := range seen {
		in := false
		for _, s := range spans {
			in = in || within(at, s, 2*time.Second)
		}
		require.True(t, in, "seen at the portal at %s, and no run was going", at)
	}
	for _, s := range spans {
		if s.outcome != "success" {
			continue
		}
		found := false
		for _, at := range seen {
			found = found || within(at, s, time.Second)
		}
		require.True(t, found, "a run with a result that the portal never saw: %v", s)
	}
}
