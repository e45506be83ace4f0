package e2e_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/portalsim"
	"github.com/fossawork/scheduler/workflows"
)

// An administrator sees, pauses, resumes and runs the system's own schedules; nobody else does.
func TestSystemSchedules(t *testing.T) {
	t.Parallel()
	const path = "/api/system/schedules"
	s := start(t, portalsim.Config{}, "FOSSAWORK_ADMIN_EMAILS="+small)
	admin, other := s.signIn(small, password), s.signIn("user001@example.com", password)
	status, text := s.raw(other, http.MethodGet, path, nil)
	require.Equal(t, http.StatusForbidden, status, text)
	require.Equal(t, http.StatusForbidden, s.call(other, http.MethodPost, path+"/"+workflows.RetentionScheduleID+"/run", nil, nil))

	// Temporal's own worker for a new namespace may take longer to begin than the api lets people wait.
	ask := func(method, path string, body, into any) {
		require.Eventually(t, func() bool {
			status, text := s.raw(admin, method, path, body)
			if status == http.StatusServiceUnavailable {
				return false
			}
			require.Equal(t, http.StatusOK, status, text)
			require.NoError(t, json.Unmarshal([]byte(text), into))
			return true
		}, patience, tick)
	}
	find := func(id string) object {
		var listed []object
		ask(http.MethodGet, path, nil, &listed)
		for _, each := range listed {
			if each["id"] == id {
				return each
			}
		}
		require.Fail(t, "not listed", id)
		return nil
	}
	for id, recorded := range map[string]string{
		workflows.RetentionScheduleID: workflows.RetentionType, workflows.StatisticsScheduleID: workflows.StatisticsType,
	} {
		var answer object
		ask(http.MethodPost, path+"/"+id+"/pause", object{"reason": "a test"}, &answer)
		require.Equal(t, "paused", answer["state"])
		require.Contains(t, find(id)["note"], "a test")

		// Paused means that it does not run by itself; a person may still run it.
		ask(http.MethodPost, path+"/"+id+"/run", nil, &answer)
		var last object
		require.Eventually(t, func() bool {
			last, _ = find(id)["last_run"].(object)
			return last != nil && last["state"] == "completed"
		}, patience, tick)
		require.NotNil(t, last["result"])
		s.record(recorded, "nothing_to_do", last["workflow_id"].(string)) //nolint:forcetypeassert // a failed assertion fails the test

		ask(http.MethodPost, path+"/"+id+"/resume", nil, &answer)
		require.Equal(t, "active", answer["state"])
	}
	require.Equal(t, http.StatusNotFound, s.call(admin, http.MethodPost, path+"/scrape-schedule-1/run", nil, nil))
}
