// Building blocks that give the DOM the texture of a compiled component framework: a data-v attribute per component,
// attributes in no particular order, white space inside text, comments where something is absent. Hashes and order
// depend on the build, which is new in every process.

import { boot, root } from "./boot.js";

function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  return (h >>> 0).toString(16).padStart(8, "0");
}

const indent = "\n" + " ".repeat(6 + 2 * (parseInt(boot.build[0], 16) % 5));

// text is a text node with the line breaks and the indentation of a template around it.
export const text = (value) => document.createTextNode(indent + value + indent.slice(0, -2));

// raw is a text node without them, for places that keep white space.
export const raw = (value) => document.createTextNode(value);

// gap is what stays where something optional is absent.
export const gap = () => document.createComment("");

// component returns an element factory: h(tag, attributes, ...children). Strings become padded text, null a comment.
export function component(name) {
  const mark = `data-v-${hash(boot.build + name)}`;
  return function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    const entries = Object.entries(attributes).filter(([key]) => key !== "on");
    entries.push([mark, ""]);
    entries.sort(([a], [b]) => (hash(boot.build + tag + a) < hash(boot.build + tag + b) ? -1 : 1));
    for (const [key, value] of entries) {
      if (value !== null && value !== undefined && value !== false) {
        element.setAttribute(key, value === true ? "" : value);
      }
    }
    for (const [event, listener] of Object.entries(attributes.on ?? {})) {
      element.addEventListener(event, listener);
    }
    for (const child of children.flat()) {
      if (child === null) {
        element.append(gap());
      } else {
        element.append(typeof child === "string" ? text(child) : child);
      }
    }
    return element;
  };
}

export function icon(classes, path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `svg-inline ${classes}`);
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

export const chevron = (classes) => icon(classes, "M2 11 8 5l6 6");

const widget = component("KsWidgets");

// loader is a progress line, hidden until shown.
export function loader() {
  const line = widget("div", { class: "loader-line", style: "display: none;" });
  return {
    node: widget("div", { style: "height: 5px;" }, line),
    show: () => line.style.removeProperty("display"),
    hide: () => (line.style.display = "none"),
  };
}

export function tooltip(...content) {
  return widget("div", { class: "ks-tooltip", style: "display: none;" }, ...content);
}

// modal is a dialog, hidden until opened. Its Cancel button hides it again.
export function modal(title, ...content) {
  const box = widget(
    "div",
    { class: "ks-modal", style: "display: none;" },
    widget(
      "div",
      { class: "ks-modal-window" },
      widget("div", { class: "ks-modal-header" }, widget("h3", {}, title)),
      widget("div", { class: "ks-modal-body" }, ...content),
      widget(
        "div",
        { class: "ks-modal-footer" },
        widget("button", { type: "button", class: "button outline", on: { click: () => close() } }, "Cancel"),
        widget("button", { type: "button", class: "button" }, "Save"),
      ),
    ),
  );
  const close = () => (box.style.display = "none");
  return { node: box, open: () => box.style.removeProperty("display"), close };
}

// select is the portal's own drop-down. The highlighted entry is where the keyboard is, not what is chosen: that is
// what the closed control says.
export function select(name, options, { chosen = 0, onPick = null, blocked = () => false } = {}) {
  const label = widget("div", { class: "ks-select-selection" });
  const show = (i) => label.replaceChildren(text(options[i]), widget("span", { class: "ks-select-arrow" }));
  const entries = options.map((option, i) =>
    widget("li", { class: i === 0 ? "selected-item" : null, on: { click: () => pick(i) } }, option),
  );
  const dropdown = widget(
    "div",
    { class: "ks-select-dropdown", style: "display: none;" },
    widget("div", { class: "ks-select-list" }, widget("ul", { class: "autocomplete-list" }, ...entries)),
  );
  const close = () => (dropdown.style.display = "none");
  const pick = (i) => {
    close();
    if (!blocked("pick")) {
      show(i);
      onPick?.(i);
    }
  };
  label.addEventListener("click", () => {
    if (dropdown.style.display !== "none") {
      close();
    } else if (!blocked("open")) {
      dropdown.style.removeProperty("display");
    }
  });
  show(chosen);
  return widget(
    "div",
    { class: "ks-select mb-0", tabindex: 0, on: { blur: close } },
    widget("input", { type: "text", class: "select-input-field", name, autocomplete: "off" }),
    label,
    dropdown,
  );
}

export function checkbox(classes, label, attributes = {}) {
  return widget(
    "label",
    { class: `ks-checkbox ${classes}` },
    widget("input", { type: "checkbox", ...attributes }),
    widget("div", { class: "ks-checkbox-label-wrapper" }, label),
  );
}

export function radio(name, options, chosen, attributes, onPick) {
  return widget(
    "div",
    { class: "ks-radio-group", ...attributes },
    ...options.map(([value, title, label]) =>
      widget(
        "label",
        { class: value === chosen ? "active" : null, title },
        widget("input", {
          type: "radio",
          name,
          value,
          title,
          checked: value === chosen,
          on: {
            change: (event) => {
              for (const l of event.target.parentElement.parentElement.children) {
                l.classList.toggle("active", l.contains(event.target));
              }
              onPick(value);
            },
          },
        }),
        widget("span", {}, label),
      ),
    ),
  );
}

// dead is a link that only script reacts to.
export const dead = (action) => ({
  href: "#",
  on: {
    click: (event) => {
      event.preventDefault();
      action?.(event);
    },
  },
});

// settle applies the change of layout that this page load is under. It runs after every rendering.
export function settle() {
  for (const [old, renamed] of boot.layout.rename ?? []) {
    for (const element of root.querySelectorAll(`.${CSS.escape(old)}`)) {
      element.classList.replace(old, renamed);
    }
  }
  for (const selector of boot.layout.drop ?? []) {
    root.querySelectorAll(selector).forEach((element) => element.remove());
  }
}
