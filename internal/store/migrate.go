package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/tern/v2/migrate"
)

// Files that have landed never change: what is deployed has run them.
//
//go:embed migrations/*.sql
var migrations embed.FS

const versionTable = "schema_version"

const sqlSchemaVersion = `
	SELECT version
	FROM schema_version`

// undefinedTable is the code of a query on a table that does not exist.
const undefinedTable = "42P01"

// Migrate brings the database to the schema that this program knows: each migration in a transaction of its own, none
// twice. Several may run at once: one works, the others wait for it and find nothing to do.
func Migrate(ctx context.Context, url string) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return failed("connect to migrate", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()

	migrator, err := migrate.NewMigrator(ctx, conn, versionTable)
	if err != nil {
		return failed("prepare migrations", err)
	}
	files, err := migrationFiles()
	if err != nil {
		return err
	}
	if err := migrator.LoadMigrations(files); err != nil {
		return fmt.Errorf("load migrations: %w", err)
	}
	version, err := migrator.GetCurrentVersion(ctx)
	if err != nil {
		return failed("read schema version", err)
	}
	if known := len(migrator.Migrations); int(version) > known {
		return newerSchema(int(version), known)
	}
	return failed("migrate", migrator.Migrate(ctx))
}

// CheckSchema tells whether the database's schema is the one that this program knows. Programs call it when they start
// and do not go on when it fails.
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := migrationFiles()
	if err != nil {
		return err
	}
	names, err := migrate.FindMigrations(files)
	if err != nil {
		return fmt.Errorf("load migrations: %w", err)
	}
	known := len(names)

	version, err := scalar[int](ctx, pool, sqlSchemaVersion, nil)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == undefinedTable {
		version, err = 0, nil
	}
	switch {
	case err != nil:
		return failed("read schema version", err)
	case version < known:
		return fmt.Errorf("the database's schema is version %d and this program needs %d: run `fossawork-scheduler migrate`",
			version, known)
	case version > known:
		return newerSchema(version, known)
	}
	return nil
}

func newerSchema(version, known int) error {
	return fmt.Errorf("the database's schema is version %d and this program knows only %d: start the newer program", version, known)
}

func migrationFiles() (fs.FS, error) { return fs.Sub(migrations, "migrations") }
