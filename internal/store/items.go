package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

type itemRow struct {
	Key       string         `db:"key"`
	Label     string         `db:"label"`
	Data      map[string]any `db:"data"`
	CreatedAt time.Time      `db:"created_at"`
	UpdatedAt time.Time      `db:"updated_at"`
	RemovedAt *time.Time     `db:"removed_at"`
}

// itemDoc is one record of the statement that puts items.
type itemDoc struct {
	Key   string         `json:"key"`
	Label string         `json:"label"`
	Data  map[string]any `json:"data"`
}

func itemDocOf(item scrape.Item) itemDoc {
	doc := itemDoc{Key: item.Key, Label: item.Label, Data: item.Data}
	if doc.Data == nil {
		doc.Data = map[string]any{}
	}
	return doc
}

const itemColumns = `
		key,
		label,
		data,
		created_at,
		updated_at,
		removed_at`

const sqlStoredItems = `
	SELECT` + itemColumns + `
	FROM collected_items
	WHERE user_id = @user_id
	  AND job_type = @job_type
	ORDER BY key`

const sqlItems = `
	SELECT` + itemColumns + `
	FROM collected_items
	WHERE user_id = @user_id
	  AND job_type = @job_type
	  AND removed_at IS NULL
	ORDER BY key`

// Items lists what a user's runs of a job type keep and have not removed, by key; never nil. Numbers in the data are float64.
func (s *Store) Items(ctx context.Context, user scrape.UserID, job scrape.JobType) ([]scrape.Item, error) {
	rows, err := many[itemRow](ctx, s.pool, sqlItems, args{"user_id": user, "job_type": job})
	return convert(rows, func(row itemRow) scrape.Item { return scrape.Item(row) }), failed("list items", err)
}

const sqlJobResult = `
	SELECT
		run_id,
		at,
		document
	FROM job_results
	WHERE user_id = @user_id
	  AND job_type = @job_type`

// JobResult finds the newest whole result of a user's runs of a job type; false when there is none.
func (s *Store) JobResult(ctx context.Context, user scrape.UserID, job scrape.JobType) (scrape.JobResult, bool, error) {
	type resultRow struct {
		RunID    scrape.RunID `db:"run_id"`
		At       time.Time    `db:"at"`
		Document []byte       `db:"document"`
	}
	row, err := one[resultRow](ctx, s.pool, sqlJobResult, args{"user_id": user, "job_type": job})
	if errors.Is(err, pgx.ErrNoRows) {
		return scrape.JobResult{}, false, nil
	}
	return scrape.JobResult(row), err == nil, failed("read job result", err)
}

const sqlPutItems = `
	INSERT INTO collected_items (user_id, job_type, key, label, data)
	SELECT
		@user_id,
		@job_type,
		i.key,
		i.label,
		i.data
	FROM jsonb_to_recordset(@items::jsonb) AS i (
		key   text,
		label text,
		data  jsonb
	)
	ON CONFLICT (user_id, job_type, key) DO UPDATE
	SET
		label      = EXCLUDED.label,
		data       = EXCLUDED.data,
		updated_at = now(),
		removed_at = NULL`

const sqlRemoveItems = `
	UPDATE collected_items
	SET
		removed_at = now(),
		updated_at = now()
	WHERE user_id = @user_id
	  AND job_type = @job_type
	  AND key = ANY (@keys::text[])
	  AND removed_at IS NULL`

const sqlPutJobResult = `
	INSERT INTO job_results (user_id, job_type, run_id, document)
	VALUES (@user_id, @job_type, @run_id, @document::json)
	ON CONFLICT (user_id, job_type) DO UPDATE
	SET
		run_id   = EXCLUDED.run_id,
		at       = EXCLUDED.at,
		document = EXCLUDED.document`

// ApplyItems compares what a run has collected with the stored items of its user and job type, removed ones included, by the rule plan,
// and carries the result out, all or nothing: the items, the changes, and the document as the type's newest whole result; an empty one
// leaves that as it is. It returns the plan's outcome, message and counts.
//
// It may be repeated: once applied, or held, the stored result is returned and nothing happens. A held result changes nothing, and
// nothing of it is kept. A run that has ended without being applied is a conflict. Two runs of one user and type take turns. plan must
// not use the store.
func (s *Store) ApplyItems(
	ctx context.Context, id scrape.RunID, document []byte, plan func(stored []scrape.Item) scrape.ItemPlan,
) (scrape.Plan, error) {
	result, err := s.applyOnce(ctx, id, func(tx pgx.Tx, run appliedRow) (scrape.Plan, error) {
		if err := lockUntilCommit(ctx, tx, fmt.Sprintf("items:%s:%s", run.ScheduleType, run.UserID)); err != nil {
			return scrape.Plan{}, err
		}
		stored, err := many[itemRow](ctx, tx, sqlStoredItems, args{"user_id": run.UserID, "job_type": run.ScheduleType})
		if err != nil {
			return scrape.Plan{}, err
		}
		decided := plan(convert(stored, func(row itemRow) scrape.Item { return scrape.Item(row) }))
		if decided.Outcome != scrape.OutcomeHeld {
			if err := changeItems(ctx, tx, id, run, document, decided); err != nil {
				return scrape.Plan{}, err
			}
		}
		result := scrape.Plan{Outcome: decided.Outcome, Message: decided.Message, Counts: decided.Counts}
		return result, markApplied(ctx, tx, id, result)
	})
	return result, failed("apply items", err)
}

func changeItems(
	ctx context.Context, tx pgx.Tx, id scrape.RunID, run appliedRow, document []byte, plan scrape.ItemPlan,
) error {
	if len(plan.Put) > 0 {
		if _, err := execute(ctx, tx, sqlPutItems, args{
			"user_id": run.UserID, "job_type": run.ScheduleType, "items": convert(plan.Put, itemDocOf),
		}); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	if len(plan.Remove) > 0 {
		if _, err := execute(ctx, tx, sqlRemoveItems, args{
			"user_id": run.UserID, "job_type": run.ScheduleType, "keys": plan.Remove,
		}); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
	}
	if len(document) > 0 {
		if _, err := execute(ctx, tx, sqlPutJobResult, args{
			"user_id": run.UserID, "job_type": run.ScheduleType, "run_id": id, "document": document,
		}); err != nil {
			return fmt.Errorf("keep result: %w", err)
		}
	}
	return saveChanges(ctx, tx, run.UserID, id, plan.Changes, nil)
}
