package schedules

import (
	"context"
	"fmt"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// DefaultOverdueAfter is by how much a slot may have passed without a trace before its schedule is overdue.
const DefaultOverdueAfter = 2 * time.Minute

// watchMemory is what one process remembers of its earlier rounds.
type watchMemory struct {
	mu       sync.Mutex
	overdue  map[scrape.ScheduleID]time.Time // the slot that was overdue in the last round
	failures map[scrape.ScheduleID]int
	looked   scrape.ScheduleID // the last one that was looked at closely
	round    time.Time         // when this round began
	previous time.Time         // and the one before
}

// begin notes that a round begins.
func (m *watchMemory) begin(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.previous, m.round = m.round, now
}

// longestRound bounds how far back a difference that a round finds may have come into being: another process may have done the rounds in between.
const longestRound = time.Minute

// seenBefore is when everything was last looked at before this round.
func (m *watchMemory) seenBefore(now time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if oldest := now.Add(-longestRound); m.previous.Before(oldest) {
		return oldest.UTC()
	}
	return m.previous.UTC()
}

// closeTurn is whose turn it is, in one round, to be looked at closely: those behind from, as many as are left.
type closeTurn struct {
	from, last scrape.ScheduleID
	left       int
}

func (t *closeTurn) takes(id scrape.ScheduleID) bool {
	if id <= t.from || t.left == 0 {
		return false
	}
	t.left--
	t.last = id
	return true
}

// turn begins a round's turn, of so many, behind where the last one ended.
func (m *watchMemory) turn(most int) *closeTurn {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &closeTurn{from: m.looked, left: most}
}

// took notes where a turn has ended; one that came to the end of all schedules makes the next one begin at the first.
func (m *watchMemory) took(t *closeTurn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.looked = t.last; t.left > 0 {
		m.looked = 0
	}
}

// again notes the overdue slot of a schedule and tells whether the round before saw the same one.
func (m *watchMemory) again(id scrape.ScheduleID, slot time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.overdue == nil {
		m.overdue = map[scrape.ScheduleID]time.Time{}
	}
	before, there := m.overdue[id]
	m.overdue[id] = slot
	return there && before.Equal(slot)
}

func (m *watchMemory) inTime(id scrape.ScheduleID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.overdue, id)
}

// worse notes a schedule's failures in a row and tells whether there are more than before.
func (m *watchMemory) worse(id scrape.ScheduleID, failures int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failures == nil {
		m.failures = map[scrape.ScheduleID]int{}
	}
	before := m.failures[id]
	if failures == 0 {
		delete(m.failures, id)
	} else {
		m.failures[id] = failures
	}
	return failures > before
}

func (s *Service) overdueAfter() time.Duration {
	if s.OverdueAfter > 0 {
		return s.OverdueAfter
	}
	return DefaultOverdueAfter
}

// watchSlots counts a schedule whose slot has passed without a trace, and heals it when two rounds have seen that: after an outage, what is
// late may be on its way when the first one looks.
func (s *Service) watchSlots(ctx context.Context, row scrape.Schedule, repairs *activities.ScheduleRepairs) {
	slot, overdue := row.OverdueSlot(s.now(), s.overdueAfter())
	if !overdue {
		s.watch.inTime(row.ID)
		return
	}
	repairs.Overdue++
	if !s.watch.again(row.ID, slot) || !row.Synced() {
		return
	}
	healed, err := s.heal(ctx, row, slot)
	if err != nil || healed {
		s.count(ctx, row.ID, "overdue schedule made anew", &repairs.Healed, repairs, err)
	}
}

// heal makes the Temporal Schedule of an overdue schedule anew and runs what was missed: Temporal is known to stop a schedule without a word while
// it announces the next run. false: there is nothing to heal, or another worker does.
func (s *Service) heal(ctx context.Context, row scrape.Schedule, slot time.Time) (bool, error) {
	fired, alive, err := s.fired(ctx, row.ID, slot)
	if err != nil || alive { // its run waits for a worker, and gets its row in this round
		return false, err
	}
	now := s.now().UTC()
	if claimed, err := s.store.ClaimHealing(ctx, row.ID, slot, now); err != nil || !claimed {
		return false, err
	}
	s.log.WarnContext(ctx, "schedule is overdue", "schedule_id", row.ID, "slot", slot, "fired", fired)
	if fired { // the schedule works, its run came to nothing
		s.runMissed(ctx, row)
		return true, nil
	}
	return true, s.store.WithScheduleLock(ctx, row.ID, func(ctx context.Context) error { return s.remake(ctx, row, slot, now) })
}

