package schedules

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
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

func TestCalendarsAreTheDailySlots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		timing := scrape.Timing{
			Interval: time.Duration(rapid.IntRange(60, 86400).Draw(t, "interval")) * time.Second,
			ActiveHours: &scrape.Hours{
				Start: rapid.IntRange(0, 11).Draw(t, "start"), End: rapid.IntRange(12, 24).Draw(t, "end"),
			},
		}
		timing.Offset = scrape.SpreadOffset(rapid.String().Draw(t, "key"), timing)
		var got []time.Duration
		for _, calendar := range calendars(timing.DailySlots()) {
			for _, hour := range expand(calendar.Hour) {
				for _, minute := range expand(calendar.Minute) {
					for _, second := range expand(calendar.Second) {
						got = append(got, time.Duration(hour*3600+minute*60+second)*time.Second)
					}
				}
			}
		}
		slices.Sort(got)
		require.Equal(t, timing.DailySlots(), got)
	})
}

func expand(ranges []client.ScheduleRange) []int {
	var all []int
	for _, r := range ranges {
		for n := r.Start; n <= r.End; n += r.Step {
			all = append(all, n)
		}
	}
	return all
}

func TestHalfHoursTakeOneCalendar(t *testing.T) {
	t.Parallel()
	spec := specFor(scrape.Timing{Interval: 30 * time.Minute, ActiveHours: &scrape.Hours{Start: 6, End: 22}})
	require.Len(t, spec.Calendars, 1)
	require.Equal(t, []client.ScheduleRange{{Start: 6, End: 21, Step: 1}}, spec.Calendars[0].Hour)
	require.Equal(t, []client.ScheduleRange{{Start: 0, End: 0, Step: 1}, {Start: 30, End: 30, Step: 1}}, spec.Calendars[0].Minute)
}

// What we announce is what Temporal fires, also on the days when the clocks change, and what Temporal gives back is what we sent.
func TestTemporalReadsTheSpecAsWeDo(t *testing.T) {
	t.Parallel()
	temporal, namespace := dial(t)
	hours := func(start, end int) *scrape.Hours { return &scrape.Hours{Start: start, End: end} }
	timings := []scrape.Timing{
		{Interval: time.Hour, Timezone: "UTC"},
		{Interval: 90 * time.Minute, Offset: 1023 * time.Second, Timezone: "America/New_York"},
		{Interval: 30 * time.Minute, Timezone: "America/New_York", ActiveHours: hours(0, 6)},
		{Interval: 90 * time.Minute, Offset: 1023 * time.Second, Timezone: "America/New_York", ActiveHours: hours(6, 22)},
		{Interval: time.Hour, Offset: 61 * time.Second, Timezone: "Europe/Berlin", ActiveHours: hours(22, 5)},
		{Interval: 45 * time.Minute, Timezone: "Australia/Sydney", ActiveHours: hours(0, 24)},
		{Interval: 7*time.Hour + 13*time.Second, Offset: 59 * time.Minute, Timezone: "Asia/Kolkata", ActiveHours: hours(8, 0)},
		{Interval: 31 * time.Minute, Offset: 7 * time.Second, Timezone: "America/St_Johns", ActiveHours: hours(1, 4)},
		{Interval: 37 * time.Minute, Timezone: "Africa/Casablanca", ActiveHours: hours(0, 24)},
	}
	ranges := [][2]string{ // around changes of the clocks in those zones
		{"2027-03-13T00:00:00Z", "2027-03-16T00:00:00Z"},
		{"2027-03-27T00:00:00Z", "2027-03-30T00:00:00Z"},
		{"2027-04-02T00:00:00Z", "2027-04-05T00:00:00Z"},
		{"2027-10-02T00:00:00Z", "2027-10-04T00:00:00Z"},
		{"2027-10-30T00:00:00Z", "2027-11-01T00:00:00Z"},
		{"2027-11-06T00:00:00Z", "2027-11-09T00:00:00Z"},
	}
	for i, timing := range timings {
		t.Run(fmt.Sprintf("%s every %s", timing.Timezone, timing.Interval), func(t *testing.T) {
			t.Parallel()
			schedule := scrape.Schedule{ID: scrape.ScheduleID(i + 1), UserID: "u", JobType: scrape.JobWorkOrders, Timing: timing}
			options := optionsFor(schedule)
			handle, err := temporal.ScheduleClient().Create(t.Context(), options)
			require.NoError(t, err)

			for _, r := range ranges {
				from, until := instant(t, r[0]), instant(t, r[1])
				fires := matchingTimes(t, temporal, namespace, options.ID, from, until)
				var announced []string
				for slot := range timing.Slots(from) {
					if slot.After(until) {
						break
					}
					announced = append(announced, slot.Format(time.RFC3339))
				}
				if east := timing.Location(); timing.ActiveHours != nil && offsetOf(from, east) > 0 {
					fires, announced = unrepeated(t, fires, east), unrepeated(t, announced, east)
				}
				require.Equal(t, fires, announced)
			}

			description, err := handle.Describe(t.Context())
			require.NoError(t, err)
			require.True(t, sameSpec(*description.Schedule.Spec, options.Spec), "described: %+v\nsent: %+v", description.Schedule.Spec, options.Spec)
			require.Equal(t, timing.CatchUp(), description.Schedule.Policy.CatchupWindow)
		})
	}
}

