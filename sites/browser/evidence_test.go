package browser_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
	"github.com/fossawork/scheduler/sites/browser"
)

// What must not be found in evidence. Each stands in several places of the planted page.
const (
	canaryPassword = "canary+pass&word/1"
	canaryCookie   = "canary-cookie-8c1f0f"
	canaryCSRF     = "canaryCsrf77x"
	canaryCode     = "482913"
	canaryLetters  = "K7QX2M"
	canaryStored   = "canary-stored-value-5521"
	canaryURL      = "canaryInUrl"
	canaryTyped    = "canary typed"
	canaryScript   = "canaryInScript"
)

// planted is a site whose page shows every canary.
func planted(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/planted", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: canaryCookie, Path: "/", HttpOnly: true})
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "style-src 'none'") // what masks the page must not depend on it
		_, _ = fmt.Fprintf(w, `<!doctype html><html><head><title>Sign in %[1]s</title><meta name="csrf-token" content="%[2]s"></head><body>
			<h1>Example Fuel Stop #4001</h1><p>Stand Alone Code <b>0126</b></p>
			<form><input type="hidden" name="_token" value="%[2]s"><input type="email" name="email" value="old@example.com">
			<input type="password" name="password"><textarea name="note">%[5]s</textarea><select><option selected value="%[2]s">One</option></select>
			<input name="otp" value="%[3]s"><input type="submit" value="Sign in"></form>
			<div contenteditable>%[5]s</div>
			<p>This text stands for what is on a page between other things.</p>
			<p>Your one-time code is <b>%[3]s</b>.</p><p><b>%[4]s</b> is your verification code</p>
			<p class="boxes">Passcode <i>4</i><i>8</i><i>2</i><i>9</i><i>1</i><i>3</i></p>
			<p data-otp="%[3]s" title="security code %[3]s" data-token="%[2]s" onclick="go('%[8]s')">cookie <i>%[6]s</i><i>%[7]s</i></p>
			<p id="spelled"></p><a href="/next?t=%[9]s">next</a><!-- %[8]s --><template>%[8]s</template><noscript>%[8]s</noscript>
			<img alt="x" src="/pixel?t=%[9]s">
			<script>
				const hidden = '%[8]s', code = '%[3]s';
				localStorage.setItem('auth', JSON.stringify({deep: [{token: '%[10]s'}]}));
				sessionStorage.setItem('plain', '%[10]s');
				console.log('the one-time code is', code, hidden.length, '%[10]s', location.href);
				console.error('code ' + code);
				fetch('/data?code=' + code + '&t=%[9]s').catch(() => {});
				fetch('/data/' + code + '/x').catch(() => {});
				document.querySelector('#spelled').textContent = '%[11]s ' + btoa('me:%[1]s:x') + ' ' + encodeURIComponent('%[1]s');
				setTimeout(() => { throw new Error('no ' + code); });
			</script><p id="out">ready</p></body></html>`,
			canaryPassword, canaryCSRF, canaryCode, canaryLetters, canaryTyped, canaryCookie[:9], canaryCookie[9:], canaryScript, canaryURL,
			canaryStored, canaryPassword)
	})
	mux.HandleFunc("/data", func(http.ResponseWriter, *http.Request) {})
	// The first n letters of a text are plain, so that pages that differ there look different.
	mux.HandleFunc("/picture", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		http.SetCookie(w, &http.Cookie{Name: "session", Value: q.Get("secret"), Path: "/"})
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<!doctype html><style>.attribute::before { content: attr(data-x); }</style><body><p>%[2]s</p><p>It is %[1]s.</p>
			<input id=field value="%[1]s" style="color: red !important"><input type=number value=%[3]s><select><option>%[3]s<option>x</select>
			<textarea>%[1]s</textarea><div contenteditable>%[1]s <b style="color: red">%[1]s</b></div>
			<p>Your verification code: %[3]s</p><p class=attribute data-x="%[1]s"></p><svg width=400 height=40><text y=20>%[1]s</text></svg>
			<iframe srcdoc="%[1]s"></iframe><canvas></canvas><div id=host></div>
			<script>
				document.querySelector('canvas').getContext('2d').fillText('%[1]s', 10, 20);
				document.querySelector('#host').attachShadow({mode: '%[4]s'}).innerHTML = '<p>%[1]s</p><input value="%[1]s">';
				setInterval(() => { document.querySelector('#late').textContent = '%[1]s'; }, 1);
			</script><p id=late></p><p id="out">ready</p>`, q.Get("secret"), q.Get("plain"), q.Get("code"), q.Get("mode"))
	})
	mux.HandleFunc("/stuck", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, `<p id=out>ready</p><script>setTimeout(() => { for (;;); }, 200)</script>`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

const ready = `() => document.querySelector('#out')?.textContent === 'ready' && document.readyState === 'complete'`

func TestEvidenceHoldsNoSecret(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), planted(t)
	require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		tab.Hide(scrape.NewSecret(canaryPassword))
		address := base + "/planted?page=2&code=" + canaryCode + "&t=" + canaryURL + "#" + canaryURL
		_, err := tab.Navigate(ctx, address, limit)
		require.NoError(t, err)
		require.NoError(t, tab.Wait(ctx, ready, limit, nil))
		require.NoError(t, tab.Type(ctx, `document.querySelector('[name=email]')`, "tech@example.com"))
		require.NoError(t, tab.Type(ctx, `document.querySelector('[name=password]')`, canaryPassword))
		require.NoError(t, tab.Type(ctx, `document.querySelector('textarea')`, canaryTyped))
		// Everything has been asked for and said.
		require.NoError(t, tab.Wait(ctx, `() => performance.getEntriesByType('resource').length >= 3`, limit, nil))
		const state = `document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea, select')].map(el => el.value)`
		var before, after string
		require.NoError(t, tab.Eval(ctx, state, &before))

		var found scrape.Evidence
		require.Eventually(t, func() bool { // the console and the requests come in when they come
			found = tab.Evidence(ctx, "page")
			return len(found.Console) >= 5 && len(found.Network) >= 4
		}, limit, 50*time.Millisecond)
		require.NoError(t, tab.Eval(ctx, state, &after))
		require.Equal(t, before, after, "whoever reads on finds the page as it was")

		texts := found
		texts.Screenshot = nil // its bytes may look like anything; TestThePictureHoldsNoSecret is about it
		whole, err := json.Marshal(texts)
		require.NoError(t, err)
		text := string(whole)
		for _, canary := range []string{
			canaryPassword, canaryCookie, canaryCSRF, canaryCode, canaryLetters, canaryStored, canaryURL, canaryTyped, canaryScript,
			"old@example.com", "tech@example.com",
		} {
			require.NotContains(t, text, canary)
			require.NotContains(t, text, url.QueryEscape(canary))
			require.NotContains(t, text, base64.RawStdEncoding.EncodeToString([]byte(canary))[:len(canary)])
		}
		require.NotContains(t, found.DOM, base64.StdEncoding.EncodeToString([]byte("me:" + canaryPassword))[4:20])

		require.Empty(t, found.Notes)
		require.Equal(t, base+"/planted?page=2&code=*****&t=*****#*****", found.URL)
		require.Equal(t, "Sign in *****", found.Title)
		for _, kept := range []string{"Example Fuel Stop #4001", "Stand Alone Code", "0126", `value="Sign in"`, `name="password"`, "Your one-time code is"} {
			require.Contains(t, found.DOM, kept)
		}
		require.NotContains(t, found.DOM, "<script")
		require.Equal(t, "image/jpeg", found.ScreenshotType)
		picture, err := jpeg.DecodeConfig(bytes.NewReader(found.Screenshot))
		require.NoError(t, err)
		require.Equal(t, []int{1920, 1080}, []int{picture.Width, picture.Height})
		require.LessOrEqual(t, len(found.Screenshot), 500_000)

		require.Equal(t, base+"/planted?page=2&code=*****&t=*****#*****", found.Network[0].URL)
		require.Equal(t, "GET", found.Network[0].Method)
		require.Equal(t, "Document", found.Network[0].Type)
		require.Equal(t, http.StatusOK, found.Network[0].Status)
		require.WithinDuration(t, time.Now(), found.Network[0].At, time.Minute)
		levels := map[string]bool{}
		for _, line := range found.Console {
			levels[line.Level] = true
			require.WithinDuration(t, time.Now(), line.At, time.Minute)
		}
		require.Equal(t, map[string]bool{"log": true, "error": true, "exception": true}, levels)
		return nil
	}))
}

