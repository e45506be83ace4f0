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

// fakeBreaker is the breaker of one portal.
type fakeBreaker struct{ *world }

func (f fakeBreaker) OpenIncident(_ context.Context, portal string) (*scrape.BreakerIncident, error) {
	if len(f.outages) == 0 || f.outages[0].ClosedAt != nil || portal != "https://portal.example.com" {
		return nil, f.fail
	}
	return &f.outages[0], f.fail
}

func (f fakeBreaker) Incidents(_ context.Context, portal string, limit int) ([]scrape.BreakerIncident, error) {
	if portal != "https://portal.example.com" || limit != 20 {
		return nil, scrape.Errorf(scrape.KindInternal, "asked for something else")
	}
	return f.outages, f.fail
}

func (f fakeBreaker) CloseBreaker(ctx context.Context, portal, by string, _ time.Time) (*scrape.BreakerIncident, error) {
	open, err := f.OpenIncident(ctx, portal)
	if open != nil && err == nil {
		open.ClosedAt, open.ClosedBy = pointer(at(600)), by
	}
	return open, err
}

var outages = []scrape.BreakerIncident{
	{
		ID: 2, Since: at(0), OpenedAt: at(20), Message: "WorkFossa did not answer 3 accounts.", Accounts: 7, Skipped: 214, Probes: 3, ProbeAt: at(300),
	},
	{ID: 1, Since: at(-900), OpenedAt: at(-880), ClosedAt: pointer(at(-700)), Message: "Earlier.", Accounts: 3, ProbeAt: at(-600)},
}

func TestBreakerIsForAdministrators(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.outages = outages[:1]
	for _, call := range [][2]string{{http.MethodGet, "/api/system/breaker"}, {http.MethodPost, "/api/system/breaker/close"}} {
		w.do(t, call[0], call[1], "").requireProblem(t, http.StatusForbidden, "This is for administrators. Ask one of them.")
		require.Equal(t, http.StatusUnauthorized, w.do(t, call[0], call[1], "", "Authorization:").status)
	}
	require.Nil(t, w.outages[0].ClosedAt)
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := tech
	admin.Role = scrape.RoleAdmin
	w.users[tech.ID] = admin
	got := w.do(t, http.MethodGet, "/api/system/breaker", "")
	require.Equal(t, http.StatusOK, got.status, got.text)
	require.JSONEq(t, `{"state":"closed","portal":"https://portal.example.com","incident":null,"incidents":[]}`, got.text)

	w.outages = append([]scrape.BreakerIncident{}, outages...)
	const open = `{"id":2,"since":"2030-01-02T13:30:00.123456Z","opened_at":"2030-01-02T13:30:20.123456Z","closed_at":null,"closed_by":null,
		"message":"WorkFossa did not answer 3 accounts.","accounts":7,"slots_skipped":214,"probes":3,"probe_at":"2030-01-02T13:35:00.123456Z"}`
	const earlier = `{"id":1,"since":"2030-01-02T13:15:00.123456Z","opened_at":"2030-01-02T13:15:20.123456Z","closed_at":"2030-01-02T13:18:20.123456Z",
		"closed_by":null,"message":"Earlier.","accounts":3,"slots_skipped":0,"probes":0,"probe_at":null}`
	require.JSONEq(t, `{"state":"open","portal":"https://portal.example.com","incident":`+open+`,"incidents":[`+open+`,`+earlier+`]}`,
		w.do(t, http.MethodGet, "/api/system/breaker", "").text)

	for range 2 {
		closed := w.do(t, http.MethodPost, "/api/system/breaker/close", "")
		require.Equal(t, http.StatusOK, closed.status, closed.text)
		require.Equal(t, "closed", closed.object(t)["state"])
		require.Equal(t, email, closed.object(t)["incidents"].([]any)[0].(map[string]any)["closed_by"])
	}
	require.Contains(t, w.logs.String(), "breaker closed by hand")

	w.fail = scrape.Errorf(scrape.KindUnavailable, "The database cannot be reached right now.")
	w.do(t, http.MethodGet, "/api/system/breaker", "").requireProblem(t, http.StatusServiceUnavailable, scrape.MessageOf(w.fail))
	w.do(t, http.MethodPost, "/api/system/breaker/close", "").requireProblem(t, http.StatusServiceUnavailable, scrape.MessageOf(w.fail))
}

func TestHomeSaysOnceThatThePortalIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, second, filters := w.schedules[0], w.schedules[0], w.schedules[0]
	second.ID, filters.ID, filters.JobType = 9, 10, scrape.JobFilters
	needs := func(all ...scrape.Schedule) []any {
		w.homePage = schedules.Home{Schedules: all}
		return w.do(t, http.MethodGet, "/api/home", "").object(t)["needs"].([]any)
	}
	require.Empty(t, needs(mine))
	w.outages = append([]scrape.BreakerIncident{}, outages...)
	require.Equal(t, []any{map[string]any{
		"kind": "portal_down", "schedule_type": nil, "schedule_id": nil, "run_id": nil,
		"message": "WorkFossa does not answer since 2 January 2030, 8:30; everything waits and goes on by itself.",
	}}, needs(mine, second), "in the zone of the first schedule")
	require.Empty(t, needs(filters), "they do not go to the portal")
	mine.Enabled = false
	require.Empty(t, needs(mine))
	require.Empty(t, needs())
}
