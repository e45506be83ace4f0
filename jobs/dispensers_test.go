package jobs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// pendingSites gives so many sites that are to be read.
func pendingSites(count int) []scrape.SiteRun {
	var all []scrape.SiteRun
	for n := range count {
		all = append(all, scrape.SiteRun{LocationID: fmt.Sprint(71001 + n), State: scrape.SitePending, Announced: -1})
	}
	return all
}

// collect carries out CollectDispensers until it is done, and gives the results.
func (h *harness) collect(t *testing.T) []jobs.Result {
	t.Helper()
	var results []jobs.Result
	for {
		result, err := h.do(t, "CollectDispensers")
		require.NoError(t, err)
		results = append(results, result)
		require.LessOrEqual(t, len(results), 100, "it never ends")
		if !result.More {
			return results
		}
	}
}

// states are the states of the sites, and how many have each.
func (h *harness) states() map[scrape.SiteState]int {
	states := map[scrape.SiteState]int{}
	for _, site := range h.store.sites {
		states[site.State]++
	}
	return states
}

func down(location string) map[string]error {
	return map[string]error{location: scrape.Errorf(scrape.KindPortalDown, "The portal does not answer.")}
}

func TestSitesAreChosenBySettingsAndOptions(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Dispensers, "")
	h.store.sites = pendingSites(3)
	result, err := h.do(t, "ChooseSites")
	require.NoError(t, err)
	require.Equal(t, jobs.Result{Details: "3 sites: 3 to read, 0 skipped."}, result)
	require.Equal(t, scrape.SiteChoice{Codes: []string{"2861", "2862", "3002", "3146"}, FreshFor: 7 * 24 * time.Hour}, h.store.choice)
	h.requireProgress(t)

	h = newHarness(t, jobs.Dispensers, `{"service_codes": ["2861"], "fresh_hours": 1.5}`)
	h.store.sites = pendingSites(1)
	h.options = scrape.RunOptions{Force: true, AnyService: true, WorkOrders: []string{"w1"}}
	_, err = h.do(t, "ChooseSites")
	require.NoError(t, err)
	require.Equal(t, scrape.SiteChoice{
		Codes: []string{"2861"}, FreshFor: 90 * time.Minute, Force: true, AnyCode: true, WorkOrders: []string{"w1"},
	}, h.store.choice)
}

func TestNothingToReadLeavesThePortalAlone(t *testing.T) {
	t.Parallel()
	for name, sites := range map[string][]scrape.SiteRun{
		"no site":               nil,
		"all fresh or known":    {{LocationID: "71001", State: scrape.SiteFresh}, {LocationID: "71002", State: scrape.SiteKnown}},
		"all were read already": {{LocationID: "71001", State: scrape.SiteStored}},
	} {
		h := newHarness(t, jobs.Dispensers, "")
		h.store.sites = sites
		result, err := h.do(t, "ChooseSites")
		require.NoError(t, err)
		require.Equal(t, scrape.OutcomeSuccess, result.Outcome, "%s: the run ends here, before a login", name)
		require.Zero(t, h.portal.visits)

		result, err = h.do(t, "CollectDispensers") // a repeated run of the step
		require.NoError(t, err)
		require.False(t, result.More)
		require.Zero(t, h.portal.visits)
	}
}

func TestSitesAreReadInBatches(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Dispensers, "")
	h.store.sites = append(pendingSites(60), scrape.SiteRun{LocationID: "79999", State: scrape.SiteFresh})
	results := h.collect(t)
	require.Len(t, results, 3, "25, 25 and 10")
	require.Equal(t, 3, h.portal.visits)
	require.Equal(t, "Read 25 of 60 sites", results[0].Details)
	require.Equal(t, "Read 60 of 60 sites", results[2].Details)
	require.Equal(t, map[scrape.SiteState]int{scrape.SiteStored: 60, scrape.SiteFresh: 1}, h.states())
	require.Len(t, h.portal.locations, 60, "each is opened once")
	require.Len(t, h.store.dispensers, 60)
	h.requireProgress(t)
	for i := 1; i < len(h.said); i++ {
		require.GreaterOrEqual(t, h.said[i].Percentage, h.said[i-1].Percentage)
	}

	result, err := h.do(t, "ConcludeDispensers")
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeSuccess, result.Outcome)
	require.Empty(t, result.Message)
}

