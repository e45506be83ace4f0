package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf16"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/fossawork/scheduler/scrape"
)

// Tab is one page in a context of its own. It is for one goroutine, and only inside the work that it was made for.
//
// Every method has a time limit besides the caller's context, and fails with ErrDied when the browser has died. When
// the caller's context has ended the error is that of the context.
type Tab struct {
	cfg     Config
	target  *chromedp.Target
	traffic *traffic
	record  *record
	secrets secrets
	closed  <-chan struct{} // closed when the Browser is closed
	ready   chan struct{}   // closed when target is there

	onGone func(func()) func() bool // like context.AfterFunc, for the end of the tab
	gone   func() bool
	close  func()
	crash  func() // closes the tab from outside, without waiting

	dismiss func() // closes a dialog of the page

	jar func(context.Context) ([]*network.Cookie, error) // every cookie of the tab's context, whatever its site

	pages atomic.Int64 // documents that were asked for in it
}

// listen takes the events of the tab. It must not block.
func (t *Tab) listen(event any) {
	switch event.(type) {
	case *inspector.EventTargetCrashed: // the page's process is gone, and calls to it would never be answered
		t.crash()
	case *page.EventJavascriptDialogOpening: // a dialog stops everything else in the page
		go t.dismiss()
	default:
		if t.traffic.listen(event) {
			t.pages.Add(1)
		}
		t.record.listen(event)
	}
}

