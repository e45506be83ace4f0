package portalsim

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed assets
var assetFiles embed.FS

//go:embed templates/*.html
var templateFiles embed.FS

var templates = template.Must(template.ParseFS(templateFiles, "templates/*.html"))

// dashboardPath is where a login ends.
const dashboardPath = "/app/dashboard/"

// appPages are the pages of the app, each reachable with and without the trailing slash.
var appPages = map[string]PageKind{
	"/app/dashboard":                          PageDashboard,
	"/app/work":                               PageOther,
	"/app/work/list":                          PageList,
	"/app/work/visits":                        PageOther,
	"/app/work/{number}":                      PageOrder,
	"/app/work/{number}/visits/{visit}":       PageVisit,
	"/app/customers":                          PageOther,
	"/app/customers/{customer}":               PageCustomer,
	"/app/customers/locations/{id}":           PageLocation,
	"/app/customers/locations/{id}/equipment": PageNewEquipment,
}

func (s *Server) routes() {
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	s.mux.Handle("GET "+s.assetPath(), s.assets())

	s.mux.Handle("GET /{$}", s.portal(PageLogin, Document, s.entry))
	s.mux.Handle("GET /login", s.portal(PageLogin, Document, s.entry))
	s.mux.Handle("POST /login", s.portal(PageLogin, Document, s.login))
	s.mux.Handle("POST /logout", s.portal(PageLogin, Document, s.logout))
	s.mux.Handle("GET /sso", s.portal(PageOther, Document, s.notice("Single Sign-On", "No identity provider is connected to this portal.")))
	s.mux.Handle("GET /passwords/reset", s.portal(PageOther, Document, s.notice("Reset Password", "Password resets are not available here.")))
	s.mux.Handle("/", s.portal(PageOther, Document, func(w http.ResponseWriter, _ *http.Request, v *visit) {
		s.fail(w, v, http.StatusNotFound, "Not Found")
	}))

	for path, page := range appPages {
		s.mux.Handle("GET "+path, s.portal(page, Document, s.shell))
		s.mux.Handle("GET "+path+"/{$}", s.portal(page, Document, s.shell))
	}
	s.mux.Handle("GET /app/", s.portal(PageOther, Document, s.shell))
	s.dataRoutes()
	if s.cfg.Admin {
		s.mux.Handle("/_sim/", s.admin())
	}
}

func (s *Server) assetPath() string { return "/build/assets-" + s.build + "/" }

func (s *Server) assets() http.Handler {
	files, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic(err) // the directory is part of the binary
	}
	serve := http.StripPrefix(s.assetPath(), http.FileServerFS(files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		serve.ServeHTTP(w, r)
	})
}

// entry is the login form, or the dashboard for those who need no form.
func (s *Server) entry(w http.ResponseWriter, r *http.Request, v *visit) {
	if v.alive {
		http.Redirect(w, r, dashboardPath, http.StatusFound)
		return
	}
	s.loginForm(w, r, v, "", "")
}

func (s *Server) loginForm(w http.ResponseWriter, r *http.Request, v *visit, email, errorText string) {
	if v.id == "" || v.serial != 0 { // no guest yet, or the cookie of a dead session
		v.id = randomHex(32)
		s.sessions.setCookie(w, v.id, false)
	}
	if v.note == "" {
		v.note = "login form"
	}
	s.tally.each(v.email, func(a *accountTally) { a.LoginFormViews++ })
	scheme := "http://"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https://"
	}
	s.render(w, http.StatusOK, "login.html", map[string]string{
		"Assets": s.assetPath(), "Token": s.sessions.token(v.id), "Origin": scheme + r.Host, "Email": email, "Error": errorText,
	})
}

