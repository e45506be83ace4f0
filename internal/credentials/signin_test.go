package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	temporallog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
)

const (
	refused     = "WorkFossa refused this e-mail address and password."
	tooMany     = "Too many different passwords were tried for this address. Wait 15 minutes, so that WorkFossa does not lock the account."
	notInTime   = "WorkFossa could not be asked in time, because no worker is free or the site is slow. Try again in a minute."
	noScheduler = "The scheduler does not answer, so that the login cannot be checked. Try again in a minute."
)

func TestFirstSignInIsVerifiedOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	count, err := w.UserCount(t.Context())
	require.NoError(t, err)
	require.Zero(t, count)

	user, err := w.signIn(t, " Tech@Example.COM ", password)
	require.NoError(t, err)
	now := w.clock()
	require.Equal(t, scrape.User{ID: scrape.UserIDFor(email), Email: email, Role: scrape.RoleUser, CreatedAt: now, LastUsedAt: &now}, user)
	require.Equal(t, 1, w.portal.logins())

	credential, err := w.store.Credential(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialOK, credential.State)
	login, _, err := w.vault.Login(t.Context(), credential.ID)
	require.NoError(t, err)
	require.Equal(t, email, login.Username)
	require.Equal(t, password, login.Password.Reveal())
	session, version, err := w.vault.Session(t.Context(), credential.ID)
	require.NoError(t, err)
	require.Equal(t, int64(1), version, "the first run needs no login of its own")
	require.Equal(t, cookie, session.Cookies[0].Value.Reveal())
	count, err = w.UserCount(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, count)
}

func TestStoredLoginAnswersByItself(t *testing.T) {
	t.Parallel()
	w := setup(t)
	first, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.temporal.startup = errors.New("nobody is asked")
	w.portal.set(email, password, errors.New("the portal is away"))
	w.later(30 * 24 * time.Hour)
	again, err := w.signIn(t, "TECH@example.com", password)
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID)
	require.Equal(t, w.clock(), *again.LastUsedAt)
	require.Equal(t, 1, w.temporal.starts())
	require.NoError(t, w.Verify(t.Context(), login(email, password)))
	require.Equal(t, 1, w.temporal.starts())
}

func TestNothingThatNoPortalWouldAcceptIsSent(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, login := range [][2]string{
		{"", password},
		{"tech", password},
		{"Pat <tech@example.com>", password},
		{"a@b, c@d", password},
		{string(make([]byte, 255)), password},
		{email, ""},
		{email, "a\nb"},
		{email, "a\x00b"},
		{email, string(make([]byte, 501))},
	} {
		_, err := w.signIn(t, login[0], login[1])
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(err), "%q", login)
		var known *scrape.Error
		require.ErrorAs(t, err, &known)
		require.NotEmpty(t, known.Field)
		require.NotContains(t, err.Error(), "canary")
	}
	require.Zero(t, w.temporal.starts())
	require.Empty(t, w.everything(t))
}

func TestRefusedPasswordIsNotSentTwice(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for range 4 {
		w.requireRefused(t, email, "wrong", scrape.KindCredentialsRejected, refused)
		w.requireRefused(t, "TECH@example.com", "wrong", scrape.KindCredentialsRejected, refused)
	}
	require.Equal(t, 1, w.portal.logins())
	_, err := w.User(t.Context(), scrape.UserIDFor(email))
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err), "a refused login makes no user")

	_, err = w.signIn(t, email, password)
	require.NoError(t, err, "another one is tried")
	require.Equal(t, 2, w.portal.logins())
	w.requireRefused(t, email, "wrong", scrape.KindCredentialsRejected, refused)
	require.Equal(t, 2, w.portal.logins())
	w.later(16 * time.Minute)
	w.requireRefused(t, email, "wrong", scrape.KindCredentialsRejected, refused)
	require.Equal(t, 3, w.portal.logins(), "a while later it may be the right one")
}

func TestTooManyPasswords(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for i := range 5 {
		w.requireRefused(t, email, fmt.Sprint("wrong ", i), scrape.KindCredentialsRejected, refused)
		w.later(time.Minute)
	}
	throttled := w.requireRefused(t, email, password, scrape.KindPortalThrottled, tooMany)
	require.Positive(t, throttled.RetryAfter)
	require.LessOrEqual(t, throttled.RetryAfter, 15*time.Minute)
	require.Equal(t, 5, w.portal.logins(), "not even the right one is sent")
	w.requireRefused(t, email, "wrong 3", scrape.KindCredentialsRejected, refused)
	_, err := w.signIn(t, "boss@example.com", password)
	require.NoError(t, err, "others are not held up")

	w.later(throttled.RetryAfter)
	_, err = w.signIn(t, email, password)
	require.NoError(t, err)
}

