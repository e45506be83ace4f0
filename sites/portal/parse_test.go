package portal_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portal"
)

var origin = &url.URL{Scheme: "https", Host: "app.workfossa.com", Path: "/"}

// fixture is a hand-made page with invented content.
func fixture(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

func date(year int, month time.Month, day, hour, minute int) *time.Time {
	at := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	return &at
}

// The five orders of the fixtures.
func orders() []scrape.WorkOrder {
	return []scrape.WorkOrder{
		{
			ExternalID: "100001", SiteName: "Example Fuel Stop", CustomerName: "Example Fuel Stop",
			CustomerID: "70001", LocationID: "71001", CustomerURL: "https://app.workfossa.com/app/customers/locations/71001/",
			StoreNumber: "#4001", Street: "12345 Long County Way", Intersection: "Long County Way & 3rd Street",
			CityState: "Sampletown ZZ 00000", County: "Sample County",
			Address:      "12345 Long County Way, (Long County Way & 3rd Street), Sampletown ZZ 00000, Sample County",
			PortalStatus: "Work Created", ServiceName: "AccuMeasure", Project: "Spring round",
			ServiceCode: "2861", ServiceDescription: "All Dispensers AccuMeasure Test",
			ServiceType: "Meter Calibration", ServiceQuantity: 8,
			ServiceItems: []scrape.ServiceItem{
				{Quantity: 8, Name: "All Dispensers", Code: "2861", Category: "Meter Calibration"},
				{Quantity: 1, Name: "Filter change", Code: "3006", Category: "Meter Calibration"},
			},
			Instructions:  "Bring the long hose.\nDue: 03/03/2033\n\nCall before noon. Calibrate 2862 only if asked.",
			ScheduledDate: date(2030, 2, 3, 0, 0), DueDate: date(2030, 2, 28, 0, 0),
			VisitID: "900001", VisitURL: "https://app.workfossa.com/app/work/100001/visits/900001/",
			VisitsPlanned: 1, CreatedDate: date(2030, 1, 2, 9, 41), CreatedBy: "Pat Example",
		},
		{ // its store number is a service code, its house number another one; no project, no intersection, late
			ExternalID: "100002", SiteName: "Second Example & Sons", CustomerName: "Second Example & Sons",
			CustomerID: "70002", LocationID: "710022", CustomerURL: "https://app.workfossa.com/app/customers/locations/710022/",
			StoreNumber: "#2861", Street: "3002 Orchard Path", CityState: "Otherville YY 00000-1234", County: "Other County",
			Address:      "3002 Orchard Path, Otherville YY 00000-1234, Other County",
			PortalStatus: "Work Created", ServiceName: "Filter only",
			ServiceItems: []scrape.ServiceItem{
				{Quantity: 1, Name: "Filter change", Code: "3006", Category: "Meter Calibration"},
				{Quantity: 2, Name: "Bundle (small)", Code: "CB-2862A", Category: "Combo"},
			},
			Instructions: "Short note.", ScheduledDate: date(2029, 12, 31, 0, 0), DueDate: date(2030, 1, 1, 0, 0),
			VisitID: "900002", VisitURL: "https://app.workfossa.com/app/work/100002/visits/900002/",
			VisitsPlanned: 2, CreatedDate: date(2029, 11, 12, 12, 5), CreatedBy: "Ann Marie Sample",
		},
		{ // no next visit, no due date, quantity 0, no street, created on a day that does not exist
			ExternalID: "100003", SiteName: "Example Fuel Stop", CustomerName: "Example Fuel Stop",
			CustomerID: "70001", LocationID: "71003", CustomerURL: "https://app.workfossa.com/app/customers/locations/71003/",
			StoreNumber: "#4003", Intersection: "A Street & B Street", CityState: "Sampletown ZZ 00000", County: "Sample County",
			Address:      "Near A Street & B Street, Sampletown ZZ 00000, Sample County",
			PortalStatus: "Quality Approved", ServiceName: "AccuMeasure",
			ServiceCode: "2861", ServiceDescription: "All Dispensers AccuMeasure Test", ServiceType: "Meter Calibration",
			ServiceItems: []scrape.ServiceItem{{Quantity: 0, Name: "All Dispensers", Code: "2861", Category: "Meter Calibration"}},
			VisitsDone:   1, VisitsPlanned: 1, CreatedBy: "Pat Example",
		},
		{ // absolute links, parts before the deciding item, no address, no due date
			ExternalID: "100004", SiteName: "Example Four", CustomerName: "Example Four",
			CustomerID: "70004", LocationID: "71004", CustomerURL: "https://app.workfossa.com/app/customers/locations/71004",
			StoreNumber: "#4000004", Address: scrape.AddressNotAvailable,
			PortalStatus: "Work Created", ServiceName: "Quality",
			ServiceCode: "3146", ServiceDescription: "Open Neck Prover Test", ServiceType: "Meter Calibration", ServiceQuantity: 3,
			ServiceItems: []scrape.ServiceItem{
				{Quantity: 12, Name: "Hanging hardware", Code: "P3002X", Category: "Parts"},
				{Quantity: 3, Name: "Open Neck Prover - Quality", Code: "3146", Category: "Meter Calibration"},
				{Quantity: 2, Name: "Specific Dispenser(s) - See Notes", Code: "2862", Category: "Meter Calibration"},
			},
			ScheduledDate: date(2030, 2, 4, 0, 0), VisitID: "900004",
			VisitURL:      "https://app.workfossa.com/app/work/100004/visits/900004/",
			VisitsPlanned: 1, CreatedDate: date(2030, 1, 2, 21, 41), CreatedBy: "Pat Example",
		},
		{ // nothing but what a row must have
			ExternalID: "100005", LocationID: "71005", CustomerURL: "https://app.workfossa.com/app/customers/locations/71005/",
			StoreNumber: "#4005", Address: scrape.AddressNotAvailable,
		},
	}
}

func TestParseList(t *testing.T) {
	t.Parallel()
	all := orders()
	for name, want := range map[string]scrape.ListPage{
		"list.html":   {Number: 1, Matches: 1205, Proved: true, Orders: all},
		"single.html": {Number: 1, Last: true, Matches: 2, Proved: true, Orders: all[:2]},
		"simple.html": {Number: 0, Last: true, Matches: -1, Proved: false, Orders: all[1:3]},
		"empty.html":  {Number: 1, Last: true, Matches: 0, Proved: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := portal.ParseList(fixture(t, name), origin)
			require.NoError(t, err)
			require.Equal(t, want, page)
		})
	}
}

