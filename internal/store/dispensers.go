package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fossawork/scheduler/scrape"
)

// dispenserDoc is what the portal shows of a dispenser, with the columns' names. It is read from rows, and written as JSON: into
// results that wait for a decision, and as the records of the statements that add and update dispensers. Empty texts are null in the
// table.
type dispenserDoc struct {
	Number         string            `db:"dispenser_number" json:"dispenser_number"`
	Numbers        []string          `db:"numbers" json:"numbers"`
	Title          string            `db:"title" json:"title,omitempty"`
	Make           string            `db:"make" json:"make,omitempty"`
	Model          string            `db:"model" json:"model,omitempty"`
	SerialNumber   string            `db:"serial_number" json:"serial_number,omitempty"`
	MeterType      string            `db:"meter_type" json:"meter_type,omitempty"`
	NozzlesPerSide string            `db:"number_of_nozzles" json:"number_of_nozzles,omitempty"`
	StandAloneCode string            `db:"stand_alone_code" json:"stand_alone_code,omitempty"`
	Grades         []string          `db:"grades" json:"grades"`
	CustomFields   map[string]string `db:"custom_fields" json:"custom_fields"`
}

func dispenserDocOf(d scrape.Dispenser) dispenserDoc {
	doc := dispenserDoc{
		Number:         d.Number,
		Numbers:        array(d.Numbers),
		Title:          d.Title,
		Make:           d.Make,
		Model:          d.Model,
		SerialNumber:   d.SerialNumber,
		MeterType:      d.MeterType,
		NozzlesPerSide: d.NozzlesPerSide,
		StandAloneCode: d.StandAloneCode,
		Grades:         array(d.Grades),
		CustomFields:   d.CustomFields,
	}
	if doc.CustomFields == nil {
		doc.CustomFields = map[string]string{}
	}
	return doc
}

// dispenser gives lists and fields that are empty as nil.
func (d dispenserDoc) dispenser() scrape.Dispenser {
	dispenser := scrape.Dispenser{
		Number:         d.Number,
		Title:          d.Title,
		Make:           d.Make,
		Model:          d.Model,
		SerialNumber:   d.SerialNumber,
		MeterType:      d.MeterType,
		NozzlesPerSide: d.NozzlesPerSide,
		StandAloneCode: d.StandAloneCode,
	}
	if len(d.Numbers) > 0 {
		dispenser.Numbers = d.Numbers
	}
	if len(d.Grades) > 0 {
		dispenser.Grades = d.Grades
	}
	if len(d.CustomFields) > 0 {
		dispenser.CustomFields = d.CustomFields
	}
	return dispenser
}

// dispenserRecord is one record of the statements that add and update dispensers: the dispenser and what the old columns make of it.
type dispenserRecord struct {
	dispenserDoc
	ID         string                      `json:"id,omitempty"` // of the stored dispenser; a new one gets its own
	FuelGrades map[string]scrape.FuelGrade `json:"fuel_grades"`
	FormData   formData                    `json:"form_data"`
}

// formData is the old column of that name.
type formData struct {
	StandAloneCode   string            `json:"stand_alone_code"`
	GradesList       []string          `json:"grades_list"`
	Title            string            `json:"title"`
	DispenserNumbers []string          `json:"dispenser_numbers"`
	CustomFields     map[string]string `json:"custom_fields"`
}

func dispenserRecordOf(d scrape.Dispenser) dispenserRecord {
	doc := dispenserDocOf(d)
	return dispenserRecord{
		dispenserDoc: doc,
		ID:           d.ID,
		FuelGrades:   scrape.FuelGrades(doc.Grades),
		FormData: formData{
			StandAloneCode:   doc.StandAloneCode,
			GradesList:       doc.Grades,
			Title:            doc.Title,
			DispenserNumbers: doc.Numbers,
			CustomFields:     doc.CustomFields,
		},
	}
}

