package credentials

import (
	"context"
	"crypto/subtle"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// storedLogin is a user's opened login; the zero value stands for none.
type storedLogin struct {
	scrape.Login
	credential scrape.Credential
}

type credentialReader interface {
	Credential(ctx context.Context, user scrape.UserID) (scrape.Credential, error)
}

// readStored opens the login that is kept for a user; not having one is no error.
func readStored(ctx context.Context, store credentialReader, sealer Sealer, user scrape.UserID) (storedLogin, error) {
	credential, err := store.Credential(ctx, user)
	if scrape.KindOf(err) == scrape.KindNotFound {
		return storedLogin{}, nil
	}
	if err != nil {
		return storedLogin{}, err
	}
	login, err := openLogin(sealer, credential.SealedUsername, credential.SealedPassword, ownerOf(user))
	if err != nil {
		return storedLogin{}, err
	}
	return storedLogin{login, credential}, nil
}

func (s storedLogin) missing() bool { return s.credential.ID == 0 }

// is tells whether both are the same address and password.
func (s storedLogin) is(login scrape.Login) bool {
	return !s.missing() && scrape.NormalizeEmail(s.Username) == scrape.NormalizeEmail(login.Username) &&
		subtle.ConstantTimeCompare([]byte(s.Password.Reveal()), []byte(login.Password.Reveal())) == 1
}

// answers tells whether the portal need not be asked about this login, since it has accepted it before.
func (s storedLogin) answers(login scrape.Login) bool {
	return s.is(login) && s.credential.State == scrape.CredentialOK
}

// chosenOver tells whether signing in with this address leaves the stored login alone: the user has put another address in its place,
// and the portal has nothing against that.
func (s storedLogin) chosenOver(email string) bool {
	return !s.missing() && !s.credential.State.Refused() && scrape.NormalizeEmail(s.Username) != scrape.NormalizeEmail(email)
}

// acceptedSince tells whether the portal has accepted the login since then, and has not refused it.
func (s storedLogin) acceptedSince(since time.Time) bool {
	return s.credential.State == scrape.CredentialOK && s.credential.VerifiedAt != nil && s.credential.VerifiedAt.After(since)
}

// heldRuns tells whether runs are held until there is another login.
func (s storedLogin) heldRuns() bool { return s.missing() || s.credential.State.Refused() }
