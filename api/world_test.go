package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/api"
	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

const (
	email  = "tech@example.com"
	secret = "a secret for tests that is long enough"
	front  = "http://localhost:5173"
)

var (
	tech  = scrape.User{ID: scrape.UserIDFor(email), Email: email, Role: scrape.RoleUser, CreatedAt: at(0), LastUsedAt: pointer(at(60))}
	other = scrape.User{ID: scrape.UserIDFor("other@example.com"), Email: "other@example.com", Role: scrape.RoleUser, CreatedAt: at(0)}
	morn  = time.Date(2030, 1, 2, 13, 30, 0, 123_456_789, time.UTC)
	fixed = api.Tokens{Secret: scrape.NewSecret(secret), Lifetime: time.Hour}
)

// at is a time with more digits than the API writes, and in another zone.
func at(seconds float64) time.Time {
	return morn.Add(time.Duration(seconds * float64(time.Second))).In(time.FixedZone("elsewhere", -5*3600))
}

func pointer[T any](v T) *T { return &v }

// world is an API on fakes.
type world struct {
	mu        sync.Mutex
	users     map[scrape.UserID]scrape.User
	schedules []scrape.Schedule
	runs      []scrape.Run
	orders    []scrape.WorkOrder

	fail     error             // what every use case answers
	panics   any               // what List panics with
	signIn   error             // what a sign-in answers
	login    scrape.Login      // the newest sign-in
	asked    schedules.Request // the newest creation
	patch    schedules.Patch   // the newest change
	filter   scrape.WorkOrderFilter
	limit    int   // of the newest look at the history
	notReady error // what is missing

	logs    bytes.Buffer
	handler http.Handler
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		users: map[scrape.UserID]scrape.User{tech.ID: tech, other.ID: other},
		schedules: []scrape.Schedule{
			{
				ID: 7, UserID: tech.ID, JobType: scrape.JobWorkOrders, Name: "work_orders", Enabled: true,
				Timing:    scrape.Timing{Interval: time.Hour, Offset: 1023 * time.Second, Timezone: "America/New_York", ActiveHours: &scrape.Hours{Start: 6, End: 22}},
				LastRunAt: pointer(at(41.1)), Revision: 3, AppliedRevision: 3, CreatedAt: at(-1000), UpdatedAt: at(0),
			},
			{ID: 8, UserID: other.ID, JobType: scrape.JobWorkOrders, Name: "work_orders", Enabled: true, Timing: scrape.Timing{Interval: time.Hour}},
		},
		runs: []scrape.Run{{
			ID: 501, ScheduleID: 7, UserID: tech.ID, JobType: scrape.JobWorkOrders, Trigger: scrape.TriggerScheduled,
			WorkflowID: "scrape-7-2030-01-02T13:30:00Z", NominalAt: at(0), StartedAt: at(0), CompletedAt: pointer(at(41.11)),
			Outcome: scrape.OutcomeSuccess, Counts: scrape.Counts{Processed: 44, Added: 2, Updated: 5, Unchanged: 37, Removed: 1},
			Progress: scrape.Progress{Phase: scrape.PhaseCompleted, Percentage: 100, Message: "44 work orders", Found: 44, Processed: 44},
		}},
	}
	w.handler = w.serve(front)
	return w
}

// serve builds the API on this world for these front ends.
func (w *world) serve(origins ...string) http.Handler {
	return api.New(api.Config{
		Schedules: fakeSchedules{w}, Runs: fakeRuns{w}, Orders: fakeOrders{w}, Credentials: fakeCredentials{w}, Health: fakeHealth{w},
		Tokens: fixed, CORSOrigins: origins, PortalURL: "https://portal.example.com",
		Log: slog.New(slog.NewJSONHandler(&w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}).Handler
}

func tokenOf(t *testing.T, user scrape.User) string {
	t.Helper()
	token, err := fixed.Issue(user, time.Now())
	require.NoError(t, err)
	return token
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
}

// do sends a request of the signed-in technician. Headers are given as "Name: value"; "Authorization:" takes the token away.
func (w *world) do(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	request := httptest.NewRequestWithContext(t.Context(), method, path, reader)
	request.Header.Set("Authorization", "Bearer "+tokenOf(t, tech))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ":")
		if value = strings.TrimSpace(value); value == "" {
			request.Header.Del(name)
		} else {
			request.Header.Set(name, value)
		}
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, request)
	return answer{recorder.Code, recorder.Header(), recorder.Body.String()}
}

