package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestDecideHeldResult(t *testing.T) {
	t.Parallel()
	for action, decision := range map[string]string{"accept": "accepted", "discard": "discarded"} {
		for _, slash := range []string{"", "/"} {
			w := newWorld(t)
			held := failedRun()
			held.Outcome = scrape.OutcomeHeld
			w.runs = append(w.runs, held)

			got := w.do(t, http.MethodPost, root+"/7/history/500/"+action+slash, "")
			require.Equal(t, http.StatusOK, got.status, got.text)
			row := got.object(t)
			requireKeys(t, row, runKeys...)
			require.Equal(t, decision, row["decision"])

			for path, status := range map[string]int{
				"/7/history/501/": http.StatusConflict, // a success
				"/7/history/999/": http.StatusNotFound,
				"/8/history/500/": http.StatusNotFound, // somebody else's schedule
				"/7/history/x/":   http.StatusUnprocessableEntity,
			} {
				require.Equal(t, status, w.do(t, http.MethodPost, root+path+action+slash, "").status, path)
			}
		}
	}
}

func TestDecideHeldResultByItsRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held := failedRun()
	held.Outcome = scrape.OutcomeHeld
	w.runs = append(w.runs, held)
	w.changes = []scrape.Change{{RunID: 500, At: at(0), Kind: scrape.ChangeRemoved, Item: scrape.ItemWorkOrder, Key: "100001", Label: "Example Fuel Stop #4001"}}
	for _, slash := range []string{"", "/"} {
		for action, decision := range map[string]string{"accept": "accepted", "discard": "discarded"} {
			got := w.do(t, http.MethodPost, "/api/runs/500/"+action+slash, "")
			require.Equal(t, http.StatusOK, got.status, got.text)
			requireKeys(t, got.object(t), runKeys...)
			require.Equal(t, decision, got.object(t)["decision"])
		}
		got := w.do(t, http.MethodGet, "/api/runs/500/held"+slash, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		require.JSONEq(t, `{"added": 1, "changed": 2, "removed": 3, "returned": 4, "changes": [
			{"kind": "removed", "item": "work_order", "key": "100001", "label": "Example Fuel Stop #4001", "at": "2030-01-02T13:30:00.123456Z", "run_id": 500, "fields": []}
		]}`, got.text)
	}
	for path, method := range map[string]string{"/accept": http.MethodPost, "/discard": http.MethodPost, "/held": http.MethodGet} {
		require.Equal(t, http.StatusConflict, w.do(t, method, "/api/runs/501"+path, "").status, "a success")
		require.Equal(t, http.StatusNotFound, w.do(t, method, "/api/runs/999"+path, "").status)
	}
}
