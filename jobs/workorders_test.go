package jobs_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// listOf is a proved list of so many pages of ten.
func listOf(pages int) []scrape.ListPage {
	var list []scrape.ListPage
	for n := 1; n <= pages; n++ {
		page := scrape.ListPage{Number: n, Last: n == pages, Matches: pages * 10, Proved: true}
		for i := range 10 {
			page.Orders = append(page.Orders, scrape.WorkOrder{ExternalID: fmt.Sprint(100000 + 10*n + i), SiteName: "Example Fuel Stop"})
		}
		list = append(list, page)
	}
	return list
}

// ordersOf are the orders of a list, stored.
func ordersOf(pages []scrape.ListPage) []scrape.WorkOrder {
	var all []scrape.WorkOrder
	for _, page := range pages {
		all = append(all, page.Orders...)
	}
	return all
}

func TestCollectWorkOrders(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.WorkOrders, "")
	h.portal.pages = listOf(4)
	result, err := h.do(t, "CollectWorkOrders")
	require.NoError(t, err)
	require.Equal(t, jobs.Result{Details: "Read 40 work orders on 4 pages. Saving."}, result)
	require.Len(t, h.store.pages, 4)
	require.Empty(t, h.notes, "nothing looks wrong")
	h.requireProgress(t)
	require.Equal(t, scrape.Progress{
		Phase: scrape.PhaseScraping, Percentage: 55, Message: "Read 20 of 40 work orders", Found: 40, Processed: 20,
	}, h.said[2])

	result, err = h.do(t, "ApplyWorkOrders")
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeSuccess, result.Outcome)
	require.Equal(t, scrape.Counts{Processed: 40, Added: 40}, result.Counts)
	require.Contains(t, result.Details, "success: 40 read, 40 added")
}

func TestCollectGoesOnWithTheFirstMissingPage(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.WorkOrders, "")
	h.portal.pages, h.portal.dieAfter, h.portal.failure = listOf(4), 2, scrape.Errorf(scrape.KindPortalDown, "down")
	_, err := h.do(t, "CollectWorkOrders")
	require.Equal(t, scrape.KindPortalDown, scrape.KindOf(err), "only a session that ended is worth a login")
	require.Len(t, h.store.pages, 2)

	h.portal.dieAfter = 0
	_, err = h.do(t, "CollectWorkOrders")
	require.NoError(t, err)
	require.Equal(t, []int{1, 3}, h.portal.from, "finished pages are not fetched again")

	result, err := h.do(t, "CollectWorkOrders")
	require.NoError(t, err)
	require.Equal(t, 2, h.portal.visits, "a finished list is not opened again")
	require.Equal(t, jobs.Result{Details: "All 4 pages are read."}, result)
}

// The last page may be there although one before it is not.
func TestCollectFillsAGap(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.WorkOrders, "")
	list := listOf(3)
	h.portal.pages, h.store.pages = list, []scrape.ListPage{list[0], list[2]}
	_, err := h.do(t, "CollectWorkOrders")
	require.NoError(t, err)
	require.Equal(t, []int{2}, h.portal.from)
}

func TestSessionThatDiesInTheList(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.WorkOrders, "")
	h.portal.pages, h.portal.dieAfter = listOf(5), 2
	for range 2 {
		result, err := h.do(t, "CollectWorkOrders")
		require.NoError(t, err)
		require.True(t, result.More)
		require.True(t, result.SignIn, "a login has brought two pages: one more is worth it")
		require.Empty(t, result.Outcome)
	}
	result, err := h.do(t, "CollectWorkOrders")
	require.NoError(t, err)
	require.False(t, result.More)
	require.Equal(t, []int{1, 3, 5}, h.portal.from)
	require.Len(t, h.store.pages, 5)
}

func TestSessionThatBringsNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t, jobs.WorkOrders, "")
	h.portal.pages, h.portal.dieAfter = listOf(2), 1
	result, err := h.do(t, "CollectWorkOrders")
	require.NoError(t, err)
	require.True(t, result.SignIn)

	h.portal.dieAfter = -1 // from here on there is nothing but the login form
	_, err = h.do(t, "CollectWorkOrders")
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(err), "the run decides whether to sign in once more")
}

