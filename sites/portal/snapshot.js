// The page's elements as text. What only the live page knows is written into the copy: which choice of a group is made, and
// that the pager is hidden. What a list may not collect stays behind: contact persons, and every typed value.
() => {
	const live = document.documentElement, copy = live.cloneNode(true);
	const both = (selector, change) => {
		const copies = copy.querySelectorAll(selector);
		live.querySelectorAll(selector).forEach((el, i) => change(el, copies[i]));
	};
	both('input[type=radio], input[type=checkbox]', (el, to) => to.toggleAttribute('checked', el.checked));
	both('.paginator-wrapper .pagination', (el, to) => { if (!el.checkVisibility()) to.style.display = 'none'; });
	copy.querySelectorAll('script, style, link, svg, noscript, .contact-info-block').forEach(el => el.remove());
	copy.querySelectorAll('input:not([type=radio]):not([type=checkbox])').forEach(el => el.removeAttribute('value'));
	return copy.outerHTML;
}
