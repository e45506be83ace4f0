package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// Sessions is what the API asks of sessions: what a sign-in begins, and what its tokens are renewed in.
type Sessions interface {
	StartSession(ctx context.Context, user scrape.UserID, userAgent string) (scrape.UserSession, error)
	// Caller reads who calls in a session, and notes that it was used. KindUnauthenticated when the session is over or was ended, KindNotFound
	// when there is no such user.
	Caller(ctx context.Context, user scrape.UserID, session scrape.UserSessionID) (scrape.User, scrape.UserSession, error)
	// Sessions lists those that are good, the one used last first.
	Sessions(ctx context.Context, user scrape.UserID) ([]scrape.UserSession, error)
	// EndSession ends one; KindNotFound when the user has no such session that is good.
	EndSession(ctx context.Context, user scrape.UserID, session scrape.UserSessionID) error
	// EndOtherSessions ends all but one, and tells how many.
	EndOtherSessions(ctx context.Context, user scrape.UserID, keep scrape.UserSessionID) (int, error)
}

const sessionsPath = "/api/auth/sessions"

type userSession struct {
	ID         string    `json:"id" example:"4ZKQ2XWBN7M3TFRC5DHJ6YVPLA"`
	CreatedAt  time.Time `json:"created_at" doc:"When this sign-in was."`
	LastSeenAt time.Time `json:"last_seen_at" doc:"When it was last used, at most a minute behind."`
	UserAgent  string    `json:"user_agent" doc:"What the client called itself at the sign-in, at most 200 characters; it may be empty."`
	ExpiresAt  time.Time `json:"expires_at" doc:"When it ends by itself."`
	Current    bool      `json:"current" doc:"The token of this request belongs to it."`
}

type sessionInput struct {
	ID string `path:"id" maxLength:"100" doc:"Id of a session." example:"4ZKQ2XWBN7M3TFRC5DHJ6YVPLA"`
}

type endedSessions struct {
	Message string `json:"message" doc:"What was done."`
	Ended   int    `json:"ended" doc:"How many sessions were ended."`
}

func (e *edge) registerSessions() {
	handle(e, protected(huma.Operation{
		OperationID: "refresh-token", Method: http.MethodPost, Path: "/api/auth/refresh", Tags: []string{tagAuth}, Summary: "Renew the token",
		Description: "Gives a new token of the same session while the present one is good. The session ends some time after the sign-in, whatever was " +
			"renewed: see session_expires_at. The present token stays good until it expires. 401: the session is over or was ended, or the token is from a " +
			"version that had no sessions; sign in again.",
	}), e.refresh)
	handle(e, protected(huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: sessionsPath, Tags: []string{tagAuth}, Summary: "List one's sessions",
		Description: "The sign-ins that are still good, the one used last first, at most 200. Ending one refuses its tokens from the next request on. " +
			"Storing another WorkFossa login, or forgetting it, ends none.",
	}), e.listSessions)
	handle(e, protected(huma.Operation{
		OperationID: "end-other-sessions", Method: http.MethodDelete, Path: sessionsPath, Tags: []string{tagAuth}, Summary: "End all other sessions",
		Description: "All but the one of this request. Tokens from a version that had no sessions belong to none and stay good until they expire.",
	}), e.endOtherSessions)
	handle(e, protected(huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: sessionsPath + "/{id}", Tags: []string{tagAuth}, Summary: "End a session",
		Description: "Its tokens are refused from the next request on. Ending the one of this request is signing out.",
	}), e.endSession)
}

func (e *edge) refresh(ctx context.Context, _ *struct{}) (*body[token], error) {
	if currentSession(ctx).ID == "" {
		return nil, scrape.Errorf(scrape.KindUnauthenticated, "This token belongs to no session and cannot be renewed. Sign in again.")
	}
	return e.issue(caller(ctx), currentSession(ctx))
}

func (e *edge) listSessions(ctx context.Context, _ *struct{}) (*body[[]userSession], error) {
	sessions, err := e.Sessions.Sessions(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	out := make([]userSession, 0, len(sessions))
	for _, s := range sessions {
		out = append(out, userSession{
			ID: string(s.ID), CreatedAt: utc(s.CreatedAt), LastSeenAt: utc(s.LastSeenAt), UserAgent: s.UserAgent, ExpiresAt: utc(s.ExpiresAt),
			Current: s.ID == currentSession(ctx).ID,
		})
	}
	return reply(out), nil
}

func (e *edge) endSession(ctx context.Context, in *sessionInput) (*body[message], error) {
	if err := e.Sessions.EndSession(ctx, caller(ctx).ID, scrape.UserSessionID(in.ID)); err != nil {
		return nil, err
	}
	return reply(message{"Session ended"}), nil
}

func (e *edge) endOtherSessions(ctx context.Context, _ *struct{}) (*body[endedSessions], error) {
	ended, err := e.Sessions.EndOtherSessions(ctx, caller(ctx).ID, currentSession(ctx).ID)
	if err != nil {
		return nil, err
	}
	return reply(endedSessions{Message: "Other sessions ended", Ended: ended}), nil
}

// logout ends the session. One that somebody else has ended meanwhile is ended.
func (e *edge) logout(ctx context.Context, _ *struct{}) (*body[message], error) {
	if session := currentSession(ctx).ID; session != "" {
		if err := e.Sessions.EndSession(ctx, caller(ctx).ID, session); err != nil && scrape.KindOf(err) != scrape.KindNotFound {
			return nil, err
		}
	}
	return reply(message{"Successfully logged out"}), nil
}
