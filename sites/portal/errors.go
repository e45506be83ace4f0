package portal

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// translate turns trouble with the browser or the network into our kinds. An ended context and errors that have a kind
// already stay as they are.
func (c *Client) translate(ctx context.Context, err error) error {
	known := (*scrape.Error)(nil)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &known):
		return err
	}
	if ours := c.fromBrowser(err); ours != nil {
		return ours
	}
	return scrape.Errorf(scrape.KindInternal, "The portal could not be read.").Because(err)
}

// fromBrowser puts an error of the browser's own into our words; nil for others.
func (c *Client) fromBrowser(err error) error {
	var (
		failed   *browser.StartError
		load     *browser.LoadError
		timeout  *browser.TimeoutError
		notShown *browser.NotShownError
	)
	switch {
	case errors.As(err, &failed):
		return scrape.Errorf(scrape.KindUnavailable, "The browser could not be started.").Because(err)
	case errors.Is(err, browser.ErrClosed):
		return scrape.Errorf(scrape.KindUnavailable, "The browser is being shut down.").Because(err)
	case errors.Is(err, browser.ErrDied):
		return scrape.Errorf(scrape.KindPortalDown, "The browser died while it was reading the portal.").Because(err)
	case errors.As(err, &load):
		return scrape.Errorf(scrape.KindPortalDown, "The portal cannot be reached.").Because(err)
	case errors.As(err, &timeout):
		return scrape.Errorf(scrape.KindPortalDown, "The portal did not answer in time.").Because(err)
	case errors.As(err, &notShown):
		if refusal := c.worst(notShown.Failures); refusal != nil {
			return refusal
		}
		return scrape.Errorf(scrape.KindPortalDown, "The portal's page was not ready in time.").Because(err)
	}
	return nil
}

// refused gives the error for the answer to a page or to a page's own request, or nil when the answer is fine.
func (c *Client) refused(response browser.Response) error {
	cause := errors.New(response.String())
	switch status := response.Status; {
	case response.Failure != "":
		return scrape.Errorf(scrape.KindPortalDown, "The portal broke off its answer.").Because(cause)
	case status < 400:
		return nil
	case status == http.StatusTooManyRequests:
		err := scrape.Errorf(scrape.KindPortalThrottled, "The portal asks to slow down.").Because(cause)
		err.RetryAfter = retryAfter(response.Header.Get("Retry-After"), c.now())
		return err
	case status == http.StatusForbidden: // nothing of ours is forbidden to a technician: something in front blocks us
		return scrape.Errorf(scrape.KindPortalThrottled, "The portal blocks our requests.").Because(cause)
	case status == http.StatusUnauthorized || status == statusPageExpired:
		return scrape.Errorf(scrape.KindSessionExpired, "The portal's session has expired.").Because(cause)
	case status >= 500:
		return scrape.Errorf(scrape.KindPortalDown, "The portal answered with error %d.", status).Because(cause)
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly:
		return scrape.Errorf(scrape.KindPortalDown, "The portal did not answer in time.").Because(cause)
	default:
		return scrape.Errorf(scrape.KindLayoutChanged, "The portal has no such page any more (error %d).", status).Because(cause)
	}
}

// statusPageExpired is Laravel's answer to a form or a data request without a valid session token.
const statusPageExpired = 419

// worst chooses among the failed requests of a page the one that says most about what to do next: slow down, sign in
// again, try later. Nil when nothing failed.
func (c *Client) worst(failures []browser.Response) error {
	var found error
	rank := map[scrape.Kind]int{scrape.KindPortalDown: 1, scrape.KindSessionExpired: 2, scrape.KindPortalThrottled: 3}
	for _, failure := range failures {
		if err := c.refused(failure); err != nil && (found == nil || rank[scrape.KindOf(err)] > rank[scrape.KindOf(found)]) {
			found = err
		}
	}
	return found
}

// retryAfter reads the header of that name: seconds or a date. 0 when the portal named no time.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(max(0, time.Duration(seconds)*time.Second), longestRetryAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), longestRetryAfter)
	}
	return 0
}

// longestRetryAfter keeps a nonsensical answer from stopping a schedule for good.
const longestRetryAfter = 24 * time.Hour

// layoutChanged names the element that a page lacks, and where it was looked for.
func layoutChanged(page, element, selector string) *scrape.Error {
	return lacks(page, element, selector, "The %s has no %s.", page, element)
}

// lacks is layoutChanged with a sentence of its own.
func lacks(page, element, selector, format string, args ...any) *scrape.Error {
	err := scrape.Errorf(scrape.KindLayoutChanged, format, args...).Because(errors.New("selector " + selector))
	err.Missing = &scrape.Missing{Page: page, Element: element, Selector: selector}
	return err
}

// pageError is the error that a page itself is.
func pageError(kind PageKind, text string) *scrape.Error {
	switch {
	case kind == PageLogin:
		return scrape.Errorf(scrape.KindSessionExpired, "The portal shows its login form: the session has expired.")
	case throttleText.MatchString(text):
		return scrape.Errorf(scrape.KindPortalThrottled, "The portal asks to slow down.")
	default:
		return scrape.Errorf(scrape.KindPortalDown, "The portal says that something went wrong.")
	}
}

// What the portal may say. None of these texts was ever captured: they are Laravel's own and plain words.
var (
	lockedText   = regexp.MustCompile(`(?i)\b(locked|lock-?out|suspended|deactivated)\b|\baccount\b.{0,40}\b(disabled|blocked)\b`)
	throttleText = regexp.MustCompile(`(?i)too many .{0,20}(attempts|requests)|slow down|rate limit`)
	troubleText  = regexp.MustCompile(`(?i)something went wrong|(internal )?server error|service unavailable|bad gateway|` +
		`gateway time-?out|under maintenance|be right back|page (has )?expired`)
	ssoText     = regexp.MustCompile(`(?i)single[ -]sign[ -]?on|\bSSO\b`)
	secondsText = regexp.MustCompile(`(?i)\b(\d{1,5}) (second|minute)`)
	renewText   = regexp.MustCompile(`(?i)((change|reset|update|choose|new|expired).{0,30}password|password.{0,30}(expired|change|reset|renew))`)
)
