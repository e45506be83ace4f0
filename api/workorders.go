package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// Orders is what the API asks of the collected data.
type Orders interface {
	WorkOrders(ctx context.Context, user scrape.UserID, filter scrape.WorkOrderFilter) (orders []scrape.WorkOrder, total int, err error)
	WorkOrder(ctx context.Context, user scrape.UserID, id string) (scrape.WorkOrder, error)
	SetWorkOrderStatus(ctx context.Context, user scrape.UserID, id, status string) (scrape.WorkOrder, error)
	DeleteWorkOrder(ctx context.Context, user scrape.UserID, id string) error
	// ClearWorkOrders deletes all work orders and dispensers of a user and tells how many there were.
	ClearWorkOrders(ctx context.Context, user scrape.UserID) (orders, dispensers int, err error)

	// DispensersAt lists the dispensers at these locations that are not removed, by location and number.
	DispensersAt(ctx context.Context, user scrape.UserID, locations []string) ([]scrape.Dispenser, error)
	// DeleteDispensers deletes those at the location of a work order and tells how many there were.
	DeleteDispensers(ctx context.Context, user scrape.UserID, workOrderID string) (int, error)

	// JobResult is the newest whole result of a job type, false when there is none.
	JobResult(ctx context.Context, user scrape.UserID, job scrape.JobType) (scrape.JobResult, bool, error)
	// Items lists what a job type without a table of its own keeps, without what is removed.
	Items(ctx context.Context, user scrape.UserID, job scrape.JobType) ([]scrape.Item, error)
}

const workOrdersPath = "/api/v1/work-orders"

// localDate is a calendar date of the site, written as the old contract does: midnight without a zone, since a zone would move it to
// another day for viewers elsewhere.
type localDate struct{ time.Time }

const localLayout = "2006-01-02T15:04:05"

// MarshalJSON implements json.Marshaler.
func (d localDate) MarshalJSON() ([]byte, error) {
	return []byte(`"` + d.Format(localLayout) + `"`), nil
}

// Schema implements huma.SchemaProvider.
func (d localDate) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "Local date of the site, without a zone.", Examples: []any{"2030-02-03T00:00:00"}}
}

// WorkOrder is the old contract's work order; what is new stands behind dispensers. It is exported because Huma describes embedded structs
// only then.
type WorkOrder struct {
	ID                 string              `json:"id" doc:"Our id (UUID)."`
	ExternalID         *string             `json:"external_id" doc:"WorkFossa's number, digits only."`
	SiteName           string              `json:"site_name"`
	Address            *string             `json:"address"`
	Street             *string             `json:"street"`
	CityState          *string             `json:"city_state"`
	County             *string             `json:"county"`
	StoreNumber        *string             `json:"store_number" example:"#4001"`
	ScheduledDate      Optional[localDate] `json:"scheduled_date" doc:"Date of the next visit."`
	CreatedDate        Optional[localDate] `json:"created_date" doc:"When the order was made in WorkFossa."`
	Status             string              `json:"status" enum:"pending,in_progress,completed,failed,cancelled" doc:"Ours; people change it."`
	VisitURL           *string             `json:"visit_url" doc:"Null when WorkFossa shows no visit; never made up."`
	VisitID            *string             `json:"visit_id"`
	VisitNumber        *string             `json:"visit_number"`
	Instructions       *string             `json:"instructions"`
	ServiceCode        *string             `json:"service_code"`
	ServiceName        *string             `json:"service_name"`
	ServiceDescription *string             `json:"service_description"`
	ServiceItems       []string            `json:"service_items"`
	CreatedBy          *string             `json:"created_by"`
	CustomerURL        *string             `json:"customer_url" doc:"The location's page."`
	ScrapedData        scrapedData         `json:"scraped_data"`
	CreatedAt          time.Time           `json:"created_at"`
	UpdatedAt          time.Time           `json:"updated_at"`
	Dispensers         []Dispenser         `json:"dispensers" doc:"Those at the order's location; empty until they are collected."`

	CustomerName    *string             `json:"customer_name"`
	Intersection    *string             `json:"intersection"`
	Project         *string             `json:"project"`
	PortalStatus    *string             `json:"portal_status" doc:"WorkFossa's own word."`
	DueDate         Optional[localDate] `json:"due_date"`
	VisitsDone      int                 `json:"visits_done"`
	VisitsPlanned   int                 `json:"visits_planned"`
	ServiceQuantity int                 `json:"service_quantity"`
	RemovedAt       *time.Time          `json:"removed_at" doc:"When WorkFossa no longer listed it; null while it does."`
}

