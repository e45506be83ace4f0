package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

type loginCheckRow struct {
	ID             string                 `db:"id"`
	Owner          scrape.UserID          `db:"owner"`
	Email          string                 `db:"email"`
	Fingerprint    []byte                 `db:"fingerprint"`
	SealedUsername []byte                 `db:"sealed_username"`
	SealedPassword []byte                 `db:"sealed_password"`
	State          scrape.CredentialState `db:"state"`
	CreatedAt      time.Time              `db:"created_at"`
	DecidedAt      *time.Time             `db:"decided_at"`
}

const sqlCreateLoginCheck = `
	INSERT INTO login_checks (id, owner, email, fingerprint, sealed_username, sealed_password, created_at)
	VALUES (@id, NULLIF(@owner, ''), @email, @fingerprint, @sealed_username, @sealed_password, @created_at)`

// CreateLoginCheck stores a pending check; its State and DecidedAt are not looked at.
func (s *Store) CreateLoginCheck(ctx context.Context, check scrape.LoginCheck) error {
	id, err := uuid.Parse(check.ID)
	if err != nil {
		return scrape.Invalid("id", "The sign-in's id must be a UUID.").Because(err)
	}
	_, err = execute(ctx, s.pool, sqlCreateLoginCheck, args{
		"id":              id.String(),
		"owner":           check.Owner,
		"email":           scrape.NormalizeEmail(check.Email),
		"fingerprint":     check.Fingerprint,
		"sealed_username": check.SealedUsername,
		"sealed_password": check.SealedPassword,
		"created_at":      check.CreatedAt,
	})
	return failed("create login check", err)
}

const loginCheckColumns = `
		id::text AS id,
		COALESCE(owner, '') AS owner,
		email,
		fingerprint,
		sealed_username,
		sealed_password,
		state,
		created_at,
		decided_at`

const sqlLoginCheck = `
	SELECT` + loginCheckColumns + `
	FROM login_checks
	WHERE id = @id::uuid`

const sqlLockLoginCheck = sqlLoginCheck + `
	FOR UPDATE`

// LoginCheck finds a check.
func (s *Store) LoginCheck(ctx context.Context, id string) (scrape.LoginCheck, error) {
	check, err := readLoginCheck(ctx, s.pool, sqlLoginCheck, id)
	return check, failed("read login check", err)
}

// readLoginCheck treats an id that is no UUID as one that does not exist: it comes from outside.
func readLoginCheck(ctx context.Context, db querier, sql, id string) (scrape.LoginCheck, error) {
	if uuid.Validate(id) != nil {
		return scrape.LoginCheck{}, scrape.Errorf(scrape.KindNotFound, loginCheckNotFound)
	}
	row, err := one[loginCheckRow](ctx, db, sql, args{"id": id})
	return scrape.LoginCheck(row), orNotFound(err, loginCheckNotFound)
}

const sqlRejectedLoginCheck = `
	SELECT state
	FROM login_checks
	WHERE email = @email
	  AND fingerprint = @fingerprint
	  AND state IN ('rejected', 'locked')
	  AND decided_at >= @since
	ORDER BY decided_at DESC
	LIMIT 1`

