package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

type runRow struct {
	countsRow
	ID            scrape.RunID       `db:"id"`
	ScheduleID    scrape.ScheduleID  `db:"schedule_id"`
	UserID        scrape.UserID      `db:"user_id"`
	ScheduleType  scrape.JobType     `db:"schedule_type"`
	TriggerType   scrape.Trigger     `db:"trigger_type"`
	WorkflowID    string             `db:"workflow_id"`
	TemporalRunID string             `db:"temporal_run_id"`
	RequestedBy   string             `db:"requested_by"`
	NominalAt     time.Time          `db:"nominal_at"`
	StartedAt     time.Time          `db:"started_at"`
	CompletedAt   *time.Time         `db:"completed_at"`
	OpenUntil     *time.Time         `db:"open_until"`
	Outcome       scrape.Outcome     `db:"outcome"`
	Decision      scrape.Decision    `db:"held_decision"`
	ErrorMessage  string             `db:"error_message"`
	ErrorDetail   string             `db:"error_detail"`
	RunOptions    *scrape.RunOptions `db:"run_options"`
	CancelBy      *string            `db:"cancel_requested_by"`
	CancelAt      *time.Time         `db:"cancel_requested_at"`
	Progress      progressDoc        `db:"progress"`
}

// progressDoc is the progress as it is stored.
type progressDoc struct {
	Phase      scrape.Phase `json:"phase"`
	Percentage float64      `json:"percentage"`
	Message    string       `json:"message"`
	Found      int          `json:"found"`
	Processed  int          `json:"processed"`
}

func (r runRow) run() scrape.Run {
	run := scrape.Run{
		ID:            r.ID,
		ScheduleID:    r.ScheduleID,
		UserID:        r.UserID,
		JobType:       r.ScheduleType,
		Trigger:       r.TriggerType,
		WorkflowID:    r.WorkflowID,
		TemporalRunID: r.TemporalRunID,
		RequestedBy:   r.RequestedBy,
		NominalAt:     r.NominalAt,
		StartedAt:     r.StartedAt,
		CompletedAt:   r.CompletedAt,
		OpenUntil:     r.OpenUntil,
		Outcome:       r.Outcome,
		Decision:      r.Decision,
		ErrorMessage:  r.ErrorMessage,
		ErrorDetail:   r.ErrorDetail,
		Counts:        r.counts(),
		Progress:      scrape.Progress(r.Progress),
	}
	if r.RunOptions != nil {
		run.Options = *r.RunOptions
	}
	if r.CancelBy != nil && r.CancelAt != nil {
		run.Cancel = &scrape.CancelRequest{By: *r.CancelBy, At: *r.CancelAt}
	}
	return run
}

const runColumns = `
		id,
		COALESCE(schedule_id, 0) AS schedule_id,
		user_id,
		schedule_type,
		trigger_type,
		COALESCE(workflow_id, '') AS workflow_id,
		COALESCE(temporal_run_id, '') AS temporal_run_id,
		COALESCE(requested_by, '') AS requested_by,
		COALESCE(nominal_at, started_at) AS nominal_at,
		started_at,
		completed_at,
		open_until,
		run_options,
		cancel_requested_by,
		cancel_requested_at,
		COALESCE(outcome, '') AS outcome,
		COALESCE(held_decision, '') AS held_decision,
		COALESCE(error_message, '') AS error_message,
		COALESCE(error_detail, '') AS error_detail,
		items_processed,
		items_added,
		items_updated,
		items_unchanged,
		items_removed,
		items_failed,
		progress`

const sqlRun = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE id = @id`

// Run finds a run, whoever owns it.
func (s *Store) Run(ctx context.Context, id scrape.RunID) (scrape.Run, error) {
	return readRun(ctx, s.pool, sqlRun, args{"id": id})
}

const sqlRunByWorkflow = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE workflow_id = @workflow_id`

// RunByWorkflow finds a run by Temporal's workflow id.
func (s *Store) RunByWorkflow(ctx context.Context, workflowID string) (scrape.Run, error) {
	return readRun(ctx, s.pool, sqlRunByWorkflow, args{"workflow_id": workflowID})
}

const sqlRunOf = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE workflow_id = @workflow_id
	  AND NOT EXISTS (
		SELECT FROM user_credentials AS c
		WHERE c.id = @credential_id
		  AND c.user_id <> scraping_history.user_id
	  )`

// RunOf is the run of a workflow, if the login that the workflow goes on with is none of somebody else; 0 stands for no login. A database
// that was restored from a backup gives ids again that workflows still know.
func (s *Store) RunOf(ctx context.Context, workflowID string, credential scrape.CredentialID) (scrape.Run, error) {
	return readRun(ctx, s.pool, sqlRunOf, args{"workflow_id": workflowID, "credential_id": credential})
}

const sqlUserRun = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE id = @id
	  AND user_id = @user_id
	  AND hidden_at IS NULL`

// UserRun finds a user's run. One of somebody else, or one that was deleted, does not exist for the user.
func (s *Store) UserRun(ctx context.Context, user scrape.UserID, id scrape.RunID) (scrape.Run, error) {
	return readRun(ctx, s.pool, sqlUserRun, args{"id": id, "user_id": user})
}

func readRun(ctx context.Context, db querier, sql string, a args) (scrape.Run, error) {
	row, err := one[runRow](ctx, db, sql, a)
	if err != nil {
		return scrape.Run{}, failed("read run", orNotFound(err, runNotFound))
	}
	return row.run(), nil
}

