package portalsim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// DemoPassword opens every account until it is changed.
const DemoPassword = "demo-password"

// familySize is how many accounts user001@example.com, user002@example.com, ... there are.
const familySize = 500

// kind is what an account is made of.
type kind struct {
	email    string
	about    string
	orders   int // open, without a completed visit
	finished int // approved, closed or cancelled
	sites    int
	locked   bool
	sso      bool
	// oddPlaces mixes in a deleted and a denied location and two without dispensers.
	oddPlaces bool
	// layout renames classes for good, as a new release of the portal would.
	layout layout
}

// fixedKinds are the accounts with a name. Their order decides their numbers, so new ones go to the end.
var fixedKinds = []kind{
	{email: "tech@example.com", about: "120 open orders at 96 stores", orders: 120, finished: 14, sites: 96, oddPlaces: true},
	{email: "empty@example.com", about: "no orders"},
	{email: "busy@example.com", about: "1000 open orders at 300 stores", orders: 1000, finished: 40, sites: 300, oddPlaces: true},
	{email: "locked@example.com", about: "locked", orders: 10, finished: 1, sites: 9, locked: true},
	{email: "changed@example.com", about: "30 open orders, pages with renamed classes", orders: 30, finished: 2, sites: 25, layout: changedLayout},
	{email: "small@example.com", about: "7 open orders at 6 stores", orders: 7, finished: 2, sites: 6},
	{email: "sso@example.com", about: "single sign-on only", orders: 5, sites: 5, sso: true},
}

// kindOf finds the kind behind an e-mail address. Unknown addresses have none: they look like a wrong password.
func kindOf(email string) (k kind, slot int, ok bool) {
	for i, k := range fixedKinds {
		if k.email == email {
			return k, i, true
		}
	}
	digits, isUser := strings.CutPrefix(strings.TrimSuffix(email, "@example.com"), "user")
	n, err := strconv.Atoi(digits)
	if !isUser || err != nil || n < 1 || n > familySize || email != familyEmail(n) {
		return kind{}, 0, false
	}
	orders := 10 + n*7%5
	return kind{email: email, about: "one of a family", orders: orders, finished: 1, sites: orders - 2}, 20 + n, true
}

func familyEmail(n int) string { return fmt.Sprintf("user%03d@example.com", n) }

// account is one login with its data. Guarded by Server.mu.
type account struct {
	email    string
	kind     kind
	slot     int
	password string
	locked   bool
	sso      bool
	failures int // wrong passwords in a row

	sites     []*Location
	orders    []*Order
	nextOrder int
}

func (a *account) byStore(store string) *Location {
	i := slices.IndexFunc(a.sites, func(l *Location) bool { return l.Store == store })
	if i < 0 {
		return nil
	}
	return a.sites[i]
}

func (a *account) site(id int) *Location {
	i := slices.IndexFunc(a.sites, func(l *Location) bool { return l.LocationID == id })
	if i < 0 {
		return nil
	}
	return a.sites[i]
}

func (a *account) order(number int) *Order {
	i := slices.IndexFunc(a.orders, func(o *Order) bool { return o.Number == number })
	if i < 0 {
		return nil
	}
	return a.orders[i]
}

// account returns the account behind an address, made on first use. The caller holds s.mu.
func (s *Server) account(email string) (*account, error) {
	email = normalise(email)
	if a, ok := s.accounts[email]; ok {
		return a, nil
	}
	k, slot, ok := kindOf(email)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownAccount, email)
	}
	a := &account{email: k.email, kind: k, slot: slot, password: DemoPassword, locked: k.locked, sso: k.sso}
	s.populate(a)
	s.accounts[a.email] = a
	return a, nil
}

func normalise(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// known returns the address as accounts spell it, or nothing. What a stranger typed into the form must not reach the
// counters or the log: it may be a password.
func known(email string) string {
	if k, _, ok := kindOf(normalise(email)); ok {
		return k.email
	}
	return ""
}

// verdict is the answer to a login attempt.
type verdict int

const (
	loginOK verdict = iota
	loginWrong
	loginLocked
	loginSSO
)

func (s *Server) checkLogin(email, password string) verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.account(email)
	switch {
	case err != nil:
		return loginWrong
	case a.locked:
		return loginLocked
	case a.sso:
		return loginSSO
	case password != a.password:
		a.failures++
		if s.cfg.LockAfter > 0 && a.failures >= s.cfg.LockAfter {
			a.locked = true
		}
		return loginWrong
	}
	a.failures = 0
	return loginOK
}
