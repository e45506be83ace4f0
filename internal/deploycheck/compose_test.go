package deploycheck

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// load reads docker-compose.yml as the real tool does, with these variables and no others.
func load(t *testing.T, variables map[string]string, profiles ...string) *types.Project {
	t.Helper()
	var env []string
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{inRepo(t, "docker-compose.yml")},
		cli.WithWorkingDirectory(inRepo(t)), cli.WithEnv(env), cli.WithProfiles(profiles), cli.WithoutEnvironmentResolution)
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}

func loadAll(t *testing.T) *types.Project {
	t.Helper()
	return load(t, nil, "simulator")
}

// exampleVariables are the variables of compose.env.example.
func exampleVariables(t *testing.T) map[string]string {
	t.Helper()
	variables := map[string]string{}
	for line := range strings.Lines(read(t, "compose.env.example")) {
		if parts := variableLine.FindStringSubmatch(strings.TrimSpace(line)); parts != nil {
			require.Empty(t, parts[1], "variables of compose.env.example are set: %s", line)
			variables[parts[2]] = parts[3]
		}
	}
	return variables
}

func TestServices(t *testing.T) {
	t.Parallel()
	product := []string{
		"api", "migrate", "postgres", "secrets", "temporal", "temporal-schema", "temporal-setup", "temporal-ui", "worker",
	}
	require.Equal(t, product, slices.Sorted(maps.Keys(load(t, nil).Services)))
	with := append(slices.Clone(product), "portalsim")
	slices.Sort(with)
	require.Equal(t, with, slices.Sorted(maps.Keys(loadAll(t).Services)))
}

func TestComposeEnvExampleShowsTheDefaults(t *testing.T) {
	t.Parallel()
	example := exampleVariables(t)
	for _, profiles := range [][]string{nil, {"simulator"}} {
		without, err := load(t, nil, profiles...).MarshalYAML()
		require.NoError(t, err)
		with, err := load(t, example, profiles...).MarshalYAML()
		require.NoError(t, err)
		require.Equal(t, string(without), string(with))
	}
	asked := map[string]bool{}
	for _, found := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(read(t, "docker-compose.yml"), -1) {
		asked[found[1]] = true
	}
	require.Equal(t, slices.Sorted(maps.Keys(asked)), slices.Sorted(maps.Keys(example)))
}

func TestTemporalServerAndToolsAreOfOneVersion(t *testing.T) {
	t.Parallel()
	services := loadAll(t).Services
	minor := func(service string) string {
		_, tag, _ := strings.Cut(services[service].Image, ":")
		parts := strings.Split(tag, ".")
		require.Len(t, parts, 3, services[service].Image)
		return parts[0] + "." + parts[1]
	}
	require.Equal(t, minor("temporal"), minor("temporal-schema"))
	require.Equal(t, services["temporal-schema"].Image, services["temporal-setup"].Image)

	other := load(t, map[string]string{"TEMPORAL_VERSION": "9.8.7"}).Services
	require.Equal(t, "temporalio/server:9.8.7", other["temporal"].Image)
}

func TestPublishedOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	published := map[string][]string{}
	for name, service := range loadAll(t).Services {
		require.NotEqual(t, "host", service.NetworkMode, name)
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, "%s publishes %s", name, port.Published)
			published[name] = append(published[name], fmt.Sprintf("%s:%d", port.Published, port.Target))
		}
	}
	require.Equal(t, map[string][]string{
		"api": {"8000:8000"}, "temporal": {"7233:7233"}, "temporal-ui": {"8233:8080"}, "portalsim": {"8090:8090"},
	}, published)
}

func TestPostgresIsOutOfReach(t *testing.T) {
	t.Parallel()
	project := loadAll(t)
	require.True(t, project.Networks["database"].Internal)
	require.Equal(t, []string{"database"}, slices.Collect(maps.Keys(project.Services["postgres"].Networks)))
	var near []string
	for name, service := range project.Services {
		if _, there := service.Networks["database"]; there {
			near = append(near, name)
		}
	}
	slices.Sort(near)
	require.Equal(t, []string{"api", "migrate", "postgres", "temporal", "temporal-schema", "worker"}, near)
}

