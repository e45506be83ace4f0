package filters

// words builds a set.
func words(list ...string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, word := range list {
		set[word] = true
	}
	return set
}

// The vocabulary of dispatchers.
var (
	dispenserWords = words("dispenser", "dispensers", "disp", "disps", "pump", "pumps", "fp", "fps") // fp: fueling position
	numberWords    = words("number", "numbers", "no", "nos", "num")
	listWords      = words("and", "or", "plus", "also")
	rangeWords     = words("to", "thru", "through")
	negativeWords  = words("except", "excluding", "exclude", "not", "skip", "without", "minus", "dont")
	// Between a negative word and the number: "do not test the dispenser #3".
	fillWords = words("the", "for", "on", "at", "do", "test", "calibrate", "touch", "change", "any", "filters", "filter", "t")
	// A "#" behind these belongs to something else.
	foreignWords = words("store", "site", "suite", "ste", "unit", "apt", "po", "wo", "order", "ticket", "invoice", "job", "case",
		"ref", "tank", "tanks", "phone", "call", "permit", "account", "acct", "key", "code", "priority", "nozzle", "hose", "meter")
	// A number before these counts things, it does not name a dispenser.
	unitWords = words("filter", "filters", "nozzle", "nozzles", "hose", "hoses", "grade", "grades", "meter", "meters", "gallon",
		"gallons", "gal", "hour", "hours", "hr", "hrs", "minute", "minutes", "min", "day", "days", "am", "pm", "x", "times",
		"dispenser", "dispensers", "pumps", "tank", "tanks", "people", "techs")
)
