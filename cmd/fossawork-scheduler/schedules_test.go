package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/api"
	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

var caller = scrape.User{ID: "u", Email: "tech@example.com", Role: scrape.RoleUser}

// logins knows one user with one password. What the commands do not call is not there.
type logins struct{ api.Credentials }

func (logins) SignIn(_ context.Context, login scrape.Login) (scrape.User, error) {
	if login.Username != caller.Email || login.Password.Reveal() != "demo-password" {
		return scrape.User{}, scrape.Errorf(scrape.KindCredentialsRejected, "WorkFossa refused this login.")
	}
	return caller, nil
}

func (logins) User(context.Context, scrape.UserID) (scrape.User, error) { return caller, nil }

// sessions has another name than its method, which would hide it.
type sessions = api.Sessions

// visits are the sessions that are begun and ended. What the commands do not call is not there.
type visits struct {
	sessions
	begun, ended []scrape.UserSessionID
}

func (v *visits) StartSession(_ context.Context, user scrape.UserID, _ string) (scrape.UserSession, error) {
	session := scrape.UserSession{ID: scrape.UserSessionID(fmt.Sprint("visit ", len(v.begun))), UserID: user, ExpiresAt: time.Now().Add(time.Hour)}
	v.begun = append(v.begun, session.ID)
	return session, nil
}

func (v *visits) Caller(_ context.Context, user scrape.UserID, session scrape.UserSessionID) (scrape.User, scrape.UserSession, error) {
	return caller, scrape.UserSession{ID: session, UserID: user}, nil
}

func (v *visits) EndSession(_ context.Context, _ scrape.UserID, session scrape.UserSessionID) error {
	v.ended = append(v.ended, session)
	return nil
}

// cabinet keeps definitions.
type cabinet struct {
	visits      visits
	definitions []schedules.Definition
	entries     []schedules.Entry
	options     schedules.ApplyOptions
	results     []schedules.Applied
	fails       error
}

func (c *cabinet) Export(context.Context, scrape.UserID) ([]schedules.Definition, error) {
	return c.definitions, c.fails
}

func (c *cabinet) Apply(
	_ context.Context, _ scrape.UserID, entries []schedules.Entry, options schedules.ApplyOptions,
) ([]schedules.Applied, error) {
	c.entries, c.options = entries, options
	return c.results, c.fails
}

// serveAPI is the real API on a cabinet; it gives its address and a token.
func serveAPI(t *testing.T, c *cabinet) (address, token string) {
	t.Helper()
	tokens := api.Tokens{Secret: scrape.NewSecret("a secret for tests that is long enough"), Lifetime: time.Hour}
	server := httptest.NewServer(api.New(api.Config{
		Credentials: logins{}, Sessions: &c.visits, Definitions: c, Tokens: tokens, Log: slog.New(slog.DiscardHandler),
	}).Handler)
	t.Cleanup(server.Close)
	token, _, err := tokens.Issue(caller, scrape.UserSession{}, time.Now())
	require.NoError(t, err)
	return server.URL, token
}

