package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

type credentialRow struct {
	ID                scrape.CredentialID    `db:"id"`
	UserID            scrape.UserID          `db:"user_id"`
	EncryptedUsername string                 `db:"encrypted_username"`
	EncryptedPassword string                 `db:"encrypted_password"`
	State             scrape.CredentialState `db:"state"`
	Version           int64                  `db:"version"`
	LastVerified      *time.Time             `db:"last_verified"`
	LastLoginAt       *time.Time             `db:"last_login_at"`
	CreatedAt         time.Time              `db:"created_at"`
	UpdatedAt         time.Time              `db:"updated_at"`
}

func (r credentialRow) credential() (scrape.Credential, error) {
	username, err := base64.StdEncoding.DecodeString(r.EncryptedUsername)
	if err != nil {
		return scrape.Credential{}, fmt.Errorf("encrypted_username of credential %d is not base64", r.ID)
	}
	password, err := base64.StdEncoding.DecodeString(r.EncryptedPassword)
	if err != nil {
		return scrape.Credential{}, fmt.Errorf("encrypted_password of credential %d is not base64", r.ID)
	}
	return scrape.Credential{
		ID:             r.ID,
		UserID:         r.UserID,
		SealedUsername: username,
		SealedPassword: password,
		State:          r.State,
		Version:        r.Version,
		VerifiedAt:     r.LastVerified,
		LoginAt:        r.LastLoginAt,
		CreatedAt:      r.CreatedAt,
		UpdatedAt:      r.UpdatedAt,
	}, nil
}

//nolint:gosec // names of columns, no secret
const credentialColumns = `
		id,
		user_id,
		encrypted_username,
		encrypted_password,
		state,
		version,
		last_verified,
		last_login_at,
		created_at,
		updated_at`

const sqlCredential = `
	SELECT` + credentialColumns + `
	FROM user_credentials
	WHERE user_id = @user_id
	  AND service_name = 'workfossa'`

// Credential finds a user's portal login.
func (s *Store) Credential(ctx context.Context, user scrape.UserID) (scrape.Credential, error) {
	return readCredential(ctx, s.pool, sqlCredential, args{"user_id": user})
}

const sqlCredentialByID = `
	SELECT` + credentialColumns + `
	FROM user_credentials
	WHERE id = @id`

// CredentialByID finds a portal login by its number.
func (s *Store) CredentialByID(ctx context.Context, id scrape.CredentialID) (scrape.Credential, error) {
	return readCredential(ctx, s.pool, sqlCredentialByID, args{"id": id})
}

func readCredential(ctx context.Context, db querier, sql string, a args) (scrape.Credential, error) {
	row, err := one[credentialRow](ctx, db, sql, a)
	if err != nil {
		return scrape.Credential{}, failed("read credential", orNotFound(err, portalLoginNotFound))
	}
	credential, err := row.credential()
	return credential, failed("read credential", err)
}

//nolint:gosec // names of columns, no secret
const sqlSetCredentialState = `
	UPDATE user_credentials
	SET
		state         = @state::text,
		is_verified   = @state = 'ok',
		last_verified = CASE WHEN @state = 'ok' THEN now() ELSE last_verified END,
		updated_at    = now()
	WHERE id = @id
	  AND version = @version`

// SetCredentialState notes what the portal said of the login of this version. It reports false, and changes nothing, when
// another login was stored since: what the portal said of the old one does not hold for it.
func (s *Store) SetCredentialState(
	ctx context.Context, id scrape.CredentialID, version int64, state scrape.CredentialState,
) (bool, error) {
	n, err := execute(ctx, s.pool, sqlSetCredentialState, args{"id": id, "version": version, "state": state})
	return n > 0, failed("set credential state", err)
}

const sqlSaveCredential = `
	INSERT INTO user_credentials AS c
		(user_id, service_name, encrypted_username, encrypted_password, state, is_verified, last_verified, last_login_at)
	VALUES (
		@user_id,
		'workfossa',
		@encrypted_username,
		@encrypted_password,
		@state::text,
		@state = 'ok',
		CASE WHEN @state = 'ok' THEN COALESCE(@verified_at::timestamptz, now()) END,
		@verified_at
	)
	ON CONFLICT (user_id, service_name) DO UPDATE
	SET
		encrypted_username = EXCLUDED.encrypted_username,
		encrypted_password = EXCLUDED.encrypted_password,
		is_active          = true,
		is_verified        = EXCLUDED.is_verified,
		last_verified      = EXCLUDED.last_verified,
		last_login_at      = EXCLUDED.last_login_at,
		paused_until       = NULL,
		state              = EXCLUDED.state,
		version            = c.version + 1,
		updated_at         = now()
	RETURNING` + credentialColumns

// SaveCredential stores a portal login, in place of the one there is, and drops what belongs to the old one: its session, its last login
// and its pause.
func (s *Store) SaveCredential(
	ctx context.Context, user scrape.UserID, sealedUsername, sealedPassword []byte, state scrape.CredentialState,
) (scrape.Credential, error) {
	var saved scrape.Credential
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		saved, err = saveCredential(ctx, tx, user, sealedUsername, sealedPassword, state, nil)
		return err
	})
	if err != nil {
		return scrape.Credential{}, failed("save credential", err)
	}
	return saved, nil
}

// saveCredential is SaveCredential within a transaction; verifiedAt is when the portal accepted the login, nil when it was not sent.
// Dropping the session belongs to it: the session of another login would go on collecting another person's orders.
func saveCredential(
	ctx context.Context, tx pgx.Tx, user scrape.UserID, sealedUsername, sealedPassword []byte,
	state scrape.CredentialState, verifiedAt *time.Time,
) (scrape.Credential, error) {
	row, err := one[credentialRow](ctx, tx, sqlSaveCredential, args{
		"user_id":            user,
		"encrypted_username": base64.StdEncoding.EncodeToString(sealedUsername),
		"encrypted_password": base64.StdEncoding.EncodeToString(sealedPassword),
		"state":              state,
		"verified_at":        verifiedAt,
	})
	if err != nil {
		return scrape.Credential{}, err
	}
	if _, err := execute(ctx, tx, sqlDropPortalSession, args{"credential_id": row.ID}); err != nil {
		return scrape.Credential{}, err
	}
	return row.credential()
}

//nolint:gosec // names of columns, no secret
const sqlDeleteCredential = `
	DELETE FROM user_credentials
	WHERE user_id = @user_id
	  AND service_name = 'workfossa'`

// DeleteCredential forgets a user's portal login and its session.
func (s *Store) DeleteCredential(ctx context.Context, user scrape.UserID) error {
	n, err := execute(ctx, s.pool, sqlDeleteCredential, args{"user_id": user})
	if err == nil && n == 0 {
		return scrape.Errorf(scrape.KindNotFound, portalLoginNotFound)
	}
	return failed("delete credential", err)
}
