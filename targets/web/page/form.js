// Forms: inputs for each type of an interface. A field is {node, read(), write(value)}. `read` throws `Wrong`, which names the
// place and has the input.

import { button, comment, element, unique } from "./dom.js";
import { opaqueField } from "./opaque.js";
import { read as readJson, write as writeJson, writeOpen } from "./json.js";
import { listField, optionalField } from "./lists.js";
import { templateOf } from "./template.js";
import { unionField } from "./unions.js";

/** What a person has typed does not fit. */
export class Wrong extends Error {
  constructor(path, why, input) {
    super(path ? `${path}: ${why}` : why);
    this.input = input;
  }
}

/** The most inputs that a form shows at first. Larger values are typed as JSON. */
const INPUTS_MAX = 400;

/** The deepest nesting that a form shows. */
const DEPTH_MAX = 24;

/** What the fields of one form share. */
export class Form {
  /** The inputs that may still be made. */
  room = INPUTS_MAX;

  constructor(types) {
    this.types = types;
  }

  /** Creates the field of a type. `path` names it in errors and in its id. */
  field(place, path, label, depth = 0) {
    const type = this.types[place];
    this.room -= 1;
    const isLarge = type?.kind === "struct" && type.fields.length > this.room;
    if (!type || depth > DEPTH_MAX || this.room < 0 || isLarge) return this.json(place, path, label);
    const make = MAKERS[type.kind];
    return make(this, type, path, label, depth + 1);
  }

  /** Creates a field for JSON, with a value to fill in. */
  json(place, path, label) {
    const field = jsonField(path, label, this.types[place]);
    const value = templateOf(this.types, place);
    if (value !== undefined) field.write(value);
    return field;
  }

  /** Creates the fields of a struct, or of the arguments of a procedure. */
  fields(fields, path, depth) {
    return fields.map((field) => {
      const inner = path ? `${path}.${field.name}` : field.name;
      const made = this.field(field.type, inner, field.name, depth);
      const note = comment(field.comment);
      if (note) made.node.append(note);
      return { name: field.name, ...made };
    });
  }
}

/** Creates a row: a label, an input, and what its values are. */
export function row(path, label, input, hint) {
  const id = unique(`field-${path}`);
  input.id = id;
  input.dataset.path = path;
  const parts = [element("label", { for: id }, label), input];
  if (hint) {
    const note = element("span", { class: "hint", id: unique("hint") }, hint);
    input.setAttribute("aria-describedby", note.id);
    parts.push(note);
  }
  return element("div", { class: "row" }, parts);
}

