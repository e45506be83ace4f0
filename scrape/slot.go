package scrape

// Slot limits how many may do something at the same time, over all processes: at most Count hold the slot of a name at once.
type Slot struct {
	Name  string // "portal", "portal:user:7": whoever means the same thing uses the same name
	Count int    // below 1 nobody gets it
}
