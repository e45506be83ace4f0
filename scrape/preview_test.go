package scrape_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestUpcoming(t *testing.T) {
	t.Parallel()
	hourly := scrape.Timing{Interval: time.Hour}
	require.Equal(t, []time.Time{at(t, "2030-01-01T13:00:00Z"), at(t, "2030-01-01T14:00:00Z")}, hourly.Upcoming(at(t, "2030-01-01T12:00:01Z"), 2))
	require.Equal(t, []time.Time{}, hourly.Upcoming(now, 0))
	ends := at(t, "2030-01-01T13:00:00Z")
	hourly.EndsAt = &ends
	require.Len(t, hourly.Upcoming(at(t, "2030-01-01T12:00:00Z"), 10), 2, "the end is included")
	leap := scrape.Timing{Cron: []string{"0 0 29 2 *"}}
	days := leap.Upcoming(now, 1000)
	require.Len(t, days, 17, "no calendar knows the years after 2100")
	require.Equal(t, 2096, days[16].Year())
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	const york = "America/New_York" // clocks go forward on 10 March 2030 at 2:00, back on 3 November 2030 at 2:00, forward on 9 March 2031
	early := &scrape.Hours{Start: 1, End: 4}
	past, spring := at(t, "2029-12-31T00:00:00Z"), at(t, "2030-06-01T00:00:00Z")
	for name, test := range map[string]struct {
		timing scrape.Timing
		usual  time.Duration
		want   []string
	}{
		"nothing to say":                    {timing: scrape.Timing{Interval: time.Hour, Timezone: york}, usual: time.Hour, want: []string{}},
		"no clocks that change":             {timing: scrape.Timing{Cron: []string{"30 2 * * *"}}, want: []string{}},
		"clear of the night":                {timing: scrape.Timing{Cron: []string{"0 3 * * *"}, Timezone: york}, want: []string{}},
		"a slot that does not exist":        {timing: scrape.Timing{Cron: []string{"30 2 * * *"}, Timezone: york, EndsAt: &spring}, want: []string{forward("10 March 2030", "the slot at 2:30")}},
		"not on a day without slots anyway": {timing: scrape.Timing{Cron: []string{"30 2 * * *"}, Timezone: york, ActiveDays: []int{1}}, want: []string{}},
		"nor on a skipped one": {
			timing: scrape.Timing{Cron: []string{"30 2 * * *"}, Timezone: york, SkipDates: []string{"2030-03-10", "2031-03-09"}}, want: []string{},
		},
		"a whole year": {
			timing: scrape.Timing{Interval: 30 * time.Minute, ActiveHours: early, Timezone: york},
			want: []string{
				forward("10 March 2030", "each of the slots at 2:00 and 2:30"),
				"On 3 November 2030 clocks go back: each of the slots at 1:00 and 1:30 runs twice. If it should not, let such times run once (dst_policy).",
				forward("9 March 2031", "each of the slots at 2:00 and 2:30"),
			},
		},
		"once": {
			timing: scrape.Timing{Cron: []string{"30 1 * * *"}, Timezone: york, DST: scrape.DSTOnce}, want: []string{},
		},
		"from a window that began the day before": {
			timing: scrape.Timing{Interval: time.Hour, ActiveHours: &scrape.Hours{Start: 22, End: 3}, ActiveDays: []int{6}, Timezone: york, EndsAt: &spring},
			want:   []string{forward("10 March 2030", "the slot at 2:00")},
		},
		"before its start": {
			timing: scrape.Timing{Cron: []string{"30 2 * * *"}, Timezone: york, StartsAt: &spring}, want: []string{forward("9 March 2031", "the slot at 2:30")},
		},
		"over": {
			timing: scrape.Timing{Cron: []string{"30 2 * * *", "0 0 30 2 *"}, Timezone: york, EndsAt: &past}, usual: 48 * time.Hour,
			want: []string{"ends_at has passed, so nothing runs any more."},
		},
		"never":        {timing: scrape.Timing{Cron: []string{"0 0 30 2 *"}}, want: []string{"Nothing would run in the next 14 months."}},
		"a line never": {timing: scrape.Timing{Cron: []string{"0 7 * * *", "0 23 * * *"}, ActiveHours: &scrape.Hours{Start: 6, End: 22}}, want: []string{idle("0 23 * * *")}},
		"a day never":  {timing: scrape.Timing{Cron: []string{"0 7 * * 1", "0 7 * * 6"}, ActiveDays: []int{1, 2}}, want: []string{idle("0 7 * * 6")}},
		"a date never": {timing: scrape.Timing{Cron: []string{"0 7 * * *", "0 7 25 12 *"}, SkipDates: []string{"2030-12-25"}}, want: []string{idle("0 7 25 12 *")}},
		"too long": {
			timing: scrape.Timing{Interval: 30 * time.Minute}, usual: 50*time.Minute + 400*time.Millisecond,
			want: []string{"Runs of this type usually take 50 minutes, longer than the 30 minutes from slot to slot: slots that come while a run is going are skipped."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, test.timing.Warnings(now, test.usual))
		})
	}
}

func forward(date, slots string) string {
	return "On " + date + " clocks go forward: " + slots + " is left out, since that time does not exist."
}

func idle(line string) string {
	return `The line "` + line + `" is never due in the next 14 months: look at its fields, and at active_hours, active_days, skip_dates, starts_at and ends_at.`
}

// What is said about a night is what the slots of that night are.
func TestWarningsAreAboutTheSlots(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham", "America/St_Johns"} {
		for _, line := range []string{"30 1 * * *", "15 2 * * *", "45 2 * * *", "30 3 * * *"} {
			timing := scrape.Timing{Cron: []string{line}, Timezone: zone}
			perDay := map[string]int{}
			for _, slot := range timing.Upcoming(now.AddDate(0, 0, 1), 450) {
				perDay[slot.In(timing.Location()).Format("2 January 2006")]++
			}
			var odd []string
			for date := now.AddDate(0, 0, 3); date.Before(now.AddDate(0, 0, 434)); date = date.AddDate(0, 0, 1) {
				if day := date.Format("2 January 2006"); perDay[day] != 1 {
					odd = append(odd, day)
				}
			}
			warnings := timing.Warnings(now, 0)
			require.Len(t, warnings, len(odd), "%s in %s: %v", line, zone, warnings)
			for i, day := range odd {
				require.Contains(t, warnings[i], "On "+day+" clocks go")
				require.Equal(t, perDay[day] == 0, warnings[i] == forward(day, "the slot at "+line[3:4]+":"+line[:2]))
			}
		}
	}
}
