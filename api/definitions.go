package api

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

// Definitions is what the API asks of schedules as documents.
type Definitions interface {
	Export(ctx context.Context, user scrape.UserID) ([]schedules.Definition, error)
	Apply(ctx context.Context, user scrape.UserID, entries []schedules.Entry, options schedules.ApplyOptions) ([]schedules.Applied, error)
}

const (
	typeJSON = "application/json"
	typeYAML = "application/yaml"
)

// What is read of a document: as much as of every other body.
const (
	documentBytes = 1 << 20
	documentTime  = 5 * time.Second
)

type exportInput struct {
	Accept string `header:"Accept" doc:"application/json for JSON; else the answer is YAML."`
}

// file is an answer that is not always JSON.
type file struct {
	ContentType string `header:"Content-Type"`
	Vary        string `header:"Vary"`
	Body        []byte
}

type applyInput struct {
	DryRun      bool   `query:"dry_run" doc:"Only tell what would be done."`
	Prune       bool   `query:"prune" doc:"Also delete your schedules that the document does not name; not when a part of it is refused."`
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte
}

type applyAnswer struct {
	DryRun    bool          `json:"dry_run" doc:"Nothing was done; the results are what would be."`
	Created   int           `json:"created" example:"1"`
	Changed   int           `json:"changed" example:"1"`
	Unchanged int           `json:"unchanged" example:"3"`
	Deleted   int           `json:"deleted" example:"0"`
	Refused   int           `json:"refused" example:"0"`
	Items     []appliedItem `json:"items" doc:"The schedules of the document in its order, then those that it does not name, with prune."`
}

type appliedItem struct {
	ID           *int64               `json:"id" doc:"Null for one that is not there." example:"7"`
	ScheduleType string               `json:"schedule_type" example:"work_orders"`
	Name         string               `json:"name" example:"work_orders"`
	Result       string               `json:"result" enum:"created,changed,unchanged,deleted,refused"`
	Fields       []scrape.FieldChange `json:"fields" doc:"What is different, for changed ones."`
	Message      *string              `json:"message" doc:"Why it was refused, or what else there is to know; null when there is nothing to say."`
}

// definition is a schedule of a document, for the description of the API; schedules.Definition is what reads and writes it.
type definition struct {
	ScheduleType  jobType        `json:"schedule_type"`
	Name          string         `json:"name,omitempty" doc:"With the type it says which schedule is meant; left out: the type."`
	Enabled       bool           `json:"enabled,omitempty" doc:"Left out: true for a new one, else as it is."`
	PauseReason   string         `json:"pause_reason,omitempty" doc:"Left out: as it is."`
	IntervalHours float64        `json:"interval_hours,omitempty" doc:"Left out, without cron: 1."`
	Cron          []string       `json:"cron,omitempty"`
	Timezone      string         `json:"timezone,omitempty"`
	ActiveHours   Hours          `json:"active_hours,omitempty"`
	ActiveDays    []int          `json:"active_days,omitempty"`
	SkipDates     []string       `json:"skip_dates,omitempty"`
	StartsAt      string         `json:"starts_at,omitempty"`
	EndsAt        string         `json:"ends_at,omitempty"`
	OffsetSeconds int            `json:"offset_seconds,omitempty" doc:"Left out: chosen by a stable hash."`
	DSTPolicy     string         `json:"dst_policy,omitempty" enum:"twice,once"`
	Catchup       string         `json:"catchup,omitempty" enum:"none,last,all"`
	Overlap       string         `json:"overlap,omitempty" enum:"skip,buffer_one"`
	MaxAgeHours   float64        `json:"max_age_hours,omitempty"`
	Settings      map[string]any `json:"settings,omitempty" doc:"Settings of the job type; what is left out is the default."`
}

type definitionList struct {
	Schedules []definition `json:"schedules"`
}

