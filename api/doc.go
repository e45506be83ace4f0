// Package api is the HTTP edge: the Huma operations, what they take and answer as JSON, and how errors look from outside.
//
// It holds no rule of the product: a handler turns a body into domain words, asks a use case, and turns the answer back. It must not know
// Postgres; Temporal reaches it through use cases only.
package api
