package scrape

import (
	"context"
	"time"
)

// Missing names the element that a page lacks.
type Missing struct {
	Page     string `json:"page"`     // "work-order list"
	Element  string `json:"element"`  // "list of work orders"
	Selector string `json:"selector"` // ".work-list-item"
}

// Evidence is what a page was like at one moment, for people who have to find out what went wrong. What was typed, cookies, tokens and
// one-time codes are masked in it before it leaves the browser's package.
type Evidence struct {
	TakenAt        time.Time
	URL            string // without the values of its query
	Title          string
	Screenshot     []byte
	ScreenshotType string // "image/jpeg"; empty without a screenshot
	DOM            string // the page's elements, without scripts
	Console        []ConsoleLine
	Network        []Exchange
	Notes          []string // what is left out, and why
}

// ConsoleLine is one line of a page's console.
type ConsoleLine struct {
	At    time.Time `json:"at"`
	Level string    `json:"level"` // log, warning, error, exception
	Text  string    `json:"text"`
}

// Exchange is one request of a page and what came back. It has neither headers nor bodies.
type Exchange struct {
	At       time.Time `json:"at"`
	Method   string    `json:"method"`
	URL      string    `json:"url"` // without the values of its query
	Type     string    `json:"type,omitempty"`
	Status   int       `json:"status,omitempty"`
	Failure  string    `json:"failure,omitempty"` // the browser's words when there was no answer
	Duration int64     `json:"duration_ms"`
}

// Look takes evidence of the page that is being read.
type Look func(ctx context.Context) (Evidence, error)

// Attempt is one failed try of a step of a run.
type Attempt struct {
	Step    string // the activity's name
	Number  int    // from 1, as Temporal counts
	At      time.Time
	Kind    Kind // empty for evidence of a result that looked wrong
	Message string
	Detail  string // the cause, for people who look after the scraper
	Missing *Missing

	Evidence *Evidence // nil when there is none, and when attempts are listed: their files are EvidenceFiles
}

// EvidenceFile is one file of a run's evidence.
type EvidenceFile struct {
	Name        string // "collectworkorders-12-1-screenshot.jpg": letters, digits, dashes and one dot
	ContentType string
	Step        string
	Attempt     int
	Size        int
	TakenAt     time.Time
	Body        []byte // nil in lists
}
