package health_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/fossawork/scheduler/internal/health"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/workflows"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const waits, looks = 3 * time.Minute, 100 * time.Millisecond

type database struct{}

func (database) Ping(context.Context) error { return nil }

func TestQueues(t *testing.T) {
	t.Parallel()
	address, namespace := testenv.TemporalNamespace(t)
	temporal, err := client.Dial(client.Options{HostPort: address, Namespace: namespace, Logger: testenv.Logger(t), Identity: "asks for nothing"})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	checker := health.New(database{}, temporal, namespace)
	find := func(name, kind string) health.Queue {
		queues, err := checker.Queues(t.Context())
		require.NoError(t, err)
		require.Len(t, queues, 3)
		for _, q := range queues {
			if q.Name == name && q.Kind == kind {
				return q
			}
		}
		require.Fail(t, "missing", "%s %s", name, kind)
		return health.Queue{}
	}
	require.Equal(t, health.Queue{Name: "browser", Kind: "activity"}, find("browser", "activity"), "nobody has been there")
	require.Equal(t, health.Queue{Name: "scrape", Kind: "activity"}, find("scrape", "activity"))

	for _, id := range []string{"a", "b"} {
		_, err := temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: workflows.ScrapeQueue}, "Nothing")
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		q := find("scrape", "workflow")
		return q.Backlog == 2 && q.BacklogAge > 0 && q.AddRate > 0 && len(q.Workers) == 0
	}, waits, looks)

	w := worker.New(temporal, workflows.ScrapeQueue, worker.Options{Identity: "worker 1", DisableRegistrationAliasing: true})
	w.RegisterWorkflowWithOptions(func(workflow.Context) error { return nil }, workflow.RegisterOptions{Name: "Nothing"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	require.Eventually(t, func() bool {
		q := find("scrape", "workflow")
		return q.Backlog == 0 && len(q.Workers) == 1 && q.Workers[0].Identity == "worker 1"
	}, waits, looks)
	require.WithinDuration(t, time.Now(), find("scrape", "workflow").Workers[0].LastSeenAt, 2*time.Minute)
}
