package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// jobType is the name of a registered job type.
type jobType string

// Schema implements huma.SchemaProvider.
func (jobType) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Examples: []any{string(scrape.JobWorkOrders)}}
	for _, job := range jobs.Types() {
		schema.Enum = append(schema.Enum, string(job))
	}
	schema.PrecomputeMessages()
	return schema
}

// titleOf is the name of a job type for people; a type that is not registered keeps its word.
func titleOf(job scrape.JobType) string {
	known, err := jobs.Find(job)
	if err != nil {
		return string(job)
	}
	return known.Title
}

// things names in the plural what a job type collects.
func things(job scrape.JobType) string {
	switch job {
	case scrape.JobWorkOrders:
		return "work orders"
	case scrape.JobDispensers:
		return "dispensers"
	default:
		return "items"
	}
}

// jobTypeInfo is everything that a form for a schedule of this type is made from.
type jobTypeInfo struct {
	Type           jobType        `json:"type" doc:"What schedules name as schedule_type."`
	Title          string         `json:"title" example:"Work orders"`
	Description    string         `json:"description" doc:"A sentence for people who choose what to schedule."`
	NeedsPortal    bool           `json:"needs_portal" doc:"It goes to the portal, and so needs a login."`
	SettingsSchema map[string]any `json:"settings_schema" doc:"JSON schema of the settings of a schedule of this type. No member has to be given."`
	Defaults       fullSettings   `json:"defaults" doc:"The settings of a schedule that says nothing else."`
	Steps          []jobStep      `json:"steps" doc:"What a run does, in this order."`
}

type jobStep struct {
	Name string `json:"name" doc:"The name of the activity in the Temporal UI." example:"CollectWorkOrders"`
	At   string `json:"at" enum:"portal,store" doc:"portal: in the browser; store: in the database."`
}

func (e *edge) registerJobTypes() {
	for _, job := range jobs.All() { // named, so that clients are generated with them
		e.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(job.Settings()), true, "")
	}
	handle(e, protected(huma.Operation{
		OperationID: "list-job-types", Method: http.MethodGet, Path: "/api/job-types", Tags: []string{tagSchedules}, Summary: "List what can be scheduled",
		Description: "By name. Each type with its settings, their defaults, and the steps of a run.",
	}), func(context.Context, *struct{}) (*body[[]jobTypeInfo], error) {
		out := []jobTypeInfo{}
		for _, job := range jobs.All() {
			info, err := jobTypeOf(job)
			if err != nil {
				return nil, err
			}
			out = append(out, info)
		}
		return reply(out), nil
	})
}

func jobTypeOf(job jobs.Job) (jobTypeInfo, error) {
	defaults, err := writeSettings(job.Settings())
	if err != nil {
		return jobTypeInfo{}, err
	}
	schema, err := settingsSchema(job, defaults)
	if err != nil {
		return jobTypeInfo{}, err
	}
	info := jobTypeInfo{
		Type: jobType(job.Type), Title: job.Title, Description: job.Description, NeedsPortal: job.Portal,
		SettingsSchema: schema, Defaults: fullSettings{defaults}, Steps: []jobStep{},
	}
	for _, step := range job.Steps {
		info.Steps = append(info.Steps, jobStep{Name: step.Name, At: string(step.At)})
	}
	return info, nil
}

// settingsSchema is the schema of what may be sent as settings: it stands by itself, each member carries its default, and none has to be
// given.
func settingsSchema(job jobs.Job, defaults []byte) (map[string]any, error) {
	registry := huma.NewMapRegistry("#/$defs/", huma.DefaultSchemaNamer)
	root := reflect.TypeOf(job.Settings())
	schema := registry.Schema(root, false, "")
	var values map[string]any
	if err := json.Unmarshal(defaults, &values); err != nil {
		return nil, err
	}
	for name, property := range schema.Properties {
		property.Default = values[name]
	}
	schema.Required = nil
	text, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, err
	}
	parts := map[string]any{}
	for name, part := range registry.Map() {
		if part != schema {
			parts[name] = part
		}
	}
	if len(parts) > 0 {
		out["$defs"] = parts
	}
	return out, nil
}