// dispenserRow is a stored dispenser: what the portal shows and what is ours.
type dispenserRow struct {
	dispenserDoc
	ID         string        `db:"id"`
	UserID     scrape.UserID `db:"user_id"`
	LocationID string        `db:"location_id"`
	CreatedAt  time.Time     `db:"created_at"`
	UpdatedAt  time.Time     `db:"updated_at"`
	RemovedAt  *time.Time    `db:"removed_at"`
}

func (r dispenserRow) stored() scrape.Dispenser {
	d := r.dispenser()
	d.ID, d.UserID, d.LocationID = r.ID, r.UserID, r.LocationID
	d.CreatedAt, d.UpdatedAt, d.RemovedAt = r.CreatedAt, r.UpdatedAt, r.RemovedAt
	return d
}

const dispenserColumns = `
		id,
		user_id,
		location_id,
		dispenser_number,
		numbers,
		COALESCE(title, '') AS title,
		COALESCE(make, '') AS make,
		COALESCE(model, '') AS model,
		COALESCE(serial_number, '') AS serial_number,
		COALESCE(meter_type, '') AS meter_type,
		COALESCE(number_of_nozzles, '') AS number_of_nozzles,
		COALESCE(stand_alone_code, '') AS stand_alone_code,
		grades,
		custom_fields,
		created_at,
		updated_at,
		removed_at`

// Locations and dispensers come as people count: 9 before 10, and 3/4 before 11/12.
const (
	byLocation = `
		length(location_id),
		location_id`

	byLocationAndNumber = byLocation + `,
		substring(dispenser_number FROM '^[0-9]+')::numeric NULLS LAST,
		length(dispenser_number),
		dispenser_number`
)

const sqlDispensers = `
	SELECT` + dispenserColumns + `
	FROM dispensers
	WHERE user_id = @user_id
	  AND location_id IS NOT NULL
	  AND removed_at IS NULL
	ORDER BY` + byLocationAndNumber

// Dispensers lists a user's dispensers that are not removed, by location and number; never nil.
func (s *Store) Dispensers(ctx context.Context, user scrape.UserID) ([]scrape.Dispenser, error) {
	rows, err := many[dispenserRow](ctx, s.pool, sqlDispensers, args{"user_id": user})
	return convert(rows, dispenserRow.stored), failed("list dispensers", err)
}

const sqlDispensersAt = `
	SELECT` + dispenserColumns + `
	FROM dispensers
	WHERE user_id = @user_id
	  AND location_id = ANY (@locations::text[])
	  AND removed_at IS NULL
	ORDER BY` + byLocationAndNumber

// DispensersAt lists a user's dispensers at these locations that are not removed, by location and number; never nil.
func (s *Store) DispensersAt(ctx context.Context, user scrape.UserID, locations []string) ([]scrape.Dispenser, error) {
	rows, err := many[dispenserRow](ctx, s.pool, sqlDispensersAt, args{"user_id": user, "locations": array(locations)})
	return convert(rows, dispenserRow.stored), failed("list dispensers of locations", err)
}

const sqlStoredDispensers = `
	SELECT` + dispenserColumns + `
	FROM dispensers
	WHERE user_id = @user_id
	  AND location_id = @location_id
	ORDER BY` + byLocationAndNumber

// dispenserRecords turns the JSON array @dispensers into rows: one statement for any number of dispensers.
const dispenserRecords = `jsonb_to_recordset(@dispensers::jsonb) AS r (
		id                text,
		dispenser_number  text,
		numbers           jsonb,
		title             text,
		make              text,
		model             text,
		serial_number     text,
		meter_type        text,
		number_of_nozzles text,
		stand_alone_code  text,
		grades            jsonb,
		custom_fields     jsonb,
		fuel_grades       jsonb,
		form_data         jsonb
	)`

const sqlAddDispensers = `
	INSERT INTO dispensers (
		user_id,
		location_id,
		dispenser_number,
		numbers,
		title,
		dispenser_type,
		make,
		model,
		serial_number,
		meter_type,
		number_of_nozzles,
		stand_alone_code,
		grades,
		custom_fields,
		fuel_grades,
		form_data
	)
	SELECT
		@user_id,
		@location_id,
		r.dispenser_number,
		r.numbers,
		r.title,
		r.make,
		r.make,
		r.model,
		r.serial_number,
		r.meter_type,
		r.number_of_nozzles,
		r.stand_alone_code,
		r.grades,
		r.custom_fields,
		r.fuel_grades,
		r.form_data
	FROM ` + dispenserRecords

