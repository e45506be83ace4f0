package portal

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// The page's side of reading the list: an object with functions.
//
//go:embed list.js
var listScript string

//go:embed snapshot.js
var snapshotScript string

const listPath = "/app/work/list"

// listQuery asks for the open work orders without a completed visit, in the portal's own spelling. "limit" is the name of
// the page-size control. Whether the portal takes it from the address is not known, but the sort order's control and
// its parameter share a name in the same way; when it does, every run saves a page load, and when it does not, the control
// is used as if nothing had been asked.
const listQuery = "work_visit_completion=none%%7C%%7CNo%%20visits%%20completed%%7C%%7CWork%%20Visits%%20Completed" +
	"&order_direction=asc&limit=%d"

// pageQuery asks for a later page by Laravel's name for it. Whether the portal takes it from the address is not known either.
const pageQuery = "&page=%d"

// listParameters are the parameters of the list's address, whose values are no secrets.
var listParameters = []string{"work_visit_completion", "order_direction", "limit", "page", "tab"}

// WorkOrders reads the list of open work orders from page from on (1 is the first) and hands every page to each, in order.
// An error of each ends the reading and is returned as it is.
//
// A page that could be reached but is not proved to be the right list has Proved false, and so has one whose count of all
// orders is not that of the first page read; a page that cannot be read at all is an error: session_expired when the portal shows its
// login form, portal_throttled, portal_down, layout_changed. When the list has become shorter than from, its last page is handed over
// instead, so that the end of the list is known. When the portal does not give the wanted page size on a later page, reading begins at
// page 1 again, because pages of another size do not fit together.
func (v *visit) WorkOrders(ctx context.Context, from int, each func(context.Context, scrape.ListPage) error) error {
	var fromEach error
	r := &listReader{c: v.c, tab: v.tab, seen: map[string]bool{}}
	err := r.readAll(ctx, max(1, from), func(ctx context.Context, page scrape.ListPage) error {
		fromEach = each(ctx, page)
		return fromEach
	})
	if fromEach != nil {
		return fromEach
	}
	return v.failed(ctx, err)
}

// listReader is one reading of the list in one tab.
type listReader struct {
	c    *Client
	tab  *browser.Tab
	from int             // the page that reading began with
	seen map[string]bool // the orders handed over so far
	lost int             // rows that could not be read so far
	all  int             // the list's own count on the first page that was read
}

// view is the list as it is shown, as far as finding the way needs it.
type view struct {
	Login   bool   // it is the login form
	Stuck   bool   // nothing has changed, although something should have
	Absent  bool   // the page has come to rest without a list
	Rows    int    // shown
	Numbers string // of the shown orders
	Matches int    // the list's own count of all orders, -1 for none
	Size    int    // rows per page by the control, 0 for unknown
	Page    int    // 0 for unknown
	Links   []int  // pages that can be reached at once
	Next    bool
	Prev    bool
	Grid    bool // shown as a grid

	HTML  string // the page's elements, when the look has taken them along
	Asked bool   // the look has also asked for the next page

	Picked bool // the look has also operated the page-size control
}

// want is what a look at the list waits for. Zero values do not matter.
type want struct {
	Page     int
	Size     int
	Not      string // other orders than these
	List     bool   // as a list, not as a grid
	Snap     int    // take the elements along, if the page has this size or shows everything, and ask for the next page
	SnapPage int    // but only those of this page
	Pick     int    // operate the page-size control in the same turn, unless everything is shown already
	Before   int    // orders on earlier pages, which tells together with Snap whether there is a next page
	Settle   int64  // milliseconds without a change until a list that does not match its own count is taken as it is
	Patience int64  // and until it is believed that nothing will change any more
}

const (
	settle   = 500 * time.Millisecond
	patience = 2 * time.Second
)

