package devstack

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// tcpListen is the state "listening" in the kernel's tables.
const tcpListen = "0A"

// portHolder says who listens on a port, as " by pid 123 (name)", or nothing when that cannot be found out.
func portHolder(_ context.Context, port int) string {
	inodes := listenInodes(port)
	if len(inodes) == 0 {
		return ""
	}
	fds, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		if err != nil || !inodes[target] {
			continue
		}
		pid := strings.Split(fd, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm")
		if err != nil {
			return " by pid " + pid
		}
		return fmt.Sprintf(" by pid %s (%s)", pid, strings.TrimSpace(string(name)))
	}
	return ""
}

// listenInodes returns the sockets listening on a port, in the form the links of /proc/<pid>/fd have.
func listenInodes(port int) map[string]bool {
	suffix := fmt.Sprintf(":%04X", port)
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
			fields := strings.Fields(lines.Text())
			if len(fields) > 9 && strings.HasSuffix(fields[1], suffix) && fields[3] == tcpListen {
				if _, err := strconv.Atoi(fields[9]); err == nil {
					inodes["socket:["+fields[9]+"]"] = true
				}
			}
		}
		_ = f.Close()
	}
	return inodes
}
