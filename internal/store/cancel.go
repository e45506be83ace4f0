package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

// Of two requests at the same time the second waits for the first, sees it and leaves it.
const sqlRequestCancel = `
	UPDATE scraping_history
	SET
		cancel_requested_by = COALESCE(cancel_requested_by, @by),
		cancel_requested_at = COALESCE(cancel_requested_at, @at)
	WHERE id = @id
	  AND user_id = @user_id
	  AND completed_at IS NULL
	RETURNING` + runColumns

// RequestCancel notes who asked for the end of a user's run; the first request stands. It ends nothing by itself. It is a conflict when
// the run has ended, and a run of somebody else does not exist for the user.
func (s *Store) RequestCancel(
	ctx context.Context, user scrape.UserID, run scrape.RunID, by string, at time.Time,
) (scrape.Run, error) {
	row, err := one[runRow](ctx, s.pool, sqlRequestCancel, args{"id": run, "user_id": user, "by": storable(by), "at": at})
	if err == nil {
		return row.run(), nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return scrape.Run{}, failed("request cancel", err)
	}
	if _, err := s.UserRun(ctx, user, run); err != nil {
		return scrape.Run{}, err
	}
	return scrape.Run{}, runHasEnded()
}
