package store

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

type scheduleRow struct {
	timingRow
	ID                  scrape.ScheduleID      `db:"id"`
	UserID              scrape.UserID          `db:"user_id"`
	ScheduleType        scrape.JobType         `db:"schedule_type"`
	Name                string                 `db:"name"`
	MaxAgeHours         *float64               `db:"max_age_hours"`
	SuspendedAt         *time.Time             `db:"suspended_at"`
	ProbeAt             *time.Time             `db:"probe_at"`
	Probes              int                    `db:"probes"`
	Enabled             bool                   `db:"enabled"`
	PauseReason         string                 `db:"pause_reason"`
	CredentialState     scrape.CredentialState `db:"credential_state"`
	Config              []byte                 `db:"config"`
	AccountedAt         time.Time              `db:"accounted_at"`
	LastRun             *time.Time             `db:"last_run"`
	DataAt              *time.Time             `db:"data_at"`
	ConsecutiveFailures int                    `db:"consecutive_failures"`
	Revision            int64                  `db:"revision"`
	AppliedRevision     int64                  `db:"applied_revision"`
	CreatedAt           time.Time              `db:"created_at"`
	UpdatedAt           time.Time              `db:"updated_at"`
}

func (r scheduleRow) schedule() scrape.Schedule {
	return scrape.Schedule{
		ID:                  r.ID,
		UserID:              r.UserID,
		JobType:             r.ScheduleType,
		Name:                r.Name,
		Timing:              r.timing(),
		MaxAge:              maxAge(r.MaxAgeHours),
		SuspendedAt:         r.SuspendedAt,
		ProbeAt:             r.ProbeAt,
		Probes:              r.Probes,
		Enabled:             r.Enabled,
		PauseReason:         r.PauseReason,
		Settings:            r.Config,
		CredentialState:     r.CredentialState,
		AccountedAt:         r.AccountedAt,
		LastRunAt:           r.LastRun,
		DataAt:              r.DataAt,
		ConsecutiveFailures: r.ConsecutiveFailures,
		Revision:            r.Revision,
		AppliedRevision:     r.AppliedRevision,
		CreatedAt:           r.CreatedAt,
		UpdatedAt:           r.UpdatedAt,
	}
}

// interval rounds to whole seconds: 1/3 h is stored as 0.333..., and is 20 minutes.
func interval(hours float64) time.Duration {
	return time.Duration(math.Round(hours*3600)) * time.Second
}

func maxAge(hours *float64) time.Duration {
	if hours == nil {
		return 0
	}
	return interval(*hours)
}

// maxAgeArg is null when nobody said.
func maxAgeArg(age time.Duration) *float64 {
	if age <= 0 {
		return nil
	}
	hours := age.Hours()
	return &hours
}

