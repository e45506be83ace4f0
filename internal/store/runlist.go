package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

const sqlRunList = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE user_id = @user_id
	  AND ` + thatRan + `
	  AND (started_at, id) < (@before::timestamptz, @before_id::bigint)
	  AND started_at >= @from::timestamptz
	  AND (@schedule_id::bigint = 0 OR schedule_id = @schedule_id)
	  AND (@schedule_type::text = '' OR schedule_type = @schedule_type)
	  AND (cardinality(@triggers::text[]) = 0 OR trigger_type = ANY (@triggers))
	  AND (NOT @by_outcome::boolean OR outcome = ANY (@outcomes::text[]) OR (@running::boolean AND completed_at IS NULL))
	ORDER BY started_at DESC, id DESC
	LIMIT @limit::bigint`

// endOfTime is later than every run, so that a list without a bound needs no statement of its own.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// RunList lists a page of a user's runs, newest first, as far as the filter lets them through; never nil. Slots that did not run and deleted
// runs are left out. next is what the filter's After is for the page that follows; nil at the end.
func (s *Store) RunList(
	ctx context.Context, user scrape.UserID, filter scrape.RunFilter,
) (runs []scrape.Run, next *scrape.RunCursor, err error) {
	before := scrape.RunCursor{StartedAt: or(filter.To, endOfTime)}
	if after := filter.After; after != nil && after.StartedAt.Before(before.StartedAt) {
		before = *after
	}
	limit := max(filter.Limit, 1)
	rows, err := many[runRow](ctx, s.pool, sqlRunList, args{
		"user_id": user, "before": before.StartedAt, "before_id": before.ID, "from": filter.From, "schedule_id": filter.ScheduleID,
		"schedule_type": filter.JobType, "triggers": words(filter.Triggers), "outcomes": words(filter.Outcomes), "running": filter.Running,
		"by_outcome": filter.Running || len(filter.Outcomes) > 0, "limit": limit + 1, // the one too many tells that there is more
	})
	if err == nil && len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = &scrape.RunCursor{StartedAt: last.StartedAt, ID: last.ID}
	}
	return convert(rows, runRow.run), next, failed("list runs", err)
}

// words are words of ours as plain texts; never nil.
func words[W ~string](list []W) []string {
	return convert(list, func(word W) string { return string(word) })
}

const sqlRecentRuns = `
	SELECT
		s.id AS schedule_id,
		COALESCE(t.p50_seconds, 0) AS p50_seconds,
		COALESCE(t.p95_seconds, 0) AS p95_seconds,
		COALESCE(r.id, 0) AS run_id,
		COALESCE(r.nominal_at, r.started_at) AS nominal_at,
		COALESCE(r.outcome, '') AS outcome,
		COALESCE(EXTRACT(epoch FROM r.completed_at - r.started_at), 0)::double precision AS seconds
	FROM unnest(@ids::bigint[]) WITH ORDINALITY AS asked (id, place)
	JOIN scraping_schedules AS s ON s.id = asked.id AND s.user_id = @user_id
	LEFT JOIN schedule_statistics AS t ON t.schedule_id = s.id
	LEFT JOIN LATERAL (
		SELECT
			id,
			nominal_at,
			started_at,
			completed_at,
			outcome
		FROM scraping_history
		WHERE schedule_id = s.id
		  AND ` + thatRan + `
		ORDER BY started_at DESC, id DESC
		LIMIT @count::bigint
	) AS r ON true
	ORDER BY asked.place, r.started_at, r.id`

// RecentRuns tells how the newest runs of a user's schedules ended, in the order of the ids, each of which must be there once; never nil.
// Schedules that are not the user's are left out.
func (s *Store) RecentRuns(
	ctx context.Context, user scrape.UserID, ids []scrape.ScheduleID, count int,
) ([]scrape.RecentRuns, error) {
	type recentRow struct {
		ScheduleID scrape.ScheduleID `db:"schedule_id"`
		P50        float64           `db:"p50_seconds"`
		P95        float64           `db:"p95_seconds"`
		RunID      scrape.RunID      `db:"run_id"`
		NominalAt  *time.Time        `db:"nominal_at"`
		Outcome    scrape.Outcome    `db:"outcome"`
		Seconds    float64           `db:"seconds"`
	}
	rows, err := many[recentRow](ctx, s.pool, sqlRecentRuns, args{"user_id": user, "ids": ids, "count": count})
	found := []scrape.RecentRuns{}
	for _, row := range rows {
		if len(found) == 0 || found[len(found)-1].ScheduleID != row.ScheduleID {
			found = append(found, scrape.RecentRuns{ScheduleID: row.ScheduleID, P50: seconds(row.P50), P95: seconds(row.P95)})
		}
		if row.NominalAt == nil { // it has none
			continue
		}
		of := &found[len(found)-1]
		of.Runs = append(of.Runs, scrape.RecentRun{
			ID: row.RunID, NominalAt: *row.NominalAt, Outcome: row.Outcome, Duration: seconds(row.Seconds),
		})
	}
	return found, failed("list recent runs", err)
}
