package deploycheck

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
)

func TestOutcomesPage(t *testing.T) {
	t.Parallel()
	effects := map[scrape.FailureEffect]string{scrape.AddsFailure: "adds", scrape.LeavesFailures: "leaves", scrape.ResetsFailures: "resets"}
	yes := map[bool]string{true: "yes", false: "no"}
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\|.*\\| (\\w+) \\| (\\w+) \\|$").FindAllStringSubmatch(read(t, "docs/outcomes.md"), -1)
	var written, want [][]string
	for _, row := range rows {
		written = append(written, row[1:])
	}
	for _, outcome := range scrape.Outcomes() {
		want = append(want, []string{string(outcome), effects[outcome.FailureEffect()], yes[outcome.Succeeded()]})
	}
	require.Equal(t, want, written)
}

// kinds are the words of scrape.Kind, read from its source: the package lists them nowhere.
func kinds(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), inRepo(t, "scrape", "error.go"), nil, 0)
	require.NoError(t, err)
	var words []string
	for _, declaration := range file.Decls {
		constants, ok := declaration.(*ast.GenDecl)
		if !ok || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			value := spec.(*ast.ValueSpec)
			if kind, ok := value.Type.(*ast.Ident); ok && kind.Name == "Kind" {
				word, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				words = append(words, word)
			}
		}
	}
	require.Contains(t, words, string(scrape.KindPortalDown))
	return words
}

func TestRunbookHasAnEntryForEverything(t *testing.T) {
	t.Parallel()
	runbook := read(t, "docs/runbook.md")
	outcomes := map[string]bool{}
	for _, outcome := range scrape.Outcomes() {
		outcomes[string(outcome)] = true
		require.Contains(t, runbook, "\n### `"+string(outcome)+"`\n")
	}
	for _, entry := range regexp.MustCompile("(?m)^### `(\\w+)`$").FindAllStringSubmatch(runbook, -1) {
		require.True(t, outcomes[entry[1]], "%s is no outcome", entry[1])
	}
	for _, kind := range kinds(t) {
		if !outcomes[kind] {
			require.Regexp(t, "\n\\| `"+kind+"` \\| \\d{3} \\|", runbook)
		}
	}
}

// The commands that the documents tell people to type must exist, with their flags.
func TestCommandsOfTheRunbookExist(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(read(t, "docs/runbook.md"), -1)
	require.NotEmpty(t, blocks)
	flags := regexp.MustCompile(`--[a-z][a-z-]*`)
	var temporal, ours int
	for _, block := range blocks {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			words, _, _ := strings.Cut(line, " --")
			command := strings.Fields(words)
			var help result
			switch command[0] {
			case "temporal":
				temporal++
				help = execute(t, []string{"HOME=" + t.TempDir()}, testenv.Bin(t, "temporal"), append(command[1:], "--help")...)
				require.Contains(t, help.output, strings.Join(command, " ")+" ", line)
			case "fossawork-scheduler":
				ours++
				requireCommand(t, command[1:]...)
				help = execute(t, nil, command[0], append(command[1:], "--help")...)
			default: // docker: not here
				continue
			}
			for _, flag := range flags.FindAllString(line, -1) {
				require.Contains(t, help.output, flag, line)
			}
		}
	}
	require.NotZero(t, temporal)
	require.NotZero(t, ours)
}

// Paths that the documents of this part name must be there.
func TestPathsInDocumentsExist(t *testing.T) {
	t.Parallel()
	decisions, err := filepath.Glob(inRepo(t, "docs/decisions/*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, decisions)
	files := append(decisions, inRepo(t, "docs/architecture.md"), inRepo(t, "docs/outcomes.md"), inRepo(t, "docs/runbook.md"))
	roots := "activities|api|cmd|deploy|docs|internal|scrape|sites|temporal-config|worker|workflows|e2e"
	paths := regexp.MustCompile("`((?:" + roots + ")/[\\w@./-]*)`")
	links := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, found := range paths.FindAllStringSubmatch(string(text), -1) {
			require.True(t, exists(inRepo(t, found[1])), "%s names %s", file, found[1])
		}
		for _, found := range links.FindAllStringSubmatch(string(text), -1) {
			require.True(t, exists(filepath.Join(filepath.Dir(file), found[1])), "%s links to %s", file, found[1])
		}
	}
}
