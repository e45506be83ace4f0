package filters

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// WarningType is the cause of a warning. The first five are the old calculator's.
type WarningType string

// The causes of warnings.
const (
	Validation       WarningType = "validation"         // there was nothing to calculate
	MultiDayJob      WarningType = "multi_day"          // left out: filters count on day 1
	MissingData      WarningType = "missing_data"       // something that the count needs is not there
	UnknownGrade     WarningType = "unknown_grade"      // no rule names the grade
	Info             WarningType = "info"               // a grade for which the chain has no filter
	UnknownChain     WarningType = "unknown_chain"      // default parts counted
	UnknownMeterType WarningType = "unknown_meter_type" // default meter type assumed
	UnknownService   WarningType = "unknown_service"    // no rule names the service code
	UnclearText      WarningType = "instructions"       // the instructions leave open which dispensers are meant
	FilterChange     WarningType = "filter_change"      // the order's items and its service code say different things
	Duplicate        WarningType = "duplicate"          // the same thing was given more than once
	Override         WarningType = "override"           // a person's quantity could not be applied
)

// severity of a cause on the screen's scale from 1 to 10.
func (t WarningType) severity() int {
	switch t {
	case MissingData:
		return 6
	case Validation, UnknownGrade, UnknownChain:
		return 5
	case UnknownMeterType, UnclearText, Duplicate, Override:
		return 4
	case UnknownService, FilterChange:
		return 3
	case MultiDayJob, Info:
		return 2
	}
	return 5
}

// note is a warning before it is numbered.
type note struct {
	cause       WarningType
	message     string
	suggestions []string
}

// notebook collects the notes about one job, each cause and message once.
type notebook struct {
	jobs  []string // the job's id; empty when it has none
	notes []note
}

func (b *notebook) add(notes ...note) {
	for _, n := range notes {
		known := slices.ContainsFunc(b.notes, func(o note) bool { return o.cause == n.cause && o.message == n.message })
		if !known {
			b.notes = append(b.notes, n)
		}
	}
}

func (b *notebook) say(cause WarningType, suggestions []string, format string, args ...any) {
	b.add(note{cause, fmt.Sprintf(format, args...), suggestions})
}

// warnings numbers all notes, the severe ones first, and returns them with a list for each notebook.
func warnings(books []*notebook, at time.Time) (all []Warning, byBook [][]Warning) {
	type origin struct {
		Warning
		book int
	}
	var found []origin
	for i, book := range books {
		for _, n := range book.notes {
			found = append(found, origin{Warning{
				Severity: n.cause.severity(), Type: n.cause, Message: n.message,
				AffectedJobs: append([]string{}, book.jobs...), Suggestions: append([]string{}, n.suggestions...), Timestamp: at,
			}, i})
		}
	}
	slices.SortStableFunc(found, func(a, b origin) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.book, b.book),
			cmp.Compare(a.Type, b.Type), cmp.Compare(a.Message, b.Message))
	})
	all, byBook = []Warning{}, make([][]Warning, len(books))
	for i := range byBook {
		byBook[i] = []Warning{}
	}
	for i, w := range found {
		w.ID = fmt.Sprintf("warn_%d", i+1)
		all = append(all, w.Warning)
		byBook[w.book] = append(byBook[w.book], w.Warning)
	}
	return all, byBook
}
