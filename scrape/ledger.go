package scrape

import (
	"iter"
	"slices"
	"time"
)

// ScheduleVersion is what a schedule was from At on, until its next version.
type ScheduleVersion struct {
	At          time.Time // UTC
	Timing      Timing
	Enabled     bool
	PauseReason string
	Suspended   bool // paused by itself after failures in a row
}

// SlotState is what became of a slot, in one word.
type SlotState string

// The states. Those from SlotSkippedOverlap to SlotMissed are the reasons why a slot did not run.
const (
	SlotPlanned SlotState = "planned" // in the future
	SlotDue     SlotState = "due"     // younger than SlotGrace, and nothing is known of it yet
	SlotRunning SlotState = "running"
	SlotRan     SlotState = "ran"

	SlotSkippedOverlap  SlotState = "skipped_overlap"  // another run of the schedule was going
	SlotPaused          SlotState = "paused"           // by its owner, or by itself after failures
	SlotHeldCredentials SlotState = "held_credentials" // the portal had refused the login, or none was stored
	SlotBreakerOpen     SlotState = "breaker_open"     // the portal was left alone for a while
	SlotSkipDate        SlotState = "skip_date"        // its date is one of the skip dates
	SlotMissed          SlotState = "missed"           // nothing started it, as when the scheduler was away
)

// SlotStates lists every state, for the API's enum.
func SlotStates() []SlotState {
	return []SlotState{
		SlotPlanned, SlotDue, SlotRunning, SlotRan, SlotSkippedOverlap, SlotPaused, SlotHeldCredentials, SlotBreakerOpen, SlotSkipDate, SlotMissed,
	}
}

// IsReason tells whether the state is a reason for not running.
func (s SlotState) IsReason() bool {
	switch s {
	case SlotSkippedOverlap, SlotPaused, SlotHeldCredentials, SlotBreakerOpen, SlotSkipDate, SlotMissed:
		return true
	case SlotPlanned, SlotDue, SlotRunning, SlotRan:
		return false
	}
	return false
}

const (
	// SlotGrace is how old a slot must be before it counts as missed: its run may be on the way.
	SlotGrace = time.Minute
	// closing is how long after the end of its row a run may still be going in Temporal, where it is in the way of the next slot.
	closing = 2 * time.Second
)

// SlotEntry is one line of the ledger: a slot and what became of it.
type SlotEntry struct {
	At      time.Time // UTC
	State   SlotState
	Message string        // a sentence for people; empty when there is nothing to say
	Outcome Outcome       // of its run; empty while running and without a run
	RunID   RunID         // 0 without a row
	Lag     time.Duration // from the slot to the start of its run; 0 when nothing ran
	Extra   bool          // a scheduled run whose time is no slot: the first one of a schedule, a probe, one of an earlier timing
}

// Ledger accounts for every slot from from (included) to to (excluded): each one of the timing that held at its moment appears exactly
// once, ascending. Scheduled runs that belong to no slot are added as extra entries. versions are all of the schedule, ascending by time; runs are
// those that were due or going in that time, whatever their trigger, with slots that did not run.
func Ledger(versions []ScheduleVersion, runs []Run, from, to, now time.Time) []SlotEntry {
	book := newLedgerBook(runs, now)
	entries := []SlotEntry{}
	for slot := range dueTimes(versions, from, to) {
		entries = append(entries, book.entry(slot))
	}
	for _, run := range book.unclaimed(from, to) {
		entries = append(entries, extraEntry(run))
	}
	slices.SortStableFunc(entries, func(a, b SlotEntry) int { return a.At.Compare(b.At) })
	return entries
}

// CountSlots is the number of entries that Ledger would list for slots, counted up to most+1.
func CountSlots(versions []ScheduleVersion, from, to time.Time, most int) int {
	n := 0
	for range dueTimes(versions, from, to) {
		if n++; n > most {
			break
		}
	}
	return n
}

// dueTime is a slot with the version that held when it was due.
type dueTime struct {
	at      time.Time
	version *ScheduleVersion
	skipped bool // by a skip date
}

