package credentials

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
)

// Sealer encrypts at rest. What was sealed opens only with the same associated data, so that a row cannot be passed off as another.
type Sealer interface {
	Seal(plaintext, associated []byte) ([]byte, error)
	Open(ciphertext, associated []byte) ([]byte, error)
}

// VaultStore keeps what the vault has sealed.
type VaultStore interface {
	CredentialByID(ctx context.Context, id scrape.CredentialID) (scrape.Credential, error)
	SetCredentialState(ctx context.Context, id scrape.CredentialID, version int64, state scrape.CredentialState) (bool, error)
	PortalSession(ctx context.Context, id scrape.CredentialID) (sealed []byte, version int64, err error)
	SavePortalSession(ctx context.Context, id scrape.CredentialID, credentialVersion int64, sealed []byte, replaces int64) (version int64, won bool, err error)
	WithLoginLock(ctx context.Context, id scrape.CredentialID, fn func(context.Context) error) error
	LoginCheck(ctx context.Context, id string) (scrape.LoginCheck, error)
	AcceptLoginCheck(ctx context.Context, id string, accepted scrape.AcceptedLogin) (scrape.CredentialID, error)
	DecideLoginCheck(ctx context.Context, id string, state scrape.CredentialState, at time.Time) error
}

// Vault opens and keeps logins and portal sessions for the activities. It implements activities.Vault.
type Vault struct {
	store  VaultStore
	sealer Sealer
	roles  func(email string) scrape.Role
	now    func() time.Time
}

var _ activities.Vault = (*Vault)(nil)

// NewVault makes a vault; admins lists the e-mail addresses whose users are administrators.
func NewVault(store VaultStore, sealer Sealer, admins []string) *Vault {
	return &Vault{store: store, sealer: sealer, roles: rolesOf(admins), now: time.Now}
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

// SaveSession keeps the session that a login has brought in place of an older one. When another run was faster, or the login has changed
// since, what is kept stays and its version is returned, 0 when nothing is.
func (v *Vault) SaveSession(ctx context.Context, credential scrape.Credential, session scrape.Session, replaces int64) (int64, error) {
	sealed, err := v.sealSession(session, credential.UserID)
	if err != nil {
		return 0, err
	}
	version, _, err := v.store.SavePortalSession(ctx, credential.ID, credential.Version, sealed, replaces)
	return version, err
}

// Check opens a login that a person wants to have verified.
func (v *Vault) Check(ctx context.Context, id string) (activities.Check, error) {
	check, err := v.store.LoginCheck(ctx, id)
	if err != nil {
		return activities.Check{}, err
	}
	if check.State != scrape.CredentialUnverified {
		return activities.Check{ID: id, Decided: check.State}, nil
	}
	login, err := openLogin(v.sealer, check.SealedUsername, check.SealedPassword, checkOf(id))
	return activities.Check{ID: id, Login: login}, err
}

// AcceptCheck makes the checked login the user's own, together with the portal session that the check has brought.
func (v *Vault) AcceptCheck(ctx context.Context, check activities.Check, session scrape.Session) error {
	email := scrape.NormalizeEmail(check.Login.Username)
	user := scrape.User{ID: scrape.UserIDFor(email), Email: email, Role: v.roles(email)}
	username, password, err := sealLogin(v.sealer, check.Login, ownerOf(user.ID))
	if err != nil {
		return err
	}
	sealed, err := v.sealSession(session, user.ID)
	if err != nil {
		return err
	}
	_, err = v.store.AcceptLoginCheck(ctx, check.ID, scrape.AcceptedLogin{
		User: user, SealedUsername: username, SealedPassword: password, SealedSession: sealed, At: v.now().UTC(),
	})
	return err
}

// RejectCheck notes that the portal refused the login and forgets it.
func (v *Vault) RejectCheck(ctx context.Context, check activities.Check, state scrape.CredentialState) error {
	return v.store.DecideLoginCheck(ctx, check.ID, state, v.now().UTC())
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

// The associated data: what a sealed value is and whose.
func ownerOf(user scrape.UserID) string   { return "credential/" + string(user) }
func checkOf(id string) string            { return "login-check/" + id }
func sessionOf(user scrape.UserID) []byte { return []byte("portal-session/" + string(user)) }

func sealLogin(sealer Sealer, login scrape.Login, whose string) (username, password []byte, err error) {
	if username, err = sealer.Seal([]byte(login.Username), []byte(whose+"/username")); err != nil {
		return nil, nil, fmt.Errorf("seal user name: %w", err)
	}
	if password, err = sealer.Seal([]byte(login.Password.Reveal()), []byte(whose+"/password")); err != nil {
		return nil, nil, fmt.Errorf("seal password: %w", err)
	}
	return username, password, nil
}

func openLogin(sealer Sealer, username, password []byte, whose string) (scrape.Login, error) {
	name, err := sealer.Open(username, []byte(whose+"/username"))
	if err != nil {
		return scrape.Login{}, fmt.Errorf("open user name: %w", err)
	}
	pass, err := sealer.Open(password, []byte(whose+"/password"))
	if err != nil {
		return scrape.Login{}, fmt.Errorf("open password: %w", err)
	}
	return scrape.Login{Username: string(name), Password: scrape.NewSecret(string(pass))}, nil
}

// storedCookie is a cookie in the sealed session. scrape.Cookie itself refuses to be written out.
type storedCookie struct {
	Name     string    `json:"name"`
	Value    string    `json:"value"`
	Domain   string    `json:"domain"`
	Path     string    `json:"path"`
	Expires  time.Time `json:"expires,omitzero"`
	HTTPOnly bool      `json:"http_only,omitempty"`
	Secure   bool      `json:"secure,omitempty"`
}

func encodeSession(session scrape.Session) ([]byte, error) {
	cookies := make([]storedCookie, 0, len(session.Cookies))
	for _, c := range session.Cookies {
		cookies = append(cookies, storedCookie{c.Name, c.Value.Reveal(), c.Domain, c.Path, c.Expires, c.HTTPOnly, c.Secure})
	}
	plain, err := json.Marshal(cookies)
	if err != nil {
		return nil, fmt.Errorf("encode portal session: %w", err)
	}
	return plain, nil
}

func decodeSession(plain []byte) (scrape.Session, error) {
	var cookies []storedCookie
	if err := json.Unmarshal(plain, &cookies); err != nil {
		return scrape.Session{}, fmt.Errorf("decode portal session: %w", err)
	}
	session := scrape.Session{Cookies: make([]scrape.Cookie, 0, len(cookies))}
	for _, c := range cookies {
		session.Cookies = append(session.Cookies, scrape.Cookie{
			Name: c.Name, Value: scrape.NewSecret(c.Value), Domain: c.Domain, Path: c.Path, Expires: c.Expires,
			HTTPOnly: c.HTTPOnly, Secure: c.Secure,
		})
	}
	return session, nil
}