/** Creates a text input. Its `read` is given the trimmed text, and its `write` makes the text of a value. */
export function textField(path, label, hint, attributes, read, write = String) {
  const input = element("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
  const node = row(path, label, input, hint);
  const fail = (why) => {
    input.setAttribute("aria-invalid", "true");
    throw new Wrong(path, why, input);
  };
  input.addEventListener("input", () => input.removeAttribute("aria-invalid"));
  return { node, read: () => read(input.value.trim(), fail), write: (value) => (input.value = write(value)) };
}

function boolField(_, __, path, label) {
  const input = element("input", { type: "checkbox" });
  const node = row(path, label, input);
  node.classList.add("check");
  return { node, read: () => input.checked, write: (value) => (input.checked = value === true) };
}

function integerField(_, { low, high, syntax }, path, label) {
  const read = (text, fail) => {
    if (!/^(-?\d+|0[xX][0-9a-fA-F]+)$/.test(text)) fail(text ? `${text} is not an integer` : "an integer is missing");
    const number = BigInt(text);
    if (number < BigInt(low) || number > BigInt(high)) fail(`${text} is not between ${low} and ${high}`);
    return Number.isSafeInteger(Number(number)) ? Number(number) : number;
  };
  const few = high.length > 12 ? syntax : `${low} to ${high}`;
  return textField(path, label, few, { inputmode: "text", value: "0" }, read);
}

function realField(_, { kind }, path, label) {
  const read = (text, fail) => {
    if (/^(NaN(:[0-9a-fA-F]+)?|-?Infinity)$/.test(text)) return text;
    const number = Number(text);
    if (text === "" || Number.isNaN(number)) fail(text ? `${text} is not a number` : "a number is missing");
    return Object.is(number, -0) || Number.isFinite(number) ? number : fail(`${text} is too large`);
  };
  const write = (value) => (Object.is(value, -0) ? "-0" : String(value));
  return textField(path, label, `${kind}; also NaN, Infinity`, { inputmode: "text", value: "0" }, read, write);
}

function stringField(_, { max }, path, label) {
  const area = element("textarea", { rows: max !== null && max <= 80 ? 1 : 3, spellcheck: "false", autocomplete: "off" });
  const node = row(path, label, area, max === null ? "text" : `text, at most ${max} bytes`);
  const read = () => {
    const length = new TextEncoder().encode(area.value).length;
    if (max === null || length <= max) return area.value;
    area.setAttribute("aria-invalid", "true");
    throw new Wrong(path, `the text has ${length} bytes, of ${max} at most`, area);
  };
  area.addEventListener("input", () => area.removeAttribute("aria-invalid"));
  const write = (value) => (area.value = typeof value === "string" ? value : writeJson(value));
  return { node, read, write };
}

function enumField(_, { members }, path, label) {
  const select = element("select");
  for (const { name, number, comment: note } of members) {
    select.append(element("option", { value: name, title: note || false }, `${name} = ${number}`));
  }
  const known = new Map(members.map(({ name, number }) => [number, name]));
  const write = (value) => (select.value = known.get(value) ?? value);
  return { node: row(path, label, select), read: () => select.value, write };
}

function structField(form, { fields, comment: note }, path, label, depth) {
  const parts = form.fields(fields, path, depth);
  const node = element("fieldset", {}, element("legend", {}, label), comment(note), parts.map((part) => part.node));
  const read = () => Object.fromEntries(parts.map((part) => [part.name, part.read()]));
  const write = (value) => {
    for (const part of parts) {
      if (value && part.name in value) part.write(value[part.name]);
    }
  };
  return { node, read, write };
}

/** Creates a field for JSON, for what has too many parts. */
export function jsonField(path, label, type) {
  const area = element("textarea", { rows: 4, spellcheck: "false", autocomplete: "off" });
  const node = row(path, label, area, type ? `JSON of ${type.syntax}` : "JSON");
  const read = () => {
    try {
      return readJson(area.value);
    } catch (error) {
      area.setAttribute("aria-invalid", "true");
      throw new Wrong(path, `this is not JSON: ${error.message}`, area);
    }
  };
  area.addEventListener("input", () => area.removeAttribute("aria-invalid"));
  return { node, read, write: (value) => (area.value = writeOpen(value)) };
}

const MAKERS = {
  bool: boolField,
  integer: integerField,
  float: realField,
  double: realField,
  text: stringField,
  opaque: opaqueField,
  array: listField,
  optional: optionalField,
  enum: enumField,
  struct: structField,
  union: unionField,
};

/** Creates the form of a procedure: {node, read(), write(value)} of its arguments as an object. */
export function argumentsForm(types, procedure) {
  const form = new Form(types);
  const parts = form.fields(procedure.arguments, "", 0);
  const fields = element("div", { class: "fields" }, parts.map((part) => part.node));
  const whole = jsonField("arguments", "Arguments", null);
  whole.node.hidden = true;
  let isJson = false;
  const toggle = button("As JSON", () => switchTo(!isJson, true), { "aria-pressed": "false", class: "quiet" });
  const readFields = () => Object.fromEntries(parts.map((part) => [part.name, part.read()]));
  const writeFields = (value) => parts.forEach((part) => value && part.name in value && part.write(value[part.name]));
  const read = () => (isJson ? whole.read() : readFields());

  function switchTo(json, carry) {
    if (json === isJson) return;
    try {
      const value = carry ? read() : null;
      isJson = json;
      if (carry) (json ? whole.write : writeFields)(value);
    } catch {
      // What does not fit is not carried over.
      isJson = json;
    }
    whole.node.hidden = !isJson;
    fields.hidden = isJson;
    toggle.setAttribute("aria-pressed", String(isJson));
  }

  const write = (value) => {
    switchTo(false, false);
    let same = false;
    try {
      writeFields(value);
      same = writeJson(readFields()) === writeJson(value);
    } catch {
      // Shown as JSON below.
    }
    // Some texts cannot be typed: those with a carriage return, or that are not UTF-8.
    if (!same) {
      switchTo(true, false);
      whole.write(value);
    }
  };
  const node = element("div", { class: "arguments" }, fields, whole.node, parts.length > 0 ? toggle : null);
  return { node, read, write };
}

