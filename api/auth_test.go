package api_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/api"
	"github.com/fossawork/scheduler/scrape"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/api/auth/login", "/api/auth/login/"} {
		got := w.do(t, http.MethodPost, path, `{"username":"tech@example.com","password":"hunter2","remember":true}`, "Authorization:")
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, "tech@example.com", w.login.Username)
		require.Equal(t, "hunter2", w.login.Password.Reveal())
		token := got.object(t)
		requireKeys(t, token, "access_token", "token_type", "user_id", "email", "expires_at", "session_expires_at")
		require.Equal(t, "bearer", token["token_type"])
		require.Equal(t, string(tech.ID), token["user_id"])
		require.Equal(t, email, token["email"])

		// The old front end reads the claims itself.
		parts := strings.Split(token["access_token"].(string), ".")
		require.Len(t, parts, 3)
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		require.NoError(t, err)
		claims := answer{text: string(payload)}.object(t)
		require.Equal(t, string(tech.ID), claims["sub"])
		require.Equal(t, email, claims["email"])
		require.InDelta(t, time.Now().Add(time.Hour).Unix(), claims["exp"], 60)
		expires, err := time.Parse(time.RFC3339, token["expires_at"].(string))
		require.NoError(t, err)
		require.InDelta(t, expires.Unix(), claims["exp"], 0)

		got = w.do(t, http.MethodGet, root, "", "Authorization: Bearer "+token["access_token"].(string))
		require.Equal(t, http.StatusOK, got.status)
	}
}

func TestLoginRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"username":"tech@example.com","password":"canary-7f3a"}`
	for _, test := range []struct {
		err    error
		status int
		code   string
	}{
		{scrape.Errorf(scrape.KindCredentialsRejected, "WorkFossa refused this e-mail address and password."), http.StatusUnauthorized, "AUTH_FAILED"},
		{scrape.Invalid("username", "The user name must be the e-mail address of your WorkFossa account."), http.StatusBadRequest, "VALIDATION_ERROR"},
		{scrape.Errorf(scrape.KindAccountLocked, "WorkFossa says that this account is locked."), http.StatusForbidden, "account_locked"},
		{&scrape.Error{Kind: scrape.KindPortalThrottled, Message: "Wait 15 minutes.", RetryAfter: 899500 * time.Millisecond}, http.StatusTooManyRequests, "portal_throttled"},
		{scrape.Errorf(scrape.KindPortalDown, "WorkFossa does not answer."), http.StatusBadGateway, "portal_down"},
		{scrape.Errorf(scrape.KindUnavailable, "The scheduler does not answer."), http.StatusServiceUnavailable, "unavailable"},
		{scrape.Errorf(scrape.KindLayoutChanged, "The login form has changed."), http.StatusUnprocessableEntity, "layout_changed"},
	} {
		w.signIn = test.err
		got := w.do(t, http.MethodPost, "/api/auth/login", body, "Authorization:")
		problem := got.requireProblem(t, test.status, scrape.MessageOf(test.err))
		require.Equal(t, test.code, problem["error"])
		require.NotContains(t, got.text, "canary")
		switch test.status {
		case http.StatusUnauthorized:
			require.Equal(t, "Bearer", got.header.Get("Www-Authenticate"))
			require.Equal(t, problem["detail"], problem["message"])
		case http.StatusBadRequest:
			require.Equal(t, []any{map[string]any{"message": problem["detail"], "location": "body.username"}}, problem["errors"])
		case http.StatusTooManyRequests:
			require.Equal(t, "900", got.header.Get("Retry-After"))
		}
	}
	require.NotContains(t, w.logs.String(), "canary")
}

// A password is in no answer, whatever else is wrong with the request.
func TestPasswordsAreNotEchoed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]string{
		`{"password":"canary-7f3a"}`:                                "username must be given.",
		`{"username":"canary-7f3a"}`:                                "password must be given.",
		`{"username":{"canary-7f3a":1},"password":["canary-7f3a"]}`: "password must be a text. username must be a text.",
		`{"username":"a","password":null}`:                          "password must be a text.",
		`["canary-7f3a"]`:                                           "The body must be a JSON object.",
		`"canary-7f3a"`:                                             "The body must be a JSON object.",
		``:                                                          "The body is missing. Send a JSON object.",
		`canary-7f3a`:                                               "The body is not valid JSON.",
		`{"username":"a","password":"canary-7f3a"`:                  "The body is not valid JSON.",
		`{"username":"a","password":'canary-7f3a'}`:                 "The body is not valid JSON.",
		`{"username":"a","password":"canary-7f3a","password2":canary-7f3a}`:   "The body is not valid JSON.",
		`{"username":"a","password":"canary-7f3a"}` + `{"password":"canary"}`: "The body is not valid JSON.",
	} {
		status := http.StatusUnprocessableEntity
		if strings.Contains(want, "not valid JSON") {
			status = http.StatusBadRequest
		}
		for _, path := range []string{"/api/auth/login", "/api/auth/verify"} {
			got := w.do(t, http.MethodPost, path, body, "Authorization:")
			got.requireProblem(t, status, want)
			require.NotContains(t, got.text, "canary")
		}
	}
	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"} {
		got := w.do(t, http.MethodPost, "/api/auth/login", `{"username":"a","password":"canary-7f3a"}`, "Content-Type: "+contentType)
		got.requireProblem(t, http.StatusUnsupportedMediaType, "The body must be JSON, with the header Content-Type: application/json.")
		require.NotContains(t, got.text, "canary")
	}
	require.Equal(t, http.StatusOK, w.do(t, http.MethodPost, "/api/auth/login", `{"username":"a","password":"b"}`, "Content-Type: application/json; charset=utf-8").status)
	require.Equal(t, http.StatusOK, w.do(t, http.MethodPost, "/api/auth/login", `{"username":"a","password":"b"}`, "Content-Type:").status)
	got := w.do(t, http.MethodPost, "/api/auth/login", `{"username":"a","password":"canary`+strings.Repeat("x", 1<<20)+`"}`)
	got.requireProblem(t, http.StatusRequestEntityTooLarge, "The body is too large. It must be below 1 MiB.")
	require.NotContains(t, w.logs.String(), "canary")
}

func TestVerifyLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	verify := func(slash string) answer {
		return w.do(t, http.MethodPost, "/api/auth/verify"+slash, `{"username":"tech@example.com","password":"p"}`, "Authorization:")
	}
	require.JSONEq(t, `{"valid": true, "message": "WorkFossa accepts this login."}`, verify("").text)
	for _, kind := range []scrape.Kind{scrape.KindCredentialsRejected, scrape.KindAccountLocked} {
		w.signIn = scrape.Errorf(kind, "No.")
		require.JSONEq(t, `{"valid": false, "message": "No."}`, verify("/").text)
	}
	w.signIn = scrape.Invalid("username", "Use your e-mail address.")
	verify("").requireProblem(t, http.StatusUnprocessableEntity, "Use your e-mail address.")
	w.signIn = scrape.Errorf(scrape.KindPortalDown, "WorkFossa does not answer.")
	verify("").requireProblem(t, http.StatusBadGateway, "WorkFossa does not answer.")
}

func TestAccountRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slash := range []string{"", "/"} {
		require.JSONEq(t, `{"id": "`+string(tech.ID)+`", "username": "tech@example.com", "email": "tech@example.com", "is_active": true, "role": "user",
			"created_at": "2030-01-02T13:30:00.123456Z", "last_login": "2030-01-02T13:31:00.123456Z"}`, w.do(t, http.MethodGet, "/api/auth/me"+slash, "").text)
		require.JSONEq(t, `{"message": "Successfully logged out"}`, w.do(t, http.MethodPost, "/api/auth/logout"+slash, "").text)
		require.JSONEq(t, `{"has_users": true, "user_count": 2, "requires_setup": false}`, w.do(t, http.MethodGet, "/api/auth/check"+slash, "", "Authorization:").text)
		require.JSONEq(t, `{"authenticated": true, "user": {"id": "`+string(tech.ID)+`", "username": "tech@example.com", "email": "tech@example.com"}}`,
			w.do(t, http.MethodGet, "/api/auth/status"+slash, "").text)
		require.JSONEq(t, `{"setup_required": false, "user_count": 2, "message": "Setup is complete."}`,
			w.do(t, http.MethodGet, "/api/setup/status"+slash, "", "Authorization:").text)
	}
	for _, header := range []string{"Authorization:", "Authorization: Bearer nonsense", "Authorization: Basic x"} {
		require.JSONEq(t, `{"authenticated": false, "user": null}`, w.do(t, http.MethodGet, "/api/auth/status", "", header).text)
	}
	w.users = nil
	require.JSONEq(t, `{"has_users": false, "user_count": 0, "requires_setup": true}`, w.do(t, http.MethodGet, "/api/auth/check", "").text)
	require.JSONEq(t, `{"setup_required": true, "user_count": 0, "message": "Sign in with your WorkFossa account to set up."}`,
		w.do(t, http.MethodGet, "/api/setup/status", "").text)
}

func TestUnauthorized(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		text, err := jwt.NewWithClaims(method, claims).SignedString(key)
		require.NoError(t, err)
		return "Bearer " + text
	}
	soon := time.Now().Add(time.Hour).Unix()
	expired, _, err := fixed.Issue(tech, scrape.UserSession{}, time.Now().Add(-61*time.Minute))
	require.NoError(t, err)
	foreign, _, err := api.Tokens{Secret: scrape.NewSecret("some other secret of the same length"), Lifetime: time.Hour}.Issue(tech, scrape.UserSession{}, time.Now())
	require.NoError(t, err)
	good := tokenOf(t, tech)
	signature := strings.LastIndex(good, ".")
	const (
		missing   = "Authentication required"
		malformed = "Invalid authentication header format"
		invalid   = "Invalid or expired token"
	)
	for header, want := range map[string]string{
		"":                             missing,
		"Bearer":                       malformed,
		"Basic dGVjaDp4":               malformed,
		good:                           malformed,
		"Token " + good:                malformed,
		"Bearer nonsense":              invalid,
		"Bearer a.b.c":                 invalid,
		"Bearer " + expired:            invalid,
		"Bearer " + foreign:            invalid,
		"Bearer " + good[:signature+1]: invalid,
		sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, jwt.MapClaims{"sub": tech.ID, "exp": soon}): invalid,
		sign(jwt.SigningMethodHS512, []byte(secret), jwt.MapClaims{"sub": tech.ID, "exp": soon}):                  invalid,
		sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"sub": tech.ID}):                               invalid,
		sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"exp": soon}):                                  invalid,
		sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"sub": tech.ID, "exp": "soon"}):                invalid,
	} {
		for method, path := range map[string]string{
			http.MethodGet: root + "/", http.MethodPost: root, http.MethodPut: root + "/7", http.MethodDelete: root + "/history",
			"GET 1": "/api/v1/work-orders/?user_id=someone", "GET 2": "/api/auth/me", "POST 1": "/api/auth/logout",
		} {
			method, _, _ = strings.Cut(method, " ")
			got := w.do(t, method, path, "not even JSON", "Authorization: "+header)
			problem := got.requireProblem(t, http.StatusUnauthorized, want)
			require.Equal(t, "Bearer", got.header.Get("Www-Authenticate"))
			require.NotEmpty(t, problem["message"])
			require.Equal(t, "unauthenticated", problem["error"])
		}
	}
	require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, root, "", "Authorization: bearer  "+good).status, "the scheme is not case-sensitive")
	require.NotContains(t, w.logs.String(), good[:signature])
}

func TestTokenOfADeletedUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	delete(w.users, tech.ID)
	w.do(t, http.MethodGet, root, "").requireProblem(t, http.StatusNotFound, "User not found")
	w.do(t, http.MethodGet, "/api/auth/me", "").requireProblem(t, http.StatusNotFound, "User not found")
	for _, path := range []string{"/api/v1/work-orders", "/api/v1/work-orders/x"} {
		got := w.do(t, http.MethodGet, path, "")
		got.requireProblem(t, http.StatusUnauthorized, "User not found")
		require.Equal(t, "Bearer", got.header.Get("Www-Authenticate"))
	}
	require.JSONEq(t, `{"authenticated": false, "user": null}`, w.do(t, http.MethodGet, "/api/auth/status", "").text)
}
