package portal

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"github.com/fossawork/scheduler/scrape"
)

// PageKind says what a page of the portal is.
type PageKind string

// The kinds of pages.
const (
	PageLogin PageKind = "login" // the login form, at whatever address
	PageList  PageKind = "list"  // signed in, with the work-order list
	PageApp   PageKind = "app"   // signed in, with something else
	PageError PageKind = "error" // a text that something went wrong, signed in or not
	PageOther PageKind = "other"
)

// listPage is how the list is called in sentences.
const listPage = "work-order list"

// The filter that the list is opened with, as its chip shows it.
const (
	chipTitle = "Work Visits Completed"
	chipLabel = "No visits completed"
)

// These decide when missing parts mean a changed layout and not a peculiar order: fewer rows prove nothing.
const (
	enoughForRequired = 3 // rows of which most lack a part that every row must have
	enoughForExpected = 5 // readable rows of which all lack a part that every captured row had
)

// ClassifyPage tells what a page is, and for PageError what it says. The address and the title are of no use: the portal
// shows its login form at any address, and the same title everywhere.
func ClassifyPage(html string) (PageKind, string) {
	doc, err := parse(html)
	if err != nil {
		return PageOther, ""
	}
	return classify(doc)
}

func parse(html string) (*goquery.Document, error) {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		return nil, fmt.Errorf("parse the page: %w", err)
	}
	return doc, nil
}

func classify(doc *goquery.Document) (PageKind, string) {
	shell := hasShell(doc)
	switch {
	case doc.Find("form[name=login]").Length() > 0,
		!shell && doc.Find("input[type=password]").Length() > 0:
		return PageLogin, ""
	case doc.Find(".work-list-item").Length() > 0,
		shell && doc.Find(".paginator-wrapper").Length() > 0:
		return PageList, ""
	}
	said := doc.Find("body")
	if shell {
		said = doc.Find(".content")
	}
	// Long pages are content that may mention anything.
	if text := textOf(said); len(text) < 2000 && (troubleText.MatchString(text) || throttleText.MatchString(text)) {
		return PageError, text
	}
	if shell {
		return PageApp, ""
	}
	return PageOther, ""
}

// hasShell finds what surrounds every page of a signed-in person.
func hasShell(doc *goquery.Document) bool {
	return doc.Find("#sidebar").Length() > 0 && doc.Find(".top-bar").Length() > 0 ||
		doc.Find(`#sidebar a[href*="/app/work"]`).Length() > 0
}

// ParseList reads one page of the work-order list. base is the portal's origin, for the addresses.
//
// Rows that cannot be read are in Broken. Number is 0 when the pager does not tell it. Proved is set only when
// the shell, the filter's chip and the list view are all there. A page that shows fewer orders than it counts, or none, is handed over as it
// is: who compares decides what that means. An error means that this is no list that could be believed:
// session_expired for the login form, layout_changed naming the element, portal_down and
// portal_throttled for what the page itself says.
func ParseList(html string, base *url.URL) (scrape.ListPage, error) {
	doc, err := parse(html)
	if err != nil {
		return scrape.ListPage{}, err
	}
	switch kind, text := classify(doc); kind {
	case PageLogin, PageError:
		return scrape.ListPage{}, pageError(kind, text)
	case PageApp, PageOther:
		return scrape.ListPage{}, missingFromListPage(doc, kind)
	case PageList:
	}

	pager := readPager(doc)
	rows := doc.Find(".work-list-item")
	if err := believable(doc, rows, pager); err != nil {
		return scrape.ListPage{}, err
	}
	page := scrape.ListPage{
		Number: pager.number, Last: pager.last || rows.Length() == 0, Matches: pager.matches, // nothing follows a page without rows
		Proved: hasShell(doc) && hasChip(doc) && isListView(doc),
	}
	found := parts{}
	rows.Each(func(_ int, row *goquery.Selection) {
		order, broken := parseRow(row, base, found)
		if broken != nil {
			page.Broken = append(page.Broken, *broken)
			return
		}
		page.Orders = append(page.Orders, order)
	})
	if err := found.check(rows.Length(), len(page.Orders), pager.number); err != nil {
		return scrape.ListPage{}, err
	}
	return page, nil
}

// missingFromList names what a page that never became a list lacks.
func missingFromList(html string) error {
	doc, err := parse(html)
	if err != nil {
		return err
	}
	kind, text := classify(doc)
	switch kind {
	case PageLogin, PageError:
		return pageError(kind, text)
	case PageApp, PageOther:
		return missingFromListPage(doc, kind)
	case PageList:
	}
	if err := believable(doc, doc.Find(".work-list-item"), readPager(doc)); err != nil {
		return err
	}
	return scrape.Errorf(scrape.KindPortalDown, "The work-order list did not come to rest in time.")
}

func missingFromListPage(doc *goquery.Document, kind PageKind) error {
	if kind == PageOther {
		return layoutChanged("portal's page", "frame of a signed-in person", "#sidebar, .top-bar")
	}
	if looksLikeOrders(doc) {
		return layoutChanged(listPage, "rows in the known form", ".work-list-item")
	}
	return layoutChanged(listPage, "pager and no rows", ".paginator-wrapper, .work-list-item")
}

