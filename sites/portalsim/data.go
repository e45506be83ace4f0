package portalsim

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errMissing and errDenied are what the pages of a store that is gone or forbidden get instead of data.
var (
	errMissing = errors.New("this location could not be found. It may have been deleted")
	errDenied  = errors.New("access denied. You do not have permission to view this location")
)

// dataPath is where the page's script gets its data: private, different in every process, and useless without the
// cookie and the token of the page. Nothing but the script of this portal may know it.
func (s *Server) dataPath() string { return "/" + s.dataKey + "/" }

func (s *Server) dataRoutes() {
	handle := func(path string, page PageKind, fetch func(*http.Request, *visit, *account) (any, error)) {
		s.mux.Handle("GET "+s.dataPath()+path, s.portal(page, Data, s.data(fetch)))
	}
	handle("list", PageList, s.listData)
	handle("dashboard", PageDashboard, s.dashboardData)
	handle("orders/{number}", PageOrder, s.orderData)
	handle("orders/{number}/visits/{visit}", PageVisit, s.orderData)
	handle("customers/{customer}", PageCustomer, s.customerData)
	handle("locations/{id}", PageLocation, s.locationData)
	handle("locations/{id}/equipment", PageEquipment, s.equipmentData)
	handle("locations/{id}/equipment-types", PageNewEquipment, s.equipmentTypes)
}

// data wraps the private endpoints: they need a session and the token of a page of that session.
func (s *Server) data(fetch func(*http.Request, *visit, *account) (any, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) {
		if !v.alive {
			s.fail(w, v, http.StatusUnauthorized, "Unauthenticated.")
			return
		}
		if !s.sessions.tokenMatches(v.id, r.Header.Get("X-CSRF-TOKEN")) {
			s.fail(w, v, 419, "CSRF token mismatch.")
			return
		}
		delay := s.cfg.RenderDelay
		if f := s.strikes(FaultRenderDelay, v); f != nil {
			extra, _ := time.ParseDuration(f.Value)
			delay += extra
		}
		s.mu.Lock()
		a, err := s.account(v.email)
		var body any
		if err == nil {
			body, err = fetch(r, v, a)
		}
		s.mu.Unlock()
		switch {
		case errors.Is(err, errDenied):
			s.fail(w, v, http.StatusForbidden, sentence(err))
		case err != nil:
			s.fail(w, v, http.StatusNotFound, sentence(err))
		default:
			writeJSON(w, http.StatusOK, map[string]any{"delay": delay.Milliseconds(), "body": body})
		}
	}
}

func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func pathNumber(r *http.Request, name string) int {
	n, err := strconv.Atoi(r.PathValue(name))
	if err != nil {
		return 0
	}
	return n
}

func (s *Server) dashboardData(_ *http.Request, _ *visit, a *account) (any, error) {
	today := s.today.Format(time.DateOnly)
	open, due := 0, 0
	for _, o := range a.orders {
		if o.open() {
			open++
			if o.VisitDate == today {
				due++
			}
		}
	}
	return map[string]any{"open": open, "today": due, "stores": len(a.sites)}, nil
}

func (s *Server) orderData(r *http.Request, _ *visit, a *account) (any, error) {
	o := a.order(pathNumber(r, "number"))
	if o == nil {
		return nil, errors.New("this work order could not be found")
	}
	if visit := r.PathValue("visit"); visit != "" && visit != strconv.Itoa(o.visit) {
		return nil, errors.New("this visit could not be found")
	}
	return newRow(o), nil
}

func (s *Server) customerData(r *http.Request, _ *visit, a *account) (any, error) {
	var stores []Place
	for _, l := range a.sites {
		if l.CustomerID == pathNumber(r, "customer") {
			stores = append(stores, l.Place)
		}
	}
	if stores == nil {
		return nil, errors.New("this customer could not be found")
	}
	return map[string]any{"name": stores[0].Customer, "stores": stores}, nil
}

func (a *account) visitable(r *http.Request) (*Location, error) {
	l := a.site(pathNumber(r, "id"))
	switch {
	case l == nil || l.State == LocationDeleted:
		return nil, errMissing
	case l.State == LocationDenied:
		return nil, errDenied
	}
	return l, nil
}

func (s *Server) locationData(r *http.Request, _ *visit, a *account) (any, error) {
	l, err := a.visitable(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{"place": l.Place, "lines": l.lines()}, nil
}

func (s *Server) equipmentData(r *http.Request, v *visit, a *account) (any, error) {
	l, err := a.visitable(r)
	if err != nil {
		return nil, err
	}
	type group struct {
		Name  string `json:"name"`
		Count int    `json:"count"`
		Cards []Card `json:"cards"`
	}
	groups := make([]group, 0, len(l.Groups))
	for _, g := range l.Groups {
		shown := group{Name: g.Name, Count: len(g.Cards), Cards: append([]Card{}, g.Cards...)} // an empty list, never null
		if g.Name == dispenserGroup && len(g.Cards) > 0 {
			if f := s.strikes(FaultCardMismatch, v); f != nil {
				missing, _ := strconv.Atoi(f.Value)
				shown.Cards = g.Cards[:max(0, len(g.Cards)-missing)]
			}
		}
		groups = append(groups, shown)
	}
	return map[string]any{"expanded": l.Expanded, "groups": groups}, nil
}

// equipmentTypes is asked for when somebody opens the form for new equipment. A reader never does: the counter of
// this page kind is how a test notices.
func (s *Server) equipmentTypes(_ *http.Request, _ *visit, _ *account) (any, error) {
	return []string{dispenserGroup, "Tank", "Point of Sale"}, nil
}
