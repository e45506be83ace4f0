package scrape

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// UserID is the lower-case hex MD5 of the user's e-mail address (the old database's key).
type UserID string

// ScheduleID numbers a schedule. Its Temporal Schedule is scrape-schedule-<id>.
type ScheduleID int64

// String gives the digits.
func (id ScheduleID) String() string { return strconv.FormatInt(int64(id), 10) }

// JobType is what a run collects.
type JobType string

// The job types of this project. Which types there are is said by package jobs, where each is registered.
const (
	JobWorkOrders JobType = "work_orders" // the user's open work orders
	JobDispensers JobType = "dispensers"  // the dispensers at the sites of these orders
	JobFilters    JobType = "filters"     // the filters to bring, computed from the two
)

// Schedule is what a user asked for: who, what, when.
type Schedule struct {
	ID      ScheduleID
	UserID  UserID
	JobType JobType
	Name    string // unique per user and job type
	Timing  Timing

	// Settings are the job's own, as JSON; empty stands for the job's defaults. Package jobs knows their shape.
	Settings []byte

	Enabled     bool
	PauseReason string // why it is not enabled; empty when enabled or when nobody said why

	// CredentialState is what is known of the owner's portal login; empty when none is stored.
	CredentialState CredentialState

	LastRunAt           *time.Time // end of the newest finished run, UTC
	ConsecutiveFailures int

	// Revision grows with every change that Temporal must learn of; AppliedRevision is the newest one that it has.
	Revision        int64
	AppliedRevision int64

	CreatedAt time.Time
	UpdatedAt time.Time
}

// FailuresUntilFailed is the number of failures in a row after which a schedule's status is StatusFailed.
const FailuresUntilFailed = 5

// Status is a schedule's state in one word, as the old clients read it.
type Status string

// The states.
const (
	StatusActive Status = "active"
	StatusPaused Status = "paused"
	StatusFailed Status = "failed"
)

// Status follows from the failures first, then from whether it is enabled (the old contract's order).
func (s Schedule) Status() Status {
	switch {
	case s.ConsecutiveFailures >= FailuresUntilFailed:
		return StatusFailed
	case s.Enabled:
		return StatusActive
	default:
		return StatusPaused
	}
}

// Synced tells whether Temporal has the newest revision.
func (s Schedule) Synced() bool { return s.AppliedRevision >= s.Revision }

// NextRun is the first slot after now, nil while paused.
func (s Schedule) NextRun(now time.Time) *time.Time {
	if !s.Enabled {
		return nil
	}
	for slot := range s.Timing.Slots(now.Add(time.Nanosecond)) {
		return &slot
	}
	return nil
}

// Validate refuses a schedule that breaks a rule; the job type and its settings are checked by package jobs. smallest is the shortest interval that the installation allows.
func (s Schedule) Validate(smallest time.Duration) error {
	if strings.TrimSpace(s.Name) == "" || len(s.Name) > 100 {
		return Invalid("name", "The name must have 1 to 100 characters.")
	}
	return s.Timing.Validate(smallest)
}

// SpreadOffset chooses a schedule's offset from a stable hash, so that schedules of equal interval do not all start in
// the same second. It always leaves at least one slot inside the active hours.
func SpreadOffset(key string, timing Timing) time.Duration {
	room := min(timing.Interval, timing.window())
	seconds := uint64(room / time.Second)
	if seconds == 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // never fails, by its contract
	return time.Duration(h.Sum64()%seconds) * time.Second
}
