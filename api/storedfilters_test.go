package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/scrape/filters"
)

func TestStoredFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slash := range []string{"", "/"} {
		w.result = nil
		w.do(t, http.MethodGet, "/api/v1/filters"+slash, "").
			requireProblem(t, http.StatusNotFound, "No filters have been computed yet. Run a schedule of type filters.")
		w.collected()
		got := w.do(t, http.MethodGet, "/api/v1/filters"+slash+"?user_id="+string(tech.ID), "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		out := got.object(t)
		requireKeys(t, out, "summary", "details", "warnings", "totalFilters", "totalBoxes", "metadata", "sites", "days", "weeks", "run_id", "computed_at")
		require.InDelta(t, 5, out["totalFilters"], 0)
		require.InDelta(t, 500, out["run_id"], 0)
		require.Equal(t, "2030-01-02T13:30:03.123456Z", out["computed_at"])
		require.Equal(t, http.StatusNotFound, w.do(t, http.MethodGet, "/api/v1/filters"+slash, "", "Authorization: Bearer "+tokenOf(t, other)).status)
	}
	w.result = &scrape.JobResult{RunID: 1, Document: []byte("[]")}
	w.do(t, http.MethodGet, "/api/v1/filters", "").requireProblem(t, http.StatusInternalServerError, ours)
}

func TestFilterRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slash := range []string{"", "/"} {
		got := w.do(t, http.MethodGet, "/api/v1/filters/config"+slash, "")
		require.Equal(t, http.StatusOK, got.status, got.text)
		rules, err := filters.ParseRules([]byte(got.text))
		require.NoError(t, err, "they can be taken over as they are")
		require.Equal(t, filters.DefaultRules(), rules)
	}
}

func TestPartNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rules := filters.DefaultRules()
	for query, chain := range map[string]any{
		"": nil, "?chain=": nil, "?chain=Nobody": nil, "?chain=Wawa": "Wawa", "?chain=wawa%20%235000": "Wawa", "?chain=CIRCLE%20%20K": "Circle K", "?chain=7-11": "7-Eleven",
	} {
		for _, slash := range []string{"", "/"} {
			got := w.do(t, http.MethodGet, "/api/v1/filters/part-numbers"+slash+query, "")
			require.Equal(t, http.StatusOK, got.status, got.text)
			out := got.object(t)
			requireKeys(t, out, "chain", "parts")
			require.Equal(t, chain, out["chain"], query)
			require.NotEmpty(t, out["parts"])
			for _, part := range out["parts"].([]any) {
				known, listed := rules.Parts[part.(map[string]any)["part_number"].(string)]
				require.True(t, listed)
				require.Equal(t, known.Description, part.(map[string]any)["description"])
				require.InDelta(t, known.BoxSize, part.(map[string]any)["box_size"], 0)
			}
		}
	}
	parts := w.do(t, http.MethodGet, "/api/v1/filters/part-numbers?chain=Wawa", "").object(t)["parts"].([]any)
	require.Len(t, parts, len(rules.Chains[3].Parts), "a type without a part is not listed")
	require.Equal(t, map[string]any{
		"filter_type": "gas", "meter_type": nil, "part_number": "450MB-10", "description": "Wawa gas filter", "kind": "gas", "box_size": 12.0,
	}, parts[0])
	second := w.do(t, http.MethodGet, "/api/v1/filters/part-numbers", "").object(t)["parts"].([]any)[1].(map[string]any)
	require.Equal(t, "Ecometer", second["meter_type"], "an exception stands behind its rule")
}

func TestValidateFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := `{"workOrders": [{"jobId": "100001", "storeNumber": "4001", "customerName": "Wawa", "serviceCode": "2861", "scheduledDate": "2030-02-03"}],
		"dispensers": [{"storeNumber": "4001", "dispenserNumber": "1/2", "meterType": "Electronic", "fuelGrades": ["Regular"]}]}`
	for _, slash := range []string{"", "/"} {
		require.JSONEq(t, `{"valid": true, "errors": [], "warnings": []}`, w.do(t, http.MethodPost, "/api/v1/filters/validate"+slash, good).text)
	}
	for body, location := range map[string]any{
		`{"workOrders": []}`: nil,
		`{"workOrders": [{"jobId": "1", "storeNumber": "4001", "customerName": "Wawa", "serviceCode": "2861", "scheduledDate": "2030-02-03"}]}`: nil,
		`{"workOrders": [{"jobId": "1"}]}`:                                             nil,
		`{"workOrders": [], "dispensers": [{"storeNumber": "4001", "fuelGrades": 7}]}`: "body.dispensers[0].fuelGrades",
	} {
		got := w.do(t, http.MethodPost, "/api/v1/filters/validate", body)
		require.Equal(t, http.StatusOK, got.status, got.text)
		out := got.object(t)
		require.Equal(t, false, out["valid"], body)
		require.NotEmpty(t, out["warnings"], body)
		if location != nil {
			require.Equal(t, location, out["errors"].([]any)[0].(map[string]any)["location"])
		}
	}
	require.Equal(t, http.StatusUnprocessableEntity, w.do(t, http.MethodPost, "/api/v1/filters/validate", `{}`).status)
}

func TestFiltersOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"", "/config", "/part-numbers"} {
		w.do(t, http.MethodGet, "/api/v1/filters"+path+"?user_id="+string(other.ID), "").
			requireProblem(t, http.StatusForbidden, "You can only access your own data")
		require.Equal(t, http.StatusUnauthorized, w.do(t, http.MethodGet, "/api/v1/filters"+path, "", "Authorization:").status)
	}
	require.Equal(t, http.StatusUnauthorized, w.do(t, http.MethodPost, "/api/v1/filters/validate", `{"workOrders":[]}`, "Authorization:").status)
}
