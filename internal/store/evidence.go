package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

const sqlAddAttempt = `
	INSERT INTO run_attempts (run_id, step, number, at, kind, message, detail, missing)
	SELECT
		id,
		@step,
		@number::integer,
		@at::timestamptz,
		@kind,
		@message,
		@detail,
		@missing::jsonb
	FROM scraping_history
	WHERE id = @run_id
	ON CONFLICT (run_id, step, number, at) DO UPDATE
	SET
		kind    = EXCLUDED.kind,
		message = EXCLUDED.message,
		detail  = EXCLUDED.detail,
		missing = EXCLUDED.missing`

const sqlAddEvidence = `
	INSERT INTO run_evidence (run_id, user_id, name, content_type, step, attempt, taken_at, body)
	SELECT
		h.id,
		h.user_id,
		f.name,
		f.content_type,
		f.step,
		f.attempt,
		f.taken_at,
		f.body
	FROM scraping_history AS h
	CROSS JOIN unnest(
		@names::text[],
		@content_types::text[],
		@steps::text[],
		@attempts::integer[],
		@times::timestamptz[],
		@bodies::bytea[]
	) AS f (name, content_type, step, attempt, taken_at, body)
	WHERE h.id = @run_id
	ON CONFLICT (run_id, name) DO UPDATE
	SET
		content_type = EXCLUDED.content_type,
		step         = EXCLUDED.step,
		attempt      = EXCLUDED.attempt,
		taken_at     = EXCLUDED.taken_at,
		body         = EXCLUDED.body`

// SaveAttempt keeps a failed try of a step and the files of its evidence, all or nothing, also once the run has ended. It may be
// repeated: the same step, number and time is the same try, and a file of the same name is replaced. Attempt.Evidence is not looked at.
// A file without step, attempt or time has the attempt's.
func (s *Store) SaveAttempt(
	ctx context.Context, run scrape.RunID, attempt scrape.Attempt, files []scrape.EvidenceFile,
) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := execute(ctx, tx, sqlAddAttempt, args{
			"run_id":  run,
			"step":    attempt.Step,
			"number":  attempt.Number,
			"at":      attempt.At,
			"kind":    attempt.Kind,
			"message": storable(attempt.Message),
			"detail":  storable(attempt.Detail),
			"missing": attempt.Missing,
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return scrape.Errorf(scrape.KindNotFound, runNotFound)
		}
		return saveFiles(ctx, tx, run, attempt, files)
	})
	return failed("save attempt", err)
}

func saveFiles(
	ctx context.Context, tx pgx.Tx, run scrape.RunID, attempt scrape.Attempt, files []scrape.EvidenceFile,
) error {
	if len(files) == 0 {
		return nil
	}
	var names, types, steps []string
	var attempts []int
	var times []time.Time
	var bodies [][]byte
	for _, file := range files {
		names, types = append(names, file.Name), append(types, file.ContentType)
		steps = append(steps, or(file.Step, attempt.Step))
		attempts = append(attempts, or(file.Attempt, attempt.Number))
		times = append(times, or(file.TakenAt, attempt.At))
		bodies = append(bodies, append([]byte{}, file.Body...)) // an empty file is no null
	}
	_, err := execute(ctx, tx, sqlAddEvidence, args{
		"run_id": run, "names": names, "content_types": types, "steps": steps,
		"attempts": attempts, "times": times, "bodies": bodies,
	})
	return err
}

const sqlAttempts = `
	SELECT
		step,
		number,
		at,
		kind,
		message,
		detail,
		missing
	FROM run_attempts
	WHERE run_id = @run_id
	ORDER BY at, id`

