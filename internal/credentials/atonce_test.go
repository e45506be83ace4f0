package credentials_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	temporallog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// withServer puts the world on a real Temporal server with a worker.
func withServer(t *testing.T, w *world) {
	t.Helper()
	address, namespace := testenv.TemporalNamespace(t)
	server, err := client.Dial(client.Options{HostPort: address, Namespace: namespace, Logger: temporallog.NewStructuredLogger(testenv.Logger(t))})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	short := sdkworker.New(server, workflows.ScrapeQueue, sdkworker.Options{})
	workflows.Register(short)
	browser := sdkworker.New(server, workflows.BrowserQueue, sdkworker.Options{DisableWorkflowWorker: true})
	browser.RegisterActivity(w.temporal.steps)
	for _, worker := range []sdkworker.Worker{short, browser} {
		require.NoError(t, worker.Start())
		t.Cleanup(worker.Stop)
	}
	w.Service = w.service(t, server)
	credentials.SetClock(w.Service, w.vault, w.clock)
}

// atOnce calls all of them at the same time and gives their errors in order.
func atOnce(calls ...func() error) []error {
	errs := make([]error, len(calls))
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() { errs[i] = call() })
	}
	all.Wait()
	return errs
}

func TestTheSameWrongPasswordAtOnce(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T, *world){
		"one process":       func(*testing.T, *world) {},
		"a Temporal server": withServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			user, err := w.signIn(t, email, password)
			require.NoError(t, err)
			boss, err := w.signIn(t, "boss@example.com", password)
			require.NoError(t, err)
			prepare(t, w)
			wrong := login(other, "wrong")
			replace := func() error { return w.Replace(t.Context(), user.ID, wrong) }
			errs := atOnce(
				replace, replace,
				func() error { return w.Replace(t.Context(), boss.ID, wrong) },
				func() error { return w.Verify(t.Context(), wrong) },
				func() error {
					result, err := w.Test(t.Context(), boss.ID, &wrong)
					if err == nil && result.Status == credentials.TestFailed {
						return scrape.Errorf(scrape.KindCredentialsRejected, "%s", result.Message)
					}
					return fmt.Errorf("%v: %w", result, err)
				},
			)
			require.Equal(t, 3, w.portal.logins(), "sent once by all of them: %v", errs)
			for i, err := range errs {
				require.Contains(t, []scrape.Kind{scrape.KindInvalid, scrape.KindCredentialsRejected}, scrape.KindOf(err), "%d: %v", i, err)
				require.Contains(t, scrape.MessageOf(err), refused)
			}
		})
	}
}

// Purposes that meet in one try at the portal each get what they asked for.
func TestTheSameRightPasswordAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boss, err := w.signIn(t, "boss@example.com", password)
	require.NoError(t, err)
	withServer(t, w)
	w.portal.set(other, password, nil)
	right := login(other, password)
	signIn := func() error { return w.Verify(t.Context(), right) }
	replace := func() error { return w.Replace(t.Context(), boss.ID, right) }
	test := func() error {
		result, err := w.Test(t.Context(), boss.ID, &right)
		if err == nil && result.Status != credentials.TestSucceeded {
			return fmt.Errorf("%+v", result)
		}
		return err
	}
	for _, err := range atOnce(signIn, replace, test, signIn, replace, test) {
		require.NoError(t, err)
	}
	for _, user := range []scrape.UserID{boss.ID, scrape.UserIDFor(other)} {
		kept, _, err := w.vault.Login(t.Context(), w.credential(t, user).ID)
		require.NoError(t, err)
		require.Equal(t, other, kept.Username)
		require.Equal(t, password, kept.Password.Reveal())
	}
	user, err := w.User(t.Context(), boss.ID)
	require.NoError(t, err)
	require.Equal(t, "boss@example.com", user.Email)
}

// A check that was asked for before another one was refused, and is carried out after it, is not sent: looking before asking is not enough.
func TestCheckThatWaitedIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	wrong := login(other, "wrong")
	w.temporal.before = func() { // the first one's check exists by then
		w.temporal.before = nil
		w.requireRefused(t, other, "wrong", scrape.KindCredentialsRejected, refused)
	}
	w.requireNotReplaced(t, user.ID, wrong, scrape.KindInvalid, refused+" Nothing was saved.")
	require.Equal(t, 2, w.portal.logins())
	require.Equal(t, 3, w.temporal.starts())

	// The same with a login that was accepted: another sign-in has kept it by then.
	w.portal.set(other, "right", nil)
	w.temporal.before = func() {
		w.temporal.before = nil
		_, err := w.signIn(t, other, "right")
		require.NoError(t, err)
	}
	_, err = w.signIn(t, other, "right")
	require.NoError(t, err)
	require.Equal(t, 3, w.portal.logins())

	// And with the stored login, which a run found refused meanwhile.
	w.later(24 * time.Hour)
	w.temporal.before = func() { w.setState(t, user.ID, scrape.CredentialRejected) }
	w.requireTest(t, user.ID, nil, credentials.TestFailed, refused)
	require.Equal(t, 3, w.portal.logins())
}

// Somebody else's check answers, but keeps nothing for this purpose.
func TestChecksOfOthersInTheWay(t *testing.T) {
	t.Parallel()
	const sentence = "This login is being checked for somebody else, too. Try again in a minute."
	w := setup(t)
	w.temporal.foreign = true
	w.requireRefused(t, email, password, scrape.KindUnavailable, sentence)
	require.Equal(t, 3, w.temporal.starts(), "not for ever")
	require.Empty(t, w.everything(t))
	typed := login(email, password)
	w.requireTest(t, scrape.UserIDFor(email), &typed, credentials.TestSucceeded, accepted)
	require.Equal(t, 4, w.temporal.starts(), "a test needs nothing else")

	w.temporal.foreign, w.temporal.ending = false, temporal.NewNonRetryableApplicationError("Sign-in not found", string(scrape.KindNotFound), nil)
	w.requireRefused(t, email, password, scrape.KindUnavailable, sentence)
	w.temporal.ending = nil
	_, err := w.signIn(t, email, password)
	require.NoError(t, err)
}
