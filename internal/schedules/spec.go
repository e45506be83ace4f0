package schedules

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/scrape"
)

// specFor compiles a timing to Temporal's terms. Slots inside active hours follow the wall clock, so they become calendars: Temporal's
// intervals count from the epoch in UTC and would move by an hour with the clocks.
func specFor(timing scrape.Timing) client.ScheduleSpec {
	if timing.ActiveHours == nil {
		return client.ScheduleSpec{
			Intervals:    []client.ScheduleIntervalSpec{{Every: timing.Interval, Offset: timing.Offset}},
			TimeZoneName: timing.Timezone,
		}
	}
	return client.ScheduleSpec{Calendars: calendars(timing.DailySlots()), TimeZoneName: timing.Timezone}
}

// calendars writes a day's slots as few calendars: a calendar is the product of its hours, minutes and seconds, so slots that
// differ in one of the three only are put together.
func calendars(slots []time.Duration) []client.ScheduleCalendarSpec {
	var times []product
	for _, slot := range slots {
		second := int(slot / time.Second)
		times = append(times, product{hours: []int{second / 3600}, minutes: []int{second / 60 % 60}, seconds: []int{second % 60}})
	}
	times = merge(times, func(p product) string { return fmt.Sprint(p.minutes, p.seconds) },
		func(into *product, p product) { into.hours = append(into.hours, p.hours...) })
	times = merge(times, func(p product) string { return fmt.Sprint(p.hours, p.seconds) },
		func(into *product, p product) { into.minutes = append(into.minutes, p.minutes...) })
	times = merge(times, func(p product) string { return fmt.Sprint(p.hours, p.minutes) },
		func(into *product, p product) { into.seconds = append(into.seconds, p.seconds...) })

	specs := make([]client.ScheduleCalendarSpec, 0, len(times))
	for _, t := range times {
		specs = append(specs, client.ScheduleCalendarSpec{
			Second: ranges(t.seconds), Minute: ranges(t.minutes), Hour: ranges(t.hours),
			DayOfMonth: []client.ScheduleRange{{Start: 1, End: 31, Step: 1}},
			Month:      []client.ScheduleRange{{Start: 1, End: 12, Step: 1}},
			DayOfWeek:  []client.ScheduleRange{{Start: 0, End: 6, Step: 1}},
		})
	}
	return specs
}

// product is the set of times of day with one of the hours, one of the minutes and one of the seconds.
type product struct{ hours, minutes, seconds []int }

// merge puts products of equal key together, in the order of the keys.
func merge(all []product, key func(product) string, add func(into *product, p product)) []product {
	byKey := map[string]*product{}
	for _, p := range all {
		if into, seen := byKey[key(p)]; seen {
			add(into, p)
			continue
		}
		first := p
		byKey[key(p)] = &first
	}
	merged := make([]product, 0, len(byKey))
	for _, k := range slices.Sorted(maps.Keys(byKey)) {
		p := *byKey[k]
		for _, numbers := range [][]int{p.hours, p.minutes, p.seconds} {
			slices.Sort(numbers)
		}
		merged = append(merged, p)
	}
	return merged
}

// ranges writes sorted numbers as runs of neighbours.
func ranges(numbers []int) []client.ScheduleRange {
	var runs []client.ScheduleRange
	for _, n := range numbers {
		if last := len(runs) - 1; last >= 0 && runs[last].End == n-1 {
			runs[last].End = n
			continue
		}
		runs = append(runs, client.ScheduleRange{Start: n, End: n, Step: 1})
	}
	return runs
}

// sameSpec tells whether Temporal's spec is the one we would send. What we never set must be absent there too.
func sameSpec(got, want client.ScheduleSpec) bool {
	return zone(got.TimeZoneName) == zone(want.TimeZoneName) &&
		slices.Equal(got.Intervals, want.Intervals) &&
		slices.EqualFunc(got.Calendars, want.Calendars, sameCalendar) &&
		len(got.CronExpressions) == 0 && len(got.Skip) == 0 && got.Jitter == 0 && got.StartAt.IsZero() && got.EndAt.IsZero()
}

func zone(name string) string {
	if name == "" {
		return time.UTC.String()
	}
	return name
}

func sameCalendar(a, b client.ScheduleCalendarSpec) bool {
	return sameRanges(a.Second, b.Second) && sameRanges(a.Minute, b.Minute) && sameRanges(a.Hour, b.Hour) &&
		sameRanges(a.DayOfMonth, b.DayOfMonth) && sameRanges(a.Month, b.Month) && sameRanges(a.Year, b.Year) &&
		sameRanges(a.DayOfWeek, b.DayOfWeek)
}

// sameRanges compares ranges in the form that the server stores: an end below the start means one number, a step of 0 means 1.
func sameRanges(a, b []client.ScheduleRange) bool {
	plain := func(r client.ScheduleRange) client.ScheduleRange {
		return client.ScheduleRange{Start: r.Start, End: max(r.Start, r.End), Step: max(1, r.Step)}
	}
	return slices.EqualFunc(a, b, func(x, y client.ScheduleRange) bool { return plain(x) == plain(y) })
}
