package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

// The portal goes down for everybody: one incident, after which only probes and people go there, and when it is back everything goes on by
// itself.
func TestBreaker(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{}, "FOSSAWORK_MIN_INTERVAL=2s", "FOSSAWORK_ADMIN_EMAILS=user001@example.com",
		"FOSSAWORK_BREAKER_ACCOUNTS=3", "FOSSAWORK_BREAKER_GAP=4s", "FOSSAWORK_BROWSER_TABS=2")
	s.startWorker() // they share the breaker
	var tokens, paths []string
	for n := range 4 {
		token := s.signIn(fmt.Sprintf("user%03d@example.com", n+1), password)
		path, _ := s.createSchedule(token, object{"schedule_type": "work_orders", "interval_hours": 3.0 / 3600})
		tokens, paths = append(tokens, token), append(paths, path)
	}
	for i, path := range paths {
		require.Equal(t, "success", s.finishedRuns(tokens[i], path, 1)[0]["outcome"])
	}
	require.Equal(t, http.StatusForbidden, s.get(tokens[1], "/api/system/breaker", nil))
	require.Equal(t, "closed", s.breaker(tokens[0])["state"])

	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultHTTP500, Account: "user001@example.com"}))
	s.waitRows(t, `SELECT count(*) FROM run_attempts WHERE kind = 'portal_down' AND number >= 4`, 1)
	require.Equal(t, "closed", s.breaker(tokens[0])["state"], "one account alone")

	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultHTTP500}))
	require.Eventually(t, func() bool { return s.breaker(tokens[0])["state"] == "open" }, patience, tick)
	s.waitRows(t, `SELECT count(*) FROM breaker_incidents WHERE probes >= 1
		AND NOT EXISTS (SELECT FROM scraping_history WHERE completed_at IS NULL AND id IS DISTINCT FROM probe_run_id)`, 1)
	calm := time.Now() // what was going when it opened has ended
	s.waitRows(t, `SELECT count(*) FROM breaker_incidents WHERE probes >= 2 AND slots_skipped >= 8`, 1)

	require.Equal(t, []string{"portal_down"}, s.needs(tokens[1]))
	var manual object
	require.Equal(t, http.StatusOK, s.call(tokens[2], http.MethodPost, paths[2]+"/run", nil, &manual), "a person may always try: %v", manual)
	require.Equal(t, "portal_down", s.ended(tokens[2], manual["run_id"])["outcome"])
	s.onlyProbesSeen(t, calm)
	require.Equal(t, http.StatusOK, s.get("", "/readyz", nil))

	healed := time.Now()
	require.Positive(t, s.sim.ClearFaults(portalsim.Fault{Name: portalsim.FaultHTTP500}))
	require.Eventually(t, func() bool { return s.breaker(tokens[0])["state"] == "closed" }, patience, tick, "a probe is answered")
	closed := s.breaker(tokens[0])["incidents"].([]any)[0].(object) //nolint:forcetypeassert // a failed assertion fails the test
	t.Logf("the incident: %v", closed)
	require.Nil(t, closed["closed_by"])
	require.GreaterOrEqual(t, closed["accounts"], 3.0)
	for i, path := range paths {
		s.eventually(tokens[i], path, func(schedule object) bool {
			latest := s.history(tokens[i], path)[0]
			return schedule["status"] == "active" && latest["outcome"] == "success" && moment(t, latest["started_at"]).After(healed)
		})
		for _, run := range s.history(tokens[i], path) {
			require.NotEqual(t, "breaker_open", run["outcome"])
		}
	}
	require.Empty(t, s.needs(tokens[1]))
	held := 0
	for i, path := range paths {
		held += s.slotsHeldBack(t, tokens[i], path, moment(t, closed["opened_at"]).Add(-10*time.Second), moment(t, closed["closed_at"]).Add(time.Second))
	}
	require.InDelta(t, closed["slots_skipped"], held, 0, "every slot is in the ledger of its schedule, and counted once")
	require.Equal(t, 1, strings.Count(s.logs.String(), "breaker opened"))
	require.Equal(t, 1, strings.Count(s.logs.String(), "breaker closed"))
}

func (s *stack) breaker(admin string) object {
	s.t.Helper()
	var answer object
	require.Equal(s.t, http.StatusOK, s.get(admin, "/api/system/breaker", &answer))
	return answer
}

// needs are the kinds of what waits for a user.
func (s *stack) needs(token string) []string {
	s.t.Helper()
	var home struct{ Needs []struct{ Kind string } }
	require.Equal(s.t, http.StatusOK, s.get(token, "/api/home", &home))
	var kinds []string
	for _, need := range home.Needs {
		kinds = append(kinds, need.Kind)
	}
	return kinds
}

// waitRows waits until a counting statement counts so many.
func (s *stack) waitRows(t *testing.T, sql string, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return s.rows(t, sql) >= n }, patience, tick, sql)
}

// onlyProbesSeen holds the portal's own log since then against the runs that went there: probes one at a time, and the manual one.
func (s *stack) onlyProbesSeen(t *testing.T, since time.Time) {
	t.Helper()
	type visit struct {
		Email      string
		From, To   time.Time
		Considered bool
	}
	connection := s.connect()
	defer func() { _ = connection.Close(t.Context()) }()
	rows, err := connection.Query(t.Context(), `
		SELECT u.email, h.started_at AS from, COALESCE(h.completed_at, now()) AS to, h.trigger_type = 'scheduled' AS considered
		FROM scraping_history AS h
		JOIN users AS u ON u.id = h.user_id
		WHERE h.outcome IS DISTINCT FROM 'breaker_open'
		  AND (h.completed_at IS NULL OR h.completed_at > $1)
		ORDER BY h.started_at`, since)
	require.NoError(t, err)
	visits, err := pgx.CollectRows(rows, pgx.RowToStructByPos[visit])
	require.NoError(t, err)
	for i, v := range visits {
		for _, later := range visits[i+1:] {
			require.False(t, v.Considered && later.Considered && later.From.Before(v.To.Add(-time.Second)), "two probes at a time: %v %v", v, later)
		}
	}
	seen := 0
	for _, entry := range s.sim.Log() {
		if entry.At.Before(since) || entry.Account == "" {
			continue
		}
		seen++
		found := false
		for _, v := range visits {
			found = found || (v.Email == entry.Account && !entry.At.Before(v.From) && entry.At.Before(v.To.Add(2*time.Second)))
		}
		require.True(t, found, "nobody had leave to ask: %v, %v", entry, visits)
	}
	require.Positive(t, seen)
	t.Logf("%d runs asked the portal, which saw %d requests", len(visits), seen)
}

// slotsHeldBack counts the slots in a schedule's ledger that were left out in that time.
func (s *stack) slotsHeldBack(t *testing.T, token, path string, from, to time.Time) (held int) {
	t.Helper()
	var slots []object
	query := url.Values{"from": {from.UTC().Format(time.RFC3339Nano)}, "to": {to.UTC().Format(time.RFC3339Nano)}}
	require.Equal(t, http.StatusOK, s.get(token, path+"/slots?"+query.Encode(), &slots))
	for _, slot := range slots {
		if slot["state"] == "breaker_open" {
			held++
			require.Equal(t, "breaker_open", slot["reason"])
			require.NotEmpty(t, slot["message"])
		}
	}
	return held
}
