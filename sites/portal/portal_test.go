package portal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
	"github.com/fossawork/scheduler/sites/portal"
	"github.com/fossawork/scheduler/sites/portalsim"
)

const (
	tech    = "tech@example.com"
	small   = "small@example.com"
	patient = time.Minute
)

// shared is the browser of this package's tests, so that they do not start one each.
var shared struct {
	once    sync.Once
	browser *browser.Browser
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.browser != nil {
		shared.browser.Close()
	}
	os.Exit(code)
}

func aBrowser(t testing.TB) *browser.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser; skipped with -short")
	}
	shared.once.Do(func() {
		cfg := browser.Config{ExecPath: os.Getenv("FOSSAWORK_CHROMIUM"), MaxTabs: 3, Grace: 300 * time.Millisecond}
		shared.browser, shared.err = browser.Start(context.WithoutCancel(t.Context()), cfg)
	})
	if shared.err != nil && os.Getenv("CI") != "true" {
		t.Skip(shared.err)
	}
	require.NoError(t, shared.err)
	return shared.browser
}

// bench is a portal of its own and a client for it.
type bench struct {
	*portal.Client
	sim     *portalsim.Server
	address string
	log     *bytes.Buffer // only read it when nothing runs
}

func setup(t testing.TB, sim portalsim.Config, cfg portal.Config) bench {
	t.Helper()
	b := aBrowser(t)
	if sim.Today.IsZero() {
		sim.Today = time.Date(2030, 1, 15, 0, 0, 0, 0, time.UTC)
	}
	server, err := portalsim.New(sim)
	require.NoError(t, err)
	web := httptest.NewServer(server.Handler())
	t.Cleanup(func() {
		server.Close()
		web.CloseClientConnections()
		web.Close()
	})
	cfg.BaseURL = web.URL
	log := new(bytes.Buffer)
	client, err := portal.New(cfg, b, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	require.NoError(t, err)
	return bench{Client: client, sim: server, address: web.URL, log: log}
}

func login(user string) scrape.Login {
	return scrape.Login{Username: user, Password: scrape.NewSecret(portalsim.DemoPassword)}
}

func (b bench) signIn(t testing.TB, user string) scrape.Session {
	t.Helper()
	session, err := b.SignIn(t.Context(), login(user))
	require.NoError(t, err)
	require.NotEmpty(t, session.Cookies)
	return session
}

// collect reads the list from a page on.
func (b bench) collect(t testing.TB, session scrape.Session, from int) ([]scrape.ListPage, error) {
	t.Helper()
	var pages []scrape.ListPage
	err := b.WorkOrders(t.Context(), session, from, func(_ context.Context, page scrape.ListPage) error {
		pages = append(pages, page)
		return nil
	})
	return pages, err
}

func numbers(pages []scrape.ListPage) (all []string) {
	for _, page := range pages {
		for _, order := range page.Orders {
			all = append(all, order.ExternalID)
		}
	}
	return all
}

func (b bench) truth(t testing.TB, user string) (all []string) {
	t.Helper()
	orders, err := b.sim.OpenOrders(user)
	require.NoError(t, err)
	for _, order := range orders {
		all = append(all, strconv.Itoa(order.Number))
	}
	return all
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, cfg := range []portal.Config{
		{},
		{BaseURL: "app.workfossa.com"},
		{BaseURL: "ftp://app.workfossa.com"},
		{BaseURL: "https://x.example", PageSize: 30},
		{BaseURL: "https://x.example"}, // no browser
	} {
		_, err := portal.New(cfg, nil, nil)
		require.Error(t, err)
	}
}

func TestSignInAndCollectEverything(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{RenderDelay: 30 * time.Millisecond}, portal.Config{})
	pages, err := b.collect(t, b.signIn(t, tech), 1)
	require.NoError(t, err)

	require.Len(t, pages, 2)
	require.Equal(t, b.truth(t, tech), numbers(pages))
	for i, page := range pages {
		require.Equal(t, i+1, page.Number)
		require.Equal(t, i == 1, page.Last)
		require.Equal(t, 120, page.Matches)
		require.True(t, page.Proved)
		require.Empty(t, page.Broken)
	}
	require.Equal(t, scrape.OutcomeSuccess, scrape.PlanWorkOrders(nil, pages, scrape.DefaultGuard()).Outcome)

	counters := b.sim.Counters(tech)
	require.Equal(t, 1, counters.LoginsOK)
	require.Equal(t, 1, counters.Documents[portalsim.PageList])
	require.Equal(t, map[int]int{1: 2, 2: 1}, counters.ListPages, "first 25 rows, then 100, then the second page")
	require.NotContains(t, b.log.String(), portalsim.DemoPassword)
}

