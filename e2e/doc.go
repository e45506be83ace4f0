// Package e2e tests the whole: the product's own program against a real Postgres, a real Temporal server, a real Chromium and the portal
// simulator. Everything the product does here it does as a separate process, so that it can be killed.
package e2e
