package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Days come with their bounds: the database need not know the zone's rules, and its index on the time of the start does the rest.
const sqlDayCounts = `
	SELECT
		d.schedule_type,
		d.date,
		COALESCE(h.outcome, '') AS outcome,
		count(*) AS runs,
		max(h.started_at) AS newest
	FROM unnest(@types::text[], @dates::text[], @from::timestamptz[], @to::timestamptz[]) AS d (schedule_type, date, day_from, day_to)
	JOIN scraping_history AS h
		ON  h.user_id = @user_id
		AND h.schedule_type = d.schedule_type
		AND h.started_at >= d.day_from
		AND h.started_at < d.day_to
	WHERE h.hidden_at IS NULL
	GROUP BY d.schedule_type, d.date, h.outcome`

// DayCounts counts a user's runs on these days by their outcomes, slots that did not run included; never nil, in no order.
func (s *Store) DayCounts(ctx context.Context, user scrape.UserID, days []scrape.Day) ([]scrape.DayCount, error) {
	type countRow struct {
		JobType scrape.JobType `db:"schedule_type"`
		Date    string         `db:"date"`
		Outcome scrape.Outcome `db:"outcome"`
		Runs    int            `db:"runs"`
		Newest  time.Time      `db:"newest"`
	}
	rows, err := many[countRow](ctx, s.pool, sqlDayCounts, args{
		"user_id": user,
		"types":   convert(days, func(d scrape.Day) string { return string(d.JobType) }),
		"dates":   convert(days, func(d scrape.Day) string { return d.Date }),
		"from":    convert(days, func(d scrape.Day) time.Time { return d.From }),
		"to":      convert(days, func(d scrape.Day) time.Time { return d.To }),
	})
	return convert(rows, func(row countRow) scrape.DayCount { return scrape.DayCount(row) }), failed("count runs of days", err)
}

const sqlRunsSince = `
	SELECT
		schedule_type,
		count(*) AS runs,
		count(*) FILTER (WHERE outcome = ANY (@failures::text[])) AS failed,
		sum(items_added) AS added,
		sum(items_updated) AS updated,
		sum(items_removed) AS removed
	FROM scraping_history
	WHERE user_id = @user_id
	  AND started_at > @begin::timestamptz
	  AND completed_at > @since::timestamptz
	  AND ` + thatRan + `
	GROUP BY schedule_type`

// RunsSince sums up a user's runs that ended after a moment, by job type; never nil, and without the types that had none.
func (s *Store) RunsSince(ctx context.Context, user scrape.UserID, since time.Time) ([]scrape.RunsSince, error) {
	type sinceRow struct {
		JobType scrape.JobType `db:"schedule_type"`
		Runs    int            `db:"runs"`
		Failed  int            `db:"failed"`
		Added   int            `db:"added"`
		Updated int            `db:"updated"`
		Removed int            `db:"removed"`
	}
	rows, err := many[sinceRow](ctx, s.pool, sqlRunsSince, args{
		"user_id": user, "since": since, "begin": since.Add(-longestRun), "failures": words(scrape.OutcomesThatFailed()),
	})
	return convert(rows, func(row sinceRow) scrape.RunsSince { return scrape.RunsSince(row) }), failed("sum up runs", err)
}
