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
