package store_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// acceptSite takes what was read for the truth, whatever it looks like.
func acceptSite(stored []scrape.Dispenser, result scrape.LocationResult) scrape.SitePlan {
	result.Announced, result.Problems = len(result.Dispensers), nil
	return scrape.PlanSite(stored, result, scrape.SiteGuard{NoneIsAllowed: true})
}

const nothingHeld = "This run holds nothing back that could be accepted or discarded."

// short is a page that announces more dispensers than it shows, with everything that a reading may hold.
func short(location string, numbers ...string) scrape.LocationResult {
	result := reading(location, numbers...)
	result.Announced = len(numbers) + 1
	result.Problems = []string{"One card could not be read."}
	return result
}

// heldSites is a run that holds both of its locations back, where three dispensers are stored.
func (b bundle) heldSites(t *testing.T) scrape.Run {
	t.Helper()
	b.orderAt(t, "a", "71001", "2861")
	b.orderAt(t, "b", "71002", "2861")
	b.readSites(t, "good", reading("71001", "1/2", "3/4"), reading("71002", "1"))
	run := b.readSites(t, "held", short("71001", "1/2"), short("71002", "1", "2"))
	require.Equal(t, scrape.OutcomeHeld, run.Outcome)
	require.Equal(t, []string{"71001 held", "71002 held"}, b.states(t, run))
	require.Equal(t, []string{"1/2", "3/4"}, b.numbers(t, "71001"))
	require.Empty(t, b.changes(t, run))
	return run
}

func (b bundle) failures(t *testing.T, run scrape.Run) int {
	t.Helper()
	schedule, err := b.Schedule(t.Context(), run.ScheduleID)
	require.NoError(t, err)
	return schedule.ConsecutiveFailures
}

// What the run has applied before is none of what accepting the rest would change.
func TestAcceptSitesOnTrial(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	b.orderAt(t, "b", "71002", "2861")
	b.readSites(t, "good", reading("71001", "1/2", "3/4"), reading("71002", "1"))
	run := b.readSites(t, "partly", short("71001", "1/2"), reading("71002", "1", "2"))
	require.Equal(t, []string{"added 71002/2"}, b.changes(t, run))
	var effect scrape.Effect
	trial := decide(b.user, run, at(12))
	trial.Trial = &effect
	_, err := b.AcceptSites(t.Context(), trial, acceptSite, scrape.ConcludeSites)
	require.NoError(t, err)
	require.Equal(t, 1, effect.Removed)
	require.Zero(t, effect.Added+effect.Changed+effect.Returned)
	require.Len(t, effect.Changes, 1)
	require.Equal(t, "71001/3/4", effect.Changes[0].Key)

	require.Equal(t, []string{"added 71002/2"}, b.changes(t, run))
	require.Equal(t, []string{"1/2", "3/4"}, b.numbers(t, "71001"))
	require.Equal(t, []string{"71001 held", "71002 stored"}, b.states(t, run))
}

func TestAcceptSites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.heldSites(t)
	require.Equal(t, 1, b.failures(t, run))
	readAt := b.sites(t, run)[0].At

	var given []scrape.LocationResult
	accepted, err := b.AcceptSites(t.Context(), decide(b.user, run, at(12)),
		func(stored []scrape.Dispenser, result scrape.LocationResult) scrape.SitePlan {
			given = append(given, result)
			return acceptSite(stored, result)
		}, scrape.ConcludeSites)
	require.NoError(t, err)
	require.Equal(t, []scrape.LocationResult{short("71001", "1/2"), short("71002", "1", "2")}, given, "what was read survives the wait")
	require.Equal(t, scrape.OutcomeSuccess, accepted.Outcome)
	require.Empty(t, accepted.ErrorMessage)
	require.Equal(t, scrape.DecisionAccepted, accepted.Decision)
	require.Equal(t, scrape.Counts{Processed: 3, Added: 1, Unchanged: 2, Removed: 1}, accepted.Counts)
	require.Equal(t, []string{"removed 71001/3/4", "added 71002/2"}, b.changes(t, run))
	changes, _, err := b.RunChanges(t.Context(), b.user, run.ID, 0, 1)
	require.NoError(t, err)
	require.Equal(t, at(12), changes[0].At, "the decision made the change")
	require.Equal(t, []string{"1/2"}, b.numbers(t, "71001"))
	require.Equal(t, []string{"1", "2"}, b.numbers(t, "71002"))
	require.Equal(t, []string{"71001 stored", "71002 stored"}, b.states(t, run))
	require.Equal(t, readAt, b.sites(t, run)[0].At, "the decision is no reading")
	require.True(t, value[bool](t, b, "SELECT read_at = $1 FROM locations WHERE location_id = '71001'", readAt))
	require.Zero(t, b.failures(t, run))
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM run_sites WHERE result IS NOT NULL"))

	_, err = b.AcceptSites(t.Context(), decide(b.user, run, at(13)), never, scrape.ConcludeSites)
	requireKind(t, err, scrape.KindConflict, "This result was accepted already.")
}

