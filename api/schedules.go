package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// Schedules is what the API asks of schedules.
type Schedules interface {
	Create(ctx context.Context, user scrape.UserID, request schedules.Request) (scrape.Schedule, error)
	Update(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, patch schedules.Patch) (scrape.Schedule, error)
	Delete(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) error
	Get(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error)
	List(ctx context.Context, user scrape.UserID) ([]scrape.Schedule, error)
	RunNow(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Run, error)
}

// Hours is a window of local hours.
type Hours struct {
	_     struct{} `additionalProperties:"true"`
	Start int      `json:"start" doc:"First hour of the window, 0 to 23."`
	End   int      `json:"end" doc:"Hour at which the window ends, 0 to 24, itself outside; at or below start: on the next day."`
}

// schedule is the old contract's schedule object; what is new stands behind updated_at and status.
type schedule struct {
	ID                  int64           `json:"id"`
	UserID              string          `json:"user_id"`
	ScheduleType        string          `json:"schedule_type"`
	IntervalHours       float64         `json:"interval_hours" doc:"Hours from slot to slot."`
	ActiveHours         Optional[Hours] `json:"active_hours" doc:"Null: around the clock."`
	Enabled             bool            `json:"enabled"`
	LastRun             *time.Time      `json:"last_run" doc:"End of the newest finished run, whatever its outcome."`
	NextRun             *time.Time      `json:"next_run" doc:"Next slot; null while paused. A schedule that was just created is due at once."`
	ConsecutiveFailures int             `json:"consecutive_failures"`
	CreatedAt           time.Time       `json:"created_at"`
	UpdatedAt           time.Time       `json:"updated_at"`
	Status              string          `json:"status" enum:"active,paused,failed" doc:"failed after 5 failures in a row, else active or paused."`

	Name          string `json:"name"`
	Timezone      string `json:"timezone" doc:"IANA zone of active_hours."`
	OffsetSeconds int    `json:"offset_seconds" doc:"Seconds by which slots are moved, so that schedules do not all start together."`
	PauseReason   string `json:"pause_reason" doc:"Why it is paused; may be empty."`
	Sync          string `json:"sync" enum:"applied,pending" doc:"pending: Temporal does not have the newest change yet; it is applied within a minute."`
}

func (e *edge) scheduleOf(s scrape.Schedule) schedule {
	out := schedule{
		ID: int64(s.ID), UserID: string(s.UserID), ScheduleType: string(s.JobType), IntervalHours: s.Timing.Interval.Hours(),
		Enabled: s.Enabled, LastRun: utcOrNil(s.LastRunAt), NextRun: utcOrNil(s.NextRun(e.now())),
		ConsecutiveFailures: s.ConsecutiveFailures, CreatedAt: utc(s.CreatedAt), UpdatedAt: utc(s.UpdatedAt), Status: string(s.Status()),
		Name: s.Name, Timezone: s.Timing.Timezone, OffsetSeconds: int(s.Timing.Offset / time.Second), PauseReason: s.PauseReason, Sync: "applied",
	}
	if h := s.Timing.ActiveHours; h != nil {
		out.ActiveHours.Value = &Hours{Start: h.Start, End: h.End}
	}
	if !s.Synced() {
		out.Sync = "pending"
	}
	return out
}

type createInput struct {
	Body struct {
		_             struct{}          `additionalProperties:"true"`
		ScheduleType  string            `json:"schedule_type" doc:"What to collect: work_orders." example:"work_orders"`
		IntervalHours Optional[float64] `json:"interval_hours,omitempty" doc:"Hours from slot to slot, 0.5 to 24; 1 when left out." example:"1"`
		ActiveHours   Optional[Hours]   `json:"active_hours,omitempty" doc:"Local hours in which it runs; null or left out: around the clock."`
		Enabled       Optional[bool]    `json:"enabled,omitempty" doc:"true when left out; an enabled schedule runs at once and then at its slots."`
		Name          string            `json:"name,omitempty" doc:"Unique per type; the type itself when left out."`
		Timezone      string            `json:"timezone,omitempty" doc:"IANA zone of active_hours, such as America/New_York; UTC when left out."`
		OffsetSeconds *int              `json:"offset_seconds,omitempty" doc:"Moves all slots by so many seconds, below the interval; chosen by a stable hash when left out."`
	}
}

// ScheduleParam is the schedule in a path. It is exported because Huma fills in embedded structs only then.
type ScheduleParam struct {
	ID int64 `path:"id" doc:"Id of a schedule."`
}

type updateInput struct {
	ScheduleParam
	Body struct {
		_             struct{}          `additionalProperties:"true"`
		IntervalHours Optional[float64] `json:"interval_hours,omitempty" doc:"Null or left out: as it is."`
		ActiveHours   Optional[Hours]   `json:"active_hours,omitempty" doc:"Null: around the clock. Left out: as they are."`
		Enabled       Optional[bool]    `json:"enabled,omitempty" doc:"Null or left out: as it is."`
		Name          Optional[string]  `json:"name,omitempty" doc:"Null or left out: as it is."`
		Timezone      Optional[string]  `json:"timezone,omitempty" doc:"Null or left out: as it is."`
		OffsetSeconds Optional[int]     `json:"offset_seconds,omitempty" doc:"Null: chosen by a stable hash. Left out: as it is."`
	}
}

