package api

import (
	"net/http"
	"strconv"
	"time"
)

// timedWriter sets X-Process-Time when the answer begins.
type timedWriter struct {
	http.ResponseWriter
	start time.Time
	begun bool
}

func (w *timedWriter) WriteHeader(status int) {
	if !w.begun {
		w.begun = true
		milliseconds := float64(time.Since(w.start).Microseconds()) / 1000
		w.Header().Set("X-Process-Time", strconv.FormatFloat(milliseconds, 'f', 3, 64))
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *timedWriter) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *timedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
