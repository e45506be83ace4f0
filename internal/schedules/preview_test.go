package schedules

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/scrape"
)

// desktop is a store with one schedule, a runner, and a Temporal that counts how often it is asked.
type desktop struct {
	Store
	client.Client
	*Service
	schedule scrape.Schedule
	listed   []scrape.Schedule
	filter   scrape.ScheduleFilter
	since    *time.Time
	usual    time.Duration
	reads    int
	started  []scrape.RunRequest
	asked    int // times that Temporal was asked
}

var today = time.Date(2030, 1, 2, 13, 30, 0, 0, time.UTC)

func newDesktop() *desktop {
	d := &desktop{schedule: scrape.Schedule{
		ID: 7, UserID: "u", JobType: scrape.JobWorkOrders, Name: "n", Enabled: true, Revision: 3, AppliedRevision: 3, UpdatedAt: today,
		Timing: scrape.Timing{Interval: time.Hour, Timezone: "America/New_York"},
	}}
	d.Service = New(d, d, d, 30*time.Minute, slog.New(slog.DiscardHandler))
	d.now = func() time.Time { return today }
	return d
}

func (d *desktop) ScheduleClient() client.ScheduleClient {
	d.asked++
	return nil
}

func (d *desktop) Start(_ context.Context, _ scrape.Schedule, ask scrape.RunRequest) (scrape.Run, error) {
	d.started = append(d.started, ask)
	return scrape.Run{}, nil
}

func (d *desktop) UserSchedule(_ context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error) {
	if user != d.schedule.UserID || id != d.schedule.ID {
		return scrape.Schedule{}, scrape.Errorf(scrape.KindNotFound, "Schedule not found")
	}
	return d.schedule, nil
}

func (d *desktop) UpdateSchedule(
	_ context.Context, _ scrape.UserID, _ scrape.ScheduleID, change func(*scrape.Schedule) error,
) (scrape.Schedule, error) {
	changed := d.schedule
	if err := change(&changed); err != nil {
		return scrape.Schedule{}, err
	}
	d.schedule = changed
	return changed, nil
}

func (d *desktop) DeleteSchedule(context.Context, scrape.UserID, scrape.ScheduleID) error {
	return scrape.Errorf(scrape.KindConflict, "deleted at any version")
}

func (d *desktop) DeleteScheduleIf(_ context.Context, _ scrape.UserID, _ scrape.ScheduleID, check func(scrape.Schedule) error) error {
	return check(d.schedule)
}

func (d *desktop) WithScheduleLock(context.Context, scrape.ScheduleID, func(context.Context) error) error {
	return nil
}

func (d *desktop) NotFiringSince(context.Context, scrape.ScheduleID) (*time.Time, error) {
	return d.since, nil
}

func (d *desktop) UsualDuration(context.Context, scrape.UserID, scrape.JobType) (time.Duration, error) {
	return d.usual, nil
}

func (d *desktop) ScheduleList(_ context.Context, _ scrape.UserID, filter scrape.ScheduleFilter) ([]scrape.Schedule, error) {
	d.reads++
	d.filter = filter
	if filter.Limit == 0 {
		return d.listed, nil
	}
	return d.listed[:min(len(d.listed), filter.Limit)], nil
}

func (d *desktop) UserSchedules(context.Context, scrape.UserID) ([]scrape.Schedule, error) {
	d.reads++
	return d.listed, nil
}

func (d *desktop) LatestRuns(_ context.Context, _ scrape.UserID, types []scrape.JobType) ([]scrape.Run, error) {
	d.reads++
	runs := make([]scrape.Run, 0, len(types))
	for _, job := range types {
		runs = append(runs, scrape.Run{JobType: job})
	}
	return runs, nil
}

func (d *desktop) HeldRuns(context.Context, scrape.UserID, int) ([]scrape.Run, error) {
	d.reads++
	return []scrape.Run{{ID: 5}}, nil
}

