package portal_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/portalsim"
)

// WorkOrders is a visit that only reads the list.
func (b bench) WorkOrders(ctx context.Context, session scrape.Session, from int, each func(context.Context, scrape.ListPage) error) error {
	_, err := b.Visit(ctx, session, func(ctx context.Context, visit jobs.Visit) error { return visit.WorkOrders(ctx, from, each) })
	return err
}

// Locations is a visit that only reads locations.
func (b bench) Locations(ctx context.Context, session scrape.Session, ids []string, each func(context.Context, scrape.LocationResult) error) error {
	_, err := b.Visit(ctx, session, func(ctx context.Context, visit jobs.Visit) error {
		for _, id := range ids {
			result, err := visit.Location(ctx, id)
			if err != nil {
				return err
			}
			if err := each(ctx, result); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// Location is a visit to one location.
func (b bench) Location(ctx context.Context, session scrape.Session, id string) (result scrape.LocationResult, err error) {
	err = b.Locations(ctx, session, []string{id}, func(_ context.Context, read scrape.LocationResult) error {
		result = read
		return nil
	})
	return result, err
}

// requireEvidence looks at the evidence that an error about a page carries.
func requireEvidence(t *testing.T, err error) *scrape.Evidence {
	t.Helper()
	var e *scrape.Error
	require.ErrorAs(t, err, &e)
	require.NotNil(t, e.Evidence, "%v", err)
	require.NotZero(t, e.Evidence.TakenAt)
	require.NotEmpty(t, e.Evidence.Network)
	if len(e.Evidence.Notes) == 0 {
		require.NotEmpty(t, e.Evidence.Screenshot)
		require.Equal(t, "image/jpeg", e.Evidence.ScreenshotType)
		require.NotEmpty(t, e.Evidence.DOM)
	}
	if e.Kind == scrape.KindLayoutChanged {
		require.NotNil(t, e.Missing, "%v", err)
		require.NotEmpty(t, e.Missing.Page)
		require.NotEmpty(t, e.Missing.Element)
		require.NotEmpty(t, e.Missing.Selector)
	}
	whole, jsonErr := json.Marshal(e.Evidence)
	require.NoError(t, jsonErr)
	require.NotContains(t, string(whole), portalsim.DemoPassword)
	return e.Evidence
}