type workOrderDetail struct {
	WorkOrder
	Dispensers []storedDispenser `json:"dispensers" doc:"Those at the order's location; empty until they are collected."`
	Notes      *string           `json:"notes" doc:"Nothing writes notes yet; null."`
}

type scrapedData struct {
	ServiceInfo       serviceInfo       `json:"service_info"`
	AddressComponents addressComponents `json:"address_components"`
	CustomerURL       string            `json:"customer_url"`
}

type serviceInfo struct {
	Type     string `json:"type"`
	Quantity int    `json:"quantity"`
}

type addressComponents struct {
	Street       string `json:"street"`
	Intersection string `json:"intersection"`
	CityState    string `json:"cityState"`
	County       string `json:"county"`
}

func workOrderOf(w scrape.WorkOrder) WorkOrder {
	return WorkOrder{
		ID: w.ID, ExternalID: textOrNil(w.ExternalID), SiteName: w.SiteName, Address: textOrNil(w.Address), Street: textOrNil(w.Street),
		CityState: textOrNil(w.CityState), County: textOrNil(w.County), StoreNumber: textOrNil(w.StoreNumber),
		ScheduledDate: date(w.ScheduledDate), CreatedDate: date(w.CreatedDate), Status: w.Status,
		VisitURL: textOrNil(w.VisitURL), VisitID: textOrNil(w.VisitID), VisitNumber: textOrNil(w.VisitID),
		Instructions: textOrNil(w.Instructions), ServiceCode: textOrNil(w.ServiceCode), ServiceName: textOrNil(w.ServiceName),
		ServiceDescription: textOrNil(w.ServiceDescription), ServiceItems: itemTexts(w.ServiceItems), CreatedBy: textOrNil(w.CreatedBy),
		CustomerURL: textOrNil(w.CustomerURL),
		ScrapedData: scrapedData{
			ServiceInfo:       serviceInfo{w.ServiceType, w.ServiceQuantity},
			AddressComponents: addressComponents{w.Street, w.Intersection, w.CityState, w.County},
			CustomerURL:       w.CustomerURL,
		},
		CreatedAt: utc(w.CreatedAt), UpdatedAt: utc(w.UpdatedAt), Dispensers: []Dispenser{},
		CustomerName: textOrNil(w.CustomerName), Intersection: textOrNil(w.Intersection), Project: textOrNil(w.Project),
		PortalStatus: textOrNil(w.PortalStatus), DueDate: date(w.DueDate), VisitsDone: w.VisitsDone, VisitsPlanned: w.VisitsPlanned,
		ServiceQuantity: w.ServiceQuantity, RemovedAt: utcOrNil(w.RemovedAt),
	}
}

func date(t *time.Time) Optional[localDate] {
	if t == nil {
		return Optional[localDate]{}
	}
	return Optional[localDate]{Value: &localDate{*t}}
}

// itemTexts writes items as the old contract does: "8 x All Dispensers".
func itemTexts(items []scrape.ServiceItem) []string {
	texts := make([]string, 0, len(items))
	for _, item := range items {
		texts = append(texts, strconv.Itoa(item.Quantity)+" x "+item.Name)
	}
	return texts
}

// OwnerParam is the owner that the old clients name. It is exported because Huma fills in embedded structs only then.
type OwnerParam struct {
	UserID string `query:"user_id" doc:"Your own user id, as the old clients send it; may be left out."`
}

// check refuses another user's id.
func (in OwnerParam) check(ctx context.Context) error {
	if in.UserID != "" && in.UserID != string(caller(ctx).ID) {
		return scrape.Errorf(scrape.KindDenied, "You can only access your own data")
	}
	return nil
}