// TestFieldsAgainstTheTruth compares every field with what the portal knows.
func TestFieldsAgainstTheTruth(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{})
	pages, err := b.collect(t, b.signIn(t, tech), 1)
	require.NoError(t, err)
	truth, err := b.sim.OpenOrders(tech)
	require.NoError(t, err)
	read := map[string]scrape.WorkOrder{}
	for _, page := range pages {
		for _, order := range page.Orders {
			read[order.ExternalID] = order
		}
	}
	one := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	for _, want := range truth {
		got, found := read[strconv.Itoa(want.Number)]
		require.True(t, found, want.Number)
		require.Equal(t, want.Place.Customer, got.CustomerName)
		require.Equal(t, want.Place.Customer, got.SiteName)
		require.Equal(t, strconv.Itoa(want.Place.CustomerID), got.CustomerID)
		require.Equal(t, strconv.Itoa(want.Place.LocationID), got.LocationID)
		require.Equal(t, "#"+want.Place.Store, got.StoreNumber)
		require.Equal(t, fmt.Sprintf("%s/app/customers/locations/%d/", b.address, want.Place.LocationID), got.CustomerURL)
		require.Equal(t, one(want.Place.Street), got.Street)
		require.Equal(t, one(want.Place.Intersection), got.Intersection)
		require.Equal(t, one(want.Place.City), got.CityState)
		require.Equal(t, one(want.Place.County), got.County)
		require.Equal(t, want.Reason, got.ServiceName)
		require.Equal(t, one(want.Project), got.Project)
		require.Equal(t, want.CreatedBy, got.CreatedBy)
		require.Equal(t, want.CreatedAt, got.CreatedDate.Format("2006-01-02T15:04"))
		require.Equal(t, one(want.Instructions), one(got.Instructions))
		require.Equal(t, want.VisitsDone, got.VisitsDone)
		require.Equal(t, want.VisitsPlanned, got.VisitsPlanned)
		require.Equal(t, want.VisitDate, isoDay(got.ScheduledDate))
		require.Equal(t, want.DueDate, isoDay(got.DueDate))
		if want.VisitID == 0 {
			require.Empty(t, got.VisitID+got.VisitURL)
		} else {
			require.Equal(t, strconv.Itoa(want.VisitID), got.VisitID)
			require.Contains(t, got.VisitURL, fmt.Sprintf("/app/work/%d/visits/%d/", want.Number, want.VisitID))
		}
		var items []scrape.ServiceItem
		code := ""
		for _, item := range want.Items {
			items = append(items, scrape.ServiceItem{Quantity: item.Quantity, Name: item.Name, Code: item.Code, Category: item.Category})
			switch item.Code {
			case "2861", "2862", "3002", "3146":
				if code == "" {
					code = item.Code
					require.Equal(t, item.Category, got.ServiceType)
					require.Equal(t, item.Quantity, got.ServiceQuantity)
				}
			}
		}
		require.Equal(t, items, got.ServiceItems)
		require.Equal(t, code, got.ServiceCode)
	}
}

func isoDay(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.Format("2006-01-02")
}

func TestTheAddressMayAskForThePageSize(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{URLPaging: true}, portal.Config{})
	pages, err := b.collect(t, b.signIn(t, tech), 1)
	require.NoError(t, err)
	require.Equal(t, b.truth(t, tech), numbers(pages))
	require.Equal(t, map[int]int{1: 1, 2: 1}, b.sim.Counters(tech).ListPages)
}

