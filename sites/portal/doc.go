// Package portal reads the portal: it signs in with a headless browser and collects the work-order list. What is known of
// the portal, and which of it this package relies on, is in docs/portal.md.
//
// The browser only renders. Scripts in the page tell when a page is ready and where to click; what the page says is taken
// from a snapshot of its elements by pure functions (ParseList, ClassifyPage). Everything that goes wrong becomes a kind of
// error in errors.go. The package never stores anything and never makes up what the portal does not show.
package portal