// oneShots run once and are over.
var oneShots = []string{"migrate", "secrets", "temporal-schema", "temporal-setup"}

func TestOrder(t *testing.T) {
	t.Parallel()
	services := loadAll(t).Services
	awaited := map[string]bool{}
	for name, service := range services {
		for on, dependency := range service.DependsOn {
			awaited[on] = true
			want := types.ServiceConditionHealthy
			if slices.Contains(oneShots, on) {
				want = types.ServiceConditionCompletedSuccessfully
			}
			require.Equal(t, want, dependency.Condition, "%s on %s", name, on)
			require.True(t, dependency.Required, "%s on %s", name, on)
		}
		if slices.Contains(oneShots, name) {
			require.Equal(t, types.RestartPolicyNo, service.Restart, name)
			require.Nil(t, service.HealthCheck, name)
		} else {
			require.Equal(t, types.RestartPolicyUnlessStopped, service.Restart, name)
			require.NotNil(t, service.HealthCheck, name)
		}
	}
	for _, name := range oneShots {
		require.True(t, awaited[name], "nobody waits for %s", name)
	}
	for _, edge := range []string{"api", "worker"} {
		require.Equal(t, []string{"migrate", "postgres", "secrets", "temporal", "temporal-setup"},
			slices.Sorted(maps.Keys(services[edge].DependsOn)), edge)
	}
}

func TestTwoWorkers(t *testing.T) {
	t.Parallel()
	worker := loadAll(t).Services["worker"]
	require.Equal(t, 2, *worker.Deploy.Replicas)
	require.Empty(t, worker.ContainerName)
	require.Empty(t, worker.Ports)
	require.True(t, *worker.Init)
	require.Contains(t, worker.CapDrop, "ALL")
}

// listens is where a service listens inside its container.
func listens(service types.ServiceConfig) []string {
	var all []string
	for _, name := range []string{"FOSSAWORK_LISTEN", "FOSSAWORK_METRICS_LISTEN"} {
		if value := service.Environment[name]; value != nil {
			all = append(all, *value)
		}
	}
	if at := slices.Index(service.Command, "--listen"); at >= 0 {
		all = append(all, service.Command[at+1])
	}
	return all
}

func TestHealthChecks(t *testing.T) {
	t.Parallel()
	for name, service := range loadAll(t).Services {
		if slices.Contains(oneShots, name) {
			continue
		}
		check := service.HealthCheck
		require.NotNil(t, check.Interval, name)
		require.NotNil(t, check.Timeout, name)
		require.NotNil(t, check.Retries, name)
		require.NotNil(t, check.StartPeriod, name)
		require.Equal(t, "CMD", check.Test[0], name)
		program, args := check.Test[1], check.Test[2:]
		switch program {
		case "pg_isready":
			require.Equal(t, "postgres", name)
		case "nc": // of busybox, in the images of others
			require.Contains(t, []string{"temporal", "temporal-ui"}, name)
			require.Equal(t, fmt.Sprint(service.Ports[0].Target), args[len(args)-1], name)
		case "http-ok": // in ours
			require.Len(t, args, 2, name)
			require.Contains(t, listens(service), "0.0.0.0:"+args[0], name)
		default:
			t.Errorf("%s is checked by %s, which its image may not have", name, program)
		}
	}
}

// targets are the stages of the Dockerfile with the program that each starts.
func targets(t *testing.T) map[string]string {
	t.Helper()
	stages := map[string]string{}
	stage := ""
	for line := range strings.Lines(read(t, "Dockerfile")) {
		if parts := regexp.MustCompile(`^FROM \S+ AS (\S+)`).FindStringSubmatch(line); parts != nil {
			stage = parts[1]
			stages[stage] = ""
		}
		if parts := regexp.MustCompile(`^ENTRYPOINT \["([^"]+)"\]`).FindStringSubmatch(line); parts != nil {
			stages[stage] = parts[1]
		}
	}
	return stages
}

