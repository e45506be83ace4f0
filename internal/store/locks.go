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

	sqlTryLock = `
	SELECT pg_try_advisory_lock(hashtextextended(@name, 0))`

	sqlUnlockAll = `
	SELECT pg_advisory_unlock_all()`

	sqlLockUntilCommit = `
	SELECT pg_advisory_xact_lock(hashtextextended(@name, 0))`
)

const (
	unlockTimeout   = 5 * time.Second
	idleLockSession = time.Minute

	// leastLockConns is how many locks can be held or waited for at once in one process, however few connections it has for
	// statements: a holder of a portal slot keeps its session for a whole visit.
	leastLockConns = 32
)

// configureLocks makes a pool fit for sessions that hold advisory locks: waiting may take as long as the caller's context
// allows, and a holder whose machine vanished loses its lock within a minute. Sessions are opened when they are needed.
func configureLocks(config *pgxpool.Config) {
	config.MaxConns = max(config.MaxConns, leastLockConns)
	config.MinConns, config.MinIdleConns = 0, 0
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
	defer unlock(ctx, conn)
	return fn(ctx)
}

// WithPortalSlots runs fn while it holds one place of each slot, all of them or none, and does not wait for any: false, and fn was
// not called, when all places of one of them are in use. The names must differ. Errors of fn are returned as they are, with true.
//
// All places are held by one session, so that holders never wait for each other's second one. They are given back when fn returns and
// also when this process or its connection dies, in which case fn is not told.
func (s *Store) WithPortalSlots(
	ctx context.Context, slots []scrape.Slot, fn func(ctx context.Context) error,
) (taken bool, err error) {
	conn, err := s.locks.Acquire(ctx)
	if err != nil {
		return false, failed("take portal slots", err)
	}
	defer conn.Release()
	defer unlock(ctx, conn)
	for _, slot := range slots {
		if taken, err = takePlace(ctx, conn, slot); err != nil || !taken {
			return false, failed("take portal slot "+slot.Name, err)
		}
	}
	return true, fn(ctx)
}

// takePlace tries one place after the other. One statement for all of them could take several: nothing says that Postgres stops at
// the first one that it got.
func takePlace(ctx context.Context, conn *pgxpool.Conn, slot scrape.Slot) (bool, error) {
	for place := range slot.Count {
		taken, err := scalar[bool](ctx, conn, sqlTryLock, args{"name": fmt.Sprintf("%s/%d", slot.Name, place)})
		if err != nil || taken {
			return taken, err
		}
	}
	return false, nil
}

// unlock gives back whatever the session has locked.
func unlock(ctx context.Context, conn *pgxpool.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
	defer cancel()
	if _, err := conn.Exec(ctx, sqlUnlockAll); err != nil {
		_ = conn.Conn().Close(ctx) // the end of the session is the end of its locks
	}
}

// lockUntilCommit takes a lock that ends with the transaction.
func lockUntilCommit(ctx context.Context, tx querier, name string) error {
	_, err := tx.Exec(ctx, sqlLockUntilCommit, args{"name": name})
	return err
}
