package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/fossawork/scheduler/scrape"
)

// EvidenceStore keeps what failed attempts have left.
type EvidenceStore interface {
	SaveAttempt(ctx context.Context, run scrape.RunID, attempt scrape.Attempt, files []scrape.EvidenceFile) error
	// PruneEvidence drops the files of all but the newest runs of the run's owner that have any, and those taken before then.
	PruneEvidence(ctx context.Context, owner scrape.UserID, keepRuns int, before time.Time) (int, error)
	Run(ctx context.Context, id scrape.RunID) (scrape.Run, error)
}

// Evidence keeps what pages were like when a step failed, within limits.
type Evidence struct {
	Store    EvidenceStore
	KeepRuns int           // of a user
	KeepFor  time.Duration // since it was taken
	Now      func() time.Time
}

const (
	// evidenceTimeout bounds the keeping: the run goes on without it.
	evidenceTimeout = 5 * time.Second
	// notesPerStep bounds what one attempt may leave.
	notesPerStep = 5
)

// keep notes a failed attempt of the running step. What is no failure at the portal or of ours leaves no attempt: a cancel, a stop of
// the worker, waiting for a place.
func (e *Evidence) keep(ctx context.Context, run scrape.RunID, err error) {
	kind := scrape.KindOf(err)
	if errors.Is(err, errPaused) { // the portal was not asked
		return
	}
	if ctx.Err() != nil || !kind.AboutPage() {
		return
	}
	attempt := scrape.Attempt{Kind: kind, Message: scrape.MessageOf(err)}
	var known *scrape.Error
	if errors.As(err, &known) {
		attempt.Missing, attempt.Evidence = known.Missing, known.Evidence
		if known.Err != nil && kind.AboutPortal() {
			attempt.Detail = known.Err.Error()
		}
	}
	e.save(ctx, run, attempt, "")
}

// notes gives a step the means to keep evidence of what looks wrong although nothing failed.
func (e *Evidence) notes(run scrape.RunID) func(ctx context.Context, kind scrape.Kind, message string, look scrape.Look) {
	var taken atomic.Int32
	return func(ctx context.Context, kind scrape.Kind, message string, look scrape.Look) {
		n := taken.Add(1)
		if n > notesPerStep {
			return
		}
		attempt := scrape.Attempt{Kind: kind, Message: message}
		evidence, err := look(ctx)
		if err != nil {
			activity.GetLogger(ctx).Warn("no evidence taken", "error", err.Error())
		} else {
			attempt.Evidence = &evidence
		}
		e.save(ctx, run, attempt, fmt.Sprintf("-%d", n))
	}
}

func (e *Evidence) save(ctx context.Context, run scrape.RunID, attempt scrape.Attempt, suffix string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), evidenceTimeout)
	defer cancel()
	info := activity.GetInfo(ctx)
	attempt.Step, attempt.Number, attempt.At = info.ActivityType.Name, int(info.Attempt), e.Now().UTC()
	if err := e.Store.SaveAttempt(ctx, run, attempt, evidenceFiles(attempt, info.ActivityID, suffix)); err != nil {
		activity.GetLogger(ctx).Warn("evidence not kept", "error", err.Error())
		return
	}
	owner, err := e.Store.Run(ctx, run)
	if err == nil {
		_, err = e.Store.PruneEvidence(ctx, owner.UserID, e.KeepRuns, e.Now().UTC().Add(-e.KeepFor))
	}
	if err != nil {
		activity.GetLogger(ctx).Warn("old evidence not dropped", "error", err.Error())
	}
}

// evidenceFiles are the files of an attempt: what the page showed, its elements, and what it said and asked for. The activity's id tells the
// batches of a step apart.
func evidenceFiles(attempt scrape.Attempt, activityID, suffix string) []scrape.EvidenceFile {
	found := attempt.Evidence
	if found == nil {
		return nil
	}
	prefix := fmt.Sprintf("%s-%s-%d%s-", strings.ToLower(attempt.Step), activityID, attempt.Number, suffix)
	var files []scrape.EvidenceFile
	add := func(name, contentType string, body []byte) {
		if len(body) > 0 {
			files = append(files, scrape.EvidenceFile{
				Name: prefix + name, ContentType: contentType, Step: attempt.Step, Attempt: attempt.Number, Size: len(body),
				TakenAt: found.TakenAt, Body: body,
			})
		}
	}
	picture := "screenshot.png"
	if found.ScreenshotType == "image/jpeg" {
		picture = "screenshot.jpg"
	}
	add(picture, found.ScreenshotType, found.Screenshot)
	add("page.html", "text/html", []byte(found.DOM))
	add("console.json", "application/json", asDocument(found.Console))
	add("network.json", "application/json", asDocument(found.Network))
	add("about.json", "application/json", asDocument(map[string]any{
		"url": found.URL, "title": found.Title, "taken_at": found.TakenAt, "notes": found.Notes,
		"message": attempt.Message, "kind": attempt.Kind, "missing": attempt.Missing,
	}))
	return files
}

func asDocument(value any) []byte {
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return nil
	}
	return text
}

// evidenceOf is the evidence that an error carries; nil when it has none.
func evidenceOf(err error) *scrape.Evidence {
	var e *scrape.Error
	if errors.As(err, &e) {
		return e.Evidence
	}
	return nil
}
