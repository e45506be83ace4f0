package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

type heatmapInput struct {
	ScheduleParam
	Weeks int `query:"weeks" default:"8" minimum:"1" maximum:"12" doc:"How many weeks to look back."`
}

// heatmap is what became of a schedule's slots, by local hour of the week.
type heatmap struct {
	Timezone string        `json:"timezone" doc:"The schedule's zone, in which the hours are." example:"America/New_York"`
	Weeks    int           `json:"weeks" doc:"How many weeks it looks back: fewer than asked for when the schedule has too many slots." example:"8"`
	From     time.Time     `json:"from" example:"2029-11-07T13:30:00Z"`
	To       time.Time     `json:"to" doc:"Now; planned slots are those of the seven days after it." example:"2030-01-02T13:30:00Z"`
	Cells    []heatmapCell `json:"cells" doc:"By weekday and hour, at most 168; hours without a slot are left out."`
}

type heatmapCell struct {
	Weekday   int `json:"weekday" minimum:"0" maximum:"6" doc:"0 is Sunday." example:"1"`
	Hour      int `json:"hour" minimum:"0" maximum:"23" doc:"Local hour in which the slots are due." example:"9"`
	Succeeded int `json:"succeeded" example:"7"`
	Partial   int `json:"partial" example:"0"`
	Held      int `json:"held" doc:"Results that were held back for a person." example:"0"`
	Failed    int `json:"failed" doc:"Every other end of a run." example:"1"`
	Cancelled int `json:"cancelled" example:"0"`
	NotRun    int `json:"not_run" doc:"Slots without a run, whose reason is skipped_overlap, paused, held_credentials, breaker_open or missed. Skip dates do not count." example:"0"`
	Planned   int `json:"planned" doc:"Slots in the next seven days." example:"1"`
}

func (e *edge) registerHeatmap() {
	handle(e, protected(huma.Operation{
		OperationID: "get-heatmap", Method: http.MethodGet, Path: schedulesPath + "/{id}/heatmap", Tags: []string{tagHistory},
		Summary: "Runs of a schedule by hour of the week",
		Description: "Counts the slots of the last weeks, and scheduled runs beside them, by the local hour for which they were due. Runs that people " +
			"asked for are left out; deleted ones count. A run that is going is in no count. 422: the schedule has more than 25,000 slots in two weeks.",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}), e.heatmap)
}

func (e *edge) heatmap(ctx context.Context, in *heatmapInput) (*body[heatmap], error) {
	found, err := e.Charts.Heatmap(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID), in.Weeks)
	if err != nil {
		return nil, err
	}
	out := heatmap{
		Timezone: found.Zone.String(), Weeks: found.Weeks, From: utc(found.From), To: utc(found.To), Cells: make([]heatmapCell, 0, len(found.Cells)),
	}
	for _, cell := range found.Cells {
		t := cell.Tally
		out.Cells = append(out.Cells, heatmapCell{
			Weekday: int(cell.Weekday), Hour: cell.Hour, Succeeded: t.Succeeded, Partial: t.Partial, Held: t.Held, Failed: t.Failed,
			Cancelled: t.Cancelled, NotRun: cell.NotRun, Planned: cell.Planned,
		})
	}
	return reply(out), nil
}
