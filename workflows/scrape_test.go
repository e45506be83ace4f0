package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"github.com/stretchr/testify/suite"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// began is a run of work orders with a login and a kept portal session.
var began = activities.BeginResult{
	RunID: 501, Trigger: scrape.TriggerScheduled, CredentialID: 3, SessionVersion: 4, UserID: "u",
	Steps: []activities.StepRef{{Name: "CollectWorkOrders", At: jobs.AtPortal}, {Name: "ApplyWorkOrders", At: jobs.AtStore}},
}

// input is what every step of that run is given.
var input = activities.StepInput{RunID: 501, CredentialID: 3}

type scrapeSuite struct {
	suite.Suite
	testsuite.WorkflowTestSuite
	env *testsuite.TestWorkflowEnvironment

	recorder *activities.Recorder
	portal   *activities.Portal
	finished []activities.FinishInput
	closing  time.Duration // how long closing the row takes
}

func TestScrape(t *testing.T) {
	t.Parallel()
	suite.Run(t, new(scrapeSuite))
}

func (s *scrapeSuite) SetupTest() {
	s.env = s.NewTestWorkflowEnvironment()
	s.env.RegisterActivity(s.recorder)
	s.env.RegisterActivity(s.portal)
	for _, job := range jobs.All() {
		for _, step := range job.Steps {
			s.env.RegisterActivityWithOptions(notMocked, activity.RegisterOptions{Name: step.Name})
		}
	}
	s.finished, s.closing = nil, 0
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Maybe()
	s.env.OnActivity(s.recorder.FinishRun, mock.Anything, mock.Anything).Return(nil).Maybe().AfterFn(func() time.Duration { return s.closing }).Run(func(args mock.Arguments) {
		s.finished = append(s.finished, args.Get(1).(activities.FinishInput)) //nolint:forcetypeassert // as registered
	})
}

// notMocked stands for the steps of jobs: the tests say what each gives.
func notMocked(context.Context, activities.StepInput) (jobs.Result, error) {
	return jobs.Result{}, errors.New("this step was not expected")
}

// step says what a step gives, the next time.
func (s *scrapeSuite) step(name string, result jobs.Result, err error) {
	s.env.OnActivity(name, mock.Anything, input).Return(result, err).Once()
}

// login says what a login gives that knows of this session as stale.
func (s *scrapeSuite) login(stale int64, result activities.LoginResult) {
	s.env.OnActivity(s.portal.Login, mock.Anything, activities.LoginInput{RunID: 501, CredentialID: 3, StaleSession: stale}).
		Return(result, nil).Once()
}

// success is the result of a step that ends a run well.
var success = jobs.Result{Outcome: scrape.OutcomeSuccess}

func (s *scrapeSuite) begin(result activities.BeginResult) {
	s.env.OnActivity(s.recorder.BeginRun, mock.Anything, mock.Anything).Return(result, nil).Once()
}

func (s *scrapeSuite) run() error {
	s.env.ExecuteWorkflow(workflows.Scrape, workflows.ScrapeInput{ScheduleID: 7})
	s.True(s.env.IsWorkflowCompleted())
	s.env.AssertExpectations(s.T())
	return s.env.GetWorkflowError()
}

func (s *scrapeSuite) endedAs(outcome scrape.Outcome) activities.FinishInput {
	s.Require().Len(s.finished, 1, "a run is closed exactly once")
	s.Equal(outcome, s.finished[0].Outcome)
	return s.finished[0]
}

func fails(kind scrape.Kind) error {
	return temporal.NewNonRetryableApplicationError("because", string(kind), nil)
}

// expired is the error of a step whose session the portal no longer accepts.
func expired(session int64) error {
	return temporal.NewApplicationErrorWithOptions("Sign in.", string(scrape.KindSessionExpired), temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{activities.ExpiredDetails{SessionVersion: session}},
	})
}

func (s *scrapeSuite) TestKeptSessionNeedsNoLogin() {
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{Details: "Read 120 work orders."}, nil)
	s.step("ApplyWorkOrders", jobs.Result{Outcome: scrape.OutcomeSuccess, Counts: scrape.Counts{Processed: 120, Added: 120}}, nil)

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
	var result workflows.ScrapeResult
	s.Require().NoError(s.env.GetWorkflowResult(&result))
	s.Equal(workflows.ScrapeResult{RunID: 501, Outcome: scrape.OutcomeSuccess, Counts: scrape.Counts{Processed: 120, Added: 120}}, result)
}

func (s *scrapeSuite) TestFirstRunSignsIn() {
	first := began
	first.SessionVersion = 0
	s.begin(first)
	s.login(0, activities.LoginResult{SessionVersion: 1})
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", jobs.Result{Outcome: scrape.OutcomePartial, Message: "2 rows could not be read."}, nil)

	s.Require().NoError(s.run(), "partial data is data")
	s.Equal("2 rows could not be read.", s.endedAs(scrape.OutcomePartial).Message)
}

func (s *scrapeSuite) TestExpiredSessionIsRenewedOnce() {
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{}, expired(4))
	s.login(4, activities.LoginResult{SessionVersion: 5})
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", success, nil)

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

func (s *scrapeSuite) TestSessionThatDiesAgainEndsTheRun() {
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{}, expired(4))
	s.login(4, activities.LoginResult{SessionVersion: 5})
	s.step("CollectWorkOrders", jobs.Result{}, expired(5))

	s.Require().Error(s.run())
	s.endedAs(scrape.OutcomeSessionExpired)
}

