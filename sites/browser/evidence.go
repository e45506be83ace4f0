package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/domsnapshot"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/fossawork/scheduler/scrape"
)

// The page's side of taking evidence: an object with functions.
//
//go:embed evidence.js
var evidenceScript string

const (
	longestDOM     = 1 << 20 // bytes
	longestRaw     = 2 << 20 // characters that the page hands over before they are masked
	largestPicture = 500_000 // bytes
	shortestStored = 16      // characters: what a page keeps in its storage and is shorter is no secret
	pictureTime    = 1500 * time.Millisecond
	restoreTime    = time.Second
)

// secrets are what a tab is known to hold and must not show.
type secrets struct {
	mu  sync.Mutex
	all map[string]bool
}

func (s *secrets) add(texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]bool{}
	}
	for _, text := range texts {
		if text != "" {
			s.all[text] = true
		}
	}
}

func (s *secrets) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]string, 0, len(s.all))
	for text := range s.all {
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

// Hide names texts that no evidence of the tab may hold. Cookies need not be named.
func (t *Tab) Hide(texts ...scrape.Secret) {
	for _, text := range texts {
		t.secrets.add(text.Reveal())
	}
}

// Evidence tells what the page is like at this moment: its picture, its elements, its console and its requests since the tab was
// opened. What was typed, cookies, tokens, one-time codes and texts named to Hide are masked, and so are the values in the queries of
// addresses, except those of shownParameters. The page is as before afterwards.
//
// It never fails: what could not be taken, also because ctx ended, is left out and named in Notes.
func (t *Tab) Evidence(ctx context.Context, shownParameters ...string) scrape.Evidence {
	found := scrape.Evidence{TakenAt: time.Now().UTC()}
	note := func(sentence string) { found.Notes = append(found.Notes, sentence) }

	seen, world, err := t.gather(ctx)
	veil := newVeil(t.secrets.list(), shownParameters)
	if err == nil {
		found.URL, found.Title = veil.address(seen.URL), veil.text(seen.Title)
		veil = t.picture(ctx, world, veil, shownParameters, &found)
	} else {
		found.URL = veil.address(t.traffic.mainDocument().URL)
		note("There is no picture and there are no elements: " + unasked(err))
	}
	lost := false
	if found.Console, found.Network, lost = t.record.veiled(veil); lost {
		note(fmt.Sprintf("Only the last %d lines of the console and the last %d requests are kept.", keptLines, keptExchanges))
	}
	return found
}

// unasked says why a page told nothing, without its own words.
func unasked(err error) string {
	timeout := (*TimeoutError)(nil)
	switch {
	case errors.Is(err, ErrClosed):
		return "the browser was being closed."
	case errors.Is(err, ErrDied):
		return "the browser or the page's process died."
	case errors.As(err, &timeout), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "the page did not answer in time."
	default:
		return "the page could not be asked."
	}
}

// sight is what the page's side of gather gives.
type sight struct {
	URL, Title     string
	Stored, Tokens []string
}

// gather adds to the known secrets what the page holds, and gives the world in which the page's side lives.
func (t *Tab) gather(ctx context.Context) (seen sight, world runtime.ExecutionContextID, err error) {
	err = t.do(ctx, "gather what must not be shown", t.cfg.StepTimeout, func(ctx context.Context) error {
		jar, err := t.jar(ctx)
		if err != nil {
			return err
		}
		for _, cookie := range jar {
			t.secrets.add(cookie.Value)
		}
		made, err := cdp.Call(ctx, t.target, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
			FrameID: cdp.FrameID(t.target.TargetID), WorldName: "evidence",
		})
		if err != nil {
			return err
		}
		world = made.ExecutionContextID
		return t.ask(ctx, world, "(globalThis.evidence = "+evidenceScript+").gather()", &seen)
	})
	if err != nil {
		return sight{}, 0, err
	}
	t.secrets.add(seen.Tokens...)
	for _, text := range seen.Stored {
		if len([]rune(text)) >= shortestStored {
			t.secrets.add(text)
			t.secrets.add(tokensIn(text)...)
		}
	}
	return seen, world, nil
}

// tokensIn are the longer words of a stored JSON document, at any depth.
func tokensIn(document string) []string {
	var value any
	if json.Unmarshal([]byte(document), &value) != nil {
		return nil
	}
	var found []string
	pending := []any{value}
	for len(pending) > 0 {
		one := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		switch one := one.(type) {
		case string:
			if len([]rune(one)) >= shortestStored && !strings.ContainsAny(one, " /") {
				found = append(found, one)
			}
		case []any:
			pending = append(pending, one...)
		case map[string]any:
			for _, member := range one {
				pending = append(pending, member)
			}
		}
	}
	return found
}

// ask evaluates an expression in one world of the page.
func (t *Tab) ask(ctx context.Context, world runtime.ExecutionContextID, expression string, out any) error {
	yes := true
	answer, err := cdp.Call(ctx, t.target, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ReturnByValue: &yes, ContextID: world, Silent: &yes,
	})
	switch {
	case err != nil:
		return err
	case answer.ExceptionDetails != nil:
		return &chromedp.ExceptionError{ExceptionDetails: answer.ExceptionDetails}
	case answer.Result == nil || len(answer.Result.Value) == 0:
		return errors.New("no answer")
	}
	return json.Unmarshal(answer.Result.Value, out)
}

