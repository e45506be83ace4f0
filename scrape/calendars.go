package scrape

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Calendar is a product of sets: it is due at every local time that is in all of them. A nil set holds everything.
type Calendar struct {
	Seconds, Minutes, Hours, Days, Months, Years, Weekdays []int
}

// Compiled is a timing in the terms in which Temporal keeps schedules: calendars in the timing's zone, minus Skip, plus single moments.
type Compiled struct {
	Calendars []Calendar
	Skip      []Calendar
	Moments   []time.Time
}

// The years that Temporal's calendars know.
const firstYear, lastYear = 2000, 2100

// yearsAround is for how many years the nights on which clocks go back are written down: this one, the one before, and two to come. The
// next January's comparison with Temporal writes down the next.
const yearsBefore, yearsAfter = 1, 2

// mostMoments bounds what is written down; schedules of seconds, which only drills have, do without.
const mostMoments = 300

// Compile writes a timing that follows the wall clock as calendars.
//
// Calendars cannot say what happens in the hour that clocks show twice: Temporal's search takes one copy or both, depending on the zone and on
// the other slots, and sometimes fires a slot of the hour before in it. On a day that has no midnight, because the clocks went forward then, it mistakes the day of the week; of an hour
// that is left out in part it fires what is not there. So the calendars leave those hours and days out, and the slots in them are given as
// moments. The test against Temporal's own answers is what found all of these.
func (t Timing) Compile(now time.Time) Compiled {
	compiled := Compiled{Calendars: t.calendars(), Skip: t.skipCalendars()}
	nights := t.oddNights(now.UTC().Year(), slices.ContainsFunc(compiled.Calendars, func(c Calendar) bool { return c.Weekdays != nil }))
	moments := t.slotsIn(nights, compiled.Calendars)
	if len(moments) > mostMoments || len(moments) == 0 && !slices.ContainsFunc(nights, func(n night) bool { return n.haunted }) {
		return compiled
	}
	var around []Calendar
	for _, calendar := range compiled.Calendars {
		around = append(around, calendar.without(nights)...)
	}
	compiled.Calendars, compiled.Moments = around, moments
	return compiled
}

// calendars are the products of the slots' local times.
func (t Timing) calendars() []Calendar {
	if len(t.Cron) == 0 {
		return t.intervalCalendars()
	}
	var all []Calendar
	for _, text := range t.Cron {
		c, err := parseCron(text)
		if err != nil {
			continue // Validate has refused it
		}
		all = append(all, t.cronCalendars(c)...)
	}
	return all
}

func (t Timing) intervalCalendars() []Calendar {
	var today, tomorrow []time.Duration
	for _, slot := range t.DailySlots() {
		if slot < day {
			today = append(today, slot)
		} else {
			tomorrow = append(tomorrow, slot-day)
		}
	}
	all := products(today, t.weekdays(0))
	return append(all, products(tomorrow, t.weekdays(1))...)
}

// weekdays are the active days, each so many days later.
func (t Timing) weekdays(later int) []int {
	if len(t.ActiveDays) == 0 || len(t.ActiveDays) == 7 {
		return nil
	}
	var days []int
	for _, weekday := range t.ActiveDays {
		days = append(days, (weekday+later)%7)
	}
	slices.Sort(days)
	return days
}

// cronCalendars writes a line inside the window: what lies on the window's own day, and what it reaches of the next one. A line that
// restricts both days of the month and of the week is due on either.
func (t Timing) cronCalendars(c cron) []Calendar {
	start := t.hours().Start
	end := start + int(t.window()/time.Hour)
	var all []Calendar
	for late := range 2 {
		var hours []int
		for _, hour := range c.hours {
			if at := hour + 24*late; at >= start && at < end {
				hours = append(hours, hour)
			}
		}
		if len(hours) == 0 {
			continue
		}
		calendar := Calendar{
			Seconds: []int{int(t.Offset / time.Second)}, Minutes: c.minutes, Hours: hours, Months: c.months, Weekdays: t.weekdays(late),
		}
		if c.anyDay || c.anyWeekday {
			calendar.Days = c.days
			all = appendOn(all, calendar, c.weekdays)
			continue
		}
		onDay := calendar
		onDay.Days = c.days
		all = append(all, onDay)
		all = appendOn(all, calendar, c.weekdays)
	}
	return all
}

// appendOn adds a calendar narrowed down to weekdays, unless nothing is left of it.
func appendOn(all []Calendar, calendar Calendar, weekdays []int) []Calendar {
	if calendar.Weekdays == nil {
		calendar.Weekdays = weekdays
	} else {
		calendar.Weekdays = slices.DeleteFunc(slices.Clone(calendar.Weekdays), func(day int) bool { return !slices.Contains(weekdays, day) })
	}
	if len(calendar.Weekdays) == 0 {
		return all
	}
	return append(all, calendar)
}

