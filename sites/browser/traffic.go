package browser

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
)

// traffic follows the requests of a tab to the origin of its page: the page may be an application whose own data requests
// fail, and then an element that never appears is the portal's trouble, not a changed layout.
type traffic struct {
	mu       sync.Mutex
	frame    cdp.FrameID // of the main document
	origin   string
	open     map[network.RequestID]string // requests that count, and their addresses
	document network.RequestID            // the main document's newest request
	main     Response                     // its answer
	answered chan struct{}                // closed when main is there
	failures []Response
	changed  time.Time // when a request that counts was last begun or ended
}

func newTraffic() *traffic {
	return &traffic{open: map[network.RequestID]string{}, answered: make(chan struct{})}
}

// follow names the frame of the main document, before the first navigation.
func (tr *traffic) follow(frame cdp.FrameID) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.frame = frame
}

// begin forgets everything and watches an origin from now on.
func (tr *traffic) begin(origin string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.origin = origin
	clear(tr.open)
	tr.document, tr.main, tr.answered = "", Response{}, make(chan struct{})
	tr.failures, tr.changed = nil, time.Now()
}

// forget drops the failures, so that what comes next is judged by itself.
func (tr *traffic) forget() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.failures, tr.changed = nil, time.Now()
}

// listen takes the browser's events in their order, and tells whether one of them begins a document of the tab itself. It must not
// block.
func (tr *traffic) listen(event any) (document bool) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	switch ev := event.(type) {
	case *network.EventRequestWillBeSent:
		if !counts(ev.Type) || ev.Request == nil {
			return false
		}
		if ev.Type == network.ResourceTypeDocument {
			if ev.FrameID != tr.frame {
				return false
			}
			tr.document = ev.RequestID
			document = ev.RedirectResponse == nil
		} else if originOf(ev.Request.URL) != tr.origin {
			return false
		}
		tr.open[ev.RequestID] = ev.Request.URL
		tr.changed = time.Now()
	case *network.EventResponseReceived:
		if _, ours := tr.open[ev.RequestID]; !ours || ev.Response == nil {
			return false
		}
		response := Response{URL: ev.Response.URL, Status: int(ev.Response.Status), Header: header(ev.Response.Headers)}
		if ev.RequestID == tr.document {
			tr.main = response
			tr.signal()
		}
		if response.failed() {
			tr.failures = append(tr.failures, response)
		}
		tr.changed = time.Now()
	case *network.EventLoadingFinished:
		tr.end(ev.RequestID)
	case *network.EventLoadingFailed:
		address, ours := tr.open[ev.RequestID]
		if !ours {
			return false
		}
		// A page that goes away cancels what it had asked for: no trouble.
		if !ev.Canceled {
			tr.failures = append(tr.failures, Response{URL: address, Failure: ev.ErrorText})
		}
		tr.end(ev.RequestID)
	}
	return document
}

func (tr *traffic) end(id network.RequestID) {
	if _, ours := tr.open[id]; ours {
		delete(tr.open, id)
		tr.changed = time.Now()
	}
}

func (tr *traffic) signal() {
	select {
	case <-tr.answered:
	default:
		close(tr.answered)
	}
}

// awaitMain waits for the answer to the main document's request.
func (tr *traffic) awaitMain(ctx context.Context) error {
	tr.mu.Lock()
	answered := tr.answered
	tr.mu.Unlock()
	select {
	case <-answered:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (tr *traffic) mainDocument() Response {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.main
}

// state tells what failed, how many requests are open, and since when nothing has moved.
func (tr *traffic) state() (failures []Response, open int, quiet time.Duration) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return append([]Response(nil), tr.failures...), len(tr.open), time.Since(tr.changed)
}

// watch calls hopeless when something has failed and the page has asked for nothing else during the grace.
func (tr *traffic) watch(ctx context.Context, grace time.Duration, hopeless func()) {
	ticker := time.NewTicker(grace/10 + time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if failures, open, quiet := tr.state(); len(failures) > 0 && open == 0 && quiet >= grace {
				hopeless()
				return
			}
		}
	}
}

// counts tells whether a page may need such a request for its content. Streams are left out, since they never end.
func counts(kind network.ResourceType) bool {
	switch kind {
	case network.ResourceTypeDocument, network.ResourceTypeScript, network.ResourceTypeXHR, network.ResourceTypeFetch:
		return true
	default:
		return false
	}
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func header(from network.Headers) http.Header {
	h := http.Header{}
	for name, value := range from {
		if text, ok := value.(string); ok {
			h.Set(name, text)
		}
	}
	return h
}
