package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/fossawork/scheduler/internal/devstack"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portalsim"
	"github.com/fossawork/scheduler/workflows"
)

// drill is a day on a shortened clock: schedules of seconds, and at random moments something is killed, cut off, paused, edited,
// triggered or deleted. Afterwards every slot must be accounted for, and the account must agree with what the portal saw.
type drill struct {
	*stack
	random    *rand.Rand
	postgres  *link
	schedules []*ledgerDrill
	accounts  []string
	workers   []*devstack.Process
	troubles  []trouble
	done      map[string]int
	mends     []mend
}

// trouble is a time in which something was away.
type trouble struct {
	what     string
	from, to time.Time
}

// mend is what ends a trouble, and when.
type mend struct {
	at  time.Time
	end func()
}

const (
	drillLength  = 45 * time.Second
	drillSeconds = 3 // from slot to slot, at first
	// settled is how long after a trouble its traces may last: connections are tried again with growing gaps, and a step that was in the
	// hands of a killed worker is given to another one when its time is over.
	settled = 35 * time.Second
)

// TestDrill is the day. FOSSAWORK_DRILL sets its length, FOSSAWORK_DRILL_SEED what happens in it: make drill.
func TestDrill(t *testing.T) {
	t.Parallel()
	length, seed := drillLength, uint64(1)
	if text := os.Getenv("FOSSAWORK_DRILL"); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	if text := os.Getenv("FOSSAWORK_DRILL_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	d := newDrill(t, seed)
	d.run(t, length)
	d.settle(t)
	for i, each := range d.schedules {
		d.check(t, each, d.accounts[i])
	}
	d.requireWhole(t)
	t.Logf("seed %d, %s: %v", seed, length, d.done)
}

func newDrill(t *testing.T, seed uint64) *drill {
	t.Helper()
	d := &drill{
		stack: prepare(t, portalsim.Config{}, "FOSSAWORK_MIN_INTERVAL=1s"), done: map[string]int{},
		random:   rand.New(rand.NewPCG(seed, seed)),
		accounts: []string{small, "user001@example.com", "user002@example.com"},
	}
	database, err := pgx.ParseConfig(d.database)
	require.NoError(t, err)
	network, address := pgconn.NetworkAddress(database.Host, database.Port)
	d.postgres = newLink(t, network, address)
	d.env = append(d.env, fmt.Sprintf("FOSSAWORK_DATABASE_URL=postgres://%s:%s@%s/%s?sslmode=disable",
		url.QueryEscape(database.User), url.QueryEscape(database.Password), d.postgres.address, database.Database))
	d.startAPI()
	d.workers = []*devstack.Process{d.startWorker(), d.startWorker()}
	d.waitReady()
	for i, account := range d.accounts {
		each := &ledgerDrill{stack: d.stack, token: d.signIn(account, password)}
		offset := (time.Now().Unix() + 2) % drillSeconds
		awayFromSlots()
		var created object
		each.path, created = d.createSchedule(each.token, object{
			"schedule_type": "work_orders", "interval_hours": float64(drillSeconds) / 3600, "offset_seconds": offset, "name": fmt.Sprintf("drill %d", i),
		})
		each.phases = []ledgerPhase{{from: moment(t, created["created_at"]), seconds: drillSeconds, offset: offset}}
		d.schedules = append(d.schedules, each)
	}
	return d
}

// run lets things happen for a while: one at a time is begun, several may last at once.
func (d *drill) run(t *testing.T, length time.Duration) {
	t.Helper()
	type happening struct {
		name string
		do   func(*testing.T)
	}
	happenings := []happening{
		{"worker killed", d.killWorker},
		{"api killed", d.killAPI},
		{"temporal away", d.cutTemporal},
		{"postgres away", d.cutPostgres},
		{"portal down", d.breakPortal},
		{"pause", d.pause},
		{"resume", d.resume},
		{"edit", d.edit},
		{"edit", d.edit},
		{"run now", d.runNow},
		{"triggered outside", d.trigger},
		{"session ended", d.endSession},
		{"deleted in temporal", d.deleteInTemporal},
	}
	for end := time.Now().Add(length); time.Now().Before(end); {
		next := happenings[d.random.IntN(len(happenings))]
		before := len(d.troubles)
		next.do(t)
		d.done[next.name]++
		d.wait(t, time.Duration(1500+d.random.IntN(2500))*time.Millisecond)
		if len(d.troubles) > before && d.random.IntN(2) == 0 { // half of the troubles end before the next thing happens
			d.wait(t, 3*time.Second)
		}
	}
}

// wait lets time pass, and ends the troubles whose time is over.
func (d *drill) wait(t *testing.T, length time.Duration) {
	t.Helper()
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		d.mendDue()
	}
}

