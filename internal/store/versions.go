package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

type versionRow struct {
	At            time.Time            `db:"at"`
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
	Enabled       bool                 `db:"enabled"`
	PauseReason   string               `db:"pause_reason"`
	Suspended     bool                 `db:"suspended"`
}

func (r versionRow) version() scrape.ScheduleVersion {
	return scrape.ScheduleVersion{
		At: r.At,
		Timing: scrape.Timing{
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
		},
		Enabled:     r.Enabled,
		PauseReason: r.PauseReason,
		Suspended:   r.Suspended,
	}
}

// The version that held at the beginning is the newest one that is not younger.
const sqlScheduleVersions = `
	SELECT
		at,
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
		enabled,
		pause_reason,
		suspended
	FROM schedule_versions
	WHERE schedule_id = @schedule_id
	  AND at < @to
	  AND at >= COALESCE((
		SELECT max(v.at)
		FROM schedule_versions AS v
		WHERE v.schedule_id = @schedule_id
		  AND v.at <= @from
	  ), '-infinity')
	ORDER BY at, id`

// ScheduleVersions lists what a schedule was in a time, oldest first: the version that held at its beginning, and those that followed
// before its end.
func (s *Store) ScheduleVersions(ctx context.Context, id scrape.ScheduleID, from, to time.Time) ([]scrape.ScheduleVersion, error) {
	rows, err := many[versionRow](ctx, s.pool, sqlScheduleVersions, args{"schedule_id": id, "from": from, "to": to})
	return convert(rows, versionRow.version), failed("list schedule versions", err)
}
