package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// countsRow is what a run, or one location of it, did to the stored data.
type countsRow struct {
	ItemsProcessed int `db:"items_processed"`
	ItemsAdded     int `db:"items_added"`
	ItemsUpdated   int `db:"items_updated"`
	ItemsUnchanged int `db:"items_unchanged"`
	ItemsRemoved   int `db:"items_removed"`
	ItemsFailed    int `db:"items_failed"`
}

func (r countsRow) counts() scrape.Counts {
	return scrape.Counts{
		Processed: r.ItemsProcessed,
		Added:     r.ItemsAdded,
		Updated:   r.ItemsUpdated,
		Unchanged: r.ItemsUnchanged,
		Removed:   r.ItemsRemoved,
		Failed:    r.ItemsFailed,
	}
}

// withCounts adds the counts to the arguments of a statement.
func withCounts(counts scrape.Counts, a args) args {
	a["processed"], a["added"], a["updated"] = counts.Processed, counts.Added, counts.Updated
	a["unchanged"], a["removed"], a["failed"] = counts.Unchanged, counts.Removed, counts.Failed
	return a
}

// appliedRow is a run's row as far as its result goes.
type appliedRow struct {
	countsRow
	UserID         scrape.UserID  `db:"user_id"`
	ScheduleType   scrape.JobType `db:"schedule_type"`
	CompletedAt    *time.Time     `db:"completed_at"`
	AppliedAt      *time.Time     `db:"applied_at"`
	AppliedOutcome scrape.Outcome `db:"applied_outcome"`
	AppliedMessage string         `db:"applied_message"`
}

func (r appliedRow) plan() scrape.Plan {
	return scrape.Plan{Outcome: r.AppliedOutcome, Message: r.AppliedMessage, Counts: r.counts()}
}

const appliedColumns = `
		user_id,
		schedule_type,
		completed_at,
		applied_at,
		COALESCE(applied_outcome, '') AS applied_outcome,
		COALESCE(applied_message, '') AS applied_message,
		items_processed,
		items_added,
		items_updated,
		items_unchanged,
		items_removed,
		items_failed`

const sqlAppliedRun = `
	SELECT` + appliedColumns + `
	FROM scraping_history
	WHERE id = @id`

const sqlLockRun = sqlAppliedRun + `
	FOR UPDATE`

// lockRun finds a run and holds it: whoever else writes to it waits for the end of the transaction. It is a conflict when the run has
// ended without a result; one that has a result is returned in whatever state it is.
func lockRun(ctx context.Context, tx pgx.Tx, id scrape.RunID) (appliedRow, error) {
	return readApplied(ctx, tx, sqlLockRun, id)
}

func readApplied(ctx context.Context, tx pgx.Tx, sql string, id scrape.RunID) (appliedRow, error) {
	run, err := one[appliedRow](ctx, tx, sql, args{"id": id})
	if err != nil {
		return run, orNotFound(err, runNotFound)
	}
	if run.CompletedAt != nil && run.AppliedAt == nil {
		return run, runHasEnded()
	}
	return run, nil
}

const sqlStoredWorkOrders = `
	SELECT` + orderColumns + `
	FROM work_orders
	WHERE user_id = @user_id`

const sqlMarkRunApplied = `
	UPDATE scraping_history
	SET
		applied_at      = now(),
		applied_outcome = @outcome,
		applied_message = NULLIF(@message, ''),
		items_processed = @processed,
		items_added     = @added,
		items_updated   = @updated,
		items_unchanged = @unchanged,
		items_removed   = @removed,
		items_failed    = @failed
	WHERE id = @id`

// ApplyWorkOrders compares a run's staged pages with the user's stored orders, removed ones included, by the rule plan, and
// carries the result out, all or nothing. It returns the plan's outcome, message and counts without the orders.
//
// It may be repeated: once applied, or held, the stored result is returned and nothing happens. A held result changes no
// order and keeps the pages; any other drops them. A run that has ended without being applied is a conflict. Two runs of
// one user take turns. plan must not use the store.
func (s *Store) ApplyWorkOrders(ctx context.Context, id scrape.RunID, plan jobs.WorkOrderPlanner) (scrape.Plan, error) {
	result, err := s.applyOnce(ctx, id, func(tx pgx.Tx, run appliedRow) (scrape.Plan, error) {
		if err := lockWorkOrders(ctx, tx, run.UserID); err != nil {
			return scrape.Plan{}, err
		}
		result, err := planWorkOrders(ctx, tx, run.UserID, id, plan)
		if err != nil {
			return scrape.Plan{}, err
		}
		if result.Outcome != scrape.OutcomeHeld {
			if err := carryOut(ctx, tx, run.UserID, id, result, nil); err != nil {
				return scrape.Plan{}, err
			}
		}
		return result, markApplied(ctx, tx, id, result)
	})
	return result, failed("apply work orders", err)
}

