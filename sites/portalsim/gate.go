package portalsim

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// visit is one request on its way through the portal.
type visit struct {
	page   PageKind
	target Target
	id     string // cookie of a session or of a guest; never logged
	email  string // known account, signed in or trying to; "" for strangers
	serial int64  // of the session
	alive  bool   // signed in
	note   string
}

func (v *visit) scope() scope { return scope{account: v.email, page: v.page, target: v.target} }

type handler func(w http.ResponseWriter, r *http.Request, v *visit)

// portal wraps everything a visitor of the portal can ask for: who is it, count it, let faults strike, log it.
// Assets, the admin API and the health check are outside.
func (s *Server) portal(page PageKind, target Target, next handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := s.now()
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		v := s.identify(r, page, target)
		rec := &recorder{ResponseWriter: w}
		s.tally.begin(v)
		defer func() {
			entry := LogEntry{
				At: started.UTC(), Account: v.email, Method: r.Method, Path: r.URL.RequestURI(), Page: page, Target: target,
				Status: rec.status, DurationMS: s.now().Sub(started).Milliseconds(), Note: v.note,
			}
			if page == PageLogin {
				entry.Path = r.URL.Path // a form sent by mistake as a query would carry the password
			}
			s.tally.end(v, entry)
		}()
		w.Header().Set("Cache-Control", "no-cache, private")
		if s.obstruct(rec, r, v) {
			next(rec, r, v)
		}
	})
}

func (s *Server) identify(r *http.Request, page PageKind, target Target) *visit {
	v := &visit{page: page, target: target, id: cookieID(r)}
	v.email, v.serial, v.alive = s.sessions.find(v.id)
	if r.Method == http.MethodPost && r.URL.Path == "/login" {
		v.email = known(r.PostFormValue("email"))
		return v
	}
	if !v.alive {
		return v
	}
	if f, ok := s.faults.peek(FaultExpireLogin, v.scope()); ok {
		limit, _ := parseExpiry(f.Value)
		if s.sessions.spent(v.id, limit) && s.strikes(FaultExpireLogin, v) != nil {
			s.sessions.end(v.id)
			v.alive = false
			return v
		}
	}
	s.sessions.use(v.id)
	return v
}

// strikes decides whether a fault happens to this visit, and counts it.
func (s *Server) strikes(name string, v *visit) *Fault {
	f, ok := s.faults.take(name, v.scope())
	if !ok {
		return nil
	}
	v.note = name
	s.tally.each(v.email, func(a *accountTally) { a.Faults[name]++ })
	return &f
}

// obstruct applies latency and the faults of the transport. It reports whether the request may go on.
func (s *Server) obstruct(w http.ResponseWriter, r *http.Request, v *visit) bool {
	delay := s.cfg.Latency
	if v.target == Data {
		delay = s.cfg.DataLatency
	}
	wait := delay.roll(s.dice.float())
	if f := s.strikes(FaultLatency, v); f != nil {
		extra, _ := ParseLatency(f.Value)
		wait += extra.roll(s.dice.float())
	}
	if !s.sleep(r.Context(), wait) {
		return false
	}
	if f := s.strikes(FaultHang, v); f != nil {
		patience, _ := time.ParseDuration(f.Value)
		if patience == 0 {
			patience = time.Duration(1<<63 - 1) // until the visitor gives up
		}
		if !s.sleep(r.Context(), patience) {
			return false
		}
	}
	if s.strikes(FaultReset, v) != nil {
		cut(w)
		return false
	}
	if f := s.strikes(FaultHTTP429, v); f != nil {
		w.Header().Set("Retry-After", f.Value)
		s.fail(w, v, http.StatusTooManyRequests, "Too Many Requests")
		return false
	}
	if s.strikes(FaultHTTP500, v) != nil {
		s.fail(w, v, http.StatusInternalServerError, "Server Error")
		return false
	}
	return true
}

// sleep waits unless the visitor leaves, which it reports. Close ends all waiting.
func (s *Server) sleep(ctx context.Context, d time.Duration) (stayed bool) {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closed:
	case <-ctx.Done():
		return false
	}
	return true
}

// fail answers with an error page, or its JSON form for the page's script.
func (s *Server) fail(w http.ResponseWriter, v *visit, status int, text string) {
	if v.target == Data {
		writeJSON(w, status, map[string]string{"message": text})
		return
	}
	s.render(w, status, "error.html", map[string]string{"Code": strconv.Itoa(status), "Text": text})
}

// cut ends the connection without an answer; the client sees a reset where the transport allows it.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 and test recorders: the closest thing to a reset
	}
	if c, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = c.SetLinger(0) // turns the close into a reset
	}
	_ = conn.Close()
}

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
