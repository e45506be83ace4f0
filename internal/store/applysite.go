package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// resultDoc is the reading of a location as it waits for a decision.
type resultDoc struct {
	LocationID string               `json:"location_id"`
	State      scrape.LocationState `json:"state"`
	Dispensers []dispenserDoc       `json:"dispensers"`
	Announced  int                  `json:"announced"`
	Problems   []string             `json:"problems,omitempty"`
}

func resultDocOf(result scrape.LocationResult) resultDoc {
	return resultDoc{
		LocationID: result.LocationID,
		State:      result.State,
		Dispensers: convert(result.Dispensers, dispenserDocOf),
		Announced:  result.Announced,
		Problems:   result.Problems,
	}
}

func (d resultDoc) result() scrape.LocationResult {
	result := scrape.LocationResult{LocationID: d.LocationID, State: d.State, Announced: d.Announced, Problems: d.Problems}
	for _, doc := range d.Dispensers {
		dispenser := doc.dispenser()
		dispenser.LocationID = d.LocationID
		result.Dispensers = append(result.Dispensers, dispenser)
	}
	return result
}

const sqlSite = `
	SELECT` + siteColumns + `
	FROM run_sites
	WHERE run_id = @run_id
	  AND location_id = @location_id`

const sqlSetSite = `
	UPDATE run_sites
	SET
		state           = @state,
		message         = NULLIF(@message, ''),
		dispensers      = @dispensers,
		announced       = @announced,
		items_processed = @processed,
		items_added     = @added,
		items_updated   = @updated,
		items_unchanged = @unchanged,
		items_removed   = @removed,
		items_failed    = @failed,
		read_at         = COALESCE(@read_at::timestamptz, now()),
		result          = @result::jsonb
	WHERE run_id = @run_id
	  AND location_id = @location_id
	RETURNING` + siteColumns

const sqlAddCounts = `
	UPDATE scraping_history
	SET
		items_processed = items_processed + @processed,
		items_added     = items_added + @added,
		items_updated   = items_updated + @updated,
		items_unchanged = items_unchanged + @unchanged,
		items_removed   = items_removed + @removed,
		items_failed    = items_failed + @failed
	WHERE id = @id`

// An accepted reading may be older than what is known of the location meanwhile.
const sqlNoteLocation = `
	INSERT INTO locations AS l (user_id, location_id, state, message, read_at)
	VALUES (
		@user_id,
		@location_id,
		@state,
		NULLIF(@message, ''),
		COALESCE(@read_at::timestamptz, now())
	)
	ON CONFLICT (user_id, location_id) DO UPDATE
	SET
		state   = EXCLUDED.state,
		message = EXCLUDED.message,
		read_at = EXCLUDED.read_at
	WHERE l.read_at <= EXCLUDED.read_at`

// ApplySite compares the reading of one of a run's locations with the user's stored dispensers of that location, removed ones included,
// by the rule plan, and carries the result out, all or nothing: the dispensers, the changes, what is known of the location, the counts.
// A held result changes no dispenser and nothing that is known of the location; the reading is kept for a person's decision.
//
// It may be repeated: a location that was read, skipped or decided is returned as it is stored and nothing happens; one that failed is
// read after all. It is a conflict when the run has ended or was concluded, and not_found when the run does not read that location.
// plan must not use the store.
func (s *Store) ApplySite(
	ctx context.Context, id scrape.RunID, result scrape.LocationResult, plan jobs.SitePlanner,
) (scrape.SiteRun, error) {
	var applied scrape.SiteRun
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		run, err := lockOpenRun(ctx, tx, id)
		if err != nil {
			return err
		}
		site, open, err := openSite(ctx, tx, id, run, result.LocationID)
		if err != nil || !open {
			applied = site
			return err
		}
		// Another run of the user may be at the same location.
		if err := lockDispensers(ctx, tx, run.UserID); err != nil {
			return err
		}
		decided, err := carryOutSite(ctx, tx, run.UserID, id, result, plan, nil)
		if err != nil {
			return err
		}
		if applied, err = setSite(ctx, tx, id, result, decided, nil); err != nil {
			return err
		}
		_, err = execute(ctx, tx, sqlAddCounts, withCounts(decided.Counts, args{"id": id}))
		return err
	})
	if err != nil {
		return scrape.SiteRun{}, failed("apply site", err)
	}
	return applied, nil
}

