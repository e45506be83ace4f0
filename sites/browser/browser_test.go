package browser_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// start gives a browser that is closed with the test.
func start(t *testing.T, cfg browser.Config) *browser.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser; skipped with -short")
	}
	cfg.ExecPath = os.Getenv("FOSSAWORK_CHROMIUM")
	if _, err := browser.Find(cfg.ExecPath); err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	b, err := browser.Start(context.WithoutCancel(t.Context()), cfg)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	return b
}

// site is a page with a cookie, a script and troubles of its own.
func site(t *testing.T) string {
	t.Helper()
	hang := make(chan struct{})
	mux := http.NewServeMux()
	page := func(script string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = fmt.Fprintf(w, `<!doctype html><body><input id=field value=old><button id=button>x</button><p id=out></p>
				<script>const out = text => document.querySelector('#out').textContent = text; %s</script>`, script)
		}
	}
	mux.HandleFunc("/icon", http.NotFound)
	mux.HandleFunc("/plain", page(`button.onclick = () => out('clicked ' + field.value)`))
	mux.HandleFunc("/late", page(`setTimeout(() => out('here'), 60)`))
	mux.HandleFunc("/cookie", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("visitor"); err == nil {
			w.Header().Set("X-Visitor", c.Value)
		}
		http.SetCookie(w, &http.Cookie{Name: "visitor", Value: "seen", Path: "/", HttpOnly: true, MaxAge: 3600})
		http.SetCookie(w, &http.Cookie{Name: "short", Value: "lived", Path: "/"})
		page("")(w, r)
	})
	mux.HandleFunc("/agent", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Agent", r.UserAgent())
		page(`out(innerWidth + 'x' + innerHeight)`)(w, r)
	})
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for _, what := range []string{"busy", "broken", "hang", "reset"} {
		mux.HandleFunc("/data-"+what, page(`fetch('/`+what+`').then(r => r.json()).then(d => out('data')).catch(() => {})`))
	}
	mux.HandleFunc("/dialog", page(`alert('Look here'); out('after')`))
	// A button that is elsewhere when the mouse is let go: to the element the click is lost, as in a page that is not painted yet.
	mux.HandleFunc("/dodging", page(`
		let clicks = 0;
		const b = document.querySelector('#button');
		b.onmousedown = () => { b.style.position = 'fixed'; b.style.top = '800px'; b.style.left = '1500px'; };
		b.onclick = () => out('clicks ' + ++clicks)`))
	mux.HandleFunc("/moving", page(`setTimeout(() => location = '/late', 20)`))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		close(hang)
		server.Close()
	})
	return server.URL
}

const (
	limit = time.Minute
	out   = `() => document.querySelector('#out')?.textContent`
)

func TestLostClickIsMadeOnce(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), site(t)
	err := b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/dodging", limit)
		require.NoError(t, err)
		require.NoError(t, tab.Wait(ctx, `() => document.querySelector('#button')?.onclick && true`, limit, nil))
		require.NoError(t, tab.Click(ctx, `document.querySelector('#button')`))
		var text string
		require.NoError(t, tab.Wait(ctx, out, limit, &text))
		require.Equal(t, "clicks 1", text)
		return nil
	})
	require.NoError(t, err)
}

func TestNavigateTypeClickAndWait(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), site(t)

	err := b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		response, err := tab.Navigate(ctx, base+"/plain", limit)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.Status)
		require.NoError(t, tab.Wait(ctx, `() => document.querySelector('#button')`, limit, nil))
		require.NoError(t, tab.Type(ctx, `document.querySelector('#field')`, "new"))
		require.NoError(t, tab.Click(ctx, `document.querySelector('#button')`))
		var text string
		require.NoError(t, tab.Wait(ctx, out, limit, &text))
		require.Equal(t, "clicked new", text)

		require.ErrorIs(t, tab.Click(ctx, `document.querySelector('#nothing')`), browser.ErrNoElement)
		require.ErrorIs(t, tab.Type(ctx, `document.querySelector('#nothing')`, "x"), browser.ErrNoElement)
		require.ErrorContains(t, tab.Eval(ctx, `nothing.at.all`, nil), "ReferenceError")

		for _, path := range []string{"/late", "/moving", "/dialog"} {
			_, err = tab.Navigate(ctx, base+path, limit)
			require.NoError(t, err)
			require.NoError(t, tab.Wait(ctx, out, limit, &text), path)
		}
		require.Equal(t, "after", text)
		return nil
	})
	require.NoError(t, err)
}

