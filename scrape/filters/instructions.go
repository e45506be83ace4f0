package filters

import (
	"slices"
	"strconv"
	"strings"
)

// Instructions is what a dispatcher's free text says about dispensers and days. Dispensers and Excluded are ascending,
// each number once.
type Instructions struct {
	Dispensers []int    // "Dispensers #1/2, #3/4 and #7 only": 1, 2, 3, 4, 7
	Excluded   []int    // "all except #5/6": 5, 6
	Ignored    []string // stands where a dispenser's number stands, but cannot be one
	Day, Days  int      // "Day 2 of 3": 2 and 3; zero when the text does not say so
}

// ParseInstructions reads the dispensers and the day from a text. Numbers count when they follow a word for dispensers or a
// "#", and when they are at most highest: "Store #4001" and "2 filters" are not dispensers.
//
// "3-6", "3 to 6" are ranges; "1/2" is a pair; commas, "and", "&" and blanks make lists.
func ParseInstructions(text string, highest int) Instructions {
	p := &instructionParser{tokens: tokensOf(text), highest: min(highest, maxHighestDispenser)}
	p.days()
	for at := 0; at < len(p.tokens); {
		at = p.group(at)
	}
	p.found.Dispensers = ascending(p.found.Dispensers)
	p.found.Excluded = ascending(p.found.Excluded)
	return p.found
}

// maxHighestDispenser bounds what a range can expand to.
const maxHighestDispenser = 999

type instructionParser struct {
	tokens  []token
	highest int
	found   Instructions
}

// days takes "Day X of Y" out of the tokens. The smallest day wins when a text describes several: it is the one on which
// filters count.
func (p *instructionParser) days() {
	for i := range p.tokens {
		if p.word(i) != "day" {
			continue
		}
		at := i + 1
		if p.symbol(at) == '#' {
			at++
		}
		if p.word(at+1) != "of" && p.symbol(at+1) != '/' {
			continue
		}
		day, days := p.number(at), p.number(at+2)
		if day < 1 || days < day {
			continue
		}
		if p.found.Day == 0 || day < p.found.Day {
			p.found.Day, p.found.Days = day, days
		}
		for j := i; j <= at+2; j++ {
			p.tokens[j] = token{kind: symbolToken, symbol: '.'}
		}
	}
}

// group reads the list of numbers that starts at a word for dispensers or a "#", and returns where to go on.
func (p *instructionParser) group(start int) int {
	named := dispenserWords[p.word(start)]
	if !named && (p.symbol(start) != '#' || foreignWords[p.wordBefore(start)]) {
		return start + 1
	}
	at := start
	if named {
		at = p.skipDecoration(start + 1)
	}
	var numbers []int
	end := start + 1
	for first := true; ; first = false {
		item, next, isItem := p.item(at)
		if !isItem {
			break
		}
		end = next
		numbers = append(numbers, item...)
		if len(item) == 0 && (named || !first) { // a lone "#4001" is a store number and no reason to warn
			p.found.Ignored = append(p.found.Ignored, p.text(at, next))
		}
		at = p.skipSeparators(next)
	}
	if p.negated(start) {
		p.found.Excluded = append(p.found.Excluded, numbers...)
	} else {
		p.found.Dispensers = append(p.found.Dispensers, numbers...)
	}
	return end
}

// item reads "#7", "#1/2", "3-6" or "#1/2-#7/8". It returns no numbers for an item that cannot be of dispensers.
func (p *instructionParser) item(at int) (numbers []int, next int, isItem bool) {
	from, at, ok := p.pair(at)
	if !ok {
		return nil, at, false
	}
	if p.symbol(at) != '-' && !rangeWords[p.word(at)] {
		return p.allowed(from), at, true
	}
	to, end, ok := p.pair(at + 1)
	if !ok { // "#3 - leaking"
		return p.allowed(from), at, true
	}
	chained := false // "555-123-4567" is a telephone, "1-3-5" anybody's guess
	for p.symbol(end) == '-' {
		_, further, more := p.pair(end + 1)
		if !more {
			break
		}
		chained, end = true, further
	}
	all := append(slices.Clone(from), to...)
	if chained || p.allowed(all) == nil {
		return nil, end, true
	}
	for n := slices.Min(all); n <= slices.Max(all); n++ {
		numbers = append(numbers, n)
	}
	return numbers, end, true
}

