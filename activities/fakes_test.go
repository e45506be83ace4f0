package activities_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// memory is a store, a vault, places and a meter that keep everything in memory.
type memory struct {
	jobs.Store

	schedule *scrape.Schedule
	begun    scrape.Begun
	started  []scrape.RunStart
	unbegun  error // why a run cannot begin
	run      *scrape.Run
	finished []scrape.RunEnd
	lost     bool   // the run's row is
	owner    string // as which a step has asked for its run
	metered  []scrape.Run

	before []scrape.JobType   // of runs that are going
	asked  [][]scrape.JobType // after which types of runs

	openUntil []time.Time
	progress  []scrape.Progress
	pages     map[int]scrape.ListPage

	credential scrape.Credential
	session    int64
	renewed    []scrape.Session
	renewals   error         // why renewing fails
	gap        time.Duration // until the next login may be sent
	rest       time.Duration // of the portal's pause
	pauses     []time.Duration
	marked     int // logins sent and not taken back
	check      activities.Check
	accepted   bool

	full  string // the slot that has no place left; empty: all have
	slots []scrape.Slot

	mu       sync.Mutex
	attempts []scrape.Attempt
	files    []scrape.EvidenceFile
	unkept   error // why keeping evidence fails
	pruned   []pruning
}

// pruning is what was asked of PruneEvidence.
type pruning struct {
	owner  scrape.UserID
	runs   int
	before time.Time
}

func (m *memory) Schedule(context.Context, scrape.ScheduleID) (scrape.Schedule, error) {
	if m.schedule == nil {
		return scrape.Schedule{}, scrape.Errorf(scrape.KindNotFound, "Schedule not found")
	}
	return *m.schedule, nil
}

func (m *memory) BeginRun(_ context.Context, start scrape.RunStart) (scrape.Begun, error) {
	m.started = append(m.started, start)
	if m.unbegun != nil {
		return scrape.Begun{}, m.unbegun
	}
	begun := m.begun
	begun.Run.Trigger = start.Trigger
	if begun.Run.JobType == "" {
		begun.Run.JobType = scrape.JobWorkOrders
	}
	return begun, nil
}

func (m *memory) SetProgress(_ context.Context, _ scrape.RunID, progress scrape.Progress) error {
	m.progress = append(m.progress, progress)
	return nil
}

func (m *memory) RunsBefore(_ context.Context, _ scrape.Run, types []scrape.JobType) ([]scrape.JobType, error) {
	m.asked = append(m.asked, types)
	return m.before, nil
}

func (m *memory) RunOf(_ context.Context, workflowID string, credential scrape.CredentialID) (scrape.Run, error) {
	m.owner = fmt.Sprint(workflowID, " ", credential)
	if m.lost {
		return scrape.Run{}, scrape.Errorf(scrape.KindNotFound, "History record not found")
	}
	return m.Run(context.Background(), 501)
}

func (m *memory) Run(_ context.Context, id scrape.RunID) (scrape.Run, error) {
	if m.run == nil {
		return scrape.Run{ID: id, ScheduleID: 7, UserID: "u", JobType: scrape.JobWorkOrders}, nil
	}
	return *m.run, nil
}

func (m *memory) RunByWorkflow(context.Context, string) (scrape.Run, error) {
	if m.run == nil {
		return scrape.Run{}, scrape.Errorf(scrape.KindNotFound, "History record not found")
	}
	return *m.run, nil
}

func (m *memory) FinishRun(_ context.Context, id scrape.RunID, end scrape.RunEnd, _ time.Time) (scrape.Run, error) {
	m.finished = append(m.finished, end)
	return scrape.Run{ID: id, ScheduleID: m.runSchedule(), Outcome: end.Outcome}, nil
}

func (m *memory) NoteOpenUntil(_ context.Context, _ string, until time.Time) error {
	m.openUntil = append(m.openUntil, until)
	return nil
}

func (m *memory) runSchedule() scrape.ScheduleID {
	if m.run == nil {
		return 0
	}
	return m.run.ScheduleID
}

// synchronizer notes which schedules Temporal was to be told of.
type synchronizer struct {
	schedules []scrape.ScheduleID
	err       error
}

func (s *synchronizer) Sync(_ context.Context, id scrape.ScheduleID) error {
	s.schedules = append(s.schedules, id)
	return s.err
}

func (m *memory) RunEnded(_ context.Context, run scrape.Run) { m.metered = append(m.metered, run) }

func (m *memory) SavePage(_ context.Context, _ scrape.RunID, page scrape.ListPage) error {
	m.pages[page.Number] = page
	return nil
}

func (m *memory) SavedPages(context.Context, scrape.RunID) (numbers []int, last bool, err error) {
	for number, page := range m.pages {
		numbers = append(numbers, number)
		last = last || page.Last
	}
	slices.Sort(numbers)
	return numbers, last, nil
}

func (m *memory) PreviewWorkOrders(context.Context, scrape.RunID, jobs.WorkOrderPlanner) (scrape.Plan, error) {
	return scrape.Plan{Outcome: scrape.OutcomeSuccess}, nil
}

func (m *memory) SaveAttempt(_ context.Context, _ scrape.RunID, attempt scrape.Attempt, files []scrape.EvidenceFile) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unkept != nil {
		return m.unkept
	}
	m.attempts, m.files = append(m.attempts, attempt), append(m.files, files...)
	return nil
}

