package schedules

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
)

// everything is a document with every field, and with the least.
const everything = `
# A comment, an anchor and a date that is no time.
schedules:
  - schedule_type: work_orders
    name: mornings
    enabled: false
    pause_reason: on holiday
    cron: ["17 6 * * *", "30 9  * * 1-5"]
    timezone: America/New_York
    active_hours: {start: 6, end: 22}
    active_days: [5, 1, 3, 1]
    skip_dates: [2030-12-25, "2030-07-04"]
    starts_at: 2030-01-05T06:00:00-05:00
    ends_at: 2031-01-01T00:00:00Z
    offset_seconds: 42
    dst_policy: once
    catchup: all
    overlap: buffer_one
    max_age_hours: 4.5
    settings: {}
  - schedule_type: dispensers
`

func apply(t *testing.T, d desk, text string, options ApplyOptions) []Applied {
	t.Helper()
	entries, err := ReadYAML([]byte(text))
	require.NoError(t, err)
	results, err := d.Apply(t.Context(), "u", entries, options)
	require.NoError(t, err)
	return results
}

// said is the results as lines.
func said(results []Applied) []string {
	out := []string{}
	for _, r := range results {
		text := fmt.Sprintf("%s/%s %s", r.JobType, r.Name, r.Result)
		var fields []string
		for _, field := range r.Fields {
			fields = append(fields, field.Field)
		}
		if fields != nil {
			text += " (" + strings.Join(fields, ", ") + ")"
		}
		if r.Message != "" {
			text += ": " + r.Message
		}
		out = append(out, text)
	}
	return out
}

func TestApplyIsIdempotentAndExportGivesItBack(t *testing.T) {
	t.Parallel()
	d := newDesk()
	created := []string{"work_orders/mornings created", "dispensers/dispensers created"}
	require.Equal(t, created, said(apply(t, d, everything, ApplyOptions{DryRun: true, Prune: true})))
	require.Empty(t, d.shelf.rows, "a dry run")
	require.Equal(t, created, said(apply(t, d, everything, ApplyOptions{})))
	require.Len(t, d.starts.asked, 1, "only the enabled one runs at once")

	own, err := d.shelf.UserSchedules(t.Context(), "u")
	require.NoError(t, err)
	for _, schedule := range own {
		require.True(t, schedule.Synced())
		if schedule.Name != "mornings" {
			require.True(t, schedule.Enabled)
			require.Equal(t, time.Hour, schedule.Timing.Interval)
			continue
		}
		at := func(text string) *time.Time {
			moment := instant(t, text)
			return &moment
		}
		require.False(t, schedule.Enabled)
		require.Equal(t, "on holiday", schedule.PauseReason)
		require.Equal(t, 4*time.Hour+30*time.Minute, schedule.MaxAge)
		require.Equal(t, scrape.Timing{
			Cron: []string{"17 6 * * *", "30 9 * * 1-5"}, Timezone: "America/New_York", ActiveHours: &scrape.Hours{Start: 6, End: 22},
			ActiveDays: []int{1, 3, 5}, SkipDates: []string{"2030-07-04", "2030-12-25"}, Offset: 42 * time.Second,
			StartsAt: at("2030-01-05T11:00:00Z"), EndsAt: at("2031-01-01T00:00:00Z"), DST: scrape.DSTOnce, CatchUp: scrape.CatchUpAll,
			Overlap: scrape.OverlapBufferOne,
		}, schedule.Timing)
	}

	writes, asked := d.shelf.writes, d.engine.asked.Load()
	unchanged := []string{"work_orders/mornings unchanged", "dispensers/dispensers unchanged"}
	require.Equal(t, unchanged, said(apply(t, d, everything, ApplyOptions{Prune: true})))
	definitions, err := d.Export(t.Context(), "u")
	require.NoError(t, err)
	text, err := Document{Schedules: definitions}.YAML()
	require.NoError(t, err)
	require.Equal(t, []string{unchanged[1], unchanged[0]}, said(apply(t, d, string(text), ApplyOptions{Prune: true})), string(text))
	asJSON, err := json.Marshal(Document{Schedules: definitions})
	require.NoError(t, err)
	entries, err := ReadJSON(asJSON)
	require.NoError(t, err)
	results, err := d.Apply(t.Context(), "u", entries, ApplyOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{unchanged[1], unchanged[0]}, said(results), string(asJSON))
	require.Equal(t, writes, d.shelf.writes, "nothing was written")
	require.Equal(t, asked, d.engine.asked.Load(), "and Temporal was not asked")

	stranger := newDesk()
	require.NotContains(t, said(apply(t, stranger, string(text), ApplyOptions{})), "refused", "somebody else can have the same")
}

