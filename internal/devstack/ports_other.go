//go:build !linux

package devstack

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// portHolder says who listens on a port, as " by pid 123", or nothing when that cannot be found out.
func portHolder(ctx context.Context, port int) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "lsof", "-nP", "-t", "-sTCP:LISTEN", "-iTCP:"+strconv.Itoa(port)).Output()
	if pid, _, _ := strings.Cut(string(out), "\n"); err == nil && pid != "" {
		return " by pid " + pid
	}
	return ""
}
