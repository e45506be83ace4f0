package devstack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// DefaultNamespace always exists on a development server.
const DefaultNamespace = "default"

// portAttempts is how often a server without a fixed port is tried again when somebody else took the port found for it.
const portAttempts = 3

// SearchAttribute is a custom attribute of workflows and schedules. Type is one of Text, Keyword, Int, Double, Bool,
// Datetime, KeywordList.
type SearchAttribute struct {
	Name string
	Type string
}

// TemporalConfig describes a Temporal development server.
type TemporalConfig struct {
	Path   string // the temporal command
	Port   int    // of the gRPC frontend; 0 takes a free one
	UIPort int    // of the web UI; 0 starts none
	DBFile string // SQLite file; empty keeps everything in memory
	// Namespaces to have besides "default", each with the search attributes.
	Namespaces       []string
	SearchAttributes []SearchAttribute
	// DynamicConfig are server settings as key and JSON value, besides those that make task queues fair.
	DynamicConfig map[string]string
	Output        Output
}

// Temporal is a running development server. Its Process methods (Done, Err, LastLines) say how it is.
type Temporal struct {
	*Process
	address string
}

// StartTemporal starts a development server and waits until its frontend is healthy, its namespaces exist and its search
// attributes are there with the types asked for.
func StartTemporal(ctx context.Context, cfg TemporalConfig) (*Temporal, error) {
	attempts := 1
	if cfg.Port == 0 {
		attempts = portAttempts
	}
	for {
		attempts--
		srv, err := startTemporal(ctx, cfg)
		if err == nil {
			return srv, nil
		}
		if exit := (*ExitError)(nil); attempts == 0 || !errors.As(err, &exit) || !strings.Contains(exit.Report(), "port") {
			return nil, fmt.Errorf("temporal: %w", err)
		}
	}
}

func startTemporal(ctx context.Context, cfg TemporalConfig) (*Temporal, error) {
	if cfg.Port == 0 {
		port, err := FreePort(ctx)
		if err != nil {
			return nil, err
		}
		cfg.Port = port
	}
	if err := removeStaleWAL(cfg.DBFile); err != nil {
		return nil, err
	}
	proc, err := Start(ctx, Spec{
		Name:       "temporal",
		Path:       cfg.Path,
		Args:       temporalArgs(cfg),
		Env:        temporalEnv(),
		StopSignal: syscall.SIGTERM,
		Grace:      15 * time.Second,
		// Its services lose sight of each other while it stops and say so at length.
		MuteStop: true,
		Output:   cfg.Output,
	})
	if err != nil {
		return nil, err
	}
	srv := &Temporal{Process: proc, address: Address(cfg.Port)}
	if err := srv.waitReady(ctx, cfg); err != nil {
		return nil, errors.Join(err, srv.Stop())
	}
	return srv, nil
}

// removeStaleWAL makes removing the database file mean starting empty: SQLite would put the contents of a log left beside
// it into the new file.
func removeStaleWAL(dbFile string) error {
	if dbFile == "" {
		return nil
	}
	if _, err := os.Stat(dbFile); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(dbFile + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove what belonged to an earlier database: %w", err)
		}
	}
	return nil
}

// fairness lets priorities and fairness keys of tasks count. One partition, since each is fair for itself only: with four, the last of one
// user's ten steps waited behind a hundred of another's. temporal-config/dynamicconfig.yaml says the same for other servers.
var fairness = map[string]string{
	"matching.enableFairness":              "true",
	"matching.numTaskqueueReadPartitions":  "1",
	"matching.numTaskqueueWritePartitions": "1",
}

func temporalArgs(cfg TemporalConfig) []string {
	args := []string{
		"server", "start-dev", "--ip", Loopback, "--port", strconv.Itoa(cfg.Port),
		"--log-level", "warn", "--disable-config-file", "--disable-config-env", "--color", "never",
	}
	if cfg.UIPort == 0 {
		args = append(args, "--headless")
	} else {
		args = append(args, "--ui-port", strconv.Itoa(cfg.UIPort))
	}
	if cfg.DBFile != "" {
		// The defaults wait for the disk at every step, eight times slower when schedules are created and far behind
		// when many are due. With these a killed server still loses nothing.
		args = append(args, "--db-filename", cfg.DBFile,
			"--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal")
	}
	for _, namespace := range cfg.Namespaces {
		if namespace != DefaultNamespace {
			args = append(args, "--namespace", namespace)
		}
	}
	for _, attr := range cfg.SearchAttributes {
		args = append(args, "--search-attribute", attr.Name+"="+attr.Type)
	}
	settings := maps.Clone(fairness)
	maps.Copy(settings, cfg.DynamicConfig)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "--dynamic-config-value", key+"="+settings[key])
	}
	return args
}

// temporalEnv is the parent's environment without the settings the temporal command would take for its own.
func temporalEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "TEMPORAL_") })
}

// Address is where its frontend listens.
func (t *Temporal) Address() string { return t.address }

// waitReady returns when the server is usable, or has ended, or ctx has.
func (t *Temporal) waitReady(ctx context.Context, cfg TemporalConfig) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	// The connection attempts of the first moments would be logged as errors.
	c, err := client.NewLazyClient(client.Options{HostPort: t.address, Logger: silent{}})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	defer c.Close()
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for {
		err := t.check(ctx, c, cfg)
		if mismatch := (*attributeTypeError)(nil); err == nil || errors.As(err, &mismatch) {
			return err
		}
		select {
		case <-t.Done():
			return t.Err()
		case <-ctx.Done():
			return fmt.Errorf("wait for an answer: %w (last attempt: %w)", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

func (t *Temporal) check(ctx context.Context, c client.Client, cfg TemporalConfig) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return err
	}
	for _, namespace := range append([]string{DefaultNamespace}, cfg.Namespaces...) {
		if _, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace}); err != nil {
			return err
		}
		if err := ensureAttributes(ctx, c, namespace, cfg.SearchAttributes); err != nil {
			return err
		}
	}
	return nil
}

// silent is a logger for clients whose failures are handled by their caller.
type silent struct{}

var _ log.Logger = silent{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