func TestParseListTakesTheBaseForAddresses(t *testing.T) {
	t.Parallel()
	page, err := portal.ParseList(fixture(t, "list.html"), &url.URL{Scheme: "http", Host: "127.0.0.1:8090", Path: "/"})
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:8090/app/customers/locations/71001/", page.Orders[0].CustomerURL)
	require.Equal(t, "http://127.0.0.1:8090/app/work/100001/visits/900001/", page.Orders[0].VisitURL)
}

func TestPagersAndProof(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		from   string
		change []string // old, new, ...
		check  func(*require.Assertions, scrape.ListPage)
	}{
		{"second of two pages", "list.html", []string{
			`page-link current-page`, `page-link`, `<a href="#" class="page-link">2`, `<a href="#" class="page-link current-page">2`,
			`class="next-page"`, `class="next-page disabled"`,
		}, func(is *require.Assertions, p scrape.ListPage) { is.Equal(2, p.Number); is.True(p.Last) }},
		{
			"next disabled on the list item", "list.html",
			[]string{`<li><a href="#" class="next-page"`, `<li class="disabled"><a href="#" class="next-page"`},
			func(is *require.Assertions, p scrape.ListPage) { is.True(p.Last) },
		},
		{
			"no next link on the greatest page", "list.html",
			[]string{`<li><a href="#" class="next-page">&gt;</a></li>`, ``, `<li><a href="#" class="page-link">2</a></li>`, ``},
			func(is *require.Assertions, p scrape.ListPage) { is.True(p.Last) },
		},
		{
			"no next link but greater pages", "list.html",
			[]string{`<li><a href="#" class="next-page">&gt;</a></li>`, ``},
			func(is *require.Assertions, p scrape.ListPage) { is.False(p.Last) },
		},
		{
			"first simple page", "simple.html",
			[]string{`prev-page`, `prev-page disabled`, `next-page disabled`, `next-page`},
			func(is *require.Assertions, p scrape.ListPage) { is.Equal(1, p.Number); is.False(p.Last) },
		},
		{
			"one match", "single.html",
			[]string{"2 matches", "1 match"},
			func(is *require.Assertions, p scrape.ListPage) { is.Equal(1, p.Matches) },
		},
		{
			"no chip", "list.html",
			[]string{"ks-badge", "ks-other"},
			func(is *require.Assertions, p scrape.ListPage) { is.False(p.Proved); is.Len(p.Orders, 5) },
		},
		{
			"another filter", "list.html",
			[]string{"No visits completed", "All visits completed"},
			func(is *require.Assertions, p scrape.ListPage) { is.False(p.Proved) },
		},
		{
			"grid view", "list.html",
			[]string{`value="list" checked`, `value="list"`, `value="grid"`, `value="grid" checked`},
			func(is *require.Assertions, p scrape.ListPage) { is.False(p.Proved) },
		},
		{
			"list view by its label", "list.html",
			[]string{`<label class="ks-radio"><input type="radio" name="grid_view" value="list" checked`, `<label class="ks-radio active"><input type="radio" name="grid_view" value="list"`},
			func(is *require.Assertions, p scrape.ListPage) { is.True(p.Proved) },
		},
		{
			"list view by its columns", "list.html",
			[]string{`value="list" checked`, `value="list"`},
			func(is *require.Assertions, p scrape.ListPage) { is.True(p.Proved) },
		},
		{
			"no list view", "list.html",
			[]string{`value="list" checked`, `value="list"`, ">Visits<", ">Trips<"},
			func(is *require.Assertions, p scrape.ListPage) { is.False(p.Proved) },
		},
		{
			"no shell", "list.html",
			[]string{`id="sidebar"`, ``, `top-bar`, `bar`},
			func(is *require.Assertions, p scrape.ListPage) { is.False(p.Proved); is.Len(p.Orders, 5) },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page, err := portal.ParseList(changed(t, tt.from, tt.change...), origin)
			require.NoError(t, err)
			tt.check(require.New(t), page)
		})
	}
}

