package testenv_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/testenv"
)

// helperVar makes this binary use servers and then end badly.
const helperVar = "TESTENV_TEST_HELPER"

// TestHelperEndsBadly is not a test but what TestNothingIsLeftBehind runs in a process of its own.
func TestHelperEndsBadly(t *testing.T) {
	t.Parallel()
	how := os.Getenv(helperVar)
	if how == "" {
		return // in the ordinary run
	}
	testenv.Postgres(t, migrate)
	testenv.Temporal(t)
	fmt.Println("servers are up")
	switch how {
	case "exit":
		os.Exit(3)
	case "panic":
		go panic("on purpose")
	}
	select {} // into the time limit
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs servers; skipped with -short")
	}
	testenv.Bin(t, "temporal")
	self, err := os.Executable()
	require.NoError(t, err)
	for _, how := range []string{"exit", "panic", "timeout"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			tmp := t.TempDir()
			run := func(args ...string) string {
				cmd := exec.CommandContext(t.Context(), self, args...)
				cmd.Env = append(os.Environ(), helperVar+"="+how, "TMPDIR="+tmp,
					"FOSSAWORK_TEST_DATABASE_URL=", "FOSSAWORK_TEST_TEMPORAL=")
				out, _ := cmd.CombinedOutput() // it ends badly, that is the point
				return string(out)
			}
			out := run("-test.run=^TestHelperEndsBadly$", "-test.timeout=15s")
			require.Contains(t, out, "servers are up")
			require.Eventually(t, func() bool { return len(processesAt(tmp)) == 0 }, 2*time.Minute, 20*time.Millisecond)

			// The directory is swept up by the next run.
			left, err := filepath.Glob(filepath.Join(tmp, "fossawork-test-*"))
			require.NoError(t, err)
			require.Len(t, left, 1)
			require.Contains(t, run("-test.run=^TestPostgresWithoutMigratorIsEmpty$"), "PASS")
			left, err = filepath.Glob(filepath.Join(tmp, "fossawork-test-*"))
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// processesAt returns the processes working in a directory, or having it as TMPDIR.
func processesAt(dir string) []string {
	var found []string
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range procs {
		environ, err := os.ReadFile(filepath.Join(proc, "environ"))
		cwd, _ := os.Readlink(filepath.Join(proc, "cwd"))
		if err == nil && (strings.Contains(string(environ), "TMPDIR="+dir+"\x00") || strings.HasPrefix(cwd, dir)) {
			found = append(found, proc)
		}
	}
	return found
}
