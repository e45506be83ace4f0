package portalsim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

var someDay = time.Date(2030, 1, 15, 0, 0, 0, 0, time.UTC)

func fresh(t *testing.T, seed uint64) *portalsim.Server {
	t.Helper()
	sim, err := portalsim.New(portalsim.Config{Seed: seed, Today: someDay})
	require.NoError(t, err)
	return sim
}

func orders(t *testing.T, sim *portalsim.Server, email string) []portalsim.Order {
	t.Helper()
	list, err := sim.OpenOrders(email)
	require.NoError(t, err)
	return list
}

func TestSeedDecidesContent(t *testing.T) {
	t.Parallel()
	one, two, other := fresh(t, 5), fresh(t, 5), fresh(t, 6)
	// The order in which accounts come to life must not matter.
	orders(t, two, "user042@example.com")
	orders(t, two, "busy@example.com")
	for _, email := range []string{"tech@example.com", "busy@example.com", "user042@example.com"} {
		require.Equal(t, orders(t, one, email), orders(t, two, email))
		first, err := one.Locations(email)
		require.NoError(t, err)
		second, err := two.Locations(email)
		require.NoError(t, err)
		require.Equal(t, first, second)
		require.NotEqual(t, orders(t, one, email), orders(t, other, email))
	}
	added, err := one.AddOrders("tech@example.com", portalsim.OrderSpec{})
	require.NoError(t, err)
	again, err := two.AddOrders("tech@example.com", portalsim.OrderSpec{})
	require.NoError(t, err)
	require.Equal(t, added, again)

	one.Reset()
	require.Equal(t, orders(t, fresh(t, 5), "tech@example.com"), orders(t, one, "tech@example.com"))
}

func TestAccountSizes(t *testing.T) {
	t.Parallel()
	sim := fresh(t, 1)
	for email, want := range map[string]int{
		"tech@example.com": 120, "empty@example.com": 0, "busy@example.com": 1000, "changed@example.com": 30, "small@example.com": 7,
	} {
		info, err := sim.Account(email)
		require.NoError(t, err)
		require.Equal(t, want, info.OpenOrders, email)
	}
	info, err := sim.Account("busy@example.com")
	require.NoError(t, err)
	require.Equal(t, 300, info.Locations)
	_, err = sim.Account("user000@example.com")
	require.ErrorIs(t, err, portalsim.ErrUnknownAccount)
}

func TestNumbersAreUnique(t *testing.T) {
	t.Parallel()
	sim := fresh(t, 9)
	emails := []string{"tech@example.com", "busy@example.com", "small@example.com", "changed@example.com", "locked@example.com"}
	for n := range 500 {
		emails = append(emails, fmt.Sprintf("user%03d@example.com", n+1))
	}
	numbers, visits, places := map[int]string{}, map[int]string{}, map[int]string{}
	claim := func(m map[int]string, n int, email string, low int) {
		require.Empty(t, m[n], "%d belongs to %s and %s", n, m[n], email)
		require.True(t, n >= low && n <= 999_999, n)
		m[n] = email
	}
	for _, email := range emails {
		all, err := sim.Orders(email)
		require.NoError(t, err)
		for _, o := range all {
			claim(numbers, o.Number, email, 100_000)
			if o.VisitID != 0 {
				claim(visits, o.VisitID, email, 100_000)
			}
		}
		stores, err := sim.Locations(email)
		require.NoError(t, err)
		names := map[string]bool{}
		for _, l := range stores {
			claim(places, l.LocationID, email, 10_000)
			require.False(t, names[l.Store])
			names[l.Store] = true
		}
	}
}

