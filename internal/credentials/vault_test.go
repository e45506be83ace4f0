package credentials_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/scrape"
)

func TestLoginGapHoldsForAllWorkers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	another := credentials.NewVault(w.store, w.keys, nil, loginGap)
	credentials.SetClock(w.Service, another, w.clock)

	signedIn := w.clock()
	credential := w.credential(t, user.ID)
	require.Equal(t, signedIn, credential.LoginAt.UTC(), "signing in was a login, too")
	require.Equal(t, loginGap, another.MayLogin(t.Context(), credential))
	w.later(loginGap - time.Second)
	require.Equal(t, time.Second, another.MayLogin(t.Context(), credential))
	w.later(time.Second)
	require.Zero(t, another.MayLogin(t.Context(), credential))

	unmark, err := w.vault.MarkLogin(t.Context(), credential)
	require.NoError(t, err)
	credential = w.credential(t, user.ID)
	require.Equal(t, loginGap, another.MayLogin(t.Context(), credential))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, unmark(ended), "also when the step was cancelled")
	credential = w.credential(t, user.ID)
	require.Equal(t, signedIn, credential.LoginAt.UTC())
	require.Zero(t, another.MayLogin(t.Context(), credential))
}

func TestMayLogin(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	vault := credentials.NewVault(nil, nil, nil, loginGap)
	credentials.SetClock(&credentials.Service{}, vault, func() time.Time { return now })
	for name, test := range map[string]struct {
		ago  time.Duration
		wait time.Duration
	}{
		"long ago":           {24 * time.Hour, 0},
		"just long enough":   {loginGap, 0},
		"a minute ago":       {time.Minute, loginGap - time.Minute},
		"a clock that leads": {-time.Hour, loginGap},
	} {
		at := now.Add(-test.ago)
		require.Equal(t, test.wait, vault.MayLogin(t.Context(), scrape.Credential{LoginAt: &at}), name)
	}
	require.Zero(t, vault.MayLogin(t.Context(), scrape.Credential{}), "never sent")
}

func TestPause(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	id := w.credential(t, user.ID).ID
	requirePaused := func(expected time.Duration) {
		t.Helper()
		wait, err := w.vault.Paused(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, expected, wait)
	}
	requirePaused(0)
	require.NoError(t, w.vault.Pause(t.Context(), id, 0))
	requirePaused(0)
	require.NoError(t, w.vault.Pause(t.Context(), id, time.Minute))
	requirePaused(time.Minute)
	require.NoError(t, w.vault.Pause(t.Context(), id, time.Second))
	requirePaused(time.Minute)
	w.later(45 * time.Second)
	requirePaused(15 * time.Second)
	w.later(time.Hour)
	requirePaused(0)
}

func TestSavedSessionShowsThatTheLoginIsAccepted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	w.setState(t, user.ID, scrape.CredentialUnverified)
	credential := w.credential(t, user.ID)
	_, version, err := w.vault.Session(t.Context(), credential.ID)
	require.NoError(t, err)

	stale := credential
	stale.Version--
	_, err = w.vault.SaveSession(t.Context(), stale, session("of an older login"), version)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialUnverified, w.credential(t, user.ID).State)

	_, err = w.vault.SaveSession(t.Context(), credential, session("fresh"), version)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialOK, w.credential(t, user.ID).State)
}

func session(value string) scrape.Session {
	expires := time.Date(2030, 1, 2, 14, 0, 0, 0, time.UTC)
	return scrape.Session{Cookies: []scrape.Cookie{
		{Name: "session", Value: scrape.NewSecret(value), Domain: "portal.example.com", Path: "/", Expires: expires, HTTPOnly: true},
		{Name: "theme", Value: scrape.NewSecret("dark"), Domain: "portal.example.com", Path: "/"},
	}}
}

func TestRenewedCookiesAreKept(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	credential := w.credential(t, user.ID)
	_, version, err := w.vault.Session(t.Context(), credential.ID)
	require.NoError(t, err)
	version, err = w.vault.SaveSession(t.Context(), credential, session("first"), version)
	require.NoError(t, err)
	before, _, err := w.vault.Session(t.Context(), credential.ID)
	require.NoError(t, err)

	same := session("first")
	slices.Reverse(same.Cookies)
	same.Cookies[1].Expires = same.Cookies[1].Expires.Add(200 * time.Millisecond) // rounded by the browser
	for name, after := range map[string]scrape.Session{"equal": before, "another order": same, "nothing left": {}} {
		require.NoError(t, w.vault.RenewSession(t.Context(), credential.ID, version, before, after), name)
		w.requireSession(t, credential.ID, version, "first")
	}

	longer := session("first")
	longer.Cookies[0].Expires = longer.Cookies[0].Expires.Add(time.Hour)
	fewer := session("first")
	fewer.Cookies = fewer.Cookies[:1]
	for _, after := range []scrape.Session{longer, fewer, session("second")} {
		require.NoError(t, w.vault.RenewSession(t.Context(), credential.ID, version, session("first"), after))
		kept, renewed, err := w.vault.Session(t.Context(), credential.ID)
		require.NoError(t, err)
		require.Greater(t, renewed, version)
		require.Equal(t, after, kept)
		version, err = w.vault.SaveSession(t.Context(), credential, session("first"), renewed)
		require.NoError(t, err)
	}
}

// requireSession finds this session.
func (w *world) requireSession(t *testing.T, id scrape.CredentialID, version int64, value string) {
	t.Helper()
	kept, found, err := w.vault.Session(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, version, found)
	require.Equal(t, value, kept.Cookies[0].Value.Reveal())
}

func TestLostRenewalIsHarmless(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	credential := w.credential(t, user.ID)
	before, version, err := w.vault.Session(t.Context(), credential.ID)
	require.NoError(t, err)

	newer, err := w.vault.SaveSession(t.Context(), credential, session("newer"), version)
	require.NoError(t, err)
	require.NoError(t, w.vault.RenewSession(t.Context(), credential.ID, version, before, session("late")))
	w.requireSession(t, credential.ID, newer, "newer")

	// Another login is stored during the visit: what the visit brings is the old one's.
	w.portal.set(other, password, nil)
	require.NoError(t, w.Replace(t.Context(), user.ID, login(other, password)))
	_, replaced, err := w.vault.Session(t.Context(), credential.ID)
	require.NoError(t, err)
	require.NoError(t, w.vault.RenewSession(t.Context(), credential.ID, newer, before, session("late")))
	w.requireSession(t, credential.ID, replaced, cookie)

	// A visit that knew of no session has none to renew.
	_, err = w.connect(t).Exec(t.Context(), `DELETE FROM portal_sessions`)
	require.NoError(t, err)
	for _, known := range []int64{0, replaced} {
		require.NoError(t, w.vault.RenewSession(t.Context(), credential.ID, known, scrape.Session{}, session("late")))
		_, version, err = w.vault.Session(t.Context(), credential.ID)
		require.NoError(t, err)
		require.Zero(t, version)
	}
}
