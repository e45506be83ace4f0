package devstack

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Loopback is the only address anything is started on.
const Loopback = "127.0.0.1"

// portPoll is how often a port is tried again while an earlier run is on its way out.
const portPoll = 25 * time.Millisecond

// PortNeed is one port somebody is going to listen on.
type PortNeed struct {
	Port int
	For  string // "the API"
	Flag string // "--api-port"
	Env  string // "DEVSTACK_API_PORT"
}

func (n PortNeed) remedy() string {
	var ways []string
	if n.Flag != "" {
		ways = append(ways, n.Flag)
	}
	if n.Env != "" {
		ways = append(ways, n.Env)
	}
	if len(ways) == 0 {
		return "free it"
	}
	return "free it or choose another with " + strings.Join(ways, " or ")
}

// PortsError lists every port that cannot be used, one sentence each.
type PortsError struct{ Problems []string }

// Error implements error, one problem a line.
func (e *PortsError) Error() string { return strings.Join(e.Problems, "\n") }

// CheckPorts reports every port of needs that is taken, out of range or wanted twice as a *PortsError. A taken port is
// tried again for as long as patience lasts, for the remains of an earlier run that was killed.
func CheckPorts(ctx context.Context, needs []PortNeed, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var problems []string
	seen := map[int]PortNeed{}
	for _, need := range needs {
		if need.Port < 1 || need.Port > 65535 {
			problems = append(problems, fmt.Sprintf("port %d for %s is not between 1 and 65535: %s",
				need.Port, need.For, need.remedy()))
			continue
		}
		if first, dup := seen[need.Port]; dup {
			problems = append(problems, fmt.Sprintf("port %d is wanted by both %s and %s: choose another with %s or %s",
				need.Port, first.For, need.For, first.Flag, need.Flag))
			continue
		}
		seen[need.Port] = need
		if err := waitPortFree(ctx, need.Port); err != nil {
			problems = append(problems, fmt.Sprintf("port %d, needed for %s, is taken%s: %s",
				need.Port, need.For, portHolder(context.WithoutCancel(ctx), need.Port), need.remedy()))
		}
	}
	if len(problems) > 0 {
		return &PortsError{Problems: problems}
	}
	return nil
}

// waitPortFree returns nil once the port can be listened on, and the last error when ctx ends first. It always tries once.
func waitPortFree(ctx context.Context, port int) error {
	ticker := time.NewTicker(portPoll)
	defer ticker.Stop()
	for {
		err := tryPort(ctx, port)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-ticker.C:
		}
	}
}

func tryPort(ctx context.Context, port int) error {
	var lc net.ListenConfig
	// The attempt itself is never cut short: only the repetition depends on ctx.
	l, err := lc.Listen(context.WithoutCancel(ctx), "tcp", Address(port))
	if err != nil {
		return err
	}
	return l.Close()
}

// Address is the loopback address of a port.
func Address(port int) string { return net.JoinHostPort(Loopback, strconv.Itoa(port)) }

// Free ports are looked for below the range from which systems take the ports of outgoing connections and of listeners
// without a fixed one, or any of those could take the port between its choice and its use.
const (
	freeLow      = 15000
	freeHigh     = 32000
	freeAttempts = 200
)

// FreePort returns a port nobody listens on at the moment.
func FreePort(ctx context.Context) (int, error) {
	ports, err := FreePorts(ctx, 1)
	if err != nil {
		return 0, err
	}
	return ports[0], nil
}

// FreePorts returns n different ports nobody listens on at the moment.
func FreePorts(ctx context.Context, n int) ([]int, error) {
	var ports []int
	var err error
	for range n + freeAttempts {
		if len(ports) == n {
			return ports, nil
		}
		port := freeLow + rand.IntN(freeHigh-freeLow) //nolint:gosec // nothing to guess here
		if slices.Contains(ports, port) {
			continue
		}
		if err = tryPort(ctx, port); err == nil {
			ports = append(ports, port)
		}
	}
	return nil, fmt.Errorf("find %d free ports between %d and %d: %w", n, freeLow, freeHigh, err)
}
