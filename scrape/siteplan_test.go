package scrape_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/scrape"
)

// dispenser is the nth of location 71001: 1 is "1/2", 2 is "3/4".
func dispenser(n int) scrape.Dispenser {
	sides := []string{fmt.Sprint(2*n - 1), fmt.Sprint(2 * n)}
	number := strings.Join(sides, "/")
	return scrape.Dispenser{
		LocationID: "71001", Number: number, Numbers: sides, Title: number + " - Regular, Plus - Examplemake", Make: "Examplemake", Model: "E-1",
		SerialNumber: fmt.Sprintf("EX%04d", n), MeterType: "Electronic", NozzlesPerSide: "2", StandAloneCode: "0126",
		Grades: []string{"Regular", "Plus"}, CustomFields: map[string]string{"Make": "Examplemake", "Serial Number": fmt.Sprintf("EX%04d", n)},
	}
}

func dispensers(count int) []scrape.Dispenser {
	var all []scrape.Dispenser
	for n := range count {
		all = append(all, dispenser(n+1))
	}
	return all
}

// keptDispensers is what the store holds of them.
func keptDispensers(all []scrape.Dispenser) []scrape.Dispenser {
	kept := slices.Clone(all)
	for i := range kept {
		kept[i].ID, kept[i].UserID, kept[i].CreatedAt = "id-"+kept[i].Number, "u", time.Unix(1, 0)
	}
	return kept
}

// shown is a complete reading.
func shown(all []scrape.Dispenser) scrape.LocationResult {
	return scrape.LocationResult{LocationID: "71001", State: scrape.LocationOK, Dispensers: all, Announced: len(all)}
}

func requireSiteLeftAlone(t *testing.T, plan scrape.SitePlan) {
	t.Helper()
	require.NotEmpty(t, plan.Message)
	require.Empty(t, plan.Add)
	require.Empty(t, plan.Update)
	require.Empty(t, plan.Remove)
	require.Empty(t, plan.Changes)
}

func TestPlanSite(t *testing.T) {
	t.Parallel()
	gone := time.Unix(2, 0)
	before := keptDispensers(dispensers(5))
	before[2].RemovedAt = &gone
	seen := append(dispensers(4)[1:], dispenser(9))
	seen[0].SerialNumber, seen[0].StandAloneCode, seen[0].Grades = "EX9999", "", []string{"Regular", "E-85"}

	plan := scrape.PlanSite(before, shown(seen), scrape.SiteGuard{})
	require.Equal(t, scrape.SiteStored, plan.State)
	require.Empty(t, plan.Message)
	require.Equal(t, scrape.Counts{Processed: 4, Added: 1, Updated: 2, Unchanged: 1, Removed: 2}, plan.Counts)
	require.Equal(t, []scrape.Change{
		{
			Kind: scrape.ChangeChanged, Item: scrape.ItemDispenser, Key: "71001/3/4", Label: "3/4 - Regular, Plus - Examplemake",
			Fields: []scrape.FieldChange{
				{Field: "serial_number", Old: "EX0002", New: "EX9999"},
				{Field: "stand_alone_code", Old: "0126", New: nil},
				{Field: "grades_list", Old: []string{"Regular", "Plus"}, New: []string{"Regular", "E-85"}},
			},
		},
		{Kind: scrape.ChangeReturned, Item: scrape.ItemDispenser, Key: "71001/5/6", Label: "5/6 - Regular, Plus - Examplemake"},
		{Kind: scrape.ChangeAdded, Item: scrape.ItemDispenser, Key: "71001/17/18", Label: "17/18 - Regular, Plus - Examplemake"},
		{Kind: scrape.ChangeRemoved, Item: scrape.ItemDispenser, Key: "71001/1/2", Label: "1/2 - Regular, Plus - Examplemake"},
		{Kind: scrape.ChangeRemoved, Item: scrape.ItemDispenser, Key: "71001/9/10", Label: "9/10 - Regular, Plus - Examplemake"},
	}, plan.Changes)
	require.Equal(t, "id-3/4", plan.Update[0].ID, "it is the same dispenser with other hardware")
	require.Equal(t, scrape.UserID("u"), plan.Update[0].UserID)
	require.Nil(t, plan.Update[1].RemovedAt, "it is back")
}

