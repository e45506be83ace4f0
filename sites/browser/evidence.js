// The page's side of taking evidence. It runs in a world of its own: the page's scripts see neither it nor the secrets. What it
// changes in the page for the picture it takes back afterwards.
(() => {
	const buttons = new Set(['submit', 'button', 'reset', 'image', 'radio', 'checkbox']);
	const isField = el => el.matches('textarea, select') || (el.matches('input') && !buttons.has(el.type));
	const announces = /csrf|xsrf|token|nonce|secret|otp|one-time|passcode|2fa/i;
	const undo = [];        // in the order of the changes
	const covered = new Set();
	const codes = new Set();
	let rules, observer;

	// The document and every open shadow root.
	const roots = () => {
		const found = [document];
		for (const root of found) for (const el of root.querySelectorAll('*')) if (el.shadowRoot) found.push(el.shadowRoot);
		return found;
	};
	const all = selector => roots().flatMap(root => [...root.querySelectorAll(selector)]);
	const texts = () => roots().flatMap(root => {
		const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
		while (walker.nextNode()) {
			const node = walker.currentNode;
			if (node.data.trim() && !node.parentElement?.closest('script, style, noscript, template, textarea')) found.push(node);
		}
		return found.map(node => ({text: node.data, read: () => node.data, write: text => { node.data = text; }}));
	});
	// Attributes that a page may show; those that load something or mean something to the page stay as they are.
	const attributes = () => all('*').flatMap(el => [...el.attributes]
		.filter(({name, value}) => value && (name.startsWith('data-') || /^(title|alt|placeholder|label|aria-label|aria-description)$/.test(name)))
		.map(({name, value}) => ({
			name, text: value, read: () => el.getAttribute(name), write: text => el.setAttribute(name, text),
		})));
	const labels = () => all('input').filter(el => buttons.has(el.type) && el.value)
		.map(el => ({text: el.value, read: () => el.value, write: text => { el.value = text; }}));

	const secretsIn = text => {
		const spans = [];
		for (const secret of rules.Secrets) {
			for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length)) spans.push([at, at + secret.length]);
		}
		return spans;
	};
	const codesIn = text => {
		const words = [...text.matchAll(new RegExp(rules.Words, 'gi'))].map(m => [m.index, m.index + m[0].length]);
		if (!words.length) return [];
		const device = new RegExp(rules.Device, 'i');
		const found = [...text.matchAll(new RegExp(rules.Code, 'g'))].map(m => [m.index, m.index + m[0].length]).filter(([from, to]) =>
			words.every(([a, b]) => from >= b || to <= a) &&
			words.some(([a, b]) => (from >= b && from - b <= rules.Reach) || (to <= a && a - to <= rules.Reach)) &&
			!device.test(text.slice(Math.max(0, from - 80), from)));
		for (const [from, to] of found) {
			const code = text.slice(from, to);
			if (/\d/.test(code) && code.length >= 6) codes.add(code);
		}
		return found;
	};
	const veiled = (text, spans) => {
		let out = '', at = 0;
		for (const [from, to] of spans.sort((x, y) => x[0] - y[0])) {
			if (from >= at) out += text.slice(at, from) + rules.Mask;
			at = Math.max(at, to);
		}
		return out + text.slice(at);
	};
	const change = (item, spans) => {
		const was = item.text, now = veiled(was, spans);
		if (now === was) return;
		item.write(now);
		undo.push(() => { if (item.read() === now) item.write(was); });
	};
	// veil masks what is found in the items' texts put together, so that it is also found where it is split.
	const veil = (items, gap, find) => {
		const starts = [], spans = new Map();
		let joined = '';
		for (const item of items) {
			const lead = gap ? item.text.length - item.text.trimStart().length : 0;
			starts.push(joined.length - lead);
			joined += gap ? item.text.trim() + gap : item.text;
		}
		for (const [from, to] of find(joined)) {
			let i = 0, beyond = items.length; // the last item that begins at or before the span
			while (beyond - i > 1) {
				const middle = (i + beyond) >> 1;
				if (starts[middle] <= from) i = middle; else beyond = middle;
			}
			for (; i < items.length && starts[i] < to; i++) {
				const item = items[i], a = Math.max(0, from - starts[i]), b = Math.min(item.text.length, to - starts[i]);
				if (a >= b) continue;
				if (!spans.has(item)) spans.set(item, []);
				spans.get(item).push([a, b]);
			}
		}
		for (const [item, found] of spans) change(item, found);
	};
	const veilAll = () => {
		veil(texts(), ' ', codesIn);
		veil(texts(), '', secretsIn);
		veil(attributes(), '\u0000', secretsIn);
		veil(labels(), '\u0000', secretsIn);
		const word = new RegExp(rules.Words, 'i');
		for (const item of attributes()) {
			const prefix = item.name.replaceAll(/[-_]/g, ' ') + ' ';
			if (!word.test(prefix + item.text)) continue;
			change(item, codesIn(prefix + item.text).map(([a, b]) => [a - prefix.length, b - prefix.length]).filter(([a]) => a >= 0));
		}
	};
	const style = (el, properties) => {
		if (covered.has(el) || !el.style) return;
		covered.add(el);
		const was = el.getAttribute('style');
		for (const [name, value] of Object.entries(properties)) el.style.setProperty(name, value, 'important');
		undo.push(() => { if (was === null) el.removeAttribute('style'); else el.style.cssText = was; });
	};
	// cover makes unreadable in the picture what was typed, and what this script cannot read itself.
	const cover = () => {
		for (const el of all('input, textarea, select, [contenteditable]:not([contenteditable=false])')) {
			if (!el.matches('input, textarea, select') || isField(el)) {
				style(el, {'-webkit-text-fill-color': 'transparent', '-webkit-text-security': 'disc', 'text-shadow': 'none',
					'caret-color': 'transparent', transition: 'none'});
			}
		}
		for (const el of all('iframe, frame, object, embed, canvas, video, img[src^="data:"], [contenteditable]:not([contenteditable=false]) *')) {
			style(el, {visibility: 'hidden', transition: 'none'});
		}
	};
	// copy is the page's elements in a document without scripts, where nothing is loaded and no element comes to life.
	const copy = () => {
		const live = document.documentElement;
		const to = document.implementation.createHTMLDocument('').importNode(live, true);
		const both = (selector, change) => {
			const copies = to.querySelectorAll(selector);
			live.querySelectorAll(selector).forEach((el, i) => change(el, copies[i]));
		};
		both('input', (el, copied) => {
			if (el.type === 'radio' || el.type === 'checkbox') copied.toggleAttribute('checked', el.checked);
			else if (isField(el)) {
				copied.removeAttribute('value');
				if (el.value) copied.setAttribute('value', rules.Mask);
			}
		});
		both('textarea', (el, copied) => { copied.textContent = el.value && rules.Mask; });
		both('[contenteditable]:not([contenteditable=false])', (el, copied) => { copied.textContent = el.textContent.trim() && rules.Mask; });
		to.querySelectorAll('option').forEach(el => {
			el.removeAttribute('selected');
			if (el.hasAttribute('value')) el.setAttribute('value', rules.Mask);
		});
		to.querySelectorAll('script, style, noscript, template').forEach(el => el.remove());
		const comments = document.createTreeWalker(to, NodeFilter.SHOW_COMMENT), found = [];
		while (comments.nextNode()) found.push(comments.currentNode);
		found.forEach(node => node.remove());
		return to.outerHTML;
	};
	return {
		// gather gives what the page holds that must not be shown.
		gather() {
			const Stored = [], Tokens = [];
			for (const name of ['localStorage', 'sessionStorage']) {
				try {
					Stored.push(...Object.values(window[name]).map(String));
				} catch {
					// a page without storage
				}
			}
			for (const el of document.querySelectorAll('meta[content]')) {
				if (announces.test(el.name || el.getAttribute('property') || '')) Tokens.push(el.content);
			}
			for (const el of all('input')) {
				const named = announces.test([el.name, el.id, el.autocomplete].join(' '));
				if (el.type === 'password' || (named && isField(el))) Tokens.push(el.value, el.defaultValue);
			}
			return {URL: location.href, Title: document.title, Stored, Tokens: Tokens.filter(Boolean)};
		},
		// hide masks the page, keeps it masked, and gives its elements.
		hide(given) {
			rules = given;
			veilAll();
			const html = copy();
			cover();
			observer = new MutationObserver(() => {
				veilAll();
				cover();
				observer.takeRecords();
			});
			for (const root of roots()) {
				observer.observe(root, {subtree: true, childList: true, attributes: true, characterData: true});
			}
			return {HTML: html.slice(0, rules.Longest), Cut: html.length > rules.Longest, Shadow: roots().length > 1, Codes: [...codes]};
		},
		// show takes the changes back, the last one first.
		show() {
			observer?.disconnect();
			while (undo.length) undo.pop()();
			return true;
		},
	};
})()