func (r *listReader) readAll(ctx context.Context, from int, each func(context.Context, scrape.ListPage) error) error {
	now, err := r.start(ctx, from)
	if err != nil {
		return err
	}
	if from > 1 && now.Size != r.c.cfg.PageSize {
		r.c.log.WarnContext(ctx, "page size not as before, reading the list from its beginning", "size", now.Size, "from", from)
		from = 1
	}
	if now, err = r.goTo(ctx, now, from); err != nil {
		return err
	}
	r.from = now.Page
	for {
		html, asked := now.HTML, now.Asked
		if html == "" {
			if html, err = r.c.snapshot(ctx, r.tab); err != nil {
				return err
			}
			// The portal is asked for the next page before this one is parsed and handed over: both take their time.
			if asked = now.Next && (now.Matches < 0 || r.before(now)+now.Rows < now.Matches); asked {
				if err := r.click(ctx, now.Page, now.Page+1); err != nil {
					return err
				}
			}
		}
		page, err := r.read(ctx, html, now)
		if err != nil {
			return err
		}
		if err := each(ctx, page); err != nil || page.Last {
			return err
		}
		if now, err = r.move(ctx, now, now.Page+1, asked, now.Size); err != nil {
			return err
		}
	}
}

// before is the number of orders on the pages before the one that is read next.
func (r *listReader) before(now view) int { return max(0, r.from-1)*now.Size + len(r.seen) + r.lost }

// start opens the list, at a later page if the portal allows that, and brings it into the shape that is read.
func (r *listReader) start(ctx context.Context, from int) (view, error) {
	now, err := r.openAt(ctx, from)
	if err != nil || from == 1 || r.arrived(now, from) {
		return now, err
	}
	switch last := r.lastPage(now); {
	case last > 0 && last < from: // the list has become shorter
		r.c.log.WarnContext(ctx, "the list is shorter than before", "wanted_page", from, "page", last)
		if now, err = r.openAt(ctx, last); err != nil || r.arrived(now, last) {
			return now, err
		}
	case now.Page == 1 && now.Rows > 0: // the portal does not look at the number: on foot from here
		return now, nil
	}
	if now.Page > 0 && now.Rows > 0 {
		return now, nil
	}
	return r.openAt(ctx, 1)
}

// arrived tells whether the pager says that this is the page, in the size that gives its number a meaning.
func (r *listReader) arrived(now view, page int) bool {
	return now.Page == page && now.Size == r.c.cfg.PageSize && now.Rows > 0
}

// lastPage is the number of the list's last page by its own count; 0 when it does not tell.
func (r *listReader) lastPage(now view) int {
	if now.Matches <= 0 || now.Size != r.c.cfg.PageSize {
		return 0
	}
	return (now.Matches + now.Size - 1) / now.Size
}

// openAt opens the list and sets its page size. A list that shows neither orders nor a count of them is opened once more before it is
// believed. A number in the address is only a wish: the view says which page came, 0 when that cannot be told.
func (r *listReader) openAt(ctx context.Context, page int) (view, error) {
	query := fmt.Sprintf(listQuery, r.c.cfg.PageSize)
	first := want{Snap: r.c.cfg.PageSize}
	if page > 1 {
		query += fmt.Sprintf(pageQuery, page)
		first.SnapPage, first.Before = page, (page-1)*r.c.cfg.PageSize
	}
	if !r.c.mouse.Load() {
		first.Pick = r.c.cfg.PageSize
	}
	for attempt := 1; ; attempt++ {
		if err := r.c.open(ctx, r.tab, r.c.at(listPath, query)); err != nil {
			return view{}, err
		}
		now, err := r.look(ctx, first)
		if scrape.KindOf(err) == scrape.KindLayoutChanged && attempt == 1 {
			r.c.log.WarnContext(ctx, "list not recognised, opening it once more", "error", err)
			continue
		}
		if err != nil {
			return view{}, err
		}
		if page == 1 && now.Rows == 0 && now.Matches > 0 && attempt == 1 { // as some portals do while they are busy
			r.c.log.WarnContext(ctx, "list without the orders that it counts, opening it once more", "matches", now.Matches)
			continue
		}
		snap := 0
		if page == 1 {
			snap = first.Snap
		}
		if now, err = r.asList(ctx, now, snap); err != nil {
			return view{}, err
		}
		if now.Page == 0 && (page == 1 || !now.Prev) {
			now.Page = 1
		}
		return r.resize(ctx, now, snap)
	}
}

