package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	protocol "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/chromedp/chromedp"
)

// The window that pages see. The portal hides parts of its pages in narrower ones.
const (
	windowWidth  = 1920
	windowHeight = 1080
)

// process is one running Chromium.
type process struct {
	newTab    func(...chromedp.ContextOption) (context.Context, context.CancelFunc)
	gone      <-chan struct{} // closed when it has died
	kill      func()          // ends it and waits until nothing of it is left; may be called again
	closed    <-chan struct{} // closed when the Browser is closed
	memory    func() int      // megabytes, 0 when unknown
	pid       int
	userAgent string

	users  int           // units of work running, guarded by Browser.lock
	pages  int           // documents that finished units of work have opened, guarded by Browser.lock
	spare  *Tab          // a blank tab for the next unit of work, or nil; guarded by Browser.lock
	making chan struct{} // closed once the spare tab that is being opened is there, nil when none is; guarded by Browser.lock
}

// startProcess starts a Chromium that ends with life at the latest.
func startProcess(life context.Context, cfg Config, closed <-chan struct{}) (*process, error) {
	profile, err := newProfile()
	if err != nil {
		return nil, err
	}
	allocator, freeAllocator := chromedp.NewExecAllocator(life, append(options(cfg), chromedp.UserDataDir(profile))...)
	// The library's messages can quote what pages send: only their constant part is logged.
	note := func(format string, _ ...any) {
		cfg.Logger.DebugContext(life, "browser protocol trouble", "format", format)
	}
	root, endRoot := chromedp.NewContext(allocator, chromedp.WithLogf(note), chromedp.WithErrorf(note))
	p := &process{
		newTab: func(opts ...chromedp.ContextOption) (context.Context, context.CancelFunc) {
			return chromedp.NewContext(root, opts...)
		},
		gone:   root.Done(),
		closed: closed,
	}
	p.kill = sync.OnceFunc(func() {
		endRoot()
		freeAllocator()
		_ = os.RemoveAll(profile) // what cannot be removed now is swept by the next browser
	})

	// The first call must not have a deadline: the browser would end with it. So the clock runs beside it.
	clock := time.AfterFunc(cfg.StartTimeout, p.kill)
	err = chromedp.Do(root)
	inTime := clock.Stop()
	if err == nil && !inTime {
		err = fmt.Errorf("not ready after %s", cfg.StartTimeout)
	}
	if err == nil {
		err = p.inspect(root, cfg)
	}
	if err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// inspect asks the fresh browser for what later calls need.
func (p *process) inspect(root context.Context, cfg Config) error {
	running := chromedp.FromContext(root).Browser
	p.pid = running.Process().Pid
	ctx, cancel := context.WithTimeout(root, cfg.StepTimeout)
	defer cancel()
	version, err := cdp.Call(ctx, running, protocol.GetVersion, cdp.Empty{})
	if err != nil {
		return fmt.Errorf("ask for its version: %w", err)
	}
	p.userAgent = strings.ReplaceAll(version.UserAgent, "HeadlessChrome", "Chrome")
	p.memory = func() int {
		ctx, cancel := context.WithTimeout(root, time.Second)
		defer cancel()
		info, err := cdp.Call(ctx, running, systeminfo.GetProcessInfo, cdp.Empty{})
		if err != nil {
			return 0
		}
		bytes := 0
		for _, one := range info.ProcessInfo {
			bytes += privateMemory(one.ID)
		}
		return bytes >> 20
	}
	return nil
}

// options are the command line and the environment of the browser.
func options(cfg Config) []chromedp.ExecAllocatorOption {
	opts := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(cfg.ExecPath),
		chromedp.WindowSize(windowWidth, windowHeight),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.NoInheritEnv, // it must not see the keys and addresses that our own environment may hold
	)
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "FONTCONFIG_PATH",
		"FONTCONFIG_FILE", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	} {
		if value, ok := os.LookupEnv(name); ok {
			opts = append(opts, chromedp.Env(name+"="+value))
		}
	}
	if cfg.NoSandbox {
		opts = append(opts, chromedp.NoSandbox)
	}
	if cfg.Visible {
		opts = append(opts, chromedp.VisibleWindow)
	}
	return opts
}

