package filters

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// ParseRules reads rules from JSON and validates them. Unknown keys are refused: a misspelt one would be a rule that
// nobody follows.
func ParseRules(data []byte) (Rules, error) {
	var rules Rules
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rules); err != nil {
		return Rules{}, fmt.Errorf("read filter rules: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Rules{}, errors.New("read filter rules: there is more after the rules")
	}
	if err := rules.Validate(); err != nil {
		return Rules{}, err
	}
	return rules, nil
}

// Validate reports every mistake at once, each with the place where it is.
func (r Rules) Validate() error {
	v := &validation{rules: r}
	v.chains()
	v.parts()
	v.meters()
	v.grades()
	v.services()
	if r.HighestDispenser < 1 || r.HighestDispenser > maxHighestDispenser {
		v.say("highest_dispenser must be from 1 to %d, not %d", maxHighestDispenser, r.HighestDispenser)
	}
	return errors.Join(v.mistakes...)
}

type validation struct {
	rules    Rules
	mistakes []error
}

func (v *validation) say(format string, args ...any) {
	v.mistakes = append(v.mistakes, fmt.Errorf(format, args...))
}

// words refuses an empty word, which would match every name, and one that can never match.
func (v *validation) words(where string, words []string, needed bool) {
	if needed && len(words) == 0 {
		v.say("%s must not be empty", where)
	}
	for _, word := range words {
		if word == "" || word != plain(word) {
			v.say("%s: %q must be a word in lower case with single blanks", where, word)
		}
	}
}

func (v *validation) chains() {
	names := map[string]bool{}
	for i, chain := range v.rules.Chains {
		where := fmt.Sprintf("chains[%d]", i)
		if chain.Name == "" || names[chain.Name] {
			v.say("%s.name %q must be there and unique", where, chain.Name)
		}
		names[chain.Name] = true
		v.words(where+".patterns", chain.Patterns, true)
		v.choices(where+".parts", chain.Parts)
	}
	v.choices("default_parts", v.rules.DefaultParts)
}

func (v *validation) choices(where string, parts Parts) {
	for _, must := range []FilterType{Gas, Diesel} { // leaving these out would lose filters; the others are left out on purpose
		if _, ok := parts[must]; !ok {
			v.say("%s must have a part for %s", where, must)
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(parts)) {
		choice := parts[typ]
		if !slices.Contains(filterTypes, typ) {
			v.say("%s: there is no filter type %q", where, typ)
		}
		v.known(fmt.Sprintf("%s.%s.part", where, typ), choice.Part)
		for _, meter := range slices.Sorted(maps.Keys(choice.ByMeter)) {
			if !slices.Contains(v.rules.MeterTypes, meter) {
				v.say("%s.%s.by_meter: meter_types does not list %q", where, typ, meter)
			}
			v.known(fmt.Sprintf("%s.%s.by_meter.%s", where, typ, meter), choice.ByMeter[meter])
		}
	}
}

func (v *validation) known(where, number string) {
	if _, ok := v.rules.Parts[number]; !ok {
		v.say("%s: parts does not list %q", where, number)
	}
}

func (v *validation) parts() {
	for _, number := range slices.Sorted(maps.Keys(v.rules.Parts)) {
		part := v.rules.Parts[number]
		if number == "" || part.Description == "" {
			v.say("parts: %q needs a number and a description", number)
		}
		if part.Kind != KindGas && part.Kind != KindDiesel && part.Kind != KindOther {
			v.say("parts.%s.kind must be gas, diesel or other, not %q", number, part.Kind)
		}
		if part.BoxSize < 1 {
			v.say("parts.%s.box_size must be at least 1, not %d", number, part.BoxSize)
		}
	}
}

func (v *validation) meters() {
	seen := map[string]bool{}
	for i, meter := range v.rules.MeterTypes {
		if plain(meter) == "" || seen[plain(meter)] {
			v.say("meter_types[%d] %q must be there and unique", i, meter)
		}
		seen[plain(meter)] = true
	}
	if !slices.Contains(v.rules.MeterTypes, v.rules.DefaultMeterType) {
		v.say("default_meter_type %q must be one of meter_types", v.rules.DefaultMeterType)
	}
}

func (v *validation) grades() {
	if len(v.rules.Grades) == 0 {
		v.say("grades must not be empty")
	}
	for i, rule := range v.rules.Grades {
		v.words(fmt.Sprintf("grades[%d].words", i), rule.Words, true)
		v.words(fmt.Sprintf("grades[%d].unless", i), rule.Unless, false)
		if !rule.Filter && len(rule.Unless) > 0 {
			v.say("grades[%d].unless has no meaning without a filter", i)
		}
	}
	for i, rule := range v.rules.Types {
		if !slices.Contains(filterTypes, rule.Type) {
			v.say("types[%d]: there is no filter type %q", i, rule.Type)
		}
		v.words(fmt.Sprintf("types[%d].words", i), rule.Words, true)
		v.words(fmt.Sprintf("types[%d].with", i), rule.With, false)
	}
}

func (v *validation) services() {
	codes := map[string]bool{}
	for i, service := range v.rules.Services {
		if service.Code == "" || codes[service.Code] {
			v.say("services[%d].code %q must be there and unique", i, service.Code)
		}
		codes[service.Code] = true
	}
	item := v.rules.FilterItem
	v.words("filter_item.names", item.Names, false)
	if slices.Contains(item.Codes, "") {
		v.say("filter_item.codes must not contain an empty code")
	}
	if item.Required && len(item.Codes)+len(item.Names) == 0 {
		v.say("filter_item.required needs codes or names, or no order would ever need filters")
	}
}
