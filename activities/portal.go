package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/fossawork/scheduler/scrape"
)

// ProgressStore finds the run of a workflow and notes how far it is.
type ProgressStore interface {
	// RunOf is the run of a workflow, if the login that the workflow goes on with is none of somebody else.
	RunOf(ctx context.Context, workflowID string, credential scrape.CredentialID) (scrape.Run, error)
	SetProgress(ctx context.Context, id scrape.RunID, progress scrape.Progress) error
}

// Portal holds the steps that go to the portal whatever the job. They run on the browser queue.
type Portal struct {
	Site     Site
	Vault    Vault
	Progress ProgressStore
	Evidence *Evidence
	Breaker  *Breaker // may be nil
}

// ownRun is the run of the workflow that calls. It is found by the workflow's name, not by the ids that the workflow was given when it began:
// a database that was restored from a backup may have given them to others since.
func ownRun(ctx context.Context, store ProgressStore, credential scrape.CredentialID) (scrape.Run, error) {
	run, err := store.RunOf(ctx, activity.GetInfo(ctx).WorkflowExecution.ID, credential)
	if scrape.KindOf(err) == scrape.KindNotFound {
		return run, scrape.Errorf(scrape.KindNotFound, "The database does not know this run, as after it was restored from a backup. The next run starts anew.").Because(err)
	}
	if err != nil {
		return run, fmt.Errorf("read run: %w", err)
	}
	return run, nil
}

// LoginInput names the login and the session that the portal no longer accepts (0: there was none); and the run, for who reads it in Temporal.
type LoginInput struct {
	RunID        scrape.RunID        `json:"run_id"`
	CredentialID scrape.CredentialID `json:"credential_id"`
	StaleSession int64               `json:"stale_session,omitempty"`
}

// LoginResult is the version of the session to go on with.
type LoginResult struct {
	SessionVersion int64 `json:"session_version"`
	Taken          bool  `json:"taken,omitempty"` // another run has signed in meanwhile; this step has not
}

// Login signs in unless another run has done so since the stale session. A login that the portal refuses is marked and never sent again.
func (p *Portal) Login(ctx context.Context, in LoginInput) (LoginResult, error) {
	ctx, heart := beat(ctx)
	defer heart.stop()
	run, err := ownRun(ctx, p.Progress, in.CredentialID)
	if err != nil {
		return LoginResult{}, fail(ctx, err)
	}
	if err := p.Progress.SetProgress(ctx, run.ID, scrape.Progress{Phase: scrape.PhaseLoggingIn, Percentage: 15, Message: "Signing in to WorkFossa"}); err != nil {
		return LoginResult{}, fail(ctx, fmt.Errorf("set progress: %w", err))
	}
	var result LoginResult
	err = p.Vault.WithLoginLock(ctx, in.CredentialID, func(ctx context.Context) error {
		var err error
		result, err = p.login(ctx, run.ID, in)
		return err
	})
	if err != nil {
		p.Evidence.keep(ctx, run.ID, err)
		err = p.Breaker.failed(ctx, run.ID, in.CredentialID, err)
	}
	return result, fail(ctx, err)
}

func (p *Portal) login(ctx context.Context, run scrape.RunID, in LoginInput) (LoginResult, error) {
	_, version, err := p.Vault.Session(ctx, in.CredentialID)
	if err != nil {
		return LoginResult{}, fmt.Errorf("read session: %w", err)
	}
	if version > in.StaleSession {
		return LoginResult{SessionVersion: version, Taken: true}, nil
	}
	login, credential, err := p.Vault.Login(ctx, in.CredentialID)
	if err != nil {
		return LoginResult{}, fmt.Errorf("open login: %w", err)
	}
	if refusal := refusedLogin(credential.State); refusal != nil {
		return LoginResult{}, refusal
	}
	if err := p.mayLogin(ctx, run, credential); err != nil {
		return LoginResult{}, err
	}
	session, err := p.signIn(ctx, login, credential)
	if err != nil {
		return LoginResult{}, err
	}
	version, err = p.Vault.SaveSession(ctx, credential, session, version)
	return LoginResult{SessionVersion: version}, err
}

