package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

const sqlUserIDsAfter = `
	SELECT id
	FROM users
	WHERE id > @after
	ORDER BY id
	LIMIT @limit::bigint`

// UserIDsAfter lists users by id, those behind after; never nil, and an empty page is the end.
func (s *Store) UserIDsAfter(ctx context.Context, after scrape.UserID, limit int) ([]scrape.UserID, error) {
	type userIDRow struct {
		ID scrape.UserID `db:"id"`
	}
	rows, err := many[userIDRow](ctx, s.pool, sqlUserIDsAfter, args{"after": after, "limit": limit})
	return convert(rows, func(row userIDRow) scrape.UserID { return row.ID }), failed("list users", err)
}

// Runs that began in the same moment are kept or forgotten together.
const sqlHistoryBound = `
	SELECT GREATEST(@before::timestamptz, (
		SELECT started_at
		FROM scraping_history
		WHERE user_id = @user_id
		ORDER BY started_at DESC, id DESC
		OFFSET @keep::bigint - 1
		LIMIT 1
	))`

// HistoryBound tells from which moment on the history of a user is to be kept: before, or the start of the oldest of the newest keep runs
// (at least 1), whichever is later. Slots that did not run count as the rows that they are.
func (s *Store) HistoryBound(ctx context.Context, user scrape.UserID, before time.Time, keep int) (time.Time, error) {
	bound, err := scalar[time.Time](ctx, s.pool, sqlHistoryBound, args{"user_id": user, "before": before, "keep": max(keep, 1)})
	return bound, failed("find bound of history", err)
}

// The version that held at the bound begins there: a slot before it would be taken for one that was missed, since its run is gone. Both
// parts see the versions as they were before the statement.
const sqlForgetVersions = `
	WITH old AS (
		SELECT
			v.id,
			row_number() OVER (PARTITION BY v.schedule_id ORDER BY v.at DESC, v.id DESC) AS age
		FROM schedule_versions AS v
		JOIN scraping_schedules AS s ON s.id = v.schedule_id
		WHERE s.user_id = @user_id
		  AND v.at < @bound::timestamptz
	),
	moved AS (
		UPDATE schedule_versions
		SET at = @bound
		WHERE id IN (SELECT id FROM old WHERE age = 1)
	)
	DELETE FROM schedule_versions
	WHERE id IN (SELECT id FROM old WHERE age > 1)`

// ForgetVersions forgets what a user's schedules were before the bound, and tells how many versions went. What held at the bound stays, and
// is on record from there on. Call it before ForgetRuns.
func (s *Store) ForgetVersions(ctx context.Context, user scrape.UserID, bound time.Time) (int, error) {
	n, err := execute(ctx, s.pool, sqlForgetVersions, args{"user_id": user, "bound": bound})
	return n, failed("forget versions of schedules", err)
}

const sqlForgetRuns = `
	DELETE FROM scraping_history
	WHERE id IN (
		SELECT id
		FROM scraping_history
		WHERE user_id = @user_id
		  AND started_at < @bound::timestamptz
		  AND completed_at IS NOT NULL
		ORDER BY started_at, id
		LIMIT @limit::bigint
	)`

// ForgetRuns forgets a user's finished runs that started before the bound, oldest first and at most limit of them, with everything that
// belongs to them: changes, sites, attempts, evidence, pages that wait. It tells how many; fewer than limit means that none is left. What
// they have collected and the statistics stay.
func (s *Store) ForgetRuns(ctx context.Context, user scrape.UserID, bound time.Time, limit int) (int, error) {
	n, err := execute(ctx, s.pool, sqlForgetRuns, args{"user_id": user, "bound": bound, "limit": limit})
	return n, failed("forget runs", err)
}

const sqlDeleteUserSessions = `
	DELETE FROM user_sessions
	WHERE LEAST(expires_at, revoked_at) < @before::timestamptz`

// DeleteUserSessionsBefore forgets the sessions of the application that were over, or were ended, before a moment, and tells how many.
func (s *Store) DeleteUserSessionsBefore(ctx context.Context, before time.Time) (int, error) {
	n, err := execute(ctx, s.pool, sqlDeleteUserSessions, args{"before": before})
	return n, failed("delete sessions", err)
}
