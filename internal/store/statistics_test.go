package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestRefreshDurations(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, never := b.addSchedule(t, "hourly"), b.addSchedule(t, "never ran")
	for i := range 110 { // 1 to 110 minutes; the newest hundred count
		run := b.begin(t, schedule.ID, fmt.Sprintf("w%d", i), at(float64(1000*i)))
		b.finish(t, run.ID, scrape.OutcomeSuccess, at(float64(1000*i+i+1)))
	}
	failure := b.begin(t, schedule.ID, "failed", at(200_000))
	b.finish(t, failure.ID, scrape.OutcomePortalDown, at(200_900))

	last, refreshed, err := b.RefreshDurations(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Equal(t, schedule.ID, last)
	require.Equal(t, 1, refreshed)
	last, refreshed, err = b.RefreshDurations(t.Context(), last, 500)
	require.NoError(t, err)
	require.Equal(t, never.ID, last)
	require.Zero(t, refreshed)
	last, _, err = b.RefreshDurations(t.Context(), last, 500)
	require.NoError(t, err)
	require.Zero(t, last)

	usual, err := b.UsualDurations(t.Context(), b.user)
	require.NoError(t, err)
	require.Len(t, usual, 1)
	got := usual[schedule.ID]
	require.WithinDuration(t, time.Now(), got.At, time.Minute)
	got.At = time.Time{}
	require.Equal(t, scrape.Durations{
		Runs: 100, P50: 60*time.Minute + 30*time.Second, P95: 105*time.Minute + 3*time.Second,
	}, got)

	b.finish(t, b.begin(t, schedule.ID, "another", at(300_000)).ID, scrape.OutcomePartial, at(300_110))
	_, _, err = b.RefreshDurations(t.Context(), 0, 500)
	require.NoError(t, err)
	again, err := b.UsualDurations(t.Context(), b.user)
	require.NoError(t, err)
	require.Greater(t, again[schedule.ID].P50, got.P50)
	others, err := b.UsualDurations(t.Context(), "nobody")
	require.NoError(t, err)
	require.Empty(t, others)
	require.NoError(t, b.DeleteSchedule(t.Context(), b.user, schedule.ID))
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM schedule_statistics"))
}

func TestRefreshTotals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	ids := b.ran(t, schedule.ID, 4)
	b.finish(t, b.begin(t, schedule.ID, "failed", at(60)).ID, scrape.OutcomePortalDown, at(61))
	b.finish(t, b.begin(t, schedule.ID, "skipped", at(70)).ID, scrape.OutcomePaused, at(70))
	b.exec(t, "UPDATE scraping_history SET items_processed = 10, items_added = 2 WHERE id = $1", ids[0])
	refresh := func() int {
		n, err := b.RefreshTotals(t.Context(), []scrape.UserID{b.user, "nobody"})
		require.NoError(t, err)
		return n
	}
	total := func(column string) int {
		return value[int](t, b, "SELECT "+column+" FROM scraping_statistics WHERE user_id = $1", b.user)
	}
	require.Zero(t, refresh(), "they are as they should be")

	b.exec(t, "DELETE FROM scraping_statistics") // as an import without them
	require.Equal(t, 1, refresh())
	require.Equal(t, 5, total("total_runs"))
	require.Equal(t, 4, total("successful_runs"))
	require.Equal(t, 1, total("failed_runs"))
	require.Equal(t, 10, total("total_items_processed"))
	require.Equal(t, 2, total("total_items_added"))
	require.Equal(t, 2, total("avg_items_per_run"))
	require.Equal(t, noon, value[time.Time](t, b, "SELECT first_run FROM scraping_statistics").UTC())
	require.Equal(t, at(61), value[time.Time](t, b, "SELECT last_failed_run FROM scraping_statistics").UTC())

	n, err := b.ForgetRuns(t.Context(), b.user, at(100), 3)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Zero(t, refresh())
	require.Equal(t, 5, total("total_runs"), "runs that were forgotten stay counted")
}
