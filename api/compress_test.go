package api_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is read is compressed for who can unpack it; what is written, which answers with tokens, is not.
func TestAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain := w.do(t, http.MethodGet, "/openapi.json", "")
	packed := w.do(t, http.MethodGet, "/openapi.json", "", "Accept-Encoding: gzip")
	require.Empty(t, plain.header.Get("Content-Encoding"))
	require.Equal(t, "gzip", packed.header.Get("Content-Encoding"))
	require.Less(t, len(packed.text), len(plain.text)/5)
	unpacked, err := gzip.NewReader(strings.NewReader(packed.text))
	require.NoError(t, err)
	content, err := io.ReadAll(unpacked)
	require.NoError(t, err)
	require.Equal(t, plain.text, string(content))
	login := w.do(t, http.MethodPost, "/api/auth/login", `{"username":"tech@example.com","password":"right"}`, "Accept-Encoding: gzip")
	require.Empty(t, login.header.Get("Content-Encoding"), login.text)
}
