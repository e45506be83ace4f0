package scrape

import "time"

// StepState is where a step of a run is.
type StepState string

// The states.
const (
	StepWaiting   StepState = "waiting" // for a worker, or for its next attempt
	StepRunning   StepState = "running"
	StepCompleted StepState = "completed"
	StepFailed    StepState = "failed"
	StepCancelled StepState = "cancelled"
)

// StepStates lists every state, for the API's enum.
func StepStates() []StepState {
	return []StepState{StepWaiting, StepRunning, StepCompleted, StepFailed, StepCancelled}
}

// Step is one step of a run as its workflow's history tells it.
type Step struct {
	Name        string // of the activity
	State       StepState
	Attempts    int // 0 before the first one
	ScheduledAt time.Time
	StartedAt   *time.Time // of the newest attempt
	EndedAt     *time.Time // nil until it is over
	Failure     string     // of the newest attempt, a sentence for people; empty when none failed
	RetryAt     *time.Time // nil unless it waits for another attempt
}
