package api

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// Problem is every error body: an RFC 9457 problem document whose detail is a sentence that a person can act on. The old clients show
// detail as it is, so it is a text in every case.
type Problem struct {
	Title   string         `json:"title" doc:"Short name of the HTTP status."`
	Status  int            `json:"status" doc:"HTTP status."`
	Detail  string         `json:"detail" doc:"What went wrong, as a sentence for people."`
	Code    string         `json:"error,omitempty" doc:"What went wrong, as one word for programs."`
	Message string         `json:"message,omitempty" doc:"The same sentence, where older clients look for it."`
	Errors  []ProblemField `json:"errors,omitempty" doc:"The single mistakes of a request."`
	RunID   int64          `json:"run_id,omitempty" doc:"The run that is in the way."`

	headers http.Header
}

// ProblemField is one mistake of a request. The value that was sent is not repeated: it may be a password.
type ProblemField struct {
	Message  string `json:"message" doc:"What is wrong."`
	Location string `json:"location,omitempty" doc:"Where: body.interval_hours."`
}

// Error is the sentence.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are headers that go with the error.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType is the media type of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func init() {
	// Huma makes its own errors (validation, media types) through this hook, which is global to the process.
	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, causes ...error) huma.StatusError {
		return newProblem(status, message, causes...)
	}
	huma.NewError = func(status int, message string, causes ...error) huma.StatusError {
		return newProblem(status, message, causes...)
	}
	huma.DefaultArrayNullable = false
}

func newProblem(status int, message string, causes ...error) *Problem {
	problem := &Problem{Title: http.StatusText(status), Status: status, Detail: sentence(message)}
	if status >= http.StatusInternalServerError {
		problem.Detail = scrape.MessageOf(nil)
		return problem
	}
	for _, cause := range causes {
		if detailer, ok := cause.(huma.ErrorDetailer); ok { //nolint:errorlint // Huma gives these unwrapped
			detail := detailer.ErrorDetail()
			problem.Errors = append(problem.Errors, ProblemField{Message: detail.Message, Location: detail.Location})
		}
	}
	if len(problem.Errors) > 0 {
		texts := make([]string, 0, len(problem.Errors))
		for _, field := range problem.Errors {
			texts = append(texts, strings.TrimPrefix(field.Location, "body.")+": "+field.Message)
		}
		problem.Detail = "The request is not valid. " + strings.Join(texts, "; ") + "."
	}
	return problem
}

func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// problemOf is the one place where an error of ours becomes an HTTP answer. Causes are logged and stay here.
func problemOf(ctx context.Context, log *slog.Logger, err error) error {
	var known *Problem
	if asProblem(err, &known) {
		return known
	}
	kind := scrape.KindOf(err)
	problem := newProblem(statusOf(kind), "")
	problem.Detail, problem.Code = scrape.MessageOf(err), string(kind)
	switch {
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
