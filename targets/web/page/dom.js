// Elements of the page. Text of a device only ever becomes a text node.

/**
 * Creates an element. Attributes whose value is a function are listeners, `true` and `false` are set or left out. Children
 * are elements or texts.
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

/** Creates a button. */
export function button(text, pressed, attributes = {}) {
  return element("button", { type: "button", click: pressed, ...attributes }, text);
}

let last = 0;

/** Returns an id that no other element has. */
export function unique(name) {
  last += 1;
  return `${name}-${last}`;
}

/** Creates a labelled menu. Choices are pairs of value and text. */
export function menu(label, choices, chosen, changed, attributes = {}) {
  const select = element("select", { "aria-label": label, ...attributes });
  for (const [value, text] of choices) {
    select.append(element("option", { value, selected: value === chosen }, text));
  }
  select.addEventListener("change", () => changed(select.value));
  return select;
}

/** Creates a paragraph of a comment, or nothing for an empty one. */
export function comment(text) {
  return text ? element("p", { class: "comment" }, text) : null;
}

/** Offers a file to keep. */
export function save(name, content) {
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: name }).click();
  // The download has its content by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Returns the time of day of a moment, such as 14:03:07.120. */
export function clock(moment, digits = 3) {
  const two = (number) => String(number).padStart(2, "0");
  const time = new Date(moment);
  const seconds = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return digits === 0 ? seconds : `${seconds}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
