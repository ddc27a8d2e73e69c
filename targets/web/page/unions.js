// Unions in forms: a menu of the cases, and the field of the chosen one.

import { comment, element } from "./dom.js";
import { Wrong, row } from "./form.js";

/** The choice of a number that has no name, which the default arm takes. */
const NUMBER = "#number";

/** Returns the cases with a name, those of the default arm too. */
function choices({ cases, default: other, discriminant }, types) {
  const listed = cases.map((arm) => ({ ...arm, value: arm.name }));
  if (!other) return listed;
  const { kind, members = [] } = types[discriminant];
  const names = kind === "bool" ? ["false", "true"] : members.map((member) => member.name);
  const numbers = new Map(members.map((member) => [member.name, member.number]));
  const taken = new Set(cases.map((arm) => numbers.get(arm.name) ?? arm.name));
  const unnamed = names.filter((name) => !taken.has(numbers.get(name) ?? name));
  const named = unnamed.map((name) => ({ ...other, name, value: name }));
  return [...listed, ...named, ...(kind === "bool" ? [] : [{ ...other, name: "another number", value: NUMBER }])];
}

export function unionField(form, type, path, label, depth) {
  const arms = choices(type, form.types);
  const select = element("select");
  for (const { name, field, value } of arms) {
    select.append(element("option", { value }, field ? `${name}: ${field}` : name));
  }
  const number = element("input", { type: "text", value: "0", spellcheck: "false", autocomplete: "off" });
  const numbered = row(`${path}#`, `${label}, the number`, number);
  const body = element("div", { class: "body" });
  let [arm, field] = [null, null];
  const choose = () => {
    arm = arms.find((one) => one.value === select.value);
    field = arm && arm.type !== null ? form.field(arm.type, `${path}.${arm.name}`, arm.field || arm.name, depth) : null;
    numbered.hidden = arm?.value !== NUMBER;
    body.replaceChildren(...[comment(arm?.comment), field?.node].filter(Boolean));
  };
  select.addEventListener("change", choose);
  number.addEventListener("input", () => number.removeAttribute("aria-invalid"));
  choose();

  const name = () => {
    if (arm.value !== NUMBER) return arm.value;
    const text = number.value.trim();
    if (/^-?\d+$/.test(text)) return String(BigInt(text));
    number.setAttribute("aria-invalid", "true");
    throw new Wrong(path, `${text || "nothing"} is not an integer`, number);
  };
  const read = () => ({ [name()]: field ? field.read() : null });
  const write = (value) => {
    const [[chosen, inner]] = typeof value === "object" ? Object.entries(value ?? {}) : [[String(value), null]];
    const isNamed = arms.some((one) => one.value === chosen);
    if (!isNamed) number.value = chosen;
    select.value = isNamed ? chosen : NUMBER;
    choose();
    field?.write(inner);
  };
  const node = element("fieldset", { class: "union" }, element("legend", {}, label), row(path, "Case", select), numbered, body);
  return { node, read, write };
}
