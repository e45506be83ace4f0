package browser

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// Crash ends the process of the tab's page, as running out of memory does.
func (t *Tab) Crash(ctx context.Context) error {
	return t.do(ctx, "crash", t.cfg.StepTimeout, func(ctx context.Context) error {
		_, err := cdp.Call(ctx, t.target, page.Crash, cdp.Empty{})
		return err
	})
}

// HasSpare tells whether a blank tab is ready for the next unit of work.
func (b *Browser) HasSpare() bool {
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	return b.current != nil && b.current.spare != nil
}