func (s *scrapeSuite) TestRefusedLoginNeverReachesThePortal() {
	refused := began
	refused.RefusedKind, refused.RefusedMessage = scrape.KindCredentialsRejected, "Sign in again."
	s.begin(refused)

	err := s.run()
	var application *temporal.ApplicationError
	s.Require().ErrorAs(err, &application)
	s.Equal(string(scrape.OutcomeCredentialsRejected), application.Type())
	s.Equal("Sign in again.", s.endedAs(scrape.OutcomeCredentialsRejected).Message)
}

func (s *scrapeSuite) TestRejectedPasswordIsNotTriedAgain() {
	first := began
	first.SessionVersion = 0
	s.begin(first)
	s.env.OnActivity(s.portal.Login, mock.Anything, mock.Anything).Return(activities.LoginResult{}, fails(scrape.KindCredentialsRejected)).Once()

	s.Require().Error(s.run())
	s.endedAs(scrape.OutcomeCredentialsRejected)
}

func (s *scrapeSuite) TestPortalDownIsTriedAgain() {
	s.begin(began)
	down := temporal.NewApplicationError("The portal does not answer.", string(scrape.KindPortalDown))
	s.env.OnActivity("CollectWorkOrders", mock.Anything, input).Return(jobs.Result{}, down).Times(3)
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", success, nil)

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

func (s *scrapeSuite) TestPortalThatStaysDownEndsTheRun() {
	s.begin(began)
	down := temporal.NewApplicationError("The portal does not answer.", string(scrape.KindPortalDown))
	s.env.OnActivity("CollectWorkOrders", mock.Anything, input).Return(jobs.Result{}, down)

	s.Require().Error(s.run())
	s.Equal("The portal does not answer.", s.endedAs(scrape.OutcomePortalDown).Message)
}

func (s *scrapeSuite) TestHeldResultIsNoFailureOfTheWorkflow() {
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", jobs.Result{Outcome: scrape.OutcomeHeld, Message: "Nothing was changed."}, nil)

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeHeld)
}

func (s *scrapeSuite) TestCancelIsRecorded() {
	s.begin(began)
	s.env.OnActivity("CollectWorkOrders", mock.Anything, input).After(time.Hour).Return(jobs.Result{}, nil)
	s.env.RegisterDelayedCallback(s.env.CancelWorkflow, time.Minute)

	s.Require().Error(s.run())
	s.endedAs(scrape.OutcomeCancelled)
	s.True(temporal.IsCanceledError(s.env.GetWorkflowError()), "Temporal shows it as cancelled, too")
}

func (s *scrapeSuite) TestSkippedSlotDoesNothing() {
	s.begin(activities.BeginResult{RunID: 502, Trigger: scrape.TriggerScheduled, Outcome: scrape.OutcomeSkippedOverlap})
	s.Require().NoError(s.run())
	s.Empty(s.finished, "the row was closed when it was opened")
}

func (s *scrapeSuite) TestRunThatCannotBeginIsClosedAllTheSame() {
	s.env.OnActivity(s.recorder.BeginRun, mock.Anything, mock.Anything).
		Return(activities.BeginResult{}, temporal.NewNonRetryableApplicationError("gone", string(scrape.KindNotFound), errors.New("cause")))
	s.Require().Error(s.run())
	s.endedAs(scrape.OutcomeInternalError)
}

func TestTemporalScheduleIDs(t *testing.T) {
	t.Parallel()
	require.Equal(t, "scrape-schedule-7", workflows.TemporalScheduleID(7))
	id, ours := workflows.ParseTemporalScheduleID("scrape-schedule-7")
	require.True(t, ours)
	require.Equal(t, scrape.ScheduleID(7), id)
	for _, foreign := range []string{"", "system-reconcile", "scrape-schedule-", "scrape-schedule-07", "scrape-schedule-7x", "scrape-schedule--7", "my-scrape-schedule-7"} {
		_, ours := workflows.ParseTemporalScheduleID(foreign)
		require.False(t, ours, foreign)
	}
}

// A workflow that outlives its row is in the way of the next slots, and says until when.
func (s *scrapeSuite) TestLateEndIsNoted() {
	for _, failed := range []error{nil, fails(scrape.KindInternal)} {
		s.SetupTest()
		s.closing = time.Minute
		s.begin(began)
		s.step("CollectWorkOrders", jobs.Result{}, nil)
		s.step("ApplyWorkOrders", success, nil)
		var late activities.LateEndInput
		s.env.OnActivity(s.recorder.NoteLateEnd, mock.Anything, mock.Anything).Return(failed).Once().Run(func(args mock.Arguments) {
			late = args.Get(1).(activities.LateEndInput) //nolint:forcetypeassert // as registered
		})
		s.Require().NoError(s.run(), "the run has ended whether that works or not")
		s.Equal(s.endedAs(scrape.OutcomeSuccess).At.Add(time.Minute), late.OpenUntil)
	}
}

func (s *scrapeSuite) TestEndInTimeIsNotNoted() {
	s.closing = 900 * time.Millisecond
	s.begin(began)
	s.step("CollectWorkOrders", jobs.Result{}, nil)
	s.step("ApplyWorkOrders", success, nil)
	s.env.OnActivity(s.recorder.NoteLateEnd, mock.Anything, mock.Anything).Never()
	s.Require().NoError(s.run())
}
