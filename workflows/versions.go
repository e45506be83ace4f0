package workflows

// Change ids for workflow.GetVersion, one constant per change to the order or kind of commands of a workflow that has run, with its
// date and what it guards; removed when no run older than it can exist (RunTimeout after the release).
const (
	// changeLateEnd, 2026-11-24: Scrape notes with NoteLateEnd that it has outlived its row.
	changeLateEnd = "late-end"
)
