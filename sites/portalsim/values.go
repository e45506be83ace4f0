package portalsim

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Latency is a delay with a random part: from Base up to Base plus Jitter.
type Latency struct {
	Base, Jitter time.Duration
}

// ParseLatency reads "100ms" or "100ms+50ms".
func ParseLatency(text string) (Latency, error) {
	var l Latency
	base, jitter, random := strings.Cut(text, "+")
	err := parseDelay(base, &l.Base)
	if err == nil && random {
		err = parseDelay(jitter, &l.Jitter)
	}
	return l, err
}

func parseDelay(text string, into *time.Duration) (err error) {
	if *into, err = time.ParseDuration(text); err == nil && *into < 0 {
		err = fmt.Errorf("must not be negative")
	}
	return err
}

// UnmarshalText makes a Latency usable as a flag.
func (l *Latency) UnmarshalText(text []byte) (err error) {
	*l, err = ParseLatency(string(text))
	return err
}

// String is the notation that ParseLatency reads.
func (l Latency) String() string {
	if l.Jitter == 0 {
		return l.Base.String()
	}
	return l.Base.String() + "+" + l.Jitter.String()
}

// roll decides one delay; part is a random number in [0,1).
func (l Latency) roll(part float64) time.Duration {
	return l.Base + time.Duration(part*float64(l.Jitter))
}

// expiry ends a session after a number of requests or an age; zero means no limit.
type expiry struct {
	requests int
	age      time.Duration
}

func parseExpiry(text string) (e expiry, err error) {
	if e.requests, err = strconv.Atoi(text); err != nil {
		e.age, err = time.ParseDuration(text)
	}
	if err != nil || e.requests <= 0 && e.age <= 0 {
		return expiry{}, fmt.Errorf("must be a number of requests or a duration")
	}
	return e, nil
}

// layout is a change of the page structure, applied in the browser after every rendering.
type layout struct {
	Rename [][2]string `json:"rename,omitempty"`
	Drop   []string    `json:"drop,omitempty"`
}

// changedLayout is what changed@example.com gets: signed in for sure, but no anchor of the list is where it was.
var changedLayout = layout{Rename: [][2]string{
	{"work-list-item", "job-card"},
	{"paginator-wrapper", "list-controls"},
	{"length-aware-pagination", "pager-full"},
	{"active-search-filters", "filter-pills"},
	{"address-info", "place-lines"},
	{"work-creator", "job-author"},
	{"group-heading", "kit-heading"},
	{"custom-fields-view", "kit-fields"},
	{"pre-wrap", "keep-space"},
}}

// parseRenames reads "old:new" or "old:new,old2:new2".
func parseRenames(text string) (pairs [][2]string, err error) {
	for part := range strings.SplitSeq(text, ",") {
		old, renamed, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok || old == "" || renamed == "" || strings.ContainsAny(renamed, " \t") {
			return nil, fmt.Errorf("must be of the form old-class:new-class")
		}
		pairs = append(pairs, [2]string{old, renamed})
	}
	return pairs, nil
}

func check[T any](parse func(string) (T, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

func noValue(text string) error {
	if text != "" {
		return fmt.Errorf("takes no value, only a rate from 0 to 1")
	}
	return nil
}

func oneOf(allowed ...string) func(string) error {
	return func(text string) error {
		if !slices.Contains(allowed, text) {
			return fmt.Errorf("must be one of %s", strings.Join(allowed, ", "))
		}
		return nil
	}
}

func positive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && (n < 1 || n > math.MaxInt32) {
		err = fmt.Errorf("must be at least 1")
	}
	return n, err
}

// unreliableFaults is the portal on an ordinary bad day: rare, spread over everything, and gone on the next attempt.
func unreliableFaults() []Fault {
	return []Fault{
		{Name: FaultLatency, Value: "500ms+1500ms", Rate: 0.03},
		{Name: FaultHTTP500, Rate: 0.01},
		{Name: FaultReset, Rate: 0.003},
		{Name: FaultTwoClicks, Value: "pick", Page: PageList, Rate: 0.02},
		{Name: FaultRenderDelay, Value: "800ms", Rate: 0.05},
	}
}
