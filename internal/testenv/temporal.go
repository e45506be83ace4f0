package testenv

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/fossawork/scheduler/internal/devstack"
)

// temporal is the server of this test binary.
var temporal struct {
	sync.Mutex
	started bool
	err     error
	server  *devstack.Temporal // nil when the server is not ours
	address string
	attrs   []devstack.SearchAttribute
}

// Temporal returns the address of a Temporal server and a namespace that all tests of the binary share. Tests keep apart
// by task queues, workflow ids and schedule ids of their own (see Name). All calls in one binary name the same search
// attributes; they are there with the first call.
func Temporal(t testing.TB, attrs ...devstack.SearchAttribute) (address, namespace string) {
	t.Helper()
	needsMore(t, "a Temporal server")
	address, err := startTemporal(attrs)
	require(t, err)
	return address, devstack.DefaultNamespace
}

// TemporalNamespace is Temporal with a namespace for this test alone, for code that works on all schedules or workflows
// of a namespace. Its price is about half a second, and the first schedule in it needs another 1.5 s to come alive.
func TemporalNamespace(t testing.TB, attrs ...devstack.SearchAttribute) (address, namespace string) {
	t.Helper()
	address, _ = Temporal(t, attrs...)
	namespace = Name(t)
	ctx, cancel := context.WithTimeout(t.Context(), setupTimeout)
	defer cancel()
	require(t, devstack.EnsureNamespace(ctx, address, namespace, attrs))
	return address, namespace
}

// Name returns a name nobody else uses, made from the test's: for task queues, ids, namespaces.
func Name(t testing.TB) string {
	t.Helper()
	var safe []rune
	for _, r := range t.Name() {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			safe = append(safe, r)
		default:
			safe = append(safe, '-')
		}
	}
	const keep = 60 // ids have limits, and the random part keeps names apart
	if len(safe) > keep {
		safe = safe[:keep]
	}
	return string(safe) + "-" + devstack.RandomHex(4)
}

func startTemporal(attrs []devstack.SearchAttribute) (string, error) {
	temporal.Lock()
	defer temporal.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	if !temporal.started {
		temporal.started = true
		temporal.attrs = attrs
		temporal.address, temporal.err = os.Getenv("FOSSAWORK_TEST_TEMPORAL"), nil
		if temporal.address == "" {
			temporal.err = privateTemporal(ctx, attrs)
		} else {
			temporal.err = devstack.EnsureNamespace(ctx, temporal.address, devstack.DefaultNamespace, attrs)
		}
	}
	if temporal.err != nil {
		return "", temporal.err
	}
	for _, attr := range attrs {
		if !slices.Contains(temporal.attrs, attr) {
			return "", fmt.Errorf("search attribute %s is not among those of the first call in this test binary", attr.Name)
		}
	}
	return temporal.address, nil
}

func privateTemporal(ctx context.Context, attrs []devstack.SearchAttribute) error {
	path, err := findBin("temporal")
	if err != nil {
		return err
	}
	temporal.server, err = devstack.StartTemporal(ctx, devstack.TemporalConfig{Path: path, SearchAttributes: attrs})
	if err == nil {
		temporal.address = temporal.server.Address()
	}
	return err
}

func stopTemporal() error {
	temporal.Lock()
	defer temporal.Unlock()
	if temporal.server == nil {
		return nil
	}
	// Nothing of an in-memory server is worth the second and a half of an orderly stop.
	temporal.server.Kill()
	<-temporal.server.Done()
	return nil
}
