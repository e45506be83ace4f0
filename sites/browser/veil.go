package browser

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// masked stands for whatever must not be shown.
const masked = "*****"

// shortestSecret is the length from which on a secret is looked for: a shorter one is in every text.
const shortestSecret = 4

// veil takes out of texts what must not leave this package.
type veil struct {
	forms    []string // every way in which a secret may be written, the longest first
	replacer *strings.Replacer
	shown    map[string]bool // parameters of addresses whose values may be seen
}

func newVeil(secrets, shownParameters []string) *veil {
	all := map[string]bool{}
	for _, secret := range secrets {
		for _, form := range formsOf(secret) {
			all[form] = true
		}
	}
	v := &veil{shown: map[string]bool{}, forms: slices.AppendSeq([]string{}, maps.Keys(all))} // never nil: the page's side gets it as JSON
	slices.SortFunc(v.forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(v.forms))
	for _, form := range v.forms {
		pairs = append(pairs, form, masked)
	}
	v.replacer = strings.NewReplacer(pairs...)
	for _, name := range shownParameters {
		v.shown[name] = true
	}
	return v
}

// holds tells whether a text has a secret in it.
func (v *veil) holds(text string) bool {
	return slices.ContainsFunc(v.forms, func(form string) bool { return strings.Contains(text, form) })
}

// longestSecret bounds what is looked for: a longer value is a document, not a secret.
const longestSecret = 8 << 10

// formsOf lists the ways in which a secret may be written: as it is, escaped for an address, for HTML or for JSON, in base64, and
// the long pieces that a cookie may be made of.
func formsOf(secret string) []string {
	plain := []string{secret}
	if decoded, err := url.PathUnescape(secret); err == nil && decoded != secret {
		plain = append(plain, decoded)
	}
	for _, piece := range strings.FieldsFunc(plain[len(plain)-1], func(r rune) bool { return strings.ContainsRune(`|.:,;"{}[] `, r) }) {
		if len(piece) >= longestWord {
			plain = append(plain, piece)
		}
	}
	var forms []string
	for _, text := range plain {
		if utf8.RuneCountInString(text) < shortestSecret || len(text) > longestSecret {
			continue
		}
		forms = append(forms, text, html.EscapeString(text), strings.ReplaceAll(html.EscapeString(text), "&#34;", "&quot;"), inJSON(text))
		for _, escaped := range []string{url.QueryEscape(text), url.PathEscape(text), escapeComponent(text), escapeAll(text)} {
			forms = append(forms, escaped, escapedByte.ReplaceAllStringFunc(escaped, strings.ToLower), url.QueryEscape(escaped))
		}
		forms = append(forms, inBase64(text)...)
	}
	return slices.DeleteFunc(forms, func(form string) bool { return utf8.RuneCountInString(form) < shortestSecret })
}

// longestWord is the length from which on a piece of a cookie is a token rather than a word.
const longestWord = 16

var escapedByte = regexp.MustCompile(`%[0-9A-F]{2}`)

// escapeComponent is JavaScript's encodeURIComponent.
func escapeComponent(text string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(text))
}

// escapeAll escapes everything but letters, digits and what no address needs escaped, as some form encoders do.
func escapeAll(text string) string {
	return strings.NewReplacer("-", "%2D", ".", "%2E", "_", "%5F", "~", "%7E").Replace(url.QueryEscape(text))
}

func inJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return text
	}
	return strings.Trim(string(quoted), `"`)
}

// inBase64 gives what is the same in every base64 text that has the secret in it: three bytes become four letters, so it depends on
// where among three the secret begins.
func inBase64(text string) []string {
	forms := []string{base64.RawStdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text))}
	for skip, from := range []int{0, 2, 3} {
		raw := append(make([]byte, skip), text...)
		if to := len(raw) * 8 / 6; to-from >= 8 {
			forms = append(forms, base64.RawStdEncoding.EncodeToString(raw)[from:to], base64.RawURLEncoding.EncodeToString(raw)[from:to])
		}
	}
	return forms
}

// One-time codes: four to ten digits, perhaps in groups, or capitals and digits, near words that announce them. The patterns
// are also used by the page's side, so they keep to what Go and JavaScript understand alike.
const (
	codeWords = `one[\s_-]?time[\s_-]?(?:pass)?(?:code|word|pin)|verification[\s_-]?code|security[\s_-]?code|pass[\s_-]?code|` +
		`(?:2fa|mfa)(?:[\s_-]?code)?|(?:two|multi)[\s_-]?factor[\s_-]?(?:authentication[\s_-]?)?code|` +
		`authenticat(?:ion|or)[\s_-]?code|(?:^|[^a-z0-9])otp(?:[\s_-]?code)?(?:$|[^a-z0-9])`
	codeForm = `\b(?:[A-Z0-9]{4,10}|\d(?:[ -]?\d){3,9})\b`
	// A dispenser's stand-alone code is data, whatever stands near it.
	codeOfDevice = `stand[\s_-]?alone[\s_-]?code\W{0,40}$`
	codeReach    = 40 // characters between the words and the code
)

var (
	codeWordsText    = regexp.MustCompile(`(?i)` + codeWords)
	codeFormText     = regexp.MustCompile(codeForm)
	codeOfDeviceText = regexp.MustCompile(`(?i)` + codeOfDevice)
)

// codeStems are what every announcement of a code has one of: looking for them is much faster than for the words.
var codeStems = []string{"code", "otp", "2fa", "mfa", "time"}

