package devstack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/devstack"
)

const (
	// helperVar makes this test binary play another program.
	helperVar = "DEVSTACK_TEST_HELPER"
	patience  = 2 * time.Minute
	tick      = 10 * time.Millisecond
)

func TestMain(m *testing.M) {
	if name := os.Getenv(helperVar); name != "" {
		os.Exit(helper(name, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// helper plays the children and parents that the tests start.
func helper(name string, args []string) int {
	switch name {
	case "fail":
		for i := range 30 {
			fmt.Println("line", i)
		}
		fmt.Fprintln(os.Stderr, "no such table")
		return 3
	case "polite", "stubborn":
		incoming := make(chan os.Signal, 1)
		signal.Notify(incoming, syscall.SIGTERM)
		fmt.Println("ready")
		for range incoming {
			if name == "polite" {
				fmt.Print("good bye") // no line feed
				return 0
			}
		}
	case "family":
		// A child with a child of its own in the same group, which holds the same pipe.
		child := exec.Command("sleep", "1000")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return 1
		}
		fmt.Println(child.Process.Pid)
		incoming := make(chan os.Signal, 1)
		signal.Notify(incoming, syscall.SIGTERM)
		<-incoming
		return 0
	case "parent":
		if err := parent(args[0], args[1]); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	return 0
}

// pids is what the parent tells the test.
type pids struct{ Child, Postgres, Temporal int }

// parent starts one of everything and waits to be killed.
func parent(dir, temporal string) error {
	ctx := context.Background()
	child, err := devstack.Start(ctx, devstack.Spec{Name: "child", Path: "/bin/sleep", Args: []string{"1000"}})
	if err != nil {
		return err
	}
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresConfig{DataDir: dir, Volatile: true})
	if err != nil {
		return err
	}
	srv, err := devstack.StartTemporal(ctx, devstack.TemporalConfig{Path: temporal, DBFile: filepath.Join(dir, "temporal.db")})
	if err != nil {
		return err
	}
	if _, err := devstack.LockDir(dir); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(pids{child.Pid(), pg.Pid(), srv.Pid()}); err != nil {
		return err
	}
	select {}
}

// startHelper starts this binary as another program.
func startHelper(t *testing.T, name string, change func(*devstack.Spec)) *devstack.Process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	spec := devstack.Spec{Name: name, Path: self, Env: append(os.Environ(), helperVar+"="+name)}
	if change != nil {
		change(&spec)
	}
	p, err := devstack.Start(t.Context(), spec)
	require.NoError(t, err)
	t.Cleanup(func() {
		p.Kill()
		<-p.Done()
	})
	return p
}

// waitLine waits until the process has printed a line.
func waitLine(t *testing.T, p *devstack.Process) string {
	t.Helper()
	require.Eventually(t, func() bool { return len(p.LastLines()) > 0 }, patience, tick)
	return p.LastLines()[0]
}

// alive says whether a process runs; one that has ended and was not collected does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !os.IsNotExist(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}