// applyOnce applies what a run has collected in one transaction, and gives the outcome, message and counts of that. A run that was applied
// before gives what is stored, and apply is not called.
func (s *Store) applyOnce(
	ctx context.Context, id scrape.RunID, apply func(tx pgx.Tx, run appliedRow) (scrape.Plan, error),
) (scrape.Plan, error) {
	var result scrape.Plan
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		run, err := lockRun(ctx, tx, id)
		if err != nil {
			return err
		}
		if run.AppliedAt != nil {
			result = run.plan()
			return nil
		}
		result, err = apply(tx, run)
		return err
	})
	if err != nil {
		return scrape.Plan{}, err
	}
	return summary(result), nil
}

// PreviewWorkOrders makes the plan that ApplyWorkOrders would carry out, with its orders, and changes nothing. Of a run that is applied
// it gives the stored outcome, message and counts.
func (s *Store) PreviewWorkOrders(ctx context.Context, id scrape.RunID, plan jobs.WorkOrderPlanner) (scrape.Plan, error) {
	var result scrape.Plan
	err := s.inSnapshot(ctx, func(tx pgx.Tx) error {
		run, err := readApplied(ctx, tx, sqlAppliedRun, id)
		if err != nil {
			return err
		}
		if run.AppliedAt != nil {
			result = run.plan()
			return nil
		}
		result, err = planWorkOrders(ctx, tx, run.UserID, id, plan)
		return err
	})
	if err != nil {
		return scrape.Plan{}, failed("preview work orders", err)
	}
	return result, nil
}

// lockWorkOrders makes the runs of one user take turns until the end of the transaction. Row locks would not hold off the orders that
// another run is about to add. Whoever needs this lock and that of the dispensers takes this one first.
func lockWorkOrders(ctx context.Context, tx pgx.Tx, user scrape.UserID) error {
	return lockUntilCommit(ctx, tx, fmt.Sprintf("work_orders:%s", user))
}

func planWorkOrders(
	ctx context.Context, tx pgx.Tx, user scrape.UserID, run scrape.RunID, plan jobs.WorkOrderPlanner,
) (scrape.Plan, error) {
	stored, err := many[orderRow](ctx, tx, sqlStoredWorkOrders, args{"user_id": user})
	if err != nil {
		return scrape.Plan{}, err
	}
	pages, err := readPages(ctx, tx, run)
	if err != nil {
		return scrape.Plan{}, err
	}
	return plan(convert(stored, orderRow.workOrder), pages), nil
}

func markApplied(ctx context.Context, tx pgx.Tx, id scrape.RunID, result scrape.Plan) error {
	_, err := execute(ctx, tx, sqlMarkRunApplied, withCounts(result.Counts, args{
		"id":      id,
		"outcome": result.Outcome,
		"message": storable(result.Message),
	}))
	return err
}

// summary is what is told of a plan that was carried out.
func summary(plan scrape.Plan) scrape.Plan {
	return scrape.Plan{Outcome: plan.Outcome, Message: plan.Message, Counts: plan.Counts}
}

// orderRecords turns the JSON array @orders into rows: one statement for any number of orders. The zone letter of a date's
// text is ignored by the type timestamp, so that the date stays as it is.
const orderRecords = `jsonb_to_recordset(@orders::jsonb) AS o (
		id                  text,
		external_id         text,
		site_name           text,
		customer_name       text,
		customer_id         text,
		location_id         text,
		customer_url        text,
		store_number        text,
		street              text,
		intersection        text,
		city_state          text,
		county              text,
		address             text,
		status              text,
		portal_status       text,
		service_name        text,
		project             text,
		service_code        text,
		service_description text,
		service_type        text,
		service_quantity    integer,
		service_items       jsonb,
		items               jsonb,
		instructions        text,
		scheduled_date      timestamp,
		due_date            timestamp,
		visit_id            text,
		visit_url           text,
		visits_done         integer,
		visits_planned      integer,
		created_date        timestamp,
		created_by          text,
		scraped_data        jsonb
	)`

