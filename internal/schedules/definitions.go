package schedules

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// Definition is a schedule as a document says it, in the words of the API. What is left out, or null, is the default, with two exceptions:
// enabled and pause_reason stay as they are, so that a document that does not mention them undoes nobody's pause.
type Definition struct {
	ScheduleType  scrape.JobType  `json:"schedule_type" yaml:"schedule_type"`
	Name          string          `json:"name" yaml:"name"` // empty: the type
	Enabled       *bool           `json:"enabled,omitempty" yaml:"enabled,omitempty"`
	PauseReason   *string         `json:"pause_reason,omitempty" yaml:"pause_reason,omitempty"`
	IntervalHours *float64        `json:"interval_hours,omitempty" yaml:"interval_hours,omitempty"`
	Cron          []string        `json:"cron,omitempty" yaml:"cron,omitempty"`
	Timezone      string          `json:"timezone,omitempty" yaml:"timezone,omitempty"`
	ActiveHours   *scrape.Hours   `json:"active_hours,omitempty" yaml:"active_hours,omitempty,flow"`
	ActiveDays    []int           `json:"active_days,omitempty" yaml:"active_days,omitempty,flow"`
	SkipDates     []string        `json:"skip_dates,omitempty" yaml:"skip_dates,omitempty"`
	StartsAt      *string         `json:"starts_at,omitempty" yaml:"starts_at,omitempty"`
	EndsAt        *string         `json:"ends_at,omitempty" yaml:"ends_at,omitempty"`
	OffsetSeconds *int            `json:"offset_seconds,omitempty" yaml:"offset_seconds,omitempty"` // nil: chosen by a stable hash
	DSTPolicy     string          `json:"dst_policy,omitempty" yaml:"dst_policy,omitempty"`
	CatchUp       string          `json:"catchup,omitempty" yaml:"catchup,omitempty"`
	Overlap       string          `json:"overlap,omitempty" yaml:"overlap,omitempty"`
	MaxAgeHours   *float64        `json:"max_age_hours,omitempty" yaml:"max_age_hours,omitempty"`
	Settings      json.RawMessage `json:"settings,omitempty" yaml:"-"` // in YAML written by Document
}

// definitionOf is a schedule as a document says it; applying it to its owner changes nothing.
func definitionOf(s scrape.Schedule) Definition {
	t := s.Timing
	enabled := s.Enabled
	d := Definition{
		ScheduleType: s.JobType, Name: s.Name, Enabled: &enabled, Cron: t.Cron, Timezone: t.Timezone, ActiveHours: t.ActiveHours,
		ActiveDays: t.ActiveDays, SkipDates: t.SkipDates, StartsAt: instantOf(t.StartsAt), EndsAt: instantOf(t.EndsAt), Settings: s.Settings,
	}
	if !s.Enabled && s.PauseReason != "" {
		d.PauseReason = &s.PauseReason
	}
	if len(t.Cron) == 0 {
		d.IntervalHours = hoursOf(t.Interval)
	}
	if s.MaxAge > 0 {
		d.MaxAgeHours = hoursOf(s.MaxAge)
	}
	if t.Offset != scrape.SpreadOffset(offsetKey(s), t) { // a spread one is spread again, for whoever gets the document
		seconds := int(t.Offset / time.Second)
		d.OffsetSeconds = &seconds
	}
	if t.DST != "" && t.DST != scrape.DSTTwice {
		d.DSTPolicy = string(t.DST)
	}
	if t.CatchUp != "" && t.CatchUp != scrape.CatchUpLast {
		d.CatchUp = string(t.CatchUp)
	}
	if t.Overlap != "" && t.Overlap != scrape.OverlapSkip {
		d.Overlap = string(t.Overlap)
	}
	return d
}

func hoursOf(d time.Duration) *float64 {
	h := d.Hours()
	return &h
}

func instantOf(at *time.Time) *string {
	if at == nil {
		return nil
	}
	text := at.UTC().Format(time.RFC3339Nano)
	return &text
}

// name is the definition's name, which is the type's unless it says another.
func (d Definition) name() string {
	if d.Name == "" {
		return string(d.ScheduleType)
	}
	return d.Name
}

// onto makes a schedule what the definition says.
func (d Definition) onto(s *scrape.Schedule) error {
	asked, err := d.request()
	if err != nil {
		return err
	}
	want := asked.Schedule(s.UserID)
	s.Timing, s.MaxAge = want.Timing, want.MaxAge
	if !sameSettings(s.JobType, s.Settings, d.Settings) {
		s.Settings = d.Settings
	}
	if d.Enabled != nil && *d.Enabled != s.Enabled {
		if *d.Enabled {
			resume(s)
		} else {
			pause(s, "")
		}
	}
	if d.PauseReason != nil && !s.Enabled {
		s.PauseReason = strings.TrimSpace(*d.PauseReason)
	}
	return checkReason("pause_reason", s.PauseReason)
}

