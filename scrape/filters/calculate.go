package filters

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxOverride is the largest quantity that a person can set: beyond it somebody typed a part number.
const maxOverride = 9999

// Calculate tells which filters to bring for the jobs. It never fails: what is missing or doubtful becomes a warning that
// names the job, and the rest is counted. Rules should be valid (Rules.Validate).
func Calculate(in Input, rules Rules) Result {
	c := &calculation{rules: rules, overrides: in.Overrides, used: map[string]bool{}, stores: map[string]bool{}}
	general := &notebook{}
	if len(in.Jobs) == 0 {
		general.say(Validation, []string{"Select at least one work order"}, "No work orders were given")
	}
	var homeless int
	if c.sites, homeless = groupSites(in.Dispensers); homeless > 0 {
		general.say(MissingData, nil, "%d dispensers carry no store number and belong to no job", homeless)
	}
	c.chains = c.chainsOfStores(in.Jobs)

	jobs := slices.Clone(in.Jobs)
	slices.SortFunc(jobs, compareJobs)
	seen := map[string]bool{}
	for _, job := range jobs {
		if key := storeKey(job.StoreNumber); key != "" {
			c.stores[key] = true
		}
		c.count(job, seen)
	}
	c.leftOverrides(jobs, general)

	books := []*notebook{general}
	for _, counted := range c.counted {
		books = append(books, counted.book)
	}
	books = append(books, c.left...)
	result := Result{Details: []Detail{}, Metadata: Metadata{CalculatedAt: in.At.UTC(), JobCount: len(in.Jobs), StoreCount: len(c.stores)}}
	var byBook [][]Warning
	result.Warnings, byBook = warnings(books, in.At.UTC())
	for i, counted := range c.counted {
		counted.detail.Warnings = byBook[1+i]
		result.Details = append(result.Details, counted.detail)
	}
	result.addTotals(rules)
	return result
}

// calculation is the work on one input.
type calculation struct {
	rules     Rules
	overrides map[string]int
	sites     map[string]site
	chains    map[string][]string // chains of the customers of a store
	stores    map[string]bool

	counted []countedJob
	left    []*notebook // of jobs that were left out
	used    map[string]bool
}

type countedJob struct {
	detail Detail
	book   *notebook
}

// count adds a job to the details, or notes why it is left out.
func (c *calculation) count(job Job, seen map[string]bool) {
	id := strings.TrimSpace(job.JobID)
	book := &notebook{jobs: []string{}}
	if id != "" {
		book.jobs = append(book.jobs, id)
	}
	text := ParseInstructions(job.Instructions, c.rules.HighestDispenser)
	if day := laterDay(job, text); day > 0 {
		book.say(MultiDayJob, nil, "Multi-day %s - Day %d. Filters counted on Day 1 only.", nameOfJob(job), day)
		c.left = append(c.left, book)
		return
	}
	if id != "" && seen[id] {
		book.say(Duplicate, nil, "%s was given more than once; it is counted once", capital(nameOfJob(job)))
		c.left = append(c.left, book)
		return
	}
	seen[id] = true
	c.missing(job, book)

	detail := Detail{
		JobID: job.JobID, StoreNumber: job.StoreNumber, StoreName: job.StoreName, ScheduledDate: job.ScheduledDate,
		CustomerName: job.CustomerName, ServiceCode: job.ServiceCode, ServiceName: job.ServiceName, Address: job.Address,
		Filters: map[string]JobFilter{}, Dispensers: []DispenserDetail{},
	}
	detail.RequiresFilters = c.needsFilters(job, book)
	// Without filters to count, a gap in the equipment is no news for this job.
	equipment := &notebook{}
	if detail.RequiresFilters {
		equipment = book
	}
	dispensers := c.dispensers(job, text, equipment)
	for _, d := range dispensers {
		detail.Dispensers = append(detail.Dispensers, d.detail())
	}
	detail.DispenserCount = len(dispensers)
	if detail.RequiresFilters {
		for part, quantity := range c.parts(job, dispensers, book) {
			detail.Filters[part] = c.filter(id, part, quantity, book)
		}
	}
	c.counted = append(c.counted, countedJob{detail, book})
}

// laterDay is the day of a multi-day job after its first, zero for every other job. Fields win over the text, because a
// person set them.
func laterDay(job Job, text Instructions) int {
	day := text.Day
	if job.MultiDay && job.DayNumber > 0 {
		day = job.DayNumber
	}
	if day > 1 {
		return day
	}
	return 0
}

