package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/workflows"
)

// settings are the flags of `devstack up`; every one has a variable as well. A port of 0 takes a free one.
type settings struct {
	DataDir string `env:"DEVSTACK_DATA_DIR" default:".data" help:"Where everything that survives a restart lives."`
	BinDir  string `env:"DEVSTACK_BIN_DIR" default:"bin" help:"Where the built programs are."`
	Workers int    `env:"DEVSTACK_WORKERS" default:"1" help:"Number of worker processes."`

	APIPort           int `name:"api-port" env:"DEVSTACK_API_PORT" default:"8000" help:"Port of the API."`
	APIMetricsPort    int `name:"api-metrics-port" env:"DEVSTACK_API_METRICS_PORT" default:"9465" help:"Port of the API's metrics."`
	WorkerMetricsPort int `env:"DEVSTACK_WORKER_METRICS_PORT" default:"9464" help:"Port of the first worker's metrics; further workers take the following ones."`
	TemporalPort      int `env:"DEVSTACK_TEMPORAL_PORT" default:"7233" help:"Port of the Temporal server."`
	TemporalUIPort    int `name:"temporal-ui-port" env:"DEVSTACK_TEMPORAL_UI_PORT" default:"8233" help:"Port of the Temporal web UI."`
	PostgresPort      int `env:"DEVSTACK_POSTGRES_PORT" default:"55432" help:"Port of the private PostgreSQL."`
	PortalPort        int `env:"DEVSTACK_PORTAL_PORT" default:"8090" help:"Port of the portal simulator."`

	PortalURL string `name:"portal-url" env:"FOSSAWORK_PORTAL_URL" help:"Use this portal and start no simulator."`
	Chromium  string `env:"FOSSAWORK_CHROMIUM" help:"Browser binary; found by itself when empty."`
	JWTSecret string `name:"jwt-secret" env:"FOSSAWORK_JWT_SECRET" help:"Secret for sign-in tokens; made and kept in the data directory when empty."`
	Keyset    string `name:"keyset-file" env:"FOSSAWORK_KEYSET_FILE" help:"Keyset for sealed data; made and kept in the data directory when empty."`
	Admins    string `name:"admin-emails" env:"FOSSAWORK_ADMIN_EMAILS" help:"Administrators, separated by commas; the simulator's demo account when empty."`
	Namespace string `env:"FOSSAWORK_TEMPORAL_NAMESPACE" default:"default" help:"Temporal namespace."`

	ReadyTimeout time.Duration `env:"DEVSTACK_READY_TIMEOUT" default:"60s" help:"How long the API may take to report ready."`
}

// searchAttributes are what the Temporal server has to know before the first schedule.
func searchAttributes() []devstack.SearchAttribute {
	var all []devstack.SearchAttribute
	for _, attribute := range workflows.SearchAttributes() {
		all = append(all, devstack.SearchAttribute{Name: attribute.Name, Type: attribute.Type.String()})
	}
	return all
}

// maxWorkers is far above what one computer has use for.
const maxWorkers = 64

// Validate is called by kong after parsing.
func (s *settings) Validate() error {
	if s.Workers < 1 || s.Workers > maxWorkers {
		return fmt.Errorf("--workers must be between 1 and %d", maxWorkers)
	}
	return nil
}

// simulator says whether the portal simulator is part of the stack.
func (s *settings) simulator() bool { return s.PortalURL == "" }

// demoAccount is the simulator's account that a person tries first.
const demoAccount = "tech@example.com"

// admins are the administrators: whoever tries the whole with the simulator shall see the pages of an operator too.
func (s *settings) admins() string {
	if s.Admins == "" && s.simulator() {
		return demoAccount
	}
	return s.Admins
}

