package credentials

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// Store keeps users, their sealed logins and the checks of new ones.
type Store interface {
	User(ctx context.Context, id scrape.UserID) (scrape.User, error)
	TouchUser(ctx context.Context, id scrape.UserID, at time.Time) error
	UserCount(ctx context.Context) (int, error)
	Credential(ctx context.Context, user scrape.UserID) (scrape.Credential, error)
	CreateLoginCheck(ctx context.Context, check scrape.LoginCheck) error
	RejectedLoginCheckSince(ctx context.Context, email string, fingerprint []byte, since time.Time) (scrape.CredentialState, bool, error)
	CountOtherLoginChecksSince(ctx context.Context, email string, fingerprint []byte, since time.Time) (int, error)
	DiscardLoginCheck(ctx context.Context, id string) error
	DeleteLoginChecksBefore(ctx context.Context, at time.Time) (int, error)
}

// The limits that keep the portal from being used to guess passwords, and an account from being locked by somebody's impatience.
const (
	checksPerWindow = 5                // different passwords per address
	checkWindow     = 15 * time.Minute // in this time; a refused password is not sent again within it either
	checksKept      = 24 * time.Hour
)

// Service signs people in.
type Service struct {
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
// at the portal, once, and stored when the portal accepts it.
//
// Errors: KindInvalid for an unusable address or password, KindCredentialsRejected, KindAccountLocked, KindPortalThrottled (too many
// passwords tried), KindPortalDown, KindUnavailable (no worker or no Temporal to ask the portal with).
func (s *Service) SignIn(ctx context.Context, login scrape.Login) (scrape.User, error) {
	email := scrape.NormalizeEmail(login.Username)
	if err := checkForm(email, login.Password); err != nil {
		return scrape.User{}, err
	}
	login.Username = email
	id := scrape.UserIDFor(email)
	known, err := s.matchesStored(ctx, id, login.Password)
	if err != nil {
		return scrape.User{}, err
	}
	if !known {
		if err := s.verify(ctx, login); err != nil {
			return scrape.User{}, err
		}
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

// checkForm refuses what no portal would accept before anything is stored or sent.
func checkForm(email string, password scrape.Secret) error {
	if address, err := mail.ParseAddress(email); err != nil || address.Address != email || len(email) > 254 {
		return scrape.Invalid("username", "The user name must be the e-mail address of your WorkFossa account.")
	}
	if password.IsZero() || len(password.Reveal()) > 500 || strings.ContainsAny(password.Reveal(), "\r\n\x00") {
		return scrape.Invalid("password", "The password must have 1 to 500 characters on one line.")
	}
	return nil
}

// matchesStored compares with the stored login. A stored login that the portal has refused since answers for itself, too: the same
// password is not sent again.
func (s *Service) matchesStored(ctx context.Context, id scrape.UserID, password scrape.Secret) (bool, error) {
	credential, err := s.store.Credential(ctx, id)
	if scrape.KindOf(err) == scrape.KindNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	stored, err := openLogin(s.sealer, credential.SealedUsername, credential.SealedPassword, ownerOf(id))
	if err != nil {
		return false, err
	}
	if subtle.ConstantTimeCompare([]byte(stored.Password.Reveal()), []byte(password.Reveal())) != 1 {
		return false, nil
	}
	switch credential.State {
	case scrape.CredentialOK:
		return true, nil
	case scrape.CredentialRejected:
		return false, refusal(credential.State)
	case scrape.CredentialLocked, scrape.CredentialUnverified: // an account may have been unlocked: the person who signs in says so
		return false, nil
	}
	return false, nil
}

func refusal(state scrape.CredentialState) error {
	if state == scrape.CredentialLocked {
		return scrape.Errorf(scrape.KindAccountLocked, "WorkFossa says that this account is locked. Unlock it there, then sign in again.")
	}
	return scrape.Errorf(scrape.KindCredentialsRejected, "WorkFossa refused this e-mail address and password.")
}

// verify has a worker try the login at the portal. The login goes there through Postgres, sealed; the workflow knows an id only. Callers
// who ask about the same login at the same time share one try: its workflow id is the login's fingerprint.
func (s *Service) verify(ctx context.Context, login scrape.Login) error {
	check, err := s.newCheck(ctx, login)
	if err != nil {
		return err
	}
	run, err := s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.VerifyLoginWorkflowID(hex.EncodeToString(check.Fingerprint)), TaskQueue: workflows.ScrapeQueue,
		WorkflowRunTimeout:       workflows.VerifyLoginTimeout,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, workflows.VerifyLoginType, activities.VerifyInput{CheckID: check.ID})
	if err != nil {
		s.forget(ctx, check)
		return unavailable(ctx, err)
	}
	var result activities.VerifyResult
	err = run.Get(ctx, &result)
	if ctx.Err() == nil { // else the workflow may still need the check; it is forgotten with the others of its day
		s.forget(ctx, check)
	}
	if err != nil {
		return s.verifyError(ctx, err)
	}
	switch {
	case result.State == scrape.CredentialOK:
		return nil
	case result.State == scrape.CredentialLocked && result.Message != "": // locked, single sign-on, a forced change: the portal's case says what to do
		return scrape.Errorf(scrape.KindAccountLocked, "%s", result.Message)
	default:
		return refusal(result.State)
	}
}

// forget drops a check that nobody has decided: the portal gave no answer, or another check of the same login got it.
func (s *Service) forget(ctx context.Context, check scrape.LoginCheck) {
	if err := s.store.DiscardLoginCheck(context.WithoutCancel(ctx), check.ID); err != nil {
		s.log.WarnContext(ctx, "login check not forgotten", "error", err)
	}
}

// newCheck stores a login to be verified, unless it may not be sent to the portal now.
func (s *Service) newCheck(ctx context.Context, login scrape.Login) (scrape.LoginCheck, error) {
	now := s.now().UTC()
	if _, err := s.store.DeleteLoginChecksBefore(ctx, now.Add(-checksKept)); err != nil {
		return scrape.LoginCheck{}, err
	}
	fingerprint := s.fingerprint(login)
	state, refused, err := s.store.RejectedLoginCheckSince(ctx, login.Username, fingerprint, now.Add(-checkWindow))
	if err != nil {
		return scrape.LoginCheck{}, err
	}
	if refused {
		return scrape.LoginCheck{}, refusal(state)
	}
	tried, err := s.store.CountOtherLoginChecksSince(ctx, login.Username, fingerprint, now.Add(-checkWindow))
	if err != nil {
		return scrape.LoginCheck{}, err
	}
	if tried >= checksPerWindow {
		return scrape.LoginCheck{}, &scrape.Error{
			Kind: scrape.KindPortalThrottled, RetryAfter: checkWindow,
			Message: "Too many different passwords were tried for this address. Wait 15 minutes, so that WorkFossa does not lock the account.",
		}
	}
	check := scrape.LoginCheck{ID: uuid.NewString(), Email: login.Username, Fingerprint: fingerprint, CreatedAt: now}
	if check.SealedUsername, check.SealedPassword, err = sealLogin(s.sealer, login, checkOf(check.ID)); err != nil {
		return scrape.LoginCheck{}, err
	}
	return check, s.store.CreateLoginCheck(ctx, check)
}

func (s *Service) fingerprint(login scrape.Login) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(login.Username))
	mac.Write([]byte{0})
	mac.Write([]byte(login.Password.Reveal()))
	return mac.Sum(nil)
}

// verifyError tells a person why the portal gave no answer.
func (s *Service) verifyError(ctx context.Context, err error) error {
	var application *temporal.ApplicationError
	if errors.As(err, &application) && scrape.Kind(application.Type()) != scrape.KindInternal {
		return scrape.Errorf(scrape.Kind(application.Type()), "%s", application.Message()).Because(err)
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		return scrape.Errorf(scrape.KindUnavailable,
			"WorkFossa could not be asked in time, because no worker is free or the site is slow. Try again in a minute.").Because(err)
	}
	return unavailable(ctx, err)
}

func unavailable(ctx context.Context, err error) error {
	var refused *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	if errors.As(err, &refused) || errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return scrape.Errorf(scrape.KindUnavailable, "The scheduler does not answer, so that the login cannot be checked. Try again in a minute.").Because(err)
	}
	return fmt.Errorf("verify login: %w", err)
}
