package portal

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/fossawork/scheduler/scrape"
)

// The portal's addresses, as paths.
var (
	orderPath    = regexp.MustCompile(`^/app/work/(\d+)/?$`)
	visitPath    = regexp.MustCompile(`^/app/work/\d+/visits/(\d+)/?$`)
	customerPath = regexp.MustCompile(`^/app/customers/(\d+)/?$`)
	locationPath = regexp.MustCompile(`^/app/customers/locations/(\d+)/?$`)
)

// The forms of the portal's texts.
var (
	rowClass     = regexp.MustCompile(`^w-(\d+)$`)
	quantityText = regexp.MustCompile(`^(\d{1,9}) ?[x×]$`)
	codeText     = regexp.MustCompile(`\(([^()]*)\)$`)
	visitsText   = regexp.MustCompile(`^(\d{1,9}) ?/ ?(\d{1,9})( visits?)?$`)
	dateText     = regexp.MustCompile(`^\d{2}/\d{2}/\d{4}$`)
	dueText      = regexp.MustCompile(`(?i)^due: ?(\d{2}/\d{2}/\d{4})$`)
	createdText  = regexp.MustCompile(`(?i)^(.*?) ?(?:• ?)?(\d{2}/\d{2}/\d{4})(?: (\d{1,2}:\d{2}) ?([ap]m))?$`)
	cityText     = regexp.MustCompile(`\b[A-Z]{2} \d{5}(-\d{4})?$`)
	countyText   = regexp.MustCompile(`(?i)\bcounty$`)
)

// dispenserServices are the item codes that imply work on dispensers, with the descriptions that the old database uses.
var dispenserServices = map[string]string{
	"2861": "All Dispensers AccuMeasure Test",
	"2862": "Specific Dispensers AccuMeasure Test",
	"3002": "All Dispensers Test",
	"3146": "Open Neck Prover Test",
}

// part is a piece of a row that every captured row had.
type part struct{ name, selector string }

// What a row must have, and what all rows of a page cannot lack by chance.
var (
	partOrder    = part{"link to the work order", `a[href^="/app/work/"]`}
	partStore    = part{"link to the store", `a[href*="/app/customers/locations/"]`}
	partCustomer = part{"link to the customer", `a[href^="/app/customers/"]`}
	partStatus   = part{"status", ".work-status-badge"}
	partReason   = part{"reason", `span "Reason:"`}
	partCreator  = part{"line with the creator", ".work-creator"}
	partAddress  = part{"address", ".address-info"}
	partItems    = part{"items", ".flex.align-center"}
	partVisits   = part{"count of visits", `div[title="0 / 1"]`}
)

// parts counts in how many rows each part was found.
type parts map[part]int

func (p parts) note(which part, there bool) {
	if there {
		p[which]++
	}
}

// check tells a changed layout from peculiar rows.
func (p parts) check(rows, readable, page int) error {
	where := listPage
	if page > 1 {
		where = fmt.Sprintf("%s, page %d,", listPage, page)
	}
	for _, required := range []part{partOrder, partStore} {
		if rows >= enoughForRequired && 2*p[required] < rows {
			return layoutChanged(where, required.name+" in most of its rows", required.selector)
		}
	}
	for _, expected := range []part{
		partCustomer, partStatus, partReason, partCreator, partAddress, partItems, partVisits,
	} {
		if readable >= enoughForExpected && p[expected] == 0 {
			return layoutChanged(where, expected.name+" in any of its rows", expected.selector)
		}
	}
	return nil
}

// parseRow reads one row. A row without an order's number or without a store is broken, and so is one that contradicts
// itself about the number; other parts may be missing and stay empty.
func parseRow(row *goquery.Selection, base *url.URL, found parts) (scrape.WorkOrder, *scrape.BrokenRow) {
	number := linked(row, orderPath)
	inClass := ""
	for _, class := range strings.Fields(row.AttrOr("class", "")) {
		if m := rowClass.FindStringSubmatch(class); m != nil {
			inClass = m[1]
		}
	}
	store := firstLink(row, locationPath)
	found.note(partOrder, number != "")
	found.note(partStore, store != nil)
	switch {
	case number == "":
		return scrape.WorkOrder{}, &scrape.BrokenRow{ExternalID: inClass, Reason: "The row has no link to its work order."}
	case inClass != "" && inClass != number:
		return scrape.WorkOrder{}, &scrape.BrokenRow{
			ExternalID: number, Reason: fmt.Sprintf("The row links to work order %s but is marked as %s.", number, inClass),
		}
	case store == nil:
		return scrape.WorkOrder{}, &scrape.BrokenRow{ExternalID: number, Reason: "The row has no link to its store."}
	case textOf(store) == "":
		return scrape.WorkOrder{}, &scrape.BrokenRow{ExternalID: number, Reason: "The row has no store number."}
	}

	order := scrape.WorkOrder{
		ExternalID:   number,
		CustomerID:   linked(row, customerPath),
		LocationID:   linked(row, locationPath),
		CustomerURL:  absolute(store, base),
		StoreNumber:  textOf(store),
		PortalStatus: textOf(row.Find(".work-status-badge").First()),
		ServiceName:  labelled(row, "Reason:"),
		Project:      labelled(row, "Project:"),
		Instructions: instructions(row),
	}
	if customer := firstLink(row, customerPath); customer != nil {
		order.CustomerName = textOf(customer)
		order.SiteName = order.CustomerName
	}
	readAddress(row, &order)
	readItems(row, &order)
	readVisits(row, base, &order)
	readCreator(row, &order)

	found.note(partCustomer, order.CustomerID != "")
	found.note(partStatus, order.PortalStatus != "")
	found.note(partReason, order.ServiceName != "")
	found.note(partCreator, order.CreatedBy != "" || order.CreatedDate != nil)
	found.note(partAddress, order.Address != scrape.AddressNotAvailable)
	found.note(partItems, len(order.ServiceItems) > 0)
	found.note(partVisits, order.VisitsPlanned > 0 || order.VisitsDone > 0 || hasVisits(row))
	return order, nil
}

