package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

// incidentsKept bounds the log of incidents of a portal.
const incidentsKept = 100

type incidentRow struct {
	ID         int64         `db:"id"`
	Since      time.Time     `db:"since"`
	OpenedAt   time.Time     `db:"opened_at"`
	ClosedAt   *time.Time    `db:"closed_at"`
	ClosedBy   string        `db:"closed_by"`
	Message    string        `db:"message"`
	Accounts   int           `db:"accounts"`
	Skipped    int           `db:"slots_skipped"`
	Probes     int           `db:"probes"`
	ProbeAt    time.Time     `db:"probe_at"`
	ProbeRunID *scrape.RunID `db:"probe_run_id"`
}

func (r incidentRow) incident() scrape.BreakerIncident {
	return scrape.BreakerIncident{
		ID:       r.ID,
		Since:    r.Since,
		OpenedAt: r.OpenedAt,
		ClosedAt: r.ClosedAt,
		ClosedBy: r.ClosedBy,
		Message:  r.Message,
		Accounts: r.Accounts,
		Skipped:  r.Skipped,
		Probes:   r.Probes,
		ProbeAt:  r.ProbeAt,
	}
}

const incidentColumns = `
		id,
		since,
		opened_at,
		closed_at,
		COALESCE(closed_by, '') AS closed_by,
		message,
		accounts,
		slots_skipped,
		probes,
		probe_at,
		probe_run_id`

// lockBreaker lets nobody else decide about a portal's breaker until the transaction ends: every decision sees what the ones before have noted.
// There is no row to lock while the breaker is closed.
func lockBreaker(ctx context.Context, tx pgx.Tx, portal string) error {
	return lockUntilCommit(ctx, tx, "breaker:"+portal)
}

const sqlOpenIncident = `
	SELECT` + incidentColumns + `
	FROM breaker_incidents
	WHERE portal = @portal
	  AND closed_at IS NULL`

// openIncident is nil while the breaker is closed.
func openIncident(ctx context.Context, db querier, portal string) (*incidentRow, error) {
	row, err := one[incidentRow](ctx, db, sqlOpenIncident, args{"portal": portal})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &row, err
}

// OpenIncident is the incident for which the breaker of a portal (its origin) is open; nil while it is closed.
func (s *Store) OpenIncident(ctx context.Context, portal string) (*scrape.BreakerIncident, error) {
	row, err := openIncident(ctx, s.pool, portal)
	if err != nil || row == nil {
		return nil, failed("read breaker", err)
	}
	incident := row.incident()
	return &incident, nil
}

const sqlIncidents = `
	SELECT` + incidentColumns + `
	FROM breaker_incidents
	WHERE portal = @portal
	ORDER BY id DESC
	LIMIT @limit::bigint`

// Incidents lists the times in which the breaker of a portal was or is open, newest first; never nil. The newest hundred are kept.
func (s *Store) Incidents(ctx context.Context, portal string, limit int) ([]scrape.BreakerIncident, error) {
	rows, err := many[incidentRow](ctx, s.pool, sqlIncidents, args{"portal": portal, "limit": limit})
	return convert(rows, incidentRow.incident), failed("list incidents", err)
}

const (
	// What is older than @stale is another trouble.
	sqlNoteDown = `
	INSERT INTO breaker_accounts AS a (portal, credential_id, down_since, down_at)
	VALUES (@portal, @credential_id, @now::timestamptz, @now)
	ON CONFLICT (portal, credential_id) DO UPDATE
	SET
		down_since = CASE WHEN a.down_at > GREATEST(a.answered_at, @stale) THEN a.down_since ELSE @now END,
		down_at    = GREATEST(a.down_at, @now)`

	sqlAccountsDown = `
	SELECT
		down_since AS since,
		down_at AS at
	FROM breaker_accounts
	WHERE portal = @portal
	  AND down_at > @stale`

	sqlLastWell = `
	SELECT
		(SELECT max(answered_at) FROM breaker_accounts WHERE portal = @portal) AS answered,
		(SELECT max(closed_at) FROM breaker_incidents WHERE portal = @portal) AS closed`

	sqlOpenBreaker = `
	INSERT INTO breaker_incidents (portal, since, opened_at, message, accounts, probe_at)
	VALUES (@portal, @since, @now, @message, @accounts, @probe_at)
	RETURNING` + incidentColumns

	sqlForgetIncidents = `
	DELETE FROM breaker_incidents
	WHERE portal = @portal
	  AND id <= (SELECT id FROM breaker_incidents WHERE portal = @portal ORDER BY id DESC OFFSET @kept::bigint LIMIT 1)`

	sqlFailedOpen = `
	UPDATE breaker_incidents
	SET
		accounts     = (
			SELECT count(*)
			FROM breaker_accounts AS a
			WHERE a.portal = breaker_incidents.portal
			  AND a.down_at >= breaker_incidents.since
		),
		probes       = probes + CASE WHEN @probe::boolean THEN 1 ELSE 0 END,
		probe_at     = CASE WHEN @probe THEN @probe_at::timestamptz ELSE probe_at END,
		probe_run_id = CASE WHEN @probe THEN NULL ELSE probe_run_id END,
		probe_until  = CASE WHEN @probe THEN NULL ELSE probe_until END
	WHERE id = @id
	RETURNING` + incidentColumns
)