// mayLogin refuses a login that would follow the last one too closely, or that the portal has asked to put off.
func (p *Portal) mayLogin(ctx context.Context, run scrape.RunID, credential scrape.Credential) error {
	if err := paused(ctx, p.Vault, credential.ID); err != nil {
		return err
	}
	wait := p.Vault.MayLogin(ctx, credential)
	if wait <= 0 {
		return nil
	}
	wait = wait.Truncate(time.Second) + time.Second
	message := fmt.Sprintf("Waiting %s before signing in again", wait)
	if err := p.Progress.SetProgress(ctx, run, scrape.Progress{Phase: scrape.PhaseLoggingIn, Percentage: 15, Message: message}); err != nil {
		return fmt.Errorf("set progress: %w", err)
	}
	return after(scrape.Errorf(scrape.KindUnavailable, "%s.", message), wait)
}

// signIn sends the login, and notes what the portal says of it.
func (p *Portal) signIn(ctx context.Context, login scrape.Login, credential scrape.Credential) (scrape.Session, error) {
	unmark, err := p.Vault.MarkLogin(ctx, credential)
	if err != nil {
		return scrape.Session{}, fmt.Errorf("mark login: %w", err)
	}
	session, err := p.Site.SignIn(ctx, login)
	if state, refused := refusedState(err); refused {
		if markErr := p.Vault.SetState(ctx, credential.ID, credential.Version, state); markErr != nil {
			return scrape.Session{}, fmt.Errorf("mark login %s: %w", state, markErr)
		}
		refusal := refusedLogin(state)
		refusal.Evidence = evidenceOf(err)
		return scrape.Session{}, refusal.Because(err)
	}
	if err != nil {
		if kind := scrape.KindOf(err); kind == scrape.KindPortalDown || kind == scrape.KindUnavailable {
			if unmarkErr := unmark(context.WithoutCancel(ctx)); unmarkErr != nil {
				activity.GetLogger(ctx).Warn("login not unmarked", "error", unmarkErr.Error())
			}
		}
		return scrape.Session{}, throttled(ctx, p.Vault, credential.ID, err)
	}
	// The gap to the next login counts from when this one was sent, and that was some time after the page was opened for it.
	if _, err := p.Vault.MarkLogin(ctx, credential); err != nil {
		return scrape.Session{}, fmt.Errorf("mark login: %w", err)
	}
	if credential.State != scrape.CredentialOK {
		if err := p.Vault.SetState(ctx, credential.ID, credential.Version, scrape.CredentialOK); err != nil {
			return scrape.Session{}, fmt.Errorf("mark login ok: %w", err)
		}
	}
	return session, nil
}

func refusedState(err error) (scrape.CredentialState, bool) {
	switch scrape.KindOf(err) {
	case scrape.KindCredentialsRejected:
		return scrape.CredentialRejected, true
	case scrape.KindAccountLocked:
		return scrape.CredentialLocked, true
	default:
		return "", false
	}
}

// VerifyInput names a check.
type VerifyInput struct {
	CheckID string `json:"check_id"`
}

// VerifyResult is the portal's answer.
type VerifyResult struct {
	State   scrape.CredentialState `json:"state"`
	Message string                 `json:"message,omitempty"` // why it was refused, for people
}

// VerifyLogin tries a login once and keeps the session that it brings, so that the first run needs no second one.
func (p *Portal) VerifyLogin(ctx context.Context, in VerifyInput) (VerifyResult, error) {
	ctx, heart := beat(ctx)
	defer heart.stop()
	check, err := p.Vault.Check(ctx, in.CheckID)
	if err != nil {
		return VerifyResult{}, fail(ctx, fmt.Errorf("open check: %w", err))
	}
	if check.Decided != "" {
		return VerifyResult{State: check.Decided}, nil
	}
	session, err := p.Site.SignIn(ctx, check.Login)
	if state, refused := refusedState(err); refused {
		return VerifyResult{State: state, Message: scrape.MessageOf(err)}, fail(ctx, p.Vault.RejectCheck(ctx, check, state))
	}
	if err != nil {
		return VerifyResult{}, fail(ctx, err)
	}
	return VerifyResult{State: scrape.CredentialOK}, fail(ctx, p.Vault.AcceptCheck(ctx, check, session))
}
