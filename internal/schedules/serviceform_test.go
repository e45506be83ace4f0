package schedules

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func ptr[T any](v T) *T { return &v }

func TestRequestBecomesASchedule(t *testing.T) {
	t.Parallel()
	starts := time.Date(2030, 1, 1, 12, 0, 0, 1, time.FixedZone("", 3600))
	got := Request{
		JobType: scrape.JobWorkOrders, Cron: []string{" 30  6 * * 1-5", "30 6 * * 1-5"}, ActiveDays: []int{5, 1, 5}, MaxAgeHours: ptr(1.5),
		SkipDates: []string{"2030-12-25", "2030-01-01", "2030-12-25"}, StartsAt: &starts, EndsAt: ptr(starts.Add(time.Hour)), OffsetSeconds: ptr(7),
	}.Schedule("u")
	require.Equal(t, scrape.Schedule{
		UserID: "u", JobType: scrape.JobWorkOrders, Name: "work_orders", MaxAge: 90 * time.Minute,
		Timing: scrape.Timing{
			Cron: []string{"30 6 * * 1-5"}, ActiveDays: []int{1, 5}, SkipDates: []string{"2030-01-01", "2030-12-25"}, Timezone: "UTC",
			StartsAt: ptr(time.Date(2030, 1, 1, 11, 0, 1, 0, time.UTC)), EndsAt: ptr(time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)),
			Offset: 7 * time.Second, DST: scrape.DSTTwice, CatchUp: scrape.CatchUpLast, Overlap: scrape.OverlapSkip,
		},
	}, got)
	spread := Request{JobType: scrape.JobWorkOrders, Cron: []string{"* * * * *"}}.Schedule("u")
	require.Less(t, spread.Timing.Offset, time.Minute, "the minute is what was asked for")
}

func TestPatchSwitchesBetweenIntervalAndCron(t *testing.T) {
	t.Parallel()
	hourly := Request{JobType: scrape.JobWorkOrders, IntervalHours: 1, OffsetSeconds: ptr(1023)}.Schedule("u")
	daily := Request{JobType: scrape.JobWorkOrders, Cron: []string{"30 6 * * *"}}.Schedule("u")
	lines := []string{"0 6 * * *", "0 18 * * *"}
	for name, test := range map[string]struct {
		from     scrape.Schedule
		patch    Patch
		cron     []string
		interval time.Duration
	}{
		"nothing":                       {daily, Patch{}, daily.Timing.Cron, 0},
		"to cron":                       {hourly, Patch{SetCron: true, Cron: lines}, lines, 0},
		"to an interval":                {daily, Patch{IntervalHours: ptr(2.0)}, nil, 2 * time.Hour},
		"to an interval, cron null":     {daily, Patch{IntervalHours: ptr(2.0), SetCron: true}, nil, 2 * time.Hour},
		"to the interval that is shown": {daily, Patch{SetCron: true}, nil, 24 * time.Hour},
		"to it, said twice":             {daily, Patch{SetCron: true, IntervalHours: ptr(24.0)}, nil, 24 * time.Hour},
		"other lines":                   {daily, Patch{SetCron: true, Cron: lines}, lines, 0},
		"what an old client read":       {daily, Patch{IntervalHours: ptr(24.0), SetActiveHours: true, Enabled: ptr(true)}, daily.Timing.Cron, 0},
		"all of what was read":          {daily, Patch{IntervalHours: ptr(24.0), SetCron: true, Cron: daily.Timing.Cron}, daily.Timing.Cron, 0},
		"no cron where there is none":   {hourly, Patch{SetCron: true}, nil, time.Hour},
		"an old client's three fields":  {hourly, Patch{IntervalHours: ptr(1.5), SetActiveHours: true, Enabled: ptr(true)}, nil, 90 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.from
			require.NoError(t, test.patch.Apply(&got))
			require.Equal(t, test.cron, got.Timing.Cron)
			require.Equal(t, test.interval, got.Timing.Interval)
			got.Name = "n"
			require.NoError(t, got.Validate(30*time.Minute, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)), "the offset fits")
		})
	}
	for name, schedule := range map[string]scrape.Schedule{"hourly": hourly, "daily": daily} {
		err := Patch{IntervalHours: ptr(2.0), SetCron: true, Cron: lines}.Apply(&schedule)
		require.Equal(t, "Give either interval_hours or cron, not both.", scrape.MessageOf(err), name)
	}
}

