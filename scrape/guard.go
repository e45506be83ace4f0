package scrape

// Guard says from which point on a collected list looks wrong and is held for a person instead of applied. The zero value holds nothing
// back but what is not proved.
type Guard struct {
	SmallLoss      int     // so many orders may vanish without a question
	LostShare      float64 // 0 to 1: the share of the stored orders that may vanish
	BrokenShare    float64 // 0 to 1: the share of the rows that may be unreadable
	EmptiedShare   float64 // 0 to 1: the share of the orders that may lose the content of one field
	EmptyIsAllowed bool    // a proved list without orders is right for this account
}

// DefaultGuard is what schedules have that say nothing else.
func DefaultGuard() Guard {
	return Guard{SmallLoss: 5, LostShare: 0.5, BrokenShare: 0.2, EmptiedShare: 0.5}
}
