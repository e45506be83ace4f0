package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// Bulk is what the API asks of changes to many schedules.
type Bulk interface {
	Do(ctx context.Context, user scrape.UserID, ask schedules.BulkRequest) ([]schedules.BulkItem, error)
}

type bulkInput struct {
	Body struct {
		_      struct{}             `additionalProperties:"true"`
		Action string               `json:"action" enum:"pause,resume,run,delete" doc:"What to do to each of them."`
		IDs    Optional[[]int64]    `json:"ids,omitempty" maxItems:"1000" doc:"Which schedules; give either these or a filter." example:"[7,8]"`
		Filter Optional[bulkFilter] `json:"filter,omitempty" doc:"Which schedules, as the list has them; {} for all of yours."`
		Reason Optional[string]     `json:"reason,omitempty" maxLength:"500" doc:"Why they are paused." example:"The portal is being rebuilt."`
		Missed Optional[missed]     `json:"missed,omitempty" doc:"With resume, what becomes of the slots that passed. none: nothing, the default. last: one run at once, if any passed. all: the same, since one run makes up for all of them."`
		DryRun Optional[bool]       `json:"dry_run,omitempty" doc:"True: only tell what would be done." example:"true"`
	}
}

type bulkFilter struct {
	Type   string `json:"type,omitempty" doc:"Only this schedule_type." example:"work_orders"`
	Status string `json:"status,omitempty" enum:"active,paused,failed,held,overdue" doc:"Only these; held: they wait for you to sign in; overdue: a slot has passed without a run or a reason."`
	Query  string `json:"q,omitempty" doc:"Only those with this in their name."`
}

type bulkAnswer struct {
	Action    string     `json:"action" enum:"pause,resume,run,delete"`
	DryRun    bool       `json:"dry_run" doc:"Nothing was done; done stands for what would be."`
	Done      int        `json:"done" example:"2"`
	Unchanged int        `json:"unchanged" example:"1"`
	Failed    int        `json:"failed" example:"0"`
	Items     []bulkItem `json:"items" doc:"Each schedule, in the order of the ids or of the list."`
}

type bulkItem struct {
	ID           int64   `json:"id" example:"7"`
	ScheduleType *string `json:"schedule_type" doc:"Null when there is no such schedule of yours." example:"work_orders"`
	Name         *string `json:"name" example:"work_orders"`
	Result       string  `json:"result" enum:"done,unchanged,failed"`
	Message      *string `json:"message" doc:"Why it is unchanged or failed, or what else there is to know; null when there is nothing to say."`
	RunID        *int64  `json:"run_id" doc:"The run that was started, or that is in the way." example:"501"`
}

func (e *edge) registerBulk() {
	handle(e, protected(huma.Operation{
		OperationID: "change-schedules", Method: http.MethodPost, Path: schedulesPath + "/bulk", Tags: []string{tagSchedules},
		Summary: "Pause, resume, run or delete many schedules", Metadata: map[string]any{slow: true},
		Errors: []int{http.StatusUnprocessableEntity},
		Description: "Up to 1,000 of your schedules, named by ids or by a filter. Each is changed by itself: one that fails keeps no other, and the answer " +
			"is 200 with a result for each. With dry_run nothing is done, and the same is told. Asking again does only what is left.",
	}), e.changeSchedules)
}

func (e *edge) changeSchedules(ctx context.Context, in *bulkInput) (*body[bulkAnswer], error) {
	ask := schedules.BulkRequest{
		Action: schedules.Action(in.Body.Action), Reason: orElse(in.Body.Reason, ""), DryRun: orElse(in.Body.DryRun, false),
		Missed: schedules.Missed(orElse(in.Body.Missed, "")),
	}
	for _, id := range orElse(in.Body.IDs, nil) {
		ask.IDs = append(ask.IDs, scrape.ScheduleID(id))
	}
	if f := in.Body.Filter.Value; f != nil {
		ask.Filter = &scrape.ScheduleFilter{JobType: scrape.JobType(f.Type), Status: scrape.Status(f.Status), Query: f.Query}
	}
	items, err := e.Bulk.Do(ctx, caller(ctx).ID, ask)
	if err != nil {
		return nil, err
	}
	out := bulkAnswer{Action: in.Body.Action, DryRun: ask.DryRun, Items: make([]bulkItem, 0, len(items))}
	for _, item := range items {
		switch item.Result {
		case schedules.ResultDone:
			out.Done++
		case schedules.ResultUnchanged:
			out.Unchanged++
		default:
			out.Failed++
		}
		out.Items = append(out.Items, bulkItem{
			ID: int64(item.ID), ScheduleType: textOrNil(string(item.JobType)), Name: textOrNil(item.Name), Result: string(item.Result),
			Message: textOrNil(item.Message), RunID: numberOrNil(int64(item.RunID)),
		})
	}
	return reply(out), nil
}

// numberOrNil is null for an id that there is none of.
func numberOrNil(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
