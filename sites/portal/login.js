(() => {
	const norm = text => (text || '').replace(/\s+/g, ' ').trim();
	const visible = el => !!el && el.getClientRects().length > 0 && getComputedStyle(el).visibility === 'visible';
	const find = selector => document.querySelector(selector);
	const password = () => [...document.querySelectorAll('input[type=password]')].find(visible);
	const form = () => {
		const named = find('form[name=login]');
		return named && visible(named) ? named : password()?.form;
	};
	const email = () => form()?.querySelector('input[type=email][name=email], input[type=email], input[name=email], input[name=username]');
	const lines = () => (document.body?.innerText || '').split('\n').map(norm).filter(Boolean);
	const shell = () => !password() && (!!find('#sidebar') || !!find('.top-bar')) &&
		[...document.querySelectorAll('a[href*="/app/work"]')].some(visible);
	return {
		email,
		password: () => form()?.querySelector('input[type=password]'),
		submit: () => form()?.querySelector('input[type=submit], button[type=submit], button:not([type])'),
		// mark lets answer tell the submitted page from the next one.
		mark() { window.fossaworkSubmitted = true; return true; },
		// fresh gives the form once it can be filled in.
		fresh(quiet) {
			if (email() && password()) return {Form: true, Lines: lines()};
			if (quiet > 2000 && document.readyState === 'complete' && !password() &&
				[...document.querySelectorAll('a[href*="/sso"]')].some(visible)) return {SSOOnly: true};
			return null;
		},
		// answer gives what the portal shows after the form was submitted, once it has settled.
		answer(quiet, before) {
			const known = new Set(before);
			const result = {
				Shell: shell(), Form: !!form() && !!password(), Host: location.host, Path: location.pathname,
				Passwords: [...document.querySelectorAll('input[type=password]')].filter(visible).length,
				Texts: lines().filter(line => !known.has(line)).slice(0, 40).map(line => line.slice(0, 300)),
			};
			if (result.Shell) return result;
			const alert = [...document.querySelectorAll('.error-msg, .error-message, .form-error, .alert-danger, [role=alert]')]
				.some(el => visible(el) && norm(el.textContent));
			if (window.fossaworkSubmitted) return alert && result.Texts.length && quiet > 500 ? result : null;
			if (document.readyState !== 'complete') return null;
			if (result.Form) return alert || quiet > 1000 ? result : null;
			return quiet > 3000 ? result : null;
		},
	};
})()
