// Package worker is the task-queue edge: it builds the Temporal workers, registers workflows and activities on the queues where they
// belong, and drains on stop. What a step does is in package activities.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/workflows"
)

// Options says what to work on and how hard.
type Options struct {
	Queues       []string      // workflows.ScrapeQueue, workflows.BrowserQueue or both
	BrowserTabs  int           // most steps at a time on the browser queue, in this process
	PortalRate   float64       // most steps started a second on the browser queue, over all processes (kept by the server)
	DrainTimeout time.Duration // how long steps may go on after the stop
}

// Steps are the activities; Portal may be nil when the browser queue is not worked on.
type Steps struct {
	Recorder *activities.Recorder
	Repairer *activities.Repairer
	Jobs     *activities.Steps
	Portal   *activities.Portal
}

// Run works until the context ends. Steps at the portal then stop at once and are handed to another worker, where they go on from the last
// finished page; short ones have the drain timeout to finish.
func Run(ctx context.Context, temporal client.Client, options Options, steps Steps, log *slog.Logger) error {
	var workers []sdkworker.Worker
	fatal := make(chan error, len(options.Queues))
	if slices.Contains(options.Queues, workflows.ScrapeQueue) {
		workers = append(workers, scrapeWorker(temporal, options, steps, fatal))
	}
	if slices.Contains(options.Queues, workflows.BrowserQueue) {
		workers = append(workers, browserWorker(temporal, options, steps, fatal))
	}
	for i, w := range workers {
		if err := w.Start(); err != nil {
			for _, started := range workers[:i] {
				started.Stop()
			}
			return fmt.Errorf("start worker: %w", err)
		}
	}
	log.InfoContext(ctx, "worker started", "queues", options.Queues)
	var err error
	select {
	case <-ctx.Done():
	case err = <-fatal:
		err = fmt.Errorf("worker stopped by itself: %w", err)
	}
	log.InfoContext(ctx, "worker draining", "timeout", options.DrainTimeout.String())
	for _, w := range slices.Backward(workers) { // the browser queue first: its steps are the long ones
		w.Stop()
	}
	return err
}

func scrapeWorker(temporal client.Client, options Options, steps Steps, fatal chan<- error) sdkworker.Worker {
	w := sdkworker.New(temporal, workflows.ScrapeQueue, sdkworker.Options{
		WorkerStopTimeout: options.DrainTimeout,
		OnFatalError:      func(err error) { report(fatal, err) },
	})
	workflows.Register(w)
	w.RegisterActivity(steps.Recorder)
	w.RegisterActivity(steps.Repairer)
	registerSteps(w, steps.Jobs, jobs.AtStore)
	return w
}

func browserWorker(temporal client.Client, options Options, steps Steps, fatal chan<- error) sdkworker.Worker {
	w := sdkworker.New(temporal, workflows.BrowserQueue, sdkworker.Options{
		WorkerStopTimeout:                  options.DrainTimeout,
		MaxConcurrentActivityExecutionSize: options.BrowserTabs,
		TaskQueueActivitiesPerSecond:       options.PortalRate,
		// Heartbeats also carry the news of a cancel back, so they are not held up for most of the heartbeat timeout.
		MaxHeartbeatThrottleInterval: time.Second,
		DisableWorkflowWorker:        true,
		OnFatalError:                 func(err error) { report(fatal, err) },
	})
	w.RegisterActivity(steps.Portal)
	registerSteps(w, steps.Jobs, jobs.AtPortal)
	return w
}

// registerSteps offers the steps of all job types that are carried out at a place, each under its own name.
func registerSteps(w sdkworker.Worker, steps *activities.Steps, at jobs.Place) {
	for _, job := range jobs.All() {
		for _, step := range job.Steps {
			if step.At == at {
				w.RegisterActivityWithOptions(steps.Activity(step), activity.RegisterOptions{Name: step.Name})
			}
		}
	}
}

// report passes on the first fatal error of each worker.
func report(fatal chan<- error, err error) {
	select {
	case fatal <- err:
	default:
	}
}
