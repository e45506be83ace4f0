package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/health"
	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// Operations is what the API asks about everybody's schedules and runs, for administrators.
type Operations interface {
	Totals(ctx context.Context, now time.Time) (scrape.Totals, error)
	// EverySchedule is a page of everybody's schedules; next is what the filter's After is for the next page, 0 at the end.
	EverySchedule(ctx context.Context, filter scrape.ScheduleFilter) (found []scrape.OwnedSchedule, next scrape.ScheduleID, err error)
}

// overview is the state of the whole installation.
type overview struct {
	At        time.Time           `json:"at" doc:"When this was so." example:"2030-01-02T13:30:41.12Z"`
	Ready     bool                `json:"ready" doc:"Postgres, Temporal and a worker on each task queue are there."`
	Message   string              `json:"message" doc:"The same as a sentence, or what is missing." example:"Everything works."`
	Queues    []queue             `json:"queues" doc:"Empty when Temporal does not answer."`
	Schedules scheduleTotals      `json:"schedules" doc:"Everybody's."`
	Runs      runTotals           `json:"runs" doc:"Everybody's, slots that did not run included."`
	StartLag  startLag            `json:"start_lag" doc:"From slot to start, of the scheduled runs that started in the last 24 hours."`
	Logins    loginTotals         `json:"logins"`
	Reconcile Optional[reconcile] `json:"reconcile" doc:"The newest comparison of Postgres and Temporal; null when there was none, or Temporal does not answer."`
	Links     systemLinks         `json:"links"`
}

// queue is a task queue as Temporal has it.
type queue struct {
	Name              string        `json:"name" example:"browser"`
	Kind              string        `json:"kind" enum:"workflow,activity" doc:"What sort of tasks."`
	Backlog           int64         `json:"backlog" doc:"About how many tasks wait." example:"0"`
	BacklogAgeSeconds float64       `json:"backlog_age_seconds" doc:"How long the oldest has waited." example:"0"`
	AddRate           float64       `json:"add_rate" doc:"Tasks added per second, of late." example:"0.4"`
	DispatchRate      float64       `json:"dispatch_rate" doc:"Tasks given to workers per second, of late." example:"0.4"`
	Workers           []queueWorker `json:"workers" doc:"Who has asked for tasks in the last minutes."`
}

type queueWorker struct {
	Identity   string    `json:"identity" example:"4711@worker-1"`
	LastSeenAt time.Time `json:"last_seen_at" doc:"When it last asked; it asks at least once a minute."`
}

type scheduleTotals struct {
	Total   int  `json:"total" example:"12"`
	Active  int  `json:"active" example:"10"`
	Paused  int  `json:"paused" example:"1"`
	Failed  int  `json:"failed" example:"1"`
	Held    int  `json:"held" doc:"Of all these, those that wait for a login that the portal accepts." example:"0"`
	Overdue *int `json:"overdue" doc:"Those that the newest comparison found overdue; null when there is none." example:"0"`
}

type runTotals struct {
	Open     int            `json:"open" doc:"That have not ended." example:"2"`
	LastHour map[string]int `json:"last_hour" doc:"How many ended in the last hour, by outcome; without those that there are none of."`
	LastDay  map[string]int `json:"last_day" doc:"The same of the last 24 hours."`
}

type startLag struct {
	P50Seconds *float64 `json:"p50_seconds" doc:"Null when none started." example:"0.21"`
	P99Seconds *float64 `json:"p99_seconds" doc:"Null when none started." example:"1.4"`
}

type loginTotals struct {
	LastHour int `json:"last_hour" doc:"Stored logins that were sent to the portal in the last hour, each counted once." example:"3"`
}