func (d *drill) mendDue() {
	var left []mend
	for _, m := range d.mends {
		if time.Now().Before(m.at) {
			left = append(left, m)
			continue
		}
		m.end()
	}
	d.mends = left
}

// goes says whether a trouble is going.
func (d *drill) goes(what string) bool {
	for _, each := range d.troubles {
		if each.what == what && each.to.IsZero() {
			return true
		}
	}
	return false
}

// begin notes a trouble that end ends after some seconds.
func (d *drill) begin(what string, end func()) {
	at := len(d.troubles)
	d.troubles = append(d.troubles, trouble{what: what, from: time.Now()})
	d.mends = append(d.mends, mend{time.Now().Add(time.Duration(2000+d.random.IntN(5000)) * time.Millisecond), func() {
		end()
		d.troubles[at].to = time.Now()
	}})
}

func (d *drill) killWorker(*testing.T) {
	i := d.random.IntN(len(d.workers))
	what := fmt.Sprintf("worker %d", i)
	if d.goes(what) {
		return
	}
	d.workers[i].Kill()
	<-d.workers[i].Done()
	d.begin(what, func() { d.workers[i] = d.startWorker() })
}

func (d *drill) killAPI(*testing.T) {
	if d.goes("api") {
		return
	}
	d.api.Kill()
	<-d.api.Done()
	d.begin("api", d.startAPI)
}

func (d *drill) cutTemporal(*testing.T) {
	if d.goes("temporal") {
		return
	}
	d.link.set(true)
	d.begin("temporal", func() { d.link.set(false) })
}

func (d *drill) cutPostgres(*testing.T) {
	if d.goes("postgres") || d.goes("api") { // an API that starts without its database says so and ends
		return
	}
	d.postgres.set(true)
	d.begin("postgres", func() { d.postgres.set(false) })
}

func (d *drill) breakPortal(t *testing.T) {
	t.Helper()
	if d.goes("portal") {
		return
	}
	faults := []portalsim.Fault{{Name: portalsim.FaultHTTP500}, {Name: portalsim.FaultReset}, {Name: portalsim.FaultLatency, Value: "2s"}}
	require.NoError(t, d.sim.SetFault(faults[d.random.IntN(len(faults))]))
	d.begin("portal", func() { d.sim.ClearFaults(portalsim.Fault{}) })
}

// askable says whether the API can be asked to change something now, so that it is known what holds from when on.
func (d *drill) askable() bool { return !d.goes("api") && !d.goes("postgres") }

func (d *drill) any() *ledgerDrill { return d.schedules[d.random.IntN(len(d.schedules))] }

func (d *drill) pause(t *testing.T) {
	t.Helper()
	if d.askable() {
		d.any().put(t, object{"enabled": false})
	}
}

// resume resumes every schedule that is paused, so that most of the time most of them run.
func (d *drill) resume(t *testing.T) {
	t.Helper()
	for _, each := range d.schedules {
		if d.askable() && each.phases[len(each.phases)-1].paused {
			each.put(t, object{"enabled": true})
		}
	}
}

func (d *drill) edit(t *testing.T) {
	t.Helper()
	if !d.askable() {
		return
	}
	seconds := int64(2 + d.random.IntN(5))
	d.any().put(t, object{"interval_hours": float64(seconds) / 3600, "offset_seconds": d.random.Int64N(seconds)})
}

func (d *drill) runNow(t *testing.T) {
	t.Helper()
	if !d.askable() || d.goes("temporal") {
		return
	}
	each := d.any()
	status, text := d.raw(each.token, http.MethodPost, each.path+"/run", nil)
	require.Contains(t, []int{http.StatusOK, http.StatusConflict, http.StatusServiceUnavailable}, status, text)
}

// trigger is what a person does with the command line.
func (d *drill) trigger(t *testing.T) {
	t.Helper()
	handle := d.temporal.ScheduleClient().GetHandle(t.Context(), d.temporalID(d.any()))
	_ = handle.Trigger(t.Context(), client.ScheduleTriggerOptions{}) // it may just have been deleted
}

