package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
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

// Scrape is one run of a schedule: begin, the steps of its job, finish.
//
// It fails in Temporal's sense when the run's outcome is a failure, so that the Temporal UI tells good runs from bad ones; the
// outcome is the type of the error and the search attribute FossaworkOutcome.
func Scrape(ctx workflow.Context, in ScrapeInput) (ScrapeResult, error) {
	began, err := begin(ctx, in)
	if err == nil && began.Outcome != "" { // there is nothing to do, and the row says why
		return ScrapeResult{RunID: began.RunID, Outcome: began.Outcome}, upsertOutcome(ctx, began.Trigger, began.Outcome)
	}

	var result jobs.Result
	if err == nil {
		if err = upsertOutcome(ctx, began.Trigger, ""); err == nil {
			result, err = run(ctx, in, began)
		}
	}
	if workflow.IsContinueAsNewError(err) { // everything that was done so far is in Postgres, and is found there
		return ScrapeResult{}, err
	}
	end := scrape.RunEnd{Outcome: result.Outcome, ErrorMessage: result.Message}
	switch {
	case err != nil && ctx.Err() != nil: // a step that fails while it is being cancelled says why it failed, not that it was cancelled
		end = endOf(ctx.Err())
	case err != nil:
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
	return ScrapeResult{RunID: began.RunID, Outcome: end.Outcome, Counts: result.Counts}, failureOf(end)
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
	if len(began.Steps) == 0 { // recorded before runs carried their steps
		began.Steps = []activities.StepRef{{Name: "CollectWorkOrders", At: jobs.AtPortal}, {Name: "ApplyWorkOrders", At: jobs.AtStore}}
	}
	return began, err
}

// run does the work between the opening of the row and its closing: the steps, one after the other.
func run(ctx workflow.Context, in ScrapeInput, began activities.BeginResult) (jobs.Result, error) {
	if began.RefusedKind != "" { // a login that the portal has refused is never tried again by itself
		return jobs.Result{}, temporal.NewNonRetryableApplicationError(began.RefusedMessage, string(began.RefusedKind), nil)
	}
	ctx = withPriority(ctx, began)
	v := &visitor{in: in, began: began, session: began.SessionVersion}
	for _, step := range began.Steps {
		result, err := v.do(ctx, step)
		if err != nil || result.Outcome != "" {
			return result, err
		}
	}
	return jobs.Result{Outcome: scrape.OutcomeSuccess}, nil
}

// visitor takes the steps of one run to the portal and signs in when the portal wants it.
type visitor struct {
	in      ScrapeInput
	began   activities.BeginResult
	session int64
	expired int // how often in a row the portal has shown its login form although this run had signed in
	taken   int // how often the session of another run was taken instead of signing in
}

// do carries out a step, again and again while it says that there is more.
func (v *visitor) do(ctx workflow.Context, step activities.StepRef) (jobs.Result, error) {
	for {
		if step.At == jobs.AtPortal && v.session == 0 {
			if err := v.login(ctx); err != nil {
				return jobs.Result{}, err
			}
		}
		var result jobs.Result
		err := workflow.ExecuteActivity(withStep(ctx, step), step.Name, activities.StepInput{
			RunID: v.began.RunID, CredentialID: v.began.CredentialID,
		}).Get(ctx, &result)
		switch {
		case kindOf(err) == scrape.KindSessionExpired && v.expired == 0:
			v.expired++
			if err := v.loginAgain(ctx, expiredSession(err, v.session)); err != nil {
				return jobs.Result{}, err
			}
			continue
		case err != nil: // a session that dies again right after a login is an outcome
			return jobs.Result{}, err
		}
		if result.Details != "" {
			workflow.SetCurrentDetails(ctx, result.Details)
		}
		v.expired = 0
		switch {
		case !result.More:
			return result, nil
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return jobs.Result{}, workflow.NewContinueAsNewError(ctx, ScrapeType, v.in)
		case result.SignIn:
			if err := v.loginAgain(ctx, result.Session); err != nil {
				return jobs.Result{}, err
			}
		}
	}
}

func (v *visitor) loginAgain(ctx workflow.Context, stale int64) error {
	v.session = stale
	return v.login(ctx)
}

func (v *visitor) login(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, "Signing in to the portal.")
	var result activities.LoginResult
	err := workflow.ExecuteActivity(withPolicy(ctx, "Login"), (*activities.Portal).Login, activities.LoginInput{
		RunID: v.began.RunID, CredentialID: v.began.CredentialID, StaleSession: v.session,
	}).Get(ctx, &result)
	v.session = result.SessionVersion
	if result.Taken && v.taken < 3 { // another run's session: if that has expired too, signing in has not been tried yet
		v.taken++
		v.expired = 0
	}
	return err
}

// expiredSession is the version of the session that the portal no longer accepts, as far as the error tells.
func expiredSession(err error, known int64) int64 {
	var application *temporal.ApplicationError
	var details activities.ExpiredDetails
	if errors.As(err, &application) && application.HasDetails() && application.Details(&details) == nil {
		return details.SessionVersion
	}
	return known
}

func finish(ctx workflow.Context, end scrape.RunEnd) error {
	input := activities.FinishInput{Outcome: end.Outcome, Message: end.ErrorMessage, Detail: end.ErrorDetail, At: workflow.Now(ctx).UTC()}
	if err := workflow.ExecuteActivity(withPolicy(ctx, "FinishRun"), (*activities.Recorder).FinishRun, input).Get(ctx, nil); err != nil {
		return err
	}
	noteLateEnd(ctx, input.At)
	return nil
}

// lateEnd is how much later than its row a workflow must end to be worth noting; the ledger allows for a little more than that.
const lateEnd = time.Second

// noteLateEnd notes how long a workflow has outlived its row, as when the worker died between the two: Temporal has skipped the slots in
// between. The run has ended whether that works or not.
func noteLateEnd(ctx workflow.Context, ended time.Time) {
	now := workflow.Now(ctx).UTC()
	if now.Sub(ended) <= lateEnd || workflow.GetVersion(ctx, changeLateEnd, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	input := activities.LateEndInput{OpenUntil: now}
	if err := workflow.ExecuteActivity(withPolicy(ctx, "NoteLateEnd"), (*activities.Recorder).NoteLateEnd, input).Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Warn("late end not noted", "error", err.Error())
	}
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