func TestApplyChanges(t *testing.T) {
	t.Parallel()
	paused, failing := hourly(1, "paused"), hourly(2, "failing")
	paused.Enabled, paused.PauseReason = false, "holiday"
	at := january
	failing.ConsecutiveFailures, failing.SuspendedAt, failing.ProbeAt = 5, &at, &at
	for _, s := range []*scrape.Schedule{&paused, &failing} {
		s.Timing.Offset = scrape.SpreadOffset(offsetKey(*s), s.Timing)
	}
	d := newDesk(paused, failing, hourly(3, "extra"))
	document := `{"schedules": [
		{"schedule_type": "work_orders", "name": "paused", "interval_hours": 1},
		{"schedule_type": "work_orders", "name": "failing", "interval_hours": 2, "max_age_hours": 3, "settings": {"empty_is_right": true}}
	]}`
	want := []string{
		"work_orders/paused unchanged",
		"work_orders/failing changed (interval_hours, max_age_hours, settings)",
		"work_orders/extra deleted",
	}
	require.Equal(t, want, said(apply(t, d, document, ApplyOptions{DryRun: true, Prune: true})))
	require.Zero(t, d.shelf.writes)
	results := apply(t, d, document, ApplyOptions{Prune: true})
	require.Equal(t, want, said(results))
	require.Equal(t, scrape.FieldChange{Field: "interval_hours", Old: 1.0, New: 2.0}, results[1].Fields[0])
	require.False(t, d.shelf.rows[1].Enabled, "a document that does not say so undoes nobody's pause")
	require.Nil(t, d.shelf.rows[2].SuspendedAt, "another timing is another try")
	require.NotContains(t, d.shelf.rows, scrape.ScheduleID(3))
	require.Empty(t, d.starts.asked)

	resumed := strings.Replace(document, `"name": "paused",`, `"name": "paused", "enabled": true,`, 1)
	require.Equal(t, "work_orders/paused changed (enabled, pause_reason)", said(apply(t, d, resumed, ApplyOptions{}))[0])
	require.True(t, d.shelf.rows[1].Firing())
	spread := d.shelf.rows[2].Timing.Offset
	require.Equal(t, scrape.SpreadOffset("u/work_orders", d.shelf.rows[2].Timing), spread)
}

func TestApplyRefusesEachByItself(t *testing.T) {
	t.Parallel()
	d := newDesk(hourly(1, "kept"), hourly(2, "extra"))
	document := `
schedules:
  - {schedule_type: work_orders, name: unknown field, intervall_hours: 2}
  - {schedule_type: work_orders, name: wrong type, interval_hours: often}
  - {schedule_type: work_orders, name: kept, interval_hours: 0.01}
  - {schedule_type: coffee, name: espresso}
  - {schedule_type: work_orders, name: both, interval_hours: 2, cron: ["0 6 * * *"]}
  - {schedule_type: work_orders, name: when, starts_at: tomorrow}
  - {schedule_type: work_orders, name: settings, settings: {sugar: 2}}
  - {schedule_type: work_orders, name: age, max_age_hours: 0}
  - {schedule_type: work_orders, name: good}
  - {schedule_type: work_orders, name: good, interval_hours: 2}
  - {name: nothing}
  - text
  -
`
	for _, options := range []ApplyOptions{{DryRun: true, Prune: true}, {Prune: true}} {
		results := said(apply(t, d, document, options))
		require.Equal(t, []string{
			"work_orders/unknown field refused: Schedule 1 of the document: intervall_hours is no field of a schedule.",
			"work_orders/wrong type refused: Schedule 2 of the document: interval_hours must be a number.",
			"work_orders/kept refused: interval_hours must be between 0.5 and 24.",
			"coffee/espresso refused: There is no schedule type \"coffee\". Use one of: dispensers, filters, work_orders.",
			"work_orders/both refused: Give either interval_hours or cron, not both.",
			"work_orders/when refused: starts_at must be a time such as 2030-01-02T06:00:00Z.",
			"work_orders/settings refused: These settings do not fit the type work_orders. GET /api/job-types shows which there are.",
		}, results[:7])
		require.Contains(t, results[7], "work_orders/age refused: max_age_hours")
		require.Equal(t, []string{
			"work_orders/good created",
			"work_orders/good refused: The document names this type and name twice. Only the first one counts.",
			"/nothing refused: Schedule 11 of the document: schedule_type must be given.",
			"/ refused: Schedule 12 of the document: must be an object with the fields of a schedule.",
			"/ refused: Schedule 13 of the document: must be an object with the fields of a schedule.",
			"work_orders/extra unchanged: It is not in the document. It was not deleted, because a part of the document was refused.",
		}, results[8:])
	}
	require.Equal(t, time.Hour, d.shelf.rows[1].Timing.Interval)
	require.Contains(t, d.shelf.rows, scrape.ScheduleID(2))
	require.Len(t, d.shelf.rows, 3)
}

func TestReadRefusesWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	for text, message := range map[string]string{
		"":                                  "The document is empty. It must have the member schedules; without schedules it is \"schedules: []\".",
		"# only a comment\n":                "The document is empty. It must have the member schedules; without schedules it is \"schedules: []\".",
		"- schedule_type: work_orders":      "The document must be an object with the member schedules.",
		"schedules:":                        "The document must have the member schedules, which is a list.",
		"schedules: {a: 1}":                 "The document must have the member schedules, which is a list.",
		"schedules: []\nversion: 2":         "\"version\" is no part of a document. It has one member, schedules.",
		"schedules: []\n---\nschedules: []": "Send one document. There is something behind its end.",
		"schedules: [{1: 2}]":               "This YAML has something that JSON does not know, such as a key that is no text.",
	} {
		_, err := ReadYAML([]byte(text))
		require.Equal(t, message, scrape.MessageOf(err), text)
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
	}
	_, err := ReadYAML([]byte("schedules: [\n  - a: b: c"))
	require.Contains(t, scrape.MessageOf(err), "This is not YAML: ")
	entries, err := ReadYAML([]byte("schedules: []"))
	require.NoError(t, err)
	require.Empty(t, entries)
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10), ", "))
	}
	_, err = ReadYAML([]byte(bomb))
	require.Equal(t, scrape.KindInvalid, scrape.KindOf(err), "a small text that would become a large one")
}

func TestApplyTakesAThousand(t *testing.T) {
	t.Parallel()
	d := newDesk()
	_, err := d.Apply(t.Context(), "u", make([]Entry, mostAtOnce+1), ApplyOptions{})
	require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
	d.engine.away.Store(true)
	results := apply(t, d, everything, ApplyOptions{})
	require.Equal(t, "work_orders/mornings created: "+appliedLater, said(results)[0])
}

// What Postgres gives back is what the document said, so that the second time nothing is written.
func TestApplyOnPostgres(t *testing.T) {
	t.Parallel()
	url := testenv.Postgres(t, store.Migrate)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "INSERT INTO users (id, email) VALUES ('u', 'tech@example.com')")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	rows, err := store.Open(t.Context(), url, store.Options{})
	require.NoError(t, err)
	t.Cleanup(rows.Close)
	d := newDesk()
	d.Service = New(rows, d.starts, d.engine, 20*time.Minute, slog.New(slog.DiscardHandler))
	d.now = func() time.Time { return january }
	document := everything + `
  - {schedule_type: work_orders, name: thirds, interval_hours: 0.3333333333, settings: {empty_is_right: true}, max_age_hours: 0.1, active_days: [6, 0]}
`
	require.Equal(t, []string{"work_orders/mornings created", "dispensers/dispensers created", "work_orders/thirds created"}, said(apply(t, d, document, ApplyOptions{})))
	unchanged := []string{"work_orders/mornings unchanged", "dispensers/dispensers unchanged", "work_orders/thirds unchanged"}
	before, err := rows.UserSchedules(t.Context(), "u")
	require.NoError(t, err)
	require.Equal(t, unchanged, said(apply(t, d, document, ApplyOptions{Prune: true})))
	definitions, err := d.Export(t.Context(), "u")
	require.NoError(t, err)
	text, err := Document{Schedules: definitions}.YAML()
	require.NoError(t, err)
	require.ElementsMatch(t, unchanged, said(apply(t, d, string(text), ApplyOptions{Prune: true})), string(text))
	after, err := rows.UserSchedules(t.Context(), "u")
	require.NoError(t, err)
	require.Equal(t, before, after)

	items, err := Bulk{Schedules: d.Service, Store: rows}.Do(t.Context(), "u", BulkRequest{Action: ActionPause, Filter: &scrape.ScheduleFilter{JobType: scrape.JobWorkOrders}})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"unchanged", "done"}, []string{string(items[0].Result), string(items[1].Result)}) // their ids are as they were created, side by side
	require.ElementsMatch(t, []string{"work_orders/mornings deleted", "dispensers/dispensers deleted", "work_orders/thirds deleted"},
		said(apply(t, d, "schedules: []", ApplyOptions{Prune: true})))
}