// putBack gives Temporal a schedule that it has lost, with the slots that have passed meanwhile and are made up for.
func (s *Service) putBack(ctx context.Context, row scrape.Schedule) error {
	now := s.now().UTC()
	slot, owes := row.OverdueSlot(now, 0)
	if !owes {
		return s.push(ctx, row.ID)
	}
	if claimed, err := s.store.ClaimHealing(ctx, row.ID, slot, now); err != nil || !claimed {
		return err // another worker does it
	}
	return s.store.WithScheduleLock(ctx, row.ID, func(ctx context.Context) error { return s.remake(ctx, row, slot, now) })
}

// fired asks Temporal whether it has started a run for the slot or a later one, and whether that is alive.
func (s *Service) fired(ctx context.Context, id scrape.ScheduleID, slot time.Time) (fired, alive bool, err error) {
	description, err := s.describe(ctx, id)
	if isNotFound(err) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("describe overdue schedule: %w", err)
	}
	for _, action := range description.Info.RecentActions {
		if action.ScheduleTime.Before(slot) || action.StartWorkflowResult == nil {
			continue
		}
		fired = true
		started := action.StartWorkflowResult
		run, err := s.client.DescribeWorkflowExecution(ctx, started.WorkflowID, started.FirstExecutionRunID)
		if err == nil && run.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			alive = true
		}
	}
	return fired, alive, nil
}

// runMissed starts a run in place of one that came to nothing.
func (s *Service) runMissed(ctx context.Context, row scrape.Schedule) {
	if row.Timing.CatchUp == scrape.CatchUpNone {
		return
	}
	if _, err := s.runner.Start(ctx, row, scrape.RunRequest{Trigger: scrape.TriggerScheduled}); err != nil {
		s.log.InfoContext(ctx, "overdue run not started", "schedule_id", row.ID, "error", err)
	}
}

// remake deletes the Temporal Schedule and creates it again, with the slots that it owes.
func (s *Service) remake(ctx context.Context, row scrape.Schedule, slot, now time.Time) error {
	row, err := s.store.Schedule(ctx, row.ID)
	if err != nil || !row.Firing() { // deleted, paused or edited meanwhile: what was pushed then is what counts
		return err
	}
	handle := s.client.ScheduleClient().GetHandle(ctx, workflows.TemporalScheduleID(row.ID))
	if err := ignoreNotFound(handle.Delete(ctx)); err != nil {
		return fmt.Errorf("delete overdue schedule: %w", err)
	}
	options := optionsFor(row, now)
	options.ScheduleBackfill = owed(row.Timing, slot, now)
	if _, err := s.client.ScheduleClient().Create(ctx, options); ignoreExists(err) != nil {
		return fmt.Errorf("create overdue schedule: %w", err) // missing by then, so that the next round puts it back
	}
	return s.store.MarkApplied(ctx, row.ID, row.Revision)
}

// owed are the missed slots that still run: the last one or all of them, as far as they are inside the catch-up window.
func owed(timing scrape.Timing, first, now time.Time) []client.ScheduleBackfill {
	if timing.CatchUp == scrape.CatchUpNone {
		return nil
	}
	from := first
	if oldest := now.Add(-timing.CatchUpWindow()); from.Before(oldest) {
		from = oldest
	}
	var slots []time.Time
	for slot := range timing.Slots(from) {
		if slot.After(now) {
			break
		}
		slots = append(slots, slot)
	}
	if len(slots) == 0 {
		return nil
	}
	last := slots[len(slots)-1]
	if timing.CatchUp != scrape.CatchUpAll {
		slots = []time.Time{last}
	}
	// The start is excluded in some versions of the server and included in others.
	return []client.ScheduleBackfill{{Start: slots[0].Add(-time.Millisecond), End: last, Overlap: overlapFor(timing)}}
}
