package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/cors"
	swagger "github.com/swaggest/swgui/v5emb"

	"github.com/fossawork/scheduler/scrape"
)

// Version is the version of the API document.
const Version = "1.0.0"

// Config is everything the API asks of others.
type Config struct {
	Schedules   Schedules
	Runs        Runs
	Orders      Orders
	Credentials Credentials
	Health      Health
	Tokens      Tokens
	CORSOrigins []string
	PortalURL   string
	Log         *slog.Logger
}

// Server is the API's handler and its description.
type Server struct {
	Handler http.Handler
	OpenAPI *huma.OpenAPI
}

// edge is what the handlers share.
type edge struct {
	Config
	api huma.API
	now func() time.Time
}

// New builds the API.
func New(config Config) *Server {
	router := chi.NewMux()
	router.Use(identify, timed, recovered(config.Log), crossOrigin(config.CORSOrigins), middleware.StripSlashes)
	router.NotFound(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusNotFound, "There is nothing at this address. /docs lists what there is."))
	})
	router.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, "This address does not take "+r.Method+"."))
	})
	router.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/docs", http.StatusFound) })
	docs := swagger.New("FossaWork Scheduler", "/openapi.json", "/docs/")
	router.Handle("/docs", docs)
	router.Handle("/docs/*", docs)

	e := &edge{Config: config, api: humachi.New(router, openAPI()), now: time.Now}
	e.api.UseMiddleware(e.authenticate)
	e.registerAuth()
	e.registerSchedules()
	e.registerHistory()
	e.registerStatus()
	e.registerWorkOrders()
	e.registerHealth()
	return &Server{Handler: router, OpenAPI: e.api.OpenAPI()}
}

func openAPI() huma.Config {
	config := huma.DefaultConfig("FossaWork Scheduler", Version)
	config.CreateHooks = nil // no $schema member in bodies: the old contract's bodies are exact
	config.DocsPath = ""     // ours works without the internet
	config.Info.Description = "Schedules that collect a technician's work orders from WorkFossa, their runs, and what they brought. " +
		"Every time is UTC with Z; every path also answers with a trailing slash; every error is an RFC 9457 problem document whose detail is a sentence."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access_token of POST /api/auth/login."},
	}
	config.Tags = []*huma.Tag{
		{Name: tagAuth, Description: "Signing in. WorkFossa decides whether a password is right."},
		{Name: tagSchedules, Description: "What is collected, and when."},
		{Name: tagHistory, Description: "How runs ended."},
		{Name: tagStatus, Description: "How far a run is, and whether the scheduler works."},
		{Name: tagWorkOrders, Description: "The collected work orders."},
	}
	return config
}

// The tags of the operations.
const (
	tagAuth       = "auth"
	tagSchedules  = "schedules"
	tagHistory    = "history"
	tagStatus     = "status"
	tagWorkOrders = "work-orders"
)

// The time that a request may take. A sign-in waits for the portal.
const (
	requestTimeout = 10 * time.Second
	loginTimeout   = 95 * time.Second
	slow           = "slow" // metadata of operations with loginTimeout
)

// handle registers an operation with a deadline, whose errors go through problemOf: a plain error given to Huma would show its text to
// the caller.
func handle[I, O any](e *edge, operation huma.Operation, handler func(context.Context, *I) (*O, error)) {
	timeout := requestTimeout
	if operation.Metadata[slow] == true {
		timeout = loginTimeout
	}
	huma.Register(e.api, operation, func(ctx context.Context, input *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		output, err := handler(ctx, input)
		if err != nil {
			return nil, problemOf(ctx, e.Log, err)
		}
		return output, nil
	})
}

// body is an answer without headers of its own.
type body[T any] struct{ Body T }

func reply[T any](value T) *body[T] { return &body[T]{Body: value} }

// message is the old contract's answer to a request that leaves nothing else to say.
type message struct {
	Message string `json:"message" doc:"What was done."`
}

// utc is a time as the API writes it: UTC, at most microseconds.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func utcOrNil(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := utc(*t)
	return &at
}

func asProblem(err error, target **Problem) bool { return errors.As(err, target) }

func asError[E error](err error, target *E) bool { return errors.As(err, target) }

func writeProblem(w http.ResponseWriter, problem *Problem) {
	for name, values := range problem.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problem.ContentType(""))
	w.WriteHeader(problem.Status)
	_ = json.NewEncoder(w).Encode(problem) // the caller may be gone, which is nobody's error
}

// identify gives each request an id, taken over from a proxy when it sends one.
func identify(next http.Handler) http.Handler {
	return middleware.RequestID(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-ID", requestID(r.Context()))
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	}))
}

func requestID(ctx context.Context) string { return middleware.GetReqID(ctx) }

// timed tells in milliseconds how long an answer took to begin, where the old clients look for it.
func timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&timedWriter{ResponseWriter: w, start: time.Now()}, r)
	})
}

// recovered turns a panic into a problem document.
func recovered(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				reason := recover()
				if reason == nil {
					return
				}
				if reason == http.ErrAbortHandler { //nolint:errorlint // net/http panics with this very value
					panic(reason)
				}
				log.ErrorContext(r.Context(), "handler panicked", "reason", reason, "path", r.URL.Path, "stack", string(debug.Stack()))
				writeProblem(w, newProblem(http.StatusInternalServerError, scrape.MessageOf(nil)))
			}()
			next.ServeHTTP(w, r)
		})
	}
}

func crossOrigin(origins []string) func(http.Handler) http.Handler {
	allowed := make([]string, 0, len(origins))
	for _, origin := range origins {
		allowed = append(allowed, strings.TrimSpace(origin))
	}
	return cors.Handler(cors.Options{
		AllowedOrigins:   allowed,
		AllowedMethods:   []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions},
		AllowedHeaders:   []string{"*"},
		ExposedHeaders:   []string{"X-Process-Time", "X-Request-ID", "X-Total-Count", "X-Skip", "X-Limit"},
		AllowCredentials: true,
		MaxAge:           24 * 60 * 60,
	})
}
