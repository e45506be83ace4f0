package portal_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portal"
	"github.com/fossawork/scheduler/sites/portalsim"
)

func TestOneVisitReadsEverything(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, quick)
	session := b.signIn(t, tech)
	ids := b.some(t, 2)
	list := func(ctx context.Context, visit jobs.Visit) (orders []string) {
		require.NoError(t, visit.WorkOrders(ctx, 1, func(_ context.Context, page scrape.ListPage) error {
			orders = append(orders, numbers([]scrape.ListPage{page})...)
			return nil
		}))
		return orders
	}
	after, err := b.Visit(t.Context(), session, func(ctx context.Context, visit jobs.Visit) error {
		require.Equal(t, b.truth(t, tech), list(ctx, visit))
		for _, id := range ids {
			result, err := visit.Location(ctx, id)
			require.NoError(t, err)
			require.True(t, result.Complete())
		}
		require.NoError(t, visit.WorkOrders(ctx, 1, func(ctx context.Context, _ scrape.ListPage) error {
			evidence, err := visit.Look(ctx) // in the middle
			require.NoError(t, err)
			require.Empty(t, evidence.Notes)
			require.Contains(t, evidence.DOM, "work-list-item")
			require.NotEmpty(t, evidence.Screenshot)
			require.Contains(t, evidence.URL, "order_direction=asc&limit=100")
			requireNoCookie(t, evidence, session)
			return nil
		}))
		require.Equal(t, b.truth(t, tech), list(ctx, visit), "also from the same address once more")
		html, err := visit.Page(ctx, jobs.PageRequest{Path: "/app/work/list?order_direction=desc", Ready: ".work-list-item", Element: "rows"})
		require.NoError(t, err)
		require.Contains(t, html, "work-list-item")
		return nil
	})
	require.NoError(t, err, b.log.String())
	require.Len(t, after.Cookies, len(session.Cookies))
	_, err = b.collect(t, after, 1)
	require.NoError(t, err, "the session of the tab goes on")
	require.Equal(t, 1, b.sim.Counters(tech).LoginsOK)
}

func requireNoCookie(t *testing.T, evidence scrape.Evidence, session scrape.Session) {
	t.Helper()
	text, err := json.Marshal(evidence)
	require.NoError(t, err)
	for _, cookie := range session.Cookies {
		require.NotContains(t, string(text), cookie.Value.Reveal(), cookie.Name)
	}
}

func TestAFailedVisitTellsItsSessionAndShowsThePage(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{ContentTimeout: 8 * time.Second})
	session := b.signIn(t, tech)

	ours := errors.New("ours")
	after, err := b.Visit(t.Context(), session, func(context.Context, jobs.Visit) error { return ours })
	require.Same(t, ours, err)
	require.Len(t, after.Cookies, len(session.Cookies))

	require.NoError(t, b.sim.SetFault(portalsim.Fault{Name: portalsim.FaultRenameClass, Value: "paginator-wrapper:pages"}))
	var inner *scrape.Evidence
	after, err = b.Visit(t.Context(), session, func(ctx context.Context, visit jobs.Visit) error {
		err := visit.WorkOrders(ctx, 1, nil)
		inner = requireEvidence(t, err)
		_, pageErr := visit.Page(ctx, jobs.PageRequest{Path: "/app/dashboard/", Ready: "#sidebar", Element: "sidebar"})
		require.NoError(t, pageErr)
		return err
	})
	require.Len(t, after.Cookies, len(session.Cookies))
	evidence := requireEvidence(t, err)
	require.Same(t, inner, evidence, "it is of the moment of the failure")
	require.Empty(t, evidence.Notes)
	require.Contains(t, evidence.URL, "/app/work/list?")
	require.Equal(t, &scrape.Missing{Page: "work-order list", Element: "pager", Selector: ".paginator-wrapper"}, errorOf(t, err).Missing)
	requireNoCookie(t, *evidence, session)

	_, err = b.Visit(t.Context(), session, func(context.Context, jobs.Visit) error {
		return scrape.Errorf(scrape.KindInternal, "Something of ours.")
	})
	require.NotEmpty(t, errorOf(t, err).Evidence.Screenshot, "an error of the work about nothing in particular, on a blank page")
	_, err = b.Visit(t.Context(), session, func(context.Context, jobs.Visit) error {
		return scrape.Errorf(scrape.KindUnavailable, "The database is away.")
	})
	require.Nil(t, errorOf(t, err).Evidence, "no page has to do with it")

	ctx, cancel := context.WithCancel(t.Context())
	after, err = b.Visit(ctx, session, func(ctx context.Context, visit jobs.Visit) error {
		cancel()
		_, err := visit.Look(ctx)
		require.Equal(t, context.Canceled, err)
		return scrape.Errorf(scrape.KindPortalDown, "Too late.")
	})
	require.Nil(t, errorOf(t, err).Evidence, "nobody waits for it")
	require.Len(t, after.Cookies, len(session.Cookies), "but the session is not lost")
}