func TestPasswordChangedAtThePortal(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.portal.set(email, "a new one", nil)
	credential, err := w.store.Credential(t.Context(), user.ID)
	require.NoError(t, err)
	require.NoError(t, w.vault.SetState(t.Context(), credential.ID, credential.Version, scrape.CredentialRejected)) // as the next run does

	w.requireRefused(t, email, password, scrape.KindCredentialsRejected, refused)
	require.Equal(t, 1, w.portal.logins(), "known to be refused")
	_, err = w.signIn(t, email, "a new one")
	require.NoError(t, err)
	require.Equal(t, 2, w.portal.logins())
	changed, err := w.store.Credential(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, credential.ID, changed.ID)
	require.Equal(t, credential.Version+1, changed.Version)
	require.Equal(t, scrape.CredentialOK, changed.State)

	w.requireRefused(t, email, password, scrape.KindCredentialsRejected, refused)
	require.Equal(t, 3, w.portal.logins())
	_, err = w.signIn(t, email, "a new one")
	require.NoError(t, err, "a wrong password does not take the right one away")
	require.Equal(t, 3, w.portal.logins())
}

func TestLockedAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const sentence = "WorkFossa has locked this account. Reset its password there."
	w.portal.set(email, password, scrape.Errorf(scrape.KindAccountLocked, sentence))
	w.requireRefused(t, email, password, scrape.KindAccountLocked, sentence)
	w.requireRefused(t, email, password, scrape.KindAccountLocked, "WorkFossa says that this account is locked. Unlock it there, then sign in again.")
	require.Equal(t, 1, w.portal.logins())

	w.portal.set(email, password, nil)
	w.later(16 * time.Minute)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)

	// Locked after it was stored: the person who signs in says that it is unlocked.
	credential, err := w.store.Credential(t.Context(), user.ID)
	require.NoError(t, err)
	require.NoError(t, w.vault.SetState(t.Context(), credential.ID, credential.Version, scrape.CredentialLocked))
	_, err = w.signIn(t, email, password)
	require.NoError(t, err)
	require.Equal(t, 3, w.portal.logins())
}

func TestPortalThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, test := range []struct {
		err  *scrape.Error
		kind scrape.Kind
	}{
		{scrape.Errorf(scrape.KindPortalDown, "WorkFossa does not answer.").Because(errors.New("dial tcp: refused")), scrape.KindPortalDown},
		{scrape.Errorf(scrape.KindLayoutChanged, "The login form looks different from before."), scrape.KindLayoutChanged},
	} {
		w.portal.set(email, password, test.err)
		w.requireRefused(t, email, password, test.kind, test.err.Message)
	}
	w.portal.set(email, password, errors.New("pq: secret of ours"))
	_, err := w.signIn(t, email, password)
	require.Equal(t, scrape.KindInternal, scrape.KindOf(err))
	require.NotContains(t, scrape.MessageOf(err), "pq:")
	_, err = w.User(t.Context(), scrape.UserIDFor(email))
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))

	w.portal.set(email, password, nil)
	_, err = w.signIn(t, email, password)
	require.NoError(t, err, "it is not remembered as refused")
}

func TestNobodyToAskThePortal(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.temporal.startup = serviceerror.NewUnavailable("connection refused")
	w.requireRefused(t, email, password, scrape.KindUnavailable, noScheduler)
	w.temporal.startup = fmt.Errorf("start: %w", context.DeadlineExceeded)
	w.requireRefused(t, email, password, scrape.KindUnavailable, noScheduler)
	w.temporal.startup = nil
	w.temporal.ending = fmt.Errorf("workflow: %w", temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil))
	w.requireRefused(t, email, password, scrape.KindUnavailable, notInTime)
	require.Zero(t, w.portal.logins())
}

