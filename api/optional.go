package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// Optional is a field that may be absent, null, or a value. The old clients mean three different things by them; an answer has a value or null.
type Optional[T any] struct {
	Set   bool // the field was there
	Value *T   // nil: it was null
}

// UnmarshalJSON implements json.Unmarshaler; it is called only when the field is there.
func (o *Optional[T]) UnmarshalJSON(text []byte) error {
	o.Set = true
	if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
		return nil
	}
	return json.Unmarshal(text, &o.Value)
}

// MarshalJSON implements json.Marshaler: the value, or null.
func (o Optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Value) }

// Schema implements huma.SchemaProvider: the value's own schema, which may be null.
func (o Optional[T]) Schema(registry huma.Registry) *huma.Schema {
	return nullable(registry, reflect.TypeFor[T]())
}

// nullable is the schema of a type, written out in place since a reference cannot be null.
func nullable(registry huma.Registry, t reflect.Type) *huma.Schema {
	schema := *registry.Schema(t, true, "")
	if schema.Ref != "" {
		schema = *registry.SchemaFromRef(schema.Ref)
	}
	schema.Nullable = true
	if len(schema.Enum) > 0 {
		schema.Enum = append(slices.Clone(schema.Enum), nil)
	}
	return &schema
}
