package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/fossawork/scheduler/internal/devstack"
)

const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2

	// echoTime is how long a further signal counts as an echo of the first: a signal to a whole process group arrives
	// both directly and through make.
	echoTime = time.Second
)

// errStopped is the cause of an orderly stop.
var errStopped = errors.New("stopped by signal")

type commands struct {
	Up settings `cmd:"" default:"withargs" help:"Start everything and keep it running until Ctrl-C (default)."`
}

// run is main without the process: it parses, brings the stack up, waits for a signal or a failure, stops everything.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	var cmds commands
	exited := -1
	parser, err := kong.New(&cmds,
		kong.Name("devstack"),
		kong.Description("The whole scheduler on one computer, without containers."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.Resolvers(envResolver(getenv)),
	)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "devstack:", err)
		return exitFailure
	}
	_, err = parser.Parse(args)
	if exited >= 0 {
		return exited // --help
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "devstack:", err)
		return exitUsage
	}
	return up(ctx, cmds.Up, stdout, stderr)
}

// envResolver reads the variables named by the env tags through getenv.
func envResolver(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if value := getenv(name); value != "" {
				return value, nil
			}
		}
		return nil, nil
	})
}

func up(ctx context.Context, cfg settings, stdout, stderr io.Writer) int {
	console := devstack.NewConsole(stdout)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := newStack(cfg, console, cancel)
	defer handleSignals(console, cancel, s.kill)()

	err := s.up(ctx)
	if err == nil {
		<-ctx.Done()
	}
	// What ended the run explains what failed because of it.
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	code := exitOK
	if err != nil && !errors.Is(err, errStopped) && !errors.Is(err, context.Canceled) {
		code = exitFailure
		_, _ = fmt.Fprintln(stderr, describe(err))
	}
	if err := s.stop(); err != nil {
		code = exitFailure
		_, _ = fmt.Fprintln(stderr, describe(err))
	}
	return code
}

// describe is the long form of an error for the terminal.
func describe(err error) string {
	if exit := (*devstack.ExitError)(nil); errors.As(err, &exit) {
		return "\ndevstack: " + exit.Report()
	}
	return "\ndevstack: " + err.Error()
}

// handleSignals ends the run at the first signal and kills everything at the second. The function it returns takes the
// handling back.
func handleSignals(console *devstack.Console, cancel context.CancelCauseFunc, kill func()) func() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // under nohup it stays ignored
		signals = append(signals, syscall.SIGHUP)
	}
	incoming := make(chan os.Signal, 4)
	signal.Notify(incoming, signals...)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		var first time.Time
		for {
			select {
			case <-done:
				return
			case <-incoming:
			}
			switch {
			case first.IsZero():
				first = time.Now()
				console.Say("stopping; Ctrl-C again to kill")
				cancel(errStopped)
			case time.Since(first) > echoTime:
				console.Say("killing what is left")
				kill()
			}
		}
	})
	return func() {
		signal.Stop(incoming)
		close(done)
		wg.Wait()
	}
}
