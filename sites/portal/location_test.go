package portal_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portal"
	"github.com/fossawork/scheduler/sites/portalsim"
)

// quick reads locations without rests between them.
var quick = portal.Config{LocationPause: -1, ContentTimeout: patient}

// locations are an account's locations as they are, and their ids.
func (b bench) locations(t testing.TB, user string) (all []portalsim.Location, ids []string) {
	t.Helper()
	all, err := b.sim.Locations(user)
	require.NoError(t, err)
	for _, location := range all {
		ids = append(ids, strconv.Itoa(location.LocationID))
	}
	return all, ids
}

// some gives the ids of the first n locations with dispensers.
func (b bench) some(t testing.TB, n int) (ids []string) {
	t.Helper()
	all, _ := b.locations(t, tech)
	for _, location := range all {
		if location.State == portalsim.LocationOK && len(location.Dispensers()) > 4 && len(ids) < n {
			ids = append(ids, strconv.Itoa(location.LocationID))
		}
	}
	require.Len(t, ids, n)
	return ids
}

// visit reads locations.
func (b bench) visit(t testing.TB, session scrape.Session, ids []string) ([]scrape.LocationResult, error) {
	t.Helper()
	var results []scrape.LocationResult
	err := b.Locations(t.Context(), session, ids, func(_ context.Context, result scrape.LocationResult) error {
		results = append(results, result)
		return nil
	})
	require.Zero(t, b.sim.Counters("").Data[portalsim.PageNewEquipment], "no dispenser may ever be added")
	require.Zero(t, b.sim.Counters("").Documents[portalsim.PageNewEquipment], "no dispenser may ever be added")
	return results, err
}

// wanted is what reading a location must give.
func wanted(location portalsim.Location) scrape.LocationResult {
	result := scrape.LocationResult{LocationID: strconv.Itoa(location.LocationID), State: scrape.LocationNone, Announced: -1}
	switch location.State {
	case portalsim.LocationDeleted:
		result.State = scrape.LocationDeleted
		return result
	case portalsim.LocationDenied:
		result.State = scrape.LocationDenied
		return result
	case portalsim.LocationOK:
	}
	for _, group := range location.Groups {
		if group.Name == "Dispenser" {
			result.Announced = len(group.Cards)
		}
	}
	for _, card := range location.Dispensers() {
		result.State = scrape.LocationOK
		number := strings.Fields(card.Title)[0]
		d := scrape.Dispenser{
			LocationID: result.LocationID, Number: number, Numbers: strings.Split(number, "/"), Title: card.Title,
			Make: card.Make, Model: card.Model, SerialNumber: card.Serial, CustomFields: map[string]string{},
		}
		for _, field := range card.Fields {
			d.CustomFields[field.Label] = field.Value
			switch field.Label {
			case "Grade":
				d.Grades = strings.Split(field.Value, ", ")
			case "Stand Alone Code":
				d.StandAloneCode = field.Value
			case "Number of Nozzles (per side)":
				d.NozzlesPerSide = field.Value
			case "Meter Type":
				d.MeterType = field.Value
			}
		}
		result.Dispensers = append(result.Dispensers, d)
	}
	return result
}

func TestEveryLocationIsReadAsItIs(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, quick)
	session := b.signIn(t, tech)
	all, _ := b.locations(t, tech)
	for _, location := range all {
		if len(location.Groups) > 0 && len(location.Dispensers()) == 0 {
			require.NoError(t, b.sim.SetLocation(tech, location.LocationID, portalsim.LocationOK, []portalsim.Card{}))
		}
	}
	all, ids := b.locations(t, tech)
	b.sim.ResetCounters()
	results, err := b.visit(t, session, ids)
	require.NoError(t, err, b.log.String())
	require.Len(t, results, len(all))
	states, again, bare := map[scrape.LocationState]int{}, 0, 0
	for i, location := range all {
		require.Equal(t, wanted(location), results[i])
		states[results[i].State]++
		if location.State != portalsim.LocationOK {
			bare++ // has no equipment to ask for
		} else if len(location.Groups) == 0 {
			again++ // nothing at all is looked at twice
		}
	}
	require.Equal(t, map[scrape.LocationState]int{
		scrape.LocationOK: 92, scrape.LocationNone: 2, scrape.LocationDeleted: 1, scrape.LocationDenied: 1,
	}, states)
	counters := b.sim.Counters(tech)
	require.Equal(t, map[portalsim.PageKind]int{portalsim.PageLocation: len(all) + again}, counters.Documents, "one page each")
	require.Equal(t, map[portalsim.PageKind]int{
		portalsim.PageLocation: len(all) + again, portalsim.PageEquipment: len(all) + again - bare,
	}, counters.Data, "its own data and the equipment's")
}

