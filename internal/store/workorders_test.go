package store_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// planOrders is the rule of a schedule that says nothing about it.
func planOrders(stored []scrape.WorkOrder, pages []scrape.ListPage) scrape.Plan {
	return scrape.PlanWorkOrders(stored, pages, scrape.DefaultGuard())
}

// order fills every field that the portal shows.
func order(number int) scrape.WorkOrder {
	text := func(s string) string { return fmt.Sprintf("%s %d \"é\"\n", s, number) }
	day := time.Date(2030, 2, 3, 0, 0, 0, 0, time.UTC).AddDate(0, 0, number%20)
	return scrape.WorkOrder{
		ExternalID:         fmt.Sprint(100000 + number),
		SiteName:           text("Example Fuel Stop"),
		CustomerName:       text("customer"),
		CustomerID:         text("customer id"),
		LocationID:         text("location id"),
		CustomerURL:        text("https://portal.example/app/customers/locations/71001/"),
		StoreNumber:        "#4001",
		Street:             text("100 Sample Road"),
		Intersection:       text("intersection"),
		CityState:          text("Sampletown ZZ 00000"),
		County:             text("Sample County"),
		Address:            text("address"),
		PortalStatus:       text("Work Created"),
		ServiceName:        text("AccuMeasure"),
		Project:            text("project"),
		ServiceCode:        "2861",
		ServiceDescription: text("All Dispensers AccuMeasure Test"),
		ServiceType:        "Testing",
		ServiceQuantity:    8,
		ServiceItems: []scrape.ServiceItem{
			{Quantity: 8, Name: "All Dispensers", Code: "2861", Category: "Testing"},
			{Quantity: 1, Name: "Filter change", Code: "", Category: "Filters"},
		},
		Instructions:  text("Calibrate all dispensers."),
		ScheduledDate: pointer(day),
		DueDate:       pointer(day.AddDate(0, 0, 7)),
		VisitID:       fmt.Sprint(900000 + number),
		VisitURL:      text("https://portal.example/visit"),
		VisitsDone:    1,
		VisitsPlanned: 3,
		CreatedDate:   pointer(time.Date(2030, 1, 2, 9, 41, 7, 123456000, time.UTC)),
		CreatedBy:     text("Pat Example"),
	}
}

// bare is an order of which the portal shows next to nothing.
func bare(number int) scrape.WorkOrder {
	return scrape.WorkOrder{ExternalID: fmt.Sprint(100000 + number), SiteName: "Bare", Address: scrape.AddressNotAvailable}
}

func page(number int, last bool, orders ...scrape.WorkOrder) scrape.ListPage {
	return scrape.ListPage{Number: number, Last: last, Matches: -1, Proved: true, Orders: orders}
}

// apply carries out a whole run of these pages by the real rule.
func (b bundle) apply(t *testing.T, id scrape.ScheduleID, workflow string, pages ...scrape.ListPage) (scrape.Run, scrape.Plan) {
	t.Helper()
	run := b.begin(t, id, workflow, noon)
	for _, p := range pages {
		require.NoError(t, b.SavePage(t.Context(), run.ID, p))
	}
	plan, err := b.ApplyWorkOrders(t.Context(), run.ID, planOrders)
	require.NoError(t, err)
	return b.finish(t, run.ID, plan.Outcome, at(1)), plan
}

func (b bundle) orders(t *testing.T) map[string]scrape.WorkOrder {
	t.Helper()
	orders, total, err := b.WorkOrders(t.Context(), b.user, scrape.WorkOrderFilter{IncludeRemoved: true})
	require.NoError(t, err)
	require.Len(t, orders, total)
	byNumber := map[string]scrape.WorkOrder{}
	for _, o := range orders {
		byNumber[o.ExternalID] = o
	}
	return byNumber
}

// asShown clears what is ours.
func asShown(o scrape.WorkOrder) scrape.WorkOrder {
	o.ID, o.UserID, o.Status, o.CreatedAt, o.UpdatedAt, o.RemovedAt = "", "", "", time.Time{}, time.Time{}, nil
	if len(o.ServiceItems) == 0 {
		o.ServiceItems = nil
	}
	return o
}