func TestResumeGoesStraightToItsPage(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{URLPaging: true}, portal.Config{})
	session := b.signIn(t, "busy@example.com")
	pages, err := b.collect(t, session, 8)
	require.NoError(t, err)
	require.Equal(t, b.truth(t, "busy@example.com")[700:], numbers(pages))
	require.Equal(t, 8, pages[0].Number)
	require.True(t, pages[2].Last)
	require.Equal(t, map[int]int{8: 1, 9: 1, 10: 1}, b.sim.Counters("busy@example.com").ListPages, "no page twice, none in vain")

	b.sim.ResetCounters()
	pages, err = b.collect(t, session, 99)
	require.NoError(t, err)
	require.Len(t, pages, 1)
	require.Equal(t, 10, pages[0].Number)
	require.True(t, pages[0].Last)
	require.Equal(t, map[int]int{99: 1, 10: 1}, b.sim.Counters("busy@example.com").ListPages)
}

func TestResumeWhereThePortalIgnoresTheNumber(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{})
	session := b.signIn(t, "busy@example.com")
	pages, err := b.collect(t, session, 8)
	require.NoError(t, err)
	require.Equal(t, b.truth(t, "busy@example.com")[700:], numbers(pages))
	require.Equal(t, 8, pages[0].Number)
	require.Equal(t, map[int]int{1: 2, 8: 1, 9: 1, 10: 1}, b.sim.Counters("busy@example.com").ListPages, "page size, then a link")
}

func TestSmallAndEmptyLists(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{})
	pages, err := b.collect(t, b.signIn(t, small), 1)
	require.NoError(t, err)
	require.Equal(t, b.truth(t, small), numbers(pages))
	require.Equal(t, map[int]int{1: 1}, b.sim.Counters(small).ListPages, "7 orders need no other page size")

	pages, err = b.collect(t, b.signIn(t, "empty@example.com"), 1)
	require.NoError(t, err)
	require.Equal(t, []scrape.ListPage{{Number: 1, Last: true, Matches: 0, Proved: true}}, pages)
}

func TestLoginsThatFail(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{LoginTimeout: patient})
	for name, tt := range map[string]struct {
		login scrape.Login
		kind  scrape.Kind
	}{
		"wrong password": {scrape.Login{Username: tech, Password: scrape.NewSecret("not-the-password")}, scrape.KindCredentialsRejected},
		"unknown user":   {login("nobody@example.com"), scrape.KindCredentialsRejected},
		"no password":    {scrape.Login{Username: tech}, scrape.KindCredentialsRejected},
		"locked":         {login("locked@example.com"), scrape.KindAccountLocked},
		"single sign-on": {login("sso@example.com"), scrape.KindAccountLocked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session, err := b.SignIn(t.Context(), tt.login)
			require.Equal(t, tt.kind, scrape.KindOf(err), "%v", err)
			require.Empty(t, session.Cookies)
			require.NotContains(t, fmt.Sprintf("%v %+v", err, err), "not-the-password")
		})
	}
	t.Cleanup(func() {
		require.Equal(t, 1, b.sim.Counters(tech).LoginsRejected, "no login is tried twice")
		require.NotContains(t, b.log.String(), "password")
	})
}

