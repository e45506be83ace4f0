package portalsim_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

// TestBrowser looks at the portal as a person does: it logs in, makes the list longer, turns the page and opens the
// equipment of a store.
func TestBrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	b := newBrowser(t)

	t.Run("list paging", func(t *testing.T) {
		t.Parallel()
		sim, url := start(t, portalsim.Config{Seed: 7, DataLatency: portalsim.Latency{Base: 30 * time.Millisecond}})
		tab := b.login(t, url, "tech@example.com")

		tab.open(url + listPath)
		tab.until(`rows() === 25 && idle()`)
		require.Equal(t, "120 matches", tab.text(`.paginator-wrapper .length-aware-pagination .text-right`))
		require.Equal(t, "Work Visits Completed: No visits completed x", tab.text(`.active-search-filters .ks-badge.info`))
		require.Equal(t, "Show 25", tab.text(`.paginator-wrapper .ks-select-selection`))
		require.Equal(t, "tech@example.com", tab.text(`a.dropdown-toggle`))
		require.Equal(t, 10, eval[int](tab, `document.querySelectorAll(".loader-line").length`))
		require.Equal(t, 1, eval[int](tab, `document.querySelectorAll("table").length`))
		require.Equal(t, 3, eval[int](tab, `document.querySelectorAll(".ks-select-selection").length`))
		require.Equal(t, 2, eval[int](tab, `document.querySelectorAll(".pagination").length`))
		require.Equal(t, 5, eval[int](tab, `document.querySelectorAll(".paginator-wrapper a.page-link").length`))

		tab.click(`.paginator-wrapper .ks-select-selection`)
		// In one go, as the loader may be gone again before a second question arrives.
		require.Equal(t, 1, eval[int](tab, `(document.querySelector(".paginator-wrapper .ks-select li:nth-child(3)").click(),
			visible(".loader-line").length)`))
		tab.until(`rows() === 100 && idle()`)
		require.Equal(t, "Show 100", tab.text(`.paginator-wrapper .ks-select-selection`))
		require.Equal(t, "Show 25", tab.text(`.paginator-wrapper .selected-item`))
		first := eval[[]string](tab, `numbers()`)

		tab.click(`.paginator-wrapper a.next-page`)
		tab.until(`rows() === 20 && idle()`)
		require.Equal(t, "2", tab.text(`.paginator-wrapper .current-page`))
		require.True(t, eval[bool](tab, `document.querySelector(".paginator-wrapper .next-page").classList.contains("disabled")`))

		orders, err := sim.OpenOrders("tech@example.com")
		require.NoError(t, err)
		want := make([]string, 0, len(orders))
		for _, o := range orders {
			want = append(want, fmt.Sprintf("W-%d", o.Number))
		}
		require.Equal(t, want, append(first, eval[[]string](tab, `numbers()`)...))

		c := sim.Counters("tech@example.com")
		require.Equal(t, map[int]int{1: 2, 2: 1}, c.ListPages)
		require.Equal(t, 1, c.Documents[portalsim.PageList])
		require.LessOrEqual(t, c.MaxConcurrent, 2, "one after the other; a request may be counted until a moment after its answer has arrived")
		require.Equal(t, 1, c.Sessions)
	})

	t.Run("unfiltered list has the pager without a total", func(t *testing.T) {
		t.Parallel()
		_, url := start(t, portalsim.Config{Seed: 7})
		tab := b.login(t, url, "small@example.com")
		tab.open(url + "/app/work/list")
		tab.until(`rows() === 8 && idle()`) // 7 open and one approved; the closed one stays hidden
		require.Equal(t, 1, eval[int](tab, `document.querySelectorAll(".paginator-wrapper .simple-pagination").length`))
		require.Equal(t, 0, eval[int](tab, `document.querySelectorAll(".length-aware-pagination, .ks-badge").length`))
		tab.click(`.show-closed input`)
		tab.until(`rows() === 9 && idle()`)
	})

	t.Run("location", func(t *testing.T) {
		t.Parallel()
		sim, url := start(t, portalsim.Config{Seed: 7, DataLatency: portalsim.Latency{Base: 30 * time.Millisecond}})
		locations, err := sim.Locations("small@example.com")
		require.NoError(t, err)
		store := locations[0]
		cards := store.Dispensers()
		tab := b.login(t, url, "small@example.com")

		tab.open(fmt.Sprintf("%s/app/customers/locations/%d/", url, store.LocationID))
		tab.until(`tabNamed("Equipment") && idle()`)
		eval[bool](tab, `tabNamed("Equipment").click(), true`)
		tab.until(fmt.Sprintf(`group("Dispenser (%d)") && idle()`, len(cards)))
		require.Equal(t, "Show equipment", eval[string](tab, `group("Dispenser").title`))
		require.Equal(t, 0, eval[int](tab, `document.querySelectorAll(".custom-fields-view").length`))

		eval[bool](tab, `group("Dispenser").click(), true`)
		tab.until(fmt.Sprintf(`document.querySelectorAll(".custom-fields-view").length === %d`, len(cards)))
		require.Equal(t, "Hide equipment", eval[string](tab, `group("Dispenser").title`))
		require.Contains(t, eval[string](tab, `document.querySelector(".custom-fields-view").parentElement.textContent`), cards[0].Title)
		require.Zero(t, sim.Counters("small@example.com").Data[portalsim.PageNewEquipment])
	})

	t.Run("trap", func(t *testing.T) {
		t.Parallel()
		sim, url := start(t, portalsim.Config{Seed: 7})
		locations, err := sim.Locations("small@example.com")
		require.NoError(t, err)
		require.NoError(t, sim.SetFault(portalsim.Fault{Name: portalsim.FaultStrayModal, Next: 1}))
		tab := b.login(t, url, "small@example.com")
		tab.open(fmt.Sprintf("%s/app/customers/locations/%d/", url, locations[0].LocationID))
		tab.until(`tabNamed("Equipment") && idle()`)
		eval[bool](tab, `tabNamed("Equipment").click(), true`)
		tab.until(`group("Dispenser") && idle()`)
		eval[bool](tab, `visible("button").find((b) => norm(b) === "Cancel").click(), true`)
		require.Zero(t, eval[int](tab, `visible("button").length`))
		require.Zero(t, sim.Counters("small@example.com").Data[portalsim.PageNewEquipment])
		eval[bool](tab, `[...document.querySelectorAll(".group-heading .right a")].find((a) => norm(a) === "Add Dispenser").click(), true`)
		tab.until(`visible("button").some((b) => norm(b) === "Cancel")`)
		require.Eventually(t, func() bool {
			return sim.Counters("small@example.com").Data[portalsim.PageNewEquipment] == 1
		}, time.Minute, 10*time.Millisecond)
		eval[bool](tab, `visible("button").find((b) => norm(b) === "Cancel").click(), true`)
		tab.until(`visible("button").length === 0`)
	})

	t.Run("page faults", func(t *testing.T) {
		t.Parallel()
		sim, url := start(t, portalsim.Config{Seed: 7})
		tab := b.login(t, url, "tech@example.com")

		require.NoError(t, sim.SetFault(portalsim.Fault{Name: portalsim.FaultIgnoreSize, Next: 1}))
		tab.open(url + listPath)
		tab.until(`rows() === 25 && idle()`)
		tab.click(`.paginator-wrapper .ks-select-selection`)
		tab.click(`.paginator-wrapper .ks-select li:nth-child(3)`)
		require.Equal(t, "Show 25", tab.text(`.paginator-wrapper .ks-select-selection`))

		require.NoError(t, sim.SetFault(portalsim.Fault{Name: portalsim.FaultRenameClass, Next: 1}))
		tab.open(url + listPath)
		tab.until(`document.querySelectorAll(".work-entry").length === 25 && idle()`)
		require.Zero(t, eval[int](tab, `rows()`))

		require.NoError(t, sim.SetFault(portalsim.Fault{Name: portalsim.FaultEmptyList, Value: "unproved"}))
		tab.open(url + listPath)
		tab.until(`document.querySelector(".ks-badge") && idle()`)
		require.Zero(t, eval[int](tab, `rows() + document.querySelectorAll(".paginator-wrapper .pagination").length`))
		sim.ClearFaults(portalsim.Fault{})

		// The session dies between the page and the turning of the page.
		tab.open(url + listPath)
		tab.until(`rows() === 25 && idle()`)
		sim.ExpireSessions("tech@example.com")
		tab.click(`.paginator-wrapper a.next-page`)
		tab.until(`document.querySelector("form[name=login]")`)
		require.Contains(t, eval[string](tab, `location.href`), "/app/work/list")
	})

	t.Run("changed layout", func(t *testing.T) {
		t.Parallel()
		_, url := start(t, portalsim.Config{Seed: 7})
		tab := b.login(t, url, "changed@example.com")
		tab.open(url + listPath)
		tab.until(`document.querySelectorAll(".job-card").length === 25 && idle()`)
		require.Zero(t, eval[int](tab, `rows() + document.querySelectorAll(".paginator-wrapper, .pre-wrap").length`))
	})
}

