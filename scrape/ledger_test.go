package scrape_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/scrape"
)

var ledgerDay = time.Date(2030, 1, 7, 0, 0, 0, 0, time.UTC) // a Monday

func clock(hour, minute, second int) time.Time {
	return ledgerDay.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
}

func ended(id int, trigger scrape.Trigger, nominal, started time.Time, took time.Duration, outcome scrape.Outcome) scrape.Run {
	end := started.Add(took)
	return scrape.Run{
		ID: scrape.RunID(id), Trigger: trigger, NominalAt: nominal, StartedAt: started, CompletedAt: &end, Outcome: outcome,
		ErrorMessage: "said by run " + scrape.RunID(id).String(),
	}
}

// told is a line of the ledger as a test reads it.
func told(entries []scrape.SlotEntry) []string {
	var lines []string
	for _, e := range entries {
		line := fmt.Sprintf("%s %s", e.At.Format("15:04:05"), e.State)
		if e.Outcome != "" {
			line += " " + string(e.Outcome)
		}
		if e.Lag != 0 {
			line += " +" + e.Lag.String()
		}
		if e.Extra {
			line += " extra"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestLedgerTellsEveryReason(t *testing.T) {
	t.Parallel()
	hourly := scrape.Timing{Interval: time.Hour}
	skipping := scrape.Timing{Interval: time.Hour, SkipDates: []string{"2030-01-07"}}
	const scheduled, manual = scrape.TriggerScheduled, scrape.TriggerManual
	versions := []scrape.ScheduleVersion{
		{At: clock(0, 30, 0), Timing: hourly, Enabled: true},
		{At: clock(8, 30, 0), Timing: hourly, PauseReason: "On holiday."},
		{At: clock(9, 30, 0), Timing: hourly, Enabled: true, Suspended: true},
		{At: clock(10, 30, 0), Timing: skipping, Enabled: true},
		{At: clock(11, 30, 0), Timing: hourly, Enabled: true},
		{At: clock(13, 0, 0), Timing: scrape.Timing{Interval: 30 * time.Minute, Offset: 10 * time.Minute}, Enabled: true},
	}
	open := scrape.Run{ID: 20, Trigger: scheduled, NominalAt: clock(13, 10, 0), StartedAt: clock(13, 10, 3)}
	runs := []scrape.Run{
		ended(1, scheduled, clock(0, 30, 0).Add(time.Microsecond), clock(0, 30, 0), time.Minute, scrape.OutcomeSuccess), // the first run
		ended(2, scheduled, clock(1, 0, 0), clock(1, 0, 1), time.Minute, scrape.OutcomeSuccess),
		ended(3, scheduled, clock(2, 0, 0), clock(2, 0, 2), time.Minute, scrape.OutcomePortalDown),
		ended(4, scheduled, clock(3, 0, 0), clock(3, 0, 2), 0, scrape.OutcomeHeldCredentials),
		ended(5, manual, clock(3, 59, 0), clock(3, 59, 0), 5*time.Minute, scrape.OutcomeSuccess), // covers 4:00, no row
		ended(6, manual, clock(4, 59, 0), clock(4, 59, 0), 5*time.Minute, scrape.OutcomeSuccess), // covers 5:00, with a row
		ended(7, scheduled, clock(5, 0, 0), clock(5, 0, 1), 0, scrape.OutcomeSkippedOverlap),
		ended(8, manual, clock(5, 59, 59), clock(5, 59, 59), 0, scrape.OutcomeSuccess), // still closing at 6:00
		// 7:00: nothing
		ended(9, scheduled, clock(8, 0, 0), clock(8, 40, 0), time.Minute, scrape.OutcomePartial), // caught up, under the next version
		ended(10, scheduled, clock(9, 50, 0).Add(time.Microsecond), clock(9, 50, 0), time.Minute, scrape.OutcomePortalDown),
		ended(11, scheduled, clock(12, 0, 0), clock(12, 0, 0), time.Minute, scrape.OutcomeWorkerLost),
		ended(12, scheduled, clock(13, 0, 0), clock(13, 0, 1), time.Minute, scrape.OutcomeSuccess), // of the earlier timing
		open,
	}
	slices.Reverse(runs)
	entries := scrape.Ledger(versions, runs, ledgerDay, clock(15, 0, 0), clock(13, 40, 30))
	require.Equal(t, []string{
		"00:30:00 ran success +-1µs extra",
		"01:00:00 ran success +1s",
		"02:00:00 ran portal_down +2s",
		"03:00:00 held_credentials held_credentials",
		"04:00:00 skipped_overlap",
		"05:00:00 skipped_overlap skipped_overlap",
		"06:00:00 skipped_overlap",
		"07:00:00 missed",
		"08:00:00 ran partial +40m0s",
		"09:00:00 paused",
		"09:50:00 ran portal_down +-1µs extra",
		"10:00:00 paused",
		"11:00:00 skip_date",
		"12:00:00 ran worker_lost",
		"13:00:00 ran success +1s extra",
		"13:10:00 running +3s",
		"13:40:00 skipped_overlap",
		"14:10:00 planned",
		"14:40:00 planned",
	}, told(entries))
	require.Equal(t, "On holiday.", entries[9].Message)
	require.Contains(t, entries[11].Message, "after failures")
	require.Equal(t, "said by run 2", entries[1].Message)
	require.Equal(t, scrape.RunID(2), entries[1].RunID)

	entries = scrape.Ledger(versions, nil, clock(13, 0, 0), clock(15, 0, 0), clock(13, 41, 0))
	require.Equal(t, []string{"13:10:00 missed", "13:40:00 due", "14:10:00 planned", "14:40:00 planned"}, told(entries))
	require.Equal(t, 4, scrape.CountSlots(versions, clock(13, 0, 0), clock(15, 0, 0), 10))
	require.Equal(t, 3, scrape.CountSlots(versions, clock(13, 0, 0), clock(15, 0, 0), 2), "no further than it must")
	require.Equal(t, []scrape.SlotEntry{}, scrape.Ledger(nil, nil, ledgerDay, clock(9, 0, 0), ledgerDay))
}

// A workflow that has outlived its row was in the way of the slots until it was gone.
func TestLedgerKnowsLateEnds(t *testing.T) {
	t.Parallel()
	versions := []scrape.ScheduleVersion{{At: clock(0, 30, 0), Timing: scrape.Timing{Interval: time.Hour}, Enabled: true}}
	run := ended(1, scrape.TriggerScheduled, clock(1, 0, 0), clock(1, 0, 1), time.Minute, scrape.OutcomeSuccess)
	states := func() []string {
		return told(scrape.Ledger(versions, []scrape.Run{run}, clock(1, 0, 0), clock(5, 0, 0), clock(6, 0, 0)))
	}
	require.Equal(t, []string{"01:00:00 ran success +1s", "02:00:00 missed", "03:00:00 missed", "04:00:00 missed"}, states())
	until := clock(3, 10, 0)
	run.OpenUntil = &until
	require.Equal(t, []string{"01:00:00 ran success +1s", "02:00:00 skipped_overlap", "03:00:00 skipped_overlap", "04:00:00 missed"}, states())
	until = clock(1, 0, 30)
	require.Equal(t, []string{"01:00:00 ran success +1s", "02:00:00 missed", "03:00:00 missed", "04:00:00 missed"}, states())
}

func TestLedgerLetsBufferedSlotsWait(t *testing.T) {
	t.Parallel()
	versions := []scrape.ScheduleVersion{{At: ledgerDay, Enabled: true, Timing: scrape.Timing{Interval: time.Minute, CatchUp: scrape.CatchUpAll}}}
	runs := []scrape.Run{ended(1, scrape.TriggerManual, ledgerDay, ledgerDay, 90*time.Second, scrape.OutcomeSuccess)}
	entries := scrape.Ledger(versions, runs, clock(0, 1, 0), clock(0, 2, 0), clock(0, 1, 30))
	require.Equal(t, []string{"00:01:00 due"}, told(entries), "it runs as soon as the other one has ended")
}

// The first slot that comes while a run is going has its turn after it; until then it is due, and those behind it are skipped.
func TestLedgerLetsOneSlotWait(t *testing.T) {
	t.Parallel()
	versions := []scrape.ScheduleVersion{{At: ledgerDay, Enabled: true, Timing: scrape.Timing{Interval: time.Hour, Overlap: scrape.OverlapBufferOne}}}
	first := scrape.Run{ID: 1, Trigger: scrape.TriggerManual, NominalAt: clock(0, 30, 0), StartedAt: clock(0, 30, 0)}
	look := func(now time.Time, runs ...scrape.Run) []string {
		return told(scrape.Ledger(versions, runs, clock(1, 0, 0), clock(5, 0, 0), now))
	}
	require.Equal(t, []string{"01:00:00 due", "02:00:00 skipped_overlap", "03:00:00 planned", "04:00:00 planned"}, look(clock(2, 20, 0), first))

	over := ended(1, scrape.TriggerManual, first.NominalAt, first.StartedAt, 2*time.Hour, scrape.OutcomeSuccess)
	require.Equal(t, "01:00:00 due", look(clock(2, 30, 20), over)[0], "its run is on the way")
	require.Equal(t, "01:00:00 skipped_overlap", look(clock(2, 40, 0), over)[0], "it did not come")

	second := scrape.Run{ID: 2, Trigger: scrape.TriggerScheduled, NominalAt: clock(1, 0, 0), StartedAt: clock(2, 30, 1)}
	require.Equal(t, []string{"01:00:00 running +1h30m1s", "02:00:00 skipped_overlap", "03:00:00 due", "04:00:00 skipped_overlap"},
		look(clock(4, 10, 0), over, second))
}

func TestLedgerPrefersTheRowThatRan(t *testing.T) {
	t.Parallel()
	versions := []scrape.ScheduleVersion{{At: ledgerDay, Enabled: true, Timing: scrape.Timing{Interval: time.Hour}}}
	runs := []scrape.Run{
		ended(1, scrape.TriggerScheduled, clock(1, 0, 0), clock(1, 0, 1), 0, scrape.OutcomeHeldCredentials),
		ended(2, scrape.TriggerScheduled, clock(1, 0, 0), clock(1, 5, 0), time.Minute, scrape.OutcomeSuccess),
	}
	entries := scrape.Ledger(versions, runs, clock(1, 0, 0), clock(1, 30, 0), clock(2, 0, 0))
	require.Equal(t, []string{"01:00:00 ran success +5m0s", "01:00:00 held_credentials held_credentials extra"}, told(entries))
}

// The states that two independent ways of counting agree on: the ledger walks versions and slots, this one walks the seconds.
func TestLedgerIsCompleteAndSingleValued(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		versions := drawVersions(t)
		runs := drawRuns(t)
		begin := rapid.IntRange(0, 5400).Draw(t, "from")
		from := ledgerDay.Add(time.Duration(begin) * time.Second)
		to := from.Add(time.Duration(rapid.IntRange(0, 5400).Draw(t, "length")) * time.Second)
		now := ledgerDay.Add(time.Duration(rapid.IntRange(0, 9000).Draw(t, "now")) * time.Second)
		entries := scrape.Ledger(versions, runs, from, to, now)

		want := map[string]scrape.SlotState{}
		belongs := map[scrape.RunID]bool{}
		for at := from; at.Before(to); at = at.Add(time.Second) {
			version := holding(versions, at)
			if version == nil || !dueAt(version.Timing, at) {
				continue
			}
			want[at.Format(time.TimeOnly)] = expected(*version, runs, at, now, belongs)
		}
		got := map[string]scrape.SlotState{}
		extras := map[scrape.RunID]bool{}
		for i, entry := range entries {
			if i > 0 {
				require.False(t, entry.At.Before(entries[i-1].At), "ascending")
			}
			if entry.Extra {
				require.False(t, extras[entry.RunID])
				extras[entry.RunID] = true
				continue
			}
			_, twice := got[entry.At.Format(time.TimeOnly)]
			require.False(t, twice, "%s appears twice", entry.At)
			got[entry.At.Format(time.TimeOnly)] = entry.State
		}
		require.Equal(t, want, got)
		for _, run := range runs {
			inside := run.Trigger == scrape.TriggerScheduled && !run.NominalAt.Before(from) && run.NominalAt.Before(to)
			require.Equal(t, inside && !belongs[run.ID], extras[run.ID], "run %d", run.ID)
		}
	})
}

// drawVersions makes schedules of whole minutes whose slots a person can count: every n minutes from midnight or from the epoch.
func drawVersions(t *rapid.T) []scrape.ScheduleVersion {
	var versions []scrape.ScheduleVersion
	at := ledgerDay.Add(time.Duration(rapid.IntRange(-600, 600).Draw(t, "created")) * time.Second)
	for range rapid.IntRange(1, 6).Draw(t, "versions") {
		timing := scrape.Timing{
			Interval: time.Duration(rapid.SampledFrom([]int{60, 90, 300, 1200}).Draw(t, "interval")) * time.Second,
			Offset:   time.Duration(rapid.IntRange(0, 59).Draw(t, "offset")) * time.Second,
		}
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			timing.SkipDates = []string{"2030-01-07"}
		case 1:
			timing.SkipDates = []string{"2030-01-08"}
		case 2:
			timing.ActiveHours = &scrape.Hours{Start: 1, End: 2}
		}
		versions = append(versions, scrape.ScheduleVersion{
			At: at, Timing: timing, Enabled: rapid.Bool().Draw(t, "enabled"), Suspended: rapid.Bool().Draw(t, "suspended"),
		})
		at = at.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "held for")) * time.Second)
	}
	return versions
}

