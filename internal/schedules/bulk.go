package schedules

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

const (
	// mostAtOnce is how many schedules one request may change.
	mostAtOnce = 1000
	// sideBySide is how many of them are put to Temporal at a time: enough to hide its answers' delay, too few to be in anybody's way.
	sideBySide = 8
)

// Action is what is done to many schedules.
type Action string

// The actions.
const (
	ActionPause  Action = "pause"
	ActionResume Action = "resume"
	ActionRun    Action = "run"
	ActionDelete Action = "delete"
)

// waitsForLogin tells whether no run can sign in: the portal has refused the stored login, or none is stored.
func waitsForLogin(s scrape.Schedule) bool {
	job, err := jobs.Find(s.JobType)
	return err == nil && job.Portal && (s.CredentialState == "" || s.CredentialState.Refused())
}

// BulkRequest names schedules by id or by a filter, never both, and what to do to them.
type BulkRequest struct {
	Action Action
	IDs    []scrape.ScheduleID
	Filter *scrape.ScheduleFilter // the zero filter stands for all; its After and Limit are not looked at
	Reason string                 // of a pause; may be empty
	Missed Missed                 // when they resume
	DryRun bool                   // only tell what would be done
}

// Result is what was done to one thing, in one word.
type Result string

// The results.
const (
	ResultDone      Result = "done" // in a dry run: would be
	ResultUnchanged Result = "unchanged"
	ResultFailed    Result = "failed"
)

// BulkItem is one schedule of a request.
type BulkItem struct {
	ID      scrape.ScheduleID
	JobType scrape.JobType // empty when there is no such schedule
	Name    string
	Result  Result
	Message string       // a sentence: why it is unchanged or failed, and what else there is to know
	RunID   scrape.RunID // the run that was started, or that is in the way
}

// BulkStore is what many schedules are chosen from.
type BulkStore interface {
	scheduleLister
	// RunningRuns tells which schedules of a user have a run that is going.
	RunningRuns(ctx context.Context, user scrape.UserID) (map[scrape.ScheduleID]scrape.RunID, error)
}

// Bulk changes many schedules at once.
type Bulk struct {
	Schedules *Service
	Store     BulkStore
}

// Do carries out a request: each schedule by itself, so that one that fails keeps no other. The items come in the order of the ids, or of
// the list. A dry run looks at the same things and changes nothing.
func (b Bulk) Do(ctx context.Context, user scrape.UserID, ask BulkRequest) ([]BulkItem, error) {
	if err := ask.check(); err != nil {
		return nil, err
	}
	chosen, items, err := b.choose(ctx, user, ask)
	if err != nil {
		return nil, err
	}
	var running map[scrape.ScheduleID]scrape.RunID
	if ask.Action == ActionRun {
		if running, err = b.Store.RunningRuns(ctx, user); err != nil {
			return nil, err
		}
	}
	for i, schedule := range chosen {
		if items[i].Result == "" {
			items[i].Result, items[i].Message, items[i].RunID = foresee(ask.Action, schedule, running)
		}
	}
	owed, err := b.foreseeRuns(ctx, ask, chosen, items)
	if err != nil {
		return nil, err
	}
	if ask.DryRun {
		return items, nil
	}
	temporal := &pushes{service: b.Schedules}
	sideBySideOver(len(items), func(i int) {
		if items[i].Result == ResultDone {
			b.carryOut(ctx, user, ask, chosen[i], temporal, &items[i])
			b.makeUp(ctx, chosen[i], owed, temporal, &items[i])
		}
	})
	b.Schedules.log.InfoContext(ctx, "schedules changed together", "action", string(ask.Action), "schedules", len(items), "user_id", user)
	return items, nil
}

func (r BulkRequest) check() error {
	switch {
	case !slices.Contains([]Action{ActionPause, ActionResume, ActionRun, ActionDelete}, r.Action):
		return scrape.Invalid("action", "action must be pause, resume, run or delete.")
	case (len(r.IDs) > 0) == (r.Filter != nil):
		return scrape.Invalid("ids", "Say which schedules: either their ids, or a filter. An empty filter stands for all of yours.")
	case len(r.IDs) > mostAtOnce:
		return tooMany(len(r.IDs))
	case r.Filter != nil && r.Filter.JobType != "":
		if _, err := jobs.Find(r.Filter.JobType); err != nil {
			return scrape.Invalid("filter.type", "%s", scrape.MessageOf(err))
		}
	}
	if r.Filter != nil {
		if err := r.Filter.Validate(); err != nil {
			return err
		}
	}
	if _, err := r.Missed.madeUp(); err != nil {
		return err
	}
	return checkReason("reason", r.Reason)
}

