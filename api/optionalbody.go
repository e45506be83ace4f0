package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// OptionalBody is a JSON object that a request may carry. No body, an empty one and null are an object without members, and the
// Content-Type does not matter: the old clients send all of these. It is a field of its own in an input, never embedded, and the operation
// is registered with handleOptional. It is exported because Huma reads into exported types only.
type OptionalBody[T any] struct {
	text    []byte
	problem error
}

const (
	optionalBodyBytes = 1 << 20
	optionalBodyTime  = 5 * time.Second
)

// Resolve implements huma.Resolver: it takes the body from the request.
func (b *OptionalBody[T]) Resolve(ctx huma.Context) []error {
	_ = ctx.SetReadDeadline(time.Now().Add(optionalBodyTime)) // as Huma does: not every connection has one
	reader := ctx.BodyReader()
	if reader == nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(reader, optionalBodyBytes+1))
	var late interface{ Timeout() bool }
	switch {
	case errors.As(err, &late) && late.Timeout():
		b.problem = requestProblem(http.StatusRequestTimeout, "", nil)
	case err != nil:
		b.problem = requestProblem(http.StatusBadRequest, "", nil)
	case len(text) > optionalBodyBytes:
		b.problem = requestProblem(http.StatusRequestEntityTooLarge, "", nil)
	}
	b.text = bytes.TrimSpace(text)
	return nil
}

// read checks the body against its schema, as Huma does with one that must be there.
func (b *OptionalBody[T]) read(e *edge) (value T, err error) {
	if b.problem != nil || len(b.text) == 0 {
		return value, b.problem
	}
	var parsed any
	if json.Unmarshal(b.text, &parsed) != nil {
		return value, requestProblem(http.StatusBadRequest, "", nil)
	}
	if parsed == nil {
		return value, nil
	}
	registry, found := e.api.OpenAPI().Components.Schemas, &huma.ValidateResult{}
	schema := registry.Schema(reflect.TypeFor[T](), true, "")
	path := huma.NewPathBuffer(nil, 0)
	path.Push("body")
	huma.Validate(registry, schema, path, huma.ModeWriteToServer, parsed, found)
	if len(found.Errors) == 0 {
		if err := json.Unmarshal(b.text, &value); err != nil {
			found.Errors = append(found.Errors, err)
		}
	}
	if len(found.Errors) > 0 {
		return value, requestProblem(http.StatusUnprocessableEntity, "", found.Errors)
	}
	return value, nil
}

// handleOptional registers an operation whose input has an OptionalBody of T.
func handleOptional[T, I, O any](e *edge, operation huma.Operation, handler handler[I, O]) {
	operation.Errors = append(operation.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity)
	handle(e, operation, handler)
	// Set behind Huma's back, which would read a described body itself and refuse an unknown Content-Type.
	e.api.OpenAPI().Paths[operation.Path].Post.RequestBody = &huma.RequestBody{
		Content: map[string]*huma.MediaType{"application/json": {Schema: e.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")}},
	}
}
