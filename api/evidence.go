package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

// MissingElement names what a page lacked. It is exported because Huma describes embedded structs only then.
type MissingElement struct {
	Page     *string `json:"page" doc:"The page that lacked an element." example:"work-order list"`
	Element  *string `json:"element" doc:"The element, in words." example:"list of work orders"`
	Selector *string `json:"selector" doc:"The CSS selector that found nothing." example:".work-list-item"`
}

func missingOf(missing *scrape.Missing) MissingElement {
	if missing == nil {
		return MissingElement{}
	}
	return MissingElement{Page: textOrNil(missing.Page), Element: textOrNil(missing.Element), Selector: textOrNil(missing.Selector)}
}

// attempt is one failed try of a step, or a result that looked wrong.
type attempt struct {
	Step    string    `json:"step" doc:"The name of the activity in the Temporal UI." example:"CollectWorkOrders"`
	Number  int       `json:"number" doc:"Which try it was, from 1." example:"1"`
	At      time.Time `json:"at"`
	Kind    *string   `json:"kind" doc:"What went wrong, as one word; null for a result that looked wrong although nothing failed." example:"layout_changed"`
	Message string    `json:"message" doc:"The same as a sentence."`
	Detail  string    `json:"detail" doc:"The causes, for people who look after the scraper."`
	MissingElement
}

// evidenceFile is one file of a run's evidence.
type evidenceFile struct {
	Name        string    `json:"name" example:"collectworkorders-1-screenshot.jpg"`
	URL         string    `json:"url" doc:"Where to get it, below this server; it needs the token as everything else." example:"/api/runs/501/evidence/collectworkorders-1-screenshot.jpg"`
	ContentType string    `json:"content_type" doc:"What it is. A page's elements are text/html and are served as text/plain." example:"image/jpeg"`
	Size        int       `json:"size" doc:"Bytes." example:"48213"`
	Step        string    `json:"step" example:"CollectWorkOrders"`
	Attempt     int       `json:"attempt" doc:"The try of the step that it belongs to." example:"1"`
	TakenAt     time.Time `json:"taken_at"`
}

type errorLog struct {
	ErrorType    outcome   `json:"error_type" doc:"The outcome."`
	ErrorMessage string    `json:"error_message" doc:"Why it failed, or what looked wrong, as a sentence." example:"WorkFossa does not answer."`
	Traceback    string    `json:"traceback" doc:"The causes, one a line; what is ours only is in the logs under the reference."`
	Timestamp    time.Time `json:"timestamp"`
	UserID       string    `json:"user_id"`
	Reference    string    `json:"reference" doc:"What to look for in the logs and in the Temporal UI."`

	Step *string `json:"step" doc:"The step of the newest attempt; null when no step failed."`
	MissingElement
	Attempts []attempt      `json:"attempts" doc:"Every failed try of a step, and every result that looked wrong, oldest first."`
	Evidence []evidenceFile `json:"evidence" doc:"What the portal's page was like: pictures, elements, console and network. Passwords, cookies and codes are masked."`
}

type errorLogReply struct {
	Success   bool      `json:"success"`
	ErrorLog  errorLog  `json:"error_log"`
	HistoryID int64     `json:"history_id"`
	Timestamp time.Time `json:"timestamp"`
}

type evidenceInput struct {
	ScheduleParam
	HistoryID int64  `path:"history_id" doc:"Id of a run." example:"501"`
	Name      string `path:"name" doc:"Name of a file, from the list."`
}

type runEvidenceInput struct {
	RunParam
	Name string `path:"name" doc:"Name of a file, from the list."`
}

// evidenceOutput is a file. The portal's elements were written by others: no browser may run them on our origin.
type evidenceOutput struct {
	ContentType           string `header:"Content-Type"`
	ContentSecurityPolicy string `header:"Content-Security-Policy"`
	ContentTypeOptions    string `header:"X-Content-Type-Options"`
	CacheControl          string `header:"Cache-Control"`
	Body                  []byte
}

const (
	listEvidence = "Pictures, elements, console and network of the portal's page, for each step that failed or looked wrong. Files are dropped after a while; " +
		"then the list is empty."
	getEvidence = "Elements of a page are served as text, so that no browser runs them. A name that the list does not have is 404."
)

func (e *edge) registerEvidence() {
	operation := func(id, path, summary, description string) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{tagHistory}, Summary: summary, Description: description,
			Errors: []int{http.StatusNotFound},
		})
	}
	file := func(id, path, summary string) huma.Operation {
		out := operation(id, path, summary, getEvidence)
		out.Responses = map[string]*huma.Response{"200": {Description: "The file.", Content: fileContent()}}
		return out
	}
	const history = schedulesPath + "/{id}/history/{history_id}"
	handle(e, operation("get-error-log", history+"/error-log", "Why a run failed",
		"Also why a result was held. The attempts and the evidence say which element on which page was missing."), e.getErrorLog)
	handle(e, operation("list-evidence", history+"/evidence", "List the evidence of a run of a schedule", listEvidence), e.listEvidence)
	handle(e, file("get-evidence", history+"/evidence/{name}", "Get a file of the evidence of a run of a schedule"), e.getEvidence)
	handle(e, operation("list-run-evidence", runsPath+"/{id}/evidence", "List the evidence of a run", listEvidence),
		func(ctx context.Context, in *RunParam) (*body[[]evidenceFile], error) {
			return e.evidenceList(ctx, in.ID)
		})
	handle(e, file("get-run-evidence", runsPath+"/{id}/evidence/{name}", "Get a file of the evidence of a run"),
		func(ctx context.Context, in *runEvidenceInput) (*evidenceOutput, error) {
			return e.evidence(ctx, in.ID, in.Name)
		})
}

