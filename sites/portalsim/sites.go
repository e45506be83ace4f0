package portalsim

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// newSite invents the ordinal-th store of an account. Stores that a test must be able to count on are dealt by
// ordinal, the rest is left to the seeded dice.
func (s *Server) newSite(a *account, ordinal int) *Location {
	rng := stream(s.cfg.Seed, a.email, "site", ordinal)
	c := pick(rng, s.customers)
	l := &Location{
		Place: Place{
			LocationID: locationNumber(s.cfg.Seed, a.slot, ordinal),
			CustomerID: c.id, Customer: c.name, Brand: c.brand,
			Store:  a.freeStore(rng, ordinal),
			Street: fmt.Sprintf("%d %s", houseNumber(rng, ordinal), pick(rng, streets)),
			City:   fmt.Sprintf("%s ZZ %05d", pick(rng, towns), rng.IntN(1000)),
			County: pick(rng, counties),
		},
		State:    LocationOK,
		Expanded: ordinal%7 == 3,
	}
	if ordinal%8 < 5 {
		l.Intersection = pick(rng, crossings)
	}
	l.Groups = newEquipment(rng, ordinal)

	if a.kind.oddPlaces {
		switch ordinal % 100 {
		case 11:
			l.State = LocationDeleted
		case 23:
			l.State = LocationDenied
		case 37: // no group at all
			l.Groups = withoutGroup(l.Groups, dispenserGroup)
		case 38: // a group that says (0)
			l.Groups = append(withoutGroup(l.Groups, dispenserGroup), Group{Name: dispenserGroup})
		}
	}
	return l
}

// freeStore returns a store number that the account does not use yet.
func (a *account) freeStore(rng *rand.Rand, ordinal int) string {
	// A store number that equals a service code catches readers that search a whole row for the code.
	for i, code := range []string{"2861", "3146"} {
		if ordinal == 3+14*i && a.byStore(code) == nil {
			return code
		}
	}
	digits := []int{4, 5, 7, 5, 4, 5, 5, 4}[ordinal%8]
	for {
		var b strings.Builder
		fmt.Fprint(&b, between(rng, 1, 9))
		for range digits - 1 {
			fmt.Fprint(&b, rng.IntN(10))
		}
		if a.byStore(b.String()) == nil {
			return b.String()
		}
	}
}

func houseNumber(rng *rand.Rand, ordinal int) int {
	switch ordinal % 5 {
	case 1:
		return between(rng, 10_000, 29_999)
	case 2:
		return between(rng, 100, 999)
	default:
		return between(rng, 1_000, 9_999)
	}
}

func newEquipment(rng *rand.Rand, ordinal int) []Group {
	groups := []Group{}
	if ordinal%2 == 0 {
		groups = append(groups, newTanks(rng))
	}
	groups = append(groups, Group{Name: dispenserGroup, Cards: newDispensers(rng, ordinal)})
	if ordinal%3 != 1 {
		groups = append(groups, Group{Name: "Point of Sale", Cards: []Card{{
			Title: "Register 1", Serial: serial(rng), Make: pick(rng, makes),
			Fields: []Field{{"Software", fmt.Sprintf("%d.%d", between(rng, 1, 9), rng.IntN(10))}},
		}}})
	}
	return groups
}

func newTanks(rng *rand.Rand) Group {
	g := Group{Name: "Tank"}
	for i := range between(rng, 2, 4) {
		g.Cards = append(g.Cards, Card{
			Title:  fmt.Sprintf("T%d - %s", i+1, pick(rng, []string{"Regular", "Premium", "Diesel", "Dispenser sump"})),
			Fields: []Field{{"Capacity", fmt.Sprint(between(rng, 4, 20) * 1000)}, {"Grade", "Regular"}},
		})
	}
	return g
}

// newDispensers numbers the fuelling positions of a store through: pairs first, at times one or two singles after them.
func newDispensers(rng *rand.Rand, ordinal int) []Card {
	pairs, singles := between(rng, 3, 8), 0
	if ordinal%4 != 0 {
		singles = between(rng, 0, 2)
	}
	if ordinal%4 == 2 {
		singles = 2
	}
	grades, brand := pick(rng, gradeSets), pick(rng, makes)
	cards := make([]Card, 0, pairs+singles)
	position := 1
	for range pairs {
		cards = append(cards, newDispenser(rng, fmt.Sprintf("%d/%d", position, position+1), grades, brand))
		position += 2
	}
	for range singles {
		cards = append(cards, newDispenser(rng, fmt.Sprint(position), pick(rng, singleSets), brand))
		position++
	}
	spoil(cards, ordinal)
	return cards
}

func newDispenser(rng *rand.Rand, number string, grades []string, brand string) Card {
	list := strings.Join(grades, ", ")
	return Card{
		Title:  fmt.Sprintf("%s - %s - %s", number, list, brand),
		Serial: serial(rng),
		Make:   brand,
		Model:  pick(rng, models),
		Fields: []Field{
			{"Grade", list},
			{"Stand Alone Code", fmt.Sprintf("0%d", between(rng, 110, 150))},
			{"Number of Nozzles (per side)", fmt.Sprint(between(rng, 1, 3))},
			{"Meter Type", pick(rng, meters)},
		},
	}
}

// spoil takes fields away from some stores: people leave fields empty, and a reader must not fill the gaps.
func spoil(cards []Card, ordinal int) {
	last := &cards[len(cards)-1]
	switch ordinal % 6 {
	case 1:
		last.Serial = ""
	case 2:
		last.Make, last.Model = "", ""
	case 4:
		last.Fields = last.Fields[:len(last.Fields)-1] // no meter type
	case 5:
		last.Fields = last.Fields[1:] // no grade field; the title still names the grades
	}
}

func serial(rng *rand.Rand) string {
	return fmt.Sprintf("%s%06d", pick(rng, []string{"EX", "SP", "", "D2T"}), between(rng, 100_000, 999_999))
}

func withoutGroup(groups []Group, name string) []Group {
	kept := groups[:0]
	for _, g := range groups {
		if g.Name != name {
			kept = append(kept, g)
		}
	}
	return kept
}
