package scrape

import (
	"slices"
	"time"
)

// Statuses to filter by that cut across those that a schedule has, so that they are none of them.
const (
	StatusHeld    = "held"    // nothing runs until the owner has shown a login that the portal accepts
	StatusOverdue = "overdue" // a slot has passed without a trace, see OverdueSlot
)

// ScheduleFilter narrows a list of a user's schedules down. The zero value is all of them.
type ScheduleFilter struct {
	JobType JobType
	Status  Status     // one of the schedule's own, StatusHeld or StatusOverdue
	Query   string     // part of the name, whatever its case
	After   ScheduleID // only those behind it
	Limit   int        // 0: no limit

	// AccountedBefore narrows StatusOverdue down to those that could be: firing, and accounted for up to before then. Which of them are follows
	// from their slots.
	AccountedBefore time.Time
}

// ScheduleStatuses lists what can be filtered by.
func ScheduleStatuses() []Status {
	return []Status{StatusActive, StatusPaused, StatusFailed, StatusHeld, StatusOverdue}
}

// Validate refuses a status that there is none of.
func (f ScheduleFilter) Validate() error {
	if f.Status != "" && !slices.Contains(ScheduleStatuses(), f.Status) {
		return Invalid("status", "status must be active, paused, failed, held or overdue.")
	}
	return nil
}
