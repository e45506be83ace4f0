package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// at is the time in these tests.
var at = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func testClient() *Client { return &Client{now: func() time.Time { return at }} }

func TestRefused(t *testing.T) {
	t.Parallel()
	c := testClient()
	for status, want := range map[int]scrape.Kind{
		200: "", 302: "", 401: scrape.KindSessionExpired, 403: scrape.KindPortalThrottled, 404: scrape.KindLayoutChanged,
		408: scrape.KindPortalDown, 419: scrape.KindSessionExpired, 429: scrape.KindPortalThrottled,
		500: scrape.KindPortalDown, 503: scrape.KindPortalDown,
	} {
		require.Equal(t, want, scrape.KindOf(c.refused(browser.Response{Status: status})), status)
	}
	require.Equal(t, scrape.KindPortalDown, scrape.KindOf(c.refused(browser.Response{Status: 200, Failure: "net::ERR_CONNECTION_RESET"})))
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, " 5 ": 5 * time.Second, "-3": 0, "soon": 0, "99999999999": longestRetryAfter,
		at.Add(time.Minute).Format(http.TimeFormat):  time.Minute,
		at.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		require.Equal(t, want, retryAfter(value, at), value)
	}
}

func TestTheWorstFailureDecides(t *testing.T) {
	t.Parallel()
	c := testClient()
	down, throttled, expired := browser.Response{Status: 500}, browser.Response{Status: 429}, browser.Response{Status: 401}
	require.NoError(t, c.worst(nil))
	require.Equal(t, scrape.KindPortalThrottled, scrape.KindOf(c.worst([]browser.Response{down, throttled, expired})))
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(c.worst([]browser.Response{down, expired, down})))
	require.Equal(t, scrape.KindPortalDown, scrape.KindOf(c.worst([]browser.Response{down})))
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	c := testClient()
	for want, errs := range map[scrape.Kind][]error{
		"": {nil},
		scrape.KindPortalDown: {
			fmt.Errorf("open: %w", browser.ErrDied), &browser.LoadError{Text: "net::ERR_NAME_NOT_RESOLVED"}, &browser.TimeoutError{},
			&browser.NotShownError{}, &browser.NotShownError{Failures: []browser.Response{{Status: 502}}},
		},
		scrape.KindPortalThrottled: {&browser.NotShownError{Failures: []browser.Response{{Status: 429}}}},
		scrape.KindUnavailable:     {browser.ErrClosed, &browser.StartError{Err: errors.New("no such file")}},
		scrape.KindLayoutChanged:   {layoutChanged("page", "thing", ".thing")},
		scrape.KindInternal:        {errors.New("ours")},
	} {
		for _, err := range errs {
			require.Equal(t, want, scrape.KindOf(c.translate(t.Context(), err)), err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, context.Canceled, c.translate(ended, browser.ErrDied))
}

func TestJudgeLogin(t *testing.T) {
	t.Parallel()
	const host = "portal.example"
	for name, tt := range map[string]struct {
		answer loginAnswer
		want   scrape.Kind
		wait   time.Duration
	}{
		"in":                    {loginAnswer{Shell: true, Texts: []string{"Your session was locked"}}, "", 0},
		"wrong, with a text":    {loginAnswer{Form: true, Passwords: 1, Path: "/login", Texts: []string{"These credentials do not match our records."}}, scrape.KindCredentialsRejected, 0},
		"wrong, with advice":    {loginAnswer{Form: true, Passwords: 1, Path: "/", Texts: []string{"Wrong password. Reset your password?"}}, scrape.KindCredentialsRejected, 0},
		"wrong, without a text": {loginAnswer{Form: true, Passwords: 1, Path: "/login"}, scrape.KindCredentialsRejected, 0},
		"locked, on the form":   {loginAnswer{Form: true, Passwords: 1, Texts: []string{"Your account is locked after too many attempts."}}, scrape.KindAccountLocked, 0},
		"locked, on a page":     {loginAnswer{Texts: []string{"This account has been disabled."}}, scrape.KindAccountLocked, 0},
		"too fast":              {loginAnswer{Form: true, Passwords: 1, Texts: []string{"Too many login attempts. Please try again in 60 seconds."}}, scrape.KindPortalThrottled, time.Minute},
		"much too fast":         {loginAnswer{Form: true, Passwords: 1, Texts: []string{"Too many attempts. Try again in 5 minutes."}}, scrape.KindPortalThrottled, 5 * time.Minute},
		"new password, form":    {loginAnswer{Form: true, Passwords: 2, Path: "/passwords/expired"}, scrape.KindAccountLocked, 0},
		"new password, text":    {loginAnswer{Texts: []string{"Your password has expired."}}, scrape.KindAccountLocked, 0},
		"trouble on the form":   {loginAnswer{Form: true, Passwords: 1, Texts: []string{"Something went wrong."}}, scrape.KindPortalDown, 0},
		"forgotten at once":     {loginAnswer{Form: true, Passwords: 1, Path: "/app/dashboard/"}, scrape.KindSessionExpired, 0},
		"elsewhere":             {loginAnswer{Host: "sso.example", Path: "/"}, scrape.KindAccountLocked, 0},
		"single sign-on":        {loginAnswer{Texts: []string{"Please use SSO."}}, scrape.KindAccountLocked, 0},
		"something else":        {loginAnswer{Path: "/welcome", Texts: []string{"Welcome to the new portal"}}, scrape.KindLayoutChanged, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.answer.Host == "" {
				tt.answer.Host = host
			}
			err := judgeLogin(tt.answer, host)
			require.Equal(t, tt.want, scrape.KindOf(err), "%v", err)
			if e := (*scrape.Error)(nil); errors.As(err, &e) {
				require.Equal(t, tt.wait, e.RetryAfter)
			}
		})
	}
}

func TestErrorAnswersToTheLogin(t *testing.T) {
	t.Parallel()
	c := testClient()
	for want, failure := range map[scrape.Kind]browser.Response{
		scrape.KindCredentialsRejected: {URL: "https://portal.example/login", Status: 401},
		scrape.KindSessionExpired:      {URL: "https://portal.example/app/data", Status: 401},
		scrape.KindPortalDown:          {URL: "https://portal.example/login", Status: 419},
		scrape.KindPortalThrottled:     {URL: "https://portal.example/login", Status: 429},
	} {
		require.Equal(t, want, scrape.KindOf(c.loginFailed([]browser.Response{failure})))
	}
}
