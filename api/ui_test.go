package api

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
)

func TestUI(t *testing.T) {
	t.Parallel()
	script := "console.log(" + strings.Repeat("1+", 2000) + "1)"
	router := chi.NewMux()
	router.Get("/api/known", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "known") })
	registerUI(router, fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>UI</title>")},
		"assets/index-abc.js": {Data: []byte(script)},
		"favicon.svg":         {Data: []byte("<svg/>")},
	})
	type answer struct {
		status int
		header http.Header
		text   string
	}
	ask := func(method, address string, header ...string) answer {
		request := httptest.NewRequest(method, address, nil)
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		recorder := httptest.NewRecorder()
		router.ServeHTTP(recorder, request)
		return answer{recorder.Code, recorder.Header(), recorder.Body.String()}
	}
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"

	for _, address := range []string{"/", "/schedules/7/edit", "/schedules?q=a.b", "/runs/12"} {
		response := ask(http.MethodGet, address, "Accept", browser)
		require.Equal(t, http.StatusOK, response.status, address)
		require.Equal(t, "no-cache", response.header.Get("Cache-Control"))
		require.Contains(t, response.header.Get("Content-Security-Policy"), "default-src 'self'")
		require.Contains(t, response.text, "<title>UI</title>")
		again := ask(http.MethodGet, address, "Accept", browser, "If-None-Match", response.header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.status, address)
	}
	for _, c := range []struct{ method, address, accept string }{
		{http.MethodGet, "/api/unknown", browser},
		{http.MethodGet, "/schedules/7", "application/json"},
		{http.MethodPost, "/schedules/7", browser},
		{http.MethodGet, "/assets/index-old.js", "*/*"},
		{http.MethodGet, "/assets", browser},
		{http.MethodGet, "/assets/../index.html", "*/*"},
		{http.MethodGet, "/robots.txt", browser},
	} {
		response := ask(c.method, c.address, "Accept", c.accept)
		require.Equal(t, http.StatusNotFound, response.status, c.address)
		require.Equal(t, "application/problem+json", response.header.Get("Content-Type"), c.address)
		require.NotContains(t, response.header.Get("Cache-Control"), "immutable")
	}

	asset := ask(http.MethodGet, "/assets/index-abc.js", "Accept-Encoding", "gzip")
	require.Equal(t, "public, max-age=31536000, immutable", asset.header.Get("Cache-Control"))
	require.Equal(t, "gzip", asset.header.Get("Content-Encoding"))
	unpacked, err := gzip.NewReader(strings.NewReader(asset.text))
	require.NoError(t, err)
	content, err := io.ReadAll(unpacked)
	require.NoError(t, err)
	require.Equal(t, script, string(content))
	require.Equal(t, script, ask(http.MethodGet, "/assets/index-abc.js").text)
	require.Equal(t, "known", ask(http.MethodGet, "/api/known", "Accept", browser).text)
}

func TestUINotBuilt(t *testing.T) {
	t.Parallel()
	router := chi.NewMux()
	registerUI(router, fstest.MapFS{".keep": {}})
	recorder := httptest.NewRecorder()
	router.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusNotFound, recorder.Code)
	require.Contains(t, recorder.Body.String(), "make web")
}
