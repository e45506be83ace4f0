package credentials

import (
	"context"
	"fmt"
	"time"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
)

// VaultStore keeps what the vault has sealed, and when it was used.
type VaultStore interface {
	Credential(ctx context.Context, user scrape.UserID) (scrape.Credential, error)
	CredentialByID(ctx context.Context, id scrape.CredentialID) (scrape.Credential, error)
	SetCredentialState(ctx context.Context, id scrape.CredentialID, version int64, state scrape.CredentialState) (bool, error)
	PortalSession(ctx context.Context, id scrape.CredentialID) (sealed []byte, version int64, err error)
	SavePortalSession(ctx context.Context, id scrape.CredentialID, credentialVersion int64, sealed []byte, replaces int64) (version int64, won bool, err error)
	WithLoginLock(ctx context.Context, id scrape.CredentialID, fn func(context.Context) error) error
	MarkLogin(ctx context.Context, id scrape.CredentialID, at *time.Time) error
	PausePortal(ctx context.Context, id scrape.CredentialID, until time.Time) error
	PausedUntil(ctx context.Context, id scrape.CredentialID) (time.Time, error)
	LoginCheck(ctx context.Context, id string) (scrape.LoginCheck, error)
	RejectedLoginCheckSince(ctx context.Context, email string, fingerprint []byte, since time.Time) (scrape.CredentialState, bool, error)
	AcceptLoginCheck(ctx context.Context, id string, accepted scrape.AcceptedLogin) (scrape.CredentialID, error)
	DecideLoginCheck(ctx context.Context, id string, state scrape.CredentialState, at time.Time) error
}

// Vault opens and keeps logins and portal sessions for the activities. It implements activities.Vault.
type Vault struct {
	store    VaultStore
	sealer   Sealer
	roles    func(email string) scrape.Role
	loginGap time.Duration
	now      func() time.Time
}

var _ activities.Vault = (*Vault)(nil)

// NewVault makes a vault. Admins lists the e-mail addresses whose users are administrators; automatic logins of one credential are at
// least loginGap apart.
func NewVault(store VaultStore, sealer Sealer, admins []string, loginGap time.Duration) *Vault {
	return &Vault{store: store, sealer: sealer, roles: rolesOf(admins), loginGap: loginGap, now: time.Now}
}

// Login opens a stored login.
func (v *Vault) Login(ctx context.Context, id scrape.CredentialID) (scrape.Login, scrape.Credential, error) {
	credential, err := v.store.CredentialByID(ctx, id)
	if err != nil {
		return scrape.Login{}, scrape.Credential{}, err
	}
	login, err := openLogin(v.sealer, credential.SealedUsername, credential.SealedPassword, ownerOf(credential.UserID))
	return login, credential, err
}

// SetState notes what the portal said about a login, unless the login has changed since it was opened.
func (v *Vault) SetState(ctx context.Context, id scrape.CredentialID, version int64, state scrape.CredentialState) error {
	_, err := v.store.SetCredentialState(ctx, id, version, state)
	return err
}

// WithLoginLock runs fn while no other worker signs in with the same login.
func (v *Vault) WithLoginLock(ctx context.Context, id scrape.CredentialID, fn func(context.Context) error) error {
	return v.store.WithLoginLock(ctx, id, fn)
}

// Session opens the kept portal session; version 0 means that there is none.
func (v *Vault) Session(ctx context.Context, id scrape.CredentialID) (scrape.Session, int64, error) {
	sealed, version, err := v.store.PortalSession(ctx, id)
	if err != nil || version == 0 {
		return scrape.Session{}, 0, err
	}
	credential, err := v.store.CredentialByID(ctx, id)
	if err != nil {
		return scrape.Session{}, 0, err
	}
	plain, err := v.sealer.Open(sealed, sessionOf(credential.UserID))
	if err != nil {
		return scrape.Session{}, 0, fmt.Errorf("open portal session: %w", err)
	}
	session, err := decodeSession(plain)
	return session, version, err
}

// SaveSession keeps the session that a login has brought in place of an older one, and notes that the portal accepts the login. When
// another run was faster, or the login has changed since, what is kept stays and its version is returned, 0 when nothing is.
func (v *Vault) SaveSession(ctx context.Context, credential scrape.Credential, session scrape.Session, replaces int64) (int64, error) {
	sealed, err := v.sealSession(session, credential.UserID)
	if err != nil {
		return 0, err
	}
	version, _, err := v.store.SavePortalSession(ctx, credential.ID, credential.Version, sealed, replaces)
	if err != nil {
		return 0, err
	}
	return version, v.SetState(ctx, credential.ID, credential.Version, scrape.CredentialOK)
}

// RenewSession keeps the cookies that the portal has changed during a visit with the session of this version. Another session that is
// kept by then stays: it is newer. Equal cookies are not written.
func (v *Vault) RenewSession(ctx context.Context, id scrape.CredentialID, version int64, before, after scrape.Session) error {
	if version == 0 || len(after.Cookies) == 0 || sameCookies(before.Cookies, after.Cookies) {
		return nil
	}
	credential, err := v.store.CredentialByID(ctx, id)
	if err != nil {
		return err
	}
	sealed, err := v.sealSession(after, credential.UserID)
	if err != nil {
		return err
	}
	// A login that has changed during the visit has dropped the session of this version, which no other session ever has again.
	_, _, err = v.store.SavePortalSession(ctx, id, credential.Version, sealed, version)
	return err
}

func (v *Vault) sealSession(session scrape.Session, user scrape.UserID) ([]byte, error) {
	plain, err := encodeSession(session)
	if err != nil {
		return nil, err
	}
	sealed, err := v.sealer.Seal(plain, sessionOf(user))
	if err != nil {
		return nil, fmt.Errorf("seal portal session: %w", err)
	}
	return sealed, nil
}

// sameCookies compares in any order.
func sameCookies(before, after []scrape.Cookie) bool {
	type key struct{ name, domain, path string }
	known := make(map[key]scrape.Cookie, len(before))
	for _, c := range before {
		known[key{c.Name, c.Domain, c.Path}] = c
	}
	for _, c := range after {
		old, there := known[key{c.Name, c.Domain, c.Path}]
		if !there || !sameCookie(old, c) {
			return false
		}
	}
	return len(before) == len(after)
}

// sameCookie takes ends that are less than a second apart for equal: browsers round them.
func sameCookie(a, b scrape.Cookie) bool {
	if a.Expires.Sub(b.Expires).Abs() >= time.Second {
		return false
	}
	a.Expires, b.Expires = time.Time{}, time.Time{}
	return a == b
}
