package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

func retryOf(t *testing.T, err error) time.Duration {
	t.Helper()
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	return application.NextRetryDelay()
}

func TestStepIsGivenItsRun(t *testing.T) {
	t.Parallel()
	store := &memory{
		schedule: &scrape.Schedule{ID: 7, Settings: []byte(`{"may_lose": 77}`)},
		run:      &scrape.Run{ID: 501, ScheduleID: 7, UserID: "u", JobType: scrape.JobWorkOrders, Options: scrape.RunOptions{Force: true}},
	}
	var given jobs.Run
	step := jobs.Step{Name: "ApplySample", At: jobs.AtStore, Do: func(ctx context.Context, run jobs.Run) (jobs.Result, error) {
		given = run
		return jobs.Result{Outcome: scrape.OutcomePartial, Message: "Some.", Counts: scrape.Counts{Added: 3}, Details: "Done."}, run.Say(ctx, scrape.Progress{Message: "Saying"})
	}}
	result, err := carryOut(t, store, &site{}, step)
	require.NoError(t, err)
	require.Equal(t, jobs.Result{Outcome: scrape.OutcomePartial, Message: "Some.", Counts: scrape.Counts{Added: 3}, Details: "Done."}, result)
	require.Equal(t, *store.run, given.Run)
	require.Equal(t, 77, given.Settings.(*jobs.WorkOrderSettings).MayLose)
	require.Equal(t, slot, given.Now())
	require.Equal(t, []scrape.Progress{{Message: "Saying"}}, store.progress)

	store.schedule = nil // deleted meanwhile
	_, err = carryOut(t, store, &site{}, step)
	require.NoError(t, err)
	require.Equal(t, jobs.WorkOrders.Settings(), given.Settings, "the defaults will do")
}

func TestStepOfAnUnknownJobOrWithBrokenSettings(t *testing.T) {
	t.Parallel()
	step := jobs.Step{Name: "ApplySample", At: jobs.AtStore, Do: func(context.Context, jobs.Run) (jobs.Result, error) {
		panic("it must not be carried out")
	}}
	for name, store := range map[string]*memory{
		"unknown job":     {run: &scrape.Run{ID: 501, JobType: "moonlight"}},
		"broken settings": {schedule: &scrape.Schedule{ID: 7, Settings: []byte(`{"may_lose": -1}`)}},
	} {
		_, err := carryOut(t, store, &site{}, step)
		kind, retried := kindOf(t, err)
		require.Equal(t, scrape.KindInvalid, kind, name)
		require.False(t, retried, name)
	}
}

// A result that is built on others is not built while those are being read; a person who asks by hand has it at once.
func TestFirstStepWaitsForWhatItBuildsOn(t *testing.T) {
	t.Parallel()
	first := jobs.Step{Name: "ComputeFilters", At: jobs.AtStore, Do: func(context.Context, jobs.Run) (jobs.Result, error) {
		return jobs.Result{Details: "Done."}, nil
	}}
	later := jobs.Step{Name: "ApplySample", At: jobs.AtStore, Do: first.Do}
	both := []scrape.JobType{scrape.JobWorkOrders, scrape.JobDispensers}
	run := func(trigger scrape.Trigger) *scrape.Run {
		return &scrape.Run{ID: 501, JobType: scrape.JobFilters, Trigger: trigger}
	}

	store := &memory{run: run(scrape.TriggerScheduled), before: both}
	_, err := carryOut(t, store, &site{}, first)
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindUnavailable, kind)
	require.True(t, retried)
	require.Equal(t, 2*time.Second, retryOf(t, err))
	require.Equal(t, [][]scrape.JobType{both}, store.asked)
	require.Equal(t, "Waiting for the work orders and dispensers that are being read", store.progress[0].Message)
	require.Empty(t, store.attempts, "nothing went wrong")
	store.run.Progress = store.progress[0]
	_, err = carryOut(t, store, &site{}, first)
	require.Equal(t, 2*time.Second, retryOf(t, err))
	require.Len(t, store.progress, 1, "it is said once")

	store.before = nil
	_, err = carryOut(t, store, &site{}, first)
	require.NoError(t, err)

	for _, other := range []struct {
		store *memory
		step  jobs.Step
	}{
		{&memory{run: run(scrape.TriggerManual), before: both}, first},
		{&memory{run: run(scrape.TriggerScheduled), before: both}, later},
		{&memory{run: &scrape.Run{ID: 501, JobType: scrape.JobWorkOrders, Trigger: scrape.TriggerScheduled}, before: both}, first},
	} {
		_, err := carryOut(t, other.store, &site{}, other.step)
		require.NoError(t, err)
		require.Empty(t, other.store.asked)
	}
}

