package scrape

import "time"

// UserSessionID names one sign-in. It is no secret: only a signed token that carries it is worth anything.
type UserSessionID string

// UserSession is what one sign-in of a user began, on one device: tokens are renewed in it until it ends.
type UserSession struct {
	ID         UserSessionID
	UserID     UserID
	CreatedAt  time.Time
	LastSeenAt time.Time // at most a minute behind
	UserAgent  string    // what the client said it is
	ExpiresAt  time.Time
	RevokedAt  *time.Time // when somebody ended it; nil when nobody did
}

// Ended tells in a sentence why a session is no longer good; nil when it is.
func (s UserSession) Ended(now time.Time) error {
	switch {
	case s.RevokedAt != nil:
		return ErrSessionEnded()
	case !now.Before(s.ExpiresAt):
		return Errorf(KindUnauthenticated, "This session is over. Sign in again.")
	}
	return nil
}

// ErrSessionEnded is what the caller of a session is told that somebody has ended.
func ErrSessionEnded() *Error {
	return Errorf(KindUnauthenticated, "This session was ended. Sign in again.")
}
