// Package deploycheck holds no code, only tests: they keep what people and machines deploy from (docker-compose.yml, Dockerfile,
// temporal-config/, deploy/, .env.example, docs/) true to the code, as far as that can be told without Docker.
package deploycheck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// programs is the directory of the built programs.
var programs string

func TestMain(m *testing.M) {
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, "build the programs:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(programs)
	os.Exit(code)
}

func build() (err error) {
	if programs, err = os.MkdirTemp("", "deploycheck-"); err != nil {
		return err
	}
	command := exec.Command("go", "build", "-o", programs+"/", "./cmd/fossawork-scheduler", "./cmd/portalsim")
	command.Dir = "../.."
	command.Stderr = os.Stderr
	return command.Run()
}

// inRepo is a path of the repository.
func inRepo(t *testing.T, path ...string) string {
	t.Helper()
	absolute, err := filepath.Abs(filepath.Join(append([]string{"../.."}, path...)...))
	require.NoError(t, err)
	return absolute
}

// read is the text of a file of the repository.
func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(inRepo(t, path...))
	require.NoError(t, err)
	return string(text)
}

// result is how a program ended and what it wrote.
type result struct {
	code   int
	output string
}

// execute runs a program with this environment and no other; programs of ours are found without a path.
func execute(t *testing.T, env []string, name string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if ours := filepath.Join(programs, name); !strings.Contains(name, "/") && exists(ours) {
		name = ours
	}
	command := exec.CommandContext(ctx, name, args...)
	command.Env = env
	command.Dir = t.TempDir()
	output, err := command.CombinedOutput()
	require.NoError(t, ctx.Err(), "%s %v does not end:\n%s", name, args, output)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return result{code: command.ProcessState.ExitCode(), output: string(output)}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// requireCommand fails unless the product has the command.
func requireCommand(t *testing.T, command ...string) {
	t.Helper()
	help := execute(t, nil, "fossawork-scheduler", append(command, "--help")...)
	require.Zero(t, help.code, help.output)
	// Of a command that it does not have, kong shows the help of the whole.
	require.Contains(t, help.output, "Usage: fossawork-scheduler "+strings.Join(command, " ")+" ")
}
