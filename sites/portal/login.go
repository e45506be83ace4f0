package portal

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// The page's side of signing in: an object with functions.
//
//go:embed login.js
var loginScript string

// SignIn types a login into the portal's form, submits it once, and gives the session of the signed-in browser.
//
// Only the portal's own pages count as success. The kinds of its errors: credentials_rejected when the form comes back,
// account_locked when the portal lets nobody in with this login until a person has done something there,
// session_expired when the portal accepted the login and forgot it at once, portal_throttled, portal_down,
// layout_changed. Nothing is ever submitted twice, and no error holds what was typed. Errors about a page carry evidence of it.
func (c *Client) SignIn(ctx context.Context, login scrape.Login) (scrape.Session, error) {
	if strings.TrimSpace(login.Username) == "" || login.Password.IsZero() {
		return scrape.Session{}, scrape.Errorf(scrape.KindCredentialsRejected, "There is no user name or no password to sign in with.")
	}
	var session scrape.Session
	err := c.browser.Tab(ctx, func(ctx context.Context, tab *browser.Tab) error {
		tab.Hide(login.Password)
		err := c.signIn(ctx, tab, login)
		if err == nil {
			session.Cookies, err = tab.Cookies(ctx, c.base.String())
		}
		err = c.translate(ctx, err)
		c.witness(ctx, tab, err)
		return err
	})
	if err != nil {
		return scrape.Session{}, c.translate(ctx, err)
	}
	return session, nil
}

// fresh is the login form before anything is typed.
type fresh struct {
	Form    bool
	SSOOnly bool
	Lines   []string // what it says, to tell later what is new
}

func (c *Client) signIn(ctx context.Context, tab *browser.Tab, login scrape.Login) error {
	// The bare origin, not /login: the portal's own way in.
	if err := c.open(ctx, tab, c.at("/", "")); err != nil {
		return err
	}
	var before fresh
	if err := tab.Wait(ctx, fmt.Sprintf("(quiet) => (%s).fresh(quiet)", loginScript), c.cfg.ContentTimeout, &before); err != nil {
		return c.notShown(ctx, tab, err, missingFromLogin)
	}
	if before.SSOOnly {
		return singleSignOn()
	}
	for _, field := range []struct{ name, text string }{
		{"email", strings.TrimSpace(login.Username)},
		{"password", login.Password.Reveal()},
	} {
		if err := tab.Type(ctx, fmt.Sprintf("(%s).%s()", loginScript, field.name), field.text); err != nil {
			return c.noElement(ctx, err, "login page", "field for the "+field.name, "input[name="+field.name+"]")
		}
	}

	tab.Forget()
	if err := tab.Eval(ctx, fmt.Sprintf("(%s).mark()", loginScript), nil); err != nil {
		return c.translate(ctx, err)
	}
	if err := tab.Click(ctx, fmt.Sprintf("(%s).submit()", loginScript)); err != nil {
		return c.noElement(ctx, err, "login page", "button to sign in", "input[type=submit]")
	}
	return c.decide(ctx, tab, before)
}

// loginAnswer is what the portal shows after the form was submitted.
type loginAnswer struct {
	Shell     bool // the portal's own pages
	Form      bool // the login form again
	Passwords int  // visible password fields
	Host      string
	Path      string
	Texts     []string // what it says and the fresh form did not

	status int // of the newest document
}

// decide waits until the portal has shown what it makes of the login.
func (c *Client) decide(ctx context.Context, tab *browser.Tab, before fresh) error {
	lines, err := json.Marshal(before.Lines)
	if err != nil {
		return fmt.Errorf("lines of the login page: %w", err)
	}
	deadline := c.now().Add(c.cfg.LoginTimeout)
	for {
		var answer loginAnswer
		err := tab.Wait(ctx, fmt.Sprintf("(quiet) => (%s).answer(quiet, %s)", loginScript, lines), deadline.Sub(c.now()), &answer)
		shown := (*browser.NotShownError)(nil)
		switch {
		case errors.As(err, &shown) && len(shown.Failures) == 0:
			return scrape.Errorf(scrape.KindPortalDown, "The portal did not answer the login in time.").Because(err)
		case errors.As(err, &shown):
			return c.loginFailed(shown.Failures)
		case err != nil:
			return c.translate(ctx, err)
		case !answer.Shell && !answer.Form && tab.Pending() > 0 && c.now().Before(deadline):
			continue // an application that is still loading
		}
		document := tab.Document()
		answer.status = document.Status
		if !answer.Shell && !answer.Form && c.refused(document) != nil {
			return c.loginFailed([]browser.Response{document})
		}
		return judgeLogin(answer, c.base.Host)
	}
}

