package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// Breaker is what the API asks of the breaker over accounts. portal is the portal's origin.
type Breaker interface {
	OpenIncident(ctx context.Context, portal string) (*scrape.BreakerIncident, error)
	Incidents(ctx context.Context, portal string, limit int) ([]scrape.BreakerIncident, error)
	CloseBreaker(ctx context.Context, portal, by string, now time.Time) (*scrape.BreakerIncident, error)
}

// incidentsShown is how many incidents an answer lists.
const incidentsShown = 20

type breaker struct {
	State     string             `json:"state" enum:"closed,open" doc:"open: the portal answers nobody and is left alone; scheduled runs end as breaker_open."`
	Portal    string             `json:"portal" example:"https://app.workfossa.com"`
	Incident  Optional[incident] `json:"incident" doc:"Why it is open; null while it is closed."`
	Incidents []incident         `json:"incidents" doc:"The newest twenty, newest first, with the one for which it is open."`
}

type incident struct {
	ID           int64      `json:"id" example:"12"`
	Since        time.Time  `json:"since" doc:"The first failure that counted, or the last answer when that came later."`
	OpenedAt     time.Time  `json:"opened_at"`
	ClosedAt     *time.Time `json:"closed_at" doc:"Null while it lasts."`
	ClosedBy     *string    `json:"closed_by" doc:"Who closed it by hand; null when the portal answered, and while it lasts."`
	Message      string     `json:"message" doc:"Why, as a sentence."`
	Accounts     int        `json:"accounts" doc:"Accounts that were not answered." example:"7"`
	SlotsSkipped int        `json:"slots_skipped" doc:"Slots that were left out." example:"214"`
	Probes       int        `json:"probes" doc:"Scheduled runs that were let through to try and were not answered." example:"3"`
	ProbeAt      *time.Time `json:"probe_at" doc:"From then on the next scheduled run is let through to try; null when it is over."`
}

func incidentOf(i scrape.BreakerIncident) incident {
	out := incident{
		ID: i.ID, Since: utc(i.Since), OpenedAt: utc(i.OpenedAt), ClosedAt: utcOrNil(i.ClosedAt), ClosedBy: textOrNil(i.ClosedBy), Message: i.Message,
		Accounts: i.Accounts, SlotsSkipped: i.Skipped, Probes: i.Probes,
	}
	if i.ClosedAt == nil {
		out.ProbeAt = utcOrNil(&i.ProbeAt)
	}
	return out
}

func (e *edge) registerBreaker() {
	operation := func(id, method, path, summary, description string) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: "/api/system/breaker" + path, Tags: []string{tagStatus}, Summary: summary,
			Description: "For administrators. " + description, Errors: []int{http.StatusForbidden},
		})
	}
	handle(e, operation("get-breaker", http.MethodGet, "", "Is the portal left alone?",
		"The breaker opens when the portal has not answered several accounts, and nobody else meanwhile, and closes when it answers anybody."), e.getBreaker)
	handle(e, operation("close-breaker", http.MethodPost, "/close", "Close the breaker",
		"Scheduled runs go to the portal again from their next slot on; what failed before no longer counts. It does nothing while the breaker is closed."), e.closeBreaker)
}

func (e *edge) getBreaker(ctx context.Context, _ *struct{}) (*body[breaker], error) {
	if err := administrator(ctx); err != nil {
		return nil, err
	}
	return e.breaker(ctx)
}

func (e *edge) closeBreaker(ctx context.Context, _ *struct{}) (*body[breaker], error) {
	if err := administrator(ctx); err != nil {
		return nil, err
	}
	closed, err := e.Breaker.CloseBreaker(ctx, e.Portal, caller(ctx).Email, e.now().UTC())
	if err != nil {
		return nil, err
	}
	if closed != nil {
		e.Log.InfoContext(ctx, "breaker closed by hand", "portal", e.Portal, "by", string(caller(ctx).ID), "since", closed.Since,
			"accounts", closed.Accounts, "slots_skipped", closed.Skipped)
	}
	return e.breaker(ctx)
}

func (e *edge) breaker(ctx context.Context) (*body[breaker], error) {
	found, err := e.Breaker.Incidents(ctx, e.Portal, incidentsShown)
	if err != nil {
		return nil, err
	}
	out := breaker{State: "closed", Portal: e.Portal, Incidents: []incident{}}
	for _, i := range found {
		shown := incidentOf(i)
		if out.Incidents = append(out.Incidents, shown); i.ClosedAt == nil {
			out.State, out.Incident.Value = "open", &shown
		}
	}
	return reply(out), nil
}

// portalNeeds says once, however many schedules wait, that the portal answers nobody; empty when it does or when nothing of this user waits.
func (e *edge) portalNeeds(ctx context.Context, mine []scrape.Schedule, now time.Time) ([]need, error) {
	needs := []need{}
	at := slices.IndexFunc(mine, func(s scrape.Schedule) bool {
		job, err := jobs.Find(s.JobType)
		return err == nil && job.Portal && s.Enabled
	})
	if at < 0 {
		return needs, nil
	}
	open, err := e.Breaker.OpenIncident(ctx, e.Portal)
	if err == nil && open != nil {
		needs = append(needs, need{Kind: "portal_down", Message: scrape.PortalDownWords(open.Since, now, mine[at].Timing.Location())})
	}
	return needs, err
}