// helpers are what the checks above say in a word.
const helpers = `
	window.norm = (e) => e.textContent.replace(/\s+/g, " ").trim();
	window.visible = (s) => [...document.querySelectorAll(s)].filter((e) => e.getClientRects().length);
	window.idle = () => document.querySelector("#sidebar") && !visible(".loader-line").length;
	window.rows = () => document.querySelectorAll(".work-list-item").length;
	window.numbers = () => [...document.querySelectorAll(".work-list-item .ks-checkbox a")].map(norm);
	window.tabNamed = (name) => [...document.querySelectorAll(".tabs a")].find((a) => norm(a) === name);
	window.group = (start) => [...document.querySelectorAll(".group-heading a[href='#']")].find((a) => norm(a).startsWith(start));`

type browser struct{ ctx context.Context } // chromedp keeps the browser in it

type tab struct {
	t   *testing.T
	ctx context.Context // chromedp keeps the tab in it
}

func newBrowser(t *testing.T) browser {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browserPath(t)), chromedp.WindowSize(1920, 1080))
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx))
	return browser{ctx}
}

func browserPath(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("FOSSAWORK_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium-headless-shell", "headless_shell", "chromium"} {
		path := "/usr/lib/chromium/" + name
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no browser: set FOSSAWORK_CHROMIUM or install chromium-headless-shell")
	}
	t.Skip("no browser: set FOSSAWORK_CHROMIUM or install chromium-headless-shell")
	return ""
}