// listArg is a list for a jsonb column, never null.
func listArg[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// editableArgs are the columns that users change and Temporal must learn of.
func editableArgs(schedule scrape.Schedule) args {
	return args{
		"name":                 schedule.Name,
		"interval_hours":       min(schedule.Timing.Spacing(), scrape.LongestInterval).Hours(),
		"cron":                 listArg(schedule.Timing.Cron),
		"active_days":          listArg(schedule.Timing.ActiveDays),
		"skip_dates":           listArg(schedule.Timing.SkipDates),
		"starts_at":            schedule.Timing.StartsAt,
		"ends_at":              schedule.Timing.EndsAt,
		"dst_policy":           or(schedule.Timing.DST, scrape.DSTTwice),
		"catchup":              or(schedule.Timing.CatchUp, scrape.CatchUpLast),
		"overlap":              or(schedule.Timing.Overlap, scrape.OverlapSkip),
		"suspended_at":         schedule.SuspendedAt,
		"probe_at":             schedule.ProbeAt,
		"probes":               schedule.Probes,
		"offset_seconds":       int64(schedule.Timing.Offset / time.Second),
		"active_hours":         schedule.Timing.ActiveHours,
		"timezone":             or(schedule.Timing.Timezone, "UTC"),
		"enabled":              schedule.Enabled,
		"pause_reason":         storable(schedule.PauseReason),
		"consecutive_failures": schedule.ConsecutiveFailures,
	}
}

const scheduleColumns = `
		id,
		user_id,
		schedule_type,
		name,` + timingShown + `,
		max_age_hours,
		suspended_at,
		probe_at,
		probes,
		enabled,
		pause_reason,
		config,
		COALESCE((
			SELECT c.state
			FROM user_credentials AS c
			WHERE c.user_id = scraping_schedules.user_id
			  AND c.service_name = 'workfossa'
		), '') AS credential_state,
		` + accountedAt + ` AS accounted_at,
		last_run,
		data_at,
		consecutive_failures,
		revision,
		applied_revision,
		created_at,
		updated_at`

const sqlCreateSchedule = `
	INSERT INTO scraping_schedules (
		user_id,
		schedule_type,
		name,` + timingColumns + `,
		max_age_hours,
		suspended_at,
		probe_at,
		probes,
		enabled,
		pause_reason,
		config,
		consecutive_failures,
		applied_revision
	)
	VALUES (
		@user_id,
		@schedule_type,
		@name,
		@interval_hours,
		@offset_seconds,
		@active_hours,
		@timezone,
		@cron::jsonb,
		@active_days::jsonb,
		@skip_dates::jsonb,
		@starts_at,
		@ends_at,
		@dst_policy,
		@catchup,
		@overlap,
		@max_age_hours,
		@suspended_at,
		@probe_at,
		@probes,
		@enabled,
		@pause_reason,
		@config::jsonb,
		@consecutive_failures,
		@applied_revision
	)
	RETURNING` + scheduleColumns

// CreateSchedule stores a new schedule as revision 1. Temporal has it when AppliedRevision says so: who is about to put it there
// writes 1 beforehand, and takes it back with MarkPending when that fails. ID, revision and times are chosen here. A user's second schedule of a job type and name is a conflict.
func (s *Store) CreateSchedule(ctx context.Context, schedule scrape.Schedule) (scrape.Schedule, error) {
	a := editableArgs(schedule)
	a["user_id"], a["schedule_type"], a["config"] = schedule.UserID, schedule.JobType, settingsArg(schedule.Settings)
	a["max_age_hours"], a["applied_revision"] = maxAgeArg(schedule.MaxAge), min(schedule.AppliedRevision, 1)
	row, err := one[scheduleRow](ctx, s.pool, sqlCreateSchedule, a)
	if err != nil {
		return scrape.Schedule{}, failed("create schedule", orDuplicate(err, schedule))
	}
	return row.schedule(), nil
}

// orDuplicate turns the breach of the schedules' natural key into the sentence that the old clients know.
func orDuplicate(err error, schedule scrape.Schedule) error {
	if !violates(err, "scraping_schedules_user_id_schedule_type_name_key") {
		return err
	}
	if schedule.Name == string(schedule.JobType) {
		return scrape.Errorf(scrape.KindConflict, "Schedule for %s already exists", schedule.JobType).Because(err)
	}
	return scrape.Errorf(scrape.KindConflict, "A schedule named %q already exists for %s.", schedule.Name, schedule.JobType).
		Because(err)
}

const sqlSchedule = `
	SELECT` + scheduleColumns + `
	FROM scraping_schedules
	WHERE id = @id`

// Schedule finds a schedule, whoever owns it.
func (s *Store) Schedule(ctx context.Context, id scrape.ScheduleID) (scrape.Schedule, error) {
	return readSchedule(ctx, s.pool, sqlSchedule, args{"id": id})
}

const sqlUserSchedule = `
	SELECT` + scheduleColumns + `
	FROM scraping_schedules
	WHERE id = @id
	  AND user_id = @user_id`

// UserSchedule finds a user's schedule. One of somebody else does not exist for the user.
func (s *Store) UserSchedule(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) (scrape.Schedule, error) {
	return readSchedule(ctx, s.pool, sqlUserSchedule, args{"id": id, "user_id": user})
}

func readSchedule(ctx context.Context, db querier, sql string, a args) (scrape.Schedule, error) {
	row, err := one[scheduleRow](ctx, db, sql, a)
	if err != nil {
		return scrape.Schedule{}, failed("read schedule", orNotFound(err, scheduleNotFound))
	}
	return row.schedule(), nil
}

const sqlUserSchedules = `
	SELECT` + scheduleColumns + `
	FROM scraping_schedules
	WHERE user_id = @user_id
	ORDER BY id`

// UserSchedules lists a user's schedules by id; never nil.
func (s *Store) UserSchedules(ctx context.Context, user scrape.UserID) ([]scrape.Schedule, error) {
	rows, err := many[scheduleRow](ctx, s.pool, sqlUserSchedules, args{"user_id": user})
	return convert(rows, scheduleRow.schedule), failed("list schedules", err)
}

const sqlSchedulesPage = `
	SELECT` + scheduleColumns + `
	FROM scraping_schedules
	WHERE id > @after
	ORDER BY id
	LIMIT @limit::bigint`

// SchedulesPage lists everybody's schedules by id, those behind after; an empty page is the end.
func (s *Store) SchedulesPage(ctx context.Context, after scrape.ScheduleID, limit int) ([]scrape.Schedule, error) {
	rows, err := many[scheduleRow](ctx, s.pool, sqlSchedulesPage, args{"after": after, "limit": limit})
	return convert(rows, scheduleRow.schedule), failed("list schedules", err)
}

const sqlLockUserSchedule = sqlUserSchedule + `
	FOR UPDATE`

const sqlUpdateSchedule = `
	UPDATE scraping_schedules
	SET
		name                 = @name,
		interval_hours       = @interval_hours,
		offset_seconds       = @offset_seconds,
		active_hours         = @active_hours,
		timezone             = @timezone,
		cron                 = @cron::jsonb,
		active_days          = @active_days::jsonb,
		skip_dates           = @skip_dates::jsonb,
		starts_at            = @starts_at,
		ends_at              = @ends_at,
		dst_policy           = @dst_policy,
		catchup              = @catchup,
		overlap              = @overlap,
		max_age_hours        = @max_age_hours,
		suspended_at         = @suspended_at,
		probe_at             = @probe_at,
		probes               = @probes,
		enabled              = @enabled,
		pause_reason         = @pause_reason,
		config               = @config::jsonb,
		consecutive_failures = @consecutive_failures,
		revision             = revision + CASE WHEN @revise::boolean THEN 1 ELSE 0 END,
		updated_at           = now()
	WHERE id = @id
	RETURNING` + scheduleColumns

// UpdateSchedule lets change edit a user's schedule while nobody else can, and stores it as the next revision if anything is
// different. Name, Timing, Settings, MaxAge, Enabled, PauseReason, ConsecutiveFailures and the suspension may change; the other fields are
// not looked at. Settings and MaxAge alone make no revision: a run reads them from the row, so Temporal need not know.
// An error of change is returned as it is and nothing is stored. change must not use the store.
func (s *Store) UpdateSchedule(
	ctx context.Context, user scrape.UserID, id scrape.ScheduleID, change func(*scrape.Schedule) error,
) (scrape.Schedule, error) {
	var updated scrape.Schedule
	var refused error
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		row, err := one[scheduleRow](ctx, tx, sqlLockUserSchedule, args{"id": id, "user_id": user})
		if err != nil {
			return orNotFound(err, scheduleNotFound)
		}
		updated = row.schedule()
		job, original := updated.JobType, detached(updated)
		if refused = change(&updated); refused != nil {
			return refused
		}
		after := editableArgs(updated)
		revise := !reflect.DeepEqual(editableArgs(original), after)
		if !revise && sameJSON(original.Settings, updated.Settings) && original.MaxAge == updated.MaxAge {
			updated = original
			return nil
		}
		after["id"], after["revise"], after["config"] = id, revise, settingsArg(updated.Settings)
		after["max_age_hours"] = maxAgeArg(updated.MaxAge)
		if row, err = one[scheduleRow](ctx, tx, sqlUpdateSchedule, after); err != nil {
			updated.JobType = job
			return orDuplicate(err, updated)
		}
		updated = row.schedule()
		return nil
	})
	if refused != nil {
		return scrape.Schedule{}, refused
	}
	if err != nil {
		return scrape.Schedule{}, failed("update schedule", err)
	}
	return updated, nil
}

