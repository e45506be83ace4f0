package filters

import (
	"strings"
	"unicode"
)

// token is a word in lower case, a run of digits or a symbol; which of them is told by kind, the other fields are empty.
type token struct {
	kind   tokenKind
	word   string
	digits string
	symbol rune
	glued  bool // no blank before it
}

type tokenKind int

const (
	symbolToken tokenKind = iota
	wordToken
	numberToken
)

// String is the token as it was written, in lower case.
func (t token) String() string {
	if t.kind == symbolToken {
		return string(t.symbol)
	}
	return t.word + t.digits
}

func tokensOf(text string) []token {
	var tokens []token
	glued := false
	runes := []rune(text)
	for i := 0; i < len(runes); {
		if unicode.IsSpace(runes[i]) {
			glued = false
			i++
			continue
		}
		end := i + 1
		t := token{kind: symbolToken, symbol: symbolOf(runes[i]), glued: glued}
		switch {
		case unicode.IsLetter(runes[i]):
			for end < len(runes) && unicode.IsLetter(runes[end]) {
				end++
			}
			t = token{kind: wordToken, word: strings.ToLower(string(runes[i:end])), glued: glued}
		case isDigit(runes[i]):
			for end < len(runes) && isDigit(runes[end]) {
				end++
			}
			t = token{kind: numberToken, digits: string(runes[i:end]), glued: glued}
		}
		tokens = append(tokens, t)
		glued, i = true, end
	}
	return tokens
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// symbolOf maps what word processors make of a hyphen and an apostrophe back to what was meant.
func symbolOf(r rune) rune {
	switch r {
	case '‐', '‑', '‒', '–', '—', '−':
		return '-'
	case '’':
		return '\''
	}
	return r
}