func TestTheTabLooksLikeADesktop(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), site(t)

	err := b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		response, err := tab.Navigate(ctx, base+"/agent", limit)
		require.NoError(t, err)
		require.Contains(t, response.Header.Get("X-Agent"), " Chrome/")
		require.NotContains(t, response.Header.Get("X-Agent"), "Headless")
		var size string
		require.NoError(t, tab.Wait(ctx, out, limit, &size))
		require.Equal(t, "1920x1080", size)
		return nil
	})
	require.NoError(t, err)
}

func TestCookiesStayInTheirTabAndCanBeRestored(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), site(t)

	var cookies []scrape.Cookie
	visit := func(restored []scrape.Cookie) (visitor string) {
		require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
			require.NoError(t, tab.SetCookies(ctx, base, restored))
			response, err := tab.Navigate(ctx, base+"/cookie", limit)
			require.NoError(t, err)
			visitor = response.Header.Get("X-Visitor")
			cookies, err = tab.Cookies(ctx, base)
			require.NoError(t, err)
			return nil
		}))
		return visitor
	}
	require.Empty(t, visit(nil))
	require.Empty(t, visit(nil), "the second tab must not see the first one's cookies")

	require.Len(t, cookies, 2)
	byName := map[string]scrape.Cookie{}
	for _, c := range cookies {
		byName[c.Name] = c
	}
	require.Equal(t, "seen", byName["visitor"].Value.Reveal())
	require.True(t, byName["visitor"].HTTPOnly)
	require.WithinDuration(t, time.Now().Add(time.Hour), byName["visitor"].Expires, time.Minute)
	require.Zero(t, byName["short"].Expires)
	require.Equal(t, "seen", visit(cookies))
}

func TestWhatTheSiteRefusesIsTold(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{Grace: 100 * time.Millisecond}), site(t)
	inTab := func(t *testing.T, work func(ctx context.Context, tab *browser.Tab)) {
		t.Helper()
		require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
			work(ctx, tab)
			return nil
		}))
	}

	t.Run("document", func(t *testing.T) {
		t.Parallel()
		inTab(t, func(ctx context.Context, tab *browser.Tab) {
			response, err := tab.Navigate(ctx, base+"/busy", limit)
			require.NoError(t, err)
			require.Equal(t, http.StatusTooManyRequests, response.Status)
			require.Equal(t, "7", response.Header.Get("Retry-After"))

			response, err = tab.Navigate(ctx, base+"/broken", limit)
			require.NoError(t, err)
			require.Equal(t, http.StatusInternalServerError, response.Status)

			var load *browser.LoadError
			_, err = tab.Navigate(ctx, base+"/reset", limit)
			require.ErrorAs(t, err, &load)
			_, err = tab.Navigate(ctx, "http://127.0.0.1:1/", limit)
			require.ErrorAs(t, err, &load)

			var timeout *browser.TimeoutError
			_, err = tab.Navigate(ctx, base+"/hang", 100*time.Millisecond)
			require.ErrorAs(t, err, &timeout)
			require.NotErrorIs(t, err, context.DeadlineExceeded)
		})
	})
	data := func(path string, limit time.Duration) (failed *browser.NotShownError) {
		inTab(t, func(ctx context.Context, tab *browser.Tab) {
			_, err := tab.Navigate(ctx, base+path, 15*time.Second)
			require.NoError(t, err)
			require.ErrorAs(t, tab.Wait(ctx, out, limit, nil), &failed)
		})
		return failed
	}
	t.Run("throttled data", func(t *testing.T) {
		t.Parallel()
		failed := data("/data-busy", limit)
		require.Less(t, failed.After, limit, "waiting on is useless")
		require.Len(t, failed.Failures, 1)
		require.Equal(t, http.StatusTooManyRequests, failed.Failures[0].Status)
		require.Equal(t, "7", failed.Failures[0].Header.Get("Retry-After"))
	})
	t.Run("broken data", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, http.StatusInternalServerError, data("/data-broken", limit).Failures[0].Status)
	})
	t.Run("reset data", func(t *testing.T) {
		t.Parallel()
		require.NotEmpty(t, data("/data-reset", limit).Failures[0].Failure)
	})
	t.Run("hanging data", func(t *testing.T) {
		t.Parallel()
		failed := data("/data-hang", 300*time.Millisecond)
		require.Empty(t, failed.Failures)
		require.Equal(t, 1, failed.Pending)
	})
	t.Run("nothing there", func(t *testing.T) {
		t.Parallel()
		failed := data("/plain", 3*time.Second) // long enough for the document itself to have come
		require.Empty(t, failed.Failures)
		require.Zero(t, failed.Pending)
	})
}

