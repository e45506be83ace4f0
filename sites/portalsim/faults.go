package portalsim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The faults, by the names that flags and the admin API use. README.md says what each does.
const (
	FaultLatency       = "latency"
	FaultRenderDelay   = "render-delay"
	FaultHTTP500       = "http-500"
	FaultHTTP429       = "http-429"
	FaultHang          = "hang"
	FaultReset         = "connection-reset"
	FaultExpireLogin   = "expire-login-after"
	FaultRejectLogin   = "reject-password"
	FaultRedirectLogin = "redirect-login"
	FaultDropElement   = "drop-element"
	FaultRenameClass   = "rename-class"
	FaultEmptyList     = "empty-list"
	FaultShortList     = "short-list"
	FaultIgnoreFilter  = "ignore-filter"
	FaultIgnoreSize    = "ignore-page-size"
	FaultTwoClicks     = "need-two-clicks"
	FaultListChanges   = "list-changes-while-paging"
	FaultCardMismatch  = "card-count-mismatch"
	FaultStrayModal    = "stray-modal"
)

// Fault is one way in which the portal misbehaves. The zero value of every field but Name and Value means "any".
type Fault struct {
	Name string `json:"name"`
	// Value is the parameter; empty takes the default of the fault.
	Value string `json:"value,omitempty"`
	// Account limits the fault to one login.
	Account string `json:"account,omitempty"`
	// Page limits it to one kind of page, together with the data that this kind of page asks for.
	Page PageKind `json:"page,omitempty"`
	// Target limits it to documents or to data requests.
	Target Target `json:"target,omitempty"`
	// Next makes it happen that many times and then never again; zero means until it is cleared.
	Next int `json:"next,omitempty"`
	// Rate makes it happen with that probability; zero means always.
	Rate float64 `json:"rate,omitempty"`
}

// faultSpecs holds the default value of each fault and what its values must look like. A fault in the table has
// passed this check, so code that acts on one does not look at parse errors again.
var faultSpecs = map[string]struct {
	fallback string
	check    func(string) error
}{
	FaultLatency:       {"1s", check(ParseLatency)},
	FaultRenderDelay:   {"1s", check(time.ParseDuration)},
	FaultHTTP500:       {"", noValue},
	FaultHTTP429:       {"30", check(positive)},
	FaultHang:          {"0s", check(time.ParseDuration)},
	FaultReset:         {"", noValue},
	FaultExpireLogin:   {"10", check(parseExpiry)},
	FaultRejectLogin:   {"", noValue},
	FaultRedirectLogin: {"", noValue},
	FaultDropElement:   {".paginator-wrapper", func(string) error { return nil }},
	FaultRenameClass:   {"work-list-item:work-entry", check(parseRenames)},
	FaultEmptyList:     {"proved", oneOf("proved", "unproved")},
	FaultShortList:     {"3", check(positive)},
	FaultIgnoreFilter:  {"", noValue},
	FaultIgnoreSize:    {"", noValue},
	FaultTwoClicks:     {"pick", oneOf("pick", "open")},
	FaultListChanges:   {"add", oneOf("add", "remove")},
	FaultCardMismatch:  {"1", check(positive)},
	FaultStrayModal:    {"", noValue},
}