const sqlAddWorkOrders = `
	INSERT INTO work_orders (
		user_id,
		external_id,
		site_name,
		customer_name,
		customer_id,
		location_id,
		customer_url,
		store_number,
		street,
		intersection,
		city_state,
		county,
		address,
		status,
		portal_status,
		service_name,
		project,
		service_code,
		service_description,
		service_type,
		service_quantity,
		service_items,
		items,
		instructions,
		scheduled_date,
		due_date,
		visit_id,
		visit_number,
		visit_url,
		visits_done,
		visits_planned,
		created_date,
		created_by,
		scraped_data
	)
	SELECT
		@user_id,
		o.external_id,
		o.site_name,
		o.customer_name,
		o.customer_id,
		o.location_id,
		o.customer_url,
		o.store_number,
		o.street,
		o.intersection,
		o.city_state,
		o.county,
		o.address,
		COALESCE(o.status, 'pending'),
		o.portal_status,
		o.service_name,
		o.project,
		o.service_code,
		o.service_description,
		o.service_type,
		o.service_quantity,
		o.service_items,
		o.items,
		o.instructions,
		o.scheduled_date,
		o.due_date,
		o.visit_id,
		o.visit_id,
		o.visit_url,
		o.visits_done,
		o.visits_planned,
		o.created_date,
		o.created_by,
		o.scraped_data
	FROM ` + orderRecords

// The status is people's: a run leaves it alone.
const sqlUpdateWorkOrders = `
	UPDATE work_orders AS w
	SET
		site_name           = o.site_name,
		customer_name       = o.customer_name,
		customer_id         = o.customer_id,
		location_id         = o.location_id,
		customer_url        = o.customer_url,
		store_number        = o.store_number,
		street              = o.street,
		intersection        = o.intersection,
		city_state          = o.city_state,
		county              = o.county,
		address             = o.address,
		portal_status       = o.portal_status,
		service_name        = o.service_name,
		project             = o.project,
		service_code        = o.service_code,
		service_description = o.service_description,
		service_type        = o.service_type,
		service_quantity    = o.service_quantity,
		service_items       = o.service_items,
		items               = o.items,
		instructions        = o.instructions,
		scheduled_date      = o.scheduled_date,
		due_date            = o.due_date,
		visit_id            = o.visit_id,
		visit_number        = o.visit_id,
		visit_url           = o.visit_url,
		visits_done         = o.visits_done,
		visits_planned      = o.visits_planned,
		created_date        = o.created_date,
		created_by          = o.created_by,
		scraped_data        = o.scraped_data,
		updated_at          = now(),
		removed_at          = NULL
	FROM ` + orderRecords + `
	WHERE w.user_id = @user_id
	  AND w.id = o.id`

const sqlRemoveWorkOrders = `
	UPDATE work_orders
	SET
		removed_at = now(),
		updated_at = now()
	WHERE user_id = @user_id
	  AND id = ANY (@ids::text[])
	  AND removed_at IS NULL`

// carryOut writes what a plan says, with its changes, and drops the run's pages. at is when a person decided it; nil is now.
func carryOut(
	ctx context.Context, tx pgx.Tx, user scrape.UserID, run scrape.RunID, plan scrape.Plan, at *time.Time,
) error {
	if len(plan.Add) > 0 {
		if _, err := execute(ctx, tx, sqlAddWorkOrders, args{
			"user_id": user,
			"orders":  convert(plan.Add, orderRecordOf),
		}); err != nil {
			return fmt.Errorf("add: %w", err)
		}
	}
	if len(plan.Update) > 0 {
		if _, err := execute(ctx, tx, sqlUpdateWorkOrders, args{
			"user_id": user,
			"orders":  convert(plan.Update, orderRecordOf),
		}); err != nil {
			return fmt.Errorf("update: %w", err)
		}
	}
	if len(plan.Remove) > 0 {
		ids := convert(plan.Remove, func(order scrape.WorkOrder) string { return order.ID })
		if _, err := execute(ctx, tx, sqlRemoveWorkOrders, args{"user_id": user, "ids": ids}); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
	}
	if len(plan.Add)+len(plan.Update)+len(plan.Remove) > 0 {
		if err := lockDispensers(ctx, tx, user); err != nil {
			return err
		}
		if err := linkDispensers(ctx, tx, user, ""); err != nil {
			return err
		}
	}
	if err := saveChanges(ctx, tx, user, run, plan.Changes, at); err != nil {
		return err
	}
	_, err := execute(ctx, tx, sqlDeletePages, args{"run_id": run})
	return err
}
