package portal_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portal"
)

const place = "71001"

// The three dispensers of the fixture.
func threeDispensers() []scrape.Dispenser {
	return []scrape.Dispenser{
		{
			LocationID: place, Number: "1/2", Numbers: []string{"1", "2"}, Title: "1/2 - Regular, Plus, E-85, Diesel / DEF - Examplemake",
			Make: "Examplemake", Model: "EX-700 S", SerialNumber: "EX123456", MeterType: "Electronic", NozzlesPerSide: "3",
			StandAloneCode: "0126", Grades: []string{"Regular", "Plus", "E-85", "Diesel / DEF"},
			CustomFields: map[string]string{
				"Grade": "Regular, Plus, E-85, Diesel / DEF", "Stand Alone Code": "0126",
				"Number of Nozzles (per side)": "3", "Meter Type": "Electronic",
			},
		},
		{ // its labels as they look on the screen
			LocationID: place, Number: "3/4", Numbers: []string{"3", "4"}, Title: "3/4 - Regular, Plus - Example & Sons",
			Make: "Example & Sons", Model: "PF 45/B", SerialNumber: "123457", MeterType: "HD Meter", NozzlesPerSide: "2",
			StandAloneCode: "0127", Grades: []string{"Regular", "Plus"},
			CustomFields: map[string]string{
				"GRADE": "Regular, Plus", "stand alone code": "0127", "number of nozzles (Per Side)": "2",
				"METER TYPE": "HD Meter", "Hose colour": "Blue - light",
			},
		},
		{ // a single one that lacks what it can; neither make nor grades come from its title
			LocationID: place, Number: "5", Numbers: []string{"5"}, Title: "5 - Diesel High Flow - Examplemake", NozzlesPerSide: "1",
			CustomFields: map[string]string{"Number of Nozzles (per side)": "1", "Meter Type": ""},
		},
	}
}

