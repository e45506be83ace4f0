package store

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

type versionRow struct {
	timingRow
	At          time.Time `db:"at"`
	Enabled     bool      `db:"enabled"`
	PauseReason string    `db:"pause_reason"`
	Suspended   bool      `db:"suspended"`
}

func (r versionRow) version() scrape.ScheduleVersion {
	return scrape.ScheduleVersion{
		At:          r.At,
		Timing:      r.timing(),
		Enabled:     r.Enabled,
		PauseReason: r.PauseReason,
		Suspended:   r.Suspended,
	}
}

// The version that held at the beginning is the newest one that is not younger.
const sqlScheduleVersions = `
	SELECT
		at,` + timingColumns + `,
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