// products writes times of day as few calendars: slots that differ in their hours, their minutes or their seconds only are put together.
func products(times []time.Duration, weekdays []int) []Calendar {
	var all []Calendar
	for _, at := range times {
		second := int(at / time.Second)
		all = append(all, Calendar{Hours: []int{second / 3600}, Minutes: []int{second / 60 % 60}, Seconds: []int{second % 60}, Weekdays: weekdays})
	}
	all = mergeCalendars(all, func(c Calendar) string { return fmt.Sprint(c.Minutes, c.Seconds) },
		func(into *Calendar, c Calendar) { into.Hours = append(into.Hours, c.Hours...) })
	all = mergeCalendars(all, func(c Calendar) string { return fmt.Sprint(c.Hours, c.Seconds) },
		func(into *Calendar, c Calendar) { into.Minutes = append(into.Minutes, c.Minutes...) })
	return mergeCalendars(all, func(c Calendar) string { return fmt.Sprint(c.Hours, c.Minutes) },
		func(into *Calendar, c Calendar) { into.Seconds = append(into.Seconds, c.Seconds...) })
}

// mergeCalendars puts calendars of equal key together, in the order of the keys.
func mergeCalendars(all []Calendar, key func(Calendar) string, add func(into *Calendar, c Calendar)) []Calendar {
	byKey := map[string]*Calendar{}
	for _, c := range all {
		if into, seen := byKey[key(c)]; seen {
			add(into, c)
			continue
		}
		first := c
		byKey[key(c)] = &first
	}
	merged := make([]Calendar, 0, len(byKey))
	for _, k := range slices.Sorted(maps.Keys(byKey)) {
		c := *byKey[k]
		for _, numbers := range [][]int{c.Hours, c.Minutes, c.Seconds} {
			slices.Sort(numbers)
		}
		merged = append(merged, c)
	}
	return merged
}

// skipCalendars take out the windows that start on the skip dates, with what they reach of the next day.
func (t Timing) skipCalendars() []Calendar {
	start := t.hours().Start
	end := start + int(t.window()/time.Hour)
	var all []Calendar
	for _, text := range t.SkipDates {
		date, err := time.Parse(time.DateOnly, text)
		if err != nil {
			continue // Validate has refused it
		}
		all = append(all, wholeHours(date, start, min(end, 24)))
		if end > 24 {
			all = append(all, wholeHours(date.AddDate(0, 0, 1), 0, end-24))
		}
	}
	return all
}

// wholeHours is every second of some hours of a date.
func wholeHours(date time.Time, from, to int) Calendar {
	return Calendar{
		Seconds: countUp(0, 60), Minutes: countUp(0, 60), Hours: countUp(from, to),
		Days: []int{date.Day()}, Months: []int{int(date.Month())}, Years: []int{date.Year()},
	}
}

// countUp lists the numbers from (included) to (excluded).
func countUp(from, to int) []int {
	numbers := make([]int, 0, max(0, to-from))
	for n := from; n < to; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// night is a local date with the hours on it that calendars cannot name.
type night struct {
	date    time.Time // midnight UTC
	hours   []int
	haunted bool // calendars may be due in these hours although no slot is
}

// oddNights lists the nights around a year on which the zone's clocks go back, and, for calendars of weekdays, those that have no midnight.
func (t Timing) oddNights(year int, weekdays bool) []night {
	loc := t.Location()
	at := time.Date(year-yearsBefore, 1, 1, 0, 0, 0, 0, loc)
	end := time.Date(year+yearsAfter+1, 1, 1, 0, 0, 0, 0, loc)
	var nights []night
	for {
		_, change := at.ZoneBounds()
		if change.IsZero() || !change.Before(end) {
			return nights
		}
		nights = append(nights, repeatedHours(change, loc)...)
		y, m, d := change.In(loc).Date()
		if weekdays && time.Date(y, m, d, 0, 0, 0, 0, loc).Day() != d {
			nights = append(nights, night{date: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), hours: countUp(0, 24), haunted: true})
		} else {
			nights = append(nights, halfHours(change, loc)...)
		}
		at = change
	}
}