func TestPortalTroubleWhileSigningIn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault portalsim.Fault
		kind  scrape.Kind
	}{
		"500":                  {portalsim.Fault{Name: portalsim.FaultHTTP500}, scrape.KindPortalDown},
		"429":                  {portalsim.Fault{Name: portalsim.FaultHTTP429, Value: "9"}, scrape.KindPortalThrottled},
		"hang":                 {portalsim.Fault{Name: portalsim.FaultHang}, scrape.KindPortalDown},
		"reset":                {portalsim.Fault{Name: portalsim.FaultReset}, scrape.KindPortalDown},
		"500 after the form":   {portalsim.Fault{Name: portalsim.FaultHTTP500, Page: portalsim.PageDashboard}, scrape.KindPortalDown},
		"429 after the form":   {portalsim.Fault{Name: portalsim.FaultHTTP429, Value: "9", Page: portalsim.PageDashboard}, scrape.KindPortalThrottled},
		"hang after the form":  {portalsim.Fault{Name: portalsim.FaultHang, Page: portalsim.PageDashboard}, scrape.KindPortalDown},
		"session dead at once": {portalsim.Fault{Name: portalsim.FaultExpireLogin, Value: "1ns"}, scrape.KindSessionExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, portalsim.Config{Faults: []portalsim.Fault{tt.fault}}, portal.Config{
				NavigationTimeout: 2 * time.Second, LoginTimeout: 4 * time.Second,
			})
			_, err := b.SignIn(t.Context(), login(tech))
			require.Equal(t, tt.kind, scrape.KindOf(err), "%v", err)
			requireRetryAfter(t, err)
			requireEvidence(t, err)
			require.LessOrEqual(t, b.sim.Counters(tech).LoginsOK, 1)
		})
	}
}

func requireRetryAfter(t *testing.T, err error) {
	t.Helper()
	var e *scrape.Error
	if require.ErrorAs(t, err, &e); e.Kind == scrape.KindPortalThrottled {
		require.Equal(t, 9*time.Second, e.RetryAfter)
	}
}

func TestPortalTroubleWhileReading(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault portalsim.Fault
		kind  scrape.Kind
		says  string
	}{
		"500 for the page":     {portalsim.Fault{Name: portalsim.FaultHTTP500, Target: portalsim.Document}, scrape.KindPortalDown, ""},
		"500 for the data":     {portalsim.Fault{Name: portalsim.FaultHTTP500, Target: portalsim.Data}, scrape.KindPortalDown, ""},
		"429 for the page":     {portalsim.Fault{Name: portalsim.FaultHTTP429, Value: "9", Target: portalsim.Document}, scrape.KindPortalThrottled, ""},
		"429 for the data":     {portalsim.Fault{Name: portalsim.FaultHTTP429, Value: "9", Target: portalsim.Data}, scrape.KindPortalThrottled, ""},
		"hanging page":         {portalsim.Fault{Name: portalsim.FaultHang, Target: portalsim.Document}, scrape.KindPortalDown, "in time"},
		"hanging data":         {portalsim.Fault{Name: portalsim.FaultHang, Target: portalsim.Data}, scrape.KindPortalDown, "in time"},
		"reset page":           {portalsim.Fault{Name: portalsim.FaultReset, Target: portalsim.Document}, scrape.KindPortalDown, ""},
		"reset data":           {portalsim.Fault{Name: portalsim.FaultReset, Target: portalsim.Data}, scrape.KindPortalDown, ""},
		"renamed rows":         {portalsim.Fault{Name: portalsim.FaultRenameClass, Value: "work-list-item:work-entry"}, scrape.KindLayoutChanged, ".work-list-item"},
		"renamed pager":        {portalsim.Fault{Name: portalsim.FaultRenameClass, Value: "paginator-wrapper:pages"}, scrape.KindLayoutChanged, ".paginator-wrapper"},
		"renamed addresses":    {portalsim.Fault{Name: portalsim.FaultRenameClass, Value: "address-info:place"}, scrape.KindLayoutChanged, ".address-info"},
		"no pager":             {portalsim.Fault{Name: portalsim.FaultDropElement, Value: ".paginator-wrapper"}, scrape.KindLayoutChanged, ".paginator-wrapper"},
		"unproved empty list":  {portalsim.Fault{Name: portalsim.FaultEmptyList, Value: "unproved"}, scrape.KindLayoutChanged, ".paginator-wrapper"},
		"session dead already": {portalsim.Fault{Name: portalsim.FaultExpireLogin, Value: "1ns"}, scrape.KindSessionExpired, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, portalsim.Config{}, portal.Config{NavigationTimeout: 2 * time.Second, ContentTimeout: 8 * time.Second})
			session := b.signIn(t, tech)
			require.NoError(t, b.sim.SetFault(tt.fault))
			pages, err := b.collect(t, session, 1)
			require.Equal(t, tt.kind, scrape.KindOf(err), "%v", err)
			require.ErrorContains(t, err, tt.says)
			require.Empty(t, pages)
			requireRetryAfter(t, err)
			requireEvidence(t, err)
		})
	}
}

