// Package workflows holds the deterministic part of a run: which step comes when, what is tried again, how a run ends.
//
// Nothing here may look at a clock, a random source, the environment or the network; side effects are activities. Names, ids and
// search attributes that anything outside must agree on are in names.go, activity options in policies.go, change ids in versions.go.
package workflows