func TestPreview(t *testing.T) {
	t.Parallel()
	d := newDesktop()
	d.usual = 2 * time.Hour
	got, err := d.Preview(t.Context(), "u", Request{
		IntervalHours: 1.5, OffsetSeconds: ptr(1023), ActiveHours: &scrape.Hours{Start: 6, End: 22}, ActiveDays: []int{5, 4, 3, 2, 1},
		Timezone: "America/New_York",
	}, nil, 2)
	require.NoError(t, err)
	require.Equal(t, []time.Time{today.Add(47*time.Minute + 3*time.Second), today.Add(137*time.Minute + 3*time.Second)}, got.Slots)
	require.Equal(t, "America/New_York", got.Zone.String())
	require.Equal(t, "Every 90 minutes from 6:00 to 22:00 on weekdays, New York time, at 6:17, 7:47 ... 21:17.", got.Sentence)
	require.Equal(t, []string{"Runs of this type usually take 2 hours, longer than the 90 minutes from slot to slot: slots that come while a run is going are skipped."}, got.Warnings)

	// Without an offset it is the one that a create chooses.
	asked := Request{JobType: scrape.JobDispensers, IntervalHours: 1}
	got, err = d.Preview(t.Context(), "u", asked, ptr(today.Truncate(24*time.Hour)), 1)
	require.NoError(t, err)
	require.Equal(t, asked.Schedule("u").Timing.Offset, got.Slots[0].Sub(today.Truncate(24*time.Hour)))

	for want, test := range map[string]struct {
		asked Request
		from  *time.Time
		count int
	}{
		"interval_hours must be between 0.5 and 24.":                                 {Request{IntervalHours: 0.1}, nil, 1},
		"Give either interval_hours or cron, not both.":                              {Request{IntervalHours: 1, Cron: []string{"0 * * * *"}}, nil, 1},
		"count must be from 1 to 1000.":                                              {asked, nil, 1001},
		"from must lie between the years 2000 and 2100.":                             {asked, ptr(today.AddDate(100, 0, 0)), 1},
		`There is no time zone "Mars/Olympus". Use a name such as America/New_York.`: {Request{IntervalHours: 1, Timezone: "Mars/Olympus"}, nil, 1},
	} {
		_, err := d.Preview(t.Context(), "u", test.asked, test.from, test.count)
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
		require.Equal(t, want, scrape.MessageOf(err))
	}
}

func TestPreviewStored(t *testing.T) {
	t.Parallel()
	d := newDesktop()
	d.schedule.Enabled = false
	d.schedule.Timing.EndsAt = ptr(today.Add(-time.Hour))
	got, err := d.PreviewStored(t.Context(), "u", 7, nil, 10)
	require.NoError(t, err)
	require.Empty(t, got.Slots)
	require.Equal(t, []string{"ends_at has passed, so nothing runs any more."}, got.Warnings, "it is no error that a schedule is over")
	_, err = d.PreviewStored(t.Context(), "other", 7, nil, 10)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))
}

func TestFindGivesPagesWithoutAskingTemporal(t *testing.T) {
	t.Parallel()
	d := newDesktop()
	for id := range 5 {
		d.listed = append(d.listed, scrape.Schedule{ID: scrape.ScheduleID(id + 1)})
	}
	for limit, want := range map[int]scrape.ScheduleID{0: 0, 1: 1, 4: 4, 5: 0, 6: 0} {
		d.reads = 0
		found, next, err := d.Find(t.Context(), "u", scrape.ScheduleFilter{Query: "x", Limit: limit})
		require.NoError(t, err)
		require.Equal(t, want, next, limit)
		require.Equal(t, "x", d.filter.Query)
		require.Equal(t, 1, d.reads)
		if limit > 0 {
			require.Len(t, found, min(limit, 5))
		}
	}
	_, _, err := d.Find(t.Context(), "u", scrape.ScheduleFilter{Status: "overdone"})
	require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
	_, err = d.List(t.Context(), "u")
	require.NoError(t, err)
	d.reads = 0
	home, err := d.Home(t.Context(), "u")
	require.NoError(t, err)
	require.Len(t, home.Schedules, 5)
	require.NotEmpty(t, home.Latest)
	require.Len(t, home.Held, 1)
	require.Equal(t, 3, d.reads, "however many schedules there are")
	require.Zero(t, d.asked)
}

