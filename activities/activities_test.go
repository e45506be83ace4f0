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

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

func environment(t *testing.T, registered ...any) *testsuite.TestActivityEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	for _, r := range registered {
		env.RegisterActivity(r)
	}
	return env
}

// stepsOf are the steps of jobs on a store and a site.
func stepsOf(store *memory, portal *site) *activities.Steps {
	return &activities.Steps{
		Store: store, Site: portal, Vault: store, Places: store, Evidence: store.evidence(), PortalPlaces: 5, AccountPlaces: 2,
		Now: func() time.Time { return slot },
	}
}

// portalOf are the other steps at the portal.
func portalOf(store *memory, portal *site) *activities.Portal {
	return &activities.Portal{Site: portal, Vault: store, Progress: store, Evidence: store.evidence()}
}

// carryOut carries out a step as the activity of its name.
func carryOut(t *testing.T, store *memory, portal *site, step jobs.Step) (jobs.Result, error) {
	t.Helper()
	env := environment(t)
	env.RegisterActivityWithOptions(stepsOf(store, portal).Activity(step), activity.RegisterOptions{Name: step.Name})
	return execute[jobs.Result](t, env, step.Name, activities.StepInput{RunID: 501, CredentialID: 3})
}

// atPortal is a step that makes a visit.
func atPortal(work func(ctx context.Context, run jobs.Run, visit jobs.Visit) error) jobs.Step {
	return jobs.Step{Name: "ReadSample", At: jobs.AtPortal, Do: func(ctx context.Context, run jobs.Run) (jobs.Result, error) {
		return jobs.Result{Details: "Read."}, run.Visit(ctx, func(ctx context.Context, visit jobs.Visit) error { return work(ctx, run, visit) })
	}}
}

// nothing is the work of a visit that has none.
func nothing(context.Context, jobs.Run, jobs.Visit) error { return nil }

// fails is the work of a visit that goes wrong.
func fails(err error) func(context.Context, jobs.Run, jobs.Visit) error {
	return func(context.Context, jobs.Run, jobs.Visit) error { return err }
}

// execute runs one activity and gives its result.
func execute[T any](t *testing.T, env *testsuite.TestActivityEnvironment, activity, input any) (T, error) {
	t.Helper()
	var result T
	value, err := env.ExecuteActivity(activity, input)
	if err == nil && value.HasValue() {
		require.NoError(t, value.Get(&result))
	}
	return result, err
}

func kindOf(t *testing.T, err error) (kind scrape.Kind, retried bool) {
	t.Helper()
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	return scrape.Kind(application.Type()), !application.NonRetryable()
}

var slot = time.Date(2030, 1, 1, 10, 0, 0, 0, time.UTC)

func TestBeginRunKnowsWhoFired(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		firings *firings
		want    scrape.Trigger
		nominal time.Time
	}{
		{"a slot", &firings{at: slot}, scrape.TriggerScheduled, slot},
		{"a person's trigger", &firings{at: slot.Add(123456789)}, scrape.TriggerManual, slot.Add(123456789)},
		{"Temporal notes the start a moment late", &firings{at: slot.Add(123456789), after: 2}, scrape.TriggerManual, slot.Add(123456789)},
		{"Temporal no longer knows", &firings{}, scrape.TriggerScheduled, slot},
		{"Temporal does not answer", &firings{err: errors.New("away")}, scrape.TriggerScheduled, slot},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := &memory{schedule: &scrape.Schedule{ID: 7, Timing: scrape.Timing{Interval: time.Hour}}, begun: scrape.Begun{CredentialID: 3}}
			recorder := &activities.Recorder{Store: store, Firings: test.firings}
			result, err := execute[activities.BeginResult](t, environment(t, recorder), recorder.BeginRun, activities.BeginInput{
				ScheduleID: 7, FiredBy: "scrape-schedule-7", NominalAt: slot, StartedAt: slot.Add(2 * time.Second),
			})
			require.NoError(t, err)
			require.Equal(t, test.want, result.Trigger)
			require.Equal(t, test.nominal, store.started[0].NominalAt)
		})
	}
}

// A slot that meets a run of its schedule waits in Temporal for its end.
func TestBeginRunWaitsForARunThatIsGoing(t *testing.T) {
	t.Parallel()
	store := &memory{
		schedule: &scrape.Schedule{ID: 7, Timing: scrape.Timing{Interval: time.Hour, Overlap: scrape.OverlapBufferOne}},
		unbegun:  scrape.Errorf(scrape.KindConflict, "In progress.").Because(&scrape.RunningError{RunID: 12}),
	}
	recorder := &activities.Recorder{Store: store, Firings: &firings{at: slot}}
	_, err := execute[activities.BeginResult](t, environment(t, recorder), recorder.BeginRun, activities.BeginInput{
		ScheduleID: 7, FiredBy: "scrape-schedule-7", NominalAt: slot, StartedAt: slot,
	})
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindUnavailable, kind)
	require.True(t, retried)
	require.Equal(t, 2*time.Second, retryOf(t, err))
	require.ErrorContains(t, err, "Waiting for the run that is going to end (run 12).")
}

