package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// ran makes n finished runs, one a minute from noon on.
func (b bundle) ran(t *testing.T, schedule scrape.ScheduleID, n int) []scrape.RunID {
	t.Helper()
	var ids []scrape.RunID
	for i := range n {
		run := b.begin(t, schedule, fmt.Sprintf("%d-%d", schedule, i), at(float64(i)))
		b.finish(t, run.ID, scrape.OutcomeSuccess, at(float64(i)+0.5))
		ids = append(ids, run.ID)
	}
	return ids
}

func (b bundle) runsLeft(t *testing.T, user scrape.UserID) []scrape.RunID {
	t.Helper()
	var left []scrape.RunID
	for _, id := range value[[]int64](t, b, "SELECT COALESCE(array_agg(id ORDER BY id), '{}') FROM scraping_history WHERE user_id = $1", user) {
		left = append(left, scrape.RunID(id))
	}
	return left
}

func TestUserIDsAfter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := map[scrape.UserID]bool{b.user: true}
	for i := range 4 {
		want[b.addUser(t, fmt.Sprintf("%d@example.com", i))] = true
	}
	seen, after := map[scrape.UserID]bool{}, scrape.UserID("")
	for {
		page, err := b.UserIDsAfter(t.Context(), after, 2)
		require.NoError(t, err)
		require.NotNil(t, page)
		if len(page) == 0 {
			break
		}
		for _, id := range page {
			require.Greater(t, id, after)
			seen[id], after = true, id
		}
	}
	require.Equal(t, want, seen)
}

func TestHistoryBoundIsAgeOrCount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ran(t, b.addSchedule(t, "hourly").ID, 5)
	for name, c := range map[string]struct {
		before time.Time
		keep   int
		want   time.Time
	}{
		"few runs: by age":            {at(-60), 10, at(-60)},
		"as many as are kept":         {at(-60), 5, at(0)},
		"more than are kept":          {at(-60), 2, at(3)},
		"more, and most are too old":  {at(3.5), 2, at(3.5)},
		"the last one is always kept": {at(-60), 0, at(4)},
	} {
		bound, err := b.HistoryBound(t.Context(), b.user, c.before, c.keep)
		require.NoError(t, err, name)
		require.Equal(t, c.want, bound, name)
	}
	bound, err := b.HistoryBound(t.Context(), "nobody", at(1), 1)
	require.NoError(t, err)
	require.Equal(t, at(1), bound)
}

func TestForgetRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	ids := b.ran(t, schedule.ID, 6)
	open := b.begin(t, b.addSchedule(t, "stuck").ID, "open", at(-100))
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	theirs := stranger.ran(t, stranger.addSchedule(t, "hourly").ID, 2)
	require.NoError(t, b.SaveAttempt(t.Context(), ids[0], scrape.Attempt{Step: "Login", Number: 1, At: at(0)},
		[]scrape.EvidenceFile{{Name: "page.txt", ContentType: "text/plain", Body: []byte("page")}}))

	n, err := b.ForgetRuns(t.Context(), b.user, at(4), 3)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, append(append([]scrape.RunID{}, ids[3:]...), open.ID), b.runsLeft(t, b.user), "the oldest go first")
	n, err = b.ForgetRuns(t.Context(), b.user, at(4), 3)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, append(append([]scrape.RunID{}, ids[4:]...), open.ID), b.runsLeft(t, b.user), "one that is going is never forgotten")
	require.Equal(t, theirs, b.runsLeft(t, stranger.user))
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM run_evidence"))
	require.Equal(t, 6, value[int](t, b, "SELECT total_runs FROM scraping_statistics WHERE user_id = $1", b.user), "what was forgotten stays counted")
}

func TestForgetVersions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, young := b.addSchedule(t, "hourly"), b.addSchedule(t, "young")
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	theirs := stranger.addSchedule(t, "hourly")
	for hours := range 4 {
		_, err := b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
			s.Timing.Interval = time.Duration(hours+2) * time.Hour
			return nil
		})
		require.NoError(t, err)
	}
	b.exec(t, "UPDATE schedule_versions SET at = $1::timestamptz + interval_hours * interval '1 minute' WHERE schedule_id <> $2", noon, young.ID)
	b.exec(t, "UPDATE schedule_versions SET at = $1 WHERE schedule_id = $2", at(30), young.ID)

	n, err := b.ForgetVersions(t.Context(), b.user, at(3.5))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	type version struct {
		hours float64
		at    time.Time
	}
	versions := func(id scrape.ScheduleID) []version {
		rows, err := b.connect(t).Query(t.Context(), "SELECT interval_hours, at FROM schedule_versions WHERE schedule_id = $1 ORDER BY at, id", id)
		require.NoError(t, err)
		var all []version
		for rows.Next() {
			var v version
			require.NoError(t, rows.Scan(&v.hours, &v.at))
			v.at = v.at.UTC()
			all = append(all, v)
		}
		require.NoError(t, rows.Err())
		return all
	}
	want := []version{{3, at(3.5)}, {4, at(4)}, {5, at(5)}}
	require.Equal(t, want, versions(schedule.ID), "what held at the bound is on record from there on")
	require.Equal(t, []version{{1, at(30)}}, versions(young.ID))
	require.Equal(t, []version{{1, at(1)}}, versions(theirs.ID))

	n, err = b.ForgetVersions(t.Context(), b.user, at(3.5))
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, want, versions(schedule.ID), "again, nothing happens")
}

func TestRunningRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, idle := b.addSchedule(t, "hourly"), b.addSchedule(t, "idle")
	b.ran(t, idle.ID, 1)
	run := b.begin(t, schedule.ID, "w", noon)
	running, err := b.RunningRuns(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, map[scrape.ScheduleID]scrape.RunID{schedule.ID: run.ID}, running)
	running, err = b.RunningRuns(t.Context(), "nobody")
	require.NoError(t, err)
	require.Equal(t, map[scrape.ScheduleID]scrape.RunID{}, running)
}
