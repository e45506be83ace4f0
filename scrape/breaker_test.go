package scrape_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/scrape"
)

var threeInFive = scrape.BreakerRule{Accounts: 3, Window: 5 * time.Minute, Gap: time.Minute}

// ago is so many minutes before noon.
func ago(minutes float64) time.Time {
	return time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC).Add(-time.Duration(minutes * float64(time.Minute)))
}

func TestBreakerOpens(t *testing.T) {
	t.Parallel()
	// down is an account that has been failing since then, until just now.
	down := func(since float64) scrape.AccountDown { return scrape.AccountDown{Since: ago(since), At: ago(0)} }
	once := func(minutes float64) scrape.AccountDown {
		return scrape.AccountDown{Since: ago(minutes), At: ago(minutes)}
	}
	for name, test := range map[string]struct {
		rule             scrape.BreakerRule
		downs            []scrape.AccountDown
		answered, closed time.Time
		since            float64 // minutes ago; 0: it stays closed
		accounts         int
	}{
		"nobody fails":                       {rule: threeInFive},
		"one account":                        {rule: threeInFive, downs: []scrape.AccountDown{down(30)}},
		"one too few":                        {rule: threeInFive, downs: []scrape.AccountDown{down(3), down(2)}},
		"just enough":                        {rule: threeInFive, downs: []scrape.AccountDown{down(2), down(3), down(1)}, since: 3, accounts: 3},
		"more than enough":                   {rule: threeInFive, downs: []scrape.AccountDown{down(2), once(4), down(3), down(1)}, since: 4, accounts: 4},
		"one of them long ago":               {rule: threeInFive, downs: []scrape.AccountDown{once(5), down(3), down(1)}},
		"failing for longer than the window": {rule: threeInFive, downs: []scrape.AccountDown{down(20), down(3), down(1)}, since: 20, accounts: 3},
		"somebody was answered meanwhile":    {rule: threeInFive, downs: []scrape.AccountDown{once(3), once(2), once(1)}, answered: ago(3)},
		"answered before all of them":        {rule: threeInFive, downs: []scrape.AccountDown{once(3), once(2), once(1)}, answered: ago(3.5), since: 3, accounts: 3},
		"all fail again after an answer":     {rule: threeInFive, downs: []scrape.AccountDown{down(9), down(9), down(1)}, answered: ago(2), since: 2, accounts: 3},
		"closed meanwhile":                   {rule: threeInFive, downs: []scrape.AccountDown{once(3), once(2), once(1)}, closed: ago(1.5)},
		"switched off":                       {rule: scrape.BreakerRule{Window: time.Hour}, downs: []scrape.AccountDown{down(3), down(2), down(1)}},
		"switched off, and nobody fails":     {rule: scrape.BreakerRule{Window: time.Hour}},
	} {
		since, accounts := test.rule.Opens(test.downs, test.answered, test.closed, ago(0))
		require.Equal(t, test.accounts, accounts, name)
		if test.since > 0 {
			require.Equal(t, ago(test.since), since, name)
		} else {
			require.Zero(t, since, name)
		}
	}
}

// However accounts fare: too few accounts never open it, a word of the portal clears what was before, and it opens for a reason that can be
// counted.
func TestBreakerOpensForAReason(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rule := scrape.BreakerRule{Accounts: rapid.IntRange(0, 5).Draw(t, "accounts"), Window: 10 * time.Minute}
		moment := rapid.Custom(func(t *rapid.T) time.Time { return ago(rapid.Float64Range(0, 30).Draw(t, "minutes")) })
		downs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) scrape.AccountDown {
			d := scrape.AccountDown{Since: moment.Draw(t, "since"), At: moment.Draw(t, "at")}
			if d.Since.After(d.At) {
				d.Since, d.At = d.At, d.Since
			}
			return d
		}), 0, 8).Draw(t, "downs")
		answered, closed := moment.Draw(t, "answered"), moment.Draw(t, "closed")
		since, accounts := rule.Opens(downs, answered, closed, ago(0))
		count := 0
		for _, d := range downs {
			if d.At.After(ago(10)) && d.At.After(answered) && d.At.After(closed) {
				count++
			}
		}
		if rule.Accounts == 0 || count < rule.Accounts {
			require.Zero(t, accounts)
			require.Zero(t, since)
			return
		}
		require.Equal(t, count, accounts)
		require.False(t, since.Before(answered))
		require.False(t, since.Before(closed))
		require.False(t, since.After(ago(0)))
	})
}

func TestProbeGapsGrow(t *testing.T) {
	t.Parallel()
	for failed, minutes := range []int{1, 2, 4, 8, 15, 15} {
		require.Equal(t, time.Duration(minutes)*time.Minute, threeInFive.ProbeGap(failed))
	}
	require.Equal(t, 15*time.Minute, threeInFive.ProbeGap(1000))
	require.Equal(t, time.Hour, scrape.BreakerRule{Gap: time.Hour}.ProbeGap(3), "as long as was asked for")
}

func TestPortalDownWords(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	require.Equal(t, "WorkFossa does not answer since 6:58; everything waits and goes on by itself.", scrape.PortalDownWords(ago(2), ago(0), zone))
	require.Contains(t, scrape.PortalDownWords(ago(24*60), ago(0), zone), "since 1 January 2030, 7:00;")
}