// request is what a user would ask for who wanted this schedule anew.
func (d Definition) request() (Request, error) {
	r := Request{
		JobType: d.ScheduleType, Name: d.name(), Cron: d.Cron, ActiveHours: d.ActiveHours, ActiveDays: d.ActiveDays, SkipDates: d.SkipDates,
		DST: scrape.DSTPolicy(d.DSTPolicy), CatchUp: scrape.CatchUpPolicy(d.CatchUp), MaxAgeHours: d.MaxAgeHours, Timezone: d.Timezone,
		Overlap: scrape.OverlapPolicy(d.Overlap), OffsetSeconds: d.OffsetSeconds,
	}
	switch {
	case d.IntervalHours != nil:
		r.IntervalHours = *d.IntervalHours
	case len(d.Cron) == 0:
		r.IntervalHours = 1
	}
	var err error
	if r.StartsAt, err = moment("starts_at", d.StartsAt); err != nil {
		return r, err
	}
	r.EndsAt, err = moment("ends_at", d.EndsAt)
	return r, err
}

func moment(field string, text *string) (*time.Time, error) {
	if text == nil {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339Nano, *text)
	if err != nil {
		return nil, scrape.Invalid(field, "%s must be a time such as 2030-01-02T06:00:00Z.", field).Because(err)
	}
	return &at, nil
}

// sameSettings compares settings as a job reads them: what is left out is the default. Settings that cannot be read differ, and are
// refused by whoever checks them.
func sameSettings(job scrape.JobType, a, b []byte) bool {
	known, err := jobs.Find(job)
	if err != nil {
		return false
	}
	left, err := known.ParseSettings(a)
	if err != nil {
		return false
	}
	right, err := known.ParseSettings(b)
	return err == nil && reflect.DeepEqual(left, right)
}

// The results of applying a definition.
const (
	ResultCreated Result = "created"
	ResultChanged Result = "changed"
	ResultDeleted Result = "deleted"
	ResultRefused Result = "refused"
)

// Applied is what became of one definition, or of a schedule that no definition names. ResultUnchanged is the fifth result.
type Applied struct {
	ID      scrape.ScheduleID // 0 for one that is not there: refused, or only to be created
	JobType scrape.JobType
	Name    string
	Result  Result
	Fields  []scrape.FieldChange // what is different, for changed ones
	Message string               // why it was refused, and what else there is to know
}

// Export gives a user's schedules as definitions, by type and name.
func (s *Service) Export(ctx context.Context, user scrape.UserID) ([]Definition, error) {
	own, err := s.store.UserSchedules(ctx, user)
	if err != nil {
		return nil, err
	}
	definitions := make([]Definition, 0, len(own))
	for _, schedule := range own {
		definitions = append(definitions, definitionOf(schedule))
	}
	slices.SortFunc(definitions, func(a, b Definition) int {
		return strings.Compare(string(a.ScheduleType)+"\x00"+a.Name, string(b.ScheduleType)+"\x00"+b.Name)
	})
	return definitions, nil
}

// ApplyOptions say how definitions are applied.
type ApplyOptions struct {
	DryRun bool // only tell what would be done
	Prune  bool // delete what no definition names; not done when any definition is refused, since it may be the one that names it
}

// scheduleKey is what a definition and its schedule have in common.
type scheduleKey struct {
	job  scrape.JobType
	name string
}

// Apply makes a user's schedules what the entries of a document say, each by itself: one that is refused keeps no other. Done again it
// changes nothing. The answer has the entries in their order, then what was deleted.
func (s *Service) Apply(ctx context.Context, user scrape.UserID, entries []Entry, options ApplyOptions) ([]Applied, error) {
	if len(entries) > mostAtOnce {
		return nil, tooMany(len(entries))
	}
	own, err := s.store.UserSchedules(ctx, user)
	if err != nil {
		return nil, err
	}
	existing := make(map[scheduleKey]scrape.Schedule, len(own))
	for _, schedule := range own {
		existing[scheduleKey{schedule.JobType, schedule.Name}] = schedule
	}
	work := application{service: s, user: user, dry: options.DryRun, pushes: &pushes{service: s}}
	results := make([]Applied, len(entries))
	named := map[scheduleKey]bool{}
	twice := make([]bool, len(entries))
	for i, entry := range entries {
		key := scheduleKey{entry.ScheduleType, entry.name()}
		results[i] = Applied{JobType: key.job, Name: key.name}
		twice[i] = named[key] && entry.Problem == ""
		named[key] = true
	}
	sideBySideOver(len(entries), func(i int) {
		entry := entries[i]
		schedule, there := existing[scheduleKey{entry.ScheduleType, entry.name()}]
		switch {
		case entry.Problem != "":
			results[i].Result, results[i].Message = ResultRefused, entry.Problem
		case twice[i]:
			results[i].Result, results[i].Message = ResultRefused, "The document names this type and name twice. Only the first one counts."
		case there:
			work.change(ctx, schedule, entry.Definition, &results[i])
		default:
			work.create(ctx, entry.Definition, &results[i])
		}
	})
	if !options.Prune {
		return results, nil
	}
	return append(results, work.prune(ctx, own, named, results)...), nil
}

