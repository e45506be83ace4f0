package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
)

func signIn(t *testing.T, store *memory, portal *site, stale int64) (activities.LoginResult, error) {
	t.Helper()
	steps := portalOf(store, portal)
	return execute[activities.LoginResult](t, environment(t, steps), steps.Login, activities.LoginInput{RunID: 501, CredentialID: 3, StaleSession: stale})
}

// Two automatic logins of one account are the login gap apart. The step waits in Temporal, and the run says what it waits for.
func TestLoginGap(t *testing.T) {
	t.Parallel()
	store, portal := &memory{gap: 41*time.Second + 300*time.Millisecond}, &site{}
	_, err := signIn(t, store, portal, 0)
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindUnavailable, kind)
	require.True(t, retried)
	require.Equal(t, 42*time.Second, retryOf(t, err))
	require.Zero(t, portal.logins)
	require.Zero(t, store.marked, "a login that was not sent opens no gap of its own")
	require.Empty(t, store.attempts, "waiting is no failure")
	require.Equal(t, "Waiting 42s before signing in again", store.progress[len(store.progress)-1].Message)

	store.gap = 0
	result, err := signIn(t, store, portal, 0)
	require.NoError(t, err)
	require.Equal(t, activities.LoginResult{SessionVersion: 1}, result)
	require.Equal(t, 2, store.marked, "before it is sent, in case nobody hears the answer, and after")
}

func TestLoginThatWasNotSentIsUnmarked(t *testing.T) {
	t.Parallel()
	for kind, marked := range map[scrape.Kind]int{
		scrape.KindPortalDown: 0, scrape.KindUnavailable: 0, // the form was never reached
		scrape.KindCredentialsRejected: 1, scrape.KindAccountLocked: 1, scrape.KindPortalThrottled: 1, scrape.KindLayoutChanged: 1,
		scrape.KindInternal: 1, // nobody knows, so it counts
	} {
		store, portal := &memory{}, &site{refuse: scrape.Errorf(kind, "No.")}
		_, err := signIn(t, store, portal, 0)
		got, _ := kindOf(t, err)
		require.Equal(t, kind, got)
		require.Equal(t, marked, store.marked, kind)
		require.Equal(t, 1, portal.logins)
	}
}

func TestTakenSessionIsSaidToBeTaken(t *testing.T) {
	t.Parallel()
	store, portal := &memory{session: 5, gap: time.Minute, rest: time.Minute}, &site{}
	result, err := signIn(t, store, portal, 4)
	require.NoError(t, err)
	require.Equal(t, activities.LoginResult{SessionVersion: 5, Taken: true}, result, "neither gap nor pause holds up what is there already")
	require.Zero(t, portal.logins)
	require.Zero(t, store.marked)

	store.gap, store.rest = 0, 0
	result, err = signIn(t, store, portal, 5)
	require.NoError(t, err)
	require.Equal(t, activities.LoginResult{SessionVersion: 6}, result)
}

func TestLoginWhileThePortalIsToBeLeftAlone(t *testing.T) {
	t.Parallel()
	store, portal := &memory{rest: 30 * time.Second}, &site{}
	_, err := signIn(t, store, portal, 0)
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindPortalThrottled, kind)
	require.True(t, retried)
	require.Equal(t, 31*time.Second, retryOf(t, err))
	require.Zero(t, portal.logins)
	require.Empty(t, store.pauses)
}

func TestThrottledLoginPausesTheAccount(t *testing.T) {
	t.Parallel()
	store := &memory{}
	_, err := signIn(t, store, &site{refuse: &scrape.Error{Kind: scrape.KindPortalThrottled, Message: "No.", RetryAfter: time.Minute}}, 0)
	require.Equal(t, time.Minute, retryOf(t, err))
	require.Equal(t, []time.Duration{time.Minute}, store.pauses)
}

// The evidence is that of the portal's answer, the sentence is ours.
func TestRefusedLoginLeavesEvidence(t *testing.T) {
	t.Parallel()
	page, store := seen(), &memory{}
	_, err := signIn(t, store, &site{refuse: &scrape.Error{Kind: scrape.KindCredentialsRejected, Message: "These credentials do not match.", Evidence: &page}}, 0)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "canary-password")
	require.Len(t, store.attempts, 1)
	require.Equal(t, scrape.KindCredentialsRejected, store.attempts[0].Kind)
	require.Equal(t, "Login", store.attempts[0].Step)
	require.Equal(t, "login-0-1-screenshot.jpg", store.files[0].Name)
	require.Contains(t, store.attempts[0].Message, "Sign in again")
}
