// The list of work orders.

import { get } from "./api.js";
import { boot } from "./boot.js";
import { checkbox, component, dead, icon, loader, modal, radio, select, settle } from "./dom.js";
import { frame, problem } from "./frame.js";
import { pager } from "./pager.js";
import { card, headings, row } from "./row.js";

const h = component("WorkList");
const sizes = [25, 50, 100];
const search = new URLSearchParams(location.search);

// A filter is a parameter of the form value||label||title.
function filters() {
  if (boot.quirks.ignore_filter) {
    return [];
  }
  return [...search]
    .map(([name, value]) => [name, ...value.split("||")])
    .filter((parts) => parts.length === 4)
    .map(([name, value, label, title]) => ({ name, value, label, title }));
}

function chip({ name, label, title }) {
  const remove = () => {
    search.delete(name);
    location.search = search;
  };
  const badge = h("span", { class: "ks-badge info" });
  const strong = h("strong");
  strong.append(title);
  const cross = h("a", { class: "ml-1", ...dead(remove) });
  cross.append("x");
  badge.append(strong, `: ${label} `, cross);
  return badge;
}

export function listPage() {
  const honoured = boot.quirks.url_paging;
  const asked = Number(search.get("limit"));
  const state = {
    limit: honoured && sizes.includes(asked) ? asked : sizes[0],
    page: (honoured && Number(search.get("page"))) || 1,
    direction: search.get("order_direction") === "desc" ? "desc" : "asc",
    closed: false,
    grid: false,
    term: "",
    shown: null, // the last answer
    turn: 0, // answers of earlier turns come too late and are dropped
  };
  const wait = loader();
  const pagerBox = h("div", { class: "pager-box" });
  const list = h("div", { class: "mt-2 bg-white" });

  function draw() {
    const answer = state.shown;
    pagerBox.replaceChildren(answer.bare ? "" : pager(answer, go));
    if (state.grid) {
      list.replaceChildren(h("div", { class: "row work-grid" }, ...answer.rows.map(card)));
    } else {
      list.replaceChildren(
        headings(),
        ...answer.rows.map((order, i) => h("div", { class: i % 2 ? null : "bg-gray-50" }, row(order))),
      );
    }
  }

  async function go(page) {
    const turn = ++state.turn;
    state.page = page;
    wait.show();
    const params = { order_direction: state.direction, limit: state.limit, page };
    for (const { name, value, label, title } of filters()) {
      params[name] = [value, label, title].join("||");
    }
    if (state.closed) {
      params.show_closed = 1;
    }
    if (state.term) {
      params.search_term = state.term;
    }
    try {
      const answer = await get("list", params);
      if (turn !== state.turn) {
        return;
      }
      state.shown = answer;
      draw();
    } catch (failure) {
      if (turn !== state.turn) {
        return;
      }
      list.replaceChildren(problem(failure.message));
    }
    wait.hide();
    settle();
  }

  let swallow = boot.quirks.two_clicks;
  const size = select("limit", sizes.map((n) => `Show ${n}`), {
    chosen: sizes.indexOf(state.limit),
    blocked: (step) => {
      if (step === "pick" && boot.quirks.ignore_size) {
        return true;
      }
      if (step === swallow) {
        swallow = "";
        return true;
      }
      return false;
    },
    onPick: (i) => {
      state.limit = sizes[i];
      go(1);
    },
  });

  const controls = h(
    "div",
    { class: "paginator-wrapper" },
    radio("order_direction", [["asc", "Ascending order", "↑"], ["desc", "Descending order", "↓"]], state.direction, {}, (value) => {
      state.direction = value;
      go(1);
    }),
    radio("grid_view", [["list", "List view", "☰"], ["grid", "Grid view", "▦"]], "list", { dusk: "work_grid_view" }, (value) => {
      state.grid = value === "grid";
      if (state.shown) {
        draw();
        settle();
      }
    }),
    size,
    pagerBox,
  );

  const term = h("input", {
    type: "text",
    name: "search_term",
    placeholder: "Search Work...",
    on: {
      change: (event) => {
        state.term = event.target.value;
        go(1);
      },
    },
  });

  frame("Work").append(
    h(
      "div",
      { class: "row" },
      h(
        "div",
        { class: "sm-12" },
        h(
          "div",
          { class: "row search-header" },
          h("div", { class: "ks-action-menu" }, h("a", { class: "button outline", dusk: "work-actions", ...dead() }, "Actions")),
          h("div", { id: "work-order-search-bar" }, term),
          filterBox(),
          h("div", { class: "active-search-filters" }, ...filters().map(chip)),
        ),
        checkbox("show-closed switch", "Show Closed", {
          name: "show_closed",
          on: {
            change: (event) => {
              state.closed = event.target.checked;
              go(1);
            },
          },
        }),
        h("div", { class: "mt-1.5" }, controls, wait.node, list),
        ...hiddenModals(),
      ),
    ),
  );
  settle();
  go(state.page);
}

// Parts that are never opened, with loaders, controls and a table that look like the ones of the list.

function filterBox() {
  return h(
    "div",
    { id: "work-order-filters" },
    h("a", { class: "button outline", dusk: "work-filters", ...dead() }, icon("fa-filter", "M2 3h12l-5 6v5l-2-1V9z"), "Filters"),
    h("a", { class: "button outline", dusk: "saved-searches", ...dead() }, "Saved Searches"),
    modal("Filters", loader().node, h("div", { class: "muted" }, "Work Visits Completed"), loader().node).node,
    modal("Saved Searches", loader().node).node,
  );
}

function hiddenModals() {
  return [
    modal(
      "Export",
      loader().node,
      select("export_template", ["Default template", "With notes"]),
      h("table", { class: "table" }, h("thead", {}, h("tr", {}, h("th", {}, "Column"), h("th", {}, "Show"))), h("tbody")),
    ).node,
    modal("Change Service Reason", loader().node, select("service_reason", ["AccuMeasure", "Quality Check"]), loader().node).node,
    modal("Add Note", loader().node, h("textarea", { name: "note" }), loader().node).node,
  ];
}
