package schedules

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/scrape"
)

// shelf is a store in memory. What these tests do not call is not there.
type shelf struct {
	Store
	mu      sync.Mutex
	rows    map[scrape.ScheduleID]scrape.Schedule
	running map[scrape.ScheduleID]scrape.RunID
	writes  int
	refuse  map[scrape.ScheduleID]error // what a change of a schedule answers
	since   map[scrape.ScheduleID]time.Time
}

func (s *shelf) NotFiringSince(_ context.Context, id scrape.ScheduleID) (*time.Time, error) {
	if at, ok := s.since[id]; ok {
		return &at, nil
	}
	return nil, nil
}

func (s *shelf) CreateSchedule(_ context.Context, schedule scrape.Schedule) (scrape.Schedule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	schedule.ID, schedule.Revision = scrape.ScheduleID(len(s.rows)+100), 1
	s.rows[schedule.ID] = schedule
	return schedule, nil
}

func (s *shelf) Schedule(_ context.Context, id scrape.ScheduleID) (scrape.Schedule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	schedule, there := s.rows[id]
	if !there {
		return schedule, scrape.Errorf(scrape.KindNotFound, "Schedule not found")
	}
	return schedule, nil
}

func (s *shelf) UserSchedules(ctx context.Context, user scrape.UserID) ([]scrape.Schedule, error) {
	return s.ScheduleList(ctx, user, scrape.ScheduleFilter{})
}

func (s *shelf) ScheduleList(_ context.Context, user scrape.UserID, filter scrape.ScheduleFilter) ([]scrape.Schedule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own []scrape.Schedule
	for _, schedule := range s.rows {
		if schedule.UserID == user && (filter.Status == "" || filter.Status == schedule.Status()) && strings.Contains(schedule.Name, filter.Query) {
			own = append(own, schedule)
		}
	}
	slices.SortFunc(own, func(a, b scrape.Schedule) int { return int(a.ID - b.ID) })
	return own, nil
}

func (s *shelf) UpdateSchedule(
	_ context.Context, user scrape.UserID, id scrape.ScheduleID, change func(*scrape.Schedule) error,
) (scrape.Schedule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	schedule, there := s.rows[id]
	if err := s.refuse[id]; err != nil {
		return schedule, err
	}
	if !there || schedule.UserID != user {
		return schedule, scrape.Errorf(scrape.KindNotFound, "Schedule not found")
	}
	before := schedule
	if err := change(&schedule); err != nil {
		return before, err
	}
	if fmt.Sprint(before) != fmt.Sprint(schedule) {
		s.writes++
		schedule.Revision++
	}
	s.rows[id] = schedule
	return schedule, nil
}

func (s *shelf) DeleteSchedule(_ context.Context, user scrape.UserID, id scrape.ScheduleID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuse[id]; err != nil {
		return err
	}
	if s.rows[id].UserID != user {
		return scrape.Errorf(scrape.KindNotFound, "Schedule not found")
	}
	s.writes++
	delete(s.rows, id)
	return nil
}

func (s *shelf) MarkPending(_ context.Context, id scrape.ScheduleID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	schedule := s.rows[id]
	schedule.AppliedRevision = 0
	s.rows[id] = schedule
	return nil
}

func (s *shelf) MarkApplied(_ context.Context, id scrape.ScheduleID, revision int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	schedule := s.rows[id]
	schedule.AppliedRevision = revision
	s.rows[id] = schedule
	return nil
}

func (s *shelf) WithScheduleLock(ctx context.Context, _ scrape.ScheduleID, fn func(context.Context) error) error {
	return fn(ctx)
}

func (s *shelf) RunningRuns(context.Context, scrape.UserID) (map[scrape.ScheduleID]scrape.RunID, error) {
	return s.running, nil
}

// engine is Temporal: it counts what is asked of it, and how much at a time.
type engine struct {
	client.Client
	away                  atomic.Bool
	asked, now, mostAtOne atomic.Int64
}

func (e *engine) ask() error {
	e.asked.Add(1)
	now := e.now.Add(1)
	defer e.now.Add(-1)
	for most := e.mostAtOne.Load(); now > most && !e.mostAtOne.CompareAndSwap(most, now); most = e.mostAtOne.Load() {
	}
	if e.away.Load() {
		return serviceerror.NewUnavailable("gone")
	}
	time.Sleep(time.Millisecond)
	return nil
}

func (e *engine) ScheduleClient() client.ScheduleClient { return plans{engine: e} }

// plans are the engine's schedules. What these tests do not call is not there.
type plans struct {
	client.ScheduleClient
	engine *engine
}