func TestParseLocation(t *testing.T) {
	t.Parallel()
	all := threeDispensers()
	for _, tt := range []struct {
		name string
		html string
		want scrape.LocationResult
	}{
		{"pairs and a single one", fixture(t, "location.html"), scrape.LocationResult{State: scrape.LocationOK, Dispensers: all, Announced: 3}},
		{
			"classes of cards renamed", changed(t, "location.html", "py-1.5", "p-2"),
			scrape.LocationResult{State: scrape.LocationOK, Dispensers: all, Announced: 3},
		},
		{
			"no title on the link", changed(t, "location.html", ` title="Hide equipment"`, ""),
			scrape.LocationResult{State: scrape.LocationOK, Dispensers: all, Announced: 3},
		},
		{
			"more announced", changed(t, "location.html", "dispenser</span>\n              (3)", "dispenser</span>(4)"),
			scrape.LocationResult{State: scrape.LocationOK, Dispensers: all, Announced: 4, Problems: []string{"The location announces 4 dispensers and shows 3."}},
		},
		{
			"fewer announced", changed(t, "location.html", "dispenser</span>\n              (3)", "dispenser</span> (1)"),
			scrape.LocationResult{State: scrape.LocationOK, Dispensers: all, Announced: 1, Problems: []string{"The location announces 1 dispenser and shows 3."}},
		},
		{
			"none announced", changed(t, "location.html", "dispenser</span>\n              (3)", "dispenser</span> (0)"),
			scrape.LocationResult{State: scrape.LocationOK, Dispensers: all, Problems: []string{"The location announces 0 dispensers and shows 3."}},
		},
		{
			"more announced, and one without a number",
			changed(t, "location.html", "dispenser</span>\n              (3)", "dispenser</span>(4)", "5 - Diesel High Flow", "Kiosk - Diesel High Flow"),
			scrape.LocationResult{State: scrape.LocationOK, Dispensers: all[:2], Announced: 4, Problems: []string{
				"The location announces 4 dispensers and shows 3.",
				`A dispenser has no number at the beginning of its title "Kiosk - Diesel High Flow - Examplemake".`,
			}},
		},
		{
			"two, collapsed", changed(t, "location-collapsed.html", "Dispenser</span>\n              (3)", "Dispenser</span> (2)"),
			scrape.LocationResult{State: scrape.LocationOK, Announced: 2, Problems: []string{"The location announces 2 dispensers and shows 0."}},
		},
		{
			"counted as none", changed(t, "location-collapsed.html", "Dispenser</span>\n              (3)", "Dispenser</span> (0)"),
			scrape.LocationResult{State: scrape.LocationNone},
		},
		{"other equipment only", fixture(t, "location-none.html"), scrape.LocationResult{State: scrape.LocationNone, Announced: -1}},
		{
			"another kind of equipment with a similar name", changed(t, "location-none.html", "Tank</span>", "Dispenser Sump</span>"),
			scrape.LocationResult{State: scrape.LocationNone, Announced: -1},
		},
		{
			"a complaint instead of equipment",
			changed(t, "location-none.html", `<div class="tab-content">`, `<div class="tab-content"><div class="error-msg">Oh no.</div>`),
			scrape.LocationResult{State: scrape.LocationOK, Announced: -1, Problems: []string{`The portal shows no equipment of the location and says "Oh no.".`}},
		},
		{
			"a hidden complaint",
			changed(t, "location-none.html", `<div class="tab-content">`, `<div class="tab-content"><div class="error-msg" style="display: none">Oh no.</div>`),
			scrape.LocationResult{State: scrape.LocationNone, Announced: -1},
		},
		{"deleted", fixture(t, "location-deleted.html"), scrape.LocationResult{State: scrape.LocationDeleted, Announced: -1}},
		{"denied", fixture(t, "location-denied.html"), scrape.LocationResult{State: scrape.LocationDenied, Announced: -1}},
		{"denied without a frame", "<body>403 | Forbidden</body>", scrape.LocationResult{State: scrape.LocationDenied, Announced: -1}},
		{
			"a number twice", changed(t, "location.html", "3/4 - Regular, Plus", "1 / 2 - Regular, Plus"),
			scrape.LocationResult{
				State: scrape.LocationOK, Dispensers: all[2:], Announced: 3, Problems: []string{"Several dispensers have the number 1/2."},
			},
		},
		{
			"no number", changed(t, "location.html", "5 - Diesel High Flow", "Kiosk - Diesel High Flow"),
			scrape.LocationResult{
				State: scrape.LocationOK, Dispensers: all[:2], Announced: 3,
				Problems: []string{`A dispenser has no number at the beginning of its title "Kiosk - Diesel High Flow - Examplemake".`},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.LocationID = place
			got, err := portal.ParseLocation(tt.html, place)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestParseLocationRefusesWhatIsNoLocation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		html    string
		kind    scrape.Kind
		message string
	}{
		{"login form", fixture(t, "login.html"), scrape.KindSessionExpired, "login form"},
		{"nothing", "", scrape.KindLayoutChanged, "#sidebar"},
		{"list", fixture(t, "list.html"), scrape.KindLayoutChanged, "no Equipment tab"},
		{"collapsed", fixture(t, "location-collapsed.html"), scrape.KindLayoutChanged, "cards for the 3 dispensers"},
		{"cards gone", changed(t, "location.html", `style="opacity: 1;"`, `class="group-heading"`), scrape.KindLayoutChanged, "py-1.5"},
		{"group renamed", changed(t, "location.html", "group-heading", "title"), scrape.KindLayoutChanged, "selector .group-heading"},
		{"link is none", changed(t, "location.html", `<a href="#" title`, "<b title", "</svg></a>", "</svg></b>"), scrape.KindLayoutChanged, `"Dispenser (N)"`},
		{"link without a count", changed(t, "location.html", "dispenser</span>\n              (3)", "dispenser</span> [3]"), scrape.KindLayoutChanged, `"Dispenser (N)"`},
		{"two groups", changed(t, "location.html", "Tank</span>", "Dispenser</span>"), scrape.KindLayoutChanged, "single group"},
		{"titles renamed", changed(t, "location.html", "1/2 - ", "", "3/4 - ", "", "5 - ", ""), scrape.KindLayoutChanged, "number in the title"},
		{"parts renamed", changed(t, "location.html", "S/N", "No", "Make:", "", "Model:", "", "custom-fields-view", "x"), scrape.KindLayoutChanged, "custom-fields-view"},
		{"a heading in another form", changed(t, "location-none.html", "(1) <svg", "<svg"), scrape.KindLayoutChanged, `"Dispenser (N)"`},
		{
			"no tab, words about permissions", changed(t, "location-denied.html", "Access denied. You do not have permission to view this location.",
				"Parking needs a permission of the manager. The connection is behind the store."),
			scrape.KindLayoutChanged, "no Equipment tab",
		},
		{"no tab, no equipment", changed(t, "location-deleted.html", "Sorry, this location could not be found. It may have been deleted.", "Nothing"), scrape.KindLayoutChanged, "no Equipment tab"},
		{"trouble inside", changed(t, "location-deleted.html", "Sorry, this location could not be found. It may have been deleted.", "Something went wrong."), scrape.KindPortalDown, "went wrong"},
		{"trouble in the tab", changed(t, "location-none.html", "Tank", "Something went wrong."), scrape.KindPortalDown, "went wrong"},
		{"trouble outside", "<body>503 Service Unavailable</body>", scrape.KindPortalDown, "went wrong"},
		{"slow down", "<body>Too many requests</body>", scrape.KindPortalThrottled, "slow down"},
		{"a wall", "<body>Access denied. Ray ID: 1234. Performance by Cloudflare</body>", scrape.KindLayoutChanged, "#sidebar"},
		{"a long text about permissions", "<body>" + strings.Repeat("You need a permission. ", 200) + "</body>", scrape.KindLayoutChanged, "#sidebar"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := portal.ParseLocation(tt.html, place)
			require.Equal(t, tt.kind, scrape.KindOf(err), "%v", err)
			require.ErrorContains(t, err, tt.message)
			require.Zero(t, got)
		})
	}
}

func TestFieldsThatNoneOfManyDispensersHasAreAChangedLayout(t *testing.T) {
	t.Parallel()
	html := changed(t, "location.html", "custom-fields-view", "fields")
	_, err := portal.ParseLocation(html, place)
	require.NoError(t, err, "three dispensers may lack them")

	begin, end := strings.Index(html, "3/4 - Regular"), strings.Index(html, "5 - Diesel High Flow")
	card := html[begin:end]
	html = html[:begin] + strings.ReplaceAll(card, "3/4", "7/8") + strings.ReplaceAll(card, "3/4", "9/10") + html[begin:]
	html = strings.Replace(html, "dispenser</span>\n              (3)", "dispenser</span> (5)", 1)
	_, err = portal.ParseLocation(html, place)
	require.Equal(t, scrape.KindLayoutChanged, scrape.KindOf(err), "%v", err)
	require.ErrorContains(t, err, ".custom-fields-view")
	got, err := portal.ParseLocation(strings.ReplaceAll(html, `"fields"`, `"custom-fields-view"`), place)
	require.NoError(t, err)
	require.Len(t, got.Dispensers, 5)
	require.True(t, got.Complete())
}

func TestCardsInOtherForms(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][]string{
		"title in a link":         {"<div>\n                1/2 - Regular, Plus, E-85, Diesel / DEF -\n                Examplemake", "<div><a href=\"#\">1/2 - Regular, Plus, E-85, Diesel / DEF - Examplemake</a>"},
		"no block for the title":  {"flex align-start", "x"},
		"tooltip without a class": {`class="ks-tooltip"`, `role="tooltip"`},
		"make and model together": {"</div></div>\n              <div class=\"text-tiny\"><div><span class=\"muted uppercase\">Model", " <span class=\"muted uppercase\">Model"},
		"labels in capitals":      {"S/N:", "s/n:", "Make:", "MAKE:", "Model:", "MODEL:"},
		"labels with their value": {`<span class="muted uppercase">Make:</span>`, "Make:", `<span class="muted uppercase">Model:</span>`, "Model:"},
		"custom labels: colons":   {"Stand Alone Code</div>", "Stand Alone Code:</div>"},
		"white space":             {"S/N: ", "S/N:\n\u00a0 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := portal.ParseLocation(changed(t, "location.html", change...), place)
			require.NoError(t, err)
			require.Empty(t, got.Problems)
			require.Equal(t, threeDispensers(), got.Dispensers)
		})
	}
}

