// The page that `oncilla web` serves: its devices are behind the server.

import { element } from "./dom.js";
import { at, notice, showDevices } from "./page.js";
import { Server } from "./socket.js";

/** Asks the server of this page for its devices. */
async function start() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  const server = new Server(token);
  server.onnotice = notice;
  try {
    const { devices, readOnly } = await server.start();
    showDevices(devices, { readOnly });
  } catch (error) {
    at("devices").replaceChildren(element("p", { class: "failure", role: "alert" }, error.message));
  }
}

start();
