package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/golang-jwt/jwt/v5"

	"github.com/fossawork/scheduler/scrape"
)

// Tokens makes and reads access tokens: JWT, HS256, with the claims sub (user id), email and exp that the old front end decodes by itself,
// and sid, the session that a token belongs to. Tokens from before there were sessions have none, and are good until they expire.
type Tokens struct {
	Secret   scrape.Secret
	Lifetime time.Duration // of one token; none outlives its session
}

type claims struct {
	Email   string               `json:"email"`
	Session scrape.UserSessionID `json:"sid,omitempty"`
	jwt.RegisteredClaims
}

// Issue makes a token for a user in a session, and tells when it expires. The zero session makes one that belongs to none.
func (t Tokens) Issue(user scrape.User, session scrape.UserSession, now time.Time) (text string, expires time.Time, err error) {
	expires = now.Add(t.Lifetime)
	if session.ID != "" && session.ExpiresAt.Before(expires) {
		expires = session.ExpiresAt
	}
	expiry := jwt.NewNumericDate(expires) // of whole seconds
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Email: user.Email, Session: session.ID,
		RegisteredClaims: jwt.RegisteredClaims{Subject: string(user.ID), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: expiry},
	}).SignedString([]byte(t.Secret.Reveal()))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign token: %w", err)
	}
	return signed, utc(expiry.Time), nil
}

// read gives the user and the session that a token names; an error says nothing more than that it is not good.
func (t Tokens) read(text string) (scrape.UserID, scrape.UserSessionID, error) {
	var read claims
	_, err := jwt.ParseWithClaims(text, &read, func(*jwt.Token) (any, error) { return []byte(t.Secret.Reveal()), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired())
	if err != nil || read.Subject == "" {
		return "", "", scrape.Errorf(scrape.KindUnauthenticated, "Invalid or expired token").Because(err)
	}
	return scrape.UserID(read.Subject), read.Session, nil
}

const (
	bearer       = "bearer"
	optionalAuth = "optional-auth" // an operation that answers differently to a signed-in caller
)

// protected marks an operation as one for signed-in callers.
func protected(operation huma.Operation) huma.Operation {
	operation.Security = []map[string][]string{{bearer: {}}}
	refusals := []int{http.StatusUnauthorized}
	if !oldWorkOrders(operation.Path) {
		refusals = append(refusals, http.StatusNotFound) // the token's user
	}
	operation.Errors = append(refusals, operation.Errors...)
	return operation
}

// oldWorkOrders tells the two parts of the old contract apart: they answer differently to a token whose user is gone.
func oldWorkOrders(path string) bool { return strings.HasPrefix(path, "/api/v1/") }

type callerKey struct{}

// signedIn is who calls, and in which session: the zero one with a token from before there were sessions.
type signedIn struct {
	user    scrape.User
	session scrape.UserSession
}

// caller is the signed-in user; the zero user when nobody is.
func caller(ctx context.Context) scrape.User {
	who, _ := ctx.Value(callerKey{}).(signedIn)
	return who.user
}

// currentSession is the session of the request; the zero one when it has none.
func currentSession(ctx context.Context) scrape.UserSession {
	who, _ := ctx.Value(callerKey{}).(signedIn)
	return who.session
}

// authenticate finds out who calls. User and session are read for each request, so that a deleted or ended one is out at once.
func (e *edge) authenticate(ctx huma.Context, next func(huma.Context)) {
	optional := ctx.Operation().Metadata[optionalAuth] == true
	if len(ctx.Operation().Security) == 0 && !optional {
		next(ctx)
		return
	}
	who, err := e.whoCalls(ctx)
	switch {
	case err == nil:
		next(huma.WithValue(ctx, callerKey{}, who))
	case optional:
		next(ctx)
	default:
		e.refuse(ctx, err)
	}
}

func (e *edge) whoCalls(ctx huma.Context) (signedIn, error) {
	header := ctx.Header("Authorization")
	if header == "" {
		return signedIn{}, scrape.Errorf(scrape.KindUnauthenticated, "Authentication required")
	}
	scheme, text, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, bearer) || strings.TrimSpace(text) == "" {
		return signedIn{}, scrape.Errorf(scrape.KindUnauthenticated, "Invalid authentication header format")
	}
	who, err := e.holder(ctx.Context(), strings.TrimSpace(text))
	if scrape.KindOf(err) == scrape.KindNotFound && oldWorkOrders(ctx.Operation().Path) {
		return signedIn{}, scrape.Errorf(scrape.KindUnauthenticated, "User not found")
	}
	return who, err
}

// holder reads whose a token is.
func (e *edge) holder(ctx context.Context, text string) (who signedIn, err error) {
	id, session, err := e.Tokens.read(text)
	switch {
	case err != nil:
	case session == "":
		who.user, err = e.Credentials.User(ctx, id)
	default:
		who.user, who.session, err = e.Sessions.Caller(ctx, id, session)
	}
	return who, err
}

// refuse answers outside a handler, in the same form.
func (e *edge) refuse(ctx huma.Context, err error) {
	var problem *Problem
	asProblem(problemOf(ctx.Context(), e.Log, err), &problem)
	if problem.Status == http.StatusUnauthorized {
		problem.Message = "Sign in with POST /api/auth/login and send the token as 'Authorization: Bearer ...'."
		ctx.SetHeader("WWW-Authenticate", "Bearer")
	}
	for name, values := range problem.headers {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", problem.ContentType(""))
	ctx.SetStatus(problem.Status)
	if err := huma.DefaultJSONFormat.Marshal(ctx.BodyWriter(), problem); err != nil {
		e.Log.WarnContext(ctx.Context(), "answer not written", "error", err)
	}
}
