package schedules

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// OperationsStore is what everybody's schedules and runs are read from.
type OperationsStore interface {
	// Totals counts everybody's schedules and runs.
	Totals(ctx context.Context, now time.Time) (scrape.Totals, error)
	// EverySchedule is a page of everybody's schedules by id; of the overdue, all that could be. next is what the filter's After is for the
	// next page, 0 at the end.
	EverySchedule(ctx context.Context, filter scrape.ScheduleFilter) (found []scrape.OwnedSchedule, next scrape.ScheduleID, err error)
}

// Operations is what administrators see of everybody's schedules and runs.
type Operations struct {
	OperationsStore
	Schedules *Service
}

// overduePage is how many schedules are read at a time to look which are overdue.
const overduePage = 1000

// EverySchedule is a page of everybody's schedules. Whether one is overdue follows from its slots and is stored nowhere, so that of these
// pages are read until there are enough.
func (o Operations) EverySchedule(
	ctx context.Context, filter scrape.ScheduleFilter,
) (found []scrape.OwnedSchedule, next scrape.ScheduleID, err error) {
	if filter.Status != scrape.StatusOverdue {
		return o.OperationsStore.EverySchedule(ctx, filter)
	}
	now, grace, limit := o.Schedules.now(), o.Schedules.overdueAfter(), max(filter.Limit, 1)
	filter.AccountedBefore, filter.Limit = now.Add(-grace), overduePage
	for {
		page, after, err := o.OperationsStore.EverySchedule(ctx, filter)
		if err != nil {
			return nil, 0, err
		}
		for _, owned := range page {
			if _, overdue := owned.Schedule.OverdueSlot(now, grace); !overdue {
				continue
			}
			if len(found) == limit {
				return found, found[limit-1].Schedule.ID, nil
			}
			found = append(found, owned)
		}
		if after == 0 {
			return found, 0, nil
		}
		filter.After = after
	}
}
