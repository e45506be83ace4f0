package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/api"
	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// office is an API with documents, changes to many schedules and system schedules, on fakes that note what they are asked.
type office struct {
	*world
	user    scrape.UserID
	ask     schedules.BulkRequest
	items   []schedules.BulkItem
	entries []schedules.Entry
	options schedules.ApplyOptions
	applied []schedules.Applied
	defs    []schedules.Definition
	system  []schedules.SystemSchedule
	changes []string
	fails   error

	compared schedules.Reconciled
	totals   scrape.Totals
	owned    []scrape.OwnedSchedule
	asOf     time.Time // of the newest question for totals
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{world: newWorld(t)}
	o.handler = api.New(api.Config{
		Bulk: o, Definitions: o, Operations: o, Health: fakeHealth{o.world}, System: systemOffice{o}, Credentials: fakeCredentials{o.world}, Tokens: fixed, Log: slog.New(slog.DiscardHandler),
		Links: api.Links{TemporalUI: temporalUI, Namespace: "spaces and/slashes"},
	}).Handler
	return o
}

func (o *office) Do(_ context.Context, user scrape.UserID, ask schedules.BulkRequest) ([]schedules.BulkItem, error) {
	o.user, o.ask = user, ask
	return o.items, o.fails
}

func (o *office) Export(_ context.Context, user scrape.UserID) ([]schedules.Definition, error) {
	o.user = user
	return o.defs, o.fails
}

func (o *office) Apply(
	_ context.Context, user scrape.UserID, entries []schedules.Entry, options schedules.ApplyOptions,
) ([]schedules.Applied, error) {
	o.user, o.entries, o.options = user, entries, options
	return o.applied, o.fails
}

type systemOffice struct{ *office }

func (o systemOffice) List(context.Context) ([]schedules.SystemSchedule, error) {
	return o.system, o.fails
}

func (o systemOffice) Pause(_ context.Context, id, by, why string) (schedules.SystemSchedule, error) {
	return o.did("pause " + id + " " + by + " " + why)
}

func (o systemOffice) Resume(_ context.Context, id, by string) (schedules.SystemSchedule, error) {
	return o.did("resume " + id + " " + by)
}

func (o systemOffice) Run(_ context.Context, id string) (schedules.SystemSchedule, error) {
	return o.did("run " + id)
}

func (o systemOffice) Reconciled(context.Context) (schedules.Reconciled, bool, error) {
	return o.compared, o.compared.State != "", o.away
}

// Totals and EverySchedule make the office the API's operations.
func (o *office) Totals(_ context.Context, now time.Time) (scrape.Totals, error) {
	o.asOf = now
	return o.totals, o.fails
}

func (o *office) EverySchedule(_ context.Context, filter scrape.ScheduleFilter) ([]scrape.OwnedSchedule, scrape.ScheduleID, error) {
	o.found = filter
	return o.owned, o.more, o.fails
}

func (o systemOffice) did(what string) (schedules.SystemSchedule, error) {
	o.changes = append(o.changes, what)
	return o.system[0], o.fails
}

func TestBulk(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.items = []schedules.BulkItem{
		{ID: 7, JobType: scrape.JobWorkOrders, Name: "a", Result: schedules.ResultDone, RunID: 501},
		{ID: 8, JobType: scrape.JobWorkOrders, Name: "b", Result: schedules.ResultUnchanged, Message: "It is paused already."},
		{ID: 9, Result: schedules.ResultFailed, Message: "Schedule not found"},
	}
	got := o.do(t, http.MethodPost, root+"/bulk", `{"action":"pause","ids":[7,8,9],"reason":"rebuilt","dry_run":true}`)
	require.Equal(t, http.StatusOK, got.status, got.text)
	require.JSONEq(t, `{"action":"pause","dry_run":true,"done":1,"unchanged":1,"failed":1,"items":[
		{"id":7,"schedule_type":"work_orders","name":"a","result":"done","message":null,"run_id":501},
		{"id":8,"schedule_type":"work_orders","name":"b","result":"unchanged","message":"It is paused already.","run_id":null},
		{"id":9,"schedule_type":null,"name":null,"result":"failed","message":"Schedule not found","run_id":null}]}`, got.text)
	require.Equal(t, tech.ID, o.user)
	require.Equal(t, schedules.BulkRequest{Action: schedules.ActionPause, IDs: []scrape.ScheduleID{7, 8, 9}, Reason: "rebuilt", DryRun: true}, o.ask)

	o.items = nil
	got = o.do(t, http.MethodPost, root+"/bulk/", `{"action":"delete","filter":{"type":"filters","status":"held","q":"x"},"ids":null}`)
	require.Equal(t, http.StatusOK, got.status, got.text)
	require.Contains(t, got.text, `"items":[]`)
	require.Equal(t, schedules.BulkRequest{
		Action: schedules.ActionDelete, Filter: &scrape.ScheduleFilter{JobType: scrape.JobFilters, Status: scrape.StatusHeld, Query: "x"},
	}, o.ask)
	o.do(t, http.MethodPost, root+"/bulk", `{"action":"run","filter":{}}`)
	require.Equal(t, &scrape.ScheduleFilter{}, o.ask.Filter)
	o.do(t, http.MethodPost, root+"/bulk", `{"action":"resume","ids":[7],"missed":"last"}`)
	require.Equal(t, schedules.BulkRequest{Action: schedules.ActionResume, IDs: []scrape.ScheduleID{7}, Missed: schedules.MissedLast}, o.ask)

	o.do(t, http.MethodPost, root+"/bulk", `{"action":"stop","ids":[7]}`).
		requireProblem(t, http.StatusUnprocessableEntity, `action must be one of "pause, resume, run, delete".`)
	o.do(t, http.MethodPost, root+"/bulk", `{"ids":[7]}`).requireProblem(t, http.StatusUnprocessableEntity, "action must be given.")
	o.fails = scrape.Invalid("ids", "Say which schedules.")
	o.do(t, http.MethodPost, root+"/bulk", `{"action":"run"}`).requireProblem(t, http.StatusUnprocessableEntity, "Say which schedules.")
	require.Equal(t, http.StatusUnauthorized, o.do(t, http.MethodPost, root+"/bulk", `{}`, "Authorization:").status)
}

