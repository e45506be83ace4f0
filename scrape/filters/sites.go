package filters

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// dispenser is a card ready for the rules.
type dispenser struct {
	Dispenser
	sides   []string // "1", "2", or "1A"; what makes two cards the same dispenser
	numbers []int    // of the sides; empty when the card has no readable number
}

// site is the equipment of one store, each dispenser once.
type site struct {
	dispensers []dispenser
	notes      []note // what every job at this site has to be told
}

// storeKey makes "#4001" and "4001" one store. Leading zeros stay: they are part of a store's number.
func storeKey(number string) string {
	return strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(number), "#"))
}

// groupSites puts dispensers into their stores. Stored dispensers hang on work orders, so two orders for a store bring two
// copies of each: copies with the same number are one dispenser.
func groupSites(all []Dispenser) (sites map[string]site, homeless int) {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, compareDispensers)
	sites = map[string]site{}
	for _, card := range sorted {
		key := storeKey(card.StoreNumber)
		if key == "" {
			homeless++
			continue
		}
		s := sites[key]
		s.add(key, card)
		sites[key] = s
	}
	return sites, homeless
}

func (s *site) add(store string, card Dispenser) {
	d := dispenser{Dispenser: card, sides: cardSides(card.Numbers), numbers: cardNumbers(card.Numbers)}
	if d.Grades = distinct(card.Grades); len(d.Grades) < countNames(card.Grades) {
		s.notes = append(s.notes, note{Duplicate, fmt.Sprintf(
			"Dispenser %s of store %s lists a fuel grade twice; it is counted once", nameOf(card.Numbers), store), nil})
	}
	twin := slices.IndexFunc(s.dispensers, func(other dispenser) bool {
		return len(d.sides) > 0 && slices.Equal(other.sides, d.sides)
	})
	if twin < 0 {
		for _, other := range s.dispensers {
			if slices.ContainsFunc(d.sides, func(side string) bool { return slices.Contains(other.sides, side) }) {
				s.notes = append(s.notes, note{Duplicate, fmt.Sprintf("Dispensers %s and %s of store %s share a side; both are counted",
					nameOf(other.Numbers), nameOf(card.Numbers), store), []string{"Collect the dispensers of this store again"}})
			}
		}
		s.dispensers = append(s.dispensers, d)
		return
	}
	other := &s.dispensers[twin]
	if plain(other.MeterType) != plain(d.MeterType) || !sameGrades(other.Grades, d.Grades) {
		s.notes = append(s.notes, note{Duplicate, fmt.Sprintf(
			"Dispenser %s of store %s is stored more than once with different content; all its fuel grades are counted, each once",
			nameOf(card.Numbers), store), []string{"Collect the dispensers of this store again"}})
	}
	other.Grades = distinct(append(slices.Clone(other.Grades), d.Grades...))
	if strings.TrimSpace(other.MeterType) == "" {
		other.MeterType = d.MeterType
	}
}

// numbers is the set of numbers that are on any card.
func (s *site) numbers() map[int]bool {
	numbers := map[int]bool{}
	for _, d := range s.dispensers {
		for _, n := range d.numbers {
			numbers[n] = true
		}
	}
	return numbers
}

// isOneOf tells whether a card carries one of the numbers: 1 names the card 1/2.
func (d dispenser) isOneOf(numbers []int) bool {
	return slices.ContainsFunc(d.numbers, func(n int) bool { return slices.Contains(numbers, n) })
}

// cardSides reads "01/02" as 1 and 2, and "1a" as 1A.
func cardSides(text string) []string {
	sides := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return !unicode.IsLetter(r) && !isDigit(r) })
	for i, side := range sides {
		sides[i] = strings.TrimLeft(side, "0")
	}
	slices.Sort(sides)
	return slices.Compact(sides)
}

func cardNumbers(text string) []int {
	var numbers []int
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return !isDigit(r) }) {
		if n, err := strconv.Atoi(field); err == nil {
			numbers = append(numbers, n)
		}
	}
	return ascending(numbers)
}

func nameOf(numbers string) string {
	if strings.TrimSpace(numbers) == "" {
		return "without a number"
	}
	return strings.TrimSpace(numbers)
}

// distinct is the names without blanks around them, each once, in their order.
func distinct(names []string) []string {
	var once []string
	seen := map[string]bool{}
	for _, name := range names {
		if key := plain(name); key != "" && !seen[key] {
			seen[key] = true
			once = append(once, strings.TrimSpace(name))
		}
	}
	return once
}

func countNames(names []string) int {
	count := 0
	for _, name := range names {
		if plain(name) != "" {
			count++
		}
	}
	return count
}

// sameGrades compares without regard to order and case.
func sameGrades(a, b []string) bool {
	key := func(names []string) []string {
		var keys []string
		for _, name := range names {
			keys = append(keys, plain(name))
		}
		slices.Sort(keys)
		return keys
	}
	return slices.Equal(key(a), key(b))
}

// compareDispensers orders cards by their numbers, and copies of a card by their content, so that the order in which they
// came does not matter.
func compareDispensers(a, b Dispenser) int {
	return cmp.Or(
		compareNumbers(storeKey(a.StoreNumber), storeKey(b.StoreNumber)),
		slices.Compare(cardNumbers(a.Numbers), cardNumbers(b.Numbers)),
		cmp.Compare(fmt.Sprintf("%q", a), fmt.Sprintf("%q", b)),
	)
}

// compareNumbers orders texts of digits by value and everything else as texts behind them.
func compareNumbers(a, b string) int {
	numeric := func(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
	if !numeric(a) || !numeric(b) {
		if numeric(a) != numeric(b) {
			if numeric(a) {
				return -1
			}
			return 1
		}
		return cmp.Compare(a, b)
	}
	shortA, shortB := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(shortA), len(shortB)), cmp.Compare(shortA, shortB), cmp.Compare(a, b))
}
