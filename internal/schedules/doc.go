// Package schedules holds the use cases of schedules: check what a user asks for, keep it in Postgres, put it to Temporal, and
// repair whatever differs between the two afterwards.
//
// Postgres is what was asked for; Temporal is what fires. Every change is written to Postgres first and then pushed; a push that fails
// leaves the schedule pending (its applied revision is behind), which is an answer, not an error: the reconciler pushes it again.
package schedules
