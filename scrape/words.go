package scrape

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Sentence says in plain words when a timing is due: "Every 90 minutes from 6:00 to 22:00 on weekdays, New York time, at 6:17, 7:47 ... 21:17."
// Times are the zone's, to the minute. A cron line without a usual shape is quoted as it is.
func (t Timing) Sentence() string {
	var what string
	if len(t.Cron) > 0 {
		what = t.cronWords()
	} else {
		what = t.intervalWords()
	}
	for _, part := range []string{t.skipWords(), t.boundWords("not before", t.StartsAt), t.boundWords("not after", t.EndsAt)} {
		if part != "" {
			what += ", " + part
		}
	}
	return strings.ToUpper(what[:1]) + what[1:] + "."
}

func (t Timing) intervalWords() string {
	if !t.WallClock() {
		return t.clockRoundWords()
	}
	words := everyWords(t.Interval)
	slots := t.DailySlots()
	if t.ActiveHours != nil {
		words += t.hoursWords()
	}
	if days := weekdayWords(t.ActiveDays); days != "" {
		words += " " + days
	}
	if len(slots) == 1 {
		if words = "once a day"; len(t.ActiveDays) > 0 {
			words = "once " + weekdayWords(t.ActiveDays)
		}
	}
	return words + ", " + ZoneWords(t.Timezone) + ", at " + timesWords(slots)
}

// clockRoundWords is for an interval around the clock, which counts in UTC whatever the zone is.
func (t Timing) clockRoundWords() string {
	words := everyWords(t.Interval) + " around the clock"
	switch {
	case t.Interval < time.Minute || day%t.Interval != 0: // too many for a minute each, or other times every day
		return words
	case time.Hour%t.Interval == 0 || t.Interval == time.Hour:
		return words + ", at " + minutesWords(t.Interval, t.Offset)
	}
	var slots []time.Duration
	for at := t.Offset % t.Interval; at < day; at += t.Interval {
		slots = append(slots, at)
	}
	return words + ", UTC, at " + timesWords(slots)
}

// minutesWords names the minutes of each hour at which an interval that divides the hour is due.
func minutesWords(interval, offset time.Duration) string {
	var minutes []string
	for at := offset % interval; at < time.Hour; at += interval {
		minutes = append(minutes, fmt.Sprint(int(at/time.Minute)))
	}
	if minutes = slices.Compact(minutes); len(minutes) > 4 {
		minutes = append(minutes[:2], "...", minutes[len(minutes)-1])
		return strings.Join(minutes, " ") + " minutes past the hour"
	}
	if len(minutes) == 1 && minutes[0] == "0" {
		return "the full hour"
	}
	return listWords(minutes) + " minutes past the hour"
}

func (t Timing) hoursWords() string {
	return fmt.Sprintf(" from %s to %s", clockWords(time.Duration(t.ActiveHours.Start)*time.Hour), hourWords(t.ActiveHours.End))
}

func hourWords(end int) string {
	if end == 0 || end == 24 {
		return "midnight"
	}
	return clockWords(time.Duration(end) * time.Hour)
}

func (t Timing) skipWords() string {
	switch n := len(t.SkipDates); {
	case n == 0:
		return ""
	case n <= 3:
		return "not on " + listWords(t.SkipDates)
	default:
		return fmt.Sprintf("not on %d dates from %s to %s", n, t.SkipDates[0], t.SkipDates[n-1])
	}
}

func (t Timing) boundWords(how string, at *time.Time) string {
	if at == nil {
		return ""
	}
	return how + " " + MomentWords(*at, t.Location())
}

// MomentWords writes a moment in a zone as people say it: "2 January 2030, 8:02".
func MomentWords(at time.Time, loc *time.Location) string {
	local := at.In(loc)
	return local.Format("2 January 2006, ") + clockWords(sinceMidnight(local))
}

// sinceMidnight is what the clock shows.
func sinceMidnight(local time.Time) time.Duration {
	return time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
}

// ZoneWords names a zone as people do: "New York time" for America/New_York.
func ZoneWords(zone string) string {
	if zone == "" || zone == "UTC" || zone == "Etc/UTC" {
		return "UTC"
	}
	city := zone[strings.LastIndex(zone, "/")+1:]
	if strings.HasPrefix(zone, "Etc/") || city == zone {
		return zone + " time"
	}
	return strings.ReplaceAll(city, "_", " ") + " time"
}

// everyWords is the rhythm: "every hour", "every 90 minutes", "once a day".
func everyWords(interval time.Duration) string {
	switch interval {
	case time.Hour:
		return "every hour"
	case time.Minute:
		return "every minute"
	default:
		return "every " + DurationWords(interval)
	}
}

// DurationWords writes a length of time in the largest unit in which it is whole: "90 minutes", "2 hours", "45 seconds".
func DurationWords(d time.Duration) string {
	count := func(n int64, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%d %ss", n, unit)
	}
	switch {
	case d >= 2*day && d%day == 0:
		return count(int64(d/day), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return count(int64(d/time.Hour), "hour")
	case d >= time.Minute && d%time.Minute == 0:
		return count(int64(d/time.Minute), "minute")
	case d > time.Minute:
		return count(int64(d/time.Minute), "minute") + " " + count(int64(d%time.Minute/time.Second), "second")
	default:
		return count(int64(d/time.Second), "second")
	}
}

// clockWords is a time of day, given from midnight, possibly of the day before.
func clockWords(at time.Duration) string {
	at %= day
	return fmt.Sprintf("%d:%02d", int(at/time.Hour), int(at%time.Hour/time.Minute))
}

// timesWords lists times of day, the middle of many left out.
func timesWords(times []time.Duration) string {
	var words []string
	for _, at := range times {
		words = append(words, clockWords(at))
	}
	if words = slices.Compact(words); len(words) > 4 {
		return fmt.Sprintf("%s, %s ... %s", words[0], words[1], words[len(words)-1])
	}
	return listWords(words)
}

// listWords joins with commas and an and.
func listWords(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

var weekdayNames = []string{"Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"}

// weekdayWords says on which days; empty for every day. The week is read from Monday on, as in "Fridays and Sundays".
func weekdayWords(days []int) string {
	switch {
	case len(days) == 0 || len(days) == 7:
		return ""
	case slices.Equal(days, []int{1, 2, 3, 4, 5}):
		return "on weekdays"
	case slices.Equal(days, []int{0, 6}):
		return "on weekends"
	}
	var names []string
	for n := 1; n <= 7; n++ {
		if slices.Contains(days, n%7) {
			names = append(names, weekdayNames[n%7])
		}
	}
	return "on " + listWords(names)
}