func (e *edge) registerDefinitions() {
	document := e.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[definitionList](), true, "DefinitionList")
	content := map[string]*huma.MediaType{typeJSON: {Schema: document}, typeYAML: {Schema: document}}
	handle(e, protected(huma.Operation{
		OperationID: "export-schedules", Method: http.MethodGet, Path: schedulesPath + "/export", Tags: []string{tagSchedules},
		Summary: "Get your schedules as a document", Responses: map[string]*huma.Response{"200": {Description: "The document.", Content: content}},
		Description: "All of your schedules by type and name, as YAML, or as JSON when Accept says so. What is the default is left out. " +
			"Applying the document changes nothing.",
	}), e.exportSchedules)
	handle(e, protected(huma.Operation{
		OperationID: "apply-schedules", Method: http.MethodPost, Path: schedulesPath + "/apply", Tags: []string{tagSchedules},
		Summary: "Make your schedules what a document says", Metadata: map[string]any{slow: true},
		SkipValidateBody: true, MaxBodyBytes: documentBytes, BodyReadTimeout: documentTime,
		Errors: []int{
			http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity,
		},
		Description: "Schedules are told apart by schedule_type and name. What a schedule in the document leaves out is the default, but for enabled and " +
			"pause_reason, which stay as they are. Each is applied by itself, and one that is refused keeps no other: the answer is 200 with a result for each. " +
			"Done again it changes nothing. 422: it is no such document, or has more than 1,000 schedules.",
	}), e.applySchedules)
	// Set behind Huma's back, which knows no YAML and would refuse it.
	e.api.OpenAPI().Paths[schedulesPath+"/apply"].Post.RequestBody = &huma.RequestBody{Required: true, Content: content}
}

func (e *edge) exportSchedules(ctx context.Context, in *exportInput) (*file, error) {
	definitions, err := e.Definitions.Export(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	document := schedules.Document{Schedules: listOf(definitions)}
	if wantsJSON(in.Accept) {
		text, err := json.Marshal(document)
		return &file{ContentType: typeJSON, Vary: "Accept", Body: text}, err
	}
	text, err := document.YAML()
	return &file{ContentType: typeYAML, Vary: "Accept", Body: text}, err
}

// wantsJSON tells whether JSON is named, and before any YAML; browsers and curl take everything and get YAML.
func wantsJSON(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, err := mime.ParseMediaType(part)
		if err == nil && isYAML(kind) {
			return false
		}
		if err == nil && kind == typeJSON {
			return true
		}
	}
	return false
}

func isYAML(kind string) bool {
	return kind == typeYAML || kind == "application/x-yaml" || kind == "text/yaml" || kind == "text/x-yaml"
}

func (e *edge) applySchedules(ctx context.Context, in *applyInput) (*body[applyAnswer], error) {
	entries, err := readDocument(in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	results, err := e.Definitions.Apply(ctx, caller(ctx).ID, entries, schedules.ApplyOptions{DryRun: in.DryRun, Prune: in.Prune})
	if err != nil {
		return nil, err
	}
	out := applyAnswer{DryRun: in.DryRun, Items: make([]appliedItem, 0, len(results))}
	counts := map[schedules.Result]*int{
		schedules.ResultCreated: &out.Created, schedules.ResultChanged: &out.Changed, schedules.ResultUnchanged: &out.Unchanged,
		schedules.ResultDeleted: &out.Deleted, schedules.ResultRefused: &out.Refused,
	}
	for _, result := range results {
		*counts[result.Result]++
		out.Items = append(out.Items, appliedItem{
			ID: numberOrNil(int64(result.ID)), ScheduleType: string(result.JobType), Name: result.Name, Result: string(result.Result),
			Fields: listOf(result.Fields), Message: textOrNil(result.Message),
		})
	}
	return reply(out), nil
}

// readDocument reads YAML, or JSON when it is called so. A body that is called nothing is taken for YAML, of which JSON is nearly a part.
func readDocument(contentType string, text []byte) ([]schedules.Entry, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case contentType == "", err == nil && (isYAML(kind) || kind == "text/plain"):
		return schedules.ReadYAML(text)
	case err == nil && kind == typeJSON:
		if !json.Valid(text) {
			return nil, requestProblem(http.StatusBadRequest, "", nil)
		}
		return schedules.ReadJSON(text)
	}
	return nil, newProblem(http.StatusUnsupportedMediaType, string(scrape.KindInvalid),
		"The document must be YAML or JSON, with the header Content-Type: application/yaml or application/json.")
}
