package scrape

import (
	"fmt"
	"slices"
	"time"
)

const (
	// mostCronLines, mostSkipDates bound what a person writes into one schedule, and what becomes of it in Temporal.
	mostCronLines = 10
	mostSkipDates = 366
	// foresight is how far ahead a timing must be due at least once.
	foresight = 14 * 31 * day
)

// Validate refuses a timing that breaks a rule or would not fire in the next 14 months; smallest is the shortest allowed interval.
func (t Timing) Validate(smallest time.Duration, now time.Time) error {
	for _, check := range []func() error{
		func() error { return t.validateRhythm(smallest) }, func() error { return validateZone(t.Timezone) }, t.validateHours, t.validateDays, t.validateOffset, t.validateWords,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return t.validateFiring(smallest, now)
}

func (t Timing) validateRhythm(smallest time.Duration) error {
	switch {
	case len(t.Cron) > 0 && t.Interval != 0:
		return Invalid("cron", "Give either interval_hours or cron, not both.")
	case len(t.Cron) > mostCronLines:
		return Invalid("cron", "There may be at most %d cron lines.", mostCronLines)
	case len(t.Cron) > 0:
		for i, line := range t.Cron {
			if _, err := parseCron(line); err != nil {
				return Invalid(fmt.Sprintf("cron[%d]", i), "%s", MessageOf(err))
			}
		}
		return nil
	case t.Interval < smallest || t.Interval > LongestInterval:
		return Invalid("interval_hours", "interval_hours must be between %.4g and %.4g.", smallest.Hours(), LongestInterval.Hours())
	case t.Interval%time.Second != 0:
		return Invalid("interval_hours", "interval_hours must come to whole seconds.")
	}
	return nil
}

func validateZone(name string) error {
	if name == "Local" { // Go's word for "whatever this machine has", which is not a zone
		return Invalid("timezone", `"Local" is not a time zone. Use a name such as America/New_York.`)
	}
	if _, err := time.LoadLocation(name); err != nil {
		return Invalid("timezone", "There is no time zone %q. Use a name such as America/New_York.", name)
	}
	return nil
}

func (t Timing) validateHours() error {
	h := t.ActiveHours
	switch {
	case h == nil:
		return nil
	case h.Start < 0 || h.Start > 23:
		return Invalid("active_hours.start", "active_hours.start must be an hour from 0 to 23.")
	case h.End < 0 || h.End > 24:
		return Invalid("active_hours.end", "active_hours.end must be an hour from 0 to 24.")
	case h.Start == h.End:
		return Invalid("active_hours", "active_hours.start and active_hours.end are equal, so nothing would ever run. "+
			"Leave active_hours out (or null) to run around the clock.")
	}
	return nil
}

func (t Timing) validateDays() error {
	for i, weekday := range t.ActiveDays {
		if weekday < 0 || weekday > 6 {
			return Invalid("active_days", "active_days must be numbers from 0 (Sunday) to 6 (Saturday).")
		}
		if i > 0 && weekday <= t.ActiveDays[i-1] {
			return Invalid("active_days", "active_days must be in order, each once.")
		}
	}
	if len(t.SkipDates) > mostSkipDates {
		return Invalid("skip_dates", "There may be at most %d skip_dates.", mostSkipDates)
	}
	for i, date := range t.SkipDates {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return Invalid("skip_dates", "%q is not a date such as 2030-12-25.", date)
		}
		if i > 0 && date <= t.SkipDates[i-1] {
			return Invalid("skip_dates", "skip_dates must be in order, each once.")
		}
	}
	return nil
}

func (t Timing) validateOffset() error {
	switch {
	case t.Offset < 0 || t.Offset%time.Second != 0, len(t.Cron) == 0 && t.Offset >= t.Interval:
		return Invalid("offset_seconds", "offset_seconds must be whole seconds from 0 to below the interval.")
	case len(t.Cron) > 0 && t.Offset >= time.Minute:
		return Invalid("offset_seconds", "With cron lines offset_seconds must be below 60.")
	case len(t.Cron) == 0 && t.WallClock() && t.Offset >= t.window():
		return Invalid("offset_seconds", "With this offset the first slot lies behind the end of active_hours, so nothing would ever run.")
	}
	return nil
}

func (t Timing) validateWords() error {
	if !slices.Contains([]DSTPolicy{"", DSTTwice, DSTOnce}, t.DST) {
		return Invalid("dst_policy", "dst_policy must be twice or once.")
	}
	if !slices.Contains([]CatchUpPolicy{"", CatchUpLast, CatchUpNone, CatchUpAll}, t.CatchUp) {
		return Invalid("catchup", "catchup must be none, last or all.")
	}
	if !slices.Contains([]OverlapPolicy{"", OverlapSkip, OverlapBufferOne}, t.Overlap) {
		return Invalid("overlap", "overlap must be skip or buffer_one.")
	}
	if t.StartsAt != nil && t.EndsAt != nil && t.EndsAt.Before(*t.StartsAt) {
		return Invalid("ends_at", "ends_at lies before starts_at.")
	}
	return nil
}

// validateFiring looks at the slots themselves.
func (t Timing) validateFiring(smallest time.Duration, now time.Time) error {
	from := now
	if t.StartsAt != nil && t.StartsAt.After(now) {
		from = *t.StartsAt
	}
	const looked = 3000
	var last time.Time
	n := 0
	for slot := range t.Slots(from) {
		if slot.After(now.Add(foresight)) {
			break
		}
		if n++; n > looked {
			break
		}
		// The clocks going back bring slots closer together, which nobody has asked for.
		if gap := slot.Sub(last); len(t.Cron) > 0 && n > 1 && gap < smallest && !t.repeats(slot) && !t.repeats(last) {
			return Invalid("cron", "These cron lines are due %s apart; the shortest interval here is %s.", gap, smallest)
		}
		last = slot
		if len(t.Cron) == 0 {
			break // one is enough: an interval says itself how far apart they are
		}
	}
	if n == 0 {
		return Invalid("cron", "Nothing would run in the next 14 months. Look at cron, active_hours, active_days, skip_dates, starts_at and ends_at.")
	}
	return nil
}

// repeats tells whether clocks show the local time of this moment twice.
func (t Timing) repeats(at time.Time) bool {
	local := at.In(t.Location())
	wall := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second
	year, month, date := local.Date()
	twice := t
	twice.DST = DSTTwice
	return len(twice.instants(time.Date(year, month, date, 0, 0, 0, 0, time.UTC), wall, t.Location())) > 1
}
