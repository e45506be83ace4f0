package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

type sessionRow struct {
	Version int64  `db:"version"`
	Sealed  []byte `db:"sealed"`
}

const sqlPortalSession = `
	SELECT
		version,
		sealed
	FROM portal_sessions
	WHERE credential_id = @credential_id`

// PortalSession finds the sealed session of a credential; version 0 and nil when there is none.
func (s *Store) PortalSession(ctx context.Context, id scrape.CredentialID) (sealed []byte, version int64, err error) {
	row, err := one[sessionRow](ctx, s.pool, sqlPortalSession, args{"credential_id": id})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, 0, nil
	}
	return row.Sealed, row.Version, failed("read portal session", err)
}

const sqlAddPortalSession = `
	INSERT INTO portal_sessions (credential_id, sealed)
	SELECT
		id,
		@sealed
	FROM user_credentials
	WHERE id = @credential_id
	  AND version = @credential_version
	ON CONFLICT (credential_id) DO NOTHING
	RETURNING version`

const sqlReplacePortalSession = `
	UPDATE portal_sessions
	SET
		version    = nextval('portal_session_versions'),
		sealed     = @sealed,
		updated_at = now()
	WHERE credential_id = @credential_id
	  AND version = @replaces
	  AND EXISTS (
		SELECT
		FROM user_credentials AS c
		WHERE c.id = @credential_id
		  AND c.version = @credential_version
	  )
	RETURNING version`

const sqlPutPortalSession = `
	INSERT INTO portal_sessions (credential_id, sealed)
	VALUES (@credential_id, @sealed)
	ON CONFLICT (credential_id) DO UPDATE
	SET
		version    = EXCLUDED.version,
		sealed     = EXCLUDED.sealed,
		updated_at = now()`

const sqlPortalSessionVersion = `
	SELECT COALESCE(max(version), 0)
	FROM portal_sessions
	WHERE credential_id = @credential_id`

const sqlDropPortalSession = `
	DELETE FROM portal_sessions
	WHERE credential_id = @credential_id`

// SavePortalSession stores a sealed session in place of the one of version replaces, 0 for none, and gives the new version.
// When another one is stored by now, or when the login is no longer the one that was signed in with (credentialVersion), it
// changes nothing and gives the stored one's version, 0 for none, with won = false: neither an older session nor one of an
// older login replaces a newer one. Versions grow, but not by one: none is ever used again.
func (s *Store) SavePortalSession(
	ctx context.Context, id scrape.CredentialID, credentialVersion int64, sealed []byte, replaces int64,
) (version int64, won bool, err error) {
	sql, a := sqlAddPortalSession, args{"credential_id": id, "credential_version": credentialVersion, "sealed": sealed}
	if replaces != 0 {
		sql, a["replaces"] = sqlReplacePortalSession, replaces
	}
	version, err = scalar[int64](ctx, s.pool, sql, a)
	if err == nil {
		return version, true, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return 0, false, failed("save portal session", err)
	}
	version, err = scalar[int64](ctx, s.pool, sqlPortalSessionVersion, args{"credential_id": id})
	return version, false, failed("read portal session version", err)
}
