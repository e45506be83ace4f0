package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/api"
	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const signInBody = `{"username":"tech@example.com","password":"canary-7f3a"}`

// doors is an API whose sessions and preferences are real; the rest is a world's.
type doors struct {
	*world
	conn *pgx.Conn
}

func newDoors(t *testing.T, sessionLifetime time.Duration) *doors {
	t.Helper()
	url := testenv.Postgres(t, store.Migrate)
	db, err := store.Open(t.Context(), url, store.Options{MaxConns: 4})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	d := &doors{world: newWorld(t), conn: conn}
	for _, user := range d.users {
		d.exec(t, "INSERT INTO users (id, email, created_at) VALUES ($1, $2, $3)", user.ID, user.Email, user.CreatedAt)
	}
	log := slog.New(slog.NewJSONHandler(&d.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	sessions := credentials.New(db, nil, nil, scrape.NewSecret(secret), nil, log)
	sessions.SessionLifetime = sessionLifetime
	d.handler = api.New(api.Config{
		Schedules: fakeSchedules{d.world}, Orders: fakeOrders{d.world}, Credentials: fakeCredentials{d.world}, Sessions: sessions, Preferences: db,
		Tokens: fixed, Log: log,
	}).Handler
	return d
}

func (d *doors) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := d.conn.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

// signedIn signs in with a client of this name and gives the header to call with.
func (d *doors) signedIn(t *testing.T, userAgent string) string {
	t.Helper()
	got := d.do(t, http.MethodPost, "/api/auth/login", signInBody, "Authorization:", "User-Agent: "+userAgent)
	require.Equal(t, http.StatusOK, got.status, got.text)
	return "Authorization: Bearer " + got.object(t)["access_token"].(string)
}

// sessions lists them as one of them sees it: by the name of its client.
func (d *doors) sessions(t *testing.T, header string) map[string]map[string]any {
	t.Helper()
	named := map[string]map[string]any{}
	got := d.do(t, http.MethodGet, "/api/auth/sessions", "", header)
	require.Equal(t, http.StatusOK, got.status, got.text)
	for _, session := range got.list(t) {
		named[session["user_agent"].(string)] = session
	}
	return named
}

func claimsOf(t *testing.T, token string) jwt.MapClaims {
	t.Helper()
	claims := jwt.MapClaims{}
	_, _, err := jwt.NewParser().ParseUnverified(token, claims)
	require.NoError(t, err)
	return claims
}

const sessionEnded = "This session was ended. Sign in again."

// requireEnded checks that a token is refused everywhere, and that the client is told what to do.
func (d *doors) requireEnded(t *testing.T, header, sentence string) {
	t.Helper()
	for _, call := range [][2]string{{http.MethodGet, "/api/auth/me"}, {http.MethodPost, "/api/auth/refresh"}, {http.MethodGet, "/api/v1/work-orders"}} {
		got := d.do(t, call[0], call[1], "", header)
		problem := got.requireProblem(t, http.StatusUnauthorized, sentence)
		require.Equal(t, "unauthenticated", problem["error"])
		require.Equal(t, "Bearer", got.header.Get("Www-Authenticate"))
	}
	require.JSONEq(t, `{"authenticated": false, "user": null}`, d.do(t, http.MethodGet, "/api/auth/status", "", header).text)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	d := newDoors(t, 2*time.Hour)
	first := d.do(t, http.MethodPost, "/api/auth/login", signInBody, "Authorization:").object(t)
	begun := claimsOf(t, first["access_token"].(string))
	require.NotEmpty(t, begun["sid"])

	refresh := func() map[string]any {
		got := d.do(t, http.MethodPost, "/api/auth/refresh", "", "Authorization: Bearer "+first["access_token"].(string))
		require.Equal(t, http.StatusOK, got.status, got.text)
		return got.object(t)
	}
	renewed := refresh()
	requireKeys(t, renewed, "access_token", "token_type", "user_id", "email", "expires_at", "session_expires_at")
	for _, name := range []string{"token_type", "user_id", "email", "session_expires_at"} {
		require.Equal(t, first[name], renewed[name], name)
	}
	claims := claimsOf(t, renewed["access_token"].(string))
	for _, name := range []string{"sub", "email", "sid"} {
		require.Equal(t, begun[name], claims[name], name)
	}
	require.InDelta(t, time.Now().Add(time.Hour).Unix(), claims["exp"], 60)
	require.Len(t, d.sessions(t, "Authorization: Bearer "+renewed["access_token"].(string)), 1, "no other session begins")

	// No token outlives its session.
	end := time.Now().Add(10 * time.Minute).Truncate(time.Second).UTC()
	d.exec(t, "UPDATE user_sessions SET expires_at = $1", end)
	last := refresh()
	require.Equal(t, end.Format(time.RFC3339), last["expires_at"])
	require.Equal(t, end.Format(time.RFC3339), last["session_expires_at"])
	require.InDelta(t, end.Unix(), claimsOf(t, last["access_token"].(string))["exp"], 0)

	d.exec(t, "UPDATE user_sessions SET expires_at = now() - interval '1 second'")
	d.requireEnded(t, "Authorization: Bearer "+first["access_token"].(string), "This session is over. Sign in again.")
	d.exec(t, "DELETE FROM user_sessions")
	d.requireEnded(t, "Authorization: Bearer "+last["access_token"].(string), sessionEnded)
}

// A token from before there were sessions is good until it expires, and no longer.
func TestTokenWithoutSession(t *testing.T) {
	t.Parallel()
	d := newDoors(t, time.Hour)
	require.NotContains(t, claimsOf(t, tokenOf(t, tech)), "sid")
	require.Equal(t, http.StatusOK, d.do(t, http.MethodGet, "/api/auth/me", "").status)
	got := d.do(t, http.MethodPost, "/api/auth/refresh", "")
	got.requireProblem(t, http.StatusUnauthorized, "This token belongs to no session and cannot be renewed. Sign in again.")
	phone := d.signedIn(t, "phone")
	sessions := d.sessions(t, "Accept: application/json")
	require.Len(t, sessions, 1)
	require.Equal(t, false, sessions["phone"]["current"])
	require.Equal(t, http.StatusOK, d.do(t, http.MethodPost, "/api/auth/logout", "").status)
	require.Equal(t, http.StatusOK, d.do(t, http.MethodGet, "/api/auth/me", "").status, "there is nothing that could be ended")
	require.Len(t, d.sessions(t, phone), 1)
	require.JSONEq(t, `{"message": "Other sessions ended", "ended": 1}`, d.do(t, http.MethodDelete, "/api/auth/sessions", "").text)
	d.requireEnded(t, phone, sessionEnded)
}

func TestSessions(t *testing.T) {
	t.Parallel()
	d := newDoors(t, 48*time.Hour)
	phone, laptop, tablet, kiosk := d.signedIn(t, "phone"), d.signedIn(t, "laptop"), d.signedIn(t, "tablet"), d.signedIn(t, "kiosk")
	sessions := d.sessions(t, laptop)
	require.Len(t, sessions, 4)
	for name, session := range sessions {
		requireKeys(t, session, "id", "created_at", "last_seen_at", "user_agent", "expires_at", "current")
		require.Equal(t, name == "laptop", session["current"], name)
		require.WithinDuration(t, requireZoned(t, session["created_at"]).Add(48*time.Hour), requireZoned(t, session["expires_at"]), 0)
	}

	d.exec(t, "UPDATE user_sessions SET last_seen_at = '2020-01-01Z' WHERE user_agent = 'phone'")
	require.Equal(t, "2020-01-01T00:00:00Z", d.sessions(t, laptop)["phone"]["last_seen_at"])
	require.Equal(t, http.StatusOK, d.do(t, http.MethodGet, "/api/auth/me", "", phone).status)
	require.WithinDuration(t, time.Now(), requireZoned(t, d.sessions(t, laptop)["phone"]["last_seen_at"]), time.Minute)

	address := "/api/auth/sessions/" + sessions["phone"]["id"].(string)
	stranger := "Authorization: Bearer " + tokenOf(t, other)
	const missing = "There is no such session, or it is over."
	d.do(t, http.MethodDelete, address, "", stranger).requireProblem(t, http.StatusNotFound, missing)
	require.JSONEq(t, `[]`, d.do(t, http.MethodGet, "/api/auth/sessions", "", stranger).text)
	require.JSONEq(t, `{"message": "Other sessions ended", "ended": 0}`, d.do(t, http.MethodDelete, "/api/auth/sessions", "", stranger).text)
	require.Equal(t, http.StatusOK, d.do(t, http.MethodGet, "/api/auth/me", "", phone).status)

	require.JSONEq(t, `{"message": "Session ended"}`, d.do(t, http.MethodDelete, address, "", laptop).text)
	d.requireEnded(t, phone, sessionEnded)
	d.do(t, http.MethodDelete, address, "", laptop).requireProblem(t, http.StatusNotFound, missing)

	require.JSONEq(t, `{"message": "Successfully logged out"}`, d.do(t, http.MethodPost, "/api/auth/logout", "", tablet).text)
	d.requireEnded(t, tablet, sessionEnded)
	require.JSONEq(t, `{"message": "Other sessions ended", "ended": 1}`, d.do(t, http.MethodDelete, "/api/auth/sessions", "", laptop).text)
	d.requireEnded(t, kiosk, sessionEnded)
	require.Len(t, d.sessions(t, laptop), 1)

	require.NotContains(t, d.logs.String(), "canary")
	for _, session := range sessions {
		require.NotContains(t, d.logs.String(), session["id"])
	}
}

// A session is of one user: its id in another's token is worth nothing.
func TestSessionOfAnother(t *testing.T) {
	t.Parallel()
	d := newDoors(t, time.Hour)
	id := d.sessions(t, d.signedIn(t, "phone"))["phone"]["id"].(string)
	forged, _, err := fixed.Issue(other, scrape.UserSession{ID: scrape.UserSessionID(id), ExpiresAt: time.Now().Add(time.Hour)}, time.Now())
	require.NoError(t, err)
	d.requireEnded(t, "Authorization: Bearer "+forged, sessionEnded)
}

func TestSessionOfADeletedUser(t *testing.T) {
	t.Parallel()
	d := newDoors(t, time.Hour)
	phone := d.signedIn(t, "phone")
	d.exec(t, "DELETE FROM users")
	d.do(t, http.MethodGet, "/api/auth/me", "", phone).requireProblem(t, http.StatusNotFound, "User not found")
	d.do(t, http.MethodGet, "/api/v1/work-orders", "", phone).requireProblem(t, http.StatusUnauthorized, "User not found")
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	d := newDoors(t, time.Hour)
	set := func(body string) map[string]any {
		got := d.do(t, http.MethodPatch, "/api/auth/preferences", body)
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.JSONEq(t, got.text, d.do(t, http.MethodGet, "/api/auth/preferences", "").text)
		return got.object(t)
	}
	const nothing = `{"timezone": null, "seen_at": null, "previous_seen_at": null}`
	require.JSONEq(t, nothing, d.do(t, http.MethodGet, "/api/auth/preferences", "").text)
	require.Equal(t, "America/New_York", set(`{"timezone": "America/New_York"}`)["timezone"])

	first := set(`{"seen": true}`)
	require.Equal(t, "America/New_York", first["timezone"])
	require.WithinDuration(t, time.Now(), requireZoned(t, first["seen_at"]), time.Minute)
	require.Nil(t, first["previous_seen_at"])
	second := set(`{"seen": true, "timezone": null}`)
	require.Nil(t, second["timezone"])
	require.Equal(t, first["seen_at"], second["previous_seen_at"])
	require.True(t, requireZoned(t, second["seen_at"]).After(requireZoned(t, first["seen_at"])))
	for _, body := range []string{`{}`, `{"seen": false}`} {
		require.Equal(t, second, set(body))
	}

	for zone, sentence := range map[string]string{
		"Mars/Olympus": `There is no time zone "Mars/Olympus". Use a name such as America/New_York.`,
		"Local":        `"Local" is not a time zone. Use a name such as America/New_York.`,
	} {
		problem := d.do(t, http.MethodPatch, "/api/auth/preferences", `{"timezone": "`+zone+`", "seen": true}`).requireProblem(t, http.StatusUnprocessableEntity, sentence)
		require.Equal(t, []any{map[string]any{"message": sentence, "location": "body.timezone"}}, problem["errors"])
	}
	require.Equal(t, second, set(`{}`), "a refused change changes nothing")
	require.JSONEq(t, nothing, d.do(t, http.MethodGet, "/api/auth/preferences", "", "Authorization: Bearer "+tokenOf(t, other)).text)
}