// With a real server and no worker, the person waits no longer than the request may take, and nothing is said about the password.
func TestNoWorker(t *testing.T) {
	t.Parallel()
	w := setup(t)
	address, namespace := testenv.Temporal(t)
	server, err := client.Dial(client.Options{HostPort: address, Namespace: namespace, Logger: temporallog.NewStructuredLogger(testenv.Logger(t))})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	service := credentials.New(w.store, plain{}, server, scrape.NewSecret("key"), nil, testenv.Logger(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = service.SignIn(ctx, login(email, password))
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err), "%v", err)
	require.Equal(t, noScheduler, scrape.MessageOf(err))
	require.Contains(t, w.everything(t), email, "a worker that comes now finds the check")
	require.NotContains(t, err.Error(), "canary")
}

// A person who tries the right password again and again while the portal is down is not told to have tried too many passwords, and
// nothing of the tries stays.
func TestPortalDownIsNoReasonToThrottle(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.portal.set(email, password, scrape.Errorf(scrape.KindPortalDown, "The portal does not answer."))
	for range 8 {
		w.requireRefused(t, email, password, scrape.KindPortalDown, "The portal does not answer.")
	}
	require.Empty(t, w.everything(t))
	w.portal.set(email, password, nil)
	_, err := w.signIn(t, email, password)
	require.NoError(t, err)
}

// plain seals nothing.
type plain struct{}

func (plain) Seal(plaintext, _ []byte) ([]byte, error)  { return plaintext, nil }
func (plain) Open(ciphertext, _ []byte) ([]byte, error) { return ciphertext, nil }

func TestTwoFirstSignInsAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	users, errs := make([]scrape.User, 4), make([]error, 4)
	var all sync.WaitGroup
	for i := range users {
		all.Go(func() { users[i], errs[i] = w.signIn(t, email, password) })
	}
	all.Wait()
	for i := range users {
		require.NoError(t, errs[i])
		require.Equal(t, scrape.UserIDFor(email), users[i].ID)
	}
	count, err := w.UserCount(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, count)
	require.LessOrEqual(t, w.portal.logins(), len(users))
	_, err = w.signIn(t, email, password)
	require.NoError(t, err)
}

func TestRolesComeFromTheSettings(t *testing.T) {
	t.Parallel()
	w := setup(t, " Boss@Example.com ", "")
	boss, err := w.signIn(t, "boss@example.com", password)
	require.NoError(t, err)
	require.Equal(t, scrape.RoleAdmin, boss.Role)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	require.Equal(t, scrape.RoleUser, user.Role)
	stored, err := w.store.User(t.Context(), boss.ID)
	require.NoError(t, err)
	require.Equal(t, scrape.RoleAdmin, stored.Role)

	without := credentials.New(w.store, plain{}, w.temporal, scrape.NewSecret("key"), nil, testenv.Logger(t))
	boss, err = without.User(t.Context(), boss.ID)
	require.NoError(t, err)
	require.Equal(t, scrape.RoleUser, boss.Role, "at once, also for somebody who is signed in")
}

// Neither what is stored nor what Temporal is told holds a password, an address of a check or a cookie.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.requireRefused(t, "boss@example.com", "wrong-canary", scrape.KindCredentialsRejected, refused)
	w.temporal.startup = serviceerror.NewUnavailable("away")
	w.requireRefused(t, "boss@example.com", password, scrape.KindUnavailable, noScheduler) // its check stays open
	w.temporal.startup = nil
	_, err := w.signIn(t, email, password)
	require.NoError(t, err)
	all := w.everything(t)
	require.Contains(t, all, email, "the text is looked through at all")
	require.NotContains(t, all, "canary")
	require.NotContains(t, all, fmt.Sprintf("%x", password))
	require.NotContains(t, all, fmt.Sprintf("%x", cookie))
	require.Len(t, w.temporal.started, 3)
	for _, told := range w.temporal.started {
		require.NotContains(t, told, "canary")
		require.NotContains(t, told, "example.com")
	}
}

// A sealed value of one user opens for nobody else.
func TestSealedValuesBelongToTheirUser(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	boss, err := w.signIn(t, "boss@example.com", password)
	require.NoError(t, err)
	conn := w.connect(t)
	_, err = conn.Exec(t.Context(), `UPDATE user_credentials AS a SET encrypted_password = b.encrypted_password FROM user_credentials AS b WHERE a.user_id = $1 AND b.user_id = $2`,
		string(boss.ID), string(user.ID))
	require.NoError(t, err)
	_, err = w.signIn(t, "boss@example.com", password)
	require.Equal(t, scrape.KindInternal, scrape.KindOf(err))
	require.ErrorContains(t, err, "open password")
}