func FuzzParseLocation(f *testing.F) {
	files, err := filepath.Glob("testdata/*.html")
	require.NoError(f, err)
	for _, file := range files {
		f.Add(fixture(f, filepath.Base(file)))
	}
	for _, cards := range []string{
		`<div>1</div>`, `<div class="py-1.5"><span>Make:</span></div>`, `<div class="py-1.5">S/N:<i class="tooltip">x</i></div>`,
		`<div class="py-1.5"><div class="custom-fields-view"><div class="row"><p></p></div></div></div>`,
	} {
		f.Add(`<div class="group-heading"><a href="#">Dispenser (1)</a></div><div>` + cards + `</div>`)
	}
	f.Fuzz(func(t *testing.T, html string) {
		got, err := portal.ParseLocation(html, place)
		if err != nil {
			require.NotEqual(t, scrape.KindInternal, scrape.KindOf(err), err)
			require.Zero(t, got)
			return
		}
		seen := map[string]bool{}
		for _, d := range got.Dispensers {
			require.NotEmpty(t, d.Number)
			require.False(t, seen[d.Number])
			seen[d.Number] = true
		}
		require.True(t, got.State == scrape.LocationOK || len(got.Dispensers) == 0)
		require.True(t, len(got.Dispensers) <= max(0, got.Announced) || len(got.Problems) > 0)
		require.True(t, !got.Complete() || len(got.Problems) == 0)
	})
}
