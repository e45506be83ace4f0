package store

import (
	"context"

	"github.com/fossawork/scheduler/scrape"
)

const sqlRunningRuns = `
	SELECT
		id,
		schedule_id
	FROM scraping_history
	WHERE user_id = @user_id
	  AND completed_at IS NULL
	  AND schedule_id IS NOT NULL`

// RunningRuns tells which of a user's schedules have a run that is going, and which; never nil.
func (s *Store) RunningRuns(ctx context.Context, user scrape.UserID) (map[scrape.ScheduleID]scrape.RunID, error) {
	type runningRow struct {
		ID         scrape.RunID      `db:"id"`
		ScheduleID scrape.ScheduleID `db:"schedule_id"`
	}
	rows, err := many[runningRow](ctx, s.pool, sqlRunningRuns, args{"user_id": user})
	running := make(map[scrape.ScheduleID]scrape.RunID, len(rows))
	for _, row := range rows {
		running[row.ScheduleID] = row.ID
	}
	return running, failed("list running runs", err)
}
