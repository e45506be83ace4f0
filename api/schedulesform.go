package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

func init() {
	validation.MsgExpectedRFC3339DateTime = "must be a time with its zone, such as 2030-01-02T13:30:00Z"
	validation.MsgExpectedMaxItems = "must have at most %d entries"
}

// ScheduleFields is what can be said of a schedule when it is made, beside its type. It is exported because Huma describes embedded structs
// only then.
type ScheduleFields struct {
	IntervalHours Optional[float64] `json:"interval_hours,omitempty" exclusiveMinimum:"0" maximum:"24" doc:"Hours from slot to slot, at least 0.5 unless the installation allows less; null or left out: 1, unless cron is given." example:"1"`
	ActiveHours   Optional[Hours]   `json:"active_hours,omitempty" doc:"Local hours in which it runs; null or left out: around the clock." example:"{\"start\":6,\"end\":22}"`
	Enabled       Optional[bool]    `json:"enabled,omitempty" doc:"Null or left out: true. An enabled schedule runs at once and then at its slots." example:"true"`
	Name          Optional[string]  `json:"name,omitempty" maxLength:"100" doc:"Unique per type; null or left out: the type itself." example:"work_orders"`
	Timezone      Optional[string]  `json:"timezone,omitempty" doc:"IANA zone of active_hours, active_days, skip_dates and cron; null or left out: UTC." example:"America/New_York"`
	OffsetSeconds Optional[int]     `json:"offset_seconds,omitempty" minimum:"0" maximum:"86399" doc:"Moves all slots by so many seconds, below the interval, with cron below 60; null or left out: chosen by a stable hash." example:"1023"`

	Settings Optional[someSettings] `json:"settings,omitempty" doc:"Settings of the job type, see GET /api/job-types; what is left out, or null, is the default."`

	Cron        Optional[[]string]  `json:"cron,omitempty" maxItems:"10" doc:"Lines of five fields (minute, hour, day of month, month, day of week) instead of interval_hours; local times." example:"[\"30 6 * * 1-5\"]"`
	ActiveDays  Optional[[]int]     `json:"active_days,omitempty" maxItems:"100" doc:"Weekdays on which it runs, 0 (Sunday) to 6; null, empty or left out: every day. A window over midnight belongs to the day on which it starts." example:"[1,2,3,4,5]"`
	SkipDates   Optional[[]string]  `json:"skip_dates,omitempty" maxItems:"366" doc:"Local dates on which nothing runs." example:"[\"2030-12-25\"]"`
	StartsAt    Optional[time.Time] `json:"starts_at,omitempty" doc:"Nothing is due before." example:"2030-01-01T00:00:00Z"`
	EndsAt      Optional[time.Time] `json:"ends_at,omitempty" doc:"Nothing is due after." example:"2030-12-31T00:00:00Z"`
	DSTPolicy   Optional[dstPolicy] `json:"dst_policy,omitempty" doc:"What a local time does that the clocks show twice. Null or left out: twice."`
	CatchUp     Optional[catchUp]   `json:"catchup,omitempty" doc:"Which slots still run that were missed while the scheduler was away: none, the last one within one interval, or all one after the other. Null or left out: last."`
	Overlap     Optional[overlap]   `json:"overlap,omitempty" doc:"What a slot does that comes while a run of the schedule is going. skip: it is skipped. buffer_one: the first one waits for the run to end, further ones are skipped. With catchup all every one waits. Null or left out: skip."`
	MaxAgeHours Optional[float64]   `json:"max_age_hours,omitempty" exclusiveMinimum:"0" maximum:"8784" doc:"How old its data may be, for freshness." example:"4"`
}

// request is what the fields ask for.
func (f ScheduleFields) request(job scrape.JobType) schedules.Request {
	asked := schedules.Request{
		JobType: job, Name: orElse(f.Name, ""), Cron: orElse(f.Cron, nil), ActiveHours: hoursOf(f.ActiveHours), ActiveDays: orElse(f.ActiveDays, nil),
		SkipDates: orElse(f.SkipDates, nil), StartsAt: f.StartsAt.Value, EndsAt: f.EndsAt.Value, DST: scrape.DSTPolicy(orElse(f.DSTPolicy, "")),
		CatchUp: scrape.CatchUpPolicy(orElse(f.CatchUp, "")), MaxAgeHours: f.MaxAgeHours.Value, Timezone: orElse(f.Timezone, ""),
		Overlap: scrape.OverlapPolicy(orElse(f.Overlap, "")), OffsetSeconds: f.OffsetSeconds.Value, Enabled: orElse(f.Enabled, true), Settings: documentOf(f.Settings),
	}
	if len(asked.Cron) == 0 || f.IntervalHours.Value != nil {
		asked.IntervalHours = orElse(f.IntervalHours, 1)
	}
	return asked
}

