package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Links are addresses of what stands beside the API. The zero value knows none.
type Links struct {
	TemporalUI string // empty: none
	Namespace  string
	Metrics    string // empty: none
}

// workflow is the address of a workflow in the Temporal UI; nil when there is none.
func (l Links) workflow(id string) *string { return l.temporal("workflows", id) }

// schedule is the address of a Temporal Schedule in the Temporal UI; nil when there is none.
func (l Links) schedule(id string) *string { return l.temporal("schedules", id) }

func (l Links) temporal(what, id string) *string {
	if l.TemporalUI == "" || id == "" {
		return nil
	}
	address := strings.TrimRight(l.TemporalUI, "/") + "/namespaces/" + url.PathEscape(l.Namespace) + "/" + what + "/" + url.PathEscape(id)
	return &address
}

// appConfig is what a front end must know before anybody has signed in.
type appConfig struct {
	Version           string  `json:"version" doc:"Of this API." example:"1.0.0"`
	PortalURL         string  `json:"portal_url" doc:"The portal that is scraped." example:"https://app.workfossa.com"`
	TemporalUIURL     *string `json:"temporal_ui_url" doc:"The Temporal UI (FOSSAWORK_TEMPORAL_UI_URL); null when no address is set. Of use to people who can reach it." example:"http://127.0.0.1:8233"`
	TemporalNamespace string  `json:"temporal_namespace" example:"default"`
	MetricsURL        *string `json:"metrics_url" doc:"Where metrics are shown (FOSSAWORK_METRICS_URL); null when no address is set." example:"http://127.0.0.1:9464/metrics"`
	MinIntervalHours  float64 `json:"min_interval_hours" doc:"The shortest interval that a schedule may have." example:"0.5"`
}

func (e *edge) registerConfig() {
	handle(e, huma.Operation{
		OperationID: "get-config", Method: http.MethodGet, Path: "/api/config", Tags: []string{tagStatus}, Summary: "How this installation is set up",
		Description: "What a front end must know before anybody has signed in.",
	}, func(context.Context, *struct{}) (*body[appConfig], error) {
		return reply(appConfig{
			Version: Version, PortalURL: e.PortalURL, TemporalUIURL: textOrNil(e.Links.TemporalUI), TemporalNamespace: e.Links.Namespace,
			MetricsURL: textOrNil(e.Links.Metrics), MinIntervalHours: e.MinInterval.Hours(),
		}), nil
	})
}