// halfHours lists the hours that a change leaves out in part, as on Lord Howe Island: Temporal takes times that are left out for later ones of
// the same hour.
func halfHours(change time.Time, loc *time.Location) []night {
	_, before := change.Add(-time.Second).In(loc).Zone()
	_, after := change.In(loc).Zone()
	gone, there := change.UTC().Add(time.Duration(before)*time.Second), change.UTC().Add(time.Duration(after)*time.Second)
	if after <= before || (gone.Truncate(time.Hour).Equal(gone) && there.Truncate(time.Hour).Equal(there)) {
		return nil
	}
	var nights []night
	for hour := gone.Truncate(time.Hour); hour.Before(there); hour = hour.Add(time.Hour) {
		nights = append(nights, night{date: hour.Truncate(day), hours: []int{hour.Hour()}, haunted: true})
	}
	return nights
}

// repeatedHours lists the hours that clocks show twice because of a change, in full or in part, and the one before them, by date.
func repeatedHours(change time.Time, loc *time.Location) []night {
	_, before := change.Add(-time.Second).In(loc).Zone()
	_, after := change.In(loc).Zone()
	if after >= before {
		return nil
	}
	var nights []night
	for second := after - 3600; second < before; { // the wall clock from the moment's second showing to its first
		wall := change.UTC().Add(time.Duration(second) * time.Second)
		date := wall.Truncate(day)
		if n := len(nights); n == 0 || !nights[n-1].date.Equal(date) {
			nights = append(nights, night{date: date})
		}
		last := &nights[len(nights)-1]
		last.hours = append(last.hours, wall.Hour())
		second += 3600 - (wall.Minute()*60 + wall.Second()) // the next full hour
	}
	return nights
}

// slotsIn lists the slots whose local time is in one of the nights' hours. The calendars tell in advance that most timings have none there: every
// round of the reconciler compiles every timing.
func (t Timing) slotsIn(nights []night, calendars []Calendar) []time.Time {
	loc := t.Location()
	bare := t
	bare.StartsAt, bare.EndsAt = nil, nil // Temporal has them beside the spec
	var found []time.Time
	for _, n := range nights {
		if !slices.ContainsFunc(calendars, func(c Calendar) bool {
			return slices.ContainsFunc(c.Hours, func(hour int) bool { return slices.Contains(n.hours, hour) })
		}) {
			continue
		}
		for slot := range bare.Slots(n.date.Add(-15 * time.Hour)) {
			if slot.After(n.date.Add(day + 15*time.Hour)) {
				break
			}
			local := slot.In(loc)
			if local.Format(time.DateOnly) == n.date.Format(time.DateOnly) && slices.Contains(n.hours, local.Hour()) {
				found = append(found, slot)
			}
			if len(found) > mostMoments {
				return found
			}
		}
	}
	return found
}

// without gives the calendar as calendars that leave out the nights' hours.
func (c Calendar) without(nights []night) []Calendar {
	byYear := map[int][]night{}
	for _, n := range nights {
		byYear[n.date.Year()] = append(byYear[n.date.Year()], n)
	}
	others := c
	others.Years = except(countUp(firstYear, lastYear+1), slices.Sorted(maps.Keys(byYear))...)
	all := []Calendar{others}
	for _, year := range slices.Sorted(maps.Keys(byYear)) {
		ofYear := c
		ofYear.Years = []int{year}
		byMonth := map[int][]night{}
		for _, n := range byYear[year] {
			byMonth[int(n.date.Month())] = append(byMonth[int(n.date.Month())], n)
		}
		months := slices.Sorted(maps.Keys(byMonth))
		rest := ofYear
		if rest.Months = except(orAll(c.Months, 1, 12), months...); len(rest.Months) > 0 {
			all = append(all, rest)
		}
		for _, month := range months {
			if slices.Contains(orAll(c.Months, 1, 12), month) {
				all = append(all, ofYear.inMonth(month, byMonth[month])...)
			}
		}
	}
	return all
}

// inMonth gives the calendar within one month, without the hours of its nights.
func (c Calendar) inMonth(month int, nights []night) []Calendar {
	c.Months = []int{month}
	days := orAll(c.Days, 1, 31)
	var all []Calendar
	var dates []int
	for _, n := range nights {
		dates = append(dates, n.date.Day())
		if !slices.Contains(days, n.date.Day()) {
			continue
		}
		that := c
		that.Days = []int{n.date.Day()}
		if that.Hours = except(orAll(c.Hours, 0, 23), n.hours...); len(that.Hours) > 0 {
			all = append(all, that)
		}
	}
	if c.Days = except(days, dates...); len(c.Days) > 0 {
		all = append([]Calendar{c}, all...)
	}
	return all
}

func except(numbers []int, without ...int) []int {
	return slices.DeleteFunc(slices.Clone(numbers), func(n int) bool { return slices.Contains(without, n) })
}

func orAll(numbers []int, from, to int) []int {
	if numbers == nil {
		return countUp(from, to+1)
	}
	return numbers
}