func drawRuns(t *rapid.T) []scrape.Run {
	var runs []scrape.Run
	for i := range rapid.IntRange(0, 20).Draw(t, "runs") {
		nominal := ledgerDay.Add(time.Duration(rapid.IntRange(0, 180).Draw(t, "minute")) * 30 * time.Second)
		if rapid.Bool().Draw(t, "fraction") {
			nominal = nominal.Add(7 * time.Millisecond)
		}
		run := ended(i+1, rapid.SampledFrom([]scrape.Trigger{scrape.TriggerScheduled, scrape.TriggerManual, scrape.TriggerBackfill}).Draw(t, "trigger"),
			nominal, nominal.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "lag"))*time.Second),
			time.Duration(rapid.IntRange(0, 200).Draw(t, "took"))*time.Second, rapid.SampledFrom(scrape.Outcomes()).Draw(t, "outcome"))
		if rapid.IntRange(0, 9).Draw(t, "going") == 0 {
			run.CompletedAt, run.Outcome = nil, ""
		}
		runs = append(runs, run)
	}
	return runs
}

// holding is the version that held at a moment, nil before the first one.
func holding(versions []scrape.ScheduleVersion, at time.Time) *scrape.ScheduleVersion {
	var found *scrape.ScheduleVersion
	for i := range versions {
		if !versions[i].At.After(at) {
			found = &versions[i]
		}
	}
	return found
}

