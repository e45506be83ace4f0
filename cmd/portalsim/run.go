package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/fossawork/scheduler/sites/portalsim"
)

const (
	envPrefix = "PORTALSIM_"
	// stopPatience is how long requests in progress may take after a signal to stop.
	stopPatience = 5 * time.Second
)

const description = `Serve an imitation of the WorkFossa portal with invented data, for development and tests.

Log in with one of the accounts that are printed at start. Nothing is stored: a restart begins anew from the seed.

Faults are written name[=value][@account][;page=KIND][;target=document|data][;next=N][;rate=0.1], for example
http-500@tech@example.com;page=list;next=2. Known faults: ${faults}. The README of sites/portalsim explains each.`

type options struct {
	Listen string `help:"Address to listen on; port 0 takes a free one." default:"127.0.0.1:8090"`
	Seed   uint64 `help:"Decides all names, numbers and dates." default:"1"`
	Today  string `help:"Calendar day (YYYY-MM-DD) around which visits are planned; empty means the day of the start." placeholder:"DAY"`

	Latency     portalsim.Latency `help:"Delay of every page request, as BASE or BASE+JITTER." default:"40ms+40ms"`
	DataLatency portalsim.Latency `help:"Delay of every request that a page's script makes." default:"60ms+60ms"`
	RenderDelay time.Duration     `help:"Time between the arrival of data in the browser and the change of the page." default:"30ms"`

	SessionLifetime time.Duration `help:"Age at which a login expires." default:"12h"`
	LockAfter       int           `help:"Lock an account after that many wrong passwords in a row; 0 means never." default:"0"`
	RedirectLogin   bool          `help:"Send signed-out visitors to /login instead of showing the form where they are."`
	URLPaging       bool          `help:"Honour limit= and page= in the address of the list." name:"url-paging"`

	Fault      []string `help:"Turn a fault on from the start; repeatable, several in one value are separated by blanks." sep:"none" placeholder:"FAULT"`
	Unreliable bool     `help:"Fail at random at a small, seeded rate."`
	Admin      bool     `help:"Serve the control API below /_sim/, to callers on this machine only." default:"true" negatable:""`
}

// run is the whole program. It returns the exit code: 0 after a stop on request, 1 when serving failed, 2 when the
// command line is wrong.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	opts, code, done := parse(args, getenv, stdout, stderr)
	if done {
		return code
	}
	cfg, err := opts.config()
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "portalsim: %v\n", err)
		return 2
	}
	sim, err := portalsim.New(cfg)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "portalsim: %v\n", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	if err := serve(ctx, opts, sim, stdout, log); err != nil {
		_, _ = fmt.Fprintf(stderr, "portalsim: %v\n", err)
		return 1
	}
	return 0
}

// parse fills the options from defaults, then environment, then flags. done means there is nothing left to run.
func parse(args []string, getenv func(string) string, stdout, stderr io.Writer) (opts options, code int, done bool) {
	var helped bool
	parser, err := kong.New(&opts,
		kong.Name("portalsim"),
		kong.Description(description),
		kong.Vars{"faults": strings.Join(portalsim.FaultNames(), ", ")},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
		// The environment comes through getenv, so tests need not change the one of the process.
		kong.Resolvers(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
			if value := getenv(envName(flag.Name)); value != "" {
				return value, nil
			}
			return nil, nil
		})),
		kong.ValueFormatter(func(value *kong.Value) string {
			if value.Name == "help" {
				return value.Help
			}
			return fmt.Sprintf("%s ($%s)", value.Help, envName(value.Name))
		}),
	)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "portalsim: %v\n", err)
		return opts, 2, true
	}
	_, err = parser.Parse(args)
	switch {
	case helped:
		return opts, 0, true
	case err != nil:
		_, _ = fmt.Fprintf(stderr, "portalsim: %v\n", err)
		return opts, 2, true
	}
	return opts, 0, false
}

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func (o options) config() (portalsim.Config, error) {
	cfg := portalsim.Config{
		Seed: o.Seed, Latency: o.Latency, DataLatency: o.DataLatency, RenderDelay: o.RenderDelay,
		SessionLifetime: o.SessionLifetime, LockAfter: o.LockAfter, RedirectLogin: o.RedirectLogin,
		URLPaging: o.URLPaging, Admin: o.Admin, Unreliable: o.Unreliable,
	}
	var errs []error
	if o.Today != "" {
		day, err := time.Parse(time.DateOnly, o.Today)
		if err != nil {
			errs = append(errs, fmt.Errorf("--today: %q is not a day of the form 2030-02-28", o.Today))
		}
		cfg.Today = day
	}
	for _, text := range strings.Fields(strings.Join(o.Fault, " ")) {
		fault, err := portalsim.ParseFault(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("--fault: %w", err))
			continue
		}
		cfg.Faults = append(cfg.Faults, fault)
	}
	return cfg, errors.Join(errs...)
}

func serve(ctx context.Context, o options, sim *portalsim.Server, stdout io.Writer, log *slog.Logger) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	announce(stdout, o, listener.Addr(), sim)

	server := &http.Server{
		Handler:           sim.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}

	log.InfoContext(ctx, "stopping")
	sim.Close() // or a hanging request would use up the patience below
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	if err := server.Shutdown(patient); err != nil {
		_ = server.Close()
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// announce tells where the portal is and who can log in. The first line is what scripts wait for.
func announce(stdout io.Writer, o options, addr net.Addr, sim *portalsim.Server) {
	var b strings.Builder
	fmt.Fprintf(&b, "listening on http://%s\n", addr)
	fmt.Fprintf(&b, "seed %d, password of all accounts: %s\n", o.Seed, portalsim.DemoPassword)
	for _, a := range sim.Accounts() {
		fmt.Fprintf(&b, "  %-22s %s\n", a.Email, a.About)
	}
	fmt.Fprintf(&b, "  %-22s %s\n", "user001 ... user500", "@example.com, 10 to 14 open orders each")
	if o.Admin {
		fmt.Fprintf(&b, "control API at http://%s/_sim/\n", addr)
	}
	_, _ = io.WriteString(stdout, b.String())
}
