package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

type dispenserScrapeInput struct {
	WorkOrderParam
	ForceRefresh bool `query:"force_refresh" doc:"Read them also when dispensers are stored."`
}

// dispenserScrape has the fields that go with its status, as the old contract does.
type dispenserScrape struct {
	Status         string    `json:"status" enum:"scraping_started,skipped,error" doc:"skipped: dispensers are stored; error: the location is not known."`
	Message        string    `json:"message"`
	WorkOrderID    string    `json:"work_order_id"`
	CustomerURL    *string   `json:"customer_url,omitempty" doc:"The location's page; when started."`
	DispenserCount *int      `json:"dispenser_count,omitempty" doc:"Stored dispensers; when skipped."`
	Timestamp      time.Time `json:"timestamp"`
	ScheduleID     *int64    `json:"schedule_id,omitempty" doc:"When started." example:"8"`
	RunID          *int64    `json:"run_id,omitempty" doc:"Id of the run in the history; when started." example:"501"`
}

type dispenserBatchInput struct {
	OwnerParam
	WorkOrderIDs []string `query:"work_order_ids,explode" maxItems:"2000" doc:"Our ids, the parameter once for each; left out: all."`
	ForceRefresh bool     `query:"force_refresh" doc:"Read also for work orders whose dispensers are stored."`
}

// dispenserBatch has the fields that go with its status, as the old contract does.
type dispenserBatch struct {
	Status          string    `json:"status" enum:"scraping_started,all_skipped,no_work_orders"`
	Message         string    `json:"message"`
	TotalWorkOrders *int      `json:"total_work_orders,omitempty" doc:"When all are skipped."`
	WorkOrderCount  *int      `json:"work_order_count,omitempty" doc:"Work orders that are read for; when started."`
	SkippedCount    *int      `json:"skipped_count,omitempty" doc:"Work orders whose dispensers are stored."`
	Timestamp       time.Time `json:"timestamp"`
	ScheduleID      *int64    `json:"schedule_id,omitempty" doc:"When started." example:"8"`
	RunID           *int64    `json:"run_id,omitempty" doc:"Id of the run in the history; when started." example:"501"`
}

// registerScrapeDispensers adds the older way to collect dispensers: by work order. Both routes start runs like any other.
func (e *edge) registerScrapeDispensers() {
	operation := func(id, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: workOrdersPath + path, Tags: []string{tagWorkOrders}, Summary: summary,
			Description: description + " Runs your first schedule for dispensers at once; without one, a paused schedule is made. A body is ignored. " +
				"400: no portal login is stored; 409: a run for dispensers is going, named in run_id.",
			Errors: append(failures, http.StatusBadRequest, http.StatusForbidden, http.StatusConflict),
		})
	}
	handle(e, operation("scrape-dispensers", "/{id}/scrape-dispensers", "Collect the dispensers of a work order now",
		"Whatever its service code is. Skipped when dispensers are stored and force_refresh is not set.", http.StatusNotFound), e.scrapeDispensers)
	handle(e, operation("scrape-dispensers-batch", "/scrape-dispensers-batch", "Collect the dispensers of work orders now",
		"Of listed work orders with service code 2861, 2862, 3002 or 3146 only. Those whose dispensers are stored are skipped, unless force_refresh is set."),
		e.scrapeDispenserBatch)
	e.registerDispenserProgress()
}

