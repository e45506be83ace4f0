package scrape

// Outcome is the one word for how a run ended (docs/outcomes.md). The words are stored, shown in the API and set as a
// search attribute: add, never rename.
type Outcome string

// The outcomes.
const (
	OutcomeSuccess             Outcome = "success"
	OutcomePartial             Outcome = "partial"
	OutcomeHeld                Outcome = "held"
	OutcomeCredentialsRejected Outcome = "credentials_rejected"
	OutcomeAccountLocked       Outcome = "account_locked"
	OutcomeSessionExpired      Outcome = "session_expired"
	OutcomeLayoutChanged       Outcome = "layout_changed"
	OutcomePortalThrottled     Outcome = "portal_throttled"
	OutcomePortalDown          Outcome = "portal_down"
	OutcomeCancelled           Outcome = "cancelled"
	OutcomeTimedOut            Outcome = "timed_out"
	OutcomeTerminated          Outcome = "terminated"
	OutcomeWorkerLost          Outcome = "worker_lost"
	OutcomeInternalError       Outcome = "internal_error"
	OutcomeSkippedOverlap      Outcome = "skipped_overlap" // a run of the same schedule was still going
	OutcomePaused              Outcome = "paused"          // fired, but the schedule was paused or deleted meanwhile

	// Due, but the portal has refused the stored login, or none is stored.
	OutcomeHeldCredentials Outcome = "held_credentials"

	// Due, but the portal does not answer anybody and is left alone.
	OutcomeBreakerOpen Outcome = "breaker_open"
)

// Outcomes lists every outcome, for the API's enum and for the database's check.
func Outcomes() []Outcome {
	return []Outcome{
		OutcomeSuccess, OutcomePartial, OutcomeHeld, OutcomeCredentialsRejected, OutcomeAccountLocked,
		OutcomeSessionExpired, OutcomeLayoutChanged, OutcomePortalThrottled, OutcomePortalDown, OutcomeCancelled,
		OutcomeTimedOut, OutcomeTerminated, OutcomeWorkerLost, OutcomeInternalError, OutcomeSkippedOverlap, OutcomePaused,
		OutcomeHeldCredentials, OutcomeBreakerOpen,
	}
}

// Succeeded is the old contract's success flag: data was applied.
func (o Outcome) Succeeded() bool { return o == OutcomeSuccess || o == OutcomePartial }

// Ran tells whether the run got as far as asking the portal; a skipped slot did not.
func (o Outcome) Ran() bool {
	return o != OutcomeSkippedOverlap && o != OutcomePaused && o != OutcomeHeldCredentials && o != OutcomeBreakerOpen
}

// FailureEffect says what an outcome does to a schedule's count of consecutive failures.
type FailureEffect int

// The effects.
const (
	LeavesFailures FailureEffect = iota
	AddsFailure
	ResetsFailures
)

// FailureEffect tells whether the outcome counts as a failure of the schedule. Outcomes that the user or the portal's
// politeness caused (rejected password, throttling, cancel) leave the count alone.
func (o Outcome) FailureEffect() FailureEffect {
	switch o {
	case OutcomeSuccess:
		return ResetsFailures
	case OutcomeHeld, OutcomeSessionExpired, OutcomeLayoutChanged, OutcomePortalDown, OutcomeTimedOut,
		OutcomeTerminated, OutcomeWorkerLost, OutcomeInternalError:
		return AddsFailure
	case OutcomePartial, OutcomeCredentialsRejected, OutcomeAccountLocked, OutcomePortalThrottled, OutcomeCancelled,
		OutcomeSkippedOverlap, OutcomePaused, OutcomeHeldCredentials, OutcomeBreakerOpen:
		return LeavesFailures
	}
	return LeavesFailures
}

// OutcomeOf is the outcome of a run that an error of this kind ended.
func OutcomeOf(kind Kind) Outcome {
	switch kind {
	case KindCredentialsRejected:
		return OutcomeCredentialsRejected
	case KindAccountLocked:
		return OutcomeAccountLocked
	case KindSessionExpired:
		return OutcomeSessionExpired
	case KindLayoutChanged:
		return OutcomeLayoutChanged
	case KindPortalThrottled:
		return OutcomePortalThrottled
	case KindPortalDown:
		return OutcomePortalDown
	case KindInvalid, KindUnauthenticated, KindDenied, KindNotFound, KindConflict, KindStale, KindUnavailable, KindInternal:
		return OutcomeInternalError
	}
	return OutcomeInternalError
}

// AboutPortal tells whether an error of this kind is about the portal, and no mistake of ours or of the caller.
func (k Kind) AboutPortal() bool { return OutcomeOf(k) != OutcomeInternalError }

// AboutPage tells whether a look at the page that was open helps to understand an error of this kind.
func (k Kind) AboutPage() bool { return k.AboutPortal() || k == KindInternal }
