package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// identity is who PostgreSQL runs as. It refuses to run as root, so root takes one of two ways: a user namespace in
// which root is called somebody else, so that files stay root's and any path root can reach will do; or, where the
// kernel or the container refuses that, an unprivileged user, who must be able to reach the data directory.
type identity struct {
	namespace bool
	uid, gid  int // of the unprivileged user; 0 in the other cases
	name      string
}

// insideID is what root is called inside the user namespace: any number but 0.
const insideID = 1000

func newIdentity(ctx context.Context, cfg PostgresConfig) (identity, error) {
	if os.Getuid() != 0 {
		return identity{}, nil
	}
	if !cfg.noUserNamespace && namespaceWorks(ctx, cfg.Installs[0]) {
		return identity{namespace: true}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return identity{}, fmt.Errorf("look up user %s: %w", name, err)
		}
		return identity{uid: uid, gid: gid, name: name}, nil
	}
	return identity{}, errors.New("it refuses to run as root, user namespaces are not allowed here, and there is neither a user " +
		"postgres nor nobody: run as a user other than root")
}

// namespaceWorks tries a namespace with the cheapest command of the server itself.
func namespaceWorks(ctx context.Context, install PostgresInstall) bool {
	cmd := exec.CommandContext(ctx, install.bin("postgres"), "--version")
	cmd.SysProcAttr = namespaceAttr()
	return cmd.Run() == nil
}

func namespaceAttr() *syscall.SysProcAttr {
	ids := []syscall.SysProcIDMap{{ContainerID: insideID, HostID: 0, Size: 1}}
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: ids,
		GidMappings: ids,
		Credential:  &syscall.Credential{Uid: insideID, Gid: insideID, NoSetGroups: true},
	}
}

// attr returns how to start a program that works in the given directories, or says why it could not reach them.
func (i identity) attr(dirs ...string) (*syscall.SysProcAttr, error) {
	switch {
	case i.namespace:
		return namespaceAttr(), nil
	case i.uid == 0:
		return &syscall.SysProcAttr{}, nil
	}
	for _, dir := range dirs {
		if closed := unreachable(dir); closed != "" {
			return nil, fmt.Errorf("it refuses to run as root, user namespaces are not allowed here, and user %s cannot pass through %s: "+
				"put the data where that user can reach it (--data-dir), or run as a user other than root", i.name, closed)
		}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(i.uid), Gid: uint32(i.gid)}}, nil
}

// openDir lets the user the server runs as pass through the data directory. What else is in it is protected by its own
// permissions.
func (i identity) openDir(dir string) error {
	if i.uid == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o711); err != nil { //nolint:gosec // see above
		return fmt.Errorf("make the data directory: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // see above
		return fmt.Errorf("open the data directory to user %s: %w", i.name, err)
	}
	return nil
}

// own gives a fresh file or directory to the user the server runs as.
func (i identity) own(dir string) error {
	if i.uid == 0 {
		return nil
	}
	if err := os.Chown(dir, i.uid, i.gid); err != nil {
		return fmt.Errorf("give %s to user %s: %w", dir, i.name, err)
	}
	return nil
}

// unreachable returns the first directory above dir that others may not pass through, or nothing.
func unreachable(dir string) string {
	path := "/"
	for _, part := range strings.Split(filepath.Dir(dir), "/") {
		path = filepath.Join(path, part)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o001 == 0 {
			return path
		}
	}
	return ""
}

// processesIn returns the live processes that work in a cluster: every process of a server has the cluster as its
// working directory, also those left over when their postmaster was killed.
func processesIn(_ context.Context, dir string, _ int) []int {
	want, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil
	}
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	var pids []int
	for _, link := range links {
		if at, err := os.Readlink(link); err != nil || at != want {
			continue
		}
		proc := filepath.Dir(link)
		if exe, err := os.Readlink(proc + "/exe"); err != nil || !strings.HasPrefix(filepath.Base(exe), "postgres") {
			continue // a shell somebody opened there
		}
		if pid, err := strconv.Atoi(filepath.Base(proc)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
