package credentials

import (
	"context"
	"strings"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
)

// The owner of a check says what becomes of a login that the portal accepts: the login of the user whose e-mail address it is when there is
// no owner (a sign-in), of the owner (a replacement), or nobody's when this stands before the owner's id (a test). Ids of users have no slash.
const testedBy = "test/"

func testFor(user scrape.UserID) scrape.UserID { return testedBy + user }

// purpose tells whose login is checked, and whether it is only tested.
func purpose(owner scrape.UserID, email string) (user scrape.UserID, test bool) {
	if owner == "" {
		return scrape.UserIDFor(email), false
	}
	id, test := strings.CutPrefix(string(owner), testedBy)
	return scrape.UserID(id), test
}

// Check opens a login that a person wants to have verified. It comes decided when the portal has answered meanwhile: checks of one login
// are carried out one after the other, so that looking here is what keeps a refused one from being sent twice.
func (v *Vault) Check(ctx context.Context, id string) (activities.Check, error) {
	check, err := v.store.LoginCheck(ctx, id)
	if err != nil {
		return activities.Check{}, err
	}
	opened := activities.Check{ID: id, Owner: check.Owner, Decided: check.State}
	if check.State != scrape.CredentialUnverified {
		return opened, nil
	}
	if opened.Login, err = openLogin(v.sealer, check.SealedUsername, check.SealedPassword, checkOf(id)); err != nil {
		return activities.Check{}, err
	}
	opened.Decided, err = v.answered(ctx, check, opened.Login)
	return opened, err
}

// answered is what the portal has said of this login since the check was asked for, and empty when nothing.
func (v *Vault) answered(ctx context.Context, check scrape.LoginCheck, login scrape.Login) (scrape.CredentialState, error) {
	state, refused, err := v.store.RejectedLoginCheckSince(ctx, check.Email, check.Fingerprint, check.CreatedAt.Add(-checkWindow))
	if err != nil || refused {
		return state, err
	}
	user, _ := purpose(check.Owner, check.Email)
	stored, err := readStored(ctx, v.store, v.sealer, user)
	if err != nil || !stored.is(login) {
		return "", err
	}
	switch verified := stored.credential.VerifiedAt; {
	case stored.credential.State == scrape.CredentialRejected:
		return scrape.CredentialRejected, nil
	case stored.credential.State == scrape.CredentialOK && verified != nil && !verified.Before(check.CreatedAt):
		return scrape.CredentialOK, nil
	}
	return "", nil
}

// AcceptCheck makes the checked login the user's own, together with the portal session that the check has brought. Nothing is kept of a
// login that was only tested; but if it is the stored one, that is known to be accepted.
func (v *Vault) AcceptCheck(ctx context.Context, check activities.Check, session scrape.Session) error {
	email := scrape.NormalizeEmail(check.Login.Username)
	id, test := purpose(check.Owner, email)
	stored, err := readStored(ctx, v.store, v.sealer, id)
	if err != nil {
		return err
	}
	if test {
		return v.confirm(ctx, stored, check.Login, session)
	}
	user := scrape.User{ID: id}
	if check.Owner == "" {
		if stored.chosenOver(email) {
			return nil
		}
		user.Email, user.Role = email, v.roles(email) // those of an owner are known, and not the login's
	}
	return v.keep(ctx, check, user, session)
}

func (v *Vault) keep(ctx context.Context, check activities.Check, user scrape.User, session scrape.Session) error {
	username, password, err := sealLogin(v.sealer, check.Login, ownerOf(user.ID))
	if err != nil {
		return err
	}
	sealed, err := v.sealSession(session, user.ID)
	if err != nil {
		return err
	}
	_, err = v.store.AcceptLoginCheck(ctx, check.ID, scrape.AcceptedLogin{
		User: user, SealedUsername: username, SealedPassword: password, SealedSession: sealed, At: v.now().UTC(),
	})
	return err
}

// confirm notes that a stored login was sent and accepted. Each write holds for the login that was read: one that was stored or deleted
// meanwhile is left alone.
func (v *Vault) confirm(ctx context.Context, stored storedLogin, tested scrape.Login, session scrape.Session) error {
	if !stored.is(tested) {
		return nil
	}
	if _, err := v.MarkLogin(ctx, stored.credential); err != nil && scrape.KindOf(err) != scrape.KindNotFound {
		return err
	}
	_, version, err := v.store.PortalSession(ctx, stored.credential.ID)
	if err != nil {
		return err
	}
	_, err = v.SaveSession(ctx, stored.credential, session, version)
	return err
}

// RejectCheck notes that the portal refused the login and forgets it. A stored login that is the same is refused, too. The check is
// decided last, since a decided one is not looked at again when this has to be repeated.
func (v *Vault) RejectCheck(ctx context.Context, check activities.Check, state scrape.CredentialState) error {
	id, _ := purpose(check.Owner, scrape.NormalizeEmail(check.Login.Username))
	stored, err := readStored(ctx, v.store, v.sealer, id)
	if err != nil {
		return err
	}
	if stored.is(check.Login) {
		if err := v.SetState(ctx, stored.credential.ID, stored.credential.Version, state); err != nil {
			return err
		}
	}
	return v.store.DecideLoginCheck(ctx, check.ID, state, v.now().UTC())
}
