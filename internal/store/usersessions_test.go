package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// signedIn adds a session of the bundle's user that began at minute begun and ends a hundred minutes later.
func (b bundle) signedIn(t *testing.T, id scrape.UserSessionID, begun float64) scrape.UserSession {
	t.Helper()
	session := scrape.UserSession{
		ID: id, UserID: b.user, CreatedAt: at(begun), LastSeenAt: at(begun), UserAgent: "agent of " + string(id), ExpiresAt: at(begun + 100),
	}
	require.NoError(t, b.AddUserSession(t.Context(), session))
	return session
}

func (b bundle) goodSessions(t *testing.T, at time.Time) []scrape.UserSession {
	t.Helper()
	good, err := b.UserSessions(t.Context(), b.user, at, 200)
	require.NoError(t, err)
	require.NotNil(t, good)
	return good
}

func TestUserInSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.signedIn(t, "first", 0)
	user, err := b.User(t.Context(), b.user)
	require.NoError(t, err)

	who, session, err := b.UserInSession(t.Context(), b.user, first.ID)
	require.NoError(t, err)
	require.Equal(t, user, who)
	require.Equal(t, &first, session)

	who, session, err = b.UserInSession(t.Context(), b.user, "unknown")
	require.NoError(t, err)
	require.Equal(t, user, who)
	require.Nil(t, session)

	stranger := b.addUser(t, "stranger@example.com")
	_, session, err = b.UserInSession(t.Context(), stranger, first.ID)
	require.NoError(t, err)
	require.Nil(t, session, "nobody is in another's session")

	_, _, err = b.UserInSession(t.Context(), "nobody", first.ID)
	requireKind(t, err, scrape.KindNotFound, "User not found")
	requireKind(t, b.AddUserSession(t.Context(), scrape.UserSession{ID: "x", UserID: "nobody", ExpiresAt: at(1)}), scrape.KindNotFound, "User not found")

	b.exec(t, "DELETE FROM users WHERE id = $1", b.user)
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM user_sessions"), "sessions go with their user")
}

func TestTouchUserSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session := b.signedIn(t, "session", 0)
	seen := func() time.Time {
		_, stored, err := b.UserInSession(t.Context(), b.user, session.ID)
		require.NoError(t, err)
		return stored.LastSeenAt
	}
	require.NoError(t, b.TouchUserSession(t.Context(), session.ID, at(2), at(1)))
	require.Equal(t, at(2), seen())
	require.NoError(t, b.TouchUserSession(t.Context(), session.ID, at(2.5), at(1.5)))
	require.Equal(t, at(2), seen(), "another request was faster")
	require.NoError(t, b.TouchUserSession(t.Context(), session.ID, at(3), at(2)))
	require.Equal(t, at(3), seen())
	require.NoError(t, b.TouchUserSession(t.Context(), "unknown", at(3), at(2)))
}

func TestUserSessionsAreListedAndRevoked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Empty(t, b.goodSessions(t, at(0)))
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	theirs := stranger.signedIn(t, "theirs", 9)
	first, second, third := b.signedIn(t, "first", 0), b.signedIn(t, "second", 1), b.signedIn(t, "third", 2)
	require.Equal(t, []scrape.UserSession{third, second, first}, b.goodSessions(t, at(3)))
	require.Equal(t, []scrape.UserSession{third, second}, b.goodSessions(t, at(100)), "the first is over")
	some, err := b.UserSessions(t.Context(), b.user, at(3), 2)
	require.NoError(t, err)
	require.Equal(t, []scrape.UserSession{third, second}, some)

	const missing = "There is no such session, or it is over."
	requireKind(t, b.RevokeUserSession(t.Context(), b.user, theirs.ID, at(10)), scrape.KindNotFound, missing)
	requireKind(t, b.RevokeUserSession(t.Context(), b.user, "unknown", at(10)), scrape.KindNotFound, missing)
	requireKind(t, b.RevokeUserSession(t.Context(), b.user, first.ID, at(100)), scrape.KindNotFound, missing)
	require.NoError(t, b.RevokeUserSession(t.Context(), b.user, second.ID, at(10)))
	requireKind(t, b.RevokeUserSession(t.Context(), b.user, second.ID, at(11)), scrape.KindNotFound, missing)
	require.Equal(t, []scrape.UserSession{third, first}, b.goodSessions(t, at(11)))
	_, revoked, err := b.UserInSession(t.Context(), b.user, second.ID)
	require.NoError(t, err)
	require.Equal(t, at(10), *revoked.RevokedAt)

	n, err := b.RevokeOtherUserSessions(t.Context(), b.user, first.ID, at(12))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []scrape.UserSession{first}, b.goodSessions(t, at(12)))
	n, err = b.RevokeOtherUserSessions(t.Context(), b.user, "", at(12))
	require.NoError(t, err)
	require.Equal(t, 1, n, "no id keeps none")
	require.Empty(t, b.goodSessions(t, at(12)))
	require.Equal(t, []scrape.UserSession{theirs}, stranger.goodSessions(t, at(12)))
}

func TestDeleteUserSessionsBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	over, ended, _ := b.signedIn(t, "over", -50), b.signedIn(t, "ended", 0), b.signedIn(t, "good", 0)
	require.NoError(t, b.RevokeUserSession(t.Context(), b.user, ended.ID, at(20)))
	left := func() []string { return value[[]string](t, b, "SELECT array_agg(id ORDER BY id) FROM user_sessions") }
	for _, step := range []struct {
		before float64
		gone   int
		left   []string
	}{
		{20, 0, []string{"ended", "good", "over"}},
		{21, 1, []string{"good", "over"}},
		{50, 0, []string{"good", "over"}},
		{51, 1, []string{"good"}},
	} {
		n, err := b.DeleteUserSessionsBefore(t.Context(), at(step.before))
		require.NoError(t, err)
		require.Equal(t, step.gone, n, step.before)
		require.Equal(t, step.left, left(), step.before)
	}
	_, session, err := b.UserInSession(t.Context(), b.user, over.ID)
	require.NoError(t, err)
	require.Nil(t, session)
}
