// Calls check after every change of the page, and every 50 ms for what changes without a trace in the elements. Gives the
// first true value, or null after the limit.
(check, limit) => new Promise((resolve, reject) => {
	const begun = performance.now();
	let changed = begun, asked = false, over = false;
	const end = (settle, value) => {
		over = true;
		observer.disconnect();
		clearInterval(tick);
		next.port1.close();
		settle(value);
	};
	const look = () => {
		asked = false;
		if (over) return;
		try {
			const now = performance.now();
			const value = check(now - changed);
			if (value) end(resolve, value);
			else if (now - begun >= limit) end(resolve, null);
		} catch (err) {
			end(reject, err);
		}
	};
	// A message comes after the page's own script has finished its turn, but before the browser lays the page out, which may
	// take a hundred times longer than a look. A timer would come after that.
	const next = new MessageChannel();
	next.port1.onmessage = look;
	const observer = new MutationObserver(() => {
		changed = performance.now();
		if (!asked) next.port2.postMessage(0);
		asked = true;
	});
	observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
	const tick = setInterval(look, 50);
	look();
})
