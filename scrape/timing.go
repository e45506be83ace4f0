package scrape

import (
	"iter"
	"slices"
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

// Timing says when a schedule is due.
//
// Without ActiveHours its slots are aligned to the Unix epoch in UTC, with Offset as the phase, as Temporal's intervals
// are. With them, slots are counted from the window's start on each local day: start+Offset, start+Offset+Interval, ...
// while inside the window. A local time that does not exist on a day is skipped, one that happens twice runs twice.
type Timing struct {
	Interval    time.Duration // whole seconds
	ActiveHours *Hours        // nil: around the clock
	Timezone    string        // IANA name; empty is UTC
	Offset      time.Duration // whole seconds, 0 <= Offset < Interval
}

// Location is the timing's zone. Validate has made sure that it exists; UTC stands in for one that does not.
func (t Timing) Location() *time.Location {
	if t.Timezone == "" {
		return time.UTC
	}
	loc, err := time.LoadLocation(t.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Validate refuses a timing that breaks a rule or would never fire; smallest is the shortest allowed interval.
func (t Timing) Validate(smallest time.Duration) error {
	if t.Interval < smallest || t.Interval > LongestInterval {
		return Invalid("interval_hours", "interval_hours must be between %.4g and %.4g.",
			smallest.Hours(), LongestInterval.Hours())
	}
	if t.Interval%time.Second != 0 {
		return Invalid("interval_hours", "interval_hours must come to whole seconds.")
	}
	if t.Timezone == "Local" { // Go's word for "whatever this machine has", which is not a zone
		return Invalid("timezone", `"Local" is not a time zone. Use a name such as America/New_York.`)
	}
	if _, err := time.LoadLocation(t.Timezone); err != nil {
		return Invalid("timezone", "There is no time zone %q. Use a name such as America/New_York.", t.Timezone)
	}
	if h := t.ActiveHours; h != nil {
		if h.Start < 0 || h.Start > 23 {
			return Invalid("active_hours.start", "active_hours.start must be an hour from 0 to 23.")
		}
		if h.End < 0 || h.End > 24 {
			return Invalid("active_hours.end", "active_hours.end must be an hour from 0 to 24.")
		}
		if h.Start == h.End {
			return Invalid("active_hours", "active_hours.start and active_hours.end are equal, so nothing would ever run. "+
				"Leave active_hours out (or null) to run around the clock.")
		}
	}
	if t.Offset < 0 || t.Offset >= t.Interval || t.Offset%time.Second != 0 {
		return Invalid("offset_seconds", "offset_seconds must be whole seconds from 0 to below the interval.")
	}
	if t.Offset >= t.window() {
		return Invalid("offset_seconds", "With this offset the first slot lies behind the end of active_hours, so nothing would ever run.")
	}
	return nil
}

// window is the length of the active hours on the clock; a whole day without them.
func (t Timing) window() time.Duration {
	if t.ActiveHours == nil {
		return day
	}
	length := time.Duration(t.ActiveHours.End-t.ActiveHours.Start) * time.Hour
	if length <= 0 {
		length += day
	}
	return length
}

// DailySlots lists the wall-clock times of a day's slots as offsets from local midnight, ascending, each below 24 h. It is nil
// for a timing without active hours, whose slots do not follow the wall clock.
func (t Timing) DailySlots() []time.Duration {
	if t.ActiveHours == nil || t.Interval <= 0 {
		return nil
	}
	var slots []time.Duration
	start := time.Duration(t.ActiveHours.Start) * time.Hour
	for at := t.Offset; at < t.window(); at += t.Interval {
		slots = append(slots, (start+at)%day)
	}
	slices.Sort(slots)
	return slots
}

// Slots yields the due times at or after from, ascending, in UTC, without end.
func (t Timing) Slots(from time.Time) iter.Seq[time.Time] {
	if t.Interval <= 0 {
		return func(func(time.Time) bool) {}
	}
	if t.ActiveHours == nil {
		return t.intervalSlots(from)
	}
	return t.wallClockSlots(from)
}

func (t Timing) intervalSlots(from time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		step, phase := int64(t.Interval/time.Second), int64(t.Offset/time.Second)
		second := from.Unix()
		if from.Nanosecond() > 0 {
			second++
		}
		behind := (second - phase) % step
		if behind < 0 {
			behind += step
		}
		if behind > 0 {
			second += step - behind
		}
		for yield(time.Unix(second, 0).UTC()) {
			second += step
		}
	}
}

func (t Timing) wallClockSlots(from time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		daily, loc := t.DailySlots(), t.Location()
		if len(daily) == 0 {
			return
		}
		// A zone's day can begin up to a day and two hours away from UTC's: start one day early, skip what is too old.
		year, month, date := from.In(loc).Date()
		for d := -1; ; d++ {
			var slots []time.Time
			for _, wall := range daily {
				slots = append(slots, instants(year, month, date+d, wall, loc)...)
			}
			slices.SortFunc(slots, time.Time.Compare) // a repeated hour puts instants out of wall-clock order
			for _, slot := range slots {
				if !slot.Before(from) && !yield(slot) {
					return
				}
			}
		}
	}
}

// instants lists the moments at which clocks in loc show the wall time on the date: none in a gap, two when repeated.
func instants(year int, month time.Month, date int, wall time.Duration, loc *time.Location) []time.Time {
	utc := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Add(wall)
	var found []time.Time
	for _, around := range []time.Duration{-day, day} { // the offsets in force before and after any change of that day
		_, offset := utc.Add(around).In(loc).Zone()
		at := utc.Add(-time.Duration(offset) * time.Second)
		if _, actual := at.In(loc).Zone(); actual != offset {
			continue
		}
		if !slices.ContainsFunc(found, at.Equal) {
			found = append(found, at)
		}
	}
	return found
}

// IsSlot tells whether the timing is due at exactly this moment.
func (t Timing) IsSlot(at time.Time) bool {
	for slot := range t.Slots(at) {
		return slot.Equal(at)
	}
	return false
}

// shortestCatchUp is Temporal's own lower bound of a catch-up window.
const shortestCatchUp = 10 * time.Second

// CatchUp is how late a missed slot may still run: within one interval, so that at most the last missed one does.
func (t Timing) CatchUp() time.Duration { return max(t.Interval, shortestCatchUp) }

// TriggerOf tells what made Temporal start a run with this nominal time.
//
// Temporal records nothing about it, but times of the timing are whole seconds, a person's trigger keeps the fraction of the moment
// it was given, and a backfilled slot is older than any catch-up. exact says that nominal carries its fraction; without it, a time
// that is no slot must have been a person's.
func (t Timing) TriggerOf(nominal time.Time, exact bool, startedAt time.Time) Trigger {
	switch {
	case exact && nominal.Nanosecond() != 0, !exact && !t.IsSlot(nominal):
		return TriggerManual
	case startedAt.Sub(nominal) > t.CatchUp()+time.Minute:
		return TriggerBackfill
	default:
		return TriggerScheduled
	}
}
