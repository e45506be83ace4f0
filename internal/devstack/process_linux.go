package devstack

import "syscall"

// procAttr completes attr with a process group of its own and the signal for the death of the parent.
func procAttr(attr *syscall.SysProcAttr, death syscall.Signal) *syscall.SysProcAttr {
	if attr == nil {
		attr = &syscall.SysProcAttr{}
	}
	attr.Setpgid = true
	attr.Pdeathsig = death
	return attr
}
