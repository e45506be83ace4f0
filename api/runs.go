package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

const runsPath = "/api/runs"

// RunParam is the run in a path. It is exported because Huma fills in embedded structs only then.
type RunParam struct {
	ID int64 `path:"id" doc:"Id of a run." example:"501"`
}

type changesInput struct {
	RunParam
	After int64 `query:"after" minimum:"0" doc:"The cursor next of the page before; 0 or left out: from the beginning."`
	Limit int   `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"Most changes."`
}

// change is what one run did to one thing.
type change struct {
	Kind   string               `json:"kind" enum:"added,changed,removed,returned" doc:"returned: it was removed and is listed again."`
	Item   string               `json:"item" doc:"What sort of thing: work_order, dispenser, site, or a job type's own word." example:"work_order"`
	Key    string               `json:"key" doc:"The portal's key; 71001/1/2 is dispenser 1/2 of location 71001." example:"100001"`
	Label  string               `json:"label" doc:"For people." example:"Example Fuel Stop #4001"`
	At     time.Time            `json:"at"`
	RunID  int64                `json:"run_id" example:"501"`
	Fields []scrape.FieldChange `json:"fields" doc:"What is different, for changed and returned things: texts, numbers or lists, null for none."`
}

type runChanges struct {
	Changes []change `json:"changes"`
	Next    *int64   `json:"next" doc:"What to send as after for the next page; null when this is the last one."`
}

func changesOf(found []scrape.Change) []change {
	out := make([]change, 0, len(found))
	for _, c := range found {
		out = append(out, change{
			Kind: string(c.Kind), Item: c.Item, Key: c.Key, Label: c.Label, At: utc(c.At), RunID: int64(c.RunID), Fields: listOf(c.Fields),
		})
	}
	return out
}

// runSite is what a run made of one location.
type runSite struct {
	LocationID string     `json:"location_id" doc:"The portal's number." example:"71001"`
	Label      string     `json:"label" example:"Example Fuel Stop #4001"`
	WorkOrders []string   `json:"work_orders" doc:"The work orders at this location."`
	State      string     `json:"state" enum:"pending,stored,none,deleted,denied,held,failed,fresh,known,discarded" doc:"stored: read and applied; none: the portal shows no dispensers; held: it looks wrong and was not applied; fresh, known: not read, because the last reading is good enough."`
	Message    *string    `json:"message" doc:"What is wrong, or why it was skipped."`
	Dispensers int        `json:"dispensers" doc:"Dispensers that the portal shows." example:"8"`
	Announced  *int       `json:"announced" doc:"How many dispensers the portal's page speaks of; null when it does not say." example:"8"`
	Added      int        `json:"added"`
	Updated    int        `json:"updated"`
	Unchanged  int        `json:"unchanged"`
	Removed    int        `json:"removed"`
	Failed     int        `json:"failed" doc:"Dispensers that could not be read."`
	ReadAt     *time.Time `json:"read_at" doc:"Null while it is pending, and when it was skipped."`
}

func siteOf(s scrape.SiteRun) runSite {
	out := runSite{
		LocationID: s.LocationID, Label: s.Label, WorkOrders: listOf(s.Orders), State: string(s.State), Message: textOrNil(s.Message),
		Dispensers: s.Dispensers, Added: s.Counts.Added, Updated: s.Counts.Updated, Unchanged: s.Counts.Unchanged, Removed: s.Counts.Removed,
		Failed: s.Counts.Failed, ReadAt: utcOrNil(s.At),
	}
	if s.Announced >= 0 {
		out.Announced = &s.Announced
	}
	return out
}

const cancelDescription = "Asks for its end and answers with the row, which says who has asked. The step that is going is broken off; what was " +
	"stored before stays. Asking again changes nothing. 409: it has ended already."

func (e *edge) registerRuns() {
	operation := func(id, method, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: path, Tags: []string{tagHistory}, Summary: summary, Description: description,
			Errors: append(failures, http.StatusNotFound),
		})
	}
	handle(e, operation("get-run", http.MethodGet, runsPath+"/{id}", "Get a run", "The row of the history."), e.getRun)
	handle(e, operation("list-run-changes", http.MethodGet, runsPath+"/{id}/changes", "What a run changed",
		"In the order in which it was done, a page at a time."), e.runChanges)
	handle(e, operation("list-run-sites", http.MethodGet, runsPath+"/{id}/sites", "What a run made of each site",
		"Of runs that go from site to site; an empty list for others."), e.runSites)
	handle(e, operation("cancel-run", http.MethodPost, runsPath+"/{id}/cancel", "Cancel a run", cancelDescription, http.StatusConflict),
		func(ctx context.Context, in *RunParam) (*body[run], error) { return e.cancel(ctx, in.ID) })
	handle(e, operation("cancel-schedule-run", http.MethodPost, schedulesPath+"/{id}/history/{history_id}/cancel", "Cancel a run of a schedule",
		cancelDescription, http.StatusConflict), e.cancelScheduleRun)
}

func (e *edge) getRun(ctx context.Context, in *RunParam) (*body[run], error) {
	found, err := e.Runs.Get(ctx, caller(ctx).ID, scrape.RunID(in.ID))
	if err != nil {
		return nil, err
	}
	return reply(runOf(found)), nil
}

func (e *edge) runChanges(ctx context.Context, in *changesInput) (*body[runChanges], error) {
	found, next, err := e.Runs.Changes(ctx, caller(ctx).ID, scrape.RunID(in.ID), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := runChanges{Changes: changesOf(found)}
	if next > 0 {
		out.Next = &next
	}
	return reply(out), nil
}

func (e *edge) runSites(ctx context.Context, in *RunParam) (*body[[]runSite], error) {
	found, err := e.Runs.Sites(ctx, caller(ctx).ID, scrape.RunID(in.ID))
	if err != nil {
		return nil, err
	}
	out := make([]runSite, 0, len(found))
	for _, site := range found {
		out = append(out, siteOf(site))
	}
	return reply(out), nil
}

func (e *edge) cancel(ctx context.Context, id int64) (*body[run], error) {
	cancelled, err := e.Runs.Cancel(ctx, caller(ctx), scrape.RunID(id))
	if err != nil {
		return nil, err
	}
	return reply(runOf(cancelled)), nil
}

func (e *edge) cancelScheduleRun(ctx context.Context, in *historyRowInput) (*body[run], error) {
	if _, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID)); err != nil {
		return nil, err
	}
	return e.cancel(ctx, in.HistoryID)
}