// RejectedLoginCheckSince tells whether the portal refused exactly this login since then, and how (rejected or locked): a refused password is not sent twice.
func (s *Store) RejectedLoginCheckSince(
	ctx context.Context, email string, fingerprint []byte, since time.Time,
) (state scrape.CredentialState, found bool, err error) {
	state, err = scalar[scrape.CredentialState](ctx, s.pool, sqlRejectedLoginCheck, args{
		"email":       scrape.NormalizeEmail(email),
		"fingerprint": fingerprint,
		"since":       since,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return state, err == nil, failed("find rejected login check", err)
}

const sqlCountLoginChecks = `
	SELECT count(DISTINCT fingerprint)
	FROM login_checks
	WHERE email = @email
	  AND fingerprint <> @fingerprint
	  AND created_at >= @since`

// CountOtherLoginChecksSince tells how many logins other than this one were tried with the address since then.
func (s *Store) CountOtherLoginChecksSince(ctx context.Context, email string, fingerprint []byte, since time.Time) (int, error) {
	count, err := scalar[int](ctx, s.pool, sqlCountLoginChecks, args{
		"email":       scrape.NormalizeEmail(email),
		"fingerprint": fingerprint,
		"since":       since,
	})
	return count, failed("count login checks", err)
}

const sqlDecideLoginCheck = `
	UPDATE login_checks
	SET
		state           = @state,
		decided_at      = @at,
		sealed_username = NULL,
		sealed_password = NULL
	WHERE id = @id::uuid
	  AND state = 'unverified'`

// DecideLoginCheck notes that the portal refused the login and wipes the sealed values. The
// first decision stands: a check that is decided stays as it is, without an error. To accept, use AcceptLoginCheck.
func (s *Store) DecideLoginCheck(ctx context.Context, id string, state scrape.CredentialState, at time.Time) error {
	if state != scrape.CredentialRejected && state != scrape.CredentialLocked {
		return scrape.Invalid("state", "A login check cannot be decided as %q.", state)
	}
	if _, err := s.LoginCheck(ctx, id); err != nil {
		return err
	}
	_, err := execute(ctx, s.pool, sqlDecideLoginCheck, args{"id": id, "state": state, "at": at})
	return failed("decide login check", err)
}

// AcceptLoginCheck stores the user, the login as verified and the portal session, marks the check as accepted and wipes its
// sealed values, all or nothing. It may be repeated: an accepted check gives the credential's id and changes nothing. A check
// that was decided otherwise is a conflict.
//
// The login becomes that of accept.User. When the check has an owner, that is who it must be, and the user's row is left as it is.
func (s *Store) AcceptLoginCheck(ctx context.Context, id string, accept scrape.AcceptedLogin) (scrape.CredentialID, error) {
	var credential scrape.CredentialID
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		check, err := readLoginCheck(ctx, tx, sqlLockLoginCheck, id)
		if err != nil {
			return err
		}
		switch check.State {
		case scrape.CredentialUnverified:
			credential, err = acceptLogin(ctx, tx, check, accept)
			return err
		case scrape.CredentialOK:
			known, err := readCredential(ctx, tx, sqlCredential, args{"user_id": accept.User.ID})
			credential = known.ID
			return err
		default:
			return scrape.Errorf(scrape.KindConflict, "This sign-in has ended already. Sign in again.")
		}
	})
	if err != nil {
		return 0, failed("accept login check", err)
	}
	return credential, nil
}

func acceptLogin(
	ctx context.Context, tx pgx.Tx, check scrape.LoginCheck, accept scrape.AcceptedLogin,
) (scrape.CredentialID, error) {
	switch check.Owner {
	case "":
		if err := saveUser(ctx, tx, accept.User, accept.At); err != nil {
			return 0, err
		}
	case accept.User.ID:
	default:
		return 0, scrape.Errorf(scrape.KindConflict, "This login was checked for another user. Check it again.")
	}
	credential, err := saveCredential(ctx, tx, accept.User.ID, accept.SealedUsername, accept.SealedPassword,
		scrape.CredentialOK, &accept.At)
	if err != nil {
		return 0, err
	}
	if accept.SealedSession != nil {
		_, err := execute(ctx, tx, sqlPutPortalSession, args{
			"credential_id": credential.ID,
			"sealed":        accept.SealedSession,
		})
		if err != nil {
			return 0, err
		}
	}
	_, err = execute(ctx, tx, sqlDecideLoginCheck, args{"id": check.ID, "state": scrape.CredentialOK, "at": accept.At})
	return credential.ID, err
}

const sqlDiscardLoginCheck = `
	DELETE FROM login_checks
	WHERE id = @id::uuid
	  AND state = 'unverified'`

// DiscardLoginCheck forgets a check that nobody has decided, with its sealed values. A decided one stays.
func (s *Store) DiscardLoginCheck(ctx context.Context, id string) error {
	_, err := execute(ctx, s.pool, sqlDiscardLoginCheck, args{"id": id})
	return failed("discard login check", err)
}

const sqlDeleteLoginChecks = `
	DELETE FROM login_checks
	WHERE created_at < @before`

// DeleteLoginChecksBefore forgets the checks made before then and tells how many.
func (s *Store) DeleteLoginChecksBefore(ctx context.Context, before time.Time) (int, error) {
	n, err := execute(ctx, s.pool, sqlDeleteLoginChecks, args{"before": before})
	return n, failed("delete login checks", err)
}
