package deploycheck

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.yaml.in/yaml/v3"

	"github.com/fossawork/scheduler/internal/config"
	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/internal/seal"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/workflows"
)

// fakeTemporal is a temporal command that notes how it is called, and keeps a namespace and attributes as a server would. A new
// namespace is not known at once, and there may be no server at all.
const fakeTemporal = `#!/bin/sh
printf '%s\n' "$*" >>"$FAKE/calls"
if [ -e "$FAKE/away" ]; then echo "failed reaching server" >&2; exit 1; fi
case "$*" in
"operator cluster health") echo SERVING ;;
"operator namespace describe --namespace fossa") [ -e "$FAKE/namespace" ] ;;
"operator namespace create --namespace fossa --retention 48h") : >"$FAKE/namespace" ;;
"operator search-attribute list --namespace fossa")
	if [ ! -e "$FAKE/listed" ]; then : >"$FAKE/listed"; echo "Namespace fossa is not found." >&2; exit 1; fi
	echo "  Name  Type"
	echo "  WorkflowId  Keyword"
	cat "$FAKE/attributes" 2>/dev/null || : ;;
"operator search-attribute create --namespace fossa --name "*" --type "*) printf '  %s   %s  \n' "$7" "$9" >>"$FAKE/attributes" ;;
"workflow count --namespace fossa --query "*) echo "Total: 0" ;;
*) echo "fake temporal: what is $*" >&2; exit 64 ;;
esac
`

// fakes is a directory with programs that record their calls.
func fakes(t *testing.T, scripts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range scripts {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700))
	}
	return dir
}

func callsOf(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "calls"))
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, "calls")))
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// script runs a script of ours with the fakes in front of the path.
func script(t *testing.T, dir, file string, env ...string) result {
	t.Helper()
	env = append(env, "FAKE="+dir, "PATH="+dir+":"+os.Getenv("PATH"), "PAUSE=0")
	return execute(t, env, "/bin/sh", inRepo(t, file))
}

const setupNamespace = "temporal-config/setup-namespace.sh"

func TestSetupNamespaceRegistersOurSearchAttributes(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{"temporal": fakeTemporal})
	var want []string
	for _, attribute := range workflows.SearchAttributes() {
		want = append(want, "operator search-attribute create --namespace fossa --name "+attribute.Name+" --type "+attribute.Type.String())
	}

	first := script(t, dir, setupNamespace, "TEMPORAL_NAMESPACE=fossa", "RETENTION=48h")
	require.Zero(t, first.code, first.output)
	calls := callsOf(t, dir)
	require.Contains(t, calls, "operator namespace create --namespace fossa --retention 48h")
	require.Equal(t, want, slices.DeleteFunc(slices.Clone(calls), func(call string) bool {
		return !strings.HasPrefix(call, "operator search-attribute create")
	}))
	last := calls[len(calls)-1]
	require.True(t, strings.HasPrefix(last, "workflow count"), "it ends with the proof that they can be used: %s", last)
	for _, attribute := range workflows.SearchAttributes() {
		require.Contains(t, last, attribute.Name)
	}

	again := script(t, dir, setupNamespace, "TEMPORAL_NAMESPACE=fossa", "RETENTION=48h")
	require.Zero(t, again.code, again.output)
	for _, call := range callsOf(t, dir) {
		require.NotContains(t, call, "create", "the second run changes nothing")
	}
}

func TestSetupNamespaceAddsWhatIsMissing(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{"temporal": fakeTemporal, "namespace": "", "attributes": "FossaworkUserId Keyword\n"})
	got := script(t, dir, setupNamespace, "TEMPORAL_NAMESPACE=fossa")
	require.Zero(t, got.code, got.output)
	calls := strings.Join(callsOf(t, dir), "\n")
	require.NotContains(t, calls, "namespace create")
	require.NotContains(t, calls, "--name FossaworkUserId")
	require.Contains(t, calls, "--name FossaworkOutcome")
}

func TestSetupNamespaceRefusesAnotherType(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{"temporal": fakeTemporal, "namespace": "", "attributes": "FossaworkScheduleId Keyword\n"})
	got := script(t, dir, setupNamespace, "TEMPORAL_NAMESPACE=fossa")
	require.Equal(t, 1, got.code)
	require.Contains(t, got.output, "FossaworkScheduleId is there with type Keyword instead of Int")
}

func TestSetupNamespaceGivesUp(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{"temporal": fakeTemporal, "away": ""})
	got := script(t, dir, setupNamespace, "TEMPORAL_NAMESPACE=fossa", "ATTEMPTS=3")
	require.Equal(t, 1, got.code)
	require.Contains(t, got.output, "failed reaching server")
	require.Contains(t, got.output, "gave up after 3 attempts")
	require.Len(t, callsOf(t, dir), 3)
}

// The same against a real server.
func TestSetupNamespaceOnAServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Temporal server; skipped with -short")
	}
	temporal := testenv.Bin(t, "temporal")
	server, err := devstack.StartTemporal(t.Context(), devstack.TemporalConfig{Path: temporal})
	require.NoError(t, err)
	t.Cleanup(func() {
		server.Kill() // there is nothing in it that is worth an orderly stop
		<-server.Done()
	})
	env := []string{
		"PATH=" + filepath.Dir(temporal) + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "PAUSE=1",
		"TEMPORAL_ADDRESS=" + server.Address(), "TEMPORAL_NAMESPACE=fossa",
	}
	for range 2 {
		got := execute(t, env, "/bin/sh", inRepo(t, setupNamespace))
		require.Zero(t, got.code, got.output)
	}
	c, err := client.DialContext(t.Context(), client.Options{HostPort: server.Address(), Namespace: "fossa", Logger: nil})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	have, err := c.OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: "fossa"})
	require.NoError(t, err)
	for _, attribute := range workflows.SearchAttributes() {
		require.Equal(t, attribute.Type, have.GetCustomAttributes()[attribute.Name], attribute.Name)
	}
}