func (p plans) GetHandle(context.Context, string) client.ScheduleHandle {
	return handle{engine: p.engine}
}

func (p plans) Create(context.Context, client.ScheduleOptions) (client.ScheduleHandle, error) {
	return nil, p.engine.ask()
}

type handle struct {
	client.ScheduleHandle
	engine *engine
}

func (h handle) Update(context.Context, client.ScheduleUpdateOptions) error { return h.engine.ask() }

func (h handle) Delete(context.Context) error { return h.engine.ask() }

// starts are the runs that were started.
type starts struct {
	mu     sync.Mutex
	asked  []scrape.RunRequest
	refuse map[scrape.ScheduleID]error
}

func (r *starts) Start(_ context.Context, schedule scrape.Schedule, ask scrape.RunRequest) (scrape.Run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, ask)
	return scrape.Run{ID: 900 + scrape.RunID(schedule.ID), ScheduleID: schedule.ID}, r.refuse[schedule.ID]
}

var january = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

type desk struct {
	*Service
	shelf  *shelf
	engine *engine
	starts *starts
	bulk   Bulk
}

// newDesk is a service on fakes with these schedules of the user u.
func newDesk(schedules ...scrape.Schedule) desk {
	d := desk{
		shelf:  &shelf{rows: map[scrape.ScheduleID]scrape.Schedule{}, refuse: map[scrape.ScheduleID]error{}},
		engine: &engine{}, starts: &starts{refuse: map[scrape.ScheduleID]error{}},
	}
	for _, s := range schedules {
		if s.UserID == "" {
			s.UserID = "u"
		}
		s.Revision, s.AppliedRevision = 1, 1
		d.shelf.rows[s.ID] = s
	}
	d.Service = New(d.shelf, d.starts, d.engine, 30*time.Minute, slog.New(slog.DiscardHandler))
	d.Service.now = func() time.Time { return january }
	d.bulk = Bulk{Schedules: d.Service, Store: d.shelf}
	return d
}

// hourly is an enabled schedule with a login that works.
func hourly(id scrape.ScheduleID, name string) scrape.Schedule {
	return scrape.Schedule{
		ID: id, UserID: "u", JobType: scrape.JobWorkOrders, Name: name, Enabled: true, CredentialState: scrape.CredentialOK,
		Timing: scrape.Timing{Interval: time.Hour, Timezone: "UTC", DST: scrape.DSTTwice, CatchUp: scrape.CatchUpLast},
	}
}

// several are one schedule in each state, and one of somebody else.
func several() []scrape.Schedule {
	active, paused, suspended, failing, theirs := hourly(1, "active"), hourly(2, "paused"), hourly(3, "suspended"), hourly(4, "refused"), hourly(5, "theirs")
	paused.Enabled, paused.PauseReason = false, "holiday"
	at := january
	suspended.SuspendedAt, suspended.ProbeAt, suspended.Probes, suspended.ConsecutiveFailures = &at, &at, 2, 6
	failing.CredentialState = scrape.CredentialRejected
	theirs.UserID = "v"
	return []scrape.Schedule{active, paused, suspended, failing, theirs}
}

func words(items []BulkItem) []string {
	out := []string{}
	for _, item := range items {
		text := fmt.Sprintf("%d %s", item.ID, item.Result)
		if item.Message != "" {
			text += ": " + item.Message
		}
		if item.RunID > 0 {
			text += fmt.Sprintf(" [%d]", item.RunID)
		}
		out = append(out, text)
	}
	return out
}

