package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/scrape"
)

const locked = "WorkFossa says that this account is locked. Unlock it there, then sign in again."

func TestInfoAndForget(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := scrape.UserIDFor(email)
	info, err := w.Info(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, credentials.Info{}, info)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(w.Forget(t.Context(), id)))

	_, err = w.signIn(t, "Tech@example.com", password)
	require.NoError(t, err)
	_, err = w.signIn(t, "boss@example.com", password)
	require.NoError(t, err)
	// Only the user name is opened: a password that cannot be opened is nothing to it.
	_, err = w.connect(t).Exec(t.Context(), `UPDATE user_credentials SET encrypted_password = 'AAAA' WHERE user_id = $1`, string(id))
	require.NoError(t, err)
	info, err = w.Info(t.Context(), id)
	require.NoError(t, err)
	credential := w.credential(t, id)
	require.Equal(t, credentials.Info{
		HasCredentials: true, Username: email, State: scrape.CredentialOK, CreatedAt: &credential.CreatedAt, UpdatedAt: &credential.UpdatedAt,
		VerifiedAt: credential.VerifiedAt, LoginAt: credential.LoginAt,
	}, info)
	require.Equal(t, w.clock(), info.VerifiedAt.UTC())
	require.Equal(t, w.clock(), info.LoginAt.UTC())

	require.NoError(t, w.Forget(t.Context(), id))
	info, err = w.Info(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, credentials.Info{}, info)
	_, version, err := w.vault.Session(t.Context(), credential.ID)
	require.NoError(t, err)
	require.Zero(t, version, "the portal session goes, too")
	_, err = w.User(t.Context(), id)
	require.NoError(t, err, "the user stays")
	info, err = w.Info(t.Context(), scrape.UserIDFor("boss@example.com"))
	require.NoError(t, err)
	require.True(t, info.HasCredentials, "others keep theirs")
}

func TestReplaceKeepsTheLoginForItsUser(t *testing.T) {
	t.Parallel()
	w := setup(t, other)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	before := w.credential(t, user.ID)
	w.portal.set(other, "canary of the other", nil)
	w.later(time.Hour)

	require.NoError(t, w.Replace(t.Context(), user.ID, login(" Other@Example.com", "canary of the other")))
	after := w.credential(t, user.ID)
	require.Equal(t, before.ID, after.ID)
	require.Equal(t, before.Version+1, after.Version)
	require.Equal(t, w.clock(), after.LoginAt.UTC())
	kept, _, err := w.vault.Login(t.Context(), after.ID)
	require.NoError(t, err)
	require.Equal(t, other, kept.Username)
	require.Equal(t, "canary of the other", kept.Password.Reveal())
	same, err := w.User(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, email, same.Email)
	require.Equal(t, scrape.RoleUser, same.Role, "the role is that of the user's own address")
	_, err = w.User(t.Context(), scrape.UserIDFor(other))
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err), "the login's address is no user")
	require.NotContains(t, w.everything(t), "canary")
	require.Equal(t, 2, w.portal.logins())

	require.NoError(t, w.Replace(t.Context(), user.ID, login(other, "canary of the other")))
	require.Equal(t, 2, w.portal.logins(), "the same again is not sent")
	require.Equal(t, after, w.credential(t, user.ID))
}

// Signing in with one's own address says who one is. It takes the login away that one has put in place of the first one only when the
// portal has refused that.
func TestSignInLeavesAReplacedLogin(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.portal.set(other, "canary of the other", nil)
	require.NoError(t, w.Replace(t.Context(), user.ID, login(other, "canary of the other")))
	replaced := w.credential(t, user.ID)
	w.resumptions()

	again, err := w.signIn(t, email, password)
	require.NoError(t, err)
	require.Equal(t, user.ID, again.ID)
	require.Equal(t, 3, w.portal.logins(), "the portal knows whether this password is right")
	require.Equal(t, replaced, w.credential(t, user.ID))
	require.Empty(t, w.resumptions())
	w.requireRefused(t, email, "canary of the other", scrape.KindCredentialsRejected, refused)

	w.setState(t, user.ID, scrape.CredentialRejected)
	_, err = w.signIn(t, email, password)
	require.NoError(t, err)
	info, err := w.Info(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, email, info.Username)
	require.Equal(t, scrape.CredentialOK, info.State)
	require.Equal(t, []scrape.UserID{user.ID}, w.resumptions())
}

