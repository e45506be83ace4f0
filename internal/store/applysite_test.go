package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// dispenser fills every field that a card may show.
func dispenser(location, number string) scrape.Dispenser {
	_, sides, _ := scrape.SplitDispenserNumber(number)
	return scrape.Dispenser{
		LocationID: location, Number: number, Numbers: sides, Title: number + " - Regular, E-85 - Examplemake \"é\"",
		Make: "Examplemake", Model: "X1", SerialNumber: "S-" + number, MeterType: "HD Meter", NozzlesPerSide: "3",
		StandAloneCode: "0126", Grades: []string{"Regular", "E-85"},
		CustomFields: map[string]string{"Stand Alone Code": "0126", "Nozzles per Side": "3"},
	}
}

func reading(location string, numbers ...string) scrape.LocationResult {
	result := scrape.LocationResult{LocationID: location, State: scrape.LocationOK, Announced: len(numbers)}
	for _, number := range numbers {
		result.Dispensers = append(result.Dispensers, dispenser(location, number))
	}
	return result
}

func sitePlanner(guard scrape.SiteGuard) jobs.SitePlanner {
	return func(stored []scrape.Dispenser, result scrape.LocationResult) scrape.SitePlan {
		return scrape.PlanSite(stored, result, guard)
	}
}

func never([]scrape.Dispenser, scrape.LocationResult) scrape.SitePlan {
	panic("nothing is left to decide")
}

func (b bundle) applySite(t *testing.T, run scrape.Run, result scrape.LocationResult) scrape.SiteRun {
	t.Helper()
	site, err := b.ApplySite(t.Context(), run.ID, result, sitePlanner(scrape.SiteGuard{}))
	require.NoError(t, err)
	return site
}

// readSites is a finished run that reads these locations and nothing else.
func (b bundle) readSites(t *testing.T, name string, results ...scrape.LocationResult) scrape.Run {
	t.Helper()
	run := b.dispensersRun(t, name, noon)
	b.plan(t, run, scrape.SiteChoice{AnyCode: true, Force: true})
	for _, result := range results {
		b.applySite(t, run, result)
	}
	return b.conclude(t, run)
}

func (b bundle) conclude(t *testing.T, run scrape.Run) scrape.Run {
	t.Helper()
	plan, err := b.ConcludeSites(t.Context(), run.ID, scrape.ConcludeSites)
	require.NoError(t, err)
	ended, err := b.FinishRun(t.Context(), run.ID, scrape.RunEnd{Outcome: plan.Outcome, ErrorMessage: plan.Message}, at(9))
	require.NoError(t, err)
	require.Equal(t, plan.Counts, ended.Counts)
	return ended
}

// asRead clears what is ours.
func asRead(list []scrape.Dispenser) []scrape.Dispenser {
	out := []scrape.Dispenser{}
	for _, d := range list {
		out = append(out, scrape.Dispenser{
			LocationID: d.LocationID, Number: d.Number, Numbers: d.Numbers, Title: d.Title, Make: d.Make, Model: d.Model,
			SerialNumber: d.SerialNumber, MeterType: d.MeterType, NozzlesPerSide: d.NozzlesPerSide,
			StandAloneCode: d.StandAloneCode, Grades: d.Grades, CustomFields: d.CustomFields,
		})
	}
	return out
}

func (b bundle) numbers(t *testing.T, location string) []string {
	t.Helper()
	list, err := b.DispensersAt(t.Context(), b.user, []string{location})
	require.NoError(t, err)
	numbers := []string{}
	for _, d := range list {
		numbers = append(numbers, d.Number)
	}
	return numbers
}

func (b bundle) changes(t *testing.T, run scrape.Run) []string {
	t.Helper()
	changes, next, err := b.RunChanges(t.Context(), b.user, run.ID, 0, 100)
	require.NoError(t, err)
	require.Zero(t, next)
	texts := []string{}
	for _, change := range changes {
		require.Equal(t, run.ID, change.RunID)
		texts = append(texts, fmt.Sprintf("%s %s", change.Kind, change.Key))
	}
	return texts
}

