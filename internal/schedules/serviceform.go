package schedules

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Request is what a user asks of a new schedule.
type Request struct {
	JobType       scrape.JobType
	Name          string // empty: the job type
	IntervalHours float64
	Cron          []string // instead of an interval
	ActiveHours   *scrape.Hours
	ActiveDays    []int    // in any order, as often as one likes
	SkipDates     []string // the same
	StartsAt      *time.Time
	EndsAt        *time.Time
	DST           scrape.DSTPolicy
	CatchUp       scrape.CatchUpPolicy
	Overlap       scrape.OverlapPolicy
	MaxAgeHours   *float64 // nil: nobody said
	Timezone      string   // empty: UTC
	OffsetSeconds *int     // nil: chosen by a stable hash
	Enabled       bool
	Settings      json.RawMessage // the job's own; empty: the job's defaults
}

// Schedule is the schedule that is asked for, not checked yet.
func (r Request) Schedule(user scrape.UserID) scrape.Schedule {
	schedule := scrape.Schedule{
		UserID: user, JobType: r.JobType, Name: r.Name, Enabled: r.Enabled, Settings: r.Settings, MaxAge: maxAge(r.MaxAgeHours),
		Timing: scrape.Timing{
			Interval: hours(r.IntervalHours), Cron: cronLines(r.Cron), ActiveHours: r.ActiveHours, ActiveDays: ordered(r.ActiveDays),
			SkipDates: ordered(r.SkipDates), StartsAt: wholeSecondAfter(r.StartsAt), EndsAt: wholeSecond(r.EndsAt), DST: r.DST, CatchUp: r.CatchUp,
			Overlap:  r.Overlap,
			Timezone: r.Timezone,
		},
	}
	if schedule.Name == "" {
		schedule.Name = string(schedule.JobType)
	}
	if schedule.Timing.Timezone == "" {
		schedule.Timing.Timezone = time.UTC.String()
	}
	if schedule.Timing.DST == "" {
		schedule.Timing.DST = scrape.DSTTwice
	}
	if schedule.Timing.CatchUp == "" {
		schedule.Timing.CatchUp = scrape.CatchUpLast
	}
	if schedule.Timing.Overlap == "" {
		schedule.Timing.Overlap = scrape.OverlapSkip
	}
	schedule.Timing.Offset = offset(schedule, r.OffsetSeconds)
	return schedule
}

// Missed says what becomes of the slots that passed while a schedule was paused. A scrape brings the present state, so that one run makes up
// for any number of them.
type Missed string

// The words.
const (
	MissedNone Missed = "none" // the default, also when empty
	MissedLast Missed = "last" // one run at once, if a slot has passed
	MissedAll  Missed = "all"  // the same
)

// madeUp tells whether a run makes up for them.
func (m Missed) madeUp() (bool, error) {
	switch m {
	case "", MissedNone:
		return false, nil
	case MissedLast, MissedAll:
		return true, nil
	default:
		return false, scrape.Invalid("missed", "missed must be none, last or all.")
	}
}

// Patch is a change to a schedule. Nil fields stay as they are; those with a flag are changed when it says so, since nil is a value of
// theirs.
type Patch struct {
	Name             *string
	IntervalHours    *float64
	SetCron          bool
	Cron             []string // none: back to an interval, the one given or else the spacing of the lines
	SetActiveHours   bool
	ActiveHours      *scrape.Hours
	SetActiveDays    bool
	ActiveDays       []int
	SetSkipDates     bool
	SkipDates        []string
	SetStartsAt      bool
	StartsAt         *time.Time
	SetEndsAt        bool
	EndsAt           *time.Time
	DST              *scrape.DSTPolicy     // empty: the default
	CatchUp          *scrape.CatchUpPolicy // empty: the default
	Overlap          *scrape.OverlapPolicy // empty: the default
	SetMaxAge        bool
	MaxAgeHours      *float64
	Timezone         *string
	SetOffsetSeconds bool
	OffsetSeconds    *int
	Enabled          *bool
	PauseReason      *string // kept while it is paused
	Missed           Missed  // when this enables it
	SetSettings      bool
	Settings         json.RawMessage // empty: the job's defaults

	IfMatch string // versions that may be changed, as the header If-Match names them; empty: any
}

// Apply changes a schedule, which is not checked yet. A change of what or when forgets failures and ends a suspension.
func (p Patch) Apply(schedule *scrape.Schedule) error {
	before := *schedule
	if p.Name != nil {
		schedule.Name = *p.Name
	}
	if err := p.applyTiming(schedule); err != nil {
		return err
	}
	if p.SetMaxAge {
		schedule.MaxAge = maxAge(p.MaxAgeHours)
	}
	if p.SetSettings {
		schedule.Settings = p.Settings
	}
	if p.Enabled != nil {
		schedule.Enabled = *p.Enabled
	}
	switch {
	case schedule.Enabled:
		schedule.PauseReason = ""
	case p.PauseReason != nil:
		schedule.PauseReason = strings.TrimSpace(*p.PauseReason)
	}
	resumed := p.Enabled != nil && *p.Enabled && before.SuspendedAt != nil
	if schedule.Enabled != before.Enabled || resumed || !schedule.Timing.Equal(before.Timing) {
		schedule.ConsecutiveFailures = 0
		schedule.SuspendedAt, schedule.ProbeAt, schedule.Probes = nil, nil, 0
	}
	if len(schedule.PauseReason) > longestReason {
		return scrape.Invalid("pause_reason", "pause_reason must have at most %d characters.", longestReason)
	}
	return nil
}