// changed is a fixture with replaced texts, all of which must be there.
func changed(t testing.TB, name string, pairs ...string) string {
	t.Helper()
	html := fixture(t, name)
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, html, pairs[i])
		html = strings.ReplaceAll(html, pairs[i], pairs[i+1])
	}
	return html
}

func TestParseListRefusesWhatIsNoList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		html    string
		kind    scrape.Kind
		message string
	}{
		{"login form", fixture(t, "login.html"), scrape.KindSessionExpired, "login form"},
		{"login form without its name", changed(t, "login.html", ` name="login"`, ""), scrape.KindSessionExpired, "login form"},
		{"empty without proof", fixture(t, "empty-unproved.html"), scrape.KindLayoutChanged, ".paginator-wrapper .text-right"},
		{"rows renamed", changed(t, "list.html", "work-list-item", "job-row"), scrape.KindLayoutChanged, "selector .work-list-item"},
		{"pager renamed", changed(t, "list.html", "paginator-wrapper", "pages"), scrape.KindLayoutChanged, "selector .paginator-wrapper"},
		{"no way on", changed(t, "simple.html", "next-page", "forward"), scrape.KindLayoutChanged, "a.next-page"},
		{"store links renamed", changed(t, "list.html", "/app/customers/locations/", "/app/places/"), scrape.KindLayoutChanged, "link to the store"},
		{"order links renamed", changed(t, "list.html", "/app/work/10000", "/app/jobs/10000"), scrape.KindLayoutChanged, "link to the work order"},
		{"nothing", "", scrape.KindLayoutChanged, "#sidebar"},
		{"dashboard", changed(t, "empty.html", "paginator-wrapper", "x"), scrape.KindLayoutChanged, ".paginator-wrapper, .work-list-item"},
		{"trouble inside", changed(t, "empty.html", "paginator-wrapper", "x", `<div class="page-header row">Work</div>`, "Something went wrong."), scrape.KindPortalDown, "went wrong"},
		{"trouble outside", "<body><h1>503 Service Unavailable</h1></body>", scrape.KindPortalDown, "went wrong"},
		{"slow down", "<body>Too many requests, please slow down.</body>", scrape.KindPortalThrottled, "slow down"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := portal.ParseList(tt.html, origin)
			require.Equal(t, tt.kind, scrape.KindOf(err), "%v", err)
			require.ErrorContains(t, err, tt.message)
		})
	}
}

