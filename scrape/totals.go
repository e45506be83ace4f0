package scrape

import "time"

// Totals counts everybody's schedules and runs.
type Totals struct {
	Schedules ScheduleTotals
	Open      int             // runs that have not ended
	LastHour  map[Outcome]int // runs that ended in the last hour
	LastDay   map[Outcome]int
	LagP50    *time.Duration // from slot to start, of the scheduled runs that started in the last day; nil when none did
	LagP99    *time.Duration
	Logins    int // logins that were sent to the portal in the last hour
}

// ScheduleTotals counts schedules by their status.
type ScheduleTotals struct {
	Active, Paused, Failed int
	Held                   int // of all these, those that wait for a login that the portal accepts
}

// OwnedSchedule is a schedule with its owner's e-mail address.
type OwnedSchedule struct {
	Owner    string
	Schedule Schedule
}
