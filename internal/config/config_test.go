package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/config"
)

func TestAddressesForLinks(t *testing.T) {
	t.Parallel()
	api := config.API{
		Limits: config.Limits{MinInterval: time.Hour, OverdueAfter: time.Minute}, Listen: "127.0.0.1:8000", PortalURL: "https://app.workfossa.com",
		JWTSecret: "a secret for tests that is long enough", TokenLifetime: time.Hour, SessionLifetime: time.Hour,
	}
	require.NoError(t, api.Validate(), "none is fine")
	for _, address := range []string{"http://127.0.0.1:8233", "https://example.com/temporal/"} {
		api.TemporalUIURL, api.MetricsURL = address, address
		require.NoError(t, api.Validate(), address)
	}
	for _, address := range []string{"127.0.0.1:8233", "javascript:alert(1)", "//example.com", "https://", "https://user:hidden@example.com", ":"} {
		api.TemporalUIURL, api.MetricsURL = address, address
		err := api.Validate()
		require.ErrorContains(t, err, "temporal-ui-url must be an address", address)
		require.ErrorContains(t, err, "metrics-url must be an address", address)
		require.NotContains(t, err.Error(), "hidden")
	}
}
