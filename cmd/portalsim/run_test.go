package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func noEnv(string) string { return "" }

func TestServesUntilStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, stdout := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"--listen", "127.0.0.1:0", "--fault", "hang;page=other"}, noEnv, stdout, &stderr)
		_ = stdout.Close()
	}()

	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	require.NoError(t, err)
	base, ok := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	require.True(t, ok, first)
	go func() { _, _ = io.Copy(io.Discard, lines) }()

	get := func(path string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(t, err)
		return res.StatusCode
	}
	require.Equal(t, 200, get("/healthz"))
	require.Equal(t, 200, get("/"))
	require.Equal(t, 200, get("/_sim/faults"))
	stop()
	require.Equal(t, 0, <-done, stderr.String())
}

func TestOptions(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"PORTALSIM_SEED": "7", "PORTALSIM_DATA_LATENCY": "5ms", "PORTALSIM_LISTEN": "127.0.0.1:1",
		"PORTALSIM_FAULT": "http-500=0.1 hang;page=list", "PORTALSIM_ADMIN": "false",
	}
	opts, _, done := parse([]string{"--listen", "127.0.0.1:2"}, func(name string) string { return env[name] }, io.Discard, io.Discard)
	require.False(t, done)
	require.Equal(t, "127.0.0.1:2", opts.Listen) // a flag beats the environment
	require.Equal(t, uint64(7), opts.Seed)
	require.Equal(t, "5ms", opts.DataLatency.String())
	require.Equal(t, "40ms+40ms", opts.Latency.String())
	cfg, err := opts.config()
	require.NoError(t, err)
	require.False(t, cfg.Admin)
	require.Len(t, cfg.Faults, 2)
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--nonsense"}, {"--latency", "fast"}, {"--today", "tomorrow"}, {"--fault", "nonsense"}, {"--session-lifetime", "-1s"}, {"extra"},
	} {
		var stderr bytes.Buffer
		require.Equal(t, 2, run(t.Context(), args, noEnv, io.Discard, &stderr), args)
		require.NotEmpty(t, stderr.String())
	}
	require.Equal(t, 1, run(t.Context(), []string{"--listen", "127.0.0.1:999999"}, noEnv, io.Discard, io.Discard))
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"--help"}, noEnv, &stdout, io.Discard))
	for _, want := range []string{"--fault", "$PORTALSIM_DATA_LATENCY", "expire-login-after", "--[no-]admin"} {
		require.Contains(t, stdout.String(), want)
	}
}
