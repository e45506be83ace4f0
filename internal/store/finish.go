package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

const sqlSetProgress = `
	UPDATE scraping_history
	SET progress = @progress::jsonb || jsonb_build_object('percentage', GREATEST(
		(progress ->> 'percentage')::double precision,
		@percentage::double precision
	))
	WHERE id = @id
	  AND completed_at IS NULL`

// SetProgress notes how far a run has come. The percentage never falls, and a run that has ended keeps its last progress.
func (s *Store) SetProgress(ctx context.Context, id scrape.RunID, progress scrape.Progress) error {
	doc := progressDoc(progress)
	doc.Message = storable(doc.Message)
	_, err := execute(ctx, s.pool, sqlSetProgress, args{
		"id":         id,
		"progress":   doc,
		"percentage": min(max(doc.Percentage, 0), 100),
	})
	return failed("set progress", err)
}

// closingMessage names the person who asked for the end of a run.
const closingMessage = `CASE
			WHEN @outcome::text = 'cancelled' AND cancel_requested_by <> '' THEN 'Cancelled by ' || cancel_requested_by || '.'
			ELSE @error_message::text
		END`

const sqlCloseRun = `
	UPDATE scraping_history
	SET
		completed_at     = @at::timestamptz,
		outcome          = @outcome,
		success          = @success::boolean,
		error_message    = NULLIF(` + closingMessage + `, ''),
		error_detail     = NULLIF(@error_detail, ''),
		duration_seconds = GREATEST(0, EXTRACT(EPOCH FROM @at - started_at)),
		progress         = progress || jsonb_build_object(
			'phase', @phase::text,
			'percentage', CASE WHEN @success THEN 100 ELSE COALESCE((progress ->> 'percentage')::double precision, 0) END,
			'message', ` + closingMessage + `
		)
	WHERE id = @id
	  AND completed_at IS NULL
	RETURNING` + runColumns

const sqlCountRun = `
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
		1,
		CASE WHEN success THEN 1 ELSE 0 END,
		CASE WHEN success THEN 0 ELSE 1 END,
		items_processed,
		items_added,
		items_updated,
		duration_seconds,
		items_processed,
		started_at,
		CASE WHEN success THEN completed_at END,
		CASE WHEN NOT success THEN completed_at END,
		now()
	FROM scraping_history
	WHERE id = @id
	ON CONFLICT (user_id, schedule_type) DO UPDATE
	SET
		total_runs            = s.total_runs + 1,
		successful_runs       = s.successful_runs + EXCLUDED.successful_runs,
		failed_runs           = s.failed_runs + EXCLUDED.failed_runs,
		total_items_processed = s.total_items_processed + EXCLUDED.total_items_processed,
		total_items_added     = s.total_items_added + EXCLUDED.total_items_added,
		total_items_updated   = s.total_items_updated + EXCLUDED.total_items_updated,
		avg_duration_seconds  = (s.avg_duration_seconds * s.total_runs + EXCLUDED.avg_duration_seconds) / (s.total_runs + 1),
		avg_items_per_run     = (s.avg_items_per_run * s.total_runs + EXCLUDED.avg_items_per_run) / (s.total_runs + 1),
		first_run             = LEAST(s.first_run, EXCLUDED.first_run),
		last_successful_run   = GREATEST(s.last_successful_run, EXCLUDED.last_successful_run),
		last_failed_run       = GREATEST(s.last_failed_run, EXCLUDED.last_failed_run),
		updated_at            = EXCLUDED.updated_at`

// FinishRun closes a run and counts it: last run and failures of its schedule, which they may suspend or resume, and the user's statistics.
// It may be repeated: a run that has ended is returned as it is, and the first end stands. A run that did not ask the portal is closed and not
// counted. The counts are those that were stored when the result was applied; what waits to be applied goes, unless a
// person can still decide about it.
func (s *Store) FinishRun(ctx context.Context, id scrape.RunID, end scrape.RunEnd, at time.Time) (scrape.Run, error) {
	var run scrape.Run
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		run, err = finishRun(ctx, tx, id, end, at)
		return err
	})
	if err != nil {
		return scrape.Run{}, failed("finish run", err)
	}
	return run, nil
}

const sqlNoteOpenUntil = `
	UPDATE scraping_history
	SET open_until = GREATEST(open_until, completed_at, @until::timestamptz)
	WHERE workflow_id = @workflow_id
	  AND completed_at IS NOT NULL`

// NoteOpenUntil notes that a run which has ended was open in Temporal until then. It does nothing for one that has no row or has not ended.
func (s *Store) NoteOpenUntil(ctx context.Context, workflowID string, until time.Time) error {
	_, err := execute(ctx, s.pool, sqlNoteOpenUntil, args{"workflow_id": workflowID, "until": until})
	return failed("note end of workflow", err)
}

func finishRun(ctx context.Context, tx pgx.Tx, id scrape.RunID, end scrape.RunEnd, at time.Time) (scrape.Run, error) {
	row, err := one[runRow](ctx, tx, sqlCloseRun, args{
		"id":            id,
		"at":            at,
		"outcome":       end.Outcome,
		"success":       end.Outcome.Succeeded(),
		"phase":         lastPhase(end.Outcome),
		"error_message": storable(end.ErrorMessage),
		"error_detail":  storable(end.ErrorDetail),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return readRun(ctx, tx, sqlRun, args{"id": id})
	}
	if err != nil {
		return scrape.Run{}, err
	}
	run := row.run()
	return run, countRun(ctx, tx, run, end.Excused)
}

func countRun(ctx context.Context, tx pgx.Tx, run scrape.Run, excused bool) error {
	if run.Outcome != scrape.OutcomeHeld {
		if _, err := execute(ctx, tx, sqlDeletePages, args{"run_id": run.ID}); err != nil {
			return err
		}
	}
	if run.Outcome != scrape.OutcomeHeld && !run.Outcome.Succeeded() {
		if _, err := execute(ctx, tx, sqlDropSiteResults, args{"run_id": run.ID}); err != nil {
			return err
		}
	}
	if !run.Outcome.Ran() {
		return nil
	}
	if err := scheduleRan(ctx, tx, run, excused); err != nil {
		return err
	}
	_, err := execute(ctx, tx, sqlCountRun, args{"id": run.ID})
	return err
}

func lastPhase(outcome scrape.Outcome) scrape.Phase {
	if outcome.Succeeded() {
		return scrape.PhaseCompleted
	}
	return scrape.PhaseError
}
