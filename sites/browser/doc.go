// Package browser runs one headless Chromium for whoever has pages to read, and gives each unit of work a tab in an
// isolated context of its own. It knows the browser's protocol and nothing of any site: what a page means is decided by
// the package of the site.
//
// Chromium starts at first use, is replaced when it has died or grown, and is gone after Close.
package browser