func (d *drill) deleteInTemporal(t *testing.T) {
	t.Helper()
	if d.goes("temporal") || d.goes("postgres") {
		return // nothing could repair it, and what is missed then is missed
	}
	each := d.any()
	if d.temporal.ScheduleClient().GetHandle(t.Context(), d.temporalID(each)).Delete(t.Context()) == nil {
		d.troubles = append(d.troubles, trouble{what: "schedule " + each.path, from: time.Now(), to: time.Now()})
	}
}

func (d *drill) endSession(*testing.T) {
	d.sim.ExpireSessions(d.accounts[d.random.IntN(len(d.accounts))])
}

func (d *drill) temporalID(each *ledgerDrill) string {
	id, err := strconv.ParseInt(each.path[strings.LastIndex(each.path, "/")+1:], 10, 64)
	require.NoError(d.t, err)
	return workflows.TemporalScheduleID(scrape.ScheduleID(id))
}

// settle ends all troubles, waits until every schedule has run again by itself, and stops them.
func (d *drill) settle(t *testing.T) {
	t.Helper()
	for len(d.mends) > 0 {
		d.wait(t, 100*time.Millisecond)
	}
	d.waitReady()
	d.resume(t)
	calm := time.Now()
	for _, each := range d.schedules {
		require.Eventually(t, func() bool {
			return d.rows(t, fmt.Sprintf(`SELECT count(*) FROM scraping_history WHERE schedule_id = %s AND trigger_type = 'scheduled' AND success
				AND nominal_at > to_timestamp(%d)`, each.id(), calm.Unix())) >= 2
		}, 4*patience, tick, "no new runs of %s after all was mended", each.path)
	}
	for _, each := range d.schedules {
		each.put(t, object{"enabled": false})
	}
	require.Eventually(t, func() bool {
		return d.rows(t, "SELECT count(*) FROM scraping_history WHERE outcome IS NULL") == 0
	}, 2*patience, tick, "runs that never end")
}

// id is the schedule's number.
func (d *ledgerDrill) id() string { return d.path[strings.LastIndex(d.path, "/")+1:] }

// begun is when a run was let in, which is its first step: a workflow may have started before, while another run was ending.
func (d *drill) begun(t *testing.T, s span) time.Time {
	t.Helper()
	for events := d.temporal.GetWorkflowHistory(t.Context(), s.workflow, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		require.NoError(t, err)
		if event.GetEventType() == enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED {
			return event.GetEventTime().AsTime()
		}
	}
	require.Fail(t, "a run without a step", "%v", s)
	return time.Time{}
}

// requireWhole looks for what is lost or doubled.
func (d *drill) requireWhole(t *testing.T) {
	t.Helper()
	require.Zero(t, d.rows(t, `SELECT count(*) FROM (SELECT FROM scraping_history WHERE trigger_type = 'scheduled'
		GROUP BY schedule_id, nominal_at HAVING count(*) > 1) AS twice`), "a slot with two rows")
	for _, each := range d.schedules {
		spans := d.spans(t, each)
		for i, s := range spans {
			for _, later := range spans[i+1:] {
				if s.outcome == "success" && later.outcome == "success" && later.started.Before(s.ended) {
					require.False(t, d.begun(t, later).Before(s.ended), "two runs of a schedule at the same time:\n%v\n%v", s, later)
				}
			}
		}
	}
	for i, account := range d.accounts {
		open, err := d.sim.OpenOrders(account)
		require.NoError(t, err)
		require.Len(t, d.workOrders(d.schedules[i].token), len(open), account)
	}
	require.Zero(t, d.rows(t, `SELECT count(*) FROM (SELECT FROM work_orders GROUP BY user_id, external_id HAVING count(*) > 1) AS twice`))
	listed := 0
	schedules, err := d.temporal.ScheduleClient().List(context.WithoutCancel(t.Context()), client.ScheduleListOptions{})
	require.NoError(t, err)
	for schedules.HasNext() {
		entry, err := schedules.Next()
		require.NoError(t, err)
		if _, ours := workflows.ParseTemporalScheduleID(entry.ID); ours {
			listed++
		}
	}
	require.Equal(t, len(d.schedules), listed)
}
