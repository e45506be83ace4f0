package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/scrape"
)

// Credentials is what the API asks of sign-in and of the stored logins.
type Credentials interface {
	SignIn(ctx context.Context, login scrape.Login) (scrape.User, error)
	User(ctx context.Context, id scrape.UserID) (scrape.User, error)
	UserCount(ctx context.Context) (int, error)

	Info(ctx context.Context, user scrape.UserID) (credentials.Info, error)
	// Replace keeps a login for a user once the portal has accepted it.
	Replace(ctx context.Context, user scrape.UserID, login scrape.Login) error
	// Test tries a login without keeping it; nil stands for the stored one.
	Test(ctx context.Context, user scrape.UserID, login *scrape.Login) (credentials.TestResult, error)
	Forget(ctx context.Context, user scrape.UserID) error
}

type loginInput struct {
	UserAgent string `header:"User-Agent" hidden:"true"`
	Body      struct {
		_        struct{} `additionalProperties:"true"`
		Username string   `json:"username" doc:"E-mail address of the WorkFossa account." example:"tech@example.com"`
		Password string   `json:"password" format:"password" doc:"Its password." example:"demo-password"`
	}
}

func (in *loginInput) login() scrape.Login {
	return scrape.Login{Username: in.Body.Username, Password: scrape.NewSecret(in.Body.Password)}
}

type token struct {
	AccessToken      string    `json:"access_token" doc:"Send it as 'Authorization: Bearer ...'."`
	TokenType        string    `json:"token_type" enum:"bearer"`
	UserID           string    `json:"user_id" doc:"Lower-case hex MD5 of the lower-cased e-mail address." example:"0123456789abcdef0123456789abcdef"`
	Email            string    `json:"email"`
	ExpiresAt        time.Time `json:"expires_at" doc:"When the token expires; POST /api/auth/refresh gives a new one before that."`
	SessionExpiresAt time.Time `json:"session_expires_at" doc:"When the session ends, whatever was renewed; sign in again then."`
}

type verified struct {
	Valid   bool   `json:"valid" doc:"WorkFossa accepts this login."`
	Message string `json:"message" doc:"The same as a sentence, with the reason when it does not."`
}

type account struct {
	ID        string     `json:"id"`
	Username  string     `json:"username"`
	Email     string     `json:"email"`
	IsActive  bool       `json:"is_active"`
	Role      string     `json:"role" enum:"user,admin"`
	CreatedAt time.Time  `json:"created_at"`
	LastLogin *time.Time `json:"last_login"`
}

type usersExist struct {
	HasUsers      bool `json:"has_users"`
	UserCount     int  `json:"user_count"`
	RequiresSetup bool `json:"requires_setup"`
}

type signedInUser struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

type authStatus struct {
	Authenticated bool                   `json:"authenticated"`
	User          Optional[signedInUser] `json:"user" doc:"Null when nobody is signed in."`
}

type setupStatus struct {
	SetupRequired bool   `json:"setup_required"`
	UserCount     int    `json:"user_count"`
	Message       string `json:"message"`
}

func (e *edge) registerAuth() {
	noAnswer := []int{http.StatusTooManyRequests, http.StatusBadGateway}
	refusals := append([]int{http.StatusUnauthorized, http.StatusForbidden}, noAnswer...)
	handle(e, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/api/auth/login", Tags: []string{tagAuth}, Errors: refusals,
		Summary: "Sign in", Metadata: map[string]any{slow: true},
		Description: "A first sign-in, or one with a new password, is tried at WorkFossa in a browser and takes some seconds; afterwards the " +
			"stored login answers by itself. 400: not an e-mail address, or no password; 401: WorkFossa refused it, and the same password is not " +
			"sent there again for 15 minutes; 403: WorkFossa has locked the account; 429: too many passwords were tried; 502: WorkFossa does not answer.",
	}, e.login)
	handle(e, huma.Operation{
		OperationID: "verify-login", Method: http.MethodPost, Path: "/api/auth/verify", Tags: []string{tagAuth}, Errors: noAnswer,
		Summary: "Tell whether a login is accepted", Metadata: map[string]any{slow: true}, Description: "As a sign-in, without giving a token: a refused login is answered with 200 and valid false.",
	}, e.verifyLogin)
	handle(e, protected(huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/api/auth/me", Tags: []string{tagAuth}, Summary: "Who is signed in",
	}), e.me)
	handle(e, protected(huma.Operation{
		OperationID: "logout", Method: http.MethodPost, Path: "/api/auth/logout", Tags: []string{tagAuth}, Summary: "Sign out",
		Description: "Ends the session: its tokens are refused from the next request on. A token from a version that had no sessions stays good until it " +
			"expires; the client forgets it.",
	}), e.logout)
	handle(e, huma.Operation{
		OperationID: "check-users", Method: http.MethodGet, Path: "/api/auth/check", Tags: []string{tagAuth}, Summary: "Whether anybody has signed in yet",
	}, e.checkUsers)
	handle(e, huma.Operation{
		OperationID: "auth-status", Method: http.MethodGet, Path: "/api/auth/status", Tags: []string{tagAuth}, Summary: "Whether the caller is signed in",
		Metadata: map[string]any{optionalAuth: true},
	}, e.authStatus)
	handle(e, huma.Operation{
		OperationID: "setup-status", Method: http.MethodGet, Path: "/api/setup/status", Tags: []string{tagAuth}, Summary: "Whether set-up is needed",
	}, e.setupStatus)
}

