package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

type siteRow struct {
	countsRow
	RunID      scrape.RunID     `db:"run_id"`
	LocationID string           `db:"location_id"`
	Label      string           `db:"label"`
	Orders     []string         `db:"orders"`
	State      scrape.SiteState `db:"state"`
	Message    string           `db:"message"`
	Dispensers int              `db:"dispensers"`
	Announced  int              `db:"announced"`
	ReadAt     *time.Time       `db:"read_at"`
}

func (r siteRow) site() scrape.SiteRun {
	return scrape.SiteRun{
		LocationID: r.LocationID,
		Label:      r.Label,
		Orders:     r.Orders,
		State:      r.State,
		Message:    r.Message,
		Dispensers: r.Dispensers,
		Announced:  r.Announced,
		Counts:     r.counts(),
		At:         r.ReadAt,
	}
}

const siteColumns = `
		run_id,
		location_id,
		label,
		orders,
		state,
		COALESCE(message, '') AS message,
		dispensers,
		announced,
		items_processed,
		items_added,
		items_updated,
		items_unchanged,
		items_removed,
		items_failed,
		read_at`

// Instants of readings are the database's, here and where they are written, so that no two clocks are compared.
const sqlPlanSites = `
	INSERT INTO run_sites (run_id, location_id, label, orders, state, message)
	SELECT
		@run_id,
		chosen.location_id,
		chosen.label,
		chosen.orders,
		CASE
			WHEN @force::boolean THEN 'pending'
			WHEN l.state IN ('deleted', 'denied') THEN 'known'
			WHEN l.read_at > now() - make_interval(secs => @fresh_for) THEN 'fresh'
			ELSE 'pending'
		END,
		CASE
			WHEN @force THEN NULL
			WHEN l.state = 'deleted' THEN 'Not read: the portal said before that this location does not exist any more.'
			WHEN l.state = 'denied' THEN 'Not read: the portal said before that it does not show this location to this technician.'
			WHEN l.read_at > now() - make_interval(secs => @fresh_for) THEN 'Not read: what is stored is fresh enough.'
		END
	FROM (
		SELECT
			location_id,
			(array_agg(btrim(site_name || ' ' || COALESCE(store_number, '')) ORDER BY created_at, id))[1] AS label,
			array_agg(id ORDER BY created_at, id) AS orders
		FROM work_orders
		WHERE user_id = @user_id
		  AND removed_at IS NULL
		  AND location_id <> ''
		  AND (@any_code::boolean OR service_code = ANY (@codes::text[]))
		  AND (cardinality(@work_orders::text[]) = 0 OR id = ANY (@work_orders))
		GROUP BY location_id
	) AS chosen
	LEFT JOIN locations AS l
		ON l.user_id = @user_id
		AND l.location_id = chosen.location_id
	WHERE NOT EXISTS (
		SELECT
		FROM run_sites
		WHERE run_id = @run_id
	)
	ON CONFLICT DO NOTHING`

// PlanSites notes which locations a run reads: those of the user's listed orders that are chosen, each once. Unless it is forced, a
// location that was read recently is noted as fresh, and one that the portal has called deleted or denied as known. The first
// planning that finds any stands, and so does none once the run is concluded: repeating it changes nothing, whatever became of the
// orders. It is a conflict when the run has ended.
func (s *Store) PlanSites(ctx context.Context, id scrape.RunID, choice scrape.SiteChoice) (scrape.SiteTotals, error) {
	var totals scrape.SiteTotals
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		run, err := lockOpenRun(ctx, tx, id)
		if err != nil {
			return err
		}
		if run.AppliedAt == nil {
			if err := planSites(ctx, tx, id, run.UserID, choice); err != nil {
				return err
			}
		}
		totals, err = siteTotals(ctx, tx, id)
		return err
	})
	if err != nil {
		return scrape.SiteTotals{}, failed("plan sites", err)
	}
	return totals, nil
}

func planSites(ctx context.Context, tx pgx.Tx, id scrape.RunID, user scrape.UserID, choice scrape.SiteChoice) error {
	_, err := execute(ctx, tx, sqlPlanSites, args{
		"run_id":      id,
		"user_id":     user,
		"codes":       array(choice.Codes),
		"any_code":    choice.AnyCode,
		"work_orders": array(choice.WorkOrders),
		"fresh_for":   choice.FreshFor.Seconds(),
		"force":       choice.Force,
	})
	return err
}

