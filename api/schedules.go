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
	RunJob(ctx context.Context, user scrape.UserID, job scrape.JobType, options scrape.RunOptions) (scrape.Run, error)
	RunNow(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, options scrape.RunOptions) (scrape.Run, error)
}

// Hours is a window of local hours.
type Hours struct {
	_     struct{} `additionalProperties:"true"`
	Start int      `json:"start" minimum:"0" maximum:"23" doc:"First hour of the window." example:"6"`
	End   int      `json:"end" minimum:"0" maximum:"24" doc:"Hour at which the window ends, itself outside; below start: on the next day." example:"22"`
}

// schedule is the old contract's schedule object; what is new stands behind updated_at and status.
type schedule struct {
	ID                  int64           `json:"id" example:"7"`
	UserID              string          `json:"user_id" example:"0123456789abcdef0123456789abcdef"`
	ScheduleType        jobType         `json:"schedule_type" doc:"What it collects."`
	IntervalHours       float64         `json:"interval_hours" doc:"Hours from slot to slot." example:"1"`
	ActiveHours         Optional[Hours] `json:"active_hours" doc:"Local hours in which it runs; null: around the clock." example:"{\"start\":6,\"end\":22}"`
	Enabled             bool            `json:"enabled" doc:"False while paused."`
	LastRun             *time.Time      `json:"last_run" doc:"End of the newest finished run, whatever its outcome; null before the first." example:"2030-01-02T13:30:41.12Z"`
	NextRun             *time.Time      `json:"next_run" doc:"Next slot; null while paused. A schedule that was just created is due at once." example:"2030-01-02T14:17:03Z"`
	ConsecutiveFailures int             `json:"consecutive_failures" doc:"Failed runs since the last good one or the last change." example:"0"`
	CreatedAt           time.Time       `json:"created_at" example:"2030-01-01T09:00:00Z"`
	UpdatedAt           time.Time       `json:"updated_at" example:"2030-01-02T13:30:41.125Z"`
	Status              string          `json:"status" enum:"active,paused,failed" doc:"failed after 5 failures in a row, else active or paused."`

	Name          string `json:"name" example:"work_orders"`
	Timezone      string `json:"timezone" doc:"IANA zone of active_hours." example:"America/New_York"`
	OffsetSeconds int    `json:"offset_seconds" doc:"Seconds by which slots are moved, so that schedules do not all start together." example:"1023"`
	PauseReason   string `json:"pause_reason" doc:"Why it is paused; empty when nobody said why." example:""`
	Sync          string `json:"sync" enum:"applied,pending" doc:"pending: Temporal does not have the newest change yet; it is applied by itself."`

	Settings   fullSettings       `json:"settings" doc:"The job type's settings, all of them: what was not chosen is the default."`
	Held       Optional[heldWord] `json:"held" doc:"Why no slot runs at the moment, in one word; null when nothing is in the way."`
	HeldReason *string            `json:"held_reason" doc:"The same as a sentence that says what to do; null when nothing is in the way."`
}

func (e *edge) scheduleOf(s scrape.Schedule) schedule {
	out := schedule{
		ID: int64(s.ID), UserID: string(s.UserID), ScheduleType: jobType(s.JobType), IntervalHours: s.Timing.Interval.Hours(),
		Enabled: s.Enabled, LastRun: utcOrNil(s.LastRunAt), NextRun: utcOrNil(s.NextRun(e.now())),
		ConsecutiveFailures: s.ConsecutiveFailures, CreatedAt: utc(s.CreatedAt), UpdatedAt: utc(s.UpdatedAt), Status: string(s.Status()),
		Name: s.Name, Timezone: s.Timing.Timezone, OffsetSeconds: int(s.Timing.Offset / time.Second), PauseReason: s.PauseReason, Sync: "applied",
		Settings: settingsOf(s),
	}
	out.Held, out.HeldReason = heldOf(s)
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
		ScheduleType  jobType           `json:"schedule_type" doc:"What to collect."`
		IntervalHours Optional[float64] `json:"interval_hours,omitempty" exclusiveMinimum:"0" maximum:"24" doc:"Hours from slot to slot, at least 0.5 unless the installation allows less; null or left out: 1." example:"1"`
		ActiveHours   Optional[Hours]   `json:"active_hours,omitempty" doc:"Local hours in which it runs; null or left out: around the clock." example:"{\"start\":6,\"end\":22}"`
		Enabled       Optional[bool]    `json:"enabled,omitempty" doc:"Null or left out: true. An enabled schedule runs at once and then at its slots." example:"true"`
		Name          Optional[string]  `json:"name,omitempty" maxLength:"100" doc:"Unique per type; null or left out: the type itself." example:"work_orders"`
		Timezone      Optional[string]  `json:"timezone,omitempty" doc:"IANA zone of active_hours; null or left out: UTC." example:"America/New_York"`
		OffsetSeconds Optional[int]     `json:"offset_seconds,omitempty" minimum:"0" maximum:"86399" doc:"Moves all slots by so many seconds, below the interval; null or left out: chosen by a stable hash." example:"1023"`

		Settings Optional[someSettings] `json:"settings,omitempty" doc:"Settings of the job type, see GET /api/job-types; what is left out, or null, is the default."`
	}
}

// ScheduleParam is the schedule in a path. It is exported because Huma fills in embedded structs only then.
type ScheduleParam struct {
	ID int64 `path:"id" doc:"Id of a schedule." example:"7"`
}

