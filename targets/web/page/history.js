// The calls of this page, to make them again.

import { button, clock, element } from "./dom.js";
import { write } from "./json.js";
import { milliseconds } from "./link.js";

/** The most calls that are kept. */
const KEPT = 200;

/** The longest text of arguments or results that is shown. */
const TEXT_MAX = 80;

export class History {
  #list = element("ol", { class: "calls", reversed: true });
  #empty = element("p", { class: "hint" }, "No calls yet.");

  constructor(node) {
    const clear = button("Clear", () => {
      this.#list.replaceChildren();
      this.#empty.hidden = false;
    });
    node.append(element("header", {}, element("h2", { id: "history-title" }, "History"), clear), this.#empty, this.#list);
  }

  /** Adds a call. */
  add({ view, procedure, value, options, time, outcome }) {
    this.#empty.hidden = true;
    const isGood = outcome.error === undefined;
    const edit = () => {
      view.choose(procedure, value);
      view.node.scrollIntoView({ block: "nearest" });
    };
    const again = () => {
      edit();
      view.call(options);
    };
    const what = `${procedure.name}${short(write(value)).replace(/^\{|\}$/g, (brace) => (brace === "{" ? "(" : ")"))}`;
    const result = isGood ? short(write(outcome.results)) : outcome.refusal ?? outcome.error;
    const name = `${procedure.name} of ${clock(time, 0)}`;
    const item = element(
      "li",
      { class: isGood ? "good" : "bad" },
      element("time", {}, clock(time)),
      element("span", { class: "of" }, view.device.name),
      element("code", { title: write(value).slice(0, 1000) }, what),
      element("span", { class: "came", title: String(result).slice(0, 1000) }, short(String(result))),
      element("span", { class: "hint" }, milliseconds(outcome.microseconds)),
      button("Again", again, { "aria-label": `Call ${name} again`, class: "quiet" }),
      button("Edit", edit, { "aria-label": `Edit ${name}`, class: "quiet" }),
    );
    this.#list.prepend(item);
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild.remove();
  }
}

function short(text) {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}
