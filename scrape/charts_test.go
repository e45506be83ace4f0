package scrape_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestLastDays(t *testing.T) {
	t.Parallel()
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	now := time.Date(2030, 3, 12, 1, 30, 0, 0, time.UTC) // still the 11th there; its clocks went forward on the 10th
	days := scrape.LastDays(scrape.JobFilters, 3, now, newYork)
	require.Equal(t, []string{"2030-03-09", "2030-03-10", "2030-03-11"}, []string{days[0].Date, days[1].Date, days[2].Date})
	for i, hours := range []float64{24, 23, 24} {
		require.Equal(t, scrape.JobFilters, days[i].JobType)
		require.InDelta(t, hours, days[i].To.Sub(days[i].From).Hours(), 0)
		require.True(t, i == 0 || days[i-1].To.Equal(days[i].From), "without a gap")
	}
	require.False(t, now.Before(days[2].From))
	require.True(t, now.Before(days[2].To))
	year := scrape.LastDays(scrape.JobFilters, 400, now, time.UTC)
	require.Equal(t, "2029-02-06", year[0].Date)
}

// Every outcome is counted once.
func TestTally(t *testing.T) {
	t.Parallel()
	var whole scrape.Tally
	for _, outcome := range append(scrape.Outcomes(), "") {
		whole.Add(outcome, 1)
	}
	require.Equal(t, scrape.Tally{Succeeded: 1, Partial: 1, Held: 1, Cancelled: 1, Running: 1, Skipped: 4, Failed: len(scrape.Outcomes()) - 8}, whole)
	require.Equal(t, len(scrape.Outcomes())+1-4, whole.Ran())
	require.Len(t, scrape.OutcomesThatFailed(), whole.Failed)
	require.Contains(t, scrape.OutcomesThatFailed(), scrape.OutcomePortalDown)
	require.NotContains(t, scrape.OutcomesThatFailed(), scrape.OutcomePaused)
}

func TestWorstOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 2, 13, 30, 0, 0, time.UTC)
	order := []scrape.Outcome{
		"", scrape.OutcomeSuccess, scrape.OutcomeCancelled, scrape.OutcomePartial, scrape.OutcomeHeld, scrape.OutcomePortalDown,
	}
	var counts []scrape.DayCount
	require.Empty(t, scrape.WorstOf(counts))
	for i, outcome := range order {
		counts = append(counts, scrape.DayCount{Outcome: outcome, Runs: 1, Newest: at.Add(-time.Duration(i) * time.Hour)})
		require.Equal(t, outcome, scrape.WorstOf(counts))
	}
	counts = append(counts, scrape.DayCount{Outcome: scrape.OutcomeLayoutChanged, Newest: at}, scrape.DayCount{Outcome: scrape.OutcomeTimedOut, Newest: at.Add(-time.Hour)})
	require.Equal(t, scrape.OutcomeLayoutChanged, scrape.WorstOf(counts), "of failures the newest")
	require.Empty(t, scrape.WorstOf([]scrape.DayCount{{Outcome: scrape.OutcomePaused, Newest: at}}))
}

func TestHeat(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", int(5*time.Hour/time.Second)+1800)
	now := time.Date(2030, 1, 7, 12, 0, 0, 0, time.UTC) // a Monday
	entry := func(hours float64, state scrape.SlotState, outcome scrape.Outcome) scrape.SlotEntry {
		return scrape.SlotEntry{At: now.Add(time.Duration(hours * float64(time.Hour))), State: state, Outcome: outcome}
	}
	cells := scrape.Heat([]scrape.SlotEntry{
		entry(-7*24, scrape.SlotRan, scrape.OutcomeSuccess), entry(-7*24+0.4, scrape.SlotRan, scrape.OutcomePortalDown), // 17:30 and 17:54
		entry(-7*24+0.5, scrape.SlotMissed, ""), entry(0, scrape.SlotRunning, ""), entry(0, scrape.SlotDue, ""),
		entry(-24, scrape.SlotSkipDate, ""), entry(-24, scrape.SlotPaused, scrape.OutcomePaused), entry(-24, scrape.SlotSkippedOverlap, ""),
		entry(24*4.9, scrape.SlotPlanned, ""), entry(24, scrape.SlotPaused, ""), entry(-48, scrape.SlotSkipDate, ""),
	}, now, zone)
	require.Equal(t, []scrape.HeatCell{
		{Weekday: time.Sunday, Hour: 17, NotRun: 2},
		{Weekday: time.Monday, Hour: 17, Tally: scrape.Tally{Succeeded: 1, Failed: 1}},
		{Weekday: time.Monday, Hour: 18, NotRun: 1},
		{Weekday: time.Saturday, Hour: 15, Planned: 1},
	}, cells)
	require.Equal(t, []scrape.HeatCell{}, scrape.Heat(nil, now, zone))
}
