package api

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/fossawork/scheduler/scrape"
)

// Problem is every error body: an RFC 9457 problem document whose detail is a sentence that a person can act on. The old clients show
// detail as it is, so it is a text in every case.
type Problem struct { //nolint:errname // its name is that of the schema, which clients are generated with
	Title   string         `json:"title" doc:"Short name of the HTTP status." example:"Not Found"`
	Status  int            `json:"status" doc:"HTTP status." example:"404"`
	Detail  string         `json:"detail" doc:"What went wrong, as a sentence for people." example:"Schedule not found"`
	Code    string         `json:"error,omitempty" doc:"What went wrong, as one word for programs." example:"not_found"`
	Message string         `json:"message,omitempty" doc:"The sentence again, or what to do about it, where older clients look for it."`
	Errors  []ProblemField `json:"errors,omitempty" doc:"The single mistakes of a request."`
	RunID   int64          `json:"run_id,omitempty" doc:"The run that is in the way."`

	headers http.Header
}

// ProblemField is one mistake of a request. The value that was sent is not repeated: it may be a password.
type ProblemField struct {
	Message  string `json:"message" doc:"What is wrong, as a sentence." example:"interval_hours must be a number."`
	Location string `json:"location,omitempty" doc:"Where it is wrong." example:"body.interval_hours"`
}

// Error is the sentence.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are headers that go with the error.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType is the media type of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// newProblem makes a problem: what went wrong as a word for programs, and as a sentence for people.
func newProblem(status int, code, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// problemOf is the one place where an error of ours becomes an HTTP answer. Causes are logged and stay here.
func problemOf(ctx context.Context, log *slog.Logger, err error) error {
	var known *Problem
	if asProblem(err, &known) {
		return known
	}
	kind := scrape.KindOf(err)
	if kind == scrape.KindInternal && (errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded)) {
		kind, err = scrape.KindUnavailable, scrape.Errorf(scrape.KindUnavailable, "This took too long. Try again in a minute.").Because(err)
	}
	problem := newProblem(statusOf(kind), string(kind), scrape.MessageOf(err))
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // the caller went away: nobody's error
	case problem.Status == http.StatusInternalServerError:
		log.ErrorContext(ctx, "request failed", "error", err, "request_id", requestID(ctx))
	case problem.Status > http.StatusInternalServerError: // something else is away, and says so itself
		log.InfoContext(ctx, "request not served", "kind", string(kind), "error", err, "request_id", requestID(ctx))
	}
	describe(problem, err)
	return problem
}

func statusOf(kind scrape.Kind) int {
	switch kind {
	case scrape.KindInvalid, scrape.KindLayoutChanged:
		return http.StatusUnprocessableEntity
	case scrape.KindUnauthenticated, scrape.KindCredentialsRejected:
		return http.StatusUnauthorized
	case scrape.KindDenied, scrape.KindAccountLocked:
		return http.StatusForbidden
	case scrape.KindNotFound:
		return http.StatusNotFound
	case scrape.KindConflict:
		return http.StatusConflict
	case scrape.KindStale:
		return http.StatusPreconditionFailed
	case scrape.KindPortalThrottled:
		return http.StatusTooManyRequests
	case scrape.KindUnavailable:
		return http.StatusServiceUnavailable
	case scrape.KindPortalDown, scrape.KindSessionExpired:
		return http.StatusBadGateway
	case scrape.KindInternal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// describe adds what programs want to know beside the sentence.
func describe(problem *Problem, err error) {
	var e *scrape.Error
	if !asError(err, &e) {
		return
	}
	if e.Field != "" {
		problem.Errors = []ProblemField{{Message: e.Message, Location: "body." + e.Field}}
	}
	if e.RetryAfter > 0 {
		problem.headers = http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds())))}}
	}
	var running *scrape.RunningError
	if asError(err, &running) {
		problem.RunID = int64(running.RunID)
	}
}
