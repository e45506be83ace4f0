package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

const orderNotFound = "Work order not found"

func TestSetWorkOrderStatus(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orderAt(t, "a", "71001", "2861")
	before, err := b.WorkOrder(t.Context(), b.user, "a")
	require.NoError(t, err)
	done, err := b.SetWorkOrderStatus(t.Context(), b.user, "a", "completed")
	require.NoError(t, err)
	require.Equal(t, "completed", done.Status)
	require.True(t, done.UpdatedAt.After(before.UpdatedAt))
	stored, err := b.WorkOrder(t.Context(), b.user, "a")
	require.NoError(t, err)
	require.Equal(t, done, stored)
	other := b.addUser(t, "other@example.com")
	_, err = b.SetWorkOrderStatus(t.Context(), other, "a", "pending")
	requireKind(t, err, scrape.KindNotFound, orderNotFound)
}

// byHand has two orders at the first location, one at the second, one without any, and a stranger at the first.
func byHand(t *testing.T) (b, stranger bundle) {
	t.Helper()
	b = setup(t)
	for id, location := range map[string]string{"a": "71001", "b": "71001", "c": "71002", "d": ""} {
		b.orderAt(t, id, location, "2861")
	}
	b.readSites(t, "mine", reading("71001", "1/2", "3/4"), reading("71002", "1"))
	b.exec(t, "UPDATE dispensers SET removed_at = now() WHERE dispenser_number = '3/4'")
	b.exec(t, "INSERT INTO dispensers (user_id, work_order_id, dispenser_number) VALUES ($1, 'd', '9')", b.user) // of the old database
	stranger = b
	stranger.user = b.addUser(t, "stranger@example.com")
	stranger.orderAt(t, "z", "71001", "2861")
	stranger.readSites(t, "theirs", reading("71001", "5"))
	return b, stranger
}

func (b bundle) known(t *testing.T) []string {
	t.Helper()
	return value[[]string](t, b, "SELECT COALESCE(array_agg(location_id ORDER BY location_id), '{}') FROM locations WHERE user_id = $1", b.user)
}

func TestDeleteWorkOrder(t *testing.T) {
	t.Parallel()
	b, stranger := byHand(t)
	remove := func(id string) { require.NoError(t, b.DeleteWorkOrder(t.Context(), b.user, id)) }
	requireKind(t, stranger.DeleteWorkOrder(t.Context(), stranger.user, "a"), scrape.KindNotFound, orderNotFound)

	remove("a")
	requireKind(t, b.DeleteWorkOrder(t.Context(), b.user, "a"), scrape.KindNotFound, orderNotFound)
	require.Equal(t, []string{"1/2"}, b.numbers(t, "71001"), "another order is at the same location")
	require.Equal(t, "b", value[string](t, b, "SELECT work_order_id FROM dispensers WHERE dispenser_number = '1/2'"))
	b.exec(t, "UPDATE work_orders SET removed_at = now() WHERE id = 'b'")
	remove("b")
	require.Empty(t, b.numbers(t, "71001"))
	require.Equal(t, []string{"71002"}, b.known(t), "the next run reads the location again")
	require.Equal(t, []string{"1"}, b.numbers(t, "71002"))
	remove("d")
	require.Equal(t, []string{"1", "5"}, value[[]string](t, b, "SELECT array_agg(dispenser_number ORDER BY 1) FROM dispensers"))
	require.Equal(t, []string{"5"}, stranger.numbers(t, "71001"))
	require.Equal(t, []string{"71001"}, stranger.known(t))
}

func TestClearWorkOrders(t *testing.T) {
	t.Parallel()
	b, stranger := byHand(t)
	b.exec(t, "UPDATE work_orders SET removed_at = now() WHERE id = 'c'")
	orders, dispensers, err := b.ClearWorkOrders(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, []int{3, 3}, []int{orders, dispensers}, "what people could see")
	require.Empty(t, b.orders(t))
	require.Zero(t, value[int](t, b, "SELECT count(*) FROM dispensers WHERE user_id = $1", b.user))
	require.Empty(t, b.known(t))
	orders, dispensers, err = b.ClearWorkOrders(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, []int{0, 0}, []int{orders, dispensers})
	require.Len(t, stranger.orders(t), 1)
	require.Equal(t, []string{"5"}, stranger.numbers(t, "71001"))
}

func TestDeleteDispensers(t *testing.T) {
	t.Parallel()
	b, stranger := byHand(t)
	_, err := stranger.DeleteDispensers(t.Context(), stranger.user, "a")
	requireKind(t, err, scrape.KindNotFound, orderNotFound)
	for id, want := range map[string]int{"a": 1, "d": 1} {
		deleted, err := b.DeleteDispensers(t.Context(), b.user, id)
		require.NoError(t, err)
		require.Equal(t, want, deleted, "what people could see")
	}
	deleted, err := b.DeleteDispensers(t.Context(), b.user, "b")
	require.NoError(t, err)
	require.Zero(t, deleted, "the location is the same")
	require.Equal(t, []string{"1", "5"}, value[[]string](t, b, "SELECT array_agg(dispenser_number ORDER BY 1) FROM dispensers"))
	require.Equal(t, []string{"71002"}, b.known(t))
	require.Len(t, b.orders(t), 4)
}

func TestListedWorkOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	none, err := b.ListedWorkOrders(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, []scrape.WorkOrder{}, none)
	schedule := b.addSchedule(t, "hourly")
	b.apply(t, schedule.ID, "w1", page(1, true, order(1), order(2), order(3)))
	b.apply(t, schedule.ID, "w2", page(1, true, order(1), order(3)))
	listed, err := b.ListedWorkOrders(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, []scrape.WorkOrder{b.orders(t)["100003"], b.orders(t)["100001"]}, listed)
	foreign, err := b.ListedWorkOrders(t.Context(), b.addUser(t, "other@example.com"))
	require.NoError(t, err)
	require.Empty(t, foreign)
}
