"""An instrument on the RPC and the XDR of python-vxi11, with habits of real ones: `peer.py`.

It prints the port of its core channel and serves until its standard input ends. It echoes messages, and

- takes 200 bytes in a write, which the standard does not allow,
- responds by pieces of 50 bytes at most, without a reason,
- forgets a link after the message `forget`, so that later calls have error 4,
- calls the client when it is triggered.
"""

import socket
import sys
import threading

from vxi11 import rpc
from vxi11 import vxi11 as protocol

RECEIVE_MAX, PIECE = 200, 50


class Instrument:
    """What all connections share."""

    def __init__(self):
        self.changed = threading.Condition()
        self.links = {}
        self.serial = 0
        self.owner = None
        self.aborted = set()
        self.status = 0


class Channel(rpc.Server):
    """A server of python-vxi11 that serves each connection in a thread."""

    program = 0

    def __init__(self, instrument):
        self.instrument = instrument
        super().__init__("127.0.0.1", self.program, 1, 0)
        self.sock = socket.create_server((self.host, 0))
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.sock.accept()
            session = type(self).__new__(type(self))
            session.__dict__.update(self.__dict__)
            session.registered = False
            session.addpackers()
            session.channel, session.handle_of_requests = None, None
            threading.Thread(target=session.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            while True:
                try:
                    call = rpc.recvrecord(connection)
                except (EOFError, OSError):
                    return
                rpc.sendrecord(connection, self.handle(call))

    def addpackers(self):
        self.packer, self.unpacker = protocol.Packer(), protocol.Unpacker(b"")

    def error(self, number):
        self.turn_around()
        self.packer.pack_device_error(number)


class Abort(Channel):
    program = protocol.DEVICE_ASYNC_PROG

    def handle_1(self):
        link = self.unpacker.unpack_device_link()
        with self.instrument.changed:
            self.instrument.aborted.add(link)
            self.instrument.changed.notify_all()
        self.error(0)


class Core(Channel):
    program = protocol.DEVICE_CORE_PROG

    def refused(self, link):
        instrument = self.instrument
        if link not in instrument.links:
            return 4
        return 11 if instrument.owner not in (None, link) else 0

    def handle_10(self):
        _, _, _, device = self.unpacker.unpack_create_link_parms()
        instrument = self.instrument
        instrument.serial += 1
        instrument.links[instrument.serial] = b""
        self.turn_around()
        assert device == b"inst0", device
        self.packer.pack_create_link_resp((0, instrument.serial, self.abort.port, RECEIVE_MAX))

    def handle_11(self):
        link, _, _, flags, data = self.unpacker.unpack_device_write_parms()
        error = self.refused(link) or (5 if len(data) > RECEIVE_MAX else 0)
        if not error:
            self.instrument.links[link] += data
            if flags & protocol.OP_FLAG_END and self.instrument.links[link] == b"forget":
                del self.instrument.links[link]
        self.turn_around()
        self.packer.pack_device_write_resp((error, 0 if error else len(data)))

    def handle_12(self):
        link, size, timeout, _, _, _ = self.unpacker.unpack_device_read_parms()
        instrument = self.instrument
        error, reason, piece = self.refused(link), 0, b""
        if not error and not instrument.links[link]:
            with instrument.changed:
                aborted = instrument.changed.wait_for(lambda: link in instrument.aborted, timeout / 1000)
                instrument.aborted.discard(link)
                error = 23 if aborted else 15
        elif not error:
            data = instrument.links[link]
            piece, instrument.links[link] = data[: min(size, PIECE)], data[min(size, PIECE) :]
            reason = 0 if instrument.links[link] else protocol.RX_END
        self.turn_around()
        self.packer.pack_device_read_resp((error, reason, piece))

    def handle_13(self):
        link, _, _, _ = self.unpacker.unpack_device_generic_parms()
        self.turn_around()
        self.packer.pack_device_read_stb_resp((self.refused(link), self.instrument.status))
        self.instrument.status = 0

    def handle_14(self):
        link, _, _, _ = self.unpacker.unpack_device_generic_parms()
        error = self.refused(link)
        if not error and self.handle_of_requests is not None:
            self.instrument.status = 0x40
            pack = self.channel.packer.pack_device_srq_params
            self.channel.make_call(protocol.DEVICE_INTR_SRQ, self.handle_of_requests, pack, None)
        self.error(error)

    def handle_15(self):
        link, _, _, _ = self.unpacker.unpack_device_generic_parms()
        error = self.refused(link)
        if not error:
            self.instrument.links[link] = b""
        self.error(error)

    def handle_18(self):
        link = self.unpacker.unpack_device_link()
        self.unpacker.unpack_int(), self.unpacker.unpack_uint()
        error = self.refused(link)
        self.instrument.owner = self.instrument.owner if error else link
        self.error(error)

    def handle_19(self):
        link = self.unpacker.unpack_device_link()
        error = 0 if self.instrument.owner == link else 12
        self.instrument.owner = self.instrument.owner if error else None
        self.error(error)

    def handle_20(self):
        _, enable, handle = self.unpacker.unpack_device_enable_srq_parms()
        self.handle_of_requests = handle if enable else None
        self.error(0)

    def handle_23(self):
        link = self.unpacker.unpack_device_link()
        self.error(0 if self.instrument.links.pop(link, None) is not None else 4)

    def handle_25(self):
        address, port, program, version, family = self.unpacker.unpack_device_remote_func_parms()
        assert (address, family) == (0x7F000001, 0)
        self.channel = rpc.RawTCPClient("127.0.0.1", program, version, port)
        self.channel.packer, self.channel.unpacker = Requests(), protocol.Unpacker(b"")
        self.error(0)

    def handle_26(self):
        self.channel.close()
        self.channel = None
        self.error(0)


class Requests(protocol.Packer):
    def pack_device_srq_params(self, handle):
        self.pack_opaque(handle)


def main():
    instrument = Instrument()
    Core.abort = Abort(instrument)
    core = Core(instrument)
    print(core.port, flush=True)
    sys.stdin.read()


main()
