package activities_test

import (
	"context"
	"slices"
	"time"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
)

// memory is a store and a vault that keep everything in memory.
type memory struct {
	schedule   *scrape.Schedule
	begun      scrape.Begun
	started    []scrape.RunStart
	run        *scrape.Run
	finished   []scrape.RunEnd
	progress   []scrape.Progress
	pages      map[int]scrape.ListPage
	credential scrape.Credential
	session    int64
	check      activities.Check
	accepted   bool
}

func (m *memory) Schedule(context.Context, scrape.ScheduleID) (scrape.Schedule, error) {
	if m.schedule == nil {
		return scrape.Schedule{}, scrape.Errorf(scrape.KindNotFound, "Schedule not found")
	}
	return *m.schedule, nil
}

func (m *memory) BeginRun(_ context.Context, start scrape.RunStart) (scrape.Begun, error) {
	m.started = append(m.started, start)
	begun := m.begun
	begun.Run.Trigger = start.Trigger
	return begun, nil
}

func (m *memory) SetProgress(_ context.Context, _ scrape.RunID, progress scrape.Progress) error {
	m.progress = append(m.progress, progress)
	return nil
}

func (m *memory) RunByWorkflow(context.Context, string) (scrape.Run, error) {
	if m.run == nil {
		return scrape.Run{}, scrape.Errorf(scrape.KindNotFound, "History record not found")
	}
	return *m.run, nil
}

func (m *memory) FinishRun(_ context.Context, _ scrape.RunID, end scrape.RunEnd, _ time.Time) (scrape.Run, error) {
	m.finished = append(m.finished, end)
	return *m.run, nil
}

func (m *memory) ApplyWorkOrders(_ context.Context, _ scrape.RunID, plan func([]scrape.WorkOrder, []scrape.ListPage) scrape.Plan) (scrape.Plan, error) {
	var pages []scrape.ListPage
	for _, page := range m.pages {
		pages = append(pages, page)
	}
	return plan(nil, pages), nil
}

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

func (m *memory) Session(context.Context, scrape.CredentialID) (scrape.Session, int64, error) {
	return scrape.Session{}, m.session, nil
}

func (m *memory) SaveSession(_ context.Context, _ scrape.Credential, _ scrape.Session, replaces int64) (int64, error) {
	if m.session == replaces {
		m.session++
	}
	return m.session, nil
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

// site answers logins and lists as it is told.
type site struct {
	logins int
	refuse error
	pages  []scrape.ListPage
	from   []int
	stopAt int // fail after this page; 0: never
	err    error
}

func (s *site) SignIn(context.Context, scrape.Login) (scrape.Session, error) {
	s.logins++
	return scrape.Session{}, s.refuse
}

func (s *site) WorkOrders(ctx context.Context, _ scrape.Session, from int, each func(context.Context, scrape.ListPage) error) error {
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
