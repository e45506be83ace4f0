// Package health knows whether everything the API stands on is there: Postgres with the right schema, Temporal, and a worker on each
// task queue. It repairs nothing.
package health

import (
	"context"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

// Store is the database as far as its health goes.
type Store interface {
	Ping(ctx context.Context) error
}

// Checker answers whether the product works.
type Checker struct {
	store     Store
	client    client.Client
	namespace string
	now       func() time.Time

	mu      sync.Mutex
	checked time.Time
	answer  error
}

const (
	// remembered is how long an answer is good for, so that pollers cost nothing.
	remembered = 2 * time.Second
	// pollerSeen is how fresh a worker's last poll must be. A poll waits up to a minute at the server before the next one begins.
	pollerSeen   = 75 * time.Second
	checkTimeout = 3 * time.Second
)

// New makes a checker; the namespace is the client's.
func New(store Store, temporal client.Client, namespace string) *Checker {
	return &Checker{store: store, client: temporal, namespace: namespace, now: time.Now}
}

// Ready is nil when everything is there; else a KindUnavailable error whose sentence names what is missing.
func (c *Checker) Ready(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now().Sub(c.checked) < remembered {
		return c.answer
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout) // the answer is shared: one caller's hurry must not spoil it
	defer cancel()
	c.answer = c.check(ctx)
	c.checked = c.now()
	return c.answer
}

func (c *Checker) check(ctx context.Context) error {
	if err := c.store.Ping(ctx); err != nil {
		return scrape.Errorf(scrape.KindUnavailable, "The database does not answer.").Because(err)
	}
	if _, err := c.client.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return scrape.Errorf(scrape.KindUnavailable, "Temporal does not answer, so nothing is scheduled at the moment.").Because(err)
	}
	queues := []struct {
		name string
		kind enumspb.TaskQueueType
	}{
		{workflows.ScrapeQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW},
		{workflows.BrowserQueue, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
	}
	for _, queue := range queues {
		described, err := c.client.DescribeTaskQueue(ctx, queue.name, queue.kind)
		if err != nil {
			return scrape.Errorf(scrape.KindUnavailable, "Temporal does not tell whether a worker is there.").Because(err)
		}
		fresh := false
		for _, poller := range described.GetPollers() {
			fresh = fresh || c.now().Sub(poller.GetLastAccessTime().AsTime()) < pollerSeen
		}
		if !fresh {
			return scrape.Errorf(scrape.KindUnavailable, "No worker is on the %s queue, so runs wait until one is started.", queue.name)
		}
	}
	return nil
}

// TemporalScheduleID is the name of a schedule in Temporal.
func (c *Checker) TemporalScheduleID(id scrape.ScheduleID) string {
	return workflows.TemporalScheduleID(id)
}
