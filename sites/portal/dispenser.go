package portal

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"github.com/fossawork/scheduler/scrape"
)

// location is a page of a location, parsed, with what tells whether it should be read once more.
type location struct {
	scrape.LocationResult
	shown  int // cards
	groups int // kinds of equipment
}

// doubtful tells whether another look at the page could give something else.
func (l location) doubtful() bool {
	return l.wrongCount() || (l.groups == 0 && (l.State == scrape.LocationNone || l.State == scrape.LocationOK))
}

func (l location) wrongCount() bool { return l.Announced >= 0 && l.shown != l.Announced }

// refuse is the error of a page that announces dispensers and shows nothing that could be one.
func (l location) refuse() error {
	if l.shown == 0 && l.Announced >= enoughForRequired {
		return layoutChanged(locationPage(l.LocationID), fmt.Sprintf("cards for the %d dispensers that it announces", l.Announced), cardSelector)
	}
	return nil
}

func locationPage(id string) string { return "page of location " + id }

// The page's parts. What surrounds every page has links, loaders and dialogs of its own.
const (
	frameSelector   = "#sidebar, .top-bar, .ks-modal"
	headingSelector = ".group-heading"
	cardSelector    = `[class~="py-1.5"]`
	fieldsSelector  = ".custom-fields-view"
)

var (
	groupText   = regexp.MustCompile(`(?i)^dispensers? ?\((\d{1,4})\)$`)
	countedText = regexp.MustCompile(`^\D.*\(\d+\)`)
)

// What the portal says instead of showing a location. Only the first half of each was reported, none of it captured.
var (
	deletedText = regexp.MustCompile(`(?i)\blocation\b.{0,60}\b(could not|couldn['’]t|cannot|can['’]t) be found|may have been deleted|` +
		`\blocation\b.{0,40}\b(has been|was|is) (deleted|removed)|\blocation not found`)
	deniedText = regexp.MustCompile(`(?i)access (is |was )?denied|permission denied|(do not|don['’]t) have .{0,30}permission|` +
		`not authori[sz]ed|\bunauthori[sz]ed\b|\bforbidden\b`)
	wallText = regexp.MustCompile(`(?i)captcha|cloudflare|\bray id\b|incapsula|akamai|unusual traffic|request.{0,20}blocked`)
)

// longestRefusal is the length of text from which on a page is content, which may mention anything.
const longestRefusal = 500

// ParseLocation reads the page of a location whose group of dispensers is open. id is the location's number.
//
// What is wrong is said in Problems: that a page announces another number of dispensers than it shows, and which cards are left out
// because their number cannot be read or is not theirs alone. All other cards are in Dispensers. An error means that this is no page of a
// location: session_expired for the login form, layout_changed naming the element, portal_down and
// portal_throttled for what the page itself says.
func ParseLocation(page, id string) (scrape.LocationResult, error) {
	found, err := parseLocation(page, id)
	if err == nil {
		err = found.refuse()
	}
	if err != nil {
		return scrape.LocationResult{}, err
	}
	return found.LocationResult, nil
}

func parseLocation(page, id string) (location, error) {
	doc, err := parse(page)
	if err != nil {
		return location{}, err
	}
	if kind, text := classify(doc); kind == PageLogin {
		return location{}, pageError(kind, text)
	}
	found := location{LocationResult: scrape.LocationResult{LocationID: id, State: scrape.LocationOK}}
	found.groups = ours(doc.Find(headingSelector)).Length()
	links := ours(doc.Find(`a[href="#"]`)).FilterFunction(func(_ int, link *goquery.Selection) bool {
		return groupText.MatchString(textOf(link))
	})
	switch links.Length() {
	case 0:
		return withoutGroup(doc, found)
	case 1:
	default:
		return location{}, layoutChanged(locationPage(id), "single group of dispensers", `a[href="#"] "Dispenser (N)"`)
	}
	heading := links.Closest(headingSelector)
	if heading.Length() == 0 {
		return location{}, layoutChanged(locationPage(id), "heading around the group of dispensers", headingSelector)
	}
	if _, err := fmt.Sscan(groupText.FindStringSubmatch(textOf(links))[1], &found.Announced); err != nil {
		return location{}, fmt.Errorf("count of dispensers: %w", err)
	}
	if err := found.readCards(cardsBehind(heading)); err != nil {
		return location{}, err
	}
	return found, nil
}

