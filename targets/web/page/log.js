// What devices print: lines with levels, and a search.

import { button, clock, element, menu } from "./dom.js";

/** The most lines that are kept, and that are shown. */
const KEPT = 5000;
const SHOWN = 500;

/** The longest line. */
const LINE_MAX = 4096;

/** How long a line may take to end before its part is shown, in milliseconds. */
const PAUSE = 500;

const LEVELS = ["error", "warning", "info", "debug", "none"];
const WORDS = {
  error: ["ERROR", "ERR", "FATAL", "PANIC", "CRITICAL", "CRIT", "EMERG", "ALERT"],
  warning: ["WARNING", "WARN", "WRN"],
  info: ["INFO", "INF", "NOTICE"],
  debug: ["DEBUG", "DBG", "TRACE", "VERBOSE"],
};
const LETTERS = { E: "error", F: "error", W: "warning", I: "info", D: "debug", V: "debug" };

/** Returns the level that a line states, as `oncilla log` finds it: `ERROR: …`, `[warn] …`, `W (123) wifi: …`. */
export function levelOf(line) {
  const match = /^([^A-Za-z]{0,16})([A-Za-z]+)(.?.?)/.exec(line);
  if (!match) return "none";
  const [, before, word, rest] = match;
  const known = LEVELS.find((level) => WORDS[level]?.includes(word.toUpperCase()));
  if (known) return known;
  const isLetter = before === "" && (rest.startsWith(" (") || rest.startsWith("/"));
  return (isLetter && LETTERS[word]) || "none";
}

export class Log {
  #lines = [];
  #open = new Map();
  #level = "all";
  #wanted = "";
  #isPaused = false;
  #isWaiting = false;
  #list = element("div", { class: "lines", tabindex: "0", role: "log", "aria-label": "Log", "aria-live": "off" });
  #count = element("span", { class: "hint", role: "status" });

  constructor(node) {
    const levels = [["all", "all levels"], ["error", "errors"], ["warning", "warnings and errors"], ["info", "from info"], ["debug", "from debug"]];
    const level = menu("Level", levels, "all", (chosen) => {
      this.#level = chosen;
      this.#draw();
    });
    const search = element("input", { type: "search", placeholder: "Search", "aria-label": "Search the log", spellcheck: "false" });
    search.addEventListener("input", () => {
      this.#wanted = search.value.toLowerCase();
      this.#draw();
    });
    const pause = button("Pause", () => {
      this.#isPaused = !this.#isPaused;
      pause.setAttribute("aria-pressed", String(this.#isPaused));
      this.#draw();
    }, { "aria-pressed": "false" });
    const clear = button("Clear", () => {
      this.#lines = [];
      this.#draw();
    });
    node.append(element("header", {}, element("h2", { id: "log-title" }, "Log"), level, search, pause, clear, this.#count), this.#list);
    this.#draw();
  }

  /** Adds a piece of a device's log. */
  add(device, { kind, text }) {
    if (kind === "binary" || kind === "dropped") {
      const what = kind === "binary" ? "binary log" : "not a message";
      this.#end(device, `(${what}, ${text.length / 2} bytes) ${text}`);
      return;
    }
    const open = this.#open.get(device) ?? { text: "", timer: 0 };
    clearTimeout(open.timer);
    const mark = kind === "clear" ? "(in the clear) " : "";
    const parts = (open.text + mark + text).split("\n");
    const rest = parts.pop();
    for (const part of parts) this.#end(device, part);
    open.text = rest.length > LINE_MAX ? "" : rest;
    if (rest.length > LINE_MAX) this.#end(device, rest);
    open.timer = open.text ? setTimeout(() => {
      this.#end(device, open.text);
      open.text = "";
    }, PAUSE) : 0;
    this.#open.set(device, open);
  }

  #end(device, line) {
    // Control characters, also those that turn the direction of text, are shown as escapes.
    const harmless = line.replace(/\r$/, "").slice(0, LINE_MAX).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
    this.#lines.push({ time: Date.now(), name: device.name, line: harmless, level: levelOf(harmless) });
    if (this.#lines.length > KEPT) this.#lines.splice(0, this.#lines.length - KEPT);
    this.#soon();
  }

  /** Draws with the next picture. */
  #soon() {
    if (this.#isWaiting || this.#isPaused) return;
    this.#isWaiting = true;
    requestAnimationFrame(() => {
      this.#isWaiting = false;
      this.#draw();
    });
  }

  #matches({ line, level, name }) {
    const isLevel = this.#level === "all" || LEVELS.indexOf(level) <= LEVELS.indexOf(this.#level);
    return isLevel && (this.#wanted === "" || line.toLowerCase().includes(this.#wanted) || name.toLowerCase() === this.#wanted);
  }

  #draw() {
    const found = this.#lines.filter((line) => this.#matches(line));
    const isAtEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    const items = found.slice(-SHOWN).map(({ time, name, line, level }) =>
      element("p", { class: level }, element("time", {}, clock(time)), element("span", { class: "of" }, name), element("span", { class: "line" }, line)),
    );
    this.#list.replaceChildren(...items);
    const all = this.#lines.length;
    const lines = all === 1 ? "line" : "lines";
    this.#count.textContent = found.length === all ? `${all} ${lines}` : `${found.length} of ${all} ${lines}`;
    if (isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }
}
