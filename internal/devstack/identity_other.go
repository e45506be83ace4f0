//go:build !linux

package devstack

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// identity is who PostgreSQL runs as: here always the user who starts it.
type identity struct{}

func newIdentity(context.Context, PostgresConfig) (identity, error) {
	if os.Getuid() == 0 {
		return identity{}, errors.New("it refuses to run as root: run as another user")
	}
	return identity{}, nil
}

func (identity) attr(...string) (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }

func (identity) openDir(string) error { return nil }

func (identity) own(string) error { return nil }

// processesIn returns the postmaster when it is alive and runs on this cluster. There is no table of working
// directories here, so the command line has to do.
func processesIn(ctx context.Context, dir string, postmaster int) []int {
	out, err := exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(postmaster)).Output()
	if err == nil && strings.Contains(string(out), dir) {
		return []int{postmaster}
	}
	return nil
}
