package schedules

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// drill is a reconciler on a database and a Temporal namespace of its own. Nothing works on the task queues.
type drill struct {
	*Service
	store  *store.Store
	client client.Client
	runs   *asked
	user   scrape.UserID

	mu    sync.Mutex
	clock time.Duration // how far the clock is ahead
}

// asked notes the runs that were asked for.
type asked struct {
	mu   sync.Mutex
	runs []scrape.RunRequest
}

func (a *asked) Start(_ context.Context, schedule scrape.Schedule, ask scrape.RunRequest) (scrape.Run, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runs = append(a.runs, ask)
	return scrape.Run{ID: 1, ScheduleID: schedule.ID}, nil
}

func (a *asked) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.runs)
}

func newDrill(t *testing.T) *drill {
	t.Helper()
	url := testenv.Postgres(t, store.Migrate)
	stored, err := store.Open(t.Context(), url, store.Options{MaxConns: 4})
	require.NoError(t, err)
	t.Cleanup(stored.Close)
	d := &drill{store: stored, runs: &asked{}, user: scrape.UserIDFor("tech@example.com")}
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "INSERT INTO users (id, email) VALUES ($1, 'tech@example.com')", d.user)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	d.client, _ = dial(t)
	d.Service = New(stored, d.runs, d.client, time.Second, testenv.Logger(t))
	d.patience = time.Minute // a busy machine's pauses are no failed repairs
	d.now = func() time.Time {
		d.mu.Lock()
		defer d.mu.Unlock()
		return time.Now().Add(d.clock)
	}
	return d
}

func (d *drill) ahead(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock += by
}

// add stores an enabled schedule and pushes it, unless Temporal is to have lost it.
func (d *drill) add(t *testing.T, name string, timing scrape.Timing, lost bool) scrape.Schedule {
	t.Helper()
	schedule, err := d.store.CreateSchedule(t.Context(), scrape.Schedule{
		UserID: d.user, JobType: scrape.JobWorkOrders, Name: name, Enabled: true, Timing: timing,
	})
	require.NoError(t, err)
	if lost {
		require.NoError(t, d.store.MarkApplied(t.Context(), schedule.ID, schedule.Revision))
		return schedule
	}
	require.NoError(t, d.push(t.Context(), schedule.ID))
	return d.read(t, schedule.ID)
}

func (d *drill) read(t *testing.T, id scrape.ScheduleID) scrape.Schedule {
	t.Helper()
	schedule, err := d.store.Schedule(t.Context(), id)
	require.NoError(t, err)
	return schedule
}

func (d *drill) handle(t *testing.T, id scrape.ScheduleID) client.ScheduleHandle {
	t.Helper()
	return d.client.ScheduleClient().GetHandle(t.Context(), workflows.TemporalScheduleID(id))
}

// listed waits until Temporal's list, which lags, shows so many schedules.
func (d *drill) listed(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		listed, err := d.listTemporal(t.Context())
		return err == nil && len(listed) == n
	}, time.Minute, 50*time.Millisecond)
}

// rounds lets the reconciler work until the sum of what it did satisfies done.
func (d *drill) rounds(t *testing.T, done func(sum activities.ScheduleRepairs) bool) activities.ScheduleRepairs {
	t.Helper()
	var sum activities.ScheduleRepairs
	require.Eventually(t, func() bool {
		found, err := d.ReconcileSchedules(t.Context())
		require.NoError(t, err)
		sum.Missing += found.Missing
		sum.Extra += found.Extra
		sum.Differing += found.Differing
		sum.Mirrored += found.Mirrored
		sum.Failed += found.Failed
		sum.Overdue += found.Overdue
		sum.Healed += found.Healed
		sum.Probed += found.Probed
		return done(sum)
	}, time.Minute, 200*time.Millisecond)
	return sum
}

