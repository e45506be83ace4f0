package scrape

import "time"

// Preferences are what a user has set for himself, and what the user interface keeps for him.
type Preferences struct {
	Timezone       string // IANA name of the zone in which times are shown to him; empty when he has said none
	SeenAt         *time.Time
	PreviousSeenAt *time.Time // SeenAt before it was last set
}

// PreferencesPatch changes preferences; what is nil stays.
type PreferencesPatch struct {
	Timezone *string    // empty takes it away
	SeenAt   *time.Time // the user has looked at the start page
}

// Validate refuses a zone that does not exist.
func (p PreferencesPatch) Validate() error {
	if p.Timezone == nil {
		return nil
	}
	return validateZone(*p.Timezone)
}
