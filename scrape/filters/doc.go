// Package filters computes which fuel filters a technician has to bring for a set of work orders, from the dispensers of
// their sites and a table of rules.
//
// It imports the standard library only and knows no store, no clock and no HTTP: the caller reads the orders and the
// dispensers, says what time it is, and decides what the answer is for. The rules are data (Rules), described with their
// open questions in docs/filters.md.
package filters
