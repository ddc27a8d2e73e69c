// Devices behind `oncilla web`, which calls them for this page. Messages are texts with JSON on one WebSocket:
//
//   to the server      {"token": text}                                            first
//                      {"id": n, "device": place}                                 asks for the description
//                      {"id": n, "device": place, "call": {"program", "version", "procedure", "arguments",
//                                                             "cast": bool}}        with cast, no reply is waited for
//   from the server    {"devices": [{"name", "target", "connected"}], "readOnly", "version"}   first, or {"refused": why}
//                      {"id": n, "description": …} or {"id": n, "results": …}, with "microseconds"
//                      {"id": n, "error": text, "kind": text, "refusal": text, "help": [text]}, with "microseconds"
//                      {"device": place, "connected": bool} or "restarted" or "again" (connected again) or "log": {"kind", "text"}
//
// `serial.js` has the same devices without a server. What a device is for the page:
//
//   name, target       texts
//   describe()         promises {description} or {error, kind, help}
//   call(program, version, procedure, json, {cast: bool})
//                      arguments as a text with JSON; promises {results, microseconds} or {error, kind, help, microseconds};
//                      with cast, the call is sent, and no reply is waited for
//   onlog(piece)       set by the page: a piece of the log, {kind: "text" | "clear" | "binary" | "dropped", text}
//   onstate(change)    set by the page: {connected: bool}, {restarted: true} or {again: true}

/** How long to wait before the server is connected to again, in milliseconds. */
const PAUSE = 1000;

/** What a page shows when the server was started again for other devices. */
const OTHER = "The server has other devices now. Load this page again.";

/** A device behind the server. */
class SocketDevice {
  onlog = () => {};
  onstate = () => {};
  #server;
  #place;

  constructor(server, place, { name, target, interface: file }) {
    this.#server = server;
    this.#place = place;
    this.name = name;
    this.target = target;
    this.file = file ?? null;
  }

  describe() {
    return this.#server.ask(this.#place, "");
  }

  call(program, version, procedure, json, { cast = false } = {}) {
    const call = `"program":${program},"version":${version},"procedure":${procedure},"arguments":${json},"cast":${cast}`;
    return this.#server.ask(this.#place, `,"call":{${call}}`);
  }
}

/** The server of this page. */
export class Server {
  /** Set by the page: what is wrong with the connection, or an empty text. */
  onnotice = () => {};
  #token;
  #socket = null;
  #next = 1;
  #waiting = new Map();
  #devices = [];
  /** Whether the server that is there now has other devices than this page. */
  #isOther = false;

  constructor(token) {
    this.#token = token;
  }

  /** Connects, and promises {devices, readOnly, version}. After a loss it connects again by itself. */
  start() {
    return new Promise((resolve, reject) => {
      this.#connect(resolve, reject);
    });
  }

  #connect(resolve, reject) {
    const address = new URL("socket", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.hash = "";
    const socket = new WebSocket(address);
    let refused = "";
    socket.addEventListener("open", () => socket.send(JSON.stringify({ token: this.#token })));
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.refused) {
        refused = message.refused;
        reject(new Error(`${refused}; open the address that \`oncilla web\` has printed`));
      } else if (message.devices && this.#isOtherList(message.devices)) {
        this.#isOther = true;
        socket.close();
      } else if (message.devices) {
        this.#socket = socket;
        this.onnotice("");
        this.#greet(message);
        resolve({ devices: this.#devices, readOnly: message.readOnly, version: message.version });
      } else {
        this.#take(message);
      }
    });
    socket.addEventListener("close", () => {
      this.#socket = null;
      if (refused) return this.onnotice(`${refused}; open the address that \`oncilla web\` has printed`);
      this.onnotice(this.#isOther ? OTHER : "The server is gone. Trying to connect again …");
      const gone = { error: "the server of this page is gone; whether the call was executed is unknown", kind: "not reached", help: [] };
      for (const answer of this.#waiting.values()) answer({ ...gone, microseconds: 0 });
      this.#waiting.clear();
      for (const device of this.#devices) device.onstate({ connected: false });
      if (!this.#isOther) setTimeout(() => this.#connect(resolve, reject), PAUSE);
    });
  }

  /** Returns whether these devices are others than those of the page. A call would then reach the wrong device. */
  #isOtherList(devices) {
    const names = (list) => JSON.stringify(list.map(({ name, target }) => [name, target]));
    return this.#devices.length > 0 && names(devices) !== names(this.#devices);
  }

  /** Takes the first message of the server: the devices, or after a loss their states. */
  #greet({ devices }) {
    if (this.#devices.length === 0) {
      this.#devices = devices.map((device, place) => new SocketDevice(this, place, device));
    } else {
      devices.forEach(({ connected }, place) => this.#devices[place]?.onstate({ connected }));
    }
  }

  #take(message) {
    if (message.id !== undefined) {
      const answer = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      answer?.(message);
    } else if (message.log) {
      this.#devices[message.device]?.onlog(message.log);
    } else if (message.missed) {
      for (const device of this.#devices) device.onlog({ kind: "missed", text: `${message.missed} pieces were missed` });
    } else {
      this.#devices[message.device]?.onstate(message);
    }
  }

  /** Sends a request, and promises the reply. */
  ask(place, call) {
    return new Promise((resolve) => {
      if (!this.#socket) {
        const error = this.#isOther ? `${OTHER} Nothing was called.` : "the server of this page is gone; nothing was called";
        resolve({ error, kind: "not reached", help: [], microseconds: 0 });
        return;
      }
      const id = this.#next++;
      this.#waiting.set(id, resolve);
      this.#socket.send(`{"id":${id},"device":${place}${call}}`);
    });
  }
}
