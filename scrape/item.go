package scrape

import "time"

// Item is one thing that a job type without a table of its own keeps. Its natural key is (user, job type, Key).
type Item struct {
	Key       string
	Label     string         // for people
	Data      map[string]any // JSON: texts, numbers, booleans, lists, objects
	CreatedAt time.Time
	UpdatedAt time.Time
	RemovedAt *time.Time // when it was first missing; nil while it is there
}

// ItemPlan is what a run means for a job's stored items.
type ItemPlan struct {
	Outcome Outcome
	Message string
	Counts  Counts
	Put     []Item // new, changed and returned ones
	Remove  []string
	Changes []Change
}

// JobResult is the newest whole result of a job type that computes one.
type JobResult struct {
	RunID    RunID
	At       time.Time
	Document []byte // JSON
}
