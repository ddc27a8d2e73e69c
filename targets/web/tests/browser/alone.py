"""The page without a server: its folder on a plain web server, and a stand-in for the serial ports of the browser."""

from __future__ import annotations

import functools
import http.server
import os
import pathlib
import threading
import tty
from typing import List, Optional

from playwright.sync_api import Page, expect

from conftest import LIMIT

#: A stand-in for `navigator.serial`. Its only port is that of the test, which exchanges bytes with it.
STAND_IN = """
(() => {
  const gone = () => new DOMException("The device has been lost.", "NetworkError");
  class Port extends EventTarget {
    readable = null;
    writable = null;
    getInfo() {
      return { usbVendorId: 0x1209, usbProductId: 1 };
    }
    async open({ baudRate }) {
      if (this.readable) throw new DOMException("The port is already open.", "InvalidStateError");
      if (!(await oncillaPort("open", [baudRate]))) throw new DOMException("Failed to open serial port.", "NetworkError");
      let reader;
      this.readable = new ReadableStream({ start: (controller) => { reader = controller; } });
      this.writable = new WritableStream({
        write: async (chunk) => {
          if (!(await oncillaPort("write", [...chunk]))) throw gone();
        },
      });
      const pump = async () => {
        const bytes = await oncillaPort("read", []);
        if (bytes === null) {
          this.readable = null;
          reader.error(gone());
          return;
        }
        if (bytes.length > 0) reader.enqueue(new Uint8Array(bytes));
        setTimeout(pump, 5);
      };
      pump();
    }
    async close() {
      this.readable = null;
      this.writable = null;
      await oncillaPort("close", []);
    }
  }
  const port = new Port();
  const serial = new EventTarget();
  serial.requestPort = async () => port;
  serial.getPorts = async () => [port];
  Object.defineProperty(navigator, "serial", { value: serial });
})();
"""


class Port:
    """The pseudo-terminal of a board, for the stand-in."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.file: Optional[int] = None
        self.bauds: List[int] = []

    def exchange(self, what: str, values: List[int]) -> object:
        try:
            if what == "open":
                self.bauds.append(values[0])
                self.file = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
                tty.setraw(self.file)
            elif what == "close":
                self.close()
            elif self.file is None:
                return None
            elif what == "write":
                # A pseudo-terminal takes what fits; the protocol's messages do.
                return os.write(self.file, bytes(values)) == len(values)
            else:
                return list(os.read(self.file, 4096))
        except BlockingIOError:
            return []
        except OSError:
            self.close()
            return None
        return True

    def close(self) -> None:
        if self.file is not None:
            os.close(self.file)
            self.file = None


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A web server that knows nothing of the page."""

    def log_message(self, *_: object) -> None:
        pass


class Site:
    """A folder on a web server of this machine."""

    def __init__(self, folder: pathlib.Path) -> None:
        handler = functools.partial(Quiet, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def plug(page: Page, path: pathlib.Path) -> Port:
    """Gives a page the stand-in, whose port is a pseudo-terminal."""
    port = Port(path)
    page.expose_function("oncillaPort", port.exchange)
    page.add_init_script(STAND_IN)
    return port


def connect(page: Page) -> None:
    """Chooses the port."""
    page.get_by_role("button", name="Choose a port").click()
    expect(page.get_by_role("navigation", name="Procedures of")).to_be_visible(timeout=LIMIT)