// What people do at a dispenser (status, progress) is theirs: a run leaves it alone.
const sqlUpdateDispensers = `
	UPDATE dispensers AS d
	SET
		dispenser_number  = r.dispenser_number,
		numbers           = r.numbers,
		title             = r.title,
		dispenser_type    = r.make,
		make              = r.make,
		model             = r.model,
		serial_number     = r.serial_number,
		meter_type        = r.meter_type,
		number_of_nozzles = r.number_of_nozzles,
		stand_alone_code  = r.stand_alone_code,
		grades            = r.grades,
		custom_fields     = r.custom_fields,
		fuel_grades       = r.fuel_grades,
		form_data         = r.form_data,
		updated_at        = now(),
		removed_at        = NULL
	FROM ` + dispenserRecords + `
	WHERE d.user_id = @user_id
	  AND d.location_id = @location_id
	  AND d.id = r.id`

const sqlRemoveDispensers = `
	UPDATE dispensers
	SET
		removed_at = now(),
		updated_at = now()
	WHERE user_id = @user_id
	  AND location_id = @location_id
	  AND id = ANY (@ids::text[])
	  AND removed_at IS NULL`

// lockDispensers makes whoever writes a user's dispensers take turns until the end of the transaction. Row locks would not hold off the
// dispensers that another run is about to add.
func lockDispensers(ctx context.Context, tx pgx.Tx, user scrape.UserID) error {
	return lockUntilCommit(ctx, tx, fmt.Sprintf("dispensers:%s", user))
}

// changeDispensers writes what a plan says about one location.
func changeDispensers(ctx context.Context, tx pgx.Tx, user scrape.UserID, location string, plan scrape.SitePlan) error {
	if len(plan.Add) > 0 {
		if _, err := execute(ctx, tx, sqlAddDispensers, args{
			"user_id": user, "location_id": location, "dispensers": convert(plan.Add, dispenserRecordOf),
		}); err != nil {
			return fmt.Errorf("add: %w", err)
		}
	}
	if len(plan.Update) > 0 {
		if _, err := execute(ctx, tx, sqlUpdateDispensers, args{
			"user_id": user, "location_id": location, "dispensers": convert(plan.Update, dispenserRecordOf),
		}); err != nil {
			return fmt.Errorf("update: %w", err)
		}
	}
	if len(plan.Remove) > 0 {
		ids := convert(plan.Remove, func(d scrape.Dispenser) string { return d.ID })
		if _, err := execute(ctx, tx, sqlRemoveDispensers, args{
			"user_id": user, "location_id": location, "ids": ids,
		}); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
	}
	return linkDispensers(ctx, tx, user, location)
}

// sqlLinkDispensers looks at the listed orders of each location once.
const sqlLinkDispensers = `
	UPDATE dispensers AS d
	SET work_order_id = listed.id
	FROM (
		SELECT DISTINCT ON (location_id)
			location_id,
			id
		FROM work_orders
		WHERE user_id = @user_id
		  AND removed_at IS NULL
		  AND (@location_id::text = '' OR location_id = @location_id)
		ORDER BY location_id, created_at, id
	) AS listed
	WHERE d.user_id = @user_id
	  AND d.location_id = listed.location_id
	  AND NOT EXISTS (
		SELECT
		FROM work_orders AS w
		WHERE w.id = d.work_order_id
		  AND w.location_id = d.location_id
		  AND w.removed_at IS NULL
	  )`

// linkDispensers makes old readers find the dispensers of a location, of every one when it is empty: they look for them by an order, and
// any listed one will do.
func linkDispensers(ctx context.Context, tx pgx.Tx, user scrape.UserID, location string) error {
	if _, err := execute(ctx, tx, sqlLinkDispensers, args{"user_id": user, "location_id": location}); err != nil {
		return fmt.Errorf("link dispensers: %w", err)
	}
	return nil
}
