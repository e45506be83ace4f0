package scrape

import (
	"fmt"
	"time"
)

// Freshness says in one word whether a schedule's data is as new as it should be.
type Freshness string

// The words.
const (
	FreshnessFresh   Freshness = "fresh"
	FreshnessLate    Freshness = "late"
	FreshnessStale   Freshness = "stale"
	FreshnessUnknown Freshness = "unknown" // nothing was collected yet
)

// FreshnessAt says how fresh the data is at a moment, and why in a sentence.
//
// With MaxAge the data is fresh up to that age, late up to twice of it, then stale. Without, its slots are the measure, so that a night
// outside the active hours makes nothing late: it is fresh until half a spacing after the first slot that followed the data, late until the third
// such slot, then stale. Around the clock that is 1.5 and 3 spacings.
func (s Schedule) FreshnessAt(now time.Time) (Freshness, string) {
	if s.DataAt == nil {
		return FreshnessUnknown, "Nothing has been collected yet."
	}
	age := now.Sub(*s.DataAt)
	old := fmt.Sprintf("The data is %s old", ageWords(age))
	if s.MaxAge == 0 && age <= s.Timing.Spacing()/2 { // whatever the slots are, which take longer to look at
		return FreshnessFresh, old + "."
	}
	late, stale, missed := s.deadlines()
	switch {
	case !now.After(late):
		return FreshnessFresh, old + "."
	case s.MaxAge > 0:
		old += fmt.Sprintf("; it should be at most %s old.", DurationWords(s.MaxAge))
	case missed.IsZero():
		old += ", and no slot has followed."
	default:
		old += fmt.Sprintf("; the slot at %s has brought none.", MomentWords(missed, s.Timing.Location()))
	}
	old += s.whyLate()
	if now.After(stale) {
		return FreshnessStale, old
	}
	return FreshnessLate, old
}

// deadlines are until when the data is fresh, until when it is late, and the first slot that followed it, if that is the measure.
func (s Schedule) deadlines() (late, stale, missed time.Time) {
	data, spacing := *s.DataAt, s.Timing.Spacing()
	if s.MaxAge > 0 {
		return data.Add(s.MaxAge), data.Add(2 * s.MaxAge), missed
	}
	slots := s.Timing.Upcoming(data.Add(time.Nanosecond), 3)
	if len(slots) == 0 { // it has ended: no better data is to come
		return data.Add(spacing + spacing/2), data.Add(3 * spacing), missed
	}
	late = slots[0].Add(spacing / 2)
	stale = slots[len(slots)-1]
	if len(slots) < 3 {
		stale = slots[0].Add(2 * spacing)
	}
	if stale.Before(late) {
		stale = late
	}
	return late, stale, slots[0]
}

// whyLate adds what stands in the way, as far as the schedule knows.
func (s Schedule) whyLate() string {
	switch {
	case !s.Enabled:
		return " The schedule is paused."
	case s.SuspendedAt != nil || s.ConsecutiveFailures > 0:
		return fmt.Sprintf(" The last %s failed.", runsWords(s.ConsecutiveFailures))
	default:
		return ""
	}
}

func runsWords(n int) string {
	if n == 1 {
		return "run"
	}
	return fmt.Sprintf("%d runs", n)
}

// ageWords is an age as people say it: to the minute, then to the hour, then in days.
func ageWords(age time.Duration) string {
	switch {
	case age < time.Minute:
		return "less than a minute"
	case age < 2*time.Hour:
		return DurationWords(age.Truncate(time.Minute))
	case age < 2*day:
		return DurationWords(age.Truncate(time.Hour))
	default:
		return DurationWords(age.Truncate(day))
	}
}

// FailuresUntilWarning is the number of failures in a row from which on a schedule warns its owner.
const FailuresUntilWarning = 3

// Warning is a sentence for the owner of a schedule whose runs fail; empty below three failures in a row.
func (s Schedule) Warning() string {
	switch {
	case s.SuspendedAt != nil && s.Enabled && s.ProbeAt != nil:
		return fmt.Sprintf("Paused by itself after %d failures in a row. It tries again by itself, next at %s (%s), and goes on as soon as a run succeeds.",
			s.ConsecutiveFailures, MomentWords(*s.ProbeAt, s.Timing.Location()), ZoneWords(s.Timing.Timezone))
	case s.ConsecutiveFailures < FailuresUntilWarning:
		return ""
	case s.ConsecutiveFailures < FailuresUntilFailed && s.Enabled:
		return fmt.Sprintf("The last %d runs failed. After %d in a row it pauses by itself. Look at its history for the reason.",
			s.ConsecutiveFailures, FailuresUntilFailed)
	default:
		return fmt.Sprintf("The last %d runs failed. Look at its history for the reason.", s.ConsecutiveFailures)
	}
}
