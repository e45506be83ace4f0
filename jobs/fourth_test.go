package jobs_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

const calendar = `<div class="calendar">
	<div class="visit" data-id="55001" data-order="100001" data-date="2030-01-03">Circle K #4001</div>
	<div class="visit" data-id="55002" data-order="100002" data-date="2030-01-04">Wawa #4002</div>
</div>`

// The example of docs/jobs.md does what it says.
func TestExampleJob(t *testing.T) {
	t.Parallel()
	require.NoError(t, jobs.Visits.Check())
	h := newHarness(t, jobs.Visits, `{"days_ahead": 30}`)
	h.portal.html = calendar
	result, err := h.do(t, "CollectVisits")
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeSuccess, result.Outcome)
	require.Equal(t, scrape.Counts{Processed: 2, Added: 2}, result.Counts)
	require.Equal(t, []jobs.PageRequest{{Path: "/app/work/calendar?days=30", Ready: ".calendar", Element: "calendar"}}, h.portal.asked)
	require.Equal(t, scrape.Item{
		Key: "55001", Label: "Circle K #4001", Data: map[string]any{"work_order": "100001", "date": "2030-01-03"},
	}, h.store.items[0])
	h.requireProgress(t)

	result, err = h.do(t, "CollectVisits")
	require.NoError(t, err)
	require.Equal(t, scrape.Counts{Processed: 2, Unchanged: 2}, result.Counts, "a step may be done twice")

	h.portal.html = strings.ReplaceAll(calendar, "data-id", "data-key")
	_, err = h.do(t, "CollectVisits")
	require.Equal(t, scrape.KindLayoutChanged, scrape.KindOf(err))
	require.Nil(t, h.store.items[0].RemovedAt)

	for _, bad := range []string{`{"days_ahead": 0}`, `{"days_ahead": 91}`, `{"weeks": 1}`} {
		_, err := jobs.Visits.ParseSettings([]byte(bad))
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(err), bad)
	}
}

// docs/jobs.md shows the example as it is compiled here.
func TestDocsShowTheExample(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("visits_test.go")
	require.NoError(t, err)
	head, rest, found := strings.Cut(string(source), "// example stands for")
	require.True(t, found)
	_, code, found := strings.Cut(rest, "which a test compares with it.\n\n")
	require.True(t, found)
	want := "```go\n" + head + strings.Replace(code, "= example(Job{", "= register(Job{", 1) + "```\n"

	docs, err := os.ReadFile("../docs/jobs.md")
	require.NoError(t, err)
	require.Contains(t, string(docs), want)
}

// docs/jobs.md speaks of every type, step and setting there is.
func TestDocsSpeakOfEveryJob(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../docs/jobs.md")
	require.NoError(t, err)
	for _, job := range jobs.All() {
		require.Contains(t, string(docs), "\n### `"+string(job.Type)+"`\n")
		for _, step := range job.Steps {
			require.Contains(t, string(docs), "`"+step.Name+"`")
		}
		for name, value := range defaultsOf(t, job) {
			require.Regexp(t, "(?m)^\\| `"+name+"` \\| `?"+value+"`? \\|", string(docs), "the setting %s of %s with its default", name, job.Type)
		}
	}
}

// defaultsOf are the settings of a type by name, as patterns for their JSON.
func defaultsOf(t *testing.T, job jobs.Job) map[string]string {
	t.Helper()
	text, err := json.Marshal(job.Settings())
	require.NoError(t, err)
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &members))
	patterns := map[string]string{}
	for name, value := range members {
		patterns[name] = regexp.QuoteMeta(strings.ReplaceAll(string(value), ",", ", "))
	}
	return patterns
}

// One registration is all that a fourth type takes: types, steps and the activity that carries them out know it.
func TestFourthJobNeedsNoOtherEdit(t *testing.T) { //nolint:paralleltest // the registry is everybody's
	before := len(jobs.Types())
	jobs.RegisterForTest(t, jobs.Visits)
	require.Len(t, jobs.Types(), before+1)
	require.Contains(t, jobs.Types(), jobs.Visits.Type)
	found, err := jobs.Find("visits")
	require.NoError(t, err)
	require.Equal(t, "Visits", found.Title)
	step, ok := jobs.FindStep("CollectVisits")
	require.True(t, ok)
	require.Error(t, jobs.Visits.Check(), "it is there now, so it cannot be registered twice")

	store := &stepStore{memory: &memory{}, settings: `{"days_ahead": 7}`}
	site := &portal{html: calendar, clock: &clock{noon}}
	steps := &activities.Steps{
		Store: store, Site: siteOf{portal: site}, Vault: kept{}, Places: kept{}, PortalPlaces: 1, AccountPlaces: 1, Now: site.clock.Now,
		Evidence: &activities.Evidence{Now: site.clock.Now},
	}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(steps.Activity(step), activity.RegisterOptions{Name: step.Name})
	value, err := env.ExecuteActivity(step.Name, activities.StepInput{RunID: 501, CredentialID: 3})
	require.NoError(t, err)
	var result jobs.Result
	require.NoError(t, value.Get(&result))
	require.Equal(t, scrape.OutcomeSuccess, result.Outcome)
	require.Equal(t, 2, result.Counts.Added)
	require.Equal(t, "/app/work/calendar?days=7", site.asked[0].Path, "with the schedule's settings")
	require.Equal(t, []string{"Reading visits"}, store.said)
}

func TestRegistryIsAsBefore(t *testing.T) {
	t.Parallel()
	_, err := jobs.Find("visits")
	require.Error(t, err, "the fourth type is of one test only")
}

// stepStore is the store that activities want.
type stepStore struct {
	*memory
	settings string
	said     []string
}

func (s *stepStore) RunOf(context.Context, string, scrape.CredentialID) (scrape.Run, error) {
	return scrape.Run{ID: 501, ScheduleID: 7, JobType: "visits"}, nil
}

func (s *stepStore) RunsBefore(context.Context, scrape.Run, []scrape.JobType) ([]scrape.JobType, error) {
	return nil, nil
}

func (s *stepStore) Schedule(context.Context, scrape.ScheduleID) (scrape.Schedule, error) {
	return scrape.Schedule{ID: 7, Settings: []byte(s.settings)}, nil
}

func (s *stepStore) SetProgress(_ context.Context, _ scrape.RunID, progress scrape.Progress) error {
	s.said = append(s.said, progress.Message)
	return nil
}

// siteOf lets the fake portal be visited by activities.
type siteOf struct {
	activities.Site
	portal *portal
}

func (s siteOf) Visit(
	ctx context.Context, session scrape.Session, work func(context.Context, jobs.Visit) error,
) (scrape.Session, error) {
	return session, work(ctx, &visit{portal: s.portal})
}

// kept is a vault with a session, and places for everybody.
type kept struct{ activities.Vault }

func (kept) Paused(context.Context, scrape.CredentialID) (time.Duration, error) { return 0, nil }

func (kept) Session(context.Context, scrape.CredentialID) (scrape.Session, int64, error) {
	return scrape.Session{}, 4, nil
}

func (kept) RenewSession(context.Context, scrape.CredentialID, int64, scrape.Session, scrape.Session) error {
	return nil
}

func (kept) WithPortalSlots(ctx context.Context, _ []scrape.Slot, fn func(context.Context) error) (bool, error) {
	return true, fn(ctx)
}
