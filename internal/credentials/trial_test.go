package credentials_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/scrape"
)

const (
	accepted = "WorkFossa accepted this login."
	lately   = "WorkFossa accepted this login a short while ago."
)

// requireTest tests a login, the stored one if there is none, with this result.
func (w *world) requireTest(t *testing.T, user scrape.UserID, tested *scrape.Login, status, message string) {
	t.Helper()
	result, err := w.Test(t.Context(), user, tested)
	require.NoError(t, err)
	require.Equal(t, status, result.Status, "%+v", result)
	require.Equal(t, message, result.Message)
	if tested != nil {
		require.Equal(t, scrape.NormalizeEmail(tested.Username), result.Username)
	}
}

func TestTestOfATypedLoginKeepsNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.resumptions()
	w.portal.set(other, "canary", nil)
	before := w.everything(t)
	typed := login("Other@example.com", "canary")
	w.requireTest(t, user.ID, &typed, credentials.TestSucceeded, accepted)
	require.Equal(t, 2, w.portal.logins())
	require.Equal(t, before, w.everything(t))
	require.Empty(t, w.resumptions())

	// Somebody without a stored login may test one, too.
	require.NoError(t, w.Forget(t.Context(), user.ID))
	w.requireTest(t, user.ID, &typed, credentials.TestSucceeded, accepted)
	_, err = w.store.Credential(t.Context(), user.ID)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))
}

func TestTestWithoutALogin(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, err := w.Test(t.Context(), scrape.UserIDFor(email), nil)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))
	require.Equal(t, "No WorkFossa credentials found", scrape.MessageOf(err))
	require.Zero(t, w.portal.logins())
}

func TestTestOfTheStoredLogin(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	typed := login(email, password)
	w.later(loginGap - time.Second)
	w.requireTest(t, user.ID, nil, credentials.TestSucceeded, lately)
	w.requireTest(t, user.ID, &typed, credentials.TestSucceeded, lately)
	require.Equal(t, 1, w.portal.logins())

	w.later(time.Second)
	before := w.credential(t, user.ID)
	_, version, err := w.vault.Session(t.Context(), before.ID)
	require.NoError(t, err)
	w.requireTest(t, user.ID, nil, credentials.TestSucceeded, accepted)
	require.Equal(t, 2, w.portal.logins())
	after := w.credential(t, user.ID)
	require.Equal(t, before.Version, after.Version, "it is the same login")
	require.Equal(t, w.clock(), after.LoginAt.UTC(), "runs keep the gap from it")
	require.NotEqual(t, before.VerifiedAt, after.VerifiedAt)
	_, renewed, err := w.vault.Session(t.Context(), before.ID)
	require.NoError(t, err)
	require.Greater(t, renewed, version, "the next run needs no login of its own")
}

func TestTestOfARefusedStoredLoginSendsNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.later(24 * time.Hour)
	typed := login(email, password)
	for state, sentence := range map[scrape.CredentialState]string{
		scrape.CredentialRejected: refused,
		scrape.CredentialLocked:   locked,
	} {
		w.setState(t, user.ID, state)
		w.requireTest(t, user.ID, nil, credentials.TestFailed, sentence)
		w.requireTest(t, user.ID, &typed, credentials.TestFailed, sentence)
		require.Equal(t, state, w.credential(t, user.ID).State)
	}
	require.Equal(t, 1, w.portal.logins())
	require.Equal(t, 1, w.temporal.starts())
}

func TestTestFindsTheStoredLoginRefused(t *testing.T) {
	t.Parallel()
	for state, test := range map[scrape.CredentialState]struct {
		answer *scrape.Error
		first  string
		then   string
	}{
		scrape.CredentialRejected: {scrape.Errorf(scrape.KindCredentialsRejected, "No."), refused, refused},
		scrape.CredentialLocked:   {scrape.Errorf(scrape.KindAccountLocked, "Change your password there."), "Change your password there.", locked},
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			user, err := w.signIn(t, email, password)
			require.NoError(t, err)
			w.later(24 * time.Hour)
			w.portal.set(email, password, test.answer)
			w.requireTest(t, user.ID, nil, credentials.TestFailed, test.first)
			require.Equal(t, state, w.credential(t, user.ID).State, "runs know it, too")
			w.requireTest(t, user.ID, nil, credentials.TestFailed, test.then)
			require.Equal(t, 2, w.portal.logins())
		})
	}
}

func TestTestWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.later(24 * time.Hour)
	before := w.everything(t)
	for _, answer := range []*scrape.Error{
		scrape.Errorf(scrape.KindPortalDown, "Away."),
		scrape.Errorf(scrape.KindLayoutChanged, "The login form looks different."),
	} {
		w.portal.set(email, password, answer)
		w.requireTest(t, user.ID, nil, credentials.TestUnknown, answer.Message)
	}
	w.temporal.startup = serviceerror.NewUnavailable("away")
	w.requireTest(t, user.ID, nil, credentials.TestUnknown, noScheduler)
	w.temporal.startup = errors.New("canary of ours")
	_, err = w.Test(t.Context(), user.ID, nil)
	require.Equal(t, scrape.KindInternal, scrape.KindOf(err), "a mistake of ours is no result")
	require.Equal(t, before, w.everything(t))
}

// A login that is deleted or replaced while it is tested does not come back.
func TestTestBringsNoOldLoginBack(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	credential := w.credential(t, user.ID)
	w.later(24 * time.Hour)
	w.portal.during = func() {
		sealed, err := w.keys.Seal([]byte("another"), []byte("credential/"+string(user.ID)+"/password"))
		require.NoError(t, err)
		_, err = w.store.SaveCredential(t.Context(), user.ID, credential.SealedUsername, sealed, scrape.CredentialUnverified)
		require.NoError(t, err)
	}
	w.requireTest(t, user.ID, nil, credentials.TestSucceeded, accepted)
	replaced := w.credential(t, user.ID)
	require.Equal(t, credential.Version+1, replaced.Version)
	require.Equal(t, scrape.CredentialUnverified, replaced.State, "what the portal said was about another one")
	_, version, err := w.vault.Session(t.Context(), replaced.ID)
	require.NoError(t, err)
	require.Zero(t, version)

	w.portal.set(email, "another", nil)
	w.portal.during = func() { require.NoError(t, w.Forget(t.Context(), user.ID)) }
	w.later(24 * time.Hour)
	w.requireTest(t, user.ID, nil, credentials.TestSucceeded, accepted)
	info, err := w.Info(t.Context(), user.ID)
	require.NoError(t, err)
	require.False(t, info.HasCredentials)
}
