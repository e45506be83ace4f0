package jobs_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// memory is a store of one run. What a test does not need is missing, and panics.
type memory struct {
	jobs.Store

	pages      []scrape.ListPage
	orders     []scrape.WorkOrder
	dispensers []scrape.Dispenser
	items      []scrape.Item
	document   []byte

	choice    scrape.SiteChoice
	sites     []scrape.SiteRun
	results   []scrape.LocationResult // of held sites
	concluded *scrape.Plan
	discarded bool
}

func (m *memory) SavePage(_ context.Context, _ scrape.RunID, page scrape.ListPage) error {
	m.pages = append(m.pages, page)
	return nil
}

func (m *memory) SavedPages(context.Context, scrape.RunID) (numbers []int, last bool, err error) {
	for _, page := range m.pages {
		numbers, last = append(numbers, page.Number), last || page.Last
	}
	slices.Sort(numbers)
	return numbers, last, nil
}

func (m *memory) PreviewWorkOrders(_ context.Context, _ scrape.RunID, plan jobs.WorkOrderPlanner) (scrape.Plan, error) {
	return plan(m.orders, m.pages), nil
}

func (m *memory) ApplyWorkOrders(_ context.Context, _ scrape.RunID, plan jobs.WorkOrderPlanner) (scrape.Plan, error) {
	return plan(m.orders, m.pages), nil
}

func (m *memory) AcceptWorkOrders(_ context.Context, decision jobs.Decision, plan jobs.WorkOrderPlanner) (scrape.Run, error) {
	return scrape.Run{ID: decision.Run, Outcome: plan(m.orders, m.pages).Outcome}, nil
}

func (m *memory) DiscardWorkOrders(_ context.Context, decision jobs.Decision) (scrape.Run, error) {
	m.discarded = true
	return scrape.Run{ID: decision.Run}, nil
}

func (m *memory) PlanSites(ctx context.Context, id scrape.RunID, choice scrape.SiteChoice) (scrape.SiteTotals, error) {
	m.choice = choice
	return m.SiteTotals(ctx, id)
}

func (m *memory) PendingSites(_ context.Context, _ scrape.RunID, limit int) ([]scrape.SiteRun, error) {
	var pending []scrape.SiteRun
	for _, site := range m.sites {
		if site.State == scrape.SitePending && len(pending) < limit {
			pending = append(pending, site)
		}
	}
	return pending, nil
}

func (m *memory) ApplySite(_ context.Context, _ scrape.RunID, result scrape.LocationResult, plan jobs.SitePlanner) (scrape.SiteRun, error) {
	var stored []scrape.Dispenser
	for _, d := range m.dispensers {
		if d.LocationID == result.LocationID {
			stored = append(stored, d)
		}
	}
	planned := plan(stored, result)
	m.dispensers = append(m.dispensers, planned.Add...)
	if planned.State == scrape.SiteHeld {
		m.results = append(m.results, result)
	}
	site := m.site(result.LocationID)
	site.State, site.Message = planned.State, planned.Message
	return *site, nil
}

func (m *memory) FailSite(_ context.Context, _ scrape.RunID, location, message string) error {
	site := m.site(location)
	site.State, site.Message = scrape.SiteFailed, message
	return nil
}

func (m *memory) SiteTotals(context.Context, scrape.RunID) (scrape.SiteTotals, error) {
	totals := scrape.SiteTotals{All: len(m.sites)}
	for _, site := range m.sites {
		switch site.State {
		case scrape.SitePending:
			totals.Pending++
		case scrape.SiteFresh, scrape.SiteKnown:
			totals.Skipped++
		case scrape.SiteStored:
			totals.Stored++
		case scrape.SiteNone:
			totals.None++
		case scrape.SiteDeleted, scrape.SiteDenied:
			totals.Gone++
		case scrape.SiteHeld:
			totals.Held++
		case scrape.SiteFailed:
			totals.Failed++
		case scrape.SiteDiscarded:
		}
	}
	return totals, nil
}

func (m *memory) ConcludeSites(ctx context.Context, id scrape.RunID, conclude func(scrape.SiteTotals) scrape.Plan) (scrape.Plan, error) {
	totals, err := m.SiteTotals(ctx, id)
	if m.concluded == nil {
		plan := conclude(totals)
		m.concluded = &plan
	}
	return *m.concluded, err
}

func (m *memory) AcceptSites(
	ctx context.Context, decision jobs.Decision, plan jobs.SitePlanner, conclude func(scrape.SiteTotals) scrape.Plan,
) (scrape.Run, error) {
	for _, result := range m.results {
		if _, err := m.ApplySite(ctx, decision.Run, result, plan); err != nil {
			return scrape.Run{}, err
		}
	}
	totals, err := m.SiteTotals(ctx, decision.Run)
	return scrape.Run{ID: decision.Run, Outcome: conclude(totals).Outcome}, err
}

func (m *memory) DiscardSites(_ context.Context, decision jobs.Decision) (scrape.Run, error) {
	m.discarded = true
	return scrape.Run{ID: decision.Run}, nil
}

func (m *memory) ListedWorkOrders(context.Context, scrape.UserID) ([]scrape.WorkOrder, error) {
	return slices.Clone(m.orders), nil
}

func (m *memory) Dispensers(context.Context, scrape.UserID) ([]scrape.Dispenser, error) {
	return slices.Clone(m.dispensers), nil
}

