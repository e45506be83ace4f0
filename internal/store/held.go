package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/jobs"
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
		success         = @success,
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
	SET
		consecutive_failures = 0,
		suspended_at         = NULL,
		probe_at             = NULL,
		probes               = 0,
		revision             = revision + CASE WHEN suspended_at IS NULL THEN 0 ELSE 1 END
	WHERE id = @id`

// shownEffects is how many changes a look at a decision lists.
const shownEffects = 100

// errTrial takes back what was only a look.
var errTrial = errors.New("a trial is not kept")

// decide carries a decision out, all or nothing. Of a trial nothing is kept: what it would have changed is read before it is taken back,
// so that it is what the decision does and not what somebody has computed beside it.
func (s *Store) decide(ctx context.Context, decision jobs.Decision, carryOut func(tx pgx.Tx) error) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if decision.Trial == nil {
			return carryOut(tx)
		}
		before, err := scalar[int64](ctx, tx, sqlNewestChange, args{"run_id": decision.Run})
		if err != nil {
			return err
		}
		if err := carryOut(tx); err != nil {
			return err
		}
		if *decision.Trial, err = effectOf(ctx, tx, decision, before); err != nil {
			return err
		}
		return errTrial
	})
	if errors.Is(err, errTrial) {
		return nil
	}
	return err
}

const sqlNewestChange = `
	SELECT COALESCE(max(id), 0)
	FROM run_changes
	WHERE run_id = @run_id`

const sqlCountChanges = `
	SELECT
		count(*) FILTER (WHERE kind = 'added')    AS added,
		count(*) FILTER (WHERE kind = 'changed')  AS changed,
		count(*) FILTER (WHERE kind = 'removed')  AS removed,
		count(*) FILTER (WHERE kind = 'returned') AS returned
	FROM run_changes
	WHERE run_id = @run_id
	  AND id > @before`

// effectOf is what the transaction has done to the stored data since that change.
func effectOf(ctx context.Context, tx pgx.Tx, decision jobs.Decision, before int64) (scrape.Effect, error) {
	type countRow struct {
		Added    int `db:"added"`
		Changed  int `db:"changed"`
		Removed  int `db:"removed"`
		Returned int `db:"returned"`
	}
	counts, err := one[countRow](ctx, tx, sqlCountChanges, args{"run_id": decision.Run, "before": before})
	if err != nil {
		return scrape.Effect{}, err
	}
	rows, err := many[changeRow](ctx, tx, sqlRunChanges, args{
		"run_id": decision.Run, "user_id": decision.User, "after": before, "limit": shownEffects,
	})
	return scrape.Effect{
		Added: counts.Added, Changed: counts.Changed, Removed: counts.Removed, Returned: counts.Returned,
		Changes: convert(rows, changeRow.change),
	}, err
}

// AcceptWorkOrders applies a held result by the rule plan, all or nothing, and forgets the failures of the run's schedule. It is a
// conflict when the run is not held, when it was decided already, and when a newer run has been applied since: its data is the better one.
func (s *Store) AcceptWorkOrders(ctx context.Context, decision jobs.Decision, plan jobs.WorkOrderPlanner) (scrape.Run, error) {
	var accepted scrape.Run
	err := s.decide(ctx, decision, func(tx pgx.Tx) error {
		run, err := lockHeld(ctx, tx, decision)
		if err != nil {
			return err
		}
		if err := lockWorkOrders(ctx, tx, decision.User); err != nil {
			return err
		}
		newer, err := scalar[bool](ctx, tx, sqlNewerApplied, args{
			"id": run.ID, "user_id": run.UserID, "schedule_type": run.JobType, "started_at": run.StartedAt,
		})
		if err != nil {
			return err
		}
		if newer {
			return outOfDate()
		}
		result, err := planWorkOrders(ctx, tx, run.UserID, run.ID, plan)
		if err != nil {
			return err
		}
		if err := carryOut(ctx, tx, run.UserID, run.ID, result, &decision.At); err != nil {
			return err
		}
		accepted, err = acceptRun(ctx, tx, decision, result)
		return err
	})
	if err != nil {
		return scrape.Run{}, failed("accept work orders", err)
	}
	return accepted, nil
}

// DiscardWorkOrders drops a held result. It is a conflict when the run is not held or was decided already.
func (s *Store) DiscardWorkOrders(ctx context.Context, decision jobs.Decision) (scrape.Run, error) {
	var discarded scrape.Run
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockHeld(ctx, tx, decision); err != nil {
			return err
		}
		if _, err := execute(ctx, tx, sqlDeletePages, args{"run_id": decision.Run}); err != nil {
			return err
		}
		var err error
		discarded, err = discardRun(ctx, tx, decision)
		return err
	})
	if err != nil {
		return scrape.Run{}, failed("discard work orders", err)
	}
	return discarded, nil
}

func outOfDate() *scrape.Error {
	return scrape.Errorf(scrape.KindConflict, "A newer run has brought data since, so this result is out of date. Discard it.")
}

// acceptRun notes a person's yes, what came of it, and that the schedule is well.
func acceptRun(ctx context.Context, tx pgx.Tx, decision jobs.Decision, result scrape.Plan) (scrape.Run, error) {
	row, err := one[runRow](ctx, tx, sqlAcceptHeld, withCounts(result.Counts, args{
		"id": decision.Run, "at": decision.At, "by": decision.User,
		"outcome": result.Outcome, "success": result.Outcome.Succeeded(), "message": storable(result.Message),
	}))
	if err != nil {
		return scrape.Run{}, err
	}
	_, err = execute(ctx, tx, sqlForgiveSchedule, args{"id": row.ScheduleID})
	return row.run(), err
}

// discardRun notes a person's no.
func discardRun(ctx context.Context, tx pgx.Tx, decision jobs.Decision) (scrape.Run, error) {
	row, err := one[runRow](ctx, tx, sqlDiscardHeld, args{"id": decision.Run, "at": decision.At, "by": decision.User})
	return row.run(), err
}

// lockHeld finds a user's run and makes sure that its result is held.
func lockHeld(ctx context.Context, tx pgx.Tx, decision jobs.Decision) (scrape.Run, error) {
	run, err := lockUndecided(ctx, tx, decision)
	if err == nil && run.Outcome != scrape.OutcomeHeld {
		return scrape.Run{}, nothingHeld()
	}
	return run, err
}

// lockUndecided finds a user's run and makes sure that nobody has decided about it.
func lockUndecided(ctx context.Context, tx pgx.Tx, decision jobs.Decision) (scrape.Run, error) {
	row, err := one[runRow](ctx, tx, sqlLockUserRun, args{"id": decision.Run, "user_id": decision.User})
	if err != nil {
		return scrape.Run{}, orNotFound(err, runNotFound)
	}
	run := row.run()
	if run.Decision != "" {
		return scrape.Run{}, scrape.Errorf(scrape.KindConflict, "This result was %s already.", run.Decision)
	}
	return run, nil
}

func nothingHeld() *scrape.Error {
	return scrape.Errorf(scrape.KindConflict, "This run holds nothing back that could be accepted or discarded.")
}
