// The client of one device as WebAssembly: the protocol without a port and without waiting. `targets/web-wasm` is its source.

/** The module, compiled once for all devices. */
let compiled = null;

/** The number of random bytes with which a port is begun. */
const RANDOM = 40;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

async function compile() {
  const reply = await fetch("oncilla.wasm");
  if (!reply.ok) throw new Error(`oncilla.wasm cannot be read: ${reply.status}`);
  // Not as a stream, since not every server knows the media type.
  return WebAssembly.compile(await reply.arrayBuffer());
}

/**
 * Steps take the time in milliseconds, and return what has happened: {replies, states, log}. Afterwards `toSend` has bytes for
 * the port.
 */
export class Client {
  #exports;

  constructor(exports) {
    this.#exports = exports;
  }

  /** Loads the module. */
  static async load() {
    compiled ??= compile();
    try {
      const { exports } = await WebAssembly.instantiate(await compiled, {});
      return new Client(exports);
    } catch (error) {
      compiled = null;
      throw error;
    }
  }

  /** Takes the bytes of a key file, which are overwritten. Returns its keys, [{id, name}]. */
  keys(bytes) {
    this.#put(bytes);
    bytes.fill(0);
    const { keys, error } = this.#json(this.#exports.oncilla_keys());
    if (error) throw new Error(error);
    return keys;
  }

  /** Sets {interface, panels, keyId, suite, side, timeout, payload}. */
  configure(options) {
    this.#put(ENCODER.encode(JSON.stringify(options)));
    const { error } = this.#json(this.#exports.oncilla_configure());
    if (error) throw new Error(error);
  }

  /** Begins with a port that was opened, perhaps again. */
  open() {
    this.#put(crypto.getRandomValues(new Uint8Array(RANDOM)));
    return this.#json(this.#exports.oncilla_open(performance.now()));
  }

  /** Takes bytes of the port. */
  receive(bytes) {
    this.#put(bytes);
    return this.#json(this.#exports.oncilla_receive(performance.now()));
  }

  /** Makes a request: a text with JSON, as on the WebSocket. */
  ask(text) {
    this.#put(ENCODER.encode(text));
    return this.#json(this.#exports.oncilla_ask(performance.now()));
  }

  /** Notes that the port has ended. */
  close() {
    return this.#json(this.#exports.oncilla_close(performance.now()));
  }

  /** Lets the time pass. */
  step() {
    return this.#json(this.#exports.oncilla_step(performance.now()));
  }

  /** Whether a step is due every few milliseconds. */
  get isBusy() {
    return this.#exports.oncilla_is_busy() !== 0;
  }

  /** Returns bytes for the port. */
  toSend() {
    return this.#bytes(this.#exports.oncilla_to_send()).slice();
  }

  #put(bytes) {
    const at = this.#exports.oncilla_input(bytes.length);
    // Memory that has grown has another buffer.
    new Uint8Array(this.#exports.memory.buffer, at, bytes.length).set(bytes);
  }

  #bytes(length) {
    return new Uint8Array(this.#exports.memory.buffer, this.#exports.oncilla_output(), length);
  }

  #json(length) {
    return JSON.parse(DECODER.decode(this.#bytes(length)));
  }
}
