// JSON with exact numbers: integers of 64 bits are BigInt, and -0 keeps its sign.

/** Writes a value. `JSON.stringify` has no BigInt and no -0. */
export function write(value) {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Object.is(value, -0) ? "-0.0" : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}:${write(part)}`).join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}

/** Writes a value over several lines, for people. */
export function writeOpen(value, indent = "") {
  const more = `${indent}  `;
  const lines = (open, parts, close) => (parts.length === 0 ? open + close : `${open}\n${parts.join(",\n")}\n${indent}${close}`);
  if (Array.isArray(value)) return lines("[", value.map((part) => more + writeOpen(part, more)), "]");
  if (value !== null && typeof value === "object") {
    const part = ([name, inner]) => `${more}${JSON.stringify(name)}: ${writeOpen(inner, more)}`;
    return lines("{", Object.entries(value).map(part), "}");
  }
  return write(value);
}

/**
 * Reads what a person has typed. Integers that a number does not have exactly become BigInt.
 */
export function read(text) {
  // Outside texts, a long row of digits is such an integer. It is read as a marked text.
  const mark = "\u0000integer ";
  const parts = text.match(/"(?:[^"\\]|\\.)*"|[^"]+/gs) ?? [];
  const marked = parts.map((part) =>
    part.startsWith('"') ? part : part.replace(/(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g, (digits) => JSON.stringify(mark + digits)),
  );
  return JSON.parse(marked.join(""), (_, value) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}
