package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// progressKept is how long a finished run is shown as progress. The old clients poll every second and stop at the first end they see.
const progressKept = 10 * time.Minute

// The statuses of a run in progress answers, in the old contract's words.
const (
	progressRunning   = "in_progress"
	progressCompleted = "completed"
	progressFailed    = "failed"
	progressCancelled = "cancelled"
	progressNone      = "not_found" // of one schedule
	progressIdle      = "idle"      // of all of a user's
)

type progress struct {
	Status              string            `json:"status" enum:"in_progress,completed,failed,cancelled,not_found,idle" doc:"not_found, or idle when asked for all schedules: nothing has run for a while, or ever."`
	Phase               string            `json:"phase" enum:"not_started,initializing,logging_in,scraping,saving,completed,error" doc:"The step it is at, or ended at."`
	Percentage          float64           `json:"percentage" doc:"0 to 100; never falls within a run." example:"57.5"`
	Message             string            `json:"message" doc:"What it is doing, or why it failed." example:"Read 88 of 120 work orders"`
	WorkOrdersFound     int               `json:"work_orders_found" doc:"Work orders that the portal says there are; sites to read, for dispensers." example:"120"`
	WorkOrdersProcessed int               `json:"work_orders_processed" doc:"Read so far, of the same; after the end of a run for dispensers, dispensers." example:"88"`
	RemovedCount        int               `json:"removed_count" doc:"Work orders that the portal no longer lists." example:"0"`
	StartedAt           *time.Time        `json:"started_at" example:"2030-01-02T13:30:00.01Z"`
	CompletedAt         *time.Time        `json:"completed_at" doc:"Null while running."`
	Error               *string           `json:"error" doc:"Why it failed, or what is missing; null while running and on success."`
	Outcome             Optional[outcome] `json:"outcome" doc:"How it ended, in one word; null while running."`
	RunID               *int64            `json:"run_id" doc:"Id of the run in the history." example:"501"`
	ScheduleID          int64             `json:"schedule_id" example:"7"`
	ScheduleType        jobType           `json:"schedule_type"`
}

func progressOf(schedule scrape.Schedule, latest scrape.Run, ran bool, now time.Time) progress {
	out := progress{
		Status: progressNone, Phase: "not_started", Message: "No sync data available",
		ScheduleID: int64(schedule.ID), ScheduleType: jobType(schedule.JobType),
	}
	if !ran || (!latest.Running() && now.Sub(*latest.CompletedAt) > progressKept) {
		return out
	}
	started, id := utc(latest.StartedAt), int64(latest.ID)
	out.Status, out.Phase, out.Percentage = statusOfRun(latest), string(latest.Progress.Phase), latest.Progress.Percentage
	out.Message, out.WorkOrdersFound, out.WorkOrdersProcessed = latest.Progress.Message, latest.Progress.Found, latest.Progress.Processed
	out.RemovedCount, out.StartedAt, out.CompletedAt, out.RunID = latest.Counts.Removed, &started, utcOrNil(latest.CompletedAt), &id
	out.Outcome = outcomeOrNil(latest.Outcome)
	if !latest.Running() {
		out.WorkOrdersFound, out.WorkOrdersProcessed = max(out.WorkOrdersFound, latest.Counts.Processed), latest.Counts.Processed
		out.Error = textOrNil(latest.ErrorMessage)
		out.Message = endMessage(latest)
	}
	return out
}

// endMessage says in a sentence what a finished run has brought, or why it failed.
func endMessage(run scrape.Run) string {
	switch c := run.Counts; {
	case run.ErrorMessage != "":
		return run.ErrorMessage
	case run.Outcome.Succeeded():
		return fmt.Sprintf("Read %d %s: %d new, %d changed, %d no longer listed.", c.Processed, things(run.JobType), c.Added, c.Updated, c.Removed)
	default:
		return run.Progress.Message
	}
}

func statusOfRun(run scrape.Run) string {
	switch {
	case run.Running():
		return progressRunning
	case run.Outcome.Succeeded():
		return progressCompleted
	case run.Outcome == scrape.OutcomeCancelled:
		return progressCancelled
	default:
		return progressFailed
	}
}

type daemonStatus struct {
	DaemonStatus     string      `json:"daemon_status" enum:"running,unknown" doc:"running: Temporal answers and a worker is there."`
	SchedulerRunning bool        `json:"scheduler_running" doc:"The same as true or false."`
	LastExecution    *time.Time  `json:"last_execution" doc:"Start of the newest run of your schedules; null when none ran yet." example:"2030-01-02T13:30:00.01Z"`
	TotalSchedules   int         `json:"total_schedules" doc:"Yours." example:"1"`
	ActiveSchedules  int         `json:"active_schedules" doc:"Yours, not paused." example:"1"`
	Message          string      `json:"message" doc:"The same as a sentence, or what is missing." example:"The scheduler is running. 1 of your 1 schedules are active."`
	Jobs             []daemonJob `json:"jobs" doc:"Your schedules that are not paused."`
}

