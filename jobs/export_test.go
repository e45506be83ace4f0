package jobs

import "testing"

// RegisterForTest adds a type for one test, which must not be parallel: while it runs the registry is not as in the product.
func RegisterForTest(t *testing.T, job Job) {
	t.Helper()
	before := registered
	register(job)
	t.Cleanup(func() { registered = before })
}

// Check is what register asks before it adds a type.
func (j Job) Check() error { return j.check() }
