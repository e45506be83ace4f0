package filters_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape/filters"
)

// Two stores on three days of two weeks. By hand:
//
//	store 4001, 7-Eleven: 8 x (Regular, Plus, Premium, Super, Diesel) = 16 gas, 8 diesel
//	store 98, Wawa:       2 x (Regular, Diesel)                       =  2 gas, 2 diesel
func TestTotals(t *testing.T) {
	t.Parallel()
	var cards []filters.Dispenser
	for _, n := range []string{"1/2", "3/4", "5/6", "7/8", "9/10", "11/12", "13/14", "15/16"} {
		cards = append(cards, card("#4001", n, "Regular", "Plus", "Premium", "Super", "Diesel"))
	}
	cards = append(cards, card("98", "1/2", "Regular", "Diesel"), card("98", "3/4", "Regular", "Diesel"))
	result := calculate([]filters.Job{
		visit("103", "4001", "7-Eleven", "2030-02-04"), // a Monday
		visit("102", "#98", "Wawa", "2030-02-03T00:00:00"),
		visit("101", "#4001", "7-Eleven", "2030-02-03"), // the Sunday before
	}, cards)

	require.Empty(t, result.Warnings)
	require.Equal(t, []filters.Summary{
		{PartNumber: "400MB-10", Description: "Gas filter", Quantity: 32, Boxes: 3, StoreCount: 1, FilterType: "gas"},
		{PartNumber: "400HS-10", Description: "Diesel filter", Quantity: 16, Boxes: 2, StoreCount: 1, FilterType: "diesel"},
		{PartNumber: "450MB-10", Description: "Wawa gas filter", Quantity: 2, Boxes: 1, StoreCount: 1, FilterType: "gas"},
		{PartNumber: "450MG-10", Description: "Wawa diesel filter", Quantity: 2, Boxes: 1, StoreCount: 1, FilterType: "diesel"},
	}, result.Summary)
	require.Equal(t, 52, result.TotalFilters)
	require.Equal(t, 7, result.TotalBoxes)
	require.Equal(t, filters.Metadata{CalculatedAt: at, JobCount: 3, StoreCount: 2}, result.Metadata)

	var order []string
	for _, detail := range result.Details {
		order = append(order, detail.JobID)
	}
	require.Equal(t, []string{"102", "101", "103"}, order, "by date, store as a number, job")
	require.Equal(t, map[string]filters.JobFilter{
		"400MB-10": {Quantity: 16, Description: "Gas filter", FilterType: "gas"},
		"400HS-10": {Quantity: 8, Description: "Diesel filter", FilterType: "diesel"},
	}, result.Details[1].Filters)
	require.Equal(t, 8, result.Details[1].DispenserCount)

	require.Len(t, result.Sites, 2)
	require.Equal(t, "98", result.Sites[0].StoreNumber)
	require.Equal(t, "4001", result.Sites[1].StoreNumber)
	require.Equal(t, "Example Fuel Stop", result.Sites[1].StoreName)
	require.Equal(t, filters.Totals{JobCount: 2, TotalFilters: 48, TotalBoxes: 5, Parts: []filters.PartTotal{
		{PartNumber: "400MB-10", Description: "Gas filter", FilterType: "gas", Quantity: 32, Boxes: 3},
		{PartNumber: "400HS-10", Description: "Diesel filter", FilterType: "diesel", Quantity: 16, Boxes: 2},
	}}, result.Sites[1].Totals)

	require.Len(t, result.Days, 2)
	require.Equal(t, "2030-02-03", result.Days[0].Date)
	require.Equal(t, []int{2, 28, 5}, []int{result.Days[0].JobCount, result.Days[0].TotalFilters, result.Days[0].TotalBoxes})
	require.Equal(t, []int{1, 24, 3}, []int{result.Days[1].JobCount, result.Days[1].TotalFilters, result.Days[1].TotalBoxes},
		"16 gas filters alone need two boxes, so the days need more boxes than the whole")

	require.Len(t, result.Weeks, 2)
	require.Equal(t, []string{"2030-01-28", "2030-02-03"}, []string{result.Weeks[0].WeekStart, result.Weeks[0].WeekEnd})
	require.Equal(t, []string{"2030-02-04", "2030-02-10"}, []string{result.Weeks[1].WeekStart, result.Weeks[1].WeekEnd})
	require.Equal(t, 24, result.Weeks[1].TotalFilters)
}

