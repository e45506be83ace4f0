package filters

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// tally adds up jobs.
type tally struct {
	quantities map[string]int
	stores     map[string]map[string]bool // stores that need the part
	jobs       int
}

func newTally() *tally {
	return &tally{quantities: map[string]int{}, stores: map[string]map[string]bool{}}
}

// add counts a job. A part that a person set to zero is not needed.
func (t *tally) add(detail Detail) {
	t.jobs++
	for part, filter := range detail.Filters {
		if filter.Quantity == 0 {
			continue
		}
		t.quantities[part] += filter.Quantity
		if t.stores[part] == nil {
			t.stores[part] = map[string]bool{}
		}
		t.stores[part][storeKey(detail.StoreNumber)] = true
	}
}

// numbers are the part numbers by quantity, largest first.
func (t *tally) numbers() []string {
	return slices.SortedFunc(maps.Keys(t.quantities), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.quantities[b], t.quantities[a]), cmp.Compare(a, b))
	})
}

func (t *tally) totals(rules Rules) Totals {
	totals := Totals{Parts: []PartTotal{}, JobCount: t.jobs}
	for _, number := range t.numbers() {
		part, quantity := rules.part(number), t.quantities[number]
		totals.Parts = append(totals.Parts, PartTotal{
			PartNumber: number, Description: part.Description, FilterType: part.Kind,
			Quantity: quantity, Boxes: rules.boxes(number, quantity),
		})
		totals.TotalFilters += quantity
		totals.TotalBoxes += rules.boxes(number, quantity)
	}
	return totals
}

// addTotals fills the summary and the totals from the details.
func (r *Result) addTotals(rules Rules) {
	all := newTally()
	sites, days, weeks := map[string]*tally{}, map[string]*tally{}, map[string]*tally{}
	names := map[string]string{}
	for _, detail := range r.Details {
		store, day, week := storeKey(detail.StoreNumber), "", ""
		if date, ok := dateOf(detail.ScheduledDate); ok {
			day, week = date.Format(time.DateOnly), monday(date).Format(time.DateOnly)
		}
		names[store] = cmp.Or(names[store], detail.StoreName)
		all.add(detail)
		in(sites, store).add(detail)
		in(days, day).add(detail)
		in(weeks, week).add(detail)
	}

	total := all.totals(rules)
	r.TotalFilters, r.TotalBoxes = total.TotalFilters, total.TotalBoxes
	r.Summary = []Summary{}
	for _, p := range total.Parts {
		r.Summary = append(r.Summary, Summary{
			PartNumber: p.PartNumber, Description: p.Description, Quantity: p.Quantity, Boxes: p.Boxes,
			StoreCount: len(all.stores[p.PartNumber]), FilterType: p.FilterType,
		})
	}
	r.Sites, r.Days, r.Weeks = []SiteTotal{}, []DayTotal{}, []WeekTotal{}
	for _, store := range slices.SortedFunc(maps.Keys(sites), compareNumbers) {
		r.Sites = append(r.Sites, SiteTotal{StoreNumber: store, StoreName: names[store], Totals: sites[store].totals(rules)})
	}
	for _, day := range slices.SortedFunc(maps.Keys(days), emptyLast) {
		r.Days = append(r.Days, DayTotal{Date: day, Totals: days[day].totals(rules)})
	}
	for _, week := range slices.SortedFunc(maps.Keys(weeks), emptyLast) {
		total := WeekTotal{WeekStart: week, Totals: weeks[week].totals(rules)}
		if start, ok := dateOf(week); ok {
			total.WeekEnd = start.AddDate(0, 0, 6).Format(time.DateOnly)
		}
		r.Weeks = append(r.Weeks, total)
	}
}

func in(groups map[string]*tally, key string) *tally {
	if groups[key] == nil {
		groups[key] = newTally()
	}
	return groups[key]
}

// monday is the first day of the week that holds the date.
func monday(date time.Time) time.Time {
	return date.AddDate(0, 0, -(int(date.Weekday())+6)%7)
}

func emptyLast(a, b string) int {
	if (a == "") != (b == "") {
		if b == "" {
			return -1
		}
		return 1
	}
	return cmp.Compare(a, b)
}
