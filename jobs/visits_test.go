package jobs

import (
	"context"
	"fmt"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"github.com/fossawork/scheduler/scrape"
)

// example stands for register in this file: the type must not be in the registry of other tests.
func example(job Job) Job { return job }

// What follows is the example of docs/jobs.md, which a test compares with it.

// Visits collects the user's planned visits from the portal's calendar.
var Visits = example(Job{
	Type:        "visits",
	Title:       "Visits",
	Description: "Your planned visits, from the portal's calendar.",
	Portal:      true,
	Settings:    func() Settings { return &VisitSettings{DaysAhead: 14} },
	Steps:       []Step{{Name: "CollectVisits", At: AtPortal, Do: collectVisits}},
})

// VisitSettings say which visits are collected.
type VisitSettings struct {
	DaysAhead int `json:"days_ahead" minimum:"1" maximum:"90" doc:"Visits within so many days."`
}

// Validate implements Settings.
func (s *VisitSettings) Validate() error {
	if s.DaysAhead < 1 || s.DaysAhead > 90 {
		return scrape.Invalid("settings.days_ahead", "days_ahead must be from 1 to 90.")
	}
	return nil
}

func collectVisits(ctx context.Context, run Run) (Result, error) {
	settings := run.Settings.(*VisitSettings)
	if err := run.Say(ctx, scrape.Progress{Phase: scrape.PhaseScraping, Percentage: 30, Message: "Reading visits"}); err != nil {
		return Result{}, err
	}
	var page string
	err := run.Visit(ctx, func(ctx context.Context, visit Visit) (err error) {
		page, err = visit.Page(ctx, PageRequest{
			Path: fmt.Sprintf("/app/work/calendar?days=%d", settings.DaysAhead), Ready: ".calendar", Element: "calendar",
		})
		return err
	})
	if err != nil {
		return Result{}, err
	}
	found, err := readVisits(page)
	if err != nil {
		return Result{}, err
	}
	plan, err := run.Store.ApplyItems(ctx, run.ID, nil, func(stored []scrape.Item) scrape.ItemPlan {
		return scrape.PlanItems("visit", stored, found)
	})
	if err != nil {
		return Result{}, fmt.Errorf("apply visits: %w", err)
	}
	return concluded(plan), nil
}

// readVisits is a pure function from a page to items, so that saved pages can test it.
func readVisits(page string) ([]scrape.Item, error) {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("parse calendar: %w", err)
	}
	var found []scrape.Item
	for _, row := range doc.Find(".calendar .visit").EachIter() {
		id, order := row.AttrOr("data-id", ""), row.AttrOr("data-order", "")
		if id == "" {
			return nil, &scrape.Error{
				Kind: scrape.KindLayoutChanged, Message: "A visit in the portal's calendar has no number.",
				Missing: &scrape.Missing{Page: "calendar", Element: "number of a visit", Selector: ".visit[data-id]"},
			}
		}
		found = append(found, scrape.Item{
			Key: id, Label: strings.TrimSpace(row.Text()),
			Data: map[string]any{"work_order": order, "date": row.AttrOr("data-date", "")},
		})
	}
	return found, nil
}
