package scrape

import (
	"strconv"
	"time"
)

// RunID numbers a run: the id of its row in scraping_history.
type RunID int64

// String gives the digits.
func (id RunID) String() string { return strconv.FormatInt(int64(id), 10) }

// Trigger says what started a run.
type Trigger string

// The triggers.
const (
	TriggerScheduled Trigger = "scheduled"
	TriggerManual    Trigger = "manual"
	TriggerBackfill  Trigger = "backfill"
)

// Counts says what a run did to the stored data.
type Counts struct {
	Processed int // rows read from the portal
	Added     int
	Updated   int
	Unchanged int
	Removed   int
	Failed    int // rows that could not be read
}

// Phase is a step of a run, in the old clients' words.
type Phase string

// The phases, in order.
const (
	PhaseInitializing Phase = "initializing"
	PhaseLoggingIn    Phase = "logging_in"
	PhaseScraping     Phase = "scraping"
	PhaseSaving       Phase = "saving"
	PhaseCompleted    Phase = "completed"
	PhaseError        Phase = "error"
)

// Decision is a person's word about a held result.
type Decision string

// The decisions.
const (
	DecisionAccepted  Decision = "accepted"
	DecisionDiscarded Decision = "discarded"
)

// Progress is how far a run has come.
type Progress struct {
	Phase      Phase
	Percentage float64 // 0 to 100, never falling within a run
	Message    string
	Found      int // work orders that the portal says there are
	Processed  int // work orders read so far
}

// Run is one execution of a schedule.
type Run struct {
	ID         RunID
	ScheduleID ScheduleID // 0 for runs imported from the old database, which did not store it
	UserID     UserID
	JobType    JobType
	Trigger    Trigger

	WorkflowID    string // Temporal's workflow id; unique; empty for imported runs
	TemporalRunID string // Temporal's run id; empty until the workflow has started
	RequestedBy   string // user id of the person who asked for it; empty for scheduled and outside runs

	NominalAt   time.Time  // when it was due, UTC
	StartedAt   time.Time  // when it was asked for or fired, UTC
	CompletedAt *time.Time // nil while running
	OpenUntil   *time.Time // until when Temporal held it open after CompletedAt, skipping slots; nil when it was gone within a moment

	Options RunOptions
	Cancel  *CancelRequest // nil when nobody asked for it

	Outcome      Outcome  // empty while running
	Decision     Decision // what a person has decided about a held result; empty when nothing was
	ErrorMessage string   // a sentence for people; empty on success
	ErrorDetail  string   // the cause, for the error log; holds no secret
	Counts       Counts
	Progress     Progress
}

// Running tells whether the run has not ended.
func (r Run) Running() bool { return r.CompletedAt == nil }

// Duration is the time from start to end, 0 while running.
func (r Run) Duration() time.Duration {
	if r.CompletedAt == nil {
		return 0
	}
	return r.CompletedAt.Sub(r.StartedAt)
}

// RunOptions is what was asked of one run beside its schedule's settings.
type RunOptions struct {
	Force      bool     `json:"force,omitempty"`       // read again what is fresh
	WorkOrders []string `json:"work_orders,omitempty"` // only those (our ids)
	AnyService bool     `json:"any_service,omitempty"` // also orders whose service does not ask for the data
}

// RunRequest is what is asked of a run that no slot starts.
type RunRequest struct {
	Trigger Trigger // manual when a person asks; scheduled for the first run of a schedule and for one that makes up for held slots
	By      UserID  // the person; empty for nobody
	Options RunOptions
}

// CancelRequest says who asked for the end of a run.
type CancelRequest struct {
	By string // e-mail address
	At time.Time
}

// RunEnd is what closes a run.
type RunEnd struct {
	Outcome      Outcome
	ErrorMessage string
	ErrorDetail  string

	// Excused leaves the failures of the schedule alone: that the portal does not answer anybody is known, and told once.
	Excused bool
}

// RunStart opens a run's row.
type RunStart struct {
	ScheduleID    ScheduleID
	WorkflowID    string
	TemporalRunID string
	Trigger       Trigger
	NominalAt     time.Time
	StartedAt     time.Time
	Insist        bool // it has waited long enough for another run to end
}

// Begun is a run's row as it was opened, with what its next steps need to know.
type Begun struct {
	Run               Run
	Schedule          Schedule
	CredentialID      CredentialID // 0: the user has stored no login
	CredentialState   CredentialState
	CredentialVersion int64
	SessionVersion    int64 // 0: no portal session is kept
}

// RunningError is the cause of a KindConflict error when a run of the same schedule is still open.
type RunningError struct{ RunID RunID }

// Error names the run.
func (e *RunningError) Error() string { return "run " + e.RunID.String() + " is open" }
