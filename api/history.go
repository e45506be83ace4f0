package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// Runs is what the API asks of runs.
type Runs interface {
	History(ctx context.Context, schedule scrape.Schedule, limit int) ([]scrape.Run, error)
	LatestOfUser(ctx context.Context, user scrape.UserID, job scrape.JobType) (scrape.Run, bool, error)
	Latest(ctx context.Context, id scrape.ScheduleID) (scrape.Run, bool, error)
	Get(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error)
	Accept(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error)
	// WouldAccept tells what Accept would change, and changes nothing.
	WouldAccept(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Effect, error)
	Discard(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error)
	Delete(ctx context.Context, user scrape.UserID, id scrape.RunID) error
	DeleteAll(ctx context.Context, user scrape.UserID, job scrape.JobType) (int, error)
	// Cancel asks for the end of a run that is going; conflict when it has ended.
	Cancel(ctx context.Context, user scrape.User, run scrape.RunID) (scrape.Run, error)
	// Changes lists what a run did, oldest first, behind the cursor after; the new cursor is 0 at the end.
	Changes(ctx context.Context, user scrape.UserID, run scrape.RunID, after int64, limit int) ([]scrape.Change, int64, error)
	// ItemChanges lists what all runs did to one thing, newest first.
	ItemChanges(ctx context.Context, user scrape.UserID, item, key string, limit int) ([]scrape.Change, error)
	Sites(ctx context.Context, user scrape.UserID, run scrape.RunID) ([]scrape.SiteRun, error)
	// LatestSite is the newest run that deals with a location, and what it made of it.
	LatestSite(ctx context.Context, user scrape.UserID, location string) (scrape.Run, scrape.SiteRun, bool, error)
	Attempts(ctx context.Context, user scrape.UserID, run scrape.RunID) ([]scrape.Attempt, error)
	EvidenceFiles(ctx context.Context, user scrape.UserID, run scrape.RunID) ([]scrape.EvidenceFile, error)
	EvidenceFile(ctx context.Context, user scrape.UserID, run scrape.RunID, name string) (scrape.EvidenceFile, error)
	RunLists
}

// run is the old contract's history row; what is new stands behind trigger_type.
type run struct {
	ID              int64                  `json:"id" doc:"0 while Temporal has started it and no worker has begun it." example:"501"`
	UserID          string                 `json:"user_id" example:"0123456789abcdef0123456789abcdef"`
	ScheduleType    jobType                `json:"schedule_type"`
	StartedAt       time.Time              `json:"started_at" example:"2030-01-02T13:30:00.01Z"`
	CompletedAt     *time.Time             `json:"completed_at" doc:"Null while running." example:"2030-01-02T13:30:41.12Z"`
	Success         bool                   `json:"success" doc:"Data was stored: outcome success or partial. False while running."`
	ItemsProcessed  int                    `json:"items_processed" doc:"Work orders or dispensers read from the portal, or items computed." example:"120"`
	ItemsAdded      int                    `json:"items_added" example:"2"`
	ItemsUpdated    int                    `json:"items_updated" example:"5"`
	ItemsFailed     int                    `json:"items_failed" doc:"Of these, how many could not be read." example:"0"`
	ErrorMessage    *string                `json:"error_message" doc:"Why it failed, or what is missing, as a sentence."`
	ErrorDetails    Optional[errorDetails] `json:"error_details" doc:"Null without an error log."`
	HasErrorLog     bool                   `json:"has_error_log" doc:"The error log has more to say."`
	DurationSeconds *float64               `json:"duration_seconds" doc:"Null while running." example:"41.11"`
	MemoryUsageMB   *float64               `json:"memory_usage_mb" doc:"Not measured; always null."`
	Metadata        Optional[runMetadata]  `json:"metadata" doc:"Always null, as it was."`
	TriggerType     string                 `json:"trigger_type" enum:"scheduled,manual,backfill" doc:"What started it."`

	Outcome        Optional[outcome]  `json:"outcome" doc:"How it ended, in one word; null while running."`
	ItemsUnchanged int                `json:"items_unchanged" example:"113"`
	ItemsRemoved   int                `json:"items_removed" doc:"Work orders or dispensers that the portal no longer lists." example:"0"`
	ScheduleID     *int64             `json:"schedule_id" doc:"Null for runs from before schedules were recorded with them." example:"7"`
	NominalAt      time.Time          `json:"nominal_at" doc:"When it was due." example:"2030-01-02T13:30:00Z"`
	WorkflowID     *string            `json:"workflow_id" doc:"The run in the Temporal UI; null for runs of the old scheduler." example:"scrape-7-2030-01-02T13:30:00Z"`
	RequestedBy    *string            `json:"requested_by" doc:"User who asked for it, for manual runs through the API."`
	Decision       Optional[decision] `json:"decision" doc:"What a person has decided about a held result; null when nothing was."`

	Options           runOptions `json:"options"`
	CancelRequestedBy *string    `json:"cancel_requested_by" doc:"E-mail address of the person who asked for its end; null when nobody did." example:"tech@example.com"`
	CancelRequestedAt *time.Time `json:"cancel_requested_at" doc:"When its end was asked for; the run says cancelled once it has really ended."`
}

