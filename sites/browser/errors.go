package browser

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

var (
	// ErrClosed is the error of every use after Close, and of work that Close interrupted.
	ErrClosed = errors.New("the browser is closed")

	// ErrDied is wrapped by the errors of work whose browser or page process ended under it. The next Tab has a fresh one.
	ErrDied = errors.New("the browser died")

	// ErrNoElement is wrapped by the errors of Click and Type when there is nothing to click on or to type into.
	ErrNoElement = errors.New("no such element")
)

// StartError says that Chromium could not be started.
type StartError struct{ Err error }

// Error implements error.
func (e *StartError) Error() string { return "start the browser: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *StartError) Unwrap() error { return e.Err }

// LoadError says that a document could not be fetched at all.
type LoadError struct {
	URL  string
	Text string // the browser's words: net::ERR_CONNECTION_REFUSED
}

// Error implements error.
func (e *LoadError) Error() string { return fmt.Sprintf("open %s: %s", plainAddress(e.URL), e.Text) }

// TimeoutError says that the browser or the site did not answer in time. It is not a context error: the caller's own
// deadline had not passed.
type TimeoutError struct {
	Doing string
	After time.Duration
}

// Error implements error.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: no answer within %s", e.Doing, e.After)
}

// NotShownError says that a page did not show what Wait waited for, and what is known of the reason.
type NotShownError struct {
	After    time.Duration
	Failures []Response // what the page's own origin refused since the last Navigate or Forget
	Pending  int        // requests to the page's own origin that were still open
}

// Error implements error.
func (e *NotShownError) Error() string {
	text := fmt.Sprintf("not shown after %s, %d requests open", e.After.Round(time.Millisecond), e.Pending)
	for _, failure := range e.Failures {
		text += ", " + failure.String()
	}
	return text
}

// Response is the answer to a request of a page, or the reason why there was none.
type Response struct {
	URL     string
	Status  int         // 0 when there was no answer
	Header  http.Header // of the answer
	Failure string      // the browser's words when there was no answer, or only a part of it
}

// String gives one line for logs, without the values in the address.
func (r Response) String() string {
	if r.Failure != "" {
		return plainAddress(r.URL) + ": " + r.Failure
	}
	return fmt.Sprintf("%s: status %d", plainAddress(r.URL), r.Status)
}

// plainAddress is an address as errors and logs may show it.
func plainAddress(address string) string { return newVeil(nil, nil).address(address) }

// failed tells whether a page can hardly show its content after such an answer: nobody was let in, the site asks to slow
// down, it is broken, or it did not answer.
func (r Response) failed() bool {
	switch {
	case r.Failure != "", r.Status >= 500:
		return true
	default:
		return r.Status == http.StatusUnauthorized || r.Status == http.StatusTooManyRequests || r.Status == statusPageExpired
	}
}

// statusPageExpired is Laravel's answer to a form or data request without a valid session token.
const statusPageExpired = 419