// thatRan leaves out the slots that did not run: remarks about a schedule, and no runs that people ask about. Clients that look at the
// newest row would take one for a failure. Runs that people have deleted are left out, too.
const thatRan = `hidden_at IS NULL
	  AND (outcome IS NULL OR outcome NOT IN ('skipped_overlap', 'paused', 'held_credentials', 'breaker_open'))`

const sqlHistory = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE user_id = @user_id
	  AND schedule_type = @schedule_type
	  AND ` + thatRan + `
	ORDER BY started_at DESC, id DESC
	LIMIT @limit::bigint`

// History lists a user's newest runs of a job type, whatever schedule they belong to, newest first; never nil. Slots that did not run
// are left out.
func (s *Store) History(
	ctx context.Context, user scrape.UserID, job scrape.JobType, limit int,
) ([]scrape.Run, error) {
	rows, err := many[runRow](ctx, s.pool, sqlHistory, args{"user_id": user, "schedule_type": job, "limit": limit})
	return convert(rows, runRow.run), failed("list history", err)
}

const (
	sqlLatestRun = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE schedule_id = @schedule_id
	  AND ` + thatRan + `
	ORDER BY started_at DESC, id DESC
	LIMIT 1`

	sqlLatestUserRun = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE user_id = @user_id
	  AND schedule_type = @schedule_type
	  AND ` + thatRan + `
	ORDER BY started_at DESC, id DESC
	LIMIT 1`
)

// LatestRun finds the newest run of a schedule, passing over slots that did not run; false when there is none.
func (s *Store) LatestRun(ctx context.Context, id scrape.ScheduleID) (scrape.Run, bool, error) {
	return s.latestRun(ctx, sqlLatestRun, args{"schedule_id": id})
}

// LatestUserRun finds a user's newest run of a job type, passing over slots that did not run; false when there is none.
func (s *Store) LatestUserRun(ctx context.Context, user scrape.UserID, job scrape.JobType) (scrape.Run, bool, error) {
	return s.latestRun(ctx, sqlLatestUserRun, args{"user_id": user, "schedule_type": job})
}

func (s *Store) latestRun(ctx context.Context, sql string, a args) (scrape.Run, bool, error) {
	row, err := one[runRow](ctx, s.pool, sql, a)
	if errors.Is(err, pgx.ErrNoRows) {
		return scrape.Run{}, false, nil
	}
	if err != nil {
		return scrape.Run{}, false, failed("read latest run", err)
	}
	return row.run(), true, nil
}

const sqlOpenRuns = `
	SELECT` + runColumns + `
	FROM scraping_history
	WHERE completed_at IS NULL
	  AND started_at < @started_before
	ORDER BY started_at, id
	LIMIT @limit::bigint`

// OpenRuns lists the runs that were started before then and have not ended, oldest first.
func (s *Store) OpenRuns(ctx context.Context, startedBefore time.Time, limit int) ([]scrape.Run, error) {
	rows, err := many[runRow](ctx, s.pool, sqlOpenRuns, args{"started_before": startedBefore, "limit": limit})
	return convert(rows, runRow.run), failed("list open runs", err)
}

// hiddenRemains takes with it what hidden runs have left behind; their rows stay, because the ledger of slots tells from them what ran.
const hiddenRemains = `,
	pages AS (DELETE FROM scrape_pages USING hidden WHERE run_id = hidden.id),
	sites AS (DELETE FROM run_sites USING hidden WHERE run_id = hidden.id),
	changes AS (DELETE FROM run_changes USING hidden WHERE run_id = hidden.id),
	attempts AS (DELETE FROM run_attempts USING hidden WHERE run_id = hidden.id),
	evidence AS (DELETE FROM run_evidence USING hidden WHERE run_id = hidden.id)
	SELECT count(*)
	FROM hidden`

const deleteRun = `
	WITH hidden AS (
		UPDATE scraping_history
		SET hidden_at = now()
		WHERE id = @id
		  AND user_id = @user_id
		  AND completed_at IS NOT NULL
		  AND hidden_at IS NULL
		RETURNING id
	)`

const sqlDeleteRun = deleteRun + hiddenRemains

// DeleteRun hides a user's finished run from every list and forgets its details. A running one is a conflict.
func (s *Store) DeleteRun(ctx context.Context, user scrape.UserID, id scrape.RunID) error {
	n, err := scalar[int](ctx, s.pool, sqlDeleteRun, args{"id": id, "user_id": user})
	if err != nil || n > 0 {
		return failed("delete run", err)
	}
	if _, err := s.UserRun(ctx, user, id); err != nil {
		return err
	}
	return scrape.Errorf(scrape.KindConflict, "This run is still in progress. Wait until it has ended or stop it first.")
}

const deleteHistory = `
	WITH hidden AS (
		UPDATE scraping_history
		SET hidden_at = now()
		WHERE user_id = @user_id
		  AND schedule_type = @schedule_type
		  AND completed_at IS NOT NULL
		  AND hidden_at IS NULL
		RETURNING id
	)`

const sqlDeleteHistory = deleteHistory + hiddenRemains

// DeleteHistory hides a user's finished runs of a job type as DeleteRun does, and tells how many.
func (s *Store) DeleteHistory(ctx context.Context, user scrape.UserID, job scrape.JobType) (deleted int, err error) {
	deleted, err = scalar[int](ctx, s.pool, sqlDeleteHistory, args{"user_id": user, "schedule_type": job})
	return deleted, failed("delete history", err)
}

// storable makes a text fit for Postgres, which takes neither NUL nor broken UTF-8. Texts of errors quote what came from
// outside, and a run must be closed whatever that was.
func storable(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}
