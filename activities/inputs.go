package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

const (
	// inputsWait is when a run that waits for others looks again.
	inputsWait = 2 * time.Second
	// inputsLooks is how often it looks: for some 40 minutes, well below what all attempts of a step at the store may take together. Then it
	// makes do with what is stored.
	inputsLooks = 1200
)

// inputs holds back the first step of a scheduled run while runs that bring what it builds on are going. A person who starts a run by hand
// wants it now. Waiting costs no event in Temporal's history: the step fails, and says when to try again.
func (s *Steps) inputs(ctx context.Context, step jobs.Step, run scrape.Run) error {
	job, err := jobs.Find(run.JobType)
	if err != nil {
		return err
	}
	if run.Trigger != scrape.TriggerScheduled || len(job.After) == 0 || step.Name != job.Steps[0].Name {
		return nil
	}
	if activity.GetInfo(ctx).Attempt > inputsLooks {
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
	if err := s.Store.SetProgress(ctx, run.ID, scrape.Progress{Phase: scrape.PhaseInitializing, Message: message}); err != nil {
		return fmt.Errorf("set progress: %w", err)
	}
	return after(scrape.Errorf(scrape.KindUnavailable, "%s.", message), inputsWait)
}