// detached is a copy that shares nothing, so that it stays as it is when the other one is edited in place.
func detached(schedule scrape.Schedule) scrape.Schedule {
	if hours := schedule.Timing.ActiveHours; hours != nil {
		own := *hours
		schedule.Timing.ActiveHours = &own
	}
	timing := &schedule.Timing
	timing.Cron, timing.ActiveDays, timing.SkipDates = slices.Clone(timing.Cron), slices.Clone(timing.ActiveDays), slices.Clone(timing.SkipDates)
	schedule.Settings = bytes.Clone(schedule.Settings)
	return schedule
}

// settingsArg is a document for the column; null stands for the job's defaults.
func settingsArg(settings []byte) any {
	if len(settings) == 0 {
		return nil
	}
	return string(settings)
}

// sameJSON tells whether two documents say the same: Postgres gives one back with other spaces and another order of members.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var left, right any
	if json.Unmarshal(a, &left) != nil || json.Unmarshal(b, &right) != nil {
		return false
	}
	return reflect.DeepEqual(left, right)
}

const sqlDeleteSchedule = `
	DELETE FROM scraping_schedules
	WHERE id = @id
	  AND user_id = @user_id`

// DeleteSchedule forgets a user's schedule. Its runs stay.
func (s *Store) DeleteSchedule(ctx context.Context, user scrape.UserID, id scrape.ScheduleID) error {
	n, err := execute(ctx, s.pool, sqlDeleteSchedule, args{"id": id, "user_id": user})
	if err == nil && n == 0 {
		return scrape.Errorf(scrape.KindNotFound, scheduleNotFound)
	}
	return failed("delete schedule", err)
}

