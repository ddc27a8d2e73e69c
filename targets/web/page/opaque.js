// Opaque data in forms: hexadecimal digits, a text, or a file.

import { element, menu, unique } from "./dom.js";
import { Wrong } from "./form.js";

/** Longer data of a file is not shown as digits. */
const SHOWN_MAX = 4096;

/** Writes bytes as hexadecimal digits. */
export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function opaqueField(_, { min, max }, path, label) {
  const id = unique(`field-${path}`);
  const input = element("input", { type: "text", id, spellcheck: "false", autocomplete: "off", "data-path": path });
  const file = element("input", { type: "file", hidden: true, "aria-label": `${label}, a file` });
  if (min > 0) input.value = "00".repeat(Math.min(min, SHOWN_MAX));
  let form = "hex";
  let content = null;
  const size = min === max ? `${max} bytes` : max === null ? "bytes" : `at most ${max} bytes`;
  const hint = element("span", { class: "hint", id: unique("hint") }, size);
  input.setAttribute("aria-describedby", hint.id);
  const choose = (chosen) => {
    form = chosen;
    input.hidden = form === "file";
    file.hidden = form !== "file";
  };
  const forms = [["hex", "hex"], ["text", "text"], ["file", "file"]];
  const chooser = menu(`${label}, written as`, forms, "hex", choose, { class: "narrow" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    content = chosen ? new Uint8Array(await chosen.arrayBuffer()) : null;
    hint.textContent = chosen ? `${content.length} bytes of ${chosen.name}` : size;
  });
  input.addEventListener("input", () => input.removeAttribute("aria-invalid"));

  const fail = (why) => {
    input.setAttribute("aria-invalid", "true");
    throw new Wrong(path, why, form === "file" ? file : input);
  };
  const digits = () => {
    if (form === "text") return hexOf(new TextEncoder().encode(input.value));
    if (form === "file") return content ? hexOf(content) : fail("no file is chosen");
    const text = input.value.replaceAll(/[\s:,]|0x/g, "");
    if (!/^([0-9a-fA-F]{2})*$/.test(text)) fail("write two hexadecimal digits for each byte");
    return text.toLowerCase();
  };
  const read = () => {
    const text = digits();
    const length = text.length / 2;
    if (length < min || (max !== null && length > max)) fail(`there are ${length} bytes, not ${size}`);
    return text;
  };
  const write = (value) => {
    chooser.value = "hex";
    choose("hex");
    input.value = typeof value === "string" ? value : "";
  };
  const node = element("div", { class: "row" }, element("label", { for: id }, label), input, file, chooser, hint);
  return { node, read, write };
}