func TestPatchRemovesAndResets(t *testing.T) {
	t.Parallel()
	full := Request{
		JobType: scrape.JobWorkOrders, IntervalHours: 1, ActiveDays: []int{1}, SkipDates: []string{"2030-12-25"}, StartsAt: ptr(time.Unix(1e9, 0)),
		EndsAt: ptr(time.Unix(3e9, 0)), DST: scrape.DSTOnce, CatchUp: scrape.CatchUpAll, Overlap: scrape.OverlapBufferOne, MaxAgeHours: ptr(4.0), ActiveHours: &scrape.Hours{Start: 6, End: 22},
	}.Schedule("u")
	same := full
	require.NoError(t, Patch{}.Apply(&same))
	require.Equal(t, full, same, "what is left out stays")
	bare := full
	require.NoError(t, Patch{
		SetActiveDays: true, SetSkipDates: true, SetStartsAt: true, SetEndsAt: true, DST: ptr(scrape.DSTPolicy("")), CatchUp: ptr(scrape.CatchUpPolicy("")),
		Overlap:   ptr(scrape.OverlapPolicy("")),
		SetMaxAge: true, SetActiveHours: true,
	}.Apply(&bare))
	require.Equal(t, Request{JobType: scrape.JobWorkOrders, IntervalHours: 1}.Schedule("u"), bare)
	again := bare
	require.NoError(t, Patch{
		SetActiveDays: true, ActiveDays: []int{1, 1}, SetSkipDates: true, SkipDates: []string{"2030-12-25"}, SetStartsAt: true, StartsAt: full.Timing.StartsAt,
		SetEndsAt: true, EndsAt: full.Timing.EndsAt, DST: ptr(scrape.DSTOnce), CatchUp: ptr(scrape.CatchUpAll), Overlap: ptr(scrape.OverlapBufferOne), SetMaxAge: true, MaxAgeHours: ptr(4.0),
		SetActiveHours: true, ActiveHours: full.Timing.ActiveHours,
	}.Apply(&again))
	require.Equal(t, full, again)
}

func TestPatchPausesAndResumes(t *testing.T) {
	t.Parallel()
	at := time.Unix(1e9, 0)
	failing := scrape.Schedule{
		Enabled: true, ConsecutiveFailures: 5, SuspendedAt: &at, ProbeAt: &at, Probes: 2, Timing: scrape.Timing{Interval: time.Hour}, Name: "n",
	}
	for name, test := range map[string]struct {
		patch     Patch
		suspended bool
		reason    string
	}{
		"a name":                    {Patch{Name: ptr("m")}, true, ""},
		"the same interval":         {Patch{IntervalHours: ptr(1.0)}, true, ""},
		"another interval":          {Patch{IntervalHours: ptr(2.0)}, false, ""},
		"enabled once more":         {Patch{Enabled: ptr(true)}, false, ""},
		"paused":                    {Patch{Enabled: ptr(false)}, false, ""},
		"paused with a reason":      {Patch{Enabled: ptr(false), PauseReason: ptr(" On holiday ")}, false, "On holiday"},
		"a reason for nothing":      {Patch{PauseReason: ptr("On holiday")}, true, ""},
		"enabled, reason left over": {Patch{Enabled: ptr(true), PauseReason: ptr("On holiday")}, false, ""},
	} {
		got := failing
		require.NoError(t, test.patch.Apply(&got), name)
		require.Equal(t, test.suspended, got.SuspendedAt != nil && got.ProbeAt != nil && got.Probes == 2 && got.ConsecutiveFailures == 5, name)
		require.Equal(t, !test.suspended, got.SuspendedAt == nil && got.ProbeAt == nil && got.Probes == 0 && got.ConsecutiveFailures == 0, name)
		require.Equal(t, test.reason, got.PauseReason, name)
	}
	paused := scrape.Schedule{PauseReason: "On holiday", Timing: scrape.Timing{Interval: time.Hour}}
	require.NoError(t, Patch{Enabled: ptr(false), IntervalHours: ptr(1.0)}.Apply(&paused))
	require.Equal(t, "On holiday", paused.PauseReason, "an old client sends all of its fields")
	require.NoError(t, Patch{PauseReason: ptr("")}.Apply(&paused))
	require.Empty(t, paused.PauseReason)
	require.Error(t, Patch{PauseReason: ptr(string(make([]byte, 501)))}.Apply(&paused))
}

func TestMatches(t *testing.T) {
	t.Parallel()
	schedule := scrape.Schedule{Revision: 3, UpdatedAt: time.UnixMicro(1_900_000_000_123_456)}
	version := Version(schedule)
	for header, want := range map[string]bool{
		"": true, " ": true, "*": true, `"` + version + `"`: true, version: true, `"x", "` + version + `"`: true,
		`W/"` + version + `"`: false, `"x"`: false, `"` + version + `x"`: false,
	} {
		err := matches(header, schedule)
		require.Equal(t, want, err == nil, header)
		if err != nil {
			require.Equal(t, scrape.KindStale, scrape.KindOf(err))
		}
	}
	edited, pushed := schedule, schedule
	edited.UpdatedAt = edited.UpdatedAt.Add(time.Microsecond)
	require.Error(t, matches(version, edited), "settings make no revision")
	pushed.AppliedRevision, pushed.LastRunAt, pushed.DataAt = 3, &edited.UpdatedAt, &edited.UpdatedAt
	require.NoError(t, matches(version, pushed), "what happens by itself is no edit")
}
