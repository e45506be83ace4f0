package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
)

// beatEvery is how often a long step tells Temporal that it is alive, and so how soon it hears of a cancel.
const beatEvery = time.Second

// beat heartbeats until stop is called. The returned context ends when the run is cancelled or the worker is told to stop.
func beat(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(beatEvery)
		defer ticker.Stop()
		for {
			activity.RecordHeartbeat(parent)
			select {
			case <-ctx.Done():
				return
			case <-activity.GetWorkerStopChannel(parent):
				cancel()
				return
			case <-ticker.C:
			}
		}
	})
	return ctx, func() {
		cancel()
		done.Wait()
	}
}
