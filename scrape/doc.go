// Package scrape holds the words of the scheduler: schedules and their slots, runs and how they end, the work orders
// that a run collects, and the rules about them that a non-programmer would recognise.
//
// It imports the standard library only. It must not know Postgres, Temporal, HTTP or a browser: those live in the
// packages that translate to and from these words.
package scrape
