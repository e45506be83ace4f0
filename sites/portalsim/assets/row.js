// One work order in the list.

import { checkbox, component, dead, gap, icon, raw, text, tooltip } from "./dom.js";

const h = component("WorkListItem");
const cut = 200;

const day = (iso) => `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}`;

function moment(iso) {
  const hour = Number(iso.slice(11, 13));
  const clock = `${String(hour % 12 || 12).padStart(2, "0")}:${iso.slice(14, 16)}${hour < 12 ? "am" : "pm"}`;
  return `${day(iso)} ${clock}`;
}

export function headings() {
  return h(
    "div",
    { class: "row py-2 text-sm" },
    h("div", { class: "sm-6 med-3" }, "Work"),
    h("div", { class: "sm-6 med-4" }, "Customer"),
    h(
      "div",
      { class: "sm-12 med-5" },
      h("div", { class: "row row-collapse" }, h("div", { class: "sm-6 med-7" }, "Items"), h("div", { class: "sm-6 med-5" }, "Visits")),
    ),
  );
}

export function row(order) {
  return h(
    "div",
    { class: `row py-2 work-list-item w-${order.number}` },
    h("div", { class: "sm-6 med-3 mb-2" }, ...work(order)),
    h("div", { class: "sm-6 med-4 mb-2" }, ...customer(order)),
    h(
      "div",
      { class: "sm-12 med-5" },
      h("div", { class: "row row-collapse" }, h("div", { class: "sm-6 med-7" }, ...items(order)), h("div", { class: "sm-6 med-5" }, ...visits(order))),
    ),
    h("div", { class: "sm-12 med-10 text-sm mt-2" }, ...instructions(order)),
  );
}

// card is the same order in grid view.
export function card(order) {
  return h("div", { class: `sm-12 med-3 work-grid-item g-${order.number}` }, ...work(order), ...customer(order));
}

const categories = (order) => [...new Set(order.items.map((item) => item.category))];

function work(order) {
  const created = moment(order.created_at);
  return [
    h(
      "div",
      { class: "flex align-center wrap" },
      checkbox("mb-0", h("a", { href: `/app/work/${order.number}/` }, `W-${order.number}`), { value: order.number }),
      h("div", { class: "wo-category-show" }, ...categories(order).map((name) => h("div", { class: "wo-category-bar" }, tooltip(name)))),
    ),
    h("div", { class: "work-status-badge" }, h("div", { class: `inline-block outline ${order.status_class}` }, order.status_text)),
    h("div", { class: "text-sm mb-1" }, h("span", { class: "muted" }, "Reason:"), text(order.reason)),
    order.project
      ? h(
          "div",
          {},
          h("div", { class: "text-sm mb-1", title: `Project: ${order.project}` }, h("span", { class: "muted" }, "Project:"), text(order.project)),
        )
      : gap(),
    h(
      "div",
      { class: "work-creator text-xs muted", title: `Created by: ${order.created_by} ${created}` },
      `${order.created_by} • ${created}`,
    ),
  ];
}

function customer({ place, lines, contact }) {
  return [
    h(
      "div",
      { class: "address flex" },
      icon("fa-map-marker", "M8 15 4 8a4.5 4.5 0 1 1 8 0z"),
      h(
        "div",
        {},
        h("div", { class: "mb-1" }, h("a", { href: `/app/customers/${place.customer_id}/` }, place.customer)),
        h("div", { class: "mb-1" }, h("a", { href: `/app/customers/locations/${place.location_id}/` }, `#${place.store}`)),
        h("div", { class: "mb-1" }, place.brand),
        h("div", { class: "address-info text-sm" }, h("div", {}, ...lines.map((line) => (line === null ? gap() : h("div", {}, line))))),
      ),
    ),
    h(
      "div",
      { class: "contact-info-block text-xs muted" },
      h("div", {}, contact[0]),
      h("div", {}, `Account ${contact[1]}`),
      h("div", {}, `Terms: ${contact[2]}`),
    ),
  ];
}

function items(order) {
  return categories(order).map((category) =>
    h(
      "div",
      { class: "text-xs mb-2" },
      h("div", {}, category),
      ...order.items
        .filter((item) => item.category === category)
        .map((item) =>
          h(
            "div",
            { class: "flex align-center" },
            h("div", {}, `${item.quantity} x`),
            h("div", { class: "ml-2" }, h("div", {}, item.name, h("span", { class: "muted" }, `(${item.code})`))),
          ),
        ),
    ),
  );
}

function visits(order) {
  const count = `${order.visits_done} / ${order.visits_planned}`;
  const due = order.due_date
    ? h("div", { class: `mt-1 text-sm uppercase ${order.due_soon ? "text-orange" : "muted"}` }, `Due: ${day(order.due_date)}`)
    : gap();
  return [
    h("div", { class: "text-sm muted", title: count }, `${count} visits`),
    order.visit_id
      ? h(
          "div",
          { class: "mt-2" },
          h(
            "a",
            { href: `/app/work/${order.number}/visits/${order.visit_id}/`, title: "Next Visit" },
            h("div", { class: "text-xs muted uppercase" }, "Next Visit"),
            h("div", { class: "mt-0.5" }, day(order.visit_date)),
            h("div", { class: "text-sm" }, "(anytime)"),
            due,
          ),
        )
      : h("div", { class: "mt-2" }, due),
  ];
}

// The complete text is there, but hidden; what is visible is cut.
function instructions({ instructions: complete = "" }) {
  const box = tooltip(h("span", { class: "pre-wrap" }, raw(complete)), h("a", { class: "ml-1", ...dead(() => (box.style.display = "none")) }, "Close"));
  const long = complete.length > cut;
  return [
    box,
    h(
      "div",
      {},
      h("span", { class: "text-sm pre-wrap" }, raw(long ? `${complete.slice(0, cut)}...` : complete)),
      long ? h("a", { class: "ml-1 text-xs", ...dead(() => (box.style.display = "")) }, "more...") : gap(),
    ),
  ];
}
