package portalsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
)

// adminHandler returns what to send back as JSON; nil sends {"ok": true}.
type adminHandler func(*http.Request) (any, error)

// admin is the control API. It answers callers on this machine only, and no web page of another origin: it can change
// passwords, if only of invented people.
func (s *Server) admin() http.Handler {
	mux := http.NewServeMux()
	var index []string
	handle := func(pattern string, h adminHandler) {
		index = append(index, pattern)
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, err := h(r)
			if err != nil {
				status := http.StatusUnprocessableEntity
				if errors.Is(err, ErrUnknownAccount) || errors.Is(err, ErrUnknownOrder) || errors.Is(err, ErrUnknownLocation) {
					status = http.StatusNotFound
				}
				writeJSON(w, status, map[string]string{"error": err.Error()})
				return
			}
			if body == nil {
				body = map[string]bool{"ok": true}
			}
			writeJSON(w, http.StatusOK, body)
		})
	}
	handle("GET /_sim/{$}", func(*http.Request) (any, error) {
		return map[string]any{"endpoints": index, "faults": FaultNames(), "pages": pageKinds}, nil
	})
	s.adminAccounts(handle)
	s.adminOrders(handle)
	s.adminRun(handle)

	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			writeJSON(w, http.StatusForbidden, map[string]string{"error": "the admin API answers loopback callers only"})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 4<<20)
		guarded.ServeHTTP(w, r)
	})
}

func (s *Server) adminAccounts(handle func(string, adminHandler)) {
	handle("GET /_sim/accounts", func(*http.Request) (any, error) { return s.Accounts(), nil })
	handle("GET /_sim/accounts/{email}", func(r *http.Request) (any, error) { return s.Account(r.PathValue("email")) })
	handle("PATCH /_sim/accounts/{email}", func(r *http.Request) (any, error) {
		var in struct {
			Password *string `json:"password"`
			Locked   *bool   `json:"locked"`
		}
		email := r.PathValue("email")
		err := decode(r, &in)
		if err == nil && in.Password != nil {
			err = s.SetPassword(email, *in.Password)
		}
		if err == nil && in.Locked != nil {
			err = s.SetLocked(email, *in.Locked)
		}
		if err != nil {
			return nil, err
		}
		return s.Account(email)
	})
	handle("GET /_sim/accounts/{email}/locations", func(r *http.Request) (any, error) {
		return s.Locations(r.PathValue("email"))
	})
	handle("PATCH /_sim/accounts/{email}/locations/{id}", func(r *http.Request) (any, error) {
		in := struct {
			State      LocationState `json:"state"`
			Dispensers []Card        `json:"dispensers"`
		}{State: LocationOK}
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		return nil, s.SetLocation(r.PathValue("email"), pathNumber(r, "id"), in.State, in.Dispensers)
	})
	handle("POST /_sim/sessions/expire", func(r *http.Request) (any, error) {
		var in struct {
			Account string `json:"account"`
		}
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		if in.Account != "" && known(in.Account) == "" {
			return nil, fmt.Errorf("%w: %q", ErrUnknownAccount, in.Account)
		}
		return map[string]int{"expired": s.ExpireSessions(in.Account)}, nil
	})
}

