package devstack_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/internal/testenv"
)

func startTemporal(t *testing.T, cfg devstack.TemporalConfig) *devstack.Temporal {
	t.Helper()
	srv, err := devstack.StartTemporal(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		srv.Kill()
		<-srv.Done()
	})
	return srv
}

func TestTemporalKeepsSchedulesAndAttributes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Temporal server; skipped with -short")
	}
	cfg := devstack.TemporalConfig{
		Path:             testenv.Bin(t, "temporal"),
		DBFile:           filepath.Join(t.TempDir(), "temporal.db"),
		Namespaces:       []string{"shop"},
		SearchAttributes: []devstack.SearchAttribute{{Name: "JobType", Type: "Keyword"}, {Name: "ScheduleId", Type: "Int"}},
	}
	srv := startTemporal(t, cfg)
	for _, namespace := range []string{devstack.DefaultNamespace, "shop"} {
		createSchedule(t, srv.Address(), namespace)
	}
	require.NoError(t, srv.Stop())

	cfg.SearchAttributes = append(cfg.SearchAttributes, devstack.SearchAttribute{Name: "Late", Type: "Bool"})
	again := startTemporal(t, cfg)
	c := dial(t, again.Address(), "shop")
	description, err := c.ScheduleClient().GetHandle(t.Context(), "s").Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, description.TypedSearchAttributes.Size())
	require.NoError(t, again.Stop())

	cfg.SearchAttributes = []devstack.SearchAttribute{{Name: "JobType", Type: "Int"}}
	_, err = devstack.StartTemporal(t.Context(), cfg)
	require.ErrorContains(t, err, "search attribute JobType exists with type Keyword instead of Int")

	// Removing the file is enough to start empty, whatever SQLite has left beside it.
	require.NoError(t, os.Remove(cfg.DBFile))
	require.FileExists(t, cfg.DBFile+"-wal")
	empty := startTemporal(t, cfg)
	_, err = dial(t, empty.Address(), "shop").ScheduleClient().GetHandle(t.Context(), "s").Describe(t.Context())
	var notFound *serviceerror.NotFound
	require.ErrorAs(t, err, &notFound)
}

func TestTemporalKilledLosesNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Temporal server; skipped with -short")
	}
	cfg := devstack.TemporalConfig{
		Path:             testenv.Bin(t, "temporal"),
		DBFile:           filepath.Join(t.TempDir(), "temporal.db"),
		SearchAttributes: []devstack.SearchAttribute{{Name: "JobType", Type: "Keyword"}},
	}
	srv := startTemporal(t, cfg)
	createSchedule(t, srv.Address(), devstack.DefaultNamespace)
	srv.Kill()
	<-srv.Done()
	again := startTemporal(t, cfg)
	_, err := dial(t, again.Address(), devstack.DefaultNamespace).ScheduleClient().GetHandle(t.Context(), "s").Describe(t.Context())
	require.NoError(t, err)
}

func TestTemporalNamespaceAtRunTime(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Temporal server; skipped with -short")
	}
	srv := startTemporal(t, devstack.TemporalConfig{Path: testenv.Bin(t, "temporal")})
	attrs := []devstack.SearchAttribute{{Name: "JobType", Type: "Keyword"}}
	for range 2 {
		require.NoError(t, devstack.EnsureNamespace(t.Context(), srv.Address(), "later", attrs))
	}
	createSchedule(t, srv.Address(), "later")
	attrs[0].Type = "Int"
	require.ErrorContains(t, devstack.EnsureNamespace(t.Context(), srv.Address(), "later", attrs), "exists with type Keyword")
}

func TestTemporalThatCannotStart(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Temporal server; skipped with -short")
	}
	_, err := devstack.StartTemporal(t.Context(), devstack.TemporalConfig{
		Path:   testenv.Bin(t, "temporal"),
		DBFile: filepath.Join(t.TempDir(), "nowhere", "temporal.db"),
	})
	require.ErrorContains(t, err, "temporal ended unexpectedly: exit status 1")
}

func dial(t *testing.T, address, namespace string) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{
		HostPort: address, Namespace: namespace, Logger: testenv.Logger(t),
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func createSchedule(t *testing.T, address, namespace string) {
	t.Helper()
	_, err := dial(t, address, namespace).ScheduleClient().Create(t.Context(), client.ScheduleOptions{
		ID:     "s",
		Spec:   client.ScheduleSpec{CronExpressions: []string{"0 0 1 1 *"}},
		Action: &client.ScheduleWorkflowAction{ID: "w", Workflow: "Nothing", TaskQueue: "q"},
		TypedSearchAttributes: temporal.NewSearchAttributes(
			temporal.NewSearchAttributeKeyKeyword("JobType").ValueSet("work_orders")),
	})
	require.NoError(t, err)
}