// PortalFailed notes a try that the portal did not answer, and opens the breaker when the rule says so. It gives the incident for which the
// breaker is open, nil while it is closed, and whether it was this try that opened it. A try counts from the third of its step on; while the
// breaker is open every one does, and one of the probe puts the next probe off. It may be called by any number of workers at once.
func (s *Store) PortalFailed(
	ctx context.Context, portal string, rule scrape.BreakerRule, failure scrape.PortalFailure, now time.Time,
) (incident *scrape.BreakerIncident, opened bool, err error) {
	var row *incidentRow
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockBreaker(ctx, tx, portal); err != nil {
			return err
		}
		var err error
		if row, err = openIncident(ctx, tx, portal); err != nil || (row == nil && failure.Try < scrape.TriesUntilDown) {
			return err
		}
		if _, err := execute(ctx, tx, sqlNoteDown, args{
			"portal": portal, "credential_id": failure.CredentialID, "now": now, "stale": now.Add(-rule.Window),
		}); err != nil {
			return err
		}
		if row != nil {
			row, err = failedOpen(ctx, tx, rule, failure, *row, now)
			return err
		}
		row, err = openBreaker(ctx, tx, portal, rule, failure, now)
		opened = row != nil
		return err
	})
	if err != nil || row == nil {
		return nil, false, failed("note failure of the portal", err)
	}
	found := row.incident()
	return &found, opened, nil
}

func failedOpen(
	ctx context.Context, tx pgx.Tx, rule scrape.BreakerRule, failure scrape.PortalFailure, open incidentRow, now time.Time,
) (*incidentRow, error) {
	row, err := one[incidentRow](ctx, tx, sqlFailedOpen, args{
		"id": open.ID, "probe": open.ProbeRunID != nil && *open.ProbeRunID == failure.RunID,
		"probe_at": now.Add(rule.ProbeGap(open.Probes + 1)),
	})
	return &row, err
}

// openBreaker gives nil when the rule does not want it open.
func openBreaker(
	ctx context.Context, tx pgx.Tx, portal string, rule scrape.BreakerRule, failure scrape.PortalFailure, now time.Time,
) (*incidentRow, error) {
	type downRow struct {
		Since time.Time `db:"since"`
		At    time.Time `db:"at"`
	}
	type wellRow struct {
		Answered *time.Time `db:"answered"`
		Closed   *time.Time `db:"closed"`
	}
	rows, err := many[downRow](ctx, tx, sqlAccountsDown, args{"portal": portal, "stale": now.Add(-rule.Window)})
	if err != nil {
		return nil, err
	}
	well, err := one[wellRow](ctx, tx, sqlLastWell, args{"portal": portal})
	if err != nil {
		return nil, err
	}
	downs := convert(rows, func(r downRow) scrape.AccountDown { return scrape.AccountDown(r) })
	since, accounts := rule.Opens(downs, orZero(well.Answered), orZero(well.Closed), now)
	if accounts == 0 {
		return nil, nil
	}
	row, err := one[incidentRow](ctx, tx, sqlOpenBreaker, args{
		"portal": portal, "since": since, "now": now, "accounts": accounts,
		"message": storable(scrape.BreakerReason(accounts, failure.Message)), "probe_at": now.Add(rule.ProbeGap(0)),
	})
	if err != nil {
		return nil, err
	}
	_, err = execute(ctx, tx, sqlForgetIncidents, args{"portal": portal, "kept": incidentsKept})
	return &row, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

const (
	sqlNoteAnswer = `
	INSERT INTO breaker_accounts AS a (portal, credential_id, answered_at)
	VALUES (@portal, @credential_id, @now)
	ON CONFLICT (portal, credential_id) DO UPDATE
	SET answered_at = GREATEST(a.answered_at, @now)`

	sqlCloseBreaker = `
	UPDATE breaker_incidents
	SET
		closed_at    = @now,
		closed_by    = NULLIF(@closed_by, ''),
		probe_run_id = NULL,
		probe_until  = NULL
	WHERE portal = @portal
	  AND closed_at IS NULL
	RETURNING` + incidentColumns
)

// PortalAnswered notes that the portal has given somebody's data, and closes the breaker. It gives the incident that ended so; nil when the
// breaker was closed.
func (s *Store) PortalAnswered(
	ctx context.Context, portal string, credential scrape.CredentialID, now time.Time,
) (*scrape.BreakerIncident, error) {
	var closed *scrape.BreakerIncident
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockBreaker(ctx, tx, portal); err != nil {
			return err
		}
		if _, err := execute(ctx, tx, sqlNoteAnswer, args{"portal": portal, "credential_id": credential, "now": now}); err != nil {
			return err
		}
		var err error
		closed, err = closeBreaker(ctx, tx, portal, "", now)
		return err
	})
	return closed, failed("note answer of the portal", err)
}