func TestOneLocationByNumberOrAddress(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, quick)
	session := b.signIn(t, tech)
	all, _ := b.locations(t, tech)
	id := b.some(t, 1)[0]
	var want scrape.LocationResult
	for _, location := range all {
		if strconv.Itoa(location.LocationID) == id {
			want = wanted(location)
		}
	}
	for _, name := range []string{
		id, " " + id + " ", "/app/customers/locations/" + id + "/", b.address + "/app/customers/locations/" + id,
		"https://app.workfossa.com/app/customers/locations/" + id + "/?tab=details",
	} {
		got, err := b.Location(t.Context(), session, name)
		require.NoError(t, err)
		require.Equal(t, want, got, name)
		require.True(t, got.Complete())
	}
	b.sim.ResetCounters()
	for _, name := range []string{"", "abc", "-1", "1/2", "/app/customers/70001/", "https://x.example/", "1234567890123456789", "%zz"} {
		got, err := b.Location(t.Context(), session, name)
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(err), name)
		require.Zero(t, got)
	}
	require.Empty(t, b.sim.Counters("").Documents, "nothing is opened for a wrong name")
}

func TestLocationsThatCanBeReadInSpiteOfTrouble(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, quick)
	session := b.signIn(t, tech)
	ids := b.some(t, 2)
	all, _ := b.locations(t, tech)
	var want []scrape.LocationResult
	for _, location := range all {
		if id := strconv.Itoa(location.LocationID); id == ids[0] || id == ids[1] {
			want = append(want, wanted(location))
		}
	}
	for name, faults := range map[string][]portalsim.Fault{
		"a dialog lies over the tab": {{Name: portalsim.FaultStrayModal}},
		"equipment appears late":     {{Name: portalsim.FaultRenderDelay, Value: "900ms"}},
		"equipment is slow":          {{Name: portalsim.FaultLatency, Value: "2200ms", Page: portalsim.PageEquipment}},
		"the page is slow":           {{Name: portalsim.FaultLatency, Value: "1s", Target: portalsim.Document}},
		"a dialog, late equipment":   {{Name: portalsim.FaultStrayModal}, {Name: portalsim.FaultRenderDelay, Value: "600ms"}},
		"no loader":                  {{Name: portalsim.FaultDropElement, Value: ".loader-line"}},
		"no history":                 {{Name: portalsim.FaultDropElement, Value: ".ks-tooltip"}},
		"other classes for cards":    {{Name: portalsim.FaultRenameClass, Value: "py-1.5:p-2,tab-content:pane,active-tab:on"}},
	} {
		b.sim.ClearFaults(portalsim.Fault{})
		b.sim.ResetCounters()
		for _, fault := range faults {
			require.NoError(t, b.sim.SetFault(fault))
		}
		results, err := b.visit(t, session, ids)
		require.NoError(t, err, name)
		require.Equal(t, want, results, name)
		counters := b.sim.Counters(tech)
		require.Equal(t, len(ids), counters.Documents[portalsim.PageLocation], name)
		require.Equal(t, len(ids), counters.Data[portalsim.PageEquipment], name)
	}
}

func TestAWrongCountOfCardsGivesTheCardsThatAreThere(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, quick)
	session := b.signIn(t, tech)
	ids := b.some(t, 2)
	require.NoError(t, b.sim.SetFault(portalsim.Fault{Name: portalsim.FaultCardMismatch, Next: 2}))
	b.sim.ResetCounters()
	results, err := b.visit(t, session, ids)
	require.NoError(t, err)
	require.Len(t, results, 2)
	require.Equal(t, scrape.LocationOK, results[0].State)
	all, _ := b.locations(t, tech)
	for _, location := range all {
		if strconv.Itoa(location.LocationID) == ids[0] {
			require.Len(t, results[0].Dispensers, results[0].Announced-1)
			require.Subset(t, wanted(location).Dispensers, results[0].Dispensers)
		}
	}
	require.Len(t, results[0].Problems, 1)
	require.Equal(t, fmt.Sprintf("The location announces %d dispensers and shows %d.", results[0].Announced, results[0].Announced-1), results[0].Problems[0])
	require.False(t, results[0].Complete())
	require.True(t, results[1].Complete(), "the batch goes on")
	require.Equal(t, 3, b.sim.Counters(tech).Documents[portalsim.PageLocation], "the odd one is opened twice")

	require.NoError(t, b.sim.SetFault(portalsim.Fault{Name: portalsim.FaultCardMismatch, Next: 1}))
	results, err = b.visit(t, session, ids[:1])
	require.NoError(t, err)
	require.True(t, results[0].Complete(), "it was the moment's trouble")
}

