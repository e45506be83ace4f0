package portalsim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUnknownAccount is returned for an e-mail address that no account has.
var ErrUnknownAccount = errors.New("unknown account")

// ErrUnknownOrder and ErrUnknownLocation are returned for numbers that the account does not have.
var (
	ErrUnknownOrder    = errors.New("unknown work order")
	ErrUnknownLocation = errors.New("unknown location")
)

// AccountInfo describes an account.
type AccountInfo struct {
	Email      string `json:"email"`
	About      string `json:"about"`
	Password   string `json:"password"`
	Locked     bool   `json:"locked"`
	SSO        bool   `json:"sso"`
	OpenOrders int    `json:"open_orders"`
	Locations  int    `json:"locations"`
}

// OrderSpec says what a new order should look like or what should change in one. What is nil is left alone or, in a
// new order, invented.
type OrderSpec struct {
	// VisitDate plans the next visit (YYYY-MM-DD); "" removes it.
	VisitDate *string `json:"visit_date,omitempty"`
	DueDate   *string `json:"due_date,omitempty"`
	DueSoon   *bool   `json:"due_soon,omitempty"`
	// Store moves the order to the store with that number (digits); a new number opens a new store.
	Store         *string `json:"store,omitempty"`
	Status        *Status `json:"status,omitempty"`
	VisitsDone    *int    `json:"visits_done,omitempty"`
	VisitsPlanned *int    `json:"visits_planned,omitempty"`
	Reason        *string `json:"reason,omitempty"`
	Project       *string `json:"project,omitempty"`
	CreatedBy     *string `json:"created_by,omitempty"`
	Instructions  *string `json:"instructions,omitempty"`
	Items         []Item  `json:"items,omitempty"`
}

func (o OrderSpec) check() error {
	for field, date := range map[string]*string{"visit_date": o.VisitDate, "due_date": o.DueDate} {
		if date != nil {
			if err := checkDate(field, *date); err != nil {
				return err
			}
		}
	}
	if o.Status != nil {
		if _, ok := statusTexts[*o.Status]; !ok {
			return fmt.Errorf("status %q is not one of open, approved, closed, cancelled", *o.Status)
		}
	}
	if o.Store != nil && (*o.Store == "" || strings.Trim(*o.Store, "0123456789") != "") {
		return fmt.Errorf("store %q is not a number", *o.Store)
	}
	return nil
}

