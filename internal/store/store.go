// Package store keeps users, portal logins, schedules, runs and what they collect in Postgres. It holds the only SQL in
// the house and speaks the words of package scrape: no driver type leaves it, and every error leaves it with a kind.
//
// It seals and opens nothing: user names, passwords and sessions come and go as sealed bytes. It has no clock: instants
// that carry a rule are arguments, the others (created_at and the like) are the database's.
package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fossawork/scheduler/jobs"
)

// Options tunes a Store. The zero value is the default.
type Options struct {
	ApplicationName  string        // shown in pg_stat_activity; default "fossawork-scheduler"
	StatementTimeout time.Duration // default 5 s
	MaxConns         int32         // default is the URL's pool_max_conns, else the driver's; locks may use as many again, and 32 at the least
}

const (
	defaultApplicationName  = "fossawork-scheduler"
	defaultStatementTimeout = 5 * time.Second

	// A transaction of ours never waits for anything but Postgres. One that idles lost its client without a word, and holds
	// row locks that others wait for.
	idleInTransactionTimeout = 30 * time.Second
)

var _ jobs.Store = (*Store)(nil)

// Store is the database. It may be used concurrently.
type Store struct {
	pool *pgxpool.Pool

	// locks holds the sessions of advisory locks. It is a pool of its own because the holder of a lock uses the other
	// pool while it holds it: with one pool, as many holders as there are connections would wait for each other.
	locks *pgxpool.Pool
}

// Open prepares a Store for the database that the URL names. It does not connect: Ping does.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database URL: %w", err) // the driver hides the password in it
	}
	if opts.MaxConns > 0 {
		config.MaxConns = opts.MaxConns
	}
	config.AfterConnect = prepareConn
	setDefault(config, "application_name", or(opts.ApplicationName, defaultApplicationName))
	setDefault(config, "idle_in_transaction_session_timeout", milliseconds(idleInTransactionTimeout))

	locks := config.Copy()
	setDefault(config, "statement_timeout", milliseconds(or(opts.StatementTimeout, defaultStatementTimeout)))
	configureLocks(locks)

	s := &Store{}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, failed("open database", err)
	}
	if s.locks, err = pgxpool.NewWithConfig(ctx, locks); err != nil {
		s.pool.Close()
		return nil, failed("open database", err)
	}
	return s, nil
}

// Close gives all connections back. It waits for statements and locks that are in use.
func (s *Store) Close() {
	s.locks.Close()
	s.pool.Close()
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return failed("ping database", s.pool.Ping(ctx)) }

// CheckSchema tells whether the database's schema is the one that this program knows; see the function of that name.
func (s *Store) CheckSchema(ctx context.Context) error { return CheckSchema(ctx, s.pool) }

// prepareConn makes instants come back in UTC, whatever zone the machine is in.
func prepareConn(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// setDefault leaves alone what the URL says.
func setDefault(config *pgxpool.Config, parameter, value string) {
	if params := config.ConnConfig.RuntimeParams; params[parameter] == "" {
		params[parameter] = value
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// args are the named arguments of a statement: one too many or too few is an error.
type args = pgx.StrictNamedArgs

// one reads the only row into a row struct; pgx.ErrNoRows when there is none.
func one[Row any](ctx context.Context, db querier, sql string, a args) (Row, error) {
	rows, err := db.Query(ctx, sql, a)
	if err != nil {
		var none Row
		return none, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Row])
}

// many reads all rows into row structs.
func many[Row any](ctx context.Context, db querier, sql string, a args) ([]Row, error) {
	rows, err := db.Query(ctx, sql, a)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Row])
}

// scalar reads the only column of the only row; pgx.ErrNoRows when there is none.
func scalar[T any](ctx context.Context, db querier, sql string, a args) (T, error) {
	rows, err := db.Query(ctx, sql, a)
	if err != nil {
		var none T
		return none, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
}

// execute runs a statement and tells how many rows it touched.
func execute(ctx context.Context, db querier, sql string, a args) (int, error) {
	tag, err := db.Exec(ctx, sql, a)
	return int(tag.RowsAffected()), err
}

// inTx runs fn in a transaction: committed when it returns nil, rolled back otherwise.
func (s *Store) inTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, fn)
}

// inSnapshot runs fn in a transaction that sees one state of the database and writes nothing.
func (s *Store) inSnapshot(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
}

// array makes sure that a list without entries is an empty array and not null, which compares with nothing.
func array(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// convert turns row structs into what callers know; never nil.
func convert[Row, T any](rows []Row, one func(Row) T) []T {
	out := make([]T, 0, len(rows))
	for _, row := range rows {
		out = append(out, one(row))
	}
	return out
}
