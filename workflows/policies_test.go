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
)

// row is an activity's line of the table in docs/runbook.md.
func (p policy) row(activity string) string {
	heartbeat := "-"
	if p.heartbeat > 0 {
		heartbeat = inWords(p.heartbeat)
	}
	retries := fmt.Sprintf("%s x%g, max %s", inWords(p.firstWait), p.growth, inWords(p.longest))
	if p.attempts > 0 {
		retries = fmt.Sprintf("%d attempts; %s", p.attempts, retries)
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s | %s |",
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
	written := regexp.MustCompile("(?m)^\\| `[A-Z]\\w+` \\| (?:scrape|browser) \\|.*$").FindAllString(string(text), -1)
	var want []string
	for _, activity := range slices.Sorted(maps.Keys(policies)) {
		want = append(want, policies[activity].row(activity))
	}
	slices.Sort(written)
	require.Equal(t, strings.Join(want, "\n"), strings.Join(written, "\n"), "docs/runbook.md, the table of activities")
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
	for activity, p := range policies {
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
