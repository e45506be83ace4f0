package scrape

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of thing went wrong. It decides the HTTP status (package api), whether an activity is tried
// again (package activities) and how a run ends (OutcomeOf). A switch over Kind is always exhaustive.
type Kind string

// The kinds. Their texts are stored and shown in Temporal as the type of an application error: add, never rename.
const (
	KindInvalid             Kind = "invalid"              // breaks a rule of ours
	KindUnauthenticated     Kind = "unauthenticated"      // nobody is signed in
	KindDenied              Kind = "denied"               // signed in, but not allowed
	KindNotFound            Kind = "not_found"            // no such thing, or not the caller's
	KindConflict            Kind = "conflict"             // exists already, or a run is going
	KindStale               Kind = "stale"                // the caller's copy is older than ours
	KindUnavailable         Kind = "unavailable"          // a part of ours is not reachable now
	KindCredentialsRejected Kind = "credentials_rejected" // the portal refused the login
	KindAccountLocked       Kind = "account_locked"       // the portal says the account is locked
	KindSessionExpired      Kind = "session_expired"      // the portal shows its login form again
	KindLayoutChanged       Kind = "layout_changed"       // an expected element is missing
	KindPortalThrottled     Kind = "portal_throttled"     // the portal asks to slow down
	KindPortalDown          Kind = "portal_down"          // timeouts, 5xx, refused connections, a dead browser
	KindInternal            Kind = "internal"             // everything else: ours
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{
		KindInvalid, KindUnauthenticated, KindDenied, KindNotFound, KindConflict, KindStale, KindUnavailable, KindCredentialsRejected,
		KindAccountLocked, KindSessionExpired, KindLayoutChanged, KindPortalThrottled, KindPortalDown, KindInternal,
	}
}

// Error is the one error type that crosses package boundaries with a meaning.
//
// Message is a sentence that may be shown to a person; Err is the cause, for logs only.
type Error struct {
	Kind       Kind
	Message    string
	Field      string        // the input field that is wrong, for KindInvalid; may be empty
	RetryAfter time.Duration // the least time to wait before it may be tried again; 0 when nothing is known of it
	Missing    *Missing      // which element, for KindLayoutChanged; may be nil
	Evidence   *Evidence     // what the page was like; nil for errors that are not about a page
	Err        error
}

// Errorf makes an Error of a kind with a sentence for people.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Invalid makes a KindInvalid error about one input field.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Kind: KindInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Because adds the cause and returns the error itself.
func (e *Error) Because(cause error) *Error {
	e.Err = cause
	return e
}

// Error gives the sentence and the cause: a text for logs, not for people.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf tells the kind of an error; errors that carry none are KindInternal, nil is the empty kind.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}

// MessageOf gives the sentence that may be shown to a person. Errors without one get a fixed text, so that no cause
// (a host name, a statement, a path) reaches a user by accident.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	return "Something went wrong on our side."
}