func TestApplySite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	b.orderAt(t, "b", "71002", "2861")
	first := b.dispensersRun(t, "first", noon)
	b.plan(t, first, anySite)
	site := b.applySite(t, first, reading("71001", "11/12", "1/2", "3/4"))
	require.Equal(t, scrape.SiteRun{
		LocationID: "71001", Label: "Example Fuel Stop #4001", Orders: []string{"a"}, State: scrape.SiteStored, Dispensers: 3, Announced: 3,
		Counts: scrape.Counts{Processed: 3, Added: 3}, At: site.At,
	}, site)
	require.NotNil(t, site.At)
	again, err := b.ApplySite(t.Context(), first.ID, reading("71001"), never)
	require.NoError(t, err)
	require.Equal(t, site, again, "the first reading stands")
	b.applySite(t, first, scrape.LocationResult{LocationID: "71002", State: scrape.LocationNone, Announced: 0})
	require.Equal(t, []string{"71001 stored", "71002 none"}, b.states(t, first))
	require.Equal(t, scrape.Counts{Processed: 3, Added: 3}, b.conclude(t, first).Counts)
	require.Equal(t, []string{"added 71001/11/12", "added 71001/1/2", "added 71001/3/4"}, b.changes(t, first))

	stored, err := b.Dispensers(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, asRead(reading("71001", "1/2", "3/4", "11/12").Dispensers), asRead(stored), "what is stored equals what was read")
	for _, d := range stored {
		require.Len(t, d.ID, 36)
		require.Equal(t, b.user, d.UserID)
		require.Equal(t, d.CreatedAt, d.UpdatedAt)
		require.Nil(t, d.RemovedAt)
	}

	b.exec(t, "UPDATE dispensers SET status = 'completed' WHERE dispenser_number = '1/2'")
	changed := reading("71001", "1/2", "3/4", "5")
	changed.Dispensers[0].SerialNumber, changed.Dispensers[0].Grades = "", []string{"Diesel"}
	second := b.readSites(t, "second", changed)
	require.Equal(t, scrape.Counts{Processed: 3, Added: 1, Updated: 1, Unchanged: 1, Removed: 1}, second.Counts)
	require.Equal(t, []string{"changed 71001/1/2", "added 71001/5", "removed 71001/11/12"}, b.changes(t, second))
	now, err := b.DispensersAt(t.Context(), b.user, []string{"71001"})
	require.NoError(t, err)
	require.Equal(t, asRead(changed.Dispensers), asRead(now))
	require.Equal(t, stored[0].ID, now[0].ID)
	require.Equal(t, stored[0].CreatedAt, now[0].CreatedAt)
	require.True(t, now[0].UpdatedAt.After(stored[0].UpdatedAt))
	require.Equal(t, stored[1], now[1])
	require.Equal(t, "completed", value[string](t, b, "SELECT status FROM dispensers WHERE dispenser_number = '1/2'"), "people's word stays")

	third := b.readSites(t, "third", reading("71001", "1/2", "3/4", "5", "11/12"))
	require.Equal(t, scrape.Counts{Processed: 4, Updated: 2, Unchanged: 2}, third.Counts)
	require.Equal(t, []string{"changed 71001/1/2", "returned 71001/11/12"}, b.changes(t, third))
	require.Equal(t, []string{"1/2", "3/4", "5", "11/12"}, b.numbers(t, "71001"))
}

