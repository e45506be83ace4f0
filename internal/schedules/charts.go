package schedules

import (
	"context"
	"slices"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// ChartStore is what the store tells for charts.
type ChartStore interface {
	UserSchedule(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error)
	ScheduleVersions(ctx context.Context, id scrape.ScheduleID, from, to time.Time) ([]scrape.ScheduleVersion, error)
	LedgerRuns(ctx context.Context, id scrape.ScheduleID, from, to time.Time, limit int) ([]scrape.Run, error)
	RecentRuns(ctx context.Context, user scrape.UserID, ids []scrape.ScheduleID, count int) ([]scrape.RecentRuns, error)
	DayCounts(ctx context.Context, user scrape.UserID, days []scrape.Day) ([]scrape.DayCount, error)
	RunsSince(ctx context.Context, user scrape.UserID, since time.Time) ([]scrape.RunsSince, error)
}

// Charts shows what became of a user's schedules over time.
type Charts struct {
	Store ChartStore
	Now   func() time.Time
}

// Recent tells how the newest runs of a user's schedules ended, in the order of the ids. Schedules that are not the user's are left out.
func (c Charts) Recent(ctx context.Context, user scrape.UserID, ids []scrape.ScheduleID, count int) ([]scrape.RecentRuns, error) {
	once := make([]scrape.ScheduleID, 0, len(ids))
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return c.Store.RecentRuns(ctx, user, once, count)
}

// Days counts a user's runs on these days by their outcomes.
func (c Charts) Days(ctx context.Context, user scrape.UserID, days []scrape.Day) ([]scrape.DayCount, error) {
	return c.Store.DayCounts(ctx, user, days)
}

// Since sums up a user's runs that ended after a moment, by job type.
func (c Charts) Since(ctx context.Context, user scrape.UserID, since time.Time) ([]scrape.RunsSince, error) {
	return c.Store.RunsSince(ctx, user, since)
}

// Heatmap is what became of a schedule's slots, by the local hour of the week.
type Heatmap struct {
	Zone     *time.Location
	Weeks    int
	From, To time.Time // UTC; To is now
	Cells    []scrape.HeatCell
}

// mostHeatSlots bounds the slots behind a heatmap: more than one a minute for the shortest, a week back and a week ahead.
const mostHeatSlots = 25000

// Heatmap looks back this many weeks, or fewer when the schedule has too many slots, and ahead one. Invalid when one week has too many.
func (c Charts) Heatmap(ctx context.Context, user scrape.UserID, id scrape.ScheduleID, weeks int) (Heatmap, error) {
	schedule, err := c.Store.UserSchedule(ctx, user, id)
	if err != nil {
		return Heatmap{}, err
	}
	now := c.Now().UTC()
	out := Heatmap{Zone: schedule.Timing.Location(), Weeks: weeks, To: now}
	out.From = weeksBefore(now, weeks, out.Zone)
	ahead := weeksBefore(now, -1, out.Zone)
	versions, err := c.Store.ScheduleVersions(ctx, id, out.From, ahead)
	if err != nil {
		return Heatmap{}, err
	}
	for scrape.CountSlots(versions, out.From, ahead, mostHeatSlots) > mostHeatSlots {
		if out.Weeks--; out.Weeks == 0 {
			return Heatmap{}, scrape.Invalid("weeks", "This schedule has more than %d slots in two weeks, which are too many for a heatmap.", mostHeatSlots)
		}
		out.From = weeksBefore(now, out.Weeks, out.Zone)
	}
	stored, err := c.Store.LedgerRuns(ctx, id, out.From, now, mostLedgerRuns)
	if err != nil {
		return Heatmap{}, err
	}
	out.Cells = scrape.Heat(scrape.Ledger(versions, stored, out.From, ahead, now), now, out.Zone)
	return out, nil
}

// weeksBefore is the same local time so many weeks earlier, so that every hour of the week is there equally often.
func weeksBefore(now time.Time, weeks int, zone *time.Location) time.Time {
	return now.In(zone).AddDate(0, 0, -7*weeks).UTC()
}
