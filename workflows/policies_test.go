package workflows

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
)

// row is the line of the table in docs/runbook.md for an activity, or for the steps of jobs at a place.
func (p policy) row(activity string) string {
	heartbeat := "-"
	if p.heartbeat > 0 {
		heartbeat = inWords(p.heartbeat)
	}
	retries := fmt.Sprintf("%s x%g, max %s", inWords(p.firstWait), p.growth, inWords(p.longest))
	if p.attempts > 0 {
		retries = fmt.Sprintf("%d attempts; %s", p.attempts, retries)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s |",
		activity, p.queue, inWords(p.attempt), inWords(p.total), heartbeat, retries, p.repeatable)
}

func inWords(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	default:
		return fmt.Sprintf("%d s", d/time.Second)
	}
}

func TestRunbookShowsThePolicies(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/runbook.md")
	require.NoError(t, err)
	written := regexp.MustCompile("(?m)^\\|[^|]*`[A-Z]\\w+` \\| (?:scrape|browser) \\|.*$").FindAllString(string(text), -1)
	var want []string
	for activity, p := range policies {
		want = append(want, p.row("`"+activity+"`"))
	}
	for place, p := range stepPolicies {
		want = append(want, p.row(fmt.Sprintf("%s step: %s", place, strings.Join(stepsAt(place), ", "))))
	}
	slices.Sort(want)
	slices.Sort(written)
	require.Equal(t, strings.Join(want, "\n"), strings.Join(written, "\n"), "docs/runbook.md, the table of activities")
}

// stepsAt are the names of the steps of all job types at a place, in order.
func stepsAt(place jobs.Place) []string {
	var names []string
	for _, job := range jobs.All() {
		for _, step := range job.Steps {
			if step.At == place {
				names = append(names, "`"+step.Name+"`")
			}
		}
	}
	slices.Sort(names)
	return names
}

// Steps of jobs share the worker with the other activities, and there are policies for both places.
func TestStepsOfJobsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, job := range jobs.All() {
		for _, step := range job.Steps {
			require.NotContains(t, policies, step.Name)
			require.Contains(t, stepPolicies, step.At)
		}
	}
	require.Equal(t, BrowserQueue, stepPolicies[jobs.AtPortal].queue)
	require.Equal(t, ScrapeQueue, stepPolicies[jobs.AtStore].queue)
}

// Every activity has a policy, on the queue on whose workers it is registered, and the other way round.
func TestEveryActivityHasAPolicy(t *testing.T) {
	t.Parallel()
	queues := map[string]string{}
	for queue, steps := range map[string][]any{
		ScrapeQueue:  {&activities.Recorder{}, &activities.Repairer{}},
		BrowserQueue: {&activities.Portal{}},
	} {
		for _, receiver := range steps {
			for method := range reflect.TypeOf(receiver).Methods() {
				queues[method.Name] = queue
			}
		}
	}
	have := map[string]string{}
	for activity, p := range policies {
		have[activity] = p.queue
	}
	require.Equal(t, queues, have)
}

func TestPoliciesAreBounded(t *testing.T) {
	t.Parallel()
	all := maps.Clone(policies)
	for place, p := range stepPolicies {
		all["steps at the "+string(place)] = p
	}
	for activity, p := range all {
		require.Positive(t, p.attempt, activity)
		require.LessOrEqual(t, p.total, RunTimeout, activity)
		require.GreaterOrEqual(t, p.total, p.attempt, activity)
		require.GreaterOrEqual(t, p.growth, 1.0, activity)
		require.GreaterOrEqual(t, p.longest, p.firstWait, activity)
		require.NotEmpty(t, p.repeatable, activity)
		if p.queue == BrowserQueue {
			require.Positive(t, p.heartbeat, "%s: steps at the portal are long", activity)
		}
	}
}