// Evidence is taken while the page is open, before the guard holds the result.
func TestEvidenceOfAListThatWillBeHeld(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		settings string
		stored   []scrape.WorkOrder
		list     []scrape.ListPage
		want     scrape.Outcome
	}{
		{"all is well", "", ordersOf(listOf(3)), listOf(3), scrape.OutcomeSuccess},
		{"most are gone", "", ordersOf(listOf(9)), listOf(3), scrape.OutcomeHeld},
		{"most are gone, which the schedule allows", `{"may_lose_share": 1}`, ordersOf(listOf(9)), listOf(3), scrape.OutcomeSuccess},
		{"one is gone, which is little", "", append(ordersOf(listOf(3)), scrape.WorkOrder{ExternalID: "1"}), listOf(3), scrape.OutcomeSuccess},
		{
			"one is gone, which the schedule does not allow", `{"may_lose": 0, "may_lose_share": 0}`,
			append(ordersOf(listOf(3)), scrape.WorkOrder{ExternalID: "1"}), listOf(3), scrape.OutcomeHeld,
		},
		{"none is left", "", ordersOf(listOf(1)), []scrape.ListPage{{Number: 1, Last: true, Proved: true}}, scrape.OutcomeHeld},
		{"none is left, which is right", `{"empty_is_right": true}`, ordersOf(listOf(1)), []scrape.ListPage{{Number: 1, Last: true, Proved: true}}, scrape.OutcomeSuccess},
		{"a row cannot be read", "", nil, []scrape.ListPage{{
			Number: 1, Last: true, Proved: true, Matches: 11, Orders: listOf(1)[0].Orders, Broken: []scrape.BrokenRow{{Reason: "no store"}},
		}}, scrape.OutcomePartial},
		{"a row cannot be read, which the schedule does not allow", `{"unreadable_share": 0}`, nil, []scrape.ListPage{{
			Number: 1, Last: true, Proved: true, Matches: 11, Orders: listOf(1)[0].Orders, Broken: []scrape.BrokenRow{{Reason: "no store"}},
		}}, scrape.OutcomeHeld},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, jobs.WorkOrders, test.settings)
			h.store.orders, h.portal.pages = test.stored, test.list
			_, err := h.do(t, "CollectWorkOrders")
			require.NoError(t, err)
			result, err := h.do(t, "ApplyWorkOrders")
			require.NoError(t, err)
			require.Equal(t, test.want, result.Outcome)
			if test.want == scrape.OutcomeSuccess {
				require.Empty(t, h.notes)
				return
			}
			require.Equal(t, []string{": " + result.Message}, h.notes)
		})
	}
}

// The portal shows every order without its customer.
func TestScheduleSaysHowManyMayLoseAField(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]scrape.Outcome{"": scrape.OutcomeHeld, `{"emptied_share": 1}`: scrape.OutcomeSuccess} {
		h := newHarness(t, jobs.WorkOrders, settings)
		h.store.orders, h.store.pages = ordersOf(listOf(2)), listOf(2)
		for _, page := range h.store.pages {
			for i := range page.Orders {
				page.Orders[i].SiteName = ""
			}
		}
		result, err := h.do(t, "ApplyWorkOrders")
		require.NoError(t, err)
		require.Equal(t, want, result.Outcome, settings)
	}
}

func TestDecisionsAboutAHeldList(t *testing.T) {
	t.Parallel()
	store := &memory{orders: ordersOf(listOf(9)), pages: listOf(1)}
	run, err := jobs.WorkOrders.Accept(t.Context(), store, jobs.Decision{Run: 501})
	require.NoError(t, err)
	require.Equal(t, scrape.OutcomeSuccess, run.Outcome, "what the guard holds is right, a person says")
	_, err = jobs.WorkOrders.Discard(t.Context(), store, jobs.Decision{Run: 501})
	require.NoError(t, err)
	require.True(t, store.discarded)
}
