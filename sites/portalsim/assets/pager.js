// The two pagers of the list: one that knows how much there is, and one that only knows whether there is more.

import { component, dead } from "./dom.js";

const h = component("Paginator");

function link(classes, label, enabled, action) {
  return h("li", {}, h("a", { class: enabled ? classes : `${classes} disabled`, ...dead(() => enabled && action()) }, label));
}

export function pager(answer, go) {
  const { page, pages, total, more } = answer;
  const prev = link("prev-page", "<", page > 1, () => go(page - 1));
  if (total === null) {
    return h(
      "div",
      { class: "simple-pagination" },
      h("div", { class: "pagination" }, h("ul", {}, prev, link("next-page", ">", more, () => go(page + 1)))),
    );
  }
  const numbers = Array.from({ length: pages }, (_, i) => i + 1).map((n) => {
    const current = n === page;
    const attributes = dead(() => current || go(n));
    return h("li", {}, h("a", { class: current ? "page-link current-page" : "page-link", ...attributes }, String(n)));
  });
  return h(
    "div",
    { class: "length-aware-pagination" },
    h(
      "div",
      { class: "pagination", style: pages > 1 ? null : "display: none;" },
      h("ul", { class: "row" }, prev, ...numbers, link("next-page", ">", page < pages, () => go(page + 1))),
    ),
    h("div", { class: "text-right muted text-sm sm-hide tab-hide med-show-up" }, `${total} matches`),
  );
}
