package filters_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/scrape/filters"
)

// oneOf draws mostly from known texts, so that things meet, and sometimes anything.
func oneOf(known ...string) *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(known), rapid.SampledFrom(known), rapid.String())
}

var (
	stores       = oneOf("1", "#1", "#0042", "4001", "")
	ids          = oneOf("", "1", "2", "3", "1-400MB-10")
	dates        = oneOf("2030-02-03", "2030-02-04T00:00:00", "2030-02-11", "", "0001-01-01", "9999-12-31")
	instructions = oneOf("", "#1/2 and #7", "pump 3-6", "Day 2 of 2", "all except #1", "Dispensers 40")
	grades       = oneOf("Regular", "Plus", "Premium", "Super", "Diesel", "DEF", "Diesel High Flow", "Water", "E85", "Regular/Diesel")
)

func jobs() *rapid.Generator[filters.Job] {
	return rapid.Custom(func(t *rapid.T) filters.Job {
		job := filters.Job{
			JobID: ids.Draw(t, "id"), StoreNumber: stores.Draw(t, "store"), StoreName: rapid.String().Draw(t, "name"),
			CustomerName:  oneOf("7-Eleven", "Wawa", "Circle K", "Nobody", "").Draw(t, "customer"),
			ScheduledDate: dates.Draw(t, "date"), Instructions: instructions.Draw(t, "instructions"),
			ServiceCode: oneOf("2861", "2862", "3002", "3146", "3006", "").Draw(t, "code"),
			MultiDay:    rapid.Bool().Draw(t, "multi"), DayNumber: rapid.IntRange(-1, 3).Draw(t, "day"),
		}
		for _, code := range rapid.SliceOfN(oneOf("2861", "3006", ""), 0, 2).Draw(t, "items") {
			job.Items = append(job.Items, filters.Item{Code: code, Name: rapid.String().Draw(t, "item")})
		}
		return job
	})
}

func dispensers() *rapid.Generator[filters.Dispenser] {
	return rapid.Custom(func(t *rapid.T) filters.Dispenser {
		return filters.Dispenser{
			StoreNumber: stores.Draw(t, "store"), Numbers: oneOf("1/2", "2/1", "3/4", "7", "1", "1A", "").Draw(t, "numbers"),
			MeterType: oneOf("Electronic", "Ecometer", "").Draw(t, "meter"),
			Grades:    rapid.SliceOfN(grades, 0, 4).Draw(t, "grades"),
		}
	})
}

func inputs() *rapid.Generator[filters.Input] {
	return rapid.Custom(func(t *rapid.T) filters.Input {
		keys := oneOf("1-400MB-10", "2-450MB-10", "3-400HS-10", "1-400MB-10-400MB-10")
		return filters.Input{
			Jobs: rapid.SliceOfN(jobs(), 0, 8).Draw(t, "jobs"), Dispensers: rapid.SliceOfN(dispensers(), 0, 8).Draw(t, "dispensers"),
			Overrides: rapid.MapOfN(keys, rapid.Int(), 0, 3).Draw(t, "overrides"), At: at,
		}
	})
}

func TestTotalsAreTheSumsOfTheDetails(t *testing.T) {
	t.Parallel()
	rules := filters.DefaultRules()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs().Draw(t, "input")
		result := filters.Calculate(in, rules)

		want := map[string]int{}
		filterCount := 0
		for _, detail := range result.Details {
			require.Len(t, detail.Dispensers, detail.DispenserCount)
			for part, filter := range detail.Filters {
				require.GreaterOrEqual(t, filter.Quantity, 0)
				filterCount += filter.Quantity
				if filter.Quantity > 0 {
					want[part] += filter.Quantity
				}
			}
		}
		got, boxes := map[string]int{}, 0
		for _, s := range result.Summary {
			got[s.PartNumber] = s.Quantity
			boxes += s.Boxes
			require.GreaterOrEqual(t, s.Boxes*rules.Parts[s.PartNumber].BoxSize, s.Quantity)
			require.Less(t, (s.Boxes-1)*rules.Parts[s.PartNumber].BoxSize, s.Quantity)
		}
		require.Equal(t, want, got)
		require.Equal(t, filterCount, result.TotalFilters)
		require.Equal(t, boxes, result.TotalBoxes)

		var groups [3][]filters.Totals
		for _, total := range result.Sites {
			groups[0] = append(groups[0], total.Totals)
		}
		for _, total := range result.Days {
			groups[1] = append(groups[1], total.Totals)
		}
		for _, total := range result.Weeks {
			groups[2] = append(groups[2], total.Totals)
		}
		for _, group := range groups {
			parts, jobCount, boxes := map[string]int{}, 0, 0
			for _, total := range group {
				jobCount += total.JobCount
				boxes += total.TotalBoxes
				for _, part := range total.Parts {
					parts[part.PartNumber] += part.Quantity
				}
			}
			require.Equal(t, want, parts)
			require.Len(t, result.Details, jobCount)
			require.GreaterOrEqual(t, boxes, result.TotalBoxes, "packing apart never saves a box")
		}
	})
}

func TestTheOrderOfInputsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs().Draw(t, "input")
		shuffled := in
		shuffled.Jobs = rapid.Permutation(in.Jobs).Draw(t, "jobs")
		shuffled.Dispensers = rapid.Permutation(in.Dispensers).Draw(t, "dispensers")
		require.Equal(t, filters.Calculate(in, filters.DefaultRules()), filters.Calculate(shuffled, filters.DefaultRules()))
	})
}

func TestEveryJobIsCountedOrExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs().Draw(t, "input")
		result := filters.Calculate(in, filters.DefaultRules())
		leftOut := 0
		type cause struct {
			cause   filters.WarningType
			message string
			job     string
		}
		said := map[cause]int{}
		for _, w := range result.Warnings {
			if w.Type == filters.MultiDayJob || w.Type == filters.Duplicate && len(w.AffectedJobs) == 1 && !isOfEquipment(w) {
				leftOut++
			}
			if len(w.AffectedJobs) == 1 && w.Type != filters.Duplicate && w.Type != filters.MultiDayJob {
				said[cause{w.Type, w.Message, w.AffectedJobs[0]}]++
			}
			require.NotEmpty(t, w.Message)
		}
		require.Len(t, in.Jobs, len(result.Details)+leftOut)
		for c, times := range said {
			require.Equal(t, 1, times, c)
		}
		for _, detail := range result.Details {
			if detail.RequiresFilters && detail.DispenserCount == 0 {
				require.NotEmpty(t, detail.Warnings, "no filters without a reason")
			}
		}
	})
}

// isOfEquipment tells the warnings about copies of dispensers from those about copies of jobs.
func isOfEquipment(w filters.Warning) bool { return len(w.Message) > 9 && w.Message[:9] == "Dispenser" }

func TestRulesWithoutContentDoNotPanic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		filters.Calculate(inputs().Draw(t, "input"), filters.Rules{})
	})
}
