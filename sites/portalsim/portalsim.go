// Package portalsim is an imitation of the WorkFossa web portal: something to develop and test against, with invented
// data, controllable time and faults on request. It copies what the portal does, not what a scraper expects of it, so
// it must import nothing else of this module and share no selector, struct or constant with the code that reads it.
// It must never hold data of a real account and is not meant to be reachable from a network.
package portalsim

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// defaultSessionLifetime is a guess: how long a session of the real portal lives is unknown.
const defaultSessionLifetime = 12 * time.Hour

// Config says how a simulated portal behaves. The zero value is a fast, fault-free portal without the admin API.
type Config struct {
	// Seed decides all content. Two portals with the same seed and the same Today hold the same data.
	Seed uint64
	// Today is the calendar day around which visits are planned; zero means the day of Now at start.
	Today time.Time
	// Now is the clock for session ages and the access log; nil means time.Now.
	Now func() time.Time

	// Latency delays every document (page) request, DataLatency every request of the page's script.
	Latency     Latency
	DataLatency Latency
	// RenderDelay passes in the browser between the arrival of data and the change of the page.
	RenderDelay time.Duration

	// SessionLifetime ends a session that long after its login; zero means 12 hours.
	SessionLifetime time.Duration
	// LockAfter locks an account after that many wrong passwords in a row; zero means never.
	LockAfter int
	// RedirectLogin sends signed-out visitors of an app page to /login instead of showing the form in place.
	RedirectLogin bool
	// URLPaging makes the list honour limit= and page= in the address. Whether the real one does is unknown.
	URLPaging bool

	// Admin serves the control API below /_sim/, to loopback callers only.
	Admin bool
	// Unreliable adds a small, seeded rate of failures.
	Unreliable bool
	// Faults are active from the start and again after Reset.
	Faults []Fault
}

// Server is one simulated portal. All methods may be called concurrently, also while it serves.
type Server struct {
	cfg    Config
	now    func() time.Time
	today  time.Time
	mux    *http.ServeMux
	closed chan struct{}
	close  sync.Once

	// build and dataKey change with every process start, as the asset names and the component hashes of the real
	// portal change with every release. Nothing may rely on them.
	build   string
	dataKey string

	sessions *sessions
	faults   *faultTable
	tally    *tally
	dice     *dice

	mu        sync.Mutex
	customers []customer
	accounts  map[string]*account
}

// New builds a portal. It fails on a configuration that cannot work, naming what is wrong.
func New(cfg Config) (*Server, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Today.IsZero() {
		cfg.Today = cfg.Now()
	}
	if cfg.SessionLifetime == 0 {
		cfg.SessionLifetime = defaultSessionLifetime
	}
	if cfg.SessionLifetime < 0 || cfg.RenderDelay < 0 || cfg.LockAfter < 0 {
		return nil, fmt.Errorf("session lifetime, render delay and lock-after must not be negative")
	}
	if cfg.Unreliable {
		cfg.Faults = append(unreliableFaults(), cfg.Faults...)
	}

	s := &Server{
		cfg:       cfg,
		now:       cfg.Now,
		today:     time.Date(cfg.Today.Year(), cfg.Today.Month(), cfg.Today.Day(), 0, 0, 0, 0, time.UTC),
		closed:    make(chan struct{}),
		build:     randomHex(4),
		dataKey:   randomHex(8),
		sessions:  newSessions(cfg.Now, cfg.SessionLifetime),
		tally:     newTally(cfg.Now),
		dice:      newDice(cfg.Seed),
		customers: newCustomers(cfg.Seed),
		accounts:  map[string]*account{},
	}
	s.faults = newFaultTable(s.dice)
	for _, f := range cfg.Faults {
		if err := s.faults.set(f); err != nil {
			return nil, err
		}
	}
	s.routes()
	return s, nil
}

// Handler serves the portal, /healthz and, when enabled, the admin API.
func (s *Server) Handler() http.Handler { return s.mux }

// Close releases requests that a fault or a latency keeps waiting. The portal goes on answering without delays.
func (s *Server) Close() { s.close.Do(func() { close(s.closed) }) }

// Reset puts everything back to the start: data as seeded, passwords, sessions, faults, counters and access log.
func (s *Server) Reset() {
	s.mu.Lock()
	s.accounts = map[string]*account{}
	s.mu.Unlock()
	s.sessions.clear()
	s.tally.reset()
	s.dice.reseed()
	s.faults.clear(Fault{})
	for _, f := range s.cfg.Faults {
		// Checked by New, and setting a valid fault cannot fail.
		_ = s.faults.set(f)
	}
}

// dice is the one source of chance at run time: jitter and failure rates. Content never depends on it.
type dice struct {
	mu   sync.Mutex
	seed uint64
	rng  *mathrand.Rand
}

func newDice(seed uint64) *dice {
	d := &dice{seed: seed}
	d.reseed()
	return d
}

func (d *dice) reseed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rng = mathrand.New(mathrand.NewPCG(d.seed, 0x706f7274616c))
}

func (d *dice) float() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.Float64()
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // never fails: the runtime aborts the process instead
	return hex.EncodeToString(b)
}
