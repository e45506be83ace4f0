package schedules

import (
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/fossawork/scheduler/scrape"
)

// momentEvery is the interval of a single moment: intervals count from the epoch, so that one of ten years is due at its moment and then not
// before the spec was long written anew.
const momentEvery = 3650 * 24 * time.Hour

// specFor compiles a timing to Temporal's terms. Slots that follow the wall clock become calendars: Temporal's intervals count from the
// epoch in UTC and would move by an hour with the clocks. now decides for which years the nights on which clocks go back are written down.
func specFor(timing scrape.Timing, now time.Time) client.ScheduleSpec {
	spec := client.ScheduleSpec{TimeZoneName: timing.Timezone}
	if timing.StartsAt != nil {
		spec.StartAt = *timing.StartsAt
	}
	if timing.EndsAt != nil {
		spec.EndAt = *timing.EndsAt
	}
	if !timing.WallClock() {
		spec.Intervals = []client.ScheduleIntervalSpec{{Every: timing.Interval, Offset: timing.Offset}}
		return spec
	}
	compiled := timing.Compile(now)
	for _, moment := range compiled.Moments {
		offset := time.Duration(moment.Unix()%int64(momentEvery/time.Second)) * time.Second
		spec.Intervals = append(spec.Intervals, client.ScheduleIntervalSpec{Every: momentEvery, Offset: offset})
	}
	spec.Calendars, spec.Skip = calendars(compiled.Calendars), calendars(compiled.Skip)
	return spec
}

func calendars(all []scrape.Calendar) []client.ScheduleCalendarSpec {
	var specs []client.ScheduleCalendarSpec
	for _, c := range all {
		spec := client.ScheduleCalendarSpec{
			Second: ranges(c.Seconds), Minute: ranges(c.Minutes), Hour: ranges(c.Hours),
			DayOfMonth: rangesOr(c.Days, 1, 31), Month: rangesOr(c.Months, 1, 12), DayOfWeek: rangesOr(c.Weekdays, 0, 6),
		}
		if c.Years != nil {
			spec.Year = ranges(c.Years)
		}
		specs = append(specs, spec)
	}
	return specs
}

// rangesOr writes a set, and everything for none.
func rangesOr(numbers []int, from, to int) []client.ScheduleRange {
	if numbers == nil {
		return []client.ScheduleRange{{Start: from, End: to, Step: 1}}
	}
	return ranges(numbers)
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

// differs names what Temporal has otherwise than we would send it, its pause apart; empty when that is nothing.
func differs(got client.Schedule, want client.ScheduleOptions) string {
	switch {
	case !sameSpec(*got.Spec, want.Spec):
		return "spec"
	case got.Policy.Overlap != want.Overlap || got.Policy.CatchupWindow != want.CatchupWindow || got.Policy.PauseOnFailure:
		return "policy"
	case got.State.LimitedActions:
		return "number of actions"
	case !sameAction(got.Action, want.Action.(*client.ScheduleWorkflowAction)):
		return "action"
	default:
		return ""
	}
}

// sameAction compares what is started, and how. A description has the arguments as payloads.
func sameAction(got client.ScheduleAction, want *client.ScheduleWorkflowAction) bool {
	action, ok := got.(*client.ScheduleWorkflowAction)
	if !ok || len(action.Args) != len(want.Args) {
		return false
	}
	for i, arg := range action.Args {
		payload, ok := arg.(*commonpb.Payload)
		wanted, err := converter.GetDefaultDataConverter().ToPayload(want.Args[i])
		if !ok || err != nil || string(payload.GetData()) != string(wanted.GetData()) {
			return false
		}
	}
	return action.ID == want.ID && action.Workflow == want.Workflow && action.TaskQueue == want.TaskQueue &&
		action.WorkflowRunTimeout == want.WorkflowRunTimeout
}

// sameSpec tells whether Temporal's spec is the one we would send. What we never set must be absent there too.
func sameSpec(got, want client.ScheduleSpec) bool {
	return zone(got.TimeZoneName) == zone(want.TimeZoneName) &&
		slices.Equal(got.Intervals, want.Intervals) &&
		slices.EqualFunc(got.Calendars, want.Calendars, sameCalendar) &&
		slices.EqualFunc(got.Skip, want.Skip, sameCalendar) && got.StartAt.Equal(want.StartAt) && got.EndAt.Equal(want.EndAt) &&
		len(got.CronExpressions) == 0 && got.Jitter == 0
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
