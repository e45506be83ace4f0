package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// fail lets scheduled runs of a schedule fail, one a minute from a minute on, and gives the schedule.
func (b bundle) fail(t *testing.T, id scrape.ScheduleID, from, runs int) scrape.Schedule {
	t.Helper()
	for i := range runs {
		minute := float64(from + i)
		run := b.begin(t, id, fmt.Sprintf("fail-%d-%d", id, from+i), at(minute))
		b.finish(t, run.ID, scrape.OutcomePortalDown, at(minute+0.5))
	}
	return b.read(t, id)
}

func (b bundle) read(t *testing.T, id scrape.ScheduleID) scrape.Schedule {
	t.Helper()
	schedule, err := b.Schedule(t.Context(), id)
	require.NoError(t, err)
	return schedule
}

func TestFailuresSuspendAndASuccessResumes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	created := b.addSchedule(t, "hourly")
	four := b.fail(t, created.ID, 1, 4)
	require.True(t, four.Firing())
	require.Equal(t, created.Revision, four.Revision)

	five := b.fail(t, created.ID, 5, 1)
	require.True(t, five.Enabled, "the owner's word stands")
	require.False(t, five.Firing())
	require.Equal(t, scrape.StatusFailed, five.Status())
	require.Equal(t, at(5.5), *five.SuspendedAt)
	require.Equal(t, at(65.5), *five.ProbeAt, "one spacing later")
	require.Zero(t, five.Probes)
	require.Equal(t, four.Revision+1, five.Revision, "Temporal must learn of it")

	for probes, gap := range []int{120, 240, 480, 960, 1440, 1440} { // minutes
		due := *b.read(t, created.ID).ProbeAt
		start := due.Sub(noon).Minutes()
		failed := b.fail(t, created.ID, int(start)+1, 1)
		require.Equal(t, probes+1, failed.Probes)
		require.Equal(t, time.Duration(gap)*time.Minute, failed.ProbeAt.Sub(*failed.LastRunAt))
		require.Equal(t, five.SuspendedAt, failed.SuspendedAt)
		require.Equal(t, five.Revision, failed.Revision)
	}
	before := b.read(t, created.ID)
	throttled := b.begin(t, created.ID, "throttled", at(9000))
	b.finish(t, throttled.ID, scrape.OutcomePortalThrottled, at(9001))
	require.Equal(t, before.ProbeAt, b.read(t, created.ID).ProbeAt, "no verdict")

	good := b.begin(t, created.ID, "good", at(9100))
	b.finish(t, good.ID, scrape.OutcomeSuccess, at(9101))
	resumed := b.read(t, created.ID)
	require.True(t, resumed.Firing())
	require.Nil(t, resumed.ProbeAt)
	require.Zero(t, resumed.Probes)
	require.Zero(t, resumed.ConsecutiveFailures)
	require.Equal(t, before.Revision+1, resumed.Revision)
}

func TestManualRunsAreNoProbes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	suspended := b.fail(t, b.addSchedule(t, "hourly").ID, 1, 5)
	request := func(workflow string, minute float64) scrape.RunID {
		run, err := b.RequestRun(t.Context(), scrape.Run{
			ScheduleID: suspended.ID, UserID: b.user, JobType: suspended.JobType, Trigger: scrape.TriggerManual,
			WorkflowID: workflow, NominalAt: at(minute), StartedAt: at(minute),
		})
		require.NoError(t, err)
		return run.ID
	}
	b.finish(t, request("m1", 10), scrape.OutcomePortalDown, at(11))
	after := b.read(t, suspended.ID)
	require.Equal(t, suspended.ProbeAt, after.ProbeAt)
	require.Zero(t, after.Probes)
	require.Equal(t, 6, after.ConsecutiveFailures)
	b.finish(t, request("m2", 12), scrape.OutcomeSuccess, at(13))
	require.True(t, b.read(t, suspended.ID).Firing(), "a success resumes, whoever asked for it")
}

func TestPausedSchedulesAreNotSuspended(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	_, err := b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
		s.Enabled = false
		return nil
	})
	require.NoError(t, err)
	after := b.fail(t, schedule.ID, 1, 6)
	require.Nil(t, after.SuspendedAt)
	require.Equal(t, 6, after.ConsecutiveFailures)
}

func TestShortSchedulesProbeAfterAMinute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	_, err := b.UpdateSchedule(t.Context(), b.user, schedule.ID, func(s *scrape.Schedule) error {
		s.Timing.Interval = 2 * time.Second
		return nil
	})
	require.NoError(t, err)
	after := b.fail(t, schedule.ID, 1, 5)
	require.Equal(t, time.Minute, after.ProbeAt.Sub(*after.SuspendedAt))
}

func TestClaimProbe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	firing := b.addSchedule(t, "firing")
	suspended := b.fail(t, b.addSchedule(t, "suspended").ID, 1, 5)
	claim := func(s scrape.Schedule, minute float64) bool {
		claimed, err := b.ClaimProbe(t.Context(), s, at(minute))
		require.NoError(t, err)
		return claimed
	}
	require.False(t, claim(firing, 1000))
	require.False(t, claim(suspended, 65))
	require.True(t, claim(suspended, 66))
	require.False(t, claim(suspended, 66), "one caller gets it")
	require.Equal(t, at(126), *b.read(t, suspended.ID).ProbeAt)
	require.True(t, claim(suspended, 127), "one that came to nothing is tried again")
	_, err := b.UpdateSchedule(t.Context(), b.user, suspended.ID, func(s *scrape.Schedule) error {
		s.Enabled = false
		return nil
	})
	require.NoError(t, err)
	require.False(t, claim(suspended, 5000), "a paused schedule does not probe")
}

func TestResumingInTemporalEndsASuspension(t *testing.T) {
	t.Parallel()
	b := setup(t)
	suspended := b.fail(t, b.addSchedule(t, "hourly").ID, 1, 5)
	require.NoError(t, b.MarkApplied(t.Context(), suspended.ID, suspended.Revision))
	changed, err := b.SetPausedOutside(t.Context(), suspended.ID, suspended.Revision, true, "", time.Now())
	require.NoError(t, err)
	require.True(t, changed)
	resumed := b.read(t, suspended.ID)
	require.True(t, resumed.Firing())
	require.True(t, resumed.Synced())
	require.Zero(t, resumed.ConsecutiveFailures)
	changed, err = b.SetPausedOutside(t.Context(), suspended.ID, resumed.Revision, true, "", time.Now())
	require.NoError(t, err)
	require.False(t, changed, "the row says so already")
}
