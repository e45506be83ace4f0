package filters

import "strings"

// FilterType is what a grade of fuel asks of its filter.
type FilterType string

// The filter types. Kerosene and everything that no TypeRule names is gas.
const (
	Gas            FilterType = "gas"
	Diesel         FilterType = "diesel"
	HighFlowDiesel FilterType = "high_flow_diesel"
	DEF            FilterType = "def"
)

// filterTypes are all of them.
var filterTypes = []FilterType{Gas, Diesel, HighFlowDiesel, DEF}

func (t FilterType) label() string {
	switch t {
	case Gas:
		return "Gas"
	case Diesel:
		return "Diesel"
	case HighFlowDiesel:
		return "High-flow diesel"
	case DEF:
		return "DEF"
	}
	return string(t)
}

// Kind is the coarse filter type of a part in the answers: gas, diesel or other.
type Kind string

// The kinds of parts.
const (
	KindGas    Kind = "gas"
	KindDiesel Kind = "diesel"
	KindOther  Kind = "other"
)

// Rules is everything about filters that may change without a change of code. The zero value is not usable; start from
// DefaultRules or ParseRules. Words are compared in lower case and found anywhere in a name.
type Rules struct {
	Chains       []Chain         `json:"chains"`        // the first that matches the customer's name decides
	DefaultParts Parts           `json:"default_parts"` // for a customer of no known chain
	Parts        map[string]Part `json:"parts"`         // every part number that Chains and DefaultParts name

	MeterTypes       []string `json:"meter_types"`
	DefaultMeterType string   `json:"default_meter_type"` // for dispensers whose meter type is missing or unknown

	Grades              []GradeRule `json:"grades"`                // the first that matches a grade decides
	UnknownGradeFilters bool        `json:"unknown_grade_filters"` // whether a grade of no rule gets a filter
	Types               []TypeRule  `json:"types"`                 // the first that matches a grade decides; none: gas

	Services              []Service  `json:"services"`
	UnknownServiceFilters bool       `json:"unknown_service_filters"` // whether a service code of no rule needs filters
	FilterItem            FilterItem `json:"filter_item"`

	HighestDispenser int `json:"highest_dispenser"` // larger numbers in instructions are store numbers, years and the like
}

// Chain is a brand of stores with filters of its own.
type Chain struct {
	Name     string   `json:"name"`
	Patterns []string `json:"patterns"` // words in the customer's name
	Parts    Parts    `json:"parts"`
}

// Parts tells the part for each filter type. A type that is missing has no filter at this chain.
type Parts map[FilterType]Choice

// Choice is a part number, with exceptions for some meter types.
type Choice struct {
	Part    string            `json:"part"`
	ByMeter map[string]string `json:"by_meter,omitempty"`
}

// dependsOnMeter tells whether a wrong meter type could lead to a wrong part.
func (c Choice) dependsOnMeter() bool {
	for _, part := range c.ByMeter {
		if part != c.Part {
			return true
		}
	}
	return false
}

// Part describes a part number and how it is sold.
type Part struct {
	Description string `json:"description"`
	Kind        Kind   `json:"kind"`
	BoxSize     int    `json:"box_size"`
}

// GradeRule decides about the grades that contain one of Words.
type GradeRule struct {
	Words  []string `json:"words"`
	Filter bool     `json:"filter"`
	// Unless turns Filter into no when any grade of the same dispenser contains one of these words.
	Unless []string `json:"unless,omitempty"`
}

// TypeRule gives a filter type to the grades that contain one of Words and, if there are any, one of With.
type TypeRule struct {
	Type  FilterType `json:"type"`
	Words []string   `json:"words"`
	With  []string   `json:"with,omitempty"`
}

// Service is what a service code means for filters.
type Service struct {
	Code         string `json:"code"`
	Name         string `json:"name"`
	NeedsFilters bool   `json:"needs_filters"`
	// SpecificDispensers says that the instructions name the dispensers to work on.
	SpecificDispensers bool `json:"specific_dispensers,omitempty"`
}

// FilterItem recognises the order's own item for a filter change, by its code or by words of its name. An order that has
// it needs filters whatever its service code.
type FilterItem struct {
	Codes []string `json:"codes"`
	Names []string `json:"names"`
	// Required says that an order whose items are known needs filters only when this item is among them.
	Required bool `json:"required"`
}

// chain finds the chain of a customer; ok is false when none is known and the default parts apply.
func (r Rules) chain(customer string) (chain Chain, ok bool) {
	customer = plain(customer)
	for _, chain := range r.Chains {
		if containsAny(customer, chain.Patterns) {
			return chain, true
		}
	}
	return Chain{Name: "a customer of no known chain", Parts: r.DefaultParts}, false
}

func (r Rules) service(code string) (Service, bool) {
	for _, service := range r.Services {
		if service.Code == code {
			return service, true
		}
	}
	return Service{}, false
}

// part describes a part number; rules that Validate refuses still get an answer.
func (r Rules) part(number string) Part {
	part, ok := r.Parts[number]
	if !ok {
		part = Part{Description: number, Kind: KindOther}
	}
	part.BoxSize = max(part.BoxSize, 1)
	return part
}

// boxes is the number of boxes that hold the quantity.
func (r Rules) boxes(number string, quantity int) int {
	size := r.part(number).BoxSize
	return (quantity + size - 1) / size
}

// filterGrade tells whether a grade gets a filter, given all grades of its dispenser; known is false when no rule names it.
func (r Rules) filterGrade(grade string, all []string) (filter, known bool) {
	grade = plain(grade)
	for _, rule := range r.Grades {
		if !containsAny(grade, rule.Words) {
			continue
		}
		for _, other := range all {
			if containsAny(plain(other), rule.Unless) {
				return false, true
			}
		}
		return rule.Filter, true
	}
	return r.UnknownGradeFilters, false
}

func (r Rules) filterType(grade string) FilterType {
	grade = plain(grade)
	for _, rule := range r.Types {
		if containsAny(grade, rule.Words) && (len(rule.With) == 0 || containsAny(grade, rule.With)) {
			return rule.Type
		}
	}
	return Gas
}

// meterType is the rules' spelling of a meter type.
func (r Rules) meterType(text string) (meter string, known bool) {
	for _, meter := range r.MeterTypes {
		if plain(meter) == plain(text) {
			return meter, true
		}
	}
	return r.DefaultMeterType, false
}

// plain is a text in lower case with single blanks, for comparisons.
func plain(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

func containsAny(text string, words []string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