// runOptions is what was asked of one run beside its schedule's settings.
type runOptions struct {
	Force        bool     `json:"force" doc:"It reads again what is fresh."`
	WorkOrderIDs []string `json:"work_order_ids" doc:"It reads for these work orders only; empty: for all."`
	AnyService   bool     `json:"any_service" doc:"It also reads for work orders whose service does not ask for the data."`
}

// outcome is how a run ended.
type outcome string

// Schema implements huma.SchemaProvider.
func (outcome) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Examples: []any{string(scrape.OutcomeSuccess)}}
	for _, word := range scrape.Outcomes() {
		schema.Enum = append(schema.Enum, string(word))
	}
	return schema
}

func outcomeOrNil(word scrape.Outcome) Optional[outcome] {
	if word == "" {
		return Optional[outcome]{}
	}
	text := outcome(word)
	return Optional[outcome]{Value: &text}
}

// decision is a person's word about a held result.
type decision string

// Schema implements huma.SchemaProvider.
func (decision) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: []any{string(scrape.DecisionAccepted), string(scrape.DecisionDiscarded)}}
}

func decisionOrNil(word scrape.Decision) Optional[decision] {
	if word == "" {
		return Optional[decision]{}
	}
	text := decision(word)
	return Optional[decision]{Value: &text}
}

type errorDetails struct {
	Outcome   outcome `json:"outcome"`
	Reference string  `json:"reference" doc:"What to look for in the logs: the Temporal workflow id."`
}

// runMetadata is the old contract's free object, never filled.
type runMetadata map[string]any

func runOf(r scrape.Run) run {
	out := run{
		ID: int64(r.ID), UserID: string(r.UserID), ScheduleType: jobType(r.JobType), StartedAt: utc(r.StartedAt), CompletedAt: utcOrNil(r.CompletedAt),
		Success: r.Outcome.Succeeded(), ItemsProcessed: r.Counts.Processed, ItemsAdded: r.Counts.Added, ItemsUpdated: r.Counts.Updated,
		ItemsFailed: r.Counts.Failed, ErrorMessage: textOrNil(r.ErrorMessage), TriggerType: string(r.Trigger),
		Outcome: outcomeOrNil(r.Outcome), ItemsUnchanged: r.Counts.Unchanged, ItemsRemoved: r.Counts.Removed,
		NominalAt: utc(r.NominalAt), WorkflowID: textOrNil(r.WorkflowID), RequestedBy: textOrNil(r.RequestedBy), Decision: decisionOrNil(r.Decision),
		Options: runOptions{Force: r.Options.Force, WorkOrderIDs: listOf(r.Options.WorkOrders), AnyService: r.Options.AnyService},
	}
	if r.Cancel != nil {
		out.CancelRequestedBy, out.CancelRequestedAt = textOrNil(r.Cancel.By), utcOrNil(&r.Cancel.At)
	}
	if r.ScheduleID != 0 {
		id := int64(r.ScheduleID)
		out.ScheduleID = &id
	}
	if !r.Running() {
		seconds := r.Duration().Seconds()
		out.DurationSeconds = &seconds
	}
	if out.HasErrorLog = hasErrorLog(r); out.HasErrorLog {
		out.ErrorDetails.Value = &errorDetails{Outcome: outcome(r.Outcome), Reference: r.WorkflowID}
	}
	return out
}