// dueAt counts slots by the remainder of a division; those of skip dates are due, too.
func dueAt(timing scrape.Timing, at time.Time) bool {
	since := int64(at.Sub(ledgerDay) / time.Second)
	if !timing.WallClock() {
		since = at.Unix()
	}
	if h := timing.ActiveHours; h != nil {
		if at.Hour() < h.Start || at.Hour() >= h.End {
			return false
		}
		since -= int64(h.Start) * 3600
	}
	since = (since + 86400) % 86400
	if !timing.WallClock() {
		since = at.Unix()
	}
	step, offset := int64(timing.Interval/time.Second), int64(timing.Offset/time.Second)
	return since >= offset && (since-offset)%step == 0
}

// expected says what a slot's state is, and notes which run belongs to it.
func expected(
	version scrape.ScheduleVersion, runs []scrape.Run, at, now time.Time, belongs map[scrape.RunID]bool,
) scrape.SlotState {
	var own *scrape.Run
	covered := false
	for i, run := range runs {
		if run.Trigger == scrape.TriggerScheduled && run.NominalAt.Equal(at) && (own == nil || !own.Outcome.Ran() && run.Outcome.Ran()) {
			own = &runs[i]
		}
		switch {
		case run.Running():
			covered = covered || !at.Before(run.StartedAt) && (!at.After(now) || at.Equal(run.StartedAt))
		case run.Outcome.Ran():
			covered = covered || !at.Before(run.StartedAt) && !at.After(run.CompletedAt.Add(2*time.Second))
		}
	}
	switch {
	case own != nil:
		belongs[own.ID] = true
		if own.Running() {
			return "running"
		}
		if own.Outcome.Ran() {
			return "ran"
		}
		return scrape.SlotState(own.Outcome)
	case slices.Contains(version.Timing.SkipDates, at.Format(time.DateOnly)):
		return "skip_date"
	case !version.Enabled || version.Suspended:
		return "paused"
	case at.After(now):
		return "planned"
	case covered:
		return "skipped_overlap"
	case now.Sub(at) <= time.Minute:
		return "due"
	}
	return "missed"
}

