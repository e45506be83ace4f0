package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestTotals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := at(60 * 48)
	totals, err := b.Totals(t.Context(), now)
	require.NoError(t, err)
	require.Equal(t, scrape.Totals{LastHour: map[scrape.Outcome]int{}, LastDay: map[scrape.Outcome]int{}}, totals)

	active, paused, broken := b.addSchedule(t, "active"), b.addSchedule(t, "paused"), b.addSchedule(t, "broken")
	b.exec(t, "UPDATE scraping_schedules SET enabled = false WHERE id = $1", paused.ID)
	b.exec(t, "UPDATE scraping_schedules SET consecutive_failures = 5 WHERE id = $1", broken.ID)
	stranger := b.addUser(t, "stranger@example.com")
	b.exec(t, `INSERT INTO user_credentials (user_id, encrypted_username, encrypted_password, state, last_login_at) VALUES ($1, 'x', 'x', 'ok', $2)`,
		stranger, now.Add(-59*time.Minute))
	b.exec(t, `INSERT INTO scraping_schedules (user_id, schedule_type, name) VALUES ($1, 'work_orders', 'fine')`, stranger)
	b.exec(t, `INSERT INTO scraping_schedules (user_id, schedule_type, name) VALUES ($1, 'filters', 'needs no login')`, b.user)
	ago := func(id scrape.ScheduleID, name string, ago, lag time.Duration, outcome scrape.Outcome) {
		b.exec(t, `INSERT INTO scraping_history (user_id, schedule_type, schedule_id, workflow_id, nominal_at, started_at, completed_at, outcome)
			VALUES ($1, 'work_orders', $2, $3, $4, $5, $6, $7)`, b.user, id, name, now.Add(-ago), now.Add(-ago+lag), now.Add(-ago+lag+time.Minute), outcome)
	}
	ago(active.ID, "yesterday", 25*time.Hour, time.Hour/2, scrape.OutcomeSuccess)
	ago(active.ID, "a", 20*time.Hour, time.Second, scrape.OutcomeSuccess)
	ago(active.ID, "b", 10*time.Hour, 3*time.Second, scrape.OutcomePortalDown)
	ago(active.ID, "c", 30*time.Minute, 2*time.Second, scrape.OutcomeSuccess)
	ago(active.ID, "d", 20*time.Minute, time.Hour/4, scrape.OutcomeSkippedOverlap)
	b.begin(t, active.ID, "going", now.Add(-time.Hour).Truncate(time.Minute).Add(2*time.Second))

	totals, err = b.Totals(t.Context(), now)
	require.NoError(t, err)
	require.Equal(t, scrape.ScheduleTotals{Active: 3, Paused: 1, Failed: 1, Held: 3}, totals.Schedules)
	require.Equal(t, 1, totals.Open)
	require.Equal(t, map[scrape.Outcome]int{scrape.OutcomeSuccess: 1, scrape.OutcomeSkippedOverlap: 1}, totals.LastHour)
	require.Equal(t, map[scrape.Outcome]int{scrape.OutcomeSuccess: 2, scrape.OutcomePortalDown: 1, scrape.OutcomeSkippedOverlap: 1}, totals.LastDay)
	require.Equal(t, 2*time.Second, *totals.LagP50)
	require.InDelta(t, 2.97, totals.LagP99.Seconds(), 0.001)
	require.Equal(t, 1, totals.Logins)
}

func TestEverySchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hourly, nightly := b.addSchedule(t, "Hourly"), b.addSchedule(t, "nightly")
	b.exec(t, "UPDATE scraping_schedules SET enabled = false WHERE id = $1", nightly.ID)
	stranger := b.addUser(t, "stranger@example.com")
	b.exec(t, `INSERT INTO scraping_schedules (user_id, schedule_type, name) VALUES ($1, 'filters', 'boxes')`, stranger)
	b.exec(t, "UPDATE scraping_schedules SET updated_at = '2026-01-01' WHERE name <> 'boxes'")
	b.exec(t, "UPDATE scraping_schedules SET updated_at = '2026-01-03' WHERE name = 'boxes'")
	overdue := scrape.ScheduleFilter{Status: scrape.StatusOverdue, AccountedBefore: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}
	for name, test := range map[string]struct {
		filter scrape.ScheduleFilter
		want   []string
	}{
		"could be overdue": {overdue, []string{"tech@example.com Hourly"}},
		"all":              {scrape.ScheduleFilter{}, []string{"tech@example.com Hourly", "tech@example.com nightly", "stranger@example.com boxes"}},
		"by name":          {scrape.ScheduleFilter{Query: "hOUR"}, []string{"tech@example.com Hourly"}},
		"by owner":         {scrape.ScheduleFilter{Query: "Stranger@"}, []string{"stranger@example.com boxes"}},
		"no pattern":       {scrape.ScheduleFilter{Query: "%"}, []string{}},
		"active":           {scrape.ScheduleFilter{Status: scrape.StatusActive}, []string{"tech@example.com Hourly", "stranger@example.com boxes"}},
		"paused":           {scrape.ScheduleFilter{Status: scrape.StatusPaused}, []string{"tech@example.com nightly"}},
		"failed":           {scrape.ScheduleFilter{Status: scrape.StatusFailed}, []string{}},
		"held":             {scrape.ScheduleFilter{Status: scrape.StatusHeld}, []string{"tech@example.com Hourly", "tech@example.com nightly"}},
		"held and name":    {scrape.ScheduleFilter{Status: scrape.StatusHeld, Query: "night"}, []string{"tech@example.com nightly"}},
	} {
		for _, limit := range []int{1, 2, 200} {
			filter, got := test.filter, []string{}
			for {
				filter.Limit = limit
				found, next, err := b.EverySchedule(t.Context(), filter)
				require.NoError(t, err)
				for _, owned := range found {
					got = append(got, owned.Owner+" "+owned.Schedule.Name)
				}
				if next == 0 {
					break
				}
				filter.After = next
			}
			require.Equal(t, test.want, got, "%s, %d at a time", name, limit)
		}
	}
	found, _, err := b.EverySchedule(t.Context(), scrape.ScheduleFilter{Limit: 1})
	require.NoError(t, err)
	whole, err := b.Schedule(t.Context(), hourly.ID)
	require.NoError(t, err)
	require.Equal(t, whole, found[0].Schedule, "the row as it is shown alone")
}
