package scrape

import (
	"strings"
	"time"
)

// Dispenser is one fuel dispenser of a location, as the portal's card shows it. Its natural key is (LocationID, Number): the
// serial number changes when hardware is swapped. A pair of sides is one dispenser.
//
// Fields that the card lacks are empty. Nothing is derived from another field: not the make from the title, not a grade from
// a code.
type Dispenser struct {
	ID     string // our own id (UUID); empty before it is stored
	UserID UserID

	LocationID string   // digits of the location's page
	Number     string   // "1/2" for a pair, "5" for a single one
	Numbers    []string // the sides: "1", "2"
	Title      string   // "1/2 - Regular, Plus - Examplemake"

	Make           string
	Model          string
	SerialNumber   string
	MeterType      string   // "Electronic", "HD Meter", "Ecometer"
	NozzlesPerSide string   // as text: the portal promises no number
	StandAloneCode string   // opaque; leading zeros matter, and it says nothing about grades
	Grades         []string // names as shown, in the card's order

	CustomFields map[string]string // every label of the card with its value, the four above included

	CreatedAt time.Time
	UpdatedAt time.Time
	RemovedAt *time.Time // when it was first missing from a complete page; nil while it is there
}

// LocationState says what a location's page was.
type LocationState string

// The states.
const (
	LocationOK      LocationState = "ok"      // it has dispensers, or its Problems say why that cannot be told
	LocationNone    LocationState = "none"    // it has none that the portal shows
	LocationDeleted LocationState = "deleted" // the portal says that it does not exist any more
	LocationDenied  LocationState = "denied"  // the portal does not show it to this technician
)

// LocationResult is what one reading of a location's page gave.
//
// Dispensers is empty in every state but LocationOK. There it holds every card that could be read, also when their number is not the
// announced one. Only a Complete result says that a stored dispenser is gone; LocationDeleted and LocationDenied are marks, which take
// nothing away.
type LocationResult struct {
	LocationID string
	State      LocationState
	Dispensers []Dispenser // in the page's order, each Number once
	Announced  int         // the N of "Dispenser (N)"; -1 when the page shows no such group
	Problems   []string    // sentences: what could not be read, and why
}

// Complete tells whether the result holds all dispensers of the location, each of them read. A page without a dispenser group
// is not complete: it may have none, and it may hide them.
func (r LocationResult) Complete() bool {
	return (r.State == LocationOK || r.State == LocationNone) && len(r.Problems) == 0 && r.Announced == len(r.Dispensers)
}

// SplitDispenserNumber takes the number from the front of a card's title and splits it into sides: "1/2 - Regular - X" is
// "1/2" and ["1", "2"]. False when the title does not begin with n or n/m.
func SplitDispenserNumber(title string) (number string, sides []string, ok bool) {
	front := strings.TrimSpace(title)
	for _, dash := range []string{" - ", " – ", " — "} {
		front, _, _ = strings.Cut(front, dash)
	}
	for side := range strings.SplitSeq(front, "/") {
		side = strings.TrimSpace(side)
		if !isSide(side) {
			return "", nil, false
		}
		sides = append(sides, side)
	}
	if len(sides) > 2 {
		return "", nil, false
	}
	return strings.Join(sides, "/"), sides, true
}

// isSide accepts a few digits, perhaps with one letter behind them.
func isSide(text string) bool {
	digits := strings.TrimRight(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	if digits == "" || len(digits) > 5 || len(text)-len(digits) > 1 {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

// SplitGrades splits the text of a card's field into names. Names stay as shown: "E-85" is not "E85", and a name such as
// "Regular/Diesel" is one name.
func SplitGrades(text string) []string {
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.Join(strings.Fields(name), " "); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// FuelGrade is a grade in the old clients' dictionary.
type FuelGrade struct {
	Name string `json:"name"`
}

// FuelGrades is the old clients' dictionary of grades: the lower-case name with "_" for white space leads to the name. Of
// two names with the same key the first stays. It is never nil.
func FuelGrades(names []string) map[string]FuelGrade {
	grades := make(map[string]FuelGrade, len(names))
	for _, name := range names {
		key := strings.Join(strings.Fields(strings.ToLower(name)), "_")
		if _, there := grades[key]; !there && key != "" {
			grades[key] = FuelGrade{Name: name}
		}
	}
	return grades
}
