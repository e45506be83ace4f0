package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// workOrderStatuses are what people may call an order.
var workOrderStatuses = []string{"pending", "in_progress", "completed", "failed", "cancelled"}

type statusInput struct {
	WorkOrderParam
	Body struct {
		_      struct{} `additionalProperties:"true"`
		Status string   `json:"status" doc:"pending, in_progress, completed, failed or cancelled." example:"completed"`
	}
}

type statusChanged struct {
	Status      string    `json:"status" enum:"success"`
	WorkOrderID string    `json:"work_order_id"`
	NewStatus   string    `json:"new_status" enum:"pending,in_progress,completed,failed,cancelled"`
	UpdatedAt   time.Time `json:"updated_at"`
}

type visitOpened struct {
	VisitURL     string `json:"visit_url" doc:"The visit's page at WorkFossa."`
	AutoLoginURL string `json:"auto_login_url" doc:"The same as visit_url."`
	Message      string `json:"message"`
}

type workOrderDeleted struct {
	Status      string `json:"status" enum:"success"`
	Message     string `json:"message"`
	WorkOrderID string `json:"work_order_id"`
}

type dispensersCleared struct {
	Status       string `json:"status" enum:"success"`
	Message      string `json:"message"`
	WorkOrderID  string `json:"work_order_id"`
	ClearedCount int    `json:"cleared_count" doc:"Dispensers that were deleted."`
}

// workOrdersCleared has deleted_count alone when there was nothing, and the two others else, as the old contract does.
type workOrdersCleared struct {
	Status            string `json:"status" enum:"success"`
	Message           string `json:"message"`
	DeletedWorkOrders *int   `json:"deleted_work_orders,omitempty" doc:"Left out when there was nothing to delete."`
	DeletedDispensers *int   `json:"deleted_dispensers,omitempty" doc:"Left out when there was nothing to delete."`
	DeletedCount      *int   `json:"deleted_count,omitempty" doc:"0; only when there was nothing to delete."`
}

type workOrderChangesInput struct {
	WorkOrderParam
	Limit int `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"Most changes."`
}

type workOrderChanges struct {
	Changes []change `json:"changes"`
}

func (e *edge) registerWorkOrderActions() {
	operation := func(id, method, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: workOrdersPath + path, Tags: []string{tagWorkOrders}, Summary: summary, Description: description,
			Errors: append(failures, http.StatusForbidden),
		})
	}
	handle(e, operation("list-work-order-changes", http.MethodGet, "/{id}/changes", "What runs changed about a work order", "Newest first.", http.StatusNotFound), e.workOrderChanges)
	handle(e, operation("set-work-order-status", http.MethodPatch, "/{id}/status", "Set the status of a work order",
		"Ours, not WorkFossa's; runs leave it alone. 400: not one of the statuses.", http.StatusNotFound), e.setWorkOrderStatus)
	handle(e, operation("open-visit", http.MethodPost, "/{id}/open-visit", "Where the visit of a work order is",
		"The address as WorkFossa shows it, never made up. 404: WorkFossa shows no visit for this order. A body is ignored.", http.StatusNotFound), e.openVisit)
	handle(e, operation("delete-work-order", http.MethodDelete, "/{id}", "Delete a work order",
		"Only our copy: while WorkFossa lists the order, the next run brings it back.", http.StatusNotFound), e.deleteWorkOrder)
	handle(e, operation("delete-work-order-dispensers", http.MethodDelete, "/{id}/dispensers", "Delete the dispensers of a work order",
		"Those at its location, for every order there. The next run for dispensers reads them again.", http.StatusNotFound), e.deleteDispensers)
	clearAll := operation("clear-work-orders", http.MethodDelete, "/clear-all", "Delete all your work orders and dispensers",
		"Only our copies: the next runs bring back what WorkFossa lists. Schedules and history stay.")
	handle(e, clearAll, e.clearWorkOrders)
}

func (e *edge) workOrderChanges(ctx context.Context, in *workOrderChangesInput) (*body[workOrderChanges], error) {
	order, err := e.ownWorkOrder(ctx, in.WorkOrderParam)
	if err != nil {
		return nil, err
	}
	found, err := e.Runs.ItemChanges(ctx, caller(ctx).ID, scrape.ItemWorkOrder, order.ExternalID, in.Limit)
	if err != nil {
		return nil, err
	}
	return reply(workOrderChanges{changesOf(found)}), nil
}

func (e *edge) setWorkOrderStatus(ctx context.Context, in *statusInput) (*body[statusChanged], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	if !slices.Contains(workOrderStatuses, in.Body.Status) { // 400 in the old contract
		problem := newProblem(http.StatusBadRequest, string(scrape.KindInvalid), "Invalid status. Use one of: "+strings.Join(workOrderStatuses, ", ")+".")
		problem.Errors = []ProblemField{{Message: problem.Detail, Location: "body.status"}}
		return nil, problem
	}
	order, err := e.Orders.SetWorkOrderStatus(ctx, caller(ctx).ID, in.ID, in.Body.Status)
	if err != nil {
		return nil, err
	}
	return reply(statusChanged{Status: "success", WorkOrderID: order.ID, NewStatus: order.Status, UpdatedAt: utc(order.UpdatedAt)}), nil
}

func (e *edge) openVisit(ctx context.Context, in *WorkOrderParam) (*body[visitOpened], error) {
	order, err := e.ownWorkOrder(ctx, *in)
	if err != nil {
		return nil, err
	}
	if order.VisitURL == "" {
		return nil, scrape.Errorf(scrape.KindNotFound, "WorkFossa shows no visit for this work order. Collect work orders again once it is scheduled.")
	}
	return reply(visitOpened{VisitURL: order.VisitURL, AutoLoginURL: order.VisitURL, Message: "Visit URL retrieved successfully"}), nil
}

func (e *edge) deleteWorkOrder(ctx context.Context, in *WorkOrderParam) (*body[workOrderDeleted], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	if err := e.Orders.DeleteWorkOrder(ctx, caller(ctx).ID, in.ID); err != nil {
		return nil, err
	}
	return reply(workOrderDeleted{Status: "success", Message: "Work order deleted successfully", WorkOrderID: in.ID}), nil
}

func (e *edge) deleteDispensers(ctx context.Context, in *WorkOrderParam) (*body[dispensersCleared], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	cleared, err := e.Orders.DeleteDispensers(ctx, caller(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return reply(dispensersCleared{
		Status: "success", Message: fmt.Sprintf("Cleared %d dispensers", cleared), WorkOrderID: in.ID, ClearedCount: cleared,
	}), nil
}

func (e *edge) clearWorkOrders(ctx context.Context, in *scrapeInput) (*body[workOrdersCleared], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	orders, dispensers, err := e.Orders.ClearWorkOrders(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	if orders+dispensers == 0 {
		none := 0
		return reply(workOrdersCleared{Status: "success", Message: "No work orders to delete", DeletedCount: &none}), nil
	}
	return reply(workOrdersCleared{
		Status: "success", Message: fmt.Sprintf("Deleted %d work orders and %d dispensers", orders, dispensers),
		DeletedWorkOrders: &orders, DeletedDispensers: &dispensers,
	}), nil
}

// ownWorkOrder is a work order of the caller.
func (e *edge) ownWorkOrder(ctx context.Context, in WorkOrderParam) (scrape.WorkOrder, error) {
	if err := in.check(ctx); err != nil {
		return scrape.WorkOrder{}, err
	}
	return e.Orders.WorkOrder(ctx, caller(ctx).ID, in.ID)
}
