package scrape

import "time"

// Durations says how long the runs of a schedule usually take, from its newest runs that brought data.
type Durations struct {
	Runs     int           // how many runs it is computed from, at least 1
	P50, P95 time.Duration // half of the runs, and 95 in 100 of them, took at most so long
	At       time.Time     // when it was computed, UTC
}
