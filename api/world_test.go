package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/api"
	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/internal/health"
	"github.com/fossawork/scheduler/internal/runs"
	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

const (
	email  = "tech@example.com"
	secret = "a secret for tests that is long enough"
	front  = "http://localhost:5173"

	temporalUI = "http://temporal.example.com"
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

	dispensers []scrape.Dispenser
	sites      map[scrape.RunID][]scrape.SiteRun
	changes    []scrape.Change
	next       int64 // the cursor that goes with the changes
	attempts   []scrape.Attempt
	evidence   []scrape.EvidenceFile
	items      []scrape.Item
	result     *scrape.JobResult
	info       credentials.Info
	tested     credentials.TestResult

	fail     error             // what every use case answers
	panics   any               // what List panics with
	signIn   error             // what a sign-in answers
	login    scrape.Login      // the newest sign-in
	asked    schedules.Request // the newest creation
	patch    schedules.Patch   // the newest change
	ifMatch  string            // of the newest removal
	found    scrape.ScheduleFilter
	more     scrape.ScheduleID // what goes behind a filtered list
	lists    int               // how often all schedules were listed
	foretold schedules.Preview
	from     *time.Time // of the newest preview
	count    int        // of the newest preview
	homePage schedules.Home
	outages  []scrape.BreakerIncident // newest first
	filter   scrape.WorkOrderFilter
	limit    int   // of the newest look at the history or at changes
	after    int64 // of the newest look at changes
	notReady error // what is missing

	options  scrape.RunOptions // of the newest run that was asked for
	job      scrape.JobType    // of the newest run that was asked for by its type
	looks    [][]string        // the locations of each question for dispensers
	replaced *scrape.Login     // the newest login to store
	tried    *scrape.Login     // the newest login to test
	refuse   error             // what Replace, Test and Forget answer

	notStarted error // what RunJob answers, while everything else works

	runFilter scrape.RunFilter  // of the newest list of runs
	behind    *scrape.RunCursor // what goes behind it
	steps     runs.Steps
	recent    []scrape.RecentRuns
	ids       []scrape.ScheduleID // of the newest question for recent runs
	days      []scrape.Day        // of the newest question for days
	dayCounts []scrape.DayCount
	since     []scrape.RunsSince
	sinceWhen time.Time
	heat      schedules.Heatmap
	weeks     int
	queues    []health.Queue
	away      error // what Temporal answers

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
				CredentialState: scrape.CredentialOK,
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
		Schedules: fakeSchedules{w}, Slots: fakeSlots{w}, Runs: fakeRuns{w}, Charts: fakeCharts{w}, Orders: fakeOrders{w}, Credentials: fakeCredentials{w}, Health: fakeHealth{w},
		Breaker: fakeBreaker{w}, Portal: "https://portal.example.com", Sessions: fakeSessions{w}, Preferences: fakePreferences{w},
		Tokens: fixed, CORSOrigins: origins, PortalURL: "https://portal.example.com", MinInterval: 30 * time.Minute,
		Links: api.Links{TemporalUI: temporalUI, Namespace: "spaces and/slashes"},
		Log:   slog.New(slog.NewJSONHandler(&w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}).Handler
}

func tokenOf(t *testing.T, user scrape.User) string {
	t.Helper()
	token, _, err := fixed.Issue(user, scrape.UserSession{}, time.Now())
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
	schedule := asked.Schedule(user)
	schedule.ID, schedule.Revision, schedule.CreatedAt, schedule.UpdatedAt, schedule.CredentialState = 9, 1, at(0), at(0), scrape.CredentialOK
	if f.fail != nil {
		return scrape.Schedule{}, f.fail
	}
	return schedule, check(schedule)
}

// check is what the use case checks.
func check(schedule scrape.Schedule) error {
	job, err := jobs.Find(schedule.JobType)
	if err != nil {
		return err
	}
	if _, err := job.ParseSettings(schedule.Settings); err != nil {
		return err
	}
	return schedule.Validate(30*time.Minute, time.Now())
}

