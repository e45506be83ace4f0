package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/scrape/filters"
)

const (
	tagFilters  = "filters"
	filtersPath = "/api/v1/filters"
)

// filterJob is a work order as the old filters page sends it; what it leaves out is empty.
type filterJob struct {
	_             struct{}        `additionalProperties:"true"`
	JobID         string          `json:"jobId,omitempty" doc:"WorkFossa's number." example:"100001"`
	StoreNumber   string          `json:"storeNumber,omitempty" doc:"With or without #." example:"4001"`
	StoreName     string          `json:"storeName,omitempty"`
	CustomerName  string          `json:"customerName,omitempty" doc:"Decides the chain and so the parts." example:"Example Fuel Stop"`
	ScheduledDate string          `json:"scheduledDate,omitempty" example:"2030-02-03"`
	ServiceCode   string          `json:"serviceCode,omitempty" example:"2861"`
	ServiceName   string          `json:"serviceName,omitempty"`
	Address       string          `json:"address,omitempty"`
	Instructions  string          `json:"instructions,omitempty" doc:"Names the dispensers of code 2862, and 'Day X of Y'."`
	MultiDay      bool            `json:"isMultiDay,omitempty"`
	DayNumber     int             `json:"dayNumber,omitempty"`
	Items         []filterJobItem `json:"items,omitempty" doc:"Items of the order; code 3006 says that filters are due."`
}

type filterJobItem struct {
	_    struct{} `additionalProperties:"true"`
	Code string   `json:"code,omitempty" example:"3006"`
	Name string   `json:"name,omitempty" example:"Filter change"`
}

type filterDispenser struct {
	_               struct{} `additionalProperties:"true"`
	StoreNumber     string   `json:"storeNumber,omitempty" example:"4001"`
	DispenserNumber string   `json:"dispenserNumber,omitempty" example:"1/2"`
	MeterType       string   `json:"meterType,omitempty" example:"Electronic"`
	FuelGrades      any      `json:"fuelGrades,omitempty" doc:"Names; or objects with grade or name; or an object of key to {name}."`
}

type filtersInput struct {
	Body struct {
		_          struct{}          `additionalProperties:"true"`
		WorkOrders []filterJob       `json:"workOrders" maxItems:"2000"`
		Dispensers []filterDispenser `json:"dispensers,omitempty" maxItems:"20000"`
		Overrides  map[string]int    `json:"overrides,omitempty" doc:"Quantities that a person wants, by '{jobId}-{partNumber}'."`
	}
}

func (e *edge) registerFilters() {
	handle(e, protected(huma.Operation{
		OperationID: "calculate-filters", Method: http.MethodPost, Path: filtersPath + "/calculate", Tags: []string{tagFilters},
		Summary: "Which filters to bring", MaxBodyBytes: 8 << 20,
		Description: "Computed from what is sent, nothing is stored. Totals are given over all, per site, per day and per week; " +
			"whatever could not be counted is in the warnings.",
		Errors: []int{http.StatusUnprocessableEntity},
	}), e.calculateFilters)
	handle(e, protected(huma.Operation{
		OperationID: "validate-filters", Method: http.MethodPost, Path: filtersPath + "/validate", Tags: []string{tagFilters},
		Summary: "Whether filters can be counted", MaxBodyBytes: 8 << 20,
		Description: "Takes what calculate takes and says what is missing or cannot be read in it. Nothing is stored.",
		Errors:      []int{http.StatusUnprocessableEntity},
	}), e.validateFilters)
	e.registerStoredFilters()
}

func (e *edge) calculateFilters(_ context.Context, in *filtersInput) (*body[filters.Result], error) {
	input, mistakes := in.input(e.now())
	if len(mistakes) > 0 {
		problem := newProblem(http.StatusUnprocessableEntity, string(scrape.KindInvalid), mistakes[0].Message)
		problem.Errors = mistakes
		return nil, problem
	}
	return reply(filters.Calculate(input, filters.DefaultRules())), nil
}

type filtersValidated struct {
	Valid    bool              `json:"valid" doc:"Everything that the count needs is there."`
	Errors   []ProblemField    `json:"errors" doc:"What cannot be read; calculate refuses it."`
	Warnings []filters.Warning `json:"warnings" doc:"What calculate would leave out or assume. Those of type validation and missing_data make it invalid."`
}

func (e *edge) validateFilters(_ context.Context, in *filtersInput) (*body[filtersValidated], error) {
	input, mistakes := in.input(e.now())
	found := filters.Calculate(input, filters.DefaultRules()).Warnings
	out := filtersValidated{Valid: len(mistakes) == 0, Errors: listOf(mistakes), Warnings: listOf(found)}
	for _, warning := range found {
		if warning.Type == filters.Validation || warning.Type == filters.MissingData {
			out.Valid = false
		}
	}
	return reply(out), nil
}

// input is what is to be counted, with the dispensers that can be read.
func (in *filtersInput) input(now time.Time) (input filters.Input, mistakes []ProblemField) {
	input = filters.Input{Overrides: in.Body.Overrides, At: now.UTC()}
	for _, job := range in.Body.WorkOrders {
		input.Jobs = append(input.Jobs, job.job())
	}
	for i, d := range in.Body.Dispensers {
		dispenser, err := d.dispenser()
		if err != nil {
			mistakes = append(mistakes, ProblemField{
				Message:  fmt.Sprintf("The fuel grades of dispenser %q at store %q cannot be read. Send a list of names.", d.DispenserNumber, d.StoreNumber),
				Location: fmt.Sprintf("body.dispensers[%d].fuelGrades", i),
			})
			continue
		}
		input.Dispensers = append(input.Dispensers, dispenser)
	}
	return input, mistakes
}

func (j filterJob) job() filters.Job {
	job := filters.Job{
		JobID: j.JobID, StoreNumber: j.StoreNumber, StoreName: j.StoreName, CustomerName: j.CustomerName, ScheduledDate: j.ScheduledDate,
		ServiceCode: j.ServiceCode, ServiceName: j.ServiceName, Address: j.Address, Instructions: j.Instructions,
		MultiDay: j.MultiDay, DayNumber: j.DayNumber,
	}
	for _, item := range j.Items {
		job.Items = append(job.Items, filters.Item{Code: item.Code, Name: item.Name})
	}
	return job
}

func (d filterDispenser) dispenser() (filters.Dispenser, error) {
	text, err := json.Marshal(d.FuelGrades)
	if err != nil {
		return filters.Dispenser{}, err
	}
	grades, err := filters.ParseGrades(text)
	return filters.Dispenser{StoreNumber: d.StoreNumber, Numbers: d.DispenserNumber, MeterType: d.MeterType, Grades: grades}, err
}
