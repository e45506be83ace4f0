// Package runs holds the use cases of runs: start one, say how far it is, read history, and close the rows of runs that ended without
// saying so.
//
// Postgres drives every answer; Temporal's visibility adds what is alive right now and is never waited for long.
package runs
