package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// dispenserProgress is how far the collection of one order's dispensers is.
type dispenserProgress struct {
	Status      string     `json:"status" enum:"in_progress,completed,failed,cancelled,not_found" doc:"not_found: nothing was read for it in the last ten minutes."`
	Phase       string     `json:"phase" enum:"not_started,initializing,logging_in,scraping,saving,completed,error"`
	Percentage  float64    `json:"percentage" doc:"0 to 100." example:"20"`
	Message     string     `json:"message"`
	StartedAt   *time.Time `json:"started_at"`
	CompletedAt *time.Time `json:"completed_at" doc:"Null while it is going."`
	Error       *string    `json:"error" doc:"Why it failed; null while it is going and on success."`
	WorkOrderID string     `json:"work_order_id"`
	RunID       *int64     `json:"run_id" doc:"Id of the run in the history." example:"501"`
	ScheduleID  *int64     `json:"schedule_id" example:"8"`
}

// dispenserBatchProgress counts work orders: a location counts for each of its orders.
type dispenserBatchProgress struct {
	Status            string     `json:"status" enum:"in_progress,completed,failed,cancelled,idle" doc:"idle: nothing was read in the last ten minutes."`
	Phase             string     `json:"phase" enum:"not_started,initializing,logging_in,scraping,saving,completed,error"`
	Percentage        float64    `json:"percentage" doc:"0 to 100." example:"57.5"`
	Message           string     `json:"message"`
	TotalWorkOrders   int        `json:"total_work_orders" doc:"Those that the run deals with, skipped ones included." example:"120"`
	SkippedWorkOrders *int       `json:"skipped_work_orders,omitempty" doc:"Those whose location was read lately, or is known to be out of reach; left out when idle." example:"12"`
	Processed         int        `json:"processed" doc:"Successful and failed ones." example:"88"`
	Successful        int        `json:"successful" doc:"Those whose dispensers are stored." example:"86"`
	Failed            int        `json:"failed" doc:"Those that could not be read, look wrong, or have no dispensers." example:"2"`
	StartedAt         *time.Time `json:"started_at"`
	CompletedAt       *time.Time `json:"completed_at" doc:"Null while it is going."`
	Error             *string    `json:"error" doc:"Why it failed, or what is missing; null while it is going and on success."`
	RunID             *int64     `json:"run_id" doc:"Id of the run in the history." example:"501"`
	ScheduleID        *int64     `json:"schedule_id" example:"8"`
}

func (e *edge) registerDispenserProgress() {
	operation := func(id, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: workOrdersPath + path, Tags: []string{tagStatus}, Summary: summary,
			Description: description + " An end stays visible for ten minutes.", Errors: append(failures, http.StatusForbidden),
		})
	}
	handle(e, operation("get-dispenser-progress", "/{id}/scrape-dispensers/progress", "How far the dispensers of a work order are",
		"From the newest run that deals with it or its location, whoever asked for that.", http.StatusNotFound), e.dispenserProgress)
	handle(e, operation("get-dispenser-batch-progress", "/scrape-dispensers/progress/{user_id}", "How far your newest run for dispensers is",
		"Counted in work orders."), e.dispenserBatchProgress)
}

func (e *edge) dispenserBatchProgress(ctx context.Context, in *scrapeProgressInput) (*body[dispenserBatchProgress], error) {
	owner := OwnerParam{UserID: in.UserID}
	if err := owner.check(ctx); err != nil {
		return nil, err
	}
	latest, ran, err := e.Runs.LatestOfUser(ctx, caller(ctx).ID, scrape.JobDispensers)
	if err != nil {
		return nil, err
	}
	if !ran || !e.visible(latest) {
		return reply(dispenserBatchProgress{Status: progressIdle, Phase: "not_started", Message: "No dispenser scraping in progress"}), nil
	}
	sites, err := e.Runs.Sites(ctx, caller(ctx).ID, latest.ID)
	if err != nil {
		return nil, err
	}
	return reply(batchProgressOf(latest, sites)), nil
}

// visible tells whether a run is still shown as progress.
func (e *edge) visible(run scrape.Run) bool {
	return run.Running() || e.now().Sub(*run.CompletedAt) <= progressKept
}

func batchProgressOf(run scrape.Run, sites []scrape.SiteRun) dispenserBatchProgress {
	started := utc(run.StartedAt)
	out := dispenserBatchProgress{
		Status: statusOfRun(run), Phase: string(run.Progress.Phase), Percentage: run.Progress.Percentage, Message: run.Progress.Message,
		StartedAt: &started, CompletedAt: utcOrNil(run.CompletedAt),
	}
	out.ScheduleID, out.RunID = idsOf(run)
	if !run.Running() {
		out.Message, out.Error = endMessage(run), textOrNil(run.ErrorMessage)
	}
	skipped := 0
	for _, site := range sites {
		orders := len(site.Orders)
		out.TotalWorkOrders += orders
		switch ended, good := siteEnded(site.State); {
		case site.State == scrape.SiteFresh, site.State == scrape.SiteKnown:
			skipped += orders
		case good:
			out.Successful += orders
		case ended:
			out.Failed += orders
		}
	}
	out.SkippedWorkOrders, out.Processed = &skipped, out.Successful+out.Failed
	if len(sites) == 0 { // its sites are not chosen yet
		out.TotalWorkOrders = len(run.Options.WorkOrders)
	}
	return out
}