// takeFreePorts replaces every port of 0.
func (s *settings) takeFreePorts(ctx context.Context) error {
	var wanted []*int
	for _, port := range []*int{
		&s.APIPort, &s.APIMetricsPort, &s.WorkerMetricsPort, &s.TemporalPort, &s.TemporalUIPort, &s.PostgresPort, &s.PortalPort,
	} {
		if *port == 0 {
			wanted = append(wanted, port)
		}
	}
	free, err := devstack.FreePorts(ctx, len(wanted))
	if err != nil {
		return err
	}
	for i, port := range wanted {
		*port = free[i]
	}
	return nil
}

// workerMetricsPorts are consecutive, leaving out the API's.
func (s *settings) workerMetricsPorts() []int {
	ports := make([]int, 0, s.Workers)
	for port := s.WorkerMetricsPort; len(ports) < s.Workers; port++ {
		if port != s.APIMetricsPort || len(ports) == 0 {
			ports = append(ports, port)
		}
	}
	return ports
}

// ports lists everything that will be listened on.
func (s *settings) ports() []devstack.PortNeed {
	needs := []devstack.PortNeed{
		{Port: s.APIPort, For: "the API", Flag: "--api-port", Env: "DEVSTACK_API_PORT"},
		{Port: s.APIMetricsPort, For: "the API's metrics", Flag: "--api-metrics-port", Env: "DEVSTACK_API_METRICS_PORT"},
		{Port: s.TemporalPort, For: "Temporal", Flag: "--temporal-port", Env: "DEVSTACK_TEMPORAL_PORT"},
		{Port: s.TemporalUIPort, For: "the Temporal web UI", Flag: "--temporal-ui-port", Env: "DEVSTACK_TEMPORAL_UI_PORT"},
		{Port: s.PostgresPort, For: "PostgreSQL", Flag: "--postgres-port", Env: "DEVSTACK_POSTGRES_PORT"},
	}
	for _, port := range s.workerMetricsPorts() {
		needs = append(needs, devstack.PortNeed{
			Port: port, For: "a worker's metrics", Flag: "--worker-metrics-port", Env: "DEVSTACK_WORKER_METRICS_PORT",
		})
	}
	if s.simulator() {
		needs = append(needs, devstack.PortNeed{
			Port: s.PortalPort, For: "the portal simulator", Flag: "--portal-port", Env: "DEVSTACK_PORTAL_PORT",
		})
	}
	return needs
}

// programs are the paths of everything that gets started.
type programs struct {
	product, portalsim, temporal, chromium string
	postgres                               []devstack.PostgresInstall
}

// findPrograms reports everything that is missing at once.
func findPrograms(ctx context.Context, s *settings) (programs, error) {
	var p programs
	var errs [5]error
	p.product, errs[0] = devstack.FindProgram("fossawork-scheduler", "run `make build`", s.BinDir)
	if s.simulator() {
		p.portalsim, errs[1] = devstack.FindProgram("portalsim", "run `make build`", s.BinDir)
	}
	p.temporal, errs[2] = devstack.FindProgram("temporal", "run `make setup`", s.BinDir)
	p.chromium, errs[3] = devstack.FindChromium(s.Chromium)
	p.postgres, errs[4] = devstack.FindPostgres(ctx)
	return p, errors.Join(errs[:]...)
}

// secret returns the configured value, else the one kept in a file, which is made at the first start.
func secret(configured, path string) (string, error) {
	if configured != "" {
		return configured, nil
	}
	text, err := os.ReadFile(path)
	if err == nil && len(text) > 0 {
		return string(text), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read the token secret: %w", err)
	}
	value := devstack.RandomHex(32)
	// Renamed into place, so that an interrupted start leaves none or all of it.
	if err := os.WriteFile(path+".new", []byte(value), 0o600); err != nil {
		return "", fmt.Errorf("keep the token secret: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return "", fmt.Errorf("keep the token secret: %w", err)
	}
	return value, nil
}

// absolute makes the directories independent of where children are started.
func (s *settings) absolute() error {
	for _, dir := range []*string{&s.DataDir, &s.BinDir} {
		abs, err := filepath.Abs(*dir)
		if err != nil {
			return err
		}
		*dir = abs
	}
	return nil
}
