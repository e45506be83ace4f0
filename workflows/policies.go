package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// policy is how one activity is carried out. Whether an error may be tried again at all is decided in activities/errors.go; here
// stands only how often and how fast.
type policy struct {
	queue      string
	attempt    time.Duration // one attempt
	total      time.Duration // all attempts and the waits between them; 0: until the run's own deadline
	heartbeat  time.Duration // 0 for steps too short to need one
	firstWait  time.Duration
	growth     float64
	longest    time.Duration
	attempts   int32  // 0: as many as total allows
	repeatable string // why a second attempt does no harm
}

// The table of activities. docs/runbook.md shows the same table; a test keeps them equal.
var policies = map[string]policy{
	"BeginRun": {
		queue: ScrapeQueue, attempt: 10 * time.Second, total: time.Hour,
		firstWait: time.Second, growth: 2, longest: 30 * time.Second,
		repeatable: "insert on conflict (workflow id) do nothing",
	},
	"Login": {
		queue: BrowserQueue, attempt: 90 * time.Second, total: 15 * time.Minute, heartbeat: 15 * time.Second,
		firstWait: 5 * time.Second, growth: 2, longest: time.Minute, attempts: 5,
		repeatable: "a session newer than the stale one is taken as it is; a rejected password is never sent again",
	},
	"FinishRun": {
		queue: ScrapeQueue, attempt: 10 * time.Second, total: 24 * time.Hour,
		firstWait: time.Second, growth: 2, longest: 5 * time.Minute,
		repeatable: "update where the run is still open",
	},
	"NoteLateEnd": {
		queue: ScrapeQueue, attempt: 10 * time.Second, total: time.Minute, // while it is tried, slots are skipped
		firstWait: time.Second, growth: 2, longest: 10 * time.Second,
		repeatable: "the latest moment stands",
	},
	"VerifyLogin": {
		queue: BrowserQueue, attempt: 60 * time.Second, total: 80 * time.Second, heartbeat: 15 * time.Second,
		firstWait: 2 * time.Second, growth: 2, longest: 5 * time.Second, attempts: 2,
		repeatable: "a decided check is answered as it was decided",
	},
	"ReconcileSchedules": {
		queue: ScrapeQueue, attempt: 2 * time.Minute, total: 5 * time.Minute, heartbeat: 10 * time.Second,
		firstWait: time.Second, growth: 2, longest: 30 * time.Second, attempts: 3,
		repeatable: "differences are looked for anew each time",
	},
	"ReconcileRuns": {
		queue: ScrapeQueue, attempt: 2 * time.Minute, total: 5 * time.Minute, heartbeat: 10 * time.Second,
		firstWait: time.Second, growth: 2, longest: 30 * time.Second, attempts: 3,
		repeatable: "differences are looked for anew each time",
	},
	"Retain": {
		queue: ScrapeQueue, attempt: time.Hour, total: 3 * time.Hour, heartbeat: 10 * time.Second,
		firstWait: 5 * time.Second, growth: 2, longest: 5 * time.Minute,
		repeatable: "what is gone stays gone; what is left is looked for anew",
	},
	"RefreshStatistics": {
		queue: ScrapeQueue, attempt: 15 * time.Minute, total: 45 * time.Minute, heartbeat: 10 * time.Second,
		firstWait: 5 * time.Second, growth: 2, longest: time.Minute,
		repeatable: "computed anew from history",
	},
}

// stepPolicies are those of the steps of jobs, by where they are carried out. Every step of every job follows one of the two.
var stepPolicies = map[jobs.Place]policy{
	jobs.AtPortal: {
		queue: BrowserQueue, attempt: 10 * time.Minute, total: 30 * time.Minute, heartbeat: 15 * time.Second,
		firstWait: 3 * time.Second, growth: 2, longest: 2 * time.Minute,
		repeatable: "the portal is only read; what was read is kept by the run, and not fetched again",
	},
	jobs.AtStore: {
		queue: ScrapeQueue, attempt: 30 * time.Second, total: time.Hour,
		firstWait: time.Second, growth: 2, longest: 30 * time.Second,
		repeatable: "one transaction, keyed by the run",
	},
}

// RunTimeout bounds a scrape workflow from outside: longer than all its steps together, shorter than forever. A run that hits
// it is closed as timed_out by the reconciler.
const RunTimeout = 28 * time.Hour

// VerifyLoginTimeout bounds a check of a login: a person is waiting for it.
const VerifyLoginTimeout = 90 * time.Second

// withPolicy gives the context in which an activity runs; an activity without a policy is a programming error that the first test finds.
func withPolicy(ctx workflow.Context, activity string) workflow.Context {
	p, known := policies[activity]
	if !known {
		panic("workflows: no policy for activity " + activity)
	}
	return with(ctx, p)
}

// withStep gives the context in which a step of a job runs.
func withStep(ctx workflow.Context, step activities.StepRef) workflow.Context {
	p, known := stepPolicies[step.At]
	if !known {
		panic("workflows: no policy for steps at " + string(step.At))
	}
	return with(ctx, p)
}

// withPriority says whose steps the next ones are: a manual run goes before a scheduled one, and every user has the same share.
func withPriority(ctx workflow.Context, began activities.BeginResult) workflow.Context {
	priority := temporal.Priority{PriorityKey: priorityScheduled, FairnessKey: string(began.UserID)}
	if began.Trigger == scrape.TriggerManual {
		priority.PriorityKey = priorityManual
	}
	return workflow.WithPriority(ctx, priority)
}

// Temporal's priorities go from 1, the highest, to 5; what says nothing has 3. A person who signs in waits for the answer.
const (
	priorityVerify    = 1
	priorityManual    = 2
	priorityScheduled = 3
)

func with(ctx workflow.Context, p policy) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Priority:               workflow.GetActivityOptions(ctx).Priority,
		TaskQueue:              p.queue,
		StartToCloseTimeout:    p.attempt,
		ScheduleToCloseTimeout: p.total,
		HeartbeatTimeout:       p.heartbeat,
		WaitForCancellation:    true, // a step that is carried out all the same must not be forgotten
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    p.firstWait,
			BackoffCoefficient: p.growth,
			MaximumInterval:    p.longest,
			MaximumAttempts:    p.attempts,
		},
	})
}