// pair reads numbers joined by "/".
func (p *instructionParser) pair(at int) (numbers []int, next int, ok bool) {
	start := at
	for {
		if numberWords[p.word(at)] {
			at++
			if p.symbol(at) == '.' {
				at++
			}
		}
		if p.symbol(at) == '#' {
			at++
		}
		n, end := p.number(at), at+1
		if p.sideLetter(end) {
			end++
		}
		if n < 0 || p.counts(end) {
			return numbers, start, len(numbers) > 0
		}
		numbers = append(numbers, n)
		start = end // a "/" without a number behind it does not belong to the pair
		if p.symbol(start) != '/' {
			return numbers, start, true
		}
		at = start + 1
	}
}

// sideLetter tells the "A" of "1A". Both sides of a dispenser get their filters together, so it decides nothing.
func (p *instructionParser) sideLetter(at int) bool {
	word := p.word(at)
	return (word == "a" || word == "b") && p.tokens[at].glued
}

// counts tells whether the word at this place makes the number before it a quantity, an ordinal or a time: "2 filters",
// "3rd", "9am".
func (p *instructionParser) counts(at int) bool {
	word := p.word(at)
	if word == "" {
		return false
	}
	glued := p.tokens[at].glued && !listWords[word] && !rangeWords[word]
	return glued || unitWords[word]
}

func (p *instructionParser) allowed(numbers []int) []int {
	for _, n := range numbers {
		if n < 1 || n > p.highest {
			return nil
		}
	}
	return numbers
}

// skipDecoration passes what stands between the word and its first number: "dispenser(s) no. 5", "pumps: 3".
func (p *instructionParser) skipDecoration(at int) int {
	if p.symbol(at) == '(' && p.word(at+1) == "s" && p.symbol(at+2) == ')' {
		at += 3
	}
	for p.symbol(at) == ':' || p.symbol(at) == '.' {
		at++
	}
	return at
}

func (p *instructionParser) skipSeparators(at int) int {
	for {
		switch p.symbol(at) {
		case ',', ';', '&', '+':
			at++
			continue
		}
		if !listWords[p.word(at)] {
			return at
		}
		at++
	}
}

// negated tells whether the words before a group take its dispensers out.
func (p *instructionParser) negated(start int) bool {
	at := start - 1
	for at >= 0 && (fillWords[p.word(at)] || p.symbol(at) == '\'') {
		at--
	}
	return negativeWords[p.word(at)] || p.word(at) == "don" || p.word(at) == "but" && p.word(at-1) == "all"
}

// wordBefore is the word that a "#" belongs to: "Store #", "Store no. #", "Store: #".
func (p *instructionParser) wordBefore(at int) string {
	at--
	for p.symbol(at) == '.' || p.symbol(at) == ':' || numberWords[p.word(at)] {
		at--
	}
	return p.word(at)
}

func (p *instructionParser) word(at int) string {
	if at < 0 || at >= len(p.tokens) {
		return ""
	}
	return p.tokens[at].word
}

func (p *instructionParser) symbol(at int) rune {
	if at < 0 || at >= len(p.tokens) {
		return 0
	}
	return p.tokens[at].symbol
}

// number is the number at this place; -1 when there is none. One that is too long to be a dispenser's is only large.
func (p *instructionParser) number(at int) int {
	if at < 0 || at >= len(p.tokens) || p.tokens[at].kind != numberToken {
		return -1
	}
	n, err := strconv.Atoi(p.tokens[at].digits)
	if err != nil || n > 1<<30 {
		return 1 << 30
	}
	return n
}

// text is the tokens as they were written, without blanks and cut to a length that fits a warning.
func (p *instructionParser) text(from, to int) string {
	const longest = 40
	var b strings.Builder
	for _, t := range p.tokens[from:to] {
		if b.Len() > longest {
			return b.String() + "..."
		}
		b.WriteString(t.String())
	}
	return b.String()
}

func ascending(numbers []int) []int {
	slices.Sort(numbers)
	return slices.Compact(numbers)
}
