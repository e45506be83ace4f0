package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// The statuses follow the words of scrape.Schedule.Status: failures first, then whether it is enabled. Held and overdue cut across them; of
// the overdue these are the ones that could be.
const sqlScheduleList = `
	SELECT * FROM (
		SELECT` + scheduleColumns + `
		FROM scraping_schedules
		WHERE user_id = @user_id
		  AND id > @after
		  AND (@schedule_type::text = '' OR schedule_type = @schedule_type)
		  AND (@query::text = '' OR position(lower(@query) IN lower(name)) > 0)
		  AND CASE @status::text
			WHEN 'failed' THEN consecutive_failures >= @failed
			WHEN 'active' THEN consecutive_failures < @failed AND enabled
			WHEN 'paused' THEN consecutive_failures < @failed AND NOT enabled
			ELSE true
		  END
	) AS s
	WHERE CASE @status
		WHEN 'held' THEN schedule_type = ANY(@portal_types) AND credential_state NOT IN ('unverified', 'ok')
		WHEN 'overdue' THEN enabled AND suspended_at IS NULL AND accounted_at < @accounted_before::timestamptz
		ELSE true
	END
	ORDER BY id
	LIMIT NULLIF(@limit::bigint, 0)`

// ScheduleList lists a user's schedules by id, as far as the filter lets them through; never nil.
func (s *Store) ScheduleList(ctx context.Context, user scrape.UserID, filter scrape.ScheduleFilter) ([]scrape.Schedule, error) {
	rows, err := many[scheduleRow](ctx, s.pool, sqlScheduleList, args{
		"user_id": user, "after": filter.After, "schedule_type": filter.JobType, "query": storable(filter.Query), "status": filter.Status,
		"limit": max(filter.Limit, 0), "failed": scrape.FailuresUntilFailed, "portal_types": portalTypes(),
		"accounted_before": filter.AccountedBefore,
	})
	return convert(rows, scheduleRow.schedule), failed("list schedules", err)
}

// portalTypes are the job types that need a login.
func portalTypes() []string {
	types := []string{}
	for _, job := range jobs.All() {
		if job.Portal {
			types = append(types, string(job.Type))
		}
	}
	return types
}

// DeleteScheduleIf forgets a user's schedule unless check, which sees it while nobody else can change it, returns an error; that error is
// returned as it is. check must not use the store.
func (s *Store) DeleteScheduleIf(
	ctx context.Context, user scrape.UserID, id scrape.ScheduleID, check func(scrape.Schedule) error,
) error {
	var refused error
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		schedule, err := readSchedule(ctx, tx, sqlLockUserSchedule, args{"id": id, "user_id": user})
		if err != nil {
			return err
		}
		if refused = check(schedule); refused != nil {
			return refused
		}
		_, err = execute(ctx, tx, sqlDeleteSchedule, args{"id": id, "user_id": user})
		return err
	})
	if refused != nil {
		return refused
	}
	return failed("delete schedule", err)
}

// One version is written for each change, so that the first of those without a firing one behind them is when it stopped.
const sqlNotFiringSince = `
	SELECT min(at)
	FROM schedule_versions
	WHERE schedule_id = @schedule_id
	  AND id > COALESCE((
		SELECT max(id)
		FROM schedule_versions
		WHERE schedule_id = @schedule_id
		  AND enabled
		  AND NOT suspended
	  ), 0)`

// NotFiringSince tells since when a schedule is paused or suspended without a break; nil when it fires.
func (s *Store) NotFiringSince(ctx context.Context, id scrape.ScheduleID) (*time.Time, error) {
	since, err := scalar[*time.Time](ctx, s.pool, sqlNotFiringSince, args{"schedule_id": id})
	return since, failed("read schedule versions", err)
}

// usualRuns is how many runs say what is usual.
const usualRuns = 20

const sqlUsualDuration = `
	SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_seconds)
	FROM (
		SELECT duration_seconds
		FROM scraping_history
		WHERE user_id = @user_id
		  AND schedule_type = @schedule_type
		  AND success
		ORDER BY started_at DESC, id DESC
		LIMIT @runs::bigint
	) AS newest
	HAVING count(duration_seconds) > 0`

// UsualDuration is how long a user's runs of a job type usually take: the median of the newest ones that brought data; 0 when there is none.
func (s *Store) UsualDuration(ctx context.Context, user scrape.UserID, job scrape.JobType) (time.Duration, error) {
	seconds, err := scalar[float64](ctx, s.pool, sqlUsualDuration, args{"user_id": user, "schedule_type": job, "runs": usualRuns})
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return time.Duration(seconds * float64(time.Second)), failed("read usual duration", err)
}