type reconcile struct {
	LastAt      time.Time `json:"last_at" doc:"When it began."`
	State       string    `json:"state" enum:"running,completed,failed,canceled,terminated,timed_out,unknown" doc:"unknown: Temporal has forgotten it. The counts are 0 unless it is completed."`
	Message     *string   `json:"message" doc:"Why it failed."`
	Checked     int       `json:"checked" doc:"Schedules that were compared."`
	Missing     int       `json:"missing" doc:"Put back into Temporal."`
	Extra       int       `json:"extra" doc:"Removed from Temporal."`
	Differing   int       `json:"differing" doc:"Put right in Temporal, or a pending change applied."`
	Mirrored    int       `json:"mirrored" doc:"Paused or resumed in Temporal, and now shown so."`
	Overdue     int       `json:"overdue" doc:"With a slot that has passed without a trace."`
	Healed      int       `json:"healed" doc:"Of those, made anew in Temporal."`
	Probed      int       `json:"probed" doc:"Suspended after failures, and tried once more."`
	RunsChecked int       `json:"runs_checked" doc:"Open runs that were compared."`
	RunsStarted int       `json:"runs_started" doc:"Asked for while Temporal was away, and started now."`
	RunsAdopted int       `json:"runs_adopted" doc:"Alive in Temporal without a row."`
	RunsClosed  int       `json:"runs_closed" doc:"Ended in Temporal without having said so."`
	Errors      int       `json:"errors" doc:"Schedules and runs that were left for the next time."`
}

type systemLinks struct {
	TemporalUI *string `json:"temporal_ui" doc:"The Temporal UI; null when no address is set."`
	Metrics    *string `json:"metrics" doc:"Where metrics are shown; null when no address is set."`
	Docs       string  `json:"docs" doc:"The description of this API." example:"/docs"`
}