func (p *process) dead() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// outlived says why the browser should be replaced now; empty when it should not. While it is in use it stays until it is
// far beyond its limit, so that normally there is only one.
func (p *process) outlived(cfg Config) string {
	switch {
	case p.dead():
		return "died"
	case p.pages >= 2*cfg.RecyclePages, p.pages >= cfg.RecyclePages && p.users == 0:
		return "pages"
	case p.users == 0 && p.memory() >= cfg.RecycleMB:
		return "memory"
	default:
		return ""
	}
}

// open makes a tab in a new isolated context. Callers must close it.
//
// It does not listen to the caller's context on purpose: it takes some 50 ms, and when it is broken off half-way the
// library forgets the context that it has made.
func (p *process) open(cfg Config) (*Tab, error) {
	t := &Tab{cfg: cfg, traffic: newTraffic(), record: newRecord(), closed: p.closed, ready: make(chan struct{})}
	life, closeTab := p.newTab(chromedp.WithNewBrowserContext(), chromedp.WithListener(t.listen))
	t.onGone = func(f func()) func() bool { return context.AfterFunc(life, f) }
	t.gone = func() bool { return life.Err() != nil }
	t.close = closeTab
	t.crash = sync.OnceFunc(func() { go closeTab() })
	t.dismiss = func() {
		select {
		case <-t.ready:
		case <-life.Done():
			return
		}
		ctx, cancel := context.WithTimeout(life, cfg.StepTimeout)
		defer cancel()
		// Its error does not matter: what the dialog blocks runs into its own limit.
		_, _ = cdp.Call(ctx, t.target, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	}

	timedOut := new(atomic.Bool)
	clock := time.AfterFunc(cfg.StepTimeout, func() {
		timedOut.Store(true)
		p.kill()
	})
	err := chromedp.Do(life)
	clock.Stop()
	if err == nil {
		made := chromedp.FromContext(life)
		t.target = made.Target
		t.jar = func(ctx context.Context) ([]*network.Cookie, error) {
			// The browser has to be asked: a page gives none of a context that is not the default one.
			answer, err := cdp.Call(ctx, made.Browser, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: made.BrowserContextID})
			return answer.Cookies, err
		}
		t.traffic.follow(cdp.FrameID(t.target.TargetID))
		close(t.ready)
		err = t.dress(life, p.userAgent)
	}
	if err == nil {
		return t, nil
	}
	closeTab()
	switch {
	case timedOut.Load():
		return nil, &TimeoutError{Doing: "open a tab", After: cfg.StepTimeout}
	case p.dead() || errors.Is(err, context.Canceled):
		return nil, fmt.Errorf("open a tab: %w", t.whyGone())
	default:
		return nil, fmt.Errorf("open a tab: %w", err)
	}
}

// dress makes the tab look like that of a person at a desk.
func (t *Tab) dress(life context.Context, userAgent string) error {
	ctx, cancel := context.WithTimeout(life, t.cfg.StepTimeout)
	defer cancel()
	if _, err := cdp.Call(ctx, t.target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: windowWidth, Height: windowHeight, DeviceScaleFactor: 1,
	}); err != nil {
		return err
	}
	_, err := cdp.Call(ctx, t.target, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: userAgent, AcceptLanguage: "en-US,en",
	})
	return err
}

// privateMemory is what a process has for itself, in bytes: its resident pages without the shared ones. 0 when unknown.
func privateMemory(pid int64) int {
	text, err := os.ReadFile("/proc/" + strconv.FormatInt(pid, 10) + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 3 {
		return 0
	}
	resident, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	shared, err := strconv.Atoi(fields[2])
	if err != nil {
		return 0
	}
	return (resident - shared) * os.Getpagesize()
}
