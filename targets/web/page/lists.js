// Arrays, linked lists and optional data in forms.

import { button, element } from "./dom.js";
import { Wrong, row } from "./form.js";

/** Arrays of a larger fixed size are typed as JSON. */
const FIXED_MAX = 64;

export function listField(form, type, path, label, depth) {
  const { element: place, min, max } = type;
  if (min > FIXED_MAX) return form.json(form.types.indexOf(type), path, label);
  const items = [];
  const list = element("ol", { class: "items", start: 0 });
  const bound = min === max ? `${max} elements` : max === null ? "any number" : `at most ${max}`;
  const more = button(`Add to ${label}`, () => {
    const item = add();
    item.node.querySelector("input, select, textarea")?.focus();
  }, { "data-path": `${path}+` });

  function add() {
    const name = `${path}[${items.length}]`;
    const field = form.field(place, name, `${label}[${items.length}]`, depth);
    const item = { ...field, line: element("li", {}, field.node) };
    if (min !== max) item.line.append(button("Remove", () => remove(item), { "aria-label": `Remove ${name}`, class: "quiet" }));
    items.push(item);
    list.append(item.line);
    refresh();
    return item;
  }

  function remove(item) {
    items.splice(items.indexOf(item), 1);
    item.line.remove();
    refresh();
    more.focus();
  }

  function refresh() {
    more.hidden = min === max;
    more.disabled = max !== null && items.length >= max;
  }

  while (items.length < min) add();
  refresh();
  const node = element("fieldset", { class: "list" }, element("legend", {}, `${label} (${bound})`), list, more);
  const read = () => {
    if (items.length < min) throw new Wrong(path, `there are ${items.length} elements, of at least ${min}`, more);
    return items.map((item) => item.read());
  };
  const write = (value) => {
    const values = Array.isArray(value) ? value : [];
    while (items.length > Math.max(values.length, min)) items.pop().line.remove();
    while (items.length < values.length && form.room > 0) add();
    items.forEach((item, place) => place < values.length && item.write(values[place]));
    refresh();
  };
  return { node, read, write };
}

export function optionalField(form, { element: place }, path, label, depth) {
  const given = element("input", { type: "checkbox" });
  const switcher = row(`${path}?`, `${label} is given`, given);
  switcher.classList.add("check");
  const body = element("div", { class: "body" });
  let field = null;
  const refresh = () => {
    // A recursive type has its next level only when it is asked for.
    if (given.checked && !field) {
      field = form.field(place, path, label, depth);
      body.append(field.node);
    }
    body.hidden = !given.checked;
  };
  given.addEventListener("change", refresh);
  refresh();
  const node = element("div", { class: "optional" }, switcher, body);
  const read = () => (given.checked ? field.read() : null);
  const write = (value) => {
    given.checked = value !== null;
    refresh();
    if (value !== null) field.write(value);
  };
  return { node, read, write };
}