type runStarted struct {
	Message    string `json:"message"`
	ScheduleID int64  `json:"schedule_id"`
	JobID      string `json:"job_id" doc:"Temporal workflow id of the run."`
	RunID      int64  `json:"run_id" doc:"Id of the run in the history."`
}

const schedulesPath = "/api/scraping-schedules"

func (e *edge) registerSchedules() {
	operation := func(id, method, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: schedulesPath + path, Tags: []string{tagSchedules},
			Summary: summary, Description: description, Errors: failures,
		})
	}
	handle(e, operation("list-schedules", http.MethodGet, "", "List your schedules", "Oldest first. The old clients take the first one."), e.listSchedules)
	handle(e, operation("create-schedule", http.MethodPost, "", "Create a schedule",
		"Answers 200 with the schedule. It is put to Temporal in the same request; when Temporal is away, sync says pending and it is applied later.",
		http.StatusBadRequest, http.StatusUnprocessableEntity), e.createSchedule)
	handle(e, operation("get-schedule", http.MethodGet, "/{id}", "Get a schedule", "", http.StatusNotFound), e.getSchedule)
	handle(e, operation("update-schedule", http.MethodPut, "/{id}", "Change a schedule",
		"Fields that are left out stay as they are; active_hours null removes them. Pausing, enabling and editing forget earlier failures.",
		http.StatusNotFound, http.StatusUnprocessableEntity), e.updateSchedule)
	handle(e, operation("delete-schedule", http.MethodDelete, "/{id}", "Delete a schedule",
		"Its history stays. A run that is going is not stopped.", http.StatusNotFound), e.deleteSchedule)
	handle(e, operation("run-schedule", http.MethodPost, "/{id}/run", "Run a schedule now",
		"Starts at once, also outside the active hours, while paused and after failures; the slots stay as they are. A body is ignored.",
		http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable), e.runSchedule)
}

func (e *edge) listSchedules(ctx context.Context, _ *struct{}) (*body[[]schedule], error) {
	all, err := e.Schedules.List(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	out := make([]schedule, 0, len(all))
	for _, s := range all {
		out = append(out, e.scheduleOf(s))
	}
	return reply(out), nil
}

func (e *edge) createSchedule(ctx context.Context, in *createInput) (*body[schedule], error) {
	created, err := e.Schedules.Create(ctx, caller(ctx).ID, schedules.Request{
		JobType: scrape.JobType(in.Body.ScheduleType), Name: in.Body.Name, IntervalHours: orElse(in.Body.IntervalHours, 1),
		ActiveHours: hoursOf(in.Body.ActiveHours), Timezone: in.Body.Timezone, OffsetSeconds: in.Body.OffsetSeconds,
		Enabled: orElse(in.Body.Enabled, true),
	})
	if scrape.KindOf(err) == scrape.KindConflict { // 400 in the old contract
		problem := newProblem(http.StatusBadRequest, "")
		problem.Detail, problem.Code = scrape.MessageOf(err), string(scrape.KindConflict)
		return nil, problem
	}
	if err != nil {
		return nil, err
	}
	out := e.scheduleOf(created)
	if created.Enabled {
		out.NextRun = utcOrNil(&created.CreatedAt) // the first run does not wait for a slot
	}
	return reply(out), nil
}

func (e *edge) getSchedule(ctx context.Context, in *ScheduleParam) (*body[schedule], error) {
	found, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID))
	if err != nil {
		return nil, err
	}
	return reply(e.scheduleOf(found)), nil
}

func (e *edge) updateSchedule(ctx context.Context, in *updateInput) (*body[schedule], error) {
	updated, err := e.Schedules.Update(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID), schedules.Patch{
		Name: in.Body.Name.Value, IntervalHours: in.Body.IntervalHours.Value, Timezone: in.Body.Timezone.Value, Enabled: in.Body.Enabled.Value,
		SetActiveHours: in.Body.ActiveHours.Set, ActiveHours: hoursOf(in.Body.ActiveHours),
		SetOffsetSeconds: in.Body.OffsetSeconds.Set, OffsetSeconds: in.Body.OffsetSeconds.Value,
	})
	if err != nil {
		return nil, err
	}
	return reply(e.scheduleOf(updated)), nil
}

func (e *edge) deleteSchedule(ctx context.Context, in *ScheduleParam) (*body[message], error) {
	if err := e.Schedules.Delete(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID)); err != nil {
		return nil, err
	}
	return reply(message{"Schedule deleted successfully"}), nil
}

func (e *edge) runSchedule(ctx context.Context, in *ScheduleParam) (*body[runStarted], error) {
	run, err := e.Schedules.RunNow(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID))
	if scrape.KindOf(err) == scrape.KindInvalid { // no credentials: 400 in the old contract, whose clients look for the word
		problem := newProblem(http.StatusBadRequest, "")
		problem.Detail, problem.Code = scrape.MessageOf(err), "credentials_missing"
		return nil, problem
	}
	if err != nil {
		return nil, err
	}
	return reply(runStarted{
		Message: "Work order sync started", ScheduleID: int64(run.ScheduleID), JobID: run.WorkflowID, RunID: int64(run.ID),
	}), nil
}

func orElse[T any](value Optional[T], otherwise T) T {
	if value.Value == nil {
		return otherwise
	}
	return *value.Value
}

func hoursOf(h Optional[Hours]) *scrape.Hours {
	if h.Value == nil {
		return nil
	}
	return &scrape.Hours{Start: h.Value.Start, End: h.Value.End}
}