// requireQuiet checks that the next rounds have nothing to do, once Temporal's list shows what was done.
func (d *drill) requireQuiet(t *testing.T, schedules int) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, err := d.ReconcileSchedules(t.Context())
		return err == nil && found == activities.ScheduleRepairs{Checked: schedules}
	}, time.Minute, 200*time.Millisecond)
}

// requireRight checks that Temporal has the schedule as the row says.
func (d *drill) requireRight(t *testing.T, id scrape.ScheduleID) {
	t.Helper()
	description, err := d.handle(t, id).Describe(t.Context())
	require.NoError(t, err)
	row := d.read(t, id)
	require.True(t, row.Synced())
	require.Empty(t, differs(description.Schedule, optionsFor(row, d.now())))
	require.Equal(t, !row.Firing(), description.Schedule.State.Paused)
	require.False(t, description.Schedule.State.LimitedActions)
}

// Everybody has his turn to be looked at closely, however many there are.
func TestCloseLooksTakeTurns(t *testing.T) {
	t.Parallel()
	const most, schedules = 5, 2*5 + 3
	memory, seen := &watchMemory{}, map[scrape.ScheduleID]int{}
	for range 6 { // three rounds to see all
		turn, took := memory.turn(most), 0
		for id := range scrape.ScheduleID(schedules) {
			if turn.takes(id + 1) {
				seen[id+1]++
				took++
			}
		}
		require.LessOrEqual(t, took, most)
		memory.took(turn)
	}
	require.Len(t, seen, schedules)
	for id, times := range seen {
		require.Equal(t, 2, times, id)
	}
}

// requireFired waits until Temporal has started one run, for the slot that was missed.
func (d *drill) requireFired(t *testing.T, id scrape.ScheduleID, slot time.Time) {
	t.Helper()
	require.Eventually(t, func() bool {
		description, err := d.handle(t, id).Describe(t.Context())
		require.NoError(t, err)
		actions := description.Info.RecentActions
		return len(actions) == 1 && actions[0].ScheduleTime.Equal(slot)
	}, time.Minute, 50*time.Millisecond)
}

var daily = scrape.Timing{Interval: 24 * time.Hour, Timezone: "UTC"}

func TestDrillsOutsideOfUs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		harm    func(t *testing.T, d *drill, id scrape.ScheduleID)
		counted func(activities.ScheduleRepairs) int
		after   func(t *testing.T, row scrape.Schedule)
	}{
		"deleted": {
			harm: func(t *testing.T, d *drill, id scrape.ScheduleID) {
				t.Helper()
				require.NoError(t, d.handle(t, id).Delete(t.Context()))
			},
			counted: func(r activities.ScheduleRepairs) int { return r.Missing },
		},
		"its workflow terminated": {
			harm: func(t *testing.T, d *drill, id scrape.ScheduleID) {
				t.Helper()
				workflow := "temporal-sys-scheduler:" + workflows.TemporalScheduleID(id)
				require.NoError(t, d.client.TerminateWorkflow(t.Context(), workflow, "", "drill"))
			},
			counted: func(r activities.ScheduleRepairs) int { return r.Missing },
		},
		"spec edited": {
			harm: func(t *testing.T, d *drill, id scrape.ScheduleID) {
				t.Helper()
				d.change(t, id, func(s *client.Schedule) {
					s.Spec = &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 7 * time.Hour}}}
				})
			},
			counted: func(r activities.ScheduleRepairs) int { return r.Differing },
		},
		"policy edited": {
			harm: func(t *testing.T, d *drill, id scrape.ScheduleID) {
				t.Helper()
				d.change(t, id, func(s *client.Schedule) { s.Policy.Overlap = enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL })
			},
			counted: func(r activities.ScheduleRepairs) int { return r.Differing },
		},
		"action edited": {
			harm: func(t *testing.T, d *drill, id scrape.ScheduleID) {
				t.Helper()
				d.change(t, id, func(s *client.Schedule) {
					s.Action.(*client.ScheduleWorkflowAction).Args = []any{workflows.ScrapeInput{ScheduleID: id + 1}}
				})
			},
			counted: func(r activities.ScheduleRepairs) int { return r.Differing },
		},
		"actions limited": {
			harm: func(t *testing.T, d *drill, id scrape.ScheduleID) {
				t.Helper()
				d.change(t, id, func(s *client.Schedule) { s.State.LimitedActions, s.State.RemainingActions = true, 1 })
			},
			counted: func(r activities.ScheduleRepairs) int { return r.Differing },
		},
		"paused": {
			harm: func(t *testing.T, d *drill, id scrape.ScheduleID) {
				t.Helper()
				require.NoError(t, d.handle(t, id).Pause(t.Context(), client.SchedulePauseOptions{Note: "Portal is being moved."}))
			},
			counted: func(r activities.ScheduleRepairs) int { return r.Mirrored },
			after: func(t *testing.T, row scrape.Schedule) {
				t.Helper()
				require.False(t, row.Enabled)
				require.Equal(t, "Portal is being moved.", row.PauseReason)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDrill(t)
			harmed, other := d.add(t, "harmed", daily, false), d.add(t, "other", daily, false)
			d.listed(t, 2)
			c.harm(t, d, harmed.ID)
			sum := d.rounds(t, func(sum activities.ScheduleRepairs) bool { return c.counted(sum) > 0 })
			require.Equal(t, 1, c.counted(sum))
			d.requireRight(t, harmed.ID)
			d.requireRight(t, other.ID)
			if c.after != nil {
				c.after(t, d.read(t, harmed.ID))
			} else {
				require.True(t, d.read(t, harmed.ID).Enabled)
			}
			d.requireQuiet(t, 2)
		})
	}
}