// dueTimes yields the slots of all versions, each in its own time, ascending.
func dueTimes(versions []ScheduleVersion, from, to time.Time) iter.Seq[dueTime] {
	return func(yield func(dueTime) bool) {
		for i := range versions {
			begin, end := laterOf(from, versions[i].At), to
			if i+1 < len(versions) {
				end = earlierOf(to, versions[i+1].At)
			}
			if !begin.Before(end) {
				continue
			}
			for due := range versions[i].slots(begin, end) {
				if !yield(due) {
					return
				}
			}
		}
	}
}

// neverSkipped is a date without slots worth asking for.
const neverSkipped = "0001-01-01"

// slots yields a version's slots, those that its skip dates take away too.
func (v *ScheduleVersion) slots(begin, end time.Time) iter.Seq[dueTime] {
	whole := v.Timing
	if len(whole.SkipDates) > 0 { // one is left in, since slots are counted from midnight where there are any
		whole.SkipDates = []string{neverSkipped}
	}
	return func(yield func(dueTime) bool) {
		kept, stop := iter.Pull(v.Timing.Slots(begin))
		defer stop()
		next, more := kept()
		for at := range whole.Slots(begin) {
			if !at.Before(end) {
				return
			}
			for more && next.Before(at) {
				next, more = kept()
			}
			if !yield(dueTime{at, v, !more || !next.Equal(at)}) {
				return
			}
		}
	}
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlierOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// ledgerBook is the runs of a schedule as the ledger looks them up.
type ledgerBook struct {
	now       time.Time
	byTime    map[int64]Run  // scheduled runs by their nominal time in nanoseconds; where there are several, the one that says most
	claimed   map[RunID]bool // runs that belong to a slot
	runs      []Run          // scheduled ones, in the order of their nominal times
	stretches []stretch      // when runs were going, ascending and without overlap
	began     []time.Time    // when runs began
}

// stretch is a time in which runs were going, both ends included.
type stretch struct{ from, to time.Time }

func newLedgerBook(runs []Run, now time.Time) *ledgerBook {
	book := &ledgerBook{now: now, byTime: map[int64]Run{}, claimed: map[RunID]bool{}}
	for _, run := range runs {
		if run.Outcome.Ran() {
			book.began = append(book.began, run.StartedAt)
		}
		if run.Trigger != TriggerScheduled {
			continue
		}
		book.runs = append(book.runs, run)
		at := run.NominalAt.UnixNano()
		if other, there := book.byTime[at]; !there || better(run, other) {
			book.byTime[at] = run
		}
	}
	slices.SortFunc(book.runs, func(a, b Run) int { return a.NominalAt.Compare(b.NominalAt) })
	book.stretches = stretchesOf(runs, now)
	return book
}

// better tells which of two rows of the same slot says what became of it: one that ran, else the first.
func better(a, b Run) bool {
	if a.Outcome.Ran() != b.Outcome.Ran() {
		return a.Outcome.Ran()
	}
	return a.ID < b.ID
}

// stretchesOf joins the times in which runs were going.
func stretchesOf(runs []Run, now time.Time) []stretch {
	var all []stretch
	for _, run := range runs {
		switch {
		case !run.Outcome.Ran():
		case run.Running():
			all = append(all, stretch{run.StartedAt, laterOf(now, run.StartedAt)})
		case run.OpenUntil != nil:
			all = append(all, stretch{run.StartedAt, laterOf(*run.OpenUntil, *run.CompletedAt).Add(closing)})
		default:
			all = append(all, stretch{run.StartedAt, run.CompletedAt.Add(closing)})
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return a.from.Compare(b.from) })
	var joined []stretch
	for _, s := range all {
		if last := len(joined) - 1; last >= 0 && !s.from.After(joined[last].to) {
			joined[last].to = laterOf(joined[last].to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// covered tells whether a run was going at that moment.
func (b *ledgerBook) covered(at time.Time) bool {
	_, covered := b.stretchAt(at)
	return covered
}

// stretchAt is the time around a moment in which runs were going.
func (b *ledgerBook) stretchAt(at time.Time) (stretch, bool) {
	n, found := slices.BinarySearchFunc(b.stretches, at, func(s stretch, at time.Time) int { return s.from.Compare(at) })
	switch {
	case found:
		return b.stretches[n], true
	case n > 0 && !at.After(b.stretches[n-1].to):
		return b.stretches[n-1], true
	default:
		return stretch{}, false
	}
}

// entry says what became of one slot.
func (b *ledgerBook) entry(due dueTime) SlotEntry {
	if run, there := b.byTime[due.at.UnixNano()]; there {
		b.claimed[run.ID] = true
		return entryOf(run)
	}
	entry := SlotEntry{At: due.at}
	entry.State, entry.Message = b.reason(due)
	return entry
}

// reason says why a slot has no row.
func (b *ledgerBook) reason(due dueTime) (SlotState, string) {
	v := due.version
	future := due.at.After(b.now)
	switch {
	case due.skipped:
		return SlotSkipDate, "Nothing runs on this date: it is one of the skip dates."
	case !v.Enabled && v.PauseReason != "":
		return SlotPaused, v.PauseReason
	case !v.Enabled:
		return SlotPaused, "Paused by its owner."
	case v.Suspended:
		return SlotPaused, "Paused after failures in a row. Single runs try whether it works again."
	case future:
		return SlotPlanned, ""
	case b.waits(due):
		return SlotDue, "It waits for the run that is going to end."
	case b.covered(due.at) && v.Timing.CatchUp != CatchUpAll: // slots of the others wait for the run to end
		return SlotSkippedOverlap, "Another run of this schedule was still going."
	case b.now.Sub(due.at) <= SlotGrace:
		return SlotDue, ""
	}
	return SlotMissed, "Nothing ran: the scheduler, or its worker, was not there when it was due."
}

// waits tells whether a slot without a row came while a run was going that has not ended, or ended a moment ago, and still has its turn. Where
// one may wait, it is the first one that came.
func (b *ledgerBook) waits(due dueTime) bool {
	timing := due.version.Timing
	if timing.CatchUp != CatchUpAll && timing.Overlap != OverlapBufferOne {
		return false
	}
	s, covered := b.stretchAt(due.at)
	if !covered || b.now.Sub(s.to) > SlotGrace {
		return false
	}
	if timing.CatchUp == CatchUpAll {
		return true
	}
	for first := range timing.Slots(laterOf(b.turn(s), due.version.At)) {
		return first.Equal(due.at)
	}
	return false
}

// turn is when the newest run of a stretch began: what came before has had its turn, or none.
func (b *ledgerBook) turn(s stretch) time.Time {
	turn := s.from
	for _, began := range b.began {
		if began.After(turn) && !began.After(s.to) {
			turn = began
		}
	}
	return turn.Add(time.Nanosecond)
}

// unclaimed lists the scheduled runs in this time that belong to no slot.
func (b *ledgerBook) unclaimed(from, to time.Time) []Run {
	var rest []Run
	for _, run := range b.runs {
		if !b.claimed[run.ID] && !run.NominalAt.Before(from) && run.NominalAt.Before(to) {
			rest = append(rest, run)
		}
	}
	return rest
}

// entryOf says what a row says.
func entryOf(run Run) SlotEntry {
	entry := SlotEntry{At: run.NominalAt.UTC(), State: SlotRan, Outcome: run.Outcome, RunID: run.ID, Message: run.ErrorMessage}
	switch {
	case run.Running():
		entry.State, entry.Lag = SlotRunning, run.StartedAt.Sub(run.NominalAt)
	case run.Outcome.Ran():
		entry.Lag = run.StartedAt.Sub(run.NominalAt)
	default: // outcomes of slots that did not run are the words of the ledger
		entry.State = SlotState(run.Outcome)
	}
	return entry
}

func extraEntry(run Run) SlotEntry {
	entry := entryOf(run)
	entry.Extra = true
	return entry
}
