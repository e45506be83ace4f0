package credentials

import (
	"context"

	"github.com/fossawork/scheduler/scrape"
)

// The answers of a test.
const (
	TestSucceeded = "success" // the portal accepts the login
	TestFailed    = "failed"  // the portal refuses it
	TestUnknown   = "error"   // the portal was not asked, or gave no answer
)

// TestResult is what a test of a login has shown.
type TestResult struct {
	Status   string // TestSucceeded, TestFailed or TestUnknown
	Message  string // a sentence for people
	Username string
}

// Test tells whether the portal accepts this login, or the stored one when none is given, and keeps nothing of a success. What SignIn does
// not send twice is not sent here either. The stored login is not sent when the portal has refused it, or has accepted it within LoginGap.
//
// Errors: KindNotFound when there is no stored login to test, KindInvalid for an unusable address or password. That the portal cannot be
// asked is a result.
func (s *Service) Test(ctx context.Context, user scrape.UserID, login *scrape.Login) (TestResult, error) {
	stored, err := s.stored(ctx, user)
	if err != nil {
		return TestResult{}, err
	}
	tested := stored.Login
	switch {
	case login != nil:
		if tested, err = checkForm(*login); err != nil {
			return TestResult{}, err
		}
	case stored.missing():
		return TestResult{}, scrape.Errorf(scrape.KindNotFound, "No WorkFossa credentials found")
	}
	if stored.is(tested) {
		if stored.credential.State.Refused() {
			return testResult(tested.Username, refusal(stored.credential.State))
		}
		if stored.acceptedSince(s.now().Add(-s.LoginGap)) {
			return TestResult{TestSucceeded, "WorkFossa accepted this login a short while ago.", tested.Username}, nil
		}
	}
	_, err = s.ask(ctx, tested, testFor(user))
	return testResult(tested.Username, err)
}

func testResult(username string, err error) (TestResult, error) {
	result := TestResult{TestSucceeded, "WorkFossa accepted this login.", username}
	if err == nil {
		return result, nil
	}
	result.Message = scrape.MessageOf(err)
	switch scrape.KindOf(err) {
	case scrape.KindCredentialsRejected, scrape.KindAccountLocked:
		result.Status = TestFailed
	case scrape.KindPortalDown, scrape.KindPortalThrottled, scrape.KindLayoutChanged, scrape.KindUnavailable:
		result.Status = TestUnknown
	default:
		return TestResult{}, err
	}
	return result, nil
}
