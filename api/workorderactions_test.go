package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestWorkOrderActions(t *testing.T) {
	t.Parallel()
	for _, slash := range []string{"", "/"} {
		w := newWorld(t)
		w.orders = []scrape.WorkOrder{order()}
		w.dispensers = []scrape.Dispenser{card("71001", "1/2")}
		ask := func(method, path, body string) string {
			got := w.do(t, method, workOrders+path+slash+"?user_id="+string(tech.ID), body)
			require.Equal(t, http.StatusOK, got.status, got.text)
			return got.text
		}
		id := order().ID
		for _, status := range []string{"pending", "in_progress", "completed", "failed", "cancelled"} {
			require.JSONEq(t, `{"status": "success", "work_order_id": "`+id+`", "new_status": "`+status+`", "updated_at": "2030-01-02T13:30:09.123456Z"}`,
				ask(http.MethodPatch, "/"+id+"/status", `{"status":"`+status+`"}`))
		}
		require.JSONEq(t, `{"visit_url": "`+order().VisitURL+`", "auto_login_url": "`+order().VisitURL+`", "message": "Visit URL retrieved successfully"}`,
			ask(http.MethodPost, "/"+id+"/open-visit", "{}"))
		require.JSONEq(t, `{"status": "success", "message": "Work order deleted successfully", "work_order_id": "`+id+`"}`, ask(http.MethodDelete, "/"+id, ""))
		require.JSONEq(t, `{"status": "success", "message": "Cleared 1 dispensers", "work_order_id": "`+id+`", "cleared_count": 1}`,
			ask(http.MethodDelete, "/"+id+"/dispensers", ""))
		require.JSONEq(t, `{"status": "success", "message": "Deleted 1 work orders and 1 dispensers", "deleted_work_orders": 1, "deleted_dispensers": 1}`,
			ask(http.MethodDelete, "/clear-all", ""), "not taken for the order named clear-all")
		w.orders, w.dispensers = nil, nil
		require.JSONEq(t, `{"status": "success", "message": "No work orders to delete", "deleted_count": 0}`, ask(http.MethodDelete, "/clear-all", ""))
	}
}

func TestWorkOrderActionsRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, unplanned := order(), order()
	foreign.ID, foreign.UserID = "x", other.ID
	unplanned.ID, unplanned.VisitURL = "u", ""
	w.orders = []scrape.WorkOrder{order(), foreign, unplanned}
	for path, method := range map[string]string{
		"/status": http.MethodPatch, "/open-visit": http.MethodPost, "": http.MethodDelete, "/dispensers": http.MethodDelete,
	} {
		for _, id := range []string{"x", "unknown"} {
			w.do(t, method, workOrders+"/"+id+path, `{"status":"failed"}`).requireProblem(t, http.StatusNotFound, "Work order not found")
		}
		for _, id := range []string{order().ID, "x"} {
			w.do(t, method, workOrders+"/"+id+path+"?user_id="+string(other.ID), `{"status":"failed"}`).
				requireProblem(t, http.StatusForbidden, "You can only access your own data")
		}
	}
	w.do(t, http.MethodDelete, workOrders+"/clear-all?user_id="+string(other.ID), "").
		requireProblem(t, http.StatusForbidden, "You can only access your own data")
	w.do(t, http.MethodPost, workOrders+"/u/open-visit", "").
		requireProblem(t, http.StatusNotFound, "WorkFossa shows no visit for this work order. Collect work orders again once it is scheduled.")

	invalid := "Invalid status. Use one of: pending, in_progress, completed, failed, cancelled."
	for _, status := range []string{"done", "", "PENDING"} {
		problem := w.do(t, http.MethodPatch, workOrders+"/"+order().ID+"/status", `{"status":"`+status+`"}`).requireProblem(t, http.StatusBadRequest, invalid)
		require.Equal(t, []any{map[string]any{"message": invalid, "location": "body.status"}}, problem["errors"])
	}
	for body, want := range map[string]string{
		`{}`: "status must be given.", `{"status":7}`: "status must be a text.", ``: "The body is missing. Send a JSON object.",
	} {
		w.do(t, http.MethodPatch, workOrders+"/"+order().ID+"/status", body).requireProblem(t, http.StatusUnprocessableEntity, want)
	}
}
