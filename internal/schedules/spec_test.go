package schedules

import (
	"archive/zip"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/workflows"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// attributes are our search attributes as the test server is told of them.
func attributes() []devstack.SearchAttribute {
	var all []devstack.SearchAttribute
	for _, attribute := range workflows.SearchAttributes() {
		all = append(all, devstack.SearchAttribute{Name: attribute.Name, Type: attribute.Type.String()})
	}
	return all
}

func dial(t *testing.T) (client.Client, string) {
	t.Helper()
	address, namespace := testenv.TemporalNamespace(t, attributes()...)
	temporal, err := client.Dial(client.Options{HostPort: address, Namespace: namespace, Logger: testenv.Logger(t)})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	return temporal, namespace
}

func TestHalfHoursTakeOneCalendar(t *testing.T) {
	t.Parallel()
	spec := specFor(scrape.Timing{Interval: 30 * time.Minute, ActiveHours: &scrape.Hours{Start: 6, End: 22}}, early)
	require.Len(t, spec.Calendars, 1)
	require.Equal(t, []client.ScheduleRange{{Start: 6, End: 21, Step: 1}}, spec.Calendars[0].Hour)
	require.Equal(t, []client.ScheduleRange{{Start: 0, End: 0, Step: 1}, {Start: 30, End: 30, Step: 1}}, spec.Calendars[0].Minute)
}

// early is when the tests write specs down: the years to 2029 are covered.
var early = time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)

// zonesThatChange are the zones whose clocks change in 2027 or 2028, by the toolchain's own list.
func zonesThatChange(t *testing.T) []string {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	require.NoError(t, err)
	defer func() { require.NoError(t, archive.Close()) }()
	var names []string
	for _, file := range archive.File {
		loc, err := time.LoadLocation(file.Name)
		if err != nil || strings.HasSuffix(file.Name, "/") {
			continue
		}
		if _, change := early.In(loc).ZoneBounds(); !change.IsZero() && change.Year() < 2029 {
			names = append(names, file.Name)
		}
	}
	require.Greater(t, len(names), 100)
	return names
}

// someTiming draws any timing that Validate takes.
func someTiming(t *rapid.T, zone string) scrape.Timing {
	timing := scrape.Timing{Timezone: zone}
	if rapid.IntRange(0, 2).Draw(t, "rhythm") > 0 {
		timing.Interval = time.Duration(rapid.SampledFrom([]int{1800, 2700, 3600, 5400, 7200, 4 * 3600, 6 * 3600, 12 * 3600, 86400, 1987, 2520, 25213}).Draw(t, "interval")) * time.Second
	} else {
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			timing.Cron = append(timing.Cron, rapid.SampledFrom([]string{
				"0 * * * *", "30 1 * * *", "15 0-3 * * *", "*/30 * * * *", "0 7 * * 1-5", "45 23 * * *", "0 2 1,15 * 0", "10 1,2,3 * 3,10,11 *", "0 0 29 2 *", "5 4 * * SUN",
				"0 6-22/2 * * MON-FRI", "0 12 31 * *",
			}).Draw(t, "line"))
		}
		slices.Sort(timing.Cron)
		timing.Cron = slices.Compact(timing.Cron)
	}
	if rapid.Bool().Draw(t, "with hours") {
		timing.ActiveHours = &scrape.Hours{Start: rapid.IntRange(0, 23).Draw(t, "start"), End: rapid.IntRange(0, 24).Draw(t, "end")}
		if timing.ActiveHours.Start == timing.ActiveHours.End {
			timing.ActiveHours.End++
		}
	}
	if rapid.Bool().Draw(t, "with days") {
		timing.ActiveDays = rapid.SampledFrom([][]int{{1, 2, 3, 4, 5}, {0, 6}, {0}, {3, 6}}).Draw(t, "days")
	}
	if rapid.Bool().Draw(t, "with dates") {
		timing.SkipDates = rapid.SampledFrom([][]string{{"2027-03-28", "2027-10-31"}, {"2027-11-07"}, {"2027-12-24", "2027-12-25", "2028-01-01"}}).Draw(t, "dates")
	}
	if rapid.Bool().Draw(t, "once") {
		timing.DST = scrape.DSTOnce
	}
	if rapid.IntRange(0, 3).Draw(t, "bounds") == 0 {
		starts, ends := early.AddDate(0, 2, 3), early.AddDate(1, 9, 11)
		timing.StartsAt, timing.EndsAt = &starts, &ends
	}
	timing.Offset = scrape.SpreadOffset(rapid.StringMatching("[a-z]{4}").Draw(t, "key"), timing)
	return timing
}

// windows cover two years, each short enough for Temporal to list all its slots.
func windows() [][2]time.Time {
	const days = 20 // of slots every half hour; it lists a thousand
	var all [][2]time.Time
	for at := early; at.Before(early.AddDate(2, 0, 0)); at = at.AddDate(0, 0, days) {
		all = append(all, [2]time.Time{at, at.AddDate(0, 0, days)})
	}
	return all
}

