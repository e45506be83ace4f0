package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/fossawork/scheduler/api"
	"github.com/fossawork/scheduler/internal/config"
	"github.com/fossawork/scheduler/internal/credentials"
	"github.com/fossawork/scheduler/internal/health"
	"github.com/fossawork/scheduler/internal/runs"
	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/internal/telemetry"
	"github.com/fossawork/scheduler/web"
)

type apiCommand struct {
	config.API `embed:""`
}

// Run serves the API until the context ends.
func (c *apiCommand) Run(ctx context.Context, std streams) error {
	secret, err := c.Secret()
	if err != nil {
		return err
	}
	log := telemetry.Logger(std.err, c.Level).With("program", "api")
	p, err := build(ctx, c.Database, c.Temporal, c.Keys, c.MetricsListen, log)
	if err != nil {
		return err
	}
	defer p.close()
	runner := runs.New(p.store, p.temporal, log)
	planner := schedules.New(p.store, runner, p.temporal, c.MinInterval, log)
	planner.OverdueAfter = c.OverdueAfter
	logins := credentials.New(p.store, p.keys, p.temporal, secret, c.AdminEmails, log)
	logins.LoginGap, logins.SessionLifetime, logins.Resumed = c.LoginGap, c.SessionLifetime, planner.ResumeHeld
	server := api.New(api.Config{
		Schedules:   planner,
		Slots:       planner,
		Bulk:        schedules.Bulk{Schedules: planner, Store: p.store},
		Definitions: planner,
		System:      schedules.System{Client: p.temporal},
		Breaker:     p.store,
		Runs:        runner,
		Charts:      schedules.Charts{Store: p.store, Now: time.Now},
		Operations:  schedules.Operations{OperationsStore: p.store, Schedules: planner},
		Orders:      p.store,
		Credentials: logins,
		Sessions:    logins,
		Preferences: p.store,
		Health:      health.New(p.store, p.temporal, c.Namespace),
		Tokens:      api.Tokens{Secret: secret, Lifetime: c.TokenLifetime},
		CORSOrigins: c.CORSOrigins,
		PortalURL:   c.PortalURL,
		UI:          web.Files(),
		Portal:      config.Origin(c.PortalURL),
		Log:         log,

		Links:        api.Links{TemporalUI: c.TemporalUIURL, Namespace: c.Namespace, Metrics: c.MetricsURL},
		MinInterval:  c.MinInterval,
		OverdueAfter: c.OverdueAfter,
	})
	return serve(ctx, c.Listen, server.Handler, log)
}

// serve answers requests until the context ends, then lets those under way finish.
func serve(ctx context.Context, address string, handler http.Handler, log *slog.Logger) error {
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, // a sign-in may take a minute and a half
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	log.InfoContext(ctx, "api started", "address", listener.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
