package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/fossawork/scheduler/scrape"
)

// policy lets the UI load what this server serves and nothing else. Styles are set on elements by the component library; pictures of
// evidence are shown from memory, since they need the token.
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// compressLevel is where gzip stops gaining much on scripts.
const compressLevel = 6

// notBuilt is what a program says that was built without the UI.
const notBuilt = "The web UI is not part of this build: run make web, then build the program again. The API works: see /docs.\n"

// registerUI serves the web UI: its files under their names, and its page at every other address that no route of the API has and that a
// browser navigates to, so that links into the UI work.
func registerUI(router chi.Router, files fs.FS) {
	ui := newUI(files)
	router.Group(func(router chi.Router) {
		router.Use(middleware.Compress(compressLevel, "text/html", "text/css", "text/javascript", "image/svg+xml"))
		router.Get("/", ui.page)
		router.Get("/assets/*", ui.asset)
		router.Get("/favicon.svg", ui.file)
	})
	compressed := middleware.Compress(compressLevel, "text/html")(http.HandlerFunc(ui.page))
	router.NotFound(func(w http.ResponseWriter, r *http.Request) {
		if deepLink(r) {
			compressed.ServeHTTP(w, r)
			return
		}
		writeProblem(w, newProblem(http.StatusNotFound, string(scrape.KindNotFound), "There is nothing at this address. /docs lists what there is."))
	})
}

// deepLink tells a browser that opens a page of the UI from a program that asks for something that is not there.
func deepLink(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); first == "api" || first == "assets" || first == "docs" {
		return false
	}
	return path.Ext(r.URL.Path) == "" && strings.Contains(r.Header.Get("Accept"), "text/html")
}

type ui struct {
	files fs.FS
	names map[string]bool // of its files
	index []byte
	tag   string
}

func newUI(files fs.FS) ui {
	out := ui{files: files, names: map[string]bool{}}
	if files == nil {
		return out
	}
	index, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return out // not built; said to whoever asks
	}
	sum := sha256.Sum256(index)
	out.index, out.tag = index, `"`+hex.EncodeToString(sum[:8])+`"`
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			out.names[name] = true
		}
		return nil // what cannot be read is not served
	})
	return out
}

// page is the one page of the UI. It is asked for again each time, since it names the files of the newest build.
func (u ui) page(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	if u.index == nil {
		http.Error(w, notBuilt, http.StatusNotFound)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy)
	header.Set("Referrer-Policy", "same-origin")
	header.Set("ETag", u.tag)
	http.ServeContent(w, r, "index.html", time.Time{}, bytes.NewReader(u.index))
}

// asset is a file whose name holds a hash of its content, so that it may be kept for ever.
func (u ui) asset(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	u.serve(w, r)
}

func (u ui) file(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	u.serve(w, r)
}

func (u ui) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if !u.names[name] {
		// A page of an older build asks for a file of it: it must not be kept as missing.
		w.Header().Set("Cache-Control", "no-store")
		writeProblem(w, newProblem(http.StatusNotFound, string(scrape.KindNotFound), "There is no such file in this version of the UI. Reload the page."))
		return
	}
	http.ServeFileFS(w, r, u.files, name) //nolint:gosec // the name is one of the files of the UI
}
