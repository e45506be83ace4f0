// What surrounds every page: top bar, side navigation, footer.

import { signOut } from "./api.js";
import { boot, root } from "./boot.js";
import { component, dead, icon, loader, settle } from "./dom.js";

const h = component("AppFrame");

const navigation = [
  ["/app/dashboard/", "Dashboard"],
  ["/app/work/", "Work", [["/app/work/list", "Work Orders"], ["/app/work/visits", "Visits"]]],
  ["/app/schedule/", "Schedule"],
  ["/app/customers/", "Customers"],
  ["/app/directory", "Directory"],
  ["/app/references/", "References"],
  ["/app/fleet-inventory", "Fleet Inventory"],
  ["/app/timesheets", "Timesheets"],
];

function navLink([href, label, children = []]) {
  const here = location.pathname;
  const active = here === href || (href.length > 5 && here.startsWith(href));
  return h(
    "li",
    {},
    h("a", { href, class: active ? "nav-link router-link-active" : "nav-link" }, label),
    children.length && here.startsWith("/app/work") ? h("ul", { class: "sub-nav" }, ...children.map(navLink)) : null,
  );
}

// The notification list is never opened by a reader, but its loader and its pager come first in the document.
function notifications() {
  return h(
    "div",
    { class: "ks-modal notification-modal", style: "display: none;" },
    h(
      "div",
      { class: "ks-modal-window" },
      loader().node,
      h("div", { class: "muted" }, "No notifications"),
      h(
        "div",
        { class: "pagination" },
        h(
          "ul",
          { class: "row" },
          h("li", {}, h("a", { class: "prev-page disabled", ...dead() }, "<")),
          h("li", {}, h("a", { class: "page-link current-page", ...dead() }, "1")),
          h("li", {}, h("a", { class: "next-page disabled", ...dead() }, ">")),
        ),
      ),
    ),
  );
}

function topBar() {
  const menu = h(
    "ul",
    { class: "sub-dropdown", style: "display: none;" },
    h("li", {}, h("a", { href: "/app/users/profile" }, "Profile")),
    h("li", {}, h("a", { href: "/app/users/profile?tab=searches" }, "Saved Searches")),
    h("li", {}, h("a", dead(signOut), "Logout")),
  );
  const toggle = () => (menu.style.display = menu.style.display ? "" : "none");
  return h(
    "div",
    { class: "top-bar fixed" },
    h("img", { class: "brand", alt: "", src: new URL("logo.svg", import.meta.url).pathname }),
    h("div", { class: "notification-list" }, icon("fa-bell", "M8 1v2m-5 9h10l-1-2V7a4 4 0 0 0-8 0v3zm4 2h2"), notifications()),
    h("div", { class: "dropdown" }, h("a", { class: "dropdown-toggle", ...dead(toggle) }, boot.user), menu),
  );
}

// frame renders the surroundings once and returns where the page goes. crumbs are texts or [text, href] pairs.
export function frame(...crumbs) {
  const page = h(
    "div",
    {},
    h(
      "div",
      { class: "page-header row" },
      h(
        "div",
        { class: "breadcrumb" },
        ...crumbs.map((c) => (Array.isArray(c) ? h("a", { href: c[1] }, c[0]) : h("span", {}, c))),
      ),
    ),
  );
  root.replaceChildren(
    h(
      "div",
      {},
      topBar(),
      h("div", { class: "side-nav vertical fixed", id: "sidebar" }, h("ul", {}, ...navigation.map(navLink))),
      h("div", { class: "content" }, page),
      h("div", { id: "app-footer" }, "Simulated portal. All names and numbers are invented."),
    ),
  );
  settle();
  return page;
}

// problem is how the app tells that something did not work.
export const problem = (message) => h("div", { class: "error-msg" }, message);