// lockOpenRun is lockRun for whoever writes only while the run is going.
func lockOpenRun(ctx context.Context, tx pgx.Tx, id scrape.RunID) (appliedRow, error) {
	run, err := lockRun(ctx, tx, id)
	if err == nil && run.CompletedAt != nil {
		return run, runHasEnded()
	}
	return run, err
}

const sqlPendingSites = `
	SELECT` + siteColumns + `
	FROM run_sites
	WHERE run_id = @run_id
	  AND state = 'pending'
	ORDER BY` + byLocation + `
	LIMIT NULLIF(@limit::bigint, 0)`

// PendingSites lists the locations of a run that were not read yet, by location, at most limit of them unless it is 0; never nil.
func (s *Store) PendingSites(ctx context.Context, id scrape.RunID, limit int) ([]scrape.SiteRun, error) {
	rows, err := many[siteRow](ctx, s.pool, sqlPendingSites, args{"run_id": id, "limit": max(limit, 0)})
	return convert(rows, siteRow.site), failed("list pending sites", err)
}

// A discarded location was held and is nothing any more: it is counted in all only.
const sqlSiteTotals = `
	SELECT
		count(*) AS total,
		count(*) FILTER (WHERE state = 'pending') AS pending,
		count(*) FILTER (WHERE state IN ('fresh', 'known')) AS skipped,
		count(*) FILTER (WHERE state = 'stored') AS stored,
		count(*) FILTER (WHERE state = 'none') AS none,
		count(*) FILTER (WHERE state IN ('deleted', 'denied')) AS gone,
		count(*) FILTER (WHERE state = 'held') AS held,
		count(*) FILTER (WHERE state = 'failed') AS failed
	FROM run_sites
	WHERE run_id = @run_id`

// SiteTotals sums up a run's locations; zero for a run without any.
func (s *Store) SiteTotals(ctx context.Context, id scrape.RunID) (scrape.SiteTotals, error) {
	totals, err := siteTotals(ctx, s.pool, id)
	return totals, failed("sum up sites", err)
}

func siteTotals(ctx context.Context, db querier, id scrape.RunID) (scrape.SiteTotals, error) {
	type totalsRow struct {
		All     int `db:"total"`
		Pending int `db:"pending"`
		Skipped int `db:"skipped"`
		Stored  int `db:"stored"`
		None    int `db:"none"`
		Gone    int `db:"gone"`
		Held    int `db:"held"`
		Failed  int `db:"failed"`
	}
	row, err := one[totalsRow](ctx, db, sqlSiteTotals, args{"run_id": id})
	return scrape.SiteTotals(row), err
}

const sqlSiteRuns = `
	SELECT` + siteColumns + `
	FROM run_sites
	WHERE run_id = @run_id
	ORDER BY` + byLocation

// SiteRuns lists the locations of a user's run, by location; never nil. A run of somebody else does not exist for the user.
func (s *Store) SiteRuns(ctx context.Context, user scrape.UserID, run scrape.RunID) ([]scrape.SiteRun, error) {
	if _, err := s.UserRun(ctx, user, run); err != nil {
		return nil, err
	}
	rows, err := many[siteRow](ctx, s.pool, sqlSiteRuns, args{"run_id": run})
	return convert(rows, siteRow.site), failed("list sites of run", err)
}

const sqlLatestSite = `
	SELECT` + siteColumns + `
	FROM run_sites
	WHERE location_id = @location_id
	  AND run_id = (
		SELECT h.id
		FROM run_sites AS s
		JOIN scraping_history AS h ON h.id = s.run_id
		WHERE s.location_id = @location_id
		  AND h.user_id = @user_id
		ORDER BY h.started_at DESC, h.id DESC
		LIMIT 1
	  )`

// LatestSiteRun finds a user's newest run that holds a location, and what it made of it; false when there is none.
func (s *Store) LatestSiteRun(
	ctx context.Context, user scrape.UserID, location string,
) (scrape.Run, scrape.SiteRun, bool, error) {
	site, err := one[siteRow](ctx, s.pool, sqlLatestSite, args{"user_id": user, "location_id": location})
	if errors.Is(err, pgx.ErrNoRows) {
		return scrape.Run{}, scrape.SiteRun{}, false, nil
	}
	if err != nil {
		return scrape.Run{}, scrape.SiteRun{}, false, failed("find site", err)
	}
	run, err := s.UserRun(ctx, user, site.RunID)
	if err != nil {
		return scrape.Run{}, scrape.SiteRun{}, false, err
	}
	return run, site.site(), true, nil
}