// FaultNames lists all faults in alphabetical order.
func FaultNames() []string {
	names := make([]string, 0, len(faultSpecs))
	for name := range faultSpecs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ParseFault reads the notation of flags: name[=value][@account][;page=...][;target=...][;next=N][;rate=0.1].
func ParseFault(text string) (Fault, error) {
	head, options, _ := strings.Cut(text, ";")
	head, account, _ := strings.Cut(head, "@")
	name, value, _ := strings.Cut(head, "=")
	f := Fault{Name: strings.TrimSpace(name), Value: value, Account: account}
	for option := range strings.SplitSeq(options, ";") {
		if option == "" {
			continue
		}
		var err error
		switch key, v, _ := strings.Cut(option, "="); key {
		case "page":
			f.Page = PageKind(v)
		case "target":
			f.Target = Target(v)
		case "next":
			f.Next, err = strconv.Atoi(v)
		case "rate":
			f.Rate, err = strconv.ParseFloat(v, 64)
		default:
			err = fmt.Errorf("options are page, target, next and rate")
		}
		if err != nil {
			return Fault{}, fmt.Errorf("fault %q: option %q: %w", text, option, err)
		}
	}
	return f.checked()
}

// checked fills in the default value and refuses what could never work.
func (f Fault) checked() (Fault, error) {
	spec, ok := faultSpecs[f.Name]
	if !ok {
		return f, fmt.Errorf("unknown fault %q; known are %s", f.Name, strings.Join(FaultNames(), ", "))
	}
	// A bare rate reads naturally as the value of a failure: http-500=0.05.
	if rate, err := strconv.ParseFloat(f.Value, 64); spec.fallback == "" && f.Rate == 0 && err == nil {
		f.Rate, f.Value = rate, ""
	}
	if f.Value == "" {
		f.Value = spec.fallback
	}
	if err := spec.check(f.Value); err != nil {
		return f, fmt.Errorf("fault %s: value %q: %w", f.Name, f.Value, err)
	}
	if f.Account != "" {
		if _, _, ok := kindOf(normalise(f.Account)); !ok {
			return f, fmt.Errorf("fault %s: %w: %q", f.Name, ErrUnknownAccount, f.Account)
		}
		f.Account = normalise(f.Account)
	}
	if f.Page != "" && !slices.Contains(pageKinds, f.Page) {
		return f, fmt.Errorf("fault %s: unknown page %q; known are %v", f.Name, f.Page, pageKinds)
	}
	if f.Target != "" && f.Target != Document && f.Target != Data {
		return f, fmt.Errorf("fault %s: target must be %s or %s", f.Name, Document, Data)
	}
	if f.Next < 0 || f.Rate < 0 || f.Rate > 1 {
		return f, fmt.Errorf("fault %s: next must not be negative, rate must be from 0 to 1", f.Name)
	}
	return f, nil
}

// scope is where a fault could strike.
type scope struct {
	account string
	page    PageKind
	target  Target
}

func (f Fault) covers(at scope) bool {
	// To a visitor the equipment tab is part of the location page.
	page := f.Page == "" || f.Page == at.page || (f.Page == PageLocation && at.page == PageEquipment)
	return page && (f.Account == "" || f.Account == at.account) &&
		(f.Target == "" || f.Target == at.target)
}

type faultTable struct {
	dice *dice

	mu   sync.Mutex
	list []Fault
}

func newFaultTable(d *dice) *faultTable { return &faultTable{dice: d} }

// set adds a fault, in place of an earlier one of the same name and scope. Narrow faults come before wide ones.
func (t *faultTable) set(f Fault) error {
	f, err := f.checked()
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = slices.DeleteFunc(t.list, func(g Fault) bool {
		return g.Name == f.Name && g.Account == f.Account && g.Page == f.Page && g.Target == f.Target
	})
	t.list = append(t.list, f)
	slices.SortStableFunc(t.list, func(a, b Fault) int { return b.narrowness() - a.narrowness() })
	return nil
}

func (f Fault) narrowness() (n int) {
	for i, set := range []bool{f.Target != "", f.Page != "", f.Account != ""} {
		if set {
			n += 1 << i
		}
	}
	return n
}

// clear removes every fault that has the non-zero name, account, page and target of like, and says how many.
func (t *faultTable) clear(like Fault) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.list)
	t.list = slices.DeleteFunc(t.list, func(f Fault) bool {
		return (like.Name == "" || like.Name == f.Name) && (like.Account == "" || like.Account == f.Account) &&
			(like.Page == "" || like.Page == f.Page) && (like.Target == "" || like.Target == f.Target)
	})
	return before - len(t.list)
}

func (t *faultTable) all() []Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.list)
}

// peek returns the fault that take would consider, without counting it.
func (t *faultTable) peek(name string, at scope) (Fault, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.list, func(f Fault) bool { return f.Name == name && f.covers(at) })
	if i < 0 {
		return Fault{}, false
	}
	return t.list[i], true
}

// take decides whether a fault strikes here and now, and counts it down. Only the narrowest one is considered.
func (t *faultTable) take(name string, at scope) (Fault, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.list, func(f Fault) bool { return f.Name == name && f.covers(at) })
	if i < 0 {
		return Fault{}, false
	}
	f := t.list[i]
	if f.Rate > 0 && t.dice.float() >= f.Rate {
		return Fault{}, false
	}
	if f.Next > 0 {
		if t.list[i].Next--; t.list[i].Next == 0 {
			t.list = slices.Delete(t.list, i, i+1)
		}
	}
	return f, true
}
