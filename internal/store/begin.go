package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

// beginAttempts bounds how often a start is tried again because another run ended or began between two statements.
const beginAttempts = 5

var errRestless = errors.New("other runs of the schedule begin and end all the time")

const (
	newRunColumns = `
		user_id,
		schedule_type,
		schedule_id,
		trigger_type,
		workflow_id,
		temporal_run_id,
		requested_by,
		nominal_at,
		started_at,
		run_options,
		progress`

	newRunValues = `
		@user_id,
		@schedule_type,
		NULLIF(@schedule_id::bigint, 0),
		@trigger_type,
		NULLIF(@workflow_id, ''),
		NULLIF(@temporal_run_id, ''),
		NULLIF(@requested_by, ''),
		@nominal_at,
		@started_at::timestamptz,
		NULLIF(@run_options::jsonb, '{}'),
		@progress`
)

func newRunArgs(run scrape.Run) args {
	return args{
		"user_id":         run.UserID,
		"schedule_type":   run.JobType,
		"schedule_id":     run.ScheduleID,
		"trigger_type":    run.Trigger,
		"workflow_id":     run.WorkflowID,
		"temporal_run_id": run.TemporalRunID,
		"requested_by":    run.RequestedBy,
		"nominal_at":      or(run.NominalAt, run.StartedAt),
		"started_at":      run.StartedAt,
		"run_options":     run.Options,
		"progress":        progressDoc{Phase: scrape.PhaseInitializing},
	}
}

const sqlRequestRun = `
	INSERT INTO scraping_history (` + newRunColumns + `
	)
	VALUES (` + newRunValues + `
	)
	ON CONFLICT (schedule_id) WHERE completed_at IS NULL DO NOTHING
	RETURNING` + runColumns

const sqlOpenRunID = `
	SELECT id
	FROM scraping_history
	WHERE schedule_id = @schedule_id
	  AND completed_at IS NULL`

const sqlRunsBefore = `
	SELECT schedule_type
	FROM scraping_history
	WHERE completed_at IS NULL
	  AND user_id = @user_id
	  AND schedule_type = ANY(@types)
	  AND id < @id
	GROUP BY schedule_type
	ORDER BY min(id)`

// RunsBefore lists the job types, of some, of which the run's user has a run that began before it and is going, as they began.
func (s *Store) RunsBefore(ctx context.Context, run scrape.Run, types []scrape.JobType) ([]scrape.JobType, error) {
	type typeRow struct {
		ScheduleType scrape.JobType `db:"schedule_type"`
	}
	rows, err := many[typeRow](ctx, s.pool, sqlRunsBefore, args{"user_id": run.UserID, "types": types, "id": run.ID})
	return convert(rows, func(row typeRow) scrape.JobType { return row.ScheduleType }), failed("find runs that go before", err)
}

// RequestRun writes the row of a run that is about to be started, so that it shows as in progress at once. BeginRun takes it
// over by its workflow id. While another run of the schedule is open it is a conflict with a *scrape.RunningError as its cause.
func (s *Store) RequestRun(ctx context.Context, run scrape.Run) (scrape.Run, error) {
	for range beginAttempts {
		row, err := one[runRow](ctx, s.pool, sqlRequestRun, newRunArgs(run))
		if err == nil {
			return row.run(), nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return scrape.Run{}, failed("request run", err)
		}
		open, err := scalar[scrape.RunID](ctx, s.pool, sqlOpenRunID, args{"schedule_id": run.ScheduleID})
		if err == nil {
			return scrape.Run{}, alreadyRunning(open)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return scrape.Run{}, failed("find open run", err)
		}
	}
	return scrape.Run{}, failed("request run", errRestless)
}

// BeginRun finds or writes the row of a run, by its workflow id; repeating it gives the same row. A run that was requested
// keeps what was asked and learns its Temporal run id. A run of a schedule that has another one open is written as skipped, or, where one
// may wait, a conflict with a *scrape.RunningError as its cause. A slot that has waited so is taken for a
// backfill by its age; it is known by the run that was going when it was due.
// It is not_found when there is neither a row nor a schedule.
func (s *Store) BeginRun(ctx context.Context, start scrape.RunStart) (scrape.Begun, error) {
	var begun scrape.Begun
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		if begun.Run, err = beginRun(ctx, tx, start); err != nil {
			return err
		}
		row, err := one[scheduleRow](ctx, tx, sqlSchedule, args{"id": begun.Run.ScheduleID})
		switch {
		case err == nil:
			begun.Schedule = row.schedule()
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		return readLogin(ctx, tx, &begun)
	})
	if err != nil {
		return scrape.Begun{}, failed("begin run", err)
	}
	return begun, nil
}

const sqlTakeOverRun = `
	UPDATE scraping_history
	SET temporal_run_id = CASE
		WHEN completed_at IS NULL THEN COALESCE(NULLIF(@temporal_run_id, ''), temporal_run_id)
		ELSE temporal_run_id
	END
	WHERE workflow_id = @workflow_id
	RETURNING` + runColumns

const sqlInsertRun = `
	INSERT INTO scraping_history (` + newRunColumns + `
	)
	VALUES (` + newRunValues + `
	)
	ON CONFLICT DO NOTHING
	RETURNING` + runColumns

