// Package portal reads the portal: it signs in with a headless browser, and in visits with the session's cookies it reads the
// work-order list, locations and other pages. What is known of the portal, and which of it this package relies on, is in docs/portal.md.
//
// The browser only renders. Scripts in the page tell when a page is ready and where to click; what the page says is taken
// from a snapshot of its elements by pure functions (ParseList, ClassifyPage). Everything that goes wrong becomes a kind of
// error in errors.go, with evidence of the page as it was. The package never stores anything and never makes up what the portal
// does not show.
package portal
