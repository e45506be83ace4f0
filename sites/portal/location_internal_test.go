package portal

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestAPageThatSaysWhyItIsNoLocation(t *testing.T) {
	t.Parallel()
	const frame = `<div class="top-bar"></div><div id="sidebar">Access denied</div><div class="content">`
	for page, want := range map[string]map[int]scrape.LocationState{
		"":                                         {200: "", 403: "", 404: ""},
		frame + "Details":                          {200: "", 403: scrape.LocationDenied, 404: ""},
		"403 | Forbidden":                          {200: scrape.LocationDenied, 403: scrape.LocationDenied},
		"This action is unauthorized.":             {403: scrape.LocationDenied},
		"You don't have the permission for that":   {200: scrape.LocationDenied},
		frame + "Location not found.":              {200: scrape.LocationDeleted, 404: scrape.LocationDeleted},
		"This location couldn't be found":          {404: scrape.LocationDeleted},
		"The location has been removed.":           {403: scrape.LocationDeleted},
		"404 | Not Found":                          {404: ""},
		"Access denied. Please solve the captcha.": {200: "", 403: ""},
		frame + "Ask for permission. The connection is behind": {200: ""},
	} {
		for status, state := range want {
			got, ok := notForUs(page, "71001", status)
			require.Equal(t, state, got.State, "%s %d", page, status)
			require.Equal(t, state != "", ok)
		}
	}
}

func TestLocationID(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"71001", " 71001\n", "/app/customers/locations/71001", "https://portal.example/app/customers/locations/71001/#top"} {
		id, err := locationID(name)
		require.NoError(t, err)
		require.Equal(t, "71001", id)
	}
}