func TestPagesSurviveStaging(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.begin(t, b.addSchedule(t, "hourly").ID, "w1", noon)
	numbers, lastSeen, err := b.SavedPages(t.Context(), run.ID)
	require.NoError(t, err)
	require.Empty(t, numbers)
	require.False(t, lastSeen)

	second := page(2, true, order(2), bare(3))
	second.Matches, second.Proved = 44, false
	second.Broken = []scrape.BrokenRow{{ExternalID: "100009", Reason: "no customer"}, {Reason: "no number"}}
	require.NoError(t, b.SavePage(t.Context(), run.ID, page(10, false)))
	require.NoError(t, b.SavePage(t.Context(), run.ID, page(2, false, order(9))))
	numbers, lastSeen, err = b.SavedPages(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, []int{2, 10}, numbers)
	require.False(t, lastSeen)
	require.NoError(t, b.SavePage(t.Context(), run.ID, second), "read again")
	numbers, lastSeen, err = b.SavedPages(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, []int{2, 10}, numbers)
	require.True(t, lastSeen)

	_, err = b.ApplyWorkOrders(t.Context(), run.ID, func(stored []scrape.WorkOrder, pages []scrape.ListPage) scrape.Plan {
		require.Empty(t, stored)
		require.Len(t, pages, 2)
		got := pages[0]
		for i := range got.Orders {
			got.Orders[i] = asShown(got.Orders[i])
		}
		require.Equal(t, second, got)
		require.Equal(t, 10, pages[1].Number)
		return scrape.Plan{Outcome: scrape.OutcomeSuccess}
	})
	require.NoError(t, err)

	numbers, _, err = b.SavedPages(t.Context(), run.ID)
	require.NoError(t, err)
	require.Empty(t, numbers, "applied pages are gone")
	const ended = "This run has ended already. Nothing was changed."
	requireKind(t, b.SavePage(t.Context(), run.ID, second), scrape.KindConflict, ended)
	requireKind(t, b.SavePage(t.Context(), 4711, second), scrape.KindNotFound, "History record not found")
}

func TestPagesGoWithTheirRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	for outcome, want := range map[scrape.Outcome]int{scrape.OutcomePortalDown: 0, scrape.OutcomeHeld: 1} {
		run := b.begin(t, schedule.ID, string(outcome), noon)
		require.NoError(t, b.SavePage(t.Context(), run.ID, page(1, false, order(1))))
		b.finish(t, run.ID, outcome, at(1))
		require.Equal(t, want, value[int](t, b, "SELECT count(*) FROM scrape_pages WHERE run_id = $1", run.ID))
		require.Equal(t, scrape.KindConflict, scrape.KindOf(b.SavePage(t.Context(), run.ID, page(2, true))))
		_, err := b.ApplyWorkOrders(t.Context(), run.ID, planOrders)
		require.Equal(t, scrape.KindConflict, scrape.KindOf(err), "nothing is applied after the end")
		require.NoError(t, b.DeleteRun(t.Context(), b.user, run.ID))
	}
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM scrape_pages"))
	_, err := b.ApplyWorkOrders(t.Context(), 4711, planOrders)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
}

func TestApplyWorkOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	run, plan := b.apply(t, schedule.ID, "w1", page(1, false, order(1), order(2)), page(2, true, bare(3)))
	require.Equal(t, scrape.Plan{Outcome: scrape.OutcomeSuccess, Counts: scrape.Counts{Processed: 3, Added: 3}}, plan)
	require.Equal(t, plan.Counts, run.Counts)
	first := b.orders(t)
	require.Len(t, first, 3)
	for number, want := range map[string]scrape.WorkOrder{"100001": order(1), "100002": order(2), "100003": bare(3)} {
		got := first[number]
		require.Equal(t, want, asShown(got), "what is stored equals what was collected")
		require.Len(t, got.ID, 36)
		require.Equal(t, b.user, got.UserID)
		require.Equal(t, "pending", got.Status)
		require.Equal(t, got.CreatedAt, got.UpdatedAt)
		require.Equal(t, time.UTC, got.CreatedAt.Location())
		require.Nil(t, got.RemovedAt)
		found, err := b.WorkOrder(t.Context(), b.user, got.ID)
		require.NoError(t, err)
		require.Equal(t, got, found)
	}

	_, plan = b.apply(t, schedule.ID, "w2", page(1, true, order(1), order(2), bare(3)))
	require.Equal(t, scrape.Counts{Processed: 3, Unchanged: 3}, plan.Counts, "a round trip changes nothing")
	require.Equal(t, first, b.orders(t))

	b.exec(t, "UPDATE work_orders SET status = 'completed', notes = 'by hand' WHERE external_id = '100001'")
	changed := order(1)
	changed.Instructions, changed.ScheduledDate, changed.ServiceItems = "Other.", nil, nil
	_, plan = b.apply(t, schedule.ID, "w3", page(1, true, changed, bare(3), order(4)))
	require.Equal(t, scrape.Counts{Processed: 3, Added: 1, Updated: 1, Unchanged: 1, Removed: 1}, plan.Counts)
	second := b.orders(t)
	require.Equal(t, changed, asShown(second["100001"]))
	require.Equal(t, first["100001"].ID, second["100001"].ID)
	require.Equal(t, first["100001"].CreatedAt, second["100001"].CreatedAt)
	require.True(t, second["100001"].UpdatedAt.After(first["100001"].UpdatedAt))
	require.Equal(t, "completed", second["100001"].Status, "people's word stays")
	require.Equal(t, "by hand", value[string](t, b, "SELECT notes FROM work_orders WHERE external_id = '100001'"))
	require.NotNil(t, second["100002"].RemovedAt)
	require.Equal(t, order(2), asShown(second["100002"]))

	_, plan = b.apply(t, schedule.ID, "w4", page(1, true, changed, order(2), bare(3), order(4)))
	require.Equal(t, scrape.Counts{Processed: 4, Updated: 1, Unchanged: 3}, plan.Counts)
	require.Nil(t, b.orders(t)["100002"].RemovedAt, "it came back")
}

func TestWhatOldClientsReadOfAnOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(t, b.addSchedule(t, "hourly").ID, "w1", page(1, true, order(1), bare(2)))
	column := func(name, number string) any {
		var v any
		require.NoError(t, json.Unmarshal([]byte(value[string](t, b,
			"SELECT COALESCE(to_jsonb("+name+"), 'null')::text FROM work_orders WHERE external_id = $1", number)), &v))
		return v
	}
	full := order(1)
	require.Equal(t, []any{"8 x All Dispensers", "1 x Filter change"}, column("service_items", "100001"))
	require.Equal(t, map[string]any{
		"service_info": map[string]any{"type": "Testing", "quantity": 8.0},
		"address_components": map[string]any{
			"street": full.Street, "intersection": full.Intersection, "cityState": full.CityState, "county": full.County,
		},
		"customer_url": full.CustomerURL,
	}, column("scraped_data", "100001"))
	require.Equal(t, "900001", column("visit_number", "100001"))
	require.Equal(t, "2030-02-04T00:00:00", column("scheduled_date", "100001"), "a date, not an instant")

	require.Equal(t, []any{}, column("service_items", "100002"))
	for _, name := range []string{
		"store_number", "street", "visit_id", "visit_number", "visit_url", "scheduled_date", "created_by", "instructions",
	} {
		require.Nil(t, column(name, "100002"), name)
	}
}

func TestApplyWorkOrdersIsRepeatable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.begin(t, b.addSchedule(t, "hourly").ID, "w1", noon)
	broken := page(1, true)
	for i := range 8 {
		broken.Orders = append(broken.Orders, order(i))
	}
	broken.Broken = []scrape.BrokenRow{{ExternalID: "100009", Reason: "no customer"}}
	require.NoError(t, b.SavePage(t.Context(), run.ID, broken))

	plans, errs := make([]scrape.Plan, 6), make([]error, 6)
	var wg sync.WaitGroup
	for i := range plans {
		wg.Go(func() { plans[i], errs[i] = b.ApplyWorkOrders(t.Context(), run.ID, planOrders) })
	}
	wg.Wait()
	for i := range plans {
		require.NoError(t, errs[i])
		require.Equal(t, plans[0], plans[i])
	}
	require.Equal(t, scrape.OutcomePartial, plans[0].Outcome)
	require.NotEmpty(t, plans[0].Message)
	require.Equal(t, scrape.Counts{Processed: 8, Added: 8, Failed: 1}, plans[0].Counts)
	require.Len(t, b.orders(t), 8)

	b.finish(t, run.ID, scrape.OutcomePartial, at(1))
	plan, err := b.ApplyWorkOrders(t.Context(), run.ID, func([]scrape.WorkOrder, []scrape.ListPage) scrape.Plan {
		panic("it is applied")
	})
	require.NoError(t, err)
	require.Equal(t, plans[0], plan, "also after the end")
}

func TestAHeldResultChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	b.apply(t, schedule.ID, "w1", page(1, true, order(1), order(2)))
	before := b.orders(t)
	run, plan := b.apply(t, schedule.ID, "w2", page(1, true))
	require.Equal(t, scrape.OutcomeHeld, plan.Outcome)
	require.NotEmpty(t, plan.Message)
	require.Equal(t, before, b.orders(t))
	numbers, lastSeen, err := b.SavedPages(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, []int{1}, numbers)
	require.True(t, lastSeen)
	again, err := b.ApplyWorkOrders(t.Context(), run.ID, planOrders)
	require.NoError(t, err)
	require.Equal(t, plan, again)
}

func TestApplyWorkOrdersIsAllOrNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.begin(t, b.addSchedule(t, "hourly").ID, "w1", noon)
	require.NoError(t, b.SavePage(t.Context(), run.ID, page(1, true, order(1))))
	_, err := b.ApplyWorkOrders(t.Context(), run.ID, func([]scrape.WorkOrder, []scrape.ListPage) scrape.Plan {
		return scrape.Plan{Outcome: scrape.OutcomeSuccess, Add: []scrape.WorkOrder{order(1), order(1)}}
	})
	require.Equal(t, scrape.KindConflict, scrape.KindOf(err))
	require.Empty(t, b.orders(t))
	plan, err := b.ApplyWorkOrders(t.Context(), run.ID, planOrders)
	require.NoError(t, err)
	require.Equal(t, 1, plan.Counts.Added)
}

