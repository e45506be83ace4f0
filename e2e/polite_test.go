package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

const small = "small@example.com"

// 24 runs against a portal whose sessions are good for 12 of them.
func TestOneLoginServesManyRuns(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token, path := s.firstRun(small)
	for n := 2; n <= 24; n++ {
		if n == 13 {
			s.sim.ExpireSessions(small)
		}
		require.Equal(t, "success", s.run(token, path, nil)["outcome"])
	}
	require.LessOrEqual(t, s.sim.Counters(small).LoginsOK, 3)
	require.Len(t, s.finishedRuns(token, path, 24), 24)
}

// Two runs of one user side by side, both with a dead session.
func TestRunsSideBySideShareOneLogin(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{Latency: portalsim.Latency{Base: 200 * time.Millisecond}})
	token, path := s.firstRun(small)
	other, _ := s.createSchedule(token, object{"schedule_type": "work_orders", "name": "second", "enabled": false})
	s.sim.ExpireSessions(small)
	s.sim.ResetCounters()
	var ended sync.WaitGroup
	for _, p := range []string{path, other} {
		var started object
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, p+"/run", nil, &started), "%v", started)
		ended.Go(func() { s.ended(token, started["run_id"]) })
	}
	ended.Wait()
	require.Equal(t, 1, s.sim.Counters(small).LoginsOK)
	for _, p := range []string{path, other} {
		require.Equal(t, "success", s.finishedRuns(token, p, 1)[0]["outcome"])
	}
}

// The gap between two automatic logins is kept also when the portal throws us out at once.
func TestLoginGap(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{}, "FOSSAWORK_LOGIN_GAP=4s")
	token, path := s.firstRun(small)
	s.sim.ExpireSessions(small)
	s.run(token, path, nil)
	s.sim.ExpireSessions(small)
	require.Equal(t, "success", s.run(token, path, nil)["outcome"])
	var last time.Time
	logins := 0
	for _, entry := range s.sim.Log() {
		if entry.Page != portalsim.PageLogin || entry.Method != http.MethodPost {
			continue
		}
		if !last.IsZero() {
			require.GreaterOrEqual(t, entry.At.Sub(last), 4*time.Second-100*time.Millisecond)
		}
		last = entry.At
		logins++
	}
	require.Equal(t, 3, logins)
}

// A rejected password holds all schedules of its user, is sent once, and a verified new one resumes them by itself.
func TestHeldCredentials(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{}, "FOSSAWORK_MIN_INTERVAL=2s")
	token := s.signIn(small, password)
	path, _ := s.createSchedule(token, object{"schedule_type": "work_orders", "interval_hours": 3.0 / 3600})
	s.finishedRuns(token, path, 1)
	require.NoError(t, s.sim.SetPassword(small, "another-password"))
	s.sim.ExpireSessions(small)
	s.sim.ResetCounters()
	s.eventually(token, path, func(schedule object) bool { return schedule["held"] == "held_credentials" })
	require.Eventually(t, func() bool {
		return s.rows(t, `SELECT count(*) FROM scraping_history WHERE outcome = 'held_credentials'`) >= 2
	},
		patience, tick, "later slots are accounted for")
	require.Equal(t, 1, s.sim.Counters(small).LoginsRejected, "sent once, ever")

	credentials := "/api/v1/credentials/workfossa?user_id=" + s.me(token)
	var answer object
	require.Equal(t, http.StatusBadRequest, s.call(token, http.MethodPost, credentials, object{"username": small, "password": "still-wrong"}, &answer), "%v", answer)
	require.NotContains(t, fmt.Sprint(answer), "still-wrong")
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, credentials, object{"username": small, "password": "another-password"}, &answer), "%v", answer)
	s.eventually(token, path, func(schedule object) bool { return schedule["held"] == nil })
	require.Eventually(t, func() bool { return s.history(token, path)[0]["outcome"] == "success" }, patience, tick, "resumed by itself")
	s.noSecret("another-password")
}

// rows is the answer of a counting statement.
func (s *stack) rows(t *testing.T, sql string) int {
	t.Helper()
	connection := s.connect()
	defer func() { _ = connection.Close(t.Context()) }()
	var n int
	require.NoError(t, connection.QueryRow(t.Context(), sql).Scan(&n))
	return n
}

