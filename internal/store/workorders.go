package store

import (
	"context"
	"fmt"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// orderDoc is what the portal shows of a work order, with the columns' names. It is read from rows, and written as JSON: into
// staged pages, and as the records of the statements that add and update orders. Empty texts are null in the table.
type orderDoc struct {
	ExternalID         string               `db:"external_id" json:"external_id,omitempty"`
	SiteName           string               `db:"site_name" json:"site_name"`
	CustomerName       string               `db:"customer_name" json:"customer_name,omitempty"`
	CustomerID         string               `db:"customer_id" json:"customer_id,omitempty"`
	LocationID         string               `db:"location_id" json:"location_id,omitempty"`
	CustomerURL        string               `db:"customer_url" json:"customer_url,omitempty"`
	StoreNumber        string               `db:"store_number" json:"store_number,omitempty"`
	Street             string               `db:"street" json:"street,omitempty"`
	Intersection       string               `db:"intersection" json:"intersection,omitempty"`
	CityState          string               `db:"city_state" json:"city_state,omitempty"`
	County             string               `db:"county" json:"county,omitempty"`
	Address            string               `db:"address" json:"address,omitempty"`
	PortalStatus       string               `db:"portal_status" json:"portal_status,omitempty"`
	ServiceName        string               `db:"service_name" json:"service_name,omitempty"`
	Project            string               `db:"project" json:"project,omitempty"`
	ServiceCode        string               `db:"service_code" json:"service_code,omitempty"`
	ServiceDescription string               `db:"service_description" json:"service_description,omitempty"`
	ServiceType        string               `db:"service_type" json:"service_type,omitempty"`
	ServiceQuantity    int                  `db:"service_quantity" json:"service_quantity"`
	Items              []scrape.ServiceItem `db:"items" json:"items"`
	Instructions       string               `db:"instructions" json:"instructions,omitempty"`
	ScheduledDate      *time.Time           `db:"scheduled_date" json:"scheduled_date,omitempty"`
	DueDate            *time.Time           `db:"due_date" json:"due_date,omitempty"`
	VisitID            string               `db:"visit_id" json:"visit_id,omitempty"`
	VisitURL           string               `db:"visit_url" json:"visit_url,omitempty"`
	VisitsDone         int                  `db:"visits_done" json:"visits_done"`
	VisitsPlanned      int                  `db:"visits_planned" json:"visits_planned"`
	CreatedDate        *time.Time           `db:"created_date" json:"created_date,omitempty"`
	CreatedBy          string               `db:"created_by" json:"created_by,omitempty"`
}

func orderDocOf(order scrape.WorkOrder) orderDoc {
	doc := orderDoc{
		ExternalID:         order.ExternalID,
		SiteName:           order.SiteName,
		CustomerName:       order.CustomerName,
		CustomerID:         order.CustomerID,
		LocationID:         order.LocationID,
		CustomerURL:        order.CustomerURL,
		StoreNumber:        order.StoreNumber,
		Street:             order.Street,
		Intersection:       order.Intersection,
		CityState:          order.CityState,
		County:             order.County,
		Address:            order.Address,
		PortalStatus:       order.PortalStatus,
		ServiceName:        order.ServiceName,
		Project:            order.Project,
		ServiceCode:        order.ServiceCode,
		ServiceDescription: order.ServiceDescription,
		ServiceType:        order.ServiceType,
		ServiceQuantity:    order.ServiceQuantity,
		Items:              order.ServiceItems,
		Instructions:       order.Instructions,
		ScheduledDate:      calendarDate(order.ScheduledDate),
		DueDate:            calendarDate(order.DueDate),
		VisitID:            order.VisitID,
		VisitURL:           order.VisitURL,
		VisitsDone:         order.VisitsDone,
		VisitsPlanned:      order.VisitsPlanned,
		CreatedDate:        calendarDate(order.CreatedDate),
		CreatedBy:          order.CreatedBy,
	}
	if doc.Items == nil {
		doc.Items = []scrape.ServiceItem{}
	}
	return doc
}

// calendarDate makes sure that a local date is written as the words of package scrape have it: in UTC, so that no zone
// shifts it, and as exact as the table keeps it, so that what is read back equals what was collected.
func calendarDate(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	exact := at.UTC().Truncate(time.Microsecond)
	return &exact
}

func (d orderDoc) order() scrape.WorkOrder {
	return scrape.WorkOrder{
		ExternalID:         d.ExternalID,
		SiteName:           d.SiteName,
		CustomerName:       d.CustomerName,
		CustomerID:         d.CustomerID,
		LocationID:         d.LocationID,
		CustomerURL:        d.CustomerURL,
		StoreNumber:        d.StoreNumber,
		Street:             d.Street,
		Intersection:       d.Intersection,
		CityState:          d.CityState,
		County:             d.County,
		Address:            d.Address,
		PortalStatus:       d.PortalStatus,
		ServiceName:        d.ServiceName,
		Project:            d.Project,
		ServiceCode:        d.ServiceCode,
		ServiceDescription: d.ServiceDescription,
		ServiceType:        d.ServiceType,
		ServiceQuantity:    d.ServiceQuantity,
		ServiceItems:       d.Items,
		Instructions:       d.Instructions,
		ScheduledDate:      d.ScheduledDate,
		DueDate:            d.DueDate,
		VisitID:            d.VisitID,
		VisitURL:           d.VisitURL,
		VisitsDone:         d.VisitsDone,
		VisitsPlanned:      d.VisitsPlanned,
		CreatedDate:        d.CreatedDate,
		CreatedBy:          d.CreatedBy,
	}
}

// orderRecord is one record of the statements that add and update orders: the order and what the old columns make of it.
type orderRecord struct {
	orderDoc
	ID           string      `json:"id,omitempty"` // of the stored order; a new one gets its own
	Status       string      `json:"status,omitempty"`
	ServiceItems []string    `json:"service_items"` // the list that existing clients read
	ScrapedData  scrapedData `json:"scraped_data"`
}

// scrapedData is the old column of that name: what clients read from it, and never page HTML.
type scrapedData struct {
	ServiceInfo struct {
		Type     string `json:"type"`
		Quantity int    `json:"quantity"`
	} `json:"service_info"`
	AddressComponents struct {
		Street       string `json:"street"`
		Intersection string `json:"intersection"`
		CityState    string `json:"cityState"`
		County       string `json:"county"`
	} `json:"address_components"`
	CustomerURL string `json:"customer_url"`
}

func orderRecordOf(order scrape.WorkOrder) orderRecord {
	record := orderRecord{
		orderDoc:     orderDocOf(order),
		ID:           order.ID,
		Status:       order.Status,
		ServiceItems: make([]string, 0, len(order.ServiceItems)),
	}
	for _, item := range order.ServiceItems {
		record.ServiceItems = append(record.ServiceItems, fmt.Sprintf("%d x %s", item.Quantity, item.Name))
	}
	data := &record.ScrapedData
	data.ServiceInfo.Type, data.ServiceInfo.Quantity = order.ServiceType, order.ServiceQuantity
	data.AddressComponents.Street, data.AddressComponents.Intersection = order.Street, order.Intersection
	data.AddressComponents.CityState, data.AddressComponents.County = order.CityState, order.County
	data.CustomerURL = order.CustomerURL
	return record
}

// orderRow is a stored order: what the portal shows and what is ours.
type orderRow struct {
	orderDoc
	ID        string        `db:"id"`
	UserID    scrape.UserID `db:"user_id"`
	Status    string        `db:"status"`
	CreatedAt time.Time     `db:"created_at"`
	UpdatedAt time.Time     `db:"updated_at"`
	RemovedAt *time.Time    `db:"removed_at"`
}

func (r orderRow) workOrder() scrape.WorkOrder {
	order := r.order()
	order.ID, order.UserID, order.Status = r.ID, r.UserID, r.Status
	order.CreatedAt, order.UpdatedAt, order.RemovedAt = r.CreatedAt, r.UpdatedAt, r.RemovedAt
	return order
}

const orderColumns = `
		id,
		user_id,
		COALESCE(external_id, '') AS external_id,
		site_name,
		COALESCE(customer_name, '') AS customer_name,
		COALESCE(customer_id, '') AS customer_id,
		COALESCE(location_id, '') AS location_id,
		COALESCE(customer_url, '') AS customer_url,
		COALESCE(store_number, '') AS store_number,
		COALESCE(street, '') AS street,
		COALESCE(intersection, '') AS intersection,
		COALESCE(city_state, '') AS city_state,
		COALESCE(county, '') AS county,
		COALESCE(address, '') AS address,
		status,
		COALESCE(portal_status, '') AS portal_status,
		COALESCE(service_name, '') AS service_name,
		COALESCE(project, '') AS project,
		COALESCE(service_code, '') AS service_code,
		COALESCE(service_description, '') AS service_description,
		COALESCE(service_type, '') AS service_type,
		service_quantity,
		items,
		COALESCE(instructions, '') AS instructions,
		scheduled_date,
		due_date,
		COALESCE(visit_id, '') AS visit_id,
		COALESCE(visit_url, '') AS visit_url,
		visits_done,
		visits_planned,
		created_date,
		COALESCE(created_by, '') AS created_by,
		created_at,
		updated_at,
		removed_at`

const sqlWorkOrder = `
	SELECT` + orderColumns + `
	FROM work_orders
	WHERE user_id = @user_id
	  AND id = @id`

// WorkOrder finds a user's order, also a removed one. One of somebody else does not exist for the user.
func (s *Store) WorkOrder(ctx context.Context, user scrape.UserID, id string) (scrape.WorkOrder, error) {
	row, err := one[orderRow](ctx, s.pool, sqlWorkOrder, args{"user_id": user, "id": id})
	if err != nil {
		return scrape.WorkOrder{}, failed("read work order", orNotFound(err, workOrderNotFound))
	}
	return row.workOrder(), nil
}

const orderFilter = `
	WHERE user_id = @user_id
	  AND (@from_date::timestamp IS NULL OR scheduled_date >= @from_date)
	  AND (@to_date::timestamp IS NULL OR scheduled_date <= @to_date)
	  AND (@include_removed::boolean OR removed_at IS NULL)`

const sqlCountWorkOrders = `
	SELECT count(*)
	FROM work_orders` + orderFilter

const sqlWorkOrders = `
	SELECT` + orderColumns + `
	FROM work_orders` + orderFilter + `
	ORDER BY scheduled_date DESC NULLS LAST, created_at DESC, id
	LIMIT NULLIF(@limit::bigint, 0)
	OFFSET @skip::bigint`

// WorkOrders lists a page of a user's orders, the latest scheduled first and those without a date last, and tells how many
// there are in all; never nil. Orders that the portal no longer lists are left out unless asked for; so are those without a
// date when dates are asked for.
func (s *Store) WorkOrders(
	ctx context.Context, user scrape.UserID, filter scrape.WorkOrderFilter,
) (orders []scrape.WorkOrder, total int, err error) {
	where := func() args {
		return args{
			"user_id":         user,
			"from_date":       calendarDate(filter.From),
			"to_date":         calendarDate(filter.To),
			"include_removed": filter.IncludeRemoved,
		}
	}
	total, err = scalar[int](ctx, s.pool, sqlCountWorkOrders, where())
	if err != nil {
		return nil, 0, failed("count work orders", err)
	}
	page := where()
	page["limit"], page["skip"] = filter.Limit, filter.Skip
	rows, err := many[orderRow](ctx, s.pool, sqlWorkOrders, page)
	if err != nil {
		return nil, 0, failed("list work orders", err)
	}
	return convert(rows, orderRow.workOrder), total, nil
}

const sqlListedWorkOrders = `
	SELECT` + orderColumns + `
	FROM work_orders
	WHERE user_id = @user_id
	  AND removed_at IS NULL
	ORDER BY scheduled_date DESC NULLS LAST, created_at DESC, id`

// ListedWorkOrders lists all of a user's orders that are not removed, in the order of WorkOrders; never nil.
func (s *Store) ListedWorkOrders(ctx context.Context, user scrape.UserID) ([]scrape.WorkOrder, error) {
	rows, err := many[orderRow](ctx, s.pool, sqlListedWorkOrders, args{"user_id": user})
	return convert(rows, orderRow.workOrder), failed("list work orders", err)
}
