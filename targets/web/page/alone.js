// The page without a server: a person chooses a serial port, and perhaps a key and an interface.

import { element, unique } from "./dom.js";
import { at, notice, showDevice } from "./page.js";
import { SerialDevice } from "./serial.js";

const BAUDS = [9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600];

/** The largest files of keys and interfaces in bytes. */
const FILE_MAX = 1 << 20;

/** What the maker of the folder has chosen: {interface, panels, baud, title}. */
async function made() {
  const reply = await fetch("settings.json");
  return reply.ok ? reply.json() : {};
}

/** Creates a row of the form. */
function row(label, input, hint) {
  input.id = unique("connect");
  const note = element("span", { class: "hint", id: unique("hint") }, hint);
  input.setAttribute("aria-describedby", note.id);
  return element("div", { class: "row" }, element("label", { for: input.id }, label), input, note);
}

class Connect {
  #settings;
  #said = element("p", { role: "alert", class: "failure", hidden: true });
  #baud = element("input", { type: "number", min: 50, max: 12_000_000, list: "bauds", required: true });
  #keys = element("input", { type: "file" });
  #id = element("input", { type: "number", min: 0, max: 65_535 });
  #suite = element("select", {}, element("option", { value: "light" }, "light"), element("option", { value: "forward-secret" }, "forward secret"));
  #interface = element("input", { type: "file", accept: ".x" });
  #count = 0;

  constructor(settings) {
    this.#settings = settings;
    this.#baud.value = String(settings.baud ?? 115_200);
    const bauds = element("datalist", { id: "bauds" }, BAUDS.map((baud) => element("option", { value: baud })));
    const choose = element("button", { type: "submit", class: "primary" }, "Choose a port");
    const more = element(
      "details",
      {},
      element("summary", {}, "Keys and interface"),
      row("Key file", this.#keys, "of `oncilla key new`, for a device with keys; it is not stored"),
      row("Key id", this.#id, "if the file has several keys"),
      row("Suite", this.#suite, "as the device has it"),
      settings.interface ? null : row("Interface", this.#interface, "a .x file, for a device that does not describe itself"),
    );
    const form = element("form", { class: "connect", "aria-label": "Connect a device" }, row("Baud rate", this.#baud, "as the device has it"), bauds, more, element("div", { class: "buttons" }, choose), this.#said);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#connect();
    });
    const heading = element("h2", {}, settings.title ?? "Connect a device");
    this.node = element("section", { class: "panel", "aria-label": "Connection" }, heading, form);
  }

  #say(text) {
    this.#said.hidden = text === "";
    this.#said.textContent = text;
  }

  async #connect() {
    this.#say("");
    try {
      // First, since a browser asks only soon after a person has pressed a button.
      const port = await navigator.serial.requestPort();
      const options = { ...this.#settings, suite: this.#suite.value };
      if (this.#id.value !== "") options.keyId = Number(this.#id.value);
      const file = await content(this.#interface);
      if (file) options.interface = new TextDecoder().decode(file);
      const client = await SerialDevice.client(await content(this.#keys), options);
      this.#count += 1;
      const { title = "Device" } = this.#settings;
      const name = this.#count > 1 || title === "Device" ? `${title} ${this.#count}` : title;
      const device = new SerialDevice(name, client, port, Number(this.#baud.value));
      device.onnotice = notice;
      await device.open();
      showDevice(device);
    } catch (error) {
      if (error.name === "NotFoundError") return;
      this.#say(error.name === "NetworkError" || error.name === "InvalidStateError" ? `The port cannot be opened: ${error.message} Another program may have it.` : error.message);
    }
  }
}

/** Returns the bytes of the file of an input, or `null`. */
async function content(input) {
  const [file] = input.files;
  if (!file) return null;
  if (file.size > FILE_MAX) throw new Error(`${file.name} has ${file.size} bytes, and at most ${FILE_MAX} are read`);
  return new Uint8Array(await file.arrayBuffer());
}

async function start() {
  const place = at("devices");
  if (!navigator.serial) {
    const why = isSecureContext ? "This browser cannot open serial ports." : "Browsers open serial ports only for pages that come by HTTPS or from this computer.";
    place.replaceChildren(element("p", { class: "failure", role: "alert" }, `${why} Use Chrome, Edge or Opera on a computer, or the command \`oncilla web\`.`));
    return;
  }
  place.replaceChildren();
  place.before(new Connect(await made()).node);
}

start().catch((error) => notice(error.message));
