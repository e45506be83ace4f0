package activities

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// Site is the portal as a person sees it.
type Site interface {
	SignIn(ctx context.Context, login scrape.Login) (scrape.Session, error)
	// Visit opens a signed-in tab for the work and gives the session as the portal has renewed it; the zero Session when that is not known.
	Visit(ctx context.Context, session scrape.Session, work func(ctx context.Context, visit jobs.Visit) error) (scrape.Session, error)
}

// Vault keeps logins and portal sessions sealed and opens them for the step that needs them.
type Vault interface {
	// Login opens a stored login and tells what is known of it.
	Login(ctx context.Context, id scrape.CredentialID) (scrape.Login, scrape.Credential, error)
	SetState(ctx context.Context, id scrape.CredentialID, version int64, state scrape.CredentialState) error
	// WithLoginLock runs fn while no other worker signs in with the same login.
	WithLoginLock(ctx context.Context, id scrape.CredentialID, fn func(context.Context) error) error
	// MayLogin tells how long an automatic login has to wait: 0 when it may go ahead. Two logins of one credential are at least the login gap apart.
	MayLogin(ctx context.Context, credential scrape.Credential) time.Duration
	// MarkLogin notes that the login is about to be sent; unmark takes the note back when it was not sent after all.
	MarkLogin(ctx context.Context, credential scrape.Credential) (unmark func(context.Context) error, err error)

	// Session opens the kept session; version 0 means that there is none.
	Session(ctx context.Context, id scrape.CredentialID) (session scrape.Session, version int64, err error)
	// SaveSession keeps the session that a login has brought in place of the one with version replaces. A newer one, and one of a newer
	// login, wins; its version is returned.
	SaveSession(ctx context.Context, credential scrape.Credential, session scrape.Session, replaces int64) (version int64, err error)
	// RenewSession keeps the cookies that the portal has changed during a visit, unless another session is kept by then. Equal cookies are not
	// written.
	RenewSession(ctx context.Context, id scrape.CredentialID, version int64, before, after scrape.Session) error

	// Paused tells how long the portal has asked us to stay away with this login; 0 for not at all.
	Paused(ctx context.Context, id scrape.CredentialID) (time.Duration, error)
	Pause(ctx context.Context, id scrape.CredentialID, wait time.Duration) error

	// Check opens a login that a person wants to have verified.
	Check(ctx context.Context, id string) (Check, error)
	AcceptCheck(ctx context.Context, check Check, session scrape.Session) error
	RejectCheck(ctx context.Context, check Check, state scrape.CredentialState) error
}

// Check is a login that is being verified. Decided is empty until the portal has answered.
type Check struct {
	ID      string
	Owner   scrape.UserID // whose login it is to become; empty: the user whose e-mail address it is
	Login   scrape.Login
	Decided scrape.CredentialState
}

// Places bounds how many steps are at the portal at a time, over all workers.
type Places interface {
	// WithPortalSlots runs fn while it holds a place of every slot; taken is false, and fn does not run, when one has none free.
	WithPortalSlots(ctx context.Context, slots []scrape.Slot, fn func(context.Context) error) (taken bool, err error)
}