func TestRunsOfOneUserApplyInTurns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const schedules = 6
	runs := make([]scrape.Run, schedules)
	for i := range runs {
		name := fmt.Sprintf("w%d", i)
		runs[i] = b.begin(t, b.addSchedule(t, name).ID, name, noon)
		require.NoError(t, b.SavePage(t.Context(), runs[i].ID, page(1, true, order(1), order(2))))
	}
	plans, errs := make([]scrape.Plan, schedules), make([]error, schedules)
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() { plans[i], errs[i] = b.ApplyWorkOrders(t.Context(), runs[i].ID, planOrders) })
	}
	wg.Wait()
	added := 0
	for i := range plans {
		require.NoError(t, errs[i])
		added += plans[i].Counts.Added
	}
	require.Equal(t, 2, added)
	require.Len(t, b.orders(t), 2)
}

func TestWorkOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	none, total, err := b.WorkOrders(t.Context(), b.user, scrape.WorkOrderFilter{Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []scrape.WorkOrder{}, none)
	require.Zero(t, total)

	schedule := b.addSchedule(t, "hourly")
	b.apply(t, schedule.ID, "w1", page(1, true, order(1), order(2), order(3), bare(4), order(5)))
	b.apply(t, schedule.ID, "w2", page(1, true, order(1), order(2), order(3), bare(4))) // 5 is gone
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	stranger.apply(t, stranger.addSchedule(t, "hourly").ID, "w3", page(1, true, order(1)))
	list := func(filter scrape.WorkOrderFilter) ([]string, int) {
		orders, total, err := b.WorkOrders(t.Context(), b.user, filter)
		require.NoError(t, err)
		numbers := []string{}
		for _, o := range orders {
			numbers = append(numbers, o.ExternalID)
		}
		return numbers, total
	}
	day := func(number int) *time.Time { return order(number).ScheduledDate }
	for _, c := range []struct {
		filter scrape.WorkOrderFilter
		want   []string
		total  int
	}{
		{scrape.WorkOrderFilter{}, []string{"100003", "100002", "100001", "100004"}, 4},
		{scrape.WorkOrderFilter{IncludeRemoved: true}, []string{"100005", "100003", "100002", "100001", "100004"}, 5},
		{scrape.WorkOrderFilter{Limit: 2}, []string{"100003", "100002"}, 4},
		{scrape.WorkOrderFilter{Skip: 2, Limit: 2}, []string{"100001", "100004"}, 4},
		{scrape.WorkOrderFilter{Skip: 9, Limit: 2}, []string{}, 4},
		{scrape.WorkOrderFilter{From: day(2)}, []string{"100003", "100002"}, 2},
		{scrape.WorkOrderFilter{To: day(2)}, []string{"100002", "100001"}, 2},
		{scrape.WorkOrderFilter{From: day(2), To: day(2), Limit: 5}, []string{"100002"}, 1},
	} {
		got, total := list(c.filter)
		require.Equal(t, c.want, got)
		require.Equal(t, c.total, total)
	}

	orders, _, err := b.WorkOrders(t.Context(), stranger.user, scrape.WorkOrderFilter{})
	require.NoError(t, err)
	for _, id := range []string{orders[0].ID, "unknown"} {
		_, err = b.WorkOrder(t.Context(), b.user, id)
		requireKind(t, err, scrape.KindNotFound, "Work order not found")
	}
}

func TestAThousandOrdersTakeWellUnderASecond(t *testing.T) {
	t.Parallel()
	b := setup(t)
	schedule := b.addSchedule(t, "hourly")
	const count = 1000
	for step, change := range []string{"", "", "changed"} {
		run := b.begin(t, schedule.ID, fmt.Sprintf("w%d", step), noon)
		for n := range count / 100 {
			p := page(n+1, n == count/100-1)
			for i := range 100 {
				o := order(n*100 + i)
				o.Instructions += change
				p.Orders = append(p.Orders, o)
			}
			require.NoError(t, b.SavePage(t.Context(), run.ID, p))
		}
		began := time.Now()
		plan, err := b.ApplyWorkOrders(t.Context(), run.ID, planOrders)
		took := time.Since(began)
		require.NoError(t, err)
		require.Equal(t, []scrape.Counts{
			{Processed: count, Added: count}, {Processed: count, Unchanged: count}, {Processed: count, Updated: count},
		}[step], plan.Counts)
		t.Logf("%d orders, %+v: %s", count, plan.Counts, took)
		require.Less(t, took, 5*time.Second, "a busy machine may be slow, but not that slow")
		b.finish(t, run.ID, plan.Outcome, at(1))
	}
}
