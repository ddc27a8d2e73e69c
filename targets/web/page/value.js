// Results as people read them: large when there is one, a table when there are several alike.

import { button, element } from "./dom.js";
import { write } from "./json.js";

/** The most values that are shown. Copied JSON has all. */
const SHOWN_MAX = 1000;

/** The most bytes of opaque data that are shown. */
const BYTES_MAX = 512;

/** Shows a value of a type. `plot(path)`, if there is one, plots a number. */
export function show(types, place, value, plot = null) {
  const shown = new Shown(types, plot);
  const type = types[place];
  if (type && isScalar(type)) return element("div", { class: "single" }, shown.value(place, value, []));
  return element("div", { class: "value" }, shown.value(place, value, []), shown.rest());
}

/** Returns whether values of a type are one number, text or name. */
export function isScalar({ kind }) {
  return ["bool", "integer", "float", "double", "text", "enum"].includes(kind);
}

/** Returns whether values of a type can be plotted. */
export function isNumeric({ kind }) {
  return ["bool", "integer", "float", "double"].includes(kind);
}

/** Writes a path, such as `STATUS_OK.value` or `table[0]`. */
export function pathText(path) {
  return path.map((step, at) => (typeof step === "number" ? `[${step}]` : (at === 0 ? "" : ".") + step)).join("");
}

class Shown {
  #types;
  #plot;
  #left = SHOWN_MAX;
  #hidden = 0;

  constructor(types, plot) {
    this.#types = types;
    this.#plot = plot;
  }

  rest() {
    return this.#hidden > 0 ? element("p", { class: "hint" }, `${this.#hidden} more values are not shown; the JSON has all`) : null;
  }

  value(place, value, path) {
    const type = this.#types[place];
    if (!type) return text(write(value), "plain");
    if (this.#left <= 0) {
      this.#hidden += 1;
      return text("…", "plain");
    }
    this.#left -= 1;
    switch (type.kind) {
      case "struct":
        return this.#struct(type, value, path);
      case "array":
        return this.#array(type, value, path);
      case "optional":
        return value === null ? text("none", "none") : this.value(type.element, value, path);
      case "union":
        return this.#union(type, value, path);
      case "opaque":
        return bytes(value);
      default:
        return this.#scalar(type, value, path);
    }
  }

  #scalar(type, value, path) {
    const isText = type.kind === "text";
    const shown = isText && typeof value === "string" ? value : typeof value === "string" ? value : write(value);
    const node = text(shown, isText ? "text" : isNumeric(type) ? "number" : "name");
    if (!this.#plot || !isNumeric(type)) return node;
    const name = pathText(path) || "the result";
    return element("span", { class: "plottable" }, node, plotButton(name, () => this.#plot(path)));
  }

  #struct({ fields }, value, path) {
    const rows = fields.map((field) => {
      const title = element("dt", { title: field.comment || false }, field.name);
      return [title, element("dd", {}, this.value(field.type, value?.[field.name] ?? null, [...path, field.name]))];
    });
    return element("dl", { class: "struct" }, rows);
  }

  #array({ element: place }, value, path) {
    const values = Array.isArray(value) ? value : [];
    if (values.length === 0) return text("empty", "none");
    const type = this.#types[place];
    const isTable = type?.kind === "struct" && type.fields.every((field) => isScalar(this.#types[field.type] ?? { kind: "" }));
    const shown = values.slice(0, Math.max(1, this.#left));
    this.#hidden += values.length - shown.length;
    if (!isTable) {
      const items = shown.map((item, at) => element("li", {}, this.value(place, item, [...path, at])));
      return element("ol", { class: "items", start: 0 }, items);
    }
    const head = ["#", ...type.fields.map((field) => field.name)];
    const rows = shown.map((item, at) => {
      const cells = type.fields.map((field) => element("td", {}, this.value(field.type, item[field.name], [...path, at, field.name])));
      return element("tr", {}, element("th", { scope: "row" }, String(at)), cells);
    });
    const titles = element("tr", {}, head.map((name) => element("th", { scope: "col" }, name)));
    return element("table", {}, element("thead", {}, titles), element("tbody", {}, rows));
  }

  #union({ cases, default: other }, value, path) {
    const [[name, inner]] = value !== null && typeof value === "object" ? Object.entries(value) : [[String(value), null]];
    const arm = cases.find((one) => one.name === name) ?? other;
    const title = text(name, "name");
    if (!arm || arm.type === null) return title;
    return element("div", { class: "case" }, title, this.value(arm.type, inner, [...path, name]));
  }
}

function text(shown, kind) {
  return element("span", { class: `scalar ${kind}` }, shown === "" ? "(empty)" : shown);
}

function plotButton(name, pressed) {
  return button("Plot", pressed, { class: "quiet plot", "aria-label": `Plot ${name}` });
}

/** Shows bytes as digits, and as text where they are printable. */
function bytes(value) {
  const digits = String(value).slice(0, 2 * BYTES_MAX);
  const pairs = digits.match(/../g) ?? [];
  const letters = pairs.map((pair) => {
    const code = parseInt(pair, 16);
    return code > 31 && code < 127 ? String.fromCharCode(code) : ".";
  });
  const all = value.length / 2;
  const size = `${all} ${all === 1 ? "byte" : "bytes"}${all > BYTES_MAX ? `, the first ${BYTES_MAX}` : ""}`;
  const shown = pairs.length > 0 ? element("code", {}, pairs.join(" ")) : null;
  const printable = letters.some((letter) => letter !== ".") ? element("code", { class: "letters" }, letters.join("")) : null;
  return element("span", { class: "scalar bytes" }, shown, printable, element("span", { class: "hint" }, size));
}