// loginFailed says what error answers mean right after the form was submitted, where some mean something else than usual.
func (c *Client) loginFailed(failures []browser.Response) error {
	for _, failure := range failures {
		switch u, err := url.Parse(failure.URL); {
		case failure.Status == http.StatusUnauthorized && err == nil && strings.Contains(u.Path, "login"):
			return scrape.Errorf(scrape.KindCredentialsRejected, "The portal did not accept the user name and password.")
		case failure.Status == statusPageExpired:
			// The form's token was not accepted, so the password was never looked at: another attempt may work.
			return scrape.Errorf(scrape.KindPortalDown, "The portal did not accept its own login form.")
		}
	}
	return c.worst(failures)
}

// judgeLogin decides what the portal's answer means. Success needs positive proof; a form that comes back means that the
// login was refused, with or without a text, because trying it again could lock the account.
func judgeLogin(answer loginAnswer, portalHost string) error {
	text := strings.Join(answer.Texts, " ")
	switch {
	case answer.Shell:
		return nil
	case lockedText.MatchString(text):
		return scrape.Errorf(scrape.KindAccountLocked, "The portal says that the account is locked. Sign in there with a browser, or ask its support.")
	case throttleText.MatchString(text):
		err := scrape.Errorf(scrape.KindPortalThrottled, "The portal asks to wait before the next login.")
		err.RetryAfter = waitingTime(text)
		return err
	case answer.Passwords > 1, renewText.MatchString(text) && !answer.Form:
		return scrape.Errorf(scrape.KindAccountLocked, "The portal wants a new password first. Sign in there with a browser and set one.")
	case troubleText.MatchString(text):
		return scrape.Errorf(scrape.KindPortalDown, "The portal says that something went wrong while signing in.")
	case answer.Form && strings.HasPrefix(answer.Path, "/app/"):
		return scrape.Errorf(scrape.KindSessionExpired, "The portal shows its login form again right after signing in.")
	case answer.Form:
		return scrape.Errorf(scrape.KindCredentialsRejected, "The portal did not accept the user name and password.")
	case answer.Host != portalHost, strings.HasPrefix(answer.Path, "/sso"), ssoText.MatchString(text):
		return singleSignOn()
	default:
		return lacks("portal's page", "frame of a signed-in person", "#sidebar",
			"After signing in the portal shows neither its own pages nor its login form.").
			Because(fmt.Errorf("selectors #sidebar, form[name=login]; at %s, status %d", answer.Path, answer.status))
	}
}

func singleSignOn() error {
	return scrape.Errorf(scrape.KindAccountLocked, "The portal asks for single sign-on, which only a person can do. Ask its support for a password login.")
}

// waitingTime reads "try again in 60 seconds".
func waitingTime(text string) time.Duration {
	found := secondsText.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		return 0
	}
	unit := time.Second
	if strings.EqualFold(found[2], "minute") {
		unit = time.Minute
	}
	return min(time.Duration(n)*unit, longestRetryAfter)
}

// missingFromLogin names what the page at the origin lacks.
func missingFromLogin(string) error {
	return layoutChanged("login page", "form for the e-mail address and the password", "form[name=login] input[name=email]")
}

// noElement names an element that was there a moment ago, or should have been.
func (c *Client) noElement(ctx context.Context, err error, page, element, selector string) error {
	if errors.Is(err, browser.ErrNoElement) && ctx.Err() == nil {
		return layoutChanged(page, element, selector).Because(err)
	}
	return c.translate(ctx, err)
}
