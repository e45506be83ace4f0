package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

// What people do to orders and dispensers by hand. The next run that reads a list or a location brings back what the portal shows.

const sqlSetWorkOrderStatus = `
	UPDATE work_orders
	SET
		status     = @status,
		updated_at = now()
	WHERE user_id = @user_id
	  AND id = @id
	RETURNING` + orderColumns

// SetWorkOrderStatus notes a person's word about a user's order; which words there are is for the caller to say. An order of somebody
// else does not exist for the user.
func (s *Store) SetWorkOrderStatus(ctx context.Context, user scrape.UserID, id, status string) (scrape.WorkOrder, error) {
	row, err := one[orderRow](ctx, s.pool, sqlSetWorkOrderStatus, args{"user_id": user, "id": id, "status": status})
	if err != nil {
		return scrape.WorkOrder{}, failed("set work order status", orNotFound(err, workOrderNotFound))
	}
	return row.workOrder(), nil
}

// Dispensers of the old database may have an order and no location.
const sqlDeleteWorkOrder = `
	WITH orphans AS (
		DELETE FROM dispensers
		WHERE user_id = @user_id
		  AND work_order_id = @id
		  AND location_id IS NULL
	)
	DELETE FROM work_orders
	WHERE user_id = @user_id
	  AND id = @id
	RETURNING COALESCE(location_id, '')`

const sqlLocationHasOrders = `
	SELECT EXISTS (
		SELECT
		FROM work_orders
		WHERE user_id = @user_id
		  AND location_id = @location_id
	)`

// DeleteWorkOrder deletes the row of a user's order. The dispensers of its location stay as long as another order, listed or not, is at
// the same location; otherwise they go too, with what is known of the location. An order of somebody else does not exist for the user.
func (s *Store) DeleteWorkOrder(ctx context.Context, user scrape.UserID, id string) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockCollected(ctx, tx, user); err != nil {
			return err
		}
		location, err := scalar[string](ctx, tx, sqlDeleteWorkOrder, args{"user_id": user, "id": id})
		if err != nil {
			return orNotFound(err, workOrderNotFound)
		}
		if location == "" {
			return nil
		}
		others, err := scalar[bool](ctx, tx, sqlLocationHasOrders, args{"user_id": user, "location_id": location})
		if err != nil {
			return err
		}
		if others {
			return linkDispensers(ctx, tx, user, location)
		}
		_, err = forgetLocation(ctx, tx, user, location, id)
		return err
	})
	return failed("delete work order", err)
}

// lockCollected holds off the runs of a user that write orders or dispensers.
func lockCollected(ctx context.Context, tx pgx.Tx, user scrape.UserID) error {
	if err := lockWorkOrders(ctx, tx, user); err != nil {
		return err
	}
	return lockDispensers(ctx, tx, user)
}

// A location whose dispensers are gone must not count as read: the next run would leave it out.
const sqlForgetLocation = `
	WITH unread AS (
		DELETE FROM locations
		WHERE user_id = @user_id
		  AND location_id = @location_id
	), gone AS (
		DELETE FROM dispensers
		WHERE user_id = @user_id
		  AND (location_id = @location_id OR (location_id IS NULL AND work_order_id = @work_order_id))
		RETURNING removed_at
	)
	SELECT count(*)
	FROM gone
	WHERE removed_at IS NULL`

// forgetLocation deletes the dispensers of a location and what is known of it, and tells how many of them were not removed before.
func forgetLocation(ctx context.Context, tx pgx.Tx, user scrape.UserID, location, order string) (int, error) {
	return scalar[int](ctx, tx, sqlForgetLocation, args{"user_id": user, "location_id": location, "work_order_id": order})
}

const sqlClearWorkOrders = `
	WITH unread AS (
		DELETE FROM locations
		WHERE user_id = @user_id
	), gone AS (
		DELETE FROM work_orders
		WHERE user_id = @user_id
		RETURNING removed_at
	)
	SELECT count(*)
	FROM gone
	WHERE removed_at IS NULL`

const sqlClearDispensers = `
	WITH gone AS (
		DELETE FROM dispensers
		WHERE user_id = @user_id
		RETURNING removed_at
	)
	SELECT count(*)
	FROM gone
	WHERE removed_at IS NULL`

// ClearWorkOrders deletes all orders and dispensers of a user, and what is known of the locations. It tells how many of each a person
// could see: removed ones go too and are not counted.
func (s *Store) ClearWorkOrders(ctx context.Context, user scrape.UserID) (orders, dispensers int, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockCollected(ctx, tx, user); err != nil {
			return err
		}
		var err error
		if dispensers, err = scalar[int](ctx, tx, sqlClearDispensers, args{"user_id": user}); err != nil {
			return err
		}
		orders, err = scalar[int](ctx, tx, sqlClearWorkOrders, args{"user_id": user})
		return err
	})
	if err != nil {
		return 0, 0, failed("clear work orders", err)
	}
	return orders, dispensers, nil
}

const sqlOrderLocation = `
	SELECT COALESCE(location_id, '')
	FROM work_orders
	WHERE user_id = @user_id
	  AND id = @id`

// DeleteDispensers deletes the dispensers of the location of a user's order, and what is known of that location. It tells how many a
// person could see: removed ones go too and are not counted. An order of somebody else does not exist for the user.
func (s *Store) DeleteDispensers(ctx context.Context, user scrape.UserID, workOrderID string) (int, error) {
	var deleted int
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockDispensers(ctx, tx, user); err != nil {
			return err
		}
		location, err := scalar[string](ctx, tx, sqlOrderLocation, args{"user_id": user, "id": workOrderID})
		if err != nil {
			return orNotFound(err, workOrderNotFound)
		}
		deleted, err = forgetLocation(ctx, tx, user, location, workOrderID)
		return err
	})
	if err != nil {
		return 0, failed("delete dispensers", err)
	}
	return deleted, nil
}
