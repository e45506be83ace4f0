package scrape

import (
	"reflect"
	"time"
)

// WorkOrder is one order of a technician, as the portal's list shows it. Its natural key is (user, ExternalID).
//
// Dates are local calendar dates of the site, which names no zone: they are kept as midnight UTC and never shifted.
type WorkOrder struct {
	ID     string // our own id (UUID), used in paths; empty before it is stored
	UserID UserID

	ExternalID   string // the portal's work-order number, digits only
	SiteName     string // the customer's name, as the old database stores it
	CustomerName string
	CustomerID   string // digits of the customer's page
	LocationID   string // digits of the location's page
	CustomerURL  string // the location's page, absolute
	StoreNumber  string // "#4001"

	Street       string
	Intersection string
	CityState    string
	County       string
	Address      string // the parts above in one line; AddressNotAvailable when there are none

	Status       string // ours, changed by people: pending, in_progress, completed, failed, cancelled
	PortalStatus string // the portal's badge, "Work Created"

	ServiceName        string // the reason, "AccuMeasure"
	Project            string
	ServiceCode        string // the first dispenser-implying code among the items
	ServiceDescription string
	ServiceType        string // category of the item with that code
	ServiceQuantity    int    // quantity of the item with that code
	ServiceItems       []ServiceItem
	Instructions       string

	ScheduledDate *time.Time // of the next visit
	DueDate       *time.Time
	VisitID       string
	VisitURL      string // absolute; empty when the portal shows none, never made up
	VisitsDone    int
	VisitsPlanned int

	CreatedDate *time.Time // when the order was made in the portal, local time of the site
	CreatedBy   string

	CreatedAt time.Time
	UpdatedAt time.Time
	RemovedAt *time.Time // when it was first missing from a proved list; nil while listed
}

// ServiceItem is one thing to do on an order: "8 x All Dispensers (2861)".
type ServiceItem struct {
	Quantity int    `json:"quantity"`
	Name     string `json:"name"`
	Code     string `json:"code"`
	Category string `json:"category"`
}

// AddressNotAvailable stands in an order without any address line (the old database's text).
const AddressNotAvailable = "Address not available"

// ListPage is one page of the portal's work-order list, parsed.
type ListPage struct {
	Number  int         // from 1
	Last    bool        // no page follows
	Matches int         // the list's own count of all orders ("44 matches"); -1 when it shows none
	Proved  bool        // the shell, the filter chip and the list view were there: this is the list that was asked for
	Orders  []WorkOrder // without the fields that are ours (ID, UserID, Status, times)
	Broken  []BrokenRow // rows that could not be read
}

// BrokenRow names a row that could not be read, and why.
type BrokenRow struct {
	ExternalID string `json:"external_id"` // empty when even that could not be read
	Reason     string `json:"reason"`
}

// sameContent tells whether the portal shows the same for both: everything but the fields that are ours.
func sameContent(a, b WorkOrder) bool {
	return reflect.DeepEqual(a.portalContent(), b.portalContent())
}

// portalContent is the order without the fields that are ours, in a form that compares: times in UTC, no empty slice.
func (w WorkOrder) portalContent() WorkOrder {
	w.ID, w.UserID, w.Status = "", "", ""
	w.CreatedAt, w.UpdatedAt, w.RemovedAt = time.Time{}, time.Time{}, nil
	w.ScheduledDate, w.DueDate, w.CreatedDate = inUTC(w.ScheduledDate), inUTC(w.DueDate), inUTC(w.CreatedDate)
	if len(w.ServiceItems) == 0 {
		w.ServiceItems = nil
	}
	return w
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC()
	return &utc
}

// WorkOrderFilter chooses among a user's work orders.
type WorkOrderFilter struct {
	Skip, Limit    int
	From, To       *time.Time // scheduled date, both included
	IncludeRemoved bool
}