func (m *memory) ApplyItems(_ context.Context, _ scrape.RunID, document []byte, plan func([]scrape.Item) scrape.ItemPlan) (scrape.Plan, error) {
	planned := plan(m.items)
	m.document = document
	for _, item := range planned.Put {
		at := slices.IndexFunc(m.items, func(old scrape.Item) bool { return old.Key == item.Key })
		if at < 0 {
			m.items = append(m.items, item)
		} else {
			m.items[at] = item
		}
	}
	for i := range m.items {
		if slices.Contains(planned.Remove, m.items[i].Key) {
			m.items[i].RemovedAt = &noon
		}
	}
	return scrape.Plan{Outcome: planned.Outcome, Message: planned.Message, Counts: planned.Counts, Changes: planned.Changes}, nil
}

func (m *memory) site(location string) *scrape.SiteRun {
	for i := range m.sites {
		if m.sites[i].LocationID == location {
			return &m.sites[i]
		}
	}
	panic("no site " + location)
}

// portal answers as it is told, and counts how often it was asked.
type portal struct {
	visits    int
	pages     []scrape.ListPage
	from      []int    // of each reading of the list
	dieAfter  int      // the session ends after so many pages or locations of a visit; 0: never
	failure   error    // instead of the session's end
	locations []string // that were opened, over all visits
	odd       map[string]error
	bare      map[string]bool // locations without dispensers
	slow      time.Duration   // for each location
	html      string
	asked     []jobs.PageRequest

	clock *clock
}

// clock goes on only when somebody is slow.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// visit is one visit of the portal.
type visit struct {
	*portal
	read int
}

func (v *visit) dead() error {
	v.read++
	switch {
	case v.dieAfter == 0 || v.read <= v.dieAfter:
		return nil
	case v.failure != nil:
		return v.failure
	default:
		return scrape.Errorf(scrape.KindSessionExpired, "The portal asks to sign in.")
	}
}

func (v *visit) WorkOrders(ctx context.Context, from int, each func(context.Context, scrape.ListPage) error) error {
	v.from = append(v.from, from)
	for _, page := range v.pages {
		if page.Number < from {
			continue
		}
		if err := v.dead(); err != nil {
			return err
		}
		if err := each(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) Location(_ context.Context, location string) (scrape.LocationResult, error) {
	if err := v.dead(); err != nil {
		return scrape.LocationResult{}, err
	}
	v.locations = append(v.locations, location)
	v.clock.now = v.clock.now.Add(v.slow)
	if err := v.odd[location]; err != nil {
		return scrape.LocationResult{}, err
	}
	if v.bare[location] {
		return scrape.LocationResult{LocationID: location, State: scrape.LocationNone, Announced: -1}, nil
	}
	return scrape.LocationResult{
		LocationID: location, State: scrape.LocationOK, Announced: 1,
		Dispensers: []scrape.Dispenser{{LocationID: location, Number: "1/2", Numbers: []string{"1", "2"}}},
	}, nil
}

func (v *visit) Page(_ context.Context, page jobs.PageRequest) (string, error) {
	v.asked = append(v.asked, page)
	return v.html, nil
}

func (v *visit) Look(context.Context) (scrape.Evidence, error) {
	return scrape.Evidence{Title: "seen"}, nil
}

// harness carries out steps one at a time, as workflow and activity do.
type harness struct {
	store    *memory
	portal   *portal
	job      jobs.Job
	settings jobs.Settings
	options  scrape.RunOptions

	said  []scrape.Progress
	notes []string // what evidence was kept of, as "kind: message"
}

func newHarness(t *testing.T, job jobs.Job, settings string) *harness {
	t.Helper()
	parsed, err := job.ParseSettings([]byte(settings))
	require.NoError(t, err)
	return &harness{store: &memory{}, portal: &portal{clock: &clock{noon}}, job: job, settings: parsed}
}

func (h *harness) run() jobs.Run {
	return jobs.Run{
		Run: scrape.Run{ID: 501, UserID: "u", JobType: h.job.Type, Options: h.options}, Settings: h.settings, Store: h.store, Now: h.portal.clock.Now,
		Visit: func(ctx context.Context, work func(context.Context, jobs.Visit) error) error {
			h.portal.visits++
			h.portal.clock.now = h.portal.clock.now.Add(h.portal.slow)
			return work(ctx, &visit{portal: h.portal})
		},
		Say: func(_ context.Context, progress scrape.Progress) error {
			h.said = append(h.said, progress)
			return nil
		},
		Note: func(ctx context.Context, kind scrape.Kind, message string, look scrape.Look) {
			if seen, err := look(ctx); err == nil && seen.Title != "" {
				h.notes = append(h.notes, string(kind)+": "+message)
			}
		},
	}
}

// do carries out a step once.
func (h *harness) do(t *testing.T, name string) (jobs.Result, error) {
	t.Helper()
	for _, step := range h.job.Steps {
		if step.Name == name {
			return step.Do(t.Context(), h.run())
		}
	}
	t.Fatalf("%s has no step %s", h.job.Type, name)
	return jobs.Result{}, nil
}

// requireProgress checks what people see of a run.
func (h *harness) requireProgress(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, h.said)
	for _, progress := range h.said {
		require.NotEmpty(t, progress.Message)
		require.NotEmpty(t, progress.Phase)
		require.GreaterOrEqual(t, progress.Percentage, 0.0)
		require.LessOrEqual(t, progress.Percentage, 95.0, "a run that is going is not complete")
		require.GreaterOrEqual(t, progress.Found, progress.Processed)
	}
}
