package credentials

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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

// The limits that keep the portal from being used to guess passwords, and an account from being locked by somebody's impatience. They
// hold for an address, whoever tries it: that is what the portal locks.
const (
	checksPerWindow = 5                // different passwords per address
	checkWindow     = 15 * time.Minute // in this time; a refused password is not sent again within it either
	checksKept      = 24 * time.Hour
)

// sharedAsks is how often a login is put to the portal for somebody who keeps meeting other people's checks of the same one.
const sharedAsks = 3

// verify has the portal asked, and returns without an error once the login is kept. A check of the same login for another purpose does
// not keep it for this one; since the portal has accepted the login then, it does no harm to ask again.
func (s *Service) verify(ctx context.Context, login scrape.Login, owner scrape.UserID) error {
	user, _ := purpose(owner, login.Username)
	for range sharedAsks {
		kept, err := s.ask(ctx, login, owner)
		if err != nil || kept {
			return err
		}
		stored, err := s.stored(ctx, user)
		if err != nil {
			return err
		}
		if stored.answers(login) || (owner == "" && stored.chosenOver(login.Username)) {
			return nil
		}
	}
	return errShared()
}

// errShared says that somebody else's check of the same login was in the way.
func errShared() *scrape.Error {
	return scrape.Errorf(scrape.KindUnavailable, "This login is being checked for somebody else, too. Try again in a minute.")
}

// ask has a worker try the login at the portal. The login goes there through Postgres, sealed; the workflow knows an id only. All who ask
// about one login at the same time, for whatever purpose, share one try: its workflow id is the login's fingerprint. The login is
// accepted if there is no error; kept tells whether it was accepted for this very check, and kept as its owner says.
func (s *Service) ask(ctx context.Context, login scrape.Login, owner scrape.UserID) (kept bool, err error) {
	check, err := s.newCheck(ctx, login, owner)
	if err != nil {
		return false, err
	}
	result, err := s.tryAtPortal(ctx, check)
	if !outOfTime(ctx, err) { // else the workflow may still need the check; it is forgotten with the others of its day
		defer s.forget(ctx, check)
	}
	if err != nil {
		return false, err
	}
	switch {
	case result.State == scrape.CredentialOK:
		decided, err := s.store.LoginCheck(ctx, check.ID)
		return decided.State == scrape.CredentialOK, err
	case result.State == scrape.CredentialLocked && result.Message != "": // locked, single sign-on, a forced change: the portal's case says what to do
		return false, scrape.Errorf(scrape.KindAccountLocked, "%s", result.Message)
	default:
		return false, refusal(result.State)
	}
}

func (s *Service) tryAtPortal(ctx context.Context, check scrape.LoginCheck) (activities.VerifyResult, error) {
	run, err := s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.VerifyLoginWorkflowID(hex.EncodeToString(check.Fingerprint)), TaskQueue: workflows.ScrapeQueue,
		WorkflowRunTimeout:       workflows.VerifyLoginTimeout,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, workflows.VerifyLoginType, activities.VerifyInput{CheckID: check.ID})
	if err != nil {
		return activities.VerifyResult{}, unavailable(ctx, err)
	}
	var result activities.VerifyResult
	if err := run.Get(ctx, &result); err != nil {
		return activities.VerifyResult{}, verifyError(ctx, err)
	}
	return result, nil
}

// forget drops a check that nobody has decided: the portal gave no answer, another check of the same login got it, or nothing was to be kept.
func (s *Service) forget(ctx context.Context, check scrape.LoginCheck) {
	if err := s.store.DiscardLoginCheck(context.WithoutCancel(ctx), check.ID); err != nil {
		s.log.WarnContext(ctx, "login check not forgotten", "error", err)
	}
}

// newCheck stores a login to be verified, unless it may not be sent to the portal now.
func (s *Service) newCheck(ctx context.Context, login scrape.Login, owner scrape.UserID) (scrape.LoginCheck, error) {
	now := s.now().UTC()
	if _, err := s.store.DeleteLoginChecksBefore(ctx, now.Add(-checksKept)); err != nil {
		return scrape.LoginCheck{}, err
	}
	check := scrape.LoginCheck{
		ID: uuid.NewString(), Owner: owner, Email: scrape.NormalizeEmail(login.Username), Fingerprint: s.fingerprint(login), CreatedAt: now,
	}
	if err := s.mayAsk(ctx, check, login); err != nil {
		return scrape.LoginCheck{}, err
	}
	var err error
	if check.SealedUsername, check.SealedPassword, err = sealLogin(s.sealer, login, checkOf(check.ID)); err != nil {
		return scrape.LoginCheck{}, err
	}
	return check, s.store.CreateLoginCheck(ctx, check)
}

// mayAsk refuses a login that the portal has refused, in a check or in a run, and too many different ones. A locked stored login may be
// asked about: its account may have been unlocked, and the person who gives it says so.
func (s *Service) mayAsk(ctx context.Context, check scrape.LoginCheck, login scrape.Login) error {
	since := check.CreatedAt.Add(-checkWindow)
	state, refused, err := s.store.RejectedLoginCheckSince(ctx, check.Email, check.Fingerprint, since)
	if err != nil {
		return err
	}
	if refused {
		return refusal(state)
	}
	user, _ := purpose(check.Owner, check.Email)
	for _, id := range []scrape.UserID{user, scrape.UserIDFor(check.Email)} {
		stored, err := s.stored(ctx, id)
		if err != nil {
			return err
		}
		if stored.is(login) && stored.credential.State == scrape.CredentialRejected {
			return refusal(scrape.CredentialRejected)
		}
	}
	tried, err := s.store.CountOtherLoginChecksSince(ctx, check.Email, check.Fingerprint, since)
	if err != nil {
		return err
	}
	if tried >= checksPerWindow {
		return &scrape.Error{
			Kind: scrape.KindPortalThrottled, RetryAfter: checkWindow,
			Message: "Too many different passwords were tried for this address. Wait 15 minutes, so that WorkFossa does not lock the account.",
		}
	}
	return nil
}

// fingerprint knows a login again, whoever gives it and for whatever purpose.
func (s *Service) fingerprint(login scrape.Login) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(scrape.NormalizeEmail(login.Username)))
	mac.Write([]byte{0})
	mac.Write([]byte(login.Password.Reveal()))
	return mac.Sum(nil)
}

func refusal(state scrape.CredentialState) error {
	if state == scrape.CredentialLocked {
		return scrape.Errorf(scrape.KindAccountLocked, "WorkFossa says that this account is locked. Unlock it there, then sign in again.")
	}
	return scrape.Errorf(scrape.KindCredentialsRejected, "WorkFossa refused this e-mail address and password.")
}

// verifyError tells a person why the portal gave no answer.
func verifyError(ctx context.Context, err error) error {
	var application *temporal.ApplicationError
	if errors.As(err, &application) && application.Type() == string(scrape.KindNotFound) { // the check that was shared has been given up
		return errShared().Because(err)
	}
	if application != nil && scrape.Kind(application.Type()) != scrape.KindInternal {
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
	if errors.As(err, &refused) || outOfTime(ctx, err) {
		return scrape.Errorf(scrape.KindUnavailable, "The scheduler does not answer, so that the login cannot be checked. Try again in a minute.").Because(err)
	}
	return fmt.Errorf("verify login: %w", err)
}

// outOfTime tells whether the caller's time was over. Temporal says so a moment before the deadline that it was given.
func outOfTime(ctx context.Context, err error) bool {
	var late *serviceerror.DeadlineExceeded
	return ctx.Err() != nil || errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded)
}