// look waits until the list is what is wanted and has come to rest.
func (r *listReader) look(ctx context.Context, w want) (view, error) {
	deadline := r.c.now().Add(r.c.cfg.ContentTimeout)
	w.Settle, w.Patience = settle.Milliseconds(), patience.Milliseconds()
	for {
		wanted, err := json.Marshal(w)
		if err != nil {
			return view{}, fmt.Errorf("look at the list: %w", err)
		}
		var now view
		script := fmt.Sprintf("((list, snapshot) => (quiet) => list.look(quiet, %s, snapshot))(%s, %s)",
			wanted, listScript, snapshotScript)
		if err := r.tab.Wait(ctx, script, deadline.Sub(r.c.now()), &now); err != nil {
			return view{}, r.c.notShown(ctx, r.tab, err, missingFromList)
		}
		if now.Login {
			return view{}, pageError(PageLogin, "")
		}
		// At rest by the look of it, but the page waits for an answer: it may still change.
		if r.tab.Pending() > 0 && (now.Stuck || now.Rows == 0 || !now.full()) {
			continue
		}
		if now.Absent {
			notShown := &browser.NotShownError{After: r.c.cfg.ContentTimeout - deadline.Sub(r.c.now())}
			return view{}, r.c.notShown(ctx, r.tab, notShown, missingFromList)
		}
		return now, nil
	}
}

// full tells whether the page shows as many orders as it should by the list's own count.
func (v view) full() bool {
	return v.Matches >= 0 && v.Size > 0 && v.Rows == max(0, min(v.Size, v.Matches-(max(1, v.Page)-1)*v.Size))
}

// asList leaves the grid view, if the portal has remembered it.
func (r *listReader) asList(ctx context.Context, now view, snap int) (view, error) {
	if !now.Grid {
		return now, nil
	}
	r.tab.Forget()
	if err := r.tab.Click(ctx, fmt.Sprintf("(%s).asList()", listScript)); err != nil {
		return view{}, r.c.noElement(ctx, err, listPage, "choice of the list view", "input[name=grid_view]")
	}
	return r.look(ctx, want{List: true, Snap: snap})
}

// resize sets the page size, unless everything is on one page anyway. The control may not react at first; when it never
// does, the list is read in smaller pages: its count of matches still guards that nothing is lost.
func (r *listReader) resize(ctx context.Context, now view, snap int) (view, error) {
	size := r.c.cfg.PageSize
	if now.Picked {
		after, err := r.look(ctx, want{Size: size, Not: now.Numbers, Snap: snap})
		if err != nil {
			return view{}, err
		}
		if after.Page == 0 {
			after.Page = 1
		}
		if now = after; now.Size != size {
			r.c.mouse.Store(true) // this portal wants a real mouse: do not wait for nothing again
		}
	}
	for range 3 {
		if now.Size == size || now.Size == 0 || (now.Matches >= 0 && now.Rows == now.Matches) {
			return now, nil
		}
		after, err := r.choose(ctx, now, size, snap)
		if err != nil {
			return view{}, err
		}
		now = after
	}
	if now.Size != size {
		r.c.log.WarnContext(ctx, "the portal keeps its page size", "wanted", size, "size", now.Size)
	}
	return now, nil
}

// choose operates the page-size control once.
func (r *listReader) choose(ctx context.Context, before view, size, snap int) (view, error) {
	const page, element, selector = listPage, "control for the page size", ".paginator-wrapper .ks-select"
	r.tab.Forget()
	option := fmt.Sprintf("(%s).option(%d)", listScript, size)
	opened := false
	if err := r.tab.Eval(ctx, "!!"+option, &opened); err != nil {
		return view{}, r.c.translate(ctx, err)
	}
	if !opened {
		if err := r.tab.Click(ctx, fmt.Sprintf("(%s).select()", listScript)); err != nil {
			return view{}, r.c.noElement(ctx, err, page, element, selector)
		}
	}
	err := r.tab.Wait(ctx, fmt.Sprintf("() => !!%s", option), patience, nil)
	if notShown := (*browser.NotShownError)(nil); errors.As(err, &notShown) {
		return before, nil
	}
	if err == nil {
		err = r.tab.Click(ctx, option)
	}
	if errors.Is(err, browser.ErrNoElement) {
		return before, nil
	}
	if err != nil {
		return view{}, r.c.translate(ctx, err)
	}
	now, err := r.look(ctx, want{Size: size, Not: before.Numbers, Snap: snap})
	if now.Page == 0 {
		now.Page = 1
	}
	return now, err
}