func TestPartsThatEveryRowLacksAreAChangedLayout(t *testing.T) {
	t.Parallel()
	for old, element := range map[string]string{
		"/app/customers/7": "link to the customer", "work-status-badge": "status", "Reason:": "reason", "work-creator": "line with the creator",
		"address-info": "address", "align-center": "items", " / ": "count of visits",
	} {
		_, err := portal.ParseList(changed(t, "list.html", old, "gone"), origin)
		require.Equal(t, scrape.KindLayoutChanged, scrape.KindOf(err), old)
		require.Contains(t, scrape.MessageOf(err), element)

		page, err := portal.ParseList(changed(t, "list.html", old, "gone", "/app/work/100005/", "/app/jobs/5/"), origin)
		require.NoError(t, err, "four readable rows prove nothing")
		require.Len(t, page.Broken, 1)
		_, err = portal.ParseList(changed(t, "single.html", old, "gone"), origin)
		require.NoError(t, err, old)
	}
}

func TestBrokenRowsAreNamedAndNotGuessed(t *testing.T) {
	t.Parallel()
	page, err := portal.ParseList(changed(t, "list.html",
		`href="/app/work/100001/"`, `href="#"`, // no link, but the class tells
		`class="mb-1"><a href="/app/customers/locations/710022/">#2861</a>`, `class="mb-1">#2861`,
		"w-100003", "w-100033",
		">#4000004<", "><",
	), origin)
	require.NoError(t, err)
	require.Equal(t, []scrape.BrokenRow{
		{ExternalID: "100001", Reason: "The row has no link to its work order."},
		{ExternalID: "100002", Reason: "The row has no link to its store."},
		{ExternalID: "100003", Reason: "The row links to work order 100003 but is marked as 100033."},
		{ExternalID: "100004", Reason: "The row has no store number."},
	}, page.Broken)
	require.Len(t, page.Orders, 1)

	page, err = portal.ParseList(changed(t, "single.html", `href="/app/work/100001/"`, `href="/app/work/100001/visits/900001/"`, "w-100001", "x"), origin)
	require.NoError(t, err)
	require.Equal(t, []scrape.BrokenRow{{Reason: "The row has no link to its work order."}}, page.Broken)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	const old = "<div>3002 Orchard Path</div><!----><div>Otherville YY 00000-1234</div><div>Other County</div>"
	for lines, want := range map[string][5]string{ // street, intersection, city, county, all
		"1 Way|Up & Down|Town ZZ 00000|A County":     {"1 Way", "Up & Down", "Town ZZ 00000", "A County", "1 Way, (Up & Down), Town ZZ 00000, A County"},
		"1 Way|Town ZZ 00000|Some Parish":            {"1 Way", "", "Town ZZ 00000", "Some Parish", "1 Way, Town ZZ 00000, Some Parish"},
		"Old Mill Road|Town ZZ 00000|A County":       {"Old Mill Road", "", "Town ZZ 00000", "A County", "Old Mill Road, Town ZZ 00000, A County"},
		"1 Way|Town ZZ 00000":                        {"1 Way", "", "Town ZZ 00000", "", "1 Way, Town ZZ 00000"},
		"1 Way|Up & Down|Town ZZ 00000":              {"1 Way", "Up & Down", "Town ZZ 00000", "", "1 Way, (Up & Down), Town ZZ 00000"},
		"1 Way|Abroad|A County":                      {"1 Way", "", "Abroad", "A County", "1 Way, Abroad, A County"},
		"1 Way|A County":                             {"1 Way", "", "", "A County", "1 Way, A County"},
		"A County":                                   {"", "", "", "A County", "A County"},
		"Town ZZ 00000":                              {"", "", "Town ZZ 00000", "", "Town ZZ 00000"},
		"12345 AB 67890 Road|Town ZZ 00000|A County": {"12345 AB 67890 Road", "", "Town ZZ 00000", "A County", "12345 AB 67890 Road, Town ZZ 00000, A County"},
	} {
		t.Run(lines, func(t *testing.T) {
			t.Parallel()
			divs := "<div>" + strings.ReplaceAll(strings.ReplaceAll(lines, "&", "&amp;"), "|", "</div><div>") + "</div>"
			page, err := portal.ParseList(changed(t, "single.html", old, divs), origin)
			require.NoError(t, err)
			o := page.Orders[1]
			require.Equal(t, want, [5]string{o.Street, o.Intersection, o.CityState, o.County, o.Address})
		})
	}
}

