package store

import (
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// timingRow is when a schedule is due, as schedules and their versions have it.
type timingRow struct {
	IntervalHours float64              `db:"interval_hours"`
	OffsetSeconds int64                `db:"offset_seconds"`
	ActiveHours   *scrape.Hours        `db:"active_hours"`
	Timezone      string               `db:"timezone"`
	Cron          []string             `db:"cron"`
	ActiveDays    []int                `db:"active_days"`
	SkipDates     []string             `db:"skip_dates"`
	StartsAt      *time.Time           `db:"starts_at"`
	EndsAt        *time.Time           `db:"ends_at"`
	DSTPolicy     scrape.DSTPolicy     `db:"dst_policy"`
	CatchUp       scrape.CatchUpPolicy `db:"catchup"`
	Overlap       scrape.OverlapPolicy `db:"overlap"`
}

const timingColumns = `
		interval_hours,
		offset_seconds,
		active_hours,
		timezone,
		cron,
		active_days,
		skip_dates,
		starts_at,
		ends_at,
		dst_policy,
		catchup,
		overlap`

// timingShown are the same columns for reading many rows: hardly any schedule has such lists, and null is read faster than an empty document.
const timingShown = `
		interval_hours,
		offset_seconds,
		active_hours,
		timezone,
		NULLIF(cron, '[]') AS cron,
		NULLIF(active_days, '[]') AS active_days,
		NULLIF(skip_dates, '[]') AS skip_dates,
		starts_at,
		ends_at,
		dst_policy,
		catchup,
		overlap`

func (r timingRow) timing() scrape.Timing {
	return scrape.Timing{
		Interval:    intervalOf(r.IntervalHours, r.Cron),
		Cron:        none(r.Cron),
		ActiveHours: r.ActiveHours,
		ActiveDays:  none(r.ActiveDays),
		SkipDates:   none(r.SkipDates),
		Timezone:    r.Timezone,
		Offset:      time.Duration(r.OffsetSeconds) * time.Second,
		StartsAt:    r.StartsAt,
		EndsAt:      r.EndsAt,
		DST:         r.DSTPolicy,
		CatchUp:     r.CatchUp,
		Overlap:     r.Overlap,
	}
}

// intervalOf is none for a schedule with cron lines, whose column holds their spacing for readers who know nothing else.
func intervalOf(hours float64, cron []string) time.Duration {
	if len(cron) > 0 {
		return 0
	}
	return interval(hours)
}

// none is nil for an empty list.
func none[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
