package browser

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// elements masks a page's elements and cuts them to what is kept.
func (v *veil) elements(page string) (dom string, cut bool, err error) {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		return "", false, fmt.Errorf("parse the page: %w", err)
	}
	doc.Find("script, style, noscript, template").Remove()
	everything := doc.Find("*")
	everything.Each(func(_ int, el *goquery.Selection) { v.attributes(el) })
	everything.Contents().Each(func(_ int, node *goquery.Selection) {
		switch goquery.NodeName(node) {
		case "#text":
			node.Nodes[0].Data = v.text(node.Nodes[0].Data)
		case "#comment":
			node.Remove()
		}
	})
	dom, err = doc.Html()
	if err != nil {
		return "", false, fmt.Errorf("write the page: %w", err)
	}
	// Once more as a whole: a secret may be spread over elements.
	dom = v.replacer.Replace(dom)
	if len(dom) > longestDOM {
		return strings.ToValidUTF8(dom[:longestDOM], ""), true, nil
	}
	return dom, false, nil
}

var (
	tellingName  = regexp.MustCompile(`(?i)csrf|xsrf|token|nonce|secret|passw|session|authori[sz]ation|api[_-]?key|jwt|cookie`)
	buttonType   = regexp.MustCompile(`(?i)^(submit|button|reset|image|radio|checkbox)$`)
	addressNames = map[string]bool{
		"href": true, "src": true, "action": true, "formaction": true, "data": true, "poster": true, "cite": true, "ping": true,
		"background": true, "xlink:href": true, "data-url": true, "data-href": true, "data-src": true, "manifest": true,
	}
)

// attributes masks the values of an element's attributes.
func (v *veil) attributes(el *goquery.Selection) {
	node := el.Nodes[0]
	kind := goquery.NodeName(el)
	for i, attribute := range node.Attr {
		if attribute.Val == "" {
			continue
		}
		name := strings.ToLower(attribute.Key)
		if attribute.Namespace != "" {
			name = strings.ToLower(attribute.Namespace) + ":" + name
		}
		value := &node.Attr[i].Val
		switch {
		case strings.HasPrefix(name, "on"), name == "srcdoc", name == "nonce":
			*value = masked
		case kind == "input" && name == "value" && !buttonType.MatchString(el.AttrOr("type", "")):
			*value = masked
		case kind == "meta" && name == "content" && tellingName.MatchString(el.AttrOr("name", "")+" "+el.AttrOr("property", "")):
			*value = masked
		case strings.HasPrefix(name, "data-") && tellingName.MatchString(name):
			*value = masked
		case addressNames[name]:
			*value = v.address(attribute.Val)
		default:
			// The name may be what announces a one-time code: it is read along with the value.
			prefix := strings.NewReplacer("-", " ", "_", " ").Replace(name) + " "
			*value = v.text(strings.TrimPrefix(hideCodes(prefix+attribute.Val), prefix))
		}
	}
}
