package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// orderAt is a listed order of a location. Its id is fixed, so that tests can name it.
func (b bundle) orderAt(t *testing.T, id, location, code string) {
	t.Helper()
	b.exec(t, `INSERT INTO work_orders (id, user_id, external_id, site_name, store_number, location_id, service_code, created_at)
		VALUES ($1::text, $2, $1::text, 'Example Fuel Stop', '#4001', NULLIF($3, ''), $4, now() + $5 * interval '1 second')`,
		id, b.user, location, code, value[int](t, b, "SELECT count(*) FROM work_orders"))
}

// dispensersRun is a run of the dispensers job in a schedule of its own.
func (b bundle) dispensersRun(t *testing.T, name string, startedAt time.Time) scrape.Run {
	t.Helper()
	schedule, err := b.CreateSchedule(t.Context(), scrape.Schedule{
		UserID: b.user, JobType: scrape.JobDispensers, Name: name, Timing: scrape.Timing{Interval: time.Hour}, Enabled: true,
	})
	require.NoError(t, err)
	return b.begin(t, schedule.ID, name, startedAt)
}

func (b bundle) plan(t *testing.T, run scrape.Run, choice scrape.SiteChoice) scrape.SiteTotals {
	t.Helper()
	totals, err := b.PlanSites(t.Context(), run.ID, choice)
	require.NoError(t, err)
	again, err := b.SiteTotals(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, again, totals)
	return totals
}

func (b bundle) sites(t *testing.T, run scrape.Run) []scrape.SiteRun {
	t.Helper()
	sites, err := b.SiteRuns(t.Context(), b.user, run.ID)
	require.NoError(t, err)
	return sites
}

// states says what became of each location: "71001 stored".
func (b bundle) states(t *testing.T, run scrape.Run) []string {
	t.Helper()
	var states []string
	for _, site := range b.sites(t, run) {
		states = append(states, fmt.Sprintf("%s %s", site.LocationID, site.State))
	}
	return states
}

var anySite = scrape.SiteChoice{AnyCode: true}

func TestPlanSitesChooses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "9", "2861")
	b.orderAt(t, "b", "10", "2862")
	b.orderAt(t, "c", "9", "3002")
	b.orderAt(t, "d", "", "2861")
	b.orderAt(t, "e", "11", "9999")
	b.orderAt(t, "gone", "12", "2861")
	b.exec(t, "UPDATE work_orders SET removed_at = now() WHERE id = 'gone'")
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	stranger.orderAt(t, "foreign", "13", "2861")
	for name, c := range map[string]struct {
		choice scrape.SiteChoice
		want   []string
	}{
		"by code":       {scrape.SiteChoice{Codes: []string{"2861", "2862"}}, []string{"9 [a]", "10 [b]"}},
		"several codes": {scrape.SiteChoice{Codes: []string{"2861", "2862", "3002"}}, []string{"9 [a c]", "10 [b]"}},
		"no code":       {scrape.SiteChoice{}, nil},
		"any code":      {anySite, []string{"9 [a c]", "10 [b]", "11 [e]"}},
		"those orders": {
			scrape.SiteChoice{AnyCode: true, WorkOrders: []string{"c", "d", "e", "gone", "foreign"}}, []string{"9 [c]", "11 [e]"},
		},
		"those orders of that code": {scrape.SiteChoice{Codes: []string{"2861"}, WorkOrders: []string{"a", "e"}}, []string{"9 [a]"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := b.dispensersRun(t, name, noon)
			totals := b.plan(t, run, c.choice)
			require.Equal(t, scrape.SiteTotals{All: len(c.want), Pending: len(c.want)}, totals)
			pending, err := b.PendingSites(t.Context(), run.ID, 0)
			require.NoError(t, err)
			require.Equal(t, b.sites(t, run), pending)
			var got []string
			for _, site := range pending {
				got = append(got, fmt.Sprint(site.LocationID, " ", site.Orders))
				require.Equal(t, "Example Fuel Stop #4001", site.Label)
				require.Equal(t, -1, site.Announced)
				require.Nil(t, site.At)
				require.Empty(t, site.Message)
			}
			require.Equal(t, c.want, got, "9 comes before 10")
			if len(c.want) > 1 {
				first, err := b.PendingSites(t.Context(), run.ID, 1)
				require.NoError(t, err)
				require.Equal(t, pending[:1], first)
			}
		})
	}
}

