// A call as a command line, as Rust and as Python, to copy.

import { button, element } from "./dom.js";
import { write as writeJson } from "./json.js";

/** Creates the block with all three. */
export function codeOf(device, types, procedure, value) {
  const forms = [
    ["Command", command(device, types, procedure, value)],
    ["Python", python(device, types, procedure, value)],
    ["Rust", rust(device, procedure, value)],
  ];
  const blocks = forms.map(([name, text]) => {
    const said = element("span", { role: "status", class: "hint" });
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(text);
        said.textContent = "copied";
      } catch {
        said.textContent = "the browser does not allow it: select the text";
      }
    };
    const head = element("div", { class: "head" }, element("h4", {}, name), button("Copy", copy, { "aria-label": `Copy as ${name}` }), said);
    return element("div", { class: "code" }, head, element("pre", { tabindex: "0" }, text));
  });
  return element("div", { class: "codes" }, blocks);
}

/** Writes JSON whose texts do not turn the direction of what is shown: Rust has no such text, and readers are misled. */
function write(value) {
  return writeJson(value).replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (turn) => `\\u${turn.charCodeAt(0).toString(16)}`);
}

const SCALARS = ["bool", "integer", "float", "double", "enum"];

/** Quotes a word for a POSIX shell. */
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function command(device, types, procedure, value) {
  const words = ["oncilla", "-t", device.target];
  if (device.file) words.push("-x", device.file);
  words.push("call", procedure.name);
  const plain = procedure.arguments.map(({ name }) => (typeof value[name] === "string" ? value[name] : write(value[name])));
  // As words, -Infinity and -1e-7 would be options.
  const isPlain = procedure.arguments.every(({ type }, at) => SCALARS.includes(types[type]?.kind) && !/^-(?![\d.]+$)/.test(plain[at]));
  if (isPlain) {
    words.push(...plain);
  } else if (procedure.arguments.length > 0) {
    words.push(write(value));
  }
  return words.map(quoted).join(" ");
}

function python(device, types, procedure, value) {
  const given = procedure.arguments.map((argument) => pythonValue(types, argument.type, value[argument.name]));
  const file = device.file ? `, interface=${pythonText(device.file)}` : "";
  const call = `device.${procedure.name}(${given.join(", ")})`;
  return `import oncilla_rpc as oncilla\n\nwith oncilla.connect(${pythonText(device.target)}${file}) as device:\n    print(${call})\n`;
}

function pythonText(text) {
  // A text of JSON is one of Python.
  return write(text);
}

function pythonValue(types, place, value) {
  const type = types[place];
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  switch (type?.kind) {
    case "opaque":
      return `bytes.fromhex(${pythonText(value)})`;
    case "float":
    case "double":
      return typeof value === "string" ? `float(${pythonText(value.replace(/:.*/, ""))})` : write(value);
    case "array":
      return `[${value.map((part) => pythonValue(types, type.element, part)).join(", ")}]`;
    case "optional":
      return pythonValue(types, type.element, value);
    case "struct":
      return `{${type.fields.map((field) => `${pythonText(field.name)}: ${pythonValue(types, field.type, value[field.name])}`).join(", ")}}`;
    case "union": {
      const [[name, inner]] = Object.entries(value);
      const arm = type.cases.find((one) => one.name === name) ?? type.default;
      return `{${pythonText(name)}: ${arm && arm.type !== null ? pythonValue(types, arm.type, inner) : "None"}}`;
    }
    default:
      return typeof value === "string" ? pythonText(value) : write(value);
  }
}

/** Returns what connects in Rust. Targets that `oncilla-host` does not have are those of `oncilla-device`. */
function connecting(target) {
  const [, scheme, place, baud = "115200"] = /^(tcp|udp|unix|serial):(?:\/\/)?([^?]*)(?:\?baud=(\d+))?$/.exec(target) ?? [];
  if (scheme === "serial") return `oncilla_host::serial(${JSON.stringify(place)}, ${baud})?`;
  if (scheme) return `oncilla_host::${scheme}(${JSON.stringify(place)})?`;
  return `oncilla_device::connect::connect(&Settings::of(${JSON.stringify(target)}.parse()?), &How::default())?`;
}

/** The most parts of arguments that `json!` is given. It expands part by part, and the compiler limits how often. */
const PARTS_MAX = 30;

/** Returns whether `json!` takes a value: its integers are `i32`, and its texts have not all escapes of JSON. */
function isOfMacro(value) {
  const text = write(value);
  const isNarrow = (part) => !Number.isInteger(part) || Math.abs(part) < 2 ** 31;
  const fits = (part) => (part !== null && typeof part === "object" ? Object.values(part).every(fits) : typeof part !== "bigint" && isNarrow(part));
  return fits(value) && text.split(",").length <= PARTS_MAX && !/\\[^"\\nrt]/.test(text.replaceAll("\\\\", ""));
}

/** Returns arguments as an expression of Rust. */
function rustValue(value) {
  if (isOfMacro(value)) return `json!(${write(value)})`;
  const text = write(value);
  // More of them than follow any quote of the text.
  const hashes = "#".repeat(1 + Math.max(0, ...[...text.matchAll(/"(#*)/g)].map(([, run]) => run.length)));
  return `serde_json::from_str(r${hashes}"${text}"${hashes})?`;
}

function rust(device, procedure, value) {
  const interface_ = device.file ? `Interface::parse_file(${JSON.stringify(device.file)})?` : "Interface::read(\"device\", &mut device)?";
  const lines = [
    "use oncilla_dynamic::Interface;",
    ...(isOfMacro(value) ? ["use serde_json::json;"] : []),
    "",
    `let mut device = ${connecting(device.target)};`,
    `let interface = ${interface_};`,
    `let results = interface.call(&mut device, ${JSON.stringify(procedure.name)}, &${rustValue(value)})?;`,
    'println!("{results}");',
  ];
  return `${lines.join("\n")}\n`;
}