func TestAKilledBrowserIsReplaced(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), site(t)
	_, running := b.Running()
	require.False(t, running, "nothing is started before it is needed")

	first := 0
	err := b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/plain", limit)
		require.NoError(t, err)
		first, running = b.Running()
		require.True(t, running)
		require.NoError(t, syscall.Kill(first, syscall.SIGKILL))
		return tab.Wait(ctx, out, limit, nil)
	})
	require.ErrorIs(t, err, browser.ErrDied)
	require.NotErrorIs(t, err, context.Canceled)

	require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/plain", limit)
		return err
	}))
	second, running := b.Running()
	require.True(t, running)
	require.NotEqual(t, first, second)
}

func TestACrashedPageDoesNotHang(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), site(t)
	err := b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/plain", limit)
		require.NoError(t, err)
		require.ErrorIs(t, tab.Crash(ctx), browser.ErrDied)
		return tab.Wait(ctx, out, limit, nil)
	})
	require.ErrorIs(t, err, browser.ErrDied)
	require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/plain", limit)
		return err
	}))
}

func TestTheCallersContextAndErrorsComeBackAsTheyAre(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), site(t)

	ctx, cancel := context.WithCancel(t.Context())
	err := b.Tab(ctx, func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/plain", limit)
		require.NoError(t, err)
		cancel()
		return tab.Wait(ctx, out, limit, nil)
	})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, b.Tab(ctx, nil), context.Canceled)

	ours := errors.New("ours")
	require.ErrorIs(t, b.Tab(t.Context(), func(context.Context, *browser.Tab) error { return ours }), ours)
	require.PanicsWithValue(t, "oops", func() {
		_ = b.Tab(t.Context(), func(context.Context, *browser.Tab) error { panic("oops") })
	})
	require.NoError(t, b.Tab(t.Context(), func(context.Context, *browser.Tab) error { return nil }), "no slot was lost")
}

func TestMaxTabsBoundsTheWork(t *testing.T) {
	t.Parallel()
	b := start(t, browser.Config{MaxTabs: 2})
	var now, most atomic.Int32
	full := make(chan struct{})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			err := b.Tab(t.Context(), func(ctx context.Context, _ *browser.Tab) error {
				if n := now.Add(1); n == 2 {
					most.Store(2)
					select {
					case <-full:
					default:
						close(full)
					}
				} else if n > 2 {
					most.Store(n)
				}
				<-full
				now.Add(-1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 2, most.Load())
}

func TestTheBrowserIsRecycledWhenIdle(t *testing.T) {
	t.Parallel()
	b := start(t, browser.Config{RecyclePages: 2})
	var pids []int
	for range 4 {
		require.NoError(t, b.Tab(t.Context(), func(context.Context, *browser.Tab) error {
			pid, _ := b.Running()
			pids = append(pids, pid)
			return nil
		}))
	}
	require.Equal(t, pids[0], pids[1])
	require.NotEqual(t, pids[1], pids[2])
	require.Equal(t, pids[2], pids[3])

	small := start(t, browser.Config{RecycleMB: 1})
	for i := range 2 {
		require.NoError(t, small.Tab(t.Context(), func(context.Context, *browser.Tab) error {
			pids[i], _ = small.Running()
			return nil
		}))
	}
	if _, err := os.Stat("/proc/self/statm"); err == nil {
		require.NotEqual(t, pids[0], pids[1])
	}
}

func TestRecyclingCountsPages(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{RecyclePages: 5}), site(t)
	var pids []int
	for range 3 {
		require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
			pid, _ := b.Running()
			pids = append(pids, pid)
			for range 3 {
				_, err := tab.Navigate(ctx, base+"/plain", limit)
				require.NoError(t, err)
				require.NoError(t, tab.Wait(ctx, `() => document.querySelector('#button')`, limit, nil))
			}
			return nil
		}))
	}
	require.Equal(t, pids[0], pids[1], "3 pages are fewer than 5")
	require.NotEqual(t, pids[1], pids[2], "6 pages are not")
}