func TestOverdueSlot(t *testing.T) {
	t.Parallel()
	suspended := clock(1, 0, 0)
	hourly := scrape.Schedule{Enabled: true, Timing: scrape.Timing{Interval: time.Hour}, AccountedAt: clock(1, 0, 0)}
	change := func(f func(*scrape.Schedule)) scrape.Schedule {
		s := hourly
		f(&s)
		return s
	}
	for name, c := range map[string]struct {
		schedule scrape.Schedule
		now      time.Time
		want     string // empty: none
	}{
		"its slot has passed":            {hourly, clock(2, 2, 1), "02:00:00"},
		"several have":                   {hourly, clock(9, 0, 0), "02:00:00"},
		"not by more than the grace":     {hourly, clock(2, 2, 0), ""},
		"the slot itself is on record":   {hourly, clock(1, 30, 0), ""},
		"paused":                         {change(func(s *scrape.Schedule) { s.Enabled = false }), clock(9, 0, 0), ""},
		"paused by itself":               {change(func(s *scrape.Schedule) { s.SuspendedAt = &suspended }), clock(9, 0, 0), ""},
		"nothing is known":               {change(func(s *scrape.Schedule) { s.AccountedAt = time.Time{} }), clock(9, 0, 0), ""},
		"a run went on over the slot":    {change(func(s *scrape.Schedule) { s.AccountedAt = clock(2, 0, 1) }), clock(2, 30, 0), ""},
		"due on one day of the week":     {change(func(s *scrape.Schedule) { s.Timing.ActiveDays = []int{3} }), clock(23, 0, 0), ""},
		"that day has passed without it": {change(func(s *scrape.Schedule) { s.Timing.ActiveDays = []int{3} }), clock(80, 0, 0), "00:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slot, overdue := c.schedule.OverdueSlot(c.now, 2*time.Minute)
			require.Equal(t, c.want != "", overdue)
			if overdue {
				require.Equal(t, c.want, slot.Format(time.TimeOnly))
			}
		})
	}
}

func BenchmarkOverdueSlot(b *testing.B) {
	for name, timing := range map[string]scrape.Timing{
		"interval":     {Interval: time.Hour},
		"active hours": {Interval: time.Hour, Timezone: "America/New_York", ActiveHours: &scrape.Hours{Start: 6, End: 22}},
		"cron":         {Cron: []string{"*/30 6-21 * * 1-5"}, Timezone: "America/New_York"},
	} {
		b.Run(name, func(b *testing.B) {
			s := scrape.Schedule{Enabled: true, Timing: timing, AccountedAt: clock(12, 0, 0)}
			for b.Loop() {
				s.OverdueSlot(clock(12, 30, 0), 2*time.Minute)
			}
		})
	}
}
