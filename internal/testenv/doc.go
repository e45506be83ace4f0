// Package testenv gives tests the real things: PostgreSQL databases, a Temporal server, a browser, programs, loggers.
// Each test gets what it asks for fresh and has it cleaned up. The servers themselves are started at first use, one per
// test binary, and end with it, also when it panics or runs into its time limit. Only tests may import it.
//
// What is missing on a machine skips the test and says what is missing; with CI=true it fails instead, so that nothing
// goes untested unnoticed. With -short everything that needs a server or a browser is skipped.
//
// FOSSAWORK_TEST_DATABASE_URL and FOSSAWORK_TEST_TEMPORAL (host:port) name running servers to use instead; the first must
// belong to a role that may create databases.
package testenv

import (
	"errors"
	"os"
	"testing"

	"github.com/fossawork/scheduler/internal/devstack"
)

// Main runs the tests of a package and stops what they started. Packages that use servers call it from TestMain:
//
//	func TestMain(m *testing.M) { testenv.Main(m) }
//
// Without it the servers end all the same, but their directories stay until the next test run sweeps them up.
func Main(m *testing.M) {
	code := m.Run()
	if err := stopAll(); err != nil {
		_, _ = os.Stderr.WriteString("testenv: " + err.Error() + "\n")
		if code == 0 {
			code = 1
		}
	}
	os.Exit(code)
}

// stopAll ends every server this test binary has started.
func stopAll() error {
	return errors.Join(stopPostgres(), stopTemporal(), removeWorkDir())
}

// needsMore skips under -short.
func needsMore(t testing.TB, what string) {
	t.Helper()
	if testing.Short() {
		t.Skipf("needs %s; skipped with -short", what)
	}
}

// require skips when a program is missing (fails with CI=true), and fails on any other error.
func require(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if missing := (*devstack.MissingError)(nil); errors.As(err, &missing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	t.Fatal(err)
}