func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.text), &out), a.text)
	return out
}

func (a answer) list(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.text), &out), a.text)
	require.NotNil(t, out, "a bare list, never null")
	return out
}

// requireProblem checks everything that is common to error answers and gives the body.
func (a answer) requireProblem(t *testing.T, status int, detail string) map[string]any {
	t.Helper()
	require.Equal(t, status, a.status, a.text)
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	require.NotEmpty(t, a.header.Get("X-Request-Id"))
	require.NotEmpty(t, a.header.Get("X-Process-Time"))
	problem := a.object(t)
	require.Equal(t, detail, problem["detail"])
	require.InDelta(t, status, problem["status"], 0)
	require.Equal(t, http.StatusText(status), problem["title"])
	return problem
}

// requireKeys checks that an object has exactly these members.
func requireKeys(t *testing.T, object map[string]any, keys ...string) {
	t.Helper()
	have := make([]string, 0, len(object))
	for key := range object {
		have = append(have, key)
	}
	require.ElementsMatch(t, keys, have)
}

type fakeSchedules struct{ *world }

func (f fakeSchedules) Create(_ context.Context, user scrape.UserID, asked schedules.Request) (scrape.Schedule, error) {
	f.asked = asked
	schedule := scrape.Schedule{
		ID: 9, UserID: user, JobType: asked.JobType, Name: asked.Name, Enabled: asked.Enabled, Revision: 1, CreatedAt: at(0), UpdatedAt: at(0),
		Timing: scrape.Timing{Interval: time.Duration(asked.IntervalHours * float64(time.Hour)), ActiveHours: asked.ActiveHours, Timezone: asked.Timezone},
	}
	if schedule.Name == "" {
		schedule.Name = "work_orders"
	}
	if asked.OffsetSeconds != nil {
		schedule.Timing.Offset = time.Duration(*asked.OffsetSeconds) * time.Second
	}
	if f.fail != nil {
		return scrape.Schedule{}, f.fail
	}
	return schedule, schedule.Validate(30 * time.Minute)
}

func (f fakeSchedules) Update(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, patch schedules.Patch) (scrape.Schedule, error) {
	f.patch = patch
	schedule, err := f.Get(ctx, user, id)
	if err != nil {
		return scrape.Schedule{}, err
	}
	if patch.IntervalHours != nil {
		schedule.Timing.Interval = time.Duration(*patch.IntervalHours * float64(time.Hour))
	}
	if patch.SetActiveHours {
		schedule.Timing.ActiveHours = patch.ActiveHours
	}
	if patch.Enabled != nil {
		schedule.Enabled = *patch.Enabled
	}
	return schedule, schedule.Validate(30 * time.Minute)
}

func (f fakeSchedules) Delete(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) error {
	_, err := f.Get(ctx, user, id)
	return err
}

func (f fakeSchedules) Get(_ context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error) {
	if f.fail != nil {
		return scrape.Schedule{}, f.fail
	}
	for _, schedule := range f.schedules {
		if schedule.UserID == user && schedule.ID == id {
			return schedule, nil
		}
	}
	return scrape.Schedule{}, scrape.Errorf(scrape.KindNotFound, "Schedule not found")
}

func (f fakeSchedules) List(_ context.Context, user scrape.UserID) ([]scrape.Schedule, error) {
	if f.panics != nil {
		panic(f.panics)
	}
	var own []scrape.Schedule
	for _, schedule := range f.schedules {
		if schedule.UserID == user {
			own = append(own, schedule)
		}
	}
	return own, f.fail
}

