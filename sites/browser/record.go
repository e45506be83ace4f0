package browser

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"

	"github.com/fossawork/scheduler/scrape"
)

// How much of what a tab has done is kept.
const (
	keptLines     = 200
	keptExchanges = 300
	longestLine   = 1000 // characters
	longestText   = 8000 // bytes kept until a line is masked and cut: cut first, half a secret could not be found
)

// record keeps what a tab's page has said on its console and what it has asked for, raw. Only veiled copies leave this package.
type record struct {
	mu        sync.Mutex
	lines     []scrape.ConsoleLine
	exchanges []*exchange
	open      map[network.RequestID]*exchange
	lost      bool // older ones were dropped
}

type exchange struct {
	scrape.Exchange
	id    network.RequestID
	begun cdp.MonotonicTime
}

func newRecord() *record { return &record{open: map[network.RequestID]*exchange{}} }

// listen takes the browser's events in their order. It must not block.
func (r *record) listen(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ev := event.(type) {
	case *runtime.EventConsoleAPICalled:
		r.say(milliseconds(ev.Timestamp), consoleLevel(string(ev.Type)), textOfAll(ev.Args))
	case *runtime.EventExceptionThrown:
		if details := ev.ExceptionDetails; details != nil {
			text := details.Text
			if details.Exception != nil {
				text += " " + textOf(details.Exception)
			}
			r.say(milliseconds(ev.Timestamp), "exception", strings.TrimSpace(text+" "+details.URL))
		}
	case *log.EventEntryAdded:
		if entry := ev.Entry; entry != nil {
			r.say(milliseconds(entry.Timestamp), consoleLevel(string(entry.Level)), strings.TrimSpace(entry.Text+" "+entry.URL))
		}
	case *network.EventRequestWillBeSent:
		r.ask(ev)
	case *network.EventResponseReceived:
		if ex := r.open[ev.RequestID]; ex != nil && ev.Response != nil {
			ex.answer(int(ev.Response.Status), ev.Timestamp)
		}
	case *network.EventLoadingFinished:
		if ex := r.open[ev.RequestID]; ex != nil {
			ex.answer(ex.Status, ev.Timestamp)
			delete(r.open, ev.RequestID)
		}
	case *network.EventLoadingFailed:
		if ex := r.open[ev.RequestID]; ex != nil {
			ex.answer(ex.Status, ev.Timestamp)
			ex.Failure = ev.ErrorText
			delete(r.open, ev.RequestID)
		}
	}
}

func (r *record) say(at time.Time, level, text string) {
	if text == "" {
		return
	}
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "")
	}
	if len(r.lines) == keptLines {
		r.lines, r.lost = append(r.lines[:0], r.lines[1:]...), true
	}
	r.lines = append(r.lines, scrape.ConsoleLine{At: at, Level: level, Text: text})
}

// ask begins an exchange; a redirection ends the one before it, which has the same id.
func (r *record) ask(ev *network.EventRequestWillBeSent) {
	if ev.Request == nil || strings.HasPrefix(ev.Request.URL, "data:") {
		return
	}
	if before := r.open[ev.RequestID]; before != nil && ev.RedirectResponse != nil {
		before.answer(int(ev.RedirectResponse.Status), ev.Timestamp)
	}
	address := ev.Request.URL + ev.Request.URLFragment
	if len(address) > longestText {
		address = address[:longestText]
	}
	ex := &exchange{id: ev.RequestID, begun: ev.Timestamp, Exchange: scrape.Exchange{
		At: time.UnixMilli(int64(float64(ev.WallTime) * 1000)).UTC(), Method: ev.Request.Method, URL: address, Type: string(ev.Type),
	}}
	if len(r.exchanges) == keptExchanges {
		if first := r.exchanges[0]; r.open[first.id] == first {
			delete(r.open, first.id)
		}
		r.exchanges, r.lost = append(r.exchanges[:0], r.exchanges[1:]...), true
	}
	r.exchanges = append(r.exchanges, ex)
	r.open[ev.RequestID] = ex
}

func (e *exchange) answer(status int, at cdp.MonotonicTime) {
	e.Status = status
	e.Duration = max(0, int64(float64(at-e.begun)*1000))
}

// veiled gives what was kept, as it may be shown.
func (r *record) veiled(v *veil) (lines []scrape.ConsoleLine, exchanges []scrape.Exchange, lost bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		// Cut roughly as soon as no secret can be cut in half: the patterns are slow.
		line.Text = shortened(v.line(shortened(v.replacer.Replace(line.Text), 2*longestLine)), longestLine)
		lines = append(lines, line)
	}
	for _, ex := range r.exchanges {
		shown := ex.Exchange
		shown.URL = shortened(v.address(shown.URL), longestLine)
		if shown.Status == 0 && shown.Failure == "" {
			shown.Failure = "no answer yet"
		}
		exchanges = append(exchanges, shown)
	}
	return lines, exchanges, r.lost
}

// shortened cuts a text to so many characters.
func shortened(text string, length int) string {
	if runes := []rune(text); len(runes) > length {
		return string(runes[:length])
	}
	return text
}

func milliseconds(at runtime.Timestamp) time.Time { return time.UnixMilli(int64(at)).UTC() }

func consoleLevel(level string) string {
	switch level {
	case "warning", "error":
		return level
	case "assert":
		return "error"
	default:
		return "log"
	}
}

func textOfAll(objects []*runtime.RemoteObject) string {
	texts := make([]string, 0, len(objects))
	for _, object := range objects {
		texts = append(texts, textOf(object))
	}
	return strings.Join(texts, " ")
}

// textOf is what the console shows of a value. Of objects it is the first members.
func textOf(object *runtime.RemoteObject) string {
	var text string
	switch {
	case len(object.Value) > 0 && json.Unmarshal(object.Value, &text) == nil:
		return text
	case len(object.Value) > 0:
		return string(object.Value)
	case object.Preview != nil && len(object.Preview.Properties) > 0:
		members := make([]string, 0, len(object.Preview.Properties))
		for _, member := range object.Preview.Properties {
			members = append(members, member.Name+": "+member.Value)
		}
		return "{" + strings.Join(members, ", ") + "}"
	case object.UnserializableValue != "":
		return string(object.UnserializableValue)
	default:
		return object.Description
	}
}
