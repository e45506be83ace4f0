package filters

import "time"

// Result is the answer: first the keys of the old calculator, then the totals that are new.
type Result struct {
	Summary      []Summary `json:"summary"`  // by quantity, largest first
	Details      []Detail  `json:"details"`  // by date, store and job
	Warnings     []Warning `json:"warnings"` // by severity, highest first
	TotalFilters int       `json:"totalFilters"`
	TotalBoxes   int       `json:"totalBoxes"`
	Metadata     Metadata  `json:"metadata"`

	Sites []SiteTotal `json:"sites"` // by store number
	Days  []DayTotal  `json:"days"`  // by date, jobs without a readable date last
	Weeks []WeekTotal `json:"weeks"` // likewise
}

// Summary is the total of one part over all jobs.
type Summary struct {
	PartNumber  string `json:"partNumber"`
	Description string `json:"description"`
	Quantity    int    `json:"quantity"`
	Boxes       int    `json:"boxes"`
	StoreCount  int    `json:"storeCount"`
	FilterType  Kind   `json:"filterType"`
}

// Detail is one job with its filters. Jobs that need none, or whose dispensers are not known, have none.
type Detail struct {
	JobID           string               `json:"jobId"`
	StoreNumber     string               `json:"storeNumber"`
	StoreName       string               `json:"storeName"`
	ScheduledDate   string               `json:"scheduledDate"`
	CustomerName    string               `json:"customerName"`
	ServiceCode     string               `json:"serviceCode"`
	ServiceName     string               `json:"serviceName"`
	Address         string               `json:"address"`
	Filters         map[string]JobFilter `json:"filters"` // by part number
	Warnings        []Warning            `json:"warnings"`
	DispenserCount  int                  `json:"dispenserCount"`
	Dispensers      []DispenserDetail    `json:"dispensers"`
	RequiresFilters bool                 `json:"requiresFilters"`
}

// JobFilter is the quantity of one part for one job.
type JobFilter struct {
	Quantity    int    `json:"quantity"`
	Description string `json:"description"`
	FilterType  Kind   `json:"filterType"`
	IsEdited    bool   `json:"isEdited"` // the quantity is a person's
}

// DispenserDetail is a dispenser that a job works on, in the shape in which it was once sent.
type DispenserDetail struct {
	StoreNumber     string  `json:"storeNumber"`
	DispenserNumber string  `json:"dispenserNumber"`
	MeterType       string  `json:"meterType"`
	FuelGrades      []Grade `json:"fuelGrades"`
}

// Grade is a grade of fuel.
type Grade struct {
	Grade string `json:"grade"`
}

// Warning says what was assumed, or what could not be counted.
type Warning struct {
	ID           string      `json:"id"`       // "warn_1"
	Severity     int         `json:"severity"` // 1 to 10; from 7 on high, from 4 on medium
	Type         WarningType `json:"type"`
	Message      string      `json:"message"`
	AffectedJobs []string    `json:"affectedJobs"`
	Suggestions  []string    `json:"suggestions"`
	Timestamp    time.Time   `json:"timestamp"`
}

// Metadata tells when and from how much the answer was made.
type Metadata struct {
	CalculatedAt time.Time `json:"calculatedAt"`
	JobCount     int       `json:"jobCount"` // all that were given, those left out for a reason included
	StoreCount   int       `json:"storeCount"`
}

// Totals is what to bring for a group of jobs. Boxes are rounded up once for each part of the group: two days with three
// filters each need a box each when they are packed apart, and one box when they are packed together.
type Totals struct {
	Parts        []PartTotal `json:"parts"` // by quantity, largest first
	TotalFilters int         `json:"totalFilters"`
	TotalBoxes   int         `json:"totalBoxes"`
	JobCount     int         `json:"jobCount"`
}

// PartTotal is one part of a total.
type PartTotal struct {
	PartNumber  string `json:"partNumber"`
	Description string `json:"description"`
	FilterType  Kind   `json:"filterType"`
	Quantity    int    `json:"quantity"`
	Boxes       int    `json:"boxes"`
}

// SiteTotal is the total of a store.
type SiteTotal struct {
	StoreNumber string `json:"storeNumber"` // without "#"; empty for jobs without one
	StoreName   string `json:"storeName"`
	Totals
}

// DayTotal is the total of a day.
type DayTotal struct {
	Date string `json:"date"` // "2030-02-03"; empty for jobs without a readable date
	Totals
}

// WeekTotal is the total of a week from Monday to Sunday.
type WeekTotal struct {
	WeekStart string `json:"weekStart"` // a Monday; empty for jobs without a readable date
	WeekEnd   string `json:"weekEnd"`   // a Sunday
	Totals
}
