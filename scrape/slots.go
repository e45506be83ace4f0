package scrape

import (
	"iter"
	"slices"
	"time"
)

// silence is how long a timing is looked through for its next slot before it is taken to have none: a leap day in a century's end.
const silence = 9 * 366

// Slots yields the due times at or after from, ascending, in UTC. It ends at EndsAt, and when nothing is due for nine years.
func (t Timing) Slots(from time.Time) iter.Seq[time.Time] {
	if t.StartsAt != nil && from.Before(*t.StartsAt) {
		from = *t.StartsAt
	}
	var slots iter.Seq[time.Time]
	switch {
	case t.WallClock():
		slots = t.wallClockSlots(from)
	case t.Interval > 0:
		slots = t.intervalSlots(from)
	default:
		return func(func(time.Time) bool) {}
	}
	if t.EndsAt == nil {
		return slots
	}
	return func(yield func(time.Time) bool) {
		for slot := range slots {
			if slot.After(*t.EndsAt) || !yield(slot) {
				return
			}
		}
	}
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
		loc, walls := t.Location(), t.walls()
		// A zone's day can begin up to a day and two hours away from UTC's, and a window may reach into the next day: start two days early,
		// skip what is too old.
		year, month, date := from.In(loc).Date()
		for d, quiet := -2, 0; quiet < silence; d++ {
			quiet++
			midnight := time.Date(year, month, date+d, 0, 0, 0, 0, time.UTC)
			if !t.activeOn(midnight) {
				continue
			}
			var slots []time.Time
			for _, wall := range walls(midnight) {
				slots = append(slots, t.instants(midnight, wall, loc)...)
			}
			slices.SortFunc(slots, time.Time.Compare) // a repeated hour puts instants out of wall-clock order
			for _, slot := range slices.CompactFunc(slots, time.Time.Equal) {
				if slot.Before(from) {
					continue
				}
				if quiet = 0; !yield(slot) {
					return
				}
			}
		}
	}
}

// DailySlots lists the wall-clock times of an interval's slots in one window, as offsets from the midnight at which the window's day begins,
// ascending: 24 h and more lie on the next day.
func (t Timing) DailySlots() []time.Duration {
	if t.Interval <= 0 {
		return nil
	}
	var slots []time.Duration
	start := time.Duration(t.hours().Start) * time.Hour
	for at := t.Offset; at < t.window(); at += t.Interval {
		slots = append(slots, start+at)
	}
	return slots
}

// walls gives the function that lists a day's wall-clock slots, as DailySlots does.
func (t Timing) walls() func(midnight time.Time) []time.Duration {
	if len(t.Cron) == 0 {
		daily := t.DailySlots()
		return func(time.Time) []time.Duration { return daily }
	}
	type line struct {
		cron
		at []time.Duration
	}
	var lines []line
	for _, text := range t.Cron {
		if c, err := parseCron(text); err == nil { // Validate has refused the others
			lines = append(lines, line{c, c.times()})
		}
	}
	start := time.Duration(t.hours().Start) * time.Hour
	end := start + t.window()
	return func(midnight time.Time) []time.Duration {
		var found []time.Duration
		for _, l := range lines {
			for _, late := range []time.Duration{0, day} { // the window's own day, and what it reaches of the next one
				if late >= end || !l.on(midnight.Add(late)) {
					continue
				}
				for _, at := range l.at {
					if at += late; at >= start && at < end {
						found = append(found, at+t.Offset)
					}
				}
			}
		}
		return found
	}
}

// instants lists the moments at which clocks in loc show the wall time: none in a gap, two when repeated, one of them under DSTOnce.
func (t Timing) instants(midnight time.Time, wall time.Duration, loc *time.Location) []time.Time {
	utc := midnight.Add(wall)
	var found []time.Time
	for _, around := range []time.Duration{-day, day} { // the offsets in force before and after any change of that day
		_, offset := utc.Add(around).In(loc).Zone()
		at := utc.Add(-time.Duration(offset) * time.Second)
		if _, actual := at.In(loc).Zone(); actual != offset || slices.ContainsFunc(found, at.Equal) {
			continue
		}
		found = append(found, at)
	}
	if t.DST == DSTOnce && len(found) > 1 {
		return found[:1]
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
