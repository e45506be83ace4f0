package portalsim

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

var pageSizes = []int{25, 50, 100}

// row is a work order as the page's script gets it.
type row struct {
	Order
	StatusText  string    `json:"status_text"`
	StatusClass string    `json:"status_class"`
	Lines       []*string `json:"lines"`
	Contact     [3]string `json:"contact"`
}

func newRow(o *Order) row {
	text := statusTexts[o.Status]
	return row{
		Order: o.clone(), StatusText: text[0], StatusClass: text[1], Lines: o.Place.lines(),
		Contact: [3]string{
			contacts[o.Number%len(contacts)], "AC-" + strconv.Itoa(o.Place.CustomerID+o.Number%97), "Net 30",
		},
	}
}

// lines is the address block. A missing intersection leaves a gap, not a shorter list: the page keeps a comment there.
func (p Place) lines() []*string {
	lines := []*string{&p.Street, &p.Intersection, &p.City, &p.County}
	if p.Intersection == "" {
		lines[1] = nil
	}
	return lines
}

// listQuery is what the list page asks for. Filters have the form value||label||title; only the value counts here.
type listQuery struct {
	unvisited  bool
	archived   bool
	descending bool
	search     string
	page, size int
}

func parseListQuery(r *http.Request) listQuery {
	q := r.URL.Query()
	filter, _, _ := strings.Cut(q.Get("work_visit_completion"), "||")
	l := listQuery{
		unvisited:  filter == "none",
		archived:   q.Get("show_closed") == "1",
		descending: q.Get("order_direction") == "desc",
		search:     strings.ToLower(strings.TrimSpace(q.Get("search_term"))),
		page:       1, size: pageSizes[0],
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		l.page = n
	}
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && slices.Contains(pageSizes, n) {
		l.size = n
	}
	return l
}

func (l listQuery) matches(o *Order) bool {
	if l.unvisited && o.VisitsDone > 0 || !l.archived && o.archived() {
		return false
	}
	return l.search == "" || strings.Contains(strings.ToLower(strings.Join([]string{
		"w-" + strconv.Itoa(o.Number), "#" + o.Place.Store, o.Place.Customer, o.Place.City, o.Project,
	}, " ")), l.search)
}

// list returns the orders of a query in the order of the page: by date of the next visit, orders without one last.
func (a *account) list(q listQuery) []*Order {
	var found []*Order
	for _, o := range a.orders {
		if q.matches(o) {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(x, y *Order) int {
		if (x.VisitDate == "") != (y.VisitDate == "") {
			return cmp.Compare(y.VisitDate, x.VisitDate)
		}
		return cmp.Compare(x.VisitDate, y.VisitDate)
	})
	if q.descending {
		slices.Reverse(found)
	}
	return found
}

type listPage struct {
	Rows  []row `json:"rows"`
	Total *int  `json:"total"` // nil where the page makes no statement
	Page  int   `json:"page"`
	Pages int   `json:"pages"`
	More  bool  `json:"more"`
	// Bare pages have neither a pager nor a counter.
	Bare bool `json:"bare,omitempty"`
}

func (s *Server) listData(r *http.Request, v *visit, a *account) (any, error) {
	q := parseListQuery(r)
	s.tally.each(v.email, func(t *accountTally) { t.ListPages[q.page]++ })
	if q.page > 1 {
		if f := s.strikes(FaultListChanges, v); f != nil {
			if err := s.shiftList(a, q, f.Value); err != nil {
				return nil, err
			}
		}
	}
	found := a.list(q)
	var bare bool
	if f := s.strikes(FaultEmptyList, v); f != nil {
		found, bare = nil, f.Value == "unproved"
	}

	total := len(found)
	page := listPage{Page: q.page, Pages: max(1, (total+q.size-1)/q.size), Bare: bare, Rows: []row{}}
	from, to := min((q.page-1)*q.size, total), min(q.page*q.size, total)
	for _, o := range found[from:to] {
		page.Rows = append(page.Rows, newRow(o))
	}
	page.More = to < total
	if q.unvisited { // without the filter the portal shows a pager that knows no total
		page.Total = &total
	}
	if len(page.Rows) > 0 {
		if f := s.strikes(FaultShortList, v); f != nil {
			missing, _ := strconv.Atoi(f.Value)
			page.Rows = page.Rows[:max(0, len(page.Rows)-missing)]
		}
	}
	return page, nil
}

// shiftList changes the front of the list between two pages: an order added there pushes one that was already read
// onto the next page, an order that vanishes there pulls one that was never read onto the previous page.
func (s *Server) shiftList(a *account, q listQuery, how string) error {
	found := a.list(q)
	if len(found) == 0 {
		return nil
	}
	if how == "remove" {
		found[0].finish(StatusApproved)
		return nil
	}
	o, err := s.addOrder(a, nil)
	if err != nil {
		return err
	}
	o.VisitID, o.VisitDate = o.visit, found[0].VisitDate
	// The sort is stable, so to be the first of its day the order must come first in the account, too.
	a.orders = slices.Insert(slices.Delete(a.orders, len(a.orders)-1, len(a.orders)), 0, o)
	if q.descending { // reversed after sorting: last of its day is first on the page
		a.orders = append(a.orders[1:], o)
	}
	return nil
}
