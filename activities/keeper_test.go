package activities_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
)

// attic is what is stored: users with so many old runs each, and schedules.
type attic struct {
	users     []scrape.UserID
	old       map[scrape.UserID]int
	schedules int
	calls     []string
	fails     string // the call that fails
}

func (a *attic) call(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	a.calls = append(a.calls, text)
	if text == a.fails {
		return scrape.Errorf(scrape.KindUnavailable, "The database is away.")
	}
	return nil
}

func (a *attic) UserIDsAfter(_ context.Context, after scrape.UserID, limit int) ([]scrape.UserID, error) {
	from, found := slices.BinarySearch(a.users, after)
	if found {
		from++
	}
	return a.users[from:min(from+limit, len(a.users))], a.call("users")
}

func (a *attic) HistoryBound(_ context.Context, user scrape.UserID, before time.Time, keep int) (time.Time, error) {
	return before.Add(time.Hour), a.call("bound %s %s %d", user, before.Format(time.DateOnly), keep)
}

func (a *attic) ForgetVersions(_ context.Context, user scrape.UserID, bound time.Time) (int, error) {
	return 2, a.call("versions %s %s", user, bound.Format(time.DateTime))
}

func (a *attic) ForgetRuns(_ context.Context, user scrape.UserID, bound time.Time, limit int) (int, error) {
	n := min(limit, a.old[user])
	a.old[user] -= n
	return n, a.call("runs %s %s", user, bound.Format(time.DateTime))
}

func (a *attic) PruneEvidence(_ context.Context, user scrape.UserID, keep int, before time.Time) (int, error) {
	return 3, a.call("evidence %s %d %s", user, keep, before.Format(time.DateOnly))
}

func (a *attic) DeleteLoginChecksBefore(_ context.Context, before time.Time) (int, error) {
	return 5, a.call("checks %s", before.Format(time.DateOnly))
}

func (a *attic) DeleteUserSessionsBefore(_ context.Context, before time.Time) (int, error) {
	return 4, a.call("sessions %s", before.Format(time.DateOnly))
}

func (a *attic) RefreshTotals(_ context.Context, users []scrape.UserID) (int, error) {
	return len(users), a.call("totals %d", len(users))
}

func (a *attic) RefreshDurations(_ context.Context, after scrape.ScheduleID, limit int) (scrape.ScheduleID, int, error) {
	last := min(int(after)+limit, a.schedules)
	if last == int(after) {
		return 0, 0, a.call("durations %d", after)
	}
	return scrape.ScheduleID(last), last - int(after), a.call("durations %d", after)
}

func keep(t *testing.T, stored *attic, step func(*activities.Keeper) any, into any) error {
	t.Helper()
	keeper := &activities.Keeper{
		Keeping: stored, HistoryAge: 10 * 24 * time.Hour, HistoryRuns: 100, EvidenceAge: 24 * time.Hour, EvidenceRuns: 7,
		Now: func() time.Time { return time.Date(2030, 5, 20, 12, 0, 0, 0, time.UTC) },
	}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(keeper)
	result, err := env.ExecuteActivity(step(keeper))
	if err == nil {
		require.NoError(t, result.Get(into))
	}
	return err
}

func TestRetain(t *testing.T) {
	t.Parallel()
	stored := &attic{users: []scrape.UserID{"a", "b"}, old: map[scrape.UserID]int{"a": 430, "b": 0}}
	var got activities.Retained
	require.NoError(t, keep(t, stored, func(k *activities.Keeper) any { return k.Retain }, &got))
	require.Equal(t, activities.Retained{Users: 2, Runs: 430, Versions: 4, Evidence: 6, LoginChecks: 5, Sessions: 4}, got)
	require.Equal(t, []string{
		"checks 2030-05-19", "sessions 2030-04-20", "users",
		"evidence a 7 2030-05-19", "bound a 2030-05-10 100", "versions a 2030-05-10 13:00:00",
		"runs a 2030-05-10 13:00:00", "runs a 2030-05-10 13:00:00", "runs a 2030-05-10 13:00:00",
		"evidence b 7 2030-05-19", "bound b 2030-05-10 100", "versions b 2030-05-10 13:00:00", "runs b 2030-05-10 13:00:00",
		"users",
	}, stored.calls, "in batches, and the versions before the runs")
}

func TestRetainStopsAtAnError(t *testing.T) {
	t.Parallel()
	for _, call := range []string{
		"checks 2030-05-19", "sessions 2030-04-20", "users", "evidence a 7 2030-05-19", "bound a 2030-05-10 100", "versions a 2030-05-10 13:00:00", "runs a 2030-05-10 13:00:00",
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			stored := &attic{users: []scrape.UserID{"a", "b"}, old: map[scrape.UserID]int{}, fails: call}
			var got activities.Retained
			err := keep(t, stored, func(k *activities.Keeper) any { return k.Retain }, &got)
			var application *temporal.ApplicationError
			require.ErrorAs(t, err, &application)
			require.Equal(t, string(scrape.KindUnavailable), application.Type())
			require.False(t, application.NonRetryable())
			require.Equal(t, call, stored.calls[len(stored.calls)-1], "nothing is done after it")
		})
	}
}

func TestRefreshStatistics(t *testing.T) {
	t.Parallel()
	stored := &attic{schedules: 1200}
	for i := range 150 {
		stored.users = append(stored.users, scrape.UserID(fmt.Sprintf("%03d", i)))
	}
	var got activities.Refreshed
	require.NoError(t, keep(t, stored, func(k *activities.Keeper) any { return k.RefreshStatistics }, &got))
	require.Equal(t, activities.Refreshed{Durations: 1200, Totals: 150}, got)
	require.Equal(t, []string{
		"users", "totals 100", "users", "totals 50", "users", "durations 0", "durations 500", "durations 1000", "durations 1200",
	}, stored.calls)
	for _, call := range []string{"users", "totals 100", "durations 500", "durations 1200"} {
		stored.calls, stored.fails = nil, call
		err := keep(t, stored, func(k *activities.Keeper) any { return k.RefreshStatistics }, &got)
		require.ErrorContains(t, err, "The database is away.", call)
	}
}
