package schedules

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

const (
	// pageSize is how many rows and list entries are read at a time.
	pageSize = 500
	// listedCalendars is how many calendars of a spec Temporal's list shows at most; of longer specs the description tells the whole.
	listedCalendars = 10
	// defaultCloseLooks is how many schedules a round looks at closely although the list shows nothing wrong: the list has no policies and no
	// input. They take turns, so that up to four times as many are all seen within a minute of default rounds.
	defaultCloseLooks = 50
)

// ReconcileSchedules compares every row with Temporal's schedule and repairs what differs. Temporal's list may lag, so that it only
// raises a suspicion; what is done about it is decided from the row and from a description of that one schedule.
func (s *Service) ReconcileSchedules(ctx context.Context) (activities.ScheduleRepairs, error) {
	var repairs activities.ScheduleRepairs
	listed, err := s.listTemporal(ctx)
	if err != nil {
		return repairs, err
	}
	s.watch.begin(s.now())
	turn := s.watch.turn(s.closeLooks)
	var after scrape.ScheduleID
	for {
		rows, err := s.store.SchedulesPage(ctx, after, pageSize)
		if err != nil {
			return repairs, fmt.Errorf("read schedules: %w", err)
		}
		for _, row := range rows {
			after = row.ID
			repairs.Checked++
			entry, there := listed[row.ID]
			delete(listed, row.ID)
			s.reconcile(ctx, row, entry, there, turn.takes(row.ID), &repairs)
			s.lookAfter(ctx, row, &repairs)
		}
		if len(rows) < pageSize {
			break
		}
	}
	s.watch.took(turn)
	for id := range listed { // what is left has no row, or got one while we were reading: push decides by the row
		if _, err := s.store.Schedule(ctx, id); scrape.KindOf(err) != scrape.KindNotFound {
			continue
		}
		s.count(ctx, id, "extra schedule removed", &repairs.Extra, &repairs, s.push(ctx, id))
	}
	return repairs, nil
}

// reconcile repairs one schedule and counts what it did. closely tells whether it is the schedule's turn although the list shows nothing wrong.
func (s *Service) reconcile(
	ctx context.Context, row scrape.Schedule, entry *client.ScheduleListEntry, there, closely bool, repairs *activities.ScheduleRepairs,
) {
	switch {
	case !there && row.Synced():
		// Schedules that were just made may not be listed yet.
		if _, err := s.describe(ctx, row.ID); isNotFound(err) {
			s.count(ctx, row.ID, "missing schedule put back", &repairs.Missing, repairs, s.putBack(ctx, row))
		} else if err != nil {
			s.count(ctx, row.ID, "", nil, repairs, err)
		}
	case !there || !row.Synced():
		s.count(ctx, row.ID, "pending change applied", &repairs.Differing, repairs, s.push(ctx, row.ID))
	case closely || !s.looksSame(entry, row):
		s.repairDifference(ctx, row, repairs)
	}
}

// looksSame compares a row with the list's short form of the Temporal Schedule.
func (s *Service) looksSame(entry *client.ScheduleListEntry, row scrape.Schedule) bool {
	want := specFor(row.Timing, s.now())
	if len(want.Calendars) > listedCalendars {
		want.Calendars = want.Calendars[:listedCalendars]
	}
	return entry.Paused == !row.Firing() && entry.Spec != nil && sameSpec(*entry.Spec, want)
}

// repairDifference looks closely at a schedule: a pause or unpause in Temporal is an operator's word and is mirrored to the row, anything else
// that differs is put right.
func (s *Service) repairDifference(ctx context.Context, row scrape.Schedule, repairs *activities.ScheduleRepairs) {
	description, err := s.describe(ctx, row.ID)
	if err != nil {
		s.count(ctx, row.ID, "", nil, repairs, err)
		return
	}
	now, err := s.store.Schedule(ctx, row.ID)
	if err != nil || now.Revision != row.Revision { // changed while we looked: the next round sees the result
		return
	}
	if what := differs(description.Schedule, optionsFor(row, s.now())); what != "" {
		s.count(ctx, row.ID, "changed "+what+" put right", &repairs.Differing, repairs, s.push(ctx, row.ID))
		return
	}
	if state := description.Schedule.State; state.Paused == row.Firing() {
		changed, err := s.store.SetPausedOutside(ctx, row.ID, row.Revision, !state.Paused, pauseReason(state), s.watch.seenBefore(s.now()))
		if err != nil || changed {
			s.count(ctx, row.ID, "pause in temporal mirrored", &repairs.Mirrored, repairs, err)
		}
	}
}

func pauseReason(state *client.ScheduleState) string {
	if !state.Paused {
		return ""
	}
	if state.Note == "" {
		return "Paused in Temporal."
	}
	return state.Note
}

func (s *Service) describe(ctx context.Context, id scrape.ScheduleID) (*client.ScheduleDescription, error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return s.client.ScheduleClient().GetHandle(ctx, workflows.TemporalScheduleID(id)).Describe(ctx)
}

// count notes one repair, or that it did not work and is left for the next round.
func (s *Service) count(ctx context.Context, id scrape.ScheduleID, what string, done *int, repairs *activities.ScheduleRepairs, err error) {
	if err != nil {
		repairs.Failed++
		s.log.WarnContext(ctx, "schedule not repaired", "schedule_id", id, "error", err)
		return
	}
	*done++
	s.log.InfoContext(ctx, "schedule repaired", "schedule_id", id, "repair", what)
}

// listTemporal is Temporal's list of our schedules.
func (s *Service) listTemporal(ctx context.Context) (map[scrape.ScheduleID]*client.ScheduleListEntry, error) {
	entries, err := s.client.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: pageSize})
	if err != nil {
		return nil, fmt.Errorf("list temporal schedules: %w", err)
	}
	listed := map[scrape.ScheduleID]*client.ScheduleListEntry{}
	for entries.HasNext() {
		entry, err := entries.Next()
		if err != nil {
			return nil, fmt.Errorf("list temporal schedules: %w", err)
		}
		if id, ours := workflows.ParseTemporalScheduleID(entry.ID); ours {
			listed[id] = entry
		}
	}
	return listed, nil
}