func (f fakeSchedules) Update(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, patch schedules.Patch) (scrape.Schedule, error) {
	f.patch = patch
	schedule, err := f.Get(ctx, user, id)
	if err != nil {
		return scrape.Schedule{}, err
	}
	if err := patch.Apply(&schedule); err != nil {
		return scrape.Schedule{}, err
	}
	return schedule, check(schedule)
}

func (f fakeSchedules) DeleteMatching(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, ifMatch string) error {
	f.ifMatch = ifMatch
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
	f.mu.Lock()
	f.lists++
	f.mu.Unlock()
	var own []scrape.Schedule
	for _, schedule := range f.schedules {
		if schedule.UserID == user {
			own = append(own, schedule)
		}
	}
	return own, f.fail
}

func (f fakeSchedules) RunNow(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, options scrape.RunOptions) (scrape.Run, error) {
	schedule, err := f.Get(ctx, user, id)
	if err != nil {
		return scrape.Run{}, err
	}
	return f.start(schedule, options), nil
}

func (f fakeSchedules) start(schedule scrape.Schedule, options scrape.RunOptions) scrape.Run {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.options = options
	run := scrape.Run{
		ID: 502, ScheduleID: schedule.ID, UserID: schedule.UserID, JobType: schedule.JobType, Trigger: scrape.TriggerManual,
		RequestedBy: string(schedule.UserID), WorkflowID: "scrape-7-run-abc", NominalAt: at(100), StartedAt: at(100), Options: options,
		Progress: scrape.Progress{Phase: scrape.PhaseInitializing},
	}
	f.runs = append([]scrape.Run{run}, f.runs...)
	return run
}

func (f fakeSchedules) RunJob(_ context.Context, user scrape.UserID, job scrape.JobType, options scrape.RunOptions) (scrape.Run, error) {
	if err := cmp.Or(f.notStarted, f.fail); err != nil {
		return scrape.Run{}, err
	}
	f.job = job
	return f.start(scrape.Schedule{ID: 7, UserID: user, JobType: job}, options), nil
}

type fakeRuns struct{ *world }

func (f fakeRuns) History(_ context.Context, _ scrape.Schedule, limit int) ([]scrape.Run, error) {
	f.limit = limit
	return f.runs[:min(limit, len(f.runs))], f.fail
}

func (f fakeRuns) List(_ context.Context, user scrape.UserID, filter scrape.RunFilter) ([]scrape.Run, *scrape.RunCursor, error) {
	f.runFilter = filter
	var own []scrape.Run
	for _, run := range f.runs {
		if run.UserID == user {
			own = append(own, run)
		}
	}
	return own, f.behind, f.fail
}

func (f fakeRuns) Steps(ctx context.Context, user scrape.UserID, id scrape.RunID) (runs.Steps, error) {
	_, err := f.Get(ctx, user, id)
	return f.world.steps, err
}

type fakeCharts struct{ *world }

func (f fakeCharts) Recent(_ context.Context, _ scrape.UserID, ids []scrape.ScheduleID, count int) ([]scrape.RecentRuns, error) {
	f.ids, f.count = ids, count
	return f.recent, f.fail
}

func (f fakeCharts) Days(_ context.Context, _ scrape.UserID, days []scrape.Day) ([]scrape.DayCount, error) {
	f.days = days
	return f.dayCounts, f.fail
}

func (f fakeCharts) Since(_ context.Context, _ scrape.UserID, since time.Time) ([]scrape.RunsSince, error) {
	f.sinceWhen = since
	return f.since, f.fail
}

