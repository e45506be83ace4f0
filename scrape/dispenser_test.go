package scrape_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestSplitDispenserNumber(t *testing.T) {
	t.Parallel()
	for title, want := range map[string][]string{
		"1/2 - Regular, Plus - Examplemake": {"1/2", "1", "2"},
		"5 - Diesel - Examplemake":          {"5", "5"},
		" 03 / 04  - Regular":               {"03/04", "03", "04"},
		"7A/7B – Regular – Examplemake":     {"7A/7B", "7A", "7B"},
		"12":                                {"12", "12"},
		"11/12 - Regular/Diesel - X - Y":    {"11/12", "11", "12"},
	} {
		number, sides, ok := scrape.SplitDispenserNumber(title)
		require.True(t, ok, title)
		require.Equal(t, want, append([]string{number}, sides...), title)
	}
	for _, title := range []string{"", "-", " - Regular", "T1 - Diesel", "Register 1", "1/ - x", "/2 - x", "1/2/3 - x", "1-2 - x", "1/2 Regular", "123456 - x", "1AB - x"} {
		number, sides, ok := scrape.SplitDispenserNumber(title)
		require.False(t, ok, title)
		require.Empty(t, number, title)
		require.Empty(t, sides, title)
	}
}

func TestSplitGrades(t *testing.T) {
	t.Parallel()
	require.Equal(t,
		[]string{"Regular", "E-85", "Diesel High Flow", "Regular/Diesel", "Regular (2nd)", "Regular"},
		scrape.SplitGrades(" Regular,E-85,  Diesel \n High Flow,, Regular/Diesel,Regular (2nd), Regular ,"))
	require.Nil(t, scrape.SplitGrades(""))
	require.Nil(t, scrape.SplitGrades(" , "))
}

func TestFuelGrades(t *testing.T) {
	t.Parallel()
	names := []string{"Regular", "Diesel High Flow", "E-85", "Premium / Ethanol-Free", "REGULAR"}
	grades := scrape.FuelGrades(names)
	require.Equal(t, map[string]scrape.FuelGrade{
		"regular": {Name: "Regular"}, "diesel_high_flow": {Name: "Diesel High Flow"}, "e-85": {Name: "E-85"},
		"premium_/_ethanol-free": {Name: "Premium / Ethanol-Free"},
	}, grades)
	require.Equal(t, []string{"Regular", "Diesel High Flow", "E-85", "Premium / Ethanol-Free", "REGULAR"}, names, "the names are left alone")

	text, err := json.Marshal(scrape.FuelGrades([]string{"Regular"}))
	require.NoError(t, err)
	require.JSONEq(t, `{"regular": {"name": "Regular"}}`, string(text))
	text, err = json.Marshal(scrape.FuelGrades([]string{" "}))
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(text))
}

func TestOnlyACompleteResultTellsWhatIsGone(t *testing.T) {
	t.Parallel()
	one := []scrape.Dispenser{{Number: "1/2"}}
	for name, tt := range map[string]struct {
		result scrape.LocationResult
		want   bool
	}{
		"all":              {scrape.LocationResult{State: scrape.LocationOK, Dispensers: one, Announced: 1}, true},
		"counted as none":  {scrape.LocationResult{State: scrape.LocationNone}, true},
		"no group":         {scrape.LocationResult{State: scrape.LocationNone, Announced: -1}, false},
		"another count":    {scrape.LocationResult{State: scrape.LocationOK, Announced: 2, Problems: []string{"x"}}, false},
		"a card is broken": {scrape.LocationResult{State: scrape.LocationOK, Dispensers: one, Announced: 1, Problems: []string{"x"}}, false},
		"deleted":          {scrape.LocationResult{State: scrape.LocationDeleted}, false},
		"denied":           {scrape.LocationResult{State: scrape.LocationDenied}, false},
		"nothing":          {scrape.LocationResult{}, false},
	} {
		require.Equal(t, tt.want, tt.result.Complete(), name)
	}
}
