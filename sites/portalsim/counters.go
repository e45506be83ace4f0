package portalsim

import (
	"maps"
	"sync"
	"time"
)

// PageKind is a kind of page, and of the data that such a page asks for.
type PageKind string

// The kinds of pages. PageNewEquipment is the form that must never be reached.
const (
	PageLogin        PageKind = "login"
	PageDashboard    PageKind = "dashboard"
	PageList         PageKind = "list"
	PageOrder        PageKind = "order"
	PageVisit        PageKind = "visit"
	PageCustomer     PageKind = "customer"
	PageLocation     PageKind = "location"
	PageEquipment    PageKind = "equipment" // the tab of a location page; data only
	PageNewEquipment PageKind = "new-equipment"
	PageOther        PageKind = "other"
)

var pageKinds = []PageKind{
	PageLogin, PageDashboard, PageList, PageOrder, PageVisit, PageCustomer, PageLocation, PageEquipment,
	PageNewEquipment, PageOther,
}

// Target tells documents from the data that their script fetches.
type Target string

// The targets.
const (
	Document Target = "document"
	Data     Target = "data"
)

// Counters is what an account, or everybody together, did since the start or the last reset.
type Counters struct {
	LoginsOK       int `json:"logins_ok"`
	LoginsRejected int `json:"logins_rejected"` // wrong password, locked, single sign-on only
	LoginFormViews int `json:"login_form_views"`
	// Documents and Data count requests by the kind that was asked for, whatever was answered.
	Documents map[PageKind]int `json:"documents"`
	Data      map[PageKind]int `json:"data"`
	// ListPages counts the data requests of the list by page number.
	ListPages map[int]int `json:"list_pages"`
	// Faults counts how often each fault struck.
	Faults map[string]int `json:"faults"`
	// MaxConcurrent is the largest number of requests that were in progress at one moment.
	MaxConcurrent int `json:"max_concurrent"`
	// Sessions is the number of different sessions that made a request.
	Sessions int `json:"sessions"`
}

// LogEntry is one request to the portal. It never holds a cookie, a form or a session id.
type LogEntry struct {
	At         time.Time `json:"at"`
	Account    string    `json:"account,omitempty"` // known accounts only
	Method     string    `json:"method"`
	Path       string    `json:"path"` // with query
	Page       PageKind  `json:"page"`
	Target     Target    `json:"target"`
	Status     int       `json:"status"` // zero when the connection was cut
	DurationMS int64     `json:"duration_ms"`
	Note       string    `json:"note,omitempty"` // "login form", or the fault that struck
}

// logSize bounds the access log; older entries are overwritten.
const logSize = 10_000

// everybody is the key of the counters over all accounts and strangers.
const everybody = ""

type accountTally struct {
	Counters
	inProgress int
	sessions   map[int64]struct{}
}

func newAccountTally() *accountTally {
	return &accountTally{
		Counters: Counters{
			Documents: map[PageKind]int{}, Data: map[PageKind]int{}, ListPages: map[int]int{}, Faults: map[string]int{},
		},
		sessions: map[int64]struct{}{},
	}
}

// tally counts per account and in all, and keeps the access log.
type tally struct {
	now func() time.Time

	mu       sync.Mutex
	accounts map[string]*accountTally
	ring     []LogEntry
	next     int
}

func newTally(now func() time.Time) *tally {
	return &tally{now: now, accounts: map[string]*accountTally{}}
}

// each applies f to the counters of the account and to those of everybody.
func (t *tally) each(email string, f func(*accountTally)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(t.of(everybody))
	if email != everybody {
		f(t.of(email))
	}
}

func (t *tally) of(email string) *accountTally {
	a, ok := t.accounts[email]
	if !ok {
		a = newAccountTally()
		t.accounts[email] = a
	}
	return a
}

func (t *tally) begin(v *visit) {
	t.each(v.email, func(a *accountTally) {
		a.inProgress++
		a.MaxConcurrent = max(a.MaxConcurrent, a.inProgress)
		if v.target == Document {
			a.Documents[v.page]++
		} else {
			a.Data[v.page]++
		}
		if v.alive {
			a.sessions[v.serial] = struct{}{}
			a.Sessions = len(a.sessions)
		}
	})
}

func (t *tally) end(v *visit, e LogEntry) {
	t.each(v.email, func(a *accountTally) { a.inProgress-- })
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ring) < logSize {
		t.ring = append(t.ring, e)
		return
	}
	t.ring[t.next] = e
	t.next = (t.next + 1) % logSize
}

func (t *tally) counters(email string) Counters {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, ok := t.accounts[email]
	if !ok {
		a = newAccountTally()
	}
	c := a.Counters
	c.Documents, c.Data = maps.Clone(c.Documents), maps.Clone(c.Data)
	c.ListPages, c.Faults = maps.Clone(c.ListPages), maps.Clone(c.Faults)
	return c
}

func (t *tally) emails() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]string, 0, len(t.accounts))
	for email := range t.accounts {
		if email != everybody {
			list = append(list, email)
		}
	}
	return list
}

// log returns the entries from the oldest to the newest.
func (t *tally) log() []LogEntry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append(append(make([]LogEntry, 0, len(t.ring)), t.ring[t.next:]...), t.ring[:t.next]...)
}

// reset forgets everything but the requests that are in progress, which will end later.
func (t *tally) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for email, a := range t.accounts {
		fresh := newAccountTally()
		fresh.inProgress, fresh.MaxConcurrent = a.inProgress, a.inProgress
		t.accounts[email] = fresh
	}
	t.ring, t.next = nil, 0
}
