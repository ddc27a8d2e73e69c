"""An independent peer of RPC-with-TLS (RFC 9289): Python's ssl, and the probe by hand.

    tls_peer.py listen|PORT [NAME=VALUE ...] STEP ...

Settings: ca, cert and key (files), name (of the server), alpn (protocols, comma between), max (1.2 or 1.3),
window (bytes of the receive buffer).
Each step is a word, perhaps with "=" and bytes in hexadecimal. Each prints one line, or nothing. "listen" prints the port first.
"""

import socket
import ssl
import struct
import sys
import threading
import time

SECONDS = 60
PROBE = struct.pack(">10I", 9, 0, 2, 0x20000099, 3, 0, 7, 0, 0, 0)


def record(message):
    return struct.pack(">I", 0x80000000 | len(message)) + message


class Peer:
    def __init__(self, stream, settings, is_server):
        stream.settimeout(SECONDS)
        self.stream, self.settings, self.is_server = stream, settings, is_server

    def exactly(self, length):
        data = b""
        while len(data) < length:
            part = self.stream.recv(length - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def record(self):
        (mark,) = struct.unpack(">I", self.exactly(4))
        assert mark >> 31 == 1, hex(mark)
        return self.exactly(mark & 0x7FFFFFFF)

    def context(self):
        kind = ssl.PROTOCOL_TLS_SERVER if self.is_server else ssl.PROTOCOL_TLS_CLIENT
        context, settings = ssl.SSLContext(kind), self.settings
        if "ca" in settings:
            context.load_verify_locations(settings["ca"])
            context.verify_mode = ssl.CERT_REQUIRED
        if "cert" in settings:
            context.load_cert_chain(settings["cert"], settings["key"])
        if "alpn" in settings:
            context.set_alpn_protocols(settings["alpn"].split(","))
        if settings.get("max") == "1.2":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

    # The steps.

    def probe(self, _):
        """Sends a probe, and checks every byte of the reply."""
        self.stream.sendall(record(PROBE))
        expected = struct.pack(">5I", 9, 1, 0, 0, 8) + b"STARTTLS" + bytes(4)
        answer = self.record()
        return "probed" if answer == expected else answer.hex()

    def accept(self, verifier):
        """Receives a probe and answers it; with bytes, by this verifier."""
        message = self.record()
        words = struct.unpack(">10I", message)
        assert words[1:3] == (0, 2) and words[5:] == (0, 7, 0, 0, 0), words
        body = bytes.fromhex(verifier) if verifier is not None else b"STARTTLS"
        head = struct.pack(">5I", words[0], 1, 0, 0, len(body))
        self.stream.sendall(record(head + body + bytes(4)))

    def raw(self, data):
        self.stream.sendall(bytes.fromhex(data))

    def call(self, message):
        self.stream.sendall(record(bytes.fromhex(message)))

    def read(self, _):
        return self.record().hex()

    def large(self, length):
        """Calls procedure 1, an echo, with so many bytes."""
        data = bytes(range(251)) * (int(length) // 251 + 1)
        self.data = struct.pack(">I", int(length)) + data[: int(length)] + bytes(-int(length) % 4)
        self.stream.sendall(record(struct.pack(">10I", 8, 0, 2, 0x20000099, 3, 1, 0, 0, 0, 0) + self.data))

    def same(self, _):
        """Receives the reply to that call, after a while."""
        time.sleep(0.3)
        return "same" if self.record() == struct.pack(">6I", 8, 1, 0, 0, 0, 0) + self.data else "other"

    def tls(self, _):
        """Shakes hands. Prints the version and the protocol."""
        name = None if self.is_server else self.settings["name"]
        self.stream = self.context().wrap_socket(self.stream, server_side=self.is_server, server_hostname=name)
        return f"{self.stream.version()} {self.stream.selected_alpn_protocol()}"

    def echo(self, _):
        """Answers calls with their arguments until the client goes away."""
        while True:
            try:
                message = self.record()
            except EOFError:
                return "closed"
            (xid,) = struct.unpack(">I", message[:4])
            self.stream.sendall(record(struct.pack(">6I", xid, 1, 0, 0, 0, 0) + message[40:]))

    def eof(self, _):
        """Expects the end of the session."""
        return "eof" if self.stream.recv(1) == b"" else "data"

    def cut(self, _):
        """Closes the connection without close_notify."""
        socket.socket(fileno=self.stream.detach()).close()

    def wait(self, _):
        """Waits until the other end closes the connection in the clear."""
        try:
            while self.stream.recv(4096):
                pass
        except ConnectionError:
            pass
        return "closed"

    def run(self, steps):
        for step in steps:
            name, _, value = step.partition("=")
            try:
                line = getattr(self, name)(value if "=" in step else None)
            except EOFError:
                line = f"{name}: end"
            except ssl.SSLError as error:
                line = f"{name}: {error.reason or error}"
            except OSError as error:
                line = f"{name}: {type(error).__name__}"
            if line is not None:
                print(line, flush=True)


def main():
    where, *words = sys.argv[1:]
    names = ("ca", "cert", "key", "name", "alpn", "max", "window")
    settings = dict(word.split("=", 1) for word in words if word.split("=")[0] in names)
    steps = [word for word in words if word.split("=")[0] not in names]
    if where != "listen":
        stream = socket.socket()
        if "window" in settings:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(settings["window"]))
        stream.settimeout(SECONDS)
        stream.connect(("127.0.0.1", int(where)))
        Peer(stream, settings, False).run(steps)
        return
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    # "/" separates the steps of one connection from those of the next.
    scripts = [script.split() for script in " ".join(steps).split("/")]
    threads = []
    for script in scripts:
        peer = Peer(listener.accept()[0], settings, True)
        threads.append(threading.Thread(target=peer.run, args=(script,)))
        threads[-1].start()
    for thread in threads:
        thread.join()


main()
