package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fossawork/scheduler/internal/devstack"
)

// database is the name of ours in the private cluster.
const database = "fossawork"

// up starts everything in the order of who needs whom and returns when the API reports ready.
func (s *stack) up(ctx context.Context) error {
	if err := s.cfg.absolute(); err != nil {
		return err
	}
	progs, err := findPrograms(ctx, &s.cfg)
	if err != nil {
		return err
	}
	if err := s.cfg.takeFreePorts(ctx); err != nil {
		return err
	}
	if err := s.acquire(ctx); err != nil {
		return err
	}
	env, err := s.backends(ctx, progs)
	if err != nil {
		return err
	}
	s.console.Say("bringing the database schema up to date")
	if err := s.task(ctx, "migrate", progs.product, env, "migrate"); err != nil {
		return err
	}
	if err := s.edges(ctx, progs, env); err != nil {
		return err
	}
	s.console.Say("waiting until the API reports ready")
	if err := s.waitReady(ctx); err != nil {
		return err
	}
	s.console.Print(s.summary())
	return nil
}

// backends starts what the product needs, side by side, and returns the product's settings.
func (s *stack) backends(ctx context.Context, progs programs) ([]string, error) {
	cfg := &s.cfg
	portalURL, keyset := cfg.PortalURL, cfg.Keyset
	var databaseURL, jwtSecret string

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		databaseURL, err = s.postgres(ctx, progs)
		return err
	})
	group.Go(func() error { return s.temporal(ctx, progs) })
	group.Go(func() (err error) {
		jwtSecret, err = secret(cfg.JWTSecret, filepath.Join(cfg.DataDir, "jwt-secret"))
		return err
	})
	if cfg.simulator() {
		portalURL = "http://" + devstack.Address(cfg.PortalPort)
		group.Go(func() error { return s.portal(ctx, progs, portalURL) })
	}
	if keyset == "" {
		keyset = filepath.Join(cfg.DataDir, "keyset.json")
		group.Go(func() error { return s.makeKeyset(ctx, progs, keyset) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	// Clipped: the API and every worker append to it.
	return slices.Clip(append(os.Environ(),
		"FOSSAWORK_DATABASE_URL="+databaseURL,
		"FOSSAWORK_TEMPORAL_ADDRESS="+devstack.Address(cfg.TemporalPort),
		"FOSSAWORK_TEMPORAL_NAMESPACE="+cfg.Namespace,
		"FOSSAWORK_PORTAL_URL="+portalURL,
		"FOSSAWORK_JWT_SECRET="+jwtSecret,
		"FOSSAWORK_KEYSET_FILE="+keyset,
		"FOSSAWORK_CHROMIUM="+progs.chromium,
		"FOSSAWORK_ADMIN_EMAILS="+cfg.admins(),
	)), nil
}

func (s *stack) postgres(ctx context.Context, progs programs) (string, error) {
	s.console.Say("starting PostgreSQL on port %d", s.cfg.PostgresPort)
	out := s.output()
	out.Console = nil // its log speaks of every refused statement; the file and the report have it
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresConfig{
		DataDir: s.cfg.DataDir, Port: s.cfg.PostgresPort, Installs: progs.postgres, Output: out,
	})
	if err != nil {
		return "", err
	}
	s.add(rankPostgres, pg.Process)
	if err := pg.CreateDatabase(ctx, database); err != nil {
		return "", err
	}
	s.console.Say("PostgreSQL is up")
	return pg.URL(database), nil
}

func (s *stack) temporal(ctx context.Context, progs programs) error {
	s.console.Say("starting Temporal on port %d", s.cfg.TemporalPort)
	server, err := devstack.StartTemporal(ctx, devstack.TemporalConfig{
		Path:             progs.temporal,
		Port:             s.cfg.TemporalPort,
		UIPort:           s.cfg.TemporalUIPort,
		DBFile:           filepath.Join(s.cfg.DataDir, "temporal.db"),
		Namespaces:       []string{s.cfg.Namespace},
		SearchAttributes: searchAttributes(),
		Output:           s.output(),
	})
	if err != nil {
		return err
	}
	s.add(rankTemporal, server.Process)
	s.console.Say("Temporal is up")
	return nil
}

func (s *stack) portal(ctx context.Context, progs programs, url string) error {
	s.console.Say("starting the portal simulator on port %d", s.cfg.PortalPort)
	proc, err := devstack.Start(ctx, devstack.Spec{
		Name: "portalsim", Path: progs.portalsim, Args: []string{"--listen", devstack.Address(s.cfg.PortalPort)}, Output: s.output(),
	})
	if err != nil {
		return err
	}
	s.add(rankPortal, proc)
	return waitOK(ctx, proc, url+"/healthz", s.cfg.ReadyTimeout)
}

// makeKeyset has the product make the keyset once. Renamed into place, so that an interrupted start leaves none or all
// of it.
func (s *stack) makeKeyset(ctx context.Context, progs programs, path string) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	s.console.Say("making a keyset for sealed data")
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove an unfinished keyset: %w", err)
	}
	if err := s.task(ctx, "keys", progs.product, os.Environ(), "keys", "generate", "--out", fresh); err != nil {
		return err
	}
	if err := os.Chmod(fresh, 0o600); err != nil {
		return fmt.Errorf("protect the keyset: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("keep the keyset: %w", err)
	}
	return nil
}