// shot is the picture of a page with a secret in many places.
func shot(t *testing.T, b *browser.Browser, base string, query url.Values) (picture []byte, notes []string) {
	t.Helper()
	require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/picture?"+query.Encode(), limit)
		require.NoError(t, err)
		require.NoError(t, tab.Wait(ctx, ready, limit, nil))
		require.NoError(t, tab.Type(ctx, `document.querySelector('#field')`, query.Get("secret")))
		require.NoError(t, tab.Eval(ctx, `document.querySelector('#field').select()`, nil))
		found := tab.Evidence(ctx)
		require.NotContains(t, found.DOM, query.Get("secret"))
		picture, notes = found.Screenshot, found.Notes
		return nil
	}))
	return picture, notes
}

// Two pages that differ in nothing but what is masked must look alike to the last byte; the differences are of unlike width, so that
// a mere bar over them would show.
func TestThePictureHoldsNoSecret(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), planted(t)
	query := func(secret, code, plain string) url.Values {
		return url.Values{"secret": {secret}, "code": {code}, "plain": {plain}, "mode": {"open"}}
	}
	narrow, notes := shot(t, b, base, query("illiilliilli1", "111111", "plain"))
	require.NotEmpty(t, narrow)
	require.Equal(t, []string{"The elements of shadow roots are left out."}, notes)
	wide, _ := shot(t, b, base, query("WWMMWWMMWWMM0", "888888", "plain"))
	require.True(t, bytes.Equal(narrow, wide))
	other, _ := shot(t, b, base, query("WWMMWWMMWWMM0", "888888", "other"))
	require.False(t, bytes.Equal(wide, other), "what is not masked can be seen")
}

