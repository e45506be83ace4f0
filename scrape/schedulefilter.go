package scrape

import "slices"

// StatusHeld is a status to filter by: nothing runs until the owner has shown a login that the portal accepts. It cuts across those that a
// schedule has, so that it is none of them.
const StatusHeld = "held"

// ScheduleFilter narrows a list of a user's schedules down. The zero value is all of them.
type ScheduleFilter struct {
	JobType JobType
	Status  Status     // one of the schedule's own, or StatusHeld
	Query   string     // part of the name, whatever its case
	After   ScheduleID // only those behind it
	Limit   int        // 0: no limit
}

// ScheduleStatuses lists what can be filtered by.
func ScheduleStatuses() []Status {
	return []Status{StatusActive, StatusPaused, StatusFailed, StatusHeld}
}

// Validate refuses a status that there is none of.
func (f ScheduleFilter) Validate() error {
	if f.Status != "" && !slices.Contains(ScheduleStatuses(), f.Status) {
		return Invalid("status", "status must be active, paused, failed or held.")
	}
	return nil
}
