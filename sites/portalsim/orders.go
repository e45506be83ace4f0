package portalsim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

const calibration = "Meter Calibration"

// newOrder invents the ordinal-th work order of an account, due at the given store. The variants of the list that a
// test must be able to count on are dealt by ordinal; every account from seven orders up has most of them.
func (s *Server) newOrder(a *account, ordinal int, at *Location) *Order {
	rng := stream(s.cfg.Seed, a.email, "order", ordinal)
	visit := s.today.AddDate(0, 0, between(rng, -2, 45))
	o := &Order{
		Number:        orderNumber(s.cfg.Seed, a.slot, ordinal),
		VisitDate:     visit.Format(time.DateOnly),
		VisitsPlanned: 1,
		Status:        StatusOpen,
		Reason:        pick(rng, reasons),
		Project:       pick(rng, projects),
		CreatedBy:     pick(rng, creators),
		CreatedAt: s.today.AddDate(0, 0, -between(rng, 3, 60)).
			Add(time.Duration(between(rng, 0, 24*60-1)) * time.Minute).Format("2006-01-02T15:04"),
		DueDate: visit.AddDate(0, 0, between(rng, 3, 28)).Format(time.DateOnly),
		DueSoon: ordinal%10 == 5,
		Items:   newItems(rng, ordinal, len(at.Dispensers())),
		Place:   at.Place,
	}
	o.visit = visitNumber(s.cfg.Seed, a.slot, ordinal)
	o.VisitID = o.visit
	switch {
	case ordinal%5 == 0:
		o.Instructions = pick(rng, longNotes)
	case ordinal%17 == 12:
		o.Instructions = ""
	case chance(rng, 40):
		o.Instructions = pick(rng, longNotes)
	default:
		o.Instructions = pick(rng, shortNotes)
	}
	if o.Instructions != "" && chance(rng, 60) {
		o.Instructions += fmt.Sprintf(" Ref. %d.", between(rng, 1_000, 99_999))
	}
	if ordinal%30 == 3 {
		o.VisitID, o.VisitDate = 0, ""
	}
	if ordinal%15 == 4 {
		o.DueDate = ""
	}
	if ordinal%14 == 6 {
		o.Project = ""
	}
	if ordinal%9 == 1 {
		o.CreatedBy = pick(rng, longCreators)
	}
	return o
}

func newItems(rng *rand.Rand, ordinal, dispensers int) []Item {
	main := Item{calibration, dispensers, "All Dispensers", "2861"}
	switch ordinal % 20 {
	case 4:
		main = Item{calibration, between(rng, 1, 2), "Open Neck Prover - Quality", "3146"}
	case 6:
		main = Item{calibration, between(rng, 1, 4), "Specific Dispenser(s) - See Notes", "2862"}
	case 11:
		main = Item{calibration, dispensers, "Per Dispenser", "3002"}
	case 5:
		main.Quantity = 0
	}
	items := []Item{main}
	if (main.Code == "2861" || main.Code == "3002") && chance(rng, 88) {
		items = append(items, Item{calibration, 1, "Filter change", "3006"})
	}
	if ordinal%8 == 2 {
		items = append(items,
			Item{"Combo", 1, "Calibration and filters, up to 8 dispensers", fmt.Sprintf("CMB%dA", between(rng, 100, 999))},
			Item{"Combo", between(rng, 1, 3), "Extra lane", fmt.Sprintf("CMB%dX", between(rng, 100, 999))})
	}
	if ordinal%40 == 1 {
		items = append(items, Item{"Parts", between(rng, 1, 6), "Filter element (spin-on)", fmt.Sprintf("P%d-10S", between(rng, 300, 499))})
	}
	return items
}

// finish turns an order into one whose visit is over.
func (o *Order) finish(status Status) {
	o.VisitsDone = max(o.VisitsPlanned, 1)
	o.VisitsPlanned = o.VisitsDone
	o.VisitID, o.VisitDate, o.DueSoon = 0, "", false
	o.Status = status
}

// addOrder gives the account its next order, at the given store or at one of its own choice.
func (s *Server) addOrder(a *account, at *Location) (*Order, error) {
	if a.nextOrder >= ordersPerSlot {
		return nil, fmt.Errorf("account %s has used up its %d order numbers", a.email, ordersPerSlot)
	}
	ordinal := a.nextOrder
	if at == nil {
		at = s.siteFor(a, ordinal)
	}
	a.nextOrder++
	o := s.newOrder(a, ordinal, at)
	a.orders = append(a.orders, o)
	return o, nil
}

// siteFor gives every store its first order before any store gets a second one.
func (s *Server) siteFor(a *account, ordinal int) *Location {
	if ordinal < a.kind.sites || len(a.sites) == 0 {
		return s.addSite(a)
	}
	rng := stream(s.cfg.Seed, a.email, "choice", ordinal)
	return a.sites[rng.IntN(min(len(a.sites), max(a.kind.sites, 1)))]
}

func (s *Server) addSite(a *account) *Location {
	l := s.newSite(a, len(a.sites))
	a.sites = append(a.sites, l)
	return l
}

// populate fills an account that is seen for the first time.
func (s *Server) populate(a *account) {
	for range a.kind.orders {
		// The kinds stay below the size of a slot, so this cannot run out of numbers.
		_, _ = s.addOrder(a, nil)
	}
	for i := range a.kind.finished {
		o, err := s.addOrder(a, nil)
		if err != nil {
			return
		}
		o.finish([]Status{StatusApproved, StatusClosed, StatusApproved, StatusCancelled}[i%4])
		if o.Status == StatusCancelled {
			o.VisitsDone = 0
		}
	}
}
