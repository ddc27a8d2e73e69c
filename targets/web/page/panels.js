// Panels that a maker has named: gauges, plots, tables, switches and sliders.

import { coloursOf, draw, figure } from "./chart.js";
import { element, unique } from "./dom.js";
import { write } from "./json.js";
import { cause } from "./link.js";
import { Series, numberAt } from "./series.js";
import { show } from "./value.js";

/** The time that a plot shows, in milliseconds. */
const WINDOW = 60_000;

/** Calls that several panels read. */
class Reads {
  #view;
  #reads = new Map();

  constructor(view) {
    this.#view = view;
  }

  /** Calls again and again, and gives the outcomes to `take`. */
  add({ program, version, procedure, arguments: given }, every, take) {
    const json = write(given);
    const key = [program, version, procedure, json].join(" ");
    const read = this.#reads.get(key) ?? { every, takers: [], isBusy: false, isLate: false };
    read.every = Math.min(read.every, every);
    read.takers.push(take);
    read.now = async () => {
      // A value that was set meanwhile is read again.
      if (read.isBusy) {
        read.isLate = true;
        return;
      }
      read.isBusy = true;
      const outcome = await this.#view.link.call(program, version, procedure, json);
      read.isBusy = false;
      for (const taker of read.takers) taker(outcome);
      if (read.isLate) {
        read.isLate = false;
        read.now();
      }
    };
    this.#reads.set(key, read);
    return () => read.now();
  }

  start() {
    for (const read of this.#reads.values()) {
      read.now();
      setInterval(() => {
        // A page that nobody sees asks nothing.
        if (document.visibilityState === "visible" && this.#view.node.isConnected) read.now();
      }, read.every);
    }
  }
}

/** Creates the panels of a device. `types` are those of its description. */
export function panelsOf(view, { panels, types }, isAllowed) {
  const reads = new Reads(view);
  const cards = panels.map((panel) => MAKERS[panel.kind](new Card(view, panel, types, isAllowed), reads));
  const node = element("section", { class: "cards", "aria-label": `Panels of ${view.device.name}` }, cards);
  reads.start();
  return node;
}

/** What all panels have: a title, a place for the value, and what went wrong. */
class Card {
  #said = element("p", { class: "hint", role: "status" });

  constructor(view, panel, types, isAllowed) {
    this.view = view;
    this.panel = panel;
    this.types = types;
    this.isAllowed = isAllowed;
    this.title = element("h3", { id: unique("panel") }, panel.title);
  }

