package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// longestRun is how much earlier a run may have begun that was still going in a time.
const longestRun = 48 * time.Hour

const sqlLedgerRuns = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE schedule_id = @schedule_id
	  AND (
		(trigger_type = 'scheduled' AND nominal_at >= @from AND nominal_at < @to)
		OR (started_at >= @begin AND started_at < @to)
		OR completed_at IS NULL
	  )
	ORDER BY started_at, id
	LIMIT @limit::bigint`

// LedgerRuns lists the runs of a schedule that were due or going in a time, with slots that did not run and with those that people have
// deleted from their history.
func (s *Store) LedgerRuns(ctx context.Context, id scrape.ScheduleID, from, to time.Time, limit int) ([]scrape.Run, error) {
	rows, err := many[runRow](ctx, s.pool, sqlLedgerRuns, args{
		"schedule_id": id,
		"from":        from,
		"to":          to,
		"begin":       from.Add(-longestRun),
		"limit":       limit,
	})
	return convert(rows, runRow.run), failed("list runs of slots", err)
}