// firstLink is the first link that leads to such a path; nil for none.
func firstLink(in *goquery.Selection, path *regexp.Regexp) *goquery.Selection {
	var found *goquery.Selection
	in.Find("a[href]").EachWithBreak(func(_ int, link *goquery.Selection) bool {
		if path.MatchString(pathOf(link)) {
			found = link
		}
		return found == nil
	})
	return found
}

// linked is the number in the first link that leads to such a path; empty for none.
func linked(in *goquery.Selection, path *regexp.Regexp) string {
	link := firstLink(in, path)
	if link == nil {
		return ""
	}
	return path.FindStringSubmatch(pathOf(link))[1]
}

// absolute is the address of a link of the portal.
func absolute(link *goquery.Selection, base *url.URL) string {
	u, err := base.Parse(strings.TrimSpace(link.AttrOr("href", "")))
	if err != nil {
		return ""
	}
	return u.String()
}

// labelled is the text behind a label such as "Reason:". A title that begins with the label stands in for it.
func labelled(row *goquery.Selection, label string) string {
	value := ""
	row.Find("span").EachWithBreak(func(_ int, span *goquery.Selection) bool {
		if textOf(span) == label {
			value = strings.TrimSpace(strings.TrimPrefix(textOf(span.Parent()), label))
			return false
		}
		return true
	})
	if value == "" {
		title := even(row.Find(`[title^="`+label+`"]`).First().AttrOr("title", ""))
		value = strings.TrimSpace(strings.TrimPrefix(title, label))
	}
	return value
}

