package credentials_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	temporallog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/internal/seal"
	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const (
	email    = "tech@example.com"
	password = "canary-5d41402a"
	cookie   = "cookie-canary-9b1d"
	other    = "other@example.com" // another account of the same person
	loginGap = 10 * time.Minute
)

// world is sign-in on a real database and real sealing, with a portal and a Temporal that live in the test.
type world struct {
	*credentials.Service
	vault    *credentials.Vault
	store    *store.Store
	keys     *seal.Keyring
	url      string
	portal   *portal
	temporal *fakeTemporal

	mu      sync.Mutex
	now     time.Time
	resumed []scrape.UserID
}

func setup(t *testing.T, admins ...string) *world {
	t.Helper()
	w := &world{url: testenv.Postgres(t, store.Migrate), portal: newPortal(), now: time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)}
	var err error
	w.store, err = store.Open(t.Context(), w.url, store.Options{MaxConns: 8})
	require.NoError(t, err)
	t.Cleanup(w.store.Close)
	keyset := filepath.Join(t.TempDir(), "keyset.json")
	require.NoError(t, seal.Generate(keyset))
	w.keys, err = seal.Open(keyset)
	require.NoError(t, err)
	w.vault = credentials.NewVault(w.store, w.keys, admins, loginGap)
	w.temporal = &fakeTemporal{t: t, steps: &activities.Portal{Site: w.portal, Vault: w.vault}}
	w.Service = w.service(t, w.temporal, admins...)
	credentials.SetClock(w.Service, w.vault, w.clock)
	return w
}

func (w *world) service(t *testing.T, temporal client.Client, admins ...string) *credentials.Service {
	t.Helper()
	service := credentials.New(w.store, w.keys, temporal, scrape.NewSecret("the secret of tokens"), admins, testenv.Logger(t))
	service.LoginGap = loginGap
	service.Resumed = func(_ context.Context, user scrape.UserID) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.resumed = append(w.resumed, user)
	}
	return service
}

// resumptions are the users whose runs were to go on since the last call.
func (w *world) resumptions() []scrape.UserID {
	w.mu.Lock()
	defer w.mu.Unlock()
	resumed := w.resumed
	w.resumed = nil
	return resumed
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// later moves the clock on.
func (w *world) later(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(by)
}

// setState notes what a run has been told by the portal about a user's login.
func (w *world) setState(t *testing.T, user scrape.UserID, state scrape.CredentialState) {
	t.Helper()
	credential := w.credential(t, user)
	require.NoError(t, w.vault.SetState(t.Context(), credential.ID, credential.Version, state))
}

func (w *world) credential(t *testing.T, user scrape.UserID) scrape.Credential {
	t.Helper()
	credential, err := w.store.Credential(t.Context(), user)
	require.NoError(t, err)
	return credential
}

func login(email, password string) scrape.Login {
	return scrape.Login{Username: email, Password: scrape.NewSecret(password)}
}

func (w *world) signIn(t *testing.T, email, password string) (scrape.User, error) {
	t.Helper()
	return w.SignIn(t.Context(), login(email, password))
}

// requireRefused signs in, which must fail so, with a sentence for people.
func (w *world) requireRefused(t *testing.T, email, password string, kind scrape.Kind, sentence string) *scrape.Error {
	t.Helper()
	_, err := w.signIn(t, email, password)
	require.Equal(t, kind, scrape.KindOf(err), "%v", err)
	require.Equal(t, sentence, scrape.MessageOf(err))
	require.NotContains(t, err.Error(), "canary")
	var known *scrape.Error
	require.ErrorAs(t, err, &known)
	return known
}

// connect gives a connection of its own, for what the store does not do.
func (w *world) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// everything is all that the database holds, as text; bytes are shown as they are where they are readable.
func (w *world) everything(t *testing.T) string {
	t.Helper()
	conn := w.connect(t)
	var all strings.Builder
	for _, query := range []string{
		`SELECT u::text FROM users u`, `SELECT c::text FROM user_credentials c`, `SELECT s::text FROM portal_sessions s`, `SELECT l::text FROM login_checks l`,
		`SELECT encode(decode(encrypted_username, 'base64'), 'escape') || encode(decode(encrypted_password, 'base64'), 'escape') FROM user_credentials`,
		`SELECT encode(sealed, 'escape') FROM portal_sessions`,
		`SELECT concat(encode(fingerprint, 'escape'), encode(sealed_username, 'escape'), encode(sealed_password, 'escape')) FROM login_checks`,
	} {
		rows, err := conn.Query(t.Context(), query)
		require.NoError(t, err)
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		all.WriteString(strings.Join(texts, "\n"))
	}
	return all.String()
}

// portal is WorkFossa as far as signing in goes.
type portal struct {
	activities.Site

	mu       sync.Mutex
	accounts map[string]string
	answer   error  // instead of looking at the account
	during   func() // called while somebody signs in
	sent     []string
}

func newPortal() *portal {
	return &portal{accounts: map[string]string{email: password, "boss@example.com": password}}
}

func (p *portal) set(email, password string, answer error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accounts[email], p.answer = password, answer
}

// logins is how often somebody tried to sign in there.
func (p *portal) logins() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent)
}

