package scrape

import "time"

// OverdueSlot is the first slot that has passed by more than grace without a trace: no run of any kind since, no pause, no edit. false when
// there is none. A schedule that is paused, by its owner or by itself, owes nothing.
func (s Schedule) OverdueSlot(now time.Time, grace time.Duration) (time.Time, bool) {
	limit := now.Add(-grace)
	if !s.Firing() || s.AccountedAt.IsZero() || !s.AccountedAt.Before(limit) {
		return time.Time{}, false
	}
	for slot := range s.Timing.Slots(s.AccountedAt.Add(time.Nanosecond)) {
		return slot, slot.Before(limit)
	}
	return time.Time{}, false
}
