package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

// The words of scrape.Schedule.Status, as in the list of schedules.
const sqlScheduleTotals = `
	SELECT
		count(*) FILTER (WHERE s.consecutive_failures < @failed AND s.enabled) AS active,
		count(*) FILTER (WHERE s.consecutive_failures < @failed AND NOT s.enabled) AS paused,
		count(*) FILTER (WHERE s.consecutive_failures >= @failed) AS failed,
		count(*) FILTER (
			WHERE s.schedule_type = ANY (@portal_types::text[])
			AND COALESCE(c.state, '') NOT IN ('unverified', 'ok')
		) AS held
	FROM scraping_schedules AS s
	LEFT JOIN user_credentials AS c ON c.user_id = s.user_id AND c.service_name = 'workfossa'`

const sqlEndedRuns = `
	SELECT
		outcome,
		count(*) FILTER (WHERE completed_at > @hour_ago::timestamptz) AS last_hour,
		count(*) AS last_day
	FROM scraping_history
	WHERE completed_at > @day_ago::timestamptz
	  AND outcome IS NOT NULL
	GROUP BY outcome`

const sqlActivity = `
	SELECT
		(SELECT count(*) FROM scraping_history WHERE completed_at IS NULL) AS open,
		(SELECT count(*) FROM user_credentials WHERE last_login_at > @hour_ago::timestamptz) AS logins,
		lags.p50,
		lags.p99
	FROM (
		SELECT
			percentile_cont(0.5) WITHIN GROUP (ORDER BY lag) AS p50,
			percentile_cont(0.99) WITHIN GROUP (ORDER BY lag) AS p99
		FROM (
			SELECT EXTRACT(epoch FROM started_at - nominal_at)::double precision AS lag
			FROM scraping_history
			WHERE started_at > @day_ago::timestamptz
			  AND trigger_type = 'scheduled'
			  AND nominal_at IS NOT NULL
			  AND (outcome IS NULL OR outcome = ANY (@ran::text[]))
		) AS started
	) AS lags`

// Totals counts everybody's schedules and runs, as they are at that moment.
func (s *Store) Totals(ctx context.Context, now time.Time) (scrape.Totals, error) {
	type schedulesRow struct {
		Active int `db:"active"`
		Paused int `db:"paused"`
		Failed int `db:"failed"`
		Held   int `db:"held"`
	}
	type endedRow struct {
		Outcome  scrape.Outcome `db:"outcome"`
		LastHour int            `db:"last_hour"`
		LastDay  int            `db:"last_day"`
	}
	type activityRow struct {
		Open   int      `db:"open"`
		Logins int      `db:"logins"`
		P50    *float64 `db:"p50"`
		P99    *float64 `db:"p99"`
	}
	totals := scrape.Totals{LastHour: map[scrape.Outcome]int{}, LastDay: map[scrape.Outcome]int{}}
	hourAgo, dayAgo := now.Add(-time.Hour), now.Add(-24*time.Hour)
	err := s.inSnapshot(ctx, func(tx pgx.Tx) error {
		schedules, err := one[schedulesRow](ctx, tx, sqlScheduleTotals, args{"failed": scrape.FailuresUntilFailed, "portal_types": portalTypes()})
		if err != nil {
			return fmt.Errorf("count schedules: %w", err)
		}
		totals.Schedules = scrape.ScheduleTotals(schedules)
		ended, err := many[endedRow](ctx, tx, sqlEndedRuns, args{"hour_ago": hourAgo, "day_ago": dayAgo})
		if err != nil {
			return fmt.Errorf("count ended runs: %w", err)
		}
		for _, row := range ended {
			totals.LastDay[row.Outcome] = row.LastDay
			if row.LastHour > 0 {
				totals.LastHour[row.Outcome] = row.LastHour
			}
		}
		active, err := one[activityRow](ctx, tx, sqlActivity, args{
			"hour_ago": hourAgo, "day_ago": dayAgo, "ran": outcomesThat(scrape.Outcome.Ran),
		})
		if err != nil {
			return fmt.Errorf("count open runs: %w", err)
		}
		totals.Open, totals.Logins = active.Open, active.Logins
		totals.LagP50, totals.LagP99 = secondsOrNil(active.P50), secondsOrNil(active.P99)
		return nil
	})
	return totals, failed("read totals", err)
}

func secondsOrNil(n *float64) *time.Duration {
	if n == nil {
		return nil
	}
	d := seconds(*n)
	return &d
}

// Held and overdue cut across the statuses, as in the list of one's own schedules; of the overdue it gives all that could be.
const sqlEverySchedule = `
	SELECT
		s.*,
		u.email AS owner
	FROM (
		SELECT` + scheduleColumns + `
		FROM scraping_schedules
		WHERE id > @after
		  AND CASE @status::text
			WHEN 'failed' THEN consecutive_failures >= @failed
			WHEN 'active' THEN consecutive_failures < @failed AND enabled
			WHEN 'paused' THEN consecutive_failures < @failed AND NOT enabled
			ELSE true
		  END
	) AS s
	JOIN users AS u ON u.id = s.user_id
	WHERE (@status <> 'held' OR (s.schedule_type = ANY (@portal_types::text[]) AND s.credential_state NOT IN ('unverified', 'ok')))
	  AND (@status <> 'overdue' OR (s.enabled AND s.suspended_at IS NULL AND s.accounted_at < @accounted_before::timestamptz))
	  AND (@query::text = '' OR position(lower(@query) IN lower(s.name)) > 0 OR position(lower(@query) IN lower(u.email)) > 0)
	ORDER BY s.id
	LIMIT @limit::bigint`

// EverySchedule lists a page of everybody's schedules by id, as far as the filter lets them through; its query is also looked for in the
// owner's e-mail address. Never nil. next is what the filter's After is for the page that follows; 0 at the end.
func (s *Store) EverySchedule(
	ctx context.Context, filter scrape.ScheduleFilter,
) (found []scrape.OwnedSchedule, next scrape.ScheduleID, err error) {
	type ownedRow struct {
		scheduleRow
		Owner string `db:"owner"`
	}
	limit := max(filter.Limit, 1)
	rows, err := many[ownedRow](ctx, s.pool, sqlEverySchedule, args{
		"after": filter.After, "status": filter.Status, "query": storable(filter.Query), "failed": scrape.FailuresUntilFailed,
		"portal_types": portalTypes(), "limit": limit + 1, // the one too many tells that there is more
		"accounted_before": filter.AccountedBefore,
	})
	if err == nil && len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	return convert(rows, func(row ownedRow) scrape.OwnedSchedule {
		return scrape.OwnedSchedule{Owner: row.Owner, Schedule: row.schedule()}
	}), next, failed("list everybody's schedules", err)
}