type workOrdersInput struct {
	OwnerParam
	Skip           int    `query:"skip" default:"0" minimum:"0" doc:"Orders to pass over."`
	Limit          int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"Most orders."`
	StartDate      string `query:"start_date" doc:"First scheduled date, 2030-02-03 or 2030-02-03T00:00:00." example:"2030-02-03"`
	EndDate        string `query:"end_date" doc:"Last scheduled date, included." example:"2030-02-10"`
	IncludeRemoved bool   `query:"include_removed" doc:"Also orders that WorkFossa no longer lists."`
}

type workOrdersOutput struct {
	Total int `header:"X-Total-Count" doc:"Orders in all."`
	Skip  int `header:"X-Skip" doc:"Orders passed over."`
	Limit int `header:"X-Limit" doc:"Most orders in this answer."`
	Body  []WorkOrder
}

// WorkOrderParam is the work order in a path. It is exported because Huma fills in embedded structs only then.
type WorkOrderParam struct {
	OwnerParam
	ID string `path:"id" doc:"Our id of a work order."`
}

func (e *edge) registerWorkOrders() {
	handle(e, protected(huma.Operation{
		OperationID: "list-work-orders", Method: http.MethodGet, Path: workOrdersPath, Tags: []string{tagWorkOrders}, Summary: "List your work orders",
		Description: "By scheduled date, latest first. X-Total-Count tells how many there are in all.",
		Errors:      []int{http.StatusForbidden, http.StatusUnprocessableEntity},
	}), e.listWorkOrders)
	handle(e, protected(huma.Operation{
		OperationID: "get-work-order", Method: http.MethodGet, Path: workOrdersPath + "/{id}", Tags: []string{tagWorkOrders}, Summary: "Get a work order",
		Errors: []int{http.StatusForbidden, http.StatusNotFound},
	}), e.getWorkOrder)
}

func (e *edge) listWorkOrders(ctx context.Context, in *workOrdersInput) (*workOrdersOutput, error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	filter := scrape.WorkOrderFilter{Skip: in.Skip, Limit: in.Limit, IncludeRemoved: in.IncludeRemoved}
	var err error
	if filter.From, err = parseDate("start_date", in.StartDate); err != nil {
		return nil, err
	}
	if filter.To, err = parseDate("end_date", in.EndDate); err != nil {
		return nil, err
	}
	orders, total, err := e.Orders.WorkOrders(ctx, caller(ctx).ID, filter)
	if err != nil {
		return nil, err
	}
	dispensers, err := e.dispensersOf(ctx, orders...)
	if err != nil {
		return nil, err
	}
	out := &workOrdersOutput{Total: total, Skip: in.Skip, Limit: in.Limit, Body: make([]WorkOrder, 0, len(orders))}
	for _, order := range orders {
		row := workOrderOf(order)
		for _, d := range dispensers[order.LocationID] {
			row.Dispensers = append(row.Dispensers, dispenserOf(d))
		}
		out.Body = append(out.Body, row)
	}
	return out, nil
}

func (e *edge) getWorkOrder(ctx context.Context, in *WorkOrderParam) (*body[workOrderDetail], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	order, err := e.Orders.WorkOrder(ctx, caller(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	dispensers, err := e.dispensersOf(ctx, order)
	if err != nil {
		return nil, err
	}
	out := workOrderDetail{WorkOrder: workOrderOf(order), Dispensers: []storedDispenser{}}
	for _, d := range dispensers[order.LocationID] {
		out.Dispensers = append(out.Dispensers, storedDispenser{dispenserOf(d), utc(d.CreatedAt), utc(d.UpdatedAt)})
	}
	return reply(out), nil
}

func parseDate(name, text string) (*time.Time, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no date asked for
	}
	for _, layout := range []string{time.DateOnly, localLayout, time.RFC3339} {
		if at, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
			return &at, nil
		}
	}
	problem := newProblem(http.StatusUnprocessableEntity, string(scrape.KindInvalid), name+" must be a date such as 2030-02-03.")
	problem.Errors = []ProblemField{{Message: problem.Detail, Location: "query." + name}}
	return nil, problem
}