func TestUpdateRefusesAStaleVersion(t *testing.T) {
	t.Parallel()
	d := newDesktop()
	_, err := d.Update(t.Context(), "u", 7, Patch{Name: ptr("m"), IfMatch: `"1-x"`})
	require.Equal(t, scrape.KindStale, scrape.KindOf(err))
	require.Equal(t, "n", d.schedule.Name)
	_, err = d.Update(t.Context(), "u", 7, Patch{Name: ptr("m"), IfMatch: `"` + Version(d.schedule) + `"`})
	require.NoError(t, err)
	require.Equal(t, "m", d.schedule.Name)
	require.Equal(t, scrape.KindStale, scrape.KindOf(d.DeleteMatching(t.Context(), "u", 7, `"1-x"`)))
	require.NoError(t, d.DeleteMatching(t.Context(), "u", 7, Version(d.schedule)))
	require.Equal(t, scrape.KindConflict, scrape.KindOf(d.DeleteMatching(t.Context(), "u", 7, "")), "the old way")
}

func TestEnablingMakesUpForMissedSlots(t *testing.T) {
	t.Parallel()
	long, short := today.Add(-3*time.Hour), today.Add(-time.Minute)
	for name, test := range map[string]struct {
		enabled *bool
		missed  Missed
		since   *time.Time
		runs    int
	}{
		"nobody asked":         {ptr(true), "", &long, 0},
		"none":                 {ptr(true), MissedNone, &long, 0},
		"last":                 {ptr(true), MissedLast, &long, 1},
		"all are one":          {ptr(true), MissedAll, &long, 1},
		"no slot has passed":   {ptr(true), MissedAll, &short, 0},
		"it was never paused":  {ptr(true), MissedLast, nil, 0},
		"it is paused":         {ptr(false), MissedLast, &long, 0},
		"it is something else": {nil, MissedLast, &long, 0},
	} {
		d := newDesktop()
		d.schedule.Enabled, d.since = false, test.since
		_, err := d.Update(t.Context(), "u", 7, Patch{Enabled: test.enabled, Missed: test.missed})
		require.NoError(t, err, name)
		require.Len(t, d.started, test.runs, name)
		for _, ask := range d.started {
			require.Equal(t, scrape.RunRequest{Trigger: scrape.TriggerScheduled}, ask)
		}
	}
	d := newDesktop()
	_, err := d.Update(t.Context(), "u", 7, Patch{Enabled: ptr(true), Missed: "some"})
	require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
	_, err = d.Update(t.Context(), "other", 7, Patch{Enabled: ptr(true), Missed: MissedLast})
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))
}

// Overdue is computed: pages are cut from what is left, not from what was read.
func TestFindPagesThroughTheOverdue(t *testing.T) {
	t.Parallel()
	d := newDesktop()
	now := d.now()
	for id := range 9 {
		schedule := scrape.Schedule{ID: scrape.ScheduleID(id + 1), Enabled: true, Timing: scrape.Timing{Interval: time.Hour}, AccountedAt: now.Add(-2 * time.Hour)}
		if id%2 == 0 { // its next slot is to come
			schedule.Timing.Interval, schedule.Timing.StartsAt = 24*time.Hour, &now
		}
		d.listed = append(d.listed, schedule)
	}
	all := slices.Clone(d.listed)
	for _, c := range []struct {
		limit int
		want  []scrape.ScheduleID
		next  scrape.ScheduleID
	}{{0, []scrape.ScheduleID{2, 4, 6, 8}, 0}, {3, []scrape.ScheduleID{2, 4, 6}, 6}, {4, []scrape.ScheduleID{2, 4, 6, 8}, 0}} {
		d.reads, d.listed = 0, slices.Clone(all)
		found, next, err := d.Find(t.Context(), "u", scrape.ScheduleFilter{Status: scrape.StatusOverdue, Limit: c.limit})
		require.NoError(t, err)
		var ids []scrape.ScheduleID
		for _, schedule := range found {
			ids = append(ids, schedule.ID)
		}
		require.Equal(t, c.want, ids)
		require.Equal(t, c.next, next)
		require.Equal(t, 1, d.reads)
		require.Equal(t, now.Add(-DefaultOverdueAfter), d.filter.AccountedBefore)
	}
}
