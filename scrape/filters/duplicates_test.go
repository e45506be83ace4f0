package filters_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape/filters"
)

// Stored dispensers hang on work orders: a store with two orders has two copies of each.
func TestCopiesOfDispensersCountOnce(t *testing.T) {
	t.Parallel()
	jobs := []filters.Job{visit("1", "1", "Speedway", "2030-02-04"), visit("2", "#1", "Speedway", "2030-02-11")}
	same := calculate(jobs, []filters.Dispenser{
		card("1", "1/2", "Regular", "Diesel"), card("#1", "1/2", "Regular", "Diesel"), card("1", "2 / 1", "diesel", "regular"),
	})
	require.Empty(t, same.Warnings)
	require.Equal(t, 4, same.TotalFilters, "two visits, two filters each")

	newer := card("#1", "1/2", "Regular", "Super")
	newer.MeterType = "Ecometer"
	other := calculate(jobs[:1], []filters.Dispenser{card("1", "1/2", "Regular", "Diesel"), newer})
	require.Equal(t, []filters.WarningType{filters.Duplicate}, causes(other.Warnings))
	require.Equal(t, 3, other.TotalFilters, "Regular, Diesel, Super")

	sides := calculate(jobs[:1], []filters.Dispenser{card("1", "1A", "Regular"), card("1", "1B", "Regular"), card("1", "01a", "Regular")})
	require.Equal(t, 2, sides.TotalFilters)
	require.Empty(t, sides.Warnings)

	overlap := calculate(jobs[:1], []filters.Dispenser{card("1", "1", "Regular"), card("1", "1/2", "Regular")})
	require.Equal(t, 2, overlap.TotalFilters)
	require.Equal(t, []filters.WarningType{filters.Duplicate}, causes(overlap.Warnings))

	nameless := calculate(jobs[:1], []filters.Dispenser{card("1", "", "Regular"), card("1", "", "Regular")})
	require.Equal(t, 2, nameless.TotalFilters, "without a number nothing says that they are the same")
}

func TestJobsCountOnce(t *testing.T) {
	t.Parallel()
	cards := []filters.Dispenser{card("1", "1/2", "Regular")}
	later := visit("7", "1", "Speedway", "2030-02-05")
	result := calculate([]filters.Job{later, visit("7", "1", "Speedway", "2030-02-04")}, cards)
	require.Equal(t, 1, result.TotalFilters)
	require.Equal(t, "2030-02-04", result.Details[0].ScheduledDate, "the earlier visit needs the filters")
	require.Equal(t, []filters.WarningType{filters.Duplicate}, causes(result.Warnings))
	require.Equal(t, 2, result.Metadata.JobCount)

	second := visit("7", "1", "Speedway", "2030-02-03")
	second.MultiDay, second.DayNumber = true, 2
	result = calculate([]filters.Job{second, later}, cards)
	require.Equal(t, 1, result.TotalFilters, "a later day that is left out does not take the first one's place")
}

func TestOneStoreNumberOfTwoChains(t *testing.T) {
	t.Parallel()
	result := calculate([]filters.Job{visit("1", "1", "Speedway", "2030-02-04"), visit("2", "#1", "Wawa", "2030-02-04")},
		[]filters.Dispenser{card("1", "1/2", "Regular")})
	require.Equal(t, []filters.WarningType{filters.MissingData, filters.MissingData}, causes(result.Warnings))
	require.Contains(t, result.Warnings[0].Message, "Speedway and Wawa")
}

func TestWarningsAreSaidOnce(t *testing.T) {
	t.Parallel()
	cards := []filters.Dispenser{
		card("1", "1/2", "Water", "DEF"), card("1", "3/4", "Water", "DEF"), card("1", "5/6"), card("1", "7/8"),
	}
	result := calculate([]filters.Job{visit("1", "1", "Nobody", "2030-02-04"), visit("2", "1", "Wawa", "2030-02-04")}, cards)
	require.Equal(t, []filters.WarningType{
		filters.MissingData, filters.MissingData,
		filters.UnknownChain, filters.UnknownGrade, filters.UnknownGrade,
		filters.Info, filters.Info,
	}, causes(result.Warnings), "once for each job and cause, the severe ones first")
	require.Equal(t, "warn_1", result.Warnings[0].ID)
	require.Equal(t, "warn_7", result.Warnings[6].ID)
	require.Equal(t, "No fuel grades are stored for dispensers of store 1: 5/6, 7/8", result.Warnings[0].Message)
	require.Equal(t, at, result.Warnings[0].Timestamp)
	require.Len(t, result.Details[0].Warnings, 4)
	require.Len(t, result.Details[1].Warnings, 3)
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	input := filters.Input{
		Jobs:       []filters.Job{visit("1", "1", "Speedway", "2030-02-04"), visit("2", "1", "Speedway", "2030-02-04")},
		Dispensers: []filters.Dispenser{card("1", "1/2", "Regular", "Diesel")},
		Overrides:  map[string]int{"1-400MB-10": 25, "1-400HS-10": 0, "2-400MB-10": -1, "2-800HS-30": 3, "3-400MB-10": 4},
	}
	result := filters.Calculate(input, filters.DefaultRules())
	require.Equal(t, map[string]int{"400MB-10": 25, "400HS-10": 0}, quantities(result.Details[0]))
	require.True(t, result.Details[0].Filters["400HS-10"].IsEdited)
	require.Equal(t, map[string]int{"400MB-10": 1, "400HS-10": 1}, quantities(result.Details[1]))
	require.False(t, result.Details[1].Filters["400MB-10"].IsEdited)
	require.Equal(t, 27, result.TotalFilters)
	require.Equal(t, 26, result.Summary[0].Quantity)
	require.Equal(t, 3, result.Summary[0].Boxes)
	require.Equal(t, []filters.WarningType{filters.Override, filters.Override, filters.Override}, causes(result.Warnings))
	require.Len(t, result.Details[1].Warnings, 2, "a wrong quantity and a part that is not needed")
}