func TestBulkDoesWhatItsDryRunSays(t *testing.T) {
	t.Parallel()
	ids := []scrape.ScheduleID{2, 1, 3, 4, 5, 1, 77}
	cases := map[Action][]string{
		ActionPause:  {"2 unchanged: It is paused already.", "1 done", "3 done", "4 done", "5 failed: Schedule not found", "77 failed: Schedule not found"},
		ActionResume: {"2 done", "1 unchanged: It is active already.", "3 done", "4 unchanged: It is active already.", "5 failed: Schedule not found", "77 failed: Schedule not found"},
		ActionDelete: {"2 done", "1 done", "3 done", "4 done", "5 failed: Schedule not found", "77 failed: Schedule not found"},
		ActionRun: {
			"2 done", "1 unchanged: A run of it is going already. [501]", "3 done",
			"4 failed: WorkFossa does not accept the stored credentials, or there are none. Sign in again first.",
			"5 failed: Schedule not found", "77 failed: Schedule not found",
		},
	}
	for action, want := range cases {
		t.Run(string(action), func(t *testing.T) {
			t.Parallel()
			d := newDesk(several()...)
			d.shelf.running = map[scrape.ScheduleID]scrape.RunID{1: 501}
			ask := BulkRequest{Action: action, IDs: ids, DryRun: true, Reason: " the portal is rebuilt "}
			dry, err := d.bulk.Do(t.Context(), "u", ask)
			require.NoError(t, err)
			require.Equal(t, want, words(dry))
			require.Zero(t, d.shelf.writes+int(d.engine.asked.Load())+len(d.starts.asked), "a dry run touches nothing")

			ask.DryRun = false
			done, err := d.bulk.Do(t.Context(), "u", ask)
			require.NoError(t, err)
			for i := range done {
				if action == ActionRun && done[i].Result == ResultDone {
					require.Equal(t, 900+scrape.RunID(done[i].ID), done[i].RunID)
					done[i].RunID = 0
				}
			}
			require.Equal(t, want, words(done))
			require.Contains(t, d.shelf.rows, scrape.ScheduleID(5), "somebody else's")
			require.Equal(t, hourly(5, "").Enabled, d.shelf.rows[5].Enabled)

			ask.DryRun = true
			again, err := d.bulk.Do(t.Context(), "u", ask)
			require.NoError(t, err)
			for i, item := range again {
				if action != ActionRun {
					require.NotEqual(t, ResultDone, item.Result, "there is nothing left to do: %s", words(again)[i])
				}
			}
		})
	}
}

func TestBulkPauseAndResume(t *testing.T) {
	t.Parallel()
	d := newDesk(several()...)
	_, err := d.bulk.Do(t.Context(), "u", BulkRequest{Action: ActionPause, Filter: &scrape.ScheduleFilter{}, Reason: " rebuilt "})
	require.NoError(t, err)
	require.Equal(t, "rebuilt", d.shelf.rows[1].PauseReason)
	require.Equal(t, "holiday", d.shelf.rows[2].PauseReason, "one that was paused keeps its reason")
	require.Nil(t, d.shelf.rows[3].SuspendedAt)
	require.True(t, d.shelf.rows[1].Synced())
	items, err := d.bulk.Do(t.Context(), "u", BulkRequest{Action: ActionResume, Filter: &scrape.ScheduleFilter{Query: "a", Status: scrape.StatusPaused}})
	require.NoError(t, err)
	require.Equal(t, []string{"1 done", "2 done"}, words(items)[:2])
	require.True(t, d.shelf.rows[1].Firing())
	require.Empty(t, d.shelf.rows[2].PauseReason)
	require.Zero(t, d.shelf.rows[3].ConsecutiveFailures)
}

func TestBulkResumeMakesUpForMissedSlots(t *testing.T) {
	t.Parallel()
	paused := func(id scrape.ScheduleID, name string) scrape.Schedule {
		s := hourly(id, name)
		s.Enabled = false
		return s
	}
	const says = "One run makes up for the slots that have passed."
	for _, missed := range []Missed{"", MissedNone, MissedLast, MissedAll} {
		d := newDesk(paused(1, "long"), paused(2, "short"), hourly(3, "active"), paused(4, "going"), paused(5, "refused"), paused(6, "unsaved"))
		long := january.Add(-3 * time.Hour)
		d.shelf.since = map[scrape.ScheduleID]time.Time{1: long, 2: january.Add(time.Second), 3: long, 4: long, 5: long, 6: long}
		d.starts.refuse[4] = scrape.Errorf(scrape.KindConflict, "busy").Because(&scrape.RunningError{RunID: 7})
		d.starts.refuse[5] = scrape.Errorf(scrape.KindInternal, "It broke.")
		d.shelf.refuse[6] = scrape.Errorf(scrape.KindUnavailable, "The database is away.")
		ask := BulkRequest{Action: ActionResume, Filter: &scrape.ScheduleFilter{}, Missed: missed, DryRun: true}
		dry, err := d.bulk.Do(t.Context(), "u", ask)
		require.NoError(t, err)
		ask.DryRun = false
		done, err := d.bulk.Do(t.Context(), "u", ask)
		require.NoError(t, err)
		if missed == "" || missed == MissedNone {
			require.Equal(t, "1 done", words(dry)[0])
			require.Empty(t, d.starts.asked, missed)
			continue
		}
		require.Equal(t, []string{
			"1 done: " + says, "2 done", "3 unchanged: It is active already.", "4 done: " + says, "5 done: " + says, "6 done: " + says,
		}, words(dry))
		require.Equal(t, []string{
			"1 done: " + says + " [901]", "2 done", "3 unchanged: It is active already.", "4 done: A run of it is going already. [7]",
			"5 done: It has resumed, but the run for the slots that have passed did not start: It broke.", "6 failed: The database is away.",
		}, words(done))
		require.Len(t, d.starts.asked, 3)
		require.Equal(t, scrape.RunRequest{Trigger: scrape.TriggerScheduled}, d.starts.asked[0])
	}
}

