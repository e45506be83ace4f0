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

// Tokens makes and reads access tokens: JWT, HS256, with the claims sub (user id), email and exp that the old front end decodes by itself.
type Tokens struct {
	Secret   scrape.Secret
	Lifetime time.Duration
}

type claims struct {
	Email string `json:"email"`
	jwt.RegisteredClaims
}

// Issue makes a token for a user.
func (t Tokens) Issue(user scrape.User, now time.Time) (string, error) {
	unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Email: user.Email,
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: string(user.ID), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(t.Lifetime)),
		},
	})
	signed, err := unsigned.SignedString([]byte(t.Secret.Reveal()))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed, nil
}

// user reads the user id from a token; an error says nothing more than that it is not good.
func (t Tokens) user(text string) (scrape.UserID, error) {
	var read claims
	_, err := jwt.ParseWithClaims(text, &read, func(*jwt.Token) (any, error) { return []byte(t.Secret.Reveal()), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired())
	if err != nil || read.Subject == "" {
		return "", scrape.Errorf(scrape.KindUnauthenticated, "Invalid or expired token").Because(err)
	}
	return scrape.UserID(read.Subject), nil
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

// caller is the signed-in user; the zero user when nobody is.
func caller(ctx context.Context) scrape.User {
	user, _ := ctx.Value(callerKey{}).(scrape.User)
	return user
}

// authenticate finds out who calls. The user is read for each request, so that a deleted one is out at once.
func (e *edge) authenticate(ctx huma.Context, next func(huma.Context)) {
	optional := ctx.Operation().Metadata[optionalAuth] == true
	if len(ctx.Operation().Security) == 0 && !optional {
		next(ctx)
		return
	}
	user, err := e.userOf(ctx)
	switch {
	case err == nil:
		next(huma.WithValue(ctx, callerKey{}, user))
	case optional:
		next(ctx)
	default:
		e.refuse(ctx, err)
	}
}

func (e *edge) userOf(ctx huma.Context) (scrape.User, error) {
	header := ctx.Header("Authorization")
	if header == "" {
		return scrape.User{}, scrape.Errorf(scrape.KindUnauthenticated, "Authentication required")
	}
	scheme, text, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, bearer) || strings.TrimSpace(text) == "" {
		return scrape.User{}, scrape.Errorf(scrape.KindUnauthenticated, "Invalid authentication header format")
	}
	id, err := e.Tokens.user(strings.TrimSpace(text))
	if err != nil {
		return scrape.User{}, err
	}
	user, err := e.Credentials.User(ctx.Context(), id)
	if scrape.KindOf(err) == scrape.KindNotFound {
		if oldWorkOrders(ctx.Operation().Path) {
			return scrape.User{}, scrape.Errorf(scrape.KindUnauthenticated, "User not found")
		}
		return scrape.User{}, scrape.Errorf(scrape.KindNotFound, "User not found")
	}
	return user, err
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