func TestExportDefinitions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.defs = []schedules.Definition{{ScheduleType: scrape.JobWorkOrders, Name: "a", Cron: []string{"17 6 * * *"}, SkipDates: []string{"2030-12-25"}}}
	for accept, want := range map[string]string{
		"": "application/yaml", "*/*": "application/yaml", "application/json": "application/json", "text/html, application/json;q=0.9": "application/json",
		"application/yaml, application/json": "application/yaml", "application/json, text/plain, */*": "application/json",
	} {
		got := o.do(t, http.MethodGet, root+"/export", "", "Accept:"+accept)
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, want, got.header.Get("Content-Type"), accept)
		if want == "application/json" {
			require.JSONEq(t, `{"schedules":[{"schedule_type":"work_orders","name":"a","cron":["17 6 * * *"],"skip_dates":["2030-12-25"]}]}`, got.text)
		} else {
			require.Equal(t, "schedules:\n  - schedule_type: work_orders\n    name: a\n    cron:\n      - 17 6 * * *\n    skip_dates:\n      - \"2030-12-25\"\n", got.text)
		}
	}
	o.defs = nil
	require.JSONEq(t, `{"schedules":[]}`, o.do(t, http.MethodGet, root+"/export", "", "Accept: application/json").text)
	require.Equal(t, tech.ID, o.user)
	require.Equal(t, http.StatusUnauthorized, o.do(t, http.MethodGet, root+"/export", "", "Authorization:").status)
}

func TestApplyDefinitions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.applied = []schedules.Applied{
		{ID: 7, JobType: scrape.JobWorkOrders, Name: "a", Result: schedules.ResultChanged, Fields: []scrape.FieldChange{{Field: "interval_hours", Old: 1.0, New: 2.0}}},
		{JobType: scrape.JobFilters, Name: "b", Result: schedules.ResultRefused, Message: "No."},
		{ID: 9, JobType: scrape.JobFilters, Name: "c", Result: schedules.ResultDeleted},
	}
	yaml, asJSON := "schedules:\n- schedule_type: work_orders\n  interval_hours: 2\n", `{"schedules":[{"schedule_type":"work_orders","interval_hours":2}]}`
	for kind, text := range map[string]string{
		"application/yaml": yaml, "text/yaml; charset=utf-8": yaml, "": yaml, "application/json": asJSON, "application/x-yaml": asJSON,
	} {
		got := o.do(t, http.MethodPost, root+"/apply?dry_run=true&prune=true", text, "Content-Type:"+kind)
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.JSONEq(t, `{"dry_run":true,"created":0,"changed":1,"unchanged":0,"deleted":1,"refused":1,"items":[
			{"id":7,"schedule_type":"work_orders","name":"a","result":"changed","fields":[{"field":"interval_hours","old":1,"new":2}],"message":null},
			{"id":null,"schedule_type":"filters","name":"b","result":"refused","fields":[],"message":"No."},
			{"id":9,"schedule_type":"filters","name":"c","result":"deleted","fields":[],"message":null}]}`, got.text)
		require.Equal(t, schedules.ApplyOptions{DryRun: true, Prune: true}, o.options)
		require.Equal(t, []schedules.Entry{{Definition: schedules.Definition{ScheduleType: scrape.JobWorkOrders, IntervalHours: pointer(2.0)}}}, o.entries)
		require.Equal(t, tech.ID, o.user)
	}
	o.do(t, http.MethodPost, root+"/apply/", yaml, "Content-Type: application/yaml")
	require.Equal(t, schedules.ApplyOptions{}, o.options)

	o.entries = nil
	o.do(t, http.MethodPost, root+"/apply", "schedules: 7", "Content-Type: application/yaml").
		requireProblem(t, http.StatusUnprocessableEntity, "The document must have the member schedules, which is a list.")
	o.do(t, http.MethodPost, root+"/apply", "{", "Content-Type: application/json").requireProblem(t, http.StatusBadRequest, "The body is not valid JSON.")
	o.do(t, http.MethodPost, root+"/apply", yaml, "Content-Type: image/png").requireProblem(t, http.StatusUnsupportedMediaType,
		"The document must be YAML or JSON, with the header Content-Type: application/yaml or application/json.")
	large := o.do(t, http.MethodPost, root+"/apply", string(make([]byte, 1<<20+1)), "Content-Type: application/yaml")
	require.Equal(t, http.StatusRequestEntityTooLarge, large.status)
	require.Nil(t, o.entries, "nothing of these was applied")
}

