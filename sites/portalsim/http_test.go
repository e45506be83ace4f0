package portalsim_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

const listPath = "/app/work/list?work_visit_completion=none%7C%7CNo%20visits%20completed%7C%7CWork%20Visits%20Completed&order_direction=asc"

// start serves a portal for the time of the test.
func start(t *testing.T, cfg portalsim.Config) (*portalsim.Server, string) {
	t.Helper()
	sim, err := portalsim.New(cfg)
	require.NoError(t, err)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		sim.Close()
		server.CloseClientConnections()
		server.Close()
	})
	return sim, server.URL
}

// visitor is a browser without script.
type visitor struct {
	t    *testing.T
	base string
	http *http.Client
	// page is the last document.
	page *goquery.Document
}

func newVisitor(t *testing.T, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &visitor{t: t, base: base, http: &http.Client{Jar: jar, Transport: transport}}
}

// reply is what a test wants to know about an answer.
type reply struct {
	StatusCode int
	Header     http.Header
	Path       string // after redirects
	Cookies    []*http.Cookie
}

// try sends a request and returns the answer and its body.
func (v *visitor) try(method, path string, form url.Values, header http.Header) (reply, string, error) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, strings.NewReader(form.Encode()))
	require.NoError(v.t, err)
	if header != nil {
		r.Header = header
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.http.Do(r)
	if err != nil {
		return reply{}, "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, res.Request.URL.Path, res.Cookies()}, string(body), err
}

func (v *visitor) get(path string) (reply, string) {
	v.t.Helper()
	res, body, err := v.try(http.MethodGet, path, nil, nil)
	require.NoError(v.t, err)
	v.read(body)
	return res, body
}

func (v *visitor) read(body string) {
	v.t.Helper()
	var err error
	v.page, err = goquery.NewDocumentFromReader(strings.NewReader(body))
	require.NoError(v.t, err)
}

// login opens the form and sends it.
func (v *visitor) login(email, password string) reply {
	v.t.Helper()
	v.get("/")
	token, _ := v.page.Find(`form[name=login] input[name=_token]`).Attr("value")
	res, body, err := v.try(http.MethodPost, "/login", url.Values{"_token": {token}, "email": {email}, "password": {password}}, nil)
	require.NoError(v.t, err)
	v.read(body)
	return res
}

func (v *visitor) signedIn() bool { return v.page.Find(`#app[data-page]`).Length() == 1 }

func (v *visitor) seesLogin() bool {
	return v.page.Find(`body#home form[name=login]`).Length() == 1
}

// boot is what the script of the last document would start from.
func (v *visitor) boot() (state struct {
	User, Data, Build string
	Quirks            map[string]any
	Layout            struct {
		Rename [][2]string
		Drop   []string
	}
},
) {
	v.t.Helper()
	text, err := base64.StdEncoding.DecodeString(v.page.Find("#app").AttrOr("data-page", ""))
	require.NoError(v.t, err)
	require.NoError(v.t, json.Unmarshal(text, &state))
	return state
}

// list is the data request of a list page.
func (v *visitor) list(query string) (total *int, numbers []int, status int) {
	v.t.Helper()
	res, body := v.data("list?work_visit_completion=none" + query)
	var answer struct {
		Body struct {
			Total *int
			Rows  []struct{ Number int }
		}
	}
	require.NoError(v.t, json.Unmarshal([]byte(body), &answer), body)
	for _, r := range answer.Body.Rows {
		numbers = append(numbers, r.Number)
	}
	return answer.Body.Total, numbers, res.StatusCode
}

// data is a request as the script of the last document sends it.
func (v *visitor) data(path string) (reply, string) {
	v.t.Helper()
	header := http.Header{"X-Csrf-Token": {v.page.Find(`meta[name="csrf-token"]`).AttrOr("content", "")}}
	res, body, err := v.try(http.MethodGet, v.boot().Data+path, nil, header)
	require.NoError(v.t, err)
	return res, body
}

func signIn(t *testing.T, base, email string) *visitor {
	t.Helper()
	v := newVisitor(t, base)
	v.login(email, portalsim.DemoPassword)
	require.True(t, v.signedIn())
	return v
}

func TestLoginForm(t *testing.T) {
	t.Parallel()
	_, base := start(t, portalsim.Config{})
	v := newVisitor(t, base)
	res, _ := v.get("/")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Len(t, res.Cookies, 1)
	require.True(t, res.Cookies[0].HttpOnly)

	require.Equal(t, "Work Fossa", v.page.Find("title").Text())
	form := v.page.Find(`body#home .panel-body > form.login-form[name=login][method=post]`)
	require.Equal(t, 1, form.Length())
	require.Equal(t, base+"/login", form.AttrOr("action", ""))
	require.Equal(t, 1, form.Find(`input[type=email][name=email][placeholder="Your Email"]`).Length())
	require.Equal(t, 1, form.Find(`input[type=password][name=password][placeholder="Your Password"]`).Length())
	require.Equal(t, 1, form.Find(`input[type=checkbox][name=remember][checked]`).Length())
	require.Equal(t, 1, form.Find(`input[type=submit].button`).Length())
	require.Equal(t, 2, v.page.Find(`a[href="/sso"]`).Length())
	require.Zero(t, v.page.Find(`button[type=submit], .error-msg`).Length())
}

func TestLogin(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		email, password string
		text            string // of the answer; empty means signed in
		form            bool   // the answer is the login form again
	}{
		"right":          {"tech@example.com", "demo-password", "", false},
		"capitals":       {" Tech@Example.com ", "demo-password", "", false},
		"family":         {"user500@example.com", "demo-password", "", false},
		"wrong password": {"tech@example.com", "guess", "credentials do not match", true},
		"no such user":   {"nobody@example.com", "demo-password", "credentials do not match", true},
		"beyond family":  {"user501@example.com", "demo-password", "credentials do not match", true},
		"short family":   {"user1@example.com", "demo-password", "credentials do not match", true},
		"locked":         {"locked@example.com", "demo-password", "has been locked", false},
		"sso":            {"sso@example.com", "demo-password", "single sign-on", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, base := start(t, portalsim.Config{})
			v := newVisitor(t, base)
			res := v.login(c.email, c.password)
			require.Equal(t, http.StatusOK, res.StatusCode)
			require.Equal(t, c.text == "", v.signedIn())
			require.Equal(t, c.form, v.seesLogin())
			counters := sim.Counters("")
			if c.text == "" {
				require.Equal(t, "/app/dashboard/", res.Path)
				require.Equal(t, 1, counters.LoginsOK)
				require.Equal(t, 1, counters.Sessions)
				return
			}
			require.Contains(t, v.page.Text(), c.text)
			require.Equal(t, c.form, v.page.Find("div.error-msg").Length() == 1)
			require.Equal(t, 1, counters.LoginsRejected)
			require.Zero(t, counters.LoginsOK)
		})
	}
}

