// Values to fill in, for what is typed as JSON: numbers are 0, texts and lists are empty, an enum has its first member.

/** The most parts of a template. A larger one is left out. */
const PARTS_MAX = 20_000;

/** Returns a value of a type, or `undefined` if it is too large. */
export function templateOf(types, place) {
  let left = PARTS_MAX;
  const make = (at, depth) => {
    const type = types[at];
    left -= 1;
    if (!type || left < 0 || depth > 100) throw new RangeError("the template is too large");
    switch (type.kind) {
      case "bool":
        return false;
      case "integer":
      case "float":
      case "double":
        return 0;
      case "text":
        return "";
      case "opaque":
        left -= type.min;
        return left < 0 ? "" : "00".repeat(type.min);
      case "array":
        return Array.from({ length: Math.min(type.min, PARTS_MAX) }, () => make(type.element, depth + 1));
      case "optional":
        return null;
      case "enum":
        return type.members[0]?.name ?? 0;
      case "struct":
        return Object.fromEntries(type.fields.map((field) => [field.name, make(field.type, depth + 1)]));
      default: {
        const [arm] = type.cases;
        return arm ? { [arm.name]: arm.type === null ? null : make(arm.type, depth + 1) } : { 0: null };
      }
    }
  };
  try {
    return make(place, 0);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