func TestBeginRunOfDeletedSchedule(t *testing.T) {
	t.Parallel()
	store := &memory{}
	recorder := &activities.Recorder{Store: store, Firings: &firings{}}
	result, err := execute[activities.BeginResult](t, environment(t, recorder), recorder.BeginRun,
		activities.BeginInput{ScheduleID: 7, FiredBy: "scrape-schedule-7", StartedAt: slot})
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomePaused, result.Outcome)
	require.Empty(t, store.started)
}

func TestBeginRunSaysWhyThereIsNoLogin(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		begun scrape.Begun
		want  scrape.Kind
	}{
		{"never stored", scrape.Begun{}, scrape.KindCredentialsRejected},
		{"refused before", scrape.Begun{CredentialID: 3, CredentialState: scrape.CredentialRejected}, scrape.KindCredentialsRejected},
		{"locked", scrape.Begun{CredentialID: 3, CredentialState: scrape.CredentialLocked}, scrape.KindAccountLocked},
		{"accepted", scrape.Begun{CredentialID: 3, CredentialState: scrape.CredentialOK}, ""},
		{"never tried", scrape.Begun{CredentialID: 3, CredentialState: scrape.CredentialUnverified}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := &memory{begun: test.begun}
			recorder := &activities.Recorder{Store: store}
			result, err := execute[activities.BeginResult](t, environment(t, recorder), recorder.BeginRun, activities.BeginInput{ScheduleID: 7, StartedAt: slot})
			require.NoError(t, err)
			require.Equal(t, test.want, result.RefusedKind)
			require.Equal(t, test.want == "", result.RefusedMessage == "")
			require.Empty(t, result.Outcome, "somebody asked for this run, and is told by its end")
			require.Empty(t, store.finished)
		})
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	login := func(t *testing.T, store *memory, portal *site, stale int64) (activities.LoginResult, error) {
		t.Helper()
		steps := portalOf(store, portal)
		return execute[activities.LoginResult](t, environment(t, steps), steps.Login, activities.LoginInput{RunID: 501, CredentialID: 3, StaleSession: stale})
	}
	t.Run("signs in and keeps the session", func(t *testing.T) {
		t.Parallel()
		store, portal := &memory{credential: scrape.Credential{State: scrape.CredentialUnverified}}, &site{}
		result, err := login(t, store, portal, 0)
		require.NoError(t, err)
		require.Equal(t, int64(1), result.SessionVersion)
		require.Equal(t, scrape.CredentialOK, store.credential.State)
	})
	t.Run("takes over a session that another run has brought", func(t *testing.T) {
		t.Parallel()
		store, portal := &memory{session: 5}, &site{}
		result, err := login(t, store, portal, 4)
		require.NoError(t, err)
		require.Equal(t, int64(5), result.SessionVersion)
		require.Zero(t, portal.logins)
	})
	t.Run("a rejected password is sent once, ever", func(t *testing.T) {
		t.Parallel()
		store := &memory{credential: scrape.Credential{State: scrape.CredentialOK, Version: 2}}
		portal := &site{refuse: scrape.Errorf(scrape.KindCredentialsRejected, "refused")}
		for range 3 {
			_, err := login(t, store, portal, 0)
			kind, retried := kindOf(t, err)
			require.Equal(t, scrape.KindCredentialsRejected, kind)
			require.False(t, retried)
		}
		require.Equal(t, 1, portal.logins)
		require.Equal(t, scrape.CredentialRejected, store.credential.State)
	})
	t.Run("a portal that is down says nothing about the password", func(t *testing.T) {
		t.Parallel()
		store := &memory{credential: scrape.Credential{State: scrape.CredentialOK}}
		_, err := login(t, store, &site{refuse: scrape.Errorf(scrape.KindPortalDown, "down")}, 0)
		_, retried := kindOf(t, err)
		require.True(t, retried)
		require.Equal(t, scrape.CredentialOK, store.credential.State)
	})
}

func TestCollectGoesOnWhereAnotherWorkerStopped(t *testing.T) {
	t.Parallel()
	var pages []scrape.ListPage
	for n := 1; n <= 4; n++ {
		pages = append(pages, scrape.ListPage{Number: n, Last: n == 4, Matches: 40, Orders: make([]scrape.WorkOrder, 10)})
	}
	store := &memory{session: 4, pages: map[int]scrape.ListPage{}}
	portal := &site{pages: pages, stopAt: 2, err: scrape.Errorf(scrape.KindPortalDown, "down")}
	step, known := jobs.FindStep("CollectWorkOrders")
	require.True(t, known)
	collect := func() (jobs.Result, error) { return carryOut(t, store, portal, step) }
	_, err := collect()
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindPortalDown, kind)
	require.True(t, retried)
	require.Len(t, store.pages, 2)

	portal.stopAt = 0
	result, err := collect()
	require.NoError(t, err)
	require.Equal(t, []int{1, 3}, portal.from, "finished pages are not fetched again")
	require.Equal(t, "Read 20 work orders on 4 pages. Saving.", result.Details)

	result, err = collect()
	require.NoError(t, err)
	require.Len(t, portal.from, 2, "a finished list is not opened again")
	require.Equal(t, "All 4 pages are read.", result.Details)
	for _, progress := range store.progress {
		require.LessOrEqual(t, progress.Percentage, 85.0)
	}
}