func TestReplaceOfUnusableLogins(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	for _, unusable := range []scrape.Login{login("tech", password), login(email, ""), {}} {
		err := w.Replace(t.Context(), user.ID, unusable)
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
		_, err = w.Test(t.Context(), user.ID, &unusable)
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
	}
	err = w.Replace(t.Context(), "nobody", login(other, password))
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))
	require.Equal(t, 1, w.portal.logins())
}

// requireNotReplaced tries to, which must fail so and change nothing.
func (w *world) requireNotReplaced(t *testing.T, user scrape.UserID, replacement scrape.Login, kind scrape.Kind, sentence string) {
	t.Helper()
	before := w.credential(t, user)
	err := w.Replace(t.Context(), user, replacement)
	require.Equal(t, kind, scrape.KindOf(err), "%v", err)
	require.Equal(t, sentence, scrape.MessageOf(err))
	require.NotContains(t, err.Error(), "canary")
	require.Equal(t, before, w.credential(t, user))
}

func TestReplaceSavesNothingElse(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.resumptions()
	for _, test := range []struct {
		answer   error
		kind     scrape.Kind
		sentence string
	}{
		{scrape.Errorf(scrape.KindCredentialsRejected, "No."), scrape.KindInvalid, refused + " Nothing was saved."},
		{scrape.Errorf(scrape.KindAccountLocked, "Locked."), scrape.KindAccountLocked, "Locked. Nothing was saved."},
		{scrape.Errorf(scrape.KindPortalDown, "Away."), scrape.KindPortalDown, "Away. Nothing was saved."},
	} {
		w.portal.set(other, password, test.answer)
		w.requireNotReplaced(t, user.ID, login(other, "wrong "+string(test.kind)), test.kind, test.sentence)
	}
	w.portal.set(other, password, nil)
	w.temporal.startup = serviceerror.NewUnavailable("away")
	w.requireNotReplaced(t, user.ID, login(other, password), scrape.KindUnavailable, noScheduler+" Nothing was saved.")
	w.temporal.startup = errors.New("broken")
	w.requireNotReplaced(t, user.ID, login(other, password), scrape.KindInternal, "Something went wrong on our side.")
	require.Empty(t, w.resumptions())
}

// The check goes on without a caller who stopped waiting, so it is not said that nothing will be saved.
func TestReplaceThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.portal.set(other, password, nil)
	ctx, cancel := context.WithCancel(t.Context())
	w.portal.during = cancel
	err = w.Replace(ctx, user.ID, login(other, password))
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err))
	require.Equal(t, noScheduler+" This login is saved only if WorkFossa still accepts it.", scrape.MessageOf(err))
	info, err := w.Info(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, other, info.Username)
}

// A refused login is the same one, whoever gives it and for whatever purpose.
func TestRefusedLoginIsNotSentForAnotherPurpose(t *testing.T) {
	t.Parallel()
	purposes := map[string]func(*testing.T, *world, scrape.UserID, scrape.Login){
		"sign in": func(t *testing.T, w *world, _ scrape.UserID, wrong scrape.Login) {
			t.Helper()
			w.requireRefused(t, wrong.Username, wrong.Password.Reveal(), scrape.KindCredentialsRejected, refused)
		},
		"replace": func(t *testing.T, w *world, user scrape.UserID, wrong scrape.Login) {
			t.Helper()
			w.requireNotReplaced(t, user, wrong, scrape.KindInvalid, refused+" Nothing was saved.")
		},
		"test": func(t *testing.T, w *world, user scrape.UserID, wrong scrape.Login) {
			t.Helper()
			w.requireTest(t, user, &wrong, credentials.TestFailed, refused)
		},
	}
	for first, refuse := range purposes {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			user, err := w.signIn(t, email, password)
			require.NoError(t, err)
			boss, err := w.signIn(t, "boss@example.com", password)
			require.NoError(t, err)
			refuse(t, w, user.ID, login(other, "wrong"))
			require.Equal(t, 3, w.portal.logins())
			for _, again := range purposes {
				again(t, w, user.ID, login(other, "wrong"))
				again(t, w, boss.ID, login("OTHER@example.com", "wrong"))
			}
			require.Equal(t, 3, w.portal.logins())
		})
	}
}

