package main

import (
	"context"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"
	temporallog "go.temporal.io/sdk/log"

	"github.com/fossawork/scheduler/internal/config"
	"github.com/fossawork/scheduler/internal/seal"
	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/telemetry"
)

// parts are what both edges stand on.
type parts struct {
	store    *store.Store
	keys     *seal.Keyring
	temporal client.Client
	metrics  *telemetry.Metrics
	stop     []func()
}

// build opens the database, the keyset and the Temporal client. Temporal may be away: the client connects when it is first needed.
func build(ctx context.Context, database config.Database, temporal config.Temporal, keys config.Keys, metricsListen string, log *slog.Logger) (*parts, error) {
	p := &parts{}
	var err error
	if p.keys, err = seal.Open(keys.File); err != nil {
		return nil, err
	}
	metrics, err := telemetry.NewMetrics()
	if err != nil {
		return nil, err
	}
	p.metrics = metrics
	stopMetrics, err := metrics.Serve(ctx, metricsListen, log)
	if err != nil {
		return nil, err
	}
	p.stop = append(p.stop, stopMetrics)
	if p.store, err = store.Open(ctx, database.URL, store.Options{}); err != nil {
		p.close()
		return nil, err
	}
	p.stop = append(p.stop, p.store.Close)
	if err := p.store.CheckSchema(ctx); err != nil {
		p.close()
		return nil, err
	}
	p.temporal, err = client.NewLazyClient(client.Options{
		HostPort: temporal.Address, Namespace: temporal.Namespace,
		Logger: temporallog.NewStructuredLogger(log), MetricsHandler: metrics.ForTemporal(),
	})
	if err != nil {
		p.close()
		return nil, fmt.Errorf("make temporal client: %w", err)
	}
	p.stop = append(p.stop, p.temporal.Close)
	return p, nil
}

// close stops everything, last opened first.
func (p *parts) close() {
	for i := len(p.stop) - 1; i >= 0; i-- {
		p.stop[i]()
	}
}
