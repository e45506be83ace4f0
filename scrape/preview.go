package scrape

import (
	"fmt"
	"slices"
	"time"
)

// Upcoming lists the first count slots at or after from, ascending, in UTC: fewer when the timing ends, or when a next slot is so far away
// that no calendar of Temporal's knows its year.
func (t Timing) Upcoming(from time.Time, count int) []time.Time {
	slots := []time.Time{}
	if count < 1 {
		return slots
	}
	for slot := range t.Slots(from) {
		if slot.Year() > lastYear {
			break
		}
		if slots = append(slots, slot); len(slots) == count {
			break
		}
	}
	return slots
}

// Warnings are sentences about what the owner of a timing may not expect: days in the next 14 months on which the clocks leave slots out or
// double them, cron lines that are never due, and runs that usually take longer than the time to the next slot. usual is the usual duration
// of a run; 0 when it is not known.
func (t Timing) Warnings(now time.Time, usual time.Duration) []string {
	warnings := append([]string{}, t.endedWarning(now)...)
	if len(warnings) > 0 { // nothing else matters to a timing that is over
		return warnings
	}
	warnings = append(warnings, t.idleLines(now)...)
	warnings = append(warnings, t.clockWarnings(now)...)
	if spacing := t.Spacing(); usual > spacing {
		warnings = append(warnings, fmt.Sprintf("Runs of this type usually take %s, longer than the %s from slot to slot: %s.",
			DurationWords(usual.Round(time.Second)), DurationWords(spacing), t.overlapWords()))
	}
	return warnings
}

func (t Timing) overlapWords() string {
	switch {
	case t.CatchUp == CatchUpAll:
		return "slots that come while a run is going wait for it, more and more of them"
	case t.Overlap == OverlapBufferOne:
		return "of the slots that come while a run is going one waits for its end, the others are skipped"
	default:
		return "slots that come while a run is going are skipped"
	}
}

func (t Timing) endedWarning(now time.Time) []string {
	if t.EndsAt != nil && t.EndsAt.Before(now) {
		return []string{"ends_at has passed, so nothing runs any more."}
	}
	for slot := range t.Slots(now) {
		if !slot.After(now.Add(foresight)) {
			return nil
		}
		break
	}
	return []string{"Nothing would run in the next 14 months."}
}

// idleLines names the cron lines that are never due while others are.
func (t Timing) idleLines(now time.Time) []string {
	var warnings []string
	for _, line := range t.Cron {
		alone := t
		alone.Cron = []string{line}
		due := alone.Upcoming(now, 1)
		if len(due) > 0 && !due[0].After(now.Add(foresight)) {
			continue
		}
		warnings = append(warnings, fmt.Sprintf("The line %q is never due in the next 14 months: look at its fields, and at active_hours, "+
			"active_days, skip_dates, starts_at and ends_at.", line))
	}
	return warnings
}

// clockWarnings says on which days the clocks change slots.
func (t Timing) clockWarnings(now time.Time) []string {
	if !t.WallClock() {
		return nil
	}
	loc, walls := t.Location(), t.walls()
	var warnings []string
	for at, until := now.In(loc), now.Add(foresight); ; {
		_, change := at.ZoneBounds()
		if change.IsZero() || change.After(until) {
			return warnings
		}
		at = change
		if (t.StartsAt != nil && change.Before(*t.StartsAt)) || (t.EndsAt != nil && change.After(*t.EndsAt)) {
			continue
		}
		if warning := t.clockWarning(change, walls); warning != "" {
			warnings = append(warnings, warning)
		}
	}
}

// clockWarning is about one change of the clocks; empty when no slot is touched.
func (t Timing) clockWarning(change time.Time, walls func(time.Time) []time.Duration) string {
	loc := t.Location()
	_, before := change.Add(-time.Second).In(loc).Zone()
	_, after := change.In(loc).Zone()
	from, to := min(before, after), max(before, after) // the local times from here to there do not exist, or happen twice
	first, last := change.UTC().Add(time.Duration(from)*time.Second), change.UTC().Add(time.Duration(to)*time.Second)
	var touched []time.Time
	for d := -2; d <= 1; d++ { // a window may reach into the next day
		midnight := first.Truncate(day).AddDate(0, 0, d)
		if !t.activeOn(midnight) {
			continue
		}
		for _, wall := range walls(midnight) {
			if local := midnight.Add(wall); !local.Before(first) && local.Before(last) {
				touched = append(touched, local)
			}
		}
	}
	if touched = sorted(touched); len(touched) == 0 || from == to {
		return ""
	}
	date, times := first.Format("2 January 2006"), timesOf(touched)
	switch {
	case after > before:
		return fmt.Sprintf("On %s clocks go forward: %s is left out, since that time does not exist.", date, slotsAt(touched, times))
	case t.DST == DSTOnce:
		return ""
	default:
		return fmt.Sprintf("On %s clocks go back: %s runs twice. If it should not, let such times run once (dst_policy).", date, slotsAt(touched, times))
	}
}

func sorted(times []time.Time) []time.Time {
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

func timesOf(local []time.Time) string {
	times := make([]time.Duration, 0, len(local))
	for _, at := range local {
		times = append(times, at.Sub(at.Truncate(day)))
	}
	return timesWords(times)
}

// slotsAt speaks of one or of each of several, so that the verb behind it is the same.
func slotsAt(slots []time.Time, times string) string {
	if len(slots) == 1 {
		return "the slot at " + times
	}
	return "each of the slots at " + times
}