// hasErrorLog tells whether there is more to say about a run than its counts.
func hasErrorLog(r scrape.Run) bool {
	return !r.Running() && (r.ErrorMessage != "" || r.Outcome == scrape.OutcomeHeld)
}

// listOf is never nil, so that it is written as [].
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

type historyInput struct {
	ScheduleParam
	Limit int `query:"limit" default:"10" minimum:"1" maximum:"100" doc:"Most rows."`
}

type historyRowInput struct {
	ScheduleParam
	HistoryID int64 `path:"history_id" doc:"Id of a run." example:"501"`
}

type historyIDInput struct {
	HistoryID int64 `path:"history_id" doc:"Id of a run." example:"501"`
}

type deletedHistory struct {
	Success   bool      `json:"success"`
	Message   string    `json:"message"`
	Timestamp time.Time `json:"timestamp"`
	Deleted   int       `json:"deleted"`
}

func (e *edge) registerHistory() {
	operation := func(id, method, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: schedulesPath + path, Tags: []string{tagHistory},
			Summary: summary, Description: description, Errors: failures,
		})
	}
	handle(e, operation("list-history", http.MethodGet, "/{id}/history", "List runs",
		"Newest first. Holds all runs of the schedule's owner and type, also manual ones and those of deleted schedules. A run that is going has no completed_at.",
		http.StatusNotFound, http.StatusUnprocessableEntity), e.listHistory)
	handle(e, operation("delete-run", http.MethodDelete, "/history/{history_id}", "Delete a run from the history",
		"A run that is going cannot be deleted.", http.StatusNotFound, http.StatusConflict), e.deleteRun)
	handle(e, operation("delete-history", http.MethodDelete, "/history", "Delete your history",
		"All finished runs. Schedules and collected data stay."), e.deleteHistory)
}

func (e *edge) listHistory(ctx context.Context, in *historyInput) (*body[[]run], error) {
	schedule, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID))
	if err != nil {
		return nil, err
	}
	found, err := e.Runs.History(ctx, schedule, in.Limit)
	if err != nil {
		return nil, err
	}
	out := make([]run, 0, len(found))
	for _, r := range found {
		out = append(out, runOf(r))
	}
	return reply(out), nil
}

func (e *edge) deleteRun(ctx context.Context, in *historyIDInput) (*body[deletedHistory], error) {
	if err := e.Runs.Delete(ctx, caller(ctx).ID, scrape.RunID(in.HistoryID)); err != nil {
		return nil, err
	}
	return reply(deletedHistory{Success: true, Message: "History record deleted successfully", Timestamp: utc(e.now()), Deleted: 1}), nil
}

func (e *edge) deleteHistory(ctx context.Context, _ *struct{}) (*body[deletedHistory], error) {
	total := 0
	for _, job := range jobs.Types() {
		deleted, err := e.Runs.DeleteAll(ctx, caller(ctx).ID, job)
		if err != nil {
			return nil, err
		}
		total += deleted
	}
	return reply(deletedHistory{Success: true, Message: "History deleted successfully", Timestamp: utc(e.now()), Deleted: total}), nil
}
