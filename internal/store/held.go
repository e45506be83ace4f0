package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

const sqlLockUserRun = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE id = @id
	  AND user_id = @user_id
	FOR UPDATE`

const sqlNewerApplied = `
	SELECT EXISTS (
		SELECT
		FROM scraping_history AS newer
		WHERE newer.user_id = @user_id
		  AND newer.schedule_type = @schedule_type
		  AND newer.id <> @id
		  AND newer.started_at >= @started_at
		  AND newer.applied_outcome IN ('success', 'partial')
	)`

const sqlAcceptHeld = `
	UPDATE scraping_history
	SET
		outcome         = @outcome,
		success         = true,
		error_message   = NULLIF(@message, ''),
		applied_outcome = @outcome,
		applied_message = NULLIF(@message, ''),
		applied_at      = @at,
		held_decision   = 'accepted',
		held_decided_at = @at,
		held_decided_by = @by,
		items_processed = @processed,
		items_added     = @added,
		items_updated   = @updated,
		items_unchanged = @unchanged,
		items_removed   = @removed,
		items_failed    = @failed
	WHERE id = @id
	RETURNING` + runColumns

const sqlDiscardHeld = `
	UPDATE scraping_history
	SET
		held_decision   = 'discarded',
		held_decided_at = @at,
		held_decided_by = @by
	WHERE id = @id
	RETURNING` + runColumns

const sqlForgiveSchedule = `
	UPDATE scraping_schedules
	SET consecutive_failures = 0
	WHERE id = @id`

// AcceptHeld applies a held result by the rule plan, all or nothing, and forgets the failures of the run's schedule. It is a conflict
// when the run is not held, when it was decided already, and when a newer run has been applied since: its data is the better one.
func (s *Store) AcceptHeld(
	ctx context.Context, user scrape.UserID, id scrape.RunID, at time.Time,
	plan func(stored []scrape.WorkOrder, pages []scrape.ListPage) scrape.Plan,
) (scrape.Run, error) {
	var accepted scrape.Run
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		run, err := lockHeld(ctx, tx, user, id)
		if err != nil {
			return err
		}
		if err := lockUntilCommit(ctx, tx, fmt.Sprintf("work_orders:%s", user)); err != nil {
			return err
		}
		newer, err := scalar[bool](ctx, tx, sqlNewerApplied, args{
			"id": id, "user_id": user, "schedule_type": run.JobType, "started_at": run.StartedAt,
		})
		if err != nil {
			return err
		}
		if newer {
			return scrape.Errorf(scrape.KindConflict, "A newer run has brought data since, so this result is out of date. Discard it.")
		}
		stored, err := many[orderRow](ctx, tx, sqlStoredWorkOrders, args{"user_id": user})
		if err != nil {
			return err
		}
		pages, err := readPages(ctx, tx, id)
		if err != nil {
			return err
		}
		result := plan(convert(stored, orderRow.workOrder), pages)
		if err := carryOut(ctx, tx, user, id, result); err != nil {
			return err
		}
		row, err := one[runRow](ctx, tx, sqlAcceptHeld, args{
			"id": id, "at": at, "by": user, "outcome": result.Outcome, "message": storable(result.Message),
			"processed": result.Counts.Processed, "added": result.Counts.Added, "updated": result.Counts.Updated,
			"unchanged": result.Counts.Unchanged, "removed": result.Counts.Removed, "failed": result.Counts.Failed,
		})
		if err != nil {
			return err
		}
		accepted = row.run()
		_, err = execute(ctx, tx, sqlForgiveSchedule, args{"id": run.ScheduleID})
		return err
	})
	return accepted, failed("accept held result", err)
}

// DiscardHeld drops a held result. It is a conflict when the run is not held or was decided already.
func (s *Store) DiscardHeld(ctx context.Context, user scrape.UserID, id scrape.RunID, at time.Time) (scrape.Run, error) {
	var discarded scrape.Run
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockHeld(ctx, tx, user, id); err != nil {
			return err
		}
		if _, err := execute(ctx, tx, sqlDeletePages, args{"run_id": id}); err != nil {
			return err
		}
		row, err := one[runRow](ctx, tx, sqlDiscardHeld, args{"id": id, "at": at, "by": user})
		discarded = row.run()
		return err
	})
	if err != nil {
		return scrape.Run{}, failed("discard held result", err)
	}
	return discarded, nil
}

// lockHeld finds a user's run and makes sure that there is something to decide.
func lockHeld(ctx context.Context, tx pgx.Tx, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	row, err := one[runRow](ctx, tx, sqlLockUserRun, args{"id": id, "user_id": user})
	if errors.Is(err, pgx.ErrNoRows) {
		return scrape.Run{}, scrape.Errorf(scrape.KindNotFound, runNotFound)
	}
	if err != nil {
		return scrape.Run{}, err
	}
	switch run := row.run(); {
	case run.Decision != "":
		return scrape.Run{}, scrape.Errorf(scrape.KindConflict, "This result was %s already.", run.Decision)
	case run.Outcome != scrape.OutcomeHeld:
		return scrape.Run{}, scrape.Errorf(scrape.KindConflict, "This run holds nothing back that could be accepted or discarded.")
	default:
		return run, nil
	}
}