// What the portal asks for by Retry-After holds for every run with that login.
func TestRetryAfterIsAFloor(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token, path := s.firstRun(small)
	other, _ := s.createSchedule(token, object{"schedule_type": "work_orders", "name": "second", "enabled": false})
	s.sim.ResetCounters()
	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultHTTP429, Value: "17", Account: small, Page: portalsim.PageList, Next: 1}))
	var started object
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", nil, &started), "%v", started)
	require.Eventually(t, func() bool { return s.sim.Counters(small).Faults[portalsim.FaultHTTP429] == 1 }, patience, tick)
	require.Eventually(t, func() bool {
		return s.rows(t, `SELECT count(*) FROM user_credentials WHERE paused_until > now()`) == 1
	}, patience, tick)
	require.Equal(t, "success", s.run(token, other, nil)["outcome"])
	require.Equal(t, "success", s.ended(token, started["run_id"])["outcome"])
	var refused time.Time
	for _, entry := range s.sim.Log() {
		switch {
		case entry.Status == http.StatusTooManyRequests:
			refused = entry.At
		case !refused.IsZero() && entry.Account == small && entry.At.Sub(refused) > time.Second: // what the page had asked for already
			require.GreaterOrEqual(t, entry.At.Sub(refused), 17*time.Second)
			return
		}
	}
	require.Fail(t, "nobody came back")
}

// One tab, one user with a thousand orders at three hundred sites, and another with ten orders who comes later.
func TestOneUsersThousandDoNotDelayAnothersTen(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{}, "FOSSAWORK_BROWSER_TABS=1")
	const busy, other = "busy@example.com", "user001@example.com"
	busyToken, _ := s.firstRun(busy)
	otherToken, otherPath := s.firstRun(other)
	var all []string
	for n := range 4 { // more than there are tabs
		path, _ := s.createSchedule(busyToken, object{"schedule_type": "dispensers", "name": fmt.Sprint(n), "interval_hours": 24, "enabled": false})
		var started object
		require.Equal(t, http.StatusOK, s.call(busyToken, http.MethodPost, path+"/run", object{"force": true}, &started), "%v", started)
		all = append(all, path)
	}
	require.Eventually(t, func() bool { return s.sim.Counters(busy).Documents[portalsim.PageLocation] > 5 }, patience, tick)
	before := s.sim.Counters(busy).Documents[portalsim.PageLocation]
	require.Equal(t, "success", s.run(otherToken, otherPath, nil)["outcome"])
	between := s.sim.Counters(busy).Documents[portalsim.PageLocation] - before
	t.Logf("while the other user's run was waiting and running, the busy one opened %d sites", between)
	require.LessOrEqual(t, between, 2*25, "at most the batch that was going, and the one that was dispatched already")
	for _, path := range all {
		rows := s.history(busyToken, path)
		require.Nil(t, rows[0]["completed_at"], "the thousand are not done yet")
	}
}

// Cancel through the API: recorded with who asked, within two seconds, at whatever step.
func TestCancel(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token, path := s.firstRun(small)
	for name, fault := range map[string]portalsim.Fault{
		"while a page loads":             {Name: portalsim.FaultHang, Page: portalsim.PageList, Target: portalsim.Document},
		"while a script waits":           {Name: portalsim.FaultHang, Page: portalsim.PageList, Target: portalsim.Data},
		"while waiting for the next try": {Name: portalsim.FaultHTTP500, Page: portalsim.PageList},
		"while signing in":               {Name: portalsim.FaultHang, Page: portalsim.PageLogin},
	} {
		if strings.Contains(name, "signing") {
			s.sim.ExpireSessions(small)
		}
		require.NoError(t, s.sim.SetFault(fault), name)
		s.sim.ResetCounters()
		var started, cancelled object
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", nil, &started), "%v", started)
		require.Eventually(t, func() bool { return s.sim.Counters("").Faults[fault.Name] > 0 }, patience, tick, name)
		asked := time.Now()
		status := s.call(token, http.MethodPost, fmt.Sprintf("/api/runs/%v/cancel", started["run_id"]), nil, &cancelled)
		require.Contains(t, []int{http.StatusOK, http.StatusAccepted}, status, "%v", cancelled)
		run := s.ended(token, started["run_id"])
		t.Logf("%s: ended %s after it was asked for", name, time.Since(asked).Round(time.Millisecond))
		require.Equal(t, "cancelled", run["outcome"], "%s: %v", name, run)
		require.Contains(t, run["error_message"], small, name)
		s.sim.ClearFaults(portalsim.Fault{})
	}
	require.Equal(t, "success", s.run(token, path, nil)["outcome"])
	require.Equal(t, http.StatusConflict, s.call(token, http.MethodPost, fmt.Sprintf("/api/runs/%v/cancel", s.history(token, path)[0]["id"]), nil, nil))
}