const sqlMarkApplied = `
	UPDATE scraping_schedules
	SET applied_revision = GREATEST(applied_revision, LEAST(revision, @revision::bigint))
	WHERE id = @id`

// MarkApplied notes that Temporal has this revision. A newer one that is noted already stays. A schedule that was deleted
// meanwhile is not_found: what was put into Temporal must go.
func (s *Store) MarkApplied(ctx context.Context, id scrape.ScheduleID, revision int64) error {
	n, err := execute(ctx, s.pool, sqlMarkApplied, args{"id": id, "revision": revision})
	if err == nil && n == 0 {
		return scrape.Errorf(scrape.KindNotFound, scheduleNotFound)
	}
	return failed("mark schedule applied", err)
}

const sqlMarkPending = `
	UPDATE scraping_schedules
	SET applied_revision = 0
	WHERE id = @id
	  AND applied_revision = 1
	  AND revision = 1`

// MarkPending notes that Temporal does not have a new schedule after all. It does nothing once somebody has changed or applied it.
func (s *Store) MarkPending(ctx context.Context, id scrape.ScheduleID) error {
	_, err := execute(ctx, s.pool, sqlMarkPending, args{"id": id})
	return failed("mark schedule pending", err)
}

const sqlSetPausedOutside = `
	UPDATE scraping_schedules
	SET
		enabled              = @enabled::boolean,
		pause_reason         = @reason::text,
		consecutive_failures = CASE WHEN @enabled THEN 0 ELSE consecutive_failures END,
		suspended_at         = CASE WHEN @enabled THEN NULL ELSE suspended_at END,
		probe_at             = CASE WHEN @enabled THEN NULL ELSE probe_at END,
		probes               = CASE WHEN @enabled THEN 0 ELSE probes END,
		revision             = revision + 1,
		applied_revision     = revision + 1,
		updated_at           = now()
	WHERE id = @id
	  AND revision = @revision
	  AND applied_revision = revision
	  AND ((enabled, pause_reason) IS DISTINCT FROM (@enabled, @reason) OR (@enabled AND suspended_at IS NOT NULL))`

// The version that the pause has made is the newest one; it must not come before the one that it ends.
const sqlBackdatePause = `
	UPDATE schedule_versions AS v
	SET at = GREATEST(@since, (
		SELECT max(before.at) + interval '1 microsecond'
		FROM schedule_versions AS before
		WHERE before.schedule_id = v.schedule_id
		  AND before.id < v.id
	))
	WHERE v.id = (SELECT max(id) FROM schedule_versions WHERE schedule_id = @id)
	  AND v.at > @since`

// SetPausedOutside notes that an operator paused or resumed the schedule in Temporal, as a revision that Temporal has. A pause counts from since
// on, when it was last known not to be paused: what has not run after that is the pause's doing. Resuming ends a suspension after failures, too. It
// reports false and changes nothing when the row says so already, or is not at this revision or not yet applied: then
// what the user asked for is newer than what the operator did.
func (s *Store) SetPausedOutside(
	ctx context.Context, id scrape.ScheduleID, revision int64, enabled bool, reason string, since time.Time,
) (changed bool, err error) {
	if enabled {
		reason = ""
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := execute(ctx, tx, sqlSetPausedOutside, args{
			"id":       id,
			"revision": revision,
			"enabled":  enabled,
			"reason":   storable(reason),
		})
		if changed = n > 0; err != nil || !changed || enabled {
			return err
		}
		_, err = execute(ctx, tx, sqlBackdatePause, args{"id": id, "since": since})
		return err
	})
	return changed && err == nil, failed("set schedule paused", err)
}