// What a run was told is known to be refused for every purpose, and for as long as it is stored.
func TestLoginThatARunFoundRefusedIsNotSent(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	boss, err := w.signIn(t, "boss@example.com", password)
	require.NoError(t, err)
	w.setState(t, user.ID, scrape.CredentialRejected)
	w.later(24 * time.Hour)
	w.requireRefused(t, email, password, scrape.KindCredentialsRejected, refused)
	w.requireNotReplaced(t, user.ID, login(email, password), scrape.KindInvalid, refused+" Nothing was saved.")
	w.requireNotReplaced(t, boss.ID, login(email, password), scrape.KindInvalid, refused+" Nothing was saved.")
	typed := login(email, password)
	w.requireTest(t, boss.ID, &typed, credentials.TestFailed, refused)
	require.Equal(t, 2, w.portal.logins())
}

func TestLimitHoldsOverAllPurposes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	for i := range 5 {
		wrong := login(other, fmt.Sprint("wrong ", i))
		switch i % 3 {
		case 0:
			w.requireRefused(t, other, wrong.Password.Reveal(), scrape.KindCredentialsRejected, refused)
		case 1:
			w.requireNotReplaced(t, user.ID, wrong, scrape.KindInvalid, refused+" Nothing was saved.")
		case 2:
			w.requireTest(t, user.ID, &wrong, credentials.TestFailed, refused)
		}
	}
	w.requireNotReplaced(t, user.ID, login(other, "wrong 5"), scrape.KindPortalThrottled, tooMany+" Nothing was saved.")
	sixth := login(other, "wrong 5")
	w.requireTest(t, user.ID, &sixth, credentials.TestUnknown, tooMany)
	w.requireRefused(t, other, "wrong 5", scrape.KindPortalThrottled, tooMany)
	require.Equal(t, 6, w.portal.logins())
}

// A refused password that is the stored one is not tried by the next run either.
func TestRefusedCheckMarksTheStoredLogin(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.setState(t, user.ID, scrape.CredentialUnverified)
	w.portal.set(email, "changed there", nil)
	w.requireRefused(t, email, password, scrape.KindCredentialsRejected, refused)
	require.Equal(t, scrape.CredentialRejected, w.credential(t, user.ID).State)
	w.later(24 * time.Hour)
	w.requireRefused(t, email, password, scrape.KindCredentialsRejected, refused)
	require.Equal(t, 2, w.portal.logins())
}

func TestRunsThatWereHeldAreResumed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	just := []scrape.UserID{user.ID}
	require.Equal(t, just, w.resumptions(), "there was no login")
	_, err = w.signIn(t, email, password)
	require.NoError(t, err)
	require.Empty(t, w.resumptions(), "nothing has changed")

	w.portal.set(email, "second", nil)
	w.requireNotReplaced(t, user.ID, login(email, "third"), scrape.KindInvalid, refused+" Nothing was saved.")
	require.NoError(t, w.Replace(t.Context(), user.ID, login(email, "second")))
	require.Empty(t, w.resumptions(), "nothing was held")

	w.setState(t, user.ID, scrape.CredentialLocked)
	_, err = w.signIn(t, email, "second")
	require.NoError(t, err)
	require.Equal(t, just, w.resumptions())

	w.setState(t, user.ID, scrape.CredentialRejected)
	w.portal.set(email, "fourth", nil)
	require.NoError(t, w.Replace(t.Context(), user.ID, login(email, "fourth")))
	require.Equal(t, just, w.resumptions())

	require.NoError(t, w.Forget(t.Context(), user.ID))
	require.NoError(t, w.Replace(t.Context(), user.ID, login(email, "fourth")))
	require.Equal(t, just, w.resumptions())

	w.setState(t, user.ID, scrape.CredentialUnverified)
	_, err = w.signIn(t, email, "fourth")
	require.NoError(t, err)
	require.Empty(t, w.resumptions(), "an untried login holds no run")

	w.Resumed = nil
	w.setState(t, user.ID, scrape.CredentialLocked)
	_, err = w.signIn(t, email, "fourth")
	require.NoError(t, err)
}