// program runs the program with this environment.
func program(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	for _, name := range []string{"FOSSAWORK_API_URL", "FOSSAWORK_API_TOKEN", "FOSSAWORK_PASSWORD"} {
		t.Setenv(name, "")
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func everyTwoHours() []schedules.Definition {
	interval, enabled := 2.0, true
	return []schedules.Definition{{
		ScheduleType: scrape.JobWorkOrders, Name: "mornings", Enabled: &enabled, IntervalHours: &interval, SkipDates: []string{"2030-12-25"},
		ActiveHours: &scrape.Hours{Start: 6, End: 12}, Settings: []byte(`{"empty_is_right":true}`),
	}}
}

const asYAML = `schedules:
  - schedule_type: work_orders
    name: mornings
    enabled: true
    interval_hours: 2
    active_hours: {start: 6, end: 12}
    skip_dates:
      - "2030-12-25"
    settings:
      empty_is_right: true
`

func TestExportAndApply(t *testing.T) {
	t.Setenv("FOSSAWORK_API_TOKEN", "") // the environment is the process's, so nothing else runs beside it
	c := &cabinet{definitions: everyTwoHours()}
	address, token := serveAPI(t, c)
	env := map[string]string{"FOSSAWORK_API_URL": address, "FOSSAWORK_API_TOKEN": token}
	code, stdout, stderr := program(t, env, "schedules", "export")
	require.Zero(t, code, stderr)
	require.Equal(t, strings.Split(asYAML, "\n"), strings.Split(stdout, "\n"), "to the letter")

	for _, name := range []string{"schedules.yaml", "schedules.json"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
		code, stdout, stderr = program(t, env, "schedules", "export", "--file", path)
		require.Zero(t, code, stderr)
		require.Empty(t, stdout)
		require.Equal(t, "Wrote "+path+".\n", stderr)
		left, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, left, 1, "no half documents stay")

		c.results = []schedules.Applied{{ID: 7, JobType: scrape.JobWorkOrders, Name: "mornings", Result: schedules.ResultUnchanged}}
		code, stdout, stderr = program(t, env, "schedules", "apply", "--file", path)
		require.Zero(t, code, stderr)
		require.Equal(t, "unchanged  work_orders/mornings\n0 created, 0 changed, 1 unchanged, 0 deleted, 0 refused.\n", stdout)
		require.Equal(t, schedules.ApplyOptions{}, c.options)
		require.Len(t, c.entries, 1)
		require.JSONEq(t, string(everyTwoHours()[0].Settings), string(c.entries[0].Settings))
		c.entries[0].Settings = everyTwoHours()[0].Settings
		require.Equal(t, schedules.Entry{Definition: everyTwoHours()[0]}, c.entries[0], "what was written is what is read")
	}
}

func TestApplyTellsWhatWasDone(t *testing.T) {
	t.Setenv("FOSSAWORK_API_TOKEN", "") // the environment is the process's, so nothing else runs beside it
	c := &cabinet{results: []schedules.Applied{
		{JobType: scrape.JobWorkOrders, Name: "new", Result: schedules.ResultCreated},
		{
			JobType: scrape.JobWorkOrders, Name: "mornings", Result: schedules.ResultChanged,
			Fields: []scrape.FieldChange{{Field: "interval_hours", Old: 2, New: 1.5}, {Field: "cron", New: []string{"0 6 * * *"}}},
		},
		{JobType: scrape.JobFilters, Name: "gone", Result: schedules.ResultDeleted},
		{JobType: "coffee", Name: "espresso", Result: schedules.ResultRefused, Message: "There is no schedule type \"coffee\"."},
	}}
	address, token := serveAPI(t, c)
	path := filepath.Join(t.TempDir(), "schedules.yaml")
	require.NoError(t, os.WriteFile(path, []byte(asYAML), 0o600))
	code, stdout, stderr := program(t, map[string]string{"FOSSAWORK_API_TOKEN": token},
		"schedules", "apply", "--api-url", address+"/", "--file", path, "--dry-run", "--prune")
	require.Equal(t, 1, code)
	require.Equal(t, "fossawork-scheduler: 1 of 4 schedules were refused\n", stderr)
	require.Equal(t, `created    work_orders/new
changed    work_orders/mornings
           interval_hours: 2 -> 1.5
           cron: none -> ["0 6 * * *"]
deleted    filters/gone
refused    coffee/espresso: There is no schedule type "coffee".
Nothing was done. It would be: 1 created, 1 changed, 0 unchanged, 1 deleted, 1 refused.
`, stdout)
	require.Equal(t, schedules.ApplyOptions{DryRun: true, Prune: true}, c.options)
}

func TestSchedulesSignIn(t *testing.T) {
	t.Setenv("FOSSAWORK_API_TOKEN", "") // the environment is the process's, so nothing else runs beside it
	c := &cabinet{}
	address, token := serveAPI(t, c)
	at := map[string]string{"FOSSAWORK_API_URL": address}
	code, _, stderr := program(t, at, "schedules", "export")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "nobody is signed in: set FOSSAWORK_API_TOKEN")

	at["FOSSAWORK_PASSWORD"] = "demo-password"
	code, stdout, stderr := program(t, at, "schedules", "export", "--email", caller.Email)
	require.Zero(t, code, stderr)
	require.Equal(t, "schedules: []\n", stdout)
	require.Len(t, c.visits.begun, 1)
	require.Equal(t, c.visits.begun, c.visits.ended, "a command signs out")

	at["FOSSAWORK_PASSWORD"] = "wrong-password"
	code, stdout, stderr = program(t, at, "schedules", "export", "--email", caller.Email)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Equal(t, "fossawork-scheduler: WorkFossa refused this login.\n", stderr)

	code, _, stderr = program(t, map[string]string{"FOSSAWORK_API_URL": address, "FOSSAWORK_API_TOKEN": token + "x"}, "schedules", "export")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "Invalid or expired token")
}

