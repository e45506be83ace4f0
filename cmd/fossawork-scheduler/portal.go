package main

import (
	"context"
	"log/slog"

	"github.com/fossawork/scheduler/internal/config"
	"github.com/fossawork/scheduler/sites/browser"
	"github.com/fossawork/scheduler/sites/portal"
)

// openPortal builds the portal's adapter. The browser starts with the first page that is wanted.
func openPortal(ctx context.Context, c config.Worker, log *slog.Logger) (*portal.Client, func(), error) {
	binary, err := browser.Find(c.Chromium)
	if err != nil {
		return nil, nil, err
	}
	chromium, err := browser.Start(ctx, browser.Config{ExecPath: binary, MaxTabs: c.BrowserTabs, NoSandbox: c.NoSandbox, Logger: log})
	if err != nil {
		return nil, nil, err
	}
	site, err := portal.New(portal.Config{BaseURL: c.PortalURL}, chromium, log)
	if err != nil {
		chromium.Close()
		return nil, nil, err
	}
	return site, func() { chromium.Close() }, nil
}
