package devstack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"

	"github.com/fossawork/scheduler/sites/browser"
)

// MissingError says that a program is not installed, and how to get it.
type MissingError struct {
	What string
	Hint string
}

// Error implements error.
func (e *MissingError) Error() string { return e.What + " not found: " + e.Hint }

// PostgresInstall is one set of server programs.
type PostgresInstall struct {
	BinDir string
	Major  int
}

// bin is the path of one of its programs.
func (i PostgresInstall) bin(name string) string { return filepath.Join(i.BinDir, name) }

// postgresPlaces are where packages put the server programs, which are often not on the path.
var postgresPlaces = []string{
	"/usr/lib/postgresql/*/bin",                 // Debian
	"/usr/pgsql-*/bin",                          // PGDG packages for Red Hat
	"/usr/lib/postgresql*/bin",                  // openSUSE
	"/opt/homebrew/opt/postgresql@*/bin",        // Homebrew
	"/opt/homebrew/opt/postgresql/bin",          //
	"/usr/local/opt/postgresql@*/bin",           // Homebrew on Intel
	"/usr/local/pgsql/bin",                      // from source
	"/Applications/Postgres.app/*/*/latest/bin", // Postgres.app
}

// FindPostgres returns the installed PostgreSQL servers: the one on the path first, then the others, newest first.
// With none it returns a *MissingError.
func FindPostgres(ctx context.Context) ([]PostgresInstall, error) {
	var found []PostgresInstall
	add := func(dir string) {
		install, err := postgresIn(ctx, dir)
		if err == nil && !slices.Contains(found, install) {
			found = append(found, install)
		}
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		add(filepath.Dir(path))
	}
	onPath := len(found)
	for _, pattern := range postgresPlaces {
		dirs, _ := filepath.Glob(pattern)
		for _, dir := range dirs {
			add(dir)
		}
	}
	slices.SortStableFunc(found[onPath:], func(a, b PostgresInstall) int { return b.Major - a.Major })
	if len(found) == 0 {
		return nil, &MissingError{What: "PostgreSQL (initdb and postgres)", Hint: installHint("postgresql")}
	}
	return found, nil
}

var postgresVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// postgresIn checks that a directory holds both programs needed and asks for their version.
func postgresIn(ctx context.Context, dir string) (PostgresInstall, error) {
	install := PostgresInstall{BinDir: dir}
	if _, err := os.Stat(install.bin("initdb")); err != nil {
		return install, fmt.Errorf("look for initdb: %w", err)
	}
	out, err := exec.CommandContext(ctx, install.bin("postgres"), "--version").Output()
	if err != nil {
		return install, fmt.Errorf("ask postgres for its version: %w", err)
	}
	match := postgresVersion.FindSubmatch(out)
	if match == nil {
		return install, fmt.Errorf("ask postgres for its version: unknown answer %q", out)
	}
	install.Major, err = strconv.Atoi(string(match[1]))
	return install, err
}

// FindProgram looks for a program in dirs, in that order, then on the path.
func FindProgram(name, hint string, dirs ...string) (string, error) {
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return filepath.Abs(path)
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return filepath.Abs(path)
	}
	return "", &MissingError{What: name, Hint: hint}
}

// FindChromium returns the path of a browser's real binary; a configured path (may be empty) is the only one looked at.
func FindChromium(configured string) (string, error) {
	path, err := browser.Find(configured)
	if err != nil && configured == "" {
		return "", &MissingError{What: "Chromium", Hint: installHint("chromium-headless-shell")}
	}
	return path, err
}

func installHint(debianPackage string) string {
	if runtime.GOOS == "darwin" {
		return "run `make setup`, which names the Homebrew command"
	}
	return fmt.Sprintf("run `make setup`, or install the package %s", debianPackage)
}
