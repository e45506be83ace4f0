package credentials

import (
	"context"
	"crypto/rand"
	"strings"
	"time"
	"unicode"

	"github.com/fossawork/scheduler/scrape"
)

const (
	// seenEvery is how often it is noted that a session is in use: a page asks several times a second.
	seenEvery = time.Minute
	// userAgentLength bounds what a client may say of itself.
	userAgentLength = 200
	// sessionsListed bounds a list: programs that sign in each time they run leave many.
	sessionsListed = 200
)

// StartSession begins a session of a user who has signed in. KindNotFound when he is gone.
func (s *Service) StartSession(ctx context.Context, user scrape.UserID, userAgent string) (scrape.UserSession, error) {
	now := s.now().UTC()
	session := scrape.UserSession{
		ID: scrape.UserSessionID(rand.Text()), UserID: user, CreatedAt: now, LastSeenAt: now, UserAgent: printable(userAgent, userAgentLength),
		ExpiresAt: now.Add(s.SessionLifetime),
	}
	return session, s.store.AddUserSession(ctx, session)
}

// Caller reads who calls in a session, with the role that the settings give, and notes that the session was used.
//
// Errors: KindNotFound for an unknown user, KindUnauthenticated for a session that is over, was ended or is forgotten.
func (s *Service) Caller(ctx context.Context, user scrape.UserID, session scrape.UserSessionID) (scrape.User, scrape.UserSession, error) {
	who, in, err := s.store.UserInSession(ctx, user, session)
	if err != nil {
		return scrape.User{}, scrape.UserSession{}, err
	}
	if in == nil {
		return scrape.User{}, scrape.UserSession{}, scrape.ErrSessionEnded()
	}
	now := s.now().UTC()
	if err := in.Ended(now); err != nil {
		return scrape.User{}, scrape.UserSession{}, err
	}
	if due := now.Add(-seenEvery); !in.LastSeenAt.After(due) {
		if err := s.store.TouchUserSession(ctx, in.ID, now, due); err != nil {
			return scrape.User{}, scrape.UserSession{}, err
		}
		in.LastSeenAt = now
	}
	who.Role = s.roles(who.Email)
	return who, *in, nil
}

// Sessions lists a user's sessions that are good, the one used last first.
func (s *Service) Sessions(ctx context.Context, user scrape.UserID) ([]scrape.UserSession, error) {
	return s.store.UserSessions(ctx, user, s.now().UTC(), sessionsListed)
}

// EndSession ends a session of a user. KindNotFound when he has no such session that is good.
func (s *Service) EndSession(ctx context.Context, user scrape.UserID, session scrape.UserSessionID) error {
	return s.store.RevokeUserSession(ctx, user, session, s.now().UTC())
}

// EndOtherSessions ends all sessions of a user but one, and tells how many. No id keeps none.
func (s *Service) EndOtherSessions(ctx context.Context, user scrape.UserID, keep scrape.UserSessionID) (int, error) {
	return s.store.RevokeOtherUserSessions(ctx, user, keep, s.now().UTC())
}

// printable is at most so many characters of a text that a client has sent, without those that cannot be shown or stored.
func printable(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}
