package schedules

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// everybody has schedules 1 to 2500, of which every fifth is overdue.
type everybody struct{ asked []scrape.ScheduleFilter }

func (e *everybody) Totals(context.Context, time.Time) (scrape.Totals, error) {
	return scrape.Totals{}, nil
}

func (e *everybody) EverySchedule(_ context.Context, filter scrape.ScheduleFilter) (found []scrape.OwnedSchedule, next scrape.ScheduleID, err error) {
	e.asked = append(e.asked, filter)
	for id := filter.After + 1; id <= 2500; id++ {
		if len(found) == filter.Limit {
			return found, id - 1, nil
		}
		s := hourly(id, "s")
		s.AccountedAt = january.Add(-time.Minute)
		if id%5 == 0 {
			s.AccountedAt = january.Add(-3 * time.Hour)
		}
		found = append(found, scrape.OwnedSchedule{Owner: "a@example.com", Schedule: s})
	}
	return found, 0, nil
}

func TestEveryScheduleThatIsOverdue(t *testing.T) {
	t.Parallel()
	service := New(nil, nil, nil, time.Minute, slog.New(slog.DiscardHandler))
	service.now = func() time.Time { return january.Add(time.Second) }
	all := &everybody{}
	operations := Operations{OperationsStore: all, Schedules: service}
	found, next, err := operations.EverySchedule(t.Context(), scrape.ScheduleFilter{Limit: 2})
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, scrape.ScheduleID(2), next, "any status: the store's own pages")

	var ids []scrape.ScheduleID
	for filter := (scrape.ScheduleFilter{Status: scrape.StatusOverdue, Query: "s", Limit: 200}); ; {
		found, next, err := operations.EverySchedule(t.Context(), filter)
		require.NoError(t, err)
		require.LessOrEqual(t, len(found), 200)
		for _, owned := range found {
			ids = append(ids, owned.Schedule.ID)
		}
		if next == 0 {
			break
		}
		filter.After = next
	}
	require.Len(t, ids, 500)
	for i, id := range ids {
		require.Equal(t, scrape.ScheduleID(5*(i+1)), id)
	}
	last := all.asked[len(all.asked)-1]
	require.Equal(t, "s", last.Query)
	require.Equal(t, service.now().Add(-DefaultOverdueAfter), last.AccountedBefore)
}
