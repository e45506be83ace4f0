package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// home is everything that a user's start page is made from.
type home struct {
	At    time.Time `json:"at" doc:"When this was so." example:"2030-01-02T13:30:41.12Z"`
	Jobs  []homeJob `json:"jobs" doc:"One for each job type, by name, also those without a schedule."`
	Needs []need    `json:"needs" doc:"What waits for the user, most urgent first; empty when nothing does."`
}

type homeJob struct {
	ScheduleType jobType       `json:"schedule_type"`
	Title        string        `json:"title" example:"Work orders"`
	Sentence     string        `json:"sentence" doc:"How fresh the data is and when more is to come, in the zone of the first schedule." example:"Work orders up to date, 8:02. Next 9:17."`
	Freshness    freshness     `json:"freshness" doc:"Of the schedule with the newest data."`
	DataAt       *time.Time    `json:"data_at" doc:"End of the newest run that stored data; null before the first." example:"2030-01-02T13:02:11.12Z"`
	NextRun      *time.Time    `json:"next_run" doc:"The first of the schedules' next slots; null when nothing is planned." example:"2030-01-02T14:17:03Z"`
	Schedules    []schedule    `json:"schedules" doc:"Oldest first."`
	LatestRun    Optional[run] `json:"latest_run" doc:"The newest run, whatever schedule it belongs to; null before the first."`
	Changes      homeChanges   `json:"changes" doc:"What the newest run did to the stored data."`
}

type homeChanges struct {
	Added   int `json:"added" example:"2"`
	Updated int `json:"updated" example:"5"`
	Removed int `json:"removed" example:"1"`
}

// need is one thing that a user must do before all is well.
type need struct {
	Kind         string            `json:"kind" enum:"credentials,held_result,suspended" doc:"credentials: sign in again; held_result: accept or discard what a run holds back; suspended: runs fail, look why."`
	Message      string            `json:"message" doc:"What is the matter and what to do, as a sentence."`
	ScheduleType Optional[jobType] `json:"schedule_type" doc:"Null when it concerns more than one."`
	ScheduleID   *int64            `json:"schedule_id" doc:"Null when it concerns more than one." example:"7"`
	RunID        *int64            `json:"run_id" doc:"The run that holds a result back; else null." example:"501"`
}

func (e *edge) registerHome() {
	handle(e, protected(huma.Operation{
		OperationID: "get-home", Method: http.MethodGet, Path: "/api/home", Tags: []string{tagStatus}, Summary: "Your start page",
		Description: "In one call: each job type with its schedules, its newest run and how fresh its data is, and what waits for you.",
	}), e.home)
}

func (e *edge) home(ctx context.Context, _ *struct{}) (*body[home], error) {
	found, err := e.Schedules.Home(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	now := e.now()
	out := home{At: utc(now), Jobs: []homeJob{}, Needs: needsOf(found)}
	for _, job := range jobs.All() {
		out.Jobs = append(out.Jobs, e.homeJobOf(job, found, now))
	}
	return reply(out), nil
}

func (e *edge) homeJobOf(job jobs.Job, found schedules.Home, now time.Time) homeJob {
	out := homeJob{
		ScheduleType: jobType(job.Type), Title: job.Title, Freshness: freshness(scrape.FreshnessUnknown), Schedules: []schedule{},
	}
	word, zone := scrape.FreshnessUnknown, time.UTC
	for _, s := range found.Schedules {
		if s.JobType != job.Type {
			continue
		}
		if len(out.Schedules) == 0 {
			zone = s.Timing.Location()
		}
		shown := e.scheduleOf(s)
		out.Schedules = append(out.Schedules, shown)
		if shown.DataAt != nil && (out.DataAt == nil || shown.DataAt.After(*out.DataAt)) {
			out.DataAt, out.Freshness, word = shown.DataAt, shown.Freshness, scrape.Freshness(shown.Freshness)
		}
		if shown.NextRun != nil && shown.Held.Value == nil && (out.NextRun == nil || shown.NextRun.Before(*out.NextRun)) {
			out.NextRun = shown.NextRun
		}
	}
	for _, latest := range found.Latest {
		if latest.JobType == job.Type {
			shown := runOf(latest)
			out.LatestRun.Value = &shown
			out.Changes = homeChanges{Added: latest.Counts.Added, Updated: latest.Counts.Updated, Removed: latest.Counts.Removed}
		}
	}
	out.Sentence = scrape.UpToDate(job.Title, word, out.DataAt, out.NextRun, now, zone)
	if len(out.Schedules) == 0 {
		out.Sentence = job.Title + ": no schedule yet."
	}
	return out
}

// needsOf lists what waits for a user: a login first, since nothing runs without, then results, then failures.
func needsOf(found schedules.Home) []need {
	needs := []need{}
	at := slices.IndexFunc(found.Schedules, func(s scrape.Schedule) bool {
		word, _ := heldOf(s)
		return s.Enabled && word.Value != nil
	})
	if at >= 0 {
		_, reason := heldOf(found.Schedules[at])
		needs = append(needs, need{Kind: "credentials", Message: *reason})
	}
	for _, held := range found.Held {
		message := held.ErrorMessage
		if message == "" {
			message = "A result looked wrong and is held back."
		}
		one := needOf("held_result", held.JobType, held.ScheduleID,
			fmt.Sprintf("%s Look at run %d, then accept or discard it.", message, held.ID))
		id := int64(held.ID)
		one.RunID = &id
		needs = append(needs, one)
	}
	for _, s := range found.Schedules {
		if s.Enabled && s.SuspendedAt != nil {
			needs = append(needs, needOf("suspended", s.JobType, s.ID, s.Warning()))
		}
	}
	return needs
}

func needOf(kind string, job scrape.JobType, id scrape.ScheduleID, message string) need {
	out := need{Kind: kind, Message: message}
	word := jobType(job)
	out.ScheduleType.Value = &word
	if number := int64(id); number > 0 {
		out.ScheduleID = &number
	}
	return out
}
