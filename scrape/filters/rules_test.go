package filters_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape/filters"
)

func TestDefaultRulesAreValidAndSurviveJSON(t *testing.T) {
	t.Parallel()
	require.NoError(t, filters.DefaultRules().Validate())
	text, err := json.Marshal(filters.DefaultRules())
	require.NoError(t, err)
	again, err := filters.ParseRules(text)
	require.NoError(t, err)
	require.Equal(t, filters.DefaultRules(), again)
}

func TestParseRulesRefuses(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(filters.DefaultRules())
	require.NoError(t, err)
	for name, broken := range map[string]string{
		"nothing":        "",
		"no object":      "[]",
		"a misspelt key": strings.Replace(string(text), `"chains"`, `"chain"`, 1),
		"something more": string(text) + "{}",
		"an empty table": "{}",
	} {
		_, err := filters.ParseRules([]byte(broken))
		require.Error(t, err, name)
	}
}

func TestValidateNamesThePlace(t *testing.T) {
	t.Parallel()
	for place, spoil := range map[string]func(*filters.Rules){
		`chains[1].name "7-Eleven"`:           func(r *filters.Rules) { r.Chains[1].Name = "7-Eleven" },
		`chains[0].patterns must not be`:      func(r *filters.Rules) { r.Chains[0].Patterns = nil },
		`chains[0].patterns: ""`:              func(r *filters.Rules) { r.Chains[0].Patterns[0] = "" },
		`chains[0].patterns: "Wawa"`:          func(r *filters.Rules) { r.Chains[0].Patterns[0] = "Wawa" },
		`chains[3].parts must have a part`:    func(r *filters.Rules) { delete(r.Chains[3].Parts, filters.Diesel) },
		`default_parts must have a part`:      func(r *filters.Rules) { r.DefaultParts = nil },
		`no filter type "water"`:              func(r *filters.Rules) { r.DefaultParts["water"] = filters.Choice{Part: "400MB-10"} },
		`does not list "X"`:                   func(r *filters.Rules) { r.DefaultParts[filters.DEF] = filters.Choice{Part: "X"} },
		`meter_types does not list "Steam"`:   func(r *filters.Rules) { r.DefaultParts[filters.Gas].ByMeter["Steam"] = "400MB-10" },
		`parts: "400MB-10" needs`:             func(r *filters.Rules) { r.Parts["400MB-10"] = filters.Part{Kind: filters.KindGas, BoxSize: 1} },
		`parts.400MB-10.kind`:                 func(r *filters.Rules) { r.Parts["400MB-10"] = filters.Part{Description: "d", BoxSize: 1} },
		`parts.400MB-10.box_size`:             func(r *filters.Rules) { r.Parts["400MB-10"] = filters.Part{Description: "d", Kind: filters.KindGas} },
		`default_meter_type "Steam"`:          func(r *filters.Rules) { r.DefaultMeterType = "Steam" },
		`meter_types[3] "ecometer"`:           func(r *filters.Rules) { r.MeterTypes = append(r.MeterTypes, "ecometer") },
		`grades must not be empty`:            func(r *filters.Rules) { r.Grades = nil },
		`grades[1].words must not be empty`:   func(r *filters.Rules) { r.Grades[1].Words = nil },
		`grades[1].unless has no meaning`:     func(r *filters.Rules) { r.Grades[1].Unless = []string{"super"} },
		`types[0]: there is no filter type`:   func(r *filters.Rules) { r.Types[0].Type = "water" },
		`services[1].code "2861"`:             func(r *filters.Rules) { r.Services[1].Code = "2861" },
		`filter_item.required needs`:          func(r *filters.Rules) { r.FilterItem = filters.FilterItem{Required: true} },
		`filter_item.codes must not contain`:  func(r *filters.Rules) { r.FilterItem.Codes = []string{""} },
		`highest_dispenser must be from 1 to`: func(r *filters.Rules) { r.HighestDispenser = 0 },
	} {
		rules := filters.DefaultRules()
		spoil(&rules)
		require.ErrorContains(t, rules.Validate(), place)
	}
	require.Greater(t, strings.Count(filters.Rules{}.Validate().Error(), "\n"), 2, "every mistake at once")
}

// The two open questions are a change of data each.
func TestOpenQuestionsAreConfiguration(t *testing.T) {
	t.Parallel()
	grades := []string{
		"High Flow Diesel", "Diesel High Flow", "Truck Diesel High Flow", "Diesel Hi Flow", "Diesel Hi-Flow",
		"Off Road Diesel High Flow", "Off-Road High-Flow Diesel",
	}
	jobs := []filters.Job{visit("1", "1", "Speedway", "2030-02-04")}
	require.Equal(t, 1, calculate(jobs, []filters.Dispenser{card("1", "1", grades...)}).TotalBoxes, "7 in boxes of 12")
	sixes := func(r *filters.Rules) {
		part := r.Parts["800HS-30"]
		part.BoxSize = 6
		r.Parts["800HS-30"] = part
	}
	require.Equal(t, 2, calculate(jobs, []filters.Dispenser{card("1", "1", grades...)}, sixes).TotalBoxes, "7 in boxes of 6")

	prover := visit("1", "1", "Speedway", "2030-02-04")
	prover.ServiceCode, prover.Items = "3146", nil
	cards := []filters.Dispenser{card("1", "1/2", "Regular")}
	require.Equal(t, 1, calculate([]filters.Job{prover}, cards).TotalFilters)
	off := func(r *filters.Rules) { r.Services[3].NeedsFilters = false }
	without := calculate([]filters.Job{prover}, cards, off)
	require.Zero(t, without.TotalFilters)
	require.False(t, without.Details[0].RequiresFilters)
	require.Empty(t, without.Warnings)
	prover.Items = []filters.Item{{Code: "3006"}}
	require.Equal(t, 1, calculate([]filters.Job{prover}, cards, off).TotalFilters, "the order itself asks for filters")
}