func TestClassifyPage(t *testing.T) {
	t.Parallel()
	for html, want := range map[string]portal.PageKind{
		fixture(t, "login.html"):                                   portal.PageLogin,
		fixture(t, "list.html"):                                    portal.PageList,
		fixture(t, "empty.html"):                                   portal.PageList,
		changed(t, "empty.html", "paginator-wrapper", "x"):         portal.PageApp,
		"<body>500 | Server Error</body>":                          portal.PageError,
		"<body>" + strings.Repeat("Server Error is a word. ", 200): portal.PageOther,
		"": portal.PageOther,
	} {
		kind, _ := portal.ClassifyPage(html)
		require.Equal(t, want, kind)
	}
}

func FuzzParseList(f *testing.F) {
	files, err := filepath.Glob("testdata/*.html")
	require.NoError(f, err)
	for _, file := range files {
		f.Add(fixture(f, filepath.Base(file)))
	}
	for _, row := range []string{
		`<div class="paginator-wrapper">99999999999 matches</div><div class="work-list-item w-1">`,
		`<div class="work-list-item"><a href="/app/work/1/">x</a><a href="/app/customers/locations/1/">#1</a><div class="address-info"></div></div>`,
		`<div class="work-list-item"><a href="://">x</a><div class="work-creator">•</div><div title="/"></div></div>`,
	} {
		f.Add(row)
	}
	f.Fuzz(func(t *testing.T, html string) {
		page, err := portal.ParseList(html, origin)
		if err != nil {
			require.NotEqual(t, scrape.KindInternal, scrape.KindOf(err), fmt.Sprint(err))
			return
		}
		for _, order := range page.Orders {
			require.NotEmpty(t, order.ExternalID)
			require.NotEmpty(t, order.StoreNumber)
		}
		_, _ = portal.ClassifyPage(html)
	})
}

// A page without the orders that it counts is the end of what can be read, and no proof of anything: the guard holds it.
func TestCountedButNotShown(t *testing.T) {
	t.Parallel()
	page, err := portal.ParseList(changed(t, "empty.html", "0 matches", "44 matches"), origin)
	require.NoError(t, err)
	require.True(t, page.Last)
	require.Equal(t, 44, page.Matches)
	require.Empty(t, page.Orders)
	plan := scrape.PlanWorkOrders(nil, []scrape.ListPage{page}, scrape.DefaultGuard())
	require.Equal(t, scrape.OutcomeHeld, plan.Outcome)
}
