package schedules

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Accounts is what the store tells of slots and keeps of what was done about them.
type Accounts interface {
	ScheduleVersions(ctx context.Context, id scrape.ScheduleID, from, to time.Time) ([]scrape.ScheduleVersion, error)
	LedgerRuns(ctx context.Context, id scrape.ScheduleID, from, to time.Time, limit int) ([]scrape.Run, error)
	ClaimProbe(ctx context.Context, schedule scrape.Schedule, now time.Time) (bool, error)
	ClaimHealing(ctx context.Context, id scrape.ScheduleID, slot, now time.Time) (bool, error)
}

const (
	// slotsAround is how far the ledger reaches to both sides when nobody said.
	slotsAround = 24 * time.Hour
	longestLook = 31 * 24 * time.Hour
	mostSlots   = 5000
	// mostLedgerRuns bounds the rows behind an answer: slots, as many runs that people asked for, and then some.
	mostLedgerRuns = 4 * mostSlots
)

// Ledger is a schedule with its accounts for a time.
type Ledger struct {
	Schedule scrape.Schedule
	From, To time.Time // UTC; From included, To excluded
	Entries  []scrape.SlotEntry
}

// Slots accounts for every slot of a user's schedule in a time; zero times stand for the last and the next 24 hours. It is invalid to ask for
// more than 31 days or 5,000 slots.
func (s *Service) Slots(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, from, to time.Time) (Ledger, error) {
	now := s.now().UTC()
	if from.IsZero() {
		from = now.Add(-slotsAround)
	}
	if to.IsZero() {
		to = now.Add(slotsAround)
	}
	if !to.After(from) {
		return Ledger{}, scrape.Invalid("to", "to must be later than from.")
	}
	if to.Sub(from) > longestLook {
		return Ledger{}, scrape.Invalid("to", "Ask for at most 31 days at a time.")
	}
	schedule, err := s.store.UserSchedule(ctx, user, id)
	if err != nil {
		return Ledger{}, err
	}
	versions, err := s.store.ScheduleVersions(ctx, id, from, to)
	if err != nil {
		return Ledger{}, err
	}
	if scrape.CountSlots(versions, from, to, mostSlots) > mostSlots {
		return Ledger{}, scrape.Invalid("to", "There are more than 5,000 slots in that time. Ask for a shorter one.")
	}
	runs, err := s.store.LedgerRuns(ctx, id, from, to, mostLedgerRuns)
	if err != nil {
		return Ledger{}, err
	}
	entries := scrape.Ledger(versions, runs, from, to, now)
	return Ledger{Schedule: schedule, From: from.UTC(), To: to.UTC(), Entries: entries}, nil
}
