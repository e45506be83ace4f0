package scrape

import "time"

// RunFilter narrows a list of a user's runs down. The zero value is the newest ones, of all schedules.
type RunFilter struct {
	ScheduleID ScheduleID // 0: any
	JobType    JobType    // empty: any
	Outcomes   []Outcome  // with Running: how they ended; both empty: any
	Running    bool       // those that have not ended
	Triggers   []Trigger  // empty: any
	From, To   time.Time  // when they started: From included, To excluded; zero: no bound
	After      *RunCursor // only those behind it; nil: from the newest on
	Limit      int
}

// RunCursor is a place in a list of runs, newest first.
type RunCursor struct {
	StartedAt time.Time
	ID        RunID
}

// RecentRuns is how the newest runs of one schedule ended.
type RecentRuns struct {
	ScheduleID ScheduleID
	P50, P95   time.Duration // how long its good runs usually take; 0 while nothing is known of it
	Runs       []RecentRun   // oldest first
}

// RecentRun is as much of a run as a small chart shows.
type RecentRun struct {
	ID        RunID
	NominalAt time.Time
	Outcome   Outcome       // empty while running
	Duration  time.Duration // 0 while running
}