const fakeSQLTool = `#!/bin/sh
printf '%s|%s\n' "$SQL_PASSWORD" "$*" >>"$FAKE/calls"
if [ -e "$FAKE/away" ]; then rm "$FAKE/away"; exit 1; fi
case "$*" in *update-schema*) [ ! -e "$FAKE/broken" ] ;; esac
`

var schemaEnv = []string{"POSTGRES_SEEDS=db", "DB_PORT=5433", "POSTGRES_USER=temporal", "SQL_PASSWORD=secret"}

func TestSetupSchema(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{"temporal-sql-tool": fakeSQLTool, "away": ""})
	got := script(t, dir, "temporal-config/setup-schema.sh", schemaEnv...)
	require.Zero(t, got.code, got.output)
	const server = "secret|--plugin postgres12_pgx --endpoint db --port 5433 --user temporal --database "
	require.Equal(t, []string{
		server + "temporal setup-schema --version 0.0", // the first attempt finds nobody
		server + "temporal setup-schema --version 0.0",
		server + "temporal update-schema --schema-name postgresql/v12/temporal",
		server + "temporal_visibility setup-schema --version 0.0",
		server + "temporal_visibility update-schema --schema-name postgresql/v12/visibility",
	}, callsOf(t, dir))
}

func TestSetupSchemaFails(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{"temporal-sql-tool": fakeSQLTool, "broken": ""})
	got := script(t, dir, "temporal-config/setup-schema.sh", schemaEnv...)
	require.NotZero(t, got.code)
	require.NotContains(t, got.output, "done")
	require.Len(t, callsOf(t, dir), 2)

	got = script(t, dir, "temporal-config/setup-schema.sh", "POSTGRES_SEEDS=db")
	require.NotZero(t, got.code)
	require.Contains(t, got.output, "POSTGRES_USER")
}

func TestDynamicConfig(t *testing.T) {
	t.Parallel()
	var file map[string][]struct {
		Value       any            `yaml:"value"`
		Constraints map[string]any `yaml:"constraints"`
	}
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "temporal-config/dynamicconfig.yaml")))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&file))
	require.Contains(t, file, "system.forceSearchAttributesCacheRefreshOnRead")
	for key, values := range file {
		require.NotEmpty(t, values, key)
		for _, value := range values {
			require.NotNil(t, value.Value, key)
		}
	}
}

// makeSecrets runs the script of the secrets service.
func makeSecrets(t *testing.T, dir string) result {
	t.Helper()
	got := execute(t, []string{"PATH=" + programs + ":" + os.Getenv("PATH")}, "/bin/sh", inRepo(t, "deploy/container/make-secrets"), dir)
	require.Zero(t, got.code, got.output)
	return got
}

func TestMakeSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keyset, jwt := filepath.Join(dir, "keyset.json"), filepath.Join(dir, "jwt-secret")
	// What an interrupted run left behind.
	require.NoError(t, os.WriteFile(keyset+".new", []byte("{"), 0o600))
	first := makeSecrets(t, dir)
	require.Contains(t, first.output, "Made the keyset")

	_, err := seal.Open(keyset)
	require.NoError(t, err)
	secret, err := config.API{JWTSecretFile: jwt}.Secret()
	require.NoError(t, err)
	require.Len(t, secret.Reveal(), 64)

	before := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), entry.Name())
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		require.NoError(t, err)
		before[entry.Name()] = string(text)
	}
	require.Len(t, before, 2)

	require.Empty(t, makeSecrets(t, dir).output)
	for name, text := range before {
		after, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, text, string(after), name)
	}
}

func TestHealthCheckProgram(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	check := func(port, path string) result {
		return execute(t, []string{"PATH=" + os.Getenv("PATH")}, "/bin/bash", inRepo(t, "deploy/container/http-ok"), port, path)
	}
	require.Zero(t, check(port, "/readyz").code)
	sick := check(port, "/other")
	require.Equal(t, 1, sick.code)
	require.Contains(t, sick.output, "/other answered 503")
	server.Close()
	require.NotZero(t, check(port, "/readyz").code)
}

func TestScriptsParse(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"temporal-config/*.sh", "deploy/container/[^c]*"} {
		files, err := filepath.Glob(inRepo(t, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			shell, _, _ := strings.Cut(strings.TrimPrefix(string(text), "#!"), "\n")
			require.Contains(t, []string{"/bin/sh", "/bin/bash"}, shell, file)
			require.Contains(t, string(text), "\nset -eu", file)
			got := execute(t, nil, shell, "-n", file)
			require.Zero(t, got.code, got.output)
			info, err := os.Stat(file)
			require.NoError(t, err)
			require.NotZero(t, info.Mode()&0o100, "%s is not executable", file)
			if shellcheck, err := exec.LookPath("shellcheck"); err == nil {
				got := execute(t, nil, shellcheck, file)
				require.Zero(t, got.code, got.output)
			}
		}
	}
}