const sqlInsertSkippedRun = `
	INSERT INTO scraping_history (` + newRunColumns + `,
		completed_at,
		outcome,
		error_message,
		duration_seconds
	)
	VALUES (` + newRunValues + `,
		@started_at,
		'skipped_overlap',
		@error_message,
		0
	)
	ON CONFLICT DO NOTHING
	RETURNING` + runColumns

const sqlRunWasGoing = `
	SELECT EXISTS (
		SELECT
		FROM scraping_history
		WHERE schedule_id = @schedule_id
		  AND started_at <= @at::timestamptz
		  AND (completed_at IS NULL OR completed_at > @at)
	)`

// beginRun relies on READ COMMITTED: every statement sees what others have committed meanwhile, and an insert that meets
// an uncommitted row waits for its fate.
func beginRun(ctx context.Context, tx pgx.Tx, start scrape.RunStart) (scrape.Run, error) {
	for range beginAttempts {
		row, err := one[runRow](ctx, tx, sqlTakeOverRun, args{
			"workflow_id":     start.WorkflowID,
			"temporal_run_id": start.TemporalRunID,
		})
		if !errors.Is(err, pgx.ErrNoRows) {
			return row.run(), err
		}
		schedule, err := readSchedule(ctx, tx, sqlSchedule, args{"id": start.ScheduleID})
		if err != nil {
			return scrape.Run{}, err
		}
		if start.Trigger == scrape.TriggerBackfill && schedule.Timing.Overlap == scrape.OverlapBufferOne {
			waited, err := scalar[bool](ctx, tx, sqlRunWasGoing, args{"schedule_id": schedule.ID, "at": start.NominalAt})
			if err != nil {
				return scrape.Run{}, err
			}
			if waited {
				start.Trigger = scrape.TriggerScheduled
			}
		}
		a := newRunArgs(scrape.Run{
			ScheduleID:    schedule.ID,
			UserID:        schedule.UserID,
			JobType:       schedule.JobType,
			Trigger:       start.Trigger,
			WorkflowID:    start.WorkflowID,
			TemporalRunID: start.TemporalRunID,
			NominalAt:     start.NominalAt,
			StartedAt:     start.StartedAt,
		})
		row, err = one[runRow](ctx, tx, sqlInsertRun, a)
		if !errors.Is(err, pgx.ErrNoRows) {
			return row.run(), err
		}
		open, err := scalar[scrape.RunID](ctx, tx, sqlOpenRunID, args{"schedule_id": schedule.ID})
		if errors.Is(err, pgx.ErrNoRows) {
			continue // the other run has ended, or it was this one's row that was in the way
		}
		if err != nil {
			return scrape.Run{}, err
		}
		if schedule.Timing.Overlap == scrape.OverlapBufferOne && !start.Insist {
			return scrape.Run{}, alreadyRunning(open)
		}
		a["error_message"] = alreadyRunning(open).Message
		a["progress"] = progressDoc{Phase: scrape.PhaseError, Message: alreadyRunning(open).Message}
		row, err = one[runRow](ctx, tx, sqlInsertSkippedRun, a)
		if !errors.Is(err, pgx.ErrNoRows) {
			return row.run(), err
		}
	}
	return scrape.Run{}, errRestless
}

const sqlRunLogin = `
	SELECT
		c.id,
		c.state,
		c.version,
		COALESCE(p.version, 0) AS session_version
	FROM user_credentials AS c
	LEFT JOIN portal_sessions AS p ON p.credential_id = c.id
	WHERE c.user_id = @user_id
	  AND c.service_name = 'workfossa'`

// readLogin adds what is known of the owner's portal login.
func readLogin(ctx context.Context, tx pgx.Tx, b *scrape.Begun) error {
	type loginRow struct {
		ID             scrape.CredentialID    `db:"id"`
		State          scrape.CredentialState `db:"state"`
		Version        int64                  `db:"version"`
		SessionVersion int64                  `db:"session_version"`
	}
	row, err := one[loginRow](ctx, tx, sqlRunLogin, args{"user_id": b.Run.UserID})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	b.CredentialID, b.CredentialState = row.ID, row.State
	b.CredentialVersion, b.SessionVersion = row.Version, row.SessionVersion
	return err
}

const sqlMarkStarted = `
	UPDATE scraping_history
	SET temporal_run_id = @temporal_run_id
	WHERE id = @id
	  AND temporal_run_id IS NULL`

// MarkStarted notes the Temporal run id of a requested run, unless the run itself was faster.
func (s *Store) MarkStarted(ctx context.Context, id scrape.RunID, temporalRunID string) error {
	_, err := execute(ctx, s.pool, sqlMarkStarted, args{"id": id, "temporal_run_id": temporalRunID})
	return failed("mark run started", err)
}

const sqlDiscardRequestedRun = `
	DELETE FROM scraping_history
	WHERE id = @id
	  AND completed_at IS NULL
	  AND temporal_run_id IS NULL`

// DiscardRequestedRun takes back the row of a run that could not be started. A run that has started stays.
func (s *Store) DiscardRequestedRun(ctx context.Context, id scrape.RunID) error {
	_, err := execute(ctx, s.pool, sqlDiscardRequestedRun, args{"id": id})
	return failed("discard requested run", err)
}
