package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Dispensers collects the dispensers at the sites of the user's work orders, from one page of the portal per site.
//
// Each site is compared, guarded and applied by itself: a run that is cut off has not read in vain, and one odd page holds up no other.
var Dispensers = register(Job{
	Type:        scrape.JobDispensers,
	Title:       "Dispensers",
	Description: "The dispensers at the sites of your work orders, from each site's page in the portal.",
	Portal:      true,
	After:       []scrape.JobType{scrape.JobWorkOrders},
	Settings:    func() Settings { return defaultDispenserSettings() },
	Steps: []Step{
		{Name: "ChooseSites", At: AtStore, Do: chooseSites},
		{Name: "CollectDispensers", At: AtPortal, Do: collectDispensers},
		{Name: "ConcludeDispensers", At: AtStore, Do: concludeDispensers},
	},
	Accept: func(ctx context.Context, store Store, decision Decision) (scrape.Run, error) {
		return store.AcceptSites(ctx, decision, sitePlanner(scrape.SiteGuard{Accepted: true}), scrape.ConcludeSites)
	},
	Discard: func(ctx context.Context, store Store, decision Decision) (scrape.Run, error) {
		return store.DiscardSites(ctx, decision)
	},
})

// DispenserSettings say which sites are read, and how often each.
type DispenserSettings struct {
	ServiceCodes []string `json:"service_codes" maxItems:"50" doc:"Service codes of the work orders whose sites are read."`
	FreshHours   float64  `json:"fresh_hours" minimum:"0" maximum:"8760" doc:"A site that was read within so many hours is skipped, unless the run is forced."`
	NoneIsRight  bool     `json:"none_is_right" doc:"A site may really have lost all its dispensers: that is applied instead of held."`
}

// DispenserCodes are the service codes that imply dispensers.
func DispenserCodes() []string { return []string{"2861", "2862", "3002", "3146"} }

func defaultDispenserSettings() *DispenserSettings {
	return &DispenserSettings{ServiceCodes: DispenserCodes(), FreshHours: 7 * 24}
}

// Validate implements Settings.
func (s *DispenserSettings) Validate() error {
	if !(s.FreshHours >= 0 && s.FreshHours <= 8760) {
		return scrape.Invalid("settings.fresh_hours", "fresh_hours must be from 0 to 8760.")
	}
	if len(s.ServiceCodes) == 0 || len(s.ServiceCodes) > 50 || slices.ContainsFunc(s.ServiceCodes, func(code string) bool {
		return strings.TrimSpace(code) == "" || len(code) > 20
	}) {
		return scrape.Invalid("settings.service_codes", "service_codes must be 1 to 50 codes of at most 20 characters.")
	}
	return nil
}

const (
	// sitesPerBatch keeps a run of 200 sites below 100 events in Temporal's history: a batch costs six.
	sitesPerBatch = 25
	// batchTime ends a batch early on a slow portal, so that nobody waits long for the tab.
	batchTime = time.Minute
	// hopeless is how many sites in a row may fail until the rest is not tried.
	hopeless = 3
)

func sitePlanner(guard scrape.SiteGuard) SitePlanner {
	return func(stored []scrape.Dispenser, result scrape.LocationResult) scrape.SitePlan {
		return scrape.PlanSite(stored, result, guard)
	}
}

// chooseSites notes which sites the run reads.
func chooseSites(ctx context.Context, run Run) (Result, error) {
	settings := run.Settings.(*DispenserSettings)
	if err := run.Say(ctx, scrape.Progress{Phase: scrape.PhaseInitializing, Percentage: 5, Message: "Looking up the sites"}); err != nil {
		return Result{}, err
	}
	totals, err := run.Store.PlanSites(ctx, run.ID, scrape.SiteChoice{
		Codes: settings.ServiceCodes, AnyCode: run.Options.AnyService, WorkOrders: run.Options.WorkOrders,
		FreshFor: time.Duration(settings.FreshHours * float64(time.Hour)), Force: run.Options.Force,
	})
	if err != nil {
		return Result{}, fmt.Errorf("choose sites: %w", err)
	}
	details := fmt.Sprintf("%d sites: %d to read, %d skipped.", totals.All, totals.Pending, totals.Skipped)
	if totals.Pending == 0 {
		return concludeDispensers(ctx, run) // the portal is left alone
	}
	return Result{Details: details}, nil
}

