package runs

import (
	"context"

	"github.com/fossawork/scheduler/scrape"
)

// Records is what is kept of a run beside its row.
type Records interface {
	RunChanges(ctx context.Context, user scrape.UserID, id scrape.RunID, after int64, limit int) (changes []scrape.Change, next int64, err error)
	ItemChanges(ctx context.Context, user scrape.UserID, item, key string, limit int) ([]scrape.Change, error)
	SiteRuns(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.SiteRun, error)
	LatestSiteRun(ctx context.Context, user scrape.UserID, location string) (scrape.Run, scrape.SiteRun, bool, error)
	RunList(ctx context.Context, user scrape.UserID, filter scrape.RunFilter) (runs []scrape.Run, next *scrape.RunCursor, err error)
	Attempts(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.Attempt, error)
	EvidenceFiles(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.EvidenceFile, error)
	EvidenceFile(ctx context.Context, user scrape.UserID, id scrape.RunID, name string) (scrape.EvidenceFile, error)
}

// List is a page of a user's runs of all schedules, newest first; next is what the filter's After is for the next page, nil at the end.
func (s *Service) List(ctx context.Context, user scrape.UserID, filter scrape.RunFilter) ([]scrape.Run, *scrape.RunCursor, error) {
	return s.store.RunList(ctx, user, filter)
}

// Changes lists what a run did to the stored data, from the cursor after on; next is 0 at the end.
func (s *Service) Changes(ctx context.Context, user scrape.UserID, id scrape.RunID, after int64, limit int) ([]scrape.Change, int64, error) {
	return s.store.RunChanges(ctx, user, id, after, limit)
}

// ItemChanges lists what runs did to one thing, newest first.
func (s *Service) ItemChanges(ctx context.Context, user scrape.UserID, item, key string, limit int) ([]scrape.Change, error) {
	return s.store.ItemChanges(ctx, user, item, key, limit)
}

// Sites lists the locations of a run of the dispensers job.
func (s *Service) Sites(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.SiteRun, error) {
	return s.store.SiteRuns(ctx, user, id)
}

// LatestSite is the newest run of the dispensers job that has to do with a location; false when there is none.
func (s *Service) LatestSite(ctx context.Context, user scrape.UserID, location string) (scrape.Run, scrape.SiteRun, bool, error) {
	return s.store.LatestSiteRun(ctx, user, location)
}

// Attempts lists the tries of a run's steps that failed, oldest first.
func (s *Service) Attempts(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.Attempt, error) {
	return s.store.Attempts(ctx, user, id)
}

// EvidenceFiles lists what is kept of a run's pages.
func (s *Service) EvidenceFiles(ctx context.Context, user scrape.UserID, id scrape.RunID) ([]scrape.EvidenceFile, error) {
	return s.store.EvidenceFiles(ctx, user, id)
}

// EvidenceFile is one of these files with its content.
func (s *Service) EvidenceFile(ctx context.Context, user scrape.UserID, id scrape.RunID, name string) (scrape.EvidenceFile, error) {
	return s.store.EvidenceFile(ctx, user, id, name)
}