// fileContent describes the kinds of files; a fresh one for each operation, since Huma writes into it.
func fileContent() map[string]*huma.MediaType {
	text := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	return map[string]*huma.MediaType{
		"image/jpeg": binary, "image/png": binary, "text/plain": text, "application/json": {Schema: &huma.Schema{}}, "application/octet-stream": binary,
	}
}

func (e *edge) getErrorLog(ctx context.Context, in *historyRowInput) (*body[errorLogReply], error) {
	if _, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID)); err != nil {
		return nil, err
	}
	found, err := e.Runs.Get(ctx, caller(ctx).ID, scrape.RunID(in.HistoryID))
	if err != nil {
		return nil, err
	}
	if !hasErrorLog(found) {
		return nil, scrape.Errorf(scrape.KindNotFound, "No error log available for this run")
	}
	at := utc(*found.CompletedAt)
	log := errorLog{
		ErrorType: outcome(found.Outcome), ErrorMessage: found.ErrorMessage, Traceback: found.ErrorDetail,
		Timestamp: at, UserID: string(found.UserID), Reference: found.WorkflowID,
	}
	if err := e.addAttempts(ctx, found.ID, &log); err != nil {
		return nil, err
	}
	return reply(errorLogReply{Success: true, HistoryID: in.HistoryID, Timestamp: at, ErrorLog: log}), nil
}

// addAttempts adds what was noted of the single tries. The newest one is what the log itself speaks of.
func (e *edge) addAttempts(ctx context.Context, id scrape.RunID, log *errorLog) error {
	found, err := e.Runs.Attempts(ctx, caller(ctx).ID, id)
	if err != nil {
		return err
	}
	files, err := e.Runs.EvidenceFiles(ctx, caller(ctx).ID, id)
	if err != nil {
		return err
	}
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b scrape.Attempt) int { return a.At.Compare(b.At) })
	log.Attempts, log.Evidence = make([]attempt, 0, len(found)), evidenceOf(id, files)
	for _, a := range found {
		log.Attempts = append(log.Attempts, attempt{
			Step: a.Step, Number: a.Number, At: utc(a.At), Kind: textOrNil(string(a.Kind)), Message: a.Message, Detail: a.Detail,
			MissingElement: missingOf(a.Missing),
		})
	}
	if last := len(found) - 1; last >= 0 {
		log.Step, log.MissingElement = textOrNil(found[last].Step), missingOf(found[last].Missing)
	}
	return nil
}

func evidenceOf(id scrape.RunID, files []scrape.EvidenceFile) []evidenceFile {
	out := make([]evidenceFile, 0, len(files))
	for _, file := range files {
		out = append(out, evidenceFile{
			Name: file.Name, URL: runsPath + "/" + id.String() + "/evidence/" + url.PathEscape(file.Name), ContentType: file.ContentType,
			Size: file.Size, Step: file.Step, Attempt: file.Attempt, TakenAt: utc(file.TakenAt),
		})
	}
	return out
}

func (e *edge) listEvidence(ctx context.Context, in *historyRowInput) (*body[[]evidenceFile], error) {
	if _, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID)); err != nil {
		return nil, err
	}
	return e.evidenceList(ctx, in.HistoryID)
}

func (e *edge) evidenceList(ctx context.Context, id int64) (*body[[]evidenceFile], error) {
	if _, err := e.Runs.Get(ctx, caller(ctx).ID, scrape.RunID(id)); err != nil {
		return nil, err
	}
	files, err := e.Runs.EvidenceFiles(ctx, caller(ctx).ID, scrape.RunID(id))
	if err != nil {
		return nil, err
	}
	return reply(evidenceOf(scrape.RunID(id), files)), nil
}

func (e *edge) getEvidence(ctx context.Context, in *evidenceInput) (*evidenceOutput, error) {
	if _, err := e.Schedules.Get(ctx, caller(ctx).ID, scrape.ScheduleID(in.ID)); err != nil {
		return nil, err
	}
	return e.evidence(ctx, in.HistoryID, in.Name)
}

func (e *edge) evidence(ctx context.Context, id int64, name string) (*evidenceOutput, error) {
	file, err := e.Runs.EvidenceFile(ctx, caller(ctx).ID, scrape.RunID(id), name)
	if err != nil {
		return nil, err
	}
	return &evidenceOutput{
		ContentType: servedType(file.ContentType), ContentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
		ContentTypeOptions: "nosniff", CacheControl: "private, max-age=86400, immutable", Body: file.Body,
	}, nil
}

// servedType is the type under which a file is harmless on our origin: pictures without a language of their own as they are, everything
// that a browser would render or run as text.
func servedType(stored string) string {
	kind, _, _ := strings.Cut(stored, ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); {
	case kind == "image/jpeg", kind == "image/png", kind == "image/webp", kind == "image/gif":
		return kind
	case kind == "application/json":
		return kind
	case strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "xml"), strings.HasSuffix(kind, "javascript"):
		return "text/plain; charset=utf-8"
	default:
		return "application/octet-stream"
	}
}
