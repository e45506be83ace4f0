package devstack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// passwordFile lies inside the cluster, so that neither exists without the other.
	passwordFile = "fossawork.password"
	// newSuffix marks a cluster that is still being made; it counts for nothing after an interruption.
	newSuffix = ".new"
	// orphanPatience is how long a server of a killed run may take to finish its shutdown.
	orphanPatience = 20 * time.Second
	// maxSocketPath is what the kernel allows for a socket's path, with room for the longest name of a socket in it.
	maxSocketPath = 107 - len("/.s.PGSQL.55432.lock")
)

// cluster is one data directory of PostgreSQL while it is prepared for a start.
type cluster struct {
	install PostgresInstall
	ident   identity
	dir     string
}

// prepare makes the cluster unless it exists and returns its password.
func (c cluster) prepare(ctx context.Context, volatile bool) (string, error) {
	if _, err := os.Stat(filepath.Join(c.dir, "PG_VERSION")); err == nil {
		password, err := os.ReadFile(filepath.Join(c.dir, passwordFile))
		if err != nil {
			return "", fmt.Errorf("read the password of the cluster: %w; without it remove %s to start empty", err, c.dir)
		}
		return strings.TrimSpace(string(password)), nil
	}
	building := c.dir + newSuffix
	if err := os.RemoveAll(building); err != nil {
		return "", fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	if err := os.MkdirAll(building, 0o700); err != nil {
		return "", fmt.Errorf("make the cluster directory: %w", err)
	}
	if err := c.ident.own(building); err != nil {
		return "", err
	}
	password := RandomHex(16)
	if err := c.initdb(ctx, building, password, volatile); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(building, passwordFile), []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the password of the cluster: %w", err)
	}
	if err := os.Rename(building, c.dir); err != nil {
		return "", fmt.Errorf("finish the cluster: %w", err)
	}
	return password, nil
}

func (c cluster) initdb(ctx context.Context, dir, password string, volatile bool) error {
	pwfile := dir + ".password" // beside the directory, which has to be empty
	if err := os.WriteFile(pwfile, []byte(password+"\n"), 0o600); err != nil {
		return fmt.Errorf("hand over the password: %w", err)
	}
	defer func() { _ = os.Remove(pwfile) }()
	if err := c.ident.own(pwfile); err != nil {
		return err
	}
	args := []string{
		"-D", dir, "-U", postgresUser, "--pwfile=" + pwfile, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--no-instructions",
	}
	if volatile {
		args = append(args, "--no-sync")
	}
	attr, err := c.ident.attr(dir)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, c.install.bin("initdb"), args...)
	cmd.Env, cmd.Dir, cmd.SysProcAttr = postgresEnv(), dir, procAttr(attr, syscall.SIGKILL)
	runtime.LockOSThread() // the thread that starts a child has to outlive it, see Process.run
	defer runtime.UnlockOSThread()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// recover deals with what a killed run may have left: a server still shutting down, or a pid file whose number now
// belongs to another program. A pid file with a dead number is left alone, PostgreSQL deals with that by itself and
// checks the shared memory the file names.
func (c cluster) recover(ctx context.Context) error {
	pidFile := filepath.Join(c.dir, "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the pid file: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 1 {
		return removePidFile(pidFile) // torn by a power cut
	}
	if err := c.endOrphans(ctx, pid); err != nil {
		return err
	}
	// Nothing of this cluster is alive any more. A live process of that number is somebody else's, and the server
	// would take it for another server under the same user.
	if err := syscall.Kill(pid, 0); err == nil || errors.Is(err, syscall.EPERM) {
		return removePidFile(pidFile)
	}
	return nil
}

// endOrphans asks the server of an earlier run to end, and waits until every process working in the cluster has.
func (c cluster) endOrphans(ctx context.Context, postmaster int) error {
	ctx, cancel := context.WithTimeout(ctx, orphanPatience)
	defer cancel()
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for asked := false; ; {
		pids := processesIn(ctx, c.dir, postmaster)
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			if pid == postmaster && !asked {
				asked = true
				_ = syscall.Kill(pid, syscall.SIGINT)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("a server of an earlier run (pid %d) still works on %s and does not end: end it by hand", pids[0], c.dir)
		case <-ticker.C:
		}
	}
}

func removePidFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove a stale pid file: %w", err)
	}
	return nil
}

// socketDir returns a private directory for the server's socket: inside the data directory when that path is short
// enough for a socket, else one in the temporary directory that is always the same for this data directory.
func socketDir(dataDir string) (string, error) {
	dir := filepath.Join(dataDir, "run")
	if len(dir) > maxSocketPath {
		sum := sha256.Sum256([]byte(dataDir))
		dir = filepath.Join("/tmp", fmt.Sprintf("fossawork-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6])))
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make the socket directory: %w", err)
	}
	// Somebody else may have made it first where everybody may write.
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("look at the socket directory: %w", err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || info.Mode().Perm() != 0o700 ||
		!ok || (int(stat.Uid) != os.Getuid() && os.Getuid() != 0) {
		return "", fmt.Errorf("%s is not a private directory of this user: remove it", dir)
	}
	return dir, nil
}

// RandomHex returns n random bytes as hexadecimal digits.
func RandomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, it says
	return hex.EncodeToString(b)
}
