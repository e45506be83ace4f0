package portalsim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"sync"
	"time"
)

const cookieName = "work_fossa_session"

// maxSessions bounds what a long-lived portal remembers; above it, dead sessions are forgotten.
const maxSessions = 20_000

var sessionIDPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// session is one signed-in browser. Guests have none: their token is derived from their cookie, so any number of
// visitors of the login form costs no memory.
type session struct {
	serial   int64 // names the session in counters; the id itself is never shown anywhere
	email    string
	created  time.Time
	requests int
	dead     bool
}

type sessions struct {
	now      func() time.Time
	lifetime time.Duration
	key      [32]byte // signs form tokens

	mu     sync.Mutex
	serial int64
	byID   map[string]*session
}

func newSessions(now func() time.Time, lifetime time.Duration) *sessions {
	s := &sessions{now: now, lifetime: lifetime, byID: map[string]*session{}}
	rand.Read(s.key[:])
	return s
}

// token is the form token (`_token`) that belongs to a cookie.
func (s *sessions) token(id string) string {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil))[:40]
}

func (s *sessions) tokenMatches(id, token string) bool {
	return id != "" && hmac.Equal([]byte(s.token(id)), []byte(token))
}

// start signs an account in under a fresh id, so that an id known before the login is worth nothing after it.
func (s *sessions) start(email string) (id string) {
	id = randomHex(32)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byID) >= maxSessions {
		for old, session := range s.byID {
			if session.dead {
				delete(s.byID, old)
			}
		}
	}
	s.serial++
	s.byID[id] = &session{serial: s.serial, email: email, created: s.now()}
	return id
}

// find returns whose cookie this is, signed in or not any more, and the serial of the session.
func (s *sessions) find(id string) (email string, serial int64, alive bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.byID[id]
	if !ok {
		return "", 0, false
	}
	if !f.dead && s.now().Sub(f.created) >= s.lifetime {
		f.dead = true
	}
	return f.email, f.serial, !f.dead
}

// use counts a request of a live session.
func (s *sessions) use(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.byID[id]; ok {
		f.requests++
	}
}

// spent reports whether a live session has reached a limit.
func (s *sessions) spent(id string, limit expiry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.byID[id]
	return ok && !f.dead && ((limit.requests > 0 && f.requests >= limit.requests) ||
		(limit.age > 0 && s.now().Sub(f.created) >= limit.age))
}

// expire ends the sessions of an account, or all for "", and says how many there were.
func (s *sessions) expire(email string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.byID {
		if !f.dead && (email == "" || f.email == email) {
			f.dead = true
			n++
		}
	}
	return n
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.byID[id]; ok {
		f.dead = true
	}
}

func (s *sessions) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID = map[string]*session{}
}

// cookieID returns the session or guest id a request carries, or nothing.
func cookieID(r *http.Request) string {
	c, err := r.Cookie(cookieName)
	if err != nil || !sessionIDPattern.MatchString(c.Value) {
		return ""
	}
	return c.Value
}

// setCookie hands an id to the browser. Remembered sessions survive the end of the browser.
func (s *sessions) setCookie(w http.ResponseWriter, id string, remember bool) {
	c := &http.Cookie{Name: cookieName, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode} //nolint:gosec // no TLS on loopback, so not Secure
	if remember {
		c.MaxAge = int(s.lifetime.Seconds())
	}
	http.SetCookie(w, c)
}
