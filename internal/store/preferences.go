package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

type preferencesRow struct {
	Timezone       *string    `db:"timezone"`
	SeenAt         *time.Time `db:"seen_at"`
	PreviousSeenAt *time.Time `db:"previous_seen_at"`
}

func (r preferencesRow) preferences() scrape.Preferences {
	p := scrape.Preferences{SeenAt: r.SeenAt, PreviousSeenAt: r.PreviousSeenAt}
	if r.Timezone != nil {
		p.Timezone = *r.Timezone
	}
	return p
}

const sqlPreferences = `
	SELECT
		timezone,
		seen_at,
		previous_seen_at
	FROM user_preferences
	WHERE user_id = @user_id`

// Preferences reads what a user has set for himself; the zero value when nothing.
func (s *Store) Preferences(ctx context.Context, user scrape.UserID) (scrape.Preferences, error) {
	row, err := one[preferencesRow](ctx, s.pool, sqlPreferences, args{"user_id": user})
	if errors.Is(err, pgx.ErrNoRows) {
		return scrape.Preferences{}, nil
	}
	return row.preferences(), failed("read preferences", err)
}

const sqlSetPreferences = `
	INSERT INTO user_preferences AS p (user_id, timezone, seen_at)
	VALUES (
		@user_id,
		NULLIF(@timezone::text, ''),
		@seen_at::timestamptz
	)
	ON CONFLICT (user_id) DO UPDATE
	SET
		timezone         = CASE WHEN @timezone IS NULL THEN p.timezone ELSE EXCLUDED.timezone END,
		seen_at          = COALESCE(EXCLUDED.seen_at, p.seen_at),
		previous_seen_at = CASE WHEN EXCLUDED.seen_at IS NULL THEN p.previous_seen_at ELSE p.seen_at END
	RETURNING
		p.timezone,
		p.seen_at,
		p.previous_seen_at`

// SetPreferences changes what is given and answers what holds then. KindNotFound when the user is gone.
func (s *Store) SetPreferences(ctx context.Context, user scrape.UserID, patch scrape.PreferencesPatch) (scrape.Preferences, error) {
	row, err := one[preferencesRow](ctx, s.pool, sqlSetPreferences, args{"user_id": user, "timezone": patch.Timezone, "seen_at": patch.SeenAt})
	return row.preferences(), failed("set preferences", err)
}
