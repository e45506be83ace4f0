package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

const (
	acceptDescription = "Applies what the run has collected although it looked wrong, also the removal of work orders that it does not list. " +
		"409 when the run holds nothing, was decided already, or a newer run has brought data since."
	discardDescription = "Drops what the run has collected. Stored work orders stay as they are."
)

// heldEffect is what accepting a held result would change.
type heldEffect struct {
	Added    int      `json:"added" doc:"Work orders or dispensers that are new." example:"0"`
	Changed  int      `json:"changed" example:"2"`
	Removed  int      `json:"removed" doc:"Stored ones that the held result does not list." example:"6"`
	Returned int      `json:"returned" doc:"Removed ones that it lists again." example:"0"`
	Changes  []change `json:"changes" doc:"The first hundred of them."`
}

func (e *edge) registerHeld() {
	operation := func(id, method, path, summary, description string) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: path, Tags: []string{tagHistory},
			Summary: summary, Description: description, Errors: []int{http.StatusNotFound, http.StatusConflict},
		})
	}
	const inHistory = schedulesPath + "/{id}/history/{history_id}/"
	handle(e, operation("accept-run", http.MethodPost, inHistory+"accept", "Accept a held result of a schedule", acceptDescription), e.acceptRun)
	handle(e, operation("discard-run", http.MethodPost, inHistory+"discard", "Discard a held result of a schedule", discardDescription), e.discardRun)
	handle(e, operation("get-held-effect", http.MethodGet, runsPath+"/{id}/held", "What accepting a held result would change",
		"Nothing is changed by asking. 409 as when it is accepted."), e.heldEffect)
	handle(e, operation("accept-held", http.MethodPost, runsPath+"/{id}/accept", "Accept a held result", acceptDescription),
		func(ctx context.Context, in *RunParam) (*body[run], error) { return decided(ctx, in.ID, e.Runs.Accept) })
	handle(e, operation("discard-held", http.MethodPost, runsPath+"/{id}/discard", "Discard a held result", discardDescription),
		func(ctx context.Context, in *RunParam) (*body[run], error) {
			return decided(ctx, in.ID, e.Runs.Discard)
		})
}

func (e *edge) heldEffect(ctx context.Context, in *RunParam) (*body[heldEffect], error) {
	effect, err := e.Runs.WouldAccept(ctx, caller(ctx).ID, scrape.RunID(in.ID))
	if err != nil {
		return nil, err
	}
	return reply(heldEffect{
		Added: effect.Added, Changed: effect.Changed, Removed: effect.Removed, Returned: effect.Returned, Changes: changesOf(effect.Changes),
	}), nil
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
	return decided(ctx, in.HistoryID, decision)
}

func decided(
	ctx context.Context, id int64, decision func(context.Context, scrape.UserID, scrape.RunID) (scrape.Run, error),
) (*body[run], error) {
	run, err := decision(ctx, caller(ctx).ID, scrape.RunID(id))
	if err != nil {
		return nil, err
	}
	return reply(runOf(run)), nil
}