// longestReason is what fits beside a schedule in Temporal's UI.
const longestReason = 500

func (p Patch) applyTiming(schedule *scrape.Schedule) error {
	before, timing := *schedule, &schedule.Timing
	if err := p.applyRhythm(timing); err != nil {
		return err
	}
	if p.SetActiveHours {
		timing.ActiveHours = p.ActiveHours
	}
	if p.SetActiveDays {
		timing.ActiveDays = ordered(p.ActiveDays)
	}
	if p.SetSkipDates {
		timing.SkipDates = ordered(p.SkipDates)
	}
	if p.SetStartsAt {
		timing.StartsAt = wholeSecondAfter(p.StartsAt)
	}
	if p.SetEndsAt {
		timing.EndsAt = wholeSecond(p.EndsAt)
	}
	if p.DST != nil {
		if timing.DST = *p.DST; timing.DST == "" {
			timing.DST = scrape.DSTTwice
		}
	}
	if p.CatchUp != nil {
		if timing.CatchUp = *p.CatchUp; timing.CatchUp == "" {
			timing.CatchUp = scrape.CatchUpLast
		}
	}
	if p.Overlap != nil {
		if timing.Overlap = *p.Overlap; timing.Overlap == "" {
			timing.Overlap = scrape.OverlapSkip
		}
	}
	if p.Timezone != nil {
		timing.Timezone = *p.Timezone
	}
	spread := before.Timing.Offset == scrape.SpreadOffset(offsetKey(before), before.Timing)
	switch {
	case p.SetOffsetSeconds:
		timing.Offset = offset(*schedule, p.OffsetSeconds)
	case spread, len(timing.Cron) > 0 != (len(before.Timing.Cron) > 0): // a spread offset follows what it was spread over; another unit needs another one
		timing.Offset = offset(*schedule, nil)
	}
	return nil
}

// applyRhythm sets the interval or the cron lines. Clients that know no cron lines read their spacing as the interval and send it back with
// whatever they change, so that this number alone changes nothing.
func (p Patch) applyRhythm(timing *scrape.Timing) error {
	spacing := min(timing.Spacing(), scrape.LongestInterval)
	lines := cronLines(p.Cron)
	asked := p.IntervalHours != nil
	if asked && len(timing.Cron) > 0 && hours(*p.IntervalHours) == spacing && (!p.SetCron || slices.Equal(lines, timing.Cron)) {
		return nil
	}
	switch {
	case p.SetCron && len(lines) > 0 && asked:
		return scrape.Invalid("cron", "Give either interval_hours or cron, not both.")
	case p.SetCron && len(lines) > 0:
		timing.Cron, timing.Interval = lines, 0
	case asked:
		timing.Cron, timing.Interval = nil, hours(*p.IntervalHours)
	case p.SetCron && len(timing.Cron) > 0:
		timing.Cron, timing.Interval = nil, spacing
	}
	return nil
}

// cronLines writes lines with single spaces, each once; nil for none.
func cronLines(lines []string) []string {
	var plain []string
	for _, line := range lines {
		if line = strings.Join(strings.Fields(line), " "); !slices.Contains(plain, line) {
			plain = append(plain, line)
		}
	}
	return plain
}

// ordered is a sorted copy without repetitions; nil for none.
func ordered[T int | string](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	own := slices.Clone(list)
	slices.Sort(own)
	return slices.Compact(own)
}

// wholeSecond cuts the fraction of a moment: times of a timing are whole seconds.
func wholeSecond(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	whole := at.UTC().Truncate(time.Second)
	return &whole
}

// wholeSecondAfter is the next whole second, so that nothing is due before the moment itself.
func wholeSecondAfter(at *time.Time) *time.Time {
	whole := wholeSecond(at)
	if whole != nil && whole.Before(*at) {
		*whole = whole.Add(time.Second)
	}
	return whole
}

// maxAge is 0 when nobody said; what is below a second becomes an age that Validate refuses.
func maxAge(h *float64) time.Duration {
	if h == nil {
		return 0
	}
	if age := hours(*h); age > 0 {
		return age
	}
	return -1
}

// hours turns the API's hours into whole seconds; nonsense becomes a duration that Validate refuses.
func hours(h float64) time.Duration {
	seconds := math.Round(h * 3600)
	if math.IsNaN(seconds) || seconds < 0 || seconds > 1e9 {
		return -1
	}
	return time.Duration(seconds) * time.Second
}
