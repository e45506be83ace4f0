package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// runSteps is what Temporal knows of a run's steps.
type runSteps struct {
	Known       bool      `json:"known" doc:"False when Temporal knows nothing of the run: see message."`
	Message     *string   `json:"message" doc:"Why nothing is known, or that some steps are not shown, as a sentence; else null."`
	TemporalURL *string   `json:"temporal_url" doc:"The run in the Temporal UI; null when no address of one is set, and when Temporal knows nothing of the run."`
	Steps       []runStep `json:"steps" doc:"In the order in which they were asked for, at most 200; the newest ones when there were more. A step that is done in batches is there once for each."`
}

type runStep struct {
	Name        string     `json:"name" doc:"The activity in Temporal." example:"Login"`
	Title       string     `json:"title" doc:"The same for people." example:"Sign in to WorkFossa"`
	State       stepState  `json:"state" doc:"waiting: for a worker, or for its next attempt."`
	Attempts    int        `json:"attempts" doc:"Which attempt it is at, or how many it took; 0 before the first." example:"1"`
	ScheduledAt time.Time  `json:"scheduled_at" doc:"When the run asked for it." example:"2030-01-02T13:30:00.01Z"`
	StartedAt   *time.Time `json:"started_at" doc:"When the newest attempt began; null before the first." example:"2030-01-02T13:30:00.21Z"`
	EndedAt     *time.Time `json:"ended_at" doc:"Null until it is over." example:"2030-01-02T13:30:06.21Z"`
	Seconds     *float64   `json:"seconds" doc:"From scheduled_at to its end, waits and further attempts included; null until it is over." example:"6.2"`
	Failure     *string    `json:"failure" doc:"Why the newest attempt that failed did, as a sentence; null when none failed."`
	RetryAt     *time.Time `json:"retry_at" doc:"When it is tried again; null when it is not waiting for that."`
}

// stepState is where a step is.
type stepState string

// Schema implements huma.SchemaProvider.
func (stepState) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Examples: []any{string(scrape.StepCompleted)}}
	for _, state := range scrape.StepStates() {
		schema.Enum = append(schema.Enum, string(state))
	}
	return schema
}

func (e *edge) registerSteps() {
	handle(e, protected(huma.Operation{
		OperationID: "list-run-steps", Method: http.MethodGet, Path: runsPath + "/{id}/steps", Tags: []string{tagHistory},
		Summary: "The steps of a run", Description: "What each step did and how long it took, from the workflow's history in Temporal, which is kept for " +
			"some days. The row of the history stays.",
		Errors: []int{http.StatusNotFound},
	}), e.runSteps)
}

func (e *edge) runSteps(ctx context.Context, in *RunParam) (*body[runSteps], error) {
	found, err := e.Runs.Steps(ctx, caller(ctx).ID, scrape.RunID(in.ID))
	if err != nil {
		return nil, err
	}
	out := runSteps{Known: found.Known, Message: textOrNil(found.Message), Steps: make([]runStep, 0, len(found.Steps))}
	if found.Known {
		out.TemporalURL = e.Links.workflow(found.WorkflowID)
	}
	for _, step := range found.Steps {
		out.Steps = append(out.Steps, stepOf(step))
	}
	return reply(out), nil
}

func stepOf(step scrape.Step) runStep {
	out := runStep{
		Name: step.Name, Title: stepTitle(step.Name), State: stepState(step.State), Attempts: step.Attempts, ScheduledAt: utc(step.ScheduledAt),
		StartedAt: utcOrNil(step.StartedAt), EndedAt: utcOrNil(step.EndedAt), Failure: textOrNil(step.Failure), RetryAt: utcOrNil(step.RetryAt),
	}
	if step.EndedAt != nil {
		seconds := step.EndedAt.Sub(step.ScheduledAt).Seconds()
		out.Seconds = &seconds
	}
	return out
}

// stepTitles are those of the steps that every run has.
var stepTitles = map[string]string{"BeginRun": "Start", "Login": "Sign in to WorkFossa", "FinishRun": "Record the result"}

// stepTitle is the name of a step for people. A step of a job is called what its name says: CollectWorkOrders is "Collect work orders".
func stepTitle(name string) string {
	if title, known := stepTitles[name]; known {
		return title
	}
	var title strings.Builder
	for i, letter := range name {
		if i > 0 && unicode.IsUpper(letter) {
			title.WriteByte(' ')
			letter = unicode.ToLower(letter)
		}
		title.WriteRune(letter)
	}
	return title.String()
}
