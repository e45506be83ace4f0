package jobs

import (
	"context"
	"fmt"

	"github.com/fossawork/scheduler/scrape"
)

// WorkOrders collects the user's open work orders from the portal's list, whose pages carry everything.
var WorkOrders = register(Job{
	Type:        scrape.JobWorkOrders,
	Title:       "Work orders",
	Description: "Your open work orders, from the portal's list.",
	Portal:      true,
	Settings:    func() Settings { return defaultWorkOrderSettings() },
	Steps: []Step{
		{Name: "CollectWorkOrders", At: AtPortal, Do: collectWorkOrders},
		{Name: "ApplyWorkOrders", At: AtStore, Do: applyWorkOrders},
	},
	Accept: func(ctx context.Context, store Store, decision Decision) (scrape.Run, error) {
		return store.AcceptWorkOrders(ctx, decision, scrape.PlanAccepted)
	},
	Discard: func(ctx context.Context, store Store, decision Decision) (scrape.Run, error) {
		return store.DiscardWorkOrders(ctx, decision)
	},
})

// WorkOrderSettings say from which point on a list looks wrong and is held.
type WorkOrderSettings struct {
	MayLose         int     `json:"may_lose" minimum:"0" maximum:"10000" doc:"So many orders may vanish between two runs without a question."`
	MayLoseShare    float64 `json:"may_lose_share" minimum:"0" maximum:"1" doc:"Share of the stored orders that may vanish between two runs; more is held."`
	UnreadableShare float64 `json:"unreadable_share" minimum:"0" maximum:"1" doc:"Share of the rows that may be unreadable; more is held."`
	EmptiedShare    float64 `json:"emptied_share" minimum:"0" maximum:"1" doc:"Share of the orders that may lose the same field at once; more is held."`
	EmptyIsRight    bool    `json:"empty_is_right" doc:"The account may really have no work orders: an empty list that the portal confirms is applied."`
}

func defaultWorkOrderSettings() *WorkOrderSettings {
	guard := scrape.DefaultGuard()
	return &WorkOrderSettings{
		MayLose: guard.SmallLoss, MayLoseShare: guard.LostShare, UnreadableShare: guard.BrokenShare, EmptiedShare: guard.EmptiedShare,
	}
}

// Validate implements Settings.
func (s *WorkOrderSettings) Validate() error {
	if s.MayLose < 0 || s.MayLose > 10000 {
		return scrape.Invalid("settings.may_lose", "may_lose must be from 0 to 10000.")
	}
	for name, share := range map[string]float64{
		"may_lose_share": s.MayLoseShare, "unreadable_share": s.UnreadableShare, "emptied_share": s.EmptiedShare,
	} {
		if !(share >= 0 && share <= 1) {
			return scrape.Invalid("settings."+name, "%s must be from 0 to 1.", name)
		}
	}
	return nil
}

func (s *WorkOrderSettings) guard() scrape.Guard {
	return scrape.Guard{
		SmallLoss: s.MayLose, LostShare: s.MayLoseShare, BrokenShare: s.UnreadableShare, EmptiedShare: s.EmptiedShare,
		EmptyIsAllowed: s.EmptyIsRight,
	}
}

func (s *WorkOrderSettings) planner() WorkOrderPlanner {
	return func(stored []scrape.WorkOrder, pages []scrape.ListPage) scrape.Plan {
		return scrape.PlanWorkOrders(stored, pages, s.guard())
	}
}

// collectWorkOrders reads the pages of the list that the run does not have yet.
func collectWorkOrders(ctx context.Context, run Run) (Result, error) {
	saved, last, err := run.Store.SavedPages(ctx, run.ID)
	if err != nil {
		return Result{}, fmt.Errorf("read saved pages: %w", err)
	}
	from := firstMissing(saved)
	if last && from > len(saved) {
		return Result{Details: fmt.Sprintf("All %d pages are read.", len(saved))}, nil
	}
	if err := run.Say(ctx, scrape.Progress{Phase: scrape.PhaseScraping, Percentage: 25, Message: "Reading work orders"}); err != nil {
		return Result{}, err
	}
	pages, orders := 0, 0
	err = run.Visit(ctx, func(ctx context.Context, visit Visit) error {
		return visit.WorkOrders(ctx, from, func(ctx context.Context, page scrape.ListPage) error {
			if err := run.Store.SavePage(ctx, run.ID, page); err != nil {
				return fmt.Errorf("save page: %w", err)
			}
			pages++
			orders += len(page.Orders)
			if page.Last {
				lookAtHeld(ctx, run, visit)
			}
			return run.Say(ctx, collecting(page, orders))
		})
	})
	if scrape.KindOf(err) == scrape.KindSessionExpired && pages > 0 { // the login has brought us on: one more is worth it
		return Result{More: true, SignIn: true, Details: "The portal has signed us out. Signing in again."}, nil
	}
	return Result{Details: fmt.Sprintf("Read %d work orders on %d pages. Saving.", orders, len(saved)+pages)}, err
}

// lookAtHeld takes evidence while the page is open, if the guard is going to hold the result. That it fails is no reason to lose the run.
func lookAtHeld(ctx context.Context, run Run, visit Visit) {
	plan, err := run.Store.PreviewWorkOrders(ctx, run.ID, run.Settings.(*WorkOrderSettings).planner())
	if err == nil && plan.Outcome != scrape.OutcomeSuccess {
		run.Note(ctx, "", plan.Message, visit.Look)
	}
}

// firstMissing is the lowest page number that is not saved.
func firstMissing(saved []int) int {
	have := make(map[int]bool, len(saved))
	for _, number := range saved {
		have[number] = true
	}
	number := 1
	for have[number] {
		number++
	}
	return number
}

func collecting(page scrape.ListPage, read int) scrape.Progress {
	progress := scrape.Progress{
		Phase: scrape.PhaseScraping, Percentage: 25, Found: max(page.Matches, read), Processed: read,
		Message: fmt.Sprintf("Read %d work orders", read),
	}
	if page.Matches > 0 {
		progress.Percentage = 25 + 60*min(1, float64(read)/float64(page.Matches))
		progress.Message = fmt.Sprintf("Read %d of %d work orders", read, page.Matches)
	}
	return progress
}

// applyWorkOrders compares the run's pages with the stored work orders and applies the difference in one transaction.
func applyWorkOrders(ctx context.Context, run Run) (Result, error) {
	if err := run.Say(ctx, scrape.Progress{Phase: scrape.PhaseSaving, Percentage: 90, Message: "Saving work orders"}); err != nil {
		return Result{}, err
	}
	plan, err := run.Store.ApplyWorkOrders(ctx, run.ID, run.Settings.(*WorkOrderSettings).planner())
	if err != nil {
		return Result{}, fmt.Errorf("apply work orders: %w", err)
	}
	return concluded(plan), nil
}

// concluded is the result of the step that decides how a run ended.
func concluded(plan scrape.Plan) Result {
	c := plan.Counts
	return Result{
		Outcome: plan.Outcome, Message: plan.Message, Counts: c,
		Details: fmt.Sprintf("%s: %d read, %d added, %d updated, %d unchanged, %d removed. %s",
			plan.Outcome, c.Processed, c.Added, c.Updated, c.Unchanged, c.Removed, plan.Message),
	}
}
