package testenv

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/internal/devstack"
)

const (
	// setupTimeout bounds the start of a server and the making of a template.
	setupTimeout = 90 * time.Second
	// statementTimeout bounds making or dropping one database.
	statementTimeout = 30 * time.Second
	// testConnections are enough for every test of a package to run at once with a pool of its own.
	testConnections = 300
)

// Migrator brings the empty database at url to the current schema. It is called once per test binary.
type Migrator func(ctx context.Context, url string) error

// postgres is the server of this test binary.
var postgres struct {
	sync.Mutex
	started   bool
	err       error
	server    *devstack.Postgres // nil when the server is not ours
	admin     string             // address from which databases are made
	prefix    string             // of every database made here
	number    int
	templates map[uintptr]*template
}

// template is a migrated database to be cloned. Nobody stays connected to it.
type template struct {
	once sync.Once
	name string
	err  error
}

// Postgres returns the address of a fresh database with the schema of migrate; nil gives an empty one. The database is
// the test's own and is dropped after it, with whatever is still connected.
func Postgres(t testing.TB, migrate Migrator) string {
	t.Helper()
	needsMore(t, "PostgreSQL")
	require(t, startPostgres())

	ctx, cancel := context.WithTimeout(t.Context(), setupTimeout)
	defer cancel()
	from, err := templateFor(ctx, migrate)
	require(t, err)
	name := newName("t")
	require(t, createDatabase(ctx, name, from))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementTimeout)
		defer cancel()
		if err := dropDatabase(ctx, name); err != nil {
			t.Errorf("testenv: %v", err)
		}
	})
	return databaseURL(name)
}

// startPostgres starts the server at the first call and remembers how that went.
func startPostgres() error {
	postgres.Lock()
	defer postgres.Unlock()
	if postgres.started {
		return postgres.err
	}
	postgres.started = true
	// Unique also on a server that several test binaries share.
	postgres.prefix = fmt.Sprintf("fossawork_%d_%s_", os.Getpid(), devstack.RandomHex(2))
	postgres.templates = map[uintptr]*template{}
	if postgres.admin = os.Getenv("FOSSAWORK_TEST_DATABASE_URL"); postgres.admin != "" {
		return nil
	}
	postgres.server, postgres.err = privatePostgres()
	if postgres.err == nil {
		postgres.admin = postgres.server.URL("postgres")
	}
	return postgres.err
}

func privatePostgres() (*devstack.Postgres, error) {
	dir, err := workDir()
	if err != nil {
		return nil, err
	}
	// The server outlives the test that happens to start it, so it does not get that test's context.
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	return devstack.StartPostgres(ctx, devstack.PostgresConfig{DataDir: dir, Volatile: true, MaxConnections: testConnections})
}

func stopPostgres() error {
	postgres.Lock()
	defer postgres.Unlock()
	if postgres.server != nil {
		return postgres.server.Stop() // its directory goes as a whole
	}
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout)
	defer cancel()
	var errs []error
	for _, tmpl := range postgres.templates {
		if tmpl.name != "" {
			errs = append(errs, dropDatabase(ctx, tmpl.name))
		}
	}
	return errors.Join(errs...)
}

// templateFor returns the name of the migrated template, made at the first call per migrator.
func templateFor(ctx context.Context, migrate Migrator) (string, error) {
	if migrate == nil {
		return "template0", nil
	}
	key := reflect.ValueOf(migrate).Pointer()
	postgres.Lock()
	tmpl := postgres.templates[key]
	if tmpl == nil {
		tmpl = &template{}
		postgres.templates[key] = tmpl
	}
	postgres.Unlock()
	tmpl.once.Do(func() {
		// Other tests wait for the same template, so it must not fail with this one's context.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), setupTimeout)
		defer cancel()
		name := newName("template")
		if tmpl.err = createDatabase(ctx, name, "template0"); tmpl.err != nil {
			return
		}
		if err := migrate(ctx, databaseURL(name)); err != nil {
			tmpl.err = fmt.Errorf("migrate the template database: %w", err)
		}
		tmpl.name = name
	})
	return tmpl.name, tmpl.err
}

func newName(kind string) string {
	postgres.Lock()
	defer postgres.Unlock()
	postgres.number++
	return fmt.Sprintf("%s%s%d", postgres.prefix, kind, postgres.number)
}

// databaseURL is the address of another database on the same server.
func databaseURL(name string) string {
	if postgres.server != nil {
		return postgres.server.URL(name)
	}
	u, err := url.Parse(postgres.admin)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return postgres.admin + " dbname=" + name // keyword form: the last one counts
	}
	u.Path = "/" + name
	return u.String()
}

func createDatabase(ctx context.Context, name, from string) error {
	err := adminExec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE "+pgx.Identifier{from}.Sanitize())
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

func dropDatabase(ctx context.Context, name string) error {
	if err := adminExec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

func adminExec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, postgres.admin)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}