  node(...parts) {
    return element("div", { class: `card ${this.panel.kind}`, role: "group", "aria-labelledby": this.title.id }, this.title, parts, this.#said);
  }

  say(text) {
    if (this.#said.textContent !== text) this.#said.textContent = text;
  }

  /** Reads the values at the paths of the panel, again and again. Returns what reads them now. */
  read(reads, take) {
    const { read, every } = this.panel;
    if (!read) return () => {};
    return reads.add(read, every, (outcome) => {
      this.say(cause(outcome));
      take(outcome.error === undefined ? outcome.results : null);
    });
  }

  /** Writes a number of the device as it is shown. */
  text(number) {
    const { scale, unit } = this.panel;
    return Number.isFinite(number) ? `${figure(number * scale)}${unit ? ` ${unit}` : ""}` : "–";
  }

  /** Sets the value of a switch or slider. Returns whether it was set. */
  async set(value) {
    const { program, version, procedure, arguments: given, argument } = this.panel.set;
    const whole = structuredClone(given);
    let place = whole;
    for (const step of argument.slice(0, -1)) place = place[step] ??= {};
    place[argument.at(-1)] = value;
    const outcome = await this.view.link.call(program, version, procedure, write(whole));
    this.say(cause(outcome));
    return outcome.error === undefined;
  }
}

function gauge(card, reads) {
  const { low, high, scale, read } = card.panel;
  const meter = element("meter", { min: Math.min(low * scale, high * scale), max: Math.max(low * scale, high * scale), "aria-labelledby": card.title.id });
  const number = element("output", { class: "large" }, "–");
  card.read(reads, (results) => {
    const value = results === null ? NaN : numberAt(results, read.paths[0]);
    number.textContent = card.text(value);
    meter.value = Number.isFinite(value) ? value * scale : meter.min;
    number.classList.toggle("outside", value < low || value > high);
  });
  const limits = element("p", { class: "limits hint" }, element("span", {}, card.text(low)), element("span", {}, card.text(high)));
  return card.node(number, meter, limits);
}

function plot(card, reads) {
  const { read, scale } = card.panel;
  const canvas = element("canvas", { role: "img", "aria-label": `Plot of ${card.panel.title}` });
  const lines = read.paths.map((path) => ({ path, series: new Series(), dash: [], colour: "" }));
  const names = lines.map((line) => element("li", {}, element("span", { class: "swatch", "aria-hidden": "true" }), `${line.path.at(-1) ?? ""} `, element("b", { class: "figure" })));
  card.read(reads, (results) => {
    const now = Date.now();
    const colours = coloursOf(canvas);
    lines.forEach((line, at) => {
      const value = results === null ? NaN : numberAt(results, line.path);
      line.series.add(now, value * scale);
      line.colour = colours.lines[at % 8];
      names[at].querySelector(".swatch").style.setProperty("--colour", line.colour);
      names[at].querySelector("b").textContent = card.text(value);
    });
    const size = { width: canvas.clientWidth, height: canvas.clientHeight, scale: devicePixelRatio };
    if (size.width > 0) draw(canvas, size, lines, [now - WINDOW, now], colours);
  });
  return card.node(canvas, element("ul", { class: "names" }, names));
}

/** Returns the type at a path. */
function typeAt(types, place, path) {
  for (const step of path) {
    while (types[place].kind === "optional") place = types[place].element;
    const { fields, element: inner, cases, default: other } = types[place];
    place = fields?.find((field) => field.name === step)?.type ?? inner ?? cases?.find((arm) => arm.name === step)?.type ?? other?.type;
  }
  return place;
}

function table(card, reads) {
  const { read } = card.panel;
  const [path] = read.paths;
  const procedure = card.view.procedure(read.name);
  const type = typeAt(card.types, procedure.result, path);
  const place = element("div", { class: "shown", tabindex: "0", role: "region", "aria-labelledby": card.title.id });
  card.read(reads, (results) => {
    let value = results;
    for (const step of path) value = value?.[step];
    place.replaceChildren(value === null || value === undefined ? "–" : show(card.types, type, value));
  });
  return card.node(place);
}

function toggle(card, reads) {
  const { set, read } = card.panel;
  const knob = element("button", { type: "button", role: "switch", "aria-checked": "false", "aria-labelledby": card.title.id, disabled: !card.isAllowed(set.name) });
  const word = element("span", { class: "word", "aria-hidden": "true" }, "–");
  const become = (isOn) => {
    knob.setAttribute("aria-checked", String(isOn));
    word.textContent = isOn ? "on" : "off";
  };
  const again = card.read(reads, (results) => {
    const value = results === null ? NaN : numberAt(results, read.paths[0]);
    if (Number.isFinite(value)) become(value !== 0);
    else word.textContent = "–";
  });
  knob.addEventListener("click", async () => {
    const isOn = knob.getAttribute("aria-checked") !== "true";
    if (await card.set(set.bool ? isOn : Number(isOn))) become(isOn);
    again();
  });
  return card.node(element("div", { class: "knob" }, knob, word));
}

function slider(card, reads) {
  const { set, read, low, high, step } = card.panel;
  const input = element("input", { type: "range", min: low, max: high, step, value: low, "aria-valuetext": "unknown", "aria-labelledby": card.title.id, disabled: !card.isAllowed(set.name) });
  const number = element("output", { class: "large" }, "–");
  let isHeld = false;
  const become = (value) => {
    number.textContent = card.text(value);
    input.setAttribute("aria-valuetext", number.textContent);
  };
  const again = card.read(reads, (results) => {
    const value = results === null ? NaN : numberAt(results, read.paths[0]);
    if (isHeld) return;
    if (Number.isFinite(value)) input.value = String(value);
    become(value);
  });
  input.addEventListener("input", () => {
    isHeld = true;
    become(Number(input.value));
  });
  input.addEventListener("change", async () => {
    await card.set(Number(input.value));
    isHeld = false;
    again();
  });
  const limits = element("p", { class: "limits hint" }, element("span", {}, card.text(low)), element("span", {}, card.text(high)));
  return card.node(number, input, limits);
}

const MAKERS = { gauge, plot, table, switch: toggle, slider };
