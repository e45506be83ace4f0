package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/sites/portalsim"
	"github.com/fossawork/scheduler/workflows"
)

const (
	patience = 5 * time.Minute // what hangs ends; nothing else depends on it
	tick     = 100 * time.Millisecond
)

// program is the product, built once for all tests, into the repository's bin directory so that nothing stays behind elsewhere.
var program = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs("../bin/e2e/fossawork-scheduler")
	if err != nil {
		return "", err
	}
	out, err := exec.CommandContext(context.Background(), "go", "build", "-o", path, "../cmd/fossawork-scheduler").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) { testenv.Main(m) }

// stack is the product with everything it needs, for one test.
type stack struct {
	t         testing.TB
	url       string // of the API
	database  string
	temporal  client.Client
	namespace string
	sim       *portalsim.Server
	env       []string
	api       *devstack.Process
	link      *link // between the product and Temporal
	logs      *transcript
	workers   int
}

// transcript collects what all processes print.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *transcript) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start brings up a stack with one worker and waits until it is ready.
func start(t testing.TB, portal portalsim.Config, settings ...string) *stack {
	t.Helper()
	s := prepare(t, portal, settings...)
	s.startAPI()
	s.startWorker()
	s.waitReady()
	return s
}

// prepare makes everything but the product's processes.
func prepare(t testing.TB, portal portalsim.Config, settings ...string) *stack {
	t.Helper()
	binary, err := program()
	require.NoError(t, err)
	var attributes []devstack.SearchAttribute
	for _, a := range workflows.SearchAttributes() {
		attributes = append(attributes, devstack.SearchAttribute{Name: a.Name, Type: a.Type.String()})
	}
	address, namespace := testenv.TemporalNamespace(t, attributes...)
	s := &stack{t: t, database: testenv.Postgres(t, store.Migrate), namespace: namespace, logs: &transcript{}}
	s.temporal, err = client.Dial(client.Options{HostPort: address, Namespace: namespace, Logger: testenv.Logger(t)})
	require.NoError(t, err)
	t.Cleanup(s.temporal.Close)

	s.link = newLink(t, "tcp", address)
	s.sim, err = portalsim.New(portal)
	require.NoError(t, err)
	server := httptest.NewServer(s.sim.Handler())
	t.Cleanup(func() {
		s.sim.Close()
		server.Close()
	})
	keyset := filepath.Join(t.TempDir(), "keyset.json")
	out, err := exec.CommandContext(t.Context(), binary, "keys", "generate", "--out", keyset).CombinedOutput()
	require.NoError(t, err, string(out))
	s.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
		"FOSSAWORK_DATABASE_URL=" + s.database, "FOSSAWORK_TEMPORAL_ADDRESS=" + s.link.address, "FOSSAWORK_TEMPORAL_NAMESPACE=" + namespace,
		"FOSSAWORK_PORTAL_URL=" + server.URL, "FOSSAWORK_KEYSET_FILE=" + keyset, "FOSSAWORK_JWT_SECRET=" + strings.Repeat("e2e-secret-", 4),
		"FOSSAWORK_METRICS_LISTEN=", "FOSSAWORK_LISTEN=127.0.0.1:0", "FOSSAWORK_CHROMIUM=" + testenv.Chromium(t), "FOSSAWORK_LOG_LEVEL=info",
		"FOSSAWORK_RECONCILE_EVERY=2s", "FOSSAWORK_LOGIN_GAP=0s", "FOSSAWORK_BREAKER_ACCOUNTS=0",
	}, settings...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(tail(s.logs.String(), 60))
		}
	})
	return s
}

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func (s *stack) process(name string) *devstack.Process {
	s.t.Helper()
	binary, err := program()
	require.NoError(s.t, err)
	process, err := devstack.Start(s.t.Context(), devstack.Spec{
		Name: name, Path: binary, Args: []string{strings.SplitN(name, "-", 2)[0]}, Env: s.env, KeepLines: 200,
		Output: devstack.Output{Console: devstack.NewConsole(s.logs)},
	})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = process.Stop() }) // one that was killed in the test says so
	return process
}

func (s *stack) startAPI() {
	s.t.Helper()
	s.api = s.process("api")
	require.Eventually(s.t, func() bool {
		for _, line := range s.api.LastLines() {
			var entry struct{ Msg, Address string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "api started" {
				s.url = "http://" + entry.Address
				return true
			}
		}
		return false
	}, patience, tick)
}

func (s *stack) startWorker() *devstack.Process {
	s.t.Helper()
	s.workers++
	return s.process(fmt.Sprintf("worker-%d", s.workers))
}

func (s *stack) waitReady() {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.get("", "/readyz", nil) == http.StatusOK }, patience, tick)
}

// call sends a request and decodes the answer; the status is returned.
func (s *stack) call(token, method, path string, body, into any) int {
	s.t.Helper()
	status, text := s.raw(token, method, path, body)
	if into != nil {
		require.NoError(s.t, json.Unmarshal([]byte(text), into), "%s %s: %s", method, path, text)
	}
	return status
}

func (s *stack) raw(token, method, path string, body any) (int, string) {
	s.t.Helper()
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		require.NoError(s.t, err)
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, reader)
	require.NoError(s.t, err)
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return response.StatusCode, string(text)
}

func (s *stack) get(token, path string, into any) int {
	s.t.Helper()
	return s.call(token, http.MethodGet, path, nil, into)
}

type object = map[string]any

// signIn gives the token of a simulator account.
func (s *stack) signIn(email, password string) string {
	s.t.Helper()
	var answer object
	status := s.call("", http.MethodPost, "/api/auth/login", object{"username": email, "password": password}, &answer)
	require.Equal(s.t, http.StatusOK, status, "%v", answer)
	return answer["access_token"].(string) //nolint:forcetypeassert // a failed assertion fails the test
}

// createSchedule makes a schedule and gives its path.
func (s *stack) createSchedule(token string, body object) (path string, schedule object) {
	s.t.Helper()
	status := s.call(token, http.MethodPost, "/api/scraping-schedules/", body, &schedule)
	require.Equal(s.t, http.StatusOK, status, "%v", schedule)
	return fmt.Sprintf("/api/scraping-schedules/%d", int64(schedule["id"].(float64))), schedule //nolint:forcetypeassert // as above
}

// history is a schedule's runs, newest first.
func (s *stack) history(token, path string) []object {
	s.t.Helper()
	var rows []object
	require.Equal(s.t, http.StatusOK, s.get(token, path+"/history?limit=100", &rows))
	return rows
}

// finishedRuns waits until so many runs have ended and gives all of them, newest first.
func (s *stack) finishedRuns(token, path string, n int) []object {
	s.t.Helper()
	var finished []object
	require.Eventually(s.t, func() bool {
		finished = nil
		for _, row := range s.history(token, path) {
			if row["completed_at"] != nil {
				finished = append(finished, row)
			}
		}
		return len(finished) >= n
	}, patience, tick, "%d finished runs", n)
	return finished
}

// workOrders is all of a user's stored orders.
func (s *stack) workOrders(token string) []object {
	s.t.Helper()
	var orders []object
	require.Equal(s.t, http.StatusOK, s.get(token, "/api/v1/work-orders?limit=500", &orders))
	return orders
}

func decode(text string, into any) error { return json.Unmarshal([]byte(text), into) }
