package worker_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/fossawork/scheduler/worker"
)

func TestBreakerMeter(t *testing.T) {
	t.Parallel()
	reader := sdkmetric.NewManualReader()
	isOpen, away := false, error(nil)
	meter, err := worker.NewBreakerMeter(t.Context(), sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test"),
		func(context.Context) (bool, error) { return isOpen, away })
	require.NoError(t, err)
	read := func() map[string]int64 {
		var all metricdata.ResourceMetrics
		err := reader.Collect(t.Context(), &all)
		require.Equal(t, away != nil, err != nil, "%v", err)
		values := map[string]int64{}
		for _, scope := range all.ScopeMetrics {
			for _, m := range scope.Metrics {
				switch data := m.Data.(type) {
				case metricdata.Sum[int64]:
					values[m.Name] = data.DataPoints[0].Value
				case metricdata.Gauge[int64]:
					values[m.Name] = data.DataPoints[0].Value
				}
			}
		}
		return values
	}
	require.Equal(t, map[string]int64{"fossawork_breaker_open": 0, "fossawork_breaker_opened": 0, "fossawork_breaker_slots_skipped": 0}, read())
	isOpen = true
	meter.BreakerOpened(t.Context())
	for range 3 {
		meter.SlotSkipped(t.Context())
	}
	require.Equal(t, map[string]int64{"fossawork_breaker_open": 1, "fossawork_breaker_opened": 1, "fossawork_breaker_slots_skipped": 3}, read())
	away = errors.New("postgres is away")
	require.NotContains(t, read(), "fossawork_breaker_open", "nobody knows")
}