// One that fails keeps no other, and what happened between the look and the deed is told as it is.
func TestBulkIsNeverAllOrNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(hourly(1, "a"), hourly(2, "b"), hourly(3, "c"))
	d.shelf.refuse[2] = scrape.Errorf(scrape.KindUnavailable, "The database is away.")
	d.starts.refuse[3] = scrape.Errorf(scrape.KindConflict, "busy").Because(&scrape.RunningError{RunID: 7})
	items, err := d.bulk.Do(t.Context(), "u", BulkRequest{Action: ActionPause, IDs: []scrape.ScheduleID{1, 2, 3}})
	require.NoError(t, err)
	require.Equal(t, []string{"1 done", "2 failed: The database is away.", "3 done"}, words(items))
	items, err = d.bulk.Do(t.Context(), "u", BulkRequest{Action: ActionRun, IDs: []scrape.ScheduleID{1, 3}})
	require.NoError(t, err)
	require.Equal(t, []string{"1 done [901]", "3 unchanged: A run of it is going already. [7]"}, words(items))
	require.Equal(t, scrape.RunRequest{Trigger: scrape.TriggerManual, By: "u"}, d.starts.asked[0])
}

func TestBulkAsksTemporalAFewAtATime(t *testing.T) {
	t.Parallel()
	var many []scrape.Schedule
	for i := range mostAtOnce {
		many = append(many, hourly(scrape.ScheduleID(i+1), fmt.Sprint(i)))
	}
	d := newDesk(many...)
	items, err := d.bulk.Do(t.Context(), "u", BulkRequest{Action: ActionPause, Filter: &scrape.ScheduleFilter{}})
	require.NoError(t, err)
	require.Len(t, items, mostAtOnce)
	require.EqualValues(t, mostAtOnce, d.engine.asked.Load())
	require.LessOrEqual(t, d.engine.mostAtOne.Load(), int64(sideBySide))

	d.engine.away.Store(true)
	d.engine.asked.Store(0)
	items, err = d.bulk.Do(t.Context(), "u", BulkRequest{Action: ActionResume, Filter: &scrape.ScheduleFilter{}})
	require.NoError(t, err)
	require.LessOrEqual(t, d.engine.asked.Load(), int64(sideBySide), "nobody waits a thousand times for a server that is away")
	for i, item := range items {
		require.Equal(t, ResultDone, item.Result)
		require.Equal(t, appliedLater, item.Message)
		require.True(t, d.shelf.rows[many[i].ID].Enabled)
	}

	one := hourly(5000, "one more")
	d.shelf.rows[one.ID] = one
	_, err = d.bulk.Do(t.Context(), "u", BulkRequest{Action: ActionPause, Filter: &scrape.ScheduleFilter{}})
	require.EqualError(t, err, "These are 1001 schedules. At most 1000 can be changed at once; narrow them down.")
}

func TestBulkRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(several()...)
	for message, ask := range map[string]BulkRequest{
		"action must be pause, resume, run or delete.":                                                 {Action: "stop", IDs: []scrape.ScheduleID{1}},
		"Say which schedules: either their ids, or a filter. An empty filter stands for all of yours.": {Action: ActionPause},
		"There is no schedule type \"coffee\". Use one of: dispensers, filters, work_orders.":          {Action: ActionPause, Filter: &scrape.ScheduleFilter{JobType: "coffee"}},
		"status must be active, paused, failed, held or overdue.":                                      {Action: ActionPause, Filter: &scrape.ScheduleFilter{Status: "x"}},
		"These are 1001 schedules. At most 1000 can be changed at once; narrow them down.":             {Action: ActionPause, IDs: make([]scrape.ScheduleID, 1001)},
		"reason must have at most 500 characters.":                                                     {Action: ActionPause, IDs: []scrape.ScheduleID{1}, Reason: strings.Repeat("x", 501)},
		"missed must be none, last or all.":                                                            {Action: ActionResume, IDs: []scrape.ScheduleID{1}, Missed: "some"},
	} {
		_, err := d.bulk.Do(t.Context(), "u", ask)
		require.Equal(t, message, scrape.MessageOf(err))
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
	}
	_, err := d.bulk.Do(t.Context(), "u", BulkRequest{Action: ActionPause, IDs: []scrape.ScheduleID{1}, Filter: &scrape.ScheduleFilter{}})
	require.Error(t, err)
	require.Zero(t, d.shelf.writes)
}
