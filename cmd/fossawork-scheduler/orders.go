package main

import (
	"context"

	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/scrape"
)

// collected is the store as the API asks for collected data.
type collected struct{ *store.Store }

// Dispensers lists the dispensers at some locations.
func (c collected) Dispensers(ctx context.Context, user scrape.UserID, locations []string) ([]scrape.Dispenser, error) {
	return c.DispensersAt(ctx, user, locations)
}

// SetStatus is a person's word about a work order.
func (c collected) SetStatus(ctx context.Context, user scrape.UserID, id, status string) (scrape.WorkOrder, error) {
	return c.SetWorkOrderStatus(ctx, user, id, status)
}

// Delete forgets a work order.
func (c collected) Delete(ctx context.Context, user scrape.UserID, id string) error {
	return c.DeleteWorkOrder(ctx, user, id)
}

// Clear forgets all of a user's work orders and dispensers.
func (c collected) Clear(ctx context.Context, user scrape.UserID) (orders, dispensers int, err error) {
	return c.ClearWorkOrders(ctx, user)
}