func (e *edge) login(ctx context.Context, in *loginInput) (*body[token], error) {
	user, err := e.Credentials.SignIn(ctx, in.login())
	switch scrape.KindOf(err) {
	case "":
	case scrape.KindCredentialsRejected:
		problem := loginProblem(http.StatusUnauthorized, "AUTH_FAILED", err)
		problem.headers = http.Header{"Www-Authenticate": {"Bearer"}}
		return nil, problem
	case scrape.KindInvalid:
		return nil, loginProblem(http.StatusBadRequest, "VALIDATION_ERROR", err)
	default:
		return nil, err
	}
	session, err := e.Sessions.StartSession(ctx, user.ID, in.UserAgent)
	if err != nil {
		return nil, err
	}
	return e.issue(user, session)
}

// issue answers with a token of a session.
func (e *edge) issue(user scrape.User, session scrape.UserSession) (*body[token], error) {
	access, expires, err := e.Tokens.Issue(user, session, e.now())
	if err != nil {
		return nil, err
	}
	return reply(token{
		AccessToken: access, TokenType: bearer, UserID: string(user.ID), Email: user.Email, ExpiresAt: expires, SessionExpiresAt: utc(session.ExpiresAt),
	}), nil
}

// loginProblem carries the old contract's status and code.
func loginProblem(status int, code string, err error) *Problem {
	problem := newProblem(status, code, scrape.MessageOf(err))
	problem.Message = problem.Detail
	describe(problem, err)
	return problem
}

func (e *edge) verifyLogin(ctx context.Context, in *loginInput) (*body[verified], error) {
	_, err := e.Credentials.SignIn(ctx, in.login())
	switch scrape.KindOf(err) {
	case "":
		return reply(verified{true, "WorkFossa accepts this login."}), nil
	case scrape.KindCredentialsRejected, scrape.KindAccountLocked:
		return reply(verified{false, scrape.MessageOf(err)}), nil
	default:
		return nil, err
	}
}

func (e *edge) me(ctx context.Context, _ *struct{}) (*body[account], error) {
	user := caller(ctx)
	return reply(account{
		ID: string(user.ID), Username: user.Email, Email: user.Email, IsActive: true, Role: string(user.Role),
		CreatedAt: utc(user.CreatedAt), LastLogin: utcOrNil(user.LastUsedAt),
	}), nil
}

func (e *edge) checkUsers(ctx context.Context, _ *struct{}) (*body[usersExist], error) {
	count, err := e.Credentials.UserCount(ctx)
	if err != nil {
		return nil, err
	}
	return reply(usersExist{HasUsers: count > 0, UserCount: count, RequiresSetup: count == 0}), nil
}

func (e *edge) authStatus(ctx context.Context, _ *struct{}) (*body[authStatus], error) {
	user := caller(ctx)
	if user.ID == "" {
		return reply(authStatus{}), nil
	}
	return reply(authStatus{
		Authenticated: true, User: Optional[signedInUser]{Value: &signedInUser{ID: string(user.ID), Username: user.Email, Email: user.Email}},
	}), nil
}

func (e *edge) setupStatus(ctx context.Context, _ *struct{}) (*body[setupStatus], error) {
	count, err := e.Credentials.UserCount(ctx)
	if err != nil {
		return nil, err
	}
	status := setupStatus{SetupRequired: count == 0, UserCount: count, Message: "Setup is complete."}
	if count == 0 {
		status.Message = "Sign in with your WorkFossa account to set up."
	}
	return reply(status), nil
}
