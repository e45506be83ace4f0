package workflows

import (
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/scrape"
)

// endOf is the one place that decides how a run ends that an error has stopped.
func endOf(err error) scrape.RunEnd {
	var application *temporal.ApplicationError
	var timeout *temporal.TimeoutError
	switch {
	case temporal.IsCanceledError(err):
		return scrape.RunEnd{Outcome: scrape.OutcomeCancelled, ErrorMessage: "The run was cancelled."}
	case errors.As(err, &application):
		kind := scrape.Kind(application.Type())
		return scrape.RunEnd{Outcome: scrape.OutcomeOf(kind), ErrorMessage: application.Message(), ErrorDetail: causesOf(application)}
	case errors.As(err, &timeout) && timeout.TimeoutType() == enumspb.TIMEOUT_TYPE_HEARTBEAT:
		return scrape.RunEnd{
			Outcome: scrape.OutcomeWorkerLost, ErrorMessage: "The worker that did this run stopped answering.",
			ErrorDetail: err.Error(),
		}
	case errors.As(err, &timeout):
		return scrape.RunEnd{
			Outcome: scrape.OutcomeTimedOut, ErrorMessage: "The run took longer than it may and was stopped.",
			ErrorDetail: err.Error(),
		}
	default:
		return scrape.RunEnd{Outcome: scrape.OutcomeInternalError, ErrorMessage: scrape.MessageOf(nil), ErrorDetail: err.Error()}
	}
}

// causesOf is the chain of causes below an application error, one a line.
func causesOf(err error) string {
	text := ""
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		if text != "" {
			text += "\n"
		}
		text += cause.Error()
	}
	return text
}

// kindOf is the kind of the error that ended an activity; empty for none and for errors without a kind.
func kindOf(err error) scrape.Kind {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return scrape.Kind(application.Type())
	}
	return ""
}

// failureOf is the error with which a workflow ends: none for a run that brought data or was held for a person.
func failureOf(end scrape.RunEnd) error {
	switch {
	case end.Outcome.Succeeded() || end.Outcome == scrape.OutcomeHeld || !end.Outcome.Ran():
		return nil
	case end.Outcome == scrape.OutcomeCancelled:
		return temporal.NewCanceledError(end.ErrorMessage)
	default:
		return temporal.NewNonRetryableApplicationError(end.ErrorMessage, string(end.Outcome), nil)
	}
}
