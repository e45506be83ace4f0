// Package jobs holds the job types: what a run collects, in which steps, and with which settings. Each type is one registration in a file
// of its own in this folder; everything else (the API's enum and forms, the OpenAPI document, the steps that workers offer, the metrics)
// is made from the registrations. docs/jobs.md shows how to add one.
package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

// Job is the registration of one job type.
type Job struct {
	Type        scrape.JobType
	Title       string // "Work orders"
	Description string // a sentence for people who choose what to schedule
	Portal      bool   // it goes to the portal, and so needs a login

	// After are the types whose data this one builds on: a scheduled run of it waits for the user's runs of those types that began before
	// it and are still going, so that slots at the same time bring a result that fits together.
	After []scrape.JobType

	// Settings gives the type's settings with their defaults: a pointer to a struct with json, doc, minimum and maximum tags. Unknown
	// members are refused; what Validate refuses is refused.
	Settings func() Settings

	// Steps are carried out in this order. A step that names an outcome is the last one.
	Steps []Step

	// Accept applies what a run of this type holds back, because a person has found it right. Discard drops it. Nil for types that hold
	// nothing back.
	Accept, Discard func(ctx context.Context, store Store, decision Decision) (scrape.Run, error)
}

// Settings are what a schedule says about its job.
type Settings interface{ Validate() error }

// Place says where a step is carried out.
type Place string

// The places.
const (
	AtPortal Place = "portal" // on the browser queue, with a session and a tab; it heartbeats and may be cancelled in the middle
	AtStore  Place = "store"  // on the scrape queue: short, and in one transaction or harmless to repeat
)

// Step is one step of a run. Temporal carries it out as an activity of that name, at least once: a step that was cut off is begun anew,
// on any worker, and has to go on from what the store says.
type Step struct {
	Name string // unique over all job types: CollectWorkOrders
	At   Place
	Do   func(ctx context.Context, run Run) (Result, error)
}

// Run is what a step is given.
type Run struct {
	scrape.Run
	Settings Settings // the type's own, with the schedule's values
	Store    Store
	Now      func() time.Time

	// Visit opens a tab that is signed in, for steps at the portal. An error of the work ends the visit and is returned as it is. The
	// session's renewed cookies are kept.
	Visit func(ctx context.Context, work func(ctx context.Context, visit Visit) error) error
	// Say notes how far the run is; people and Temporal see it.
	Say func(ctx context.Context, progress scrape.Progress) error
	// Note keeps evidence of a result that looks wrong, although nothing failed.
	Note func(ctx context.Context, kind scrape.Kind, message string, look scrape.Look)
}

// Result is what a step reports. It goes through Temporal: counts and sentences, no data.
type Result struct {
	More    bool           `json:"more,omitempty"`    // the step is to be done again: a batch is done, or the session has ended
	SignIn  bool           `json:"sign_in,omitempty"` // with More: sign in first, the portal has shown its login form
	Session int64          `json:"session,omitempty"` // the version of the portal session that was used; set by who carries out the step
	Details string         `json:"details,omitempty"` // for the Temporal UI: how far the run is
	Outcome scrape.Outcome `json:"outcome,omitempty"` // how the run ended, from the step that decides it
	Message string         `json:"message,omitempty"` // what is missing or looked wrong
	Counts  scrape.Counts  `json:"counts"`
}

// Decision is a person's word about a held result.
type Decision struct {
	User scrape.UserID
	Run  scrape.RunID
	At   time.Time

	// Trial, when it is set, makes the decision a look at what it would do: it is filled in, and nothing is kept.
	Trial *scrape.Effect
}

// Visit is a signed-in tab at the portal.
type Visit interface {
	// WorkOrders reads the list from page from on and hands over each page once it has been read.
	WorkOrders(ctx context.Context, from int, each func(context.Context, scrape.ListPage) error) error
	// Location reads the dispensers of one location, named by its number or its page's address.
	Location(ctx context.Context, location string) (scrape.LocationResult, error)
	// Page opens another page of the portal and gives its elements once it shows what is waited for.
	Page(ctx context.Context, page PageRequest) (html string, err error)
	// Look takes evidence of the page that is open.
	Look(ctx context.Context) (scrape.Evidence, error)
}

// PageRequest is a page of the portal that a job reads by itself.
type PageRequest struct {
	Path    string // below the portal's origin, with its query: "/app/work/visits"
	Ready   string // a CSS selector that the page shows once it is complete: its absence is layout_changed
	Element string // what that is, in words, for that error
}