// picture takes the elements and the screenshot of the masked page, and unmasks it. It gives the veil with the one-time codes that
// the page shows.
func (t *Tab) picture(ctx context.Context, world runtime.ExecutionContextID, v *veil, shownParameters []string, found *scrape.Evidence) *veil {
	note := func(sentence string) { found.Notes = append(found.Notes, sentence) }
	rules, err := json.Marshal(map[string]any{
		"Secrets": v.forms, "Words": codeWords, "Code": codeForm, "Device": codeOfDevice, "Reach": codeReach, "Mask": masked, "Longest": longestRaw,
	})
	if err != nil {
		note("There is no picture and there are no elements: they could not be masked.")
		return v
	}
	var hidden struct {
		HTML   string
		Cut    bool
		Shadow bool
		Codes  []string
	}
	err = t.do(ctx, "mask the page", t.cfg.StepTimeout, func(ctx context.Context) error {
		return t.ask(ctx, world, fmt.Sprintf("evidence.hide(%s)", rules), &hidden)
	})
	if err == nil && len(hidden.Codes) > 0 {
		t.secrets.add(hidden.Codes...)
		v = newVeil(t.secrets.list(), shownParameters)
	}
	taken, pictureErr := []byte(nil), err
	if err == nil {
		taken, pictureErr = t.screenshot(ctx, v)
	}
	// Also when the time is over: whoever reads on needs the page as it was. That it can be unmasked proves that it is the same page.
	shown := false
	restoreErr := t.do(context.WithoutCancel(ctx), "unmask the page", restoreTime, func(ctx context.Context) error {
		return t.ask(ctx, world, "evidence.show()", &shown)
	})
	switch {
	case err != nil:
		note("There is no picture and there are no elements: " + unasked(err))
		return v
	case errors.Is(pictureErr, errUnmasked):
		note("There is no picture: it would have shown what must stay hidden.")
	case errors.Is(pictureErr, errLarge):
		note("There is no picture: it would be too large.")
	case pictureErr != nil:
		note("There is no picture: " + unasked(pictureErr))
	case restoreErr != nil:
		note("There is no picture: the page changed while it was taken.")
	default:
		found.Screenshot, found.ScreenshotType = taken, "image/jpeg"
	}
	dom, cut, domErr := v.elements(hidden.HTML)
	if domErr != nil {
		note("There are no elements: they could not be masked.")
		return v
	}
	found.DOM = dom
	if cut || hidden.Cut {
		note(fmt.Sprintf("The elements are cut off after %d bytes.", len(dom)))
	}
	if hidden.Shadow {
		note("The elements of shadow roots are left out.")
	}
	return v
}

var (
	errUnmasked = errors.New("the picture shows a secret")
	errLarge    = errors.New("the picture is too large")
)

// screenshot is the window as a JPEG. It must only be called while the page is masked.
func (t *Tab) screenshot(ctx context.Context, v *veil) (picture []byte, err error) {
	err = t.do(ctx, "take a picture", pictureTime, func(ctx context.Context) error {
		for _, quality := range []int64{60, 30} {
			taken, err := cdp.Call(ctx, t.target, page.CaptureScreenshot, page.CaptureScreenshotParams{
				Format: page.CaptureScreenshotFormatJpeg, Quality: &quality,
			})
			if err != nil {
				return err
			}
			if picture = taken.Data; len(picture) <= largestPicture {
				return t.checkMasked(ctx, v)
			}
		}
		return errLarge
	})
	if err != nil {
		return nil, err
	}
	return picture, nil
}

// checkMasked looks at the texts that were painted, also where scripts cannot: in closed shadow roots and before and after elements.
func (t *Tab) checkMasked(ctx context.Context, v *veil) error {
	painted, err := cdp.Call(ctx, t.target, domsnapshot.CaptureSnapshot, domsnapshot.CaptureSnapshotParams{ComputedStyles: []string{}})
	if err != nil {
		return err
	}
	if len(painted.Documents) == 0 {
		return errUnmasked // nothing is known of it
	}
	if v.holds(paintedText(painted.Documents[0], painted.Strings)) {
		return errUnmasked
	}
	return nil
}

// paintedText is the text of a document's layout without that of its fields, whose content is transparent.
func paintedText(document *domsnapshot.DocumentSnapshot, texts []string) string {
	if document.Layout == nil || document.Nodes == nil {
		return ""
	}
	var all strings.Builder
	for i, text := range document.Layout.Text {
		if text >= 0 && int(text) < len(texts) && i < len(document.Layout.NodeIndex) && !inField(document.Nodes, texts, document.Layout.NodeIndex[i]) {
			all.WriteString(texts[text])
		}
	}
	return all.String()
}

func inField(nodes *domsnapshot.NodeTreeSnapshot, texts []string, node int64) bool {
	for node >= 0 && int(node) < len(nodes.NodeName) && int(node) < len(nodes.ParentIndex) {
		if name := nodes.NodeName[node]; name >= 0 && int(name) < len(texts) {
			switch texts[name] {
			case "INPUT", "TEXTAREA", "SELECT":
				return true
			}
		}
		node = nodes.ParentIndex[node]
	}
	return false
}
