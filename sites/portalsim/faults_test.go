package portalsim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

func TestParseFault(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]portalsim.Fault{
		"http-500":                           {Name: "http-500"},
		"http-500=0.05":                      {Name: "http-500", Rate: 0.05},
		"http-500@tech@example.com;next=2":   {Name: "http-500", Account: "tech@example.com", Next: 2},
		"http-429=7;page=list;target=data":   {Name: "http-429", Value: "7", Page: "list", Target: "data"},
		"latency=2s+1s;rate=0.5":             {Name: "latency", Value: "2s+1s", Rate: 0.5},
		"expire-login-after=30s":             {Name: "expire-login-after", Value: "30s"},
		"rename-class=a:b,c:d":               {Name: "rename-class", Value: "a:b,c:d"},
		"short-list@user007@example.com":     {Name: "short-list", Value: "3", Account: "user007@example.com"},
		"empty-list=unproved;page=list":      {Name: "empty-list", Value: "unproved", Page: "list"},
		"drop-element=.a>.b@sso@example.com": {Name: "drop-element", Value: ".a>.b", Account: "sso@example.com"},
	} {
		got, err := portalsim.ParseFault(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", "nonsense", "http-500=many", "http-500=500", "http-429=soon", "latency=-1s", "hang=x", "expire-login-after=0",
		"rename-class=abc", "empty-list=maybe", "http-500@nobody@example.com", "http-500;page=front", "http-500;target=x",
		"http-500;next=-1", "http-500;rate=2", "http-500;colour=red", "need-two-clicks=three", "short-list=0",
	} {
		_, err := portalsim.ParseFault(text)
		require.Error(t, err, text)
		_, err = portalsim.New(portalsim.Config{Faults: []portalsim.Fault{{Name: text}}})
		require.Error(t, err)
	}
}