// What we announce is what Temporal fires: any timing, every zone whose clocks change, every slot of two years. And
// what Temporal gives back is what we sent.
func TestTemporalFiresWhatWeAnnounce(t *testing.T) { //nolint:paralleltest // it takes all that the machine has, and others have deadlines
	temporal, namespace := dial(t)
	zones := append(zonesThatChange(t), "UTC", "", "Asia/Kolkata", "Pacific/Kiritimati", "Etc/GMT+12")
	var limit errgroup.Group
	limit.SetLimit(4)
	for i, zone := range zones {
		limit.Go(func() error {
			return compareWithTemporal(t.Context(), temporal, namespace, scrape.ScheduleID(i+1), rapid.Custom(func(t *rapid.T) scrape.Timing {
				return someTiming(t, zone)
			}).Filter(func(timing scrape.Timing) bool { return timing.Validate(20*time.Minute, early) == nil }).Example(i))
		})
	}
	require.NoError(t, limit.Wait())
	t.Logf("%d zones", len(zones))
}

func compareWithTemporal(ctx context.Context, temporal client.Client, namespace string, id scrape.ScheduleID, timing scrape.Timing) error {
	options := optionsFor(scrape.Schedule{ID: id, UserID: "u", JobType: scrape.JobWorkOrders, Timing: timing}, early)
	err := patiently(ctx, func() error {
		_, err := temporal.ScheduleClient().Create(ctx, options)
		return ignoreExists(err)
	})
	if err != nil {
		return fmt.Errorf("%+v: %w", timing, err)
	}
	for _, window := range windows() {
		fires, err := matchingTimes(ctx, temporal, namespace, options.ID, window[0], window[1])
		if err != nil {
			return err
		}
		var announced []string
		for slot := range timing.Slots(window[0]) {
			if slot.After(window[1]) {
				break
			}
			announced = append(announced, slot.Format(time.RFC3339))
		}
		if !slices.Equal(fires, announced) {
			return fmt.Errorf("%+v hours %+v from %s: temporal fires\n%s\nwe announce\n%s", timing, timing.ActiveHours, window[0], fires, announced)
		}
	}
	var description *client.ScheduleDescription
	err = patiently(ctx, func() (err error) {
		description, err = temporal.ScheduleClient().GetHandle(ctx, options.ID).Describe(ctx)
		return err
	})
	switch {
	case err != nil:
		return err
	case !sameSpec(*description.Schedule.Spec, options.Spec):
		return fmt.Errorf("described: %+v\nsent: %+v", description.Schedule.Spec, options.Spec)
	case timing.CatchUpWindow() != description.Schedule.Policy.CatchupWindow:
		return fmt.Errorf("%s: another catch-up window than %s", description.Schedule.Policy.CatchupWindow, timing.CatchUpWindow())
	}
	return nil
}

// patiently asks a busy server again.
func patiently(ctx context.Context, ask func() error) error {
	var err error
	for range 10 {
		if err = ask(); err == nil || !isAway(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// matchingTimes asks Temporal when a schedule is due, from and until included. It answers a thousand at most.
func matchingTimes(ctx context.Context, temporal client.Client, namespace, id string, from, until time.Time) ([]string, error) {
	var answer *workflowservice.ListScheduleMatchingTimesResponse
	err := patiently(ctx, func() (err error) {
		answer, err = temporal.WorkflowService().ListScheduleMatchingTimes(ctx, &workflowservice.ListScheduleMatchingTimesRequest{
			Namespace: namespace, ScheduleId: id,
			StartTime: timestamppb.New(from.Add(-time.Second)), EndTime: timestamppb.New(until), // the start is excluded
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	var fires []string
	for _, at := range answer.GetStartTime() {
		fires = append(fires, at.AsTime().UTC().Format(time.RFC3339))
	}
	return fires, nil
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

func TestSameSpecSeesEveryChange(t *testing.T) {
	t.Parallel()
	timing := scrape.Timing{Interval: time.Hour, Timezone: "Europe/Berlin", ActiveHours: &scrape.Hours{Start: 6, End: 22}}
	want := specFor(timing, early)
	changes := map[string]func(*client.ScheduleSpec){
		"zone":     func(s *client.ScheduleSpec) { s.TimeZoneName = "UTC" },
		"interval": func(s *client.ScheduleSpec) { s.Intervals = []client.ScheduleIntervalSpec{{Every: time.Hour}} },
		"cron":     func(s *client.ScheduleSpec) { s.CronExpressions = []string{"* * * * *"} },
		"hour": func(s *client.ScheduleSpec) {
			s.Calendars[0].Hour = []client.ScheduleRange{{Start: 6, End: 22, Step: 1}}
		},
		"weekday": func(s *client.ScheduleSpec) {
			s.Calendars[0].DayOfWeek = []client.ScheduleRange{{Start: 1, End: 5, Step: 1}}
		},
		"skip":      func(s *client.ScheduleSpec) { s.Skip = s.Calendars },
		"jitter":    func(s *client.ScheduleSpec) { s.Jitter = time.Second },
		"start":     func(s *client.ScheduleSpec) { s.StartAt = time.Unix(1, 0) },
		"no times":  func(s *client.ScheduleSpec) { s.Calendars = nil },
		"two times": func(s *client.ScheduleSpec) { s.Calendars = append(s.Calendars, s.Calendars[0]) },
	}
	require.True(t, sameSpec(specFor(timing, early), want))
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := specFor(timing, early)
			change(&changed)
			require.False(t, sameSpec(changed, want))
		})
	}
}