// change edits a Temporal Schedule as an operator would.
func (d *drill) change(t *testing.T, id scrape.ScheduleID, edit func(*client.Schedule)) {
	t.Helper()
	require.NoError(t, d.handle(t, id).Update(t.Context(), client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := in.Description.Schedule
			edit(&schedule)
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	}))
}

func TestDrillTemporalIsEmpty(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	const n = 12
	var all []scrape.Schedule
	for i := range n {
		all = append(all, d.add(t, string(rune('a'+i)), daily, true))
	}
	sum := d.rounds(t, func(activities.ScheduleRepairs) bool { return true })
	require.Equal(t, activities.ScheduleRepairs{Missing: n}, sum, "one round puts back all of them")
	for _, schedule := range all {
		d.requireRight(t, schedule.ID)
	}
	d.requireQuiet(t, n)
}

// suspend lets a schedule fail until it suspends itself, and gives it.
func (d *drill) suspend(t *testing.T, id scrape.ScheduleID) scrape.Schedule {
	t.Helper()
	for i := range scrape.FailuresUntilFailed {
		d.finish(t, id, "failed-"+string(rune('0'+i)), scrape.OutcomePortalDown)
	}
	suspended := d.read(t, id)
	require.NotNil(t, suspended.SuspendedAt)
	return suspended
}

func (d *drill) finish(t *testing.T, id scrape.ScheduleID, workflow string, outcome scrape.Outcome) {
	t.Helper()
	begun, err := d.store.BeginRun(t.Context(), scrape.RunStart{
		ScheduleID: id, WorkflowID: workflow, TemporalRunID: "r-" + workflow, Trigger: scrape.TriggerScheduled, NominalAt: d.now(), StartedAt: d.now(),
	})
	require.NoError(t, err)
	_, err = d.store.FinishRun(t.Context(), begun.Run.ID, scrape.RunEnd{Outcome: outcome}, d.now())
	require.NoError(t, err)
}

