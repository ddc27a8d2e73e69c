// The page: its devices, plots, history and log. It knows no carrier: `main.js` gives it devices behind a server, and
// `alone.js` devices on serial ports.

import { button } from "./dom.js";
import { DeviceView } from "./device.js";
import { History } from "./history.js";
import { Log } from "./log.js";
import { Plots } from "./plots.js";
import { startTheme } from "./theme.js";

/** Returns a part of the page. */
export const at = (id) => document.getElementById(id);

const page = { history: new History(at("history")), log: new Log(at("log")), plots: new Plots(at("plots")) };
startTheme(at("theme"), () => page.plots.recolour());

/** The most devices that are shown at first. The others are chosen. */
const SHOWN_FIRST = 4;

/** The devices in their order, and the views of those that were shown. */
const devices = [];
const views = new Map();

/** Shows or hides a device, as its button states. */
function toggle(device, choice) {
  const isShown = choice.getAttribute("aria-pressed") !== "true";
  choice.setAttribute("aria-pressed", String(isShown));
  if (!isShown) {
    views.get(device).node.remove();
    return;
  }
  if (!views.has(device)) views.set(device, new DeviceView(device, page));
  // In the order of the devices.
  const order = devices.filter((one) => views.get(one)?.node.isConnected || one === device);
  at("devices").insertBefore(views.get(device).node, views.get(order[order.indexOf(device) + 1])?.node ?? null);
}

/** Shows one more device, which a server or this page itself calls. */
export function showDevice(device) {
  devices.push(device);
  document.title = devices.length === 1 ? `${device.name} – Oncilla` : `${devices.length} devices – Oncilla`;
  const choice = button(device.name, () => toggle(device, choice), { "aria-pressed": "false" });
  at("chooser").append(choice);
  at("chooser").hidden = devices.length < 2;
  if (devices.length <= SHOWN_FIRST) toggle(device, choice);
}

/** Shows all devices of a server. */
export function showDevices(all, { readOnly = false } = {}) {
  at("mode").hidden = !readOnly;
  at("devices").replaceChildren();
  all.forEach(showDevice);
}

/** Shows what is wrong with the connection. An empty text removes it. */
export function notice(text) {
  at("notice").textContent = text;
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    [...views.values()].find((view) => view.node.isConnected)?.focusFilter();
  }
});