func TestDiscardSites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.heldSites(t)
	discarded, err := b.DiscardSites(t.Context(), decide(b.user, run, at(12)))
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeHeld, discarded.Outcome)
	require.Equal(t, scrape.DecisionDiscarded, discarded.Decision)
	require.Equal(t, []string{"71001 discarded", "71002 discarded"}, b.states(t, run))
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM run_sites WHERE result IS NOT NULL"))
	require.Equal(t, []string{"1/2", "3/4"}, b.numbers(t, "71001"))
	_, err = b.AcceptSites(t.Context(), decide(b.user, run, at(13)), never, scrape.ConcludeSites)
	requireKind(t, err, scrape.KindConflict, "This result was discarded already.")
}

// One bad page among good ones does not make the run held, but it can be decided about.
func TestAcceptTheHeldSitesOfAPartialRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	b.orderAt(t, "b", "71002", "2861")
	b.readSites(t, "good", reading("71001", "1/2", "3/4"))
	run := b.readSites(t, "partly", short("71001", "1/2"), reading("71002", "1"))
	require.Equal(t, scrape.OutcomePartial, run.Outcome)
	accepted, err := b.AcceptSites(t.Context(), decide(b.user, run, at(12)), acceptSite, scrape.ConcludeSites)
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeSuccess, accepted.Outcome)
	require.Equal(t, scrape.Counts{Processed: 2, Added: 1, Unchanged: 1, Removed: 1}, accepted.Counts)
	require.Equal(t, []string{"1/2"}, b.numbers(t, "71001"))
}

func TestHeldSitesGoOutOfDate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.heldSites(t)
	b.readSites(t, "newer", scrape.LocationResult{LocationID: "71002", State: scrape.LocationDeleted, Announced: -1})
	decision := decide(b.user, run, at(12))
	_, err := b.AcceptSites(t.Context(), decision, never, scrape.ConcludeSites)
	requireKind(t, err, scrape.KindConflict, "A newer run has brought data since, so this result is out of date. Discard it.")
	_, err = b.DiscardSites(t.Context(), decision)
	require.NoError(t, err)
}

func TestLaterReadingsThatAreNotInTheWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.heldSites(t)
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	stranger.orderAt(t, "c", "71001", "2861")
	stranger.readSites(t, "foreign", reading("71001", "9"))
	failing := b.dispensersRun(t, "failing", noon)
	b.plan(t, failing, scrape.SiteChoice{AnyCode: true, Force: true})
	require.NoError(t, b.FailSite(t.Context(), failing.ID, "71001", "No answer."))
	_, err := b.AcceptSites(t.Context(), decide(b.user, run, at(12)), acceptSite, scrape.ConcludeSites)
	require.NoError(t, err)
}

func TestNoSitesToDecideAbout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.heldSites(t)
	other := b.addUser(t, "other@example.com")
	good := b.readSites(t, "fine", reading("71001", "1/2", "3/4"), reading("71002", "1"))
	going := b.dispensersRun(t, "going", noon)
	b.plan(t, going, scrape.SiteChoice{AnyCode: true, Force: true})
	b.applySite(t, going, short("71001", "1/2"))
	cut := b.dispensersRun(t, "cut", noon)
	b.plan(t, cut, scrape.SiteChoice{AnyCode: true, Force: true})
	b.applySite(t, cut, short("71001", "1/2"))
	b.finish(t, cut.ID, scrape.OutcomeCancelled, at(1))
	for name, c := range map[string]struct {
		decision jobs.Decision
		kind     scrape.Kind
		message  string
	}{
		"somebody else's": {decide(other, run, at(12)), scrape.KindNotFound, "History record not found"},
		"a good run":      {decide(b.user, good, at(12)), scrape.KindConflict, nothingHeld},
		"still going":     {decide(b.user, going, at(12)), scrape.KindConflict, nothingHeld},
		"cut off":         {decide(b.user, cut, at(12)), scrape.KindConflict, nothingHeld},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.AcceptSites(t.Context(), c.decision, never, scrape.ConcludeSites)
			requireKind(t, err, c.kind, c.message)
			_, err = b.DiscardSites(t.Context(), c.decision)
			requireKind(t, err, c.kind, c.message)
		})
	}
}

func TestHeldSitesAreDecidedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.heldSites(t)
	errs := make([]error, 6)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			if i%2 == 0 {
				_, errs[i] = b.AcceptSites(t.Context(), decide(b.user, run, at(12)), acceptSite, scrape.ConcludeSites)
			} else {
				_, errs[i] = b.DiscardSites(t.Context(), decide(b.user, run, at(12)))
			}
		})
	}
	wg.Wait()
	decided := 0
	for _, err := range errs {
		if err == nil {
			decided++
			continue
		}
		require.Equal(t, scrape.KindConflict, scrape.KindOf(err))
	}
	require.Equal(t, 1, decided)
}