func TestDeletedAndDeniedLocationsDoNotEndTheReading(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, quick)
	session := b.signIn(t, tech)
	ids := b.some(t, 3)
	for i, state := range []portalsim.LocationState{portalsim.LocationDeleted, portalsim.LocationDenied} {
		id, err := strconv.Atoi(ids[i])
		require.NoError(t, err)
		require.NoError(t, b.sim.SetLocation(tech, id, state, nil))
	}
	b.sim.ResetCounters()
	results, err := b.visit(t, session, ids)
	require.NoError(t, err)
	require.Equal(t, scrape.LocationResult{LocationID: ids[0], State: scrape.LocationDeleted, Announced: -1}, results[0])
	require.Equal(t, scrape.LocationResult{LocationID: ids[1], State: scrape.LocationDenied, Announced: -1}, results[1])
	require.True(t, results[2].Complete())
	require.Equal(t, 3, b.sim.Counters(tech).Documents[portalsim.PageLocation])
}

func TestPortalTroubleWhileReadingLocations(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault portalsim.Fault
		kind  scrape.Kind
		says  string
	}{
		"500 for the page":     {portalsim.Fault{Name: portalsim.FaultHTTP500, Target: portalsim.Document}, scrape.KindPortalDown, ""},
		"500 for the data":     {portalsim.Fault{Name: portalsim.FaultHTTP500, Target: portalsim.Data}, scrape.KindPortalDown, ""},
		"429 for the page":     {portalsim.Fault{Name: portalsim.FaultHTTP429, Value: "9", Target: portalsim.Document}, scrape.KindPortalThrottled, ""},
		"429 for the data":     {portalsim.Fault{Name: portalsim.FaultHTTP429, Value: "9", Target: portalsim.Data}, scrape.KindPortalThrottled, ""},
		"hanging page":         {portalsim.Fault{Name: portalsim.FaultHang, Target: portalsim.Document}, scrape.KindPortalDown, "in time"},
		"hanging data":         {portalsim.Fault{Name: portalsim.FaultHang, Target: portalsim.Data}, scrape.KindPortalDown, "in time"},
		"reset page":           {portalsim.Fault{Name: portalsim.FaultReset, Target: portalsim.Document}, scrape.KindPortalDown, ""},
		"reset data":           {portalsim.Fault{Name: portalsim.FaultReset, Target: portalsim.Data}, scrape.KindPortalDown, ""},
		"session dead already": {portalsim.Fault{Name: portalsim.FaultExpireLogin, Value: "1ns"}, scrape.KindSessionExpired, ""},
		"no tab":               {portalsim.Fault{Name: portalsim.FaultDropElement, Value: ".tab"}, scrape.KindLayoutChanged, "no Equipment tab"},
		"no cards":             {portalsim.Fault{Name: portalsim.FaultDropElement, Value: `[class~="py-1.5"]`}, scrape.KindLayoutChanged, "py-1.5"},
		"empty headings":       {portalsim.Fault{Name: portalsim.FaultDropElement, Value: ".group-heading>*"}, scrape.KindLayoutChanged, "group of dispensers"},
		"no fields":            {portalsim.Fault{Name: portalsim.FaultDropElement, Value: ".custom-fields-view"}, scrape.KindLayoutChanged, ".custom-fields-view"},
		"renamed groups":       {portalsim.Fault{Name: portalsim.FaultRenameClass, Value: "group-heading:title"}, scrape.KindLayoutChanged, ".group-heading"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, portalsim.Config{}, portal.Config{
				NavigationTimeout: 2 * time.Second, ContentTimeout: 12 * time.Second, LocationPause: -1,
			})
			session := b.signIn(t, tech)
			require.NoError(t, b.sim.SetFault(tt.fault))
			results, err := b.visit(t, session, b.some(t, 2))
			require.Equal(t, tt.kind, scrape.KindOf(err), "%v %+v", err, results)
			require.ErrorContains(t, err, tt.says)
			require.Empty(t, results)
			requireRetryAfter(t, err)
			requireEvidence(t, err)
			require.LessOrEqual(t, b.sim.Counters(tech).Documents[portalsim.PageLocation], 2)
		})
	}
}

