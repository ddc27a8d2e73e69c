// The state of a device's link: round trips, losses, restarts.

import { element } from "./dom.js";

/** How often the figures change, in milliseconds. */
const REDRAW = 500;

/** How long a link is idle before procedure 0 is called, in milliseconds. */
const IDLE = 1000;

/** The number of the last round trips that are counted. */
const KEPT = 100;

export class Link {
  #device;
  #times = [];
  #calls = 0;
  #lost = 0;
  #restarts = 0;
  #reconnected = 0;
  #isConnected = null;
  /** Whether the last call was lost. */
  #isAway = false;
  #waiting = 0;
  #last = 0;
  #drawn = -REDRAW;
  #drawing = null;
  #program = null;
  #timer = null;
  #figures = element("span", { class: "figures" });
  #dot = element("span", { class: "dot", "aria-hidden": "true" });
  #word = element("span", { class: "word", role: "status" }, "not asked yet");
  node = element("p", { class: "link" }, this.#dot, this.#word, this.#figures);
  /** Set by the page: the device was reached again. */
  onback = () => {};

  constructor(device) {
    this.#device = device;
    this.#timer = setInterval(() => this.#tick(), IDLE / 2);
    device.onstate = (change) => this.#change(change);
    this.#draw();
  }

  /** Sets the program whose procedure 0 is called while the link is idle. */
  watch(program, version) {
    this.#program = [program, version];
  }

  /** Makes a call, and counts it. */
  async call(program, version, procedure, json, options = {}) {
    this.#waiting += 1;
    const outcome = await this.#device.call(program, version, procedure, json, options);
    this.#waiting -= 1;
    this.#last = performance.now();
    this.#count(outcome, options);
    return outcome;
  }

  #count({ error, kind, refusal, microseconds }, { cast = false, isBeat = false }) {
    if (kind === "usage" || kind === "busy" || cast) return;
    if (error === undefined || refusal) {
      this.#times.push(microseconds);
      if (this.#times.length > KEPT) this.#times.shift();
    }
    const isLost = kind === "timed out" || kind === "not reached";
    // That a device is still away is no further loss.
    if (isLost && isBeat && this.#isAway) return;
    this.#isAway = isLost;
    this.#calls += 1;
    if (isLost) this.#lost += 1;
    this.#connected(!isLost);
    this.#soon();
  }

  #change({ connected, restarted, again }) {
    if (restarted) this.#restarts += 1;
    if (again) this.#reconnected += 1;
    if (connected !== undefined) this.#connected(connected);
    this.#draw();
  }

  #connected(isConnected) {
    const was = this.#isConnected;
    this.#isConnected = isConnected;
    if (was !== isConnected) this.#draw();
    if (isConnected && was === false) this.onback();
  }

  #tick() {
    // A page that nobody sees asks nothing.
    const isIdle = this.#waiting === 0 && performance.now() - this.#last >= IDLE && document.visibilityState === "visible";
    if (!isIdle) return;
    this.#last = performance.now();
    if (this.#program) this.call(...this.#program, 0, "null", { isBeat: true });
    else if (this.#isConnected === false) this.onback();
  }

  /** Draws soon, at most so often: a plot makes many calls. */
  #soon() {
    const left = this.#drawn + REDRAW - performance.now();
    if (left <= 0) this.#draw();
    else this.#drawing ??= setTimeout(() => this.#draw(), left);
  }

  #draw() {
    clearTimeout(this.#drawing);
    this.#drawing = null;
    this.#drawn = performance.now();
    const state = this.#isConnected === null ? "unknown" : this.#isConnected ? "connected" : "lost";
    this.node.dataset.state = state;
    const word = { unknown: "not asked yet", connected: "connected", lost: "not reached" }[state];
    if (this.#word.textContent !== word) this.#word.textContent = word;
    const sorted = [...this.#times].sort((one, other) => one - other);
    const figure = (name, value) => element("span", {}, `${name} `, element("b", {}, value));
    const median = sorted.length > 0 ? milliseconds(sorted[Math.floor(sorted.length / 2)]) : "–";
    const longest = sorted.length > 0 ? milliseconds(sorted[sorted.length - 1]) : "–";
    this.#figures.replaceChildren(
      figure("round trip", median),
      figure("longest", longest),
      figure("calls", String(this.#calls)),
      figure("lost", String(this.#lost)),
      figure("restarts", String(this.#restarts)),
      figure("reconnected", String(this.#reconnected)),
    );
  }
}

/** What is shown of the failures of the link itself. */
export const LOST = { "timed out": "No reply in time", "not reached": "Not reached" };

/**
 * Returns why a call has failed, in a line that stays the same while the cause does, or an empty text. The error itself
 * counts attempts and seconds, which a screen reader would read out again and again.
 */
export function cause({ error, kind, refusal }) {
  return error === undefined ? "" : LOST[kind] ?? refusal ?? error;
}

/** Writes a time in milliseconds. */
export function milliseconds(microseconds) {
  const value = microseconds / 1000;
  return `${value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0)} ms`;
}
