package api

import (
	"cmp"
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
	Get(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error)
	List(ctx context.Context, user scrape.UserID) ([]scrape.Schedule, error)
	RunJob(ctx context.Context, user scrape.UserID, job scrape.JobType, options scrape.RunOptions) (scrape.Run, error)
	RunNow(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, options scrape.RunOptions) (scrape.Run, error)
	// DeleteMatching removes a schedule if it is at one of the versions that the header If-Match names; empty: at any.
	DeleteMatching(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, ifMatch string) error
	Find(ctx context.Context, user scrape.UserID, filter scrape.ScheduleFilter) ([]scrape.Schedule, scrape.ScheduleID, error)
	Home(ctx context.Context, user scrape.UserID) (schedules.Home, error)
	Preview(ctx context.Context, user scrape.UserID, asked schedules.Request, from *time.Time, count int) (schedules.Preview, error)
	PreviewStored(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, from *time.Time, count int) (schedules.Preview, error)
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
	IntervalHours       float64         `json:"interval_hours" doc:"Hours from slot to slot; with cron the shortest time between two of them on a day." example:"1"`
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

	Cron            []string          `json:"cron" doc:"Lines of five fields in the zone of the schedule; empty when it has an interval." example:"[\"30 6 * * 1-5\"]"`
	ActiveDays      []int             `json:"active_days" doc:"Weekdays on which it runs, 0 (Sunday) to 6; empty: every day." example:"[1,2,3,4,5]"`
	SkipDates       []string          `json:"skip_dates" doc:"Local dates on which nothing runs, ascending." example:"[\"2030-12-25\"]"`
	StartsAt        *time.Time        `json:"starts_at" doc:"Nothing is due before; null: no such bound." example:"2030-01-01T00:00:00Z"`
	EndsAt          *time.Time        `json:"ends_at" doc:"Nothing is due after; null: no such bound." example:"2030-12-31T00:00:00Z"`
	DSTPolicy       dstPolicy         `json:"dst_policy" doc:"What a local time does that the clocks show twice: it runs twice, or once."`
	CatchUp         catchUp           `json:"catchup" doc:"Which slots still run that were missed while the scheduler was away."`
	Overlap         overlap           `json:"overlap" doc:"What a slot does that comes while a run is going: it is skipped, or the first one waits for its end and further ones are skipped."`
	MaxAgeHours     Optional[float64] `json:"max_age_hours" doc:"How old its data may be; null when nobody said." example:"4"`
	SuspendedAt     *time.Time        `json:"suspended_at" doc:"When it paused by itself after failures in a row; null while it has not." example:"2030-01-02T13:30:41.12Z"`
	ProbeAt         *time.Time        `json:"probe_at" doc:"When it next tries by itself whether runs succeed again; null while it is not suspended." example:"2030-01-02T14:30:41.12Z"`
	Warning         *string           `json:"warning" doc:"From three failures in a row on, what is the matter, as a sentence; else null."`
	Version         string            `json:"version" doc:"Changes with each change to the schedule. The header ETag has it in quotes; give that back as If-Match." example:"3-hz2jvnvfj0"`
	DataAt          *time.Time        `json:"data_at" doc:"End of the newest run that stored data; null before the first." example:"2030-01-02T13:30:41.12Z"`
	Freshness       freshness         `json:"freshness" doc:"fresh: the data is at most max_age_hours old; late: at most twice that; else stale. Without max_age_hours the slots are the measure: fresh until half a spacing after the first slot that followed the data, late until the third. unknown: nothing was collected yet."`
	Overdue         bool              `json:"overdue" doc:"A slot has passed by more than two minutes (FOSSAWORK_OVERDUE_AFTER) and there is neither a run nor a reason. It heals by itself."`
	FreshnessReason string            `json:"freshness_reason" doc:"The same as a sentence." example:"The data is 35 minutes old."`

	TemporalScheduleID string  `json:"temporal_schedule_id" doc:"Id of the Temporal Schedule." example:"scrape-schedule-7"`
	TemporalURL        *string `json:"temporal_url" doc:"The schedule in the Temporal UI; null when no address of one is set." example:"http://127.0.0.1:8233/namespaces/default/schedules/scrape-schedule-7"`
}