func TestVisitHoldsAPlaceOfTheAccountAndOfAll(t *testing.T) {
	t.Parallel()
	store, portal := &memory{session: 4}, &site{}
	_, err := carryOut(t, store, portal, atPortal(nothing))
	require.NoError(t, err)
	require.Equal(t, []scrape.Slot{{Name: "portal", Count: 5}, {Name: "account/3", Count: 2}}, store.slots)
}

// A step that finds no place waits in Temporal, not at the portal, and leaves nothing behind: nothing went wrong.
func TestBusyPlaces(t *testing.T) {
	t.Parallel()
	for _, full := range []string{"portal", "account/3"} {
		store, portal := &memory{session: 4, full: full}, &site{}
		_, err := carryOut(t, store, portal, atPortal(nothing))
		kind, retried := kindOf(t, err)
		require.Equal(t, scrape.KindUnavailable, kind)
		require.True(t, retried)
		require.Equal(t, time.Second, retryOf(t, err))
		require.Zero(t, portal.visits)
		require.Empty(t, store.attempts)
		require.Empty(t, store.pauses)
		require.Empty(t, store.renewed)
	}
}

func TestRenewedCookies(t *testing.T) {
	t.Parallel()
	store := &memory{session: 4}
	_, err := carryOut(t, store, &site{}, atPortal(nothing))
	require.NoError(t, err)
	require.Equal(t, []scrape.Session{sessionOf("after")}, store.renewed)

	for _, kind := range []scrape.Kind{scrape.KindSessionExpired, scrape.KindLayoutChanged, scrape.KindPortalDown, scrape.KindPortalThrottled, scrape.KindInternal} {
		store := &memory{session: 4}
		_, err := carryOut(t, store, &site{}, atPortal(fails(scrape.Errorf(kind, "No."))))
		got, _ := kindOf(t, err)
		require.Equal(t, kind, got)
		require.Empty(t, store.renewed, "the cookies of a visit that went wrong may be those of a stranger")
	}

	store = &memory{session: 4, renewals: errors.New("postgres is away")}
	_, err = carryOut(t, store, &site{}, atPortal(nothing))
	_, retried := kindOf(t, err)
	require.True(t, retried)
}

// The run has to know which session the portal no longer accepts: another run may have brought a newer one by then.
func TestExpiredSessionSaysWhichItWas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		store *memory
		want  int64
	}{
		"a kept session":    {&memory{session: 4}, 4},
		"no session at all": {&memory{}, 0},
	} {
		portal := &site{}
		_, err := carryOut(t, test.store, portal, atPortal(fails(scrape.Errorf(scrape.KindSessionExpired, "Sign in."))))
		kind, retried := kindOf(t, err)
		require.Equal(t, scrape.KindSessionExpired, kind, name)
		require.False(t, retried, name)
		var application *temporal.ApplicationError
		require.ErrorAs(t, err, &application)
		var details activities.ExpiredDetails
		require.NoError(t, application.Details(&details))
		require.Equal(t, test.want, details.SessionVersion, name)
		require.Equal(t, test.want > 0, portal.visits > 0, "without a session nothing is opened")
	}
}

func TestOtherErrorsSayNothingOfTheSession(t *testing.T) {
	t.Parallel()
	_, err := carryOut(t, &memory{session: 4}, &site{}, atPortal(fails(scrape.Errorf(scrape.KindLayoutChanged, "No."))))
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	require.False(t, application.HasDetails())
}

func TestSignInResultsSayWhichSessionItWas(t *testing.T) {
	t.Parallel()
	for signIn, want := range map[bool]int64{true: 4, false: 0} {
		step := jobs.Step{Name: "ReadSample", At: jobs.AtPortal, Do: func(ctx context.Context, run jobs.Run) (jobs.Result, error) {
			return jobs.Result{More: true, SignIn: signIn}, run.Visit(ctx, func(context.Context, jobs.Visit) error { return nil })
		}}
		result, err := carryOut(t, &memory{session: 4}, &site{}, step)
		require.NoError(t, err)
		require.Equal(t, want, result.Session)
	}
}