func TestTheSessionEndsBetweenTwoPages(t *testing.T) {
	t.Parallel()
	const busy = "busy@example.com"
	b := setup(t, portalsim.Config{}, portal.Config{})
	session := b.signIn(t, busy)
	var pages []scrape.ListPage
	err := b.WorkOrders(t.Context(), session, 1, func(_ context.Context, page scrape.ListPage) error {
		pages = append(pages, page)
		b.sim.ExpireSessions(busy)
		return nil
	})
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(err), "%v", err)
	require.NotEmpty(t, pages)
	require.LessOrEqual(t, len(pages), 2, "the second page may have been on its way already")

	rest, err := b.collect(t, b.signIn(t, busy), len(pages)+1)
	require.NoError(t, err)
	require.Equal(t, b.truth(t, busy), numbers(append(pages, rest...)))
	_, err = b.collect(t, session, 1)
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(err))
	_, err = b.collect(t, scrape.Session{}, 1)
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(err))
}

func TestListsThatCanBeReadInSpiteOfTrouble(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault portalsim.Fault
		pages int
		lacks int // orders
		ends  scrape.Outcome
	}{
		"page size ignored":   {portalsim.Fault{Name: portalsim.FaultIgnoreSize}, 5, 0, scrape.OutcomeSuccess},
		"choice lost once":    {portalsim.Fault{Name: portalsim.FaultTwoClicks, Value: "pick"}, 2, 0, scrape.OutcomeSuccess},
		"opening lost once":   {portalsim.Fault{Name: portalsim.FaultTwoClicks, Value: "open"}, 2, 0, scrape.OutcomeSuccess},
		"rows appear late":    {portalsim.Fault{Name: portalsim.FaultRenderDelay, Value: "800ms"}, 2, 0, scrape.OutcomeSuccess},
		"rows missing":        {portalsim.Fault{Name: portalsim.FaultShortList, Value: "2"}, 2, 4, scrape.OutcomeHeld},
		"page size has gone":  {portalsim.Fault{Name: portalsim.FaultDropElement, Value: ".ks-select"}, 5, 0, scrape.OutcomeSuccess},
		"chips have gone":     {portalsim.Fault{Name: portalsim.FaultDropElement, Value: ".active-search-filters"}, 2, 0, scrape.OutcomeHeld},
		"empty list, counted": {portalsim.Fault{Name: portalsim.FaultEmptyList, Value: "proved"}, 1, 120, scrape.OutcomeSuccess},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, portalsim.Config{}, portal.Config{ContentTimeout: patient})
			session := b.signIn(t, tech)
			require.NoError(t, b.sim.SetFault(tt.fault))
			pages, err := b.collect(t, session, 1)
			require.NoError(t, err, b.log.String())
			require.Len(t, pages, tt.pages)
			require.Len(t, numbers(pages), 120-tt.lacks)
			require.Equal(t, tt.ends, scrape.PlanWorkOrders(nil, pages, scrape.DefaultGuard()).Outcome, scrape.PlanWorkOrders(nil, pages, scrape.DefaultGuard()).Message)
		})
	}
}

func TestAListWithoutItsFilterIsReadButNotProved(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{Faults: []portalsim.Fault{{Name: portalsim.FaultIgnoreFilter}}}, portal.Config{})
	pages, err := b.collect(t, b.signIn(t, tech), 1)
	require.NoError(t, err)
	require.Len(t, pages, 2)
	require.Greater(t, len(numbers(pages)), 120, "finished orders too")
	for i, page := range pages {
		require.Equal(t, i+1, page.Number, "the simple pager has no numbers, so they are counted")
		require.False(t, page.Proved)
		require.Equal(t, -1, page.Matches)
	}
	require.Equal(t, scrape.OutcomeHeld, scrape.PlanWorkOrders(nil, pages, scrape.DefaultGuard()).Outcome)
}

func TestTheListChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"add", "remove"} {
		b := setup(t, portalsim.Config{Faults: []portalsim.Fault{
			{Name: portalsim.FaultListChanges, Value: change, Next: 1},
		}}, portal.Config{})
		pages, err := b.collect(t, b.signIn(t, tech), 1)
		require.NoError(t, err)
		require.Equal(t, scrape.OutcomePartial, scrape.PlanWorkOrders(nil, pages, scrape.DefaultGuard()).Outcome, change)
	}
}

func TestARedesignedPortal(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{ContentTimeout: 8 * time.Second, LoginTimeout: 8 * time.Second})
	session, err := b.SignIn(t.Context(), login("changed@example.com"))
	if err == nil {
		_, err = b.collect(t, session, 1)
	}
	require.Equal(t, scrape.KindLayoutChanged, scrape.KindOf(err), "%v", err)
	require.ErrorContains(t, err, "selector")
}

func TestErrorsOfOthersComeBackAsTheyAre(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{})
	session := b.signIn(t, small)

	ours := errors.New("ours")
	err := b.WorkOrders(t.Context(), session, 1, func(context.Context, scrape.ListPage) error { return ours })
	require.Same(t, ours, err)

	ctx, cancel := context.WithCancel(t.Context())
	err = b.WorkOrders(ctx, session, 1, func(context.Context, scrape.ListPage) error {
		cancel()
		return ctx.Err()
	})
	require.ErrorIs(t, err, context.Canceled)
	_, err = b.SignIn(ctx, login(small))
	require.Equal(t, context.Canceled, err)
	require.Equal(t, context.Canceled, b.WorkOrders(ctx, session, 1, nil))

	ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.NoError(t, b.sim.SetFault(portalsim.Fault{Name: portalsim.FaultHang}))
	require.Equal(t, context.DeadlineExceeded, b.WorkOrders(ctx, session, 1, nil))
}

func TestTheBrowserDiesWhileReading(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{})
	own, err := browser.Start(context.WithoutCancel(t.Context()), browser.Config{ExecPath: os.Getenv("FOSSAWORK_CHROMIUM")})
	require.NoError(t, err)
	defer own.Close()
	session := b.signIn(t, tech)
	client, err := portal.New(portal.Config{BaseURL: b.address}, own, nil)
	require.NoError(t, err)
	err = bench{Client: client}.WorkOrders(t.Context(), session, 1, func(context.Context, scrape.ListPage) error {
		pid, running := own.Running()
		require.True(t, running)
		return syscall.Kill(pid, syscall.SIGKILL)
	})
	require.Equal(t, scrape.KindPortalDown, scrape.KindOf(err), "%v", err)
	require.Contains(t, scrape.MessageOf(err), "browser died")
}

// BenchmarkWorkOrders reads the 120 orders of an account from a portal that takes 500 ms for everything and prints how much
// of the time was not waiting for the portal: wall time / (loads x latency).
func BenchmarkWorkOrders(b *testing.B) {
	const latency = 500 * time.Millisecond
	for name, urlPaging := range map[string]bool{"limit honoured": true, "limit ignored": false} {
		b.Run(name, func(b *testing.B) {
			bench := setup(b, portalsim.Config{
				URLPaging: urlPaging, Latency: portalsim.Latency{Base: latency}, DataLatency: portalsim.Latency{Base: latency},
			}, portal.Config{})
			session := bench.signIn(b, tech)
			bench.sim.ResetCounters()
			for b.Loop() {
				pages, err := bench.collect(b, session, 1)
				require.NoError(b, err)
				require.Len(b, numbers(pages), 120)
			}
			counters := bench.sim.Counters(tech)
			loads := float64(counters.Documents[portalsim.PageList]+counters.Data[portalsim.PageList]) / float64(b.N)
			perRun := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(loads, "loads/op")
			b.ReportMetric(perRun.Seconds()/(loads*latency.Seconds()), "wall/ideal")
		})
	}
}
