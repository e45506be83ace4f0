package scrape

import "fmt"

// Plan is what a finished collection means for the stored work orders. It is made by PlanWorkOrders and carried out by the
// store in one transaction; a plan with Outcome OutcomeHeld changes nothing.
type Plan struct {
	Outcome Outcome
	Message string // what is missing or what looked wrong; empty on success
	Counts  Counts

	Add    []WorkOrder // new orders, without an id
	Update []WorkOrder // changed or returned orders, with the id of the stored one
	Remove []WorkOrder // stored orders that a complete list no longer shows

	Changes []Change
}

// PlanWorkOrders compares the pages of one run with the user's stored orders (removed ones included).
//
// Orders are marked removed only when the list was proved to be the right one, every page was read, no row was broken and
// the number of rows is the list's own count. A list that contradicts itself or the guard is held; one that merely could not be read
// to the last row stores what was read and removes nothing.
func PlanWorkOrders(stored []WorkOrder, pages []ListPage, guard Guard) Plan {
	l := readList(pages)
	c := compare(stored, l)
	if suspicion := c.suspicious(guard); suspicion != "" {
		return Plan{Outcome: OutcomeHeld, Message: suspicion, Counts: Counts{Processed: len(l.orders), Failed: l.broken}}
	}
	return c.plan(l.unread())
}

// PlanAccepted is PlanWorkOrders for a held result that a person has looked at and found right. Rows that could not be read are not
// right even then: with them nothing is removed.
func PlanAccepted(stored []WorkOrder, pages []ListPage) Plan {
	l := readList(pages)
	return compare(stored, l).plan(l.unread())
}

// comparison is a list beside what is stored.
type comparison struct {
	list      list
	live      int // stored orders that are not removed
	add       []WorkOrder
	update    []WorkOrder
	unchanged int
	missing   []WorkOrder
	changes   []Change
	emptied   map[string]int // per field: orders that had a content and have none
	filled    map[string]int // per field: orders that had a content
}

func compare(stored []WorkOrder, l list) *comparison {
	c := &comparison{list: l, emptied: map[string]int{}, filled: map[string]int{}}
	byID := make(map[string]WorkOrder, len(stored))
	for _, order := range stored {
		byID[order.ExternalID] = order
		if order.RemovedAt == nil {
			c.live++
		}
	}
	for _, order := range l.orders {
		old, known := byID[order.ExternalID]
		switch {
		case !known:
			c.add = append(c.add, order)
			c.changes = append(c.changes, orderChange(ChangeAdded, order, nil))
		case old.RemovedAt == nil && sameContent(old, order):
			c.unchanged++
		default:
			c.change(old, order)
		}
		if known {
			c.count(old, order)
		}
	}
	for _, old := range stored {
		if old.RemovedAt == nil && !l.seen[old.ExternalID] {
			c.missing = append(c.missing, old)
		}
	}
	return c
}

func (c *comparison) change(old, order WorkOrder) {
	order.ID, order.UserID, order.Status = old.ID, old.UserID, old.Status
	order.CreatedAt = old.CreatedAt
	c.update = append(c.update, order)
	kind := ChangeChanged
	if old.RemovedAt != nil {
		kind = ChangeReturned
	}
	c.changes = append(c.changes, orderChange(kind, order, diffOrders(old, order)))
}

// count notes which fields had a content and lost it.
func (c *comparison) count(old, order WorkOrder) {
	for _, field := range guardedFields {
		if field.text(old) == "" {
			continue
		}
		c.filled[field.name]++
		if field.text(order) == "" {
			c.emptied[field.name]++
		}
	}
}

// plan is what is carried out; unread says why nothing may be removed, empty when something may.
func (c *comparison) plan(unread string) Plan {
	plan := Plan{Outcome: OutcomeSuccess, Add: c.add, Update: c.update, Changes: c.changes}
	plan.Counts = Counts{Processed: len(c.list.orders), Unchanged: c.unchanged, Failed: c.list.broken, Added: len(c.add), Updated: len(c.update)}
	if unread != "" {
		plan.Outcome, plan.Message = OutcomePartial, unread
		return plan
	}
	plan.Remove, plan.Counts.Removed = c.missing, len(c.missing)
	for _, order := range c.missing {
		plan.Changes = append(plan.Changes, orderChange(ChangeRemoved, order, nil))
	}
	return plan
}

