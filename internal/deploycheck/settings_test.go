package deploycheck

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/config"
)

// setting is what package config knows of one variable.
type setting struct {
	defaults []string // more than one when commands differ
	required bool
}

// settingsOf lists the variables of the structs that commands are configured by.
func settingsOf(commands ...any) map[string]setting {
	found := map[string]setting{}
	var walk func(reflect.Type)
	walk = func(command reflect.Type) {
		for field := range command.Fields() {
			if field.Anonymous {
				walk(field.Type)
				continue
			}
			name := field.Tag.Get("env")
			if name == "" {
				continue
			}
			s := found[name]
			if value := field.Tag.Get("default"); !slices.Contains(s.defaults, value) {
				s.defaults = append(s.defaults, value)
			}
			_, required := field.Tag.Lookup("required")
			s.required = s.required || required
			found[name] = s
		}
	}
	for _, command := range commands {
		walk(reflect.TypeOf(command))
	}
	return found
}

// settingsByCommand are the structs of the commands that have settings.
var settingsByCommand = map[string]any{"api": config.API{}, "worker": config.Worker{}, "migrate": config.Database{}}

func allSettings() map[string]setting {
	return settingsOf(config.API{}, config.Worker{})
}

func TestSettingsAreFound(t *testing.T) {
	t.Parallel()
	all := allSettings()
	require.Equal(t, setting{defaults: []string{"127.0.0.1:8000"}}, all["FOSSAWORK_LISTEN"])
	require.Equal(t, setting{defaults: []string{"127.0.0.1:9465", "127.0.0.1:9464"}}, all["FOSSAWORK_METRICS_LISTEN"])
	require.True(t, all["FOSSAWORK_DATABASE_URL"].required)
	require.NotContains(t, settingsOf(config.Database{}), "FOSSAWORK_LISTEN")
}

var variableLine = regexp.MustCompile(`^(#?)([A-Z][A-Z0-9_]*)=(.*)$`)

func TestEnvExampleHasEverySettingAndItsDefault(t *testing.T) {
	t.Parallel()
	known := allSettings()
	seen := map[string]bool{}
	comment := ""
	for number, line := range strings.Split(read(t, ".env.example"), "\n") {
		parts := variableLine.FindStringSubmatch(line)
		if parts == nil {
			require.True(t, line == "" || strings.HasPrefix(line, "# "), "line %d is neither a comment nor a variable: %s", number+1, line)
			comment = strings.TrimSpace(comment + "\n" + line)
			if line == "" {
				comment = ""
			}
			continue
		}
		optional, name, value := parts[1] == "#", parts[2], parts[3]
		s, ok := known[name]
		require.True(t, ok, "%s is no setting", name)
		require.False(t, seen[name], "%s is there twice", name)
		seen[name] = true
		require.NotEmpty(t, comment, "%s is not explained", name)
		if optional {
			require.False(t, s.required, "%s is required", name)
			require.Contains(t, s.defaults, value, name)
			for _, other := range s.defaults {
				require.True(t, other == value || strings.Contains(comment, other), "the other default of %s is not told: %s", name, other)
			}
		} else {
			require.Equal(t, []string{""}, s.defaults, "%s has a default", name)
			require.NotEmpty(t, value, "%s needs an example", name)
		}
		comment = ""
	}
	for name := range known {
		require.True(t, seen[name], "%s is missing", name)
	}
}
