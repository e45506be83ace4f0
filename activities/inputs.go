package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// A run that waits for others fails its step, and says when to try again: that costs no event in Temporal's history and holds no worker.
const (
	// turnWait is when it looks again.
	turnWait = 2 * time.Second
	// turnLooks is how often it looks: for some 40 minutes, well below what all attempts of a step at the store may take together.
	turnLooks = 1200
)

// errTurn says what a run waits for.
func errTurn(format string, args ...any) error {
	return after(scrape.Errorf(scrape.KindUnavailable, format, args...), turnWait)
}

// inputs holds back the first step of a scheduled run while runs that bring what it builds on are going; at the end of its patience it makes do
// with what is stored. A person who starts a run by hand wants it now.
func (s *Steps) inputs(ctx context.Context, step jobs.Step, run scrape.Run) error {
	job, err := jobs.Find(run.JobType)
	if err != nil {
		return err
	}
	if run.Trigger != scrape.TriggerScheduled || len(job.After) == 0 || step.Name != job.Steps[0].Name {
		return nil
	}
	if activity.GetInfo(ctx).Attempt > turnLooks {
		return nil
	}
	going, err := s.Store.RunsBefore(ctx, run, job.After)
	if err != nil {
		return fmt.Errorf("look for runs to wait for: %w", err)
	}
	if len(going) == 0 {
		return nil
	}
	message := fmt.Sprintf("Waiting for the %s that are being read", jobs.Titles(going))
	if run.Progress.Message != message { // it has been said in the look before
		if err := s.Store.SetProgress(ctx, run.ID, scrape.Progress{Phase: scrape.PhaseInitializing, Message: message}); err != nil {
			return fmt.Errorf("set progress: %w", err)
		}
	}
	return errTurn("%s.", message)
}
