package scrape

import (
	"fmt"
	"time"
)

// BreakerRule says when accounts that the portal does not answer are one trouble of the portal itself, and how it is tried again then.
type BreakerRule struct {
	Accounts int           // so many must fail; 0: the breaker never opens
	Window   time.Duration // within this time
	Gap      time.Duration // from opening to the first probe; twice as long after each one that fails
}

const (
	// TriesUntilDown is how often in a row a step must fail until its account counts: a portal that hiccups answers the second time.
	TriesUntilDown = 3
	// longestBreakerGap bounds how late it is noticed that the portal is back.
	longestBreakerGap = 15 * time.Minute
	// BreakerProbeTime is how long a probe keeps others away: longer than a try takes, and not forever when its worker is lost.
	BreakerProbeTime = 15 * time.Minute
)

// AccountDown says since when an account was not answered, and when that was last seen.
type AccountDown struct{ Since, At time.Time }

// Opens tells since when the portal has not answered, and how many accounts, when the breaker is to open; else there are 0. answered is when the
// portal last answered anybody, closed when the breaker last closed: what was before either says nothing about now.
func (r BreakerRule) Opens(downs []AccountDown, answered, closed, now time.Time) (since time.Time, accounts int) {
	well := laterOf(answered, closed)
	after := laterOf(well, now.Add(-r.Window))
	for _, down := range downs {
		if !down.At.After(after) {
			continue
		}
		first := laterOf(down.Since, well)
		if accounts++; accounts == 1 || first.Before(since) {
			since = first
		}
	}
	if r.Accounts < 1 || accounts < r.Accounts {
		return time.Time{}, 0
	}
	return since, accounts
}

// ProbeGap is how long the portal is left alone until the next probe after so many of them have failed.
func (r BreakerRule) ProbeGap(failed int) time.Duration {
	gap, longest := r.Gap, max(r.Gap, longestBreakerGap)
	for range failed {
		if gap >= longest {
			break
		}
		gap *= 2
	}
	return min(gap, longest)
}

// PortalFailure is a try of a step that the portal did not answer.
type PortalFailure struct {
	CredentialID CredentialID
	RunID        RunID
	Try          int    // 1 is the first of its step
	Message      string // a sentence for people
}

// BreakerIncident is one time in which the breaker was open.
type BreakerIncident struct {
	ID       int64
	Since    time.Time // the first failure that counted, or the last answer when that came later
	OpenedAt time.Time
	ClosedAt *time.Time // nil while it is open
	ClosedBy string     // e-mail address of the person; empty when the portal answered
	Message  string     // why, as a sentence
	Accounts int        // that were not answered
	Skipped  int        // slots
	Probes   int        // scheduled runs that were let through and not answered
	ProbeAt  time.Time  // from then on the next scheduled run is let through
}

// BreakerReason is the sentence that says why the breaker opened.
func BreakerReason(accounts int, message string) string {
	return fmt.Sprintf("WorkFossa did not answer %d accounts, and nobody else meanwhile. The newest error: %s", accounts, message)
}

// HeldBackMessage is the sentence of a slot that was left out while the breaker was open.
const HeldBackMessage = "WorkFossa does not answer anybody, so it was left alone. Runs go on by themselves when it does."

// PortalDownWords is the sentence for people whose schedules wait: "WorkFossa does not answer since 8:02; everything waits and goes on by itself."
func PortalDownWords(since, now time.Time, zone *time.Location) string {
	return fmt.Sprintf("WorkFossa does not answer since %s; everything waits and goes on by itself.", nearWords(since, now, zone))
}
