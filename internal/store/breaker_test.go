package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

const portal = "https://portal.example.com"

var threeInFive = scrape.BreakerRule{Accounts: 3, Window: 5 * time.Minute, Gap: time.Minute}

// accounts stores the logins of so many users.
func (b bundle) accounts(t *testing.T, n int) []scrape.CredentialID {
	t.Helper()
	ids := make([]scrape.CredentialID, n)
	for i := range ids {
		b.user = b.addUser(t, fmt.Sprintf("account%d@example.com", i))
		ids[i] = b.addCredential(t).ID
	}
	return ids
}

// down notes a try that counts, and gives the incident for which the breaker is open.
func (b bundle) down(t *testing.T, account scrape.CredentialID, run scrape.RunID, minute float64) *scrape.BreakerIncident {
	t.Helper()
	incident, _, err := b.PortalFailed(t.Context(), portal, threeInFive, scrape.PortalFailure{
		CredentialID: account, RunID: run, Try: scrape.TriesUntilDown, Message: "The portal answered with error 500.",
	}, at(minute))
	require.NoError(t, err)
	return incident
}

func (b bundle) answered(t *testing.T, account scrape.CredentialID, minute float64) *scrape.BreakerIncident {
	t.Helper()
	closed, err := b.PortalAnswered(t.Context(), portal, account, at(minute))
	require.NoError(t, err)
	return closed
}

// open opens the breaker at noon by the failures of these accounts.
func (b bundle) open(t *testing.T, accounts []scrape.CredentialID) scrape.BreakerIncident {
	t.Helper()
	var incident *scrape.BreakerIncident
	for _, account := range accounts {
		incident = b.down(t, account, 0, 0)
	}
	require.NotNil(t, incident)
	return *incident
}

func (b bundle) holdBack(t *testing.T, run scrape.RunID, minute float64) bool {
	t.Helper()
	held, err := b.HoldBack(t.Context(), portal, threeInFive, run, at(minute))
	require.NoError(t, err)
	return held
}

func (b bundle) newestIncident(t *testing.T) scrape.BreakerIncident {
	t.Helper()
	found, err := b.Incidents(t.Context(), portal, 1)
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

func TestBreakerOpensAndCloses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.accounts(t, 5)
	early, opened, err := b.PortalFailed(t.Context(), portal, threeInFive, scrape.PortalFailure{CredentialID: a[4], Try: scrape.TriesUntilDown - 1}, at(0))
	require.NoError(t, err)
	require.Nil(t, early)
	require.False(t, opened)
	for minute := range 4 { // again and again
		require.Nil(t, b.down(t, a[0], 0, float64(minute)), "one account alone")
	}
	require.Nil(t, b.down(t, a[1], 0, 3))
	require.Nil(t, b.answered(t, a[2], 3.5), "it was closed")
	require.Nil(t, b.down(t, a[2], 0, 4), "the others failed before somebody was answered")
	require.Nil(t, b.down(t, a[1], 0, 4.5))
	none, err := b.OpenIncident(t.Context(), portal)
	require.NoError(t, err)
	require.Nil(t, none)

	want := scrape.BreakerIncident{
		ID: 1, Since: at(3.5), OpenedAt: at(5), Accounts: 3, ProbeAt: at(6),
		Message: "WorkFossa did not answer 3 accounts, and nobody else meanwhile. The newest error: The portal answered with error 500.",
	}
	got, opened, err := b.PortalFailed(t.Context(), portal, threeInFive, scrape.PortalFailure{
		CredentialID: a[0], Try: scrape.TriesUntilDown, Message: "The portal answered with error 500.",
	}, at(5))
	require.NoError(t, err)
	require.True(t, opened)
	require.Equal(t, want, *got)
	elsewhere, err := b.OpenIncident(t.Context(), "https://elsewhere.example.com")
	require.NoError(t, err)
	require.Nil(t, elsewhere)

	got, opened, err = b.PortalFailed(t.Context(), portal, threeInFive, scrape.PortalFailure{CredentialID: a[3], Try: 1, Message: "No."}, at(5.5))
	require.NoError(t, err)
	require.False(t, opened)
	want.Accounts = 4
	require.Equal(t, want, *got, "while it is open every try counts, and puts nothing off")

	closed := b.answered(t, a[4], 7)
	want.ClosedAt = pointer(at(7))
	require.Equal(t, want, *closed)
	require.Nil(t, b.answered(t, a[4], 8))
	require.Nil(t, b.down(t, a[0], 0, 9))
	require.Nil(t, b.down(t, a[1], 0, 9))
	require.Equal(t, int64(2), b.down(t, a[2], 0, 9).ID, "the portal is down once more")

	closed, err = b.CloseBreaker(t.Context(), portal, "admin@example.com", at(10))
	require.NoError(t, err)
	require.Equal(t, "admin@example.com", closed.ClosedBy)
	require.Nil(t, b.down(t, a[3], 0, 10.5), "what failed before no longer counts")
	closed, err = b.CloseBreaker(t.Context(), portal, "admin@example.com", at(11))
	require.NoError(t, err)
	require.Nil(t, closed)
	all, err := b.Incidents(t.Context(), portal, 9)
	require.NoError(t, err)
	require.Equal(t, []int64{2, 1}, []int64{all[0].ID, all[1].ID})

	b.exec(t, "DELETE FROM user_credentials WHERE id = $1", a[0])
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM breaker_accounts WHERE credential_id = $1", a[0]))
}

func TestIncidentsAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	accounts := b.accounts(t, 3)
	b.exec(t, `INSERT INTO breaker_incidents (portal, since, opened_at, closed_at, message, accounts, probe_at)
		SELECT p, $1, $1, $1, '', 3, $1 FROM unnest(ARRAY['`+portal+`', 'other']) AS p, generate_series(1, 150)`, at(-60))
	b.open(t, accounts)
	require.Equal(t, 100, value[int](t, b, "SELECT count(*) FROM breaker_incidents WHERE portal = $1", portal))
	require.Equal(t, 150, value[int](t, b, "SELECT count(*) FROM breaker_incidents WHERE portal = 'other'"))
	require.Nil(t, b.newestIncident(t).ClosedAt)
}

func TestSlotsAreHeldBackWhileItIsOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	before := b.fail(t, schedule.ID, -10, 4)
	first := b.begin(t, schedule.ID, "closed", at(-1))
	require.False(t, b.holdBack(t, first.ID, -1))
	b.finish(t, first.ID, scrape.OutcomeCancelled, at(-1))

	b.open(t, b.accounts(t, 3))
	run := b.begin(t, schedule.ID, "open", at(0.5))
	require.True(t, b.holdBack(t, run.ID, 0.5))
	held, err := b.Run(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeBreakerOpen, held.Outcome)
	require.Equal(t, scrape.HeldBackMessage, held.ErrorMessage)
	require.Equal(t, 1, b.newestIncident(t).Skipped)
	after := b.read(t, schedule.ID)
	require.Equal(t, before.ConsecutiveFailures, after.ConsecutiveFailures)
	require.True(t, after.Firing())

	history, err := b.History(t.Context(), b.user, scrape.JobWorkOrders, 100)
	require.NoError(t, err)
	require.Len(t, history, 5, "slots that did not run are no runs")
	runs, err := b.LedgerRuns(t.Context(), schedule.ID, at(0), at(2), 10)
	require.NoError(t, err)
	entries := scrape.Ledger([]scrape.ScheduleVersion{{At: at(-100), Timing: schedule.Timing, Enabled: true}}, runs, at(0), at(2), at(3))
	require.Equal(t, scrape.SlotBreakerOpen, entries[0].State)
	require.Equal(t, scrape.HeldBackMessage, entries[0].Message)
}

// While the breaker is open, a run that ends as portal_down counts for the statistics and not for its schedule.
func TestExcusedRunsSuspendNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	four := b.fail(t, schedule.ID, 1, 4)
	run := b.begin(t, schedule.ID, "excused", at(10))
	_, err := b.FinishRun(t.Context(), run.ID, scrape.RunEnd{Outcome: scrape.OutcomePortalDown, Excused: true}, at(11))
	require.NoError(t, err)
	after := b.read(t, schedule.ID)
	require.Equal(t, four.ConsecutiveFailures, after.ConsecutiveFailures)
	require.Nil(t, after.SuspendedAt)
	require.Equal(t, at(11), *after.LastRunAt)
	require.Equal(t, 5, value[int](t, b, "SELECT failed_runs FROM scraping_statistics"))
}

func TestOneProbeAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	accounts := b.accounts(t, 3)
	b.open(t, accounts)
	runs := 0
	begin := func(minute float64) scrape.RunID {
		runs++
		return b.begin(t, b.addSchedule(t, fmt.Sprint(runs)).ID, fmt.Sprint("w", runs), at(minute)).ID
	}
	require.True(t, b.holdBack(t, begin(0.9), 0.9), "not yet")
	probe := begin(1)
	require.False(t, b.holdBack(t, probe, 1))
	require.False(t, b.holdBack(t, probe, 1.1), "it may ask again")
	require.True(t, b.holdBack(t, begin(5), 5), "another one while it is going")

	b.down(t, accounts[0], 0, 6)
	require.Zero(t, b.newestIncident(t).Probes, "another run's failure")
	for i, gap := range []float64{2, 4, 8, 15, 15} {
		incident := b.down(t, accounts[0], probe, 100*float64(i+1))
		require.Equal(t, i+1, incident.Probes)
		require.Equal(t, at(100*float64(i+1)+gap), incident.ProbeAt)
		probe = begin(100*float64(i+1) + gap)
		require.False(t, b.holdBack(t, probe, 100*float64(i+1)+gap))
	}

	b.finish(t, probe, scrape.OutcomeLayoutChanged, at(520)) // no verdict
	require.True(t, b.holdBack(t, begin(521), 521), "the gap is kept")
	lost := begin(530)
	require.False(t, b.holdBack(t, lost, 530), "and its place is free")
	require.True(t, b.holdBack(t, begin(544), 544))
	require.False(t, b.holdBack(t, begin(545), 545), "the place of one that is lost is free after a while")
	require.Equal(t, 5, b.newestIncident(t).Probes)

	require.NotNil(t, b.answered(t, accounts[0], 546))
	require.False(t, b.holdBack(t, begin(547), 547))
	require.False(t, b.holdBack(t, begin(547), 547))
}

// Many workers see many accounts fail at the same time: one incident, opened once, however their statements interleave.
func TestItOpensOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	accounts := b.accounts(t, 24)
	var opened, known atomic.Int32
	var wg sync.WaitGroup
	errs := make([]error, len(accounts))
	for i, account := range accounts {
		wg.Go(func() {
			incident, first, err := b.PortalFailed(t.Context(), portal, threeInFive, scrape.PortalFailure{
				CredentialID: account, Try: scrape.TriesUntilDown, Message: "No.",
			}, at(0))
			errs[i] = err
			if first {
				opened.Add(1)
			}
			if incident != nil {
				known.Add(1)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, int32(1), opened.Load())
	require.Equal(t, int32(22), known.Load(), "all but the first two")
	require.Equal(t, 24, b.newestIncident(t).Accounts)
	require.Equal(t, 1, value[int](t, b, "SELECT count(*) FROM breaker_incidents"))
}

// Exactly as many as are needed fail at the same time: the last of them sees the others, whoever it is.
func TestTheLastOneSeesTheOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	accounts := b.accounts(t, 3)
	for round := range 20 {
		minute := float64(round * 10)
		var wg sync.WaitGroup
		errs := make([]error, len(accounts))
		for i, account := range accounts {
			wg.Go(func() {
				_, _, errs[i] = b.PortalFailed(t.Context(), portal, threeInFive, scrape.PortalFailure{CredentialID: account, Try: scrape.TriesUntilDown}, at(minute))
			})
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, at(minute), b.newestIncident(t).OpenedAt)
		require.NotNil(t, b.answered(t, accounts[0], minute+1))
	}
}

// Many slots at the same time when a probe is due: one goes, the others are counted, each once.
func TestOneOfManyIsTheProbe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.open(t, b.accounts(t, 3))
	const slots = 16
	runs := make([]scrape.RunID, slots)
	for i := range runs {
		runs[i] = b.begin(t, b.addSchedule(t, fmt.Sprint(i)).ID, fmt.Sprint("w", i), at(2)).ID
	}
	held, errs := make([]bool, slots), make([]error, slots)
	var wg sync.WaitGroup
	for i, run := range runs {
		wg.Go(func() { held[i], errs[i] = b.HoldBack(t.Context(), portal, threeInFive, run, at(2)) })
	}
	wg.Wait()
	through := 0
	for i := range runs {
		require.NoError(t, errs[i])
		if !held[i] {
			through++
		}
	}
	require.Equal(t, 1, through)
	require.Equal(t, slots-1, b.newestIncident(t).Skipped)
	require.Equal(t, slots-1, value[int](t, b, "SELECT count(*) FROM scraping_history WHERE outcome = 'breaker_open'"))
}

// Failures and answers race: what is left is never an open breaker after an answer that came last.
func TestAnAnswerIsNotLost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	accounts := b.accounts(t, 6)
	for round := range 10 {
		minute := float64(round * 10)
		var wg sync.WaitGroup
		errs := make([]error, len(accounts))
		for i, account := range accounts {
			wg.Go(func() {
				if i == 0 {
					_, errs[i] = b.PortalAnswered(t.Context(), portal, account, at(minute+1))
					return
				}
				_, _, errs[i] = b.PortalFailed(t.Context(), portal, threeInFive, scrape.PortalFailure{CredentialID: account, Try: scrape.TriesUntilDown}, at(minute))
			})
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		open, err := b.OpenIncident(t.Context(), portal)
		require.NoError(t, err)
		require.Nil(t, open)
	}
}