func (s *Server) adminOrders(handle func(string, adminHandler)) {
	handle("GET /_sim/accounts/{email}/orders", func(r *http.Request) (any, error) {
		if r.URL.Query().Get("open") == "1" {
			return s.OpenOrders(r.PathValue("email"))
		}
		return s.Orders(r.PathValue("email"))
	})
	handle("POST /_sim/accounts/{email}/orders", func(r *http.Request) (any, error) {
		var in struct {
			Count  int         `json:"count"`
			Orders []OrderSpec `json:"orders"`
		}
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		if in.Count < 0 || in.Count > ordersPerSlot || in.Count+len(in.Orders) == 0 {
			return nil, fmt.Errorf(`say {"count": 3} or {"orders": [{}, {"visit_date": "2030-02-03"}]}`)
		}
		return s.AddOrders(r.PathValue("email"), append(in.Orders, make([]OrderSpec, in.Count)...)...)
	})
	handle("DELETE /_sim/accounts/{email}/orders", func(r *http.Request) (any, error) {
		n, err := positive(r.URL.Query().Get("count"))
		if err != nil {
			return nil, fmt.Errorf("say ?count=N: the first N orders of the filtered list go")
		}
		open, err := s.OpenOrders(r.PathValue("email"))
		if err != nil {
			return nil, err
		}
		numbers := make([]int, 0, n)
		for _, o := range open[:min(n, len(open))] {
			numbers = append(numbers, o.Number)
		}
		return map[string][]int{"removed": numbers}, s.RemoveOrders(r.PathValue("email"), numbers...)
	})
	handle("POST /_sim/accounts/{email}/orders/swap-dates", func(r *http.Request) (any, error) {
		var in struct {
			First  int `json:"first"`
			Second int `json:"second"`
		}
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		return nil, s.SwapDates(r.PathValue("email"), in.First, in.Second)
	})
	handle("PATCH /_sim/accounts/{email}/orders/{number}", func(r *http.Request) (any, error) {
		var in OrderSpec
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		return s.ChangeOrder(r.PathValue("email"), pathNumber(r, "number"), in)
	})
	handle("DELETE /_sim/accounts/{email}/orders/{number}", func(r *http.Request) (any, error) {
		return nil, s.RemoveOrders(r.PathValue("email"), pathNumber(r, "number"))
	})
	handle("POST /_sim/accounts/{email}/orders/{number}/complete", func(r *http.Request) (any, error) {
		return nil, s.CompleteOrder(r.PathValue("email"), pathNumber(r, "number"))
	})
}

func (s *Server) adminRun(handle func(string, adminHandler)) {
	handle("GET /_sim/faults", func(*http.Request) (any, error) { return s.Faults(), nil })
	handle("POST /_sim/faults", func(r *http.Request) (any, error) {
		var in Fault
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		if err := s.SetFault(in); err != nil {
			return nil, err
		}
		return s.Faults(), nil
	})
	handle("DELETE /_sim/faults", func(r *http.Request) (any, error) {
		q := r.URL.Query()
		return map[string]int{"cleared": s.ClearFaults(Fault{
			Name: q.Get("name"), Account: normalise(q.Get("account")),
			Page: PageKind(q.Get("page")), Target: Target(q.Get("target")),
		})}, nil
	})
	handle("GET /_sim/counters", func(r *http.Request) (any, error) {
		if q := r.URL.Query(); q.Has("account") {
			return s.Counters(q.Get("account")), nil
		}
		all := map[string]Counters{}
		for _, email := range s.tally.emails() {
			all[email] = s.Counters(email)
		}
		return map[string]any{"total": s.Counters(everybody), "accounts": all}, nil
	})
	handle("DELETE /_sim/counters", func(*http.Request) (any, error) {
		s.ResetCounters()
		return nil, nil
	})
	handle("GET /_sim/log", s.adminLog)
	handle("POST /_sim/reset", func(*http.Request) (any, error) {
		s.Reset()
		return nil, nil
	})
}

// adminLog sends the newest entries that match, oldest first.
func (s *Server) adminLog(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit := logSize
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("limit %q is not a number", text)
		}
		limit = n
	}
	entries := slices.DeleteFunc(s.Log(), func(e LogEntry) bool {
		return (q.Has("account") && e.Account != q.Get("account")) || (q.Has("page") && string(e.Page) != q.Get("page")) ||
			(q.Has("target") && string(e.Target) != q.Get("target"))
	})
	return entries[max(0, len(entries)-limit):], nil
}

// decode reads a JSON body. Unknown fields are refused: a misspelt one would otherwise do nothing, silently.
func decode(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read JSON body: %w", err)
	}
	return nil
}