func checkReason(field, reason string) error {
	if len(reason) > longestReason {
		return scrape.Invalid(field, "%s must have at most %d characters.", field, longestReason)
	}
	return nil
}

func tooMany(n int) error {
	return scrape.Invalid("ids", "These are %d schedules. At most %d can be changed at once; narrow them down.", n, mostAtOnce)
}

// choose gives the schedules and their items. An id that is not among the user's own has an item that has failed, and no schedule.
func (b Bulk) choose(ctx context.Context, user scrape.UserID, ask BulkRequest) ([]scrape.Schedule, []BulkItem, error) {
	filter := scrape.ScheduleFilter{}
	if ask.Filter != nil {
		filter = *ask.Filter
		filter.After, filter.Limit = 0, 0
	}
	chosen, err := b.Schedules.list(ctx, b.Store, user, filter)
	if err != nil {
		return nil, nil, err
	}
	if ask.Filter == nil {
		chosen = byIDs(chosen, ask.IDs)
	}
	if len(chosen) > mostAtOnce {
		return nil, nil, tooMany(len(chosen))
	}
	items := make([]BulkItem, 0, len(chosen))
	for _, schedule := range chosen {
		item := BulkItem{ID: schedule.ID, JobType: schedule.JobType, Name: schedule.Name}
		if schedule.UserID == "" {
			item.Result, item.Message = ResultFailed, "Schedule not found"
		}
		items = append(items, item)
	}
	return chosen, items, nil
}

// byIDs picks schedules in the order of the ids, each once; one that is not there has its id alone.
func byIDs(own []scrape.Schedule, ids []scrape.ScheduleID) []scrape.Schedule {
	known := make(map[scrape.ScheduleID]scrape.Schedule, len(own))
	for _, schedule := range own {
		known[schedule.ID] = schedule
	}
	picked := make([]scrape.Schedule, 0, len(ids))
	seen := map[scrape.ScheduleID]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		schedule := known[id]
		schedule.ID = id
		picked = append(picked, schedule)
	}
	return picked
}

// foresee tells what an action would do to a schedule as it is.
func foresee(action Action, s scrape.Schedule, running map[scrape.ScheduleID]scrape.RunID) (Result, string, scrape.RunID) {
	run, going := running[s.ID]
	switch {
	case action == ActionPause && !s.Enabled:
		return ResultUnchanged, "It is paused already.", 0
	case action == ActionResume && s.Firing() && s.Status() == scrape.StatusActive:
		return ResultUnchanged, "It is active already.", 0
	case action == ActionRun && going:
		return ResultUnchanged, "A run of it is going already.", run
	case action == ActionRun && waitsForLogin(s):
		return ResultFailed, "WorkFossa does not accept the stored credentials, or there are none. Sign in again first.", 0
	default:
		return ResultDone, "", 0
	}
}

// foreseeRuns tells which of the schedules that resume get a run that makes up for the slots that have passed.
func (b Bulk) foreseeRuns(ctx context.Context, ask BulkRequest, chosen []scrape.Schedule, items []BulkItem) (map[scrape.ScheduleID]bool, error) {
	if wanted, err := ask.Missed.madeUp(); err != nil || !wanted || ask.Action != ActionResume {
		return nil, err
	}
	owed := map[scrape.ScheduleID]bool{}
	for i, schedule := range chosen {
		if items[i].Result != ResultDone {
			continue
		}
		since, err := b.Schedules.store.NotFiringSince(ctx, schedule.ID)
		if err != nil {
			return nil, err
		}
		if b.Schedules.owesRun(schedule, since) {
			owed[schedule.ID] = true
			items[i].Message = "One run makes up for the slots that have passed."
		}
	}
	return owed, nil
}

// makeUp starts that run once its schedule has resumed.
func (b Bulk) makeUp(ctx context.Context, s scrape.Schedule, owed map[scrape.ScheduleID]bool, temporal *pushes, item *BulkItem) {
	if !owed[s.ID] || item.Result != ResultDone {
		return
	}
	run, err := temporal.start(ctx, s, scrape.RunRequest{Trigger: scrape.TriggerScheduled})
	var going *scrape.RunningError
	switch {
	case err == nil:
		item.RunID = run.ID
	case errors.As(err, &going): // which is as good
		item.Message, item.RunID = "A run of it is going already.", going.RunID
	default:
		item.Message = "It has resumed, but the run for the slots that have passed did not start: " + sentence(ctx, err)
	}
}