func TestAPictureThatCannotBeMaskedIsLeftOut(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), planted(t)
	picture, notes := shot(t, b, base, url.Values{"secret": {"WWMMWWMMWWMM0"}, "code": {"888888"}, "plain": {"x"}, "mode": {"closed"}})
	require.Empty(t, picture)
	require.Equal(t, []string{"There is no picture: it would have shown what must stay hidden."}, notes)
}

func TestEvidenceOfAPageThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), planted(t)
	require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/stuck?t="+canaryURL, limit)
		require.NoError(t, err)
		require.NoError(t, tab.Wait(ctx, `() => true`, limit, nil))
		time.Sleep(300 * time.Millisecond) // until it is stuck
		short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		found := tab.Evidence(short)
		require.Equal(t, []string{"There is no picture and there are no elements: the page did not answer in time."}, found.Notes)
		require.Equal(t, base+"/stuck?t=*****", found.URL)
		require.Len(t, found.Network, 1)
		require.Empty(t, found.Screenshot)

		pid, running := b.Running()
		require.True(t, running)
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		require.Eventually(t, func() bool { _, running := b.Running(); return !running }, limit, 10*time.Millisecond)
		found = tab.Evidence(ctx)
		require.Equal(t, []string{"There is no picture and there are no elements: the browser or the page's process died."}, found.Notes)
		require.Len(t, found.Network, 1)
		return nil
	}))
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	b, base := start(t, browser.Config{}), site(t)
	require.NoError(t, b.Tab(t.Context(), func(ctx context.Context, tab *browser.Tab) error {
		_, err := tab.Navigate(ctx, base+"/plain", limit)
		require.NoError(t, err)
		require.NoError(t, tab.Wait(ctx, `() => document.querySelector('#button')`, limit, nil))
		require.NoError(t, tab.Eval(ctx, `(async () => {
			for (let i = 0; i < 250; i++) console.warn('line ' + i + ' ' + 'ä'.repeat(1500));
			for (let i = 0; i < 32; i++) await Promise.all([...Array(10)].map(() => fetch('/nothing?i=' + i).catch(() => {})));
			document.body.append(Object.assign(document.createElement('p'), {hidden: true, textContent: 'x'.repeat(2_000_000)}));
			document.title = 'done';
		})()`, nil))
		var found scrape.Evidence
		require.Eventually(t, func() bool {
			found = tab.Evidence(ctx)
			return len(found.Console) == 200 && len(found.Network) == 300
		}, limit, 50*time.Millisecond)
		for _, line := range found.Console {
			require.LessOrEqual(t, len([]rune(line.Text)), 1000)
		}
		require.LessOrEqual(t, len(found.DOM), 1<<20)
		require.Equal(t, []string{
			fmt.Sprintf("The elements are cut off after %d bytes.", len(found.DOM)),
			"Only the last 200 lines of the console and the last 300 requests are kept.",
		}, found.Notes)
		return nil
	}))
}