// suspicious says why a result must not be applied without a person's word; empty when it may.
func (c *comparison) suspicious(guard Guard) string {
	l := c.list
	rows := len(l.orders) + l.broken
	switch {
	case !l.firstProved:
		return "The portal did not confirm which list it showed. Nothing was changed."
	case l.steady && l.matches >= 0 && l.matches != l.rows && l.whole:
		return fmt.Sprintf("The portal speaks of %d work orders and showed %d. Nothing was changed.", l.matches, l.rows)
	case l.steady && !l.proved:
		return "The portal did not confirm on every page which list it showed. Nothing was changed."
	case rows == 0 && l.matches != 0 && l.whole:
		return "The portal shows neither work orders nor how many there are. Nothing was changed."
	case rows == 0 && c.live > 0 && l.whole && !guard.EmptyIsAllowed:
		return fmt.Sprintf("The portal shows no work orders, but %d are stored. Nothing was changed.", c.live)
	case l.broken > 0 && float64(l.broken) > guard.BrokenShare*float64(rows):
		return fmt.Sprintf("%d of %d work orders could not be read. Nothing was changed.", l.broken, rows)
	case rows > 0 && l.unread() == "" && len(c.missing) > guard.SmallLoss && float64(len(c.missing)) > guard.LostShare*float64(c.live):
		return fmt.Sprintf("%d of %d stored work orders are missing from the portal's list. Nothing was changed.", len(c.missing), c.live)
	}
	for _, field := range guardedFields {
		emptied, filled := c.emptied[field.name], c.filled[field.name]
		if emptied > guard.SmallLoss && float64(emptied) > guard.EmptiedShare*float64(filled) {
			return fmt.Sprintf("%d of %d work orders have lost their %s. Nothing was changed.", emptied, filled, field.words)
		}
	}
	return ""
}

// list is the pages of a run put together.
type list struct {
	orders      []WorkOrder // each once, in the portal's order
	seen        map[string]bool
	rows        int // as shown, an order that was on two pages counts twice
	broken      int
	matches     int  // of the newest page that told; -1 when none did
	steady      bool // every page that told said the same
	firstProved bool // the first page, whose count is the measure of the others
	proved      bool // all of them
	whole       bool // pages 1 to the last one are all there
}

func readList(pages []ListPage) list {
	l := list{seen: map[string]bool{}, matches: -1, proved: len(pages) > 0, firstProved: len(pages) > 0, steady: true}
	numbers, last, first := map[int]bool{}, 0, 0
	for _, page := range pages {
		numbers[page.Number] = true
		if page.Last {
			last = max(last, page.Number)
		}
		l.proved = l.proved && page.Proved
		if first == 0 || page.Number < first {
			first, l.firstProved = page.Number, page.Proved
		}
		l.broken += len(page.Broken)
		l.rows += len(page.Broken) + len(page.Orders)
		if page.Matches >= 0 {
			l.steady = l.steady && (l.matches < 0 || l.matches == page.Matches)
			l.matches = page.Matches
		}
		for _, order := range page.Orders {
			if !l.seen[order.ExternalID] {
				l.seen[order.ExternalID] = true
				l.orders = append(l.orders, order)
			}
		}
		for _, row := range page.Broken {
			if row.ExternalID != "" {
				l.seen[row.ExternalID] = true // unreadable, but certainly not gone
			}
		}
	}
	l.whole = last > 0
	for n := 1; n <= last; n++ {
		l.whole = l.whole && numbers[n]
	}
	return l
}

// unread says what is missing before the list may remove anything; empty when it is complete.
func (l list) unread() string {
	switch {
	case l.broken > 0:
		return fmt.Sprintf("%d of %d work orders could not be read. The others are stored, none was removed.",
			l.broken, l.broken+len(l.orders))
	case !l.whole:
		return fmt.Sprintf("Not every page of the list could be read. The %d work orders that were read are stored, none was removed.",
			len(l.orders))
	case !l.steady: // an order that left may have moved another one from an unread page to one that was read already
		return "The list changed while it was read. What was read is stored, none was removed."
	case l.matches >= 0 && l.matches != len(l.orders):
		return fmt.Sprintf("The portal speaks of %d work orders and showed %d. These are stored, none was removed.",
			l.matches, len(l.orders))
	}
	return ""
}
