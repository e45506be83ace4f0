// Package config holds every setting of the product in structs that kong fills: defaults, then environment, then flags. It validates them
// all at once and hands each part of the program its own struct; nothing reads the environment later.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Database says where Postgres is.
type Database struct {
	URL string `name:"database-url" env:"FOSSAWORK_DATABASE_URL" required:"" placeholder:"URL" help:"Postgres, for example postgres://user:password@127.0.0.1:5432/fossawork."`
}

// Temporal says where the Temporal server is.
type Temporal struct {
	Address   string `name:"temporal-address" env:"FOSSAWORK_TEMPORAL_ADDRESS" default:"127.0.0.1:7233" help:"Temporal frontend, host:port."`
	Namespace string `name:"temporal-namespace" env:"FOSSAWORK_TEMPORAL_NAMESPACE" default:"default" help:"Temporal namespace."`
}

// Keys says where the keyset is that seals logins and portal sessions.
type Keys struct {
	File string `name:"keyset-file" env:"FOSSAWORK_KEYSET_FILE" required:"" type:"path" placeholder:"FILE" help:"Keyset that seals portal logins (make one with 'keys generate'). Readable by its owner only."`
}

// Log says how much is logged, to standard error, as JSON.
type Log struct {
	Level string `name:"log-level" env:"FOSSAWORK_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least level that is logged: ${enum}."`
}

// Limits are the bounds of schedules.
type Limits struct {
	MinInterval  time.Duration `name:"min-interval" env:"FOSSAWORK_MIN_INTERVAL" default:"30m" help:"Shortest interval a schedule may have. Lower it for drills and tests only."`
	OverdueAfter time.Duration `name:"overdue-after" env:"FOSSAWORK_OVERDUE_AFTER" default:"2m" help:"By how much a slot may have passed without a run or a reason before its schedule is overdue."`
}

// Logins bounds how often the portal is sent a login.
type Logins struct {
	LoginGap time.Duration `name:"login-gap" env:"FOSSAWORK_LOGIN_GAP" default:"1m" help:"Least time between two automatic logins of one credential."`
}

// Admins are the users who see everything.
type Admins struct {
	AdminEmails []string `name:"admin-emails" env:"FOSSAWORK_ADMIN_EMAILS" sep:"," placeholder:"EMAIL,..." help:"E-mail addresses of administrators."`
}

// API is the settings of the api command.
type API struct {
	Database
	Temporal
	Keys
	Log
	Limits
	Logins
	Admins
	Listen          string        `name:"listen" env:"FOSSAWORK_LISTEN" default:"127.0.0.1:8000" help:"Address of the API, host:port."`
	MetricsListen   string        `name:"metrics-listen" env:"FOSSAWORK_METRICS_LISTEN" default:"127.0.0.1:9465" help:"Address of /metrics, host:port; empty for none."`
	JWTSecret       string        `name:"jwt-secret" env:"FOSSAWORK_JWT_SECRET" placeholder:"TEXT" help:"Signs access tokens; at least 32 characters."`
	JWTSecretFile   string        `name:"jwt-secret-file" env:"FOSSAWORK_JWT_SECRET_FILE" type:"path" placeholder:"FILE" help:"File that holds the secret, instead of the setting itself."`
	TokenLifetime   time.Duration `name:"token-lifetime" env:"FOSSAWORK_TOKEN_LIFETIME" default:"24h" help:"How long an access token is good for."`
	SessionLifetime time.Duration `name:"session-lifetime" env:"FOSSAWORK_SESSION_LIFETIME" default:"720h" help:"How long after a sign-in its tokens can be renewed; no token outlives it."`
	CORSOrigins     []string      `name:"cors-origins" env:"FOSSAWORK_CORS_ORIGINS" sep:"," default:"http://localhost:3001,http://localhost:5173,http://localhost:5174" help:"Origins of front ends that are served from elsewhere."`
	PortalURL       string        `name:"portal-url" env:"FOSSAWORK_PORTAL_URL" default:"https://app.workfossa.com" help:"The portal, for links."`
	TemporalUIURL   string        `name:"temporal-ui-url" env:"FOSSAWORK_TEMPORAL_UI_URL" placeholder:"URL" help:"The Temporal UI as its users reach it, for links, for example http://127.0.0.1:8233; empty for no links."`
	MetricsURL      string        `name:"metrics-url" env:"FOSSAWORK_METRICS_URL" placeholder:"URL" help:"Where metrics are shown, for a link, for example a dashboard; empty for none."`
}

