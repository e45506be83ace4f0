package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// postgresUser owns everything in a private cluster.
	postgresUser = "fossawork"
	// pingTimeout bounds one attempt to connect: a port held by something that never answers would hang otherwise.
	pingTimeout  = time.Second
	pingInterval = 15 * time.Millisecond
	startTimeout = 60 * time.Second
)

// PostgresConfig describes a private PostgreSQL server.
type PostgresConfig struct {
	// DataDir is the directory in which the cluster lives, as postgres-<major version>.
	DataDir string
	// Port is where it listens on loopback. With 0 it has no TCP port, only its socket.
	Port int
	// Volatile does not wait for the disk: a killed server loses nothing, a power cut may lose everything. For tests.
	Volatile bool
	// MaxConnections defaults to 100.
	MaxConnections int
	// Installs are the servers to choose from, best first; nil looks for them.
	Installs []PostgresInstall
	Output   Output

	noUserNamespace bool // tests: take the way of machines that refuse user namespaces
}

// Postgres is a running private server. Its Process methods (Done, Err, LastLines) say how it is.
type Postgres struct {
	*Process
	dir      string
	socket   string
	port     int
	password string
}

// StartPostgres makes the cluster when there is none, repairs what a killed run left behind, starts the server and waits
// until it answers. Installed versions that already have a cluster in DataDir are preferred.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	pg, err := startPostgres(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return pg, nil
}

func startPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	dataDir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	cfg.DataDir = dataDir
	if cfg.Installs == nil {
		if cfg.Installs, err = FindPostgres(ctx); err != nil {
			return nil, err
		}
	}
	install, err := chooseInstall(cfg.DataDir, cfg.Installs)
	if err != nil {
		return nil, err
	}
	ident, err := newIdentity(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := ident.openDir(cfg.DataDir); err != nil {
		return nil, err
	}
	c := cluster{install: install, ident: ident, dir: filepath.Join(cfg.DataDir, "postgres-"+strconv.Itoa(install.Major))}
	password, err := c.prepare(ctx, cfg.Volatile)
	if err != nil {
		return nil, err
	}
	if err := c.recover(ctx); err != nil {
		return nil, err
	}
	socket, err := socketDir(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	if err := ident.own(socket); err != nil {
		return nil, err
	}
	attr, err := ident.attr(c.dir, socket)
	if err != nil {
		return nil, err
	}
	proc, err := Start(ctx, Spec{
		Name: "postgres",
		Path: install.bin("postgres"),
		Args: serverArgs(cfg, c.dir, socket),
		Env:  postgresEnv(),
		Dir:  c.dir,
		// SIGINT is "fast": roll back, disconnect, write a checkpoint. Also right when the parent has died.
		StopSignal:  syscall.SIGINT,
		DeathSignal: syscall.SIGINT,
		Grace:       30 * time.Second,
		MuteStop:    true,
		Output:      cfg.Output,
		attr:        attr,
	})
	if err != nil {
		return nil, err
	}
	pg := &Postgres{Process: proc, dir: c.dir, socket: socket, port: cfg.Port, password: password}
	if err := pg.waitReady(ctx); err != nil {
		return nil, errors.Join(err, pg.Stop())
	}
	return pg, nil
}

// chooseInstall takes the first server that has a cluster already, else the first one. A cluster that no installed
// server can open is an error: a fresh, empty one beside it would look like lost data.
func chooseInstall(dataDir string, installs []PostgresInstall) (PostgresInstall, error) {
	var have []string
	for _, install := range installs {
		version, err := os.ReadFile(filepath.Join(dataDir, "postgres-"+strconv.Itoa(install.Major), "PG_VERSION"))
		if err != nil {
			continue
		}
		if strings.TrimSpace(string(version)) != strconv.Itoa(install.Major) {
			return install, fmt.Errorf("%s/postgres-%d holds data of PostgreSQL %s: move it away, or remove it to start empty",
				dataDir, install.Major, strings.TrimSpace(string(version)))
		}
		return install, nil
	}
	clusters, _ := filepath.Glob(filepath.Join(dataDir, "postgres-*", "PG_VERSION"))
	for _, file := range clusters {
		dir := filepath.Dir(file)
		if strings.HasSuffix(dir, newSuffix) {
			continue
		}
		have = append(have, dir)
	}
	if len(have) > 0 {
		return PostgresInstall{}, fmt.Errorf("%s was made by a PostgreSQL version that is not installed here (installed: %d): "+
			"install that version, or remove the directory to start empty", strings.Join(have, ", "), installs[0].Major)
	}
	return installs[0], nil
}

func serverArgs(cfg PostgresConfig, dir, socket string) []string {
	connections := cfg.MaxConnections
	if connections == 0 {
		connections = 100
	}
	settings := map[string]string{
		"unix_socket_directories": socket,
		"listen_addresses":        "",
		"max_connections":         strconv.Itoa(connections),
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"log_line_prefix":         "%m ",
		"log_checkpoints":         "off",
		"logging_collector":       "off",
	}
	if cfg.Port != 0 {
		settings["listen_addresses"] = Loopback
		settings["port"] = strconv.Itoa(cfg.Port)
	}
	if cfg.Volatile {
		for _, name := range []string{"fsync", "full_page_writes"} {
			settings[name] = "off"
		}
	}
	args := []string{"-D", dir}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

// postgresEnv is a bare environment: nothing of the developer's own PGPORT, PGDATA or locale gets in.
func postgresEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// waitReady returns when the server answers, or has ended, or ctx has.
func (pg *Postgres) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for {
		err := pg.Ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-pg.Done():
			return pg.Err()
		case <-ctx.Done():
			return fmt.Errorf("wait for an answer: %w (last attempt: %w)", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

// Ping asks the server for an answer within a second.
func (pg *Postgres) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, pg.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	return conn.Ping(ctx)
}

// CreateDatabase makes a database unless there is one of that name.
func (pg *Postgres) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, pg.URL("postgres"))
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var exists bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize())
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// Dir is the cluster's directory.
func (pg *Postgres) Dir() string { return pg.dir }

// URL is the address of a database: through TCP when the server has a port, else through its socket.
func (pg *Postgres) URL(database string) string {
	if pg.port == 0 {
		return pg.SocketURL(database)
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(postgresUser, pg.password), Host: Address(pg.port), Path: "/" + database}
	u.RawQuery = url.Values{"sslmode": {"disable"}}.Encode()
	return u.String()
}

// SocketURL is the address of a database through the private socket.
func (pg *Postgres) SocketURL(database string) string {
	query := url.Values{"host": {pg.socket}}
	if pg.port != 0 {
		query.Set("port", strconv.Itoa(pg.port))
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(postgresUser, pg.password), Path: "/" + database, RawQuery: query.Encode()}
	return u.String()
}
