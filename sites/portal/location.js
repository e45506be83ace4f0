(() => {
	const norm = text => (text || '').replace(/\s+/g, ' ').trim();
	const visible = el => !!el && el.checkVisibility({visibilityProperty: true});
	// What surrounds every page has links, loaders and dialogs of its own.
	const frame = '#sidebar, .top-bar, .ks-modal';
	const all = selector => [...document.querySelectorAll(selector)].filter(el => visible(el) && !el.closest(frame));
	const tab = () => ['[dusk=equipment-tab]', '[role=tab], .tab, .nav-link', 'a, button'].flatMap(all)
		.find(el => norm(el.textContent).toLowerCase() === 'equipment');
	const active = el => !!el.closest('.active, .active-tab, .is-active, .router-link-active, [aria-selected=true]');
	// Only of a dialog: what else might be cancelled on a page is none of our business.
	const cancel = () => [...document.querySelectorAll('button')]
		.find(el => norm(el.textContent) === 'Cancel' && visible(el) && el.closest('dialog, [role=dialog], [class*=modal]'));
	// The whole text, so that nothing that adds a dispenser can ever be meant.
	const toggle = () => all('a[href="#"]').find(el => /^dispensers? ?\(\d+\)$/i.test(norm(el.textContent)));
	const cards = link => {
		const body = [];
		for (let el = link.closest('.group-heading')?.nextElementSibling; el && !el.matches('.group-heading'); el = el.nextElementSibling) {
			body.push(el);
		}
		const card = '[class~="py-1.5"]';
		const known = body.flatMap(el => el.matches(card) ? [el] : [...el.querySelectorAll(card)].filter(c => !c.parentElement.closest(card)));
		const found = known.length ? known : body.flatMap(el => [...el.children]).filter(el => norm(el.textContent));
		return found.filter(visible).length;
	};
	return {
		// look takes the next step towards the opened group of dispensers and tells which, or gives the page once it shows what
		// it has. A step without an effect is taken once more.
		look(quiet, want, snapshot) {
			if (window.fossaworkLeft) return null;
			if ([...document.querySelectorAll('form[name=login], input[type=password]')].some(visible)) return {Login: true};
			const rest = quiet >= want.Settle && document.readyState === 'complete';
			if (!new RegExp('/locations/' + want.ID + '(/|$)').test(location.pathname)) {
				return rest ? {Elsewhere: true, HTML: snapshot()} : null;
			}
			const loading = all('.loader-line').length > 0 && quiet < 3 * want.Patience;
			const due = step => !want.Taken[step] || (want.Taken[step] === 1 && quiet >= want.Patience && !loading);
			const take = (step, el) => { el.click(); return {Step: step}; };

			const dialog = cancel();
			if (dialog && due('cancel')) return take('cancel', dialog);
			const link = toggle();
			if (!link) {
				const way = tab(), groups = all('.group-heading').length;
				if (!way && !groups) return rest && !loading ? {Absent: true, HTML: snapshot()} : null;
				if (way && !groups && due('tab') && !(active(way) && (want.Taken.tab || quiet < want.Patience))) return take('tab', way);
				return !loading && quiet >= (groups ? want.Settle : want.Patience) ? {Rest: true, HTML: snapshot()} : null;
			}
			if (loading) return null;
			const count = +/\d+/.exec(norm(link.textContent))[0], shown = cards(link);
			const title = norm(link.title).toLowerCase();
			const closed = title.startsWith('show') || (!title.startsWith('hide') && !shown);
			if (count && closed) {
				if (due('toggle')) return take('toggle', link);
			} else if (count && shown >= count) {
				return {Whole: true, HTML: snapshot()};
			}
			return quiet >= (count ? want.Patience : want.Settle) ? {Rest: true, HTML: snapshot()} : null;
		},
	};
})()