type daemonJob struct {
	ID          string     `json:"id" doc:"Id of the Temporal Schedule." example:"scrape-schedule-7"`
	Name        string     `json:"name" doc:"Name of the schedule." example:"work_orders"`
	NextRunTime *time.Time `json:"next_run_time" doc:"Next slot." example:"2030-01-02T14:17:03Z"`
	Trigger     string     `json:"trigger" doc:"Its interval." example:"interval[1h0m0s]"`
}

// simpleStatus has enabled and next_run only when there is a schedule; next_run is then null while it is paused.
type simpleStatus struct {
	Status  string              `json:"status" enum:"not_configured,paused,failed,starting,active"`
	Message string              `json:"message" doc:"The same as a sentence." example:"The last run read 120 work orders."`
	Enabled *bool               `json:"enabled,omitempty" doc:"Left out without a schedule."`
	NextRun Optional[time.Time] `json:"next_run,omitzero" doc:"Null while paused; left out without a schedule." example:"2030-01-02T14:17:03Z"`
}

func (e *edge) registerStatus() {
	operation := func(id, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: schedulesPath + path, Tags: []string{tagStatus},
			Summary: summary, Description: description, Errors: failures,
		})
	}
	handle(e, operation("get-sync-progress", "/{id}/sync-progress", "How far the newest run is",
		"Says in_progress from the moment a run was asked for; an end stays visible for ten minutes.", http.StatusNotFound), e.syncProgress)
	handle(e, operation("get-daemon-status", "/status/daemon", "Whether the scheduler works", "Counts are of your own schedules."), e.daemonStatus)
	handle(e, operation("get-simple-status", "/simple-status", "Your first schedule in one word", ""), e.simpleStatus)
}

func (e *edge) syncProgress(ctx context.Context, in *ScheduleParam) (*body[progress], error) {
	schedule, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID))
	if err != nil {
		return nil, err
	}
	latest, ran, err := e.Runs.Latest(ctx, schedule.ID)
	if err != nil {
		return nil, err
	}
	return reply(progressOf(schedule, latest, ran, e.now())), nil
}

func (e *edge) daemonStatus(ctx context.Context, _ *struct{}) (*body[daemonStatus], error) {
	all, err := e.Schedules.List(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	out := daemonStatus{DaemonStatus: "running", SchedulerRunning: true, TotalSchedules: len(all), Jobs: []daemonJob{}}
	for _, s := range all {
		latest, ran, err := e.Runs.Latest(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		if ran && (out.LastExecution == nil || latest.StartedAt.After(*out.LastExecution)) {
			out.LastExecution = utcOrNil(&latest.StartedAt)
		}
		if !s.Enabled {
			continue
		}
		out.ActiveSchedules++
		out.Jobs = append(out.Jobs, daemonJob{
			ID: e.Health.TemporalScheduleID(s.ID), Name: s.Name, NextRunTime: utcOrNil(s.NextRun(e.now())),
			Trigger: triggerOf(s.Timing),
		})
	}
	out.Message = fmt.Sprintf("The scheduler is running. %d of your %d schedules are active.", out.ActiveSchedules, out.TotalSchedules)
	if err := e.Health.Ready(ctx); err != nil {
		out.DaemonStatus, out.SchedulerRunning, out.Message = "unknown", false, scrape.MessageOf(err)
	}
	return reply(out), nil
}

// triggerOf names what makes a schedule due, as the old scheduler did.
func triggerOf(timing scrape.Timing) string {
	if len(timing.Cron) > 0 {
		return fmt.Sprintf("cron[%s]", strings.Join(timing.Cron, "; "))
	}
	return fmt.Sprintf("interval[%s]", timing.Interval)
}

func (e *edge) simpleStatus(ctx context.Context, _ *struct{}) (*body[simpleStatus], error) {
	all, err := e.Schedules.List(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return reply(simpleStatus{Status: "not_configured", Message: "No schedule configured"}), nil
	}
	first := all[0]
	out := simpleStatus{Status: string(first.Status()), Enabled: &first.Enabled}
	out.NextRun = Optional[time.Time]{Set: true, Value: utcOrNil(first.NextRun(e.now()))}
	latest, ran, err := e.Runs.Latest(ctx, first.ID)
	if err != nil {
		return nil, err
	}
	switch first.Status() {
	case scrape.StatusFailed:
		out.Message = fmt.Sprintf("The last %d runs failed.", first.ConsecutiveFailures)
	case scrape.StatusPaused:
		out.Message = "Scraping is paused."
	case scrape.StatusActive:
		out.Message = "Scraping is active."
		switch {
		case first.LastRunAt == nil && (!ran || latest.Running()): // not when only its history was deleted
			out.Status, out.Message = "starting", "The first run is on its way."
		case latest.Outcome.Succeeded():
			out.Message = fmt.Sprintf("The last run read %d %s.", latest.Counts.Processed, things(first.JobType))
		case latest.Outcome == scrape.OutcomeCancelled:
			out.Message = "The last run was cancelled."
		case latest.ErrorMessage != "":
			out.Message = "The last run failed. " + latest.ErrorMessage
		}
	}
	return reply(out), nil
}
