package scrape_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/scrape"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return parsed.UTC()
}

// take gives the first n slots as RFC 3339 in UTC.
func take(timing scrape.Timing, from time.Time, n int) []string {
	var slots []string
	for slot := range timing.Slots(from) {
		slots = append(slots, slot.Format(time.RFC3339))
		if len(slots) == n {
			break
		}
	}
	return slots
}

func TestSlots(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		timing scrape.Timing
		from   string
		want   []string
	}{
		{
			"around the clock, aligned to the epoch with the offset as phase",
			scrape.Timing{Interval: time.Hour, Offset: 1023 * time.Second},
			"2030-01-01T10:17:04Z",
			[]string{"2030-01-01T11:17:03Z", "2030-01-01T12:17:03Z", "2030-01-01T13:17:03Z"},
		},
		{
			"a slot at from itself is included",
			scrape.Timing{Interval: 30 * time.Minute},
			"2030-01-01T10:30:00Z",
			[]string{"2030-01-01T10:30:00Z", "2030-01-01T11:00:00Z"},
		},
		{
			"half-hour fractions are kept",
			scrape.Timing{Interval: 90 * time.Minute},
			"2030-01-01T00:00:00Z",
			[]string{"2030-01-01T00:00:00Z", "2030-01-01T01:30:00Z", "2030-01-01T03:00:00Z"},
		},
		{
			"active hours count from the window's start each local day",
			scrape.Timing{Interval: 90 * time.Minute, Offset: 1023 * time.Second, ActiveHours: &scrape.Hours{Start: 6, End: 22}, Timezone: "America/New_York"},
			"2030-01-01T00:00:00Z", // 19:00 of the day before
			[]string{"2030-01-01T00:47:03Z", "2030-01-01T02:17:03Z", "2030-01-01T11:17:03Z", "2030-01-01T12:47:03Z"},
		},
		{
			"a window over midnight",
			scrape.Timing{Interval: 2 * time.Hour, ActiveHours: &scrape.Hours{Start: 22, End: 3}},
			"2030-01-01T12:00:00Z",
			[]string{"2030-01-01T22:00:00Z", "2030-01-02T00:00:00Z", "2030-01-02T02:00:00Z", "2030-01-02T22:00:00Z"},
		},
		{
			"until midnight, written as 0 or as 24",
			scrape.Timing{Interval: 8 * time.Hour, ActiveHours: &scrape.Hours{Start: 8, End: 0}},
			"2030-01-01T00:00:00Z",
			[]string{"2030-01-01T08:00:00Z", "2030-01-01T16:00:00Z", "2030-01-02T08:00:00Z"},
		},
		{
			"a local time that does not exist is skipped", // New York, 10 March 2030, 2:00 to 3:00
			scrape.Timing{Interval: 30 * time.Minute, ActiveHours: &scrape.Hours{Start: 1, End: 4}, Timezone: "America/New_York"},
			"2030-03-10T05:00:00Z",
			[]string{"2030-03-10T06:00:00Z", "2030-03-10T06:30:00Z", "2030-03-10T07:00:00Z", "2030-03-10T07:30:00Z", "2030-03-11T05:00:00Z"},
		},
		{
			"a local time that happens twice runs twice", // New York, 3 November 2030, 1:00 to 2:00
			scrape.Timing{Interval: 30 * time.Minute, ActiveHours: &scrape.Hours{Start: 1, End: 2}, Timezone: "America/New_York"},
			"2030-11-03T04:00:00Z",
			[]string{"2030-11-03T05:00:00Z", "2030-11-03T05:30:00Z", "2030-11-03T06:00:00Z", "2030-11-03T06:30:00Z", "2030-11-04T06:00:00Z"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, take(test.timing, at(t, test.from), len(test.want)))
		})
	}
}