func TestBatchEndsEarlyAtASlowPortal(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Dispensers, "")
	h.store.sites, h.portal.slow = pendingSites(10), 25*time.Second
	results := h.collect(t)
	require.Len(t, results, 5, "a tab and 2 sites take 75 seconds, more than a minute")
	require.Equal(t, "Read 2 of 10 sites", results[0].Details)
	require.Equal(t, map[scrape.SiteState]int{scrape.SiteStored: 10}, h.states())
}

// However slow the portal is, a batch reads a site: otherwise the step would never end.
func TestBatchReadsAtLeastOneSite(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Dispensers, "")
	h.store.sites, h.portal.slow = pendingSites(3), 5*time.Minute
	require.Len(t, h.collect(t), 3)
}

func TestOneOddSiteDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{"71001", "71002", "71005"} { // the first, one in the middle, the last
		t.Run(odd, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, jobs.Dispensers, "")
			h.store.sites = pendingSites(5)
			h.portal.odd = map[string]error{odd: scrape.Errorf(scrape.KindLayoutChanged, "The tab is missing.")}
			h.collect(t)
			require.Equal(t, map[scrape.SiteState]int{scrape.SiteStored: 4, scrape.SiteFailed: 1}, h.states())
			require.Equal(t, "The tab is missing.", h.store.site(odd).Message)
			require.Equal(t, []string{"layout_changed: Location " + odd + ": The tab is missing."}, h.notes)

			result, err := h.do(t, "ConcludeDispensers")
			require.NoError(t, err)
			require.Equal(t, scrape.OutcomePartial, result.Outcome)
			require.Contains(t, result.Message, "1 site of 5 could not be read")
		})
	}
}

// The odd site may be all that is left for the last batch.
func TestOddSiteInABatchOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Dispensers, "")
	h.store.sites, h.portal.odd = pendingSites(26), down("71026")
	h.collect(t)
	require.Equal(t, map[scrape.SiteState]int{scrape.SiteStored: 25, scrape.SiteFailed: 1}, h.states())
}

func TestHopelessAfterThreeInARow(t *testing.T) {
	t.Parallel()
	failing := func(locations ...string) map[string]error {
		odd := map[string]error{}
		for i, location := range locations {
			odd[location] = scrape.Errorf([]scrape.Kind{scrape.KindPortalDown, scrape.KindLayoutChanged}[i%2], "It fails.")
		}
		return odd
	}
	tests := []struct {
		name     string
		sites    int
		odd      map[string]error
		slow     time.Duration
		hopeless bool
		opened   int
	}{
		{"three in a row", 20, failing("71004", "71005", "71006"), 0, true, 6},
		{"the first three", 20, failing("71001", "71002", "71003"), 0, true, 3},
		{"two in a row, twice", 20, failing("71001", "71002", "71004", "71005"), 0, false, 20},
		{"three, each after a wait that would end a batch", 20, failing("71001", "71002", "71003"), 2 * time.Minute, true, 3},
		{"the only one", 1, failing("71001"), 0, true, 1},
		{"both", 2, failing("71001", "71002"), 0, true, 2},
		{"one of two", 2, failing("71002"), 0, false, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, jobs.Dispensers, "")
			h.store.sites, h.portal.odd, h.portal.slow = pendingSites(test.sites), test.odd, test.slow
			if !test.hopeless {
				h.collect(t)
				require.Len(t, h.portal.locations, test.opened)
				return
			}
			_, err := h.do(t, "CollectDispensers")
			require.Error(t, err)
			require.Len(t, h.portal.locations, test.opened)
			require.Zero(t, h.states()[scrape.SiteFailed], "a portal that fails is no site's fault")

			h.portal.odd = nil // the next attempt
			h.collect(t)
			require.Equal(t, map[scrape.SiteState]int{scrape.SiteStored: test.sites}, h.states(), "an outage leaves no hole")
		})
	}
}