// do runs one step with a limit and says in our words what went wrong.
func (t *Tab) do(ctx context.Context, doing string, limit time.Duration, step func(context.Context) error) error {
	stepCtx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer t.onGone(cancel)()
	err := step(stepCtx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case t.gone(), errors.Is(err, context.Canceled), errors.Is(err, chromedp.ErrTargetDetached):
		return fmt.Errorf("%s: %w", doing, t.whyGone())
	case errors.Is(err, context.DeadlineExceeded):
		return &TimeoutError{Doing: doing, After: limit}
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

func (t *Tab) whyGone() error {
	select {
	case <-t.closed:
		return ErrClosed
	default:
		return ErrDied
	}
}

// Navigate opens an address and returns the answer for its document as soon as that begins to arrive; what the page shows
// is for Wait. An address that gives no answer at all is a *LoadError, one that gives none in time a *TimeoutError.
func (t *Tab) Navigate(ctx context.Context, address string, limit time.Duration) (Response, error) {
	t.traffic.begin(originOf(address))
	var result page.NavigateResult
	err := t.do(ctx, "open "+plainAddress(address), limit, func(ctx context.Context) error {
		var err error
		result, err = cdp.Call(ctx, t.target, page.Navigate, page.NavigateParams{URL: address})
		if err != nil || result.ErrorText != "" {
			return err
		}
		return t.traffic.awaitMain(ctx)
	})
	if err != nil {
		return Response{}, err
	}
	main := t.traffic.mainDocument()
	if result.ErrorText != "" && main.Status < 400 { // an error status without a body counts as a failure for Chromium
		return main, &LoadError{URL: address, Text: result.ErrorText}
	}
	return main, nil
}

// Document is the answer for the newest main document, also when the page itself went there.
func (t *Tab) Document() Response { return t.traffic.mainDocument() }

// Forget drops the failed requests seen so far. Call it before an action whose result Wait shall judge.
func (t *Tab) Forget() { t.traffic.forget() }

// Pending tells how many requests of the page to its own origin are open.
func (t *Tab) Pending() int {
	_, open, _ := t.traffic.state()
	return open
}

// Eval evaluates an expression in the page; a promise is waited for. The value is stored in out unless that is nil.
func (t *Tab) Eval(ctx context.Context, expression string, out any) error {
	return t.do(ctx, "run a script", t.cfg.StepTimeout, func(ctx context.Context) error {
		value, err := t.evaluate(ctx, expression)
		if err != nil || out == nil {
			return err
		}
		return json.Unmarshal(value, out)
	})
}

func (t *Tab) evaluate(ctx context.Context, expression string) ([]byte, error) {
	yes := true
	answer, err := cdp.Call(ctx, t.target, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ReturnByValue: &yes, AwaitPromise: &yes,
	})
	if err != nil {
		return nil, err
	}
	if answer.ExceptionDetails != nil {
		return nil, &chromedp.ExceptionError{ExceptionDetails: answer.ExceptionDetails}
	}
	if answer.Result == nil || len(answer.Result.Value) == 0 {
		return []byte("null"), nil
	}
	return answer.Result.Value, nil
}

//go:embed wait.js
var waitScript string

// Wait calls a JavaScript function in the page whenever the page changes, until it returns something that is true, and
// stores that in out. The function gets the number of milliseconds for which the page's elements have not changed. Pages
// may come and go meanwhile. When the limit passes, or when the page's own requests have failed and it makes no more of
// them, the error is a *NotShownError.
func (t *Tab) Wait(ctx context.Context, function string, limit time.Duration, out any) error {
	begun := time.Now()
	waitCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go t.traffic.watch(waitCtx, t.cfg.Grace, func() { cancel(errHopeless) })

	err := t.do(waitCtx, "wait for the page", limit, func(ctx context.Context) error {
		for {
			left := limit - time.Since(begun)
			value, err := t.evaluate(ctx, fmt.Sprintf("(%s)(%s, %d)", waitScript, function, left.Milliseconds()))
			switch {
			case err == nil && string(value) == "null":
				return context.DeadlineExceeded
			case err == nil && out == nil:
				return nil
			case err == nil:
				return json.Unmarshal(value, out)
			case !wentAway(err):
				return err
			}
			select { // the next page is not there yet
			case <-time.After(5 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	timeout := (*TimeoutError)(nil)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(context.Cause(waitCtx), errHopeless), errors.As(err, &timeout):
		failures, open, _ := t.traffic.state()
		return &NotShownError{After: time.Since(begun), Failures: failures, Pending: open}
	default:
		return err
	}
}

// errHopeless ends a Wait whose page has failed to get its data.
var errHopeless = errors.New("the page's requests failed")

// wentAway tells whether a script ended only because its page did.
func wentAway(err error) bool {
	answer := (*cdproto.Error)(nil)
	if !errors.As(err, &answer) {
		return false
	}
	for _, sign := range []string{
		"navigated or closed", "Promise was collected", "context was destroyed", "Cannot find context", "Cannot find default",
	} {
		if strings.Contains(answer.Message, sign) {
			return true
		}
	}
	return false
}

// place is the middle of an element in the window; Free means that nothing lies above it.
type place struct {
	X, Y float64
	Free bool
}

const placeScript = `(() => {
	const el = %s;
	if (!el) return null;
	window.fossaworkClicked = false;
	el.addEventListener('click', () => { window.fossaworkClicked = true; }, {capture: true, once: true});
	el.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
	const box = el.getBoundingClientRect();
	const X = box.left + box.width / 2, Y = box.top + box.height / 2;
	const top = box.width && box.height ? document.elementFromPoint(X, Y) : null;
	return {X, Y, Free: !!top && (el.contains(top) || top.contains(el))};
})()`

// lost tells whether a click has not reached its element: the mark is still down, and on the same page.
const lost = `window.fossaworkClicked === false`

// Click clicks on the element that a JavaScript expression gives, with the mouse where it can be reached, else by script. A busy browser
// drops what the mouse does before it has painted a page for the first time; a click that got lost so is made by script.
func (t *Tab) Click(ctx context.Context, element string) error {
	return t.do(ctx, "click", t.cfg.StepTimeout, func(ctx context.Context) error {
		value, err := t.evaluate(ctx, fmt.Sprintf(placeScript, element))
		if err != nil {
			return err
		}
		at := (*place)(nil)
		if err := json.Unmarshal(value, &at); err != nil {
			return err
		}
		if at == nil {
			return ErrNoElement
		}
		if !at.Free {
			_, err := t.evaluate(ctx, fmt.Sprintf("(%s).click()", element))
			return ignoreDeparture(err)
		}
		for _, kind := range []input.DispatchMouseEventType{
			input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased,
		} {
			params := input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: 1}
			if _, err := cdp.Call(ctx, t.target, input.DispatchMouseEvent, params); err != nil {
				return ignoreDeparture(err)
			}
		}
		_, err = t.evaluate(ctx, fmt.Sprintf("%s && !!(%s)?.click()", lost, element))
		return ignoreDeparture(err)
	})
}

// ignoreDeparture drops the error of a click that made its own page go away.
func ignoreDeparture(err error) error {
	if wentAway(err) {
		return nil
	}
	return err
}

// Type replaces the content of the field that a JavaScript expression gives. The text goes to the browser as input, never
// as a part of a script, and into no error.
func (t *Tab) Type(ctx context.Context, field, text string) error {
	return t.do(ctx, "type", t.cfg.StepTimeout, func(ctx context.Context) error {
		length := len(utf16.Encode([]rune(text)))
		for {
			value, err := t.evaluate(ctx, fmt.Sprintf(`(() => {
				const el = %s;
				if (!el) return false;
				el.focus();
				el.select();
				return document.activeElement === el;
			})()`, field))
			if err != nil {
				return err
			}
			if string(value) != "true" {
				return ErrNoElement
			}
			if _, err = cdp.Call(ctx, t.target, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
				return err
			}
			// What a busy browser drops must not go to the portal as a wrong password. The length tells; the text itself stays out of scripts.
			typed, err := t.evaluate(ctx, fmt.Sprintf(`(%s)?.value.length === %d`, field, length))
			if err != nil || string(typed) == "true" {
				return err
			}
		}
	})
}

// Cookies reads the cookies that the browser would send to an address.
func (t *Tab) Cookies(ctx context.Context, address string) ([]scrape.Cookie, error) {
	var found []scrape.Cookie
	err := t.do(ctx, "read cookies", t.cfg.StepTimeout, func(ctx context.Context) error {
		answer, err := cdp.Call(ctx, t.target, network.GetCookies, network.GetCookiesParams{URLs: []string{address}})
		if err != nil {
			return err
		}
		for _, c := range answer.Cookies {
			t.secrets.add(c.Value)
			cookie := scrape.Cookie{
				Name: c.Name, Value: scrape.NewSecret(c.Value), Domain: c.Domain, Path: c.Path,
				HTTPOnly: c.HTTPOnly, Secure: c.Secure,
			}
			if !c.Session && c.Expires > 0 {
				cookie.Expires = time.UnixMilli(int64(c.Expires * 1000)).UTC()
			}
			found = append(found, cookie)
		}
		return nil
	})
	return found, err
}

// SetCookies puts cookies into the tab's context. A cookie whose domain has no leading dot belongs to that host alone.
func (t *Tab) SetCookies(ctx context.Context, address string, cookies []scrape.Cookie) error {
	if len(cookies) == 0 {
		return nil
	}
	at, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("set cookies: %w", err)
	}
	params := make([]*network.CookieParam, 0, len(cookies))
	for _, c := range cookies {
		t.Hide(c.Value)
		param := &network.CookieParam{
			Name: c.Name, Value: c.Value.Reveal(), Path: c.Path, HTTPOnly: c.HTTPOnly, Secure: c.Secure,
			URL: (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/"}).String(),
		}
		if strings.HasPrefix(c.Domain, ".") {
			param.Domain = c.Domain
		}
		if !c.Expires.IsZero() {
			param.Expires = cdp.TimeSinceEpoch(float64(c.Expires.UnixMilli()) / 1000)
		}
		params = append(params, param)
	}
	return t.do(ctx, "set cookies", t.cfg.StepTimeout, func(ctx context.Context) error {
		_, err := cdp.Call(ctx, t.target, network.SetCookies, network.SetCookiesParams{Cookies: params})
		return err
	})
}