// TestVariants holds the list of row variants that readers are tested with: each must occur on an ordinary account.
func TestVariants(t *testing.T) {
	t.Parallel()
	sim := fresh(t, 1)
	list := orders(t, sim, "tech@example.com")
	category := func(name string) func(portalsim.Order) bool {
		return func(o portalsim.Order) bool {
			return slices.ContainsFunc(o.Items, func(i portalsim.Item) bool { return i.Category == name })
		}
	}
	code := func(code string) func(portalsim.Order) bool {
		return func(o portalsim.Order) bool {
			return slices.ContainsFunc(o.Items, func(i portalsim.Item) bool { return i.Code == code })
		}
	}
	store := func(digits int) func(portalsim.Order) bool {
		return func(o portalsim.Order) bool { return len(o.Place.Store) == digits }
	}
	for name, is := range map[string]func(portalsim.Order) bool{
		"no visit":             func(o portalsim.Order) bool { return o.VisitID == 0 && o.VisitDate == "" },
		"no due date":          func(o portalsim.Order) bool { return o.DueDate == "" },
		"orange due date":      func(o portalsim.Order) bool { return o.DueSoon },
		"no project":           func(o portalsim.Order) bool { return o.Project == "" },
		"intersection":         func(o portalsim.Order) bool { return o.Place.Intersection != "" },
		"no intersection":      func(o portalsim.Order) bool { return o.Place.Intersection == "" },
		"combo":                category("Combo"),
		"parts":                category("Parts"),
		"quantity 0":           func(o portalsim.Order) bool { return o.Items[0].Quantity == 0 },
		"filter change":        code("3006"),
		"specific dispensers":  code("2862"),
		"per dispenser":        code("3002"),
		"prover":               code("3146"),
		"store of 4 digits":    store(4),
		"store of 5 digits":    store(5),
		"store of 7 digits":    store(7),
		"store is a code":      func(o portalsim.Order) bool { return o.Place.Store == "2861" },
		"5-digit house":        func(o portalsim.Order) bool { return strings.Index(o.Place.Street, " ") == 5 },
		"three-word creator":   func(o portalsim.Order) bool { return len(strings.Fields(o.CreatedBy)) == 3 },
		"long instructions":    func(o portalsim.Order) bool { return len(o.Instructions) > 200 },
		"short instructions":   func(o portalsim.Order) bool { n := len(o.Instructions); return n > 0 && n < 200 },
		"no instructions":      func(o portalsim.Order) bool { return o.Instructions == "" },
		"several lines":        func(o portalsim.Order) bool { return strings.Contains(o.Instructions, "\n") },
		"5-digit location id":  func(o portalsim.Order) bool { return o.Place.LocationID < 100_000 },
		"6-digit location id":  func(o portalsim.Order) bool { return o.Place.LocationID >= 100_000 },
		"visit before today":   func(o portalsim.Order) bool { return o.VisitDate != "" && o.VisitDate < "2030-01-15" },
		"created in the night": func(o portalsim.Order) bool { return strings.Contains(o.CreatedAt, "T00:") },
	} {
		require.True(t, slices.ContainsFunc(list, is), name)
		require.True(t, slices.ContainsFunc(list, func(o portalsim.Order) bool { return !is(o) }), "only %s", name)
	}
	require.True(t, slices.IsSortedFunc(list, func(a, b portalsim.Order) int {
		return strings.Compare(sortKey(a), sortKey(b))
	}))
	perStore := map[int]int{}
	for _, o := range list {
		perStore[o.Place.LocationID]++
	}
	require.Len(t, perStore, 96) // so some stores have several orders
}

func sortKey(o portalsim.Order) string {
	if o.VisitDate == "" {
		return "9999"
	}
	return o.VisitDate
}

func TestLocationVariants(t *testing.T) {
	t.Parallel()
	sim := fresh(t, 1)
	list, err := sim.Locations("tech@example.com")
	require.NoError(t, err)
	card := func(is func(portalsim.Card) bool) func(portalsim.Location) bool {
		return func(l portalsim.Location) bool { return slices.ContainsFunc(l.Dispensers(), is) }
	}
	for name, is := range map[string]func(portalsim.Location) bool{
		"deleted":        func(l portalsim.Location) bool { return l.State == portalsim.LocationDeleted },
		"denied":         func(l portalsim.Location) bool { return l.State == portalsim.LocationDenied },
		"no group":       func(l portalsim.Location) bool { return !slices.ContainsFunc(l.Groups, named("Dispenser")) },
		"group of 0":     func(l portalsim.Location) bool { return slices.ContainsFunc(l.Groups, emptyDispensers) },
		"other groups":   func(l portalsim.Location) bool { return slices.ContainsFunc(l.Groups, named("Tank")) },
		"expanded":       func(l portalsim.Location) bool { return l.Expanded },
		"pair":           card(func(c portalsim.Card) bool { return strings.HasPrefix(c.Title, "1/2 - ") }),
		"single":         card(func(c portalsim.Card) bool { return !strings.Contains(strings.SplitN(c.Title, " - ", 2)[0], "/") }),
		"several grades": card(func(c portalsim.Card) bool { return strings.Contains(c.Title, ", ") }),
		"no serial":      card(func(c portalsim.Card) bool { return c.Serial == "" }),
		"no make":        card(func(c portalsim.Card) bool { return c.Make == "" && c.Model == "" }),
		"no meter type":  card(func(c portalsim.Card) bool { return len(c.Fields) == 3 && c.Fields[0].Label == "Grade" }),
		"no grade":       card(func(c portalsim.Card) bool { return len(c.Fields) == 3 && c.Fields[0].Label != "Grade" }),
	} {
		require.True(t, slices.ContainsFunc(list, is), name)
	}
	for _, email := range []string{"small@example.com", "user001@example.com"} {
		calm, err := sim.Locations(email)
		require.NoError(t, err)
		for _, l := range calm {
			require.Equal(t, portalsim.LocationOK, l.State)
			require.NotEmpty(t, l.Dispensers())
		}
	}
}