// matchingTimes asks Temporal when a schedule is due, from and until included.
func matchingTimes(t *testing.T, temporal client.Client, namespace, id string, from, until time.Time) []string {
	t.Helper()
	answer, err := temporal.WorkflowService().ListScheduleMatchingTimes(t.Context(), &workflowservice.ListScheduleMatchingTimesRequest{
		Namespace: namespace, ScheduleId: id,
		StartTime: timestamppb.New(from.Add(-time.Second)), EndTime: timestamppb.New(until), // the start is excluded
	})
	require.NoError(t, err)
	var fires []string
	for _, at := range answer.GetStartTime() {
		fires = append(fires, at.AsTime().UTC().Format(time.RFC3339))
	}
	return fires
}

func offsetOf(at time.Time, loc *time.Location) int {
	_, offset := at.In(loc).Zone()
	return offset
}

// unrepeated leaves out the times that a clock in loc shows twice.
func unrepeated(t *testing.T, times []string, loc *time.Location) []string {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(times), func(text string) bool {
		at := instant(t, text)
		hour := at.In(loc).Hour()
		return at.Add(-time.Hour).In(loc).Hour() == hour || at.Add(time.Hour).In(loc).Hour() == hour
	})
}

// Where the two are known to differ: east of Greenwich, Temporal fires one copy of a repeated hour, and which one depends on the other slots.
// Once a year, one announced slot of such a schedule does not run. When this test fails, Temporal has mended it.
func TestTemporalFiresOneCopyOfARepeatedHourInTheEast(t *testing.T) {
	t.Parallel()
	temporal, namespace := dial(t)
	timing := scrape.Timing{Interval: 2 * time.Hour, Timezone: "Europe/Berlin", ActiveHours: &scrape.Hours{Start: 22, End: 5}}
	options := optionsFor(scrape.Schedule{ID: 1, UserID: "u", JobType: scrape.JobWorkOrders, Timing: timing})
	_, err := temporal.ScheduleClient().Create(t.Context(), options)
	require.NoError(t, err)
	fires := matchingTimes(t, temporal, namespace, options.ID, instant(t, "2027-10-30T23:00:00Z"), instant(t, "2027-10-31T02:00:00Z"))
	require.Equal(t, []string{"2027-10-31T01:00:00Z"}, fires)
	for slot := range timing.Slots(instant(t, "2027-10-30T23:00:00Z")) {
		require.Equal(t, "2027-10-31T00:00:00Z", slot.Format(time.RFC3339))
		break
	}
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
	want := specFor(timing)
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
	require.True(t, sameSpec(specFor(timing), want))
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := specFor(timing)
			change(&changed)
			require.False(t, sameSpec(changed, want))
		})
	}
}