// readCards takes the dispensers and says what is wrong with them.
func (l *location) readCards(cards []*goquery.Selection) error {
	l.shown = len(cards)
	if l.wrongCount() {
		l.Problems = []string{fmt.Sprintf("The location announces %s and shows %d.", dispensers(l.Announced), l.shown)}
	}
	if l.shown == 0 {
		if !l.wrongCount() {
			l.State = scrape.LocationNone
		}
		return nil
	}
	read := make([]scrape.Dispenser, len(cards))
	for i, card := range cards {
		read[i] = readCard(card)
		read[i].LocationID = l.LocationID
	}
	if err := knownCards(cards, read); err != nil {
		return err
	}
	named, problems := numbered(read)
	l.Dispensers, l.Problems = named, append(l.Problems, problems...)
	return nil
}

func dispensers(n int) string {
	if n == 1 {
		return "1 dispenser"
	}
	return fmt.Sprintf("%d dispensers", n)
}

// ours leaves out what lies in the frame of the page.
func ours(all *goquery.Selection) *goquery.Selection {
	return all.FilterFunction(func(_ int, el *goquery.Selection) bool { return el.Closest(frameSelector).Length() == 0 })
}

// withoutGroup says what a page without a group of dispensers is.
func withoutGroup(doc *goquery.Document, found location) (location, error) {
	id := found.LocationID
	if !hasEquipmentTab(doc) && found.groups == 0 {
		if odd, ok := saysNotForUs(doc, id, 0); ok {
			return odd, nil
		}
		return location{}, noLocation(doc, layoutChanged(locationPage(id), "Equipment tab", `a, button, [role=tab] "Equipment"`))
	}
	if kind, text := classify(doc); kind == PageError {
		return location{}, pageError(kind, text)
	}
	if text := complaint(doc); text != "" {
		found.Announced = -1
		found.Problems = []string{fmt.Sprintf("The portal shows no equipment of the location and says %q.", shortened(text))}
		return found, nil
	}
	if looksLikeDispensers(doc) || hasUnknownGroups(doc) {
		return location{}, layoutChanged(locationPage(id), "group of dispensers in the known form", `a[href="#"] "Dispenser (N)"`)
	}
	found.State, found.Announced = scrape.LocationNone, -1
	return found, nil
}

// complaint is what the page says to have gone wrong, in whatever words; empty for nothing.
func complaint(doc *goquery.Document) string {
	for _, el := range ours(doc.Find(".error-msg, .error-message, .alert-danger, [role=alert]")).EachIter() {
		if text := textOf(el); text != "" && !hidden(el) {
			return text
		}
	}
	return ""
}

// noLocation says what is wrong with a page that is no location's; inside the frame it is what is given.
func noLocation(doc *goquery.Document, inside error) error {
	switch kind, text := classify(doc); kind {
	case PageLogin, PageError:
		return pageError(kind, text)
	case PageOther:
		return layoutChanged("portal's page", "frame of a signed-in person", "#sidebar, .top-bar")
	case PageList, PageApp:
	}
	return inside
}

// elsewhere is the error of a location's address that led to another page.
func elsewhere(page, id string) error {
	doc, err := parse(page)
	if err != nil {
		return err
	}
	const selector = `[dusk=equipment-tab], a "Equipment"`
	return noLocation(doc, lacks(locationPage(id), "Equipment tab", selector,
		"The portal shows another page instead of the %s.", locationPage(id)))
}

// notForUs tells whether a page without the parts of a location says why. status is that of the document.
func notForUs(page, id string, status int) (location, bool) {
	doc, err := parse(page)
	if err != nil {
		return location{}, false
	}
	return saysNotForUs(doc, id, status)
}

// saysNotForUs must only see pages without the Equipment tab: an ordinary page may mention a permission.
func saysNotForUs(doc *goquery.Document, id string, status int) (location, bool) {
	said := doc.Find("body")
	if hasShell(doc) {
		said = doc.Find(".content")
	}
	text := textOf(said)
	if len(text) >= longestRefusal {
		text = ""
	}
	odd := location{LocationResult: scrape.LocationResult{LocationID: id, Announced: -1}}
	switch {
	case wallText.MatchString(text): // something in front of the portal
	case deletedText.MatchString(text):
		odd.State = scrape.LocationDeleted
	case deniedText.MatchString(text), status == http.StatusForbidden && hasShell(doc):
		odd.State = scrape.LocationDenied
	}
	return odd, odd.State != ""
}