func timings(smallest time.Duration) *rapid.Generator[scrape.Timing] {
	zones := []string{"", "UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"}
	return rapid.Custom(func(t *rapid.T) scrape.Timing {
		timing := scrape.Timing{
			Interval: time.Duration(rapid.Int64Range(int64(smallest/time.Second), 86400).Draw(t, "interval")) * time.Second,
			Timezone: rapid.SampledFrom(zones).Draw(t, "zone"),
		}
		if rapid.Bool().Draw(t, "hours") {
			start := rapid.IntRange(0, 23).Draw(t, "start")
			end := rapid.IntRange(0, 24).Filter(func(end int) bool { return end != start }).Draw(t, "end")
			timing.ActiveHours = &scrape.Hours{Start: start, End: end}
		}
		timing.Offset = scrape.SpreadOffset(rapid.String().Draw(t, "key"), timing)
		return timing
	})
}

// An independent reading of the rule: a second is a slot when the clock in the zone shows one of the day's times.
func TestSlotsAreWhatTheRuleSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		timing := timings(30*time.Minute).Draw(t, "timing")
		require.NoError(t, timing.Validate(30*time.Minute, now), "SpreadOffset always gives a valid schedule")
		from := time.Unix(rapid.Int64Range(1_700_000_000, 2_000_000_000).Draw(t, "from"), 0).UTC()
		until := from.Add(13 * time.Hour) // every second of it is looked at

		loc := timing.Location()
		var want []string
		for second := from; second.Before(until); second = second.Add(time.Second) {
			if due(timing, loc, second) {
				want = append(want, second.Format(time.RFC3339))
			}
		}
		var got []string
		for slot := range timing.Slots(from) {
			if !slot.Before(until) {
				break
			}
			got = append(got, slot.Format(time.RFC3339))
		}
		require.Equal(t, want, got)
	})
}

func due(timing scrape.Timing, loc *time.Location, second time.Time) bool {
	interval, offset := int64(timing.Interval/time.Second), int64(timing.Offset/time.Second)
	if timing.ActiveHours == nil {
		return (second.Unix()-offset)%interval == 0
	}
	h, m, s := second.In(loc).Clock()
	clock := int64(h*3600 + m*60 + s)
	since := clock - int64(timing.ActiveHours.Start)*3600
	length := int64(timing.ActiveHours.End-timing.ActiveHours.Start) * 3600
	if length <= 0 {
		length += 86400
	}
	if since < 0 {
		since += 86400
	}
	return since < length && since >= offset && (since-offset)%interval == 0
}

func TestTimingValidate(t *testing.T) {
	t.Parallel()
	valid := scrape.Timing{Interval: time.Hour, Timezone: "America/New_York", ActiveHours: &scrape.Hours{Start: 6, End: 22}}
	tests := []struct {
		name  string
		field string
		spoil func(*scrape.Timing)
	}{
		{"too often", "interval_hours", func(t *scrape.Timing) { t.Interval = 29 * time.Minute }},
		{"too seldom", "interval_hours", func(t *scrape.Timing) { t.Interval = 25 * time.Hour }},
		{"negative", "interval_hours", func(t *scrape.Timing) { t.Interval = -1 }},
		{"unknown zone", "timezone", func(t *scrape.Timing) { t.Timezone = "America/Sampletown" }},
		{"the machine's zone", "timezone", func(t *scrape.Timing) { t.Timezone = "Local" }},
		{"start too late", "active_hours.start", func(t *scrape.Timing) { t.ActiveHours = &scrape.Hours{Start: 24, End: 3} }},
		{"end too late", "active_hours.end", func(t *scrape.Timing) { t.ActiveHours = &scrape.Hours{Start: 3, End: 25} }},
		{"empty window", "active_hours", func(t *scrape.Timing) { t.ActiveHours = &scrape.Hours{Start: 6, End: 6} }},
		{"offset not below the interval", "offset_seconds", func(t *scrape.Timing) { t.Offset = time.Hour }},
		{"negative offset", "offset_seconds", func(t *scrape.Timing) { t.Offset = -time.Second }},
		{"never fires", "offset_seconds", func(t *scrape.Timing) {
			t.Interval, t.Offset, t.ActiveHours = 3*time.Hour, 2*time.Hour, &scrape.Hours{Start: 6, End: 7}
		}},
	}
	require.NoError(t, valid.Validate(30*time.Minute, now))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			timing := valid
			test.spoil(&timing)
			var e *scrape.Error
			require.ErrorAs(t, timing.Validate(30*time.Minute, now), &e)
			require.Equal(t, scrape.KindInvalid, e.Kind)
			require.Equal(t, test.field, e.Field)
		})
	}
}