func (e *edge) scheduleOf(s scrape.Schedule) schedule {
	out := schedule{
		ID: int64(s.ID), UserID: string(s.UserID), ScheduleType: jobType(s.JobType), IntervalHours: spacingHours(s.Timing),
		Enabled: s.Enabled, LastRun: utcOrNil(s.LastRunAt), NextRun: utcOrNil(s.NextRun(e.now())),
		ConsecutiveFailures: s.ConsecutiveFailures, CreatedAt: utc(s.CreatedAt), UpdatedAt: utc(s.UpdatedAt), Status: string(s.Status()),
		Name: s.Name, Timezone: s.Timing.Timezone, OffsetSeconds: int(s.Timing.Offset / time.Second), PauseReason: s.PauseReason, Sync: "applied",
		Settings: settingsOf(s), TemporalScheduleID: e.Health.TemporalScheduleID(s.ID),
	}
	out.TemporalURL = e.Links.schedule(out.TemporalScheduleID)
	out.Held, out.HeldReason = heldOf(s)
	e.addTiming(&out, s)
	_, out.Overdue = s.OverdueSlot(e.now(), cmp.Or(e.OverdueAfter, schedules.DefaultOverdueAfter))
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
		_            struct{} `additionalProperties:"true"`
		ScheduleType jobType  `json:"schedule_type" doc:"What to collect."`
		ScheduleFields
	}
}

// ScheduleParam is the schedule in a path. It is exported because Huma fills in embedded structs only then.
type ScheduleParam struct {
	ID int64 `path:"id" doc:"Id of a schedule." example:"7"`
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
	handle(e, operation("list-schedules", http.MethodGet, "", "List your schedules",
		"Oldest first. The old clients take the first one. With limit the header X-Next-Cursor, when there is one, is the cursor of the next page; "+
			"Link has its address.", http.StatusUnprocessableEntity), e.listSchedules)
	handle(e, operation("create-schedule", http.MethodPost, "", "Create a schedule",
		"Answers 200 with the schedule. It is put to Temporal in the same request; when Temporal is away, sync says pending and it is applied later. "+
			"400: there is one of this type and name.",
		http.StatusBadRequest, http.StatusUnprocessableEntity), e.createSchedule)
	handle(e, operation("get-schedule", http.MethodGet, "/{id}", "Get a schedule", "", http.StatusNotFound), e.getSchedule)
	handle(e, operation("update-schedule", http.MethodPut, "/{id}", "Change a schedule",
		"Fields that are left out stay as they are; null removes or resets the timing's. cron takes the place of interval_hours and the other "+
			"way round. Pausing, enabling and editing forget earlier failures and end a suspension after them. "+
			"412: If-Match was given, and the schedule was changed since.",
		http.StatusNotFound, http.StatusPreconditionFailed, http.StatusUnprocessableEntity), e.updateSchedule)
	handle(e, operation("delete-schedule", http.MethodDelete, "/{id}", "Delete a schedule",
		"Its history stays. A run that is going is not stopped. 412: If-Match was given, and the schedule was changed since.",
		http.StatusNotFound, http.StatusPreconditionFailed), e.deleteSchedule)
	handleOptional[runRequest](e, operation("run-schedule", http.MethodPost, "/{id}/run", "Run a schedule now",
		"Starts at once, also outside the active hours, while paused and after failures; the slots stay as they are. The body may be left out. "+
			"400: the job needs a portal login and none is stored; 409: a run is going, named in run_id.",
		http.StatusNotFound, http.StatusConflict), e.runSchedule)
}

func (e *edge) createSchedule(ctx context.Context, in *createInput) (*tagged[schedule], error) {
	asked := in.Body.request(scrape.JobType(in.Body.ScheduleType))
	created, err := e.Schedules.Create(ctx, caller(ctx).ID, asked)
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
	return tag(out), nil
}

func (e *edge) getSchedule(ctx context.Context, in *ScheduleParam) (*tagged[schedule], error) {
	found, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID))
	if err != nil {
		return nil, err
	}
	return tag(e.scheduleOf(found)), nil
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
