package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// TestEveryStatementIsValid prepares every constant named sql... in the package's source, so that none can be forgotten.
func TestEveryStatementIsValid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	conn := b.connect(t)
	texts := constants(t)
	statements := 0
	for name, text := range texts {
		if !strings.HasPrefix(name, "sql") {
			continue
		}
		statements++
		numbered, _, err := pgx.NamedArgs{}.RewriteQuery(t.Context(), conn, text, nil)
		require.NoError(t, err, name)
		_, err = conn.Prepare(t.Context(), "", numbered)
		require.NoError(t, err, "%s:%s", name, text)
	}
	require.Greater(t, statements, 40)
}

// constants evaluates the package's text constants.
func constants(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	expressions := map[string]ast.Expr{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				constant := spec.(*ast.ValueSpec) // what constants consist of
				for i, name := range constant.Names {
					expressions[name.Name] = constant.Values[i]
				}
			}
		}
	}
	texts := map[string]string{}
	for name := range expressions {
		if strings.HasPrefix(name, "sql") {
			texts[name] = evaluate(t, expressions, expressions[name])
		}
	}
	return texts
}

func evaluate(t *testing.T, known map[string]ast.Expr, expression ast.Expr) string {
	t.Helper()
	switch e := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		require.NoError(t, err)
		return text
	case *ast.Ident:
		require.Contains(t, known, e.Name)
		return evaluate(t, known, known[e.Name])
	case *ast.BinaryExpr:
		return evaluate(t, known, e.X) + evaluate(t, known, e.Y)
	default:
		require.Failf(t, "unexpected expression", "%T", e)
		return ""
	}
}
