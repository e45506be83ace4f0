package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fossawork/scheduler/scrape"
)

const (
	sqlLock = `
	SELECT pg_advisory_lock(hashtextextended(@name, 0))`

	sqlUnlock = `
	SELECT pg_advisory_unlock(hashtextextended(@name, 0))`

	sqlLockUntilCommit = `
	SELECT pg_advisory_xact_lock(hashtextextended(@name, 0))`
)

const (
	unlockTimeout   = 5 * time.Second
	idleLockSession = time.Minute
)

// configureLocks makes a pool fit for sessions that hold advisory locks: waiting may take as long as the caller's context
// allows, and a holder whose machine vanished loses its lock within a minute.
func configureLocks(config *pgxpool.Config) {
	config.MaxConnIdleTime = idleLockSession
	params := config.ConnConfig.RuntimeParams
	params["statement_timeout"] = "0"
	setDefault(config, "tcp_keepalives_idle", "30")
	setDefault(config, "tcp_keepalives_interval", "10")
	setDefault(config, "tcp_keepalives_count", "3")
}

// WithLoginLock runs fn while no other worker signs in with this credential. It waits for its turn until ctx ends. The lock
// is gone when fn returns and also when this process or its connection dies, in which case fn is not told.
func (s *Store) WithLoginLock(ctx context.Context, id scrape.CredentialID, fn func(ctx context.Context) error) error {
	return s.withLock(ctx, fmt.Sprintf("login:%d", id), fn)
}

// WithScheduleLock runs fn while nobody else changes this schedule in Temporal, where the last write would win silently. It
// holds no transaction and no row: fn may read and change the schedule through the store.
func (s *Store) WithScheduleLock(ctx context.Context, id scrape.ScheduleID, fn func(ctx context.Context) error) error {
	return s.withLock(ctx, fmt.Sprintf("schedule:%d", id), fn)
}

// withLock holds a session-level advisory lock. Errors of fn are returned as they are. Each holder and each waiter has a
// connection of the pool of locks, so fn had better not wait for another lock.
func (s *Store) withLock(ctx context.Context, name string, fn func(ctx context.Context) error) error {
	conn, err := s.locks.Acquire(ctx)
	if err != nil {
		return failed("lock "+name, err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, sqlLock, args{"name": name}); err != nil {
		return failed("lock "+name, err) // the driver has closed the connection if it could have the lock
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
		defer cancel()
		if _, err := conn.Exec(ctx, sqlUnlock, args{"name": name}); err != nil {
			_ = conn.Conn().Close(ctx) // the end of the session is the end of its locks
		}
	}()
	return fn(ctx)
}

// lockUntilCommit takes a lock that ends with the transaction.
func lockUntilCommit(ctx context.Context, tx querier, name string) error {
	_, err := tx.Exec(ctx, sqlLockUntilCommit, args{"name": name})
	return err
}
