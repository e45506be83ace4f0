package scrape

import (
	"crypto/md5" //nolint:gosec // not for security: the old database's user ids are the MD5 of the e-mail address
	"encoding/hex"
	"strings"
	"time"
)

// CredentialID numbers a stored portal login.
type CredentialID int64

// CredentialState says what is known of a stored login.
type CredentialState string

// The states.
const (
	CredentialUnverified CredentialState = "unverified" // never tried
	CredentialOK         CredentialState = "ok"         // accepted by the portal
	CredentialRejected   CredentialState = "rejected"   // refused; never sent again until it changes
	CredentialLocked     CredentialState = "locked"     // the portal says that the account is locked
)

// Login is a user name and password as typed into the portal's form.
type Login struct {
	Username string
	Password Secret
}

// Cookie is one cookie of a portal session.
type Cookie struct {
	Name     string
	Value    Secret
	Domain   string
	Path     string
	Expires  time.Time // zero: ends with the session
	HTTPOnly bool
	Secure   bool
}

// Session is a signed-in browser's cookies.
type Session struct {
	Cookies []Cookie
}

// User is the owner of schedules and data.
type User struct {
	ID         UserID
	Email      string
	Role       Role
	CreatedAt  time.Time
	LastUsedAt *time.Time
}

// Role says what a user may do.
type Role string

// The roles.
const (
	RoleUser  Role = "user"
	RoleAdmin Role = "admin"
)

// NormalizeEmail lower-cases and trims an address, as user ids are made from that form.
func NormalizeEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// UserIDFor is the id of the user with this e-mail address: the lower-case hex MD5 of the normalized address.
func UserIDFor(email string) UserID {
	sum := md5.Sum([]byte(NormalizeEmail(email))) //nolint:gosec // an identifier, see the import
	return UserID(hex.EncodeToString(sum[:]))
}

// Refused tells whether the portal has said no to this login: it is never sent again until it changes.
func (s CredentialState) Refused() bool { return s == CredentialRejected || s == CredentialLocked }

// Credential is a stored portal login, sealed.
type Credential struct {
	ID             CredentialID
	UserID         UserID
	SealedUsername []byte
	SealedPassword []byte
	State          CredentialState
	Version        int64 // grows with every change of user name or password
	VerifiedAt     *time.Time
	LoginAt        *time.Time // when this login was last sent to the portal
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// LoginCheck is a login that a person signs in with and that the portal is to verify. State is unverified until it has.
type LoginCheck struct {
	ID             string // UUID
	Owner          UserID // whose login it is to become; empty: the user whose e-mail address it is
	Email          string // normalized
	Fingerprint    []byte // of address and password, to know a refused login again without keeping it
	SealedUsername []byte // gone once decided
	SealedPassword []byte // gone once decided
	State          CredentialState
	CreatedAt      time.Time
	DecidedAt      *time.Time
}

// AcceptedLogin is what an accepted check turns into: a user, a stored login and a portal session.
type AcceptedLogin struct {
	User           User
	SealedUsername []byte
	SealedPassword []byte
	SealedSession  []byte
	At             time.Time
}
