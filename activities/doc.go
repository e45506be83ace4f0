// Package activities holds the steps of a run that have side effects. A step may be stopped at any line and carried out again by
// another worker: it reads what it needs from the store, writes what it did there, and keeps nothing in memory.
//
// Inputs and results go through Temporal and are readable to every operator: ids, versions, counts and sentences, never a password, a
// cookie or a page.
package activities
