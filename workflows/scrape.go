package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/scrape"
)

// ScrapeInput is what a Temporal Schedule, the API or a person with the CLI starts a scrape with.
type ScrapeInput struct {
	ScheduleID scrape.ScheduleID `json:"schedule_id"`
}

// ScrapeResult is what a scrape that ended by itself reports to Temporal. History proper is in Postgres.
type ScrapeResult struct {
	RunID   scrape.RunID   `json:"run_id"`
	Outcome scrape.Outcome `json:"outcome"`
	Counts  scrape.Counts  `json:"counts"`
}

// Scrape is one run of a schedule: begin, session, collect, apply, finish.
//
// It fails in Temporal's sense when the run's outcome is a failure, so that the Temporal UI tells good runs from bad ones; the
// outcome is the type of the error and the search attribute FossaworkOutcome.
func Scrape(ctx workflow.Context, in ScrapeInput) (ScrapeResult, error) {
	began, err := begin(ctx, in)
	if err == nil && began.Outcome != "" { // there is nothing to do, and the row says why
		return ScrapeResult{RunID: began.RunID, Outcome: began.Outcome}, upsertOutcome(ctx, began.Trigger, began.Outcome)
	}

	var applied activities.ApplyResult
	if err == nil {
		if err = upsertOutcome(ctx, began.Trigger, ""); err == nil {
			applied, err = run(ctx, began)
		}
	}
	end := scrape.RunEnd{Outcome: applied.Outcome, ErrorMessage: applied.Message}
	if err != nil {
		end = endOf(err)
	}

	// A cancelled run is recorded all the same.
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	if finishErr := finish(ctx, end); finishErr != nil {
		return ScrapeResult{}, finishErr
	}
	if attributeErr := upsertOutcome(ctx, began.Trigger, end.Outcome); attributeErr != nil {
		return ScrapeResult{}, attributeErr
	}
	return ScrapeResult{RunID: began.RunID, Outcome: end.Outcome, Counts: applied.Counts}, failureOf(end)
}

func begin(ctx workflow.Context, in ScrapeInput) (activities.BeginResult, error) {
	workflow.SetCurrentDetails(ctx, "Starting.")
	info := workflow.GetInfo(ctx)
	input := activities.BeginInput{ScheduleID: in.ScheduleID, StartedAt: info.WorkflowStartTime.UTC()}
	attributes := workflow.GetTypedSearchAttributes(ctx)
	if by, ok := attributes.GetKeyword(attributeScheduledByID); ok {
		input.FiredBy = by
	}
	if at, ok := attributes.GetTime(attributeScheduledStartTime); ok {
		input.NominalAt = at.UTC()
	}
	var began activities.BeginResult
	err := workflow.ExecuteActivity(withPolicy(ctx, "BeginRun"), (*activities.Recorder).BeginRun, input).Get(ctx, &began)
	return began, err
}

// run does the work between the opening of the row and its closing.
func run(ctx workflow.Context, began activities.BeginResult) (activities.ApplyResult, error) {
	if began.RefusedKind != "" { // a login that the portal has refused is never tried again by itself
		return activities.ApplyResult{}, temporal.NewNonRetryableApplicationError(began.RefusedMessage, string(began.RefusedKind), nil)
	}
	session := began.SessionVersion
	if session == 0 {
		var err error
		if session, err = login(ctx, began, 0); err != nil {
			return activities.ApplyResult{}, err
		}
	}
	collected, err := collect(ctx, began)
	if kindOf(err) == scrape.KindSessionExpired { // once: a session that dies again right after a login is an outcome
		if _, err = login(ctx, began, session); err == nil {
			collected, err = collect(ctx, began)
		}
	}
	if err != nil {
		return activities.ApplyResult{}, err
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("Read %d work orders on %d pages. Saving.", collected.Orders, collected.Pages))
	var applied activities.ApplyResult
	err = workflow.ExecuteActivity(withPolicy(ctx, "ApplyWorkOrders"), (*activities.Recorder).ApplyWorkOrders,
		activities.ApplyInput{RunID: began.RunID}).Get(ctx, &applied)
	if err == nil {
		c := applied.Counts
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("%s: %d read, %d added, %d updated, %d unchanged, %d removed. %s",
			applied.Outcome, c.Processed, c.Added, c.Updated, c.Unchanged, c.Removed, applied.Message))
	}
	return applied, err
}

func login(ctx workflow.Context, began activities.BeginResult, stale int64) (int64, error) {
	workflow.SetCurrentDetails(ctx, "Signing in to the portal.")
	var result activities.LoginResult
	err := workflow.ExecuteActivity(withPolicy(ctx, "Login"), (*activities.Portal).Login, activities.LoginInput{
		RunID: began.RunID, CredentialID: began.CredentialID, StaleSession: stale,
	}).Get(ctx, &result)
	return result.SessionVersion, err
}

func collect(ctx workflow.Context, began activities.BeginResult) (activities.CollectResult, error) {
	workflow.SetCurrentDetails(ctx, "Reading the work orders.")
	var result activities.CollectResult
	err := workflow.ExecuteActivity(withPolicy(ctx, "CollectWorkOrders"), (*activities.Portal).CollectWorkOrders,
		activities.CollectInput{RunID: began.RunID, CredentialID: began.CredentialID}).Get(ctx, &result)
	return result, err
}

func finish(ctx workflow.Context, end scrape.RunEnd) error {
	input := activities.FinishInput{Outcome: end.Outcome, Message: end.ErrorMessage, Detail: end.ErrorDetail, At: workflow.Now(ctx).UTC()}
	return workflow.ExecuteActivity(withPolicy(ctx, "FinishRun"), (*activities.Recorder).FinishRun, input).Get(ctx, nil)
}

func upsertOutcome(ctx workflow.Context, trigger scrape.Trigger, outcome scrape.Outcome) error {
	var updates []temporal.SearchAttributeUpdate
	if trigger != "" {
		updates = append(updates, AttributeTrigger.ValueSet(string(trigger)))
	}
	if outcome != "" {
		updates = append(updates, AttributeOutcome.ValueSet(string(outcome)))
	}
	if len(updates) == 0 {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}
