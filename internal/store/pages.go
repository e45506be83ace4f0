package store

import (
	"context"

	"github.com/fossawork/scheduler/scrape"
)

// pageDoc is a page of the list as it is staged.
type pageDoc struct {
	Number  int                `json:"number"`
	Last    bool               `json:"last"`
	Matches int                `json:"matches"`
	Proved  bool               `json:"proved"`
	Orders  []orderDoc         `json:"orders"`
	Broken  []scrape.BrokenRow `json:"broken,omitempty"`
}

func pageDocOf(page scrape.ListPage) pageDoc {
	return pageDoc{
		Number:  page.Number,
		Last:    page.Last,
		Matches: page.Matches,
		Proved:  page.Proved,
		Orders:  convert(page.Orders, orderDocOf),
		Broken:  page.Broken,
	}
}

func (p pageDoc) page() scrape.ListPage {
	return scrape.ListPage{
		Number:  p.Number,
		Last:    p.Last,
		Matches: p.Matches,
		Proved:  p.Proved,
		Orders:  convert(p.Orders, orderDoc.order),
		Broken:  p.Broken,
	}
}

const sqlSavePage = `
	INSERT INTO scrape_pages (run_id, number, page)
	SELECT
		id,
		@number::integer,
		@page::jsonb
	FROM scraping_history
	WHERE id = @run_id
	  AND completed_at IS NULL
	  AND applied_at IS NULL
	ON CONFLICT (run_id, number) DO UPDATE
	SET page = EXCLUDED.page`

// SavePage stages a page of a run's list, in place of what was read of that number before. It is a conflict when the run
// has ended or its pages were applied: whoever reads on does so in vain.
func (s *Store) SavePage(ctx context.Context, id scrape.RunID, page scrape.ListPage) error {
	n, err := execute(ctx, s.pool, sqlSavePage, args{"run_id": id, "number": page.Number, "page": pageDocOf(page)})
	if err != nil || n > 0 {
		return failed("save page", err)
	}
	if _, err := s.Run(ctx, id); err != nil {
		return err
	}
	return runHasEnded()
}

func runHasEnded() *scrape.Error {
	return scrape.Errorf(scrape.KindConflict, "This run has ended already. Nothing was changed.")
}

const sqlSavedPages = `
	SELECT
		number,
		(page ->> 'last')::boolean AS last
	FROM scrape_pages
	WHERE run_id = @run_id
	ORDER BY number`

// SavedPages lists the numbers of a run's staged pages in order, and tells whether the last one of the list is among them.
func (s *Store) SavedPages(ctx context.Context, id scrape.RunID) (numbers []int, lastSeen bool, err error) {
	type pageRow struct {
		Number int  `db:"number"`
		Last   bool `db:"last"`
	}
	rows, err := many[pageRow](ctx, s.pool, sqlSavedPages, args{"run_id": id})
	for _, row := range rows {
		numbers = append(numbers, row.Number)
		lastSeen = lastSeen || row.Last
	}
	return numbers, lastSeen, failed("list saved pages", err)
}

const sqlPages = `
	SELECT page
	FROM scrape_pages
	WHERE run_id = @run_id
	ORDER BY number`

func readPages(ctx context.Context, db querier, id scrape.RunID) ([]scrape.ListPage, error) {
	type pageRow struct {
		Page pageDoc `db:"page"`
	}
	rows, err := many[pageRow](ctx, db, sqlPages, args{"run_id": id})
	if err != nil {
		return nil, err
	}
	return convert(rows, func(row pageRow) scrape.ListPage { return row.Page.page() }), nil
}

const sqlDeletePages = `
	DELETE FROM scrape_pages
	WHERE run_id = @run_id`