type updateInput struct {
	ScheduleParam
	Body struct {
		_             struct{}          `additionalProperties:"true"`
		IntervalHours Optional[float64] `json:"interval_hours,omitempty" exclusiveMinimum:"0" maximum:"24" doc:"Hours from slot to slot; null or left out: as it is." example:"1.5"`
		ActiveHours   Optional[Hours]   `json:"active_hours,omitempty" doc:"Null: around the clock. Left out: as they are." example:"{\"start\":6,\"end\":22}"`
		Enabled       Optional[bool]    `json:"enabled,omitempty" doc:"False pauses it. Null or left out: as it is." example:"true"`
		Name          Optional[string]  `json:"name,omitempty" maxLength:"100" doc:"Null or left out: as it is." example:"work_orders"`
		Timezone      Optional[string]  `json:"timezone,omitempty" doc:"IANA zone of active_hours; null or left out: as it is." example:"America/New_York"`
		OffsetSeconds Optional[int]     `json:"offset_seconds,omitempty" minimum:"0" maximum:"86399" doc:"Null: chosen by a stable hash. Left out: as it is." example:"1023"`

		Settings Optional[someSettings] `json:"settings,omitempty" doc:"All settings of the job type: what the object leaves out, or null, goes back to the default. Left out as a whole: as they are."`
	}
}

type runStarted struct {
	Message    string `json:"message" example:"Work order sync started"`
	ScheduleID int64  `json:"schedule_id" example:"7"`
	JobID      string `json:"job_id" doc:"The run in the Temporal UI." example:"scrape-7-run-k3q7x2mbd5na"`
	RunID      int64  `json:"run_id" doc:"Id of the run in the history." example:"501"`
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
		"Answers 200 with the schedule. It is put to Temporal in the same request; when Temporal is away, sync says pending and it is applied later. "+
			"400: there is one of this type and name.",
		http.StatusBadRequest, http.StatusUnprocessableEntity), e.createSchedule)
	handle(e, operation("get-schedule", http.MethodGet, "/{id}", "Get a schedule", "", http.StatusNotFound), e.getSchedule)
	handle(e, operation("update-schedule", http.MethodPut, "/{id}", "Change a schedule",
		"Fields that are left out stay as they are; active_hours null removes them. Pausing, enabling and editing forget earlier failures.",
		http.StatusNotFound, http.StatusUnprocessableEntity), e.updateSchedule)
	handle(e, operation("delete-schedule", http.MethodDelete, "/{id}", "Delete a schedule",
		"Its history stays. A run that is going is not stopped.", http.StatusNotFound), e.deleteSchedule)
	handleOptional[runRequest](e, operation("run-schedule", http.MethodPost, "/{id}/run", "Run a schedule now",
		"Starts at once, also outside the active hours, while paused and after failures; the slots stay as they are. The body may be left out. "+
			"400: the job needs a portal login and none is stored; 409: a run is going, named in run_id.",
		http.StatusNotFound, http.StatusConflict), e.runSchedule)
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
		JobType: scrape.JobType(in.Body.ScheduleType), Name: orElse(in.Body.Name, ""), IntervalHours: orElse(in.Body.IntervalHours, 1),
		ActiveHours: hoursOf(in.Body.ActiveHours), Timezone: orElse(in.Body.Timezone, ""), OffsetSeconds: in.Body.OffsetSeconds.Value,
		Enabled: orElse(in.Body.Enabled, true), Settings: documentOf(in.Body.Settings),
	})
	if scrape.KindOf(err) == scrape.KindConflict { // 400 in the old contract
		return nil, newProblem(http.StatusBadRequest, string(scrape.KindConflict), scrape.MessageOf(err))
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
		SetSettings: in.Body.Settings.Set, Settings: documentOf(in.Body.Settings),
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

type runInput struct {
	ScheduleParam
	Asked OptionalBody[runRequest]
}

// runRequest is what may be asked of one run.
type runRequest struct {
	_            struct{} `additionalProperties:"true"`
	Force        bool     `json:"force,omitempty" doc:"Read again what is fresh."`
	WorkOrderIDs []string `json:"work_order_ids,omitempty" maxItems:"2000" doc:"Our ids of the work orders to read for; empty or left out: all. Only jobs that go from order to order look at it."`
}

func (e *edge) runSchedule(ctx context.Context, in *runInput) (*body[runStarted], error) {
	asked, err := in.Asked.read(e)
	if err != nil {
		return nil, err
	}
	run, err := e.Schedules.RunNow(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID), scrape.RunOptions{
		Force: asked.Force, WorkOrders: asked.WorkOrderIDs,
	})
	if err != nil {
		return nil, runProblem(err)
	}
	return reply(runStarted{
		Message: startedMessage(run.JobType), ScheduleID: int64(run.ScheduleID), JobID: run.WorkflowID, RunID: int64(run.ID),
	}), nil
}

// startedMessage is the old contract's sentence for the job that it knew.
func startedMessage(job scrape.JobType) string {
	if job == scrape.JobWorkOrders {
		return "Work order sync started"
	}
	return titleOf(job) + ": run started"
}

// runProblem is the answer to a run that could not be asked for. Without a stored login it is 400 with the word credentials, which the
// old clients look for; an error about a field of the request is the request's.
func runProblem(err error) error {
	var e *scrape.Error
	if asError(err, &e) && e.Kind == scrape.KindInvalid && e.Field == "" {
		return newProblem(http.StatusBadRequest, "credentials_missing", scrape.MessageOf(err))
	}
	return err
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
