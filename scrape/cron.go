package scrape

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// cron is one line of five fields: minute, hour, day of month, month, day of week. As in every cron, a day is right when either of its two
// fields matches if both are restricted.
type cron struct {
	minutes, hours, days, months, weekdays []int
	anyDay, anyWeekday                     bool
}

var cronFields = []struct {
	words  string
	lo, hi int
	names  []string // of lo, lo+1, ...
}{
	{"minute", 0, 59, nil},
	{"hour", 0, 23, nil},
	{"day of month", 1, 31, nil},
	{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	{"day of week", 0, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}},
}

// parseCron reads a line. Its errors are sentences about the field "cron".
func parseCron(line string) (cron, error) {
	fields := strings.Fields(line)
	if len(fields) != len(cronFields) {
		return cron{}, Invalid("cron", "%q must have five fields: minute, hour, day of month, month, day of week.", line)
	}
	var sets [5][]int
	for i, text := range fields {
		field := cronFields[i]
		set, ok := parseCronField(strings.ToUpper(text), field.lo, field.hi, field.names)
		if !ok {
			return cron{}, Invalid("cron", "%q is no %s (%d to %d, also lists, ranges and steps such as 1,3 or 8-18 or */2) in %q.",
				text, field.words, field.lo, field.hi, line)
		}
		sets[i] = set
	}
	weekdays := sets[4]
	for i, day := range weekdays {
		weekdays[i] = day % 7 // 7 is Sunday, too
	}
	slices.Sort(weekdays)
	c := cron{minutes: sets[0], hours: sets[1], days: sets[2], months: sets[3], weekdays: slices.Compact(weekdays)}
	c.anyDay, c.anyWeekday = len(c.days) == 31, len(c.weekdays) == 7
	return c, nil
}

// parseCronField reads lists of n, n-m, *, each with an optional /step. n/step goes on to the field's end.
func parseCronField(text string, lo, hi int, names []string) ([]int, bool) {
	var set []int
	for part := range strings.SplitSeq(text, ",") {
		body, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			var err error
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > hi {
				return nil, false
			}
		}
		from, to := lo, hi
		if len(names) == 7 {
			to = 6 // a star is seven days, not eight
		}
		if body != "*" && body != "?" {
			first, last, ranged := strings.Cut(body, "-")
			var ok bool
			if from, ok = cronNumber(first, lo, hi, names); !ok {
				return nil, false
			}
			switch {
			case ranged:
				if to, ok = cronNumber(last, lo, hi, names); !ok || to < from {
					return nil, false
				}
			case !stepped:
				to = from
			}
		}
		for n := from; n <= to; n += step {
			set = append(set, n)
		}
	}
	slices.Sort(set)
	return slices.Compact(set), len(set) > 0
}

func cronNumber(text string, lo, hi int, names []string) (int, bool) {
	if i := slices.Index(names, text); i >= 0 {
		return lo + i, true
	}
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= lo && n <= hi
}

// on tells whether the line has slots on a date.
func (c cron) on(date time.Time) bool {
	if !slices.Contains(c.months, int(date.Month())) {
		return false
	}
	day, weekday := slices.Contains(c.days, date.Day()), slices.Contains(c.weekdays, int(date.Weekday()))
	if c.anyDay || c.anyWeekday {
		return day && weekday
	}
	return day || weekday
}

// times lists the wall-clock times of its slots, as offsets from midnight, ascending.
func (c cron) times() []time.Duration {
	times := make([]time.Duration, 0, len(c.hours)*len(c.minutes))
	for _, hour := range c.hours {
		for _, minute := range c.minutes {
			times = append(times, time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute)
		}
	}
	return times
}
