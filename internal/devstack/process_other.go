//go:build !linux

package devstack

import "syscall"

// procAttr completes attr with a process group of its own. Only Linux can tell a child that its parent has died; here
// the next start cleans up instead.
func procAttr(attr *syscall.SysProcAttr, _ syscall.Signal) *syscall.SysProcAttr {
	if attr == nil {
		attr = &syscall.SysProcAttr{}
	}
	attr.Setpgid = true
	return attr
}