// carryOut does what was foreseen to one schedule. What has changed in between shows as what it does.
func (b Bulk) carryOut(ctx context.Context, user scrape.UserID, ask BulkRequest, s scrape.Schedule, temporal *pushes, item *BulkItem) {
	var err error
	switch ask.Action {
	case ActionPause, ActionResume:
		var changed scrape.Schedule
		changed, err = b.Schedules.store.UpdateSchedule(ctx, user, s.ID, func(schedule *scrape.Schedule) error {
			if ask.Action == ActionPause {
				pause(schedule, ask.Reason)
			} else {
				resume(schedule)
			}
			return nil
		})
		if err == nil && !temporal.push(ctx, changed) {
			item.Message = appliedLater
		}
	case ActionDelete:
		err = b.Schedules.store.DeleteSchedule(ctx, user, s.ID)
		if err == nil && !temporal.push(ctx, scrape.Schedule{ID: s.ID, Revision: 1}) {
			item.Message = appliedLater
		}
	case ActionRun:
		var run scrape.Run
		if run, err = temporal.start(ctx, s, scrape.RunRequest{Trigger: scrape.TriggerManual, By: user}); err == nil {
			item.RunID = run.ID
		}
	}
	var going *scrape.RunningError
	switch {
	case errors.As(err, &going):
		item.Result, item.Message, item.RunID = ResultUnchanged, "A run of it is going already.", going.RunID
	case err != nil:
		item.Result, item.Message = ResultFailed, sentence(ctx, err)
	}
}

const appliedLater = "Temporal does not have it yet; it is applied by itself within a minute."

// sentence is the error for people; time that ran out is told as such, since the rest of a long list is what it hits.
func sentence(ctx context.Context, err error) string {
	if scrape.KindOf(err) == scrape.KindInternal && ctx.Err() != nil {
		return "There was no time left for this one. Ask again: what is done stays done."
	}
	return scrape.MessageOf(err)
}

// pause and resume are what the owner says; both end what the system has done about failures, as every edit of the owner does.
func pause(s *scrape.Schedule, why string) {
	s.Enabled, s.PauseReason = false, strings.TrimSpace(why)
	forgetFailures(s)
}

func resume(s *scrape.Schedule) {
	s.Enabled, s.PauseReason = true, ""
	forgetFailures(s)
}

func forgetFailures(s *scrape.Schedule) {
	s.ConsecutiveFailures, s.SuspendedAt, s.ProbeAt, s.Probes = 0, nil, nil, 0
}

// pushes puts many schedules to Temporal. Once it does not answer it is not asked again: every one would wait as long, and the reconciler
// goes on where this stops.
type pushes struct {
	service *Service
	away    atomic.Bool
}

// push tells whether Temporal has the schedule.
func (p *pushes) push(ctx context.Context, schedule scrape.Schedule) bool {
	if schedule.Synced() {
		return true
	}
	if p.away.Load() {
		return false
	}
	err := p.service.push(ctx, schedule.ID)
	if err != nil {
		p.away.CompareAndSwap(false, isAway(err))
		p.service.log.WarnContext(ctx, "schedule pending", "schedule_id", schedule.ID, "error", err)
	}
	return err == nil
}

// start starts a run, unless Temporal is known to be away.
func (p *pushes) start(ctx context.Context, schedule scrape.Schedule, ask scrape.RunRequest) (scrape.Run, error) {
	if p.away.Load() {
		return scrape.Run{}, scrape.Errorf(scrape.KindUnavailable, "The run could not be started because the scheduler does not answer. Try again in a minute.")
	}
	run, err := p.service.runner.Start(ctx, schedule, ask)
	if scrape.KindOf(err) == scrape.KindUnavailable {
		p.away.Store(true)
	}
	return run, err
}

// sideBySideOver calls do for each of n things, a few at a time, and waits for all.
func sideBySideOver(n int, do func(i int)) {
	var group errgroup.Group
	group.SetLimit(sideBySide)
	for i := range n {
		group.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = group.Wait() // what went wrong is told of each thing
}
