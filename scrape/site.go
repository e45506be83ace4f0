package scrape

import "time"

// SiteState says what a run made of one location.
type SiteState string

// The states. Their texts are stored: add, never rename.
const (
	SitePending   SiteState = "pending"   // not read yet
	SiteStored    SiteState = "stored"    // read and applied
	SiteNone      SiteState = "none"      // the portal shows no dispensers there, and none were stored
	SiteDeleted   SiteState = "deleted"   // the portal says that the location does not exist any more
	SiteDenied    SiteState = "denied"    // the portal does not show it to this technician
	SiteHeld      SiteState = "held"      // read, but it looks wrong; what is stored was left alone
	SiteFailed    SiteState = "failed"    // could not be read
	SiteFresh     SiteState = "fresh"     // not read, because what is stored is fresh enough
	SiteKnown     SiteState = "known"     // not read, because the portal said before that it is deleted or denied
	SiteDiscarded SiteState = "discarded" // was held; a person dropped it
)

// SiteRun is one location of a run.
type SiteRun struct {
	LocationID string
	Label      string // "Example Fuel Stop #4001"
	Orders     []string
	State      SiteState
	Message    string // what is wrong or was skipped; empty otherwise
	Dispensers int    // shown by the portal
	Announced  int    // the N of "Dispenser (N)"; -1 when it was not shown
	Counts     Counts
	At         *time.Time // when it was read; nil while pending and when it was skipped
}

// SiteTotals sums up a run's locations.
type SiteTotals struct {
	All     int
	Pending int
	Skipped int // fresh or known
	Stored  int
	None    int
	Gone    int // deleted or denied
	Held    int
	Failed  int
}

// Read is the number of locations that the run has dealt with.
func (t SiteTotals) Read() int { return t.Stored + t.None + t.Gone + t.Held + t.Failed }

// SiteChoice says which locations a run of the dispensers job reads.
type SiteChoice struct {
	Codes      []string      // service codes of the orders whose locations are read
	AnyCode    bool          // whatever the code
	WorkOrders []string      // only those orders (our ids); empty: all that are listed
	FreshFor   time.Duration // a location read within that time is skipped
	Force      bool          // read it all the same
}

// SitePlan is what the reading of one location means for what is stored of it.
type SitePlan struct {
	State   SiteState // SiteStored, SiteNone, SiteDeleted, SiteDenied or SiteHeld; a held plan changes nothing
	Message string
	Counts  Counts
	Add     []Dispenser
	Update  []Dispenser
	Remove  []Dispenser
	Changes []Change
}
