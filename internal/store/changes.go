package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

// changeDoc is one record of the statement that adds changes.
type changeDoc struct {
	Kind   scrape.ChangeKind    `json:"kind"`
	Item   string               `json:"item"`
	Key    string               `json:"key"`
	Label  string               `json:"label"`
	Fields []scrape.FieldChange `json:"fields"`
}

func changeDocOf(change scrape.Change) changeDoc {
	doc := changeDoc{Kind: change.Kind, Item: change.Item, Key: change.Key, Label: change.Label, Fields: change.Fields}
	if doc.Fields == nil {
		doc.Fields = []scrape.FieldChange{}
	}
	return doc
}

// The numbers follow the records' order. The writers of one run take turns, so none of its changes appears behind a cursor that has
// gone past its number.
const sqlAddChanges = `
	INSERT INTO run_changes (run_id, user_id, at, kind, item, key, label, fields)
	SELECT
		@run_id,
		@user_id,
		COALESCE(@at::timestamptz, now()),
		c ->> 'kind',
		c ->> 'item',
		c ->> 'key',
		c ->> 'label',
		c -> 'fields'
	FROM jsonb_array_elements(@changes::jsonb) WITH ORDINALITY AS r (c, place)
	ORDER BY place`

// saveChanges keeps what a run did, in the transaction that does it. at is when a person decided it; nil is now.
func saveChanges(
	ctx context.Context, tx pgx.Tx, user scrape.UserID, run scrape.RunID, changes []scrape.Change, at *time.Time,
) error {
	if len(changes) == 0 {
		return nil
	}
	_, err := execute(ctx, tx, sqlAddChanges, args{
		"run_id": run, "user_id": user, "at": at, "changes": convert(changes, changeDocOf),
	})
	if err != nil {
		return fmt.Errorf("save changes: %w", err)
	}
	return nil
}

type changeRow struct {
	ID     int64                `db:"id"`
	RunID  scrape.RunID         `db:"run_id"`
	At     time.Time            `db:"at"`
	Kind   scrape.ChangeKind    `db:"kind"`
	Item   string               `db:"item"`
	Key    string               `db:"key"`
	Label  string               `db:"label"`
	Fields []scrape.FieldChange `db:"fields"`
}

func (r changeRow) change() scrape.Change {
	change := scrape.Change{
		RunID: r.RunID, At: r.At, Kind: r.Kind, Item: r.Item, Key: r.Key, Label: r.Label, Fields: r.Fields,
	}
	if len(change.Fields) == 0 {
		change.Fields = nil
	}
	return change
}

const changeColumns = `
		id,
		run_id,
		at,
		kind,
		item,
		key,
		label,
		fields`

const sqlRunChanges = `
	SELECT` + changeColumns + `
	FROM run_changes
	WHERE run_id = @run_id
	  AND user_id = @user_id
	  AND id > @after::bigint
	ORDER BY id
	LIMIT @limit::bigint`

// RunChanges lists a page of what a user's run did, oldest first: the changes behind the cursor after, 0 for the first page. next is
// the cursor of the page that follows, 0 at the end. Numbers in the fields are float64. A run of somebody else does not exist for the
// user.
func (s *Store) RunChanges(
	ctx context.Context, user scrape.UserID, run scrape.RunID, after int64, limit int,
) (changes []scrape.Change, next int64, err error) {
	limit = max(limit, 1)
	rows, err := many[changeRow](ctx, s.pool, sqlRunChanges, args{
		"run_id": run, "user_id": user, "after": after, "limit": limit + 1, // the one too many tells that there is more
	})
	if err != nil {
		return nil, 0, failed("list changes of run", err)
	}
	if len(rows) == 0 {
		if _, err := s.UserRun(ctx, user, run); err != nil {
			return nil, 0, err
		}
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	return convert(rows, changeRow.change), next, nil
}

const sqlItemChanges = `
	SELECT` + changeColumns + `
	FROM run_changes
	WHERE user_id = @user_id
	  AND item = @item
	  AND key = @key
	ORDER BY id DESC
	LIMIT @limit::bigint`

// ItemChanges lists what runs did to one of a user's things, newest first; never nil.
func (s *Store) ItemChanges(ctx context.Context, user scrape.UserID, item, key string, limit int) ([]scrape.Change, error) {
	rows, err := many[changeRow](ctx, s.pool, sqlItemChanges, args{
		"user_id": user, "item": item, "key": key, "limit": max(limit, 1),
	})
	return convert(rows, changeRow.change), failed("list changes of item", err)
}