func TestCommandsExist(t *testing.T) {
	t.Parallel()
	stages := targets(t)
	for name, service := range loadAll(t).Services {
		if service.Build == nil {
			continue
		}
		require.Contains(t, stages, service.Build.Target, name)
		if len(service.Entrypoint) > 0 {
			require.Equal(t, "make-secrets", service.Entrypoint[0], name)
			require.FileExists(t, inRepo(t, "deploy", "container", service.Entrypoint[0]), name)
			continue
		}
		switch program := stages[service.Build.Target]; program {
		case "fossawork-scheduler":
			requireCommand(t, service.Command...)
		case "portalsim":
			help := execute(t, nil, program, "--help")
			require.Zero(t, help.code, help.output)
			for _, word := range service.Command {
				if strings.HasPrefix(word, "--") {
					require.Contains(t, help.output, word+"=", name)
				}
			}
			for variable := range service.Environment {
				require.Contains(t, help.output, "$"+variable, name)
			}
		default:
			t.Errorf("%s starts %q", name, program)
		}
	}
}

func TestSettingsExist(t *testing.T) {
	t.Parallel()
	for name, service := range loadAll(t).Services {
		var known map[string]setting
		if len(service.Command) > 0 {
			if command, ok := settingsByCommand[service.Command[0]]; ok {
				known = settingsOf(command)
				for variable, s := range known {
					if s.required {
						require.NotNil(t, service.Environment[variable], "%s needs %s", name, variable)
					}
				}
			}
		}
		for variable := range service.Environment {
			if strings.HasPrefix(variable, "FOSSAWORK_") {
				require.Contains(t, known, variable, name)
			}
		}
	}
}

// What compose sets must be accepted: the programs start and then fail for the database, which is away, not for their settings.
func TestProgramsAcceptWhatComposeSets(t *testing.T) {
	t.Parallel()
	secrets := t.TempDir()
	makeSecrets(t, secrets)
	services := load(t, nil).Services
	for _, name := range []string{"api", "worker", "migrate"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := []string{}
			for variable, value := range services[name].Environment {
				if value != nil && variable != "FOSSAWORK_DATABASE_URL" && variable != "FOSSAWORK_METRICS_LISTEN" {
					env = append(env, variable+"="+strings.Replace(*value, "/var/lib/fossawork", secrets, 1))
				}
			}
			env = append(env, "FOSSAWORK_DATABASE_URL=postgres://fossawork@127.0.0.1:1/fossawork", "FOSSAWORK_METRICS_LISTEN=127.0.0.1:0")
			got := execute(t, env, "fossawork-scheduler", services[name].Command...)
			require.Equal(t, 1, got.code, got.output)
			require.Contains(t, got.output, "database")
		})
	}
}

// Links lead to where the web UI is published.
func TestTemporalUI(t *testing.T) {
	t.Parallel()
	services := load(t, nil).Services
	address := *services["api"].Environment["FOSSAWORK_TEMPORAL_UI_URL"]
	require.Equal(t, "http://127.0.0.1:8233", address)
	require.Equal(t, address, *services["temporal-ui"].Environment["TEMPORAL_CORS_ORIGINS"])
}

func TestPortal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"api", "worker"} {
		require.Equal(t, "https://app.workfossa.com", *load(t, nil).Services[name].Environment["FOSSAWORK_PORTAL_URL"])
		with := load(t, map[string]string{"FOSSAWORK_PORTAL_URL": "http://portalsim:8090"}, "simulator")
		require.Equal(t, "http://portalsim:8090", *with.Services[name].Environment["FOSSAWORK_PORTAL_URL"])
		require.Contains(t, listens(with.Services["portalsim"]), "0.0.0.0:8090")
	}
}