func TestPlanSiteHolds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		stored  int
		result  scrape.LocationResult
		want    scrape.SiteState
		message string // a part of it
	}{
		{"fewer cards than announced", 8, scrape.LocationResult{State: scrape.LocationOK, Dispensers: dispensers(6), Announced: 8}, scrape.SiteHeld, "announces 8 dispensers and 6"},
		{"more cards than announced", 0, scrape.LocationResult{State: scrape.LocationOK, Dispensers: dispensers(6), Announced: 5}, scrape.SiteHeld, "announces 5 dispensers and 6"},
		{"no card of those announced", 0, scrape.LocationResult{State: scrape.LocationOK, Announced: 8}, scrape.SiteHeld, "announces 8 dispensers and 0"},
		{
			"a card that could not be read", 8,
			scrape.LocationResult{State: scrape.LocationOK, Dispensers: dispensers(8), Announced: 8, Problems: []string{"Card 3 has no number.", "Card 4 neither."}},
			scrape.SiteHeld, "Card 3 has no number. Nothing was changed.",
		},
		{
			"the portal complains instead of showing the equipment", 0,
			scrape.LocationResult{State: scrape.LocationOK, Announced: -1, Problems: []string{"The portal shows no equipment."}},
			scrape.SiteHeld, "The portal shows no equipment.",
		},
		{"all are gone, says the page", 8, scrape.LocationResult{State: scrape.LocationNone}, scrape.SiteHeld, "no dispensers, but 8 are stored"},
		{"all are gone, since the group is missing", 1, scrape.LocationResult{State: scrape.LocationNone, Announced: -1}, scrape.SiteHeld, "no dispensers, but 1 are stored"},
		{"there never were any", 0, scrape.LocationResult{State: scrape.LocationNone, Announced: -1}, scrape.SiteNone, ""},
		{"one of eight is left, and the page says so", 8, shown(dispensers(1)), scrape.SiteStored, ""},
		{"deleted", 8, scrape.LocationResult{State: scrape.LocationDeleted, Announced: -1}, scrape.SiteDeleted, "does not exist any more"},
		{"denied", 8, scrape.LocationResult{State: scrape.LocationDenied, Announced: -1}, scrape.SiteDenied, "does not show this location"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := scrape.PlanSite(keptDispensers(dispensers(test.stored)), test.result, scrape.SiteGuard{})
			require.Equal(t, test.want, plan.State)
			require.Contains(t, plan.Message, test.message)
			if test.message != "" {
				requireSiteLeftAlone(t, plan)
			}
			if test.want == scrape.SiteHeld {
				require.Contains(t, plan.Message, "Nothing was changed.")
				require.Equal(t, scrape.Counts{Processed: len(test.result.Dispensers), Failed: len(test.result.Problems)}, plan.Counts)
			}
		})
	}
}

// Dispensers that are removed already are not lost again.
func TestPlanSiteThatHasBeenEmpty(t *testing.T) {
	t.Parallel()
	gone := time.Unix(2, 0)
	before := keptDispensers(dispensers(1))
	before[0].RemovedAt = &gone
	plan := scrape.PlanSite(before, scrape.LocationResult{State: scrape.LocationNone}, scrape.SiteGuard{})
	require.Equal(t, scrape.SitePlan{State: scrape.SiteNone}, plan)
}

func TestPlanSiteMayLoseAll(t *testing.T) {
	t.Parallel()
	before := keptDispensers(dispensers(8))
	plan := scrape.PlanSite(before, scrape.LocationResult{State: scrape.LocationNone}, scrape.SiteGuard{NoneIsAllowed: true})
	require.Equal(t, scrape.SiteNone, plan.State)
	require.Len(t, plan.Remove, 8)

	for name, result := range map[string]scrape.LocationResult{
		"cards that could not be read": {State: scrape.LocationOK, Announced: 8},
		"a complaint of the portal":    {State: scrape.LocationOK, Announced: -1, Problems: []string{"It says no."}},
	} {
		plan := scrape.PlanSite(before, result, scrape.SiteGuard{NoneIsAllowed: true})
		require.Equal(t, scrape.SiteHeld, plan.State, "%s: no dispensers are allowed, unknown ones are not", name)
	}
}