// missing notes the fields without which the old calculator left a job out, or failed.
func (c *calculation) missing(job Job, book *notebook) {
	var fields []string
	for _, field := range []struct{ name, value string }{
		{"jobId", job.JobID},
		{"storeNumber", storeKey(job.StoreNumber)},
		{"customerName", job.CustomerName},
		{"serviceCode", job.ServiceCode},
		{"scheduledDate", job.ScheduledDate},
	} {
		if strings.TrimSpace(field.value) == "" {
			fields = append(fields, field.name)
		}
	}
	if len(fields) > 0 {
		book.say(MissingData, nil, "%s has no %s", capital(nameOfJob(job)), strings.Join(fields, ", "))
	}
	if _, ok := dateOf(job.ScheduledDate); !ok && strings.TrimSpace(job.ScheduledDate) != "" {
		book.say(MissingData, nil, "%s has a date that cannot be read: %q", capital(nameOfJob(job)), job.ScheduledDate)
	}
}

// filter is the quantity of a part, or what a person wants instead.
func (c *calculation) filter(id, number string, quantity int, book *notebook) JobFilter {
	part := c.rules.part(number)
	filter := JobFilter{Quantity: quantity, Description: part.Description, FilterType: part.Kind}
	key := id + "-" + number
	wanted, ok := c.overrides[key]
	if !ok || id == "" {
		return filter
	}
	c.used[key] = true
	if wanted < 0 || wanted > maxOverride {
		book.say(Override, nil, "The quantity %d for %s is not from 0 to %d and was not applied", wanted, number, maxOverride)
		return filter
	}
	filter.Quantity, filter.IsEdited = wanted, true
	return filter
}

// leftOverrides notes the overrides that met no computed part. An override cannot add a part: a wrong key would bring a
// filter that fits nothing.
func (c *calculation) leftOverrides(jobs []Job, general *notebook) {
	for _, key := range slices.Sorted(maps.Keys(c.overrides)) {
		if c.used[key] {
			continue
		}
		book := general
		for _, counted := range c.counted {
			id := strings.TrimSpace(counted.detail.JobID)
			if id != "" && strings.HasPrefix(key, id+"-") {
				book = counted.book
			}
		}
		if len(jobs) > 0 {
			book.say(Override, nil, "The override %q was not applied: no such part is needed for that job", key)
		}
	}
}

// chainsOfStores lists the known chains that the customers of each store belong to.
func (c *calculation) chainsOfStores(jobs []Job) map[string][]string {
	chains := map[string][]string{}
	for _, job := range jobs {
		chain, ok := c.rules.chain(job.CustomerName)
		if key := storeKey(job.StoreNumber); ok && key != "" && !slices.Contains(chains[key], chain.Name) {
			chains[key] = append(chains[key], chain.Name)
		}
	}
	for _, names := range chains {
		slices.Sort(names)
	}
	return chains
}

func (d dispenser) detail() DispenserDetail {
	grades := []Grade{}
	for _, grade := range d.Grades {
		grades = append(grades, Grade{grade})
	}
	return DispenserDetail{StoreNumber: d.StoreNumber, DispenserNumber: d.Numbers, MeterType: d.MeterType, FuelGrades: grades}
}

func nameOfJob(job Job) string {
	if id := strings.TrimSpace(job.JobID); id != "" {
		return "job " + id
	}
	return fmt.Sprintf("the job at store %q on %q", job.StoreNumber, job.ScheduledDate)
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// compareJobs orders by date, store and job; what remains is ordered by content, so that the order in which jobs came does
// not matter. Jobs without a readable date are last.
func compareJobs(a, b Job) int {
	dateA, okA := dateOf(a.ScheduledDate)
	dateB, okB := dateOf(b.ScheduledDate)
	if okA != okB {
		if okA {
			return -1
		}
		return 1
	}
	return cmp.Or(
		dateA.Compare(dateB),
		compareNumbers(storeKey(a.StoreNumber), storeKey(b.StoreNumber)),
		compareNumbers(strings.TrimSpace(a.JobID), strings.TrimSpace(b.JobID)),
		cmp.Compare(fmt.Sprintf("%#v", a), fmt.Sprintf("%#v", b)),
	)
}