// Worker is the settings of the worker command.
type Worker struct {
	Database
	Temporal
	Keys
	Log
	Limits
	Logins
	Admins
	MetricsListen   string        `name:"metrics-listen" env:"FOSSAWORK_METRICS_LISTEN" default:"127.0.0.1:9464" help:"Address of /metrics, host:port; empty for none."`
	PortalURL       string        `name:"portal-url" env:"FOSSAWORK_PORTAL_URL" default:"https://app.workfossa.com" help:"The portal that is scraped."`
	Queues          []string      `name:"queues" env:"FOSSAWORK_QUEUES" sep:"," default:"scrape,browser" enum:"scrape,browser" help:"Task queues to work on; a worker without 'browser' needs no Chromium."`
	Chromium        string        `name:"chromium" env:"FOSSAWORK_CHROMIUM" type:"path" placeholder:"FILE" help:"Browser binary; looked for in the usual places when not given."`
	BrowserTabs     int           `name:"browser-tabs" env:"FOSSAWORK_BROWSER_TABS" default:"4" help:"Most pages open at a time in this worker."`
	NoSandbox       bool          `name:"no-sandbox" env:"FOSSAWORK_NO_SANDBOX" help:"Run Chromium without its own sandbox, for hosts that forbid user namespaces; root always does."`
	PortalRate      float64       `name:"portal-rate" env:"FOSSAWORK_PORTAL_RATE" default:"20" help:"Most steps started per second on the browser queue, over all workers."`
	DrainTimeout    time.Duration `name:"drain-timeout" env:"FOSSAWORK_DRAIN_TIMEOUT" default:"5s" help:"How long steps may go on after a stop was asked for; another worker takes over what is left."`
	PortalPlaces    int           `name:"portal-concurrency" env:"FOSSAWORK_PORTAL_CONCURRENCY" default:"8" help:"Most steps at the portal at a time, over all workers."`
	AccountPlaces   int           `name:"account-concurrency" env:"FOSSAWORK_ACCOUNT_CONCURRENCY" default:"2" help:"Most steps at the portal at a time with one login, over all workers."`
	BreakerAccounts int           `name:"breaker-accounts" env:"FOSSAWORK_BREAKER_ACCOUNTS" default:"3" help:"Accounts that the portal must fail to answer, and nobody else meanwhile, until it is left alone; 0 never leaves it alone."`
	BreakerWindow   time.Duration `name:"breaker-window" env:"FOSSAWORK_BREAKER_WINDOW" default:"5m" help:"Within which time they must fail."`
	BreakerGap      time.Duration `name:"breaker-gap" env:"FOSSAWORK_BREAKER_GAP" default:"1m" help:"How long the portal is then left alone until a single run tries it; twice as long after each that fails, up to 15m."`
	EvidenceRuns    int           `name:"evidence-runs" env:"FOSSAWORK_EVIDENCE_RUNS" default:"50" help:"Failed runs of a user whose evidence is kept."`
	EvidenceAge     time.Duration `name:"evidence-age" env:"FOSSAWORK_EVIDENCE_AGE" default:"336h" help:"How long evidence is kept."`
	HistoryAge      time.Duration `name:"history-age" env:"FOSSAWORK_HISTORY_AGE" default:"8760h" help:"How long the history of runs is kept."`
	HistoryRuns     int           `name:"history-runs" env:"FOSSAWORK_HISTORY_RUNS" default:"10000" help:"Runs of a user that the history keeps."`
	ReconcileEvery  time.Duration `name:"reconcile-every" env:"FOSSAWORK_RECONCILE_EVERY" default:"15s" help:"How often Postgres and Temporal are compared."`
}

