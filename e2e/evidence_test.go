package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
)

func (s *stack) connect() *pgx.Conn {
	s.t.Helper()
	connection, err := pgx.Connect(s.t.Context(), s.database)
	require.NoError(s.t, err)
	return connection
}

// A run that fails at the list leaves a bundle that shows why, and no secret.
func TestEvidenceOfAFailedRun(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	const canary = "canary-Pa55word-3c7f"
	const changed = "changed@example.com"
	require.NoError(t, s.sim.SetPassword(changed, canary))
	token := s.signIn(changed, canary)
	path, _ := s.createSchedule(token, workOrders)
	run := s.finishedRuns(token, path, 1)[0]
	require.Equal(t, "layout_changed", run["outcome"], "%v", run)

	var answer object
	require.Equal(t, http.StatusOK, s.get(token, fmt.Sprintf("%s/history/%v/error-log", path, run["id"]), &answer))
	log := answer["error_log"].(object) //nolint:forcetypeassert // a failed assertion fails the test
	require.NotEmpty(t, log["selector"], "%v", log)
	require.Equal(t, "CollectWorkOrders", log["step"])
	require.Len(t, log["attempts"], 1, "a changed page is not tried again")

	kinds := map[string]bool{}
	for _, file := range s.list(token, fmt.Sprintf("/api/runs/%v/evidence", run["id"]), "evidence") {
		name := fmt.Sprint(file["name"])
		status, body := s.raw(token, http.MethodGet, fmt.Sprintf("/api/runs/%v/evidence/%s", run["id"], name), nil)
		require.Equal(t, http.StatusOK, status, name)
		require.NotEmpty(t, body, name)
		require.NotContains(t, body, canary, name)
		kinds[name[strings.LastIndex(name, "-")+1:]] = true
		status, _ = s.raw("", http.MethodGet, fmt.Sprintf("/api/runs/%v/evidence/%s", run["id"], name), nil)
		require.Equal(t, http.StatusUnauthorized, status, "not for everybody")
	}
	require.Equal(t, map[string]bool{"screenshot.jpg": true, "page.html": true, "console.json": true, "network.json": true, "about.json": true}, kinds)
	other := s.signIn(small, password)
	require.Equal(t, http.StatusNotFound, s.get(other, fmt.Sprintf("/api/runs/%v/evidence", run["id"]), nil), "not another user's")
	s.noSecret(canary)
}

// What each way of failing is called, and that nothing good is lost.
func TestEveryWayToFailHasItsWord(t *testing.T) {
	t.Parallel()
	s := start(t, portalsim.Config{})
	token, path := s.firstRun(tech)
	tests := []struct {
		name  string
		fault portalsim.Fault
		want  string
	}{
		{"no list on the page", portalsim.Fault{Name: portalsim.FaultRenameClass}, "layout_changed"},
		{"rows are missing", portalsim.Fault{Name: portalsim.FaultShortList, Value: "3"}, "held"},
		{"no rows, proved", portalsim.Fault{Name: portalsim.FaultEmptyList, Value: "proved"}, "held"},
		{"no rows, not proved", portalsim.Fault{Name: portalsim.FaultEmptyList, Value: "unproved"}, "layout_changed held"},
		{"the filter is ignored", portalsim.Fault{Name: portalsim.FaultIgnoreFilter}, "held"},
		{"the page size is ignored", portalsim.Fault{Name: portalsim.FaultIgnoreSize}, "success"},
		{"one reset", portalsim.Fault{Name: portalsim.FaultReset, Page: portalsim.PageList, Next: 1}, "success"},
		{"one 500", portalsim.Fault{Name: portalsim.FaultHTTP500, Page: portalsim.PageList, Next: 1}, "success"},
	}
	for _, test := range tests {
		require.NoError(t, s.sim.SetFault(test.fault), test.name)
		run := s.run(token, path, nil)
		s.sim.ClearFaults(portalsim.Fault{})
		require.Contains(t, strings.Fields(test.want), run["outcome"], "%s: %v", test.name, run)
		require.Len(t, s.workOrders(token), 120, test.name)
		if run["outcome"] != "success" {
			require.NotEmpty(t, s.list(token, fmt.Sprintf("/api/runs/%v/evidence", run["id"]), "evidence"), test.name)
		}
	}
	changes := s.list(token, fmt.Sprintf("/api/runs/%v/changes", s.history(token, path)[0]["id"]), "changes")
	require.Empty(t, changes, "nothing has changed in all that")

	open, err := s.sim.OpenOrders(tech)
	require.NoError(t, err)
	require.NoError(t, s.sim.CompleteOrder(tech, open[0].Number))
	date := "2031-05-06"
	_, err = s.sim.ChangeOrder(tech, open[1].Number, portalsim.OrderSpec{VisitDate: &date})
	require.NoError(t, err)
	_, err = s.sim.AddOrders(tech, portalsim.OrderSpec{})
	require.NoError(t, err)
	run := s.run(token, path, nil)
	found := map[any]object{}
	for _, change := range s.list(token, fmt.Sprintf("/api/runs/%v/changes", run["id"]), "changes") {
		found[change["kind"]] = change
	}
	require.Len(t, found, 3, "%v", found)
	require.Equal(t, fmt.Sprint(open[0].Number), found["removed"]["key"])
	require.Equal(t, fmt.Sprint(open[1].Number), found["changed"]["key"])
	require.Contains(t, fmt.Sprint(found["changed"]["fields"]), "2031-05-06")
}