func (o OrderSpec) apply(to *Order, at *Location) {
	if at != nil {
		to.Place = at.Place
	}
	if o.VisitDate != nil {
		to.VisitDate, to.VisitID = *o.VisitDate, to.visit
		if to.VisitDate == "" {
			to.VisitID = 0
		}
	}
	set(&to.DueDate, o.DueDate)
	set(&to.DueSoon, o.DueSoon)
	set(&to.Status, o.Status)
	set(&to.VisitsDone, o.VisitsDone)
	set(&to.VisitsPlanned, o.VisitsPlanned)
	set(&to.Reason, o.Reason)
	set(&to.Project, o.Project)
	set(&to.CreatedBy, o.CreatedBy)
	set(&to.Instructions, o.Instructions)
	if o.Items != nil {
		to.Items = slices.Clone(o.Items)
	}
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// with runs f on an account under the lock.
func (s *Server) with(email string, f func(*account) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.account(email)
	if err != nil {
		return err
	}
	return f(a)
}

// Accounts lists the named accounts and those of the family that were used, in that order.
func (s *Server) Accounts() []AccountInfo {
	emails := make([]string, 0, len(fixedKinds))
	for _, k := range fixedKinds {
		emails = append(emails, k.email)
	}
	s.mu.Lock()
	var family []string
	for email := range s.accounts {
		if !slices.Contains(emails, email) {
			family = append(family, email)
		}
	}
	s.mu.Unlock()
	slices.Sort(family)
	list := make([]AccountInfo, 0, len(emails)+len(family))
	for _, email := range append(emails, family...) {
		if info, err := s.Account(email); err == nil {
			list = append(list, info)
		}
	}
	return list
}

// Account describes one account.
func (s *Server) Account(email string) (info AccountInfo, err error) {
	err = s.with(email, func(a *account) error {
		open := 0
		for _, o := range a.orders {
			if o.open() {
				open++
			}
		}
		info = AccountInfo{
			Email: a.email, About: a.kind.about, Password: a.password, Locked: a.locked, SSO: a.sso,
			OpenOrders: open, Locations: len(a.sites),
		}
		return nil
	})
	return info, err
}

// SetPassword changes what the login form accepts. Running sessions go on.
func (s *Server) SetPassword(email, password string) error {
	return s.with(email, func(a *account) error {
		a.password = password
		return nil
	})
}

// SetLocked locks or unlocks an account; unlocking also forgets its wrong passwords. Running sessions go on.
func (s *Server) SetLocked(email string, locked bool) error {
	return s.with(email, func(a *account) error {
		a.locked, a.failures = locked, 0
		return nil
	})
}

// ExpireSessions ends the sessions of an account, or of all accounts for "", and says how many there were.
func (s *Server) ExpireSessions(email string) int { return s.sessions.expire(normalise(email)) }

// Orders returns all orders of an account, finished ones included, in the order of the unfiltered list.
func (s *Server) Orders(email string) ([]Order, error) {
	return s.orders(email, listQuery{archived: true})
}

// OpenOrders returns what the filtered list shows, in its order: no completed visit, not closed.
func (s *Server) OpenOrders(email string) ([]Order, error) {
	return s.orders(email, listQuery{unvisited: true})
}

func (s *Server) orders(email string, q listQuery) (list []Order, err error) {
	err = s.with(email, func(a *account) error {
		list = []Order{}
		for _, o := range a.list(q) {
			list = append(list, o.clone())
		}
		return nil
	})
	return list, err
}

// AddOrders gives an account new orders, one per spec. The zero spec is an order like any other of the account.
func (s *Server) AddOrders(email string, specs ...OrderSpec) (added []Order, err error) {
	err = s.with(email, func(a *account) error {
		for _, spec := range specs {
			if err := spec.check(); err != nil {
				return err
			}
		}
		for _, spec := range specs {
			at := s.storeFor(a, spec)
			o, err := s.addOrder(a, at)
			if err != nil {
				return err
			}
			spec.apply(o, at)
			added = append(added, o.clone())
		}
		return nil
	})
	return added, err
}

// storeFor finds or opens the store a spec names; nil when it names none.
func (s *Server) storeFor(a *account, spec OrderSpec) *Location {
	if spec.Store == nil {
		return nil
	}
	at := a.byStore(*spec.Store)
	if at == nil {
		at = s.addSite(a)
		at.Store = *spec.Store
	}
	return at
}

// ChangeOrder changes an order and returns the new state.
func (s *Server) ChangeOrder(email string, number int, spec OrderSpec) (changed Order, err error) {
	err = s.withOrder(email, number, func(a *account, o *Order) error {
		if err := spec.check(); err != nil {
			return err
		}
		spec.apply(o, s.storeFor(a, spec))
		changed = o.clone()
		return nil
	})
	return changed, err
}

// CompleteOrder finishes the visit of an order: it leaves the filtered list and shows as 1 / 1 on the unfiltered one.
func (s *Server) CompleteOrder(email string, number int) error {
	return s.withOrder(email, number, func(_ *account, o *Order) error {
		o.finish(StatusApproved)
		return nil
	})
}

// RemoveOrders takes orders off the account as if they had been given to somebody else. It removes all or none.
func (s *Server) RemoveOrders(email string, numbers ...int) error {
	return s.with(email, func(a *account) error {
		for _, n := range numbers {
			if a.order(n) == nil {
				return fmt.Errorf("%w: %d", ErrUnknownOrder, n)
			}
		}
		a.orders = slices.DeleteFunc(a.orders, func(o *Order) bool { return slices.Contains(numbers, o.Number) })
		return nil
	})
}

// SwapDates exchanges the next visits' dates of two orders.
func (s *Server) SwapDates(email string, first, second int) error {
	return s.withOrder(email, first, func(a *account, o *Order) error {
		p := a.order(second)
		if p == nil {
			return fmt.Errorf("%w: %d", ErrUnknownOrder, second)
		}
		mine, theirs := o.VisitDate, p.VisitDate
		OrderSpec{VisitDate: &theirs}.apply(o, nil)
		OrderSpec{VisitDate: &mine}.apply(p, nil)
		return nil
	})
}

func (s *Server) withOrder(email string, number int, f func(*account, *Order) error) error {
	return s.with(email, func(a *account) error {
		o := a.order(number)
		if o == nil {
			return fmt.Errorf("%w: %d", ErrUnknownOrder, number)
		}
		return f(a, o)
	})
}

// Locations returns the stores of an account with their equipment.
func (s *Server) Locations(email string) (list []Location, err error) {
	err = s.with(email, func(a *account) error {
		list = []Location{}
		for _, l := range a.sites {
			list = append(list, l.clone())
		}
		return nil
	})
	return list, err
}

// SetLocation changes the state and, when cards is not nil, the dispensers of a store. An empty list of cards leaves
// a group that says (0).
func (s *Server) SetLocation(email string, id int, state LocationState, cards []Card) error {
	return s.with(email, func(a *account) error {
		l := a.site(id)
		switch {
		case l == nil:
			return fmt.Errorf("%w: %d", ErrUnknownLocation, id)
		case state != LocationOK && state != LocationDeleted && state != LocationDenied:
			return fmt.Errorf("state %q is not one of ok, deleted, denied", state)
		}
		l.State = state
		if cards != nil {
			l.Groups = append(withoutGroup(l.Groups, dispenserGroup), Group{Name: dispenserGroup, Cards: slices.Clone(cards)})
		}
		return nil
	})
}

// SetFault turns a fault on, in place of an earlier one with the same name, account, page and target.
func (s *Server) SetFault(f Fault) error { return s.faults.set(f) }

// ClearFaults turns off every fault with the name, account, page and target of like; what is empty there matches all.
func (s *Server) ClearFaults(like Fault) int { return s.faults.clear(like) }

// Faults lists what is active, the narrowest first.
func (s *Server) Faults() []Fault { return s.faults.all() }

// Counters returns the counters of an account, or of everybody together for "".
func (s *Server) Counters(email string) Counters { return s.tally.counters(normalise(email)) }

// ResetCounters starts counting anew and empties the access log.
func (s *Server) ResetCounters() { s.tally.reset() }

// Log returns the last 10,000 requests, oldest first.
func (s *Server) Log() []LogEntry { return s.tally.log() }
