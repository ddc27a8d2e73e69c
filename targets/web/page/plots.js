// Plots: procedures that are called again and again, and the numbers of their results over time.

import { button, element, menu, save } from "./dom.js";
import { coloursOf, draw, figure } from "./chart.js";
import { csvOf } from "./csv.js";
import { cause } from "./link.js";
import { Series, numberAt, numbersIn } from "./series.js";
import { pathText } from "./value.js";
import { watchPointer } from "./zoom.js";

/** The most numbers that are plotted. */
const LINES_MAX = 64;

/** How often the figures change, in milliseconds. */
const FIGURES = 500;

/** How often the picture changes while numbers come, in milliseconds. */
const REDRAW = 250;

const INTERVALS = [["100", "10 a second"], ["200", "5 a second"], ["500", "2 a second"], ["1000", "each second"], ["5000", "each 5 s"], ["60000", "each minute"]];
const WINDOWS = [["10000", "10 s"], ["60000", "1 min"], ["600000", "10 min"], ["3600000", "1 h"]];

export class Plots {
  #node;
  #polls = new Map();
  #lines = [];
  #interval = 500;
  #window = 60_000;
  /** The times that are seen. `null` follows the present. */
  #view = null;
  #selection = null;
  /** Whether each line has its own scale. */
  #isOwn = false;
  #timer = null;
  #drawing = null;
  #inner = null;
  #figured = -FIGURES;
  #colours = null;
  #canvas = element("canvas", { tabindex: "0", role: "img" });
  #legend = element("tbody");
  #state = element("span", { class: "hint", role: "status" });
  #scales = button("Own scales", () => {
    this.#isOwn = !this.#isOwn;
    this.#scales.setAttribute("aria-pressed", String(this.#isOwn));
    this.#soon(0);
  }, { "aria-pressed": "false", title: "Each line has its own scale" });
  #pause = button("Pause", () => this.pause(), { "aria-pressed": "false" });

  constructor(node) {
    this.#node = node;
    const every = menu("How often", INTERVALS, "500", (chosen) => {
      this.#interval = Number(chosen);
      this.#restart();
    });
    const wide = menu("Time shown", WINDOWS, "60000", (chosen) => {
      this.#window = Number(chosen);
      this.#view = null;
      this.#soon(0);
    });
    const tools = [
      every,
      wide,
      this.#pause,
      button("Zoom in", () => this.zoom(0.5)),
      button("Zoom out", () => this.zoom(2)),
      this.#scales,
      button("CSV", () => save("oncilla.csv", new Blob([csvOf([...this.#polls.values()])], { type: "text/csv" }))),
      button("PNG", () => this.#png()),
      button("Stop all", () => this.#lines.slice().forEach((line) => this.#remove(line))),
      this.#state,
    ];
    const titles = ["Number", "Last", "Least", "Largest", "Stop"].map((name) => element("th", { scope: "col" }, name));
    const table = element("table", { class: "legend" }, element("thead", {}, element("tr", {}, titles)), this.#legend);
    const hint = element("p", { class: "hint" }, "Drag to zoom, double-click for the present. Keys: + and −, arrows, space to pause, 0 for the present.");
    node.append(element("header", {}, element("h2", { id: "plots-title" }, "Plots"), tools), this.#canvas, hint, table);
    watchPointer(this.#canvas, this);
    new ResizeObserver(() => this.#soon(0)).observe(this.#canvas);
  }

  /** Plots the number at a path of the results of a call. */
  add(view, procedure, json, path) {
    const { program, version, number } = procedure;
    const key = [view.id, program.number, version.number, number, json].join(" ");
    const name = `${view.device.name} ${procedure.name}${pathText(path) ? ` ${pathText(path)}` : ""}`;
    if (this.#lines.length >= LINES_MAX || this.#lines.some((line) => line.key === key && line.name === name)) return;
    if (!this.#polls.has(key)) this.#polls.set(key, { key, view, procedure, json, lines: [], isBusy: false, why: "" });
    const poll = this.#polls.get(key);
    const line = { key, name, path, series: new Series(), place: this.#freePlace(), cells: null };
    poll.lines.push(line);
    this.#lines.push(line);
    this.#legend.append(this.#row(line));
    this.#node.hidden = false;
    this.recolour();
    this.#restart();
  }

  /** Plots all numbers of the results of a call. Promises the outcome of the call, and how many numbers were added. */
  async all(view, types, procedure, json) {
    const { program, version, number } = procedure;
    const outcome = await view.link.call(program.number, version.number, number, json);
    if (outcome.error !== undefined) return { outcome, added: 0 };
    const before = this.#lines.length;
    const paths = numbersIn(types, procedure.result, outcome.results, LINES_MAX - this.#lines.length);
    for (const path of paths) this.add(view, procedure, json, path);
    return { outcome, added: this.#lines.length - before };
  }

  #freePlace() {
    const taken = new Set(this.#lines.map((line) => line.place));
    let place = 0;
    while (taken.has(place)) place += 1;
    return place;
  }

  #row(line) {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    const cells = ["last", "least", "largest"].map(() => element("td", { class: "figure" }));
    const remove = button("Stop", () => this.#remove(line), { "aria-label": `Stop ${line.name}`, class: "quiet" });
    line.cells = cells;
    line.swatch = swatch;
    line.row = element("tr", {}, element("th", { scope: "row" }, swatch, line.name), cells, element("td", {}, remove));
    return line.row;
  }

  #remove(line) {
    this.#lines = this.#lines.filter((one) => one !== line);
    line.row.remove();
    const poll = this.#polls.get(line.key);
    poll.lines = poll.lines.filter((one) => one !== line);
    if (poll.lines.length === 0) this.#polls.delete(line.key);
    this.#showFailures();
    this.#node.hidden = this.#lines.length === 0;
    this.#restart();
  }

  #restart() {
    clearInterval(this.#timer);
    this.#timer = this.#polls.size > 0 ? setInterval(() => this.#tick(), this.#interval) : null;
    this.#tick();
  }

  #tick() {
    for (const poll of this.#polls.values()) this.#ask(poll);
  }

  async #ask(poll) {
    // A slow device is asked less often.
    if (poll.isBusy) return;
    poll.isBusy = true;
    const { program, version, number } = poll.procedure;
    const outcome = await poll.view.link.call(program.number, version.number, number, poll.json);
    poll.isBusy = false;
    const time = Date.now();
    for (const { series, path } of poll.lines) series.add(time, outcome.error === undefined ? numberAt(outcome.results, path) : NaN);
    const why = cause(outcome);
    poll.why = why && `${poll.view.device.name} ${poll.procedure.name}: ${why}`;
    this.#showFailures();
    this.#soon(REDRAW);
  }

  /** Shows why numbers are missing: the failure of each poll whose last call has failed. */
  #showFailures() {
    const text = [...this.#polls.values()].map(({ why }) => why).filter(Boolean).join("; ");
    if (this.#state.textContent !== text) this.#state.textContent = text;
  }

  /** Returns the times that are seen. */
  get view() {
    if (this.#view) return this.#view;
    const now = Date.now();
    return [now - this.#window, now];
  }

  /** Shows these times, or with `null` the present. */
  show(view) {
    this.#view = view;
    this.#pause.setAttribute("aria-pressed", String(view !== null));
    this.#soon(0);
  }

  pause() {
    this.show(this.#view ? null : this.view);
  }

  /** Shows a shorter or longer time about the middle, or about another time. */
  zoom(factor, about = null) {
    const [from, to] = this.view;
    const middle = about ?? (from + to) / 2;
    const [one, other] = [middle - (middle - from) * factor, middle + (to - middle) * factor];
    if (other - one >= 50 && other - one <= 7 * 864e5) this.show([one, other]);
  }

  /** Shows earlier or later times, by a part of what is seen. */
  move(part) {
    const [from, to] = this.view;
    const by = (to - from) * part;
    this.show([from + by, to + by]);
  }

  /** Marks times while they are chosen. */
  select(selection) {
    this.#selection = selection;
    this.#soon(0);
  }

  /** Returns the time at a place of the canvas. */
  timeAt(x) {
    const { left, width, from, to } = this.#inner ?? { left: 0, width: 1, from: 0, to: 1 };
    return from + ((x - left) / width) * (to - from);
  }

  /** Takes the colours of the theme. */
  recolour() {
    if (this.#lines.length === 0) return;
    this.#colours = coloursOf(this.#node);
    for (const line of this.#lines) {
      line.colour = this.#colours.lines[line.place % 8];
      line.dash = [[], [6, 3], [2, 3], [8, 3, 2, 3]][Math.floor(line.place / 8) % 4];
      line.swatch.style.setProperty("--colour", line.colour);
    }
    this.#soon(0);
  }

  /** Draws soon, at most so often. */
  #soon(wait) {
    if (this.#drawing !== null && wait > 0) return;
    clearTimeout(this.#drawing);
    this.#drawing = setTimeout(() => requestAnimationFrame(() => {
      this.#drawing = null;
      this.#draw();
    }), wait);
  }

  #draw() {
    if (this.#lines.length === 0 || !this.#colours) return;
    const size = { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight, scale: devicePixelRatio };
    if (size.width === 0) return;
    this.#inner = draw(this.#canvas, size, this.#lines, this.view, this.#colours, { selection: this.#selection, isOwn: this.#isOwn });
    this.#canvas.setAttribute("aria-label", `Plot of ${this.#lines.length} numbers over time; the table below has their last values`);
    // The figures are read by people: they change less often than the picture.
    const now = performance.now();
    if (this.#view === null && now - this.#figured < FIGURES) return;
    this.#figured = now;
    const [from, to] = this.view;
    for (const { series, cells } of this.#lines) {
      const texts = [series.last, ...series.range(from, to)].map(figure);
      texts.forEach((text, at) => {
        if (cells[at].textContent !== text) cells[at].textContent = text;
      });
    }
  }

  /** Saves the plot with its legend. */
  #png() {
    const [width, height] = [1200, 500];
    const row = 20;
    const picture = element("canvas");
    const plot = element("canvas");
    draw(plot, { width, height, scale: 1 }, this.#lines, this.view, this.#colours, { isOwn: this.#isOwn });
    [picture.width, picture.height] = [width, height + row * this.#lines.length + 10];
    const pen = picture.getContext("2d");
    pen.fillStyle = this.#colours.ground;
    pen.fillRect(0, 0, picture.width, picture.height);
    pen.drawImage(plot, 0, 0);
    pen.font = `13px ${this.#colours.font}`;
    this.#lines.forEach((line, at) => {
      const y = height + row * at + 14;
      pen.fillStyle = line.colour;
      pen.fillRect(16, y - 8, 14, 8);
      pen.fillStyle = this.#colours.text;
      pen.fillText(`${line.name}: ${figure(line.series.last)}`, 38, y);
    });
    picture.toBlob((content) => content && save("oncilla.png", content));
  }
}