func (f fakeCharts) Heatmap(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, weeks int) (schedules.Heatmap, error) {
	f.weeks = weeks
	_, err := fakeSchedules(f).Get(ctx, user, id)
	return f.heat, err
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

func (f fakeRuns) LatestOfUser(_ context.Context, user scrape.UserID, job scrape.JobType) (scrape.Run, bool, error) {
	for _, run := range f.runs {
		if run.UserID == user && run.JobType == job {
			return run, true, f.fail
		}
	}
	return scrape.Run{}, false, f.fail
}

func (f fakeRuns) Accept(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	return f.decide(ctx, user, id, scrape.DecisionAccepted)
}

func (f fakeRuns) WouldAccept(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Effect, error) {
	_, err := f.decide(ctx, user, id, scrape.DecisionAccepted)
	return scrape.Effect{Added: 1, Changed: 2, Removed: 3, Returned: 4, Changes: f.changes}, err
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

func (f fakeRuns) Cancel(ctx context.Context, user scrape.User, id scrape.RunID) (scrape.Run, error) {
	run, err := f.Get(ctx, user.ID, id)
	if err == nil && !run.Running() {
		err = scrape.Errorf(scrape.KindConflict, "This run has ended already.")
	}
	run.Cancel = &scrape.CancelRequest{By: user.Email, At: at(7)}
	return run, err
}

func (f fakeRuns) Changes(ctx context.Context, user scrape.UserID, id scrape.RunID, after int64, limit int) ([]scrape.Change, int64, error) {
	f.after, f.limit = after, limit
	_, err := f.Get(ctx, user, id)
	return f.changes, f.next, err
}

func (f fakeRuns) ItemChanges(_ context.Context, user scrape.UserID, item, key string, limit int) ([]scrape.Change, error) {
	f.limit = limit
	var found []scrape.Change
	for _, change := range f.changes {
		if user == tech.ID && change.Item == item && change.Key == key {
			found = append(found, change)
		}
	}
	return found, f.fail
}

func (f fakeRuns) Sites(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.SiteRun, error) {
	_, err := f.Get(ctx, user, id)
	return f.sites[id], err
}

func (f fakeRuns) LatestSite(_ context.Context, user scrape.UserID, location string) (scrape.Run, scrape.SiteRun, bool, error) {
	for _, run := range f.runs {
		for _, site := range f.sites[run.ID] {
			if run.UserID == user && site.LocationID == location {
				return run, site, true, f.fail
			}
		}
	}
	return scrape.Run{}, scrape.SiteRun{}, false, f.fail
}

func (f fakeRuns) Attempts(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.Attempt, error) {
	_, err := f.Get(ctx, user, id)
	return f.attempts, err
}

func (f fakeRuns) EvidenceFiles(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.EvidenceFile, error) {
	_, err := f.Get(ctx, user, id)
	return f.evidence, err
}

func (f fakeRuns) EvidenceFile(ctx context.Context, user scrape.UserID, id scrape.RunID, name string) (scrape.EvidenceFile, error) {
	if _, err := f.Get(ctx, user, id); err != nil {
		return scrape.EvidenceFile{}, err
	}
	for _, file := range f.evidence {
		if file.Name == name {
			return file, nil
		}
	}
	return scrape.EvidenceFile{}, scrape.Errorf(scrape.KindNotFound, "There is no such file of evidence.")
}

type fakeOrders struct{ *world }

func (f fakeOrders) WorkOrders(_ context.Context, _ scrape.UserID, filter scrape.WorkOrderFilter) ([]scrape.WorkOrder, int, error) {
	f.filter = filter
	if filter.Skip > 0 {
		return nil, len(f.orders) + 300, f.fail
	}
	return f.orders, len(f.orders) + 300, f.fail
}

func (f fakeOrders) SetWorkOrderStatus(ctx context.Context, user scrape.UserID, id, status string) (scrape.WorkOrder, error) {
	order, err := f.WorkOrder(ctx, user, id)
	order.Status, order.UpdatedAt = status, at(9)
	return order, err
}

func (f fakeOrders) DeleteWorkOrder(ctx context.Context, user scrape.UserID, id string) error {
	_, err := f.WorkOrder(ctx, user, id)
	return err
}

func (f fakeOrders) ClearWorkOrders(_ context.Context, user scrape.UserID) (orders, dispensers int, err error) {
	for _, order := range f.orders {
		if order.UserID == user {
			orders++
		}
	}
	return orders, len(f.dispensers), f.fail
}

func (f fakeOrders) DispensersAt(_ context.Context, user scrape.UserID, locations []string) ([]scrape.Dispenser, error) {
	f.looks = append(f.looks, locations)
	var found []scrape.Dispenser
	for _, d := range f.dispensers {
		if d.UserID == user && slices.Contains(locations, d.LocationID) {
			found = append(found, d)
		}
	}
	return found, f.fail
}

func (f fakeOrders) DeleteDispensers(ctx context.Context, user scrape.UserID, id string) (int, error) {
	_, err := f.WorkOrder(ctx, user, id)
	return len(f.dispensers), err
}

func (f fakeOrders) JobResult(_ context.Context, user scrape.UserID, job scrape.JobType) (scrape.JobResult, bool, error) {
	if f.result == nil || user != tech.ID || job != scrape.JobFilters {
		return scrape.JobResult{}, false, f.fail
	}
	return *f.result, true, f.fail
}

func (f fakeOrders) Items(_ context.Context, user scrape.UserID, job scrape.JobType) ([]scrape.Item, error) {
	if user != tech.ID || job != scrape.JobFilters {
		return nil, f.fail
	}
	return f.items, f.fail
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

func (f fakeCredentials) Info(_ context.Context, user scrape.UserID) (credentials.Info, error) {
	if user != tech.ID {
		return credentials.Info{}, f.fail
	}
	return f.info, f.fail
}

func (f fakeCredentials) Replace(_ context.Context, _ scrape.UserID, login scrape.Login) error {
	f.replaced = &login
	return f.refuse
}

func (f fakeCredentials) Test(_ context.Context, _ scrape.UserID, login *scrape.Login) (credentials.TestResult, error) {
	f.tried = login
	return f.tested, f.refuse
}

func (f fakeCredentials) Forget(context.Context, scrape.UserID) error { return f.refuse }

// fakeSessions has one session, of the technician. What sessions really do is tested with the real ones.
type fakeSessions struct{ *world }

var workshop = scrape.UserSession{ID: "WORKSHOP", UserID: tech.ID, CreatedAt: at(0), LastSeenAt: at(1), UserAgent: "Firefox", ExpiresAt: morn.AddDate(100, 0, 0)}

func (f fakeSessions) StartSession(_ context.Context, user scrape.UserID, userAgent string) (scrape.UserSession, error) {
	started := workshop
	started.UserID, started.UserAgent = user, userAgent
	return started, f.fail
}

func (f fakeSessions) Caller(ctx context.Context, user scrape.UserID, _ scrape.UserSessionID) (scrape.User, scrape.UserSession, error) {
	who, err := fakeCredentials(f).User(ctx, user)
	return who, workshop, err
}

func (f fakeSessions) Sessions(context.Context, scrape.UserID) ([]scrape.UserSession, error) {
	return []scrape.UserSession{workshop}, f.fail
}

func (f fakeSessions) EndSession(context.Context, scrape.UserID, scrape.UserSessionID) error {
	return f.fail
}

func (f fakeSessions) EndOtherSessions(context.Context, scrape.UserID, scrape.UserSessionID) (int, error) {
	return 1, f.fail
}

type fakePreferences struct{ *world }

func (f fakePreferences) Preferences(context.Context, scrape.UserID) (scrape.Preferences, error) {
	return scrape.Preferences{}, f.fail
}

func (f fakePreferences) SetPreferences(_ context.Context, _ scrape.UserID, patch scrape.PreferencesPatch) (scrape.Preferences, error) {
	return scrape.Preferences{Timezone: "America/New_York", SeenAt: patch.SeenAt, PreviousSeenAt: pointer(at(2))}, f.fail
}

type fakeHealth struct{ *world }

func (f fakeHealth) Queues(context.Context) ([]health.Queue, error) { return f.queues, f.away }

func (f fakeHealth) Ready(context.Context) error { return f.notReady }

func (f fakeHealth) TemporalScheduleID(id scrape.ScheduleID) string {
	return "scrape-schedule-" + id.String()
}