func TestSpreadOffsetSpreads(t *testing.T) {
	t.Parallel()
	timing := scrape.Timing{Interval: time.Hour}
	perMinute := map[time.Duration]int{}
	for i := range 1000 {
		perMinute[scrape.SpreadOffset(scrape.ScheduleID(i).String(), timing)/time.Minute]++
	}
	for minute, n := range perMinute {
		require.Less(t, n, 40, "minute %d of 60 has %d of 1000 schedules", minute, n)
	}
	require.Equal(t, scrape.SpreadOffset("7", timing), scrape.SpreadOffset("7", timing))
}

func TestTriggerOf(t *testing.T) {
	t.Parallel()
	timing := scrape.Timing{Interval: time.Hour, Offset: 5 * time.Minute}
	slot := at(t, "2030-01-01T10:05:00Z")
	tests := []struct {
		name    string
		nominal time.Time
		exact   bool
		late    time.Duration
		want    scrape.Trigger
	}{
		{"a slot", slot, true, time.Second, scrape.TriggerScheduled},
		{"a slot, fraction unknown", slot, false, time.Second, scrape.TriggerScheduled},
		{"a trigger keeps its fraction", slot.Add(931205586), true, 0, scrape.TriggerManual},
		{"a trigger, fraction unknown", slot.Add(7 * time.Second), false, 0, scrape.TriggerManual},
		{"a slot of the timing before an edit", slot.Add(7 * time.Second), true, time.Second, scrape.TriggerScheduled},
		{"caught up after an outage", slot, true, 59 * time.Minute, scrape.TriggerScheduled},
		{"backfilled", slot, true, 26 * time.Hour, scrape.TriggerBackfill},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, timing.TriggerOf(test.nominal, test.exact, test.nominal.Add(test.late)))
		})
	}
}

func TestScheduleStatusAndNextRun(t *testing.T) {
	t.Parallel()
	now := at(t, "2030-01-01T10:00:00Z")
	schedule := scrape.Schedule{Enabled: true, Timing: scrape.Timing{Interval: time.Hour}}
	require.Equal(t, scrape.StatusActive, schedule.Status())
	require.Equal(t, at(t, "2030-01-01T11:00:00Z"), *schedule.NextRun(now), "the slot of this very moment is already running")

	schedule.Enabled = false
	require.Equal(t, scrape.StatusPaused, schedule.Status())
	require.Nil(t, schedule.NextRun(now))

	schedule.ConsecutiveFailures = scrape.FailuresUntilFailed
	require.Equal(t, scrape.StatusFailed, schedule.Status(), "failures win over everything else")
}

func TestOutcomesAreAllDecided(t *testing.T) {
	t.Parallel()
	succeeded := []scrape.Outcome{}
	for _, outcome := range scrape.Outcomes() {
		if outcome.Succeeded() {
			succeeded = append(succeeded, outcome)
			require.NotEqual(t, scrape.AddsFailure, outcome.FailureEffect())
		}
	}
	require.Equal(t, []scrape.Outcome{scrape.OutcomeSuccess, scrape.OutcomePartial}, succeeded)
	require.True(t, slices.Contains(scrape.Outcomes(), scrape.OutcomeOf(scrape.KindPortalDown)))
	require.Equal(t, scrape.LeavesFailures, scrape.OutcomeCredentialsRejected.FailureEffect(), "a wrong password is not the schedule's failure")
}

// now is when the tests ask whether a timing would ever fire.
var now = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