func (e *edge) scrapeDispensers(ctx context.Context, in *dispenserScrapeInput) (*body[dispenserScrape], error) {
	order, err := e.ownWorkOrder(ctx, in.WorkOrderParam)
	if err != nil {
		return nil, err
	}
	out := dispenserScrape{WorkOrderID: order.ID, Timestamp: utc(e.now())}
	if order.CustomerURL == "" || order.LocationID == "" {
		out.Status, out.Message = "error", "WorkFossa names no location for this work order. Collect work orders again, then its dispensers."
		return reply(out), nil
	}
	stored, err := e.dispensersOf(ctx, order)
	if err != nil {
		return nil, err
	}
	if count := len(stored[order.LocationID]); count > 0 && !in.ForceRefresh {
		out.Status, out.Message, out.DispenserCount = "skipped", fmt.Sprintf("%d dispensers are stored already.", count), &count
		return reply(out), nil
	}
	run, err := e.Schedules.RunJob(ctx, caller(ctx).ID, scrape.JobDispensers, scrape.RunOptions{
		Force: in.ForceRefresh, WorkOrders: []string{order.ID}, AnyService: true,
	})
	if err != nil {
		return nil, runProblem(err)
	}
	out.Status, out.Message, out.CustomerURL, out.Timestamp = "scraping_started", "Dispenser scraping initiated", &order.CustomerURL, utc(run.StartedAt)
	out.ScheduleID, out.RunID = idsOf(run)
	return reply(out), nil
}

func (e *edge) scrapeDispenserBatch(ctx context.Context, in *dispenserBatchInput) (*body[dispenserBatch], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	wanted, err := e.dispenserOrders(ctx, in.WorkOrderIDs)
	if err != nil {
		return nil, err
	}
	out := dispenserBatch{Timestamp: utc(e.now())}
	if len(wanted) == 0 {
		out.Status, out.Message = "no_work_orders", "There are no work orders whose service asks for dispensers."
		return reply(out), nil
	}
	todo, skipped, err := e.withoutDispensers(ctx, wanted, in.ForceRefresh)
	if err != nil {
		return nil, err
	}
	out.SkippedCount = &skipped
	if len(todo) == 0 {
		out.Status, out.Message, out.TotalWorkOrders = "all_skipped", "The dispensers of all these work orders are stored already.", &skipped
		return reply(out), nil
	}
	run, err := e.Schedules.RunJob(ctx, caller(ctx).ID, scrape.JobDispensers, scrape.RunOptions{Force: in.ForceRefresh, WorkOrders: todo})
	if err != nil {
		return nil, runProblem(err)
	}
	count := len(todo)
	out.Status, out.Message, out.WorkOrderCount = "scraping_started", fmt.Sprintf("Dispenser scraping initiated for %d work orders", count), &count
	out.Timestamp = utc(run.StartedAt)
	out.ScheduleID, out.RunID = idsOf(run)
	return reply(out), nil
}

// withoutDispensers gives the ids of the orders to read for; without force, those whose location has dispensers are skipped.
func (e *edge) withoutDispensers(ctx context.Context, orders []scrape.WorkOrder, force bool) (todo []string, skipped int, err error) {
	stored := map[string][]scrape.Dispenser{}
	if !force {
		if stored, err = e.dispensersOf(ctx, orders...); err != nil {
			return nil, 0, err
		}
	}
	for _, order := range orders {
		if len(stored[order.LocationID]) > 0 {
			skipped++
		} else {
			todo = append(todo, order.ID)
		}
	}
	return todo, skipped, nil
}

const workOrdersPerPage = 500

// dispenserOrders are the caller's listed orders whose service asks for dispensers and whose location is known; only those with these ids,
// if there are any.
func (e *edge) dispenserOrders(ctx context.Context, ids []string) ([]scrape.WorkOrder, error) {
	var wanted []scrape.WorkOrder
	for skip := 0; ; skip += workOrdersPerPage {
		page, total, err := e.Orders.WorkOrders(ctx, caller(ctx).ID, scrape.WorkOrderFilter{Skip: skip, Limit: workOrdersPerPage})
		if err != nil {
			return nil, err
		}
		for _, order := range page {
			if order.LocationID != "" && slices.Contains(jobs.DispenserCodes(), order.ServiceCode) && (len(ids) == 0 || slices.Contains(ids, order.ID)) {
				wanted = append(wanted, order)
			}
		}
		if len(page) == 0 || skip+len(page) >= total {
			return wanted, nil
		}
	}
}

func idsOf(run scrape.Run) (schedule, id *int64) {
	a, b := int64(run.ScheduleID), int64(run.ID)
	return &a, &b
}
