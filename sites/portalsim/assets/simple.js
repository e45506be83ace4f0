// Pages that nobody reads. They exist so that a person who clicks around finds something.

import { get } from "./api.js";
import { component, loader, settle } from "./dom.js";
import { frame, problem } from "./frame.js";

const h = component("SimplePage");

async function load(page, path, render) {
  const wait = loader();
  const body = h("div", { class: "row" });
  page.append(wait.node, body);
  settle();
  wait.show();
  try {
    body.append(...render(await get(path)));
  } catch (failure) {
    body.append(problem(failure.message));
  }
  wait.hide();
  settle();
}

const fact = (label, value) =>
  h("div", { class: "sm-12 med-4 mb-2" }, h("div", { class: "muted uppercase text-xs" }, label), h("div", {}, value));

export function dashboardPage() {
  load(frame("Dashboard"), "dashboard", (d) => [
    fact("Open work orders", String(d.open)),
    fact("Visits today", String(d.today)),
    fact("Stores", String(d.stores)),
    h("div", { class: "sm-12 mt-2" }, h("a", { href: "/app/work/list" }, "All work orders")),
  ]);
}

export function orderPage() {
  const [, number, visit] = location.pathname.match(/\/work\/(\d+)(?:\/visits\/(\d+))?/) ?? [];
  const crumbs = [["Work", "/app/work/list"], [`W-${number}`, `/app/work/${number}/`]];
  const path = `orders/${number}` + (visit ? `/visits/${visit}` : "");
  load(frame(...crumbs, ...(visit ? ["Visit"] : [])), path, (o) => [
    fact("Status", o.status_text),
    fact("Reason", o.reason),
    fact("Next visit", o.visit_date ?? "none"),
    h(
      "div",
      { class: "sm-12" },
      h("a", { href: `/app/customers/locations/${o.place.location_id}/` }, `${o.place.customer} #${o.place.store}`),
    ),
  ]);
}

export function customerPage() {
  const id = location.pathname.match(/\/customers\/(\d+)/)?.[1] ?? 0;
  load(frame(["Customers", "/app/customers/"]), `customers/${id}`, (c) => [
    h("h2", { class: "sm-12" }, c.name),
    ...c.stores.map((s) =>
      h("div", { class: "sm-12" }, h("a", { href: `/app/customers/locations/${s.location_id}/` }, `#${s.store}`), s.city),
    ),
  ]);
}

export function newEquipmentPage() {
  frame(["Customers", "/app/customers/"], "New Equipment").append(
    h("div", { class: "row" }, h("div", { class: "sm-12" }, "This form does not work here, and no reader should ever get to it.")),
  );
  settle();
}

export function emptyPage() {
  frame("Page").append(h("div", { class: "row" }, h("div", { class: "sm-12 muted" }, "This page is not part of the simulation.")));
  settle();
}