func TestLoginNeedsTheTokenOfTheForm(t *testing.T) {
	t.Parallel()
	sim, base := start(t, portalsim.Config{})
	for _, token := range []string{"", "0123456789abcdef0123456789abcdef01234567"} {
		v := newVisitor(t, base)
		v.get("/")
		form := url.Values{"_token": {token}, "email": {"tech@example.com"}, "password": {"demo-password"}}
		res, body, err := v.try(http.MethodPost, "/login", form, nil)
		require.NoError(t, err)
		require.Equal(t, 419, res.StatusCode)
		require.Contains(t, body, "Page Expired")
	}
	// A token is worth nothing with the cookie of somebody else.
	v, w := newVisitor(t, base), newVisitor(t, base)
	v.get("/")
	w.get("/")
	token, _ := v.page.Find(`input[name=_token]`).Attr("value")
	res, _, err := w.try(http.MethodPost, "/login", url.Values{"_token": {token}, "email": {"tech@example.com"}, "password": {"demo-password"}}, nil)
	require.NoError(t, err)
	require.Equal(t, 419, res.StatusCode)
	require.Zero(t, sim.Counters("").LoginsOK)
}

func TestRememberedLoginsOutliveTheBrowser(t *testing.T) {
	t.Parallel()
	_, base := start(t, portalsim.Config{})
	for remember, lasting := range map[string]bool{"on": true, "": false} {
		v := newVisitor(t, base)
		v.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		v.get("/")
		token, _ := v.page.Find(`input[name=_token]`).Attr("value")
		before := cookieOf(v, base)
		res, _, err := v.try(http.MethodPost, "/login", url.Values{
			"_token": {token}, "email": {"tech@example.com"}, "password": {portalsim.DemoPassword}, "remember": {remember},
		}, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusFound, res.StatusCode)
		require.Len(t, res.Cookies, 1)
		require.Equal(t, lasting, res.Cookies[0].MaxAge > 0)
		require.NotEqual(t, before, res.Cookies[0].Value) // an id from before the login is worth nothing after it
	}
}

