package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

const workOrdersPath = "/api/v1/work-orders"

// firstRun signs in and waits for the first collection of work orders.
func (s *stack) firstRun(email string) (token, path string) {
	s.t.Helper()
	token = s.signIn(email, password)
	path, _ = s.createSchedule(token, workOrders)
	require.Equal(s.t, "success", s.finishedRuns(token, path, 1)[0]["outcome"])
	return token, path
}

// run starts a run and waits for its end.
func (s *stack) run(token, path string, options any) object {
	s.t.Helper()
	var started object
	require.Equal(s.t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", options, &started), "%v", started)
	return s.ended(token, started["run_id"])
}

// ended waits for the end of a run.
func (s *stack) ended(token string, id any) object {
	s.t.Helper()
	var run object
	require.Eventually(s.t, func() bool {
		run = nil
		return s.get(token, fmt.Sprintf("/api/runs/%v", id), &run) == http.StatusOK && run["completed_at"] != nil
	}, patience, tick, "run %v", id)
	return run
}

func (s *stack) list(token, path, member string) []object {
	s.t.Helper()
	var answer map[string][]object
	status, text := s.raw(token, http.MethodGet, path, nil)
	require.Equal(s.t, http.StatusOK, status, text)
	if strings.HasPrefix(text, "[") {
		text = `{"` + member + `":` + text + `}`
	}
	require.NoError(s.t, decode(text, &answer))
	return answer[member]
}

// The dispensers at the sites of the work orders, the filters computed from both, and what happens when the portal shows something odd.
func TestDispensers(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	const small = "small@example.com"
	token, _ := s.firstRun(small)
	locations, err := s.sim.Locations(small)
	require.NoError(t, err)
	path, schedule := s.createSchedule(token, object{"schedule_type": "dispensers", "interval_hours": 24, "enabled": false})
	require.InDelta(t, 168, schedule["settings"].(object)["fresh_hours"], 0) //nolint:forcetypeassert // a failed assertion fails the test
	byLocation := map[string]portalsim.Location{}
	for _, location := range locations {
		byLocation[fmt.Sprint(location.LocationID)] = location
	}

	t.Run("all sites", func(t *testing.T) {
		run := s.run(token, path, nil)
		require.Equal(t, "success", run["outcome"], "%v", run)
		s.recordRun("dispensers", run)
		shown := 0
		for _, order := range s.workOrders(token) {
			place := byLocation[lastSegment(order["customer_url"])]
			cards := place.Dispensers()
			got := order["dispensers"].([]any) //nolint:forcetypeassert // a failed assertion fails the test
			require.Len(t, got, len(cards), "order %v", order["external_id"])
			for i, card := range cards {
				dispenser := got[i].(object) //nolint:forcetypeassert // as above
				require.Equal(t, card.Title, dispenser["title"])
				require.Equal(t, orNil(card.Serial), dispenser["serial_number"])
				require.Equal(t, orNil(card.Make), dispenser["make"])
			}
			shown += len(cards)
		}
		require.Positive(t, shown)
		require.Equal(t, 1, s.sim.Counters(small).LoginsOK, "the session is shared by all jobs")
		require.Zero(t, s.sim.Counters(small).Documents[portalsim.PageNewEquipment], "the trap was not touched")
		sites := s.list(token, fmt.Sprintf("/api/runs/%v/sites", run["id"]), "sites")
		require.Len(t, sites, len(locations))
		changes := s.list(token, fmt.Sprintf("/api/runs/%v/changes?limit=200", run["id"]), "changes")
		require.InDelta(t, run["items_added"], len(changes), 0)
	})
	t.Run("what is fresh is skipped", func(t *testing.T) {
		before := s.sim.Counters(small).Documents[portalsim.PageLocation]
		run := s.run(token, path, nil)
		require.Equal(t, "success", run["outcome"])
		require.Equal(t, before, s.sim.Counters(small).Documents[portalsim.PageLocation], "the portal is left alone")
		forced := s.run(token, path, object{"force": true})
		require.Equal(t, "success", forced["outcome"])
		require.Equal(t, before+len(locations), s.sim.Counters(small).Documents[portalsim.PageLocation])
		require.InDelta(t, 0, forced["items_added"], 0)
		require.InDelta(t, 0, forced["items_updated"], 0, "nothing has changed")
	})
	t.Run("the old page's routes", func(t *testing.T) {
		user := s.me(token)
		order := s.orderWithDispensers(token)
		single := fmt.Sprintf("%s/%v/scrape-dispensers", workOrdersPath, order["id"])
		var answer, progress object
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, single+"?user_id="+user, object{}, &answer))
		require.Equal(t, "skipped", answer["status"], "%v", answer)
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, single+"?force_refresh=true&user_id="+user, object{}, &answer))
		require.Equal(t, "scraping_started", answer["status"], "%v", answer)
		require.Eventually(t, func() bool {
			s.get(token, single+"/progress?user_id="+user, &progress)
			return progress["status"] == "completed"
		}, patience, tick, "%v", progress)

		batch := workOrdersPath + "/scrape-dispensers-batch?user_id=" + user
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, batch, nil, &answer))
		require.Equal(t, "all_skipped", answer["status"], "%v", answer)
		batch += "&force_refresh=true&work_order_ids=" + url.QueryEscape(fmt.Sprint(order["id"]))
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, batch, nil, &answer))
		require.Equal(t, "scraping_started", answer["status"], "%v", answer)
		require.InDelta(t, 1, answer["work_order_count"], 0)
		require.Eventually(t, func() bool {
			s.get(token, workOrdersPath+"/scrape-dispensers/progress/"+user, &progress)
			return progress["status"] == "completed"
		}, patience, tick, "%v", progress)
		require.InDelta(t, 1, progress["successful"], 0, "%v", progress)
	})
	t.Run("filters are computed without the portal", func(t *testing.T) {
		before := s.sim.Counters(small).Documents
		filters, _ := s.createSchedule(token, object{"schedule_type": "filters", "interval_hours": 24, "enabled": false})
		run := s.run(token, filters, nil)
		require.Contains(t, []any{"success", "partial"}, run["outcome"], "%v", run)
		require.Positive(t, run["items_added"])
		s.recordRun("filters", run)
		var result object
		require.Equal(t, http.StatusOK, s.get(token, "/api/v1/filters", &result))
		require.NotEmpty(t, result)
		require.Equal(t, before, s.sim.Counters(small).Documents)
		again := s.run(token, filters, nil)
		require.InDelta(t, 0, again["items_added"], 0)
		require.Equal(t, run["items_added"], again["items_unchanged"])
	})
	t.Run("a site that contradicts itself is held", func(t *testing.T) {
		order := s.orderWithDispensers(token)
		require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultCardMismatch}))
		run := s.run(token, path, object{"force": true, "work_order_ids": []any{order["id"]}})
		s.sim.ClearFaults(portalsim.Fault{})
		require.Equal(t, "held", run["outcome"], "%v", run)
		require.Equal(t, order["dispensers"], s.order(token, order["id"])["dispensers"], "what is stored stays")
		files := s.list(token, fmt.Sprintf("/api/runs/%v/evidence", run["id"]), "evidence")
		require.NotEmpty(t, files, "with a picture of the page")
		var decided object
		require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, fmt.Sprintf("%s/history/%v/accept", path, run["id"]), nil, &decided), "%v", decided)
		require.Equal(t, "success", decided["outcome"])
	})
	t.Run("deleted is remembered", func(t *testing.T) {
		order := s.orderWithDispensers(token)
		location := lastSegment(order["customer_url"])
		require.NoError(t, s.sim.SetLocation(small, byLocation[location].LocationID, portalsim.LocationDeleted, nil))
		one := object{"force": true, "work_order_ids": []any{order["id"]}}
		run := s.run(token, path, one)
		require.Equal(t, "success", run["outcome"], "%v", run)
		site := s.list(token, fmt.Sprintf("/api/runs/%v/sites", run["id"]), "sites")[0]
		require.Equal(t, "deleted", site["state"], "%v", site)
		require.Equal(t, order["dispensers"], s.order(token, order["id"])["dispensers"], "a mark takes nothing away")
		before := s.sim.Counters(small).Documents[portalsim.PageLocation]
		one["force"] = false
		s.run(token, path, one)
		require.Equal(t, before, s.sim.Counters(small).Documents[portalsim.PageLocation], "not tried again and again")
	})
}