type updateInput struct {
	ScheduleParam
	MatchParam
	Body struct {
		_             struct{}          `additionalProperties:"true"`
		IntervalHours Optional[float64] `json:"interval_hours,omitempty" exclusiveMinimum:"0" maximum:"24" doc:"Hours from slot to slot; takes the place of cron, unless it is the very number that the schedule with its cron lines shows. Null or left out: as it is." example:"1.5"`
		ActiveHours   Optional[Hours]   `json:"active_hours,omitempty" doc:"Null: around the clock. Left out: as they are." example:"{\"start\":6,\"end\":22}"`
		Enabled       Optional[bool]    `json:"enabled,omitempty" doc:"False pauses it. Null or left out: as it is." example:"true"`
		Name          Optional[string]  `json:"name,omitempty" maxLength:"100" doc:"Null or left out: as it is." example:"work_orders"`
		Timezone      Optional[string]  `json:"timezone,omitempty" doc:"IANA zone of active_hours, active_days, skip_dates and cron; null or left out: as it is." example:"America/New_York"`
		OffsetSeconds Optional[int]     `json:"offset_seconds,omitempty" minimum:"0" maximum:"86399" doc:"Null: chosen by a stable hash. Left out: as it is." example:"1023"`

		Settings Optional[someSettings] `json:"settings,omitempty" doc:"All settings of the job type: what the object leaves out, or null, goes back to the default. Left out as a whole: as they are."`

		Cron        Optional[[]string]  `json:"cron,omitempty" maxItems:"10" doc:"Takes the place of interval_hours. Null or empty: back to interval_hours, the one that is given or else the one that the schedule shows. Left out: as it is." example:"[\"30 6 * * 1-5\"]"`
		ActiveDays  Optional[[]int]     `json:"active_days,omitempty" maxItems:"100" doc:"Null or empty: every day. Left out: as they are." example:"[1,2,3,4,5]"`
		SkipDates   Optional[[]string]  `json:"skip_dates,omitempty" maxItems:"366" doc:"All of them. Null or empty: none. Left out: as they are." example:"[\"2030-12-25\"]"`
		StartsAt    Optional[time.Time] `json:"starts_at,omitempty" doc:"Null: no such bound. Left out: as it is." example:"2030-01-01T00:00:00Z"`
		EndsAt      Optional[time.Time] `json:"ends_at,omitempty" doc:"Null: no such bound. Left out: as it is." example:"2030-12-31T00:00:00Z"`
		DSTPolicy   Optional[dstPolicy] `json:"dst_policy,omitempty" doc:"Null: twice. Left out: as it is."`
		CatchUp     Optional[catchUp]   `json:"catchup,omitempty" doc:"Null: last. Left out: as it is."`
		Overlap     Optional[overlap]   `json:"overlap,omitempty" doc:"Null: skip. Left out: as it is."`
		MaxAgeHours Optional[float64]   `json:"max_age_hours,omitempty" exclusiveMinimum:"0" maximum:"8784" doc:"Null: none. Left out: as it is." example:"4"`
		PauseReason Optional[string]    `json:"pause_reason,omitempty" maxLength:"500" doc:"Why it is paused; shown in the Temporal UI, too. Null: no reason. Left out: as it is." example:"On holiday until Monday"`
		Missed      Optional[missed]    `json:"missed,omitempty" doc:"With enabled true, what becomes of the slots that passed while it was paused. none: nothing, the default. last: one run at once, if any passed. all: the same, since a scrape brings the present state and one run makes up for all of them."`
	}
}

