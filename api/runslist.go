package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/runs"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// RunLists is what the API asks of runs beyond single ones.
type RunLists interface {
	// List is a page of all of a user's runs, newest first; next is what the filter's After is for the next page, nil at the end.
	List(ctx context.Context, user scrape.UserID, filter scrape.RunFilter) (found []scrape.Run, next *scrape.RunCursor, err error)
	// Steps is what Temporal knows of a run's steps.
	Steps(ctx context.Context, user scrape.UserID, id scrape.RunID) (runs.Steps, error)
}

// runningWord stands beside the outcomes where runs are asked for by how they ended.
const runningWord = "running"

// outcomeAsked is an outcome to look for, or the word for runs that have none yet.
type outcomeAsked string

// Schema implements huma.SchemaProvider.
func (outcomeAsked) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Enum: []any{runningWord}}
	for _, word := range scrape.Outcomes() {
		if word.Ran() {
			schema.Enum = append(schema.Enum, string(word))
		}
	}
	return schema
}

// triggerAsked is a trigger to look for.
type triggerAsked string

// Schema implements huma.SchemaProvider.
func (triggerAsked) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Enum: []any{string(scrape.TriggerScheduled), string(scrape.TriggerManual), string(scrape.TriggerBackfill)},
	}
}

type runsInput struct {
	ScheduleID   int64          `query:"schedule_id" minimum:"1" doc:"Only of this schedule." example:"7"`
	ScheduleType string         `query:"schedule_type" doc:"Only of this type." example:"work_orders"`
	Outcome      []outcomeAsked `query:"outcome,explode" maxItems:"20" doc:"Only those that ended so, or running: that have not ended. May be given several times."`
	Trigger      []triggerAsked `query:"trigger,explode" maxItems:"3" doc:"Only those that were started so. May be given several times."`
	From         time.Time      `query:"from" doc:"Only those with started_at at or after this moment." example:"2030-01-01T00:00:00Z"`
	To           time.Time      `query:"to" doc:"Only those with started_at before this moment." example:"2030-01-08T00:00:00Z"`
	Limit        int            `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"Most runs."`
	Cursor       string         `query:"cursor" maxLength:"40" doc:"next of the page before; left out: from the newest run on."`
}

type runList struct {
	Runs []run   `json:"runs"`
	Next *string `json:"next" doc:"What to send as cursor for the next page; null when this is the last one."`
}

func (e *edge) registerRunList() {
	handle(e, protected(huma.Operation{
		OperationID: "list-runs", Method: http.MethodGet, Path: runsPath, Tags: []string{tagHistory}, Summary: "List your runs",
		Description: "Of all schedules, newest first by started_at, a page at a time. Slots that did not run and deleted rows are left out. A run " +
			"that Temporal has started and no worker has begun is not there yet.",
		Errors: []int{http.StatusUnprocessableEntity},
	}), e.listRuns)
}

func (e *edge) listRuns(ctx context.Context, in *runsInput) (*body[runList], error) {
	filter, err := in.filter()
	if err != nil {
		return nil, err
	}
	found, next, err := e.Runs.List(ctx, caller(ctx).ID, filter)
	if err != nil {
		return nil, err
	}
	out := runList{Runs: make([]run, 0, len(found))}
	for _, r := range found {
		out.Runs = append(out.Runs, runOf(r))
	}
	if next != nil {
		cursor := strconv.FormatInt(next.StartedAt.UnixMicro(), 36) + "-" + strconv.FormatInt(int64(next.ID), 36)
		out.Next = &cursor
	}
	return reply(out), nil
}

func (in *runsInput) filter() (scrape.RunFilter, error) {
	filter := scrape.RunFilter{
		ScheduleID: scrape.ScheduleID(in.ScheduleID), JobType: scrape.JobType(in.ScheduleType), From: in.From, To: in.To, Limit: in.Limit,
	}
	if in.ScheduleType != "" {
		if _, err := jobs.Find(filter.JobType); err != nil {
			return filter, err
		}
	}
	for _, word := range in.Outcome {
		if word == runningWord {
			filter.Running = true
			continue
		}
		filter.Outcomes = append(filter.Outcomes, scrape.Outcome(word))
	}
	for _, word := range in.Trigger {
		filter.Triggers = append(filter.Triggers, scrape.Trigger(word))
	}
	if in.Cursor == "" {
		return filter, nil
	}
	at, id, _ := strings.Cut(in.Cursor, "-")
	micros, atErr := strconv.ParseInt(at, 36, 64)
	number, idErr := strconv.ParseInt(id, 36, 64)
	if atErr != nil || idErr != nil || micros < 0 || micros > lastMicro {
		return filter, scrape.Invalid("cursor", "cursor must be the next of a page of this list.")
	}
	filter.After = &scrape.RunCursor{StartedAt: time.UnixMicro(micros).UTC(), ID: scrape.RunID(number)}
	return filter, nil
}

// lastMicro is the end of the year 9999, later than which there is nothing to ask for.
const lastMicro = 253402300799 * 1e6
