package scrape

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cronWords puts the lines into words, each by itself, and adds what narrows all of them down.
func (t Timing) cronWords() string {
	var lines []string
	for _, line := range t.Cron {
		lines = append(lines, cronLineWords(line))
	}
	words := strings.Join(lines, "; ") + ", " + ZoneWords(t.Timezone)
	if t.ActiveHours != nil {
		words += ", only" + t.hoursWords()
	}
	if days := weekdayWords(t.ActiveDays); days != "" {
		words += ", only " + days
	}
	return words
}

// cronLineWords says when a line is due, or quotes it when it has no usual shape.
func cronLineWords(line string) string {
	quoted := fmt.Sprintf("by the line %q", line)
	c, err := parseCron(line)
	if err != nil || (!c.anyDay && !c.anyWeekday) { // a date or a weekday: every sentence about it is misread
		return quoted
	}
	times, dates := cronTimesWords(c.times()), cronDateWords(c)
	if times == "" {
		return quoted
	}
	return times + dates
}

// cronTimesWords says at which times of a day; empty when they follow no rhythm and are too many to list.
func cronTimesWords(times []time.Duration) string {
	if len(times) <= 4 {
		return "at " + timesWords(times)
	}
	gap := times[1] - times[0]
	for i := 2; i < len(times); i++ {
		if times[i]-times[i-1] != gap {
			return ""
		}
	}
	first, last := times[0], times[len(times)-1]
	switch {
	case first+day-last != gap: // it pauses for a part of the day
		return everyWords(gap) + " from " + clockWords(first) + " to " + clockWords(last)
	case time.Hour%gap == 0:
		return everyWords(gap) + ", at " + minutesWords(gap, first)
	default:
		return everyWords(gap) + ", at " + timesWords(times)
	}
}

// cronDateWords says on which days; empty for all of them.
func cronDateWords(c cron) string {
	var words string
	if days := weekdayWords(c.weekdays); days != "" {
		words += " " + days
	}
	if !c.anyDay {
		words += " on the " + ordinalWords(c.days)
		if len(c.months) == 12 {
			words += " of each month"
		}
	}
	if len(c.months) < 12 {
		var names []string
		for _, month := range c.months {
			names = append(names, time.Month(month).String())
		}
		if !c.anyDay {
			return words + " of " + listWords(names)
		}
		if words == "" {
			words = " every day"
		}
		return words + " in " + listWords(names)
	}
	if words == "" {
		return " every day"
	}
	return words
}

// ordinalWords lists days of a month; three and more neighbours are a range.
func ordinalWords(days []int) string {
	if n := len(days); n > 2 && days[n-1]-days[0] == n-1 {
		return ordinal(days[0]) + " to the " + ordinal(days[n-1])
	}
	var words []string
	for _, n := range days {
		words = append(words, ordinal(n))
	}
	return listWords(words)
}

func ordinal(n int) string {
	ending := "th"
	if !slices.Contains([]int{11, 12, 13}, n) {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return strconv.Itoa(n) + ending
}
