package api

import (
	"context"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Dispenser is the old contract's dispenser. It is exported because Huma describes embedded structs only then.
type Dispenser struct {
	ID                  string                      `json:"id" doc:"Our id (UUID)."`
	DispenserNumber     string                      `json:"dispenser_number" doc:"n/m for a pair of sides." example:"1/2"`
	DispenserType       *string                     `json:"dispenser_type" doc:"The make."`
	FuelGrades          map[string]scrape.FuelGrade `json:"fuel_grades" nullable:"true" doc:"By lower-case name with _ for blanks." example:"{\"regular\":{\"name\":\"Regular\"}}"`
	FuelGradesList      []string                    `json:"fuel_grades_list" doc:"Names as WorkFossa shows them, in its order."`
	GradesList          []string                    `json:"grades_list" doc:"The same as fuel_grades_list."`
	Status              string                      `json:"status" enum:"pending" doc:"Of filling in forms, which is not done here."`
	ProgressPercentage  float64                     `json:"progress_percentage" doc:"Likewise; 0."`
	AutomationCompleted bool                        `json:"automation_completed" doc:"Likewise; false."`
	Make                *string                     `json:"make"`
	Model               *string                     `json:"model"`
	SerialNumber        *string                     `json:"serial_number"`
	MeterType           *string                     `json:"meter_type" example:"Electronic"`
	NumberOfNozzles     *string                     `json:"number_of_nozzles" doc:"Per side, as text: WorkFossa promises no number."`
	StandAloneCode      *string                     `json:"stand_alone_code" doc:"Leading zeros matter." example:"0126"`
	Title               *string                     `json:"title" example:"1/2 - Regular, Plus - Examplemake"`
	DispenserNumbers    []string                    `json:"dispenser_numbers" doc:"The sides."`
	CustomFields        map[string]string           `json:"custom_fields" doc:"Every label of WorkFossa's card with its value."`
}

type storedDispenser struct {
	Dispenser
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func dispenserOf(d scrape.Dispenser) Dispenser {
	custom := d.CustomFields
	if custom == nil {
		custom = map[string]string{}
	}
	return Dispenser{
		ID: d.ID, DispenserNumber: d.Number, DispenserType: textOrNil(d.Make), FuelGrades: scrape.FuelGrades(d.Grades),
		FuelGradesList: listOf(d.Grades), GradesList: listOf(d.Grades), Status: "pending",
		Make: textOrNil(d.Make), Model: textOrNil(d.Model), SerialNumber: textOrNil(d.SerialNumber), MeterType: textOrNil(d.MeterType),
		NumberOfNozzles: textOrNil(d.NozzlesPerSide), StandAloneCode: textOrNil(d.StandAloneCode), Title: textOrNil(d.Title),
		DispenserNumbers: listOf(d.Numbers), CustomFields: custom,
	}
}

// dispensersOf reads the dispensers at the locations of these orders, by location, all with one question.
func (e *edge) dispensersOf(ctx context.Context, orders ...scrape.WorkOrder) (map[string][]scrape.Dispenser, error) {
	var locations []string
	seen := map[string]bool{"": true}
	for _, order := range orders {
		if !seen[order.LocationID] {
			seen[order.LocationID] = true
			locations = append(locations, order.LocationID)
		}
	}
	byLocation := map[string][]scrape.Dispenser{}
	if len(locations) == 0 {
		return byLocation, nil
	}
	found, err := e.Orders.DispensersAt(ctx, caller(ctx).ID, locations)
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		byLocation[d.LocationID] = append(byLocation[d.LocationID], d)
	}
	return byLocation, nil
}
