package api

import (
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	swagger "github.com/swaggest/swgui/v5emb"
)

// Version is the version of the API document.
const Version = "1.0.0"

// Config is everything the API asks of others.
type Config struct {
	Schedules   Schedules
	Slots       Slots
	Bulk        Bulk
	Definitions Definitions
	System      System
	Breaker     Breaker
	Runs        Runs
	Charts      Charts
	Operations  Operations
	Orders      Orders
	Credentials Credentials
	Sessions    Sessions
	Preferences Preferences
	Health      Health
	Tokens      Tokens
	CORSOrigins []string
	PortalURL   string
	UI          fs.FS  // the built web UI; nil stands for one that was not built
	Portal      string // the portal's origin, as the breaker's rows name it
	Log         *slog.Logger

	Links       Links
	MinInterval time.Duration // of schedules

	OverdueAfter time.Duration // by how much a slot may pass without a trace; 0: schedules.DefaultOverdueAfter
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
	router.Use(identify, timed, recovered(config.Log), crossOrigin(config.CORSOrigins), deprecated, middleware.StripSlashes, middleware.GetHead, smaller)
	router.MethodNotAllowed(methodNotAllowed(router))
	registerUI(router, config.UI)
	docs := swagger.New("FossaWork Scheduler", "/openapi.json", "/docs/")
	router.Handle("/docs", docs)
	router.Handle("/docs/*", docs)

	e := &edge{Config: config, api: humachi.New(router, openAPI()), now: time.Now}
	e.api.UseMiddleware(e.authenticate)
	e.registerAuth()
	e.registerSessions()
	e.registerPreferences()
	e.registerCredentials()
	e.registerJobTypes()
	e.registerSchedules()
	e.registerBulk()
	e.registerDefinitions()
	e.registerPreview()
	e.registerSlots()
	e.registerHome()
	e.registerHistory()
	e.registerHeld()
	e.registerRunList()
	e.registerRuns()
	e.registerSteps()
	e.registerRecentRuns()
	e.registerHeatmap()
	e.registerEvidence()
	e.registerStatus()
	e.registerWorkOrders()
	e.registerWorkOrderActions()
	e.registerScrape()
	e.registerScrapeDispensers()
	e.registerItems()
	e.registerFilters()
	e.registerSystem()
	e.registerOverview()
	e.registerConfig()
	e.registerBreaker()
	e.registerHealth()
	return &Server{Handler: router, OpenAPI: e.api.OpenAPI()}
}

// smaller compresses what is read: lists are a tenth of their size then, which counts on a phone. What is written answers with tokens, which are
// not compressed beside anything that a stranger may choose.
func smaller(next http.Handler) http.Handler {
	compressed := middleware.Compress(gzip.BestSpeed, "application/json", "application/openapi+json", "application/yaml", "application/openapi+yaml")(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			compressed.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func openAPI() huma.Config {
	config := huma.DefaultConfig("FossaWork Scheduler", Version)
	config.CreateHooks = nil // no $schema member in bodies: the old contract's bodies are exact
	config.SchemasPath = ""  // for the same reason
	config.DocsPath = ""     // ours works without the internet
	config.Info.Description = "Schedules that collect a technician's work orders and dispensers from WorkFossa, their runs, and what they brought. " +
		"Every time is UTC with Z; every path also answers with a trailing slash; every error is an RFC 9457 problem document whose detail is a sentence."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access_token of POST /api/auth/login."},
	}
	config.Tags = []*huma.Tag{
		{Name: tagAuth, Description: "Signing in. WorkFossa decides whether a password is right."},
		{Name: tagCredentials, Description: "The stored WorkFossa login. No answer carries its password."},
		{Name: tagSchedules, Description: "What is collected, and when."},
		{Name: tagHistory, Description: "How runs ended, what they changed, and what the portal looked like when they failed."},
		{Name: tagStatus, Description: "How far a run is, and whether the scheduler works."},
		{Name: tagWorkOrders, Description: "The collected work orders, and the dispensers at their sites."},
		{Name: tagItems, Description: "What other jobs have collected."},
		{Name: tagFilters, Description: "Which filters to bring."},
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

// handler answers one operation.
type handler[I, O any] = func(context.Context, *I) (*O, error)

// handle registers an operation with a deadline, whose errors go through problemOf: a plain error given to Huma would show its text to
// the caller.
func handle[I, O any](e *edge, operation huma.Operation, handler handler[I, O]) {
	timeout := requestTimeout
	if operation.Metadata[slow] == true {
		timeout = loginTimeout
	}
	operation.Errors = append(operation.Errors, http.StatusServiceUnavailable) // the database may be away
	if _, hasBody := reflect.TypeFor[I]().FieldByName("Body"); hasBody {
		operation.Errors = append(operation.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
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