// believable refuses a list of which it cannot be told whether it is empty or where it ends.
func believable(doc *goquery.Document, rows *goquery.Selection, pager pager) error {
	switch {
	case rows.Length() == 0 && looksLikeOrders(doc):
		return layoutChanged(listPage, "rows in the known form", ".work-list-item")
	case !pager.found:
		return layoutChanged(listPage, "pager", ".paginator-wrapper")
	case rows.Length() == 0 && pager.matches < 0:
		return lacks(listPage, "rows and count of them", ".work-list-item, .paginator-wrapper .text-right",
			"The %s has neither rows nor a count of them.", listPage)
	case !pager.ends && pager.matches < 0:
		return layoutChanged(listPage, "link to the next page", ".paginator-wrapper .pagination a.next-page")
	}
	return nil
}

// looksLikeOrders finds links to work orders outside the rows as we know them.
func looksLikeOrders(doc *goquery.Document) bool {
	found := false
	doc.Find(`.content a[href*="/app/work/"], #app a[href*="/app/work/"]`).EachWithBreak(func(_ int, link *goquery.Selection) bool {
		found = orderPath.MatchString(pathOf(link)) && link.Closest("#sidebar, .top-bar, .work-list-item").Length() == 0
		return !found
	})
	return found
}

// pager is what stands above the list.
type pager struct {
	found   bool
	matches int  // -1 when it does not tell
	number  int  // 0 when it does not tell
	last    bool // no page follows
	ends    bool // it tells whether a page follows
}

var matchesText = regexp.MustCompile(`(?i)^([\d,]{1,12}) match(es)?$`)

func readPager(doc *goquery.Document) pager {
	p := pager{matches: -1}
	wrapper := doc.Find(".paginator-wrapper").First()
	if wrapper.Length() == 0 {
		return p
	}
	p.found = true
	wrapper.Find("*").EachWithBreak(func(_ int, el *goquery.Selection) bool {
		if m := matchesText.FindStringSubmatch(textOf(el)); m != nil {
			if n, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", "")); err == nil {
				p.matches = n
				return false
			}
		}
		return true
	})

	pages := wrapper.Find(".pagination").First()
	next, prev := pages.Find("a.next-page, .next-page").First(), pages.Find("a.prev-page, .prev-page").First()
	p.number, _ = strconv.Atoi(textOf(pages.Find(".current-page").First()))
	greatest := 0
	pages.Find(".page-link").Each(func(_ int, link *goquery.Selection) {
		if n, err := strconv.Atoi(textOf(link)); err == nil {
			greatest = max(greatest, n)
		}
	})
	switch {
	case pages.Length() == 0: // an empty list, or a single page
		p.ends = p.matches >= 0
		p.last = p.ends
	case hidden(pages): // the whole list is on one page
		p.last, p.ends = true, true
	case next.Length() > 0:
		p.last, p.ends = disabled(next), true
	case greatest > 0 && p.number > 0:
		p.last, p.ends = p.number >= greatest, true
	}
	if p.number <= 0 {
		p.number = 0
		if pages.Length() == 0 || hidden(pages) || (prev.Length() > 0 && disabled(prev)) {
			p.number = 1
		}
	}
	return p
}

// hasChip finds the filter among the active ones.
func hasChip(doc *goquery.Document) bool {
	found := false
	doc.Find(".active-search-filters .ks-badge").EachWithBreak(func(_ int, chip *goquery.Selection) bool {
		found = strings.EqualFold(strings.TrimSuffix(textOf(chip.Find("strong").First()), ":"), chipTitle) &&
			strings.Contains(strings.ToLower(textOf(chip)), strings.ToLower(chipLabel))
		return !found
	})
	return found
}

// isListView tells whether orders are shown as a list: by the switch between list and grid, or, where that does not tell,
// by the list's own column titles.
func isListView(doc *goquery.Document) bool {
	list := doc.Find(`input[name=grid_view][value=list]`).First()
	grid := doc.Find(`input[name=grid_view][value=grid]`).First()
	switch {
	case chosen(list):
		return true
	case chosen(grid):
		return false
	}
	found := false
	doc.Find(".content .row").EachWithBreak(func(_ int, row *goquery.Selection) bool {
		found = row.Children().Length() > 1 && strings.ReplaceAll(textOf(row), " ", "") == "WorkCustomerItemsVisits"
		return !found
	})
	return found
}

// chosen tells whether a radio button is on, by its state or by the look of its label.
func chosen(radio *goquery.Selection) bool {
	if radio.Length() == 0 {
		return false
	}
	if _, on := radio.Attr("checked"); on {
		return true
	}
	for _, class := range strings.Fields(radio.Closest("label").AttrOr("class", "")) {
		switch class {
		case "active", "checked", "selected", "is-active", "is-checked", "is-selected":
			return true
		}
	}
	return false
}

func disabled(el *goquery.Selection) bool {
	if el.Closest(".disabled").Length() > 0 || el.Closest("[aria-disabled=true]").Length() > 0 {
		return true
	}
	_, off := el.Attr("disabled")
	return off
}

func hidden(el *goquery.Selection) bool {
	if _, off := el.Attr("hidden"); off {
		return true
	}
	return strings.Contains(strings.ReplaceAll(strings.ToLower(el.AttrOr("style", "")), " ", ""), "display:none")
}

// textOf is the text of an element with white space made even; comments count for nothing.
func textOf(el *goquery.Selection) string { return even(el.Text()) }

func even(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "\u200b", "")), " ")
}

// pathOf is the path that a link leads to; empty for none.
func pathOf(link *goquery.Selection) string {
	u, err := url.Parse(strings.TrimSpace(link.AttrOr("href", "")))
	if err != nil || (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.Path
}