func errorOf(t *testing.T, err error) *scrape.Error {
	t.Helper()
	var e *scrape.Error
	require.ErrorAs(t, err, &e)
	return e
}

func TestEvidenceOfASignInHoldsNoPassword(t *testing.T) {
	t.Parallel()
	const canary = "canary-pass+word&1"
	b := setup(t, portalsim.Config{}, portal.Config{LoginTimeout: patient})
	_, err := b.SignIn(t.Context(), scrape.Login{Username: tech, Password: scrape.NewSecret(canary)})
	require.Equal(t, scrape.KindCredentialsRejected, scrape.KindOf(err))
	evidence := requireEvidence(t, err)
	require.Empty(t, evidence.Notes)
	text, err := json.Marshal(evidence)
	require.NoError(t, err)
	require.NotContains(t, string(text), canary)
	require.NotContains(t, string(text), "word%261")
	require.Contains(t, evidence.DOM, `name="password"`)
	methods := map[string]bool{}
	for _, exchange := range evidence.Network {
		methods[exchange.Method] = true
	}
	require.True(t, methods[http.MethodPost], "from the beginning of the visit on")
}

func TestPagesOfOtherKinds(t *testing.T) {
	t.Parallel()
	pages := map[string]http.HandlerFunc{
		"/app/late":   html(`<div id=sidebar></div><div class=top-bar></div><p hidden class=here>no</p><script>setTimeout(() => document.querySelector('.here').hidden = false, 60)</script>`),
		"/app/bare":   html(`<div id=sidebar></div><div class=top-bar></div><div class=content>Nothing</div>`),
		"/app/form":   html(`<form name=login><input type=password></form><p class=here>x</p>`),
		"/app/broken": html(`<div id=sidebar></div><div class=top-bar></div><div class=content>Something went wrong.</div>`),
		"/app/data":   html(`<script>fetch('/app/down')</script>`),
		"/app/busy": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "9")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"/app/down": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	}
	mux := http.NewServeMux()
	for path, handler := range pages {
		mux.HandleFunc(path, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	client, err := portal.New(portal.Config{BaseURL: server.URL, ContentTimeout: 2 * time.Second}, aBrowser(t), nil)
	require.NoError(t, err)
	_, err = client.Visit(t.Context(), scrape.Session{}, func(ctx context.Context, visit jobs.Visit) error {
		for path, want := range map[string]scrape.Kind{
			"/app/late": "", "/app/bare": scrape.KindLayoutChanged, "/app/form": scrape.KindSessionExpired, "/app/broken": scrape.KindPortalDown,
			"/app/data": scrape.KindPortalDown, "/app/busy": scrape.KindPortalThrottled, "/app/down": scrape.KindPortalDown,
			"/app/none": scrape.KindLayoutChanged,
			"":          scrape.KindInvalid, "app/late": scrape.KindInvalid, "//x.example/": scrape.KindInvalid, "https://x.example/": scrape.KindInvalid,
		} {
			html, err := visit.Page(ctx, jobs.PageRequest{Path: path, Ready: ".here", Element: "word"})
			require.Equal(t, want, scrape.KindOf(err), "%s: %v", path, err)
			switch path {
			case "/app/late":
				require.Contains(t, html, ">no</p>")
				require.NotContains(t, html, "script")
			case "/app/bare":
				require.Equal(t, &scrape.Missing{Page: "page /app/bare", Element: "word", Selector: ".here"}, errorOf(t, err).Missing)
				require.Equal(t, "The page /app/bare has no word.", scrape.MessageOf(err))
			case "/app/busy":
				requireRetryAfter(t, err)
			}
			if want != "" && want != scrape.KindInvalid {
				require.NotNil(t, errorOf(t, err).Evidence, path)
			}
		}
		return nil
	})
	require.NoError(t, err)
}

func html(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><body>" + body))
	}
}

func TestThePortalRestsBetweenTwoLocations(t *testing.T) {
	t.Parallel()
	const rest = 400 * time.Millisecond
	b := setup(t, portalsim.Config{}, portal.Config{LocationPause: rest})
	ids := b.some(t, 2)
	_, err := b.Visit(t.Context(), b.signIn(t, tech), func(ctx context.Context, visit jobs.Visit) error {
		_, err := visit.Location(ctx, ids[0])
		require.NoError(t, err)
		read := time.Now()
		_, err = visit.Location(ctx, ids[1])
		require.NoError(t, err)
		require.Greater(t, time.Since(read), rest)
		return nil
	})
	require.NoError(t, err)
}
