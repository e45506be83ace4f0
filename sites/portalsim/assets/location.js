// The page of one store: tabs, of which only Equipment has content worth reading.

import { get } from "./api.js";
import { boot } from "./boot.js";
import { chevron, component, dead, icon, loader, modal, select, settle } from "./dom.js";
import { frame, problem } from "./frame.js";

const h = component("LocationPage");
const id = location.pathname.match(/\/locations\/(\d+)/)?.[1] ?? 0;
const tabs = ["Details", "Contacts", "Equipment", "Work", "Documents"];

export async function locationPage() {
  const page = frame(["Customers", "/app/customers/"], "Location");
  const wait = loader();
  const body = h("div", { class: "row" });
  page.append(wait.node, body);
  settle();
  wait.show();
  try {
    const { place, lines } = await get(`locations/${id}`);
    body.append(h("div", { class: "sm-12" }, ...store(place, lines)));
  } catch (failure) {
    body.append(h("div", { class: "sm-12" }, problem(failure.message)));
  }
  wait.hide();
  settle();
}

function store(place, lines) {
  const wait = loader();
  const content = h("div", { class: "tab-content mt-2" });
  const stray = modal("New Equipment", h("div", { class: "muted" }, "Choose what to add."));
  let turn = 0;

  async function open(name) {
    const mine = ++turn;
    for (const tab of bar.children) {
      tab.classList.toggle("active-tab", tab.textContent.trim() === name);
    }
    if (name === "Equipment") {
      content.replaceChildren();
      wait.show();
      let shown;
      try {
        shown = equipment(await get(`locations/${id}/equipment`));
        if (mine === turn && boot.quirks.stray_modal) {
          boot.quirks.stray_modal = false;
          stray.open();
        }
      } catch (failure) {
        shown = [problem(failure.message)];
      }
      if (mine !== turn) {
        return;
      }
      content.replaceChildren(...shown);
    } else {
      content.replaceChildren(...(name === "Details" ? details(place, lines) : [h("div", { class: "muted" }, `No ${name.toLowerCase()}`)]));
    }
    wait.hide();
    settle();
  }

  const bar = h(
    "div",
    { class: "tabs" },
    ...tabs.map((name) => h("a", { class: "tab", dusk: `${name.toLowerCase()}-tab`, ...dead(() => open(name)) }, name)),
  );
  open("Details");
  return [h("h2", {}, `${place.customer} #${place.store}`), bar, wait.node, content, stray.node];
}

function details(place, lines) {
  return [
    h("div", { class: "address-info" }, ...lines.filter((line) => line !== null).map((line) => h("div", {}, line))),
    h(
      "div",
      { class: "muted text-sm mt-2" },
      "Notes: ask for permission before a lane is closed. Use the internet connection of the office. " +
        "If an error occurred at a dispenser, see its history.",
    ),
  ];
}

function equipment({ expanded, groups }) {
  return groups.flatMap((group) => section(group, expanded));
}

function section({ name, count, cards }, expanded) {
  const cardsBox = h("div", { style: "opacity: 1;" });
  const arrow = chevron("fa-chevron-up");
  const label = h("span", { class: "bold", style: "text-transform: capitalize;" }, name);
  const toggle = h("a", { class: "ml-1", ...dead(() => show(!open)) }, label, `(${count})`, arrow);
  const [add, dialog] = adder(name);
  const box = h(
    "div",
    { class: "mt-4" },
    h(
      "div",
      { class: "group-heading flex align-baseline jc-between px-2 py-2" },
      h("div", { class: "text-normal text-gray-600" }, toggle),
      h("div", { class: "right text-sm" }, add),
    ),
  );
  let open = false;
  function show(wanted) {
    open = wanted;
    toggle.setAttribute("title", open ? "Hide equipment" : "Show equipment");
    arrow.classList.toggle("rotate", open);
    if (open) {
      cardsBox.replaceChildren(...cards.map(card));
      box.append(cardsBox);
    } else {
      cardsBox.remove();
    }
    settle();
  }
  show(expanded);
  return [box, dialog];
}

// The link leads to the form for new equipment; in the app it opens a dialog first. The request tells the server that
// somebody got this far.
function adder(name) {
  const dialog = modal(`Add ${name}`, loader().node, select("equipment_type_id", [name]));
  const href = `/app/customers/locations/${id}/equipment?location_id=${id}&equipment_type_id=1`;
  const link = h("a", { ...dead(), href }, `Add ${name}`);
  link.addEventListener("click", () => {
    dialog.open();
    get(`locations/${id}/equipment-types`).catch(() => {});
  });
  return [link, dialog.node];
}

function card({ title, serial, make, model, fields = [] }, i) {
  const line = (label, value) =>
    value ? h("div", { class: "text-tiny" }, h("div", {}, h("span", { class: "muted uppercase" }, label), value)) : null;
  return h(
    "div",
    { class: i % 2 ? "py-1.5 bg-gray-50" : "py-1.5" },
    h(
      "div",
      { class: "right" },
      h("div", { class: "ks-action-menu" }, h("a", dead(), "Edit"), h("a", { class: "ml-1", ...dead() }, "View History")),
    ),
    h(
      "div",
      { class: "px-2" },
      h("div", { class: "flex align-start" }, h("div", {}, title, history())),
      serial ? h("div", { class: "muted text-tiny" }, `S/N: ${serial}`) : null,
      line("Make:", make),
      line("Model:", model),
      h(
        "div",
        { class: "custom-fields-view" },
        h(
          "div",
          { class: "row row-collapse" },
          ...fields.map(({ label, value }) =>
            h(
              "div",
              { class: "mt-2 sm-12 tab-6 lg-4" },
              h("div", { class: "muted uppercase text-xs" }, label),
              h("div", { class: "text-xs mt-1" }, value),
            ),
          ),
        ),
      ),
    ),
  );
}

function history() {
  return h(
    "a",
    { class: "ml-1", ...dead() },
    icon("fa-history", "M8 2a6 6 0 1 0 6 6M8 5v4l3 1"),
    h("div", { class: "ks-tooltip", style: "display: none;" }, "View Equipment History"),
  );
}
