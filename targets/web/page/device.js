// A device on the page: its procedures, the form of one of them, and what came of the call.

import { button, comment, element, unique } from "./dom.js";
import { codeOf } from "./code.js";
import { argumentsForm, Wrong } from "./form.js";
import { write, writeOpen } from "./json.js";
import { Link, LOST, milliseconds } from "./link.js";
import { panelsOf } from "./panels.js";
import { show } from "./value.js";

/** The most procedures that the list shows. The filter finds the others. */
const LISTED_MAX = 300;

/** The most characters of results that are an attribute of the page. */
const RESULTS_MAX = 65_536;

export class DeviceView {
  #page;
  #types = [];
  #procedures = [];
  #current = null;
  #form = null;
  #filter = element("input", { type: "search", placeholder: "Filter", autocomplete: "off", spellcheck: "false" });
  #list = element("div", { class: "list" });
  #work = element("div", { class: "work" });
  #outcome = element("div", { class: "outcome", role: "region", "aria-live": "polite" });

  constructor(device, page) {
    this.device = device;
    /** No other view has it. Two devices may have one name. */
    this.id = unique("view");
    this.#page = page;
    this.link = new Link(device);
    this.link.onback = () => this.#describe();
    const title = unique("device");
    this.#filter.setAttribute("aria-label", `Filter the procedures of ${device.name}`);
    this.#filter.addEventListener("input", () => this.#drawList());
    this.#outcome.setAttribute("aria-label", `Outcome of the call of ${device.name}`);
    const target = device.target === device.name ? null : element("p", { class: "hint" }, device.target);
    const head = element("header", {}, element("h2", { id: title }, device.name), target, this.link.node);
    const nav = element("nav", { "aria-label": `Procedures of ${device.name}` }, this.#filter, this.#list);
    this.node = element("article", { class: "device", "aria-labelledby": title }, head, element("div", { class: "body" }, nav, this.#work));
    device.onlog = (piece) => page.log.add(device, piece);
    this.#describe();
  }

  focusFilter() {
    this.#filter.focus();
  }

  /** Asks for the description, until the device has given it. */
  async #describe() {
    if (this.#procedures.length > 0 || this.isAsking) return;
    this.isAsking = true;
    this.#work.replaceChildren(element("p", { class: "hint" }, "Asking the device for its interface …"));
    const reply = await this.device.describe();
    this.isAsking = false;
    if (reply.error !== undefined) {
      const again = button("Ask again", () => this.#describe());
      this.#work.replaceChildren(failure(reply), again);
      // What was refused is not asked for again by itself.
      this.device.onstate({ connected: !["not reached", "timed out"].includes(reply.kind) });
      return;
    }
    const { programs, types, allowed } = reply.description;
    this.#types = types;
    this.#procedures = programs.flatMap((program) =>
      program.versions.flatMap((version) =>
        version.procedures.map((procedure) => ({ ...procedure, program, version, isAllowed: !allowed || allowed.includes(procedure.name) })),
      ),
    );
    if (programs.length > 0 && programs[0].versions.length > 0) {
      this.link.watch(programs[0].number, programs[0].versions.at(-1).number);
    }
    this.device.onstate({ connected: true });
    this.#showPanels(reply.description);
    this.#drawList();
    const first = this.#procedures.find((procedure) => procedure.isAllowed) ?? this.#procedures[0];
    if (first) this.choose(first);
    else this.#work.replaceChildren(element("p", {}, "The interface has no procedures."));
  }

  /** Returns the procedure of a name. */
  procedure(name) {
    return this.#procedures.find((procedure) => procedure.name === name);
  }

  /** Shows the panels of the maker, or what is wrong with them. */
  #showPanels({ panels, panelsError, types }) {
    const body = this.node.lastElementChild;
    if (panelsError) body.before(element("p", { class: "failure", role: "alert" }, panelsError));
    if (panels?.length > 0) body.before(panelsOf(this, { panels, types }, (name) => this.procedure(name)?.isAllowed));
  }

  #drawList() {
    const wanted = this.#filter.value.trim().toLowerCase();
    const found = this.#procedures.filter(({ name, comment: note }) => name.toLowerCase().includes(wanted) || note.toLowerCase().includes(wanted));
    const parts = [];
    let version = null;
    let items = null;
    for (const procedure of found.slice(0, LISTED_MAX)) {
      if (procedure.version !== version) {
        version = procedure.version;
        items = element("ul", {});
        const { program } = procedure;
        parts.push(element("h3", { title: program.comment || false }, `${program.name} ${version.number}`), items);
      }
      const isCurrent = procedure === this.#current;
      const attributes = { class: "procedure", "aria-current": isCurrent ? "true" : false, title: procedure.comment || false };
      const name = procedure.name.slice(procedure.name.indexOf(".") + 1);
      const chosen = () => {
        this.choose(procedure);
        this.#work.querySelector("input, select, textarea, button")?.focus();
      };
      items.append(element("li", {}, button(name, chosen, attributes)));
    }
    if (found.length > LISTED_MAX) parts.push(element("p", { class: "hint" }, `${found.length - LISTED_MAX} more: use the filter`));
    if (found.length === 0) parts.push(element("p", { class: "hint" }, "no procedure matches"));
    this.#list.replaceChildren(...parts);
  }

  /** Shows the form of a procedure, perhaps with arguments. */
  choose(procedure, value = null) {
    this.#current = procedure;
    this.#drawList();
    this.#form = argumentsForm(this.#types, procedure);
    if (value !== null) this.#form.write(value);
    const call = element("button", { type: "submit", class: "primary", disabled: !procedure.isAllowed }, "Call");
    const note = procedure.isAllowed ? null : element("p", { class: "hint" }, "This page may not call this procedure.");
    const code = element("details", { class: "as-code" }, element("summary", {}, "As code"));
    code.addEventListener("toggle", () => code.open && this.#showCode(code));
    const form = element("form", { novalidate: true, "aria-label": `Call ${procedure.name} of ${this.device.name}` });
    form.append(this.#form.node, element("div", { class: "buttons" }, call, ...this.#others(procedure)), code);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.call();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.call();
    });
    form.addEventListener("input", () => code.open && this.#showCode(code));
    this.#outcome.replaceChildren();
    const head = [element("h3", {}, procedure.name), comment(procedure.comment), element("p", { class: "declaration" }, element("code", {}, procedure.declaration)), note];
    this.#work.replaceChildren(...head.filter(Boolean), form, this.#outcome);
  }

  /** Returns the other ways to call: without a reply, for one-way procedures, and again and again. */
  #others(procedure) {
    if (!procedure.isAllowed) return [];
    const send = button("Send only", () => this.call({ cast: true }), { title: "For one-way procedures: does not wait for a reply" });
    if (procedure.result === null) return [send];
    const plotted = () => {
      const json = this.#json();
      if (json !== null) this.#plotAll(procedure, json);
    };
    return [button("Plot all numbers", plotted)];
  }

  /** Plots all numbers of the results. If there are none, the outcome of the call states why. */
  async #plotAll(procedure, json) {
    const { outcome, added } = await this.#page.plots.all(this, this.#types, procedure, json);
    if (added > 0 || procedure !== this.#current) return;
    this.#showOutcome(procedure, json, outcome, {});
    const why = "Nothing was added to the plots: the result has no numbers, or all of them are plotted already.";
    if (outcome.error === undefined) this.#outcome.prepend(element("p", { class: "hint" }, why));
  }

  /** Returns the arguments as JSON, or `null` when they do not fit. */
  #json() {
    try {
      return write(this.#form.read());
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      this.#outcome.replaceChildren(failure({ error: wrong.message, kind: "usage", help: [] }));
      wrong.input?.focus();
      return null;
    }
  }

  #showCode(details) {
    try {
      const block = codeOf(this.device, this.#types, this.#current, this.#form.read());
      details.replaceChildren(details.firstChild, block);
    } catch (wrong) {
      details.replaceChildren(details.firstChild, element("p", { class: "hint" }, wrong.message));
    }
  }

  /** Makes the call of the form. */
  async call(options = {}) {
    const json = this.#json();
    const procedure = this.#current;
    if (json === null || !procedure.isAllowed) return;
    const value = this.#form.read();
    this.#outcome.setAttribute("aria-busy", "true");
    const time = Date.now();
    const { program, version } = procedure;
    const outcome = await this.link.call(program.number, version.number, procedure.number, json, options);
    this.#page.history.add({ view: this, procedure, value, options, time, outcome });
    this.#outcome.removeAttribute("aria-busy");
    if (procedure === this.#current) this.#showOutcome(procedure, json, outcome, options);
  }

  #showOutcome(procedure, json, outcome, { cast = false }) {
    if (outcome.error !== undefined) {
      this.#outcome.replaceChildren(failure(outcome));
      return;
    }
    const took = element("span", { class: "hint took" }, milliseconds(outcome.microseconds));
    if (procedure.result === null || cast) {
      this.#outcome.replaceChildren(element("p", { class: "done" }, cast ? "Sent. " : "Done. ", took));
      return;
    }
    const plot = (path) => this.#page.plots.add(this, procedure, json, path);
    const raw = element("details", { class: "raw" }, element("summary", {}, "JSON"));
    raw.addEventListener("toggle", () => {
      if (raw.childElementCount === 1) raw.append(element("pre", { tabindex: "0" }, writeOpen(outcome.results)));
    });
    this.#outcome.replaceChildren(show(this.#types, procedure.result, outcome.results, plot), took, raw);
    // For programs that drive the page.
    const results = write(outcome.results);
    if (results.length <= RESULTS_MAX) this.#outcome.dataset.results = results;
  }
}

/** Shows a failure as the command does: what happened, and what to do. */
export function failure({ error, kind, refusal, help = [] }) {
  const title = refusal ? `Refused: ${refusal}` : { ...LOST, usage: "Not called" }[kind] ?? "Failed";
  const helps = help.map((text) => element("p", { class: "help" }, text));
  return element("div", { class: "failure", role: "alert" }, element("strong", {}, title), element("p", {}, error), helps);
}

