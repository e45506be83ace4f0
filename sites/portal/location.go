package portal

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// The page's side of reading a location: an object with functions.
//
//go:embed location.js
var locationScript string

// Location reads the dispensers of one location, named by its number or by its page's address, of which only the number is used. Between
// two locations of a visit the portal gets its rest.
//
// What concerns the location is a result: that it is deleted, denied or without dispensers, that a card cannot be read, that it shows
// another number of cards than it announces. Everything else is an error, and mostly the next location would fare no better:
// session_expired, portal_throttled, portal_down, layout_changed, and invalid, before anything is opened, for a name without a number.
func (v *visit) Location(ctx context.Context, location string) (scrape.LocationResult, error) {
	id, err := locationID(location)
	if err != nil {
		return scrape.LocationResult{}, err
	}
	if v.located {
		if err := pause(ctx, v.c.cfg.LocationPause); err != nil {
			return scrape.LocationResult{}, err
		}
	}
	v.located = true
	r := &locationReader{c: v.c, tab: v.tab, id: id}
	result, err := r.read(ctx)
	return result, v.failed(ctx, err)
}

// pause lets the portal rest.
func pause(ctx context.Context, length time.Duration) error {
	if length <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var digitsText = regexp.MustCompile(`^\d{1,18}$`)

// locationID is the number in a location's name: the number itself or the page's address.
func locationID(location string) (string, error) {
	name := strings.TrimSpace(location)
	if digitsText.MatchString(name) {
		return name, nil
	}
	if u, err := url.Parse(name); err == nil {
		if m := locationPath.FindStringSubmatch(u.Path); m != nil && digitsText.MatchString(m[1]) {
			return m[1], nil
		}
	}
	return "", scrape.Invalid("location", "%q is neither the number of a location nor the address of its page.", location)
}

// openings is how often a location's page is opened until what it shows is taken as it is, however odd.
const openings = 2

// locationReader is the reading of one location.
type locationReader struct {
	c   *Client
	tab *browser.Tab
	id  string
}

// read opens the page, and once more when what it shows would be a changed layout or contradicts itself: both may be
// nothing but a page that was read at a bad moment.
func (r *locationReader) read(ctx context.Context) (scrape.LocationResult, error) {
	for opening := 1; ; opening++ {
		found, err := r.open(ctx)
		last := opening == openings
		switch {
		case err != nil && (last || scrape.KindOf(err) != scrape.KindLayoutChanged):
			return scrape.LocationResult{}, err
		case err == nil && (last || !found.doubtful()):
			if err := found.refuse(); err != nil {
				return scrape.LocationResult{}, err
			}
			if len(found.Problems) > 0 {
				r.c.log.WarnContext(ctx, "location not read completely", "location_id", r.id, "problems", found.Problems)
			}
			return found.LocationResult, nil
		}
		r.c.log.WarnContext(ctx, "location not recognised, opening it once more", "location_id", r.id,
			"error", err, "announced", found.Announced, "shown", found.shown)
	}
}

// locationView is what a look at the page gives. It holds either a step that was taken, or a state with the page's elements.
type locationView struct {
	Step string // tab, toggle or cancel: this was clicked on

	Login     bool // it is the login form
	Elsewhere bool // the portal has gone to another address
	Absent    bool // at rest, with neither the tab nor any equipment
	Rest      bool // at rest, without all the cards that it announces
	Whole     bool // it shows at least as many cards as it announces
	HTML      string
}

// locationWant is what a look goes by.
type locationWant struct {
	ID       string
	Taken    map[string]int // steps so far
	Settle   int64          // milliseconds without a change until the page is taken to be at rest
	Patience int64          // and until it is believed that a step had no effect
}

// open opens the page and goes on step by step until the dispensers show, or until it is clear that they will not.
func (r *locationReader) open(ctx context.Context) (location, error) {
	response, err := r.c.navigate(ctx, r.tab, r.c.at("/app/customers/locations/"+r.id+"/", ""))
	if err != nil {
		return location{}, err
	}
	// These two may be about this location alone, which only the page can tell.
	refusal := r.c.refused(response)
	if refusal != nil && response.Status != http.StatusForbidden && response.Status != http.StatusNotFound {
		return location{}, refusal
	}

	want := locationWant{ID: r.id, Taken: map[string]int{}, Settle: settle.Milliseconds(), Patience: patience.Milliseconds()}
	deadline := r.c.now().Add(r.c.cfg.ContentTimeout)
	for {
		now, err := r.look(ctx, want, deadline)
		if err != nil {
			return location{}, err
		}
		switch {
		case now.Step != "":
			want.Taken[now.Step]++
			if now.Step != "cancel" {
				r.tab.Forget()
			}
			continue
		case now.Login:
			return location{}, pageError(PageLogin, "")
		case now.Elsewhere || now.Absent:
			if result, ok := notForUs(now.HTML, r.id, response.Status); ok {
				return result, nil
			}
			if refusal != nil {
				return location{}, refusal
			}
			if want.Settle < 3*want.Patience { // its script may just have been slow
				want.Settle = 3 * want.Patience
				continue
			}
			if now.Elsewhere {
				return location{}, elsewhere(now.HTML, r.id)
			}
		case !now.Whole && r.tab.Pending() > 0: // it may still change
			continue
		}
		return parseLocation(now.HTML, r.id)
	}
}

func (r *locationReader) look(ctx context.Context, want locationWant, deadline time.Time) (locationView, error) {
	wanted, err := json.Marshal(want)
	if err != nil {
		return locationView{}, fmt.Errorf("look at a location: %w", err)
	}
	script := fmt.Sprintf("((location, snapshot) => (quiet) => location.look(quiet, %s, snapshot))(%s, %s)",
		wanted, locationScript, snapshotScript)
	var now locationView
	if err := r.tab.Wait(ctx, script, deadline.Sub(r.c.now()), &now); err != nil {
		return locationView{}, r.c.notShown(ctx, r.tab, err, func(html string) error {
			if _, err := parseLocation(html, r.id); err != nil {
				return err
			}
			return scrape.Errorf(scrape.KindPortalDown, "The page of location %s did not come to rest in time.", r.id)
		})
	}
	return now, nil
}
