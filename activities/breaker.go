package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/fossawork/scheduler/scrape"
)

// BreakerStore keeps what all workers know of a portal (its origin).
type BreakerStore interface {
	PortalFailed(ctx context.Context, portal string, rule scrape.BreakerRule, failure scrape.PortalFailure, now time.Time) (open *scrape.BreakerIncident, opened bool, err error)
	PortalAnswered(ctx context.Context, portal string, credential scrape.CredentialID, now time.Time) (closed *scrape.BreakerIncident, err error)
	HoldBack(ctx context.Context, portal string, rule scrape.BreakerRule, run scrape.RunID, now time.Time) (held bool, err error)
	OpenIncident(ctx context.Context, portal string) (*scrape.BreakerIncident, error)
}

// BreakerMeter counts what the breaker does.
type BreakerMeter interface {
	BreakerOpened(ctx context.Context)
	SlotSkipped(ctx context.Context)
}

// Breaker leaves the portal alone while it answers nobody, and turns the failures of all accounts into one incident. A nil Breaker never opens.
type Breaker struct {
	Store  BreakerStore
	Portal string // origin
	Rule   scrape.BreakerRule
	Meter  BreakerMeter
	Now    func() time.Time
}

// breakerTimeout bounds the noting: a step does not wait for it.
const breakerTimeout = 5 * time.Second

// errLeftAlone marks errors of steps that are not tried again because the breaker is open.
var errLeftAlone = errors.New("the breaker is open")

// failed notes a step's try that the portal did not answer. While the breaker is open the error that it gives ends the step: what is known to
// be down is not asked again and again by every run.
func (b *Breaker) failed(ctx context.Context, run scrape.RunID, credential scrape.CredentialID, err error) error {
	if b == nil || ctx.Err() != nil || scrape.KindOf(err) != scrape.KindPortalDown {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, breakerTimeout)
	defer cancel()
	incident, opened, noteErr := b.Store.PortalFailed(ctx, b.Portal, b.Rule, scrape.PortalFailure{
		CredentialID: credential, RunID: run, Try: int(activity.GetInfo(ctx).Attempt), Message: scrape.MessageOf(err),
	}, b.Now().UTC())
	if noteErr != nil {
		activity.GetLogger(ctx).Warn("failure of the portal not noted", "error", noteErr.Error())
		return err
	}
	if opened {
		b.Meter.BreakerOpened(ctx)
		activity.GetLogger(ctx).Error("breaker opened: the portal is left alone", "portal", b.Portal, "since", incident.Since,
			"accounts", incident.Accounts, "message", incident.Message, "probe_at", incident.ProbeAt)
	}
	if incident == nil {
		return err
	}
	return fmt.Errorf("%w: %w", errLeftAlone, err)
}

// answered notes that the portal has given what a visit asked for.
func (b *Breaker) answered(ctx context.Context, credential scrape.CredentialID) {
	if b == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), breakerTimeout)
	defer cancel()
	closed, err := b.Store.PortalAnswered(ctx, b.Portal, credential, b.Now().UTC())
	switch {
	case err != nil:
		activity.GetLogger(ctx).Warn("answer of the portal not noted", "error", err.Error())
	case closed != nil:
		activity.GetLogger(ctx).Info("breaker closed: the portal answers", "portal", b.Portal, "since", closed.Since,
			"accounts", closed.Accounts, "slots_skipped", closed.Skipped)
	}
}

// holdBack ends a scheduled run that must not go to the portal now. One that has gone there before, and goes on with a fresh history, may.
func (b *Breaker) holdBack(ctx context.Context, run scrape.Run) (bool, error) {
	if b == nil || run.Trigger != scrape.TriggerScheduled || run.Progress.Percentage > 0 {
		return false, nil
	}
	held, err := b.Store.HoldBack(ctx, b.Portal, b.Rule, run.ID, b.Now().UTC())
	if held {
		b.Meter.SlotSkipped(ctx)
	}
	return held, err
}

// excuses tells whether a run that ended so says nothing about its schedule.
func (b *Breaker) excuses(ctx context.Context, outcome scrape.Outcome) (bool, error) {
	if b == nil || outcome != scrape.OutcomePortalDown {
		return false, nil
	}
	open, err := b.Store.OpenIncident(ctx, b.Portal)
	return open != nil, err
}
