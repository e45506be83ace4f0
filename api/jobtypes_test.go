package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// typeNames lists the registered job types as sentences do.
func typeNames() string {
	names := make([]string, 0, len(jobs.Types()))
	for _, job := range jobs.Types() {
		names = append(names, string(job))
	}
	return strings.Join(names, ", ")
}

// defaultsOf are the settings of a schedule that says nothing else.
func defaultsOf(t *testing.T, name scrape.JobType) map[string]any {
	t.Helper()
	job, err := jobs.Find(name)
	require.NoError(t, err)
	text, err := json.Marshal(job.Settings())
	require.NoError(t, err)
	defaults := answer{text: string(text)}.object(t)
	for setting, value := range defaults {
		if value == nil { // a map that holds nothing is written as an empty one
			defaults[setting] = map[string]any{}
		}
	}
	return defaults
}

func TestJobTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/api/job-types", "/api/job-types/"} {
		got := w.do(t, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		rows := got.list(t)
		require.Len(t, rows, len(jobs.All()))
		for i, job := range jobs.All() {
			row := rows[i]
			requireKeys(t, row, "type", "title", "description", "needs_portal", "settings_schema", "defaults", "steps")
			require.Equal(t, string(job.Type), row["type"])
			require.Equal(t, job.Title, row["title"])
			require.Equal(t, job.Description, row["description"])
			require.Equal(t, job.Portal, row["needs_portal"])
			require.Equal(t, defaultsOf(t, job.Type), row["defaults"])
			require.Len(t, row["steps"], len(job.Steps))
			for n, step := range job.Steps {
				require.Equal(t, map[string]any{"name": step.Name, "at": string(step.At)}, row["steps"].([]any)[n])
			}
			requireForm(t, row["settings_schema"].(map[string]any), defaultsOf(t, job.Type))
		}
	}
	require.Equal(t, http.StatusUnauthorized, w.do(t, http.MethodGet, "/api/job-types", "", "Authorization:").status)
}

// requireForm checks that a form can be made from a schema: it stands by itself, and describes every setting with its default.
func requireForm(t *testing.T, schema, defaults map[string]any) {
	t.Helper()
	require.Equal(t, "object", schema["type"])
	require.NotContains(t, schema, "required", "none has to be given")
	properties := schema["properties"].(map[string]any)
	require.Len(t, properties, len(defaults))
	for name, value := range defaults {
		property := properties[name].(map[string]any)
		require.NotEmpty(t, property["description"], name)
		require.Equal(t, value, property["default"], name)
	}
	text, err := json.Marshal(schema)
	require.NoError(t, err)
	require.NotContains(t, string(text), "#/components/", "it stands by itself")
}

func TestScheduleSettings(t *testing.T) {
	t.Parallel()
	for _, job := range jobs.All() {
		defaults := defaultsOf(t, job.Type)
		text, err := json.Marshal(job.Settings())
		require.NoError(t, err)
		start := `{"schedule_type":"` + string(job.Type) + `"`
		w := newWorld(t)
		for body, want := range map[string]string{
			start + `}`: "", start + `,"settings":null}`: "", start + `,"settings":{}}`: "{}", start + `,"settings":` + string(text) + `}`: string(text),
		} {
			got := w.do(t, http.MethodPost, root, body)
			require.Equal(t, http.StatusOK, got.status, got.text)
			require.Equal(t, want, string(w.asked.Settings))
			require.Equal(t, job.Type, w.asked.JobType)
			require.Equal(t, defaults, got.object(t)["settings"], "all of them, whatever was said")
		}
		w.schedules[0].JobType = job.Type
		for body, set := range map[string]bool{`{}`: false, `{"settings":null}`: true, `{"settings":{}}`: true} {
			got := w.do(t, http.MethodPut, root+"/7", body)
			require.Equal(t, http.StatusOK, got.status, got.text)
			require.Equal(t, set, w.patch.SetSettings, body)
			require.Equal(t, body == `{"settings":{}}`, w.patch.Settings != nil)
			require.Equal(t, defaults, got.object(t)["settings"])
		}
		for _, body := range []string{`"settings":{"no_such_setting":1}`, `"settings":[]`, `"settings":"x"`, `"settings":7`} {
			for method, path := range map[string]string{http.MethodPost: root, http.MethodPut: root + "/7"} {
				got := w.do(t, method, path, start+","+body+"}")
				require.Equal(t, http.StatusUnprocessableEntity, got.status, body)
				require.Contains(t, got.text, `"location":"body.settings"`)
			}
		}
	}
}

func TestStoredSettingsAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.schedules[0].JobType = scrape.JobDispensers
	for stored, want := range map[string]any{
		`{"fresh_hours":12}`: 12.0, `{}`: defaultsOf(t, scrape.JobDispensers)["fresh_hours"], ``: defaultsOf(t, scrape.JobDispensers)["fresh_hours"],
		`{"fresh_hours":1,"gone":true}`: 1.0, // of another version: shown as it is
	} {
		w.schedules[0].Settings = []byte(stored)
		got := w.do(t, http.MethodGet, root+"/7", "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, want, got.object(t)["settings"].(map[string]any)["fresh_hours"], stored)
	}
}

func TestHeldSchedules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for state, sentence := range map[scrape.CredentialState]string{
		scrape.CredentialOK: "", scrape.CredentialUnverified: "",
		"":                        "No WorkFossa credentials are stored, so nothing runs. Save them in Settings.",
		scrape.CredentialRejected: "WorkFossa has refused the stored credentials, so nothing runs. Save the right password in Settings, or sign in again with it.",
		scrape.CredentialLocked:   "WorkFossa says that the account is locked, so nothing runs. Have it unlocked there, then save the password in Settings once more.",
	} {
		w.schedules[0].CredentialState = state
		for _, job := range jobs.All() {
			w.schedules[0].JobType = job.Type
			row := w.do(t, http.MethodGet, root+"/7", "").object(t)
			if sentence == "" || !job.Portal {
				require.Nil(t, row["held"], "%s %s", state, job.Type)
				require.Nil(t, row["held_reason"])
				continue
			}
			require.Equal(t, "held_credentials", row["held"])
			require.Equal(t, sentence, row["held_reason"])
		}
	}
}