var registered []Job

// register adds a type; a mistake in a registration stops the program at its start.
func register(job Job) Job {
	if err := job.check(); err != nil {
		panic("jobs: " + err.Error())
	}
	registered = append(registered, job)
	return job
}

func (j Job) check() error {
	switch {
	case j.Type == "" || strings.Trim(string(j.Type), "abcdefghijklmnopqrstuvwxyz_") != "":
		return fmt.Errorf("type %q: lower-case letters and underscores", j.Type)
	case j.Title == "" || j.Description == "":
		return fmt.Errorf("%s: no title or description", j.Type)
	case j.Settings == nil || len(j.Steps) == 0:
		return fmt.Errorf("%s: no settings or no steps", j.Type)
	case j.Settings().Validate() != nil:
		return fmt.Errorf("%s: its default settings are not valid: %w", j.Type, j.Settings().Validate())
	case (j.Accept == nil) != (j.Discard == nil):
		return fmt.Errorf("%s: accept and discard go together", j.Type)
	}
	for _, other := range registered {
		if other.Type == j.Type {
			return fmt.Errorf("%s is registered twice", j.Type)
		}
	}
	if slices.Contains(j.After, j.Type) {
		return fmt.Errorf("%s: it waits for itself", j.Type)
	}
	names := map[string]bool{}
	for _, step := range j.Steps {
		if err := j.checkStep(step); err != nil {
			return err
		}
		if names[step.Name] {
			return fmt.Errorf("%s: step %s is there twice", j.Type, step.Name)
		}
		names[step.Name] = true
	}
	return nil
}

func (j Job) checkStep(step Step) error {
	_, known := FindStep(step.Name)
	switch {
	case !stepName.MatchString(step.Name):
		return fmt.Errorf("%s: step %q: a name such as CollectWorkOrders, of letters and digits", j.Type, step.Name)
	case step.Do == nil:
		return fmt.Errorf("%s: step %s does nothing", j.Type, step.Name)
	case step.At != AtPortal && step.At != AtStore:
		return fmt.Errorf("%s: step %s is carried out nowhere", j.Type, step.Name)
	case step.At == AtPortal && !j.Portal:
		return fmt.Errorf("%s: step %s goes to the portal, the job does not", j.Type, step.Name)
	case known:
		return fmt.Errorf("%s: step %s belongs to another job", j.Type, step.Name)
	}
	return nil
}

var stepName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// All lists the types by name.
func All() []Job {
	all := slices.Clone(registered)
	slices.SortFunc(all, func(a, b Job) int { return strings.Compare(string(a.Type), string(b.Type)) })
	return all
}

// Types lists the names.
func Types() []scrape.JobType {
	var types []scrape.JobType
	for _, job := range All() {
		types = append(types, job.Type)
	}
	return types
}

// Titles are the types' names for people, as in a sentence: "work orders and dispensers".
func Titles(types []scrape.JobType) string {
	var titles []string
	for _, name := range types {
		if job, err := Find(name); err == nil {
			titles = append(titles, strings.ToLower(job.Title))
		}
	}
	return strings.Join(titles, " and ")
}

// Find gives the registration of a type; invalid when nothing can run it.
func Find(name scrape.JobType) (Job, error) {
	for _, job := range registered {
		if job.Type == name {
			return job, nil
		}
	}
	var names []string
	for _, job := range All() {
		names = append(names, string(job.Type))
	}
	return Job{}, scrape.Invalid("schedule_type", "There is no schedule type %q. Use one of: %s.", string(name), strings.Join(names, ", "))
}

// FindStep gives a step by its name, over all types.
func FindStep(name string) (Step, bool) {
	for _, job := range registered {
		for _, step := range job.Steps {
			if step.Name == name {
				return step, true
			}
		}
	}
	return Step{}, false
}

// ParseSettings reads a type's settings: the defaults with what the document says otherwise. An empty document is the defaults.
func (j Job) ParseSettings(document []byte) (Settings, error) {
	settings := j.Settings()
	if len(document) > 0 {
		decoder := json.NewDecoder(strings.NewReader(string(document)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(settings); err != nil {
			return nil, scrape.Invalid("settings", "These settings do not fit the type %s. GET /api/job-types shows which there are.", j.Type).Because(err)
		}
	}
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	return settings, nil
}
