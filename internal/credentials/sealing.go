package credentials

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Sealer encrypts at rest. What was sealed opens only with the same associated data, so that a row cannot be passed off as another.
type Sealer interface {
	Seal(plaintext, associated []byte) ([]byte, error)
	Open(ciphertext, associated []byte) ([]byte, error)
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

func openUsername(sealer Sealer, username []byte, whose string) (string, error) {
	name, err := sealer.Open(username, []byte(whose+"/username"))
	if err != nil {
		return "", fmt.Errorf("open user name: %w", err)
	}
	return string(name), nil
}

func openLogin(sealer Sealer, username, password []byte, whose string) (scrape.Login, error) {
	name, err := openUsername(sealer, username, whose)
	if err != nil {
		return scrape.Login{}, err
	}
	pass, err := sealer.Open(password, []byte(whose+"/password"))
	if err != nil {
		return scrape.Login{}, fmt.Errorf("open password: %w", err)
	}
	return scrape.Login{Username: name, Password: scrape.NewSecret(string(pass))}, nil
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
