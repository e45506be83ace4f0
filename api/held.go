package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

func (e *edge) registerHeld() {
	operation := func(id, action, summary, description string) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: schedulesPath + "/{id}/history/{history_id}/" + action, Tags: []string{tagHistory},
			Summary: summary, Description: description, Errors: []int{http.StatusNotFound, http.StatusConflict},
		})
	}
	handle(e, operation("accept-run", "accept", "Accept a held result",
		"Applies what the run has collected although it looked wrong, also the removal of work orders that it does not list. "+
			"409 when the run holds nothing, was decided already, or a newer run has brought data since."), e.acceptRun)
	handle(e, operation("discard-run", "discard", "Discard a held result",
		"Drops what the run has collected. Stored work orders stay as they are."), e.discardRun)
}

func (e *edge) acceptRun(ctx context.Context, in *historyRowInput) (*body[run], error) {
	return e.decide(ctx, in, e.Runs.Accept)
}

func (e *edge) discardRun(ctx context.Context, in *historyRowInput) (*body[run], error) {
	return e.decide(ctx, in, e.Runs.Discard)
}

func (e *edge) decide(
	ctx context.Context, in *historyRowInput, decision func(context.Context, scrape.UserID, scrape.RunID) (scrape.Run, error),
) (*body[run], error) {
	if _, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID)); err != nil {
		return nil, err
	}
	decided, err := decision(ctx, caller(ctx).ID, scrape.RunID(in.HistoryID))
	if err != nil {
		return nil, err
	}
	return reply(runOf(decided)), nil
}