func TestSchedulesErrors(t *testing.T) {
	t.Setenv("FOSSAWORK_API_TOKEN", "") // the environment is the process's, so nothing else runs beside it
	c := &cabinet{}
	address, token := serveAPI(t, c)
	env := map[string]string{"FOSSAWORK_API_URL": address, "FOSSAWORK_API_TOKEN": token}
	path := filepath.Join(t.TempDir(), "schedules.yaml")
	require.NoError(t, os.WriteFile(path, []byte("schedule: []"), 0o600))
	for message, args := range map[string][]string{
		"\"schedule\" is no part of a document. It has one member, schedules.": {"schedules", "apply", "--file", path},
		"no such file": {"schedules", "apply", "--file", path + ".missing"},
	} {
		code, _, stderr := program(t, env, args...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, message)
	}
	c.fails = scrape.Errorf(scrape.KindUnavailable, "The database cannot be reached right now.")
	code, _, stderr := program(t, env, "schedules", "export", "--file", path)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "The database cannot be reached right now.")
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "schedule: []", string(kept), "a file is replaced by a whole document or not at all")

	for _, args := range [][]string{
		{"schedules"},
		{"schedules", "apply"},
		{"schedules", "export", "--password", "x"},
		{"schedules", "export", "--api-token", "x"},
		{"schedules", "export", "--api-url", "ftp://example.com"},
	} {
		code, _, _ = program(t, env, args...)
		require.Equal(t, 2, code, "wrongly called: %v", args)
	}

	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	env["FOSSAWORK_API_URL"] = other.URL
	code, _, stderr = program(t, env, "schedules", "export")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "the API answered 404 Not Found")
	other.Close()
	code, _, stderr = program(t, env, "schedules", "export")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "ask the API: ")
}

func TestReadPassword(t *testing.T) {
	t.Parallel()
	read := func(typed string) (string, string, error) {
		reader, writer, err := os.Pipe()
		require.NoError(t, err)
		defer func() { _ = reader.Close() }()
		_, err = writer.WriteString(typed)
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		var prompt bytes.Buffer
		password, err := readPassword(t.Context(), reader, &prompt, "tech@example.com")
		return password, prompt.String(), err
	}
	for typed, want := range map[string]string{"demo password\nmore": "demo password", "x\r\n": "x", "no end": "no end"} {
		password, prompt, err := read(typed)
		require.NoError(t, err)
		require.Equal(t, want, password)
		require.Equal(t, "Password of tech@example.com: \n", prompt)
	}
	_, _, err := read("\n")
	require.EqualError(t, err, "no password was given")

	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _, _ = reader.Close(), writer.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = readPassword(ctx, reader, &bytes.Buffer{}, "")
	require.ErrorIs(t, err, context.Canceled)
}
