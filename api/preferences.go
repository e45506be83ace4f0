package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// Preferences is what the API asks of what users have set for themselves.
type Preferences interface {
	Preferences(ctx context.Context, user scrape.UserID) (scrape.Preferences, error)
	SetPreferences(ctx context.Context, user scrape.UserID, patch scrape.PreferencesPatch) (scrape.Preferences, error)
}

type preferences struct {
	Timezone       *string    `json:"timezone" doc:"IANA zone in which times are shown; null: none was chosen. Schedules have zones of their own." example:"America/New_York"`
	SeenAt         *time.Time `json:"seen_at" doc:"When the user last looked at the start page; null: never."`
	PreviousSeenAt *time.Time `json:"previous_seen_at" doc:"seen_at before it was last set: what is newer has changed since the visit before; null: there was none."`
}

type preferencesInput struct {
	Body struct {
		_        struct{}         `additionalProperties:"true"`
		Timezone Optional[string] `json:"timezone,omitempty" doc:"IANA zone in which times are shown; null takes it away, left out: as it is." example:"America/New_York"`
		Seen     bool             `json:"seen,omitempty" doc:"true: the user looks at the start page now."`
	}
}

func (e *edge) registerPreferences() {
	operation := func(id, method, summary, description string) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: "/api/auth/preferences", Tags: []string{tagAuth}, Summary: summary, Description: description,
		})
	}
	handle(e, operation("get-preferences", http.MethodGet, "What the user has set for himself",
		"They are for user interfaces: nothing that runs depends on them."), e.getPreferences)
	handle(e, operation("set-preferences", http.MethodPatch, "Change preferences",
		"Changes what is given. With seen, seen_at becomes now and what it was is kept as previous_seen_at. 422: there is no such time zone."), e.setPreferences)
}

func (e *edge) getPreferences(ctx context.Context, _ *struct{}) (*body[preferences], error) {
	return preferencesOf(e.Preferences.Preferences(ctx, caller(ctx).ID))
}

func (e *edge) setPreferences(ctx context.Context, in *preferencesInput) (*body[preferences], error) {
	var patch scrape.PreferencesPatch
	if zone := in.Body.Timezone; zone.Set {
		patch.Timezone = new(string)
		if zone.Value != nil {
			patch.Timezone = zone.Value
		}
	}
	if in.Body.Seen {
		now := utc(e.now())
		patch.SeenAt = &now
	}
	if err := patch.Validate(); err != nil {
		return nil, err
	}
	return preferencesOf(e.Preferences.SetPreferences(ctx, caller(ctx).ID, patch))
}

func preferencesOf(p scrape.Preferences, err error) (*body[preferences], error) {
	if err != nil {
		return nil, err
	}
	return reply(preferences{Timezone: textOrNil(p.Timezone), SeenAt: utcOrNil(p.SeenAt), PreviousSeenAt: utcOrNil(p.PreviousSeenAt)}), nil
}
