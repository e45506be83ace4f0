package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

const tagItems = "items"

type itemsInput struct {
	JobType jobType `path:"job_type" doc:"A job type that keeps items of its own; others have none."`
}

// item is one thing that a job keeps.
type item struct {
	Key       string         `json:"key" doc:"What it is known by, unique within its type." example:"100001/400MB-10"`
	Label     string         `json:"label" doc:"For people."`
	Data      map[string]any `json:"data" doc:"Whatever its type keeps of it."`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
}

func (e *edge) registerItems() {
	handle(e, protected(huma.Operation{
		OperationID: "list-items", Method: http.MethodGet, Path: "/api/v1/items/{job_type}", Tags: []string{tagItems}, Summary: "List what a job keeps",
		Description: "The things that a job type without a table of its own has collected or computed, without those that are gone.",
		Errors:      []int{http.StatusUnprocessableEntity},
	}), e.listItems)
}

func (e *edge) listItems(ctx context.Context, in *itemsInput) (*body[[]item], error) {
	found, err := e.Orders.Items(ctx, caller(ctx).ID, scrape.JobType(in.JobType))
	if err != nil {
		return nil, err
	}
	out := make([]item, 0, len(found))
	for _, i := range found {
		if i.Data == nil {
			i.Data = map[string]any{}
		}
		out = append(out, item{Key: i.Key, Label: i.Label, Data: i.Data, CreatedAt: utc(i.CreatedAt), UpdatedAt: utc(i.UpdatedAt)})
	}
	return reply(out), nil
}
