package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// System is what the API asks of the system's own schedules.
type System interface {
	List(ctx context.Context) ([]schedules.SystemSchedule, error)
	Pause(ctx context.Context, id, by, why string) (schedules.SystemSchedule, error)
	Resume(ctx context.Context, id, by string) (schedules.SystemSchedule, error)
	Run(ctx context.Context, id string) (schedules.SystemSchedule, error)
	// Reconciled is the newest comparison of Postgres and Temporal; false before the first.
	Reconciled(ctx context.Context) (schedules.Reconciled, bool, error)
}

const systemPath = "/api/system/schedules"

// SystemParam is the system schedule in a path. It is exported because Huma fills in embedded structs only then.
type SystemParam struct {
	ID string `path:"id" doc:"Id of a system schedule, which is also its id in Temporal." example:"system-retention"`
}

type systemPauseInput struct {
	SystemParam
	Asked OptionalBody[systemPause]
}

type systemPause struct {
	_      struct{} `additionalProperties:"true"`
	Reason string   `json:"reason,omitempty" maxLength:"500" doc:"Shown in Temporal's UI."`
}

type systemSchedule struct {
	ID           string              `json:"id" example:"system-retention"`
	Description  string              `json:"description" doc:"What it does, as a sentence."`
	State        string              `json:"state" enum:"active,paused,missing" doc:"missing: not in Temporal; a worker puts it there within a minute."`
	Paused       bool                `json:"paused"`
	Note         *string             `json:"note" doc:"Who paused or resumed it, and why; null when nobody did."`
	EverySeconds int64               `json:"every_seconds" doc:"How often it runs; 0 while it is missing and nobody knows." example:"86400"`
	Running      bool                `json:"running"`
	NextRun      *time.Time          `json:"next_run" doc:"Null while paused or missing."`
	LastRun      Optional[systemRun] `json:"last_run" doc:"Null before the first."`
	TemporalURL  *string             `json:"temporal_url" doc:"The schedule in the Temporal UI; null when no address of one is set, and while it is missing."`
}

type systemRun struct {
	StartedAt  time.Time       `json:"started_at"`
	EndedAt    *time.Time      `json:"ended_at" doc:"Null while it is going, and when Temporal has forgotten it."`
	State      string          `json:"state" enum:"running,completed,failed,canceled,terminated,timed_out,unknown" doc:"unknown: Temporal has forgotten it."`
	Result     json.RawMessage `json:"result" doc:"What it counted, as an object; null unless it is completed."`
	Message    *string         `json:"message" doc:"Why it failed."`
	WorkflowID *string         `json:"workflow_id" doc:"The run in the Temporal UI."`
}

func (e *edge) systemScheduleOf(s schedules.SystemSchedule) systemSchedule {
	out := systemSchedule{
		ID: s.ID, Description: s.Does, State: "active", Paused: s.Paused, Note: textOrNil(s.Note), EverySeconds: int64(s.Every / time.Second),
		Running: s.Running, NextRun: utcOrNil(s.NextRun), TemporalURL: e.Links.schedule(s.ID),
	}
	switch {
	case s.Missing:
		out.State, out.TemporalURL = "missing", nil
	case s.Paused:
		out.State = "paused"
	}
	if last := s.LastRun; last != nil {
		out.LastRun.Value = &systemRun{
			StartedAt: utc(last.StartedAt), EndedAt: utcOrNil(last.EndedAt), State: last.State, Result: last.Result, Message: textOrNil(last.Message),
			WorkflowID: textOrNil(last.WorkflowID),
		}
	}
	return out
}

func (e *edge) registerSystem() {
	operation := func(id, method, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: systemPath + path, Tags: []string{tagStatus}, Summary: summary,
			Description: "For administrators. " + description, Errors: append(failures, http.StatusForbidden),
		})
	}
	handle(e, operation("list-system-schedules", http.MethodGet, "", "List the system's own schedules",
		"What each does, whether it is paused, its last and its next run, as Temporal has them."), e.listSystem)
	handleOptional[systemPause](e, operation("pause-system-schedule", http.MethodPost, "/{id}/pause", "Pause a system schedule",
		"It stays paused until somebody resumes it, here or in Temporal.", http.StatusNotFound), e.pauseSystem)
	handle(e, operation("resume-system-schedule", http.MethodPost, "/{id}/resume", "Resume a system schedule",
		"It runs at its next time.", http.StatusNotFound), e.resumeSystem)
	handle(e, operation("run-system-schedule", http.MethodPost, "/{id}/run", "Run a system schedule now",
		"Also while it is paused. 409: it is running.", http.StatusNotFound, http.StatusConflict), e.runSystem)
}

// administrator refuses everybody else.
func administrator(ctx context.Context) error {
	if caller(ctx).Role != scrape.RoleAdmin {
		return scrape.Errorf(scrape.KindDenied, "This is for administrators. Ask one of them.")
	}
	return nil
}

func (e *edge) listSystem(ctx context.Context, _ *struct{}) (*body[[]systemSchedule], error) {
	if err := administrator(ctx); err != nil {
		return nil, err
	}
	found, err := e.System.List(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]systemSchedule, 0, len(found))
	for _, s := range found {
		out = append(out, e.systemScheduleOf(s))
	}
	return reply(out), nil
}

func (e *edge) pauseSystem(ctx context.Context, in *systemPauseInput) (*body[systemSchedule], error) {
	if err := administrator(ctx); err != nil {
		return nil, err
	}
	asked, err := in.Asked.read(e)
	if err != nil {
		return nil, err
	}
	return e.systemChanged(e.System.Pause(ctx, in.ID, caller(ctx).Email, asked.Reason))
}

func (e *edge) resumeSystem(ctx context.Context, in *SystemParam) (*body[systemSchedule], error) {
	if err := administrator(ctx); err != nil {
		return nil, err
	}
	return e.systemChanged(e.System.Resume(ctx, in.ID, caller(ctx).Email))
}

func (e *edge) runSystem(ctx context.Context, in *SystemParam) (*body[systemSchedule], error) {
	if err := administrator(ctx); err != nil {
		return nil, err
	}
	return e.systemChanged(e.System.Run(ctx, in.ID))
}

func (e *edge) systemChanged(changed schedules.SystemSchedule, err error) (*body[systemSchedule], error) {
	if err != nil {
		return nil, err
	}
	return reply(e.systemScheduleOf(changed)), nil
}