func hasEquipmentTab(doc *goquery.Document) bool {
	return ours(doc.Find("a, button, [role=tab], .nav-link, .tab")).FilterFunction(func(_ int, el *goquery.Selection) bool {
		return strings.EqualFold(textOf(el), "Equipment")
	}).Length() > 0
}

// looksLikeDispensers finds signs of dispensers outside the group as we know it.
func looksLikeDispensers(doc *goquery.Document) bool {
	return ours(doc.Find("a, button, span, div, label, h2, h3, h4")).FilterFunction(func(_ int, el *goquery.Selection) bool {
		text := textOf(el)
		m := groupText.FindStringSubmatch(text)
		return (m != nil && strings.Trim(m[1], "0") != "") || strings.EqualFold(text, labelStandAlone) || strings.EqualFold(text, labelNozzles)
	}).Length() > 0
}

// hasUnknownGroups tells whether a heading does not say how many of what it stands for: it may be the dispensers'.
func hasUnknownGroups(doc *goquery.Document) bool {
	for _, heading := range ours(doc.Find(headingSelector)).EachIter() {
		if !countedText.MatchString(textOf(heading)) {
			return true
		}
	}
	return false
}

// cardsBehind are the cards between the heading of a group and the next heading.
func cardsBehind(heading *goquery.Selection) []*goquery.Selection {
	body := heading.First().NextUntil(headingSelector)
	found := body.Filter(cardSelector).AddSelection(body.Find(cardSelector)).FilterFunction(func(_ int, card *goquery.Selection) bool {
		return card.Parent().Closest(cardSelector).Length() == 0
	})
	if found.Length() == 0 {
		found = body.Children().FilterFunction(func(_ int, el *goquery.Selection) bool { return textOf(el) != "" })
	}
	cards := make([]*goquery.Selection, 0, found.Length())
	found.Each(func(_ int, card *goquery.Selection) { cards = append(cards, card) })
	return cards
}

// numbered are the dispensers that have a number of their own. A number that occurs twice names neither of them.
func numbered(all []scrape.Dispenser) (named []scrape.Dispenser, problems []string) {
	times := map[string]int{}
	for _, d := range all {
		switch times[d.Number]++; {
		case d.Number == "":
			problems = append(problems, fmt.Sprintf("A dispenser has no number at the beginning of its title %q.", shortened(d.Title)))
		case times[d.Number] == 2:
			problems = append(problems, fmt.Sprintf("Several dispensers have the number %s.", d.Number))
		}
	}
	for _, d := range all {
		if d.Number != "" && times[d.Number] == 1 {
			named = append(named, d)
		}
	}
	return named, problems
}

func shortened(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return text
}

// knownCards tells a changed layout from peculiar dispensers.
func knownCards(cards []*goquery.Selection, read []scrape.Dispenser) error {
	numbered, described, fields := false, false, false
	for i, card := range cards {
		d := read[i]
		numbered = numbered || d.Number != ""
		described = described || d.SerialNumber+d.Make+d.Model != "" || len(d.CustomFields) > 0
		fields = fields || card.Find(fieldsSelector).Length() > 0
	}
	page := locationPage(read[0].LocationID)
	switch {
	case len(cards) >= enoughForRequired && !numbered:
		return layoutChanged(page, "number in the title of any dispenser", ".flex.align-start")
	case len(cards) >= enoughForRequired && !described:
		return layoutChanged(page, "serial number, make, model or other field of any dispenser", ".text-tiny, "+fieldsSelector)
	case len(cards) >= enoughForExpected && !fields:
		return layoutChanged(page, "fields of any dispenser", fieldsSelector)
	}
	return nil
}

// The labels of a card, as the portal writes them; capitals do not matter.
const (
	labelGrade      = "Grade"
	labelStandAlone = "Stand Alone Code"
	labelNozzles    = "Number of Nozzles (per side)"
	labelMeter      = "Meter Type"
)

