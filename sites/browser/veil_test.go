package browser

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSecretsAreFoundHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	const secret = `p&ss "wörd"+/=<1>`
	v := newVeil([]string{secret, "eyJpdiI6IkFB%3D%3D", "12|abcdefghijklmnop0123|zz", "abc"}, nil)
	for name, text := range map[string]string{
		"plain":      "it is " + secret + ".",
		"query":      "x " + url.QueryEscape(secret),
		"lower case": "x " + escapedByte.ReplaceAllStringFunc(url.QueryEscape(secret), strings.ToLower),
		"path":       "x " + url.PathEscape(secret),
		"component":  "x " + escapeComponent(secret),
		"twice":      "x " + url.QueryEscape(escapeComponent(secret)),
		"html":       "x " + html.EscapeString(secret),
		"attribute":  "x " + strings.ReplaceAll(html.EscapeString(secret), "&#34;", "&quot;"),
		"json":       "x " + inJSON(secret),
		"base64":     "x " + base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 url": "x " + base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"decoded":    "x eyJpdiI6IkFB==",
		"piece":      "x abcdefghijklmnop0123",
	} {
		require.Contains(t, v.text(text), masked, name)
		require.NotContains(t, v.text(text), "rd", name)
		require.False(t, v.holds(v.text(text)), name)
	}
	for _, user := range []string{"a", "ab", "abc"} {
		header := base64.StdEncoding.EncodeToString([]byte(user + ":" + secret + ":tail"))
		core := base64.RawStdEncoding.EncodeToString([]byte(secret))
		require.Contains(t, v.text(header), masked)
		require.NotContains(t, v.text(header), core[4:16])
	}
	require.Equal(t, "abc", v.text("abc"), "too short to be looked for")
}

func TestOneTimeCodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Your one-time code is 482913.":             "Your one-time code is *****.",
		"482 913 is your verification code":         "***** is your verification code",
		"Security code: K7QX2M":                     "Security code: *****",
		"SECURITY CODE 4 8 2 9":                     "SECURITY CODE *****",
		"OTP=4829":                                  "OTP=*****",
		"data otp 482913":                           "data otp *****",
		"one_time_code 482-913":                     "one_time_code *****",
		"Passcode\n  48291344":                      "Passcode\n  *****",
		"2FA code 482913, or 111222":                "2FA code *****, or *****",
		"two-factor authentication code 482913":     "two-factor authentication code *****",
		"Stand Alone Code 0126":                     "Stand Alone Code 0126",
		"OTP off. Stand Alone Code: 0126":           "OTP off. Stand Alone Code: 0126",
		"Work order W-100001, 02/03/2030":           "Work order W-100001, 02/03/2030",
		"The adoption of #4001 and optics 1234":     "The adoption of #4001 and optics 1234",
		"OTP 48":                                    "OTP 48",
		"OTP" + strings.Repeat(" far", 20) + "4829": "OTP" + strings.Repeat(" far", 20) + "4829",
	} {
		require.Equal(t, want, hideCodes(text))
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	v := newVeil([]string{"canary-secret"}, []string{"page", "work_visit_completion"})
	for address, want := range map[string]string{
		"https://portal.example/app/work/list?page=2&token=abc#top":                                                      "https://portal.example/app/work/list?page=2&token=*****#*****",
		"https://portal.example/?work_visit_completion=none%7C%7CNo%20visits%20completed%7C%7CWork%20Visits%20Completed": "https://portal.example/?work_visit_completion=none%7C%7CNo%20visits%20completed%7C%7CWork%20Visits%20Completed",
		"https://me:pass@portal.example/x":                                                                               "https://portal.example/x",
		"https://me@portal.example":                                                                                      "https://portal.example",
		"//me:pass@portal.example/x?a":                                                                                   "//portal.example/x?*****",
		"/app/work/100001/visits/900001/":                                                                                "/app/work/100001/visits/900001/",
		"/reset/0123456789abcdefghijKLMN/form":                                                                           "/reset/*****/form",
		"/x/550e8400-e29b-41d4-a716-446655440000":                                                                        "/x/*****",
		"/otp/482913/done":                                                                                               "/otp/*****/done",
		"/x/canary-secret/y":                                                                                             "/x/*****/y",
		"/x;jsessionid=abc/y":                                                                                            "/x;*****/y",
		"/x?page=0123456789abcdefghijKLMN":                                                                               "/x?page=*****",
		"/x?0123456789abcdefghijKLMN=1&a=%zz&&b":                                                                         "/x?*****&a=*****&&*****",
		"/x/%zz":                                                                                                         "/x/*****",
		"data:text/plain,canary":                                                                                         "data:*****",
		"javascript:go(1)":                                                                                               "javascript:*****",
		"blob:https://portal.example/550e8400-e29b-41d4-a716-446655440000":                                               "blob:https://portal.example/*****",
		"": "",
	} {
		require.Equal(t, want, v.address(address))
	}
}

func TestConsoleLines(t *testing.T) {
	t.Parallel()
	v := newVeil(nil, []string{"page"})
	for text, want := range map[string]string{
		"GET https://portal.example/a?b=c&page=2: 500":  "GET https://portal.example/a?b=*****&page=2: 500",
		"open '/a?b=c' failed":                          "open '/a?b=*****' failed",
		`{"token": "abcd1234"}`:                         `{"token": "*****"}`,
		"Authorization: Bearer abcd.efgh1":              "Authorization: Bearer *****",
		"the session has expired":                       "the session has expired",
		"got 0123456789abcdefghijKLMN":                  "got *****",
		"shown 120 rows of work-list-item-wrapper-view": "shown 120 rows of work-list-item-wrapper-view",
	} {
		require.Equal(t, want, v.line(text))
	}
}

func TestElementsAreCut(t *testing.T) {
	t.Parallel()
	v := newVeil(nil, nil)
	dom, cut, err := v.elements("<p>" + strings.Repeat("ä", longestDOM) + "</p>")
	require.NoError(t, err)
	require.True(t, cut)
	require.LessOrEqual(t, len(dom), longestDOM)
	dom, cut, err = v.elements(`<div onclick="go('canary')" data-csrf="canary" data-v-1="x" class="py-1.5"><!-- canary --><template>canary</template>` +
		`<a href="/x?t=canary">y</a><input value="canary"><input type="submit" value="Sign in"><meta name="csrf-token" content="canary"></div>`)
	require.NoError(t, err)
	require.False(t, cut)
	require.NotContains(t, dom, "canary")
	require.Contains(t, dom, `<div onclick="*****" data-csrf="*****" data-v-1="x" class="py-1.5"><a href="/x?t=*****">y</a><input value="*****"/>`+
		`<input type="submit" value="Sign in"/>`)
}

func FuzzVeil(f *testing.F) {
	f.Add("canary", "https://me:canary@x.example/canary?canary=canary#canary", "OTP 482913")
	f.Fuzz(func(t *testing.T, secret, address, text string) {
		v := newVeil([]string{secret}, []string{"page"})
		for _, form := range v.forms {
			require.GreaterOrEqual(t, len([]rune(form)), shortestSecret)
		}
		_ = v.address(address)
		_ = v.line(text)
		_, _, err := v.elements(fmt.Sprintf("<p title=%q>%s</p>", address, text))
		require.NoError(t, err)
	})
}