// The portal signs us out again and again in the middle: each time one login, and no site is read twice but the one in flight.
func TestSessionDiesInTheMiddle(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token, _ := s.firstRun(tech)
	s.sim.ResetCounters()
	require.NoError(t, s.sim.SetFault(portalsim.Fault{Name: portalsim.FaultExpireLogin, Value: "60"}))
	path, _ := s.createSchedule(token, object{"schedule_type": "dispensers", "interval_hours": 24, "enabled": false})
	run := s.run(token, path, object{"force": true})
	require.Contains(t, []any{"success", "partial"}, run["outcome"], "%v", run)
	sites := s.list(token, fmt.Sprintf("/api/runs/%v/sites", run["id"]), "sites")
	counters := s.sim.Counters(tech)
	require.GreaterOrEqual(t, counters.LoginsOK, 2, "it did die")
	t.Logf("%d sites, %d logins, %d location pages", len(sites), counters.LoginsOK, counters.Documents[portalsim.PageLocation])
	twice := counters.Documents[portalsim.PageLocation] - len(sites)
	require.LessOrEqual(t, twice, 2*counters.LoginsOK, "only what was in flight is opened again")
}

// A worker dies in the middle of the sites: another goes on with the next one.
func TestKilledWorkerAmongSites(t *testing.T) {
	t.Parallel()
	s := prepare(t, portalsim.Config{})
	s.startAPI()
	first := s.startWorker()
	s.waitReady()
	token, _ := s.firstRun(tech)
	path, _ := s.createSchedule(token, object{"schedule_type": "dispensers", "interval_hours": 24, "enabled": false})
	s.sim.ResetCounters()
	var started object
	require.Equal(t, http.StatusOK, s.call(token, http.MethodPost, path+"/run", nil, &started), "%v", started)
	require.Eventually(t, func() bool { return s.sim.Counters(tech).Documents[portalsim.PageLocation] >= 10 }, patience, tick)
	first.Kill()
	<-first.Done()
	s.startWorker()
	run := s.ended(token, started["run_id"])
	require.Contains(t, []any{"success", "partial"}, run["outcome"], "%v", run)
	require.Len(t, s.history(token, path), 1)
	sites := s.list(token, fmt.Sprintf("/api/runs/%v/sites", run["id"]), "sites")
	counters := s.sim.Counters(tech)
	require.Zero(t, counters.LoginsOK, "the session outlives the worker")
	skipped := 0
	for _, site := range sites {
		require.NotEqual(t, "pending", site["state"])
		if site["state"] == "fresh" || site["state"] == "known" {
			skipped++
		}
	}
	// Odd pages (a store that is deleted, denied, or shows no group) are opened twice by the reader itself.
	require.LessOrEqual(t, counters.Documents[portalsim.PageLocation], len(sites)-skipped+1+oddSites(sites), "only the site in flight is opened again")
}

