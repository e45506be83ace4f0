package schedules

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// wall is what charts are drawn from.
type wall struct {
	ChartStore
	schedule scrape.Schedule
	versions []scrape.ScheduleVersion
	runs     []scrape.Run
	ids      []scrape.ScheduleID
	from, to time.Time // of the newest question for runs
}

func (w *wall) UserSchedule(_ context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error) {
	if user != w.schedule.UserID || id != w.schedule.ID {
		return scrape.Schedule{}, scrape.Errorf(scrape.KindNotFound, "Schedule not found")
	}
	return w.schedule, nil
}

func (w *wall) ScheduleVersions(context.Context, scrape.ScheduleID, time.Time, time.Time) ([]scrape.ScheduleVersion, error) {
	return w.versions, nil
}

func (w *wall) LedgerRuns(_ context.Context, _ scrape.ScheduleID, from, to time.Time, _ int) ([]scrape.Run, error) {
	w.from, w.to = from, to
	return w.runs, nil
}

func (w *wall) RecentRuns(_ context.Context, _ scrape.UserID, ids []scrape.ScheduleID, _ int) ([]scrape.RecentRuns, error) {
	w.ids = ids
	return nil, nil
}

func newWall(timing scrape.Timing) (*wall, Charts) {
	w := &wall{
		schedule: scrape.Schedule{ID: 7, UserID: "u", Timing: timing},
		versions: []scrape.ScheduleVersion{{At: today.AddDate(-1, 0, 0), Timing: timing, Enabled: true}},
	}
	return w, Charts{Store: w, Now: func() time.Time { return today }}
}

func TestHeatmap(t *testing.T) {
	t.Parallel()
	w, charts := newWall(scrape.Timing{Cron: []string{"0 9 * * 1"}, Timezone: "America/New_York"}) // Mondays, 14:00 UTC
	monday := time.Date(2029, 12, 31, 14, 0, 0, 0, time.UTC)
	end := monday.Add(time.Minute)
	w.runs = []scrape.Run{{
		ID: 1, Trigger: scrape.TriggerScheduled, NominalAt: monday, StartedAt: monday, CompletedAt: &end, Outcome: scrape.OutcomeSuccess,
	}}
	found, err := charts.Heatmap(t.Context(), "u", 7, 3)
	require.NoError(t, err)
	require.Equal(t, 3, found.Weeks)
	require.Equal(t, "America/New_York", found.Zone.String())
	require.Equal(t, today, found.To)
	require.Equal(t, today.AddDate(0, 0, -21), found.From)
	require.Equal(t, []time.Time{found.From, found.To}, []time.Time{w.from, w.to})
	require.Equal(t, []scrape.HeatCell{
		{Weekday: time.Monday, Hour: 9, Tally: scrape.Tally{Succeeded: 1}, NotRun: 2, Planned: 1},
	}, found.Cells)
	_, err = charts.Heatmap(t.Context(), "somebody else", 7, 3)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))
}

func TestHeatmapOfVeryManySlots(t *testing.T) {
	t.Parallel()
	_, charts := newWall(scrape.Timing{Interval: 2 * time.Minute})
	found, err := charts.Heatmap(t.Context(), "u", 7, 8)
	require.NoError(t, err)
	require.Equal(t, 3, found.Weeks, "with a fourth, and the one ahead, they would be 25,200")
	require.Equal(t, today.AddDate(0, 0, -21), found.From)
	require.Len(t, found.Cells, 168)
	planned, notRun := 0, 0
	for _, cell := range found.Cells {
		planned, notRun = planned+cell.Planned, notRun+cell.NotRun
	}
	require.InDelta(t, 7*24*30, planned, 1)
	require.InDelta(t, 3*7*24*30, notRun, 31, "without those that may still run")
	_, charts = newWall(scrape.Timing{Interval: time.Second})
	_, err = charts.Heatmap(t.Context(), "u", 7, 8)
	require.Equal(t, "This schedule has more than 25000 slots in two weeks, which are too many for a heatmap.", scrape.MessageOf(err))
	require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
}

func TestRecentAsksForEachOnce(t *testing.T) {
	t.Parallel()
	w, charts := newWall(scrape.Timing{Interval: time.Hour})
	_, err := charts.Recent(t.Context(), "u", []scrape.ScheduleID{9, 7, 9, 8, 7}, 20)
	require.NoError(t, err)
	require.Equal(t, []scrape.ScheduleID{9, 7, 8}, w.ids)
}

// compares finds always the same.
type compares struct{}

func (compares) ReconcileSchedules(context.Context) (activities.ScheduleRepairs, error) {
	return activities.ScheduleRepairs{Checked: 7, Overdue: 2}, nil
}

func (compares) ReconcileRuns(context.Context) (activities.RunRepairs, error) {
	return activities.RunRepairs{Checked: 3}, nil
}

func TestReconciled(t *testing.T) {
	t.Parallel()
	temporal, _ := dial(t)
	system := System{Client: temporal}
	_, there, err := system.Reconciled(t.Context())
	require.NoError(t, err)
	require.False(t, there)
	require.NoError(t, EnsureSystemSchedules(t.Context(), temporal, 90*time.Minute))
	newest := func(state string) Reconciled {
		var found Reconciled
		require.Eventually(t, func() bool {
			var there bool
			found, there, err = system.Reconciled(t.Context())
			return err == nil && there && found.State == state
		}, waits, looks, state)
		return found
	}
	require.Zero(t, newest("running").Result, "no worker is there, and none has ended before")

	w := sdkworker.New(temporal, workflows.ScrapeQueue, sdkworker.Options{})
	workflows.Register(w)
	w.RegisterActivity(&activities.Repairer{Repairs: compares{}})
	require.NoError(t, w.Start())
	found := newest("completed")
	require.Equal(t, workflows.ReconcileResult{
		Schedules: activities.ScheduleRepairs{Checked: 7, Overdue: 2}, Runs: activities.RunRepairs{Checked: 3},
	}, found.Result)
	require.WithinDuration(t, time.Now(), found.StartedAt, 2*waits)

	w.Stop() // the next one hangs, and the one before is still told of
	_, err = system.Run(t.Context(), workflows.ReconcileScheduleID)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		all, err := system.List(t.Context())
		return err == nil && all[0].Running && all[0].LastRun.State == "running"
	}, waits, looks)
	require.Equal(t, found, newest("completed"))
}
