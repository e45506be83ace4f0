package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/internal/config"
	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/internal/runs"
	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/internal/telemetry"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/worker"
	"github.com/fossawork/scheduler/workflows"
)

type workerCommand struct {
	config.Worker `embed:""`
}

// Run works on the task queues until the context ends.
func (c *workerCommand) Run(ctx context.Context, std streams) error {
	log := telemetry.Logger(std.err, c.Level).With("program", "worker")
	p, err := build(ctx, c.Database, c.Temporal, c.Keys, c.MetricsListen, log)
	if err != nil {
		return err
	}
	defer p.close()
	runner := runs.New(p.store, p.temporal, log)
	meter, err := worker.NewRunMeter(ctx, p.metrics.Meter())
	if err != nil {
		return err
	}
	planner := schedules.New(p.store, runner, p.temporal, c.MinInterval, log)
	planner.OverdueAfter = c.OverdueAfter
	runner.Sync = planner.Sync
	repairMeter, err := worker.NewRepairMeter(p.metrics.Meter(), 4*c.ReconcileEvery)
	if err != nil {
		return err
	}
	breaker, err := c.breaker(ctx, p)
	if err != nil {
		return err
	}
	evidence := &activities.Evidence{Store: p.store, KeepRuns: c.EvidenceRuns, KeepFor: c.EvidenceAge, Now: time.Now}
	steps := worker.Steps{
		Recorder: &activities.Recorder{Store: p.store, Firings: schedules.Firings{Client: p.temporal}, Meter: meter, Schedules: planner, Breaker: breaker},
		Repairer: &activities.Repairer{
			Repairs: repairs{planner, runner}, Meter: repairMeter,
			Keeper: activities.Keeper{
				Keeping: p.store, HistoryAge: c.HistoryAge, HistoryRuns: c.HistoryRuns,
				EvidenceAge: c.EvidenceAge, EvidenceRuns: c.EvidenceRuns, Now: time.Now,
			},
		},
		Jobs: &activities.Steps{
			Store: p.store, Evidence: evidence, Breaker: breaker, PortalPlaces: c.PortalPlaces, AccountPlaces: c.AccountPlaces, Now: time.Now,
		},
	}
	if slices.Contains(c.Queues, workflows.BrowserQueue) {
		site, stop, err := openPortal(ctx, c.Worker, log)
		if err != nil {
			return err
		}
		defer stop()
		vault := credentials.NewVault(p.store, p.keys, c.AdminEmails, c.LoginGap)
		steps.Jobs.Site, steps.Jobs.Vault, steps.Jobs.Places = site, vault, p.store
		steps.Portal = &activities.Portal{Site: site, Vault: vault, Progress: p.store, Evidence: evidence, Breaker: breaker}
	}
	go keepSystemSchedules(ctx, p, c.ReconcileEvery, log)
	return worker.Run(ctx, p.temporal, worker.Options{
		Queues: c.Queues, BrowserTabs: c.BrowserTabs, PortalRate: c.PortalRate, DrainTimeout: c.DrainTimeout,
	}, steps, log)
}

// breaker is nil when it is switched off. One that is open then would stay so for good.
func (c *workerCommand) breaker(ctx context.Context, p *parts) (*activities.Breaker, error) {
	portal := config.Origin(c.PortalURL)
	if c.BreakerAccounts == 0 {
		_, err := p.store.CloseBreaker(ctx, portal, "FOSSAWORK_BREAKER_ACCOUNTS=0", time.Now().UTC())
		return nil, err
	}
	meter, err := worker.NewBreakerMeter(ctx, p.metrics.Meter(), func(ctx context.Context) (bool, error) {
		open, err := p.store.OpenIncident(ctx, portal)
		return open != nil, err
	})
	if err != nil {
		return nil, err
	}
	rule := scrape.BreakerRule{Accounts: c.BreakerAccounts, Window: c.BreakerWindow, Gap: c.BreakerGap}
	return &activities.Breaker{Store: p.store, Portal: portal, Rule: rule, Meter: meter, Now: time.Now}, nil
}

// repairs joins what repairs schedules and what repairs runs.
type repairs struct {
	schedules interface {
		ReconcileSchedules(ctx context.Context) (activities.ScheduleRepairs, error)
	}
	runs interface {
		ReconcileRuns(ctx context.Context) (activities.RunRepairs, error)
	}
}

func (r repairs) ReconcileSchedules(ctx context.Context) (activities.ScheduleRepairs, error) {
	return r.schedules.ReconcileSchedules(ctx)
}

func (r repairs) ReconcileRuns(ctx context.Context) (activities.RunRepairs, error) {
	return r.runs.ReconcileRuns(ctx)
}

// keepSystemSchedules puts the system's own schedules back whenever one is missing, as after Temporal's database was wiped.
func keepSystemSchedules(ctx context.Context, p *parts, every time.Duration, log *slog.Logger) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := schedules.EnsureSystemSchedules(ctx, p.temporal, every); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "system schedules not there yet", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