func TestTheSessionEndsBetweenTwoLocations(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, quick)
	session := b.signIn(t, tech)
	ids := b.some(t, 4)
	var read []string
	err := b.Locations(t.Context(), session, ids, func(_ context.Context, result scrape.LocationResult) error {
		if read = append(read, result.LocationID); len(read) == 2 {
			b.sim.ExpireSessions(tech)
		}
		return nil
	})
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(err), "%v", err)
	require.Equal(t, ids[:2], read)

	rest, err := b.visit(t, b.signIn(t, tech), ids[2:])
	require.NoError(t, err)
	require.Len(t, rest, 2)
	_, err = b.Location(t.Context(), scrape.Session{}, ids[0])
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(err), "%v", err)
}

func TestTheSessionEndsBetweenThePageAndItsEquipment(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, quick)
	session := b.signIn(t, tech)
	ids := b.some(t, 2)
	require.NoError(t, b.sim.SetFault(portalsim.Fault{Name: portalsim.FaultExpireLogin, Value: "5"}))
	results, err := b.visit(t, session, ids)
	require.Equal(t, scrape.KindSessionExpired, scrape.KindOf(err), "%v", err)
	require.Less(t, len(results), 2)
}

func TestARedesignedLocation(t *testing.T) {
	t.Parallel()
	const changed = "changed@example.com"
	b := setup(t, portalsim.Config{}, portal.Config{ContentTimeout: 12 * time.Second, LoginTimeout: 8 * time.Second, LocationPause: -1})
	_, ids := b.locations(t, changed)
	session, err := b.SignIn(t.Context(), login(changed))
	if err == nil {
		_, err = b.visit(t, session, ids[:1])
	}
	require.Equal(t, scrape.KindLayoutChanged, scrape.KindOf(err), "%v", err)
	require.ErrorContains(t, err, "selector")
}

func TestErrorsOfOthersEndTheReadingOfLocations(t *testing.T) {
	t.Parallel()
	b := setup(t, portalsim.Config{}, portal.Config{LocationPause: time.Hour})
	session := b.signIn(t, tech)
	ids := b.some(t, 2)

	ours := errors.New("ours")
	err := b.Locations(t.Context(), session, ids, func(context.Context, scrape.LocationResult) error { return ours })
	require.Same(t, ours, err)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read := 0
	err = b.Locations(ctx, session, ids, func(context.Context, scrape.LocationResult) error {
		read++
		cancel() // seen while the portal rests
		return nil
	})
	require.Equal(t, context.Canceled, err)
	require.Equal(t, 1, read)
	_, err = b.Location(ctx, session, ids[0])
	require.Equal(t, context.Canceled, err)
}

// BenchmarkLocations reads ten locations from a portal that takes 300 ms for everything and prints how much of the time was
// not waiting for the portal: wall time / (loads x latency).
func BenchmarkLocations(b *testing.B) {
	const latency = 300 * time.Millisecond
	bench := setup(b, portalsim.Config{
		Latency: portalsim.Latency{Base: latency}, DataLatency: portalsim.Latency{Base: latency},
	}, quick)
	session := bench.signIn(b, tech)
	ids := bench.some(b, 10)
	bench.sim.ResetCounters()
	for b.Loop() {
		results, err := bench.visit(b, session, ids)
		require.NoError(b, err)
		require.Len(b, results, len(ids))
	}
	counters := bench.sim.Counters(tech)
	loads := 0
	for _, kind := range []map[portalsim.PageKind]int{counters.Documents, counters.Data} {
		for _, n := range kind {
			loads += n
		}
	}
	perRun := b.Elapsed() / time.Duration(b.N)
	perOp := float64(loads) / float64(b.N)
	b.ReportMetric(perOp, "loads/op")
	b.ReportMetric(perRun.Seconds()/(perOp*latency.Seconds()), "wall/ideal")
}
