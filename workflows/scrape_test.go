package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"github.com/stretchr/testify/suite"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// began is a run with a login and a kept portal session.
var began = activities.BeginResult{RunID: 501, Trigger: scrape.TriggerScheduled, CredentialID: 3, SessionVersion: 4}

type scrapeSuite struct {
	suite.Suite
	testsuite.WorkflowTestSuite
	env *testsuite.TestWorkflowEnvironment

	recorder *activities.Recorder
	portal   *activities.Portal
	finished []activities.FinishInput
}

func TestScrape(t *testing.T) {
	t.Parallel()
	suite.Run(t, new(scrapeSuite))
}

func (s *scrapeSuite) SetupTest() {
	s.env = s.NewTestWorkflowEnvironment()
	s.env.RegisterActivity(s.recorder)
	s.env.RegisterActivity(s.portal)
	s.finished = nil
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Maybe()
	s.env.OnActivity(s.recorder.FinishRun, mock.Anything, mock.Anything).Return(nil).Maybe().Run(func(args mock.Arguments) {
		s.finished = append(s.finished, args.Get(1).(activities.FinishInput)) //nolint:forcetypeassert // as registered
	})
}

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

func (s *scrapeSuite) TestKeptSessionNeedsNoLogin() {
	s.begin(began)
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, activities.CollectInput{RunID: 501, CredentialID: 3}).
		Return(activities.CollectResult{Pages: 2, Orders: 120}, nil).Once()
	s.env.OnActivity(s.recorder.ApplyWorkOrders, mock.Anything, activities.ApplyInput{RunID: 501}).
		Return(activities.ApplyResult{Outcome: scrape.OutcomeSuccess, Counts: scrape.Counts{Processed: 120, Added: 120}}, nil).Once()

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
	s.env.OnActivity(s.portal.Login, mock.Anything, activities.LoginInput{RunID: 501, CredentialID: 3}).
		Return(activities.LoginResult{SessionVersion: 1}, nil).Once()
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).Return(activities.CollectResult{}, nil).Once()
	s.env.OnActivity(s.recorder.ApplyWorkOrders, mock.Anything, mock.Anything).
		Return(activities.ApplyResult{Outcome: scrape.OutcomePartial, Message: "2 rows could not be read."}, nil).Once()

	s.Require().NoError(s.run(), "partial data is data")
	s.Equal("2 rows could not be read.", s.endedAs(scrape.OutcomePartial).Message)
}

func (s *scrapeSuite) TestExpiredSessionIsRenewedOnce() {
	s.begin(began)
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).Return(activities.CollectResult{}, fails(scrape.KindSessionExpired)).Once()
	s.env.OnActivity(s.portal.Login, mock.Anything, activities.LoginInput{RunID: 501, CredentialID: 3, StaleSession: 4}).
		Return(activities.LoginResult{SessionVersion: 5}, nil).Once()
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).Return(activities.CollectResult{}, nil).Once()
	s.env.OnActivity(s.recorder.ApplyWorkOrders, mock.Anything, mock.Anything).Return(activities.ApplyResult{Outcome: scrape.OutcomeSuccess}, nil).Once()

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

func (s *scrapeSuite) TestSessionThatDiesAgainEndsTheRun() {
	s.begin(began)
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).Return(activities.CollectResult{}, fails(scrape.KindSessionExpired)).Twice()
	s.env.OnActivity(s.portal.Login, mock.Anything, mock.Anything).Return(activities.LoginResult{SessionVersion: 5}, nil).Once()

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
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).Return(activities.CollectResult{}, down).Times(3)
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).Return(activities.CollectResult{Pages: 1}, nil).Once()
	s.env.OnActivity(s.recorder.ApplyWorkOrders, mock.Anything, mock.Anything).Return(activities.ApplyResult{Outcome: scrape.OutcomeSuccess}, nil).Once()

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeSuccess)
}

func (s *scrapeSuite) TestPortalThatStaysDownEndsTheRun() {
	s.begin(began)
	down := temporal.NewApplicationError("The portal does not answer.", string(scrape.KindPortalDown))
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).Return(activities.CollectResult{}, down)

	s.Require().Error(s.run())
	s.Equal("The portal does not answer.", s.endedAs(scrape.OutcomePortalDown).Message)
}

func (s *scrapeSuite) TestHeldResultIsNoFailureOfTheWorkflow() {
	s.begin(began)
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).Return(activities.CollectResult{}, nil).Once()
	s.env.OnActivity(s.recorder.ApplyWorkOrders, mock.Anything, mock.Anything).
		Return(activities.ApplyResult{Outcome: scrape.OutcomeHeld, Message: "Nothing was changed."}, nil).Once()

	s.Require().NoError(s.run())
	s.endedAs(scrape.OutcomeHeld)
}

func (s *scrapeSuite) TestCancelIsRecorded() {
	s.begin(began)
	s.env.OnActivity(s.portal.CollectWorkOrders, mock.Anything, mock.Anything).After(time.Hour).Return(activities.CollectResult{}, nil)
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
