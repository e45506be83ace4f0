package activities

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
)

// beatEvery is how often a long step tells Temporal that it is alive, and so how soon it hears of a cancel.
const beatEvery = time.Second

// heart beats for one long step.
type heart struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	news   atomic.Pointer[string]
}

// beat heartbeats until stop is called. The returned context ends when the run is cancelled or the worker is told to stop.
func beat(parent context.Context) (context.Context, *heart) {
	ctx, cancel := context.WithCancel(parent)
	h := &heart{cancel: cancel}
	h.done.Go(func() {
		ticker := time.NewTicker(beatEvery)
		defer ticker.Stop()
		for {
			if news := h.news.Load(); news != nil {
				activity.RecordHeartbeat(parent, *news)
			} else {
				activity.RecordHeartbeat(parent)
			}
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
	return ctx, h
}

// say is what the Temporal UI shows beside the step from the next beat on.
func (h *heart) say(news string) { h.news.Store(&news) }

func (h *heart) stop() {
	h.cancel()
	h.done.Wait()
}
