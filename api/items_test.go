package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
)

func TestListItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.collected()
	for _, slash := range []string{"", "/"} {
		require.JSONEq(t, `[
			{"key": "100001/400MB-10", "label": "2 x 400MB-10", "data": {"quantity": 2, "part_number": "400MB-10"},
				"created_at": "2030-01-02T13:30:01.123456Z", "updated_at": "2030-01-02T13:30:02.123456Z"},
			{"key": "bare", "label": "", "data": {}, "created_at": "2030-01-02T13:30:01.123456Z", "updated_at": "2030-01-02T13:30:02.123456Z"}
		]`, w.do(t, http.MethodGet, "/api/v1/items/filters"+slash, "").text)
	}
	for _, job := range jobs.Types() {
		require.Equal(t, http.StatusOK, w.do(t, http.MethodGet, "/api/v1/items/"+string(job), "").status)
	}
	require.JSONEq(t, `[]`, w.do(t, http.MethodGet, "/api/v1/items/work_orders", "").text)
	require.JSONEq(t, `[]`, w.do(t, http.MethodGet, "/api/v1/items/filters", "", "Authorization: Bearer "+tokenOf(t, other)).text, "only one's own")
	w.do(t, http.MethodGet, "/api/v1/items/unknown", "").
		requireProblem(t, http.StatusUnprocessableEntity, `job_type must be one of "`+typeNames()+`".`)
	require.Equal(t, http.StatusUnauthorized, w.do(t, http.MethodGet, "/api/v1/items/filters", "", "Authorization:").status)
}
