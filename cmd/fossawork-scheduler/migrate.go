package main

import (
	"context"

	"github.com/fossawork/scheduler/internal/config"
	"github.com/fossawork/scheduler/internal/store"
)

type migrateCommand struct {
	config.Database `embed:""`
}

// Run applies the migrations that the database does not have yet.
func (c *migrateCommand) Run(ctx context.Context) error {
	return store.Migrate(ctx, c.URL)
}
