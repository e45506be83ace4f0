package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// StepStore is what the steps of jobs are given, and what is needed to give it to them.
type StepStore interface {
	jobs.Store
	ProgressStore
	// RunsBefore lists the job types, of some, of which the run's user has a run that began before it and is going.
	RunsBefore(ctx context.Context, run scrape.Run, types []scrape.JobType) ([]scrape.JobType, error)
	Schedule(ctx context.Context, id scrape.ScheduleID) (scrape.Schedule, error)
}

// Steps carries out the steps of jobs. Site, Vault and Places may be nil where no step at the portal is carried out.
type Steps struct {
	Store    StepStore
	Site     Site
	Vault    Vault
	Places   Places
	Evidence *Evidence
	Breaker  *Breaker // may be nil

	PortalPlaces  int // steps at the portal at a time, over all workers
	AccountPlaces int // and with one login
	Now           func() time.Time
}

// StepInput names the login for steps at the portal; and the run, for who reads it in Temporal.
type StepInput struct {
	RunID        scrape.RunID        `json:"run_id"`
	CredentialID scrape.CredentialID `json:"credential_id,omitempty"`
}

// ExpiredDetails tell, with an error of kind session_expired, which session the portal no longer accepts.
type ExpiredDetails struct {
	SessionVersion int64 `json:"session_version"`
}

// Activity is the activity that carries out a step.
func (s *Steps) Activity(step jobs.Step) func(ctx context.Context, in StepInput) (jobs.Result, error) {
	return func(ctx context.Context, in StepInput) (jobs.Result, error) {
		say := func(string) {}
		if step.At == jobs.AtPortal {
			var h *heart
			ctx, h = beat(ctx)
			defer h.stop()
			say = h.say
		}
		run, err := ownRun(ctx, s.Store, in.CredentialID)
		if err != nil {
			return jobs.Result{}, fail(ctx, err)
		}
		if err := s.inputs(ctx, step, run); err != nil {
			return jobs.Result{}, fail(ctx, err)
		}
		v := &visitor{steps: s, credential: in.CredentialID}
		result, err := s.carryOut(ctx, step, run, v, say)
		if err != nil {
			s.Evidence.keep(ctx, run.ID, err)
			return jobs.Result{}, withSession(fail(ctx, s.Breaker.failed(ctx, run.ID, in.CredentialID, err)), v.version)
		}
		if result.SignIn {
			result.Session = v.version
		}
		return result, nil
	}
}

func (s *Steps) carryOut(ctx context.Context, step jobs.Step, run scrape.Run, v *visitor, say func(string)) (jobs.Result, error) {
	settings, err := s.settings(ctx, run)
	if err != nil {
		return jobs.Result{}, err
	}
	return step.Do(ctx, jobs.Run{
		Run: run, Settings: settings, Store: s.Store, Now: s.Now,
		Visit: v.visit,
		Say: func(ctx context.Context, progress scrape.Progress) error {
			say(progress.Message)
			if err := s.Store.SetProgress(ctx, run.ID, progress); err != nil {
				return fmt.Errorf("set progress: %w", err)
			}
			return nil
		},
		Note: s.Evidence.notes(run.ID),
	})
}

// settings are the schedule's; the defaults when it was deleted meanwhile.
func (s *Steps) settings(ctx context.Context, run scrape.Run) (jobs.Settings, error) {
	job, err := jobs.Find(run.JobType)
	if err != nil {
		return nil, err
	}
	schedule, err := s.Store.Schedule(ctx, run.ScheduleID)
	if err != nil && scrape.KindOf(err) != scrape.KindNotFound {
		return nil, fmt.Errorf("read schedule: %w", err)
	}
	return job.ParseSettings(schedule.Settings)
}

// visitor opens visits for one step and remembers with which session.
type visitor struct {
	steps      *Steps
	credential scrape.CredentialID
	version    int64
}

func (v *visitor) visit(ctx context.Context, work func(ctx context.Context, visit jobs.Visit) error) error {
	s := v.steps
	if err := paused(ctx, s.Vault, v.credential); err != nil {
		return err
	}
	var before scrape.Session
	var err error
	if before, v.version, err = s.Vault.Session(ctx, v.credential); err != nil {
		return fmt.Errorf("read session: %w", err)
	}
	if v.version == 0 {
		return scrape.Errorf(scrape.KindSessionExpired, "There is no portal session.")
	}
	taken, err := s.Places.WithPortalSlots(ctx, []scrape.Slot{
		{Name: "portal", Count: s.PortalPlaces},
		{Name: fmt.Sprintf("account/%d", v.credential), Count: s.AccountPlaces},
	}, func(ctx context.Context) error {
		after, err := s.Site.Visit(ctx, before, work)
		if err != nil {
			return throttled(ctx, s.Vault, v.credential, err)
		}
		s.Breaker.answered(ctx, v.credential)
		if err := s.Vault.RenewSession(ctx, v.credential, v.version, before, after); err != nil {
			return fmt.Errorf("renew session: %w", err)
		}
		return nil
	})
	if err == nil && !taken {
		return errBusy()
	}
	return err
}

// withSession adds to the error of an expired session which one it was.
func withSession(err error, version int64) error {
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || scrape.Kind(application.Type()) != scrape.KindSessionExpired {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(application.Message(), application.Type(), temporal.ApplicationErrorOptions{
		NonRetryable: application.NonRetryable(), Cause: errors.Unwrap(application), Category: application.Category(),
		Details: []any{ExpiredDetails{SessionVersion: version}},
	})
}