// collectDispensers reads a batch of the sites that are left.
func collectDispensers(ctx context.Context, run Run) (Result, error) {
	pending, err := run.Store.PendingSites(ctx, run.ID, sitesPerBatch)
	if err != nil {
		return Result{}, fmt.Errorf("list pending sites: %w", err)
	}
	if len(pending) == 0 {
		return Result{Details: "All sites are read."}, nil
	}
	totals, err := run.Store.SiteTotals(ctx, run.ID)
	if err != nil {
		return Result{}, fmt.Errorf("count sites: %w", err)
	}
	b := &batch{run: run, totals: totals, began: run.Now()}
	err = run.Visit(ctx, func(ctx context.Context, visit Visit) error { return b.read(ctx, visit, pending) })
	if scrape.KindOf(err) == scrape.KindSessionExpired && b.dealt > 0 {
		return Result{More: true, SignIn: true, Details: "The portal has signed us out. Signing in again."}, nil
	}
	if err != nil {
		return Result{}, err
	}
	return Result{More: b.totals.Pending > b.dealt, Details: b.progress().Message}, nil
}

// batch is one visit for some of the sites.
type batch struct {
	run    Run
	totals scrape.SiteTotals // before the batch
	began  time.Time
	dealt  int       // sites dealt with in this batch
	odd    []oddSite // could not be read, in a row
}

// oddSite is a site that could not be read, and why.
type oddSite struct{ location, message string }

func (b *batch) read(ctx context.Context, visit Visit, pending []scrape.SiteRun) error {
	if err := b.run.Say(ctx, b.progress()); err != nil {
		return err
	}
	for _, site := range pending {
		// Not in the middle of failures: whether they are these sites' own is only known from the next one.
		if b.dealt > 0 && len(b.odd) == 0 && b.run.Now().Sub(b.began) > batchTime {
			return nil
		}
		if err := b.site(ctx, visit, site); err != nil {
			return err
		}
		b.dealt++
		if err := b.run.Say(ctx, b.progress()); err != nil {
			return err
		}
	}
	return b.fail(ctx)
}

// site reads one site. A page that has changed or does not answer may be this one's alone: the next one is tried. Only when that goes well
// is the site noted as failed; when none goes well the portal is at fault, and a later attempt reads them all.
func (b *batch) site(ctx context.Context, visit Visit, site scrape.SiteRun) error {
	result, err := visit.Location(ctx, site.LocationID)
	kind := scrape.KindOf(err)
	switch {
	case err == nil || (kind == scrape.KindSessionExpired && b.dealt > 0): // it answers
		if failErr := b.fail(ctx); failErr != nil {
			return failErr
		}
		if err != nil {
			return err
		}
		return b.apply(ctx, visit, result)
	case kind != scrape.KindLayoutChanged && kind != scrape.KindPortalDown || ctx.Err() != nil:
		return err
	}
	b.odd = append(b.odd, oddSite{site.LocationID, scrape.MessageOf(err)})
	if len(b.odd) >= min(hopeless, b.totals.All-b.totals.Skipped) { // the next one would fare no better
		return err
	}
	b.run.Note(ctx, kind, fmt.Sprintf("Location %s: %s", site.LocationID, scrape.MessageOf(err)), visit.Look)
	return nil
}

// fail notes the sites that could not be read.
func (b *batch) fail(ctx context.Context) error {
	for _, site := range b.odd {
		if err := b.run.Store.FailSite(ctx, b.run.ID, site.location, site.message); err != nil {
			return fmt.Errorf("note failed site: %w", err)
		}
	}
	b.odd = nil
	return nil
}

func (b *batch) apply(ctx context.Context, visit Visit, result scrape.LocationResult) error {
	settings := b.run.Settings.(*DispenserSettings)
	site, err := b.run.Store.ApplySite(ctx, b.run.ID, result, sitePlanner(scrape.SiteGuard{NoneIsAllowed: settings.NoneIsRight}))
	if err != nil {
		return fmt.Errorf("apply site: %w", err)
	}
	if site.State == scrape.SiteHeld {
		b.run.Note(ctx, "", fmt.Sprintf("Location %s: %s", result.LocationID, site.Message), visit.Look)
	}
	return nil
}

func (b *batch) progress() scrape.Progress {
	todo := b.totals.All - b.totals.Skipped
	done := todo - b.totals.Pending + b.dealt
	return scrape.Progress{
		Phase: scrape.PhaseScraping, Percentage: 20 + 75*float64(done)/float64(max(1, todo)), Found: todo, Processed: done,
		Message: fmt.Sprintf("Read %d of %d sites", done, todo),
	}
}

// concludeDispensers decides how the run ended.
func concludeDispensers(ctx context.Context, run Run) (Result, error) {
	plan, err := run.Store.ConcludeSites(ctx, run.ID, scrape.ConcludeSites)
	if err != nil {
		return Result{}, fmt.Errorf("conclude: %w", err)
	}
	return concluded(plan), nil
}