func TestSystemSchedules(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.system = []schedules.SystemSchedule{
		{
			ID: "system-retention", Does: "Forgets.", Every: 24 * time.Hour, Paused: true, Note: "Paused by somebody.",
			LastRun: &schedules.SystemRun{
				WorkflowID: "system-retention-2030", StartedAt: at(0), EndedAt: pointer(at(2)), State: "completed", Result: json.RawMessage(`{"runs":3}`),
			},
		},
		{ID: "system-statistics", Does: "Counts.", Every: time.Hour, NextRun: pointer(at(60)), Running: true, LastRun: &schedules.SystemRun{StartedAt: at(0), State: "running"}},
		{ID: "system-reconcile", Does: "Compares.", Missing: true},
	}
	path := "/api/system/schedules"
	calls := []string{"GET ", "POST /system-retention/pause", "POST /system-retention/resume", "POST /system-retention/run"}
	do := func(call string, body string) answer {
		method, rest, _ := strings.Cut(call, " ")
		return o.do(t, method, path+rest, body)
	}
	for _, call := range calls {
		do(call, "").requireProblem(t, http.StatusForbidden, "This is for administrators. Ask one of them.")
	}
	require.Empty(t, o.changes)

	admin := tech
	admin.Role = scrape.RoleAdmin
	o.users[tech.ID] = admin
	list := do(calls[0], "")
	require.Equal(t, http.StatusOK, list.status, list.text)
	require.JSONEq(t, `[
		{"id":"system-retention","description":"Forgets.","state":"paused","paused":true,"note":"Paused by somebody.","every_seconds":86400,"temporal_url":"`+temporalUI+`/namespaces/spaces%20and%2Fslashes/schedules/system-retention","running":false,
		 "next_run":null,"last_run":{"started_at":"2030-01-02T13:30:00.123456Z","ended_at":"2030-01-02T13:30:02.123456Z","state":"completed",
		 "result":{"runs":3},"message":null,"workflow_id":"system-retention-2030"}},
		{"id":"system-statistics","description":"Counts.","state":"active","paused":false,"note":null,"every_seconds":3600,"temporal_url":"`+temporalUI+`/namespaces/spaces%20and%2Fslashes/schedules/system-statistics","running":true,
		 "next_run":"2030-01-02T13:31:00.123456Z","last_run":{"started_at":"2030-01-02T13:30:00.123456Z","ended_at":null,"state":"running",
		 "result":null,"message":null,"workflow_id":null}},
		{"id":"system-reconcile","description":"Compares.","state":"missing","paused":false,"note":null,"every_seconds":0,"temporal_url":null,"running":false,
		 "next_run":null,"last_run":null}]`, list.text)
	for _, call := range calls[1:] {
		require.Equal(t, "system-retention", do(call, "").object(t)["id"])
	}
	do(calls[1], `{"reason":"disk is full"}`)
	require.Equal(t, []string{
		"pause system-retention " + email + " ", "resume system-retention " + email, "run system-retention", "pause system-retention " + email + " disk is full",
	}, o.changes)
	o.fails = scrape.Errorf(scrape.KindUnavailable, "Temporal does not answer. Try again in a minute.")
	for _, call := range calls {
		do(call, "").requireProblem(t, http.StatusServiceUnavailable, "Temporal does not answer. Try again in a minute.")
	}
}