func TestSessionThatDiesAmongTheSites(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Dispensers, "")
	h.store.sites, h.portal.dieAfter, h.portal.odd = pendingSites(7), 3, down("71003")
	result, err := h.do(t, "CollectDispensers")
	require.NoError(t, err)
	require.True(t, result.More)
	require.True(t, result.SignIn)
	require.Equal(t, map[scrape.SiteState]int{scrape.SiteStored: 2, scrape.SiteFailed: 1, scrape.SitePending: 4}, h.states(), "what was read is kept")

	result, err = h.do(t, "CollectDispensers")
	require.NoError(t, err)
	require.True(t, result.SignIn)
	result, err = h.do(t, "CollectDispensers")
	require.NoError(t, err)
	require.False(t, result.More)
	require.Len(t, h.portal.locations, 7, "each is opened once")
}

func TestSessionThatIsDeadFromTheStart(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Dispensers, "")
	h.store.sites, h.portal.dieAfter = pendingSites(3), -1
	_, err := h.do(t, "CollectDispensers")
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(err))
	require.Equal(t, map[scrape.SiteState]int{scrape.SitePending: 3}, h.states())
}

// What is about the account or us, not about a page, ends the attempt at once.
func TestOtherErrorsAreNoSitesFault(t *testing.T) {
	t.Parallel()
	for _, kind := range []scrape.Kind{scrape.KindPortalThrottled, scrape.KindUnavailable, scrape.KindInternal, scrape.KindAccountLocked} {
		h := newHarness(t, jobs.Dispensers, "")
		h.store.sites = pendingSites(3)
		h.portal.odd = map[string]error{"71002": scrape.Errorf(kind, "Stop.")}
		_, err := h.do(t, "CollectDispensers")
		require.Equal(t, kind, scrape.KindOf(err))
		require.Equal(t, map[scrape.SiteState]int{scrape.SiteStored: 1, scrape.SitePending: 2}, h.states())
		require.Len(t, h.portal.locations, 2)
	}
}

func TestDecisionsAboutHeldSites(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.Dispensers, "")
	h.store.sites = pendingSites(1)
	h.store.dispensers, h.portal.bare = []scrape.Dispenser{{LocationID: "71001", Number: "1/2"}}, map[string]bool{"71001": true}
	h.collect(t)
	result, err := h.do(t, "ConcludeDispensers")
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeHeld, result.Outcome)

	run, err := jobs.Dispensers.Accept(t.Context(), h.store, jobs.Decision{Run: 501})
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeSuccess, run.Outcome)
	require.Equal(t, scrape.SiteNone, h.store.site("71001").State, "a person's word is enough")

	_, err = jobs.Dispensers.Discard(t.Context(), h.store, jobs.Decision{Run: 501})
	require.NoError(t, err)
	require.True(t, h.store.discarded)
}

// Evidence is taken while the page that looks wrong is open.
func TestEvidenceOfAHeldSite(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]scrape.SiteState{"": scrape.SiteHeld, `{"none_is_right": true}`: scrape.SiteNone} {
		h := newHarness(t, jobs.Dispensers, settings)
		h.store.sites = pendingSites(2)
		h.store.dispensers = []scrape.Dispenser{{LocationID: "71002", Number: "1/2"}}
		h.portal.bare = map[string]bool{"71002": true}
		h.collect(t)
		require.Equal(t, scrape.SiteStored, h.store.site("71001").State, "the others are stored")
		require.Equal(t, want, h.store.site("71002").State)
		if want == scrape.SiteHeld {
			require.Equal(t, []string{": Location 71002: The page shows no dispensers, but 1 are stored. Nothing was changed."}, h.notes)
		} else {
			require.Empty(t, h.notes)
		}
	}
}
