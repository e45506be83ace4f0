package portalsim

import (
	"fmt"
	"slices"
	"time"
)

// Status is where a work order stands.
type Status string

// The statuses. The first two were seen on the portal; closed and cancelled orders show only with `Show Closed`.
const (
	StatusOpen      Status = "open"
	StatusApproved  Status = "approved"
	StatusClosed    Status = "closed"
	StatusCancelled Status = "cancelled"
)

var statusTexts = map[Status][2]string{
	StatusOpen:      {"Work Created", "work-status-open"},
	StatusApproved:  {"Quality Approved", "work-status-in-progress"},
	StatusClosed:    {"Closed", "work-status-closed"},
	StatusCancelled: {"Cancelled", "work-status-closed"},
}

// Order is one work order as the portal knows it: the truth to compare a scrape with. Dates are YYYY-MM-DD.
type Order struct {
	Number        int    `json:"number"`
	VisitID       int    `json:"visit_id,omitempty"`   // zero when no next visit is planned
	VisitDate     string `json:"visit_date,omitempty"` // empty when no next visit is planned
	VisitsDone    int    `json:"visits_done"`
	VisitsPlanned int    `json:"visits_planned"`
	Status        Status `json:"status"`
	Reason        string `json:"reason"`
	Project       string `json:"project,omitempty"`
	CreatedBy     string `json:"created_by"`
	CreatedAt     string `json:"created_at"` // YYYY-MM-DDTHH:MM, no zone
	DueDate       string `json:"due_date,omitempty"`
	DueSoon       bool   `json:"due_soon,omitempty"` // shown in orange
	Items         []Item `json:"items"`
	Instructions  string `json:"instructions,omitempty"`
	Place         Place  `json:"place"`

	visit int // the id its next visit has whenever one is planned
}

// Item is one line of work: 8 x All Dispensers (2861).
type Item struct {
	Category string `json:"category"`
	Quantity int    `json:"quantity"`
	Name     string `json:"name"`
	Code     string `json:"code"`
}

// Place is a store, as the rows of the list show it.
type Place struct {
	LocationID   int    `json:"location_id"`
	CustomerID   int    `json:"customer_id"`
	Customer     string `json:"customer"`
	Brand        string `json:"brand"`
	Store        string `json:"store"` // digits, without the #
	Street       string `json:"street"`
	Intersection string `json:"intersection,omitempty"`
	City         string `json:"city"` // city, state and postal code
	County       string `json:"county"`
}

// LocationState is what a visitor of a location page meets.
type LocationState string

// The states of a location.
const (
	LocationOK      LocationState = "ok"
	LocationDeleted LocationState = "deleted"
	LocationDenied  LocationState = "denied"
)

// Location is a store with its equipment.
type Location struct {
	Place
	State LocationState `json:"state"`
	// Expanded locations show their groups opened from the start.
	Expanded bool    `json:"expanded"`
	Groups   []Group `json:"groups"`
}

// Dispensers returns the cards of the dispenser group, nil when there is none.
func (l Location) Dispensers() []Card {
	for _, g := range l.Groups {
		if g.Name == dispenserGroup {
			return g.Cards
		}
	}
	return nil
}

const dispenserGroup = "Dispenser"

// Group is one kind of equipment.
type Group struct {
	Name  string `json:"name"`
	Cards []Card `json:"cards"`
}

// Card is one piece of equipment. Empty fields are not shown.
type Card struct {
	Title  string  `json:"title"`
	Serial string  `json:"serial,omitempty"`
	Make   string  `json:"make,omitempty"`
	Model  string  `json:"model,omitempty"`
	Fields []Field `json:"fields,omitempty"`
}

// Field is a custom field of a card.
type Field struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

func (o *Order) open() bool { return o.Status == StatusOpen && o.VisitsDone == 0 }

func (o *Order) archived() bool { return o.Status == StatusClosed || o.Status == StatusCancelled }

func (o *Order) clone() Order {
	c := *o
	c.Items = slices.Clone(o.Items)
	return c
}

func (l *Location) clone() Location {
	c := *l
	c.Groups = slices.Clone(l.Groups)
	for i := range c.Groups {
		c.Groups[i].Cards = slices.Clone(c.Groups[i].Cards)
		for j := range c.Groups[i].Cards {
			c.Groups[i].Cards[j].Fields = slices.Clone(c.Groups[i].Cards[j].Fields)
		}
	}
	return c
}

func checkDate(field, value string) error {
	if value == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return fmt.Errorf("%s: %q is not a date of the form 2030-02-28", field, value)
	}
	return nil
}