// fullSettings are the settings of a schedule, all of them, as an answer.
type fullSettings struct{ json.RawMessage }

// Schema implements huma.SchemaProvider: the settings of one of the job types.
func (fullSettings) Schema(registry huma.Registry) *huma.Schema {
	schema := &huma.Schema{}
	for _, job := range jobs.All() {
		schema.AnyOf = append(schema.AnyOf, registry.Schema(reflect.TypeOf(job.Settings()), true, ""))
	}
	return schema
}

// settingsOf fills in the defaults. Settings that do not fit their type any more are shown as they are.
func settingsOf(schedule scrape.Schedule) fullSettings {
	if len(schedule.Settings) > 0 {
		return writtenSettings(schedule)
	}
	if text, known := defaultSettings.Load(schedule.JobType); known {
		return fullSettings{text.(json.RawMessage)} //nolint:forcetypeassert // nothing else is stored
	}
	written := writtenSettings(schedule)
	defaultSettings.Store(schedule.JobType, written.RawMessage)
	return written
}

// defaultSettings are the written defaults of each job type: hardly any schedule of a long list has others.
var defaultSettings sync.Map

func writtenSettings(schedule scrape.Schedule) fullSettings {
	job, err := jobs.Find(schedule.JobType)
	if err == nil {
		if settings, err := job.ParseSettings(schedule.Settings); err == nil {
			if text, err := writeSettings(settings); err == nil {
				return fullSettings{text}
			}
		}
	}
	if len(schedule.Settings) == 0 {
		return fullSettings{json.RawMessage("{}")}
	}
	return fullSettings{schedule.Settings}
}

// writeSettings writes settings of one's own as their schema says: a list or map that holds nothing is empty, never null.
func writeSettings(settings jobs.Settings) ([]byte, error) {
	fields := reflect.ValueOf(settings).Elem()
	for i := range fields.NumField() {
		switch field := fields.Field(i); {
		case field.Kind() == reflect.Map && field.IsNil():
			field.Set(reflect.MakeMap(field.Type()))
		case field.Kind() == reflect.Slice && field.IsNil():
			field.Set(reflect.MakeSlice(field.Type(), 0, 0))
		}
	}
	return json.Marshal(settings)
}

// someSettings are settings as a request gives them. Package jobs checks them, since it knows the type.
type someSettings struct{ json.RawMessage }

// Schema implements huma.SchemaProvider.
func (someSettings) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// documentOf is the text of settings; nil for null and for those that are not given.
func documentOf(settings Optional[someSettings]) json.RawMessage {
	if settings.Value == nil {
		return nil
	}
	return settings.Value.RawMessage
}

// heldWord says in one word what keeps the slots of a schedule from running.
type heldWord string

// Schema implements huma.SchemaProvider.
func (heldWord) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: []any{string(scrape.OutcomeHeldCredentials)}}
}

// heldOf tells what keeps a schedule from running until its owner does something.
func heldOf(schedule scrape.Schedule) (Optional[heldWord], *string) {
	job, err := jobs.Find(schedule.JobType)
	if err != nil || !job.Portal {
		return Optional[heldWord]{}, nil
	}
	var reason string
	switch schedule.CredentialState {
	case scrape.CredentialUnverified, scrape.CredentialOK:
		return Optional[heldWord]{}, nil
	case scrape.CredentialRejected:
		reason = "WorkFossa has refused the stored credentials, so nothing runs. Save the right password in Settings, or sign in again with it."
	case scrape.CredentialLocked:
		reason = "WorkFossa says that the account is locked, so nothing runs. Have it unlocked there, then save the password in Settings once more."
	default:
		reason = "No WorkFossa credentials are stored, so nothing runs. Save them in Settings."
	}
	word := heldWord(scrape.OutcomeHeldCredentials)
	return Optional[heldWord]{Value: &word}, &reason
}