// goTo walks to a page with as few loads as possible: by the page links where they help. It stops at the end of the list.
func (r *listReader) goTo(ctx context.Context, now view, page int) (view, error) {
	for now.Page != page {
		best := now.Page
		consider := func(n int) {
			if abs(n-page) < abs(best-page) {
				best = n
			}
		}
		for _, n := range now.Links {
			consider(n)
		}
		if now.Next {
			consider(now.Page + 1)
		}
		if now.Prev {
			consider(now.Page - 1)
		}
		if best == now.Page {
			r.c.log.WarnContext(ctx, "the list is shorter than before", "wanted_page", page, "page", now.Page)
			return now, nil
		}
		var err error
		if now, err = r.move(ctx, now, best, false, 0); err != nil {
			return view{}, err
		}
	}
	return now, nil
}

// click asks for another page.
func (r *listReader) click(ctx context.Context, from, page int) error {
	target := fmt.Sprintf("(%s).link(%d)", listScript, page)
	switch page {
	case from + 1:
		target = fmt.Sprintf("(%s).next() || %s", listScript, target)
	case from - 1:
		target = fmt.Sprintf("(%s).prev() || %s", listScript, target)
	}
	r.tab.Forget()
	if err := r.tab.Click(ctx, target); err != nil {
		return r.c.noElement(ctx, err, listPage, fmt.Sprintf("way to page %d", page), ".paginator-wrapper .next-page")
	}
	return nil
}

// move goes to another page, for which the portal may have been asked already, and makes sure that it is there.
func (r *listReader) move(ctx context.Context, from view, page int, asked bool, snap int) (view, error) {
	for attempt := 1; ; attempt++ {
		if !asked {
			if err := r.click(ctx, from.Page, page); err != nil {
				return view{}, err
			}
		}
		now, err := r.look(ctx, want{Page: page, Not: from.Numbers, Snap: snap, Before: r.before(from)})
		if err != nil {
			return view{}, err
		}
		numbered := now.Page > 0
		now.Page = page
		if !now.Stuck {
			return now, nil
		}
		if attempt == 2 || !numbered { // without page numbers a second click might skip a page
			return view{}, scrape.Errorf(scrape.KindPortalDown, "The work-order list did not go on to page %d.", page)
		}
		asked = false // the click was lost
	}
}

// read takes the page in a snapshot.
func (r *listReader) read(ctx context.Context, html string, now view) (scrape.ListPage, error) {
	page, err := ParseList(html, r.c.base)
	if err != nil {
		return scrape.ListPage{}, err
	}
	if page.Number == 0 {
		page.Number = now.Page
	}
	if page.Number != now.Page {
		return scrape.ListPage{}, scrape.Errorf(scrape.KindPortalDown,
			"The work-order list went from page %d to page %d by itself.", now.Page, page.Number)
	}
	fresh := 0
	for _, order := range page.Orders {
		if !r.seen[order.ExternalID] {
			r.seen[order.ExternalID] = true
			fresh++
		}
	}
	r.lost += len(page.Broken)
	if now.Page == r.from {
		r.all = page.Matches
	}
	if page.Matches != r.all {
		// Orders came or went between two pages: one may have slipped from a page not yet read to one read before, and the
		// counts would agree all the same.
		r.c.log.WarnContext(ctx, "the list changed while it was read", "matches", page.Matches, "before", r.all)
		page.Proved = false
	}
	// The portal's own end mark on a last page is not known for certain; its count of all orders is.
	if page.Matches >= 0 && r.before(now) >= page.Matches {
		page.Last = true
	}
	if fresh == 0 && len(page.Broken) == 0 && !page.Last {
		return scrape.ListPage{}, scrape.Errorf(scrape.KindPortalDown, "Page %d of the work-order list repeats earlier pages.", page.Number)
	}
	if !page.Proved {
		r.c.log.WarnContext(ctx, "the list is not proved to be the right one", "page", page.Number)
	}
	return page, nil
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
