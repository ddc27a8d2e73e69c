// The points of one plotted number, the last ones in a ring.

/** The most points of a series. */
const POINTS = 20_000;

export class Series {
  #times = new Float64Array(POINTS);
  #values = new Float64Array(POINTS);
  #start = 0;
  length = 0;

  /** Adds a point. A call that failed is NaN, which leaves a gap. */
  add(time, value) {
    const at = (this.#start + this.length) % POINTS;
    this.#times[at] = time;
    this.#values[at] = value;
    if (this.length < POINTS) this.length += 1;
    else this.#start = (this.#start + 1) % POINTS;
  }

  time(at) {
    return this.#times[(this.#start + at) % POINTS];
  }

  value(at) {
    return this.#values[(this.#start + at) % POINTS];
  }

  /** Returns the last value. */
  get last() {
    return this.length > 0 ? this.value(this.length - 1) : NaN;
  }

  /** Returns the place of the first point at a time or after it. */
  from(time) {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Returns the least and the largest value between two times. */
  range(from, to) {
    let [low, high] = [Infinity, -Infinity];
    for (let at = this.from(from); at < this.length && this.time(at) <= to; at += 1) {
      const value = this.value(at);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high];
  }
}

/** Returns the number that a result has at a path, or NaN. */
export function numberAt(results, path) {
  let value = results;
  for (const step of path) value = value?.[step];
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number") return value;
  // Large integers are texts.
  return typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : NaN;
}

/** Returns the paths of all numbers in a result, at most so many. */
export function numbersIn(types, place, value, most, path = [], found = []) {
  const type = types[place];
  if (!type || found.length >= most || value === null || value === undefined) return found;
  switch (type.kind) {
    case "bool":
    case "integer":
    case "float":
    case "double":
      found.push(path);
      break;
    case "struct":
      for (const field of type.fields) numbersIn(types, field.type, value[field.name], most, [...path, field.name], found);
      break;
    case "array":
      value.forEach((item, at) => numbersIn(types, type.element, item, most, [...path, at], found));
      break;
    case "optional":
      numbersIn(types, type.element, value, most, path, found);
      break;
    case "union": {
      if (typeof value !== "object") break;
      const [[name, inner]] = Object.entries(value);
      const arm = type.cases.find((one) => one.name === name) ?? type.default;
      if (arm && arm.type !== null) numbersIn(types, arm.type, inner, most, [...path, name], found);
      break;
    }
    default:
  }
  return found;
}
