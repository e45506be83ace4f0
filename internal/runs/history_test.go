package runs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/fossawork/scheduler/scrape"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

// at is so many minutes after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

func stored(id scrape.RunID, workflow string, minutes int) scrape.Run {
	return scrape.Run{ID: id, ScheduleID: 7, WorkflowID: workflow, StartedAt: at(minutes)}
}

func running(workflow string, minutes int) execution {
	return execution{workflowID: workflow, runID: "run of " + workflow, scheduleID: 7, startedAt: at(minutes)}
}

// of gives an execution an owner.
func of(user scrape.UserID, e execution) execution {
	e.userID = user
	return e
}

func TestMerge(t *testing.T) {
	t.Parallel()
	schedule := scrape.Schedule{ID: 7, UserID: "u", JobType: scrape.JobWorkOrders}
	for name, test := range map[string]struct {
		stored []scrape.Run
		alive  []execution
		limit  int
		want   []string // workflow ids, newest first
	}{
		"nothing":                            {nil, nil, 10, []string{}},
		"only stored":                        {[]scrape.Run{stored(2, "b", 2), stored(1, "a", 1)}, nil, 10, []string{"b", "a"}},
		"its owner's":                        {nil, []execution{of("u", running("a", 1))}, 10, []string{"a"}},
		"another owner's of the same number": {nil, []execution{of("x", running("a", 1))}, 10, []string{}},
		"only alive":                         {nil, []execution{running("a", 1), running("b", 2)}, 10, []string{"b", "a"}},
		"alive has a row":                    {[]scrape.Run{stored(2, "b", 2)}, []execution{running("b", 2)}, 10, []string{"b"}},
		"newest is only alive":               {[]scrape.Run{stored(1, "a", 1)}, []execution{running("b", 2)}, 10, []string{"b", "a"}},
		"alive between two rows":             {[]scrape.Run{stored(3, "c", 3), stored(1, "a", 1)}, []execution{running("b", 2)}, 10, []string{"c", "b", "a"}},
		"limit keeps the newest":             {[]scrape.Run{stored(2, "b", 2), stored(1, "a", 1)}, []execution{running("c", 3)}, 2, []string{"c", "b"}},
		"limit 1 shows what runs":            {[]scrape.Run{stored(1, "a", 1)}, []execution{running("b", 2)}, 1, []string{"b"}},
		"its row is on a later page":         {[]scrape.Run{stored(3, "c", 3), stored(2, "b", 2)}, []execution{running("a", 1)}, 2, []string{"c", "b"}},
		"its row cannot be on a later page":  {[]scrape.Run{stored(3, "c", 3), stored(2, "b", 2)}, []execution{running("a", 1)}, 3, []string{"c", "b", "a"}},
		"same time as the oldest shown":      {[]scrape.Run{stored(2, "b", 2)}, []execution{running("c", 2)}, 1, []string{"b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := append([]scrape.Run(nil), test.stored...)
			merged := merge(test.stored, test.alive, schedule, test.limit)
			got := []string{}
			for _, run := range merged {
				got = append(got, run.WorkflowID)
			}
			require.Equal(t, test.want, got)
			require.Equal(t, before, test.stored, "the store's answer is left alone")
		})
	}
}

func TestMergedRunLooksLikeOneThatRuns(t *testing.T) {
	t.Parallel()
	schedule := scrape.Schedule{ID: 7, UserID: "u", JobType: scrape.JobWorkOrders}
	require.Equal(t, []scrape.Run{{
		ScheduleID: 7, UserID: "u", JobType: scrape.JobWorkOrders, Trigger: scrape.TriggerScheduled, WorkflowID: "a", TemporalRunID: "run of a",
		NominalAt: at(1), StartedAt: at(1), Progress: scrape.Progress{Phase: scrape.PhaseInitializing, Message: "Waiting for its turn"},
	}}, merge(nil, []execution{running("a", 1)}, schedule, 10))
	require.True(t, merge(nil, []execution{running("a", 1)}, schedule, 10)[0].Running())
}

func TestEndOf(t *testing.T) {
	t.Parallel()
	want := map[enumspb.WorkflowExecutionStatus]scrape.Outcome{
		enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED: scrape.OutcomeTerminated,
		enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:  scrape.OutcomeTimedOut,
		enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:   scrape.OutcomeCancelled,
		enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:     scrape.OutcomeInternalError,
		enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:  scrape.OutcomeInternalError,
	}
	for number, name := range enumspb.WorkflowExecutionStatus_name {
		end, ended := endOf(enumspb.WorkflowExecutionStatus(number))
		outcome, closes := want[enumspb.WorkflowExecutionStatus(number)]
		require.Equal(t, closes, ended, name)
		require.Equal(t, outcome, end.Outcome, name)
		require.Equal(t, closes, end.ErrorMessage != "", name)
		require.Empty(t, end.ErrorDetail)
	}
}
