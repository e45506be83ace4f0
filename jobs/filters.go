package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/scrape/filters"
)

// Filters computes which filters to bring from the stored work orders and dispensers. It leaves the portal alone.
var Filters = register(Job{
	Type:        scrape.JobFilters,
	Title:       "Filters",
	Description: "The filters to bring, per order, site, day and week, computed from what is stored. It does not go to the portal.",
	After:       []scrape.JobType{scrape.JobWorkOrders, scrape.JobDispensers},
	Settings:    func() Settings { return &FilterSettings{} },
	Steps:       []Step{{Name: "ComputeFilters", At: AtStore, Do: computeFilters}},
})

// FilterSettings say for which work orders filters are counted.
type FilterSettings struct {
	DaysAhead int            `json:"days_ahead" minimum:"0" maximum:"3650" doc:"Only work orders whose visit is within so many days, and overdue ones; 0 for all."`
	Overrides map[string]int `json:"overrides" doc:"Quantities that a person wants, by '{order}-{part}': 100001-400MB-10."`
}

// Validate implements Settings.
func (s *FilterSettings) Validate() error {
	if s.DaysAhead < 0 || s.DaysAhead > 3650 {
		return scrape.Invalid("settings.days_ahead", "days_ahead must be from 0 to 3650.")
	}
	if len(s.Overrides) > 5000 {
		return scrape.Invalid("settings.overrides", "There may be at most 5000 overrides.")
	}
	return nil
}

// itemFilterNeed is what the change record calls one part for one order.
const itemFilterNeed = "filter_need"

func computeFilters(ctx context.Context, run Run) (Result, error) {
	if err := run.Say(ctx, scrape.Progress{Phase: scrape.PhaseSaving, Percentage: 30, Message: "Counting filters"}); err != nil {
		return Result{}, err
	}
	orders, err := run.Store.ListedWorkOrders(ctx, run.UserID)
	if err != nil {
		return Result{}, fmt.Errorf("read work orders: %w", err)
	}
	dispensers, err := run.Store.Dispensers(ctx, run.UserID)
	if err != nil {
		return Result{}, fmt.Errorf("read dispensers: %w", err)
	}
	settings := run.Settings.(*FilterSettings)
	orders = within(orders, settings.DaysAhead, run.Now())
	input := filterInput(orders, dispensers)
	input.Overrides, input.At = settings.Overrides, run.Now().UTC()
	result := filters.Calculate(input, filters.DefaultRules())
	document, err := json.Marshal(result)
	if err != nil {
		return Result{}, fmt.Errorf("write result: %w", err)
	}
	plan, err := run.Store.ApplyItems(ctx, run.ID, document, func(stored []scrape.Item) scrape.ItemPlan {
		plan := scrape.PlanItems(itemFilterNeed, stored, filterNeeds(result))
		plan.Outcome, plan.Message = judgeFilters(result)
		return plan
	})
	if err != nil {
		return Result{}, fmt.Errorf("apply filters: %w", err)
	}
	return concluded(plan), nil
}

// within leaves out orders whose visit is later; those without a date stay.
func within(orders []scrape.WorkOrder, days int, now time.Time) []scrape.WorkOrder {
	if days == 0 {
		return orders
	}
	last := now.UTC().AddDate(0, 0, days)
	return slices.DeleteFunc(slices.Clone(orders), func(order scrape.WorkOrder) bool {
		return order.ScheduledDate != nil && order.ScheduledDate.After(last)
	})
}

// filterInput joins orders and dispensers by location. The calculator joins by store number, which two customers may share and which may be
// missing: then the location's number is added. Orders without a location meet no dispensers.
func filterInput(orders []scrape.WorkOrder, dispensers []scrape.Dispenser) filters.Input {
	locations := map[string]map[string]bool{} // of a store number
	for _, order := range orders {
		number := bareStore(order)
		if locations[number] == nil {
			locations[number] = map[string]bool{}
		}
		locations[number][order.LocationID] = true
	}
	stores := map[string]string{} // of a location
	var input filters.Input
	for _, order := range orders {
		store := order.StoreNumber
		if order.LocationID != "" {
			if number := bareStore(order); number == "" || len(locations[number]) > 1 {
				store = strings.TrimSpace(fmt.Sprintf("%s (%s)", store, order.LocationID))
			}
			stores[order.LocationID] = store
		}
		input.Jobs = append(input.Jobs, filterJob(order, store))
	}
	for _, d := range dispensers {
		if store, wanted := stores[d.LocationID]; wanted {
			input.Dispensers = append(input.Dispensers, filters.Dispenser{
				StoreNumber: store, Numbers: d.Number, MeterType: d.MeterType, Grades: d.Grades,
			})
		}
	}
	return input
}

// bareStore is the number as the calculator compares it.
func bareStore(order scrape.WorkOrder) string {
	return strings.TrimLeft(strings.TrimSpace(order.StoreNumber), "# ")
}

func filterJob(order scrape.WorkOrder, store string) filters.Job {
	job := filters.Job{
		JobID: order.ExternalID, StoreNumber: store, StoreName: order.SiteName, CustomerName: order.CustomerName,
		ServiceCode: order.ServiceCode, ServiceName: order.ServiceName, Address: order.Address, Instructions: order.Instructions,
	}
	if job.CustomerName == "" {
		job.CustomerName = order.SiteName
	}
	if order.ScheduledDate != nil {
		job.ScheduledDate = order.ScheduledDate.Format(time.DateOnly)
	}
	for _, item := range order.ServiceItems {
		job.Items = append(job.Items, filters.Item{Code: item.Code, Name: item.Name})
	}
	return job
}

// filterNeeds are the items: one part for one order.
func filterNeeds(result filters.Result) []scrape.Item {
	var needs []scrape.Item
	for _, detail := range result.Details {
		for _, part := range slices.Sorted(maps.Keys(detail.Filters)) {
			filter := detail.Filters[part]
			needs = append(needs, scrape.Item{
				Key:   detail.JobID + "/" + part,
				Label: strings.TrimSpace(fmt.Sprintf("%d x %s for %s", filter.Quantity, part, scrape.SiteLabel(detail.StoreName, detail.StoreNumber))),
				Data: map[string]any{
					"work_order": detail.JobID, "store_number": detail.StoreNumber, "site_name": detail.StoreName,
					"scheduled_date": detail.ScheduledDate, "part_number": part, "filter_type": filter.FilterType,
					"quantity": filter.Quantity, "edited": filter.IsEdited,
				},
			})
		}
	}
	return needs
}

// judgeFilters calls a result partial when filters are due at sites whose dispensers are not known.
func judgeFilters(result filters.Result) (scrape.Outcome, string) {
	missing := 0
	for _, detail := range result.Details {
		if detail.RequiresFilters && detail.DispenserCount == 0 {
			missing++
		}
	}
	if missing > 0 {
		return scrape.OutcomePartial, fmt.Sprintf(
			"The dispensers of %d of %d work orders are not known, so their filters are not counted. Collect dispensers first.", missing, len(result.Details))
	}
	return scrape.OutcomeSuccess, ""
}