// instructions is the complete text, which is hidden in a tooltip; the visible one may be cut. Its lines are kept.
func instructions(row *goquery.Selection) string {
	span := row.Find(".ks-tooltip span.pre-wrap").First()
	if span.Length() == 0 {
		span = row.Find("span.pre-wrap").First()
	}
	var lines []string
	for line := range strings.SplitSeq(span.Text(), "\n") {
		line = even(line)
		if line != "" || (len(lines) > 0 && lines[len(lines)-1] != "") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// readAddress takes the lines of the address: street, perhaps an intersection, city with state and postal code, county.
func readAddress(row *goquery.Selection, order *scrape.WorkOrder) {
	var lines []string
	row.Find(".address-info").First().Find("div").Each(func(_ int, div *goquery.Selection) {
		if div.Find("div").Length() == 0 {
			if line := textOf(div); line != "" {
				lines = append(lines, line)
			}
		}
	})
	// The city is the only line with a form of its own; the others follow from their place before and behind it.
	city := -1
	for i, line := range lines {
		if cityText.MatchString(line) {
			city = i
		}
	}
	if city < 0 {
		switch n := len(lines); {
		case n >= 3:
			city = n - 2
		case n == 2 && countyText.MatchString(lines[1]):
			order.County, lines = lines[1], lines[:1]
		case n == 1 && countyText.MatchString(lines[0]):
			order.County, lines = lines[0], nil
		}
	}
	before := lines
	if city >= 0 {
		before = lines[:city]
		order.CityState = lines[city]
		order.County = strings.Join(lines[city+1:], ", ")
	}
	if len(before) == 1 && strings.Contains(before[0], "&") && !startsWithDigit(before[0]) {
		order.Intersection = before[0]
	} else if len(before) > 0 {
		order.Street = before[0]
		order.Intersection = strings.Join(before[1:], ", ")
	}
	order.Address = oneLine(order)
}

// oneLine is the address in the old database's form.
func oneLine(order *scrape.WorkOrder) string {
	var all []string
	add := func(text, format string) {
		if text != "" {
			all = append(all, fmt.Sprintf(format, text))
		}
	}
	add(order.Street, "%s")
	if order.Street == "" {
		add(order.Intersection, "Near %s")
	} else {
		add(order.Intersection, "(%s)")
	}
	add(order.CityState, "%s")
	add(order.County, "%s")
	if len(all) == 0 {
		return scrape.AddressNotAvailable
	}
	return strings.Join(all, ", ")
}

func startsWithDigit(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }

// readItems takes the items, each "8 x" beside "All Dispensers (2861)" in a block with the category as its title, and what
// follows from the first of them that implies work on dispensers.
func readItems(row *goquery.Selection, order *scrape.WorkOrder) {
	row.Find(".flex.align-center").Each(func(_ int, line *goquery.Selection) {
		quantity := quantityText.FindStringSubmatch(textOf(line.Children().First()))
		if quantity == nil {
			return
		}
		n, err := strconv.Atoi(quantity[1])
		if err != nil {
			return
		}
		item := scrape.ServiceItem{Quantity: n, Name: textOf(line.Children().First().NextAll())}
		if code := codeText.FindStringSubmatch(item.Name); code != nil {
			item.Code = strings.TrimSpace(code[1])
			item.Name = strings.TrimSpace(strings.TrimSuffix(item.Name, code[0]))
		}
		if title := line.Parent().Children().First(); !title.Is(".flex") {
			item.Category = textOf(title)
		}
		order.ServiceItems = append(order.ServiceItems, item)
	})
	for _, item := range order.ServiceItems {
		if description, ok := dispenserServices[item.Code]; ok {
			order.ServiceCode, order.ServiceDescription = item.Code, description
			order.ServiceType, order.ServiceQuantity = item.Category, item.Quantity
			return
		}
	}
}

// readVisits takes the counts, the next visit and the day on which the work is due.
func readVisits(row *goquery.Selection, base *url.URL, order *scrape.WorkOrder) {
	if counts := visitCounts(row); counts != nil {
		order.VisitsDone, _ = strconv.Atoi(counts[1])
		order.VisitsPlanned, _ = strconv.Atoi(counts[2])
	}
	if link := firstLink(row, visitPath); link != nil {
		order.VisitID = visitPath.FindStringSubmatch(pathOf(link))[1]
		order.VisitURL = absolute(link, base)
		link.Find("div, span").EachWithBreak(func(_ int, el *goquery.Selection) bool {
			if text := textOf(el); dateText.MatchString(text) {
				order.ScheduledDate = day(text)
			}
			return order.ScheduledDate == nil
		})
	}
	row.Find("div").EachWithBreak(func(_ int, div *goquery.Selection) bool {
		if div.Children().Length() > 1 {
			return true
		}
		if m := dueText.FindStringSubmatch(textOf(div)); m != nil && div.Closest(".ks-tooltip, .pre-wrap").Length() == 0 {
			order.DueDate = day(m[1])
			return false
		}
		return true
	})
}

func hasVisits(row *goquery.Selection) bool { return visitCounts(row) != nil }

// visitCounts finds "0 / 1", in a title or else as a text.
func visitCounts(row *goquery.Selection) []string {
	var counts []string
	row.Find("div[title]").EachWithBreak(func(_ int, div *goquery.Selection) bool {
		counts = visitsText.FindStringSubmatch(even(div.AttrOr("title", "")))
		return counts == nil
	})
	if counts == nil {
		row.Find("div.muted").EachWithBreak(func(_ int, div *goquery.Selection) bool {
			counts = visitsText.FindStringSubmatch(textOf(div))
			return counts == nil
		})
	}
	return counts
}

// readCreator takes "Pat Example • 01/02/2030 09:41am", from the text or from the title.
func readCreator(row *goquery.Selection, order *scrape.WorkOrder) {
	line := row.Find(".work-creator").First()
	if line.Length() == 0 {
		return
	}
	text := textOf(line)
	m := createdText.FindStringSubmatch(text)
	if m == nil {
		title := even(line.AttrOr("title", ""))
		m = createdText.FindStringSubmatch(strings.TrimSpace(strings.TrimPrefix(title, "Created by:")))
	}
	if m == nil {
		if name, _, _ := strings.Cut(text, "•"); strings.TrimSpace(name) != "" {
			order.CreatedBy = strings.TrimSpace(name)
		}
		return
	}
	order.CreatedBy = m[1]
	if m[3] == "" {
		order.CreatedDate = day(m[2])
		return
	}
	if at, err := time.Parse("01/02/2006 3:04pm", m[2]+" "+m[3]+strings.ToLower(m[4])); err == nil {
		order.CreatedDate = &at
	}
}

// day reads MM/DD/YYYY; nil for a day that does not exist.
func day(text string) *time.Time {
	at, err := time.Parse("01/02/2006", text)
	if err != nil {
		return nil
	}
	return &at
}
