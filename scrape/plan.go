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
}

// The guard against wiping good data: when more orders than smallLoss would go and they are more than lossShare of all, the
// result is held until a person says that it is right.
const (
	smallLoss = 5
	lossShare = 0.5
)

// PlanWorkOrders compares the pages of one run with the user's stored orders (removed ones included).
//
// Orders are marked removed only when the list was proved to be the right one, every page was read, no row was broken and
// the number of rows is the list's own count. Anything less stores what was read and removes nothing.
func PlanWorkOrders(stored []WorkOrder, pages []ListPage) Plan {
	plan, suspicion := planWorkOrders(stored, pages)
	if suspicion != "" {
		return Plan{Outcome: OutcomeHeld, Message: suspicion, Counts: Counts{Processed: plan.Counts.Processed, Failed: plan.Counts.Failed}}
	}
	return plan
}

// PlanAccepted is PlanWorkOrders for a held result that a person has looked at and found right.
func PlanAccepted(stored []WorkOrder, pages []ListPage) Plan {
	plan, _ := planWorkOrders(stored, pages)
	return plan
}

// planWorkOrders makes the plan and says what is suspicious about it.
func planWorkOrders(stored []WorkOrder, pages []ListPage) (plan Plan, suspicion string) {
	list := readList(pages)
	byID := make(map[string]WorkOrder, len(stored))
	live := 0
	for _, order := range stored {
		byID[order.ExternalID] = order
		if order.RemovedAt == nil {
			live++
		}
	}

	plan = Plan{Outcome: OutcomeSuccess}
	plan.Counts.Processed = len(list.orders)
	plan.Counts.Failed = list.broken
	for _, order := range list.orders {
		old, known := byID[order.ExternalID]
		if !known {
			plan.Add = append(plan.Add, order)
			continue
		}
		if old.RemovedAt == nil && sameContent(old, order) {
			plan.Counts.Unchanged++
			continue
		}
		order.ID, order.UserID, order.Status = old.ID, old.UserID, old.Status
		order.CreatedAt = old.CreatedAt
		plan.Update = append(plan.Update, order)
	}
	var missing []WorkOrder
	for _, old := range stored {
		if old.RemovedAt == nil && !list.seen[old.ExternalID] {
			missing = append(missing, old)
		}
	}

	if gap := list.incomplete(); gap != "" {
		plan.Outcome, plan.Message = OutcomePartial, gap
	} else {
		plan.Remove = missing
	}
	plan.Counts.Added, plan.Counts.Updated, plan.Counts.Removed = len(plan.Add), len(plan.Update), len(plan.Remove)
	return plan, suspicious(list, live, len(missing))
}

// list is the pages of a run put together.
type list struct {
	orders  []WorkOrder // each once, in the portal's order
	seen    map[string]bool
	broken  int
	matches int  // of the newest page that told; -1 when none did
	steady  bool // every page that told said the same
	proved  bool
	whole   bool // pages 1 to the last one are all there
}

func readList(pages []ListPage) list {
	l := list{seen: map[string]bool{}, matches: -1, proved: len(pages) > 0, steady: true}
	numbers, last := map[int]bool{}, 0
	for _, page := range pages {
		numbers[page.Number] = true
		if page.Last {
			last = max(last, page.Number)
		}
		l.proved = l.proved && page.Proved
		l.broken += len(page.Broken)
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

// incomplete says what is missing before the list may remove anything; empty when it is complete.
func (l list) incomplete() string {
	switch {
	case l.broken > 0:
		return fmt.Sprintf("%d of %d work orders could not be read. The others are stored, none was removed.",
			l.broken, l.broken+len(l.orders))
	case !l.whole:
		return fmt.Sprintf("Not every page of the list could be read. The %d work orders that were read are stored, none was removed.",
			len(l.orders))
	case l.matches >= 0 && l.matches != len(l.orders):
		return fmt.Sprintf("The portal speaks of %d work orders and showed %d. These are stored, none was removed.",
			l.matches, len(l.orders))
	case !l.steady: // an order that left may have moved another one from an unread page to one that was read already
		return "The list changed while it was read. What was read is stored, none was removed."
	case !l.proved:
		return "The portal did not confirm which list it showed. What was read is stored, none was removed."
	}
	return ""
}

// suspicious says why a result must not be applied without a person's word; empty when it may.
func suspicious(l list, live, missing int) string {
	if len(l.orders) == 0 && live > 0 {
		return fmt.Sprintf("The portal shows no work orders, but %d are stored. Nothing was changed.", live)
	}
	if l.incomplete() == "" && missing > smallLoss && float64(missing) > lossShare*float64(live) {
		return fmt.Sprintf("%d of %d stored work orders are missing from the portal's list. Nothing was changed.", missing, live)
	}
	return ""
}
