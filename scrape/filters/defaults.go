package filters

// DefaultRules are the rules of the calculator that was in use before this one. What is doubtful in them is listed in
// docs/filters.md, not corrected here.
func DefaultRules() Rules {
	return Rules{
		Chains: []Chain{
			{Name: "7-Eleven", Patterns: []string{"7-eleven", "7-11", "seven eleven"}, Parts: sevenElevenParts()},
			{Name: "Speedway", Patterns: []string{"speedway"}, Parts: sevenElevenParts()},
			{Name: "Marathon", Patterns: []string{"marathon"}, Parts: sevenElevenParts()},
			{Name: "Wawa", Patterns: []string{"wawa"}, Parts: Parts{
				Gas:    {Part: "450MB-10"},
				Diesel: {Part: "450MG-10"},
			}},
			{Name: "Circle K", Patterns: []string{"circle k", "circlek"}, Parts: Parts{
				Gas:    {Part: "40510D-AD"},
				Diesel: {Part: "40530W-AD"},
			}},
		},
		DefaultParts: sevenElevenParts(),
		Parts: map[string]Part{
			"400MB-10":  {Description: "Gas filter", Kind: KindGas, BoxSize: 12},
			"40510A-AD": {Description: "Gas filter (Ecometer)", Kind: KindGas, BoxSize: 12},
			"400HS-10":  {Description: "Diesel filter", Kind: KindDiesel, BoxSize: 12},
			"800HS-30":  {Description: "High-flow diesel filter", Kind: KindDiesel, BoxSize: 12}, // open question: 6 or 12
			"450MB-10":  {Description: "Wawa gas filter", Kind: KindGas, BoxSize: 12},
			"450MG-10":  {Description: "Wawa diesel filter", Kind: KindDiesel, BoxSize: 12},
			"40510D-AD": {Description: "Circle K gas filter", Kind: KindGas, BoxSize: 12},
			"40530W-AD": {Description: "Circle K diesel filter", Kind: KindDiesel, BoxSize: 12},
		},
		MeterTypes:       []string{"Electronic", "HD Meter", "Ecometer"},
		DefaultMeterType: "Electronic",
		Grades: []GradeRule{
			{Words: []string{
				"regular", "diesel", "super", "ultra", "supreme", "ethanol-free", "e-85", "kerosene", "def",
			}, Filter: true},
			{Words: []string{"plus", "midgrade", "mid-grade", "mid grade"}},
			{Words: []string{"premium"}, Filter: true, Unless: []string{"super", "ultra", "supreme"}},
		},
		UnknownGradeFilters: true,
		Types: []TypeRule{
			{Type: DEF, Words: []string{"def"}},
			{Type: HighFlowDiesel, Words: []string{"diesel"}, With: []string{"high flow", "hi flow", "hi-flow", "high-flow"}},
			{Type: Diesel, Words: []string{"diesel"}},
		},
		Services: []Service{
			{Code: "2861", Name: "AccuMeasure - All Dispensers", NeedsFilters: true},
			{Code: "2862", Name: "AccuMeasure - Specific Dispensers", NeedsFilters: true, SpecificDispensers: true},
			{Code: "3002", Name: "AccuMeasure - All Dispensers", NeedsFilters: true},
			{Code: "3146", Name: "Open Neck Prover", NeedsFilters: true}, // open question: yes or no
		},
		UnknownServiceFilters: true,
		FilterItem:            FilterItem{Codes: []string{"3006"}, Names: []string{"filter change"}},
		HighestDispenser:      30,
	}
}

func sevenElevenParts() Parts {
	return Parts{
		Gas:            {Part: "400MB-10", ByMeter: map[string]string{"Ecometer": "40510A-AD"}},
		Diesel:         {Part: "400HS-10"},
		HighFlowDiesel: {Part: "800HS-30"},
	}
}