func oddSites(sites []object) int {
	odd := 0
	for _, site := range sites {
		if site["state"] != "stored" {
			odd++
		}
	}
	return odd
}

func (s *stack) me(token string) string {
	s.t.Helper()
	var me object
	require.Equal(s.t, http.StatusOK, s.get(token, "/api/auth/me", &me))
	return fmt.Sprint(me["id"])
}

func (s *stack) order(token string, id any) object {
	s.t.Helper()
	var order object
	require.Equal(s.t, http.StatusOK, s.get(token, fmt.Sprintf("%s/%v", workOrdersPath, id), &order))
	for _, d := range order["dispensers"].([]any) { //nolint:forcetypeassert // a failed assertion fails the test
		delete(d.(object), "created_at") //nolint:forcetypeassert // the detail has two members more than the list
		delete(d.(object), "updated_at") //nolint:forcetypeassert // as above
	}
	return order
}

// orderWithDispensers is an order whose site has dispensers and whose service asks for them.
func (s *stack) orderWithDispensers(token string) object {
	s.t.Helper()
	for _, order := range s.workOrders(token) {
		if d, _ := order["dispensers"].([]any); len(d) > 1 && order["service_code"] == "2861" {
			return s.order(token, order["id"])
		}
	}
	require.Fail(s.t, "no order with dispensers")
	return nil
}

func lastSegment(address any) string {
	text, _ := address.(string)
	parts := strings.Split(strings.Trim(text, "/"), "/")
	return parts[len(parts)-1]
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}
