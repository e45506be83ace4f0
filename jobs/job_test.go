package jobs_test

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// sampleSettings are settings without a rule.
type sampleSettings struct {
	Bad bool `json:"bad"`
}

func (s *sampleSettings) Validate() error {
	if s.Bad {
		return scrape.Invalid("settings.bad", "This is bad.")
	}
	return nil
}

// sample is a registration without a mistake.
func sample() jobs.Job {
	decide := func(context.Context, jobs.Store, jobs.Decision) (scrape.Run, error) { return scrape.Run{}, nil }
	do := func(context.Context, jobs.Run) (jobs.Result, error) { return jobs.Result{}, nil }
	return jobs.Job{
		Type: "sample_type", Title: "Sample", Description: "A sample.", Portal: true,
		Settings: func() jobs.Settings { return &sampleSettings{} },
		Steps:    []jobs.Step{{Name: "CollectSample", At: jobs.AtPortal, Do: do}, {Name: "ApplySample2", At: jobs.AtStore, Do: do}},
		Accept:   decide, Discard: decide,
	}
}

func TestCheckRefusesEachMistake(t *testing.T) {
	t.Parallel()
	good := sample()
	require.NoError(t, good.Check())
	mistakes := map[string]func(*jobs.Job){
		"no type":                           func(j *jobs.Job) { j.Type = "" },
		"a type with a dash":                func(j *jobs.Job) { j.Type = "sample-type" },
		"a type with capitals":              func(j *jobs.Job) { j.Type = "Sample" },
		"a type that is taken":              func(j *jobs.Job) { j.Type = scrape.JobWorkOrders },
		"no title":                          func(j *jobs.Job) { j.Title = "" },
		"no description":                    func(j *jobs.Job) { j.Description = "" },
		"no settings":                       func(j *jobs.Job) { j.Settings = nil },
		"defaults that it would refuse":     func(j *jobs.Job) { j.Settings = func() jobs.Settings { return &sampleSettings{Bad: true} } },
		"no steps":                          func(j *jobs.Job) { j.Steps = nil },
		"nobody can discard":                func(j *jobs.Job) { j.Discard = nil },
		"nobody can accept":                 func(j *jobs.Job) { j.Accept = nil },
		"a step at the portal, without one": func(j *jobs.Job) { j.Portal = false },
		"a step of another job":             func(j *jobs.Job) { j.Steps[1].Name = "CollectWorkOrders" },
		"a step twice":                      func(j *jobs.Job) { j.Steps[1].Name = "CollectSample" },
		"a step without a name":             func(j *jobs.Job) { j.Steps[0].Name = "" },
		"a step whose name is no word":      func(j *jobs.Job) { j.Steps[0].Name = "collect sample" },
		"a step that does nothing":          func(j *jobs.Job) { j.Steps[0].Do = nil },
		"a step that is nowhere":            func(j *jobs.Job) { j.Steps[0].At = "" },
		"it waits for itself":               func(j *jobs.Job) { j.After = []scrape.JobType{j.Type} },
		"a step that is somewhere else":     func(j *jobs.Job) { j.Steps[0].At = "moon" },
	}
	for name, spoil := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := sample()
			spoil(&job)
			require.Error(t, job.Check())
		})
	}
}

