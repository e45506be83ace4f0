package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

const sqlMarkLogin = `
	UPDATE user_credentials
	SET last_login_at = @at::timestamptz
	WHERE id = @id`

// MarkLogin notes when a portal login was last sent; nil is never. Whoever signs in holds the login's lock, so that no two marks meet.
func (s *Store) MarkLogin(ctx context.Context, id scrape.CredentialID, at *time.Time) error {
	n, err := execute(ctx, s.pool, sqlMarkLogin, args{"id": id, "at": at})
	if err == nil && n == 0 {
		return scrape.Errorf(scrape.KindNotFound, portalLoginNotFound)
	}
	return failed("mark login", err)
}

const sqlPausePortal = `
	UPDATE user_credentials
	SET paused_until = GREATEST(paused_until, @until::timestamptz)
	WHERE id = @id`

// PausePortal notes until when the portal wants to be left alone with a login. Of two pauses the later end stands. It does nothing for
// a login that is gone.
func (s *Store) PausePortal(ctx context.Context, id scrape.CredentialID, until time.Time) error {
	_, err := execute(ctx, s.pool, sqlPausePortal, args{"id": id, "until": until})
	return failed("pause portal", err)
}

const sqlPausedUntil = `
	SELECT paused_until
	FROM user_credentials
	WHERE id = @id`

// PausedUntil tells until when the portal wants to be left alone with a login; it may lie in the past. Zero when it never said so, and
// for a login that is gone.
func (s *Store) PausedUntil(ctx context.Context, id scrape.CredentialID) (time.Time, error) {
	until, err := scalar[*time.Time](ctx, s.pool, sqlPausedUntil, args{"id": id})
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil || until == nil {
		return time.Time{}, failed("read pause of portal", err)
	}
	return *until, nil
}
