package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/scrape/filters"
)

// storedFilters is the newest result of the filters job.
type storedFilters struct {
	filters.Result
	RunID      int64     `json:"run_id" doc:"The run that computed it." example:"501"`
	ComputedAt time.Time `json:"computed_at"`
}

type partNumbersInput struct {
	OwnerParam
	Chain string `query:"chain" maxLength:"200" doc:"Name of a chain, or of a customer that belongs to one; left out: the default parts." example:"Wawa"`
}

type partNumbers struct {
	Chain *string      `json:"chain" doc:"The chain whose parts these are; null for the default parts, which a customer of no known chain gets."`
	Parts []partNumber `json:"parts"`
}

type partNumber struct {
	FilterType  string  `json:"filter_type" enum:"gas,diesel,high_flow_diesel,def" doc:"What the grade asks for. A type that is not listed has no filter at this chain."`
	MeterType   *string `json:"meter_type" doc:"The only meter type that takes this part; null for all others." example:"Ecometer"`
	PartNumber  string  `json:"part_number" example:"400MB-10"`
	Description string  `json:"description" example:"Gas filter"`
	Kind        string  `json:"kind" enum:"gas,diesel,other"`
	BoxSize     int     `json:"box_size" doc:"Filters in a box." example:"12"`
}

func (e *edge) registerStoredFilters() {
	operation := func(id, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: filtersPath + path, Tags: []string{tagFilters}, Summary: summary, Description: description,
			Errors: append(failures, http.StatusForbidden),
		})
	}
	handle(e, operation("get-filters", "", "Which filters to bring, as computed last",
		"The newest result of your schedules for filters, as calculate answers it. 404: no such schedule has run yet.", http.StatusNotFound), e.storedFilters)
	handle(e, operation("get-filter-rules", "/config", "The rules by which filters are counted",
		"Words are compared in lower case and found anywhere in a name; the first rule that matches decides."),
		func(ctx context.Context, in *ownerInput) (*body[filters.Rules], error) {
			if err := in.check(ctx); err != nil {
				return nil, err
			}
			return reply(filters.DefaultRules()), nil
		})
	handle(e, operation("list-part-numbers", "/part-numbers", "The filter parts of a chain", "By filter type."), e.partNumbers)
}

// ownerInput is nothing but the owner whom the old clients name.
type ownerInput struct{ OwnerParam }

func (e *edge) storedFilters(ctx context.Context, in *ownerInput) (*body[storedFilters], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	result, computed, err := e.Orders.JobResult(ctx, caller(ctx).ID, scrape.JobFilters)
	if err != nil {
		return nil, err
	}
	if !computed {
		return nil, scrape.Errorf(scrape.KindNotFound, "No filters have been computed yet. Run a schedule of type %s.", scrape.JobFilters)
	}
	out := storedFilters{RunID: int64(result.RunID), ComputedAt: utc(result.At)}
	if err := json.Unmarshal(result.Document, &out.Result); err != nil {
		return nil, fmt.Errorf("read filters of run %s: %w", result.RunID, err)
	}
	return reply(out), nil
}

func (e *edge) partNumbers(ctx context.Context, in *partNumbersInput) (*body[partNumbers], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	rules := filters.DefaultRules()
	out, parts := partNumbers{Parts: []partNumber{}}, rules.DefaultParts
	if chain, known := chainOf(rules, in.Chain); known {
		out.Chain, parts = &chain.Name, chain.Parts
	}
	for _, kind := range []filters.FilterType{filters.Gas, filters.Diesel, filters.HighFlowDiesel, filters.DEF} {
		choice, has := parts[kind]
		if !has {
			continue
		}
		out.Parts = append(out.Parts, partOf(rules, kind, nil, choice.Part))
		for _, meter := range rules.MeterTypes {
			if part, other := choice.ByMeter[meter]; other {
				out.Parts = append(out.Parts, partOf(rules, kind, &meter, part))
			}
		}
	}
	return reply(out), nil
}

func partOf(rules filters.Rules, kind filters.FilterType, meter *string, number string) partNumber {
	part := rules.Parts[number]
	return partNumber{
		FilterType: string(kind), MeterType: meter, PartNumber: number, Description: part.Description, Kind: string(part.Kind), BoxSize: part.BoxSize,
	}
}

// chainOf finds a chain by its name, or by the name of a customer as the rules do.
func chainOf(rules filters.Rules, name string) (filters.Chain, bool) {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	at := slices.IndexFunc(rules.Chains, func(chain filters.Chain) bool {
		return strings.ToLower(chain.Name) == name ||
			slices.ContainsFunc(chain.Patterns, func(word string) bool { return strings.Contains(name, word) })
	})
	if at < 0 {
		return filters.Chain{}, false
	}
	return rules.Chains[at], true
}
