(() => {
	const norm = text => (text || '').replace(/\s+/g, ' ').trim();
	// Unlike asking for its place, this does not cost the browser a layout of the whole page.
	const visible = el => !!el && el.checkVisibility({visibilityProperty: true});
	const pager = () => document.querySelector('.paginator-wrapper');
	const select = () => (document.querySelector('input[name=limit]') || pager()?.querySelector('.ks-select-selection'))?.closest('.ks-select');
	const usable = el => visible(el) && !el.closest('.disabled, [aria-disabled=true]') ? el : null;
	const links = () => [...pager()?.querySelectorAll('.pagination a.page-link') || []].filter(visible);
	const number = text => /^\d+$/.test(norm(text)) ? +norm(text) : 0;
	const matches = () => {
		for (const el of pager()?.querySelectorAll('*') || []) {
			const found = /^([\d,]+) match(es)?$/i.exec(norm(el.textContent));
			if (found) return +found[1].replaceAll(',', '');
		}
		return -1;
	};
	const state = () => {
		const rows = [...document.querySelectorAll('.work-list-item')];
		return {
			Rows: rows.length,
			Numbers: rows.map(row => /(?:^|\s)w-(\d+)(?:\s|$)/.exec(row.className)?.[1] ??
				row.querySelector('a[href*="/app/work/"]')?.getAttribute('href') ?? '').join(' '),
			Matches: matches(),
			Size: +(/\d+/.exec(norm(select()?.querySelector('.ks-select-selection')?.textContent))?.[0] ?? 0),
			Page: number(pager()?.querySelector('.pagination .current-page')?.textContent),
			Grid: !!document.querySelector('input[name=grid_view][value=grid]')?.checked,
		};
	};
	// ways is apart from state because it is needed only once.
	const ways = () => ({
		Links: links().map(el => number(el.textContent)).filter(Boolean),
		Next: !!usable(pager()?.querySelector('.pagination a.next-page')),
		Prev: !!usable(pager()?.querySelector('.pagination a.prev-page')),
	});
	return {
		select: () => select()?.querySelector('.ks-select-selection'),
		option: size => [...select()?.querySelectorAll('li') || []].find(el => norm(el.textContent) === 'Show ' + size && visible(el)),
		// pick operates the page-size control by script, in one turn: the choices are in the page also while they are folded away.
		pick(size) {
			const control = this.select();
			const choice = [...select()?.querySelectorAll('li') || []].find(el => norm(el.textContent) === 'Show ' + size);
			if (!control || !choice) return false;
			if (!visible(choice)) control.click();
			choice.click();
			return true;
		},
		next: () => usable(pager()?.querySelector('.pagination a.next-page')),
		prev: () => usable(pager()?.querySelector('.pagination a.prev-page')),
		link: page => links().find(el => number(el.textContent) === page),
		asList: () => {
			const radio = document.querySelector('input[name=grid_view][value=list]');
			return radio && (visible(radio) ? radio : radio.closest('label') || radio);
		},
		// look gives the list once it is what was wanted and complete by its own count, or has come to rest otherwise. A complete
		// page of the size that is read (want.Snap) is taken along at once, and the next one asked for in the same turn: the
		// browser is about to lay out a hundred rows, and until that is done it takes no other orders.
		look(quiet, want, snapshot) {
			if (window.fossaworkLeft) return null;
			if ([...document.querySelectorAll('form[name=login], input[type=password]')].some(visible)) return {Login: true};
			const now = state();
			const moved = (!want.Size || now.Size === want.Size) && (!want.Page || !now.Page || now.Page === want.Page) &&
				(!want.Not || now.Numbers !== want.Not) && (!want.List || !now.Grid);
			const due = now.Matches < 0 || !now.Size ? -1 :
				Math.max(0, Math.min(now.Size, now.Matches - ((now.Page || 1) - 1) * now.Size));
			const whole = moved && now.Rows > 0 && now.Rows === due && !!document.querySelector('.active-search-filters strong');
			if (!whole && quiet < want.Settle) return null;
			const loading = [...document.querySelectorAll('.loader-line')].some(visible);
			if (whole && (!loading || quiet > want.Patience)) {
				const answer = {...now, ...ways()};
				const sized = want.SnapPage ? now.Page === want.SnapPage && now.Size === want.Snap :
					!now.Size || now.Size === want.Snap || now.Rows === now.Matches;
				if (want.Snap && !now.Grid && sized) {
					answer.HTML = snapshot();
					answer.Asked = answer.Next && want.Before + now.Rows < now.Matches;
					if (answer.Asked) this.next().click();
				}
				if (want.Pick && !answer.HTML && !now.Grid && now.Size && now.Size !== want.Pick) answer.Picked = this.pick(want.Pick);
				return answer;
			}
			if (loading || quiet < want.Settle) return null;
			if (moved && now.Rows > 0) return {...now, ...ways()};
			if (quiet < want.Patience) return null;
			if (!moved) return {...now, ...ways(), Stuck: true};
			if (now.Matches >= 0) return {...now, ...ways()};
			return quiet > 3 * want.Patience && document.readyState === 'complete' ? {...now, Absent: true} : null;
		},
	};
})()