func (p *portal) SignIn(_ context.Context, login scrape.Login) (scrape.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, login.Username)
	if p.during != nil {
		p.during()
	}
	if p.answer != nil {
		return scrape.Session{}, p.answer
	}
	if known, there := p.accounts[login.Username]; !there || known != login.Password.Reveal() {
		return scrape.Session{}, scrape.Errorf(scrape.KindCredentialsRejected, "WorkFossa refused the login.")
	}
	return scrape.Session{Cookies: []scrape.Cookie{{Name: "session", Value: scrape.NewSecret(cookie), Domain: "portal.example.com", Path: "/", Secure: true}}}, nil
}

// fakeTemporal runs the workflow of a check by itself, in the test's own environment, one at a time for each workflow id.
type fakeTemporal struct {
	client.Client
	t     *testing.T
	steps *activities.Portal

	mu      sync.Mutex
	started []string // what was told to Temporal
	startup error    // instead of starting
	ending  error    // instead of what the workflow gives
	foreign bool     // each workflow is somebody else's, and the portal has accepted the login
	before  func()   // called before a workflow is started
	running map[string]*fakeRun
}

func (f *fakeTemporal) starts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.started)
}

func (f *fakeTemporal) ExecuteWorkflow(_ context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	told, err := json.Marshal([]any{options, workflow, args})
	if err != nil {
		return nil, err
	}
	if f.before != nil {
		f.before()
	}
	run, mine, err := f.start(string(told), options.ID)
	if !mine {
		return run, err
	}
	suite := testsuite.WorkflowTestSuite{}
	suite.SetLogger(temporallog.NewStructuredLogger(testenv.Logger(f.t)))
	run.environment = suite.NewTestWorkflowEnvironment()
	workflows.Register(run.environment)
	run.environment.RegisterActivity(f.steps)
	run.environment.ExecuteWorkflow(workflow, args...)
	run.err = run.environment.GetWorkflowError()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.running, options.ID)
	close(run.done)
	return run, nil
}

// start tells which run answers, and whether the caller has to carry it out.
func (f *fakeTemporal) start(told, id string) (run *fakeRun, mine bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = append(f.started, told)
	if run, there := f.running[id]; there {
		return run, false, nil
	}
	run = &fakeRun{err: f.ending, foreign: f.foreign, done: make(chan struct{})}
	if f.startup != nil || f.ending != nil || f.foreign {
		close(run.done)
		return run, false, f.startup
	}
	if f.running == nil {
		f.running = map[string]*fakeRun{}
	}
	f.running[id] = run
	return run, true, nil
}

type fakeRun struct {
	client.WorkflowRun
	environment *testsuite.TestWorkflowEnvironment
	err         error
	foreign     bool
	done        chan struct{}
}

func (r *fakeRun) Get(ctx context.Context, into any) error {
	<-r.done
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.err != nil {
		return r.err
	}
	if r.foreign {
		return json.Unmarshal([]byte(`{"state":"ok"}`), into)
	}
	return r.environment.GetWorkflowResult(into)
}
