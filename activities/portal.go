package activities

import (
	"context"
	"fmt"

	"github.com/fossawork/scheduler/scrape"
)

// Site is the portal as a signed-in person sees it.
type Site interface {
	SignIn(ctx context.Context, login scrape.Login) (scrape.Session, error)
	// WorkOrders reads the list from page from on and hands over each page once it has been read.
	WorkOrders(ctx context.Context, session scrape.Session, from int, each func(context.Context, scrape.ListPage) error) error
}

// Vault keeps logins and portal sessions sealed and opens them for the step that needs them.
type Vault interface {
	// Login opens a stored login and tells what is known of it.
	Login(ctx context.Context, id scrape.CredentialID) (scrape.Login, scrape.Credential, error)
	SetState(ctx context.Context, id scrape.CredentialID, version int64, state scrape.CredentialState) error
	// WithLoginLock runs fn while no other worker signs in with the same login.
	WithLoginLock(ctx context.Context, id scrape.CredentialID, fn func(context.Context) error) error
	// Session opens the kept session; version 0 means that there is none.
	Session(ctx context.Context, id scrape.CredentialID) (session scrape.Session, version int64, err error)
	// SaveSession keeps the session that a login has brought in place of the one with version replaces. A newer one, and one of a newer
	// login, wins; its version is returned.
	SaveSession(ctx context.Context, credential scrape.Credential, session scrape.Session, replaces int64) (version int64, err error)

	// Check opens a login that a person wants to have verified.
	Check(ctx context.Context, id string) (Check, error)
	AcceptCheck(ctx context.Context, check Check, session scrape.Session) error
	RejectCheck(ctx context.Context, check Check, state scrape.CredentialState) error
}

// Check is a login that is being verified. Decided is empty until the portal has answered.
type Check struct {
	ID      string
	Login   scrape.Login
	Decided scrape.CredentialState
}

// PageStore keeps the pages that a run has read until they are applied.
type PageStore interface {
	SavePage(ctx context.Context, id scrape.RunID, page scrape.ListPage) error
	SavedPages(ctx context.Context, id scrape.RunID) (numbers []int, lastSeen bool, err error)
	SetProgress(ctx context.Context, id scrape.RunID, progress scrape.Progress) error
}

// Portal holds the steps that go to the portal. They run on the browser queue.
type Portal struct {
	Site  Site
	Vault Vault
	Pages PageStore
}

// LoginInput names the login and the session that the portal no longer accepts (0: there was none).
type LoginInput struct {
	RunID        scrape.RunID        `json:"run_id"`
	CredentialID scrape.CredentialID `json:"credential_id"`
	StaleSession int64               `json:"stale_session,omitempty"`
}

// LoginResult is the version of the session to go on with.
type LoginResult struct {
	SessionVersion int64 `json:"session_version"`
}

// Login signs in unless another run has done so since the stale session. A login that the portal refuses is marked and never sent again.
func (p *Portal) Login(ctx context.Context, in LoginInput) (LoginResult, error) {
	ctx, heart := beat(ctx)
	defer heart.stop()
	if err := p.Pages.SetProgress(ctx, in.RunID, scrape.Progress{Phase: scrape.PhaseLoggingIn, Percentage: 15, Message: "Signing in to WorkFossa"}); err != nil {
		return LoginResult{}, fail(ctx, fmt.Errorf("set progress: %w", err))
	}
	var result LoginResult
	err := p.Vault.WithLoginLock(ctx, in.CredentialID, func(ctx context.Context) error {
		_, version, err := p.Vault.Session(ctx, in.CredentialID)
		if err != nil {
			return fmt.Errorf("read session: %w", err)
		}
		if version > in.StaleSession {
			result.SessionVersion = version
			return nil
		}
		login, credential, err := p.Vault.Login(ctx, in.CredentialID)
		if err != nil {
			return fmt.Errorf("open login: %w", err)
		}
		if refusal := refusedLogin(credential.State); refusal != nil {
			return refusal
		}
		session, err := p.Site.SignIn(ctx, login)
		if state, refused := refusedState(err); refused {
			if markErr := p.Vault.SetState(ctx, credential.ID, credential.Version, state); markErr != nil {
				return fmt.Errorf("mark login %s: %w", state, markErr)
			}
			return refusedLogin(state).Because(err)
		}
		if err != nil {
			return err
		}
		if credential.State != scrape.CredentialOK {
			if err := p.Vault.SetState(ctx, credential.ID, credential.Version, scrape.CredentialOK); err != nil {
				return fmt.Errorf("mark login ok: %w", err)
			}
		}
		result.SessionVersion, err = p.Vault.SaveSession(ctx, credential, session, version)
		return err
	})
	return result, fail(ctx, err)
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

// CollectInput names the run and the login whose session is used.
type CollectInput struct {
	RunID        scrape.RunID        `json:"run_id"`
	CredentialID scrape.CredentialID `json:"credential_id"`
}

// CollectResult counts what this and earlier attempts have read.
type CollectResult struct {
	Pages  int `json:"pages"`
	Orders int `json:"orders"` // of this attempt
}

// CollectWorkOrders reads the pages of the list that the run does not have yet.
func (p *Portal) CollectWorkOrders(ctx context.Context, in CollectInput) (CollectResult, error) {
	ctx, heart := beat(ctx)
	defer heart.stop()
	saved, last, err := p.Pages.SavedPages(ctx, in.RunID)
	if err != nil {
		return CollectResult{}, fail(ctx, fmt.Errorf("read saved pages: %w", err))
	}
	result := CollectResult{Pages: len(saved)}
	from := firstMissing(saved)
	if last && from > len(saved) {
		return result, nil
	}
	session, _, err := p.Vault.Session(ctx, in.CredentialID)
	if err != nil {
		return CollectResult{}, fail(ctx, fmt.Errorf("read session: %w", err))
	}
	if err := p.Pages.SetProgress(ctx, in.RunID, scrape.Progress{Phase: scrape.PhaseScraping, Percentage: 25, Message: "Reading work orders"}); err != nil {
		return CollectResult{}, fail(ctx, fmt.Errorf("set progress: %w", err))
	}
	err = p.Site.WorkOrders(ctx, session, from, func(ctx context.Context, page scrape.ListPage) error {
		if err := p.Pages.SavePage(ctx, in.RunID, page); err != nil {
			return fmt.Errorf("save page: %w", err)
		}
		result.Pages++
		result.Orders += len(page.Orders)
		progress := collecting(page, result.Orders)
		heart.say(progress.Message)
		return p.Pages.SetProgress(ctx, in.RunID, progress)
	})
	return result, fail(ctx, err)
}

// firstMissing is the lowest page number that is not saved.
func firstMissing(saved []int) int {
	have := make(map[int]bool, len(saved))
	for _, number := range saved {
		have[number] = true
	}
	number := 1
	for have[number] {
		number++
	}
	return number
}

func collecting(page scrape.ListPage, read int) scrape.Progress {
	progress := scrape.Progress{
		Phase: scrape.PhaseScraping, Percentage: 25, Found: max(page.Matches, read), Processed: read,
		Message: fmt.Sprintf("Read %d work orders", read),
	}
	if page.Matches > 0 {
		progress.Percentage = 25 + 60*min(1, float64(read)/float64(page.Matches))
		progress.Message = fmt.Sprintf("Read %d of %d work orders", read, page.Matches)
	}
	return progress
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
