package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	defaultGrace = 10 * time.Second
	defaultKeep  = 20
	// pipeDelay bounds the wait for output after a child has ended, in case a grandchild still holds its pipe.
	pipeDelay = 2 * time.Second
)

// Spec describes one child process.
type Spec struct {
	Name string   // shown before every line and used for the log file
	Path string   // program to run
	Args []string // without the program's name
	Env  []string // complete environment; nil is the parent's
	Dir  string   // working directory; empty is the parent's

	// StopSignal asks for an orderly end (default SIGTERM); after Grace (default 10 s) the whole group is killed.
	StopSignal syscall.Signal
	Grace      time.Duration
	// DeathSignal is what the child gets when the parent dies without stopping it (default SIGKILL; Linux only).
	DeathSignal syscall.Signal
	// KeepLines is the number of last output lines kept for the report (default 20).
	KeepLines int
	// MuteStop hides what the child prints while it stops; its log file still gets it.
	MuteStop bool

	Output Output

	attr *syscall.SysProcAttr // set by launchers that need a user namespace or another user
}

// Process is a running child. All methods may be called concurrently.
type Process struct {
	spec     Spec
	cmd      *exec.Cmd
	out      *sink
	done     chan struct{}
	stopping atomic.Bool
	killed   atomic.Bool

	// Written before done is closed, read after.
	err      error
	expected bool // somebody had asked it to end
}

// Start starts a child in a process group of its own. The child does not end with ctx: whoever started it stops it, in
// the order that is right. It does end with the parent process (Linux).
func Start(ctx context.Context, spec Spec) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	if spec.StopSignal == 0 {
		spec.StopSignal = syscall.SIGTERM
	}
	if spec.Grace == 0 {
		spec.Grace = defaultGrace
	}
	if spec.DeathSignal == 0 {
		spec.DeathSignal = syscall.SIGKILL
	}
	if spec.KeepLines == 0 {
		spec.KeepLines = defaultKeep
	}
	log, err := spec.Output.openLog(spec.Name)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	p := &Process{
		spec: spec,
		out:  &sink{name: spec.Name, console: spec.Output.Console, log: log, keep: spec.KeepLines},
		done: make(chan struct{}),
	}
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), spec.Path, spec.Args...)
	p.cmd.Env, p.cmd.Dir = spec.Env, spec.Dir
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.WaitDelay = pipeDelay
	p.cmd.SysProcAttr = procAttr(spec.attr, spec.DeathSignal)

	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		p.out.close()
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	return p, nil
}

// run starts the child and waits for it on one thread: the parent-death signal belongs to the thread that started the
// child, so that thread has to live as long as the child does. It is never unlocked and ends with this goroutine.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	err = p.cmd.Wait()
	// Whatever the child started itself goes with it; an empty group answers ESRCH.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	p.out.close()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // the child ended well; only its pipe was kept open by somebody else
	}
	p.err, p.expected = err, p.stopping.Load()
	close(p.done)
}

// Name is the name the process was started under.
func (p *Process) Name() string { return p.spec.Name }

// Pid is the process id of the child, also after it has ended.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stopping says whether Stop or Kill was called, so that the end of the child is expected.
func (p *Process) Stopping() bool { return p.stopping.Load() }

// LastLines returns the last lines the child has printed.
func (p *Process) LastLines() []string { return p.out.lines() }

// Err says how the child ended: nil while it runs or after a stop that was asked for, otherwise an *ExitError.
func (p *Process) Err() error {
	select {
	case <-p.done:
	default:
		return nil
	}
	if p.expected {
		return nil
	}
	return p.exitError()
}

func (p *Process) exitError() *ExitError {
	status := "exit status 0"
	if p.err != nil {
		status = p.err.Error()
	}
	return &ExitError{Name: p.spec.Name, Status: status, Lines: p.LastLines()}
}

// Wait waits until the child has ended by itself and returns an *ExitError unless it ended with status 0. When ctx
// ends first the child is stopped and the error is ctx's.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		if p.err != nil {
			return p.exitError()
		}
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("run %s: %w", p.spec.Name, context.Cause(ctx)), p.Stop())
	}
}

// Stop asks the child to end and waits. After the grace period its whole process group is killed, which is reported
// as an error. Stopping a child that has ended is no error.
func (p *Process) Stop() error {
	p.stopping.Store(true)
	if p.spec.MuteStop {
		p.out.mute()
	}
	// The leader alone is asked: it knows in which order its own children have to end.
	if err := p.cmd.Process.Signal(p.spec.StopSignal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.spec.Name, err)
	}
	timer := time.NewTimer(p.spec.Grace)
	defer timer.Stop()
	select {
	case <-p.done:
		if p.killed.Load() {
			return fmt.Errorf("stop %s: killed", p.spec.Name)
		}
		return nil
	case <-timer.C:
		p.Kill()
		<-p.done
		return fmt.Errorf("stop %s: did not end within %s and was killed", p.spec.Name, p.spec.Grace)
	}
}

// Kill ends the child and everything in its process group at once, without waiting.
func (p *Process) Kill() {
	p.stopping.Store(true)
	select {
	case <-p.done:
		return // the process id may belong to somebody else by now
	default:
	}
	p.killed.Store(true)
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
}

// ExitError reports a child that ended without being asked to.
type ExitError struct {
	Name   string
	Status string   // "exit status 2", "signal: killed"
	Lines  []string // its last output
}

// Error implements error in one line.
func (e *ExitError) Error() string {
	if len(e.Lines) == 0 {
		return fmt.Sprintf("%s ended unexpectedly: %s", e.Name, e.Status)
	}
	return fmt.Sprintf("%s ended unexpectedly: %s: %s", e.Name, e.Status, e.Lines[len(e.Lines)-1])
}

// Report is the long form for a person: how it ended, and its last lines.
func (e *ExitError) Report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s ended unexpectedly: %s\n", e.Name, e.Status)
	if len(e.Lines) > 0 {
		fmt.Fprintf(&b, "its last lines:\n")
	}
	for _, line := range e.Lines {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	return b.String()
}
