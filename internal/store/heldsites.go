package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// heldSiteRow is a location whose reading waits for a decision.
type heldSiteRow struct {
	Result resultDoc `db:"result"`
	ReadAt time.Time `db:"read_at"`
}

const sqlHeldSites = `
	SELECT
		result,
		read_at
	FROM run_sites
	WHERE run_id = @run_id
	  AND state = 'held'
	  AND result IS NOT NULL
	ORDER BY` + byLocation

// What counts is when a location was read: a run that began later may have read it earlier.
const sqlNewerSites = `
	SELECT EXISTS (
		SELECT
		FROM run_sites AS held
		JOIN run_sites AS newer
			ON newer.location_id = held.location_id
			AND newer.run_id <> held.run_id
			AND newer.state IN ('stored', 'none', 'deleted', 'denied')
			AND newer.read_at > held.read_at
		JOIN scraping_history AS h
			ON h.id = newer.run_id
			AND h.user_id = @user_id
		WHERE held.run_id = @run_id
		  AND held.state = 'held'
	)`

const sqlSumSites = `
	SELECT
		COALESCE(sum(items_processed), 0) AS items_processed,
		COALESCE(sum(items_added), 0) AS items_added,
		COALESCE(sum(items_updated), 0) AS items_updated,
		COALESCE(sum(items_unchanged), 0) AS items_unchanged,
		COALESCE(sum(items_removed), 0) AS items_removed,
		COALESCE(sum(items_failed), 0) AS items_failed
	FROM run_sites
	WHERE run_id = @run_id`

// AcceptSites applies the readings that a run holds back by the rule plan, concludes the run anew, and forgets the failures of its
// schedule, all or nothing. A run may hold readings back although others were applied, so what counts is the readings and not the
// outcome. It is a conflict when there are none, when the run was decided already, and when another run has applied a later reading of
// one of these locations: its data is the better one.
func (s *Store) AcceptSites(
	ctx context.Context, decision jobs.Decision, plan jobs.SitePlanner, conclude func(scrape.SiteTotals) scrape.Plan,
) (scrape.Run, error) {
	var accepted scrape.Run
	err := s.decide(ctx, decision, func(tx pgx.Tx) error {
		held, err := lockHeldSites(ctx, tx, decision)
		if err != nil {
			return err
		}
		if err := lockDispensers(ctx, tx, decision.User); err != nil {
			return err
		}
		newer, err := scalar[bool](ctx, tx, sqlNewerSites, args{"user_id": decision.User, "run_id": decision.Run})
		if err != nil {
			return err
		}
		if newer {
			return outOfDate()
		}
		if err := applyHeldSites(ctx, tx, decision, held, plan); err != nil {
			return err
		}
		result, err := concludeAnew(ctx, tx, decision.Run, conclude)
		if err != nil {
			return err
		}
		accepted, err = acceptRun(ctx, tx, decision, result)
		return err
	})
	if err != nil {
		return scrape.Run{}, failed("accept sites", err)
	}
	return accepted, nil
}

// lockHeldSites finds a user's run that has ended, and the readings in it that there are to decide about.
func lockHeldSites(ctx context.Context, tx pgx.Tx, decision jobs.Decision) ([]heldSiteRow, error) {
	run, err := lockUndecided(ctx, tx, decision)
	if err != nil {
		return nil, err
	}
	held, err := many[heldSiteRow](ctx, tx, sqlHeldSites, args{"run_id": decision.Run})
	if err == nil && (run.Running() || len(held) == 0) {
		return nil, nothingHeld()
	}
	return held, err
}

// concludeAnew says how a run has ended whose locations are decided, with the counts of them all.
func concludeAnew(
	ctx context.Context, tx pgx.Tx, run scrape.RunID, conclude func(scrape.SiteTotals) scrape.Plan,
) (scrape.Plan, error) {
	totals, err := siteTotals(ctx, tx, run)
	if err != nil {
		return scrape.Plan{}, err
	}
	sums, err := one[countsRow](ctx, tx, sqlSumSites, args{"run_id": run})
	if err != nil {
		return scrape.Plan{}, err
	}
	result := conclude(totals)
	result.Counts = sums.counts()
	return result, nil
}

func applyHeldSites(
	ctx context.Context, tx pgx.Tx, decision jobs.Decision, held []heldSiteRow, plan jobs.SitePlanner,
) error {
	for _, row := range held {
		result := row.Result.result()
		decided, err := carryOutSite(ctx, tx, decision.User, decision.Run, result, plan,
			&siteDecision{ReadAt: row.ReadAt, At: decision.At})
		if err != nil {
			return err
		}
		if _, err := setSite(ctx, tx, decision.Run, result, decided, &row.ReadAt); err != nil {
			return err
		}
	}
	return nil
}

const sqlDiscardSites = `
	UPDATE run_sites
	SET
		state  = 'discarded',
		result = NULL
	WHERE run_id = @run_id
	  AND state = 'held'`

// DiscardSites drops the readings that a run holds back. It is a conflict when there are none or the run was decided already.
func (s *Store) DiscardSites(ctx context.Context, decision jobs.Decision) (scrape.Run, error) {
	var discarded scrape.Run
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockHeldSites(ctx, tx, decision); err != nil {
			return err
		}
		if _, err := execute(ctx, tx, sqlDiscardSites, args{"run_id": decision.Run}); err != nil {
			return err
		}
		var err error
		discarded, err = discardRun(ctx, tx, decision)
		return err
	})
	if err != nil {
		return scrape.Run{}, failed("discard sites", err)
	}
	return discarded, nil
}

// sqlDropSiteResults forgets the readings of a run that was cut off: nobody has said yet how it ended.
const sqlDropSiteResults = `
	UPDATE run_sites
	SET result = NULL
	WHERE run_id = @run_id
	  AND result IS NOT NULL`
