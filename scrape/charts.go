package scrape

import (
	"slices"
	"time"
)

// Day is a local day of a job type: from From (included) to To (excluded).
type Day struct {
	JobType  JobType
	Date     string // 2030-01-02
	From, To time.Time
}

// LastDays are the last n local days of a zone, ascending; the last one is today.
func LastDays(job JobType, n int, now time.Time, zone *time.Location) []Day {
	year, month, today := now.In(zone).Date()
	days := make([]Day, 0, n)
	for i := today - n + 1; i <= today; i++ {
		from := time.Date(year, month, i, 0, 0, 0, 0, zone)
		days = append(days, Day{
			JobType: job, Date: time.Date(year, month, i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
			From: from, To: time.Date(year, month, i+1, 0, 0, 0, 0, zone),
		})
	}
	return days
}

// DayCount is how many of a user's runs of a job type that started on a day came to one outcome.
type DayCount struct {
	JobType JobType
	Date    string
	Outcome Outcome // empty: running
	Runs    int
	Newest  time.Time // start of the newest of them
}

// Tally counts runs by how they ended.
type Tally struct {
	Succeeded, Partial, Held, Failed, Cancelled int

	Running int // have not ended
	Skipped int // fired and did not run
}

// Add counts n runs with this outcome; empty: running.
func (t *Tally) Add(outcome Outcome, n int) {
	switch {
	case outcome == "":
		t.Running += n
	case !outcome.Ran():
		t.Skipped += n
	case outcome == OutcomeSuccess:
		t.Succeeded += n
	case outcome == OutcomePartial:
		t.Partial += n
	case outcome == OutcomeHeld:
		t.Held += n
	case outcome == OutcomeCancelled:
		t.Cancelled += n
	default:
		t.Failed += n
	}
}

// Ran is the number of runs without those that fired and did not run.
func (t *Tally) Ran() int {
	return t.Succeeded + t.Partial + t.Held + t.Failed + t.Cancelled + t.Running
}

// OutcomesThatFailed lists those that a Tally counts as failed.
func OutcomesThatFailed() []Outcome {
	return slices.DeleteFunc(Outcomes(), func(outcome Outcome) bool {
		var t Tally
		t.Add(outcome, 1)
		return t.Failed == 0
	})
}

// WorstOf is the worst end among the counts of a day: a failure, the newest one first, before held, partial, cancelled and success; empty when
// nothing has ended.
func WorstOf(counts []DayCount) Outcome {
	rank := func(outcome Outcome) int {
		switch {
		case outcome == "" || !outcome.Ran():
			return 0
		case outcome == OutcomeSuccess:
			return 1
		case outcome == OutcomeCancelled:
			return 2
		case outcome == OutcomePartial:
			return 3
		case outcome == OutcomeHeld:
			return 4
		}
		return 5
	}
	var worst DayCount
	for _, c := range counts {
		if r, best := rank(c.Outcome), rank(worst.Outcome); r > best || r == best && r > 0 && c.Newest.After(worst.Newest) {
			worst = c
		}
	}
	return worst.Outcome
}

// RunsSince sums up the runs of a job type that ended after a moment.
type RunsSince struct {
	JobType                 JobType
	Runs, Failed            int
	Added, Updated, Removed int
}

// HeatCell is what became of the slots of one local hour of the week.
type HeatCell struct {
	Weekday time.Weekday
	Hour    int
	Tally   Tally // without running ones
	NotRun  int   // slots without a run, those on skip dates left out
	Planned int
}

// Heat sorts the lines of a ledger by the local hour of the week in which they were due; hours without a line are left out.
func Heat(entries []SlotEntry, now time.Time, zone *time.Location) []HeatCell {
	var week [7 * 24]HeatCell
	for _, entry := range entries {
		local := entry.At.In(zone)
		cell := &week[int(local.Weekday())*24+local.Hour()]
		switch {
		case entry.State == SlotRan:
			cell.Tally.Add(entry.Outcome, 1)
		case entry.State == SlotPlanned:
			cell.Planned++
		case entry.State.IsReason() && entry.State != SlotSkipDate && !entry.At.After(now):
			cell.NotRun++
		}
	}
	cells := []HeatCell{}
	for i, cell := range week {
		if cell != (HeatCell{}) {
			cell.Weekday, cell.Hour = time.Weekday(i/24), i%24
			cells = append(cells, cell)
		}
	}
	return cells
}