type userSchedulesInput struct {
	Query  string `query:"q" maxLength:"100" doc:"Only those whose name, or whose owner's e-mail address, has this in it, whatever its case."`
	Status string `query:"status" enum:"active,paused,failed,held,overdue" doc:"Only of this status, as in the list of one's own."`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"Most schedules."`
	Cursor string `query:"cursor" maxLength:"20" doc:"next of the page before."`
}

type userScheduleList struct {
	Schedules []userSchedule `json:"schedules" doc:"Oldest first."`
	Next      *string        `json:"next" doc:"What to send as cursor for the next page; null when this is the last one."`
}

type userSchedule struct {
	Owner    string   `json:"owner" doc:"E-mail address." example:"tech@example.com"`
	Schedule schedule `json:"schedule"`
}

func (e *edge) registerOverview() {
	operation := func(id, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{tagStatus}, Summary: summary,
			Description: "For administrators. " + description, Errors: append(failures, http.StatusForbidden),
		})
	}
	handle(e, operation("get-system-overview", "/api/system/overview", "The whole installation at a glance",
		"Task queues and workers, schedules and runs, and the newest comparison of Postgres and Temporal. It answers while Temporal is away, too."), e.overview)
	handle(e, operation("list-user-schedules", "/api/system/user-schedules", "List everybody's schedules",
		"A page at a time.", http.StatusUnprocessableEntity), e.userSchedules)
}

func (e *edge) overview(ctx context.Context, _ *struct{}) (*body[overview], error) {
	if err := administrator(ctx); err != nil {
		return nil, err
	}
	now := e.now()
	totals, err := e.Operations.Totals(ctx, now)
	if err != nil {
		return nil, err
	}
	out := overview{
		At: utc(now), Ready: true, Message: "Everything works.", Queues: []queue{}, Schedules: scheduleTotalsOf(totals.Schedules),
		Runs:     runTotals{Open: totals.Open, LastHour: byOutcome(totals.LastHour), LastDay: byOutcome(totals.LastDay)},
		StartLag: startLag{P50Seconds: lagOf(totals.LagP50), P99Seconds: lagOf(totals.LagP99)},
		Logins:   loginTotals{LastHour: totals.Logins},
		Links:    systemLinks{TemporalUI: textOrNil(e.Links.TemporalUI), Metrics: textOrNil(e.Links.Metrics), Docs: "/docs"},
	}
	if err := e.Health.Ready(ctx); err != nil {
		out.Ready, out.Message = false, scrape.MessageOf(err)
	}
	e.addTemporal(ctx, &out)
	return reply(out), nil
}

// addTemporal adds what Temporal says; while it is away the rest is shown without.
func (e *edge) addTemporal(ctx context.Context, out *overview) {
	ctx, cancel := context.WithTimeout(ctx, temporalTimeout)
	defer cancel()
	queues, err := e.Health.Queues(ctx)
	if err != nil {
		e.Log.WarnContext(ctx, "overview shown without task queues", "error", err)
		return
	}
	for _, q := range queues {
		out.Queues = append(out.Queues, queueOf(q))
	}
	newest, there, err := e.System.Reconciled(ctx)
	if err != nil {
		e.Log.WarnContext(ctx, "overview shown without the newest comparison", "error", err)
		return
	}
	if there {
		shown := reconcileOf(newest)
		out.Reconcile.Value = &shown
		if newest.State == "completed" {
			out.Schedules.Overdue = &shown.Overdue
		}
	}
}

// temporalTimeout leaves time to answer without Temporal.
const temporalTimeout = 6 * time.Second

func scheduleTotalsOf(t scrape.ScheduleTotals) scheduleTotals {
	return scheduleTotals{Total: t.Active + t.Paused + t.Failed, Active: t.Active, Paused: t.Paused, Failed: t.Failed, Held: t.Held}
}

func byOutcome(counts map[scrape.Outcome]int) map[string]int {
	out := make(map[string]int, len(counts))
	for word, n := range counts {
		out[string(word)] = n
	}
	return out
}

func lagOf(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	seconds := d.Seconds()
	return &seconds
}

func queueOf(q health.Queue) queue {
	out := queue{
		Name: q.Name, Kind: q.Kind, Backlog: q.Backlog, BacklogAgeSeconds: q.BacklogAge.Seconds(), AddRate: q.AddRate, DispatchRate: q.DispatchRate,
		Workers: []queueWorker{},
	}
	for _, w := range q.Workers {
		out.Workers = append(out.Workers, queueWorker{Identity: w.Identity, LastSeenAt: utc(w.LastSeenAt)})
	}
	return out
}

func reconcileOf(r schedules.Reconciled) reconcile {
	s, open := r.Result.Schedules, r.Result.Runs
	return reconcile{
		LastAt: utc(r.StartedAt), State: r.State, Message: textOrNil(r.Message), Checked: s.Checked, Missing: s.Missing, Extra: s.Extra,
		Differing: s.Differing, Mirrored: s.Mirrored, Overdue: s.Overdue, Healed: s.Healed, Probed: s.Probed, RunsChecked: open.Checked,
		RunsStarted: open.Started, RunsAdopted: open.Adopted, RunsClosed: open.Closed, Errors: s.Failed + open.Failed,
	}
}

func (e *edge) userSchedules(ctx context.Context, in *userSchedulesInput) (*body[userScheduleList], error) {
	if err := administrator(ctx); err != nil {
		return nil, err
	}
	filter, err := (&listInput{Status: in.Status, Query: in.Query, Limit: in.Limit, Cursor: in.Cursor}).filter()
	if err != nil {
		return nil, scrape.Invalid("cursor", "cursor must be the next of a page of this list.")
	}
	found, next, err := e.Operations.EverySchedule(ctx, filter)
	if err != nil {
		return nil, err
	}
	out := userScheduleList{Schedules: make([]userSchedule, 0, len(found))}
	for _, owned := range found {
		out.Schedules = append(out.Schedules, userSchedule{Owner: owned.Owner, Schedule: e.scheduleOf(owned.Schedule)})
	}
	if next != 0 {
		cursor := strconv.FormatInt(int64(next), 36)
		out.Next = &cursor
	}
	return reply(out), nil
}