func TestTransportFaults(t *testing.T) {
	t.Parallel()
	const tech = "tech@example.com"

	t.Run("500 for the next two", func(t *testing.T) {
		t.Parallel()
		sim, base := start(t, portalsim.Config{})
		v := signIn(t, base, tech)
		require.NoError(t, sim.SetFault(portalsim.Fault{Name: "http-500", Account: tech, Page: "list", Next: 2}))
		res, _ := v.get("/app/dashboard/")
		require.Equal(t, http.StatusOK, res.StatusCode)
		for _, want := range []int{500, 500, 200} {
			res, _ := v.get(listPath)
			require.Equal(t, want, res.StatusCode)
		}
		require.Empty(t, sim.Faults())
		require.Equal(t, map[string]int{"http-500": 2}, sim.Counters(tech).Faults)
		require.Equal(t, 3, sim.Counters(tech).Documents[portalsim.PageList])
	})
	t.Run("one account only", func(t *testing.T) {
		t.Parallel()
		_, base := start(t, portalsim.Config{Faults: []portalsim.Fault{{Name: "http-429", Value: "17", Account: tech, Target: "data"}}})
		v, other := signIn(t, base, tech), signIn(t, base, "small@example.com")
		res, _ := v.get(listPath)
		require.Equal(t, http.StatusOK, res.StatusCode)
		res, _ = v.data("list")
		require.Equal(t, http.StatusTooManyRequests, res.StatusCode)
		require.Equal(t, "17", res.Header.Get("Retry-After"))
		res, _ = other.data("list")
		require.Equal(t, http.StatusOK, res.StatusCode)
	})
	t.Run("reset", func(t *testing.T) {
		t.Parallel()
		sim, base := start(t, portalsim.Config{})
		v := signIn(t, base, tech)
		require.NoError(t, sim.SetFault(portalsim.Fault{Name: "connection-reset", Page: "list"}))
		_, _, err := v.try(http.MethodGet, listPath, nil, nil)
		require.Error(t, err)
		require.Eventually(t, func() bool {
			log := sim.Log()
			last := log[len(log)-1]
			return last.Note == "connection-reset" && last.Status == 0
		}, 5*time.Second, time.Millisecond)
	})
	t.Run("hang until the portal closes", func(t *testing.T) {
		t.Parallel()
		sim, base := start(t, portalsim.Config{})
		v := signIn(t, base, tech)
		require.NoError(t, sim.SetFault(portalsim.Fault{Name: "hang", Page: "list"}))
		var done sync.WaitGroup
		done.Go(func() { _, _, _ = v.try(http.MethodGet, listPath, nil, nil) })
		require.Eventually(t, func() bool { return sim.Counters(tech).Faults["hang"] == 1 }, time.Minute, time.Millisecond)
		sim.Close()
		done.Wait()
	})
	t.Run("latency", func(t *testing.T) {
		t.Parallel()
		sim, base := start(t, portalsim.Config{})
		v := signIn(t, base, tech)
		require.NoError(t, sim.SetFault(portalsim.Fault{Name: "latency", Value: "30ms+10ms", Page: "list", Target: "document"}))
		began := time.Now()
		v.get(listPath)
		require.GreaterOrEqual(t, time.Since(began), 30*time.Millisecond)
	})
	t.Run("rates repeat with the seed", func(t *testing.T) {
		t.Parallel()
		statuses := func() (list []int) {
			_, base := start(t, portalsim.Config{Seed: 3, Faults: []portalsim.Fault{{Name: "http-500", Page: "list", Rate: 0.5}}})
			v := signIn(t, base, tech)
			for range 40 {
				res, _ := v.get(listPath)
				list = append(list, res.StatusCode)
			}
			return list
		}
		first := statuses()
		require.Contains(t, first, 200)
		require.Contains(t, first, 500)
		require.Equal(t, first, statuses())
	})
	t.Run("reset without a connection to take over", func(t *testing.T) {
		t.Parallel()
		sim, err := portalsim.New(portalsim.Config{Faults: []portalsim.Fault{{Name: "connection-reset"}}})
		require.NoError(t, err)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		require.Panics(t, func() { sim.Handler().ServeHTTP(httptest.NewRecorder(), r) })
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	const tech = "tech@example.com"

	t.Run("after a number of requests", func(t *testing.T) {
		t.Parallel()
		sim, base := start(t, portalsim.Config{Faults: []portalsim.Fault{{Name: "expire-login-after", Value: "3", Next: 1}}})
		v := signIn(t, base, tech) // the dashboard is the first request
		for _, want := range []bool{true, true, false, false} {
			res, _ := v.get(listPath)
			require.Equal(t, want, v.signedIn())
			require.Equal(t, "/app/work/list", res.Path)
		}
		require.True(t, v.seesLogin())
		require.Equal(t, 1, sim.Counters(tech).LoginFormViews) // the moment of the loss; after that, a stranger asks

		v.login(tech, portalsim.DemoPassword)
		for range 5 {
			v.get(listPath)
			require.True(t, v.signedIn()) // only the first session was to die
		}
		require.Equal(t, 2, sim.Counters(tech).Sessions)
		require.Equal(t, 2, sim.Counters(tech).LoginsOK)
	})
	t.Run("with age", func(t *testing.T) {
		t.Parallel()
		var mu sync.Mutex
		now := time.Date(2030, 1, 15, 8, 0, 0, 0, time.UTC)
		clock := func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		}
		advance := func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(d)
		}
		sim, base := start(t, portalsim.Config{Now: clock, SessionLifetime: time.Hour})
		v := signIn(t, base, tech)
		advance(59 * time.Minute)
		v.get(listPath)
		require.True(t, v.signedIn())
		advance(time.Minute)
		v.get(listPath)
		require.True(t, v.seesLogin())

		v.login(tech, portalsim.DemoPassword)
		require.NoError(t, sim.SetFault(portalsim.Fault{Name: "expire-login-after", Value: "30s"}))
		advance(29 * time.Second)
		v.get(listPath)
		require.True(t, v.signedIn())
		advance(time.Second)
		v.get(listPath)
		require.True(t, v.seesLogin())
	})
	t.Run("on demand and on logout", func(t *testing.T) {
		t.Parallel()
		sim, base := start(t, portalsim.Config{})
		v, other := signIn(t, base, tech), signIn(t, base, "small@example.com")
		require.Equal(t, 1, sim.ExpireSessions(tech))
		v.get(listPath)
		require.True(t, v.seesLogin())
		other.get(listPath)
		require.True(t, other.signedIn())

		token := other.page.Find(`meta[name="csrf-token"]`).AttrOr("content", "")
		_, _, err := other.try(http.MethodPost, "/logout", nil, http.Header{"X-Csrf-Token": {token}})
		require.NoError(t, err)
		other.get(listPath)
		require.True(t, other.seesLogin())
	})
}

func TestLoginFaults(t *testing.T) {
	t.Parallel()
	sim, base := start(t, portalsim.Config{})
	require.NoError(t, sim.SetFault(portalsim.Fault{Name: "reject-password", Account: "tech@example.com", Next: 1}))
	v := newVisitor(t, base)
	v.login("tech@example.com", portalsim.DemoPassword)
	require.Equal(t, 1, v.page.Find(".error-msg").Length())
	v.login("tech@example.com", portalsim.DemoPassword)
	require.True(t, v.signedIn())
	require.Equal(t, 1, sim.Counters("tech@example.com").LoginsRejected)

	require.NoError(t, sim.SetFault(portalsim.Fault{Name: "redirect-login"}))
	res, _ := newVisitor(t, base).get(listPath)
	require.Equal(t, "/login", res.Path)
}

