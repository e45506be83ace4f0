package credentials

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// unmarkTimeout bounds taking back a note, which also happens when the worker is being stopped.
const unmarkTimeout = 5 * time.Second

// MayLogin tells how long an automatic login has to wait, at most the login gap; 0 when it may go ahead. The last login is the
// credential's, so that all workers count from the same one.
func (v *Vault) MayLogin(_ context.Context, credential scrape.Credential) time.Duration {
	if credential.LoginAt == nil {
		return 0
	}
	wait := credential.LoginAt.Add(v.loginGap).Sub(v.now())
	return max(0, min(wait, v.loginGap)) // a clock that is ahead on another worker must not hold logins back for longer
}

// MarkLogin notes that the login is about to be sent. Unmark takes the note back when it was not sent after all; it works with a
// context that has ended.
func (v *Vault) MarkLogin(ctx context.Context, credential scrape.Credential) (unmark func(context.Context) error, err error) {
	at := v.now().UTC()
	if err := v.store.MarkLogin(ctx, credential.ID, &at); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unmarkTimeout)
		defer cancel()
		return v.store.MarkLogin(ctx, credential.ID, credential.LoginAt)
	}, nil
}

// Paused tells for how long the portal has asked us to stay away with this login; 0 for not at all.
func (v *Vault) Paused(ctx context.Context, id scrape.CredentialID) (time.Duration, error) {
	until, err := v.store.PausedUntil(ctx, id)
	if err != nil || until.IsZero() {
		return 0, err
	}
	return max(0, until.Sub(v.now())), nil
}

// Pause keeps away from the portal with this login for so long. A longer pause that is noted already stays.
func (v *Vault) Pause(ctx context.Context, id scrape.CredentialID, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return v.store.PausePortal(ctx, id, v.now().UTC().Add(wait))
}