// patch is the change that a request asks for.
func (in *updateInput) patch() schedules.Patch {
	b := &in.Body
	patch := schedules.Patch{
		Name: b.Name.Value, IntervalHours: b.IntervalHours.Value, Timezone: b.Timezone.Value, Enabled: b.Enabled.Value, IfMatch: in.IfMatch,
		SetActiveHours: b.ActiveHours.Set, ActiveHours: hoursOf(b.ActiveHours),
		SetOffsetSeconds: b.OffsetSeconds.Set, OffsetSeconds: b.OffsetSeconds.Value,
		SetSettings: b.Settings.Set, Settings: documentOf(b.Settings),
		SetCron: b.Cron.Set, Cron: orElse(b.Cron, nil), SetActiveDays: b.ActiveDays.Set, ActiveDays: orElse(b.ActiveDays, nil),
		SetSkipDates: b.SkipDates.Set, SkipDates: orElse(b.SkipDates, nil), SetStartsAt: b.StartsAt.Set, StartsAt: b.StartsAt.Value,
		SetEndsAt: b.EndsAt.Set, EndsAt: b.EndsAt.Value, SetMaxAge: b.MaxAgeHours.Set, MaxAgeHours: b.MaxAgeHours.Value,
		Missed: schedules.Missed(orElse(b.Missed, "")),
	}
	if b.DSTPolicy.Set {
		policy := scrape.DSTPolicy(orElse(b.DSTPolicy, ""))
		patch.DST = &policy
	}
	if b.CatchUp.Set {
		policy := scrape.CatchUpPolicy(orElse(b.CatchUp, ""))
		patch.CatchUp = &policy
	}
	if b.Overlap.Set {
		policy := scrape.OverlapPolicy(orElse(b.Overlap, ""))
		patch.Overlap = &policy
	}
	if b.PauseReason.Set {
		reason := orElse(b.PauseReason, "")
		patch.PauseReason = &reason
	}
	return patch
}

// The words that timing fields take.
type (
	dstPolicy string
	catchUp   string
	overlap   string
	missed    string
	freshness string
)

// Schema implements huma.SchemaProvider.
func (dstPolicy) Schema(huma.Registry) *huma.Schema {
	return wordSchema(scrape.DSTTwice, scrape.DSTOnce)
}

// Schema implements huma.SchemaProvider.
func (catchUp) Schema(huma.Registry) *huma.Schema {
	return wordSchema(scrape.CatchUpLast, scrape.CatchUpNone, scrape.CatchUpAll)
}

// Schema implements huma.SchemaProvider.
func (overlap) Schema(huma.Registry) *huma.Schema {
	return wordSchema(scrape.OverlapSkip, scrape.OverlapBufferOne)
}

// Schema implements huma.SchemaProvider.
func (missed) Schema(huma.Registry) *huma.Schema {
	return wordSchema(schedules.MissedNone, schedules.MissedLast, schedules.MissedAll)
}

// Schema implements huma.SchemaProvider.
func (freshness) Schema(huma.Registry) *huma.Schema {
	return wordSchema(scrape.FreshnessFresh, scrape.FreshnessLate, scrape.FreshnessStale, scrape.FreshnessUnknown)
}

func wordSchema[T ~string](words ...T) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString}
	for _, word := range words {
		schema.Enum = append(schema.Enum, string(word))
	}
	schema.PrecomputeMessages()
	return schema
}

// spacingHours is the number that every client finds in interval_hours, also of a schedule with cron lines.
func spacingHours(timing scrape.Timing) float64 {
	return min(timing.Spacing(), scrape.LongestInterval).Hours()
}

// addTiming fills in what the old contract does not know.
func (e *edge) addTiming(out *schedule, s scrape.Schedule) {
	t := s.Timing
	out.Cron, out.ActiveDays, out.SkipDates = listOf(t.Cron), listOf(t.ActiveDays), listOf(t.SkipDates)
	out.StartsAt, out.EndsAt, out.DSTPolicy, out.CatchUp = utcOrNil(t.StartsAt), utcOrNil(t.EndsAt), dstPolicy(t.DST), catchUp(t.CatchUp)
	if t.DST == "" {
		out.DSTPolicy = dstPolicy(scrape.DSTTwice)
	}
	if t.CatchUp == "" {
		out.CatchUp = catchUp(scrape.CatchUpLast)
	}
	if out.Overlap = overlap(t.Overlap); out.Overlap == "" {
		out.Overlap = overlap(scrape.OverlapSkip)
	}
	if s.MaxAge > 0 {
		hours := s.MaxAge.Hours()
		out.MaxAgeHours.Value = &hours
	}
	out.SuspendedAt, out.ProbeAt, out.DataAt = utcOrNil(s.SuspendedAt), utcOrNil(s.ProbeAt), utcOrNil(s.DataAt)
	out.Warning, out.Version = textOrNil(s.Warning()), schedules.Version(s)
	word, reason := s.FreshnessAt(e.now())
	out.Freshness, out.FreshnessReason = freshness(word), reason
}
