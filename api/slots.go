package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// Slots is what the API asks of the ledger of slots.
type Slots interface {
	// Slots accounts for every slot of a user's schedule in a time; zero times stand for the last and the next 24 hours.
	Slots(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, from, to time.Time) (schedules.Ledger, error)
}

// slot is one line of the ledger.
type slot struct {
	At         time.Time         `json:"at" doc:"When it was due." example:"2030-01-02T14:17:03Z"`
	Local      string            `json:"local" doc:"The same in the zone of the schedule, with its distance from UTC." example:"2030-01-02T09:17:03-05:00"`
	State      slotState         `json:"state" doc:"What became of it. planned: in the future; due: at most a minute old, and nothing is known of it yet; running; ran: see outcome; every other word is the reason why it did not run."`
	Reason     Optional[reason]  `json:"reason" doc:"Why it did not run; null when it did or still may. paused: by its owner, or by itself after failures; missed: nothing started it, as when the scheduler was away."`
	Message    *string           `json:"message" doc:"The reason, or how its run ended, as a sentence; null when there is nothing to say."`
	Outcome    Optional[outcome] `json:"outcome" doc:"How its run ended; null while running and when there is no row."`
	RunID      *int64            `json:"run_id" doc:"Its row in the history, which people may have deleted there; null when there is none." example:"501"`
	LagSeconds *float64          `json:"lag_seconds" doc:"From the slot to the start of its run; null when nothing ran." example:"0.21"`
	Extra      bool              `json:"extra" doc:"A scheduled run that belongs to no slot: the first one of a schedule, a probe after failures, one that Temporal had started before it learned of an edit."`
}

// slotState is what became of a slot.
type slotState string

// Schema implements huma.SchemaProvider.
func (slotState) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Examples: []any{string(scrape.SlotRan)}}
	for _, state := range scrape.SlotStates() {
		schema.Enum = append(schema.Enum, string(state))
	}
	return schema
}

// reason is why a slot did not run.
type reason string

// Schema implements huma.SchemaProvider.
func (reason) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Examples: []any{string(scrape.SlotMissed)}}
	for _, state := range scrape.SlotStates() {
		if state.IsReason() {
			schema.Enum = append(schema.Enum, string(state))
		}
	}
	return schema
}

type slotsInput struct {
	ScheduleParam
	From time.Time `query:"from" doc:"Slots at or after this moment; left out: 24 hours ago." example:"2030-01-01T00:00:00Z"`
	To   time.Time `query:"to" doc:"Slots before this moment; left out: in 24 hours." example:"2030-01-08T00:00:00Z"`
}

func (e *edge) registerSlots() {
	handle(e, protected(huma.Operation{
		OperationID: "list-slots", Method: http.MethodGet, Path: schedulesPath + "/{id}/slots", Tags: []string{tagSchedules},
		Summary: "What became of every slot",
		Description: "Each time at which the schedule was or will be due, exactly once, ascending, by the timing that held at that moment: the run that it " +
			"had, or the reason why it had none. Deleting history does not change it. 422: more than 31 days or 5,000 slots were asked for.",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}), e.listSlots)
}

func (e *edge) listSlots(ctx context.Context, in *slotsInput) (*body[[]slot], error) {
	ledger, err := e.Slots.Slots(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID), in.From, in.To)
	if err != nil {
		return nil, err
	}
	zone := ledger.Schedule.Timing.Location()
	out := make([]slot, 0, len(ledger.Entries))
	for _, entry := range ledger.Entries {
		out = append(out, slotOf(entry, zone))
	}
	return reply(out), nil
}

func slotOf(entry scrape.SlotEntry, zone *time.Location) slot {
	out := slot{
		At: utc(entry.At), Local: localTime(entry.At, zone), State: slotState(entry.State), Message: textOrNil(entry.Message),
		Outcome: outcomeOrNil(entry.Outcome), Extra: entry.Extra,
	}
	if entry.State.IsReason() {
		why := reason(entry.State)
		out.Reason.Value = &why
	}
	if entry.RunID != 0 {
		id := int64(entry.RunID)
		out.RunID = &id
	}
	if entry.State == scrape.SlotRan || entry.State == scrape.SlotRunning {
		seconds := entry.Lag.Seconds()
		out.LagSeconds = &seconds
	}
	return out
}
