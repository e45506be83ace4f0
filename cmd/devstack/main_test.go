package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/internal/testenv"
)

const (
	// helperVar makes this test binary play devstack, the product, or the simulator.
	helperVar = "DEVSTACK_TEST_HELPER"
	// brokenVar names the subcommand of the product that ends with an error.
	brokenVar = "DEVSTACK_TEST_BROKEN"
	// stubbornVar makes the worker ignore SIGTERM.
	stubbornVar = "DEVSTACK_TEST_STUBBORN"

	patience = 2 * time.Minute
	tick     = 20 * time.Millisecond
)

func TestMain(m *testing.M) {
	switch os.Getenv(helperVar) {
	case "devstack":
		main()
	case "product":
		os.Exit(product(os.Args[1:]))
	case "portalsim":
		os.Exit(serve(os.Args[2], nil))
	}
	os.Exit(m.Run())
}

// product imitates the subcommands of fossawork-scheduler as far as devstack depends on them.
func product(args []string) int {
	if os.Getenv(brokenVar) == args[0] {
		fmt.Fprintln(os.Stderr, args[0], "is broken on purpose")
		return 7
	}
	switch args[0] {
	case "keys":
		if err := os.WriteFile(args[3], []byte("keyset"), 0o644); err != nil {
			return 1
		}
	case "migrate":
		conn, err := pgx.Connect(context.Background(), os.Getenv("FOSSAWORK_DATABASE_URL"))
		if err != nil {
			return 1
		}
		_, err = conn.Exec(context.Background(), "CREATE TABLE IF NOT EXISTS starts (at timestamptz); INSERT INTO starts VALUES (now())")
		if err != nil {
			return 1
		}
	case "api":
		go serve(os.Getenv("FOSSAWORK_METRICS_LISTEN"), nil)
		return serve(os.Getenv("FOSSAWORK_LISTEN"), func(w http.ResponseWriter, _ *http.Request) {
			// Shown to the test: what devstack told us.
			_ = json.NewEncoder(w).Encode(os.Environ())
		})
	case "worker":
		if os.Getenv(stubbornVar) != "" {
			signal.Ignore(syscall.SIGTERM)
			select {}
		}
		fmt.Println("my pid is", os.Getpid())
		return serve(os.Getenv("FOSSAWORK_METRICS_LISTEN"), nil)
	}
	return 0
}

// serve answers everything with 200 until SIGTERM.
func serve(address string, handler http.HandlerFunc) int {
	if handler == nil {
		handler = func(http.ResponseWriter, *http.Request) {}
	}
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM)
	failed := make(chan error, 1)
	server := http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: time.Second}
	go func() { failed <- server.ListenAndServe() }()
	select {
	case <-stopped:
		fmt.Println("drained")
		return 0
	case err := <-failed:
		fmt.Println(err)
		return 1
	}
}

// output can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// bench is a directory with programs and data for one devstack.
type bench struct {
	data, bin string
	ports     map[string]int
}

func setup(t *testing.T) *bench {
	t.Helper()
	testenv.Chromium(t)
	dir := t.TempDir()
	b := &bench{data: filepath.Join(dir, "data"), bin: filepath.Join(dir, "bin"), ports: map[string]int{}}
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(b.bin, 0o700))
	require.NoError(t, os.Symlink(testenv.Bin(t, "temporal"), filepath.Join(b.bin, "temporal")))
	for name, helper := range map[string]string{"fossawork-scheduler": "product", "portalsim": "portalsim"} {
		script := fmt.Sprintf("#!/bin/sh\n%s=%s exec '%s' \"$@\"\n", helperVar, helper, self)
		require.NoError(t, os.WriteFile(filepath.Join(b.bin, name), []byte(script), 0o700))
	}
	flags := []string{
		"--api-port", "--api-metrics-port", "--worker-metrics-port", "--temporal-port", "--temporal-ui-port", "--postgres-port", "--portal-port",
	}
	ports, err := devstack.FreePorts(t.Context(), len(flags))
	require.NoError(t, err)
	for i, flag := range flags {
		b.ports[flag] = ports[i]
	}
	return b
}

// stackProcess is a devstack in a process of its own.
type stackProcess struct {
	cmd *exec.Cmd
	out output
}

func (b *bench) start(t *testing.T, env ...string) *stackProcess {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	args := []string{"up", "--data-dir", b.data, "--bin-dir", b.bin}
	for flag, port := range b.ports {
		args = append(args, flag, fmt.Sprint(port))
	}
	p := &stackProcess{cmd: exec.CommandContext(t.Context(), self, args...)}
	p.cmd.Env = append(append(os.Environ(), helperVar+"=devstack"), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// wait waits for the end and returns the exit code.
func (p *stackProcess) wait() int {
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func (p *stackProcess) waitFor(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(p.out.String(), text) }, patience, tick, "%s", &p.out)
}

func (p *stackProcess) interrupt(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
}

// environment asks the imitated API what devstack told it.
func (b *bench) environment(t *testing.T) map[string]string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", b.ports["--api-port"]), nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	var entries []string
	require.NoError(t, json.NewDecoder(res.Body).Decode(&entries))
	env := map[string]string{}
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}