func TestWhatOldClientsReadOfADispenser(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	b.readSites(t, "first", reading("71001", "1/2"))
	column := func(name string) any {
		var v any
		require.NoError(t, json.Unmarshal([]byte(value[string](t, b,
			"SELECT COALESCE(to_jsonb("+name+"), 'null')::text FROM dispensers")), &v))
		return v
	}
	check := func(grade, key string) {
		require.Equal(t, "Examplemake", column("dispenser_type"))
		require.Equal(t, "3", column("number_of_nozzles"))
		require.Equal(t, map[string]any{key: map[string]any{"name": grade}}, column("fuel_grades"))
		require.Equal(t, map[string]any{
			"stand_alone_code": "0126", "grades_list": []any{grade}, "title": dispenser("71001", "1/2").Title,
			"dispenser_numbers": []any{"1", "2"},
			"custom_fields":     map[string]any{"Stand Alone Code": "0126", "Nozzles per Side": "3"},
		}, column("form_data"))
		require.Equal(t, "pending", column("status"))
	}
	result := reading("71001", "1/2")
	result.Dispensers[0].Grades = []string{"Super Plus"}
	b.readSites(t, "second", result)
	check("Super Plus", "super_plus")
	require.Equal(t, "a", column("work_order_id"))

	// Its order is finished, and another one comes to the same site.
	b.orderAt(t, "b", "71001", "2861")
	b.exec(t, "UPDATE work_orders SET removed_at = now() WHERE id = 'a'")
	b.readSites(t, "third", result)
	require.Equal(t, "b", column("work_order_id"), "any listed order will do")
	bare := reading("71001", "1/2")
	bare.Dispensers[0] = scrape.Dispenser{LocationID: "71001", Number: "1/2"}
	b.readSites(t, "fourth", bare)
	require.Nil(t, column("dispenser_type"))
	require.Nil(t, column("title"))
	require.Equal(t, map[string]any{}, column("fuel_grades"))
	list, err := b.Dispensers(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, asRead(bare.Dispensers), asRead(list))
}

// The list of orders may change between two readings of a site.
func TestDispensersFollowTheListedOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "orders")
	here, there := order(1), order(2)
	here.LocationID, there.LocationID = "71001", "71001"
	b.apply(t, schedule.ID, "w1", page(1, true, here))
	b.readSites(t, "first", reading("71001", "1/2"))
	b.apply(t, schedule.ID, "w2", page(1, true, there))
	require.Equal(t, "100002", value[string](t, b,
		"SELECT external_id FROM work_orders AS w JOIN dispensers AS d ON d.work_order_id = w.id"))
	require.Equal(t, []string{"1/2"}, b.numbers(t, "71001"))
}

func TestMarksTakeNothingAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	b.readSites(t, "first", reading("71001", "1/2"))
	readAt := func() string { return value[string](t, b, "SELECT state || ' ' || read_at FROM locations") }
	before := readAt()

	held := b.readSites(t, "held", scrape.LocationResult{LocationID: "71001", State: scrape.LocationOK, Announced: 0})
	require.Equal(t, scrape.OutcomeHeld, held.Outcome)
	require.Empty(t, b.changes(t, held))
	require.Equal(t, before, readAt(), "what looks wrong says nothing about the location")

	b.readSites(t, "deleted", scrape.LocationResult{LocationID: "71001", State: scrape.LocationDeleted, Announced: -1})
	require.Equal(t, []string{"1/2"}, b.numbers(t, "71001"))
	require.Contains(t, readAt(), "deleted ")
	next := b.dispensersRun(t, "next", noon)
	require.Equal(t, scrape.SiteTotals{All: 1, Skipped: 1}, b.plan(t, next, anySite))
	b.applySite(t, next, reading("71001"))
	require.Equal(t, []string{"71001 known"}, b.states(t, next), "a skipped location is not read")
	b.readSites(t, "forced", reading("71001", "1/2"))
	require.Contains(t, readAt(), "stored ")
}

