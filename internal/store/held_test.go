package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

func decide(user scrape.UserID, run scrape.Run, at time.Time) jobs.Decision {
	return jobs.Decision{User: user, Run: run.ID, At: at}
}

// held gives a run whose result was held: an empty list, although orders are stored.
func (b bundle) held(t *testing.T) (scrape.Schedule, scrape.Run) {
	t.Helper()
	schedule := b.addSchedule(t, "s")
	b.apply(t, schedule.ID, "w1", page(1, true, order(1), order(2)))
	run := b.begin(t, schedule.ID, "w2", at(10))
	require.NoError(t, b.SavePage(t.Context(), run.ID, scrape.ListPage{Number: 1, Last: true, Proved: true}))
	plan, err := b.ApplyWorkOrders(t.Context(), run.ID, planOrders)
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeHeld, plan.Outcome)
	return schedule, b.finish(t, run.ID, scrape.OutcomeHeld, at(11))
}

func TestAcceptHeld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, run := b.held(t)
	before, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Equal(t, 1, before.ConsecutiveFailures)

	accepted, err := b.AcceptWorkOrders(t.Context(), decide(b.user, run, at(12)), scrape.PlanAccepted)
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeSuccess, accepted.Outcome)
	require.Equal(t, scrape.DecisionAccepted, accepted.Decision)
	require.Equal(t, 2, accepted.Counts.Removed)
	for _, w := range b.orders(t) {
		require.NotNil(t, w.RemovedAt)
	}
	after, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Zero(t, after.ConsecutiveFailures)
	require.Zero(t, value[int](t, b, "SELECT count(*)::int FROM scrape_pages"))

	_, err = b.AcceptWorkOrders(t.Context(), decide(b.user, run, at(13)), scrape.PlanAccepted)
	requireKind(t, err, scrape.KindConflict, "This result was accepted already.")
}

// A look at what accepting would do tells the same as accepting does, and keeps nothing.
func TestAcceptHeldOnTrial(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, run := b.held(t)
	var effect scrape.Effect
	trial := decide(b.user, run, at(12))
	trial.Trial = &effect
	_, err := b.AcceptWorkOrders(t.Context(), trial, scrape.PlanAccepted)
	require.NoError(t, err)
	require.Equal(t, 2, effect.Removed)
	require.Zero(t, effect.Added+effect.Changed+effect.Returned)

	for _, w := range b.orders(t) {
		require.Nil(t, w.RemovedAt)
	}
	require.Empty(t, b.changes(t, run))
	again, err := b.UserRun(t.Context(), b.user, run.ID)
	require.NoError(t, err)
	require.Equal(t, run, again)
	still, err := b.Schedule(t.Context(), schedule.ID)
	require.NoError(t, err)
	require.Equal(t, 1, still.ConsecutiveFailures)

	_, err = b.AcceptWorkOrders(t.Context(), decide(b.user, run, at(12)), scrape.PlanAccepted)
	require.NoError(t, err)
	done, _, err := b.RunChanges(t.Context(), b.user, run.ID, 0, 10)
	require.NoError(t, err)
	require.Len(t, effect.Changes, 2)
	require.Equal(t, done, effect.Changes)

	_, err = b.AcceptWorkOrders(t.Context(), trial, scrape.PlanAccepted)
	requireKind(t, err, scrape.KindConflict, "This result was accepted already.")
}

func TestDiscardHeld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, run := b.held(t)
	discarded, err := b.DiscardWorkOrders(t.Context(), decide(b.user, run, at(12)))
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeHeld, discarded.Outcome)
	require.Equal(t, scrape.DecisionDiscarded, discarded.Decision)
	require.Zero(t, value[int](t, b, "SELECT count(*)::int FROM scrape_pages"))
	for _, w := range b.orders(t) {
		require.Nil(t, w.RemovedAt)
	}
	_, err = b.AcceptWorkOrders(t.Context(), decide(b.user, run, at(13)), scrape.PlanAccepted)
	requireKind(t, err, scrape.KindConflict, "This result was discarded already.")
}

func TestHeldIsDecidedByItsOwnerAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, run := b.held(t)
	other := b.addUser(t, "other@example.com")
	_, err := b.AcceptWorkOrders(t.Context(), decide(other, run, at(12)), scrape.PlanAccepted)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
	_, err = b.DiscardWorkOrders(t.Context(), decide(other, run, at(12)))
	requireKind(t, err, scrape.KindNotFound, "History record not found")
}

func TestNothingToDecide(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run, _ := b.apply(t, b.addSchedule(t, "s").ID, "w1", page(1, true, order(1)))
	_, err := b.AcceptWorkOrders(t.Context(), decide(b.user, run, at(12)), scrape.PlanAccepted)
	requireKind(t, err, scrape.KindConflict, "This run holds nothing back that could be accepted or discarded.")
}

func TestHeldResultGoesOutOfDate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule, run := b.held(t)
	newer := b.begin(t, schedule.ID, "w3", at(20))
	require.NoError(t, b.SavePage(t.Context(), newer.ID, page(1, true, order(1), order(2), order(3))))
	_, err := b.ApplyWorkOrders(t.Context(), newer.ID, planOrders)
	require.NoError(t, err)
	_, err = b.AcceptWorkOrders(t.Context(), decide(b.user, run, at(21)), scrape.PlanAccepted)
	requireKind(t, err, scrape.KindConflict, "A newer run has brought data since, so this result is out of date. Discard it.")
	_, err = b.DiscardWorkOrders(t.Context(), decide(b.user, run, at(21)))
	require.NoError(t, err)
}

func TestHeldIsDecidedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, run := b.held(t)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			if i%2 == 0 {
				_, errs[i] = b.AcceptWorkOrders(t.Context(), decide(b.user, run, at(12)), scrape.PlanAccepted)
			} else {
				_, errs[i] = b.DiscardWorkOrders(t.Context(), decide(b.user, run, at(12)))
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