// Validate reports every mistake at once.
func (a API) Validate() error {
	secret, err := a.Secret()
	if err == nil && len(secret.Reveal()) < 32 {
		err = errors.New("the JWT secret must have at least 32 characters (FOSSAWORK_JWT_SECRET or FOSSAWORK_JWT_SECRET_FILE)")
	}
	return errors.Join(err, a.Limits.validate(), a.Logins.validate(), address("listen", a.Listen), optionalAddress("metrics-listen", a.MetricsListen),
		origin("portal-url", a.PortalURL), optionalURL("temporal-ui-url", a.TemporalUIURL), optionalURL("metrics-url", a.MetricsURL),
		positive("token-lifetime", a.TokenLifetime), positive("session-lifetime", a.SessionLifetime))
}

// Secret is the secret that signs tokens.
func (a API) Secret() (scrape.Secret, error) {
	if a.JWTSecretFile == "" {
		return scrape.NewSecret(a.JWTSecret), nil
	}
	text, err := os.ReadFile(a.JWTSecretFile)
	if err != nil {
		return scrape.Secret{}, fmt.Errorf("read the JWT secret: %w", err)
	}
	return scrape.NewSecret(strings.TrimSpace(string(text))), nil
}

// Validate reports every mistake at once.
func (w Worker) Validate() error {
	var tabs, rate error
	if w.BrowserTabs < 1 || w.BrowserTabs > 64 {
		tabs = errors.New("browser-tabs must be from 1 to 64")
	}
	if w.PortalRate <= 0 {
		rate = errors.New("portal-rate must be above 0")
	}
	var places, evidence error
	if w.PortalPlaces < 1 || w.AccountPlaces < 1 {
		places = errors.New("portal-concurrency and account-concurrency must be at least 1")
	}
	if w.EvidenceRuns < 1 {
		evidence = errors.New("evidence-runs must be at least 1")
	}
	var history error
	if w.HistoryRuns < 1 || w.HistoryAge < 24*time.Hour {
		history = errors.New("history-runs must be at least 1, history-age at least 24h")
	}
	var breaker error
	if w.BreakerAccounts < 0 {
		breaker = errors.New("breaker-accounts must be at least 0")
	}
	return errors.Join(tabs, rate, places, evidence, history, breaker, positive("breaker-window", w.BreakerWindow), positive("breaker-gap", w.BreakerGap), w.Limits.validate(), w.Logins.validate(), positive("evidence-age", w.EvidenceAge), optionalAddress("metrics-listen", w.MetricsListen),
		origin("portal-url", w.PortalURL), positive("reconcile-every", w.ReconcileEvery))
}

func (l Limits) validate() error {
	if l.MinInterval < time.Second || l.MinInterval > scrape.LongestInterval {
		return fmt.Errorf("min-interval must be from 1s to %s", scrape.LongestInterval)
	}
	return positive("overdue-after", l.OverdueAfter)
}

func (l Logins) validate() error {
	if l.LoginGap < 0 || l.LoginGap > time.Hour {
		return errors.New("login-gap must be from 0s to 1h")
	}
	return nil
}

func address(name, value string) error {
	if _, _, err := net.SplitHostPort(value); err != nil {
		return fmt.Errorf("%s must be host:port, not %q", name, value)
	}
	return nil
}

func optionalAddress(name, value string) error {
	if value == "" {
		return nil
	}
	return address(name, value)
}

func origin(name, value string) error {
	parsed, err := url.Parse(value)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" || strings.Trim(parsed.Path, "/") != "" {
		return fmt.Errorf("%s must be an origin such as https://app.workfossa.com, not %q", name, value)
	}
	return nil
}

// optionalURL refuses what would make no link: front ends show it as one, so it must lead to a page and nowhere else.
func optionalURL(name, value string) error {
	parsed, err := url.Parse(value)
	if value == "" || err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "" && parsed.User == nil {
		return nil
	}
	return fmt.Errorf("%s must be an address such as http://127.0.0.1:8233, without a user name or password", name) // which would be told here
}

// Origin writes an origin as the breaker's rows name it, however it was written in the settings.
func Origin(value string) string { return strings.ToLower(strings.TrimRight(value, "/")) }

func positive(name string, value time.Duration) error {
	if value < time.Second {
		return fmt.Errorf("%s must be at least 1s", name)
	}
	return nil
}
