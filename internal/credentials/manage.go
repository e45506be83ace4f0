package credentials

import (
	"context"
	"errors"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Info is what may be told of a stored login. Without one, HasCredentials is false and the rest is empty. Times are UTC.
type Info struct {
	HasCredentials bool
	Username       string
	State          scrape.CredentialState
	CreatedAt      *time.Time
	UpdatedAt      *time.Time
	VerifiedAt     *time.Time // when the portal last accepted it; nil when it never has
	LoginAt        *time.Time // when it was last sent to the portal; nil when it never was
}

// Info tells of a user's stored login. The password stays sealed.
func (s *Service) Info(ctx context.Context, user scrape.UserID) (Info, error) {
	credential, err := s.store.Credential(ctx, user)
	if scrape.KindOf(err) == scrape.KindNotFound {
		return Info{}, nil
	}
	if err != nil {
		return Info{}, err
	}
	username, err := openUsername(s.sealer, credential.SealedUsername, ownerOf(user))
	if err != nil {
		return Info{}, err
	}
	return Info{
		HasCredentials: true, Username: username, State: credential.State, CreatedAt: &credential.CreatedAt, UpdatedAt: &credential.UpdatedAt,
		VerifiedAt: credential.VerifiedAt, LoginAt: credential.LoginAt,
	}, nil
}

// Replace keeps this login for the user in place of the stored one, once the portal has accepted it; the user's own address stays. A
// stored login that is the same and accepted is not sent again.
//
// Errors: KindNotFound for an unknown user, KindInvalid for an unusable or refused login, and those of SignIn. What is stored stays then.
func (s *Service) Replace(ctx context.Context, user scrape.UserID, login scrape.Login) error {
	login, err := checkForm(login)
	if err != nil {
		return err
	}
	if _, err := s.store.User(ctx, user); err != nil {
		return err
	}
	stored, err := s.stored(ctx, user)
	if err != nil {
		return err
	}
	if stored.answers(login) {
		return nil
	}
	if err := s.verify(ctx, login, user); err != nil {
		return notSaved(ctx, err)
	}
	s.resume(ctx, user, stored)
	return nil
}

// notSaved says in the error's sentence that the stored login stays. A caller who stopped waiting is told what holds for him: the check
// may still go on without him. A refused login is a mistake in the form; it says nothing about who is signed in.
func notSaved(ctx context.Context, err error) error {
	var known *scrape.Error
	if !errors.As(err, &known) {
		return err
	}
	told := scrape.Error{Kind: known.Kind, Message: known.Message + " Nothing was saved.", Field: known.Field, RetryAfter: known.RetryAfter, Err: err}
	if ctx.Err() != nil {
		told.Message = known.Message + " This login is saved only if WorkFossa still accepts it."
	}
	if known.Kind == scrape.KindCredentialsRejected {
		told.Kind, told.Field = scrape.KindInvalid, "password"
	}
	return &told
}

// Forget deletes the user's stored login and its portal session. KindNotFound when there is none.
func (s *Service) Forget(ctx context.Context, user scrape.UserID) error {
	err := s.store.DeleteCredential(ctx, user)
	if scrape.KindOf(err) == scrape.KindNotFound {
		return scrape.Errorf(scrape.KindNotFound, "No credentials found").Because(err)
	}
	return err
}