func TestASuspendedScheduleIsPausedProbesAndResumes(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	schedule := d.add(t, "failing", scrape.Timing{Interval: 12 * time.Hour, Timezone: "UTC"}, false)
	d.listed(t, 1)
	d.suspend(t, schedule.ID)
	sum := d.rounds(t, func(sum activities.ScheduleRepairs) bool { return sum.Differing > 0 })
	require.Equal(t, activities.ScheduleRepairs{Differing: 1}, sum)
	d.requireRight(t, schedule.ID)
	description, err := d.handle(t, schedule.ID).Describe(t.Context())
	require.NoError(t, err)
	require.True(t, description.Schedule.State.Paused)
	require.Contains(t, description.Schedule.State.Note, "after 5 failures in a row")
	require.True(t, d.read(t, schedule.ID).Enabled, "a suspension is no operator's pause")
	d.requireQuiet(t, 1)
	require.Zero(t, d.runs.count())

	d.ahead(12*time.Hour + time.Second)
	sum = d.rounds(t, func(sum activities.ScheduleRepairs) bool { return sum.Probed > 0 })
	require.Equal(t, activities.ScheduleRepairs{Probed: 1}, sum)
	require.Equal(t, []scrape.RunRequest{{Trigger: scrape.TriggerScheduled}}, d.runs.runs)
	d.requireQuiet(t, 1)
	require.Equal(t, 1, d.runs.count(), "one probe at a time")

	d.finish(t, schedule.ID, "probe", scrape.OutcomeSuccess)
	d.rounds(t, func(sum activities.ScheduleRepairs) bool { return sum.Differing > 0 })
	d.requireRight(t, schedule.ID)
	require.True(t, d.read(t, schedule.ID).Firing())
	d.requireQuiet(t, 1)
}

func TestUnpausingASuspendedScheduleEndsTheSuspension(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	schedule := d.add(t, "failing", daily, false)
	d.listed(t, 1)
	d.suspend(t, schedule.ID)
	d.rounds(t, func(sum activities.ScheduleRepairs) bool { return sum.Differing > 0 })
	d.requireQuiet(t, 1)
	require.NoError(t, d.handle(t, schedule.ID).Unpause(t.Context(), client.ScheduleUnpauseOptions{Note: "Mended."}))
	sum := d.rounds(t, func(sum activities.ScheduleRepairs) bool { return sum.Mirrored > 0 })
	require.Equal(t, activities.ScheduleRepairs{Mirrored: 1}, sum)
	row := d.read(t, schedule.ID)
	require.True(t, row.Firing())
	require.Zero(t, row.ConsecutiveFailures)
	d.requireRight(t, schedule.ID)
}

// A Temporal Schedule that is there, not paused, has the right spec, announces its next run and starts none.
func TestDrillSilentStop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		catchUp scrape.CatchUpPolicy
		runs    bool
	}{{scrape.CatchUpLast, true}, {scrape.CatchUpAll, true}, {scrape.CatchUpNone, false}} {
		t.Run(string(c.catchUp), func(t *testing.T) {
			t.Parallel()
			d := newDrill(t)
			d.closeLooks = 0 // as if the description did not tell why nothing is fired
			// Due once soon, and then not before the test is over.
			soon := (time.Duration(time.Now().Unix())*time.Second + 5*time.Second) % (24 * time.Hour)
			timing := scrape.Timing{Interval: 24 * time.Hour, Offset: soon, Timezone: "UTC", CatchUp: c.catchUp}
			schedule := d.add(t, "silent", timing, false)
			slot := *schedule.NextRun(time.Now())
			d.change(t, schedule.ID, func(s *client.Schedule) { s.State.LimitedActions, s.State.RemainingActions = true, 0 })
			d.OverdueAfter = time.Second
			sum := d.rounds(t, func(sum activities.ScheduleRepairs) bool { return sum.Healed > 0 })
			require.Equal(t, activities.ScheduleRepairs{Overdue: 2, Healed: 1}, sum, "healed when two rounds have seen it")
			d.requireRight(t, schedule.ID)
			_, overdue := d.read(t, schedule.ID).OverdueSlot(d.now(), d.OverdueAfter)
			require.False(t, overdue)
			if c.runs {
				d.requireFired(t, schedule.ID, slot)
			}
			d.requireQuiet(t, 1)
			description, err := d.handle(t, schedule.ID).Describe(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.runs, len(description.Info.RecentActions) == 1)
		})
	}
}