func TestListFaults(t *testing.T) {
	t.Parallel()
	const tech = "tech@example.com"
	sim, base := start(t, portalsim.Config{})
	v := signIn(t, base, tech)
	once := func(name, value string) {
		require.NoError(t, sim.SetFault(portalsim.Fault{Name: name, Value: value, Next: 1}))
	}

	once("empty-list", "proved")
	total, numbers, _ := v.list("")
	require.Equal(t, 0, *total)
	require.Empty(t, numbers)

	once("short-list", "4")
	total, numbers, _ = v.list("&limit=50")
	require.Equal(t, 120, *total)
	require.Len(t, numbers, 46)

	_, first, _ := v.list("&limit=100")
	once("list-changes-while-paging", "add")
	total, second, _ := v.list("&limit=100&page=2")
	require.Equal(t, 121, *total)
	require.Len(t, second, 21)
	require.Equal(t, first[99], second[0]) // pushed onto the page that is read next

	_, first, _ = v.list("&limit=100")
	once("list-changes-while-paging", "remove")
	total, second, _ = v.list("&limit=100&page=2")
	require.Equal(t, 120, *total)
	require.Len(t, second, 20)
	orders, err := sim.OpenOrders(tech)
	require.NoError(t, err)
	require.NotContains(t, append(first, second...), orders[99].Number) // missed by a reader of both pages
}

func TestPageFaultsReachTheBrowser(t *testing.T) {
	t.Parallel()
	sim, base := start(t, portalsim.Config{URLPaging: true})
	v := signIn(t, base, "changed@example.com")
	v.get(listPath)
	require.NotEmpty(t, v.boot().Layout.Rename)

	v = signIn(t, base, "tech@example.com")
	for _, name := range []string{"ignore-page-size", "need-two-clicks", "ignore-filter", "drop-element", "rename-class"} {
		require.NoError(t, sim.SetFault(portalsim.Fault{Name: name, Page: "list"}))
	}
	v.get("/app/dashboard/")
	require.Empty(t, v.boot().Layout.Drop)
	v.get(listPath)
	require.Equal(t, map[string]any{"url_paging": true, "ignore_size": true, "two_clicks": "pick", "ignore_filter": true}, v.boot().Quirks)
	require.Equal(t, []string{".paginator-wrapper"}, v.boot().Layout.Drop)
	require.Equal(t, [][2]string{{"work-list-item", "work-entry"}}, v.boot().Layout.Rename)
	require.Equal(t, 5, sim.ClearFaults(portalsim.Fault{Page: "list"}))
}

func TestUnreliable(t *testing.T) {
	t.Parallel()
	sim, _ := start(t, portalsim.Config{Unreliable: true})
	require.NotEmpty(t, sim.Faults())
	for _, f := range sim.Faults() {
		require.Positive(t, f.Rate)
		require.Less(t, f.Rate, 0.1)
	}
	calm, _ := start(t, portalsim.Config{})
	require.Empty(t, calm.Faults())
}

func TestCountersAndLog(t *testing.T) {
	t.Parallel()
	const tech = "tech@example.com"
	sim, base := start(t, portalsim.Config{})
	v := newVisitor(t, base)
	v.login(tech, "a-secret-guess")
	v.login("typed-a-secret@example.com", "a-secret-guess")
	v.login(tech, portalsim.DemoPassword)
	v.get(listPath)
	v.list("&page=2")
	v.list("&page=2")
	v.get("/login?password=a-secret-guess")
	id := cookieOf(v, base)

	c := sim.Counters(tech)
	require.Equal(t, 1, c.LoginsOK)
	require.Equal(t, 1, c.LoginsRejected)
	require.Equal(t, 2, sim.Counters("").LoginsRejected)
	require.Equal(t, map[portalsim.PageKind]int{"login": 3, "dashboard": 2, "list": 1}, c.Documents)
	require.Equal(t, map[portalsim.PageKind]int{"list": 2}, c.Data)
	require.Equal(t, map[int]int{2: 2}, c.ListPages)
	require.Equal(t, 1, c.MaxConcurrent)
	require.Zero(t, sim.Counters("small@example.com").Sessions)

	var log strings.Builder
	for _, e := range sim.Log() {
		log.WriteString(strings.Join([]string{e.Account, e.Path, e.Note, string(e.Page)}, " ") + "\n")
	}
	require.Contains(t, log.String(), tech+" "+listPath)
	require.NotContains(t, log.String(), "secret")
	require.NotContains(t, log.String(), id)

	sim.ResetCounters()
	require.Empty(t, sim.Log())
	require.Zero(t, sim.Counters(tech).LoginsOK)
}

func TestMaxConcurrent(t *testing.T) {
	t.Parallel()
	const tech = "tech@example.com"
	sim, base := start(t, portalsim.Config{})
	v := signIn(t, base, tech)
	require.NoError(t, sim.SetFault(portalsim.Fault{Name: "hang", Page: "list"}))
	var done sync.WaitGroup
	for range 3 {
		done.Go(func() { _, _, _ = v.try(http.MethodGet, listPath, nil, nil) })
	}
	require.Eventually(t, func() bool { return sim.Counters(tech).MaxConcurrent == 3 }, time.Minute, time.Millisecond)
	sim.Close()
	done.Wait()
}

func cookieOf(v *visitor, base string) string {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, base, nil)
	require.NoError(v.t, err)
	cookies := v.http.Jar.Cookies(r.URL)
	require.Len(v.t, cookies, 1)
	return cookies[0].Value
}
