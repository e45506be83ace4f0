package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

const calculatePath = "/api/v1/filters/calculate"

// The body of the old filters page, and what it reads of the answer.
func TestCalculateFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"workOrders": [{"jobId": "100001", "storeNumber": "4001", "customerName": "Example Fuel Stop", "serviceCode": "2861", "scheduledDate": "2030-02-03T00:00:00"}],
		"dispensers": [
			{"storeNumber": "#4001", "dispenserNumber": "1/2", "meterType": "Electronic", "fuelGrades": ["Regular", "Plus", "Premium"]},
			{"storeNumber": "4001", "dispenserNumber": "3/4", "meterType": "HD Meter", "fuelGrades": {"diesel": {"name": "Diesel"}}, "unknown": 1}
		], "overrides": {"100001-400HS-10": 3}}`
	for _, slash := range []string{"", "/"} {
		got := w.do(t, http.MethodPost, calculatePath+slash, body)
		require.Equal(t, http.StatusOK, got.status, got.text)
		answer := got.object(t)
		requireKeys(t, answer, "summary", "details", "warnings", "totalFilters", "totalBoxes", "metadata", "sites", "days", "weeks")
		require.InDelta(t, 5, answer["totalFilters"], 0, "Regular and Premium, and three diesel by a person's word")
		require.InDelta(t, 2, answer["totalBoxes"], 0)
		require.Len(t, answer["details"], 1)
	}
}

func TestCalculateFiltersOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := w.do(t, http.MethodPost, calculatePath, `{"workOrders": []}`).object(t)
	require.Empty(t, answer["summary"])
	require.Len(t, answer["warnings"], 1)
}

func TestCalculateFiltersRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, field := range map[string]string{
		`{}`:                             "workOrders",
		`{"workOrders": [{"jobId": 1}]}`: "workOrders[0].jobId",
		`{"workOrders": [], "dispensers": [{"dispenserNumber": "1", "fuelGrades": 7}]}`:               "dispensers[0].fuelGrades",
		`{"workOrders": [], "dispensers": [{"storeNumber": "4001", "fuelGrades": [{"octane": 87}]}]}`: "dispensers[0].fuelGrades",
		`{"workOrders": [], "overrides": {"100001-400HS-10": "three"}}`:                               "overrides.100001-400HS-10",
	} {
		got := w.do(t, http.MethodPost, calculatePath, body)
		require.Equal(t, http.StatusUnprocessableEntity, got.status, got.text)
		require.Contains(t, got.text, "body."+field)
	}
	require.Equal(t, http.StatusUnauthorized, w.do(t, http.MethodPost, calculatePath, `{"workOrders": []}`, "Authorization:").status)
}
