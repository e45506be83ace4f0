package portal

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// The page's side of waiting for any page: a function.
//
//go:embed page.js
var pageScript string

// visit is a signed-in tab.
type visit struct {
	c       *Client
	tab     *browser.Tab
	located bool // a location was read: the next one has to wait a moment
}

var _ jobs.Visit = (*visit)(nil)

// Visit opens one tab with the session's cookies for the work, in which any number of pages may be read, and closes it however the
// work ends. The error of the work is returned as it is; only what the browser itself says is put into our words.
//
// The session is that of the tab after the work, also when the work failed: the portal may have renewed its cookies. It is the zero
// Session when the tab cannot tell any more, or never came to be. After session_expired it is that of a stranger.
//
// Errors about a page carry evidence of it: layout_changed, portal_down, portal_throttled, session_expired, credentials_rejected,
// account_locked and internal, unless the caller's context has ended. The evidence is put into the error itself, which must
// therefore not be shared.
func (c *Client) Visit(
	ctx context.Context, session scrape.Session, work func(ctx context.Context, visit jobs.Visit) error,
) (scrape.Session, error) {
	var (
		after    scrape.Session
		fromWork error
	)
	err := c.browser.Tab(ctx, func(ctx context.Context, tab *browser.Tab) error {
		if err := tab.SetCookies(ctx, c.base.String(), session.Cookies); err != nil {
			err = c.translate(ctx, err)
			c.witness(ctx, tab, err)
			return err
		}
		fromWork = work(ctx, &visit{c: c, tab: tab})
		if known := (*scrape.Error)(nil); !errors.As(fromWork, &known) && c.fromBrowser(fromWork) != nil {
			fromWork = c.translate(ctx, fromWork)
		}
		c.witness(ctx, tab, fromWork)
		after = c.session(ctx, tab)
		return nil
	})
	if err != nil {
		return scrape.Session{}, c.translate(ctx, err)
	}
	return after, fromWork
}

// Limits of what is done for the caller after the work, also when the caller's time is over.
const (
	evidenceTime = 3 * time.Second
	sessionTime  = 2 * time.Second
)

// session is the tab's cookies for the portal; none when the tab cannot tell.
func (c *Client) session(ctx context.Context, tab *browser.Tab) scrape.Session {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sessionTime)
	defer cancel()
	cookies, err := tab.Cookies(ctx, c.base.String())
	if err != nil {
		c.log.WarnContext(ctx, "the session's cookies could not be read after the visit", "error", err)
		return scrape.Session{}
	}
	return scrape.Session{Cookies: cookies}
}

// witness adds evidence to an error about a page that has none yet.
func (c *Client) witness(ctx context.Context, tab *browser.Tab, err error) {
	failure := (*scrape.Error)(nil)
	if !errors.As(err, &failure) || failure.Evidence != nil || !failure.Kind.AboutPage() || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), evidenceTime)
	defer cancel()
	evidence := tab.Evidence(ctx, listParameters...)
	failure.Evidence = &evidence
}

// failed puts an error of a visit's step into our words, with evidence of the page as it is at this moment.
func (v *visit) failed(ctx context.Context, err error) error {
	err = v.c.translate(ctx, err)
	v.c.witness(ctx, v.tab, err)
	return err
}

// Look takes evidence of the page that is open. The error is that of the ended context: what cannot be taken is named in Notes.
func (v *visit) Look(ctx context.Context) (scrape.Evidence, error) {
	if err := ctx.Err(); err != nil {
		return scrape.Evidence{}, err
	}
	looking, cancel := context.WithTimeout(ctx, evidenceTime)
	defer cancel()
	evidence := v.tab.Evidence(looking, listParameters...)
	return evidence, ctx.Err()
}

// Page opens a page of the portal and gives its elements once it shows what is waited for. The kinds of its errors: invalid, before
// anything is opened, for what is no path of the portal; session_expired, portal_throttled, portal_down; layout_changed naming the
// element when it is not shown in time.
func (v *visit) Page(ctx context.Context, page jobs.PageRequest) (string, error) {
	path, err := url.Parse(page.Path)
	if err != nil || !strings.HasPrefix(page.Path, "/") || path.Host != "" || page.Ready == "" {
		return "", scrape.Invalid("path", "%q is no path of the portal, or it is not said how to know its page.", page.Path)
	}
	html, err := v.c.page(ctx, v.tab, v.c.base.ResolveReference(path).String(), "page "+path.Path, page)
	return html, v.failed(ctx, err)
}

func (c *Client) page(ctx context.Context, tab *browser.Tab, address, name string, page jobs.PageRequest) (string, error) {
	if err := c.open(ctx, tab, address); err != nil {
		return "", err
	}
	ready, err := json.Marshal(page.Ready)
	if err != nil {
		return "", fmt.Errorf("selector of a page: %w", err)
	}
	var shown struct {
		Login bool
		HTML  string
	}
	err = tab.Wait(ctx, fmt.Sprintf("() => (%s)(%s, %s)", pageScript, ready, snapshotScript), c.cfg.ContentTimeout, &shown)
	if err != nil {
		return "", c.notShown(ctx, tab, err, func(string) error { return layoutChanged(name, page.Element, page.Ready) })
	}
	if shown.Login {
		return "", pageError(PageLogin, "")
	}
	return shown.HTML, nil
}