// login opens a tab with cookies of its own and signs in.
func (b browser) login(t *testing.T, url, email string) tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx)) // the tab must not belong to the deadline of a step
	tb := tab{t, ctx}
	tb.open(url)
	tb.do(
		chromedp.SendKeys(chromedp.CSS(`input[name=email]`), email),
		chromedp.SendKeys(chromedp.CSS(`input[name=password]`), portalsim.DemoPassword),
		chromedp.Click(chromedp.CSS(`input[type=submit]`)),
		chromedp.WaitVisible(chromedp.CSS(`#sidebar a[href*="/app/work"]`)),
	)
	return tb
}

func (tb tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, time.Minute)
	defer cancel()
	require.NoError(tb.t, chromedp.Do(ctx, steps...))
}

func (tb tab) open(url string) {
	tb.t.Helper()
	tb.do(chromedp.Navigate(url))
}

func (tb tab) click(selector string) {
	tb.t.Helper()
	tb.do(chromedp.Click(chromedp.CSS(selector)))
}

// until waits for a condition of the page, also across a navigation.
func (tb tab) until(condition string) {
	tb.t.Helper()
	require.Eventually(tb.t, func() bool {
		ctx, cancel := context.WithTimeout(tb.ctx, 5*time.Second)
		defer cancel()
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](helpers+`; Boolean(`+condition+`)`))
		return err == nil && ok
	}, time.Minute, 20*time.Millisecond, "%s", condition)
}

func (tb tab) text(selector string) string {
	tb.t.Helper()
	return eval[string](tb, fmt.Sprintf(`norm(document.querySelector(%q))`, selector))
}

func eval[T any](tb tab, expression string) T {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](helpers+`; (`+strings.TrimSpace(expression)+`)`))
	require.NoError(tb.t, err, expression)
	return v
}
