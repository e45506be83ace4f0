package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/cors"

	"github.com/fossawork/scheduler/scrape"
)

type requestIDKey struct{}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// usableID is an id that a proxy may send: it goes into logs and back to the caller.
var usableID = regexp.MustCompile(`^[A-Za-z0-9._:/+=-]{1,128}$`)

// identify gives each request an id, taken over from a proxy when it sends one, and each answer the headers that go with every one. The id
// names neither the machine nor the process.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-ID")
		if !usableID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-ID", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("X-Frame-Options", "DENY")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

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
				switch reason := recover(); reason {
				case nil:
				case http.ErrAbortHandler:
					panic(reason)
				default:
					logPanic(r, log, reason)
					writeProblem(w, newProblem(http.StatusInternalServerError, string(scrape.KindInternal), scrape.MessageOf(nil)))
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
}

func logPanic(r *http.Request, log *slog.Logger, reason any) {
	log.ErrorContext(r.Context(), "handler panicked",
		"reason", reason, "path", r.URL.Path, "request_id", requestID(r.Context()), "stack", string(debug.Stack()))
}

// methods are those that the API uses.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// crossOrigin lets the named front ends in, and no other.
func crossOrigin(origins []string) func(http.Handler) http.Handler {
	allowed := make([]string, 0, len(origins))
	for _, origin := range origins {
		if origin = strings.TrimSpace(origin); origin != "" {
			allowed = append(allowed, origin)
		}
	}
	options := cors.Options{
		AllowedOrigins:   allowed,
		AllowedMethods:   methods,
		AllowedHeaders:   []string{"*"},
		ExposedHeaders:   []string{"X-Process-Time", "X-Request-ID", "X-Total-Count", "X-Skip", "X-Limit", "X-Next-Cursor", "Link", "ETag", "Retry-After"},
		AllowCredentials: true,
		MaxAge:           24 * 60 * 60,
	}
	if len(allowed) == 0 { // to the library, no origin means every origin
		options.AllowOriginFunc = func(*http.Request, string) bool { return false }
	}
	return cors.Handler(options)
}

// deprecated tells callers that still say who they are.
func deprecated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("user_id") {
			w.Header().Set("X-Deprecation-Warning", "user_id is not needed: the token says who calls.")
		}
		next.ServeHTTP(w, r)
	})
}

// methodNotAllowed says which methods an address takes; to OPTIONS that is the answer itself.
func methodNotAllowed(router *chi.Mux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path := chi.RouteContext(r.Context()).RoutePath
		if path == "" {
			path = r.URL.Path
		}
		allowed := []string{http.MethodOptions}
		for _, method := range methods {
			if router.Match(chi.NewRouteContext(), method, path) {
				allowed = append(allowed, method)
				if method == http.MethodGet {
					allowed = append(allowed, http.MethodHead)
				}
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, "method_not_allowed",
			"This address does not take "+r.Method+". It takes "+strings.Join(allowed, ", ")+"."))
	}
}

func writeProblem(w http.ResponseWriter, problem *Problem) {
	for name, values := range problem.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problem.ContentType(""))
	w.WriteHeader(problem.Status)
	_ = json.NewEncoder(w).Encode(problem) // the caller may be gone, which is nobody's error
}