// edges starts the API and the workers.
func (s *stack) edges(ctx context.Context, progs programs, env []string) error {
	s.console.Say("starting the API on port %d", s.cfg.APIPort)
	err := s.edge(ctx, rankAPI, "api", progs.product, append(env,
		"FOSSAWORK_LISTEN="+devstack.Address(s.cfg.APIPort),
		"FOSSAWORK_TEMPORAL_UI_URL=http://"+devstack.Address(s.cfg.TemporalUIPort),
		"FOSSAWORK_METRICS_URL=http://"+devstack.Address(s.cfg.WorkerMetricsPort)+"/metrics",
		"FOSSAWORK_METRICS_LISTEN="+devstack.Address(s.cfg.APIMetricsPort)), "api")
	for i, port := range s.cfg.workerMetricsPorts() {
		if err != nil {
			break
		}
		name := "worker"
		if s.cfg.Workers > 1 {
			name = fmt.Sprintf("worker-%d", i+1)
		}
		s.console.Say("starting %s", name)
		err = s.edge(ctx, rankWorker, name, progs.product, append(env, "FOSSAWORK_METRICS_LISTEN="+devstack.Address(port)), "worker")
	}
	return err
}

func (s *stack) edge(ctx context.Context, rank int, name, path string, env []string, args ...string) error {
	proc, err := devstack.Start(ctx, devstack.Spec{
		Name: name, Path: path, Args: args, Env: env, Grace: 20 * time.Second, Output: s.output(),
	})
	if err != nil {
		return err
	}
	s.add(rank, proc)
	return nil
}

// task runs a program that ends by itself.
func (s *stack) task(ctx context.Context, name, path string, env []string, args ...string) error {
	proc, err := devstack.Start(ctx, devstack.Spec{Name: name, Path: path, Args: args, Env: env, Output: s.output()})
	if err != nil {
		return err
	}
	s.add(rankTask, proc)
	return proc.Wait(ctx)
}

func (s *stack) output() devstack.Output {
	return devstack.Output{Console: s.console, LogDir: filepath.Join(s.cfg.DataDir, "logs")}
}

// summary is what a person wants to know once everything runs.
func (s *stack) summary() string {
	cfg := &s.cfg
	rows := [][2]string{
		{"web UI and API", fmt.Sprintf("http://%s   (/docs, /openapi.json, /healthz, /readyz)", devstack.Address(cfg.APIPort))},
		{"Temporal", fmt.Sprintf("%s   web UI http://%s", devstack.Address(cfg.TemporalPort), devstack.Address(cfg.TemporalUIPort))},
		{"portal", cfg.PortalURL},
	}
	if cfg.simulator() {
		rows[len(rows)-1] = [2]string{"portal simulator", "http://" + devstack.Address(cfg.PortalPort)}
	}
	var metrics []string
	for _, port := range cfg.workerMetricsPorts() {
		metrics = append(metrics, fmt.Sprintf("http://%s/metrics", devstack.Address(port)))
	}
	rows = append(rows,
		[2]string{"metrics", strings.Join(metrics, "  ") + fmt.Sprintf("   API http://%s/metrics", devstack.Address(cfg.APIMetricsPort))},
		[2]string{"PostgreSQL", fmt.Sprintf("%s   database %s", devstack.Address(cfg.PostgresPort), database)},
		[2]string{"logs, data", cfg.DataDir},
	)
	if cfg.simulator() {
		rows = append(rows, [2]string{"sign in with", demoAccount + " / demo-password   (120 work orders; others: sites/portalsim/README.md)"})
	}
	var b strings.Builder
	b.WriteString("\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "  %-17s %s\n", row[0], row[1])
	}
	fmt.Fprintf(&b, "\n  ready after %.1f s; Ctrl-C stops everything\n\n", s.console.Elapsed().Seconds())
	return b.String()
}