// application is the work on one document.
type application struct {
	service *Service
	user    scrape.UserID
	dry     bool
	pushes  *pushes
}

func (a application) create(ctx context.Context, d Definition, result *Applied) {
	schedule := scrape.Schedule{UserID: a.user, JobType: d.ScheduleType, Name: d.name(), Enabled: true}
	err := d.onto(&schedule)
	if err == nil {
		err = a.service.check(schedule)
	}
	if err == nil && !a.dry {
		schedule, err = a.service.store.CreateSchedule(ctx, schedule)
	}
	if err != nil {
		result.Result, result.Message = ResultRefused, sentence(ctx, err)
		return
	}
	result.Result, result.ID = ResultCreated, schedule.ID
	if a.dry {
		return
	}
	if a.pushes.push(ctx, schedule) {
		schedule.AppliedRevision = schedule.Revision
	} else {
		result.Message = appliedLater
	}
	if !schedule.Enabled {
		return
	}
	if _, err := a.service.runner.Start(ctx, schedule, scrape.RunRequest{Trigger: scrape.TriggerScheduled}); err != nil {
		a.service.log.InfoContext(ctx, "first run not started yet", "schedule_id", schedule.ID, "error", err)
	}
}

func (a application) change(ctx context.Context, known scrape.Schedule, d Definition, result *Applied) {
	result.ID = known.ID
	edit := func(s *scrape.Schedule) error {
		before := *s
		if err := d.onto(s); err != nil {
			return err
		}
		result.Fields = differences(before, *s)
		if len(result.Fields) == 0 {
			*s = before // in another order or form, it says the same
			return nil
		}
		if !s.Timing.Equal(before.Timing) {
			forgetFailures(s)
		}
		return a.service.check(*s)
	}
	var err error
	if a.dry {
		err = edit(&known)
	} else {
		known, err = a.service.store.UpdateSchedule(ctx, a.user, known.ID, edit)
	}
	switch {
	case err != nil:
		result.Result, result.Fields, result.Message = ResultRefused, nil, sentence(ctx, err)
	case len(result.Fields) == 0:
		result.Result = ResultUnchanged
	default:
		result.Result = ResultChanged
		if !a.dry && !a.pushes.push(ctx, known) {
			result.Message = appliedLater
		}
	}
}

func (a application) prune(ctx context.Context, own []scrape.Schedule, named map[scheduleKey]bool, results []Applied) []Applied {
	refused := slices.ContainsFunc(results, func(r Applied) bool { return r.Result == ResultRefused })
	var extra []scrape.Schedule
	for _, schedule := range own {
		if !named[scheduleKey{schedule.JobType, schedule.Name}] {
			extra = append(extra, schedule)
		}
	}
	gone := make([]Applied, len(extra))
	sideBySideOver(len(extra), func(i int) {
		schedule, result := extra[i], &gone[i]
		*result = Applied{ID: schedule.ID, JobType: schedule.JobType, Name: schedule.Name, Result: ResultDeleted}
		if refused {
			result.Result, result.Message = ResultUnchanged, "It is not in the document. It was not deleted, because a part of the document was refused."
			return
		}
		if a.dry {
			return
		}
		err := a.service.store.DeleteSchedule(ctx, a.user, schedule.ID)
		if err != nil && scrape.KindOf(err) != scrape.KindNotFound {
			result.Result, result.Message = ResultRefused, sentence(ctx, err)
			return
		}
		if !a.pushes.push(ctx, scrape.Schedule{ID: schedule.ID, Revision: 1}) {
			result.Message = appliedLater
		}
	})
	return gone
}

// differences lists the fields of a definition in which two schedules differ, in the order in which a document has them.
func differences(before, after scrape.Schedule) []scrape.FieldChange {
	old, changed := fieldsOf(before), fieldsOf(after)
	var fields []scrape.FieldChange
	for i, field := range changed {
		if !reflect.DeepEqual(old[i].New, field.New) {
			fields = append(fields, scrape.FieldChange{Field: field.Field, Old: old[i].New, New: field.New})
		}
	}
	return fields
}

// fieldsOf lists what a schedule says of each field, as its JSON: the names come from the definition, so that none is forgotten.
func fieldsOf(s scrape.Schedule) []scrape.FieldChange {
	d := definitionOf(s)
	seconds := int(s.Timing.Offset / time.Second)
	d.OffsetSeconds = &seconds
	if d.Settings == nil || sameSettings(s.JobType, nil, d.Settings) {
		d.Settings = nil
	}
	value := reflect.ValueOf(d)
	fields := make([]scrape.FieldChange, 0, value.NumField())
	for i := range value.NumField() {
		name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		fields = append(fields, scrape.FieldChange{Field: name, New: plain(value.Field(i).Interface())})
	}
	return fields
}

// plain is a value as JSON has it: nil for what is left out.
func plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	var out any
	if json.Unmarshal(text, &out) != nil {
		return string(text)
	}
	switch v := out.(type) {
	case string:
		if v == "" {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
	}
	return out
}
