package health

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/fossawork/scheduler/workflows"
)

// Queue is a task queue as Temporal has it.
type Queue struct {
	Name         string
	Kind         string        // of its tasks: workflow or activity
	Backlog      int64         // about how many tasks wait
	BacklogAge   time.Duration // of the oldest of them
	AddRate      float64       // tasks per second, over the last half minute
	DispatchRate float64
	Workers      []Worker // who has asked for tasks in the last minutes, by identity
}

// Worker is a program that asks for tasks.
type Worker struct {
	Identity   string
	LastSeenAt time.Time // UTC
}

// Queues tells what waits on each task queue, and who works on it.
func (c *Checker) Queues(ctx context.Context) ([]Queue, error) {
	queues := []Queue{
		{Name: workflows.ScrapeQueue, Kind: "workflow"},
		{Name: workflows.ScrapeQueue, Kind: "activity"},
		{Name: workflows.BrowserQueue, Kind: "activity"},
	}
	for i, q := range queues {
		kind := enumspb.TASK_QUEUE_TYPE_ACTIVITY
		if q.Kind == "workflow" {
			kind = enumspb.TASK_QUEUE_TYPE_WORKFLOW
		}
		described, err := c.client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
			Namespace: c.namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: q.Name}, TaskQueueType: kind, ReportStats: true,
		})
		if err != nil {
			return nil, fmt.Errorf("describe the %s queue: %w", q.Name, err)
		}
		stats := described.GetStats()
		queues[i].Backlog, queues[i].BacklogAge = stats.GetApproximateBacklogCount(), stats.GetApproximateBacklogAge().AsDuration()
		queues[i].AddRate, queues[i].DispatchRate = float64(stats.GetTasksAddRate()), float64(stats.GetTasksDispatchRate())
		for _, poller := range described.GetPollers() {
			queues[i].Workers = append(queues[i].Workers, Worker{Identity: poller.GetIdentity(), LastSeenAt: poller.GetLastAccessTime().AsTime().UTC()})
		}
		slices.SortFunc(queues[i].Workers, func(a, b Worker) int { return cmp.Compare(a.Identity, b.Identity) })
	}
	return queues, nil
}