// Every path inside a container that is named must come from a mount, and every mount from a file that is there.
func TestMountedFilesExist(t *testing.T) {
	t.Parallel()
	project := loadAll(t)
	for name, service := range project.Services {
		source := map[string]string{}
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				require.Contains(t, project.Volumes, volume.Source, name)
				continue
			}
			require.True(t, volume.ReadOnly, "%s: %s", name, volume.Source)
			require.True(t, exists(volume.Source), "%s: %s", name, volume.Source)
			source[volume.Target] = volume.Source
		}
		named := slices.Clone(service.Entrypoint)
		if file := service.Environment["DYNAMIC_CONFIG_FILE_PATH"]; file != nil {
			named = append(named, *file)
		}
		for _, file := range named {
			if directory := path.Dir(file); source[directory] != "" {
				require.FileExists(t, filepath.Join(source[directory], path.Base(file)), name)
			} else {
				require.NotContains(t, file, "/temporal-config/", name)
			}
		}
		for _, option := range service.SecurityOpt {
			if profile, ok := strings.CutPrefix(option, "seccomp:"); ok {
				require.True(t, json.Valid([]byte(read(t, profile))), profile)
			}
		}
	}
	require.NotNil(t, project.Services["temporal"].Environment["DYNAMIC_CONFIG_FILE_PATH"])
}

// Variables that our scripts insist on must be given to them.
func TestScriptsGetWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	services := loadAll(t).Services
	insists := regexp.MustCompile(`\$\{([A-Z_]+):\?`)
	for service, script := range map[string]string{
		"postgres": "deploy/container/postgres-init", "temporal-schema": "temporal-config/setup-schema.sh",
		"temporal-setup": "temporal-config/setup-namespace.sh",
	} {
		for _, found := range insists.FindAllStringSubmatch(read(t, script), -1) {
			require.NotNil(t, services[service].Environment[found[1]], "%s needs %s", script, found[1])
		}
	}
	// The database that one makes and the other fills.
	for _, variable := range []string{"DBNAME", "VISIBILITY_DBNAME"} {
		name := *services["temporal"].Environment[variable]
		require.Equal(t, name, *services["temporal-schema"].Environment[variable])
		require.Contains(t, read(t, "deploy/container/postgres-init"), "CREATE DATABASE "+name+" OWNER temporal;")
	}
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	text := read(t, "Dockerfile")
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, "go.mod"))[1]
	require.Contains(t, text, "ARG GO_IMAGE=golang:"+version+"\n")
	for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1) {
		_, stage := targets(t)[from[1]]
		require.True(t, stage || strings.HasPrefix(from[1], "${"), "the tag of %s is not an argument", from[1])
	}
	for _, command := range regexp.MustCompile(`\./cmd/(\S+)`).FindAllStringSubmatch(text, -1) {
		require.FileExists(t, inRepo(t, "cmd", command[1], "main.go"))
	}
	for _, copied := range regexp.MustCompile(`(?m)^COPY (?:--chmod=\d+ )?(deploy/.*) /\S+$`).FindAllStringSubmatch(text, -1) {
		for _, file := range strings.Fields(copied[1]) {
			require.FileExists(t, inRepo(t, file))
		}
	}
	// The last user of every image that ships is not root.
	users := regexp.MustCompile(`(?m)^USER (\S+)`).FindAllStringSubmatch(text, -1)
	require.Equal(t, "10001:10001", users[len(users)-1][1])
}

func TestDockerignoreKeepsSecretsAndDataOut(t *testing.T) {
	t.Parallel()
	lines := strings.Split(read(t, ".dockerignore"), "\n")
	for _, line := range []string{".git", ".data", ".env", ".env.*", "bin"} {
		require.Contains(t, lines, line)
	}
	for line := range slices.Values(lines) {
		require.False(t, strings.HasPrefix(line, "!"), line)
		for _, needed := range []string{"cmd", "internal", "deploy", "deploy/container", "go.mod", "go.sum", "scrape", "sites"} {
			require.NotEqual(t, needed, line)
		}
	}
}
