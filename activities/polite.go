package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/fossawork/scheduler/scrape"
)

const (
	// shortestPause is how long a login stays away from a portal that asks to slow down without saying for how long. It doubles with each
	// attempt, up to longestPause.
	shortestPause = 15 * time.Second
	longestPause  = 10 * time.Minute
	// busyWait is when a step that found no place at the portal asks again.
	busyWait = time.Second
)

// after gives an error the least time until the next attempt.
func after(err *scrape.Error, wait time.Duration) *scrape.Error {
	err.RetryAfter = wait
	return err
}

// errPaused is the cause of errors of steps that left the portal alone because it had asked for that.
var errPaused = errors.New("the pause is not over")

// paused refuses a step while the portal has asked to be left alone.
func paused(ctx context.Context, vault Vault, id scrape.CredentialID) error {
	wait, err := vault.Paused(ctx, id)
	if err != nil {
		return fmt.Errorf("read pause: %w", err)
	}
	if wait <= 0 {
		return nil
	}
	wait = wait.Truncate(time.Second) + time.Second
	return after(scrape.Errorf(scrape.KindPortalThrottled, "The portal has asked to slow down. Waiting %s.", wait).Because(errPaused), wait)
}

// throttled keeps the portal's wish to be left alone, so that no step of any run comes back earlier. What the portal says is a floor:
// repeated refusals wait longer.
func throttled(ctx context.Context, vault Vault, id scrape.CredentialID, err error) error {
	var e *scrape.Error
	if !errors.As(err, &e) || e.Kind != scrape.KindPortalThrottled {
		return err
	}
	wait := shortestPause << min(activity.GetInfo(ctx).Attempt-1, 8)
	e.RetryAfter = max(e.RetryAfter, min(wait, longestPause))
	if pauseErr := vault.Pause(context.WithoutCancel(ctx), id, e.RetryAfter); pauseErr != nil {
		activity.GetLogger(ctx).Warn("the portal's pause was not kept", "error", pauseErr.Error())
	}
	return err
}

// errBusy says that as many steps as are allowed are at the portal.
func errBusy() error {
	return after(scrape.Errorf(scrape.KindUnavailable, "Waiting for a free place at the portal."), busyWait)
}
