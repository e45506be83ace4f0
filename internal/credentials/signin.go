package credentials

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/scrape"
)

// Store keeps users, their sessions, their sealed logins and the checks of new ones.
type Store interface {
	User(ctx context.Context, id scrape.UserID) (scrape.User, error)
	TouchUser(ctx context.Context, id scrape.UserID, at time.Time) error
	UserCount(ctx context.Context) (int, error)
	AddUserSession(ctx context.Context, session scrape.UserSession) error
	UserInSession(ctx context.Context, user scrape.UserID, session scrape.UserSessionID) (scrape.User, *scrape.UserSession, error)
	TouchUserSession(ctx context.Context, session scrape.UserSessionID, at, unlessAfter time.Time) error
	UserSessions(ctx context.Context, user scrape.UserID, at time.Time, limit int) ([]scrape.UserSession, error)
	RevokeUserSession(ctx context.Context, user scrape.UserID, session scrape.UserSessionID, at time.Time) error
	RevokeOtherUserSessions(ctx context.Context, user scrape.UserID, keep scrape.UserSessionID, at time.Time) (int, error)
	Credential(ctx context.Context, user scrape.UserID) (scrape.Credential, error)
	DeleteCredential(ctx context.Context, user scrape.UserID) error
	CreateLoginCheck(ctx context.Context, check scrape.LoginCheck) error
	LoginCheck(ctx context.Context, id string) (scrape.LoginCheck, error)
	RejectedLoginCheckSince(ctx context.Context, email string, fingerprint []byte, since time.Time) (scrape.CredentialState, bool, error)
	CountOtherLoginChecksSince(ctx context.Context, email string, fingerprint []byte, since time.Time) (int, error)
	DiscardLoginCheck(ctx context.Context, id string) error
	DeleteLoginChecksBefore(ctx context.Context, at time.Time) (int, error)
}

// Service signs people in and looks after their stored logins.
type Service struct {
	// LoginGap is how long a login that the portal has accepted needs no test. Set it before the first call.
	LoginGap time.Duration
	// SessionLifetime is how long after a sign-in its session ends. Set it before the first call.
	SessionLifetime time.Duration
	// Resumed is told of users whose login is accepted after it was refused or missing: what was held for it is to run again. It is
	// called before the use case returns, with a context that outlives the caller's. Nil is allowed; set it before the first call.
	Resumed func(ctx context.Context, user scrape.UserID)

	store  Store
	sealer Sealer
	client client.Client
	key    []byte // of fingerprints
	roles  func(email string) scrape.Role
	now    func() time.Time
	log    *slog.Logger
}

// New makes the service. The key makes fingerprints of passwords worthless without it; admins lists administrators' e-mail addresses.
func New(store Store, sealer Sealer, temporal client.Client, key scrape.Secret, admins []string, log *slog.Logger) *Service {
	derived := hmac.New(sha256.New, []byte(key.Reveal()))
	derived.Write([]byte("fossawork login check fingerprint"))
	return &Service{store: store, sealer: sealer, client: temporal, key: derived.Sum(nil), roles: rolesOf(admins), now: time.Now, log: log}
}

func rolesOf(admins []string) func(string) scrape.Role {
	known := map[string]bool{}
	for _, email := range admins {
		known[scrape.NormalizeEmail(email)] = true
	}
	return func(email string) scrape.Role {
		if known[scrape.NormalizeEmail(email)] {
			return scrape.RoleAdmin
		}
		return scrape.RoleUser
	}
}

// SignIn answers who signs in with this login. A stored login that the portal has accepted answers by itself; anything else is tried
// at the portal, once, and stored when the portal accepts it. A stored login of another address, which the user has put in its place, stays.
//
// Errors: KindInvalid for an unusable address or password, KindCredentialsRejected, KindAccountLocked, KindPortalThrottled (too many
// passwords tried), KindPortalDown, KindUnavailable (no worker or no Temporal to ask the portal with).
func (s *Service) SignIn(ctx context.Context, login scrape.Login) (scrape.User, error) {
	login, err := checkForm(login)
	if err != nil {
		return scrape.User{}, err
	}
	id := scrape.UserIDFor(login.Username)
	stored, err := s.stored(ctx, id)
	if err != nil {
		return scrape.User{}, err
	}
	if !stored.answers(login) {
		if err := s.verify(ctx, login, ""); err != nil {
			return scrape.User{}, err
		}
		s.resume(ctx, id, stored)
	}
	if err := s.store.TouchUser(ctx, id, s.now().UTC()); err != nil {
		return scrape.User{}, err
	}
	return s.User(ctx, id)
}

// Verify tells whether a login is accepted, as SignIn does, without signing anybody in.
func (s *Service) Verify(ctx context.Context, login scrape.Login) error {
	_, err := s.SignIn(ctx, login)
	return err
}

// User is one user, with the role that the settings give.
func (s *Service) User(ctx context.Context, id scrape.UserID) (scrape.User, error) {
	user, err := s.store.User(ctx, id)
	if err != nil {
		return scrape.User{}, err
	}
	user.Role = s.roles(user.Email)
	return user, nil
}

// UserCount is the number of users.
func (s *Service) UserCount(ctx context.Context) (int, error) { return s.store.UserCount(ctx) }

// checkForm refuses what no portal would accept before anything is stored or sent, and gives the login with its address normalized.
func checkForm(login scrape.Login) (scrape.Login, error) {
	login.Username = scrape.NormalizeEmail(login.Username)
	if address, err := mail.ParseAddress(login.Username); err != nil || address.Address != login.Username || len(login.Username) > 254 {
		return scrape.Login{}, scrape.Invalid("username", "The user name must be the e-mail address of your WorkFossa account.")
	}
	password := login.Password
	if password.IsZero() || len(password.Reveal()) > 500 || strings.ContainsAny(password.Reveal(), "\r\n\x00") {
		return scrape.Login{}, scrape.Invalid("password", "The password must have 1 to 500 characters on one line.")
	}
	return login, nil
}

func (s *Service) stored(ctx context.Context, user scrape.UserID) (storedLogin, error) {
	return readStored(ctx, s.store, s.sealer, user)
}

// resume says that runs which were held for want of a login may run. The caller may be gone by then, the login is kept all the same.
func (s *Service) resume(ctx context.Context, user scrape.UserID, before storedLogin) {
	if s.Resumed != nil && before.heldRuns() {
		s.Resumed(context.WithoutCancel(ctx), user)
	}
}
