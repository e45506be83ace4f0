package scrape_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/scrape"
)

func TestSentence(t *testing.T) {
	t.Parallel()
	const york = "America/New_York"
	offset := 1023 * time.Second
	hours := &scrape.Hours{Start: 6, End: 22}
	starts, ends := at(t, "2030-01-01T05:00:00Z"), at(t, "2030-07-01T03:30:00Z")
	cron := func(zone string, lines ...string) scrape.Timing { return scrape.Timing{Cron: lines, Timezone: zone} }
	for want, timing := range map[string]scrape.Timing{
		"Every 90 minutes from 6:00 to 22:00 on weekdays, New York time, at 6:17, 7:47 ... 21:17.": {
			Interval: 90 * time.Minute, Offset: offset, ActiveHours: hours, ActiveDays: []int{1, 2, 3, 4, 5}, Timezone: york,
		},
		"Every 8 hours from 8:00 to midnight, UTC, at 8:00 and 16:00.":            {Interval: 8 * time.Hour, ActiveHours: &scrape.Hours{Start: 8, End: 24}},
		"Every 2 hours from 22:00 to 3:00, Berlin time, at 22:00, 0:00 and 2:00.": {Interval: 2 * time.Hour, ActiveHours: &scrape.Hours{Start: 22, End: 3}, Timezone: "Europe/Berlin"},
		"Every 12 hours on Mondays and Sundays, Buenos Aires time, at 0:17 and 12:17.": {
			Interval: 12 * time.Hour, Offset: offset, ActiveDays: []int{0, 1}, Timezone: "America/Argentina/Buenos_Aires",
		},
		"Once a day, UTC, at 0:17, not on 2030-12-24, 2030-12-25 and 2030-12-26.": {
			Interval: 24 * time.Hour, Offset: offset, SkipDates: []string{"2030-12-24", "2030-12-25", "2030-12-26"},
		},
		"Once on weekends, UTC, at 0:17.":                                             {Interval: 24 * time.Hour, Offset: offset, ActiveDays: []int{0, 6}},
		"Every hour around the clock, at 17 minutes past the hour.":                   {Interval: time.Hour, Offset: offset, Timezone: york},
		"Every hour around the clock, at the full hour.":                              {Interval: time.Hour},
		"Every 30 minutes around the clock, at 17 and 47 minutes past the hour.":      {Interval: 30 * time.Minute, Offset: offset},
		"Every 4 hours around the clock, UTC, at 0:17, 4:17 ... 20:17.":               {Interval: 4 * time.Hour, Offset: offset},
		"Every 7 hours around the clock.":                                             {Interval: 7 * time.Hour},
		"Every 18 seconds around the clock.":                                          {Interval: 18 * time.Second, Offset: offset},
		"At 2:30 every day in March, UTC.":                                            cron("UTC", "30 2 * 3 *"),
		"Every 61 minutes 1 second around the clock.":                                 {Interval: 3661 * time.Second},
		"At 6:30 on weekdays, New York time.":                                         cron(york, "30 6 * * 1-5"),
		"At 6:30 every day, UTC.":                                                     cron("", "30 6 * * *"),
		"At 6:00, 12:00 and 18:00 on Saturdays, UTC.":                                 cron("UTC", "0 6,12,18 * * SAT"),
		"Every 30 minutes from 8:00 to 17:30 every day, UTC.":                         cron("UTC", "*/30 8-17 * * *"),
		"Every 15 minutes, at 0, 15, 30 and 45 minutes past the hour every day, UTC.": cron("UTC", "*/15 * * * *"),
		"Every hour, at 17 minutes past the hour every day, UTC.":                     cron("UTC", "17 * * * *"),
		"Every 2 hours, at 0:05, 2:05 ... 22:05 every day, UTC.":                      cron("UTC", "5 */2 * * *"),
		"At 4:00 on the 1st and 15th of each month, UTC.":                             cron("UTC", "0 4 1,15 * *"),
		"At 4:00 on the 1st to the 7th of January and July, UTC.":                     cron("UTC", "0 4 1-7 1,7 *"),
		"At 4:00 on Mondays in December, UTC.":                                        cron("UTC", "0 4 * 12 1"),
		"At 4:00 on the 2nd, 3rd, 11th and 22nd of each month, UTC.":                  cron("UTC", "0 4 2,3,11,22 * *"),
		`By the line "0 4 13 * 5", UTC.`:                                              cron("UTC", "0 4 13 * 5"),
		`By the line "0 1,2,3,5,8,13 * * *", UTC.`:                                    cron("UTC", "0 1,2,3,5,8,13 * * *"),
		"At 6:30 every day; at 9:00 on weekends, Tokyo time.":                         cron("Asia/Tokyo", "30 6 * * *", "0 9 * * 0,6"),
		"Every hour, at the full hour every day, UTC, only from 6:00 to 22:00, only on weekdays.": {
			Cron: []string{"0 * * * *"}, ActiveHours: hours, ActiveDays: []int{1, 2, 3, 4, 5},
		},
		"At 6:30 every day, New York time, not before 1 January 2030, 0:00, not after 30 June 2030, 23:30.": {
			Cron: []string{"30 6 * * *"}, Timezone: york, StartsAt: &starts, EndsAt: &ends,
		},
		"At 6:30 every day, UTC, not on 4 dates from 2030-01-01 to 2030-05-01.": {
			Cron: []string{"30 6 * * *"}, SkipDates: []string{"2030-01-01", "2030-02-01", "2030-03-01", "2030-05-01"},
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, timing.Sentence())
		})
	}
}

// Whatever a schedule is like, its sentence is one, and names a time at which it is due.
func TestEverySentenceIsOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		timing := timings(30*time.Minute).Draw(t, "timing")
		sentence := timing.Sentence()
		require.Regexp(t, `^[A-Z][^\n]*\.$`, sentence)
		if timing.ActiveHours == nil {
			return
		}
		first := timing.DailySlots()[0]
		require.Contains(t, sentence, fmt.Sprintf("%d:%02d", int(first.Hours())%24, int(first.Minutes())%60))
	})
}

func TestUpToDate(t *testing.T) {
	t.Parallel()
	york, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	now := at(t, "2030-01-02T13:30:00Z")
	data, old, next, tomorrow := at(t, "2030-01-02T13:02:11Z"), at(t, "2030-01-01T13:02:11Z"), at(t, "2030-01-02T14:17:03Z"), at(t, "2030-01-03T11:17:03Z")
	for want, test := range map[string]struct {
		freshness  scrape.Freshness
		data, next *time.Time
	}{
		"Work orders up to date, 8:02. Next 9:17.":                                {scrape.FreshnessFresh, &data, &next},
		"Work orders up to date, 8:02. Next 3 January 2030, 6:17.":                {scrape.FreshnessFresh, &data, &tomorrow},
		"Work orders late, from 8:02. Nothing is planned.":                        {scrape.FreshnessLate, &data, nil},
		"Work orders out of date, from 1 January 2030, 8:02. Nothing is planned.": {scrape.FreshnessStale, &old, nil},
		"Work orders not collected yet. Next 9:17.":                               {scrape.FreshnessUnknown, nil, &next},
	} {
		require.Equal(t, want, scrape.UpToDate("Work orders", test.freshness, test.data, test.next, now, york))
	}
}
