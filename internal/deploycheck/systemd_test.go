package deploycheck

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const installed = "/usr/local/bin/fossawork-scheduler"

// units are the lines of each unit, by file name.
func units(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(inRepo(t, "deploy/systemd/*.service"))
	require.NoError(t, err)
	all := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[filepath.Base(file)] = strings.Split(string(text), "\n")
	}
	require.Len(t, all, 3)
	return all
}

func TestUnitsStartCommandsThatExist(t *testing.T) {
	t.Parallel()
	for name, lines := range units(t) {
		started := 0
		for _, line := range lines {
			command, ok := strings.CutPrefix(line, "ExecStart=")
			if !ok {
				continue
			}
			started++
			words := strings.Fields(command)
			require.Equal(t, installed, words[0], name)
			requireCommand(t, words[1])
			help := execute(t, nil, "fossawork-scheduler", words[1], "--help").output
			for _, flag := range words[2:] {
				flag, _, _ := strings.Cut(flag, "=")
				require.Contains(t, help, flag+"=", name)
			}
		}
		require.Equal(t, 1, started, name)
		require.Contains(t, lines, "User=fossawork", name)
		require.Contains(t, lines, "EnvironmentFile=/etc/fossawork/scheduler.env", name)
		require.Contains(t, lines, "NoNewPrivileges=yes", name)
		require.Contains(t, lines, "ProtectSystem=strict", name)
		if name != "fossawork-migrate.service" {
			require.Contains(t, lines, "Requires=fossawork-migrate.service", name)
		}
	}
}

// What Chromium does not survive must be off for the worker.
func TestWorkerUnitLetsChromiumRun(t *testing.T) {
	t.Parallel()
	for _, line := range units(t)["fossawork-worker@.service"] {
		for _, deadly := range []string{"MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes", "SystemCallFilter=@system-service", "PrivateUsers="} {
			require.False(t, strings.HasPrefix(line, deadly), line)
		}
	}
}

func TestUnitsAreValid(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("there is no systemd-analyze here: only the commands were checked")
		return
	}
	dir := t.TempDir()
	args := []string{"verify"}
	for name, lines := range units(t) {
		// It insists on a program that is there.
		text := strings.ReplaceAll(strings.Join(lines, "\n"), installed, filepath.Join(programs, "fossawork-scheduler"))
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		args = append(args, file)
	}
	got := execute(t, os.Environ(), analyze, args...)
	require.Zero(t, got.code, got.output)
	for name := range units(t) {
		require.NotContains(t, got.output, name, "a complaint")
	}
}