func (f fakeSchedules) RunNow(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Run, error) {
	schedule, err := f.Get(ctx, user, id)
	if err != nil {
		return scrape.Run{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	run := scrape.Run{
		ID: 502, ScheduleID: id, UserID: user, JobType: schedule.JobType, Trigger: scrape.TriggerManual, RequestedBy: string(user),
		WorkflowID: "scrape-7-run-abc", NominalAt: at(100), StartedAt: at(100), Progress: scrape.Progress{Phase: scrape.PhaseInitializing},
	}
	f.runs = append([]scrape.Run{run}, f.runs...)
	return run, nil
}

func (f fakeSchedules) RunJob(ctx context.Context, user scrape.UserID, _ scrape.JobType) (scrape.Run, error) {
	if f.fail != nil {
		return scrape.Run{}, f.fail
	}
	return f.RunNow(ctx, user, 7)
}

type fakeRuns struct{ *world }

func (f fakeRuns) History(_ context.Context, _ scrape.Schedule, limit int) ([]scrape.Run, error) {
	f.limit = limit
	return f.runs[:min(limit, len(f.runs))], f.fail
}

func (f fakeRuns) Latest(_ context.Context, id scrape.ScheduleID) (scrape.Run, bool, error) {
	for _, run := range f.runs {
		if run.ScheduleID == id {
			return run, true, f.fail
		}
	}
	return scrape.Run{}, false, f.fail
}

func (f fakeRuns) Get(_ context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	for _, run := range f.runs {
		if run.ID == id && run.UserID == user {
			return run, f.fail
		}
	}
	return scrape.Run{}, scrape.Errorf(scrape.KindNotFound, "History record not found")
}

func (f fakeRuns) LatestOfUser(_ context.Context, user scrape.UserID, _ scrape.JobType) (scrape.Run, bool, error) {
	for _, run := range f.runs {
		if run.UserID == user {
			return run, true, f.fail
		}
	}
	return scrape.Run{}, false, f.fail
}

func (f fakeRuns) Accept(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	return f.decide(ctx, user, id, scrape.DecisionAccepted)
}

func (f fakeRuns) Discard(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	return f.decide(ctx, user, id, scrape.DecisionDiscarded)
}

func (f fakeRuns) decide(ctx context.Context, user scrape.UserID, id scrape.RunID, decision scrape.Decision) (scrape.Run, error) {
	run, err := f.Get(ctx, user, id)
	if err == nil && run.Outcome != scrape.OutcomeHeld {
		err = scrape.Errorf(scrape.KindConflict, "This run holds nothing back that could be accepted or discarded.")
	}
	run.Decision = decision
	return run, err
}

func (f fakeRuns) Delete(ctx context.Context, user scrape.UserID, id scrape.RunID) error {
	run, err := f.Get(ctx, user, id)
	if err == nil && run.Running() {
		return scrape.Errorf(scrape.KindConflict, "This run is still going.")
	}
	return err
}

func (f fakeRuns) DeleteAll(context.Context, scrape.UserID, scrape.JobType) (int, error) {
	return len(f.runs), f.fail
}

type fakeOrders struct{ *world }

func (f fakeOrders) WorkOrders(_ context.Context, _ scrape.UserID, filter scrape.WorkOrderFilter) ([]scrape.WorkOrder, int, error) {
	f.filter = filter
	return f.orders, len(f.orders) + 300, f.fail
}

func (f fakeOrders) WorkOrder(_ context.Context, user scrape.UserID, id string) (scrape.WorkOrder, error) {
	for _, order := range f.orders {
		if order.ID == id && order.UserID == user {
			return order, f.fail
		}
	}
	return scrape.WorkOrder{}, scrape.Errorf(scrape.KindNotFound, "Work order not found")
}

type fakeCredentials struct{ *world }

func (f fakeCredentials) SignIn(_ context.Context, login scrape.Login) (scrape.User, error) {
	f.login = login
	return tech, f.signIn
}

func (f fakeCredentials) User(_ context.Context, id scrape.UserID) (scrape.User, error) {
	user, known := f.users[id]
	if !known {
		return scrape.User{}, scrape.Errorf(scrape.KindNotFound, "User not found")
	}
	return user, nil
}

func (f fakeCredentials) UserCount(context.Context) (int, error) { return len(f.users), f.fail }

type fakeHealth struct{ *world }

func (f fakeHealth) Ready(context.Context) error { return f.notReady }

func (f fakeHealth) TemporalScheduleID(id scrape.ScheduleID) string {
	return "scrape-schedule-" + id.String()
}
