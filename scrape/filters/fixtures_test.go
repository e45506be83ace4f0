package filters_test

import (
	"time"

	"github.com/fossawork/scheduler/scrape/filters"
)

var at = time.Date(2030, time.February, 1, 8, 0, 0, 0, time.UTC)

// visit is an order as the list shows it most often: all dispensers, with a filter change.
func visit(id, store, customer, date string) filters.Job {
	return filters.Job{
		JobID: id, StoreNumber: store, StoreName: "Example Fuel Stop", CustomerName: customer, ScheduledDate: date,
		ServiceCode: "2861", ServiceName: "AccuMeasure", Items: []filters.Item{
			{Code: "2861", Name: "All Dispensers"}, {Code: "3006", Name: "Filter change"},
		},
	}
}

func card(store, numbers string, grades ...string) filters.Dispenser {
	return filters.Dispenser{StoreNumber: store, Numbers: numbers, MeterType: "Electronic", Grades: grades}
}

// calculate runs one calculation with changes to the default rules.
func calculate(jobs []filters.Job, dispensers []filters.Dispenser, changes ...func(*filters.Rules)) filters.Result {
	rules := filters.DefaultRules()
	for _, change := range changes {
		change(&rules)
	}
	return filters.Calculate(filters.Input{Jobs: jobs, Dispensers: dispensers, At: at}, rules)
}

// quantities are the filters of a job, by part.
func quantities(detail filters.Detail) map[string]int {
	counts := map[string]int{}
	for part, filter := range detail.Filters {
		counts[part] = filter.Quantity
	}
	return counts
}

// causes are the types of the warnings, in their order.
func causes(warnings []filters.Warning) []filters.WarningType {
	types := []filters.WarningType{}
	for _, w := range warnings {
		types = append(types, w.Type)
	}
	return types
}

// one calculates the filters of a single dispenser at a customer.
func one(customer, meter string, grades ...string) (map[string]int, []filters.WarningType) {
	d := card("#4001", "1/2", grades...)
	d.MeterType = meter
	result := calculate([]filters.Job{visit("1", "#4001", customer, "2030-02-04")}, []filters.Dispenser{d})
	return quantities(result.Details[0]), causes(result.Warnings)
}
