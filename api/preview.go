package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// preview is when a schedule will be due.
type preview struct {
	Slots    []previewSlot `json:"slots" doc:"Ascending; fewer than asked for when it ends."`
	Sentence string        `json:"sentence" doc:"When it is due, in plain words." example:"Every 90 minutes from 6:00 to 22:00 on weekdays, New York time, at 6:17, 7:47 ... 21:17."`
	Warnings []string      `json:"warnings" doc:"Sentences about what one may not expect: days in the next 14 months on which the clocks change slots, cron lines that are never due, runs that usually take longer than the time to the next slot."`
}

type previewSlot struct {
	At    time.Time `json:"at" example:"2030-01-02T11:17:03Z"`
	Local string    `json:"local" doc:"The same in the zone of the schedule, with its distance from UTC." example:"2030-01-02T06:17:03-05:00"`
}

type previewInput struct {
	Body struct {
		_            struct{}            `additionalProperties:"true"`
		ScheduleType Optional[jobType]   `json:"schedule_type,omitempty" doc:"Null or left out: work_orders. The offset that is chosen depends on it."`
		From         Optional[time.Time] `json:"from,omitempty" doc:"Slots at or after this moment; null or left out: now." example:"2030-01-02T00:00:00Z"`
		Count        Optional[int]       `json:"count,omitempty" minimum:"1" maximum:"1000" doc:"How many slots; null or left out: 10." example:"10"`
		ScheduleFields
	}
}

type previewStoredInput struct {
	ScheduleParam
	From  time.Time `query:"from" doc:"Slots at or after this moment; left out: now." example:"2030-01-02T00:00:00Z"`
	Count int       `query:"count" minimum:"1" maximum:"1000" default:"10" doc:"How many slots." example:"10"`
}

func (e *edge) registerPreview() {
	operation := func(id, method, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: schedulesPath + path, Tags: []string{tagSchedules},
			Summary: summary, Description: description, Errors: failures,
		})
	}
	handle(e, operation("preview-schedule", http.MethodPost, "/preview", "When a schedule would run",
		"Takes what a create takes and stores nothing. 422: a create would be refused, for the same reason.",
		http.StatusUnprocessableEntity), e.previewSchedule)
	handle(e, operation("preview-stored-schedule", http.MethodGet, "/{id}/preview", "When a schedule will run",
		"Its slots, whether it is paused or not.", http.StatusNotFound, http.StatusUnprocessableEntity), e.previewStored)
	backfill := operation("backfill-schedule", http.MethodPost, "/{id}/backfill", "Not possible", "Always 422.", http.StatusNotFound)
	backfill.Hidden = true // it is there to say why
	handle(e, backfill, e.backfillSchedule)
}

func (e *edge) previewSchedule(ctx context.Context, in *previewInput) (*body[preview], error) {
	asked := in.Body.request(scrape.JobType(orElse(in.Body.ScheduleType, "")))
	found, err := e.Schedules.Preview(ctx, caller(ctx).ID, asked, in.Body.From.Value, orElse(in.Body.Count, 10))
	if err != nil {
		return nil, err
	}
	return reply(previewOf(found)), nil
}

func (e *edge) previewStored(ctx context.Context, in *previewStoredInput) (*body[preview], error) {
	var from *time.Time
	if !in.From.IsZero() {
		from = &in.From
	}
	found, err := e.Schedules.PreviewStored(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID), from, in.Count)
	if err != nil {
		return nil, err
	}
	return reply(previewOf(found)), nil
}

func previewOf(p schedules.Preview) preview {
	out := preview{Slots: make([]previewSlot, 0, len(p.Slots)), Sentence: p.Sentence, Warnings: listOf(p.Warnings)}
	for _, at := range p.Slots {
		out.Slots = append(out.Slots, previewSlot{At: utc(at), Local: localTime(at, p.Zone)})
	}
	return out
}

// localTime is a moment on the clocks of a zone: +00:00 rather than Z, which stands for UTC.
func localTime(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("2006-01-02T15:04:05-07:00")
}

// backfillSchedule says why there is no such thing.
func (e *edge) backfillSchedule(ctx context.Context, in *ScheduleParam) (*body[message], error) {
	if _, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID)); err != nil {
		return nil, err
	}
	return nil, scrape.Errorf(scrape.KindInvalid, "A scrape reads what the portal shows at this moment, so the past cannot be made up for. "+
		"POST %s/%d/run brings the present state.", schedulesPath, in.ID)
}
