package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fossawork/scheduler/internal/devstack"
)

// ranks of stopping: whoever uses something stops before it.
const (
	rankWorker = iota
	rankAPI
	rankPortal
	rankTemporal
	rankPostgres
	rankTask // migrate, keys: ended by themselves, or killed
)

// uncleanPatience is how long ports may stay taken by the remains of a run that was killed.
const uncleanPatience = 5 * time.Second

// quickPatience covers a socket that is closed at this very moment.
const quickPatience = 300 * time.Millisecond

type part struct {
	rank int
	proc *devstack.Process
}

// stack is everything that runs.
type stack struct {
	cfg     settings
	console *devstack.Console
	cancel  context.CancelCauseFunc
	lock    *devstack.Lock

	mu     sync.Mutex
	parts  []part
	killed bool
}

func newStack(cfg settings, console *devstack.Console, cancel context.CancelCauseFunc) *stack {
	return &stack{cfg: cfg, console: console, cancel: cancel}
}

// add makes a process part of the stack. From now on its unexpected end is the end of the run.
func (s *stack) add(rank int, proc *devstack.Process) {
	s.mu.Lock()
	s.parts = append(s.parts, part{rank, proc})
	killed := s.killed
	s.mu.Unlock()
	if killed {
		proc.Kill()
	}
	if rank == rankTask {
		return
	}
	go func() {
		<-proc.Done()
		if err := proc.Err(); err != nil {
			s.cancel(err)
		}
	}()
}

// stop ends everything, users before what they use, and gives the data directory free.
func (s *stack) stop() error {
	s.mu.Lock()
	parts := slices.Clone(s.parts)
	s.mu.Unlock()
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.rank, b.rank) })

	start, started := time.Now(), len(parts) > 0
	var errs []error
	for len(parts) > 0 {
		n := 1
		for n < len(parts) && parts[n].rank == parts[0].rank {
			n++
		}
		errs = append(errs, s.stopTogether(parts[:n])...)
		parts = parts[n:]
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Release())
	}
	if started {
		s.console.Say("stopped, in %.1f s; data is kept in %s", time.Since(start).Seconds(), s.cfg.DataDir)
	}
	return errors.Join(errs...)
}

func (s *stack) stopTogether(parts []part) []error {
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, p := range parts {
		select {
		case <-p.proc.Done():
			continue
		default:
		}
		s.console.Say("stopping %s", p.proc.Name())
		wg.Go(func() { errs[i] = p.proc.Stop() })
	}
	wg.Wait()
	return errs
}

// kill ends everything at once; PostgreSQL repairs itself at the next start.
func (s *stack) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killed = true
	for _, p := range s.parts {
		p.proc.Kill()
	}
}

// acquire takes the data directory and makes sure that every port is free before anything is started.
func (s *stack) acquire(ctx context.Context) error {
	lock, err := devstack.LockDir(s.cfg.DataDir)
	if locked := (*devstack.LockedError)(nil); errors.As(err, &locked) {
		return fmt.Errorf("%w (--data-dir and --...-port, see --help)", err)
	}
	if err != nil {
		return err
	}
	s.lock = lock
	patience := quickPatience
	if lock.Unclean() {
		s.console.Say("the last run was not stopped in order; recovering")
		patience = uncleanPatience
	}
	return devstack.CheckPorts(ctx, s.cfg.ports(), patience)
}
