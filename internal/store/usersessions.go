package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

type userSessionRow struct {
	ID         scrape.UserSessionID `db:"id"`
	UserID     scrape.UserID        `db:"user_id"`
	CreatedAt  time.Time            `db:"created_at"`
	LastSeenAt time.Time            `db:"last_seen_at"`
	UserAgent  string               `db:"user_agent"`
	ExpiresAt  time.Time            `db:"expires_at"`
	RevokedAt  *time.Time           `db:"revoked_at"`
}

func (r userSessionRow) session() scrape.UserSession { return scrape.UserSession(r) }

const sqlAddUserSession = `
	INSERT INTO user_sessions (id, user_id, created_at, last_seen_at, user_agent, expires_at)
	VALUES (
		@id,
		@user_id,
		@created_at,
		@last_seen_at,
		@user_agent,
		@expires_at
	)`

// AddUserSession keeps a new session. KindNotFound when the user is gone.
func (s *Store) AddUserSession(ctx context.Context, session scrape.UserSession) error {
	_, err := execute(ctx, s.pool, sqlAddUserSession, args{
		"id":           session.ID,
		"user_id":      session.UserID,
		"created_at":   session.CreatedAt,
		"last_seen_at": session.LastSeenAt,
		"user_agent":   session.UserAgent,
		"expires_at":   session.ExpiresAt,
	})
	return failed("add session", err)
}

const sqlUserInSession = `
	SELECT
		u.id,
		u.email,
		u.role,
		u.created_at,
		u.last_used,
		s.id         AS session_id,
		s.created_at AS session_created_at,
		s.last_seen_at,
		s.user_agent,
		s.expires_at,
		s.revoked_at
	FROM users AS u
	LEFT JOIN user_sessions AS s ON s.id = @session_id AND s.user_id = u.id
	WHERE u.id = @id`

// UserInSession finds a user and one of his sessions, whether or not it is still good; nil when there is none of this id.
func (s *Store) UserInSession(ctx context.Context, id scrape.UserID, session scrape.UserSessionID) (scrape.User, *scrape.UserSession, error) {
	type sessionOfUserRow struct {
		userRow
		SessionID  *scrape.UserSessionID `db:"session_id"`
		BegunAt    *time.Time            `db:"session_created_at"`
		LastSeenAt *time.Time            `db:"last_seen_at"`
		UserAgent  *string               `db:"user_agent"`
		ExpiresAt  *time.Time            `db:"expires_at"`
		RevokedAt  *time.Time            `db:"revoked_at"`
	}
	row, err := one[sessionOfUserRow](ctx, s.pool, sqlUserInSession, args{"id": id, "session_id": session})
	if err != nil {
		return scrape.User{}, nil, failed("read user in session", orNotFound(err, userNotFound))
	}
	if row.SessionID == nil {
		return row.user(), nil, nil
	}
	return row.user(), &scrape.UserSession{
		ID: *row.SessionID, UserID: row.ID, CreatedAt: *row.BegunAt, LastSeenAt: *row.LastSeenAt, UserAgent: *row.UserAgent,
		ExpiresAt: *row.ExpiresAt, RevokedAt: row.RevokedAt,
	}, nil
}

const sqlTouchUserSession = `
	UPDATE user_sessions
	SET last_seen_at = @at::timestamptz
	WHERE id = @id
	  AND last_seen_at <= @unless_after::timestamptz`

// TouchUserSession notes that a session was used, unless that was noted after the given moment.
func (s *Store) TouchUserSession(ctx context.Context, id scrape.UserSessionID, at, unlessAfter time.Time) error {
	_, err := execute(ctx, s.pool, sqlTouchUserSession, args{"id": id, "at": at, "unless_after": unlessAfter})
	return failed("touch session", err)
}

const sqlUserSessions = `
	SELECT
		id,
		user_id,
		created_at,
		last_seen_at,
		user_agent,
		expires_at,
		revoked_at
	FROM user_sessions
	WHERE user_id = @user_id
	  AND revoked_at IS NULL
	  AND expires_at > @at::timestamptz
	ORDER BY last_seen_at DESC, id
	LIMIT @limit::bigint`

// UserSessions lists a user's sessions that are good at a moment, the one used last first; never nil.
func (s *Store) UserSessions(ctx context.Context, user scrape.UserID, at time.Time, limit int) ([]scrape.UserSession, error) {
	rows, err := many[userSessionRow](ctx, s.pool, sqlUserSessions, args{"user_id": user, "at": at, "limit": limit})
	return convert(rows, userSessionRow.session), failed("list sessions", err)
}

const sqlRevokeUserSession = `
	UPDATE user_sessions
	SET revoked_at = @at::timestamptz
	WHERE id = @id
	  AND user_id = @user_id
	  AND revoked_at IS NULL
	  AND expires_at > @at`

// RevokeUserSession ends a user's session. KindNotFound when he has none of this id that is good at that moment.
func (s *Store) RevokeUserSession(ctx context.Context, user scrape.UserID, id scrape.UserSessionID, at time.Time) error {
	n, err := execute(ctx, s.pool, sqlRevokeUserSession, args{"id": id, "user_id": user, "at": at})
	if err == nil && n == 0 {
		return scrape.Errorf(scrape.KindNotFound, "%s", userSessionNotFound)
	}
	return failed("end session", err)
}

const sqlRevokeOtherUserSessions = `
	UPDATE user_sessions
	SET revoked_at = @at::timestamptz
	WHERE user_id = @user_id
	  AND id <> @keep
	  AND revoked_at IS NULL
	  AND expires_at > @at`

// RevokeOtherUserSessions ends all of a user's sessions but one, and tells how many that were.
func (s *Store) RevokeOtherUserSessions(ctx context.Context, user scrape.UserID, keep scrape.UserSessionID, at time.Time) (int, error) {
	n, err := execute(ctx, s.pool, sqlRevokeOtherUserSessions, args{"user_id": user, "keep": keep, "at": at})
	return n, failed("end sessions", err)
}
