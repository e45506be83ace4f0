package browser

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Config says how to run the browser. The zero value of a field means its default.
type Config struct {
	ExecPath  string // the browser's own binary, or empty for the one that Find finds
	MaxTabs   int    // units of work at the same time; 4
	Visible   bool   // with a window, for looking at what goes wrong
	NoSandbox bool   // for containers that forbid user name spaces; root always runs without

	RecyclePages int // the browser is replaced after it has opened so many documents; 500
	RecycleMB    int // and when it has grown to so many megabytes (known on Linux only); 1500

	StartTimeout time.Duration // 30 s
	StepTimeout  time.Duration // for every single call to the browser that has no limit of its own; 10 s
	Grace        time.Duration // how long a page may go on after a failed request of its own; 1 s

	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.MaxTabs <= 0 {
		c.MaxTabs = 4
	}
	if c.RecyclePages <= 0 {
		c.RecyclePages = 500
	}
	if c.RecycleMB <= 0 {
		c.RecycleMB = 1500
	}
	if c.StartTimeout <= 0 {
		c.StartTimeout = 30 * time.Second
	}
	if c.StepTimeout <= 0 {
		c.StepTimeout = 10 * time.Second
	}
	if c.Grace <= 0 {
		c.Grace = time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Browser is a Chromium that is started when somebody needs it. It may be used by several goroutines.
type Browser struct {
	cfg    Config
	start  func() (*process, error)
	stop   func()        // ends every process that was started, without waiting
	closed chan struct{} // closed by the first Close
	once   sync.Once

	slots chan struct{} // one token per tab in use, until it is closed
	lock  chan struct{} // one token; guards what is below, and a waiter for it can be cancelled

	behind sync.WaitGroup // what goes on behind a finished unit of work

	current *process
	all     map[*process]struct{} // every process that has not been seen to end
}

// Start finds the browser. It starts no process yet: the first Tab does. The browser lives until Close, and no longer
// than ctx.
func Start(ctx context.Context, cfg Config) (*Browser, error) {
	path, err := Find(cfg.ExecPath)
	if err != nil {
		return nil, err
	}
	cfg.ExecPath = path
	cfg = cfg.withDefaults()
	life, stop := context.WithCancel(ctx)
	b := &Browser{
		cfg:    cfg,
		stop:   stop,
		closed: make(chan struct{}),
		slots:  make(chan struct{}, cfg.MaxTabs),
		lock:   make(chan struct{}, 1),
		all:    map[*process]struct{}{},
	}
	b.start = func() (*process, error) { return startProcess(life, cfg, b.closed) }
	context.AfterFunc(life, b.markClosed)
	return b, nil
}

// Tab runs a unit of work in a fresh tab with cookies and storage of its own, and closes the tab however the work ends,
// panics included. It waits while MaxTabs others are open. The error of the work is returned as it is.
//
// The tab is closed, and a blank one made for the next unit of work, behind the caller's back: neither is worth waiting for.
func (b *Browser) Tab(ctx context.Context, work func(ctx context.Context, tab *Tab) error) error {
	select {
	case <-b.closed:
		return ErrClosed
	default:
	}
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-b.closed:
		return ErrClosed
	}

	p, tab, err := b.open(ctx)
	if err != nil {
		<-b.slots
		return err
	}
	defer b.finish(p, tab) //nolint:contextcheck // what goes on behind the caller does not end with the caller
	if err := ctx.Err(); err != nil {
		return err
	}
	return work(ctx, tab)
}

// finish closes a tab and makes a spare one, without letting the caller wait.
func (b *Browser) finish(p *process, tab *Tab) {
	b.leave(p, max(1, int(tab.pages.Load())))
	if !b.goBehind(func() {
		b.provide(p)
		tab.close()
		<-b.slots
	}) {
		tab.close()
		<-b.slots
	}
}

// goBehind starts work that Close waits for; false when Close has begun.
func (b *Browser) goBehind(work func()) bool {
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	if b.isClosed() {
		return false
	}
	b.behind.Go(work)
	return true
}

// provide opens a blank tab for the next unit of work, if there is none and the browser is going to stay. One at a time is enough: what
// cannot be had is made when it is needed.
func (b *Browser) provide(p *process) {
	b.lock <- struct{}{}
	wanted := p == b.current && p.spare == nil && p.making == nil && p.pages < b.cfg.RecyclePages && !b.isClosed() && !p.dead()
	made := make(chan struct{})
	if wanted {
		p.making = made
	}
	<-b.lock
	if !wanted {
		return
	}
	tab, err := p.open(b.cfg)
	b.lock <- struct{}{}
	p.making = nil
	close(made)
	keep := err == nil && p == b.current && p.spare == nil && !b.isClosed()
	if keep {
		p.spare = tab
	}
	<-b.lock
	if err == nil && !keep {
		tab.close()
	}
}

// open gives a tab in a running browser. A browser that died unnoticed is replaced once.
func (b *Browser) open(ctx context.Context) (*process, *Tab, error) {
	for attempt := 1; ; attempt++ {
		p, tab, err := b.join(ctx)
		if err != nil {
			return nil, nil, err
		}
		if tab == nil {
			tab = b.awaitSpare(ctx, p)
		}
		if tab != nil && !tab.gone() {
			return p, tab, nil
		}
		if tab, err = p.open(b.cfg); err == nil { //nolint:contextcheck // deliberately without, see there
			return p, tab, nil
		}
		p.kill() // a browser that cannot open a tab is of no use to anybody
		b.leave(p, 0)
		if b.isClosed() {
			return nil, nil, ErrClosed
		}
		if attempt == 2 {
			return nil, nil, err
		}
		b.cfg.Logger.WarnContext(ctx, "browser could not open a tab, starting another one", "error", err)
	}
}

// awaitSpare gives the spare tab that is being opened for a user of the browser, or nil: to open a second one beside it would take longer.
// It takes no longer than opening one does.
func (b *Browser) awaitSpare(ctx context.Context, p *process) *Tab {
	b.lock <- struct{}{}
	making := p.making
	<-b.lock
	if making == nil {
		return nil
	}
	select {
	case <-making:
	case <-ctx.Done():
		return nil
	}
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	spare := p.spare
	p.spare = nil
	return spare
}

// join counts the caller as a user of the running browser, after starting one if needed, and gives its spare tab, if it has one.
func (b *Browser) join(ctx context.Context) (*process, *Tab, error) {
	select {
	case b.lock <- struct{}{}:
		defer func() { <-b.lock }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	if b.isClosed() {
		return nil, nil, ErrClosed
	}
	if p := b.current; p != nil {
		if reason := p.outlived(b.cfg); reason != "" {
			b.cfg.Logger.InfoContext(ctx, "replacing the browser", "reason", reason, "pid", p.pid, "pages", p.pages)
			b.current = nil
			b.endUnused(p)
		}
	}
	if b.current == nil {
		begun := time.Now()
		p, err := b.start()
		if b.isClosed() && err != nil {
			return nil, nil, ErrClosed
		}
		if err != nil {
			return nil, nil, &StartError{Err: err}
		}
		b.cfg.Logger.InfoContext(ctx, "browser started", "pid", p.pid, "took", time.Since(begun))
		b.current = p
		b.all[p] = struct{}{}
	}
	b.current.users++
	spare := b.current.spare
	b.current.spare = nil
	return b.current, spare, nil
}

// leave is the opposite of join, after so many documents.
func (b *Browser) leave(p *process, pages int) {
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	p.users--
	p.pages += pages
	b.endUnused(p)
}

// endUnused ends a process that has been replaced, or has died, once nobody uses it any more.
func (b *Browser) endUnused(p *process) {
	if p.users > 0 || (p == b.current && !p.dead()) {
		return
	}
	if p == b.current {
		b.current = nil
	}
	p.kill()
	delete(b.all, p)
}

// Running gives the process id of the browser that the next unit of work would use, and whether there is one.
func (b *Browser) Running() (pid int, ok bool) {
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	if b.current == nil || b.current.dead() {
		return 0, false
	}
	return b.current.pid, true
}

// Close ends the browser and waits until no process of it is left. Work that is still running fails with ErrClosed.
// Closing twice is fine.
func (b *Browser) Close() {
	b.markClosed()
	b.stop() // also ends a start that holds the lock
	b.lock <- struct{}{}
	for p := range b.all {
		p.kill()
		delete(b.all, p)
	}
	b.current = nil
	<-b.lock
	b.behind.Wait()
}

func (b *Browser) markClosed() { b.once.Do(func() { close(b.closed) }) }

func (b *Browser) isClosed() bool {
	select {
	case <-b.closed:
		return true
	default:
		return false
	}
}
