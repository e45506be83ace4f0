package store

import (
	"context"

	"github.com/fossawork/scheduler/scrape"
)

const sqlLatestRuns = `
	SELECT r.*
	FROM unnest(@types::text[]) AS t (schedule_type)
	CROSS JOIN LATERAL (
		SELECT` + runColumns + `
		FROM scraping_history
		WHERE user_id = @user_id
		  AND schedule_type = t.schedule_type
		  AND ` + thatRan + `
		ORDER BY started_at DESC, id DESC
		LIMIT 1
	) AS r`

// LatestRuns finds a user's newest run of each of these job types, passing over slots that did not run, in one statement; never nil.
func (s *Store) LatestRuns(ctx context.Context, user scrape.UserID, types []scrape.JobType) ([]scrape.Run, error) {
	names := make([]string, 0, len(types))
	for _, job := range types {
		names = append(names, string(job))
	}
	rows, err := many[runRow](ctx, s.pool, sqlLatestRuns, args{"user_id": user, "types": names})
	return convert(rows, runRow.run), failed("list latest runs", err)
}

// A run may hold single locations back although others were applied. What a later run has brought in full makes a held result pointless.
// So does, for a result that was held as a whole, a later one of which anything was applied or which is held itself; for locations, a
// later reading of one of them: there is one thing to decide about, the newest.
const sqlHeldRuns = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE user_id = @user_id
	  AND completed_at IS NOT NULL
	  AND held_decision IS NULL
	  AND hidden_at IS NULL
	  AND id = ANY(ARRAY(
		SELECT h.id
		FROM scraping_history AS h
		WHERE h.user_id = @user_id
		  AND h.outcome = 'held'
		  AND h.held_decision IS NULL
		UNION
		SELECT r.run_id
		FROM run_sites AS r
		WHERE r.state = 'held'
	  ))
	  AND NOT EXISTS (
		SELECT
		FROM scraping_history AS later
		WHERE later.user_id = scraping_history.user_id
		  AND later.schedule_type = scraping_history.schedule_type
		  AND later.started_at > scraping_history.started_at
		  AND (later.outcome = 'success' OR later.outcome IN ('partial', 'held') AND NOT EXISTS (
			SELECT
			FROM run_sites AS r
			WHERE r.run_id = scraping_history.id
			  AND r.state = 'held'
		  ))
	  )
	  AND NOT EXISTS (
		SELECT
		FROM run_sites AS r
		JOIN run_sites AS newer
			ON newer.location_id = r.location_id
			AND newer.read_at > r.read_at
			AND newer.state IN ('stored', 'none', 'deleted', 'denied', 'held')
		JOIN scraping_history AS h
			ON h.id = newer.run_id
			AND h.user_id = @user_id
		WHERE r.run_id = scraping_history.id
		  AND r.state = 'held'
	  )
	ORDER BY started_at DESC, id DESC
	LIMIT @limit::bigint`

// HeldRuns lists a user's runs that hold a result back and wait for a decision, newest first; never nil.
func (s *Store) HeldRuns(ctx context.Context, user scrape.UserID, limit int) ([]scrape.Run, error) {
	rows, err := many[runRow](ctx, s.pool, sqlHeldRuns, args{"user_id": user, "limit": limit})
	return convert(rows, runRow.run), failed("list held runs", err)
}
