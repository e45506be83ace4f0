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

	Days  []homeDay           `json:"days" doc:"The last 30 days in the zone of the first schedule, ascending, today last; also those without a run."`
	Since Optional[homeSince] `json:"since" doc:"What has happened since then; null when since was not given."`
}

// homeDay is how the runs of one local day ended. A run belongs to the day on which it started.
type homeDay struct {
	Date      string            `json:"date" doc:"Local date." example:"2030-01-02"`
	Runs      int               `json:"runs" doc:"Those that are going included." example:"24"`
	Succeeded int               `json:"succeeded" example:"22"`
	Partial   int               `json:"partial" example:"1"`
	Held      int               `json:"held" doc:"Results that were held back for a person." example:"0"`
	Failed    int               `json:"failed" doc:"Every other end." example:"1"`
	Cancelled int               `json:"cancelled" example:"0"`
	Skipped   int               `json:"skipped" doc:"Slots that fired and did not run; in no other count." example:"0"`
	Worst     Optional[outcome] `json:"worst" doc:"The worst end of a run on this day: a failure (the newest one) before held, partial, cancelled and success; null when none ended."`
}

// homeSince sums up the runs that have ended since a moment.
type homeSince struct {
	At      time.Time `json:"at" doc:"The moment that was asked for."`
	Runs    int       `json:"runs" example:"3"`
	Failed  int       `json:"failed" doc:"Of these, those that brought nothing and were not cancelled or held." example:"0"`
	Added   int       `json:"added" example:"2"`
	Updated int       `json:"updated" example:"5"`
	Removed int       `json:"removed" example:"1"`
}

type homeInput struct {
	Since time.Time `query:"since" doc:"Sum up the runs that have ended after this moment, such as the user's last visit." example:"2030-01-01T17:00:00Z"`
}

type homeChanges struct {
	Added   int `json:"added" example:"2"`
	Updated int `json:"updated" example:"5"`
	Removed int `json:"removed" example:"1"`
}

// need is one thing that a user must do before all is well.
type need struct {
	Kind         string            `json:"kind" enum:"portal_down,credentials,held_result,suspended" doc:"portal_down: nothing to do, the portal answers nobody and everything waits; credentials: sign in again; held_result: accept or discard what a run holds back; suspended: runs fail, look why."`
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

func (e *edge) home(ctx context.Context, in *homeInput) (*body[home], error) {
	user := caller(ctx).ID
	found, err := e.Schedules.Home(ctx, user)
	if err != nil {
		return nil, err
	}
	now := e.now()
	var days []scrape.Day
	for _, job := range jobs.Types() {
		days = append(days, scrape.LastDays(job, daysShown, now, zoneOf(job, found.Schedules))...)
	}
	counts, err := e.Charts.Days(ctx, user, days)
	if err != nil {
		return nil, err
	}
	var since []scrape.RunsSince
	if !in.Since.IsZero() {
		if since, err = e.Charts.Since(ctx, user, in.Since); err != nil {
			return nil, err
		}
	}
	needs, err := e.portalNeeds(ctx, found.Schedules, now)
	if err != nil {
		return nil, err
	}
	out := home{At: utc(now), Jobs: []homeJob{}, Needs: append(needs, needsOf(found)...)}
	for _, job := range jobs.All() {
		shown := e.homeJobOf(job, found, now)
		shown.Days = homeDaysOf(job.Type, days, counts)
		if !in.Since.IsZero() {
			shown.Since.Value = homeSinceOf(job.Type, in.Since, since)
		}
		out.Jobs = append(out.Jobs, shown)
	}
	return reply(out), nil
}

// daysShown is how many days back a start page shows.
const daysShown = 30

// zoneOf is the zone of the first schedule of a type; UTC without one.
func zoneOf(job scrape.JobType, all []scrape.Schedule) *time.Location {
	for _, s := range all {
		if s.JobType == job {
			return s.Timing.Location()
		}
	}
	return time.UTC
}

func homeDaysOf(job scrape.JobType, days []scrape.Day, counts []scrape.DayCount) []homeDay {
	out := make([]homeDay, 0, daysShown)
	for _, day := range days {
		if day.JobType != job {
			continue
		}
		var ofDay []scrape.DayCount
		var tally scrape.Tally
		for _, c := range counts {
			if c.JobType == job && c.Date == day.Date {
				ofDay = append(ofDay, c)
				tally.Add(c.Outcome, c.Runs)
			}
		}
		out = append(out, homeDay{
			Date: day.Date, Runs: tally.Ran(), Succeeded: tally.Succeeded, Partial: tally.Partial, Held: tally.Held, Failed: tally.Failed,
			Cancelled: tally.Cancelled, Skipped: tally.Skipped, Worst: outcomeOrNil(scrape.WorstOf(ofDay)),
		})
	}
	return out
}

func homeSinceOf(job scrape.JobType, at time.Time, all []scrape.RunsSince) *homeSince {
	out := &homeSince{At: utc(at)}
	for _, s := range all {
		if s.JobType == job {
			out.Runs, out.Failed, out.Added, out.Updated, out.Removed = s.Runs, s.Failed, s.Added, s.Updated, s.Removed
		}
	}
	return out
}

func (e *edge) homeJobOf(job jobs.Job, found schedules.Home, now time.Time) homeJob {
	out := homeJob{
		ScheduleType: jobType(job.Type), Title: job.Title, Freshness: freshness(scrape.FreshnessUnknown), Schedules: []schedule{},
	}
	word, zone := scrape.FreshnessUnknown, zoneOf(job.Type, found.Schedules)
	for _, s := range found.Schedules {
		if s.JobType != job.Type {
			continue
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
	if !inputsKnown(job, found.Schedules) { // a run that found nothing to build on has brought nothing
		out.DataAt, out.Freshness, word = nil, freshness(scrape.FreshnessUnknown), scrape.FreshnessUnknown
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

// inputsKnown tells whether what a job builds on was ever collected, as far as schedules collect it.
func inputsKnown(job jobs.Job, all []scrape.Schedule) bool {
	for _, input := range job.After {
		scheduled, known := false, false
		for _, s := range all {
			if s.JobType == input {
				scheduled, known = true, known || s.DataAt != nil
			}
		}
		if scheduled && !known {
			return false
		}
	}
	return true
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
