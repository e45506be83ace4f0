package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Traced is a store on the same database whose statements are traced.
func (s *Store) Traced(ctx context.Context, tracer pgx.QueryTracer) (*Store, error) {
	config := s.pool.Config()
	config.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	locks, err := pgxpool.NewWithConfig(ctx, s.locks.Config())
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &Store{pool: pool, locks: locks}, nil
}