func TestPlanSiteAccepted(t *testing.T) {
	t.Parallel()
	accepted := scrape.SiteGuard{Accepted: true}
	before := keptDispensers(dispensers(8))

	plan := scrape.PlanSite(before, scrape.LocationResult{State: scrape.LocationNone, Announced: -1}, accepted)
	require.Equal(t, scrape.SiteNone, plan.State)
	require.Len(t, plan.Remove, 8, "the portal shows none, and a person has found that right")

	for name, result := range map[string]scrape.LocationResult{
		"another count":                 {State: scrape.LocationOK, Dispensers: append(dispensers(6), dispenser(9)), Announced: 8},
		"a card that could not be read": {State: scrape.LocationOK, Dispensers: append(dispensers(6), dispenser(9)), Announced: 7, Problems: []string{"Card 8 has no number."}},
	} {
		plan := scrape.PlanSite(before, result, accepted)
		require.Equal(t, scrape.SiteStored, plan.State, name)
		require.Len(t, plan.Add, 1, name)
		require.Empty(t, plan.Remove, "%s: what could not be read is not gone", name)
		require.Contains(t, plan.Message, "none was removed", name)
	}

	for state, want := range map[scrape.LocationState]scrape.SiteState{scrape.LocationDeleted: scrape.SiteDeleted, scrape.LocationDenied: scrape.SiteDenied} {
		plan := scrape.PlanSite(before, scrape.LocationResult{State: state, Announced: -1}, accepted)
		require.Equal(t, want, plan.State)
		requireSiteLeftAlone(t, plan)
	}
}

// Every field of a card is compared, and named in the change record.
func TestEveryFieldOfADispenserIsSpokenOf(t *testing.T) {
	t.Parallel()
	ours := []string{"ID", "UserID", "LocationID", "Number", "CreatedAt", "UpdatedAt", "RemovedAt"}
	var named []string
	for field := range reflect.TypeFor[scrape.Dispenser]().Fields() {
		if slices.Contains(ours, field.Name) {
			continue
		}
		changed := dispenser(1)
		switch value := reflect.ValueOf(&changed).Elem().FieldByIndex(field.Index).Addr().Interface().(type) {
		case *string:
			*value += "x"
		case *[]string:
			*value = append(slices.Clone(*value), "x")
		case *map[string]string:
			*value = maps.Clone(*value)
			(*value)["Tank Monitor"] = "Examplemonitor"
		default:
			t.Fatalf("no other value for %s", field.Name)
		}
		plan := scrape.PlanSite(keptDispensers(dispensers(1)), shown([]scrape.Dispenser{changed}), scrape.SiteGuard{})
		require.Len(t, plan.Changes, 1, field.Name)
		require.Len(t, plan.Changes[0].Fields, 1, field.Name)
		require.NotContains(t, named, plan.Changes[0].Fields[0].Field)
		named = append(named, plan.Changes[0].Fields[0].Field)
	}
	require.Contains(t, named, "custom_fields")
}

