// A device on a serial port of this computer, called by this page alone. It is a device as `socket.js` describes it.

import { Client } from "./client.js";

/** How often the client is given the time while a call waits, in milliseconds. */
const STEP = 10;

/** How long to wait before a lost port is opened again, in milliseconds. */
const PAUSE = 1000;

/** Bytes that the browser keeps for a page that is busy. */
const KEPT = 1 << 16;

/** What became of calls when the client has failed. */
const BROKEN = { error: "the client in this page has failed; load the page again", kind: "failed", help: [], microseconds: 0 };

export class SerialDevice {
  onlog = () => {};
  onstate = () => {};
  /** Set by the page: what is wrong, or an empty text. */
  onnotice = () => {};
  file = null;
  #client;
  #port;
  #baud;
  #writer = null;
  #sending = Promise.resolve();
  #timer = null;
  #waiting = new Map();
  #next = 1;
  #isOpen = false;
  #isBroken = false;

  /** Takes a client that was configured, and a port that a person has chosen. */
  constructor(name, client, port, baud) {
    this.name = name;
    this.#client = client;
    this.#port = port;
    this.#baud = baud;
    this.target = `serial:PORT?baud=${baud}`;
    navigator.serial.addEventListener("connect", ({ target }) => {
      if (this.#isOpen || !isSame(target, this.#port)) return;
      this.#port = target;
      this.#again();
    });
  }

  /** Loads a client, and configures it. `keys` are the bytes of a key file, or `null`. */
  static async client(keys, options) {
    const client = await Client.load();
    if (keys) client.keys(keys);
    client.configure(options);
    return client;
  }

  /** Opens the port. */
  async open() {
    await this.#port.open({ baudRate: this.#baud, bufferSize: KEPT });
    this.#isOpen = true;
    this.#writer = this.#port.writable.getWriter();
    this.#do(() => this.#client.open());
    this.#read();
  }

  describe() {
    return this.#ask("");
  }

  call(program, version, procedure, json, { cast = false } = {}) {
    return this.#ask(`,"call":{"program":${program},"version":${version},"procedure":${procedure},"arguments":${json},"cast":${cast}}`);
  }

  #ask(call) {
    return new Promise((resolve) => {
      const id = this.#next++;
      this.#waiting.set(id, resolve);
      this.#do(() => this.#client.ask(`{"id":${id}${call}}`));
    });
  }

  /** Makes a step of the client, shows its events on the page, and sends its bytes. */
  #do(step) {
    if (this.#isBroken) return this.#break();
    let told;
    let bytes;
    try {
      told = step();
      bytes = this.#client.toSend();
    } catch (error) {
      console.error(error);
      return this.#break();
    }
    if (bytes.length > 0 && this.#writer) this.#send(this.#writer, bytes);
    for (const state of told.states) this.onstate(state);
    for (const piece of told.log) this.onlog(piece);
    for (const reply of told.replies) {
      const answer = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      answer?.(reply);
    }
    if (this.#timer === null && this.#client.isBusy) {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#do(() => this.#client.step());
      }, STEP);
    }
  }

  #break() {
    this.#isBroken = true;
    for (const answer of this.#waiting.values()) answer(BROKEN);
    this.#waiting.clear();
    this.onnotice(BROKEN.error);
  }

  #send(writer, bytes) {
    // A port that is lost is noticed by reading.
    this.#sending = this.#sending.then(() => writer.write(bytes)).catch(() => {});
  }

  async #read() {
    const port = this.#port;
    // After noise, such as a break or a parity error, the port has a new stream. A lost port has none.
    while (this.#isOpen && port.readable) {
      const reader = port.readable.getReader();
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          this.#do(() => this.#client.receive(value));
        }
        reader.releaseLock();
        break;
      } catch {
        reader.releaseLock();
      }
    }
    await this.#lost();
  }

  async #lost() {
    this.#isOpen = false;
    this.#writer?.releaseLock();
    this.#writer = null;
    this.#do(() => this.#client.close());
    this.onstate({ connected: false });
    this.onnotice(`${this.name}: the port is gone. Waiting for it …`);
    try {
      await this.#port.close();
    } catch {
      // It is gone.
    }
    setTimeout(() => this.#again(), PAUSE);
  }

  /** Opens a lost port again, until that succeeds. */
  async #again() {
    if (this.#isOpen || this.#isBroken) return;
    try {
      await this.open();
      this.onnotice("");
      this.onstate({ connected: true, again: true });
    } catch {
      if (!this.#isOpen) setTimeout(() => this.#again(), PAUSE);
    }
  }
}

/** Returns whether two ports are of one USB device, as far as the browser states it. */
function isSame(one, other) {
  return one === other || JSON.stringify(one.getInfo()) === JSON.stringify(other.getInfo());
}
