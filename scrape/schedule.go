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

	MaxAge time.Duration // how old its data may be; 0 when nobody said

	Enabled     bool
	PauseReason string // why it is not enabled; empty when enabled or when nobody said why

	// SuspendedAt is when failures in a row paused it by itself; nil while it is not. It then probes the portal with single runs until one
	// succeeds. It does not touch Enabled, which is the owner's word.
	SuspendedAt *time.Time
	ProbeAt     *time.Time // when the next probe is due; nil while not suspended
	Probes      int        // probes so far

	// CredentialState is what is known of the owner's portal login; empty when none is stored.
	CredentialState CredentialState

	// AccountedAt is up to when its slots are known to be accounted for: its newest scheduled run or slot with a reason, the end of its newest
	// run, its newest change. While a run is going it lies in the future. See OverdueSlot.
	AccountedAt time.Time

	LastRunAt           *time.Time // end of the newest finished run, UTC
	DataAt              *time.Time // end of the newest run that stored data, UTC; nil before the first
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

// Firing tells whether its slots run: enabled by its owner, and not suspended after failures.
func (s Schedule) Firing() bool { return s.Enabled && s.SuspendedAt == nil }

// NextRun is the first slot after now, the next probe while suspended, nil while paused.
func (s Schedule) NextRun(now time.Time) *time.Time {
	if !s.Enabled {
		return nil
	}
	if s.SuspendedAt != nil {
		return s.ProbeAt
	}
	for slot := range s.Timing.Slots(now.Add(time.Nanosecond)) {
		return &slot
	}
	return nil
}

// Validate refuses a schedule that breaks a rule; the job type and its settings are checked by package jobs. smallest is the shortest interval that the installation allows.
func (s Schedule) Validate(smallest time.Duration, now time.Time) error {
	if strings.TrimSpace(s.Name) == "" || len(s.Name) > 100 {
		return Invalid("name", "The name must have 1 to 100 characters.")
	}
	if s.MaxAge < 0 || s.MaxAge > 366*24*time.Hour {
		return Invalid("max_age_hours", "max_age_hours must be from 0 to 8784; leave it out (or null) for none.")
	}
	return s.Timing.Validate(smallest, now)
}

// SpreadOffset chooses a schedule's offset from a stable hash, so that schedules of equal interval do not all start in
// the same second. It always leaves at least one slot inside the active hours.
func SpreadOffset(key string, timing Timing) time.Duration {
	room := timing.window()
	switch {
	case len(timing.Cron) > 0: // the minute is what was asked for
		room = time.Minute
	case timing.Interval < room:
		room = timing.Interval
	}
	seconds := uint64(room / time.Second)
	if seconds == 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // never fails, by its contract
	return time.Duration(h.Sum64()%seconds) * time.Second
}
