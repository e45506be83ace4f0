package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/scrape"
)

const storedLogin = "/api/v1/credentials/workfossa"

func TestReplaceCredentials(t *testing.T) {
	t.Parallel()
	for _, path := range []string{storedLogin, storedLogin + "/", storedLogin + "?user_id=" + string(tech.ID)} {
		w := newWorld(t)
		got := w.do(t, http.MethodPost, path, `{"username":" Tech@Example.com","password":"canary-7f3a","remember":true}`)
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, "canary-7f3a", w.replaced.Password.Reveal())
		out := got.object(t)
		requireKeys(t, out, "status", "message", "username", "secure_storage", "encryption_method", "timestamp")
		require.Equal(t, "success", out["status"])
		require.Equal(t, email, out["username"])
		require.Equal(t, true, out["secure_storage"])
		require.NotContains(t, got.text+w.logs.String(), "canary")
	}
}

func TestReplaceCredentialsRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, test := range []struct {
		err    error
		status int
	}{
		{scrape.Errorf(scrape.KindInvalid, "WorkFossa refused this e-mail address and password. Nothing was changed."), http.StatusBadRequest},
		{scrape.Errorf(scrape.KindCredentialsRejected, "WorkFossa refused this e-mail address and password."), http.StatusBadRequest},
		{scrape.Invalid("username", "The user name must be an e-mail address."), http.StatusBadRequest},
		{scrape.Errorf(scrape.KindAccountLocked, "WorkFossa says that this account is locked."), http.StatusForbidden},
		{&scrape.Error{Kind: scrape.KindPortalThrottled, Message: "Wait 15 minutes.", RetryAfter: time.Minute}, http.StatusTooManyRequests},
		{scrape.Errorf(scrape.KindPortalDown, "WorkFossa does not answer."), http.StatusBadGateway},
		{scrape.Errorf(scrape.KindUnavailable, "The scheduler does not answer."), http.StatusServiceUnavailable},
	} {
		w.refuse = test.err
		got := w.do(t, http.MethodPost, storedLogin, `{"username":"tech@example.com","password":"canary-7f3a"}`)
		got.requireProblem(t, test.status, scrape.MessageOf(test.err))
		require.NotContains(t, got.text, "canary")
	}
	w.refuse, w.replaced = nil, nil
	for body, want := range map[string]string{
		`{}`: "Username and password are required", `{"username":"tech@example.com"}`: "Username and password are required",
		`{"password":"canary-7f3a"}`: "Username and password are required", `{"username":"","password":"canary-7f3a"}`: "Username and password are required",
		`{"password":"canary-7f3a"`: "The body is not valid JSON.",
	} {
		got := w.do(t, http.MethodPost, storedLogin, body)
		got.requireProblem(t, http.StatusBadRequest, want)
		require.NotContains(t, got.text, "canary")
	}
	for body, want := range map[string]string{
		``: "The body is missing. Send a JSON object.", `["canary-7f3a"]`: "The body must be a JSON object.", `{"username":"a","password":["canary-7f3a"]}`: "password must be a text.",
	} {
		got := w.do(t, http.MethodPost, storedLogin, body)
		got.requireProblem(t, http.StatusUnprocessableEntity, want)
		require.NotContains(t, got.text, "canary")
	}
	require.Nil(t, w.replaced, "nothing of this was sent on")
	require.NotContains(t, w.logs.String(), "canary")
}

func TestGetCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slash := range []string{"", "/"} {
		w.info = credentials.Info{}
		require.JSONEq(t, `{"has_credentials": false, "username": null, "created_at": null, "state": null, "verified_at": null, "login_at": null}`,
			w.do(t, http.MethodGet, storedLogin+slash, "").text)
		w.collected()
		require.JSONEq(t, `{"has_credentials": true, "username": "tech@example.com", "created_at": "2030-01-02T13:30:01.123456Z",
			"updated_at": "2030-01-02T13:30:02.123456Z", "state": "ok", "verified_at": "2030-01-02T13:30:03.123456Z", "login_at": "2030-01-02T13:30:04.123456Z"}`,
			w.do(t, http.MethodGet, storedLogin+slash+"?user_id="+string(tech.ID), "").text)
	}
}

func TestDeleteCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slash := range []string{"", "/"} {
		require.JSONEq(t, `{"status": "success", "message": "Credentials deleted successfully"}`, w.do(t, http.MethodDelete, storedLogin+slash, "").text)
	}
	w.refuse = scrape.Errorf(scrape.KindNotFound, "No WorkFossa credentials are stored.")
	w.do(t, http.MethodDelete, storedLogin, "").requireProblem(t, http.StatusNotFound, "No credentials found")
}

func TestTestCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, status := range []string{"success", "failed", "error"} {
		w.tested = credentials.TestResult{Status: status, Message: "A sentence.", Username: email}
		for body, given := range map[string]bool{"": false, "{}": false, "null": false, `{"username":"tech@example.com","password":"canary-7f3a"}`: true} {
			for _, slash := range []string{"", "/"} {
				w.tried = nil
				got := w.do(t, http.MethodPost, storedLogin+"/test"+slash+"?user_id="+string(tech.ID), body)
				require.Equal(t, http.StatusOK, got.status, got.text)
				out := got.object(t)
				requireKeys(t, out, "status", "message", "username", "url_tested", "timestamp")
				require.Equal(t, status, out["status"])
				require.Equal(t, "https://portal.example.com", out["url_tested"])
				require.Equal(t, given, w.tried != nil)
				if given {
					require.Equal(t, "canary-7f3a", w.tried.Password.Reveal())
				}
				require.NotContains(t, got.text, "canary")
			}
		}
	}
	for body, status := range map[string]int{
		`{"username":"tech@example.com"}`: http.StatusBadRequest, `{"password":"canary-7f3a"}`: http.StatusBadRequest, `{"password":`: http.StatusBadRequest,
		`["canary-7f3a"]`: http.StatusUnprocessableEntity, `{"password":["canary-7f3a"]}`: http.StatusUnprocessableEntity,
		`{"password":"canary` + strings.Repeat("x", 1<<20) + `"}`: http.StatusRequestEntityTooLarge,
	} {
		w.tried = nil
		got := w.do(t, http.MethodPost, storedLogin+"/test", body)
		require.Equal(t, status, got.status, got.text)
		require.NotContains(t, got.text, "canary")
		require.Nil(t, w.tried)
	}
	w.refuse = scrape.Errorf(scrape.KindNotFound, "No WorkFossa credentials found")
	w.do(t, http.MethodPost, storedLogin+"/test", "").requireProblem(t, http.StatusNotFound, "No WorkFossa credentials found")
	w.refuse = scrape.Invalid("username", "The user name must be an e-mail address.")
	w.do(t, http.MethodPost, storedLogin+"/test", `{"username":"a","password":"b"}`).requireProblem(t, http.StatusBadRequest, "The user name must be an e-mail address.")
	require.NotContains(t, w.logs.String(), "canary")
}

func TestCredentialSecurity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slash := range []string{"", "/"} {
		out := w.do(t, http.MethodGet, "/api/v1/credentials/security/info"+slash, "").object(t)
		requireKeys(t, out, "encryption_enabled", "encryption_method", "master_key_set", "stored_users_count", "storage_path", "features")
		require.Equal(t, true, out["encryption_enabled"])
		require.Nil(t, out["storage_path"], "no path of a server")
		require.InDelta(t, 2, out["stored_users_count"], 0)
		require.NotEmpty(t, out["features"])
	}
}

func TestCredentialsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for call, body := range map[string]string{
		"GET " + storedLogin: "", "DELETE " + storedLogin: "", "POST " + storedLogin: `{"username":"a@example.com","password":"b"}`,
		"POST " + storedLogin + "/test": "",
	} {
		method, path, _ := strings.Cut(call, " ")
		w.do(t, method, path+"?user_id="+string(other.ID), body).requireProblem(t, http.StatusForbidden, "You can only access your own data")
		require.Equal(t, http.StatusUnauthorized, w.do(t, method, path, body, "Authorization:").status)
	}
	require.Nil(t, w.replaced)
	require.Nil(t, w.tried)
	for _, path := range []string{"/decrypt", "/decrypt/"} {
		w.do(t, http.MethodGet, storedLogin+path, "").requireProblem(t, http.StatusNotFound, "There is nothing at this address. /docs lists what there is.")
	}
}