func TestTheFirstPlanningStands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.dispensersRun(t, "d", noon)
	require.Zero(t, b.plan(t, run, anySite))
	b.orderAt(t, "a", "71001", "2861")
	require.Equal(t, 1, b.plan(t, run, anySite).All, "nothing was planned before")
	b.orderAt(t, "b", "71002", "2861")
	require.Equal(t, scrape.SiteTotals{All: 1, Pending: 1}, b.plan(t, run, anySite))
	require.NoError(t, b.FailSite(t.Context(), run.ID, "71001", "No answer."))
	require.Equal(t, scrape.SiteTotals{All: 1, Failed: 1}, b.plan(t, run, scrape.SiteChoice{AnyCode: true, Force: true}))

	empty := b.dispensersRun(t, "e", noon)
	require.Zero(t, b.plan(t, empty, scrape.SiteChoice{}))
	_, err := b.ConcludeSites(t.Context(), empty.ID, scrape.ConcludeSites)
	require.NoError(t, err)
	require.Zero(t, b.plan(t, empty, anySite), "it has ended without any")

	b.finish(t, run.ID, scrape.OutcomePortalDown, at(1))
	_, err = b.PlanSites(t.Context(), run.ID, anySite)
	requireKind(t, err, scrape.KindConflict, "This run has ended already. Nothing was changed.")
	_, err = b.PlanSites(t.Context(), 4711, anySite)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
}

func TestPlanSitesLeavesOutWhatIsKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, state := range []string{"stored", "none", "stored", "deleted", "denied", ""} {
		location := fmt.Sprint(71001 + i)
		b.orderAt(t, location, location, "2861")
		if state != "" {
			b.exec(t, "INSERT INTO locations (user_id, location_id, state, read_at) VALUES ($1, $2, $3, now() - interval '1 hour')",
				b.user, location, state)
		}
	}
	b.exec(t, "UPDATE locations SET read_at = now() - interval '3 hours' WHERE location_id IN ('71003', '71004')")
	stranger := scrape.UserIDFor("stranger@example.com")
	b.addUser(t, "stranger@example.com")
	b.exec(t, "INSERT INTO locations (user_id, location_id, state, read_at) VALUES ($1, '71006', 'deleted', now())", stranger)

	run := b.dispensersRun(t, "fresh", noon)
	choice := scrape.SiteChoice{AnyCode: true, FreshFor: 2 * time.Hour}
	require.Equal(t, scrape.SiteTotals{All: 6, Pending: 2, Skipped: 4}, b.plan(t, run, choice))
	require.Equal(t, []string{"71001 fresh", "71002 fresh", "71003 pending", "71004 known", "71005 known", "71006 pending"}, b.states(t, run))
	for _, site := range b.sites(t, run) {
		require.Equal(t, site.State == scrape.SitePending, site.Message == "", site.Message)
		require.Nil(t, site.At)
	}

	always := b.dispensersRun(t, "always", noon)
	require.Equal(t, scrape.SiteTotals{All: 6, Pending: 4, Skipped: 2}, b.plan(t, always, anySite), "nothing is fresh for no time")
	forced := b.dispensersRun(t, "forced", noon)
	choice.Force = true
	require.Equal(t, scrape.SiteTotals{All: 6, Pending: 6}, b.plan(t, forced, choice))
}

func TestSitesBelongToTheirUser(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	first := b.dispensersRun(t, "first", noon)
	b.plan(t, first, anySite)
	second := b.dispensersRun(t, "second", at(5))
	b.plan(t, second, anySite)
	other := b.addUser(t, "other@example.com")

	_, err := b.SiteRuns(t.Context(), other, first.ID)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
	_, _, found, err := b.LatestSiteRun(t.Context(), other, "71001")
	require.NoError(t, err)
	require.False(t, found)
	_, _, found, err = b.LatestSiteRun(t.Context(), b.user, "71002")
	require.NoError(t, err)
	require.False(t, found)

	run, site, found, err := b.LatestSiteRun(t.Context(), b.user, "71001")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, second, run)
	require.Equal(t, b.sites(t, second)[0], site)
	b.finish(t, second.ID, scrape.OutcomeCancelled, at(6))
	require.NoError(t, b.DeleteRun(t.Context(), b.user, second.ID))
	run, _, _, err = b.LatestSiteRun(t.Context(), b.user, "71001")
	require.NoError(t, err)
	require.Equal(t, first.ID, run.ID)

	schedule := b.addSchedule(t, "orders")
	none, err := b.SiteRuns(t.Context(), b.user, b.begin(t, schedule.ID, "w", noon).ID)
	require.NoError(t, err)
	require.Equal(t, []scrape.SiteRun{}, none)
}