// A schedule that Temporal has lost is put back with the slot that passed meanwhile.
func TestDrillSlotOfALostSchedule(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	soon := (time.Duration(time.Now().Unix())*time.Second + 3*time.Second) % (24 * time.Hour)
	schedule := d.add(t, "lost", scrape.Timing{Interval: 24 * time.Hour, Offset: soon, Timezone: "UTC"}, true)
	slot := *schedule.NextRun(time.Now())
	require.Eventually(t, func() bool { return time.Now().After(slot.Add(time.Second)) }, time.Minute, 50*time.Millisecond)
	sum := d.rounds(t, func(sum activities.ScheduleRepairs) bool { return sum.Missing > 0 })
	require.Equal(t, 1, sum.Missing)
	d.requireRight(t, schedule.ID)
	d.requireFired(t, schedule.ID, slot)
}

// What Temporal has started is not started again while it waits for a worker.
func TestASlotThatWaitsForAWorkerIsNotHealed(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	soon := (time.Duration(time.Now().Unix())*time.Second + 4*time.Second) % (24 * time.Hour)
	schedule := d.add(t, "waiting", scrape.Timing{Interval: 24 * time.Hour, Offset: soon, Timezone: "UTC"}, false)
	d.OverdueAfter = time.Second
	sum := d.rounds(t, func(sum activities.ScheduleRepairs) bool { return sum.Overdue >= 4 })
	require.Equal(t, activities.ScheduleRepairs{Overdue: sum.Overdue}, sum)
	description, err := d.handle(t, schedule.ID).Describe(t.Context())
	require.NoError(t, err)
	require.Len(t, description.Info.RecentActions, 1)
}

func TestSlotsRefusesTooMuch(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	schedule := d.add(t, "short", scrape.Timing{Interval: time.Second, Timezone: "UTC"}, true)
	now := d.now()
	for name, c := range map[string]struct {
		from, to time.Time
		message  string
	}{
		"backwards": {now, now, "to must be later than from."},
		"too long":  {now, now.Add(32 * 24 * time.Hour), "Ask for at most 31 days at a time."},
		"too many":  {now, now.Add(2 * time.Hour), "There are more than 5,000 slots in that time. Ask for a shorter one."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := d.Slots(t.Context(), d.user, schedule.ID, c.from, c.to)
			require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
			require.Equal(t, c.message, scrape.MessageOf(err))
		})
	}
	ledger, err := d.Slots(t.Context(), d.user, schedule.ID, now, now.Add(time.Hour))
	require.NoError(t, err)
	require.Len(t, ledger.Entries, 3600)
	_, err = d.Slots(t.Context(), "somebody", schedule.ID, now, now.Add(time.Hour))
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))
}

// The end of a run that suspends or resumes its schedule reaches Temporal without a round of the reconciler.
func TestSyncTellsTemporalAtOnce(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	schedule := d.add(t, "failing", daily, false)
	require.NoError(t, d.Sync(t.Context(), schedule.ID), "nothing to tell")
	requirePaused := func(want bool) {
		t.Helper()
		require.NoError(t, d.Sync(t.Context(), schedule.ID))
		description, err := d.handle(t, schedule.ID).Describe(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, description.Schedule.State.Paused)
		require.True(t, d.read(t, schedule.ID).Synced())
	}
	d.suspend(t, schedule.ID)
	requirePaused(true)
	d.finish(t, schedule.ID, "probe", scrape.OutcomeSuccess)
	requirePaused(false)

	require.NoError(t, d.store.DeleteSchedule(t.Context(), d.user, schedule.ID))
	require.NoError(t, d.Sync(t.Context(), schedule.ID), "a run may outlive its schedule")
}
