package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// fuse is what workers share of a breaker, in memory, and a meter.
type fuse struct {
	open     *scrape.BreakerIncident
	opens    bool // the next failure opens it
	holds    bool // it holds runs back
	fails    error
	failures []scrape.PortalFailure
	answers  []scrape.CredentialID
	asked    []scrape.RunID

	opened, skipped int
}

func (f *fuse) PortalFailed(
	_ context.Context, _ string, _ scrape.BreakerRule, failure scrape.PortalFailure, _ time.Time,
) (*scrape.BreakerIncident, bool, error) {
	f.failures = append(f.failures, failure)
	if f.opens {
		f.open = &scrape.BreakerIncident{ID: 1}
	}
	return f.open, f.opens, f.fails
}

func (f *fuse) PortalAnswered(_ context.Context, _ string, credential scrape.CredentialID, _ time.Time) (*scrape.BreakerIncident, error) {
	f.answers = append(f.answers, credential)
	closed := f.open
	f.open = nil
	return closed, f.fails
}

func (f *fuse) HoldBack(_ context.Context, _ string, _ scrape.BreakerRule, run scrape.RunID, _ time.Time) (bool, error) {
	f.asked = append(f.asked, run)
	return f.holds, f.fails
}

func (f *fuse) OpenIncident(context.Context, string) (*scrape.BreakerIncident, error) {
	return f.open, f.fails
}

func (f *fuse) BreakerOpened(context.Context) { f.opened++ }

func (f *fuse) SlotSkipped(context.Context) { f.skipped++ }

func (f *fuse) breaker() *activities.Breaker {
	return &activities.Breaker{Store: f, Portal: "https://portal.example.com", Meter: f, Now: func() time.Time { return slot }}
}

// read carries out a step at the portal whose visit ends so.
func (f *fuse) read(t *testing.T, err error) error {
	t.Helper()
	steps := stepsOf(&memory{session: 4}, &site{})
	steps.Breaker = f.breaker()
	step := atPortal(fails(err))
	env := environment(t)
	env.RegisterActivityWithOptions(steps.Activity(step), activity.RegisterOptions{Name: step.Name})
	_, err = execute[jobs.Result](t, env, step.Name, activities.StepInput{RunID: 501, CredentialID: 3})
	return err
}

var down = scrape.Errorf(scrape.KindPortalDown, "The portal answered with error 500.")

func TestTriesAreNoted(t *testing.T) {
	t.Parallel()
	f := &fuse{}
	kind, retried := kindOf(t, f.read(t, down))
	require.Equal(t, scrape.KindPortalDown, kind)
	require.True(t, retried, "it is closed: the next try may do")
	require.Equal(t, []scrape.PortalFailure{{CredentialID: 3, RunID: 501, Try: 1, Message: "The portal answered with error 500."}}, f.failures)
	require.Empty(t, f.answers)

	require.NoError(t, f.read(t, nil))
	require.Equal(t, []scrape.CredentialID{3}, f.answers)

	for _, kind := range []scrape.Kind{
		scrape.KindLayoutChanged, scrape.KindSessionExpired, scrape.KindPortalThrottled, scrape.KindCredentialsRejected, scrape.KindUnavailable, scrape.KindInternal,
	} {
		require.Error(t, f.read(t, scrape.Errorf(kind, "No.")))
	}
	require.Len(t, f.failures, 1, "they say nothing about whether it is down")
	require.Len(t, f.answers, 1, "nor that it gives data")
}

func TestNobodyTriesAgainWhileItIsOpen(t *testing.T) {
	t.Parallel()
	f := &fuse{opens: true}
	for range 2 {
		kind, retried := kindOf(t, f.read(t, down))
		require.Equal(t, scrape.KindPortalDown, kind, "the run ends as what it is")
		require.False(t, retried)
		f.opens = false
	}
	require.Equal(t, 1, f.opened)

	portal := portalOf(&memory{}, &site{refuse: down})
	portal.Breaker = f.breaker()
	_, err := execute[activities.LoginResult](t, environment(t, portal), portal.Login, activities.LoginInput{RunID: 501, CredentialID: 3})
	_, retried := kindOf(t, err)
	require.False(t, retried)
	require.Len(t, f.failures, 3)

	f.fails = errors.New("postgres is away")
	_, retried = kindOf(t, f.read(t, down))
	require.True(t, retried, "nobody knows")
	require.NoError(t, f.read(t, nil), "the data is there all the same")
}

func TestScheduledRunsWaitWhileItIsOpen(t *testing.T) {
	t.Parallel()
	begin := func(f *fuse, begun scrape.Begun, in activities.BeginInput) (activities.BeginResult, error) {
		store := &memory{begun: begun, schedule: &scrape.Schedule{ID: 7}}
		recorder := &activities.Recorder{Store: store, Firings: &firings{at: slot}, Meter: store, Breaker: f.breaker()}
		return execute[activities.BeginResult](t, environment(t, recorder), recorder.BeginRun, in)
	}
	scheduled := activities.BeginInput{ScheduleID: 7, FiredBy: "scrape-schedule-7", NominalAt: slot, StartedAt: slot}
	begun := scrape.Begun{Run: scrape.Run{ID: 501}, CredentialID: 3}
	rejected, filters, halfway := begun, begun, begun
	rejected.CredentialState = scrape.CredentialRejected
	filters.Run.JobType = scrape.JobFilters
	halfway.Run.Progress.Percentage = 40
	for name, test := range map[string]struct {
		begun scrape.Begun
		in    activities.BeginInput
		holds bool
		want  scrape.Outcome
		asked int
	}{
		"a slot":                             {begun, scheduled, true, scrape.OutcomeBreakerOpen, 1},
		"the probe":                          {begun, scheduled, false, "", 1},
		"a manual run":                       {begun, activities.BeginInput{ScheduleID: 7, StartedAt: slot}, true, "", 0},
		"no login that works":                {rejected, scheduled, true, scrape.OutcomeHeldCredentials, 0},
		"a job that does not ask the portal": {filters, scheduled, true, "", 0},
		"a run that goes on":                 {halfway, scheduled, true, "", 0},
	} {
		f := &fuse{holds: test.holds}
		result, err := begin(f, test.begun, test.in)
		require.NoError(t, err, name)
		require.Equal(t, test.want, result.Outcome, name)
		require.Len(t, f.asked, test.asked, name)
		require.Equal(t, test.want == scrape.OutcomeBreakerOpen, f.skipped == 1, name)
	}
	_, err := begin(&fuse{fails: errors.New("postgres is away")}, begun, scheduled)
	_, retried := kindOf(t, err)
	require.True(t, retried)
}

func TestRunsAreExcusedWhileItIsOpen(t *testing.T) {
	t.Parallel()
	finish := func(f *fuse, outcome scrape.Outcome) scrape.RunEnd {
		store := &memory{run: &scrape.Run{ID: 501}}
		recorder := &activities.Recorder{Store: store, Meter: store, Breaker: f.breaker()}
		_, err := execute[any](t, environment(t, recorder), recorder.FinishRun, activities.FinishInput{Outcome: outcome, At: slot})
		require.NoError(t, err)
		return store.finished[0]
	}
	open := &fuse{open: &scrape.BreakerIncident{ID: 1}}
	require.True(t, finish(open, scrape.OutcomePortalDown).Excused)
	require.False(t, finish(open, scrape.OutcomeLayoutChanged).Excused)
	require.False(t, finish(&fuse{}, scrape.OutcomePortalDown).Excused)
}
