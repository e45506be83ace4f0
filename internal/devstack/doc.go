// Package devstack starts the programs the scheduler needs on one computer, without containers: a private PostgreSQL,
// a Temporal development server, and any other child process, all on loopback, all gone when the parent is gone.
// It is used by cmd/devstack and by internal/testenv and must never be imported by the product.
//
// Three rules hold for everything started here:
//   - a child never outlives its parent, however the parent ends (on Linux; elsewhere only an orderly stop is certain);
//   - what a killed run left behind does not stop the next one;
//   - an error is a sentence that says what to do about it.
package devstack
