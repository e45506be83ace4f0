package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

type userRow struct {
	ID        scrape.UserID `db:"id"`
	Email     string        `db:"email"`
	Role      scrape.Role   `db:"role"`
	CreatedAt time.Time     `db:"created_at"`
	LastUsed  *time.Time    `db:"last_used"`
}

func (r userRow) user() scrape.User {
	return scrape.User{ID: r.ID, Email: r.Email, Role: r.Role, CreatedAt: r.CreatedAt, LastUsedAt: r.LastUsed}
}

const sqlUser = `
	SELECT
		id,
		email,
		role,
		created_at,
		last_used
	FROM users
	WHERE id = @id`

// User finds a user.
func (s *Store) User(ctx context.Context, id scrape.UserID) (scrape.User, error) {
	row, err := one[userRow](ctx, s.pool, sqlUser, args{"id": id})
	if err != nil {
		return scrape.User{}, failed("read user", orNotFound(err, userNotFound))
	}
	return row.user(), nil
}

const sqlTouchUser = `
	UPDATE users
	SET last_used = GREATEST(last_used, @at::timestamptz)
	WHERE id = @id`

// TouchUser notes that a user was here. It never goes back in time, and does nothing for a user who is gone.
func (s *Store) TouchUser(ctx context.Context, id scrape.UserID, at time.Time) error {
	_, err := execute(ctx, s.pool, sqlTouchUser, args{"id": id, "at": at})
	return failed("touch user", err)
}

const sqlUserCount = `
	SELECT count(*)
	FROM users`

// UserCount tells how many users there are.
func (s *Store) UserCount(ctx context.Context) (int, error) {
	count, err := scalar[int](ctx, s.pool, sqlUserCount, nil)
	return count, failed("count users", err)
}

const sqlSaveUser = `
	INSERT INTO users AS u (id, email, role, last_used, created_at)
	VALUES (
		@id,
		@email,
		COALESCE(NULLIF(@role::text, ''), 'user'),
		@at::timestamptz,
		@at
	)
	ON CONFLICT (id) DO UPDATE
	SET
		email     = EXCLUDED.email,
		role      = COALESCE(NULLIF(@role, ''), u.role),
		last_used = GREATEST(u.last_used, EXCLUDED.last_used)`

// saveUser adds a user or notes the sign-in of a known one. An empty role keeps the one there is.
func saveUser(ctx context.Context, db querier, user scrape.User, at time.Time) error {
	_, err := execute(ctx, db, sqlSaveUser, args{
		"id":    user.ID,
		"email": scrape.NormalizeEmail(user.Email),
		"role":  user.Role,
		"at":    at,
	})
	return err
}