func TestSpecificDispensers(t *testing.T) {
	t.Parallel()
	cards := []filters.Dispenser{
		card("1", "1/2", "Regular"), card("1", "3/4", "Regular"), card("1", "5/6", "Regular"), card("1", "7/8", "Diesel"),
	}
	for instructions, test := range map[string]struct {
		chosen   []string
		warnings []filters.WarningType
	}{
		"Dispensers #1/2, #3/4 and #7 only": {[]string{"1/2", "3/4", "7/8"}, nil},
		"dispenser 1":                       {[]string{"1/2"}, nil},
		"pump 3-6":                          {[]string{"3/4", "5/6"}, nil},
		"#1, #3, #5":                        {[]string{"1/2", "3/4", "5/6"}, nil},
		"all except #7":                     {[]string{"1/2", "3/4", "5/6"}, nil},
		"#1/2 and #11":                      {[]string{"1/2"}, []filters.WarningType{filters.MissingData}},
		"#12":                               {[]string{}, []filters.WarningType{filters.MissingData, filters.MissingData}},
		"dispenser 77":                      {[]string{"1/2", "3/4", "5/6", "7/8"}, []filters.WarningType{filters.UnclearText, filters.UnclearText}},
		"Call ahead":                        {[]string{"1/2", "3/4", "5/6", "7/8"}, []filters.WarningType{filters.UnclearText}},
		"":                                  {[]string{"1/2", "3/4", "5/6", "7/8"}, []filters.WarningType{filters.UnclearText}},
	} {
		job := visit("1", "#1", "Marathon", "2030-02-04")
		job.ServiceCode, job.Instructions = "2862", instructions
		result := calculate([]filters.Job{job}, cards)
		chosen := []string{}
		for _, d := range result.Details[0].Dispensers {
			chosen = append(chosen, d.DispenserNumber)
		}
		require.Equal(t, test.chosen, chosen, instructions)
		require.Equal(t, len(test.chosen), result.TotalFilters, instructions)
		require.ElementsMatch(t, test.warnings, causes(result.Warnings), instructions)

		job.ServiceCode = "2861"
		require.Equal(t, 4, calculate([]filters.Job{job}, cards).TotalFilters, "only 2862 follows the instructions")
	}
	nameless := append(cards, card("1", "", "Regular"))
	job := visit("1", "1", "Marathon", "2030-02-04")
	job.ServiceCode, job.Instructions = "2862", "#1"
	require.Equal(t, []filters.WarningType{filters.MissingData}, causes(calculate([]filters.Job{job}, nameless).Warnings))
}

func TestMultiDay(t *testing.T) {
	t.Parallel()
	cards := []filters.Dispenser{card("1", "1/2", "Regular")}
	for name, test := range map[string]struct {
		change  func(*filters.Job)
		skipped bool
	}{
		"fields, day 1":           {func(j *filters.Job) { j.MultiDay, j.DayNumber = true, 1 }, false},
		"fields, day 2":           {func(j *filters.Job) { j.MultiDay, j.DayNumber = true, 2 }, true},
		"day without the flag":    {func(j *filters.Job) { j.DayNumber = 2 }, false},
		"flag without a day":      {func(j *filters.Job) { j.MultiDay = true }, false},
		"text, day 1":             {func(j *filters.Job) { j.Instructions = "Day 1 of 2" }, false},
		"text, day 2":             {func(j *filters.Job) { j.Instructions = "finish day, DAY 2 of 2" }, true},
		"fields win over text":    {func(j *filters.Job) { j.MultiDay, j.DayNumber, j.Instructions = true, 1, "Day 2 of 2" }, false},
		"flag without a day, txt": {func(j *filters.Job) { j.MultiDay, j.Instructions = true, "Day 2 of 2" }, true},
	} {
		job := visit("1", "1", "Wawa", "2030-02-04")
		test.change(&job)
		result := calculate([]filters.Job{job}, cards)
		if !test.skipped {
			require.Equal(t, 1, result.TotalFilters, name)
			continue
		}
		require.Empty(t, result.Details, name)
		require.Equal(t, []filters.WarningType{filters.MultiDayJob}, causes(result.Warnings), name)
		require.Equal(t, []string{"1"}, result.Warnings[0].AffectedJobs, name)
		require.Equal(t, 1, result.Metadata.JobCount, name)
	}
}

