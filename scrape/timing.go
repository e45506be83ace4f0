package scrape

import (
	"reflect"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // zones must not depend on what the machine has installed
)

// LongestInterval is the largest interval of a schedule (the old contract's bound).
const LongestInterval = 24 * time.Hour

const day = 24 * time.Hour

// Hours is a window of local hours: Start included, End excluded. End at or below Start means that the window ends on
// the next day; End 24 is midnight.
type Hours struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// DSTPolicy says what a local time that happens twice does.
type DSTPolicy string

// The policies. A local time that does not exist on a day is skipped under both.
const (
	DSTTwice DSTPolicy = "twice" // it runs twice, as Temporal's calendars have it; the default
	DSTOnce  DSTPolicy = "once"  // it runs the first time only
)

// CatchUpPolicy says which missed slots still run when the scheduler comes back.
type CatchUpPolicy string

// The policies.
const (
	CatchUpLast CatchUpPolicy = "last" // the last one, within one interval; the default
	CatchUpNone CatchUpPolicy = "none"
	CatchUpAll  CatchUpPolicy = "all" // one after the other
)

// OverlapPolicy says what a slot does that comes while a run of its schedule is going. The words are Temporal's.
type OverlapPolicy string

// The policies.
const (
	OverlapSkip      OverlapPolicy = "skip"       // it is skipped; the default
	OverlapBufferOne OverlapPolicy = "buffer_one" // the first one waits for the run to end, further ones are skipped
)

// Timing says when a schedule is due. It has an Interval or Cron lines, never both.
//
// An interval alone is aligned to the Unix epoch in UTC, with Offset as the phase, as Temporal's intervals are. With ActiveHours, ActiveDays or
// SkipDates its slots are counted from the window's start on each local day: start+Offset, start+Offset+Interval, ... while inside the
// window, which is the whole day without ActiveHours. Cron lines name local times; the others narrow them down.
//
// A window over midnight belongs to the day on which it starts, for ActiveDays and SkipDates, too.
type Timing struct {
	Interval    time.Duration // whole seconds; 0 with Cron
	Cron        []string      // five fields each
	ActiveHours *Hours        // nil: around the clock
	ActiveDays  []int         // 0 (Sunday) to 6, ascending; empty: every day
	SkipDates   []string      // local dates without slots, 2030-12-25, ascending
	Timezone    string        // IANA name; empty is UTC
	Offset      time.Duration // whole seconds; below the interval, with Cron below a minute
	StartsAt    *time.Time    // first moment at which it may be due
	EndsAt      *time.Time    // last one
	DST         DSTPolicy     // empty: DSTTwice
	CatchUp     CatchUpPolicy // empty: CatchUpLast
	Overlap     OverlapPolicy // empty: OverlapSkip; with CatchUpAll every slot waits
}

// Equal tells whether two timings are due at the same times for the same reasons.
func (t Timing) Equal(other Timing) bool { return reflect.DeepEqual(t.plain(), other.plain()) }

// plain is the timing in a form that compares.
func (t Timing) plain() Timing {
	if len(t.Cron) == 0 {
		t.Cron = nil
	}
	if len(t.ActiveDays) == 0 { // all seven are not the same as none: an interval is then counted from midnight
		t.ActiveDays = nil
	}
	if len(t.SkipDates) == 0 {
		t.SkipDates = nil
	}
	if t.Timezone == "" {
		t.Timezone = time.UTC.String()
	}
	if t.DST == "" {
		t.DST = DSTTwice
	}
	if t.CatchUp == "" {
		t.CatchUp = CatchUpLast
	}
	if t.Overlap == "" {
		t.Overlap = OverlapSkip
	}
	t.StartsAt, t.EndsAt = inUTC(t.StartsAt), inUTC(t.EndsAt)
	return t
}

// Location is the timing's zone. Validate has made sure that it exists; UTC stands in for one that does not.
func (t Timing) Location() *time.Location {
	if t.Timezone == "" {
		return time.UTC
	}
	if loc, known := zones.Load(t.Timezone); known {
		return loc.(*time.Location) //nolint:forcetypeassert // nothing else is stored
	}
	loc, err := time.LoadLocation(t.Timezone)
	if err != nil {
		return time.UTC
	}
	zones.Store(t.Timezone, loc)
	return loc
}

// zones are those that were loaded before: loading takes longer than looking for the next slot.
var zones sync.Map

// WallClock tells whether the slots follow the clocks of the zone; the others are aligned to the epoch.
func (t Timing) WallClock() bool {
	return len(t.Cron) > 0 || t.ActiveHours != nil || len(t.ActiveDays) > 0 || len(t.SkipDates) > 0
}

// hours is the window: the whole day without active hours.
func (t Timing) hours() Hours {
	if t.ActiveHours == nil {
		return Hours{0, 24}
	}
	return *t.ActiveHours
}

// window is the length of the active hours on the clock; a whole day without them.
func (t Timing) window() time.Duration {
	h := t.hours()
	length := time.Duration(h.End-h.Start) * time.Hour
	if length <= 0 {
		length += day
	}
	return length
}

// activeOn tells whether a window that starts on this date is open at all.
func (t Timing) activeOn(date time.Time) bool {
	if len(t.ActiveDays) > 0 && !slices.Contains(t.ActiveDays, int(date.Weekday())) {
		return false
	}
	_, skipped := slices.BinarySearch(t.SkipDates, date.Format(time.DateOnly))
	return !skipped
}

// shortestCatchUp is Temporal's own lower bound of a catch-up window.
const shortestCatchUp = 10 * time.Second

// CatchUpWindow is how late a missed slot may still run: within one interval, so that at most the last missed one does.
func (t Timing) CatchUpWindow() time.Duration {
	switch t.CatchUp {
	case CatchUpNone:
		return shortestCatchUp
	case CatchUpAll:
		return 365 * day
	case CatchUpLast, "":
		return max(t.Spacing(), shortestCatchUp)
	}
	return shortestCatchUp
}

// Spacing is the interval, and for cron lines the shortest time between two slots of a day.
func (t Timing) Spacing() time.Duration {
	if len(t.Cron) == 0 {
		return t.Interval
	}
	var times []time.Duration
	for _, line := range t.Cron {
		if c, err := parseCron(line); err == nil {
			times = append(times, c.times()...)
		}
	}
	slices.Sort(times)
	times = slices.Compact(times)
	if len(times) == 0 {
		return LongestInterval
	}
	shortest := times[0] + day - times[len(times)-1] // over midnight
	for i := 1; i < len(times); i++ {
		shortest = min(shortest, times[i]-times[i-1])
	}
	return shortest
}

// TriggerOf tells what made Temporal start a run with this nominal time.
//
// Temporal records nothing about it, but times of the timing are whole seconds, a person's trigger keeps the fraction of the moment
// it was given, and a backfilled slot is older than any catch-up. exact says that nominal carries its fraction; without it, a time
// that is no slot must have been a person's.
func (t Timing) TriggerOf(nominal time.Time, exact bool, startedAt time.Time) Trigger {
	switch {
	case exact && nominal.Nanosecond() != 0, !exact && !t.IsSlot(nominal):
		return TriggerManual
	case startedAt.Sub(nominal) > t.CatchUpWindow()+time.Minute:
		return TriggerBackfill
	default:
		return TriggerScheduled
	}
}