func named(name string) func(portalsim.Group) bool {
	return func(g portalsim.Group) bool { return g.Name == name }
}

func emptyDispensers(g portalsim.Group) bool { return g.Name == "Dispenser" && len(g.Cards) == 0 }

func TestTimePasses(t *testing.T) {
	t.Parallel()
	const small = "small@example.com"
	sim := fresh(t, 1)
	before := orders(t, sim, small)

	added, err := sim.AddOrders(small, portalsim.OrderSpec{VisitDate: new("2029-12-31"), Store: new("98765")}, portalsim.OrderSpec{})
	require.NoError(t, err)
	require.Equal(t, added[0].Number, orders(t, sim, small)[0].Number)
	require.Equal(t, "98765", added[0].Place.Store)
	require.Len(t, orders(t, sim, small), 9)
	require.NoError(t, sim.RemoveOrders(small, added[0].Number, added[1].Number))
	require.Equal(t, before, orders(t, sim, small))

	require.NoError(t, sim.SwapDates(small, before[0].Number, before[3].Number))
	after := orders(t, sim, small)
	require.Equal(t, before[3].VisitDate, find(t, after, before[0].Number).VisitDate)
	require.Equal(t, before[0].VisitDate, find(t, after, before[3].Number).VisitDate)
	require.Equal(t, before[0].VisitID, find(t, after, before[0].Number).VisitID)

	changed, err := sim.ChangeOrder(small, before[1].Number, portalsim.OrderSpec{
		VisitDate: new(""), DueSoon: new(true), Project: new("Changed"), Store: new(before[2].Place.Store),
	})
	require.NoError(t, err)
	require.Zero(t, changed.VisitID)
	require.Equal(t, before[2].Place, changed.Place)
	changed, err = sim.ChangeOrder(small, before[1].Number, portalsim.OrderSpec{VisitDate: new("2030-02-03")})
	require.NoError(t, err)
	require.Equal(t, before[1].VisitID, changed.VisitID)

	require.NoError(t, sim.CompleteOrder(small, before[0].Number))
	require.Len(t, orders(t, sim, small), 6)
	all, err := sim.Orders(small)
	require.NoError(t, err)
	require.Equal(t, portalsim.StatusApproved, find(t, all, before[0].Number).Status)

	require.ErrorIs(t, sim.CompleteOrder(small, 1), portalsim.ErrUnknownOrder)
	require.ErrorIs(t, sim.RemoveOrders(small, 1), portalsim.ErrUnknownOrder)
	for _, bad := range []portalsim.OrderSpec{
		{VisitDate: new("02/03/2030")}, {DueDate: new("soon")}, {Status: new(portalsim.Status("lost"))}, {Store: new("#12")},
	} {
		_, err := sim.ChangeOrder(small, before[2].Number, bad)
		require.Error(t, err)
	}
}

func find(t *testing.T, list []portalsim.Order, number int) portalsim.Order {
	t.Helper()
	i := slices.IndexFunc(list, func(o portalsim.Order) bool { return o.Number == number })
	require.GreaterOrEqual(t, i, 0)
	return list[i]
}

func TestLocationsChange(t *testing.T) {
	t.Parallel()
	const small = "small@example.com"
	sim, base := start(t, portalsim.Config{})
	list, err := sim.Locations(small)
	require.NoError(t, err)
	v := signIn(t, base, small)
	path := fmt.Sprintf("locations/%d", list[0].LocationID)

	require.NoError(t, sim.SetLocation(small, list[0].LocationID, portalsim.LocationDeleted, nil))
	res, body := v.data(path)
	require.Equal(t, 404, res.StatusCode)
	require.Contains(t, body, "may have been deleted")
	require.NoError(t, sim.SetLocation(small, list[0].LocationID, portalsim.LocationDenied, nil))
	res, body = v.data(path + "/equipment")
	require.Equal(t, 403, res.StatusCode)
	require.Contains(t, body, "Access denied")

	cards := []portalsim.Card{{Title: "1/2 - Regular - Examplemake"}, {Title: "3/4 - Regular - Examplemake"}}
	require.NoError(t, sim.SetLocation(small, list[0].LocationID, portalsim.LocationOK, cards))
	require.NoError(t, sim.SetFault(portalsim.Fault{Name: "card-count-mismatch"}))
	_, body = v.data(path + "/equipment")
	require.Contains(t, body, `"count":2,"cards":[{"title":"1/2 - Regular - Examplemake"}]`)
	require.ErrorIs(t, sim.SetLocation(small, 1, portalsim.LocationOK, nil), portalsim.ErrUnknownLocation)

	// A store of another account is as good as deleted.
	foreign, err := sim.Locations("tech@example.com")
	require.NoError(t, err)
	res, _ = v.data(fmt.Sprintf("locations/%d", foreign[0].LocationID))
	require.Equal(t, 404, res.StatusCode)
}
