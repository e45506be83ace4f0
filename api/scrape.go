package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

type scrapeStarted struct {
	Status     string    `json:"status" enum:"scraping_started"`
	Message    string    `json:"message" example:"Work order scraping initiated"`
	UserID     string    `json:"user_id"`
	Timestamp  time.Time `json:"timestamp"`
	ScheduleID int64     `json:"schedule_id" example:"7"`
	RunID      int64     `json:"run_id" doc:"Id of the run in the history." example:"501"`
}

type scrapeInput struct {
	OwnerParam
}

type scrapeProgressInput struct {
	UserID string `path:"user_id" doc:"Your own user id."`
}

// registerScrape adds the older way to start a run and to follow it: by user instead of by schedule.
func (e *edge) registerScrape() {
	handle(e, protected(huma.Operation{
		OperationID: "scrape-work-orders", Method: http.MethodPost, Path: workOrdersPath + "/scrape", Tags: []string{tagWorkOrders},
		Summary: "Collect work orders now",
		Description: "Runs your first schedule for work orders at once; without one, a paused schedule is made. A body is ignored. " +
			"409 when a run is going.",
		Errors: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusServiceUnavailable},
	}), e.scrapeWorkOrders)
	handle(e, protected(huma.Operation{
		OperationID: "get-scrape-progress", Method: http.MethodGet, Path: workOrdersPath + "/scrape/progress/{user_id}", Tags: []string{tagStatus},
		Summary:     "How far your newest run is",
		Description: "As sync-progress of a schedule, over all your schedules for work orders. An end stays visible for ten minutes.",
		Errors:      []int{http.StatusForbidden},
	}), e.scrapeProgress)
}

func (e *edge) scrapeWorkOrders(ctx context.Context, in *scrapeInput) (*body[scrapeStarted], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	run, err := e.Schedules.RunJob(ctx, caller(ctx).ID, scrape.JobWorkOrders, scrape.RunOptions{})
	if err != nil {
		return nil, runProblem(err)
	}
	return reply(scrapeStarted{
		Status: "scraping_started", Message: "Work order scraping initiated", UserID: string(run.UserID), Timestamp: utc(run.StartedAt),
		ScheduleID: int64(run.ScheduleID), RunID: int64(run.ID),
	}), nil
}

func (e *edge) scrapeProgress(ctx context.Context, in *scrapeProgressInput) (*body[progress], error) {
	owner := OwnerParam{UserID: in.UserID}
	if err := owner.check(ctx); err != nil {
		return nil, err
	}
	latest, ran, err := e.Runs.LatestOfUser(ctx, caller(ctx).ID, scrape.JobWorkOrders)
	if err != nil {
		return nil, err
	}
	out := progressOf(scrape.Schedule{ID: latest.ScheduleID, JobType: scrape.JobWorkOrders}, latest, ran, e.now())
	if out.Status == progressNone {
		out.Status, out.Message = progressIdle, "No scraping in progress"
	}
	return reply(out), nil
}