// siteEnded tells whether a run is done with a site, and whether what is stored of it is right.
func siteEnded(state scrape.SiteState) (ended, good bool) {
	switch state {
	case scrape.SiteStored, scrape.SiteFresh:
		return true, true
	case scrape.SiteNone, scrape.SiteDeleted, scrape.SiteDenied, scrape.SiteKnown, scrape.SiteHeld, scrape.SiteFailed, scrape.SiteDiscarded:
		return true, false
	case scrape.SitePending:
		return false, false
	}
	return false, false
}

func (e *edge) dispenserProgress(ctx context.Context, in *WorkOrderParam) (*body[dispenserProgress], error) {
	order, err := e.ownWorkOrder(ctx, *in)
	if err != nil {
		return nil, err
	}
	none := dispenserProgress{
		Status: progressNone, Phase: "not_started", Message: "No dispenser scraping in progress for this work order", WorkOrderID: order.ID,
	}
	run, site, known, err := e.runFor(ctx, order)
	if err != nil {
		return nil, err
	}
	if !known || !e.visible(run) {
		return reply(none), nil
	}
	return reply(siteProgressOf(order.ID, run, site)), nil
}

// runFor is the newest run that deals with an order, and its site. A run that was asked to read for this very order counts from the moment
// it was asked for, when its sites are not chosen yet: the old clients give up when they do not find it.
func (e *edge) runFor(ctx context.Context, order scrape.WorkOrder) (run scrape.Run, site scrape.SiteRun, known bool, err error) {
	latest, ran, err := e.Runs.LatestOfUser(ctx, caller(ctx).ID, scrape.JobDispensers)
	if err != nil {
		return run, site, false, err
	}
	if order.LocationID != "" {
		if run, site, known, err = e.Runs.LatestSite(ctx, caller(ctx).ID, order.LocationID); err != nil {
			return run, site, false, err
		}
	}
	if ran && slices.Contains(latest.Options.WorkOrders, order.ID) && (!known || run.ID != latest.ID) {
		return latest, scrape.SiteRun{State: scrape.SitePending}, true, nil
	}
	return run, site, known, nil
}

func siteProgressOf(order string, run scrape.Run, site scrape.SiteRun) dispenserProgress {
	started := utc(run.StartedAt)
	out := dispenserProgress{
		Status: statusOfRun(run), Phase: string(run.Progress.Phase), Percentage: run.Progress.Percentage, Message: run.Progress.Message,
		StartedAt: &started, CompletedAt: utcOrNil(run.CompletedAt), WorkOrderID: order,
	}
	out.ScheduleID, out.RunID = idsOf(run)
	ended, good := siteEnded(site.State)
	switch {
	case run.Running() && (!ended || len(run.Options.WorkOrders) == 1): // a run for this order alone has an end of its own to come
		return out
	case !ended: // the run ended before it came to the site
		out.Message, out.Error = endMessage(run), textOrNil(run.ErrorMessage)
		return out
	case site.At != nil:
		out.CompletedAt = utcOrNil(site.At)
	case out.CompletedAt == nil: // skipped by a run that is going
		out.CompletedAt = &started
	}
	out.Status, out.Phase, out.Percentage, out.Message = progressCompleted, string(scrape.PhaseCompleted), 100, siteMessage(site)
	if !good && site.State != scrape.SiteNone {
		out.Status, out.Phase, out.Error = progressFailed, string(scrape.PhaseError), &out.Message
	}
	return out
}

// siteMessage says in a sentence what a run has made of a site.
func siteMessage(site scrape.SiteRun) string {
	if site.Message != "" {
		return site.Message
	}
	switch site.State {
	case scrape.SiteStored:
		return "The dispensers of this location are stored."
	case scrape.SiteFresh:
		return "The dispensers of this location were read not long ago."
	case scrape.SiteNone:
		return "WorkFossa shows no dispensers at this location."
	case scrape.SiteDeleted:
		return "WorkFossa does not know this location any more."
	case scrape.SiteKnown:
		return "WorkFossa did not show this location the last time, so it was not asked again."
	case scrape.SiteDenied:
		return "WorkFossa does not show this location to you."
	case scrape.SiteHeld:
		return "What was read looks wrong and waits for a person's decision."
	case scrape.SiteDiscarded:
		return "What was read looked wrong and was dropped."
	case scrape.SiteFailed, scrape.SitePending:
		return "The location could not be read."
	}
	return "The location could not be read."
}