// While the portal has asked to be left alone a step waits for the rest of the time, which does not grow by asking.
func TestPausedLogin(t *testing.T) {
	t.Parallel()
	store, portal := &memory{session: 4, rest: 90*time.Second + 200*time.Millisecond}, &site{}
	_, err := carryOut(t, store, portal, atPortal(nothing))
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindPortalThrottled, kind)
	require.True(t, retried)
	require.Equal(t, 91*time.Second, retryOf(t, err), "rounded up, so that it is over by then")
	require.Zero(t, portal.visits)
	require.Empty(t, store.pauses)
	require.Empty(t, store.slots, "it takes no place from others")
}

// pausesOf lets a step be throttled again and again, in a run, and gives the pauses that were asked for.
func pausesOf(t *testing.T, retryAfter time.Duration, attempts int32) []time.Duration {
	t.Helper()
	store, portal := &memory{session: 4}, &site{}
	step := atPortal(func(context.Context, jobs.Run, jobs.Visit) error { // a fresh error each time, as from the portal
		return &scrape.Error{Kind: scrape.KindPortalThrottled, Message: "Slow down.", RetryAfter: retryAfter}
	})
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivityWithOptions(stepsOf(store, portal).Activity(step), activity.RegisterOptions{Name: step.Name})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, MaximumAttempts: attempts},
		})
		return workflow.ExecuteActivity(ctx, step.Name, activities.StepInput{RunID: 501, CredentialID: 3}).Get(ctx, nil)
	})
	require.Error(t, env.GetWorkflowError())
	require.Equal(t, int(attempts), portal.visits)
	return store.pauses
}

// What the portal says is a floor; a portal that goes on refusing is left alone for longer and longer, within reason.
func TestThrottledPortalIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := time.Second
	require.Equal(t, []time.Duration{15 * s, 30 * s, 60 * s, 120 * s, 240 * s, 480 * s, 600 * s, 600 * s}, pausesOf(t, 0, 8))
	require.Equal(t, []time.Duration{40 * s, 40 * s, 60 * s}, pausesOf(t, 40*s, 3))
	require.Equal(t, []time.Duration{1000 * s, 1000 * s}, pausesOf(t, 1000*s, 2), "the portal may ask for more than we would think of")
}

func TestThrottledStepWaitsAsLongAsThePause(t *testing.T) {
	t.Parallel()
	store := &memory{session: 4}
	_, err := carryOut(t, store, &site{}, atPortal(fails(&scrape.Error{Kind: scrape.KindPortalThrottled, Message: "No.", RetryAfter: 7 * time.Second})))
	require.Equal(t, 15*time.Second, retryOf(t, err))
	require.Equal(t, []time.Duration{15 * time.Second}, store.pauses)
	require.Len(t, store.attempts, 1)
}

// A worker that stops hands its step to another one at once, and the stop is no failure of the portal.
func TestStepOnAWorkerThatStops(t *testing.T) {
	t.Parallel()
	store, stop := &memory{session: 4}, make(chan struct{})
	step := atPortal(func(ctx context.Context, _ jobs.Run, _ jobs.Visit) error {
		close(stop)
		<-ctx.Done()
		return scrape.Errorf(scrape.KindPortalDown, "The page was closed.").Because(ctx.Err())
	})
	env := environment(t)
	env.SetWorkerStopChannel(stop)
	env.RegisterActivityWithOptions(stepsOf(store, &site{}).Activity(step), activity.RegisterOptions{Name: step.Name})
	_, err := execute[jobs.Result](t, env, step.Name, activities.StepInput{RunID: 501, CredentialID: 3})
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindUnavailable, kind)
	require.True(t, retried)
	require.Empty(t, store.attempts)
}

// After the database was restored from a backup a workflow may go on whose run is gone: nothing is done under another's number.
func TestStepOfARunThatIsNotKnown(t *testing.T) {
	t.Parallel()
	store, site := &memory{session: 4, lost: true}, &site{}
	_, err := carryOut(t, store, site, atPortal(nothing))
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindNotFound, kind)
	require.False(t, retried)
	require.Contains(t, err.Error(), "The next run starts anew.")

	env := environment(t)
	env.RegisterActivity(portalOf(store, site))
	_, err = execute[activities.LoginResult](t, env, "Login", activities.LoginInput{RunID: 501, CredentialID: 3})
	kind, retried = kindOf(t, err)
	require.Equal(t, scrape.KindNotFound, kind)
	require.False(t, retried)
	require.Equal(t, "default-test-workflow-id 3", store.owner, "a run is asked for by its workflow and its login")
	require.Zero(t, site.visits+site.logins)
	require.Empty(t, store.attempts)
	require.Empty(t, store.progress)
}