// readCard takes what a card shows. Without a readable number Number is empty.
func readCard(card *goquery.Selection) scrape.Dispenser {
	d := scrape.Dispenser{
		Title:        cardTitle(card),
		SerialNumber: cardValue(card, "S/N:"),
		Make:         cardValue(card, "Make:"),
		Model:        cardValue(card, "Model:"),
		CustomFields: map[string]string{},
	}
	d.Number, d.Numbers, _ = scrape.SplitDispenserNumber(d.Title)
	for _, field := range customFields(card) {
		if _, there := d.CustomFields[field.label]; !there {
			d.CustomFields[field.label] = field.value
		}
		switch label := field.label; {
		case strings.EqualFold(label, labelGrade) && d.Grades == nil:
			d.Grades = scrape.SplitGrades(field.value)
		case strings.EqualFold(label, labelStandAlone) && d.StandAloneCode == "":
			d.StandAloneCode = field.value
		case strings.EqualFold(label, labelNozzles) && d.NozzlesPerSide == "":
			d.NozzlesPerSide = field.value
		case strings.EqualFold(label, labelMeter) && d.MeterType == "":
			d.MeterType = field.value
		}
	}
	return d
}

// asideSelector is what belongs to a card without being its content.
const asideSelector = ".right, .ks-action-menu, .ks-tooltip, [role=tooltip], [class*=tooltip], [role=menu], button, [hidden]"

// cardTitle is the first text block of a card. The link to the history stands beside it, with a tooltip.
func cardTitle(card *goquery.Selection) string {
	blocks := card.Find(".flex.align-start").First().Children()
	if blocks.Length() == 0 {
		blocks = card.Find("*").FilterFunction(func(_ int, el *goquery.Selection) bool {
			return el.Closest(asideSelector).Length() == 0 && even(ownText(el)) != ""
		})
	}
	for _, without := range []string{asideSelector + ", a", asideSelector} {
		for _, block := range blocks.EachIter() {
			if text := textWithout(block, without); text != "" {
				return text
			}
		}
	}
	return ""
}

// ownText is the text directly inside an element.
func ownText(el *goquery.Selection) string {
	return el.Contents().FilterFunction(func(_ int, node *goquery.Selection) bool { return goquery.NodeName(node) == "#text" }).Text()
}

// textWithout is the text of a node without that of some of its elements; empty when the node is one of them.
func textWithout(node *goquery.Selection, selector string) string {
	if node.Is(selector) {
		return ""
	}
	rest := node.Clone()
	rest.Find(selector).Remove()
	return textOf(rest)
}

// cardValue is the text behind a label such as "Make:", which stands in an element of its own or before the value.
func cardValue(card *goquery.Selection, label string) string {
	value := ""
	card.Find("*").EachWithBreak(func(_ int, el *goquery.Selection) bool {
		if !startsWithLabel(textOf(el), label) || el.Closest(asideSelector+", "+fieldsSelector).Length() > 0 {
			return true
		}
		text := textWithout(el, asideSelector)
		switch {
		case !startsWithLabel(text, label):
		case len(text) == len(label):
			value = untilLabel(el)
		case el.Children().Not(asideSelector).Length() == 0:
			value = strings.TrimSpace(text[len(label):])
		}
		return value == ""
	})
	return value
}

func startsWithLabel(text, label string) bool {
	return len(text) >= len(label) && strings.EqualFold(text[:len(label)], label)
}

// untilLabel is the text behind an element, up to the next label.
func untilLabel(el *goquery.Selection) string {
	var texts []string
	behind := false
	el.Parent().Contents().EachWithBreak(func(_ int, node *goquery.Selection) bool {
		if node.Nodes[0] == el.Nodes[0] {
			behind = true
			return true
		}
		if !behind {
			return true
		}
		text := textWithout(node, asideSelector)
		if goquery.NodeName(node) != "#text" && strings.HasSuffix(text, ":") {
			return false
		}
		texts = append(texts, text)
		return true
	})
	return even(strings.Join(texts, " "))
}

type customField struct{ label, value string }

// customFields are the fields of a card in their order, each a block of a label and a value.
func customFields(card *goquery.Selection) (fields []customField) {
	view := card.Find(fieldsSelector).First()
	blocks := view.Find(".row").Children()
	if blocks.Length() == 0 {
		blocks = view.Children()
	}
	blocks.Each(func(_ int, block *goquery.Selection) {
		parts := block.Children()
		label := strings.TrimSpace(strings.TrimSuffix(textWithout(parts.First(), asideSelector), ":"))
		if parts.Length() < 2 || label == "" {
			return
		}
		var values []string
		for _, part := range parts.Slice(1, parts.Length()).EachIter() {
			values = append(values, textWithout(part, asideSelector))
		}
		fields = append(fields, customField{label, even(strings.Join(values, " "))})
	})
	return fields
}
