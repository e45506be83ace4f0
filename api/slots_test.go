package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// fakeSlots answers with one slot of each kind.
type fakeSlots struct{ *world }

func (f fakeSlots) Slots(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, from, to time.Time) (schedules.Ledger, error) {
	schedule, err := fakeSchedules(f).Get(ctx, user, id)
	if err != nil {
		return schedules.Ledger{}, err
	}
	if !from.IsZero() && !to.After(from) {
		return schedules.Ledger{}, scrape.Invalid("to", "to must be later than from.")
	}
	return schedules.Ledger{Schedule: schedule, From: from, To: to, Entries: []scrape.SlotEntry{
		{At: at(0), State: scrape.SlotRan, Outcome: scrape.OutcomePortalDown, RunID: 501, Lag: 1500 * time.Millisecond, Message: "Portal away.", Extra: true},
		{At: at(60), State: scrape.SlotMissed, Message: "Nothing started it."},
		{At: at(120), State: scrape.SlotHeldCredentials, Outcome: scrape.OutcomeHeldCredentials, RunID: 502},
		{At: at(180), State: scrape.SlotPlanned},
	}}, nil
}

func TestSlots(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slots := w.do(t, http.MethodGet, "/api/scraping-schedules/7/slots", "").list(t)
	require.Len(t, slots, 4)
	require.Equal(t, map[string]any{
		"at": "2030-01-02T13:30:00.123456Z", "local": "2030-01-02T08:30:00-05:00", "state": "ran", "reason": nil, "message": "Portal away.",
		"outcome": "portal_down", "run_id": 501.0, "lag_seconds": 1.5, "extra": true,
	}, slots[0])
	require.Equal(t, map[string]any{
		"at": "2030-01-02T13:31:00.123456Z", "local": "2030-01-02T08:31:00-05:00", "state": "missed", "reason": "missed", "message": "Nothing started it.",
		"outcome": nil, "run_id": nil, "lag_seconds": nil, "extra": false,
	}, slots[1])
	require.Equal(t, "held_credentials", slots[2]["reason"])
	require.InDelta(t, 502, slots[2]["run_id"], 0)
	require.Nil(t, slots[2]["lag_seconds"])
	require.Nil(t, slots[3]["reason"])
	require.Equal(t, "planned", slots[3]["state"])

	w.do(t, http.MethodGet, "/api/scraping-schedules/8/slots", "").requireProblem(t, http.StatusNotFound, "Schedule not found")
	w.do(t, http.MethodGet, "/api/scraping-schedules/7/slots?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", "").
		requireProblem(t, http.StatusUnprocessableEntity, "to must be later than from.")
}
