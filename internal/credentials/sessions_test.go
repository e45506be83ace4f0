package credentials_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

const sessionLifetime = 24 * time.Hour

func (w *world) start(t *testing.T, user scrape.UserID, userAgent string) scrape.UserSession {
	t.Helper()
	w.SessionLifetime = sessionLifetime
	session, err := w.StartSession(t.Context(), user, userAgent)
	require.NoError(t, err)
	return session
}

func (w *world) requireEnded(t *testing.T, session scrape.UserSession, sentence string) {
	t.Helper()
	_, _, err := w.Caller(t.Context(), session.UserID, session.ID)
	require.Equal(t, scrape.KindUnauthenticated, scrape.KindOf(err), "%v", err)
	require.Equal(t, sentence, scrape.MessageOf(err))
	require.NotContains(t, err.Error(), string(session.ID))
}

func TestSessionIsCheckedAndNotedOnceAMinute(t *testing.T) {
	t.Parallel()
	w := setup(t, email)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	_, err = w.connect(t).Exec(t.Context(), "UPDATE users SET role = 'user'")
	require.NoError(t, err)
	begun := w.clock()
	session := w.start(t, user.ID, "Firefox")
	require.Equal(t, begun.Add(sessionLifetime), session.ExpiresAt)
	for _, step := range []struct {
		later time.Duration
		seen  time.Duration // since the sign-in
	}{
		{0, 0}, {59 * time.Second, 0}, {time.Second, time.Minute}, {30 * time.Second, time.Minute}, {time.Hour, time.Hour + 90*time.Second},
	} {
		w.later(step.later)
		who, in, err := w.Caller(t.Context(), user.ID, session.ID)
		require.NoError(t, err)
		require.Equal(t, user, who)
		require.Equal(t, scrape.RoleAdmin, who.Role, "the role is that of the settings")
		want := session
		want.LastSeenAt = begun.Add(step.seen)
		require.Equal(t, want, in)
		stored, err := w.Sessions(t.Context(), user.ID)
		require.NoError(t, err)
		require.Equal(t, []scrape.UserSession{want}, stored)
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	boss, err := w.signIn(t, "boss@example.com", password)
	require.NoError(t, err)
	phone, laptop, tablet, theirs := w.start(t, user.ID, "phone"), w.start(t, user.ID, "laptop"), w.start(t, user.ID, "tablet"), w.start(t, boss.ID, "")

	const ended, over = "This session was ended. Sign in again.", "This session is over. Sign in again."
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(w.EndSession(t.Context(), boss.ID, phone.ID)), "nobody ends another's")
	require.NoError(t, w.EndSession(t.Context(), user.ID, phone.ID))
	w.requireEnded(t, phone, ended)
	n, err := w.EndOtherSessions(t.Context(), user.ID, laptop.ID)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	w.requireEnded(t, tablet, ended)
	w.requireEnded(t, scrape.UserSession{ID: theirs.ID, UserID: user.ID}, ended)
	_, _, err = w.Caller(t.Context(), "nobody", laptop.ID)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))

	// What happens to the stored login is nothing to sessions.
	w.portal.set(email, "second", nil)
	require.NoError(t, w.Replace(t.Context(), user.ID, login(email, "second")))
	require.NoError(t, w.Forget(t.Context(), user.ID))
	w.later(sessionLifetime - time.Microsecond)
	for _, good := range []scrape.UserSession{laptop, theirs} {
		_, _, err = w.Caller(t.Context(), good.UserID, good.ID)
		require.NoError(t, err)
	}
	w.later(time.Microsecond)
	w.requireEnded(t, laptop, over)
	w.requireEnded(t, phone, ended)
	none, err := w.Sessions(t.Context(), user.ID)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestUserAgentIsBoundedAndPrintable(t *testing.T) {
	t.Parallel()
	w := setup(t)
	user, err := w.signIn(t, email, password)
	require.NoError(t, err)
	for sent, kept := range map[string]string{
		"":                       "",
		"Mozilla/5.0 (X11)":      "Mozilla/5.0 (X11)",
		"a\x00b\x1b[31mc\r\nd\t": "ab[31mcd",
		"latin \xe9 one":         "latin  one",
		strings.Repeat("é", 300): strings.Repeat("é", 200),
	} {
		session := w.start(t, user.ID, sent)
		_, in, err := w.Caller(t.Context(), user.ID, session.ID)
		require.NoError(t, err)
		require.Equal(t, kept, in.UserAgent)
	}
}