func TestFailSite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	b.orderAt(t, "b", "71002", "2861")
	run := b.dispensersRun(t, "d", noon)
	b.plan(t, run, anySite)
	for _, message := range []string{"No answer\x00.", "No answer at all."} {
		require.NoError(t, b.FailSite(t.Context(), run.ID, "71001", message))
	}
	site := b.sites(t, run)[0]
	require.Equal(t, scrape.SiteFailed, site.State)
	require.Equal(t, "No answer at all.", site.Message)
	require.NotNil(t, site.At)
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM locations"), "it was not read")

	require.Equal(t, scrape.SiteStored, b.applySite(t, run, reading("71001", "1/2")).State, "read after all")
	require.NoError(t, b.FailSite(t.Context(), run.ID, "71001", "Too late."))
	site = b.sites(t, run)[0]
	require.Equal(t, scrape.SiteStored, site.State)
	require.Empty(t, site.Message)

	for _, location := range []string{"4711", ""} {
		const unknown = "This run does not read that location."
		requireKind(t, b.FailSite(t.Context(), run.ID, location, ""), scrape.KindNotFound, unknown)
		_, err := b.ApplySite(t.Context(), run.ID, reading(location), never)
		requireKind(t, err, scrape.KindNotFound, unknown)
	}
	require.NoError(t, b.FailSite(t.Context(), run.ID, "71002", "No answer."))
	plan, err := b.ConcludeSites(t.Context(), run.ID, scrape.ConcludeSites)
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomePartial, plan.Outcome)
	require.Equal(t, scrape.Counts{Processed: 1, Added: 1}, plan.Counts)

	const ended = "This run has ended already. Nothing was changed."
	late := func() {
		_, err := b.ApplySite(t.Context(), run.ID, reading("71002", "1"), never)
		requireKind(t, err, scrape.KindConflict, ended)
		requireKind(t, b.FailSite(t.Context(), run.ID, "71002", ""), scrape.KindConflict, ended)
	}
	late() // what was concluded must stay true
	b.finish(t, run.ID, plan.Outcome, at(1))
	late()
	_, err = b.ApplySite(t.Context(), run.ID, reading("71001"), never)
	requireKind(t, err, scrape.KindConflict, ended)
	_, err = b.ApplySite(t.Context(), 4711, reading("71001"), never)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
}

func TestConcludeSitesIsRepeatable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	run := b.dispensersRun(t, "d", noon)
	b.plan(t, run, anySite)
	b.applySite(t, run, reading("71001", "1", "2"))
	plans, errs := make([]scrape.Plan, 4), make([]error, 4)
	var asked atomic.Int32
	var wg sync.WaitGroup
	for i := range plans {
		wg.Go(func() {
			plans[i], errs[i] = b.ConcludeSites(t.Context(), run.ID, func(totals scrape.SiteTotals) scrape.Plan {
				asked.Add(1)
				require.Equal(t, scrape.SiteTotals{All: 1, Stored: 1}, totals)
				return scrape.Plan{Outcome: scrape.OutcomePartial, Message: "Nearly."}
			})
		})
	}
	wg.Wait()
	for i := range plans {
		require.NoError(t, errs[i])
		require.Equal(t, scrape.Plan{Outcome: scrape.OutcomePartial, Message: "Nearly.", Counts: scrape.Counts{Processed: 2, Added: 2}}, plans[i])
	}
	require.Equal(t, int32(1), asked.Load())
	b.finish(t, run.ID, scrape.OutcomePartial, at(1))
	again, err := b.ConcludeSites(t.Context(), run.ID, func(scrape.SiteTotals) scrape.Plan { panic("it is concluded") })
	require.NoError(t, err)
	require.Equal(t, plans[0], again, "also after the end")

	cut := b.dispensersRun(t, "cut", noon)
	b.finish(t, cut.ID, scrape.OutcomeTerminated, at(1))
	_, err = b.ConcludeSites(t.Context(), cut.ID, scrape.ConcludeSites)
	requireKind(t, err, scrape.KindConflict, "This run has ended already. Nothing was changed.")
}

func TestASiteIsAppliedOnceByOneRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	run := b.dispensersRun(t, "d", noon)
	b.plan(t, run, anySite)
	sites, errs := make([]scrape.SiteRun, 6), make([]error, 6)
	var wg sync.WaitGroup
	for i := range sites {
		wg.Go(func() {
			sites[i], errs[i] = b.ApplySite(t.Context(), run.ID, reading("71001", "1/2", "3/4"), sitePlanner(scrape.SiteGuard{}))
		})
	}
	wg.Wait()
	for i := range sites {
		require.NoError(t, errs[i])
		require.Equal(t, sites[0], sites[i])
	}
	require.Equal(t, scrape.Counts{Processed: 2, Added: 2}, b.conclude(t, run).Counts)
	require.Len(t, b.changes(t, run), 2)
	require.Equal(t, []string{"1/2", "3/4"}, b.numbers(t, "71001"))
}

