package api

import (
	"context"
	"net/url"
	"strconv"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

type listInput struct {
	Type   string `query:"type" doc:"Only of this type." example:"work_orders"`
	Status string `query:"status" enum:"active,paused,failed,held,overdue" doc:"Only of this status. held: nothing runs until the owner has shown a login that the portal accepts; overdue: a slot has passed without a run or a reason. Such schedules are active, paused or failed, too."`
	Query  string `query:"q" maxLength:"100" doc:"Only those whose name has this in it, whatever its case."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" doc:"At most so many; left out: all." example:"100"`
	Cursor string `query:"cursor" doc:"The X-Next-Cursor of the page before."`
}

type listOutput struct {
	NextCursor string `header:"X-Next-Cursor" doc:"The cursor of the next page; left out on the last one."`
	Link       string `header:"Link" doc:"The address of the next page, rel=next."`
	Body       []schedule
}

func (e *edge) listSchedules(ctx context.Context, in *listInput) (*listOutput, error) {
	filter, err := in.filter()
	if err != nil {
		return nil, err
	}
	out := &listOutput{Body: []schedule{}}
	var all []scrape.Schedule
	if filter == (scrape.ScheduleFilter{}) {
		all, err = e.Schedules.List(ctx, caller(ctx).ID)
	} else {
		var next scrape.ScheduleID
		all, next, err = e.Schedules.Find(ctx, caller(ctx).ID, filter)
		out.NextCursor, out.Link = in.after(next)
	}
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		out.Body = append(out.Body, e.scheduleOf(s))
	}
	return out, nil
}

func (in *listInput) filter() (scrape.ScheduleFilter, error) {
	filter := scrape.ScheduleFilter{JobType: scrape.JobType(in.Type), Status: scrape.Status(in.Status), Query: in.Query, Limit: in.Limit}
	if in.Type != "" {
		if _, err := jobs.Find(filter.JobType); err != nil {
			return filter, err
		}
	}
	if in.Cursor == "" {
		return filter, nil
	}
	id, err := strconv.ParseInt(in.Cursor, 36, 64)
	if err != nil || id < 1 {
		return filter, scrape.Errorf(scrape.KindInvalid, "cursor must be the X-Next-Cursor of a page of this list.")
	}
	filter.After = scrape.ScheduleID(id)
	return filter, nil
}

// after is the cursor of the next page and a link to it; empty for none.
func (in *listInput) after(next scrape.ScheduleID) (cursor, link string) {
	if next == 0 {
		return "", ""
	}
	cursor = strconv.FormatInt(int64(next), 36)
	query := url.Values{"cursor": {cursor}, "limit": {strconv.Itoa(in.Limit)}}
	for name, value := range map[string]string{"type": in.Type, "status": in.Status, "q": in.Query} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return cursor, "<" + schedulesPath + "?" + query.Encode() + `>; rel="next"`
}