// Attempts lists the failed tries of a user's run, oldest first, without evidence; never nil. A run of somebody else does not exist for
// the user.
func (s *Store) Attempts(ctx context.Context, user scrape.UserID, run scrape.RunID) ([]scrape.Attempt, error) {
	if _, err := s.UserRun(ctx, user, run); err != nil {
		return nil, err
	}
	type attemptRow struct {
		Step    string          `db:"step"`
		Number  int             `db:"number"`
		At      time.Time       `db:"at"`
		Kind    scrape.Kind     `db:"kind"`
		Message string          `db:"message"`
		Detail  string          `db:"detail"`
		Missing *scrape.Missing `db:"missing"`
	}
	rows, err := many[attemptRow](ctx, s.pool, sqlAttempts, args{"run_id": run})
	return convert(rows, func(row attemptRow) scrape.Attempt {
		return scrape.Attempt{
			Step: row.Step, Number: row.Number, At: row.At, Kind: row.Kind, Message: row.Message, Detail: row.Detail,
			Missing: row.Missing,
		}
	}), failed("list attempts", err)
}

type evidenceRow struct {
	Name        string    `db:"name"`
	ContentType string    `db:"content_type"`
	Step        string    `db:"step"`
	Attempt     int       `db:"attempt"`
	Size        int       `db:"size"`
	TakenAt     time.Time `db:"taken_at"`
	Body        []byte    `db:"body"`
}

func (r evidenceRow) file() scrape.EvidenceFile { return scrape.EvidenceFile(r) }

const sqlEvidenceFiles = `
	SELECT
		name,
		content_type,
		step,
		attempt,
		size,
		taken_at,
		NULL::bytea AS body
	FROM run_evidence
	WHERE run_id = @run_id
	ORDER BY taken_at, name`

// EvidenceFiles lists the files of a user's run, oldest first, without their bodies; never nil. A run of somebody else does not exist
// for the user.
func (s *Store) EvidenceFiles(ctx context.Context, user scrape.UserID, run scrape.RunID) ([]scrape.EvidenceFile, error) {
	if _, err := s.UserRun(ctx, user, run); err != nil {
		return nil, err
	}
	rows, err := many[evidenceRow](ctx, s.pool, sqlEvidenceFiles, args{"run_id": run})
	return convert(rows, evidenceRow.file), failed("list evidence", err)
}

const sqlEvidenceFile = `
	SELECT
		name,
		content_type,
		step,
		attempt,
		size,
		taken_at,
		body
	FROM run_evidence
	WHERE run_id = @run_id
	  AND name = @name`

// EvidenceFile finds one file of a user's run with its body. A run of somebody else does not exist for the user.
func (s *Store) EvidenceFile(
	ctx context.Context, user scrape.UserID, run scrape.RunID, name string,
) (scrape.EvidenceFile, error) {
	if _, err := s.UserRun(ctx, user, run); err != nil {
		return scrape.EvidenceFile{}, err
	}
	row, err := one[evidenceRow](ctx, s.pool, sqlEvidenceFile, args{"run_id": run, "name": storable(name)})
	if err != nil {
		return scrape.EvidenceFile{}, failed("read evidence", orNotFound(err, evidenceNotFound))
	}
	return row.file(), nil
}

// Runs are numbered as they begin, so the highest numbers are the newest.
const sqlPruneEvidence = `
	DELETE FROM run_evidence
	WHERE user_id = @user_id
	  AND (
		taken_at < @before::timestamptz
		OR run_id NOT IN (
			SELECT DISTINCT run_id
			FROM run_evidence
			WHERE user_id = @user_id
			ORDER BY run_id DESC
			LIMIT @keep::bigint
		)
	  )`

// PruneEvidence forgets the files of all of a user's runs but the newest keepRuns that have any, and every file that was taken before
// then, and tells how many. The attempts stay.
func (s *Store) PruneEvidence(ctx context.Context, user scrape.UserID, keepRuns int, before time.Time) (int, error) {
	n, err := execute(ctx, s.pool, sqlPruneEvidence, args{"user_id": user, "keep": max(keepRuns, 0), "before": before})
	return n, failed("prune evidence", err)
}
