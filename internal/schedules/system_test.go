package schedules

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// nothingKept is a database without users; it fails when it is told to.
type nothingKept struct{ broken *atomic.Bool }

func (n nothingKept) err() error {
	if n.broken.Load() {
		return scrape.Errorf(scrape.KindInvalid, "The database is another one.") // tried once
	}
	return nil
}

func (n nothingKept) UserIDsAfter(context.Context, scrape.UserID, int) ([]scrape.UserID, error) {
	return nil, n.err()
}

func (n nothingKept) HistoryBound(context.Context, scrape.UserID, time.Time, int) (time.Time, error) {
	return time.Time{}, n.err()
}

func (n nothingKept) ForgetVersions(context.Context, scrape.UserID, time.Time) (int, error) {
	return 0, n.err()
}

func (n nothingKept) ForgetRuns(context.Context, scrape.UserID, time.Time, int) (int, error) {
	return 0, n.err()
}

func (n nothingKept) PruneEvidence(context.Context, scrape.UserID, int, time.Time) (int, error) {
	return 0, n.err()
}

func (n nothingKept) DeleteLoginChecksBefore(context.Context, time.Time) (int, error) {
	return 7, n.err()
}

func (n nothingKept) DeleteUserSessionsBefore(context.Context, time.Time) (int, error) {
	return 0, n.err()
}

func (n nothingKept) RefreshTotals(context.Context, []scrape.UserID) (int, error) { return 0, n.err() }

func (n nothingKept) RefreshDurations(context.Context, scrape.ScheduleID, int) (scrape.ScheduleID, int, error) {
	return 0, 0, n.err()
}

const waits, looks = 3 * time.Minute, 50 * time.Millisecond

func TestSystemSchedules(t *testing.T) {
	t.Parallel()
	temporal, _ := dial(t)
	system := System{Client: temporal}
	all, err := system.List(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3)
	for _, one := range all {
		require.True(t, one.Missing, one.ID)
		require.NotEmpty(t, one.Does)
	}
	_, err = system.Pause(t.Context(), "system-retention", "a@example.com", "")
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err), "%v", err)
	_, err = system.Run(t.Context(), "scrape-schedule-7")
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err), "it is for the system's own only: %v", err)

	for range 2 { // the second time there is nothing to do
		require.NoError(t, EnsureSystemSchedules(t.Context(), temporal, 90*time.Minute))
	}
	find := func(id string) SystemSchedule {
		all, err := system.List(t.Context())
		for begun := time.Now(); scrape.KindOf(err) == scrape.KindUnavailable && time.Since(begun) < waits; { // a busy machine
			all, err = system.List(t.Context())
		}
		require.NoError(t, err)
		for _, one := range all {
			if one.ID == id {
				return one
			}
		}
		require.Fail(t, "missing", id)
		return SystemSchedule{}
	}
	require.Equal(t, 90*time.Minute, find("system-reconcile").Every)
	require.Equal(t, 24*time.Hour, find("system-retention").Every)
	require.Equal(t, time.Hour, find("system-statistics").Every)
	require.WithinDuration(t, time.Now(), *find("system-retention").NextRun, 25*time.Hour)

	paused, err := system.Pause(t.Context(), "system-retention", "a@example.com", "disk is full")
	require.NoError(t, err)
	require.True(t, paused.Paused)
	require.Nil(t, paused.NextRun)
	require.Equal(t, "Paused by a@example.com: disk is full", paused.Note)
	require.NoError(t, EnsureSystemSchedules(t.Context(), temporal, 2*time.Hour))
	require.True(t, find("system-retention").Paused, "an operator's pause is kept")
	require.Equal(t, 2*time.Hour, find("system-reconcile").Every, "another interval is put right in place")
	_, err = system.Pause(t.Context(), "system-reconcile", "a@example.com", "")
	require.NoError(t, err)
	require.NoError(t, EnsureSystemSchedules(t.Context(), temporal, 3*time.Hour))
	require.True(t, find("system-reconcile").Paused, "also when the interval changes")

	// Run while no worker is there, and again while that one is going.
	_, err = system.Run(t.Context(), "system-retention")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return find("system-retention").Running }, waits, looks)
	_, err = system.Run(t.Context(), "system-retention")
	require.Equal(t, scrape.KindConflict, scrape.KindOf(err), "%v", err)
	require.Equal(t, "running", find("system-retention").LastRun.State)

	var broken atomic.Bool
	w := sdkworker.New(temporal, workflows.ScrapeQueue, sdkworker.Options{})
	workflows.Register(w)
	w.RegisterActivity(&activities.Repairer{Keeper: activities.Keeper{Keeping: nothingKept{&broken}, Now: time.Now}})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	ended := func(id, state string) *SystemRun {
		var run *SystemRun
		require.Eventually(t, func() bool {
			run = find(id).LastRun
			return run != nil && run.State == state
		}, waits, looks, "%s %s", id, state)
		require.NotNil(t, run.EndedAt)
		return run
	}
	retention := ended("system-retention", "completed")
	require.JSONEq(t, `{"users":0,"runs":0,"versions":0,"evidence":0,"login_checks":7,"sessions":0}`, string(retention.Result))
	_, err = system.Run(t.Context(), "system-statistics")
	require.NoError(t, err)
	statistics := ended("system-statistics", "completed")
	require.JSONEq(t, `{"durations":0,"totals":0}`, string(statistics.Result))
	for _, run := range []*SystemRun{retention, statistics} {
		replay(t, temporal, run.WorkflowID)
	}

	broken.Store(true)
	_, err = system.Run(t.Context(), "system-retention")
	require.NoError(t, err)
	failed := ended("system-retention", "failed")
	require.Nil(t, failed.Result)
	require.Equal(t, "The database is another one.", failed.Message)

	resumed, err := system.Resume(t.Context(), "system-retention", "a@example.com")
	require.NoError(t, err)
	require.False(t, resumed.Paused)
	require.NotNil(t, resumed.NextRun)
}

// replay carries out a workflow's recorded history again.
func replay(t *testing.T, temporal client.Client, workflowID string) {
	t.Helper()
	history := &historypb.History{}
	events := temporal.GetWorkflowHistory(t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		history.Events = append(history.Events, event)
	}
	replayer := sdkworker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(workflows.Retention, workflow.RegisterOptions{Name: workflows.RetentionType})
	replayer.RegisterWorkflowWithOptions(workflows.Statistics, workflow.RegisterOptions{Name: workflows.StatisticsType})
	require.NoError(t, replayer.ReplayWorkflowHistory(nil, history))
}

func TestSystemSaysThatTemporalIsAway(t *testing.T) {
	t.Parallel()
	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	require.NoError(t, err)
	defer temporal.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = System{Client: temporal}.List(ctx)
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err), "%v", err)
	require.Equal(t, "Temporal does not answer. Try again in a minute.", scrape.MessageOf(err))
	require.NoError(t, systemError(nil))
	plain := errors.New("plain")
	require.Same(t, plain, systemError(plain))
}
