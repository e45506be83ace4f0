package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/scrape"
)

// retryable decides, for the whole product, whether a step that failed so is tried again as it is.
func retryable(kind scrape.Kind) bool {
	switch kind {
	case scrape.KindPortalThrottled, scrape.KindPortalDown, scrape.KindUnavailable, scrape.KindInternal:
		return true
	case scrape.KindInvalid, scrape.KindUnauthenticated, scrape.KindDenied, scrape.KindNotFound, scrape.KindConflict, scrape.KindStale,
		scrape.KindCredentialsRejected, scrape.KindAccountLocked, scrape.KindSessionExpired, scrape.KindLayoutChanged:
		return false
	}
	return false
}

// fail turns an error into what Temporal records: the kind as type, the sentence as message, and whether to try again.
func fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-activity.GetWorkerStopChannel(ctx): // not the user's cancel: another worker is to take over
		return temporal.NewApplicationError("The worker was stopped in the middle of this step.", string(scrape.KindUnavailable))
	default:
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return ctx.Err()
	}
	kind := scrape.KindOf(err)
	var e *scrape.Error
	turn := errors.As(err, &e) && kind == scrape.KindUnavailable && e.RetryAfter > 0 // waiting for its turn
	if log := activity.GetLogger(ctx); turn {
		log.Debug("step waits", "error", err.Error())
	} else {
		log.Warn("step failed", "kind", string(kind), "error", err.Error())
	}
	options := temporal.ApplicationErrorOptions{NonRetryable: !retryable(kind) || errors.Is(err, errLeftAlone)}
	if turn || kind.AboutPortal() { // not ours: an outcome to tell the user, no error to wake somebody for
		options.Category = temporal.ApplicationErrorCategoryBenign
	}
	if e != nil {
		options.NextRetryDelay = e.RetryAfter
		// Causes of errors about the portal were written for people who look after the scraper (a selector, a network error) and may be
		// shown; those of other errors stay in the logs.
		if e.Err != nil && kind.AboutPortal() {
			options.Cause = errors.New(e.Err.Error()) // its text alone: types of other packages mean nothing to Temporal
		}
	}
	return temporal.NewApplicationErrorWithOptions(scrape.MessageOf(err), string(kind), options)
}
