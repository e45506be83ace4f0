package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// typicalRuns is how many of a schedule's newest good runs say how long they usually take: some days of an hourly one.
const typicalRuns = 100

// A schedule that is being deleted is waited for, and is then no part of the page.
const sqlRefreshDurations = `
	WITH page AS (
		SELECT id
		FROM scraping_schedules
		WHERE id > @after
		ORDER BY id
		LIMIT @limit::bigint
		FOR KEY SHARE
	),
	kept AS (
		INSERT INTO schedule_statistics AS s (schedule_id, runs, p50_seconds, p95_seconds)
		SELECT
			page.id,
			count(*),
			percentile_cont(0.5) WITHIN GROUP (ORDER BY newest.duration_seconds),
			percentile_cont(0.95) WITHIN GROUP (ORDER BY newest.duration_seconds)
		FROM page
		CROSS JOIN LATERAL (
			SELECT duration_seconds
			FROM scraping_history
			WHERE schedule_id = page.id
			  AND outcome = ANY (@outcomes::text[])
			  AND duration_seconds IS NOT NULL
			ORDER BY started_at DESC, id DESC
			LIMIT @runs::bigint
		) AS newest
		GROUP BY page.id
		ON CONFLICT (schedule_id) DO UPDATE
		SET
			runs        = EXCLUDED.runs,
			p50_seconds = EXCLUDED.p50_seconds,
			p95_seconds = EXCLUDED.p95_seconds,
			updated_at  = EXCLUDED.updated_at
		RETURNING schedule_id
	)
	SELECT
		COALESCE((SELECT max(id) FROM page), 0) AS last,
		(SELECT count(*) FROM kept) AS refreshed`

// RefreshDurations computes anew how long the runs of the next limit schedules behind after usually take. It tells the last schedule that
// it looked at, 0 when there is none left, and for how many there was something to compute.
func (s *Store) RefreshDurations(
	ctx context.Context, after scrape.ScheduleID, limit int,
) (last scrape.ScheduleID, refreshed int, err error) {
	type pageRow struct {
		Last      scrape.ScheduleID `db:"last"`
		Refreshed int               `db:"refreshed"`
	}
	row, err := one[pageRow](ctx, s.pool, sqlRefreshDurations, args{
		"after": after, "limit": limit, "runs": typicalRuns, "outcomes": outcomesThat(scrape.Outcome.Succeeded),
	})
	return row.Last, row.Refreshed, failed("refresh durations", err)
}

// outcomesThat lists the outcomes of which something holds.
func outcomesThat(holds func(scrape.Outcome) bool) []string {
	words := []string{}
	for _, outcome := range scrape.Outcomes() {
		if holds(outcome) {
			words = append(words, string(outcome))
		}
	}
	return words
}

// The totals count each run at its end and outlive it, so they are never below what history holds unless something was lost or imported.
const sqlRefreshTotals = `
	INSERT INTO scraping_statistics AS s (
		user_id,
		schedule_type,
		total_runs,
		successful_runs,
		failed_runs,
		total_items_processed,
		total_items_added,
		total_items_updated,
		avg_duration_seconds,
		avg_items_per_run,
		first_run,
		last_successful_run,
		last_failed_run,
		updated_at
	)
	SELECT
		user_id,
		schedule_type,
		count(*),
		count(*) FILTER (WHERE success),
		count(*) FILTER (WHERE NOT success),
		sum(items_processed),
		sum(items_added),
		sum(items_updated),
		COALESCE(avg(duration_seconds), 0),
		avg(items_processed),
		min(started_at),
		max(completed_at) FILTER (WHERE success),
		max(completed_at) FILTER (WHERE NOT success),
		now()
	FROM scraping_history
	WHERE user_id = ANY (@users::text[])
	  AND outcome = ANY (@outcomes::text[])
	GROUP BY user_id, schedule_type
	ON CONFLICT (user_id, schedule_type) DO UPDATE
	SET
		total_runs            = EXCLUDED.total_runs,
		successful_runs       = EXCLUDED.successful_runs,
		failed_runs           = EXCLUDED.failed_runs,
		total_items_processed = EXCLUDED.total_items_processed,
		total_items_added     = EXCLUDED.total_items_added,
		total_items_updated   = EXCLUDED.total_items_updated,
		avg_duration_seconds  = EXCLUDED.avg_duration_seconds,
		avg_items_per_run     = EXCLUDED.avg_items_per_run,
		first_run             = LEAST(s.first_run, EXCLUDED.first_run),
		last_successful_run   = GREATEST(s.last_successful_run, EXCLUDED.last_successful_run),
		last_failed_run       = GREATEST(s.last_failed_run, EXCLUDED.last_failed_run),
		updated_at            = EXCLUDED.updated_at
	WHERE s.total_runs < EXCLUDED.total_runs`

// RefreshTotals brings the statistics of these users up to their history where they are behind it, as after an import, and tells how many
// rows were. Totals that know of more runs than history still has stay as they are: those runs were forgotten, not undone.
func (s *Store) RefreshTotals(ctx context.Context, users []scrape.UserID) (int, error) {
	ids := make([]string, 0, len(users))
	for _, user := range users {
		ids = append(ids, string(user))
	}
	n, err := execute(ctx, s.pool, sqlRefreshTotals, args{"users": ids, "outcomes": outcomesThat(scrape.Outcome.Ran)})
	return n, failed("refresh statistics", err)
}

const sqlUsualDurations = `
	SELECT
		t.schedule_id,
		t.runs,
		t.p50_seconds,
		t.p95_seconds,
		t.updated_at
	FROM schedule_statistics AS t
	JOIN scraping_schedules AS s ON s.id = t.schedule_id
	WHERE s.user_id = @user_id`

// UsualDurations tells how long the runs of a user's schedules usually take; never nil, and without the schedules of which nothing is known.
func (s *Store) UsualDurations(ctx context.Context, user scrape.UserID) (map[scrape.ScheduleID]scrape.Durations, error) {
	type durationsRow struct {
		ID        scrape.ScheduleID `db:"schedule_id"`
		Runs      int               `db:"runs"`
		P50       float64           `db:"p50_seconds"`
		P95       float64           `db:"p95_seconds"`
		UpdatedAt time.Time         `db:"updated_at"`
	}
	rows, err := many[durationsRow](ctx, s.pool, sqlUsualDurations, args{"user_id": user})
	found := make(map[scrape.ScheduleID]scrape.Durations, len(rows))
	for _, row := range rows {
		found[row.ID] = scrape.Durations{Runs: row.Runs, P50: seconds(row.P50), P95: seconds(row.P95), At: row.UpdatedAt}
	}
	return found, failed("read statistics", err)
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
