package scrape_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestFreshness(t *testing.T) {
	t.Parallel()
	hourly := scrape.Timing{Interval: time.Hour}
	daytime := scrape.Timing{Interval: time.Hour, ActiveHours: &scrape.Hours{Start: 6, End: 22}}
	ended := at(t, "2030-01-01T21:30:00Z")
	for name, test := range map[string]struct {
		timing scrape.Timing
		maxAge time.Duration
		data   string // empty: none
		now    string
		want   scrape.Freshness
		reason string
	}{
		"none":                      {hourly, 0, "", "2030-01-01T12:00:00Z", scrape.FreshnessUnknown, "Nothing has been collected yet."},
		"just now":                  {hourly, 0, "2030-01-01T12:00:40Z", "2030-01-01T12:01:00Z", scrape.FreshnessFresh, "The data is less than a minute old."},
		"1.5 spacings":              {hourly, 0, "2030-01-01T12:00:00Z", "2030-01-01T13:30:00Z", scrape.FreshnessFresh, "The data is 90 minutes old."},
		"beyond":                    {hourly, 0, "2030-01-01T12:00:00Z", "2030-01-01T13:30:01Z", scrape.FreshnessLate, "The data is 90 minutes old; the slot at 1 January 2030, 13:00 has brought none."},
		"three slots":               {hourly, 0, "2030-01-01T12:00:00Z", "2030-01-01T15:00:00Z", scrape.FreshnessLate, "The data is 3 hours old; the slot at 1 January 2030, 13:00 has brought none."},
		"beyond them":               {hourly, 0, "2030-01-01T12:00:00Z", "2030-01-01T15:00:01Z", scrape.FreshnessStale, "The data is 3 hours old; the slot at 1 January 2030, 13:00 has brought none."},
		"a night":                   {daytime, 0, "2030-01-01T21:05:00Z", "2030-01-02T06:29:00Z", scrape.FreshnessFresh, "The data is 9 hours old."},
		"the morning after":         {daytime, 0, "2030-01-01T21:05:00Z", "2030-01-02T06:31:00Z", scrape.FreshnessLate, "The data is 9 hours old; the slot at 2 January 2030, 6:00 has brought none."},
		"the evening's last missed": {daytime, 0, "2030-01-01T20:05:00Z", "2030-01-02T06:30:00Z", scrape.FreshnessLate, "The data is 10 hours old; the slot at 1 January 2030, 21:00 has brought none."},
		"at most that old":          {hourly, 4 * time.Hour, "2030-01-01T12:00:00Z", "2030-01-01T16:00:00Z", scrape.FreshnessFresh, "The data is 4 hours old."},
		"older":                     {hourly, 4 * time.Hour, "2030-01-01T12:00:00Z", "2030-01-01T16:00:01Z", scrape.FreshnessLate, "The data is 4 hours old; it should be at most 4 hours old."},
		"beyond twice":              {hourly, 4 * time.Hour, "2030-01-01T12:00:00Z", "2030-01-01T20:00:01Z", scrape.FreshnessStale, "The data is 8 hours old; it should be at most 4 hours old."},
		"stricter than the slots":   {daytime, time.Hour, "2030-01-01T21:05:00Z", "2030-01-02T06:00:00Z", scrape.FreshnessStale, "The data is 8 hours old; it should be at most 1 hour old."},
		"days": {
			hourly, 0, "2030-01-01T12:00:00Z", "2030-01-05T11:00:00Z", scrape.FreshnessStale,
			"The data is 3 days old; the slot at 1 January 2030, 13:00 has brought none.",
		},
		"after the end": {
			scrape.Timing{Interval: time.Hour, EndsAt: &ended},
			0, "2030-01-01T21:01:00Z", "2030-01-02T12:00:00Z", scrape.FreshnessStale,
			"The data is 14 hours old, and no slot has followed.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schedule := scrape.Schedule{Timing: test.timing, MaxAge: test.maxAge, Enabled: true}
			if test.data != "" {
				data := at(t, test.data)
				schedule.DataAt = &data
			}
			got, reason := schedule.FreshnessAt(at(t, test.now))
			require.Equal(t, test.want, got)
			require.Equal(t, test.reason, reason)
		})
	}
}

func TestLateDataSaysWhy(t *testing.T) {
	t.Parallel()
	data := at(t, "2030-01-01T12:00:00Z")
	schedule := scrape.Schedule{Timing: scrape.Timing{Interval: time.Hour}, DataAt: &data, MaxAge: time.Hour}
	reason := func() string {
		_, reason := schedule.FreshnessAt(at(t, "2030-01-01T13:30:00Z"))
		return reason
	}
	require.Equal(t, "The data is 90 minutes old; it should be at most 1 hour old. The schedule is paused.", reason())
	schedule.Enabled, schedule.ConsecutiveFailures = true, 1
	require.Equal(t, "The data is 90 minutes old; it should be at most 1 hour old. The last run failed.", reason())
	schedule.ConsecutiveFailures = 2
	require.Equal(t, "The data is 90 minutes old; it should be at most 1 hour old. The last 2 runs failed.", reason())
}

func TestWarning(t *testing.T) {
	t.Parallel()
	suspended, probe := at(t, "2030-01-01T12:00:00Z"), at(t, "2030-01-01T13:00:00Z")
	schedule := scrape.Schedule{Enabled: true, Timing: scrape.Timing{Interval: time.Hour, Timezone: "America/New_York"}}
	for failures, want := range []string{
		"", "", "",
		"The last 3 runs failed. After 5 in a row it pauses by itself. Look at its history for the reason.",
		"The last 4 runs failed. After 5 in a row it pauses by itself. Look at its history for the reason.",
		"The last 5 runs failed. Look at its history for the reason.",
	} {
		schedule.ConsecutiveFailures = failures
		require.Equal(t, want, schedule.Warning())
	}
	schedule.SuspendedAt, schedule.ProbeAt = &suspended, &probe
	require.Equal(t, "Paused by itself after 5 failures in a row. It tries again by itself, next at 1 January 2030, 8:00 (New York time), "+
		"and goes on as soon as a run succeeds.", schedule.Warning())
	schedule.Enabled = false
	require.Equal(t, "The last 5 runs failed. Look at its history for the reason.", schedule.Warning())
}
