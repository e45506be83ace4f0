package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/schedules"
	"github.com/fossawork/scheduler/scrape"
)

func TestListFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]scrape.ScheduleFilter{
		"type=work_orders": {JobType: scrape.JobWorkOrders}, "status=held": {Status: scrape.StatusHeld}, "status=overdue": {Status: scrape.StatusOverdue}, "q=Night%25": {Query: "Night%"},
		"limit=2": {Limit: 2}, "cursor=a": {After: 10}, "type=filters&status=failed&q=x&limit=500&cursor=10": {
			JobType: scrape.JobFilters, Status: scrape.StatusFailed, Query: "x", Limit: 500, After: 36,
		},
	} {
		got := w.do(t, http.MethodGet, root+"/?"+query, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Len(t, got.list(t), 1, "a bare list")
		require.Equal(t, want, w.found, query)
		require.Empty(t, got.header.Get("X-Next-Cursor"))
		require.Empty(t, got.header.Get("Link"))
	}
	require.Zero(t, w.lists)
	for _, path := range []string{"", "/", "?type=&status=&q=&cursor=", "?user_id=x"} {
		w.lists = 0
		require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, root+path, "").status)
		require.Equal(t, 1, w.lists, "the old list")
	}
	for query, want := range map[string]string{
		"status=odd": `status must be one of "active, paused, failed, held, overdue".`, "limit=0": "limit must be at least 1.",
		"limit=501": "limit must be at most 500.", "limit=x": "limit must be a whole number.",
		"cursor=-": "cursor must be the X-Next-Cursor of a page of this list.", "cursor=0": "cursor must be the X-Next-Cursor of a page of this list.",
	} {
		w.do(t, http.MethodGet, root+"?"+query, "").requireProblem(t, http.StatusUnprocessableEntity, want)
	}
	require.Equal(t, http.StatusUnprocessableEntity, w.do(t, http.MethodGet, root+"?type=odd", "").status)
}

func TestListPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.more = 4711
	got := w.do(t, http.MethodGet, root+"?limit=1&q=a%26b", "")
	cursor := got.header.Get("X-Next-Cursor")
	require.NotEmpty(t, cursor)
	address, rel, _ := strings.Cut(got.header.Get("Link"), ">; ")
	require.Equal(t, `rel="next"`, rel)
	next, err := url.Parse(strings.TrimPrefix(address, "<"))
	require.NoError(t, err)
	require.Equal(t, cursor, next.Query().Get("cursor"))
	w.more = 0
	got = w.do(t, http.MethodGet, next.String(), "")
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, scrape.ScheduleFilter{Query: "a&b", Limit: 1, After: 4711}, w.found)
	require.Empty(t, got.header.Get("X-Next-Cursor"))
}

func TestVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for method, path := range map[string]string{http.MethodGet: root + "/7", http.MethodPost: root, http.MethodPut: root + "/7"} {
		got := w.do(t, method, path, `{"schedule_type":"work_orders"}`)
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.Equal(t, `"`+got.object(t)["version"].(string)+`"`, got.header.Get("ETag"), method)
	}
	w.do(t, http.MethodPut, root+"/7", `{}`, `If-Match: "3-x"`)
	require.Equal(t, `"3-x"`, w.patch.IfMatch)
	w.do(t, http.MethodPut, root+"/7", `{}`)
	require.Empty(t, w.patch.IfMatch)
	w.do(t, http.MethodDelete, root+"/7", "", `If-Match: "3-x"`)
	require.Equal(t, `"3-x"`, w.ifMatch)
	w.do(t, http.MethodDelete, root+"/7", "")
	require.Empty(t, w.ifMatch)
	w.fail = scrape.Errorf(scrape.KindStale, "This schedule was changed since you have read it.")
	problem := w.do(t, http.MethodPut, root+"/7", `{}`, `If-Match: "3-x"`).requireProblem(t, http.StatusPreconditionFailed, scrape.MessageOf(w.fail))
	require.Equal(t, "stale", problem["error"])
	w.do(t, http.MethodDelete, root+"/7", "", `If-Match: "3-x"`).requireProblem(t, http.StatusPreconditionFailed, scrape.MessageOf(w.fail))
}

func TestTimingFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	moment := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	got := w.do(t, http.MethodPost, root, `{"schedule_type":"work_orders","cron":["30 6 * * 1-5","0 18 * * 1-5"],"active_days":[5,1,1],
		"skip_dates":["2030-12-25","2030-01-01"],"starts_at":"2020-01-01T00:00:00Z","ends_at":"2100-01-01T00:00:00Z","dst_policy":"once","catchup":"all","overlap":"buffer_one",
		"max_age_hours":4.5}`)
	require.Equal(t, http.StatusOK, got.status, got.text)
	require.Equal(t, schedules.Request{
		JobType: scrape.JobWorkOrders, Cron: []string{"30 6 * * 1-5", "0 18 * * 1-5"}, ActiveDays: []int{5, 1, 1},
		SkipDates: []string{"2030-12-25", "2030-01-01"}, StartsAt: &moment, EndsAt: pointer(moment.AddDate(80, 0, 0)), DST: scrape.DSTOnce,
		CatchUp: scrape.CatchUpAll, Overlap: scrape.OverlapBufferOne, MaxAgeHours: pointer(4.5), Enabled: true,
	}, w.asked)
	schedule := got.object(t)
	for field, want := range map[string]any{
		"cron": []any{"30 6 * * 1-5", "0 18 * * 1-5"}, "active_days": []any{1.0, 5.0}, "skip_dates": []any{"2030-01-01", "2030-12-25"},
		"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2100-01-01T00:00:00Z", "dst_policy": "once", "catchup": "all", "overlap": "buffer_one", "max_age_hours": 4.5,
		"interval_hours": 11.5,
	} {
		require.Equal(t, want, schedule[field], field)
	}
	w.do(t, http.MethodPost, root, `{"schedule_type":"work_orders","interval_hours":1,"cron":["30 6 * * *"]}`).
		requireProblem(t, http.StatusUnprocessableEntity, "Give either interval_hours or cron, not both.")

	w.do(t, http.MethodPut, root+"/7", `{"cron":null,"active_days":null,"skip_dates":[],"starts_at":null,"ends_at":null,"dst_policy":null,"catchup":null,"overlap":null,
		"max_age_hours":null,"pause_reason":null,"missed":null}`)
	require.Equal(t, schedules.Patch{
		SetCron: true, SetActiveDays: true, SetSkipDates: true, SkipDates: []string{}, SetStartsAt: true, SetEndsAt: true, SetMaxAge: true,
		DST: pointer(scrape.DSTPolicy("")), CatchUp: pointer(scrape.CatchUpPolicy("")), Overlap: pointer(scrape.OverlapPolicy("")), PauseReason: pointer(""),
	}, w.patch)
	w.do(t, http.MethodPut, root+"/7", `{"enabled":true,"missed":"last","pause_reason":"On holiday","catchup":"none","overlap":"buffer_one","dst_policy":"twice","max_age_hours":2}`)
	require.Equal(t, schedules.Patch{
		Enabled: pointer(true), Missed: schedules.MissedLast, PauseReason: pointer("On holiday"), CatchUp: pointer(scrape.CatchUpNone), Overlap: pointer(scrape.OverlapBufferOne),
		DST: pointer(scrape.DSTTwice), SetMaxAge: true, MaxAgeHours: pointer(2.0),
	}, w.patch)
	for body, want := range map[string]string{
		`{"missed":"some"}`: `missed must be one of "none, last, all".`, `{"max_age_hours":0}`: "max_age_hours must be above 0.",
		`{"active_days":[7]}`: "active_days must be numbers from 0 (Sunday) to 6 (Saturday).", `{"interval_hours":2,"cron":["0 6 * * *"]}`: "Give either interval_hours or cron, not both.",
		`{"cron":["0 6 * *"]}`: `"0 6 * *" must have five fields: minute, hour, day of month, month, day of week.`,
	} {
		w.do(t, http.MethodPut, root+"/7", body).requireProblem(t, http.StatusUnprocessableEntity, want)
	}
}

// A front end that knows only the old fields shows a schedule with cron lines, and may send back all that it has read.
func TestOldClientsKeepCronLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.schedules[0].Timing = scrape.Timing{Cron: []string{"30 6 * * *"}, Timezone: "UTC"}
	read := w.do(t, http.MethodGet, root, "").list(t)[0]
	require.InDelta(t, 24, read["interval_hours"], 0)
	got := w.do(t, http.MethodPut, root+"/7", `{"interval_hours":24,"active_hours":null,"enabled":false}`).object(t)
	require.Equal(t, []any{"30 6 * * *"}, got["cron"])
	require.Equal(t, "paused", got["status"])
	got = w.do(t, http.MethodPut, root+"/7", `{"interval_hours":2,"active_hours":null,"enabled":true}`).object(t)
	require.Equal(t, []any{}, got["cron"])
	require.InDelta(t, 2, got["interval_hours"], 0)
}

func TestWarningsOfASchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.schedules[0].ConsecutiveFailures = 2
	require.Nil(t, w.do(t, http.MethodGet, root+"/7", "").object(t)["warning"])
	w.schedules[0].ConsecutiveFailures = 3
	require.Contains(t, w.do(t, http.MethodGet, root+"/7", "").object(t)["warning"], "The last 3 runs failed.")
	w.schedules[0].ConsecutiveFailures, w.schedules[0].SuspendedAt, w.schedules[0].ProbeAt = 5, pointer(at(0)), pointer(at(3600))
	got := w.do(t, http.MethodGet, root+"/7", "").object(t)
	require.Equal(t, "2030-01-02T13:30:00.123456Z", got["suspended_at"])
	require.Equal(t, "2030-01-02T14:30:00.123456Z", got["probe_at"])
	require.Equal(t, got["probe_at"], got["next_run"])
	require.Contains(t, got["warning"], "next at 2 January 2030, 9:30 (New York time)")

	data := time.Now().Add(-time.Minute)
	w.schedules[0].DataAt, w.schedules[0].MaxAge = &data, time.Hour
	require.Equal(t, "fresh", w.do(t, http.MethodGet, root+"/7", "").object(t)["freshness"])
	data = data.Add(-90 * time.Minute)
	got = w.do(t, http.MethodGet, root+"/7", "").object(t)
	require.Equal(t, "late", got["freshness"])
	require.Equal(t, "The data is 91 minutes old; it should be at most 1 hour old. The last 5 runs failed.", got["freshness_reason"])
}
