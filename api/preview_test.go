package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

func (f fakeSchedules) Find(
	_ context.Context, user scrape.UserID, filter scrape.ScheduleFilter,
) ([]scrape.Schedule, scrape.ScheduleID, error) {
	f.found = filter
	var own []scrape.Schedule
	for _, schedule := range f.schedules {
		if schedule.UserID == user {
			own = append(own, schedule)
		}
	}
	return own, f.more, f.fail
}

func (f fakeSchedules) Home(context.Context, scrape.UserID) (schedules.Home, error) {
	return f.homePage, f.fail
}

func (f fakeSchedules) Preview(
	_ context.Context, user scrape.UserID, asked schedules.Request, from *time.Time, count int,
) (schedules.Preview, error) {
	f.asked, f.from, f.count = asked, from, count
	if asked.JobType == "" {
		asked.JobType = scrape.JobWorkOrders
	}
	return f.foretold, check(asked.Schedule(user))
}

func (f fakeSchedules) PreviewStored(
	ctx context.Context, user scrape.UserID, id scrape.ScheduleID, from *time.Time, count int,
) (schedules.Preview, error) {
	f.from, f.count = from, count
	_, err := f.Get(ctx, user, id)
	return f.foretold, err
}

// foretold is a world that foretells two slots, in summer and in winter.
func foretold(t *testing.T) *world {
	t.Helper()
	york, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	w := newWorld(t)
	w.foretold = schedules.Preview{
		Slots: []time.Time{time.Date(2030, 1, 2, 11, 17, 3, 0, time.UTC), time.Date(2030, 7, 2, 10, 17, 3, 0, time.UTC)}, Zone: york, Sentence: "At times.",
	}
	return w
}

const foretoldText = `{"slots": [{"at": "2030-01-02T11:17:03Z", "local": "2030-01-02T06:17:03-05:00"},
	{"at": "2030-07-02T10:17:03Z", "local": "2030-07-02T06:17:03-04:00"}], "sentence": "At times.", "warnings": []}`

func TestPreviewSchedule(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		asked schedules.Request
		from  *time.Time
		count int
	}{
		`{}`: {schedules.Request{IntervalHours: 1, Enabled: true}, nil, 10},
		`{"schedule_type":null,"from":null,"count":null,"cron":null}`: {schedules.Request{IntervalHours: 1, Enabled: true}, nil, 10},
		`{"schedule_type":"dispensers","cron":["30 6 * * 1-5"],"timezone":"UTC","from":"2030-01-02T00:00:00+01:00","count":1000}`: {
			schedules.Request{JobType: scrape.JobDispensers, Cron: []string{"30 6 * * 1-5"}, Timezone: "UTC", Enabled: true},
			pointer(time.Date(2030, 1, 1, 23, 0, 0, 0, time.UTC)), 1000,
		},
	} {
		w := foretold(t)
		got := w.do(t, http.MethodPost, root+"/preview", body)
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.JSONEq(t, foretoldText, got.text)
		require.Equal(t, want.asked, w.asked)
		require.Equal(t, want.count, w.count)
		require.Equal(t, want.from == nil, w.from == nil)
		if want.from != nil {
			require.True(t, want.from.Equal(*w.from))
		}
	}
	w := foretold(t)
	require.Equal(t, http.StatusOK, w.do(t, http.MethodPost, root+"/preview/", `{}`).status)
	for body, want := range map[string]string{
		`{"count":1001}`:                "count must be at most 1000.",
		`{"count":0}`:                   "count must be at least 1.",
		`{"from":"soon"}`:               "from must be a time with its zone, such as 2030-01-02T13:30:00Z.",
		`{"interval_hours":0.1}`:        "interval_hours must be between 0.5 and 24.",
		`{"cron":["* * * * *"]}`:        "These cron lines are due 1m0s apart; the shortest interval here is 30m0s.",
		`{"schedule_type":"x"}`:         `schedule_type must be one of "` + typeNames() + `".`,
		`{"cron":"0 6 * * *"}`:          "cron must be a list.",
		`{"active_days":[1.5]}`:         "active_days[0] must be a whole number.",
		`{"dst_policy":"thrice"}`:       `dst_policy must be one of "twice, once".`,
		`{"starts_at":"2030-01-02"}`:    "starts_at must be a time with its zone, such as 2030-01-02T13:30:00Z.",
		`{"skip_dates":["2030-02-30"]}`: `"2030-02-30" is not a date such as 2030-12-25.`,
	} {
		w.do(t, http.MethodPost, root+"/preview", body).requireProblem(t, http.StatusUnprocessableEntity, want)
	}
}

func TestPreviewStoredSchedule(t *testing.T) {
	t.Parallel()
	w := foretold(t)
	require.JSONEq(t, foretoldText, w.do(t, http.MethodGet, root+"/7/preview", "").text)
	require.Nil(t, w.from)
	require.Equal(t, 10, w.count)
	require.JSONEq(t, foretoldText, w.do(t, http.MethodGet, root+"/7/preview/?from=2030-01-02T00:00:00Z&count=3", "").text)
	require.True(t, w.from.Equal(time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, 3, w.count)
	w.do(t, http.MethodGet, root+"/8/preview", "").requireProblem(t, http.StatusNotFound, "Schedule not found")
	w.do(t, http.MethodGet, root+"/7/preview?count=1001", "").requireProblem(t, http.StatusUnprocessableEntity, "count must be at most 1000.")
}

func TestBackfillSaysWhyNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, body := range []string{"", `{"from":"2030-01-01T00:00:00Z"}`} {
		w.do(t, http.MethodPost, root+"/7/backfill", body).requireProblem(t, http.StatusUnprocessableEntity,
			"A scrape reads what the portal shows at this moment, so the past cannot be made up for. POST /api/scraping-schedules/7/run brings the present state.")
	}
	w.do(t, http.MethodPost, root+"/8/backfill", "").requireProblem(t, http.StatusNotFound, "Schedule not found")
}