// What holds for every reading, guard and stored state.
func TestPlansOfSites(t *testing.T) {
	t.Parallel()
	some := rapid.Custom(func(t *rapid.T) []scrape.Dispenser {
		var all []scrape.Dispenser
		for n := 1; n <= 5; n++ {
			if d := dispenser(n); rapid.Bool().Draw(t, "there") {
				d.SerialNumber = rapid.SampledFrom([]string{"", "EX1", "EX2"}).Draw(t, "serial")
				d.Grades = rapid.SampledFrom([][]string{nil, {}, {"Regular"}}).Draw(t, "grades")
				d.CustomFields = rapid.SampledFrom([]map[string]string{nil, {}, {"Make": "Examplemake"}}).Draw(t, "fields")
				all = append(all, d)
			}
		}
		return all
	})
	rapid.Check(t, func(t *rapid.T) {
		gone, before := time.Unix(2, 0), keptDispensers(some.Draw(t, "stored"))
		for i := range before {
			if rapid.Bool().Draw(t, "removed") {
				before[i].RemovedAt = &gone
			}
		}
		result := shown(some.Draw(t, "shown"))
		if len(result.Dispensers) == 0 {
			result.State = scrape.LocationNone
		}
		if rapid.IntRange(0, 2).Draw(t, "odd") == 0 {
			result.Announced = rapid.IntRange(-1, 6).Draw(t, "announced")
			result.Problems = rapid.SampledFrom([][]string{nil, {"A card has no number."}}).Draw(t, "problems")
		}
		guard := scrape.SiteGuard{NoneIsAllowed: rapid.Bool().Draw(t, "none"), Accepted: rapid.Bool().Draw(t, "accepted")}

		plan := scrape.PlanSite(before, result, guard)
		require.Len(t, plan.Changes, len(plan.Add)+len(plan.Update)+len(plan.Remove), "every change is recorded, and nothing else")
		if plan.State == scrape.SiteHeld {
			require.False(t, guard.Accepted)
			require.Empty(t, plan.Changes)
			return
		}
		c := plan.Counts
		require.Equal(t, [3]int{len(plan.Add), len(plan.Update), len(plan.Remove)}, [3]int{c.Added, c.Updated, c.Removed})
		require.Equal(t, c.Processed, c.Added+c.Updated+c.Unchanged)
		if len(plan.Remove) > 0 {
			require.Empty(t, result.Problems)
			require.Contains(t, []int{-1, len(result.Dispensers)}, result.Announced)
		}

		after := slices.Clone(before)
		at := func(number string) int {
			return slices.IndexFunc(after, func(d scrape.Dispenser) bool { return d.Number == number })
		}
		for _, d := range plan.Update {
			after[at(d.Number)] = d
		}
		for _, d := range plan.Remove {
			after[at(d.Number)].RemovedAt = &gone
		}
		again := scrape.PlanSite(append(after, keptDispensers(plan.Add)...), result, guard)
		require.Empty(t, again.Changes, "applying a plan and planning again changes nothing")
		require.Equal(t, plan.State, again.State)
	})
}

func TestConcludeSites(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		totals  scrape.SiteTotals
		want    scrape.Outcome
		message string
	}{
		{"no site", scrape.SiteTotals{}, scrape.OutcomeSuccess, ""},
		{"all were fresh", scrape.SiteTotals{All: 9, Skipped: 9}, scrape.OutcomeSuccess, ""},
		{"all that is there was stored", scrape.SiteTotals{All: 9, Skipped: 2, Stored: 4, None: 2, Gone: 1}, scrape.OutcomeSuccess, ""},
		{"some failed", scrape.SiteTotals{All: 9, Stored: 7, Failed: 2}, scrape.OutcomePartial, "2 sites of 9 could not be read. The others are stored."},
		{"one was held", scrape.SiteTotals{All: 9, Skipped: 1, Stored: 7, Held: 1}, scrape.OutcomePartial, "1 site of 8 held back"},
		{"some failed, some were held", scrape.SiteTotals{All: 9, Gone: 1, Stored: 5, Held: 1, Failed: 2}, scrape.OutcomePartial, "2 sites of 9 could not be read, and 1 held back."},
		{"all were held", scrape.SiteTotals{All: 3, Held: 3}, scrape.OutcomeHeld, "of 3 sites looks wrong. Nothing was changed there."},
		{"held or failed", scrape.SiteTotals{All: 3, Held: 2, Failed: 1}, scrape.OutcomeHeld, "of 2 sites looks wrong"},
		{"all failed", scrape.SiteTotals{All: 3, Failed: 3}, scrape.OutcomePortalDown, "None of 3 sites could be read."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := scrape.ConcludeSites(test.totals)
			require.Equal(t, test.want, plan.Outcome)
			require.Contains(t, plan.Message, test.message)
			require.Equal(t, test.message == "", plan.Message == "")
		})
	}
}
