package api

import (
	"context"

	"github.com/fossawork/scheduler/scrape"
)

// MatchParam is the header If-Match. It is exported because Huma fills in embedded structs only then.
type MatchParam struct {
	IfMatch string `header:"If-Match" doc:"The ETag of what was read: 412 when the schedule was changed since. Left out: whatever it is like." example:"\"3-hz2jvnvfj0\""`
}

// tagged is an answer with its version.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"The version in quotes, for If-Match."`
	Body T
}

func tag(out schedule) *tagged[schedule] {
	return &tagged[schedule]{ETag: `"` + out.Version + `"`, Body: out}
}

func (e *edge) updateSchedule(ctx context.Context, in *updateInput) (*tagged[schedule], error) {
	updated, err := e.Schedules.Update(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID), in.patch())
	if err != nil {
		return nil, err
	}
	return tag(e.scheduleOf(updated)), nil
}

type deleteInput struct {
	ScheduleParam
	MatchParam
}

func (e *edge) deleteSchedule(ctx context.Context, in *deleteInput) (*body[message], error) {
	if err := e.Schedules.DeleteMatching(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID), in.IfMatch); err != nil {
		return nil, err
	}
	return reply(message{"Schedule deleted successfully"}), nil
}