func (s *Server) login(w http.ResponseWriter, r *http.Request, v *visit) {
	if !s.sessions.tokenMatches(v.id, r.PostFormValue("_token")) {
		v.note = "token mismatch"
		s.fail(w, v, 419, "Page Expired")
		return
	}
	email := r.PostFormValue("email")
	result := s.checkLogin(email, r.PostFormValue("password"))
	if known(email) != "" && s.strikes(FaultRejectLogin, v) != nil {
		result = loginWrong
	}
	if result != loginOK {
		s.tally.each(v.email, func(a *accountTally) { a.LoginsRejected++ })
	}
	switch result {
	case loginOK:
		if v.alive {
			s.sessions.end(v.id)
		}
		s.tally.each(v.email, func(a *accountTally) { a.LoginsOK++ })
		s.sessions.setCookie(w, s.sessions.start(known(email)), r.PostFormValue("remember") != "")
		http.Redirect(w, r, dashboardPath, http.StatusFound)
	case loginLocked:
		v.note = "account locked"
		s.notice("Account Locked", "Your account has been locked. Please contact your administrator.")(w, r, v)
	case loginSSO:
		v.note = "sso required"
		s.notice("Single Sign-On Required", "Your organization requires single sign-on. Please use SSO Login.")(w, r, v)
	case loginWrong:
		s.loginForm(w, r, v, email, "These credentials do not match our records.")
	}
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request, v *visit) {
	if !s.sessions.tokenMatches(v.id, r.Header.Get("X-CSRF-TOKEN")) {
		s.fail(w, v, 419, "Page Expired")
		return
	}
	s.sessions.end(v.id)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// notice is a page that is neither the login form nor the app.
func (s *Server) notice(title, text string) handler {
	return func(w http.ResponseWriter, _ *http.Request, _ *visit) {
		s.render(w, http.StatusOK, "notice.html", map[string]string{"Assets": s.assetPath(), "Title": title, "Text": text})
	}
}

// boot is what the page's script needs before it can ask for anything. It holds no content of a page.
type boot struct {
	Page   PageKind `json:"page"`
	User   string   `json:"user"`
	Data   string   `json:"data"`
	Build  string   `json:"build"`
	Layout layout   `json:"layout"`
	Quirks quirks   `json:"quirks"`
}

// quirks are the faults that live in the browser. They are decided once per page load.
type quirks struct {
	URLPaging    bool   `json:"url_paging,omitempty"`
	IgnoreSize   bool   `json:"ignore_size,omitempty"`
	TwoClicks    string `json:"two_clicks,omitempty"`
	IgnoreFilter bool   `json:"ignore_filter,omitempty"`
	StrayModal   bool   `json:"stray_modal,omitempty"`
}

// shell is every page of the app: an empty frame with a script. Signed-out visitors get the login form at the same
// address and with the same status, as on the real portal.
func (s *Server) shell(w http.ResponseWriter, r *http.Request, v *visit) {
	if !v.alive {
		if s.cfg.RedirectLogin || s.strikes(FaultRedirectLogin, v) != nil {
			http.Redirect(w, r, "/login", http.StatusFound)
			return
		}
		s.loginForm(w, r, v, "", "")
		return
	}
	b := boot{Page: v.page, User: v.email, Data: s.dataPath(), Build: s.build, Layout: s.layoutFor(v)}
	b.Quirks.URLPaging = s.cfg.URLPaging
	switch v.page {
	case PageList:
		b.Quirks.IgnoreSize = s.strikes(FaultIgnoreSize, v) != nil
		b.Quirks.IgnoreFilter = s.strikes(FaultIgnoreFilter, v) != nil
		if f := s.strikes(FaultTwoClicks, v); f != nil {
			b.Quirks.TwoClicks = f.Value
		}
	case PageLocation:
		b.Quirks.StrayModal = s.strikes(FaultStrayModal, v) != nil
	default: // nothing to play tricks with
	}
	state, err := json.Marshal(b)
	if err != nil {
		s.fail(w, v, http.StatusInternalServerError, "Server Error")
		return
	}
	s.render(w, http.StatusOK, "shell.html", map[string]string{
		"Assets": s.assetPath(), "Token": s.sessions.token(v.id), "State": base64.StdEncoding.EncodeToString(state),
	})
}

func (s *Server) layoutFor(v *visit) layout {
	k, _, _ := kindOf(v.email)
	l := layout{Rename: k.layout.Rename[:len(k.layout.Rename):len(k.layout.Rename)]}
	if f := s.strikes(FaultRenameClass, v); f != nil {
		pairs, _ := parseRenames(f.Value)
		l.Rename = append(l.Rename, pairs...)
	}
	if f := s.strikes(FaultDropElement, v); f != nil {
		l.Drop = append(l.Drop, f.Value)
	}
	return l
}

func (s *Server) render(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