// openSite finds a location of a locked run, and tells whether there is something left to do about it.
func openSite(
	ctx context.Context, tx pgx.Tx, id scrape.RunID, run appliedRow, location string,
) (site scrape.SiteRun, open bool, err error) {
	row, err := one[siteRow](ctx, tx, sqlSite, args{"run_id": id, "location_id": location})
	switch {
	case err != nil:
		return scrape.SiteRun{}, false, orNotFound(err, siteNotFound)
	case row.State != scrape.SitePending && row.State != scrape.SiteFailed:
		return row.site(), false, nil
	case run.AppliedAt != nil:
		return scrape.SiteRun{}, false, runHasEnded()
	}
	return row.site(), true, nil
}

// siteDecision is when a reading was made and when a person decided about it.
type siteDecision struct {
	ReadAt time.Time
	At     time.Time
}

// carryOutSite plans one location and writes the plan, unless it is held. decision is nil for a reading that was made just now.
func carryOutSite(
	ctx context.Context, tx pgx.Tx, user scrape.UserID, run scrape.RunID, result scrape.LocationResult,
	plan jobs.SitePlanner, decision *siteDecision,
) (scrape.SitePlan, error) {
	stored, err := many[dispenserRow](ctx, tx, sqlStoredDispensers, args{"user_id": user, "location_id": result.LocationID})
	if err != nil {
		return scrape.SitePlan{}, err
	}
	decided := plan(convert(stored, dispenserRow.stored), result)
	if decided.State == scrape.SiteHeld {
		return decided, nil
	}
	if err := changeDispensers(ctx, tx, user, result.LocationID, decided); err != nil {
		return scrape.SitePlan{}, err
	}
	var readAt, decidedAt *time.Time
	if decision != nil {
		readAt, decidedAt = &decision.ReadAt, &decision.At
	}
	if err := saveChanges(ctx, tx, user, run, decided.Changes, decidedAt); err != nil {
		return scrape.SitePlan{}, err
	}
	_, err = execute(ctx, tx, sqlNoteLocation, args{
		"user_id": user, "location_id": result.LocationID, "state": decided.State,
		"message": storable(decided.Message), "read_at": readAt,
	})
	return decided, err
}

// setSite notes what became of a location. readAt is nil for a reading that was made just now.
func setSite(
	ctx context.Context, tx pgx.Tx, run scrape.RunID, result scrape.LocationResult, plan scrape.SitePlan, readAt *time.Time,
) (scrape.SiteRun, error) {
	var kept *resultDoc
	if plan.State == scrape.SiteHeld {
		doc := resultDocOf(result)
		kept = &doc
	}
	row, err := one[siteRow](ctx, tx, sqlSetSite, withCounts(plan.Counts, args{
		"run_id": run, "location_id": result.LocationID, "state": plan.State, "message": storable(plan.Message),
		"dispensers": len(result.Dispensers), "announced": result.Announced, "read_at": readAt, "result": kept,
	}))
	return row.site(), err
}

const sqlFailSite = `
	UPDATE run_sites
	SET
		state   = 'failed',
		message = @message,
		read_at = now()
	WHERE run_id = @run_id
	  AND location_id = @location_id`

// FailSite notes that one of a run's locations could not be read. One that was read stays as it is. It is a conflict when the run has
// ended or was concluded, and not_found when the run does not read that location.
func (s *Store) FailSite(ctx context.Context, id scrape.RunID, location, message string) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		run, err := lockOpenRun(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, open, err := openSite(ctx, tx, id, run, location); err != nil || !open {
			return err
		}
		_, err = execute(ctx, tx, sqlFailSite, args{"run_id": id, "location_id": location, "message": storable(message)})
		return err
	})
	return failed("fail site", err)
}

const sqlConclude = `
	UPDATE scraping_history
	SET
		applied_at      = now(),
		applied_outcome = @outcome,
		applied_message = NULLIF(@message, '')
	WHERE id = @id`

// ConcludeSites notes how a run of locations ended, by the rule conclude, and returns it with the counts that the locations have
// brought. It may be repeated: the first conclusion stands. A run that has ended without one is a conflict. conclude must not use the
// store.
func (s *Store) ConcludeSites(
	ctx context.Context, id scrape.RunID, conclude func(scrape.SiteTotals) scrape.Plan,
) (scrape.Plan, error) {
	result, err := s.applyOnce(ctx, id, func(tx pgx.Tx, run appliedRow) (scrape.Plan, error) {
		totals, err := siteTotals(ctx, tx, id)
		if err != nil {
			return scrape.Plan{}, err
		}
		result := conclude(totals)
		result.Counts = run.counts()
		_, err = execute(ctx, tx, sqlConclude, args{
			"id": id, "outcome": result.Outcome, "message": storable(result.Message),
		})
		return result, err
	})
	return result, failed("conclude sites", err)
}