func (m *memory) PruneEvidence(_ context.Context, owner scrape.UserID, keepRuns int, before time.Time) (int, error) {
	m.pruned = append(m.pruned, pruning{owner, keepRuns, before})
	return 0, nil
}

func (m *memory) Login(context.Context, scrape.CredentialID) (scrape.Login, scrape.Credential, error) {
	return scrape.Login{Username: "tech@example.com", Password: scrape.NewSecret("canary-password")}, m.credential, nil
}

func (m *memory) SetState(_ context.Context, _ scrape.CredentialID, version int64, state scrape.CredentialState) error {
	if version == m.credential.Version {
		m.credential.State = state
	}
	return nil
}

func (m *memory) WithLoginLock(ctx context.Context, _ scrape.CredentialID, fn func(context.Context) error) error {
	return fn(ctx)
}

func (m *memory) MayLogin(context.Context, scrape.Credential) time.Duration { return m.gap }

func (m *memory) MarkLogin(context.Context, scrape.Credential) (func(context.Context) error, error) {
	m.marked++
	return func(ctx context.Context) error {
		m.marked--
		return ctx.Err()
	}, nil
}

func (m *memory) Session(context.Context, scrape.CredentialID) (scrape.Session, int64, error) {
	return sessionOf("before"), m.session, nil
}

func (m *memory) SaveSession(_ context.Context, _ scrape.Credential, _ scrape.Session, replaces int64) (int64, error) {
	if m.session == replaces {
		m.session++
	}
	return m.session, nil
}

func (m *memory) RenewSession(_ context.Context, _ scrape.CredentialID, version int64, before, after scrape.Session) error {
	if version == m.session && before.Cookies[0].Name == "before" {
		m.renewed = append(m.renewed, after)
	}
	return m.renewals
}

func (m *memory) Paused(context.Context, scrape.CredentialID) (time.Duration, error) {
	return m.rest, nil
}

func (m *memory) Pause(ctx context.Context, _ scrape.CredentialID, wait time.Duration) error {
	m.pauses = append(m.pauses, wait)
	return ctx.Err()
}

func (m *memory) Check(context.Context, string) (activities.Check, error) { return m.check, nil }

func (m *memory) AcceptCheck(context.Context, activities.Check, scrape.Session) error {
	m.accepted, m.check.Decided = true, scrape.CredentialOK
	return nil
}

func (m *memory) RejectCheck(_ context.Context, _ activities.Check, state scrape.CredentialState) error {
	m.check.Decided = state
	return nil
}

func (m *memory) WithPortalSlots(ctx context.Context, slots []scrape.Slot, fn func(context.Context) error) (bool, error) {
	m.slots = slots
	for _, slot := range slots {
		if slot.Name == m.full {
			return false, nil
		}
	}
	return true, fn(ctx)
}

// evidence keeps it in memory.
func (m *memory) evidence() *activities.Evidence {
	return &activities.Evidence{Store: m, KeepRuns: 20, KeepFor: 48 * time.Hour, Now: func() time.Time { return slot }}
}

// sessionOf is a session of one cookie, by whose name it is known.
func sessionOf(name string) scrape.Session {
	return scrape.Session{Cookies: []scrape.Cookie{{Name: name}}}
}

// site answers logins, and lets visits see what it is told to show.
type site struct {
	logins int
	visits int
	refuse error
	pages  []scrape.ListPage
	from   []int
	stopAt int // fail after this page; 0: never
	err    error
	broken error // how each visit ends, whatever its work says
}

func (s *site) SignIn(context.Context, scrape.Login) (scrape.Session, error) {
	s.logins++
	return scrape.Session{}, s.refuse
}

func (s *site) Visit(ctx context.Context, _ scrape.Session, work func(context.Context, jobs.Visit) error) (scrape.Session, error) {
	s.visits++
	err := work(ctx, tab{s})
	if s.broken != nil {
		err = s.broken
	}
	return sessionOf("after"), err
}

// tab is an open tab of the site.
type tab struct{ *site }

func (s tab) WorkOrders(ctx context.Context, from int, each func(context.Context, scrape.ListPage) error) error {
	s.from = append(s.from, from)
	for _, page := range s.pages {
		if page.Number < from {
			continue
		}
		if s.stopAt > 0 && page.Number > s.stopAt {
			return s.err
		}
		if err := each(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

func (s tab) Location(context.Context, string) (scrape.LocationResult, error) {
	return scrape.LocationResult{}, s.err
}

func (s tab) Page(context.Context, jobs.PageRequest) (string, error) { return "", s.err }

func (s tab) Look(context.Context) (scrape.Evidence, error) { return seen(), nil }

// seen is evidence with everything in it.
func seen() scrape.Evidence {
	return scrape.Evidence{
		TakenAt: slot, URL: "https://portal.example/app/work/list", Title: "Work", Screenshot: []byte{0xff, 0xd8}, ScreenshotType: "image/jpeg",
		DOM: "<html></html>", Console: []scrape.ConsoleLine{{At: slot, Level: "error", Text: "x is undefined"}},
		Network: []scrape.Exchange{{At: slot, Method: "GET", URL: "https://portal.example/app", Status: 200}}, Notes: []string{"cut"},
	}
}

// firings answers nominal times after some asks.
type firings struct {
	at    time.Time
	after int
	asked int
	err   error
}

func (f *firings) NominalTime(context.Context, string, string) (time.Time, bool, error) {
	f.asked++
	return f.at, f.asked > f.after && !f.at.IsZero(), f.err
}
