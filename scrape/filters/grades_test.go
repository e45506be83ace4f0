package filters_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape/filters"
)

type counts = map[string]int

func TestGrades(t *testing.T) {
	t.Parallel()
	const gas, diesel, fast = "400MB-10", "400HS-10", "800HS-30"
	none := []filters.WarningType{}
	unknown, info := []filters.WarningType{filters.UnknownGrade}, []filters.WarningType{filters.Info}
	for name, test := range map[string]struct {
		grades   []string
		want     counts
		warnings []filters.WarningType
	}{
		"the usual four":          {[]string{"Regular", "Plus", "Premium", "Diesel"}, counts{gas: 2, diesel: 1}, none},
		"premium beside super":    {[]string{"Regular", "Plus", "Premium", "Diesel", "Super"}, counts{gas: 2, diesel: 1}, none},
		"premium beside ultra":    {[]string{"Premium", "Ultra"}, counts{gas: 1}, none},
		"premium beside supreme":  {[]string{"Premium", "Supreme"}, counts{gas: 1}, none},
		"super premium is super":  {[]string{"Super Premium", "Premium"}, counts{gas: 1}, none},
		"premium alone":           {[]string{"PREMIUM"}, counts{gas: 1}, none},
		"never":                   {[]string{"Plus", "Midgrade 89", "mid-grade", "Mid  Grade"}, counts{}, none},
		"kerosene is gas":         {[]string{"Kerosene"}, counts{gas: 1}, none},
		"high flow":               {[]string{"Diesel High Flow", "Diesel Hi-Flow", "hi flow diesel", "High-Flow Diesel"}, counts{fast: 4}, none},
		"DEF":                     {[]string{"DEF"}, counts{}, info},
		"E-85":                    {[]string{"E-85"}, counts{gas: 1}, none},
		"E85 is unknown":          {[]string{"E85"}, counts{gas: 1}, unknown},
		"E15 and E-15":            {[]string{"E15", "E-15"}, counts{gas: 2}, []filters.WarningType{filters.UnknownGrade, filters.UnknownGrade}},
		"not a fuel":              {[]string{"Water"}, counts{gas: 1}, unknown},
		"not available":           {[]string{"N/A"}, counts{gas: 1}, unknown},
		"rule 1 before rule 2":    {[]string{"Ethanol-Free Gasoline Plus"}, counts{gas: 1}, none},
		"ultra low sulfur":        {[]string{"Premium", "Ultra Low Sulfur Diesel"}, counts{diesel: 1}, none},
		"Plus/Diesel":             {[]string{"Plus/Diesel"}, counts{diesel: 1}, none},
		"Regular/Diesel":          {[]string{"Regular/Diesel"}, counts{diesel: 1}, none},
		"Diesel / DEF is DEF":     {[]string{"Diesel / DEF"}, counts{}, info},
		"Premium / Ethanol-Free":  {[]string{"Premium / Ethanol-Free", "Super"}, counts{gas: 2}, none},
		"Regular/Premium":         {[]string{"Regular/Premium", "Super"}, counts{gas: 2}, none},
		"Plus/Premium":            {[]string{"Plus/Premium"}, counts{}, none},
		"a grade twice":           {[]string{"Regular", "regular "}, counts{gas: 1}, []filters.WarningType{filters.Duplicate}},
		"blank names are nothing": {[]string{"Regular", " "}, counts{gas: 1}, none},
		"no grades":               {nil, counts{}, []filters.WarningType{filters.MissingData}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, warnings := one("7-Eleven", "Electronic", test.grades...)
			require.Equal(t, test.want, got)
			require.Equal(t, test.warnings, warnings)
		})
	}
}

func TestPartsOfChains(t *testing.T) {
	t.Parallel()
	all := []string{"Regular", "Diesel", "Diesel High Flow", "DEF"}
	info, two := []filters.WarningType{filters.Info}, []filters.WarningType{filters.Info, filters.Info}
	for name, test := range map[string]struct {
		customer, meter string
		want            counts
		warnings        []filters.WarningType
	}{
		"7-Eleven":             {"7-Eleven Stores, LLC", "Electronic", counts{"400MB-10": 1, "400HS-10": 1, "800HS-30": 1}, info},
		"7-11":                 {"Example 7-11 #4001", "HD Meter", counts{"400MB-10": 1, "400HS-10": 1, "800HS-30": 1}, info},
		"seven eleven":         {"SEVEN  ELEVEN", "Ecometer", counts{"40510A-AD": 1, "400HS-10": 1, "800HS-30": 1}, info},
		"Speedway":             {"Speedway", "ecometer", counts{"40510A-AD": 1, "400HS-10": 1, "800HS-30": 1}, info},
		"the first chain wins": {"7-Eleven (Wawa)", "Electronic", counts{"400MB-10": 1, "400HS-10": 1, "800HS-30": 1}, info},
		"Marathon":             {"Marathon Petroleum", "Electronic", counts{"400MB-10": 1, "400HS-10": 1, "800HS-30": 1}, info},
		"Wawa says so too":     {"Wawa", "Ecometer", counts{"450MB-10": 1, "450MG-10": 1}, two},
		"Circle K":             {"CircleK", "Ecometer", counts{"40510D-AD": 1, "40530W-AD": 1}, two},
		"unknown chain": {
			"Example Oil", "Ecometer",
			counts{"40510A-AD": 1, "400HS-10": 1, "800HS-30": 1},
			[]filters.WarningType{filters.UnknownChain, filters.Info},
		},
		"unknown meter": {
			"7-Eleven", "Steam",
			counts{"400MB-10": 1, "400HS-10": 1, "800HS-30": 1},
			[]filters.WarningType{filters.UnknownMeterType, filters.Info},
		},
		"meter not stored": {
			"7-Eleven", "",
			counts{"400MB-10": 1, "400HS-10": 1, "800HS-30": 1},
			[]filters.WarningType{filters.UnknownMeterType, filters.Info},
		},
		"meter without effect": {"Wawa", "", counts{"450MB-10": 1, "450MG-10": 1}, two},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, warnings := one(test.customer, test.meter, all...)
			require.Equal(t, test.want, got)
			require.Equal(t, test.warnings, warnings)
		})
	}
	got, warnings := one("Wawa", "Electronic", "Plus")
	require.Empty(t, got)
	require.Empty(t, warnings)
}

func TestParseGrades(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		``:                           nil,
		`null`:                       nil,
		`[]`:                         nil,
		`{}`:                         nil,
		`""`:                         nil,
		`["Regular", " Diesel "]`:    {"Regular", "Diesel"},
		`[{"grade": "Regular"}]`:     {"Regular"},
		`[{"name": "Plus"}, "E-85"]`: {"Plus", "E-85"},
		`{"z": {"name": "Regular"}, "diesel_high_flow": {}}`: {"Regular", "Diesel High Flow"},
		`{"off_road_diesel": "", "regular": null}`:           {"Off Road Diesel", "Regular"},
		`"[{\"grade\": \"Regular\"}]"`:                       {"Regular"},
		`"{\"regular\": {\"name\": \"Regular\"}}"`:           {"Regular"},
	} {
		got, err := filters.ParseGrades([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{`7`, `"Regular"`, `[7]`, `[""]`, `[{"octane": 87}]`, `[`, `{`, `{"a"`, `{"a":`, `{"": {}}`, `"\"[]\""`, `"`} {
		_, err := filters.ParseGrades([]byte(text))
		require.Error(t, err, text)
	}
}
