package filters

import (
	"slices"
	"strconv"
	"strings"
)

// needsFilters decides whether a job needs filters at all: by the order's own item for a filter change, then by the
// service code.
func (c *calculation) needsFilters(job Job, book *notebook) bool {
	code := strings.TrimSpace(job.ServiceCode)
	if c.hasFilterItem(job) {
		return true
	}
	if code == "" {
		return false // no code and no item: nothing says so, and the missing code is noted already
	}
	service, known := c.rules.service(code)
	needs := service.NeedsFilters
	if !known {
		needs = c.rules.UnknownServiceFilters
		what := "no filters are counted"
		if needs {
			what = "filters are counted for it"
		}
		book.say(UnknownService, nil, "No rule names the service code %q; %s", code, what)
	}
	if !needs {
		return false
	}
	switch {
	case len(job.Items) == 0 && c.rules.FilterItem.Required:
		book.say(FilterChange, nil, "The items of the order are not known; filters are counted because of its service code %s", code)
	case len(job.Items) > 0 && c.rules.FilterItem.Required:
		book.say(FilterChange, nil, "The order has no item for a filter change; no filters are counted")
		return false
	case len(job.Items) > 0:
		book.say(FilterChange, nil, "The order has no item for a filter change; filters are counted because of its service code %s", code)
	}
	return true
}

func (c *calculation) hasFilterItem(job Job) bool {
	item := c.rules.FilterItem
	return slices.Contains(item.Codes, strings.TrimSpace(job.ServiceCode)) ||
		slices.ContainsFunc(job.Items, func(i Item) bool {
			return slices.Contains(item.Codes, strings.TrimSpace(i.Code)) || containsAny(plain(i.Name), item.Names)
		})
}

// dispensers are those that the job works on: the site's, or the ones that the instructions name.
func (c *calculation) dispensers(job Job, text Instructions, book *notebook) []dispenser {
	store := storeKey(job.StoreNumber)
	if store == "" {
		return nil // noted as a missing field
	}
	s := c.sites[store]
	if len(s.dispensers) == 0 {
		book.say(MissingData, []string{"Collect the dispensers of this store", "Check that the store number is correct"},
			"No dispenser data found for store %s", store)
		return nil
	}
	book.add(s.notes...)
	if chains := c.chains[store]; len(chains) > 1 {
		book.say(MissingData, []string{"Calculate one customer at a time"},
			"Store number %s is used by %s; their dispensers cannot be told apart", store, strings.Join(chains, " and "))
	}
	service, _ := c.rules.service(strings.TrimSpace(job.ServiceCode))
	if !service.SpecificDispensers {
		return s.dispensers
	}
	return choose(s, text, service.Code, book)
}

// choose keeps the dispensers that the instructions name. Instructions that name none leave all of them.
func choose(s site, text Instructions, code string, book *notebook) []dispenser {
	for _, ignored := range text.Ignored {
		book.say(UnclearText, nil, "The instructions name %q, which is no dispenser", ignored)
	}
	if len(text.Dispensers)+len(text.Excluded) == 0 {
		book.say(UnclearText, []string{"Read the instructions and correct the quantities"},
			"Service code %s is for specific dispensers, but the instructions name none; all dispensers are counted", code)
		return s.dispensers
	}
	stored := s.numbers()
	var unknown, nameless []string
	for _, n := range text.Dispensers {
		if !stored[n] {
			unknown = append(unknown, strconv.Itoa(n))
		}
	}
	var kept []dispenser
	for _, d := range s.dispensers {
		switch {
		case len(d.numbers) == 0:
			nameless = append(nameless, nameOf(d.Numbers))
		case d.isOneOf(text.Excluded) && !d.isOneOf(text.Dispensers):
		case len(text.Dispensers) == 0 || d.isOneOf(text.Dispensers):
			kept = append(kept, d)
		}
	}
	if len(unknown) > 0 {
		book.say(MissingData, []string{"Collect the dispensers of this store"},
			"The instructions name dispensers that are not stored: %s", strings.Join(unknown, ", "))
	}
	if len(nameless) > 0 {
		book.say(MissingData, []string{"Collect the dispensers of this store"},
			"%d dispensers carry no readable number and are not counted, because the instructions name dispensers", len(nameless))
	}
	if len(kept) == 0 {
		book.say(MissingData, []string{"Collect the dispensers of this store", "Read the instructions"},
			"None of the stored dispensers is among those of the instructions")
	}
	return kept
}

// parts counts one filter for each grade of each dispenser that the rules give one.
func (c *calculation) parts(job Job, dispensers []dispenser, book *notebook) map[string]int {
	chain, known := c.rules.chain(job.CustomerName)
	if !known {
		book.say(UnknownChain, []string{"Check the parts before packing", "Add the chain to the filter rules"},
			"The customer %q belongs to no known chain; the default parts are counted", job.CustomerName)
	}
	counts := map[string]int{}
	var bare []string
	for _, d := range dispensers {
		if len(d.Grades) == 0 {
			bare = append(bare, nameOf(d.Numbers))
		}
		for _, grade := range d.Grades {
			if part := c.partFor(chain, d, grade, book); part != "" {
				counts[part]++
			}
		}
	}
	if len(bare) > 0 {
		book.say(MissingData, []string{"Collect the dispensers of this store"},
			"No fuel grades are stored for dispensers of store %s: %s", storeKey(job.StoreNumber), strings.Join(bare, ", "))
	}
	return counts
}

// partFor is the part for a grade of a dispenser; empty when it gets none.
func (c *calculation) partFor(chain Chain, d dispenser, grade string, book *notebook) string {
	filter, known := c.rules.filterGrade(grade, d.Grades)
	if !known {
		what := "it gets no filter"
		if filter {
			what = "it gets a filter"
		}
		book.say(UnknownGrade, []string{"Check the grade at the dispenser", "Add the grade to the filter rules"},
			"Unknown fuel grade: %s; %s", plain(grade), what)
	}
	if !filter {
		return ""
	}
	typ := c.rules.filterType(grade)
	choice, ok := chain.Parts[typ]
	if !ok {
		book.say(Info, nil, "%s (%s) present at %s - no filter is known for it", typ.label(), plain(grade), chain.Name)
		return ""
	}
	meter, known := c.rules.meterType(d.MeterType)
	if !known && choice.dependsOnMeter() {
		if strings.TrimSpace(d.MeterType) == "" {
			book.say(UnknownMeterType, nil, "The meter type of some dispensers is not stored; %s is assumed", meter)
		} else {
			book.say(UnknownMeterType, nil, "Unknown meter type %q; %s is assumed", d.MeterType, meter)
		}
	}
	if part, ok := choice.ByMeter[meter]; ok {
		return part
	}
	return choice.Part
}
