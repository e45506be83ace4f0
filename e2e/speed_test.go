package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/internal/testenv"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portalsim"
	"github.com/fossawork/scheduler/workflows"
)

// spread is how long a thing took, over many times.
type spread []time.Duration

func (s spread) at(share float64) time.Duration {
	slices.Sort(s)
	return s[min(len(s)-1, int(share*float64(len(s))))]
}

func timed(n int, do func(i int)) spread {
	took := make(spread, 0, n)
	for i := range n {
		begun := time.Now()
		do(i)
		took = append(took, time.Since(begun))
	}
	return took
}

// BenchmarkCreateSchedule compares creating a schedule through the API with the bare SDK call that it ends in, over the same link to the same
// server and with the same options.
func BenchmarkCreateSchedule(b *testing.B) {
	s := start(b, portalsim.Config{})
	token := s.signIn(small, password)
	user := scrape.UserID(s.me(token))
	temporal, err := client.Dial(client.Options{HostPort: s.link.address, Namespace: s.namespace, Logger: testenv.Logger(b)})
	require.NoError(b, err)
	defer temporal.Close()
	// The first tasks of a new schedule's workflow keep the server busy for some 20 ms after it has answered.
	const n, settling = 300, 50 * time.Millisecond
	next := scrape.ScheduleID(1_000_000)
	bare := func(int) {
		next++
		schedule := scrape.Schedule{ID: next, UserID: user, JobType: scrape.JobWorkOrders}
		_, err := temporal.ScheduleClient().Create(b.Context(), client.ScheduleOptions{
			ID: fmt.Sprintf("bare-%d", next), Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, Paused: true, Note: "Paused by its owner.",
			CatchupWindow: time.Hour, TypedSearchAttributes: workflows.ScheduleAttributes(schedule),
			Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Hour, Offset: time.Minute}}, TimeZoneName: "UTC"},
			Action: &client.ScheduleWorkflowAction{
				ID: "bare", Workflow: workflows.ScrapeType, Args: []any{workflows.ScrapeInput{ScheduleID: next}}, TaskQueue: "nobody",
				WorkflowRunTimeout: workflows.RunTimeout, TypedSearchAttributes: workflows.ScheduleAttributes(schedule),
			},
		})
		require.NoError(b, err)
	}
	through := func(int) {
		next++
		var created object
		status := s.call(token, http.MethodPost, "/api/scraping-schedules/", object{
			"schedule_type": "work_orders", "name": fmt.Sprintf("bench %d", next), "interval_hours": 1, "enabled": false,
		}, &created)
		require.Equal(b, http.StatusOK, status)
		require.Equal(b, "applied", created["sync"])
	}
	for b.Loop() {
		api, sdk := inTurn(n, settling, through, bare)
		b.ReportMetric(ratio(api, sdk, 0.5), "api/sdk-p50")
		b.ReportMetric(ratio(api, sdk, 0.99), "api/sdk-p99")
		b.Logf("creating a schedule: SDK p50 %s p99 %s, API p50 %s p99 %s", sdk.at(0.5), sdk.at(0.99), api.at(0.5), api.at(0.99))
	}
}

// inTurn times two things one after the other, again and again, so that a slow moment hits both alike. Before each it waits for a while:
// what a server still does for the one before is not the next one's cost.
func inTurn(n int, pause time.Duration, one, other func(i int)) (ones, others spread) {
	timed(n/10, one)
	timed(n/10, other)
	for i := range n {
		time.Sleep(pause)
		ones = append(ones, timed(1, func(int) { one(i) })...)
		time.Sleep(pause)
		others = append(others, timed(1, func(int) { other(i) })...)
	}
	return ones, others
}

func ratio(a, b spread, share float64) float64 { return float64(a.at(share)) / float64(b.at(share)) }

// BenchmarkListSchedules lists 100 of 10,000 schedules, with a million rows of history, through the API and by the bare statement.
func BenchmarkListSchedules(b *testing.B) {
	s := start(b, portalsim.Config{}, "FOSSAWORK_RECONCILE_EVERY=10m")
	token := s.signIn(small, password)
	user := s.me(token)
	connection := s.connect()
	defer func() { _ = connection.Close(b.Context()) }()
	for _, statement := range []string{
		`INSERT INTO scraping_schedules (user_id, schedule_type, name, interval_hours, offset_seconds, enabled, revision, applied_revision)
		 SELECT @user, 'work_orders', 'bulk ' || n, 1, n % 3600, true, 1, 1 FROM generate_series(1, 10000) AS n`,
		`INSERT INTO scraping_history (user_id, schedule_type, schedule_id, workflow_id, nominal_at, started_at, completed_at, outcome, success)
		 SELECT user_id, 'work_orders', id, 'w-' || id || '-' || n, now() - n * interval '1 hour', now() - n * interval '1 hour', now() - n * interval '1 hour', 'success', true
		 FROM scraping_schedules, generate_series(1, 100) AS n`,
		`ANALYZE`,
	} {
		args := []any{}
		if statement[:6] == "INSERT" && statement[12:31] == "scraping_schedules " {
			args = append(args, pgx.NamedArgs{"user": user})
		}
		_, err := connection.Exec(b.Context(), statement, args...)
		require.NoError(b, err)
	}
	const n = 500
	list := func(path string) func(int) {
		return func(int) {
			status, _ := s.raw(token, http.MethodGet, path, nil)
			require.Equal(b, http.StatusOK, status)
		}
	}
	query := func(sql string) func(int) {
		return func(int) {
			rows, err := connection.Query(b.Context(), sql, user)
			require.NoError(b, err)
			all, err := pgx.CollectRows(rows, pgx.RowToMap)
			require.NoError(b, err)
			require.Len(b, all, 100)
		}
	}
	for b.Loop() {
		for name, pair := range map[string][2]func(int){
			"schedules": {
				list("/api/scraping-schedules/?limit=100"),
				query(`SELECT * FROM scraping_schedules WHERE user_id = $1 ORDER BY id LIMIT 100`),
			},
			"history": {
				list("/api/scraping-schedules/1/history?limit=100"),
				query(`SELECT * FROM scraping_history WHERE user_id = $1 AND schedule_type = 'work_orders' ORDER BY started_at DESC, id DESC LIMIT 100`),
			},
		} {
			through, bare := inTurn(n, 0, pair[0], pair[1])
			b.ReportMetric(ratio(through, bare, 0.5), name+"-p50-ratio")
			b.ReportMetric(ratio(through, bare, 0.99), name+"-p99-ratio")
			b.Logf("%s, 100 of 10,000 and 1,000,000: bare SQL p50 %s p99 %s, API p50 %s p99 %s", name, bare.at(0.5), bare.at(0.99), through.at(0.5), through.at(0.99))
		}
	}
}