// CloseBreaker closes the breaker by a person's word (an e-mail address); what failed before no longer counts. It gives the incident that
// ended so; nil when the breaker was closed.
func (s *Store) CloseBreaker(ctx context.Context, portal, by string, now time.Time) (*scrape.BreakerIncident, error) {
	var closed *scrape.BreakerIncident
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockBreaker(ctx, tx, portal); err != nil {
			return err
		}
		var err error
		closed, err = closeBreaker(ctx, tx, portal, by, now)
		return err
	})
	return closed, failed("close breaker", err)
}

func closeBreaker(ctx context.Context, tx pgx.Tx, portal, by string, now time.Time) (*scrape.BreakerIncident, error) {
	row, err := one[incidentRow](ctx, tx, sqlCloseBreaker, args{"portal": portal, "closed_by": by, "now": now})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	incident := row.incident()
	return &incident, err
}

const (
	// The place of a probe is free again when its run has ended without a verdict, or takes too long.
	sqlClaimBreakerProbe = `
	UPDATE breaker_incidents
	SET
		probe_run_id = @run_id,
		probe_until  = @until,
		probe_at     = @probe_at
	WHERE id = @id
	  AND closed_at IS NULL
	  AND (
		probe_run_id = @run_id
		OR (
			probe_at <= @now::timestamptz
			AND (
				probe_run_id IS NULL
				OR probe_until <= @now
				OR EXISTS (SELECT FROM scraping_history AS h WHERE h.id = probe_run_id AND h.completed_at IS NOT NULL)
			)
		)
	  )`

	sqlSkipSlot = `
	UPDATE breaker_incidents
	SET slots_skipped = slots_skipped + 1
	WHERE id = @id
	  AND closed_at IS NULL`
)

// HoldBack ends a scheduled run that is about to go to the portal as breaker_open while the breaker is open, and counts its slot. false: it
// may go on, because the breaker is closed or because the run is the probe. One run at a time is: its place is free again when it has ended,
// or after scrape.BreakerProbeTime. Repeated for the same run it says the same.
func (s *Store) HoldBack(
	ctx context.Context, portal string, rule scrape.BreakerRule, run scrape.RunID, now time.Time,
) (held bool, err error) {
	open, err := openIncident(ctx, s.pool, portal)
	if err != nil || open == nil {
		return false, failed("read breaker", err)
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		claimed, err := execute(ctx, tx, sqlClaimBreakerProbe, args{
			"id": open.ID, "run_id": run, "now": now, "until": now.Add(scrape.BreakerProbeTime), "probe_at": now.Add(rule.ProbeGap(open.Probes)),
		})
		if err != nil || claimed > 0 {
			return err
		}
		skipped, err := execute(ctx, tx, sqlSkipSlot, args{"id": open.ID})
		if err != nil || skipped == 0 { // closed meanwhile
			return err
		}
		held = true
		_, err = finishRun(ctx, tx, run, scrape.RunEnd{Outcome: scrape.OutcomeBreakerOpen, ErrorMessage: scrape.HeldBackMessage}, now)
		return err
	})
	return held && err == nil, failed("hold run back", err)
}
