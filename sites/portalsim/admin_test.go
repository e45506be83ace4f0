package portalsim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

// admin sends a request to the control API and decodes the answer into T.
func admin[T any](t *testing.T, base, method, path, body string, status int) (answer T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, base+"/_sim"+path, strings.NewReader(body))
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, status, res.StatusCode, path)
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	return answer
}

type anything = map[string]any

func TestAdmin(t *testing.T) {
	t.Parallel()
	const small = "small@example.com"
	sim, base := start(t, portalsim.Config{Admin: true})
	before := orders(t, sim, small)
	path := "/accounts/" + small

	index := admin[anything](t, base, "GET", "/", "", 200)
	require.Len(t, index["faults"], len(portalsim.FaultNames()))
	require.Len(t, admin[[]portalsim.AccountInfo](t, base, "GET", "/accounts", "", 200), 7)
	require.Len(t, admin[[]portalsim.Order](t, base, "GET", path+"/orders?open=1", "", 200), 7)
	require.Len(t, admin[[]portalsim.Order](t, base, "GET", path+"/orders", "", 200), 9)
	require.Len(t, admin[[]portalsim.Location](t, base, "GET", path+"/locations", "", 200), 6)

	added := admin[[]portalsim.Order](t, base, "POST", path+"/orders", `{"count": 2, "orders": [{"visit_date": "2030-02-03"}]}`, 200)
	require.Len(t, added, 3)
	require.Equal(t, "2030-02-03", added[0].VisitDate)
	number := added[0].Number
	changed := admin[portalsim.Order](t, base, "PATCH", fmt.Sprintf("%s/orders/%d", path, number), `{"visit_date": "2030-02-04"}`, 200)
	require.Equal(t, "2030-02-04", changed.VisitDate)
	admin[anything](t, base, "POST", path+"/orders/swap-dates", fmt.Sprintf(`{"first": %d, "second": %d}`, number, before[0].Number), 200)
	require.Equal(t, "2030-02-04", find(t, orders(t, sim, small), before[0].Number).VisitDate)
	admin[anything](t, base, "POST", fmt.Sprintf("%s/orders/%d/complete", path, number), "", 200)
	admin[anything](t, base, "DELETE", fmt.Sprintf("%s/orders/%d", path, number), "", 200)
	admin[anything](t, base, "DELETE", path+"/orders?count=4", "", 200)
	require.Len(t, orders(t, sim, small), 5)
	stores, err := sim.Locations(small)
	require.NoError(t, err)
	admin[anything](t, base, "PATCH", fmt.Sprintf("%s/locations/%d", path, stores[0].LocationID), `{"state": "deleted"}`, 200)

	info := admin[portalsim.AccountInfo](t, base, "PATCH", path, `{"password": "other", "locked": true}`, 200)
	require.True(t, info.Locked)
	admin[anything](t, base, "PATCH", path, `{"locked": false}`, 200)
	v := newVisitor(t, base)
	v.login(small, portalsim.DemoPassword)
	require.True(t, v.seesLogin())
	v.login(small, "other")
	require.True(t, v.signedIn())
	require.InDelta(t, 1, admin[anything](t, base, "POST", "/sessions/expire", `{"account": "small@example.com"}`, 200)["expired"], 0)

	faults := admin[[]portalsim.Fault](t, base, "POST", "/faults", `{"name": "http-429", "value": "5", "page": "list", "next": 3}`, 200)
	require.Len(t, faults, 1)
	require.Equal(t, faults, admin[[]portalsim.Fault](t, base, "GET", "/faults", "", 200))
	require.InDelta(t, 1, admin[anything](t, base, "DELETE", "/faults?name=http-429", "", 200)["cleared"], 0)

	require.Equal(t, 1, admin[portalsim.Counters](t, base, "GET", "/counters?account="+small, "", 200).LoginsOK)
	require.Contains(t, admin[anything](t, base, "GET", "/counters", "", 200)["accounts"], small)
	require.Len(t, admin[[]portalsim.LogEntry](t, base, "GET", "/log?account="+small+"&limit=2", "", 200), 2)
	admin[anything](t, base, "DELETE", "/counters", "", 200)
	require.Zero(t, sim.Counters(small).LoginsOK)

	admin[anything](t, base, "POST", "/reset", "", 200)
	require.Equal(t, before, orders(t, sim, small))
	require.True(t, signIn(t, base, small).signedIn())
}

func TestAdminRefuses(t *testing.T) {
	t.Parallel()
	sim, base := start(t, portalsim.Config{Admin: true})
	for path, status := range map[string]int{
		"/accounts/nobody@example.com":           404,
		"/accounts/nobody@example.com/orders":    404,
		"/accounts/nobody@example.com/locations": 404,
		"/log?limit=x":                           422,
	} {
		require.NotEmpty(t, admin[anything](t, base, "GET", path, "", status)["error"], path)
	}
	for path, body := range map[string]string{
		"/faults":                            `{"name": "nonsense"}`,
		"/accounts/tech@example.com/orders":  `{"cuont": 3}`,
		"/accounts/small@example.com/orders": `{}`,
		"/accounts/empty@example.com/orders": `{"count": 100000}`,
	} {
		require.NotEmpty(t, admin[anything](t, base, "POST", path, body, 422)["error"], path)
	}
	admin[anything](t, base, "PATCH", "/accounts/tech@example.com/orders/1", `{}`, 404)

	call := func(h http.Handler, from string, header http.Header) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/_sim/reset", nil)
		r.RemoteAddr = from
		r.Header = header
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	require.Equal(t, 200, call(sim.Handler(), "127.0.0.1:1", http.Header{}))
	require.Equal(t, 200, call(sim.Handler(), "[::1]:1", http.Header{}))
	require.Equal(t, 403, call(sim.Handler(), "192.0.2.7:1", http.Header{}))
	require.Equal(t, 403, call(sim.Handler(), "127.0.0.1:1", http.Header{"Sec-Fetch-Site": {"cross-site"}}))
	off, err := portalsim.New(portalsim.Config{})
	require.NoError(t, err)
	require.Equal(t, 404, call(off.Handler(), "127.0.0.1:1", http.Header{}))
}
