package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/health"
	"github.com/fossawork/scheduler/scrape"
)

// Health knows whether what the API stands on is there.
type Health interface {
	// Ready is nil when Postgres, its schema, Temporal and a worker on each queue are there; else its sentence says what is missing.
	Ready(ctx context.Context) error
	// Queues tells what waits on each task queue, and who works on it.
	Queues(ctx context.Context) ([]health.Queue, error)
	// TemporalScheduleID is the name of a schedule in Temporal.
	TemporalScheduleID(id scrape.ScheduleID) string
}

type healthStatus struct {
	Status string `json:"status" enum:"ok"`
}

// legacyHealth is what the old dashboard polls every 30 s.
type legacyHealth struct {
	Status    string    `json:"status" enum:"healthy,degraded"`
	Service   string    `json:"service"`
	Version   string    `json:"version"`
	Database  string    `json:"database" enum:"connected,unknown"`
	Timestamp time.Time `json:"timestamp"`
	Endpoints []string  `json:"endpoints"`
}

func (e *edge) registerHealth() {
	handle(e, huma.Operation{
		OperationID: "get-liveness", Method: http.MethodGet, Path: "/healthz", Tags: []string{tagStatus}, Summary: "Whether the API answers",
	}, func(context.Context, *struct{}) (*body[healthStatus], error) { return reply(healthStatus{"ok"}), nil })
	handle(e, huma.Operation{
		OperationID: "get-readiness", Method: http.MethodGet, Path: "/readyz", Tags: []string{tagStatus}, Summary: "Whether everything works",
		Description: "200 when Postgres, its schema, Temporal and a worker on each task queue are there.",
	}, func(ctx context.Context, _ *struct{}) (*body[healthStatus], error) {
		if err := e.Health.Ready(ctx); err != nil {
			return nil, newProblem(http.StatusServiceUnavailable, string(scrape.KindUnavailable), scrape.MessageOf(err)) // not logged: probes ask every second
		}
		return reply(healthStatus{"ok"}), nil
	})
	handle(e, huma.Operation{
		OperationID: "get-health", Method: http.MethodGet, Path: "/health", Tags: []string{tagStatus}, Summary: "Health, as the old dashboard reads it",
	}, func(ctx context.Context, _ *struct{}) (*body[legacyHealth], error) {
		out := legacyHealth{
			Status: "healthy", Service: "fossawork-scheduler", Version: Version, Database: "connected", Timestamp: utc(e.now()),
			Endpoints: []string{schedulesPath, workOrdersPath, "/docs"},
		}
		if err := e.Health.Ready(ctx); err != nil {
			out.Status, out.Database = "degraded", "unknown"
		}
		return reply(out), nil
	})
}