// hideCodes masks one-time codes.
func hideCodes(text string) string {
	lower := strings.ToLower(text)
	if !slices.ContainsFunc(codeStems, func(stem string) bool { return strings.Contains(lower, stem) }) {
		return text
	}
	words := codeWordsText.FindAllStringIndex(text, -1)
	if words == nil {
		return text
	}
	var out strings.Builder
	at := 0
	for _, code := range codeFormText.FindAllStringIndex(text, -1) {
		if isCode(text, code, words) {
			out.WriteString(text[at:code[0]] + masked)
			at = code[1]
		}
	}
	return out.String() + text[at:]
}

func isCode(text string, code []int, words [][]int) bool {
	near := false
	for _, word := range words {
		switch {
		case code[0] >= word[1]:
			near = near || code[0]-word[1] <= codeReach
		case code[1] <= word[0]:
			near = near || word[0]-code[1] <= codeReach
		default:
			return false // a part of the words
		}
	}
	return near && !codeOfDeviceText.MatchString(text[max(0, code[0]-80):code[0]])
}

var (
	addressInText = regexp.MustCompile(`\b(?:https?|wss?|blob|data|file):[^\s"'<>` + "`" + `]+`)
	pairInText    = regexp.MustCompile(`([?&#;])([^\s?&#;="'<>()]{1,80})=([^\s&#"'<>()]*)`)
	labelled      = regexp.MustCompile(`(?i)((?:bearer|basic|token|passw(?:or)?d|passwd|secret|session(?:[_-]?id)?|csrf|xsrf|api[_-]?key|cookie)` +
		`["']?\s*([:= ])\s*["']?)([^\s"',;&)}\]]{4,})`)
	wordLike = regexp.MustCompile(`[A-Za-z0-9_.~+=-]{20,}`)
)

// text masks secrets, one-time codes and what addresses carry.
func (v *veil) text(text string) string {
	text = v.replacer.Replace(text)
	if strings.Contains(text, ":") {
		text = addressInText.ReplaceAllStringFunc(text, v.address)
	}
	if strings.Contains(text, "=") {
		text = pairInText.ReplaceAllStringFunc(text, func(pair string) string {
			m := pairInText.FindStringSubmatch(pair)
			return m[1] + v.parameter(m[2]+"="+m[3])
		})
	}
	return hideCodes(text)
}

// line masks in a console's line also what only looks like a token.
func (v *veil) line(text string) string {
	text = labelled.ReplaceAllStringFunc(v.text(text), func(found string) string {
		m := labelled.FindStringSubmatch(found)
		if m[2] == " " && !strings.ContainsAny(m[3], "0123456789") { // a sentence
			return found
		}
		return m[1] + masked
	})
	return wordLike.ReplaceAllStringFunc(text, func(word string) string {
		if isToken(word) {
			return masked
		}
		return word
	})
}

// address masks the values of a query and of a fragment, who signs in, and long random parts of a path.
func (v *veil) address(address string) string {
	address = v.replacer.Replace(address)
	scheme, rest, absolute := strings.Cut(address, ":")
	switch scheme = strings.ToLower(scheme); {
	case !absolute:
	case scheme == "data":
		return "data:" + masked
	case scheme == "blob":
		return "blob:" + v.address(rest)
	case scheme == "javascript":
		return "javascript:" + masked
	}
	address, fragment, _ := strings.Cut(address, "#")
	address, query, _ := strings.Cut(address, "?")
	path := v.path(address)
	if query != "" {
		pairs := strings.Split(query, "&")
		for i, pair := range pairs {
			pairs[i] = v.parameter(pair)
		}
		path += "?" + strings.Join(pairs, "&")
	}
	if fragment != "" {
		path += "#" + masked
	}
	return path
}

// path is an address without query and fragment.
func (v *veil) path(address string) string {
	origin := ""
	if at := strings.Index(address, "//"); at >= 0 && (at == 0 || address[at-1] == ':') {
		host, rest, slash := strings.Cut(address[at+2:], "/")
		if user := strings.LastIndex(host, "@"); user >= 0 {
			host = host[user+1:]
		}
		origin = address[:at+2] + host
		if !slash {
			return origin
		}
		address = "/" + rest
	}
	segments := strings.Split(address, "/")
	for i, segment := range segments {
		name, _, parameters := strings.Cut(segment, ";")
		if parameters {
			name += ";" + masked
		}
		plain, err := url.PathUnescape(segment)
		if err != nil || isToken(plain) || (i > 0 && announcesCode(segments[i-1]) && codeFormText.FindString(segment) == segment) {
			name = masked
		}
		segments[i] = name
	}
	return origin + strings.Join(segments, "/")
}

func announcesCode(segment string) bool {
	switch strings.ToLower(segment) {
	case "otp", "code", "verify", "verification", "2fa", "mfa", "passcode", "two-factor", "one-time":
		return true
	default:
		return codeWordsText.MatchString(segment)
	}
}

// parameter is one pair of a query. What has no name is all value.
func (v *veil) parameter(pair string) string {
	name, value, named := strings.Cut(pair, "=")
	plain, err := url.QueryUnescape(name)
	switch {
	case pair == "":
		return ""
	case !named || err != nil || isToken(plain) || v.holds(plain):
		return masked
	}
	if v.shown[plain] {
		if shown, err := url.QueryUnescape(value); err == nil && !slices.ContainsFunc(strings.Fields(shown), isToken) {
			return name + "=" + value
		}
	}
	return name + "=" + masked
}

// isToken tells whether a word looks random: at least 20 letters and digits, both of them.
func isToken(word string) bool {
	return len(word) >= 20 && !strings.ContainsAny(word, " /") &&
		strings.ContainsAny(word, "0123456789") && strings.ContainsFunc(word, func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	})
}
