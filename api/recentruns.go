package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// Charts is what the API asks of what became of schedules over time.
type Charts interface {
	// Recent tells how the newest runs of a user's schedules ended, in the order of the ids; those of others are left out.
	Recent(ctx context.Context, user scrape.UserID, ids []scrape.ScheduleID, count int) ([]scrape.RecentRuns, error)
	Days(ctx context.Context, user scrape.UserID, days []scrape.Day) ([]scrape.DayCount, error)
	// Since sums up the runs that ended after a moment, by job type.
	Since(ctx context.Context, user scrape.UserID, since time.Time) ([]scrape.RunsSince, error)
	Heatmap(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, weeks int) (schedules.Heatmap, error)
}

type recentRunsInput struct {
	IDs   []int64 `query:"ids" required:"true" minItems:"1" maxItems:"100" doc:"Ids of schedules, separated by commas." example:"[7,8]"`
	Count int     `query:"count" default:"20" minimum:"1" maximum:"50" doc:"Most runs of each."`
}

// recentRuns is how a schedule's newest runs ended.
type recentRuns struct {
	ScheduleID   int64       `json:"schedule_id" example:"7"`
	UsualSeconds *float64    `json:"usual_seconds" doc:"Half of the newest good runs took at most so long; null while nothing is known of it. Computed every hour." example:"41.1"`
	SlowSeconds  *float64    `json:"slow_seconds" doc:"95 in 100 of them took at most so long; null while nothing is known of it." example:"63.0"`
	Runs         []recentRun `json:"runs" doc:"Oldest first. Slots that did not run and deleted rows are left out."`
}

type recentRun struct {
	ID        int64             `json:"id" example:"501"`
	NominalAt time.Time         `json:"nominal_at" doc:"When it was due." example:"2030-01-02T13:30:00Z"`
	Outcome   Optional[outcome] `json:"outcome" doc:"Null while running."`
	Seconds   *float64          `json:"seconds" doc:"How long it took; null while running." example:"41.11"`
}

func (e *edge) registerRecentRuns() {
	handle(e, protected(huma.Operation{
		OperationID: "list-recent-runs", Method: http.MethodGet, Path: schedulesPath + "/recent-runs", Tags: []string{tagHistory},
		Summary:     "The newest runs of several schedules",
		Description: "In the order of ids. Schedules that are not yours, or that there are none of, are left out.",
		Errors:      []int{http.StatusUnprocessableEntity},
	}), e.recentRuns)
}

func (e *edge) recentRuns(ctx context.Context, in *recentRunsInput) (*body[[]recentRuns], error) {
	ids := make([]scrape.ScheduleID, 0, len(in.IDs))
	for _, id := range in.IDs {
		ids = append(ids, scrape.ScheduleID(id))
	}
	found, err := e.Charts.Recent(ctx, caller(ctx).ID, ids, in.Count)
	if err != nil {
		return nil, err
	}
	out := make([]recentRuns, 0, len(found))
	for _, of := range found {
		one := recentRuns{
			ScheduleID: int64(of.ScheduleID), UsualSeconds: secondsOrNil(of.P50), SlowSeconds: secondsOrNil(of.P95), Runs: []recentRun{},
		}
		for _, r := range of.Runs {
			shown := recentRun{ID: int64(r.ID), NominalAt: utc(r.NominalAt), Outcome: outcomeOrNil(r.Outcome)}
			if r.Outcome != "" {
				seconds := r.Duration.Seconds()
				shown.Seconds = &seconds
			}
			one.Runs = append(one.Runs, shown)
		}
		out = append(out, one)
	}
	return reply(out), nil
}

// secondsOrNil is null for none.
func secondsOrNil(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	seconds := d.Seconds()
	return &seconds
}
