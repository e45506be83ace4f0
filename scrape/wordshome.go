package scrape

import "time"

// UpToDate says in two short sentences how fresh data is and when more is to come: "Work orders up to date, 8:02. Next 9:17." what names the
// data, such as "Work orders". Times are those of the zone, with their date when it is not today's; next is nil when nothing is planned.
func UpToDate(what string, freshness Freshness, data, next *time.Time, now time.Time, zone *time.Location) string {
	var words string
	switch {
	case data == nil:
		words = what + " not collected yet."
	case freshness == FreshnessFresh:
		words = what + " up to date, " + nearWords(*data, now, zone) + "."
	case freshness == FreshnessLate:
		words = what + " late, from " + nearWords(*data, now, zone) + "."
	default:
		words = what + " out of date, from " + nearWords(*data, now, zone) + "."
	}
	if next == nil {
		return words + " Nothing is planned."
	}
	return words + " Next " + nearWords(*next, now, zone) + "."
}

// nearWords writes a moment of today as its time, any other with its date.
func nearWords(at, now time.Time, zone *time.Location) string {
	if at.In(zone).Format(time.DateOnly) == now.In(zone).Format(time.DateOnly) {
		return clockWords(sinceMidnight(at.In(zone)))
	}
	return MomentWords(at, zone)
}
