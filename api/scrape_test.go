package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// The work-orders page of the old front end: it starts a scrape by user and polls every second until the first end it sees.
func TestScrapeByUser(t *testing.T) {
	t.Parallel()
	for _, slash := range []string{"", "/"} {
		w := newWorld(t)
		w.runs = nil
		progress := "/api/v1/work-orders/scrape/progress/" + string(tech.ID) + slash
		idle := w.do(t, http.MethodGet, progress, "").object(t)
		require.Equal(t, "idle", idle["status"])
		require.Equal(t, "No scraping in progress", idle["message"])

		got := w.do(t, http.MethodPost, "/api/v1/work-orders/scrape"+slash+"?user_id="+string(tech.ID), "{}")
		require.Equal(t, http.StatusOK, got.status, got.text)
		started := got.object(t)
		require.Equal(t, "scraping_started", started["status"])
		require.Equal(t, string(tech.ID), started["user_id"])

		going := w.do(t, http.MethodGet, progress, "").object(t)
		require.Equal(t, "in_progress", going["status"])
		require.Equal(t, started["run_id"], going["run_id"])
	}
}

func TestScrapeByUserRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, http.StatusForbidden, w.do(t, http.MethodPost, "/api/v1/work-orders/scrape?user_id="+string(other.ID), "").status)
	require.Equal(t, http.StatusForbidden, w.do(t, http.MethodGet, "/api/v1/work-orders/scrape/progress/"+string(other.ID), "").status)

	w.fail = scrape.Errorf(scrape.KindInvalid, "WorkFossa credentials not configured. Please set up your credentials in Settings.")
	got := w.do(t, http.MethodPost, "/api/v1/work-orders/scrape", "")
	require.Equal(t, http.StatusBadRequest, got.status)
	require.Contains(t, got.object(t)["detail"], "credentials")
}

func TestProgressOfASuccessSaysWhatItBrought(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runs[0].CompletedAt, w.runs[0].Progress.Message = pointer(time.Now()), ""
	got := w.do(t, http.MethodGet, root+"/7/sync-progress", "").object(t)
	require.Equal(t, "completed", got["status"])
	require.Equal(t, "Read 44 work orders: 2 new, 5 changed, 1 no longer listed.", got["message"])
}