func TestErrorsAreRetriedByKind(t *testing.T) {
	t.Parallel()
	want := map[scrape.Kind]bool{
		scrape.KindPortalDown: true, scrape.KindPortalThrottled: true, scrape.KindInternal: true, scrape.KindUnavailable: true,
		scrape.KindCredentialsRejected: false, scrape.KindAccountLocked: false, scrape.KindSessionExpired: false,
		scrape.KindLayoutChanged: false, scrape.KindNotFound: false, scrape.KindInvalid: false,
	}
	for kind, retried := range want {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			store := &memory{session: 4}
			broken := (&scrape.Error{Kind: kind, Message: "A sentence.", RetryAfter: 70 * time.Second}).Because(errors.New("db host=10.0.0.1"))
			_, err := carryOut(t, store, &site{}, atPortal(fails(broken)))
			var application *temporal.ApplicationError
			require.ErrorAs(t, err, &application)
			require.Equal(t, string(kind), application.Type())
			require.Equal(t, "A sentence.", application.Message())
			require.Equal(t, retried, !application.NonRetryable())
			if kind != scrape.KindSessionExpired { // which goes to Temporal with other details, and is not tried again as it is
				require.Equal(t, 70*time.Second, application.NextRetryDelay())
			}
			if kind == scrape.KindInternal {
				require.NoError(t, application.Unwrap(), "our own causes stay in the logs")
			}
		})
	}
}

func TestVerifyLogin(t *testing.T) {
	t.Parallel()
	verify := func(t *testing.T, store *memory, portal *site) (activities.VerifyResult, error) {
		t.Helper()
		steps := portalOf(store, portal)
		return execute[activities.VerifyResult](t, environment(t, steps), steps.VerifyLogin, activities.VerifyInput{CheckID: "c"})
	}
	t.Run("accepted, and asked twice tried once", func(t *testing.T) {
		t.Parallel()
		store, portal := &memory{}, &site{}
		for range 2 {
			result, err := verify(t, store, portal)
			require.NoError(t, err)
			require.Equal(t, scrape.CredentialOK, result.State)
		}
		require.True(t, store.accepted)
		require.Equal(t, 1, portal.logins)
	})
	t.Run("rejected is an answer, not an error", func(t *testing.T) {
		t.Parallel()
		store, portal := &memory{}, &site{refuse: scrape.Errorf(scrape.KindAccountLocked, "locked")}
		result, err := verify(t, store, portal)
		require.NoError(t, err)
		require.Equal(t, scrape.CredentialLocked, result.State)
		require.False(t, store.accepted)
	})
	t.Run("a portal that is down decides nothing", func(t *testing.T) {
		t.Parallel()
		store := &memory{}
		_, err := verify(t, store, &site{refuse: scrape.Errorf(scrape.KindPortalDown, "down")})
		require.Error(t, err)
		require.Empty(t, store.check.Decided)
	})
}

func TestFinishRun(t *testing.T) {
	t.Parallel()
	input := activities.FinishInput{Outcome: scrape.OutcomePortalDown, Message: "down", Detail: "connection refused", At: slot}
	store := &memory{run: &scrape.Run{ID: 501}}
	recorder := &activities.Recorder{Store: store, Meter: store}
	_, err := execute[any](t, environment(t, recorder), recorder.FinishRun, input)
	require.NoError(t, err)
	require.Equal(t, []scrape.RunEnd{{Outcome: scrape.OutcomePortalDown, ErrorMessage: "down", ErrorDetail: "connection refused"}}, store.finished)

	require.Equal(t, []scrape.Run{{ID: 501, Outcome: scrape.OutcomePortalDown}}, store.metered, "it is counted as it was closed")

	store = &memory{run: &scrape.Run{ID: 501, ScheduleID: 7}}
	for name, synced := range map[string]error{"told": nil, "Temporal is away": errors.New("away")} {
		told := &synchronizer{err: synced}
		recorder = &activities.Recorder{Store: store, Meter: store, Schedules: told}
		_, err = execute[any](t, environment(t, recorder), recorder.FinishRun, input)
		require.NoError(t, err, name)
		require.Equal(t, []scrape.ScheduleID{7}, told.schedules, name)
	}

	store = &memory{}
	recorder = &activities.Recorder{Store: store, Meter: store}
	_, err = execute[any](t, environment(t, recorder), recorder.FinishRun, input)
	require.NoError(t, err, "a workflow that never opened a row has nothing to close")
	require.Empty(t, store.metered)
}

func TestNoteLateEnd(t *testing.T) {
	t.Parallel()
	store := &memory{}
	recorder := &activities.Recorder{Store: store, Meter: store}
	_, err := execute[any](t, environment(t, recorder), recorder.NoteLateEnd, activities.LateEndInput{OpenUntil: slot})
	require.NoError(t, err)
	require.Equal(t, []time.Time{slot}, store.openUntil)
}
