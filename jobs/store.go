package jobs

import (
	"context"

	"github.com/fossawork/scheduler/scrape"
)

// Store is what steps keep and find. Whatever writes is one transaction, keyed by the run, and harmless to repeat; all of it is refused
// (conflict) once the run has ended.
type Store interface {
	ListStore
	SiteStore
	ItemStore
}

// ListStore keeps work orders, and the pages of the list until they are applied.
type ListStore interface {
	SavePage(ctx context.Context, id scrape.RunID, page scrape.ListPage) error
	SavedPages(ctx context.Context, id scrape.RunID) (numbers []int, lastSeen bool, err error)
	// PreviewWorkOrders makes the plan that ApplyWorkOrders would carry out, and changes nothing.
	PreviewWorkOrders(ctx context.Context, id scrape.RunID, plan WorkOrderPlanner) (scrape.Plan, error)
	ApplyWorkOrders(ctx context.Context, id scrape.RunID, plan WorkOrderPlanner) (scrape.Plan, error)
	AcceptWorkOrders(ctx context.Context, decision Decision, plan WorkOrderPlanner) (scrape.Run, error)
	DiscardWorkOrders(ctx context.Context, decision Decision) (scrape.Run, error)
}

// WorkOrderPlanner decides what a run's pages mean for the stored orders, removed ones included. It must not use the store.
type WorkOrderPlanner = func(stored []scrape.WorkOrder, pages []scrape.ListPage) scrape.Plan

// SiteStore keeps dispensers, and what a run makes of each location.
type SiteStore interface {
	// PlanSites notes which locations a run reads. Repeating it changes nothing.
	PlanSites(ctx context.Context, id scrape.RunID, choice scrape.SiteChoice) (scrape.SiteTotals, error)
	// PendingSites lists locations that were not read yet, in a steady order.
	PendingSites(ctx context.Context, id scrape.RunID, limit int) ([]scrape.SiteRun, error)
	// ApplySite carries out what plan decides about one location, notes the result, and adds its counts to the run's.
	ApplySite(ctx context.Context, id scrape.RunID, result scrape.LocationResult, plan SitePlanner) (scrape.SiteRun, error)
	// FailSite notes that a location could not be read.
	FailSite(ctx context.Context, id scrape.RunID, location, message string) error
	SiteTotals(ctx context.Context, id scrape.RunID) (scrape.SiteTotals, error)
	// ConcludeSites notes how the run ended. Repeating it gives the first conclusion.
	ConcludeSites(ctx context.Context, id scrape.RunID, conclude func(scrape.SiteTotals) scrape.Plan) (scrape.Plan, error)
	AcceptSites(ctx context.Context, decision Decision, plan SitePlanner, conclude func(scrape.SiteTotals) scrape.Plan) (scrape.Run, error)
	DiscardSites(ctx context.Context, decision Decision) (scrape.Run, error)
}

// SitePlanner decides what the reading of a location means for its stored dispensers, removed ones included.
type SitePlanner = func(stored []scrape.Dispenser, result scrape.LocationResult) scrape.SitePlan

// ItemStore reads what other jobs have stored, and keeps the items of job types without a table of their own.
type ItemStore interface {
	// ListedWorkOrders are the user's orders that are not removed.
	ListedWorkOrders(ctx context.Context, user scrape.UserID) ([]scrape.WorkOrder, error)
	// Dispensers are the user's dispensers that are not removed, by location.
	Dispensers(ctx context.Context, user scrape.UserID) ([]scrape.Dispenser, error)
	// ApplyItems carries out what plan decides about the stored items of the run's user and type, removed ones included, and keeps the
	// document, if there is one, as the type's newest whole result.
	ApplyItems(ctx context.Context, id scrape.RunID, document []byte, plan func(stored []scrape.Item) scrape.ItemPlan) (scrape.Plan, error)
}