func TestRunsOfOneUserApplyASiteInTurns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	runs, sites, errs := make([]scrape.Run, 6), make([]scrape.SiteRun, 6), make([]error, 6)
	for i := range runs {
		runs[i] = b.dispensersRun(t, fmt.Sprint("d", i), noon)
		b.plan(t, runs[i], anySite)
	}
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			sites[i], errs[i] = b.ApplySite(t.Context(), runs[i].ID, reading("71001", "1/2", "3/4"), sitePlanner(scrape.SiteGuard{}))
		})
	}
	wg.Wait()
	added := 0
	for i := range sites {
		require.NoError(t, errs[i])
		added += sites[i].Counts.Added
	}
	require.Equal(t, 2, added)
}

func TestApplySiteIsAllOrNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	run := b.dispensersRun(t, "d", noon)
	b.plan(t, run, anySite)
	twice := reading("71001", "1/2", "1/2")
	_, err := b.ApplySite(t.Context(), run.ID, twice, sitePlanner(scrape.SiteGuard{}))
	require.Equal(t, scrape.KindConflict, scrape.KindOf(err))
	require.Equal(t, []string{"71001 pending"}, b.states(t, run))
	require.Empty(t, b.numbers(t, "71001"))
	require.Empty(t, b.changes(t, run))
	b.applySite(t, run, reading("71001", "1/2"))
}

func TestUsersHaveDispensersOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	b.orderAt(t, "a", "71001", "2861")
	stranger.orderAt(t, "b", "71001", "2861")
	b.readSites(t, "mine", reading("71001", "1/2"))
	stranger.readSites(t, "theirs", reading("71001", "3/4"))
	require.Equal(t, []string{"1/2"}, b.numbers(t, "71001"))
	require.Equal(t, []string{"3/4"}, stranger.numbers(t, "71001"))
	none, err := b.DispensersAt(t.Context(), b.user, nil)
	require.NoError(t, err)
	require.Equal(t, []scrape.Dispenser{}, none)
	b.exec(t, "DELETE FROM users WHERE id = $1", b.user)
	require.Empty(t, b.numbers(t, "71001"))
	require.Equal(t, []string{"3/4"}, stranger.numbers(t, "71001"))
}

type counter struct{ statements atomic.Int32 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements.Add(1)
	return ctx
}

func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestThreeHundredSitesTakeFewStatements(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const sites = 300
	b.exec(t, `INSERT INTO work_orders (user_id, external_id, site_name, location_id, service_code)
		SELECT $1, n::text, 'Example Fuel Stop', (71000 + n)::text, '2861' FROM generate_series(1, $2::int) AS n`, b.user, sites)
	var counted counter
	traced, err := b.Traced(t.Context(), &counted)
	require.NoError(t, err)
	t.Cleanup(traced.Close)
	numbers := []string{"1/2", "3/4", "5/6", "7/8", "9/10", "11/12", "13/14", "15/16"}

	for step, want := range []scrape.Counts{
		{Processed: 8 * sites, Added: 8 * sites}, {Processed: 8 * sites, Updated: 8 * sites},
	} {
		run := b.dispensersRun(t, fmt.Sprint("d", step), noon)
		counted.statements.Store(0)
		totals, err := traced.PlanSites(t.Context(), run.ID, anySite)
		require.NoError(t, err)
		require.Equal(t, sites, totals.Pending)
		require.LessOrEqual(t, counted.statements.Load(), int32(5), "however many there are")
		pending, err := traced.PendingSites(t.Context(), run.ID, 0)
		require.NoError(t, err)

		counted.statements.Store(0)
		for _, site := range pending {
			result := reading(site.LocationID, numbers...)
			for i := range result.Dispensers {
				result.Dispensers[i].Model = fmt.Sprint("X", step)
			}
			_, err := traced.ApplySite(t.Context(), run.ID, result, sitePlanner(scrape.SiteGuard{}))
			require.NoError(t, err)
		}
		require.LessOrEqual(t, counted.statements.Load(), int32(12*sites), "however many dispensers a site has")

		counted.statements.Store(0)
		all, err := traced.Dispensers(t.Context(), b.user)
		require.NoError(t, err)
		require.Len(t, all, 8*sites)
		require.Equal(t, int32(1), counted.statements.Load())
		require.Equal(t, want, b.conclude(t, run).Counts)
	}
}