// The words of scrape.JobType are those that something can run, and the other way round.
func TestEveryJobTypeIsRegistered(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../scrape/*.go")
	require.NoError(t, err)
	var words []scrape.JobType
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "JobType" {
				for _, value := range spec.Values {
					word, err := strconv.Unquote(value.(*ast.BasicLit).Value)
					require.NoError(t, err)
					words = append(words, scrape.JobType(word))
				}
			}
			return true
		})
	}
	slices.Sort(words)
	require.Equal(t, words, jobs.Types())
}

// Runs that wait for each other would wait until they give up.
func TestNoJobWaitsForOneThatWaitsForIt(t *testing.T) {
	t.Parallel()
	var follow func(from, at scrape.JobType)
	follow = func(from, at scrape.JobType) {
		job, err := jobs.Find(at)
		require.NoError(t, err, "%s is built on a type that is not there", from)
		for _, before := range job.After {
			require.NotEqual(t, from, before, "in a circle over %s", at)
			follow(from, before)
		}
	}
	waits := 0
	for _, job := range jobs.All() {
		follow(job.Type, job.Type)
		waits += len(job.After)
	}
	require.Positive(t, waits)
	require.Equal(t, "work orders and dispensers", jobs.Titles(jobs.Filters.After))
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, job := range jobs.All() {
		found, err := jobs.Find(job.Type)
		require.NoError(t, err)
		require.Equal(t, job.Title, found.Title)
		for _, step := range job.Steps {
			known, ok := jobs.FindStep(step.Name)
			require.True(t, ok, step.Name)
			require.Equal(t, step.At, known.At)
		}
	}
	_, err := jobs.Find("moonlight")
	require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
	require.Equal(t, `There is no schedule type "moonlight". Use one of: dispensers, filters, work_orders.`, scrape.MessageOf(err))
	_, ok := jobs.FindStep("Moonlight")
	require.False(t, ok)
}

func TestAllIsACopy(t *testing.T) {
	t.Parallel()
	jobs.All()[0].Title = "spoiled"
	require.NotEqual(t, "spoiled", jobs.All()[0].Title)
}

// What is stored of settings is read again as it was, and nothing is left to guess: every member has a name and a text for people.
func TestSettingsRoundTrip(t *testing.T) {
	t.Parallel()
	for _, job := range jobs.All() {
		t.Run(string(job.Type), func(t *testing.T) {
			t.Parallel()
			for _, empty := range []string{"", "{}", "null"} {
				settings, err := job.ParseSettings([]byte(empty))
				require.NoError(t, err)
				require.Equal(t, job.Settings(), settings, "an empty document stands for the defaults")
			}
			text, err := json.Marshal(job.Settings())
			require.NoError(t, err)
			settings, err := job.ParseSettings(text)
			require.NoError(t, err)
			require.Equal(t, job.Settings(), settings)
			require.NotSame(t, job.Settings(), job.Settings(), "nobody spoils the defaults of others")

			_, err = job.ParseSettings([]byte(`{"colour": "red"}`))
			require.Equal(t, scrape.KindInvalid, scrape.KindOf(err), "unknown members are refused")
			require.Contains(t, scrape.MessageOf(err), string(job.Type))
			_, err = job.ParseSettings([]byte(`[1]`))
			require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))

			shape := reflect.TypeOf(job.Settings()).Elem()
			require.NotEmpty(t, shape.Name(), "the OpenAPI document names it")
			for field := range shape.Fields() {
				require.NotEmpty(t, field.Tag.Get("json"), field.Name)
				require.NotEmpty(t, field.Tag.Get("doc"), field.Name)
			}
		})
	}
}

func TestSettingsBounds(t *testing.T) {
	t.Parallel()
	many, err := json.Marshal(map[string]any{"service_codes": slices.Repeat([]string{"2861"}, 51)})
	require.NoError(t, err)
	overrides := map[string]int{}
	for i := range 5001 {
		overrides[strconv.Itoa(i)] = 1
	}
	tooMany, err := json.Marshal(map[string]any{"overrides": overrides})
	require.NoError(t, err)
	tests := []struct {
		job   jobs.Job
		text  string
		field string // empty: it is fine
	}{
		{jobs.WorkOrders, `{"may_lose": 0, "may_lose_share": 0, "unreadable_share": 0, "emptied_share": 0}`, ""},
		{jobs.WorkOrders, `{"may_lose": 10000, "may_lose_share": 1, "unreadable_share": 1, "emptied_share": 1, "empty_is_right": true}`, ""},
		{jobs.WorkOrders, `{"may_lose": -1}`, "settings.may_lose"},
		{jobs.WorkOrders, `{"may_lose": 10001}`, "settings.may_lose"},
		{jobs.WorkOrders, `{"may_lose_share": 1.01}`, "settings.may_lose_share"},
		{jobs.WorkOrders, `{"unreadable_share": -0.1}`, "settings.unreadable_share"},
		{jobs.WorkOrders, `{"emptied_share": 20}`, "settings.emptied_share"},
		{jobs.WorkOrders, `{"may_lose": "many"}`, "settings"},
		{jobs.Dispensers, `{"service_codes": ["2861"], "fresh_hours": 0}`, ""},
		{jobs.Dispensers, `{"fresh_hours": 8760, "none_is_right": true}`, ""},
		{jobs.Dispensers, `{"fresh_hours": -1}`, "settings.fresh_hours"},
		{jobs.Dispensers, `{"fresh_hours": 8761}`, "settings.fresh_hours"},
		{jobs.Dispensers, `{"service_codes": []}`, "settings.service_codes"},
		{jobs.Dispensers, `{"service_codes": null}`, "settings.service_codes"},
		{jobs.Dispensers, `{"service_codes": ["2861", " "]}`, "settings.service_codes"},
		{jobs.Dispensers, `{"service_codes": ["123456789012345678901"]}`, "settings.service_codes"},
		{jobs.Dispensers, string(many), "settings.service_codes"},
		{jobs.Filters, `{"days_ahead": 3650, "overrides": {"100001-400MB-10": 3}}`, ""},
		{jobs.Filters, `{"days_ahead": -1}`, "settings.days_ahead"},
		{jobs.Filters, `{"days_ahead": 3651}`, "settings.days_ahead"},
		{jobs.Filters, `{"overrides": {"100001-400MB-10": "three"}}`, "settings"},
		{jobs.Filters, string(tooMany), "settings.overrides"},
	}
	for _, test := range tests {
		settings, err := test.job.ParseSettings([]byte(test.text))
		if test.field == "" {
			require.NoError(t, err, test.text)
			require.NotEqual(t, test.job.Settings(), settings, test.text)
			continue
		}
		var e *scrape.Error
		require.ErrorAs(t, err, &e, test.text)
		require.Equal(t, scrape.KindInvalid, e.Kind)
		require.Equal(t, test.field, e.Field)
	}
}

// The bounds that clients are shown are those that are checked.
func TestSettingsTagsSayTheBounds(t *testing.T) {
	t.Parallel()
	for _, job := range jobs.All() {
		for field := range reflect.TypeOf(job.Settings()).Elem().Fields() {
			for tag, step := range map[string]float64{"minimum": -1, "maximum": 1} {
				text, bounded := field.Tag.Lookup(tag)
				if !bounded {
					require.False(t, field.Type.Kind() == reflect.Int || field.Type.Kind() == reflect.Float64, "%s has no %s", field.Name, tag)
					continue
				}
				bound, err := strconv.ParseFloat(text, 64)
				require.NoError(t, err)
				document := func(value float64) []byte {
					text, err := json.Marshal(map[string]any{field.Tag.Get("json"): value})
					require.NoError(t, err)
					return text
				}
				_, err = job.ParseSettings(document(bound))
				require.NoError(t, err, "%s %s", field.Name, text)
				_, err = job.ParseSettings(document(bound + step))
				require.Error(t, err, "%s %s", field.Name, text)
			}
		}
	}
}