func TestATabIsReadyBeforeItIsNeeded(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{MaxTabs: 1}), site(t)
	hasSpare := func() bool { return b.HasSpare() }
	require.NoError(t, b.Tab(t.Context(), func(context.Context, *browser.Tab) error { return nil }))
	require.Eventually(t, hasSpare, limit, time.Millisecond)
	require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		require.False(t, hasSpare(), "it is the one in use")
		response, err := tab.Navigate(ctx, base+"/cookie", limit)
		require.NoError(t, err)
		require.Empty(t, response.Header.Get("X-Visitor"))
		return nil
	}))
	require.Eventually(t, hasSpare, limit, time.Millisecond)
	pid, running := b.Running()
	require.True(t, running)
	family := descendants(t, pid)
	b.Close()
	require.False(t, hasSpare())
	require.Eventually(t, func() bool {
		for _, one := range family {
			if alive(one) {
				return false
			}
		}
		return true
	}, 5*time.Second, 10*time.Millisecond)
}

func TestNoProcessIsLeftAfterClose(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("needs /proc")
	}
	b, base := start(t, browser.Config{}), site(t)
	working, released := make(chan struct{}), make(chan error, 1)
	go func() {
		released <- b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
			if _, err := tab.Navigate(ctx, base+"/plain", limit); err != nil {
				return err
			}
			close(working)
			return tab.Wait(ctx, out, limit, nil)
		})
	}()
	<-working
	pid, running := b.Running()
	require.True(t, running)
	family := descendants(t, pid)
	require.Greater(t, len(family), 2)

	b.Close()
	require.ErrorIs(t, <-released, browser.ErrClosed)
	require.Eventually(t, func() bool {
		for _, one := range family {
			if alive(one) {
				return false
			}
		}
		return true
	}, 5*time.Second, 10*time.Millisecond)
	require.ErrorIs(t, b.Tab(t.Context(), nil), browser.ErrClosed)
	b.Close()
}

// descendants lists a process and everything that it has started.
func descendants(t testing.TB, root int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	children := map[int][]int{}
	for _, path := range stats {
		if pid, parent, _ := stat(path); pid > 0 {
			children[parent] = append(children[parent], pid)
		}
	}
	family := []int{root}
	for i := 0; i < len(family); i++ {
		family = append(family, children[family[i]]...)
	}
	return family
}

func alive(pid int) bool {
	found, _, state := stat(fmt.Sprintf("/proc/%d/stat", pid))
	return found == pid && state != "Z"
}

func stat(path string) (pid, parent int, state string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, ""
	}
	head, tail, found := strings.Cut(string(text), " (")
	at := strings.LastIndex(tail, ") ")
	if !found || at < 0 {
		return 0, 0, ""
	}
	fields := strings.Fields(tail[at+2:])
	pid, _ = strconv.Atoi(head)
	parent, _ = strconv.Atoi(fields[1])
	return pid, parent, fields[0]
}

func TestFind(t *testing.T) {
	t.Parallel()
	_, err := browser.Find("/nowhere/chromium")
	require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err))
	require.Contains(t, scrape.MessageOf(err), "apt-get install chromium-headless-shell")

	script := filepath.Join(t.TempDir(), "some-wrapper")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nchromium \"$@\"\n"), 0o700))
	_, err = browser.Find(script)
	require.Contains(t, scrape.MessageOf(err), "is a script")

	self, err := os.Executable()
	require.NoError(t, err)
	found, err := browser.Find(self)
	require.NoError(t, err)
	require.FileExists(t, found)
}

func TestABrowserThatCannotStart(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts programs; skipped with -short")
	}
	self, err := os.Executable() // knows none of a browser's flags, so it ends at once
	require.NoError(t, err)
	b, err := browser.Start(context.WithoutCancel(t.Context()), browser.Config{ExecPath: self, StartTimeout: 20 * time.Second})
	require.NoError(t, err)
	defer b.Close()
	var failed *browser.StartError
	require.ErrorAs(t, b.Tab(t.Context(), nil), &failed)
	require.ErrorAs(t, b.Tab(t.Context(), nil), &failed)
}