func TestLockAfterWrongPasswords(t *testing.T) {
	t.Parallel()
	sim, base := start(t, portalsim.Config{LockAfter: 2})
	v := newVisitor(t, base)
	v.login("tech@example.com", "guess")
	v.login("tech@example.com", "guess")
	v.login("tech@example.com", portalsim.DemoPassword)
	require.Contains(t, v.page.Text(), "Account Locked")
	require.NoError(t, sim.SetLocked("tech@example.com", false))
	v.login("tech@example.com", portalsim.DemoPassword)
	require.True(t, v.signedIn())
}

func TestSignedOutPages(t *testing.T) {
	t.Parallel()
	t.Run("form in place", func(t *testing.T) {
		t.Parallel()
		sim, base := start(t, portalsim.Config{})
		v := newVisitor(t, base)
		res, _ := v.get(listPath)
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.Equal(t, "/app/work/list", res.Path)
		require.True(t, v.seesLogin())
		require.Equal(t, 1, sim.Counters("").LoginFormViews)
	})
	t.Run("redirect", func(t *testing.T) {
		t.Parallel()
		_, base := start(t, portalsim.Config{RedirectLogin: true})
		v := newVisitor(t, base)
		res, _ := v.get(listPath)
		require.Equal(t, "/login", res.Path)
		require.True(t, v.seesLogin())
	})
}

func TestPlainHTTPSeesNoContent(t *testing.T) {
	t.Parallel()
	sim, base := start(t, portalsim.Config{})
	v := signIn(t, base, "small@example.com")
	orders, err := sim.Orders("small@example.com")
	require.NoError(t, err)
	paths := []string{listPath, "/app/dashboard/", "/app/work/list"}
	for _, o := range orders {
		paths = append(paths, fmt.Sprintf("/app/customers/locations/%d/", o.Place.LocationID))
	}
	for _, path := range paths {
		res, body := v.get(path)
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.True(t, v.signedIn(), path)
		require.Equal(t, "Work Fossa", v.page.Find("title").Text())
		require.Equal(t, 1, v.page.Find("body script[type=module]").Length())
		require.Empty(t, strings.TrimSpace(v.page.Find("#app").Text()))
		for _, o := range orders {
			// As a word: a random token may hold any four digits.
			for _, digits := range []string{fmt.Sprint(o.Number), o.Place.Store} {
				require.NotRegexp(t, `(^|[^0-9A-Za-z+/=_-])`+digits+`([^0-9A-Za-z+/=_-]|$)`, body)
			}
			require.NotContains(t, body, o.Place.Customer)
		}
	}
}

func TestDataNeedsSessionAndToken(t *testing.T) {
	t.Parallel()
	sim, base := start(t, portalsim.Config{})
	v := signIn(t, base, "small@example.com")
	private := v.boot().Data + "list"

	res, _, err := newVisitor(t, base).try(http.MethodGet, private, nil, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, res.StatusCode)
	res, _, err = v.try(http.MethodGet, private, nil, nil)
	require.NoError(t, err)
	require.Equal(t, 419, res.StatusCode)
	_, numbers, status := v.list("")
	require.Equal(t, http.StatusOK, status)
	require.Len(t, numbers, 7)

	// Nobody can know the address from another process, or from the documentation.
	_, other := start(t, portalsim.Config{})
	require.NotEqual(t, v.boot().Data, signIn(t, other, "small@example.com").boot().Data)
	sim.ExpireSessions("")
	res, _ = v.data("list")
	require.Equal(t, http.StatusUnauthorized, res.StatusCode)
}

func TestEveryPageAnswers(t *testing.T) {
	t.Parallel()
	_, base := start(t, portalsim.Config{})
	v := signIn(t, base, "small@example.com")
	for _, path := range []string{
		"/app/dashboard", "/app/work", "/app/work/", "/app/work/list/", "/app/work/visits", "/app/work/100001/",
		"/app/work/100001/visits/900001/", "/app/customers/", "/app/customers/70001/", "/app/customers/locations/71001",
		"/app/customers/locations/71001/equipment?location_id=71001&equipment_type_id=1", "/app/schedule/week", "/app/users/profile",
	} {
		res, _ := v.get(path)
		require.Equal(t, http.StatusOK, res.StatusCode, path)
		require.True(t, v.signedIn(), path)
	}
	for path, status := range map[string]int{"/sso": 200, "/passwords/reset": 200, "/healthz": 200, "/nowhere": 404} {
		res, _ := v.get(path)
		require.Equal(t, status, res.StatusCode, path)
	}
	res, _ := v.get("/login")
	require.Equal(t, "/app/dashboard/", res.Path)
	require.Equal(t, http.StatusOK, res.StatusCode)
	script, _ := v.page.Find("script[type=module]").Attr("src")
	res, _ = v.get(script)
	require.Contains(t, res.Header.Get("Content-Type"), "javascript")
}
