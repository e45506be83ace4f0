package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// begin begins a run that a schedule fired for a slot.
func begin(t *testing.T, store *memory) activities.BeginResult {
	t.Helper()
	store.schedule = &scrape.Schedule{ID: 7}
	recorder := &activities.Recorder{Store: store, Firings: &firings{at: slot}, Meter: store}
	result, err := execute[activities.BeginResult](t, environment(t, recorder), recorder.BeginRun, activities.BeginInput{
		ScheduleID: 7, FiredBy: "scrape-schedule-7", NominalAt: slot, StartedAt: slot,
	})
	require.NoError(t, err)
	return result
}

// A scheduled run without a login that works is held: nobody is told of a failure that they know of, and the portal is not asked.
func TestScheduledRunsWaitForALogin(t *testing.T) {
	t.Parallel()
	for name, begun := range map[string]scrape.Begun{
		"none is stored": {},
		"rejected":       {CredentialID: 3, CredentialState: scrape.CredentialRejected},
		"locked":         {CredentialID: 3, CredentialState: scrape.CredentialLocked},
	} {
		for _, job := range []scrape.JobType{scrape.JobWorkOrders, scrape.JobDispensers} {
			begun.Run = scrape.Run{ID: 501, JobType: job}
			store := &memory{begun: begun}
			result := begin(t, store)
			require.Equal(t, scrape.OutcomeHeldCredentials, result.Outcome, name)
			require.Empty(t, result.RefusedKind, name)
			require.Len(t, store.finished, 1, "the row is closed here, the workflow does nothing more")
			require.Equal(t, scrape.OutcomeHeldCredentials, store.finished[0].Outcome)
			require.Contains(t, store.finished[0].ErrorMessage, "ign in again")
		}
	}
}

func TestScheduledRunsWithALogin(t *testing.T) {
	t.Parallel()
	for _, state := range []scrape.CredentialState{scrape.CredentialOK, scrape.CredentialUnverified} {
		store := &memory{begun: scrape.Begun{Run: scrape.Run{ID: 501, UserID: "u"}, CredentialID: 3, CredentialState: state, SessionVersion: 4}}
		require.Equal(t, activities.BeginResult{
			RunID: 501, Trigger: scrape.TriggerScheduled, CredentialID: 3, SessionVersion: 4, UserID: "u",
			Steps: []activities.StepRef{{Name: "CollectWorkOrders", At: jobs.AtPortal}, {Name: "ApplyWorkOrders", At: jobs.AtStore}},
		}, begin(t, store))
		require.Empty(t, store.finished)
	}
}

// What is computed from the store alone needs no login.
func TestFiltersNeedNoLogin(t *testing.T) {
	t.Parallel()
	for _, state := range []scrape.CredentialState{"", scrape.CredentialRejected, scrape.CredentialLocked} {
		store := &memory{begun: scrape.Begun{Run: scrape.Run{ID: 501, JobType: scrape.JobFilters}, CredentialState: state}}
		result := begin(t, store)
		require.Empty(t, result.Outcome)
		require.Empty(t, result.RefusedKind)
		require.Equal(t, []activities.StepRef{{Name: "ComputeFilters", At: jobs.AtStore}}, result.Steps)
	}
}

// The run carries the steps of its job as they are when it begins.
func TestStepsAreRecordedWithTheRun(t *testing.T) {
	t.Parallel()
	for _, job := range jobs.All() {
		store := &memory{begun: scrape.Begun{Run: scrape.Run{ID: 501, JobType: job.Type}, CredentialID: 3, CredentialState: scrape.CredentialOK}}
		result := begin(t, store)
		require.Len(t, result.Steps, len(job.Steps))
		for i, step := range job.Steps {
			require.Equal(t, activities.StepRef{Name: step.Name, At: step.At}, result.Steps[i])
		}
	}
}

func TestRunThatIsOverBeforeItBegan(t *testing.T) {
	t.Parallel()
	store := &memory{begun: scrape.Begun{Run: scrape.Run{ID: 502, Outcome: scrape.OutcomeSkippedOverlap}}}
	result := begin(t, store)
	require.Equal(t, scrape.OutcomeSkippedOverlap, result.Outcome)
	require.Empty(t, result.Steps)
	require.Empty(t, store.finished, "the store has closed it")
}

func TestRunOfAJobThatNothingCanRun(t *testing.T) {
	t.Parallel()
	recorder := &activities.Recorder{Store: &memory{begun: scrape.Begun{Run: scrape.Run{ID: 501, JobType: "moonlight"}}}}
	_, err := execute[activities.BeginResult](t, environment(t, recorder), recorder.BeginRun, activities.BeginInput{ScheduleID: 7, StartedAt: slot})
	kind, retried := kindOf(t, err)
	require.Equal(t, scrape.KindInvalid, kind)
	require.False(t, retried)
}
