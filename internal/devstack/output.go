package devstack

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// maxLine bounds one line of a child's output, so that a program that never writes a line feed cannot fill memory.
const maxLine = 64 << 10

// nameWidth is the width of the name column on the console; longer names are printed in full.
const nameWidth = 9

// Console is where devstack and all its children print, one whole line at a time. It may be used concurrently.
type Console struct {
	mu    sync.Mutex
	w     io.Writer
	start time.Time
}

// NewConsole returns a console on w whose clock starts now.
func NewConsole(w io.Writer) *Console {
	return &Console{w: w, start: time.Now()}
}

// Say prints one line of devstack's own with the time since the console was made.
func (c *Console) Say(format string, args ...any) {
	c.line("devstack", fmt.Sprintf("%5.1f s  %s", c.Elapsed().Seconds(), fmt.Sprintf(format, args...)))
}

// Print writes text as it is, without a prefix.
func (c *Console) Print(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A console that cannot be written to is no reason to stop the stack.
	_, _ = io.WriteString(c.w, text)
}

// Elapsed is the time since the console was made.
func (c *Console) Elapsed() time.Duration { return time.Since(c.start) }

func (c *Console) line(name, text string) {
	c.Print(fmt.Sprintf("%-*s | %s\n", nameWidth, name, text))
}

// Output says where the lines of a child go. The zero value keeps only the last lines, for the report.
type Output struct {
	// Console, if set, shows every line behind the child's name.
	Console *Console
	// LogDir, if set, is where <name>.log is written; the log of the run before is kept as <name>.log.1.
	LogDir string
}

// openLog rotates and opens the log file of one child; it returns nil, nil when no log is wanted.
func (o Output) openLog(name string) (*os.File, error) {
	if o.LogDir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(o.LogDir, 0o700); err != nil {
		return nil, fmt.Errorf("make log directory: %w", err)
	}
	path := filepath.Join(o.LogDir, name+".log")
	if err := os.Rename(path, path+".1"); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("rotate log: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return f, nil
}

// sink receives the raw output of one child and hands it on in lines.
type sink struct {
	mu      sync.Mutex
	name    string
	console *Console
	log     *os.File
	muted   bool
	partial []byte
	last    []string
	keep    int
}

// Write implements io.Writer. It never fails: a full disk under a log file must not kill the child through its pipe.
func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(p)
	for len(p) > 0 {
		line, rest, found := bytes.Cut(p, []byte{'\n'})
		s.partial = append(s.partial, line...)
		if found || len(s.partial) > maxLine {
			s.flush()
		}
		p = rest
	}
	return n, nil
}

func (s *sink) flush() {
	line := strings.TrimRight(string(s.partial), "\r")
	s.partial = s.partial[:0]
	if s.log != nil {
		_, _ = s.log.WriteString(line + "\n")
	}
	if strings.TrimSpace(line) == "" {
		return
	}
	if s.last = append(s.last, line); len(s.last) > s.keep {
		s.last = s.last[len(s.last)-s.keep:]
	}
	if s.console != nil && !s.muted {
		s.console.line(s.name, line)
	}
}

// mute stops the console output; the log file and the last lines go on.
func (s *sink) mute() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.muted = true
}

func (s *sink) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.last...)
}

func (s *sink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.partial) > 0 {
		s.flush()
	}
	if s.log != nil {
		_ = s.log.Close()
		s.log = nil
	}
}