// The old calculator's answer to each of these was to leave the job out, or to fail.
func TestNothingIsLeftOutInSilence(t *testing.T) {
	t.Parallel()
	cards := []filters.Dispenser{card("1", "1/2", "Regular"), card("1", "3/4", "Regular")}
	for name, test := range map[string]struct {
		change   func(*filters.Job)
		filters  int
		warnings []filters.WarningType
	}{
		"no id":       {func(j *filters.Job) { j.JobID = "" }, 2, []filters.WarningType{filters.MissingData}},
		"no store":    {func(j *filters.Job) { j.StoreNumber = "#" }, 0, []filters.WarningType{filters.MissingData}},
		"no customer": {func(j *filters.Job) { j.CustomerName = "" }, 2, []filters.WarningType{filters.MissingData, filters.UnknownChain}},
		"no date":     {func(j *filters.Job) { j.ScheduledDate = "" }, 2, []filters.WarningType{filters.MissingData}},
		"bad date":    {func(j *filters.Job) { j.ScheduledDate = "02/04/2030" }, 2, []filters.WarningType{filters.MissingData}},
		"no code":     {func(j *filters.Job) { j.ServiceCode = "" }, 2, []filters.WarningType{filters.MissingData}},
		"no code, no items": {
			func(j *filters.Job) { j.ServiceCode, j.Items = "", nil }, 0,
			[]filters.WarningType{filters.MissingData},
		},
		"other store": {func(j *filters.Job) { j.StoreNumber = "2" }, 0, []filters.WarningType{filters.MissingData}},
	} {
		job := visit("1", "1", "Wawa", "2030-02-04")
		test.change(&job)
		result := calculate([]filters.Job{job}, cards)
		require.Len(t, result.Details, 1, name)
		require.Equal(t, test.filters, result.TotalFilters, name)
		require.Equal(t, test.warnings, causes(result.Warnings), name)
		require.Equal(t, result.Warnings, result.Details[0].Warnings, name)
	}
	empty := calculate(nil, nil)
	require.Equal(t, []filters.WarningType{filters.Validation}, causes(empty.Warnings))
	require.Equal(t, 5, empty.Warnings[0].Severity)
	text, err := json.Marshal(empty)
	require.NoError(t, err)
	require.NotContains(t, string(text), "null", "clients go through the lists without looking")

	lost := calculate([]filters.Job{visit("1", "1", "Wawa", "2030-02-04")}, append(cards, card(" # ", "1", "Regular")))
	require.Equal(t, []filters.WarningType{filters.MissingData}, causes(lost.Warnings))
}

// A filter change on the order decides; without it the service code does, unless the rules ask for the item.
func TestFilterChangeItem(t *testing.T) {
	t.Parallel()
	required := func(r *filters.Rules) { r.FilterItem.Required = true }
	cards := []filters.Dispenser{card("1", "1/2", "Regular")}
	dispensers, change := filters.Item{Code: "2861"}, filters.Item{Code: "3006"}
	for name, test := range map[string]struct {
		code          string
		items         []filters.Item
		live, require bool // whether filters are needed by the default rules, and when the item is required
		warned        []filters.WarningType
	}{
		"item and code":     {"2861", []filters.Item{dispensers, change}, true, true, nil},
		"item by name":      {"2861", []filters.Item{dispensers, {Name: "1 x Filter  Change"}}, true, true, nil},
		"code only":         {"2861", []filters.Item{dispensers}, true, false, []filters.WarningType{filters.FilterChange}},
		"items not known":   {"2861", nil, true, true, nil},
		"item, other code":  {"9999", []filters.Item{change}, true, true, nil},
		"other code":        {"9999", nil, true, true, []filters.WarningType{filters.UnknownService}},
		"3006 as the code":  {"3006", nil, true, true, nil},
		"item without code": {"", []filters.Item{change}, true, true, []filters.WarningType{filters.MissingData}},
	} {
		job := visit("1", "1", "Wawa", "2030-02-04")
		job.ServiceCode, job.Items = test.code, test.items
		live, strict := calculate([]filters.Job{job}, cards), calculate([]filters.Job{job}, cards, required)
		require.Equal(t, test.live, live.Details[0].RequiresFilters, name)
		require.Equal(t, test.require, strict.Details[0].RequiresFilters, name)
		require.ElementsMatch(t, test.warned, causes(live.Warnings), name)
		if !test.require || len(test.items) == 0 && test.code == "2861" {
			require.Contains(t, causes(strict.Warnings), filters.FilterChange, name)
		}
	}
	job := visit("1", "1", "Wawa", "2030-02-04")
	job.ServiceCode, job.Items = "9999", nil
	closed := calculate([]filters.Job{job}, cards, func(r *filters.Rules) { r.UnknownServiceFilters = false })
	require.Zero(t, closed.TotalFilters)
	require.Equal(t, []filters.WarningType{filters.UnknownService}, causes(closed.Warnings))
}
