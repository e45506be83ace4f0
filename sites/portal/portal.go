package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// Config says where the portal is and how patient to be. The zero value of a field but BaseURL means its default.
type Config struct {
	BaseURL string // the portal's origin: https://app.workfossa.com

	PageSize int // rows per page to ask for: 25, 50 or 100; 100

	NavigationTimeout time.Duration // until the portal begins to answer for a page; 30 s
	ContentTimeout    time.Duration // until a page shows what it is for; 20 s
	LoginTimeout      time.Duration // from the submitted form to a decision; 30 s

	LocationPause time.Duration // between two locations of one visit; 250 ms, negative for none
}

// Client reads one portal. It may be used by several goroutines; every sign-in and every visit has a tab of its own.
type Client struct {
	cfg     Config
	base    *url.URL
	browser *browser.Browser
	log     *slog.Logger
	now     func() time.Time

	mouse atomic.Bool // the page-size control has not answered to a script
}

// New checks the configuration and makes a client. A nil logger means silence.
func New(cfg Config, b *browser.Browser, logger *slog.Logger) (*Client, error) {
	base, err := url.Parse(strings.TrimSpace(cfg.BaseURL))
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return nil, fmt.Errorf("portal address %q: must be http(s)://host", cfg.BaseURL)
	}
	base = &url.URL{Scheme: base.Scheme, Host: base.Host, Path: "/"}
	if cfg.PageSize == 0 {
		cfg.PageSize = 100
	}
	if cfg.PageSize != 25 && cfg.PageSize != 50 && cfg.PageSize != 100 {
		return nil, fmt.Errorf("page size %d: the portal has 25, 50 and 100", cfg.PageSize)
	}
	if cfg.NavigationTimeout <= 0 {
		cfg.NavigationTimeout = 30 * time.Second
	}
	if cfg.ContentTimeout <= 0 {
		cfg.ContentTimeout = 20 * time.Second
	}
	if cfg.LoginTimeout <= 0 {
		cfg.LoginTimeout = 30 * time.Second
	}
	if cfg.LocationPause == 0 {
		cfg.LocationPause = 250 * time.Millisecond
	}
	if b == nil {
		return nil, errors.New("portal client without a browser")
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Client{cfg: cfg, base: base, browser: b, log: logger, now: time.Now}, nil
}

// open goes to an address of the portal and refuses an answer that cannot be a page.
func (c *Client) open(ctx context.Context, tab *browser.Tab, address string) error {
	response, err := c.navigate(ctx, tab, address)
	if err != nil {
		return err
	}
	return c.refused(response)
}

// navigate goes to an address. The page that is left is marked: Navigate returns when the answer begins, and until the next page is
// there the old one could be taken for it.
func (c *Client) navigate(ctx context.Context, tab *browser.Tab, address string) (browser.Response, error) {
	if err := tab.Eval(ctx, "window.fossaworkLeft = true", nil); err != nil {
		return browser.Response{}, c.translate(ctx, err)
	}
	response, err := tab.Navigate(ctx, address, c.cfg.NavigationTimeout)
	if err != nil {
		return browser.Response{}, c.translate(ctx, err)
	}
	return response, nil
}

// at is an address on the portal. The query is taken as it is, in the portal's own spelling.
func (c *Client) at(path, query string) string {
	u := *c.base
	u.Path, u.RawQuery = path, query
	return u.String()
}

// snapshot is the page's elements as they are now.
func (c *Client) snapshot(ctx context.Context, tab *browser.Tab) (string, error) {
	var html string
	if err := tab.Eval(ctx, "("+snapshotScript+")()", &html); err != nil {
		return "", c.translate(ctx, err)
	}
	return html, nil
}

// notShown says why a page did not show what it is for. missing names what a page of the right kind lacks.
func (c *Client) notShown(ctx context.Context, tab *browser.Tab, err error, missing func(html string) error) error {
	reason := (*browser.NotShownError)(nil)
	if !errors.As(err, &reason) {
		return c.translate(ctx, err)
	}
	if refusal := c.worst(reason.Failures); refusal != nil {
		return refusal
	}
	html, snapErr := c.snapshot(ctx, tab)
	if snapErr != nil {
		return snapErr
	}
	if kind, text := ClassifyPage(html); kind == PageLogin || kind == PageError {
		return pageError(kind, text).Because(err)
	}
	if reason.Pending > 0 {
		return scrape.Errorf(scrape.KindPortalDown, "The portal did not answer a request of its own page in time.").Because(err)
	}
	return missing(html)
}
