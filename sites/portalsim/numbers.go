package portalsim

import (
	"hash/fnv"
	"math/rand/v2"
)

// The portal's numbers are unique across accounts although accounts come to life one by one and in any order: every
// account owns a slot, every slot a block of ordinals, and an ordinal is mapped one-to-one onto a number.
const (
	slots            = 600
	ordersPerSlot    = 1500 // 600 x 1500 = all 900,000 six-digit numbers
	shortSitesInSlot = 150  // 600 x 150 = all 90,000 five-digit numbers
)

// spread maps ordinal k one-to-one into [lo, lo+n) so that neighbours do not look like neighbours. It needs a factor
// that shares no divisor with n; the ranges here are of the form 9 x 10^m, so the factors avoid 2, 3 and 5.
func spread(seed uint64, k, lo, n, factor int) int {
	offset := int(seed % uint64(n))
	return lo + (k*factor+offset)%n
}

func orderNumber(seed uint64, slot, ordinal int) int {
	return spread(seed*7919+17, slot*ordersPerSlot+ordinal, 100_000, 900_000, 611_953)
}

func visitNumber(seed uint64, slot, ordinal int) int {
	return spread(seed*104_729+5, slot*ordersPerSlot+ordinal, 100_000, 900_000, 377_771)
}

// locationNumber gives every third site five digits and the others six: both occur on the portal.
func locationNumber(seed uint64, slot, ordinal int) int {
	if short := ordinal / 3; ordinal%3 == 0 && short < shortSitesInSlot {
		return spread(seed*1_299_709+3, slot*shortSitesInSlot+short, 10_000, 90_000, 48_611)
	}
	return spread(seed*15_485_863+11, slot*ordersPerSlot+ordinal, 100_000, 900_000, 523_987)
}

func customerNumber(seed uint64, ordinal int) int {
	return spread(seed*32_452_843+7, ordinal, 10_000, 90_000, 51_977)
}

// stream is the random source of one thing (an order, a site): the same whatever was generated before it.
func stream(seed uint64, account, what string, ordinal int) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(account + "\x00" + what))
	return rand.New(rand.NewPCG(seed^h.Sum64(), uint64(ordinal)))
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// between returns a number in [lo, hi].
func between(rng *rand.Rand, lo, hi int) int { return lo + rng.IntN(hi-lo+1) }

// chance is true in percent of all cases.
func chance(rng *rand.Rand, percent int) bool { return rng.IntN(100) < percent }
