package filters_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape/filters"
)

func TestParseInstructions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]filters.Instructions{
		"":                                       {},
		"Calibrate all dispensers.":              {},
		"Dispensers #1/2, #3/4 and #7 only":      {Dispensers: []int{1, 2, 3, 4, 7}},
		"pump 3-6":                               {Dispensers: []int{3, 4, 5, 6}},
		"#1, #3, #5":                             {Dispensers: []int{1, 3, 5}},
		"#1 #3 #5":                               {Dispensers: []int{1, 3, 5}},
		"dispensers 1, 3 and 5":                  {Dispensers: []int{1, 3, 5}},
		"Dispenser 1, 2, and 9":                  {Dispensers: []int{1, 2, 9}},
		"dispensers 3, 7":                        {Dispensers: []int{3, 7}},
		"Disp. #4 & 6":                           {Dispensers: []int{4, 6}},
		"Dispenser(s): 3 thru 5":                 {Dispensers: []int{3, 4, 5}},
		"DISP5/6":                                {Dispensers: []int{5, 6}},
		"Dispensers 1A/1B, 3a and #5B":           {Dispensers: []int{1, 3, 5}},
		"dispenser 3, 2x":                        {Dispensers: []int{3}},
		"FP 11/12":                               {Dispensers: []int{11, 12}},
		"dispenser no. 8":                        {Dispensers: []int{8}},
		"pump numbers 1 2 3":                     {Dispensers: []int{1, 2, 3}},
		"Dispensers #1/2–#7/8":                   {Dispensers: []int{1, 2, 3, 4, 5, 6, 7, 8}},
		"pumps 6 to 3":                           {Dispensers: []int{3, 4, 5, 6}},
		"dispenser #3 - leaking, call first":     {Dispensers: []int{3}},
		"dispenser 1 and dispenser 5":            {Dispensers: []int{1, 5}},
		"Dispenser #01":                          {Dispensers: []int{1}},
		"Dispensers 1-4, 9/10":                   {Dispensers: []int{1, 2, 3, 4, 9, 10}},
		"Dispenser 3, 2 filters needed":          {Dispensers: []int{3}},
		"#1/2 at 9 am":                           {Dispensers: []int{1, 2}},
		"dispenser 4, 10am":                      {Dispensers: []int{4}},
		"Replaced 3 dispensers":                  {},
		"Store #12, tank #2, PO no. 7, suite #5": {},
		"Store #4001 dispenser #2":               {Dispensers: []int{2}},
		"#4001":                                  {},
		"Dispenser 99":                           {Ignored: []string{"99"}},
		"Dispensers #1, #45":                     {Dispensers: []int{1}, Ignored: []string{"#45"}},
		"dispensers 5/6/2030":                    {Ignored: []string{"5/6/2030"}},
		"pump 555-123-4567":                      {Ignored: []string{"555-123-4567"}},
		"dispenser 99999999999999999999":         {Ignored: []string{"99999999999999999999"}},
		"All dispensers except #5/6":             {Excluded: []int{5, 6}},
		"Do not test dispenser 3":                {Excluded: []int{3}},
		"Dispensers 1-4. Don't do #3":            {Dispensers: []int{1, 2, 3, 4}, Excluded: []int{3}},
		"all but #7":                             {Excluded: []int{7}},
		"New store. Priority: 1. Day 1 of 2":     {Day: 1, Days: 2},
		"DAY 2 OF 3 - dispensers 5-6":            {Day: 2, Days: 3, Dispensers: []int{5, 6}},
		"day2/2":                                 {Day: 2, Days: 2},
		"Day #3 of 3":                            {Day: 3, Days: 3},
		"Day 2 of 2: #5/6. Day 1 of 2: #1/2":     {Day: 1, Days: 2, Dispensers: []int{1, 2, 5, 6}},
		"Day 3 of 2, holiday 1 of 2, day 0 of 2, Start day":         {},
		"Post construction, remodeled store; pumps 1, 2 day 1 of 2": {Day: 1, Days: 2, Dispensers: []int{1, 2}},
	} {
		require.Equal(t, want, filters.ParseInstructions(text, 30), text)
	}
}

func FuzzParseInstructions(f *testing.F) {
	for _, text := range []string{
		"Dispensers #1/2, #3/4 and #7 only", "pump 3-6", "day 1 of 2", "all except #5", "disp(s) no. 1 thru 2/3-", "#", "#-#/", "#1/", "\xff#1–２",
		"don't # no . 5 - 6 - 7", "fp1and2or3plus 4 to", "but #1", "dispenser:.:.(s) 999999999999999999999999",
	} {
		f.Add(text, 30)
	}
	f.Fuzz(func(t *testing.T, text string, highest int) {
		got := filters.ParseInstructions(text, highest)
		for _, list := range [][]int{got.Dispensers, got.Excluded} {
			require.True(t, slices.IsSorted(list))
			require.Len(t, slices.Compact(slices.Clone(list)), len(list))
			for _, n := range list {
				require.GreaterOrEqual(t, n, 1)
				require.LessOrEqual(t, n, highest)
			}
		}
		require.GreaterOrEqual(t, got.Day, 0)
		require.LessOrEqual(t, got.Day, got.Days)
		require.Equal(t, got.Day == 0, got.Days == 0)
	})
}
