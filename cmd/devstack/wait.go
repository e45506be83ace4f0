package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/fossawork/scheduler/internal/devstack"
)

const (
	// Asking often at first and less often later: every refusal is a line in somebody's log.
	firstPoll      = 50 * time.Millisecond
	lastPoll       = 500 * time.Millisecond
	attemptTimeout = 2 * time.Second
	// maxAnswer is how much of a refusal is shown.
	maxAnswer = 500
)

// waitReady waits for the API's own word that everything is there.
func (s *stack) waitReady(ctx context.Context) error {
	url := "http://" + devstack.Address(s.cfg.APIPort) + "/readyz"
	return waitOK(ctx, nil, url, s.cfg.ReadyTimeout)
}

// waitOK asks an address until it answers 200, the process (may be nil) has ended, or the time is up.
func waitOK(ctx context.Context, proc *devstack.Process, url string, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var ended <-chan struct{}
	if proc != nil {
		ended = proc.Done()
	}
	timer := time.NewTimer(firstPoll)
	defer timer.Stop()
	var last error
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		timer.Reset(pause)
		err := askOK(ctx, url)
		if err == nil {
			return nil
		}
		if last == nil || ctx.Err() == nil {
			last = err // an attempt cut short by the end of the wait says nothing
		}
		select {
		case <-ended:
			return proc.Err()
		case <-ctx.Done():
			return fmt.Errorf("%s did not answer 200 within %s: %w", url, patience, last)
		case <-timer.C:
		}
	}
}

func askOK(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it says %s: %s", res.Status, strings.TrimSpace(string(body)))
	}
	return nil
}
