package portalsim

// Everything below is invented. No name of a real brand, company, person or place may be added: pages of this portal
// end up in fixtures, screenshots and bug reports.

type customer struct {
	id          int
	name, brand string
}

func newCustomers(seed uint64) []customer {
	list := []customer{
		{name: "Example Fuel Stop", brand: "Examplefuel"},
		{name: "Sample Mart Stores LLC", brand: "Sample Mart"},
		{name: "Placeholder Petroleum", brand: "Placeholder"},
		{name: "Demo Travel Plazas Inc", brand: "Demo Plaza"},
		{name: "Specimen & Sons Oil", brand: "Specimen Oil"},
		{name: "Anyname Corner Shops", brand: "Anyname"},
		{name: "Fictional Fuels Corp", brand: "Fictional"},
		{name: "Nowhere Gas Company", brand: "Nowhere Gas #1"},
	}
	for i := range list {
		list[i].id = customerNumber(seed, i)
	}
	return list
}

var (
	streets = []string{
		"Sample Rd", "Placeholder Pkwy", "Example Ave", "W Demo St", "Old Mill Loop", "Broadfield", "Highway 999",
		"N Specimen Blvd", "County Line Trace", "Test Circle", "Fictional Way", "State Route 0", "The Crossing",
	}
	crossings = []string{
		"Example Ave & 2nd St", "Sample Rd & Highway 999", "Demo St", "Placeholder Pkwy & Exit 0", "Old Mill & Main",
		"Specimen Blvd at County Line",
	}
	towns    = []string{"Sampletown", "Exampleville", "Demo City", "Fort Placeholder", "Specimen Springs", "New Fiction"}
	counties = []string{"Sample County", "Example County", "Placeholder County", "Demo County"}

	creators = []string{
		"Pat Example", "Sam Sample", "Alex Placeholder", "Robin Demo", "Kim Specimen", "Jo O'Sample",
	}
	longCreators = []string{"Mary Ann Example", "Lee van Sample", "Ana Maria Placeholder"}
	contacts     = []string{"Jo Contact", "Max Manager", "Toni Counter", "Chris Clerk"}

	reasons  = []string{"AccuMeasure", "AccuMeasure", "AccuMeasure", "Meter Calibration", "Quality Check"}
	projects = []string{
		"2030 Annual Calibration Program", "Spring Meter Program - Zone 3", "Example Fuel Stop Rollout (Phase 2)",
		"Sample Services Inc: recurring calibration", "Open market Q1", "Dispenser upgrade 4001",
	}

	makes  = []string{"Examplemake", "Samplepump", "Demotron", "Placeholder Flow"}
	models = []string{"EX-700", "EX-700 S", "SP 3/G7", "EX-550", "DT2000", "PF 45/B"}
	meters = []string{"Electronic", "Electronic", "Electronic", "HD Meter", "Ecometer"}

	// gradeSets are what one dispenser sells; names are spelled as the portal's own drop-down spells them.
	gradeSets = [][]string{
		{"Regular", "Plus", "Premium"},
		{"Regular", "Plus", "Premium", "Diesel"},
		{"Regular", "Plus", "Premium", "Diesel", "Super"},
		{"Regular", "Plus", "Super Premium"},
		{"Regular", "Midgrade 89", "Premium", "Ethanol-Free Gasoline Plus"},
		{"Regular", "Special 88", "Premium", "E-85"},
		{"Regular", "Premium", "Ethanol-Free"},
		{"Regular", "Plus", "Premium", "Kerosene"},
	}
	// singleSets belong to dispensers with one side.
	singleSets = [][]string{
		{"Diesel"},
		{"Diesel High Flow", "DEF"},
		{"DEF"},
		{"Kerosene"},
		{"Ultra Low Sulfur Diesel"},
		{"Rec Fuel 90"},
		{"Off-Road Diesel"},
	}

	shortNotes = []string{
		"Calibrate all dispensers. Check in with the manager on arrival.",
		"Dispensers #1/2, #3/4 and #7 only.",
		"Priority: 2. Gate code 3002, ring twice.",
		"NEW STORE. Post construction.",
		"Day 1 of 2. Start day.",
		"Check #5, #6, #9.\nLeave the report at the counter.",
		"Call ahead - internet connection is down & the phone is the only way.",
	}
	longNotes = []string{
		"Calibrate all dispensers and replace every filter that is due. Dispensers #1/2, #3/4, #5/6 have been reported as slow. " +
			"Check in with the store manager on arrival and ask for permission before closing a lane. " +
			"Record the totals before and after the test. Leave the seals of the previous visit in the office.",
		"REMODELED STORE. Day 2 of 2, finish day. Only dispensers #9, #11 and #13 remain; the others were done on the first day. " +
			"Parts were shipped to the store, ask for the box with the number 2862 on its side.\n\n" +
			"If the canopy is closed, call the office and wait. Do not leave before the last lane is open again.",
		"Customer reports short measure on #7 (Diesel). Test with the open neck prover at both flow rates, three draws each. " +
			"Calibrate only when the average is outside the tolerance; write all readings on the sheet <before> and <after>. " +
			"Priority: 1. Service 3146 was quoted, anything beyond it needs an approval.",
	}
)
